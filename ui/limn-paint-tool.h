/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* Paint on the picture, and less of it; moved and ended as the other brushes are. */
void limn_paint_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_paint_eraser_tool_press (LimnToolContext *context, const LimnToolPoint *point);

/* The eyedropper: the colour under the pointer, for as long as the button is held. */
void limn_eyedropper_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_eyedropper_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_eyedropper_tool_release (LimnToolContext *context);
void limn_eyedropper_tool_cancel (LimnToolContext *context);

/* The mean colour of the picture's pixels that are one on the screen at (@x, @y), by their alpha;
 * @scale as in LimnToolContext. FALSE beside the picture, and where it is clear. */
gboolean
limn_eyedropper_get_colour (LimnTiles *image, double x, double y, double scale, guint8 colour[3]);

G_END_DECLS
