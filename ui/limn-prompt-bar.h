/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-library.h"

G_BEGIN_DECLS

#define LIMN_TYPE_PROMPT_BAR (limn_prompt_bar_get_type ())
/* LimnPromptBar: prompt, negative prompt, and the button that does it. While a job runs the button
 * is Cancel and a thin bar shows how far it is; when the button can not be pressed, its tooltip
 * says why. Activates win.generate and win.cancel. Signal "changed": the words did,
 * or the class. */
G_DECLARE_FINAL_TYPE (LimnPromptBar, limn_prompt_bar, LIMN, PROMPT_BAR, GtkWidget)

char *limn_prompt_bar_get_prompt (LimnPromptBar *self);
/* Empty when the field is folded away: what is not seen has no effect. */
char *limn_prompt_bar_get_negative (LimnPromptBar *self);
void limn_prompt_bar_set_prompts (LimnPromptBar *self, const char *prompt, const char *negative);
void limn_prompt_bar_set_running (LimnPromptBar *self, gboolean running);
/* Something else is being done that has no end in sight: shown by the same thin bar once it lasts. */
void limn_prompt_bar_set_busy (LimnPromptBar *self, gboolean busy);
void limn_prompt_bar_set_fraction (LimnPromptBar *self, double fraction);
/* What the button does, with a mnemonic and as a sentence; @reason: why it cannot now, else NULL. */
void limn_prompt_bar_set_verb (LimnPromptBar *self,
                               const char *label,
                               const char *tooltip,
                               const char *reason);
const char *limn_prompt_bar_get_verb (LimnPromptBar *self);
/* Offers what @entry (nullable) takes: words, a class, or nothing. */
void limn_prompt_bar_set_model (LimnPromptBar *self, LimnModelEntry *entry);
/* The chosen class; -1 when the model takes none. */
int limn_prompt_bar_get_category (LimnPromptBar *self);
void limn_prompt_bar_set_category (LimnPromptBar *self, int category);
/* The field for the words, or the list of classes. */
void limn_prompt_bar_focus_prompt (LimnPromptBar *self);

G_END_DECLS
