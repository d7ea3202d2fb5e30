/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <adwaita.h>

#include "app/limn-job.h"
#include "ui/limn-application.h"
#include "ui/limn-canvas.h"
#include "ui/limn-generation-view.h"
#include "ui/limn-history-panel.h"
#include "ui/limn-prompt-bar.h"
#include "ui/limn-settings-panel.h"

G_BEGIN_DECLS

#define LIMN_TYPE_WINDOW (limn_window_get_type ())
/**
 * LimnWindow: one picture being worked on, its tools, prompt, settings and the history.
 *
 * All it can do is in its actions (win.*). Pictures that it showed before and that have unsaved
 * changes are kept, so that opening another one loses nothing.
 */
G_DECLARE_FINAL_TYPE (LimnWindow, limn_window, LIMN, WINDOW, AdwApplicationWindow)

LimnWindow *limn_window_new (LimnApplication *application);
/* TRUE when it shows no picture and opens none. */
gboolean limn_window_is_empty (LimnWindow *self);
/* Looks at a model file or folder, says what it is, and asks whether to add it to the library. */
void limn_window_add_model (LimnWindow *self, GFile *file);
void limn_window_open_file (LimnWindow *self, GFile *file);
/* @files: (element-type GFile): opened, the first one here; one that can be nothing but a mask of the
 * picture that is shown is loaded as that. */
void limn_window_drop_files (LimnWindow *self, GSList *files);
/* Takes a reference. */
void limn_window_set_document (LimnWindow *self, LimnDocument *document);
LimnDocument *limn_window_get_document (LimnWindow *self);
/* Writes the picture to @file and remembers it as the place to save to. */
void limn_window_save_to (LimnWindow *self, GFile *file);
/* The mask as a grey picture; what is read is stretched to the picture's size. */
void limn_window_load_mask (LimnWindow *self, GFile *file);
void limn_window_save_mask (LimnWindow *self, GFile *file);
/* The job under way, or NULL. */
LimnJob *limn_window_get_job (LimnWindow *self);

/* Parts, for tests. */
LimnCanvas *limn_window_get_canvas (LimnWindow *self);
LimnPromptBar *limn_window_get_prompt_bar (LimnWindow *self);
LimnSettingsPanel *limn_window_get_settings_panel (LimnWindow *self);
LimnHistoryPanel *limn_window_get_history_panel (LimnWindow *self);
LimnGenerationView *limn_window_get_generation_view (LimnWindow *self);
/* "empty", "loading", "editor" or "generation". */
const char *limn_window_get_page (LimnWindow *self);

G_END_DECLS
