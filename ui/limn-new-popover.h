/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LIMN_TYPE_NEW_POPOVER (limn_new_popover_get_type ())
/* LimnNewPopover: asks for the size of an empty picture. Signal "create" (int width, int height).
 */
G_DECLARE_FINAL_TYPE (LimnNewPopover, limn_new_popover, LIMN, NEW_POPOVER, GtkPopover)

LimnNewPopover *limn_new_popover_new (void);
/* What it proposes. */
void limn_new_popover_set_size (LimnNewPopover *self, int width, int height);

G_END_DECLS
