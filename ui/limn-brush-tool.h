/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* The first point of a stroke that the document has begun; moved, ended and given up as below. */
void limn_brush_tool_begin (LimnToolContext *context, const LimnToolPoint *point);
void limn_brush_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_eraser_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_brush_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_brush_tool_release (LimnToolContext *context);
void limn_brush_tool_cancel (LimnToolContext *context);

G_END_DECLS
