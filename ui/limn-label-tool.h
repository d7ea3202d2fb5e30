/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Maps of labels, for models that are told what every pixel shows.
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* The brush draws the context's label; with Ctrl it takes up the one that it is over. */
void limn_label_brush_press (LimnToolContext *context, const LimnToolPoint *point);
/* The same without a label: takes them away. */
void limn_label_eraser_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_label_brush_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_label_brush_release (LimnToolContext *context);
void limn_label_brush_cancel (LimnToolContext *context);
/* Gives what hangs together and has one label another. */
void limn_label_fill_release (LimnToolContext *context);
/* Takes up the label under the pointer. */
void limn_label_pick_release (LimnToolContext *context);
/* For both of them, which do their work when they are let go of. */
void limn_label_click_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_label_click_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_label_click_cancel (LimnToolContext *context);

G_END_DECLS
