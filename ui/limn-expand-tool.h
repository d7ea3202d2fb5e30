/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* The edges and corners of the picture are dragged outwards; with Shift the opposite ones go along.
 * What is outlined is the canvas as it will be. */
void limn_expand_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_expand_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_expand_tool_release (LimnToolContext *context);
void limn_expand_tool_cancel (LimnToolContext *context);

/* What the outline adds to the picture. FALSE when there is none, or it adds nothing. */
gboolean limn_expand_tool_get_margins (const LimnToolContext *context, LimnMargins *margins);

G_END_DECLS
