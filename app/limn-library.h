/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/model/model.h"

G_BEGIN_DECLS

#define LIMN_TYPE_MODEL_ENTRY (limn_model_entry_get_type ())
/* One installed model, described or failing: properties "id", "name" string, "error" string or NULL. */
G_DECLARE_FINAL_TYPE (LimnModelEntry, limn_model_entry, LIMN, MODEL_ENTRY, GObject)

const char *limn_model_entry_get_id (LimnModelEntry *self);
const char *limn_model_entry_get_name (LimnModelEntry *self);
/* NULL when the model could not be read; then the error says why. */
const LimnModelInfo *limn_model_entry_get_info (LimnModelEntry *self);
const char *limn_model_entry_get_error (LimnModelEntry *self);
gboolean limn_model_entry_is_builtin (LimnModelEntry *self);
/* The opened model (borrowed), or NULL. Networks are run by the engine thread only. */
LimnModel *limn_model_entry_get_model (LimnModelEntry *self);

#define LIMN_TYPE_LIBRARY (limn_library_get_type ())
/* The model library, a GListModel of LimnModelEntry: the built-in models first, then the person's folder
 * (XDG_DATA_HOME/limn/models), each sorted by name. */
G_DECLARE_FINAL_TYPE (LimnLibrary, limn_library, LIMN, LIBRARY, GObject)

LimnLibrary *limn_library_new (void);
/* Looks through the folders (again); blocking but quick: files are mapped, not read. */
void limn_library_scan (LimnLibrary *self);
/* The same in a worker; the list changes in the main context. */
void limn_library_rescan (LimnLibrary *self);
/* From now on that is done whenever the person's folder changes; makes the folder. */
void limn_library_watch (LimnLibrary *self);
/* The person's folder of models, there or not (transfer full). */
char *limn_library_dup_folder (void);
LimnModelEntry *limn_library_lookup (LimnLibrary *self, const char *id);
/* First working model with all of @capabilities, NULL when there is none. */
LimnModelEntry *limn_library_find (LimnLibrary *self, LimnCapabilities capabilities);

/* The first tiny autoencoder that decodes what @model makes, for its previews (borrowed); NULL: there is none, or @model has no
 * latents. */
LimnModelEntry *limn_library_find_preview_decoder (LimnLibrary *self, LimnModelEntry *model);

G_END_DECLS
