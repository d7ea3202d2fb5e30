/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "engine/task/patch.h"

G_BEGIN_DECLS

#define LIMN_TYPE_PASTE_POPOVER (limn_paste_popover_get_type ())
/* LimnPastePopover: sliders for how a result is pasted. Signal "changed": somebody moved one. */
G_DECLARE_FINAL_TYPE (LimnPastePopover, limn_paste_popover, LIMN, PASTE_POPOVER, GtkPopover)

/* What can be chosen for @crop, and what is; not reported as a change. */
void limn_paste_popover_set (LimnPastePopover *self,
                             const LimnCrop *crop,
                             const LimnPasteParams *params);
void limn_paste_popover_get_params (LimnPastePopover *self, LimnPasteParams *params);
/* A line below the sliders, and more of it for who asks; NULL for none. */
void limn_paste_popover_set_note (LimnPastePopover *self, const char *text, const char *details);

G_END_DECLS
