/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

void limn_rectangle_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_rectangle_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_ellipse_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_lasso_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_lasso_tool_move (LimnToolContext *context, const LimnToolPoint *point);
/* Of all three: what is outlined is filled. */
void limn_shape_tool_release (LimnToolContext *context);
void limn_shape_tool_cancel (LimnToolContext *context);

/* A corner for each click; a click on the first corner, a double click or Enter ends it. */
void limn_polygon_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_polygon_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_polygon_tool_release (LimnToolContext *context);
void limn_polygon_tool_finish (LimnToolContext *context);
void limn_polygon_tool_back (LimnToolContext *context);

G_END_DECLS
