/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LIMN_TYPE_PROMPT_ENTRY (limn_prompt_entry_get_type ())
/**
 * LimnPromptEntry: a text field that grows from one line to three, then scrolls.
 *
 * Properties: "text", "placeholder", "label" (accessible name) string. Signal "activate": Enter was
 * pressed (Shift+Enter begins a new line).
 */
G_DECLARE_FINAL_TYPE (LimnPromptEntry, limn_prompt_entry, LIMN, PROMPT_ENTRY, GtkWidget)

/* (transfer full), UTF-8, trimmed */
char *limn_prompt_entry_get_text (LimnPromptEntry *self);
void limn_prompt_entry_set_text (LimnPromptEntry *self, const char *text);
/* The text itself, for focus and tests. */
GtkTextView *limn_prompt_entry_get_view (LimnPromptEntry *self);

G_END_DECLS
