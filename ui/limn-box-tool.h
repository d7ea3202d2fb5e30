/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Boxes with labels, for models that are told what should be where.
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* A press on an edge or corner of the selected box resizes it, on a box selects and moves it, and
 * anywhere else draws a new one. A click on the selected box asks for its label; one on nothing
 * selects none. */
void limn_box_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_box_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_box_tool_release (LimnToolContext *context);
void limn_box_tool_cancel (LimnToolContext *context);
/* Tab and Shift+Tab: the next box and the one before, then none; arrows move, with Shift resize;
 * Delete; Enter asks for the label; Insert adds a box; Escape selects none. FALSE for all else, and
 * where there is nothing to do. */
gboolean limn_box_tool_key (LimnToolContext *context, guint key, LimnToolModifiers modifiers);

/* What is to be shown: the document's, or as the gesture would leave them (borrowed, nullable). */
LimnBoxes *limn_box_tool_get_boxes (const LimnToolContext *context);
/* The selected one of them, from 1; 0: none. */
guint limn_box_tool_get_selected (const LimnToolContext *context);
/* What a press there would do, as a CSS cursor name. */
const char *limn_box_tool_get_cursor (const LimnToolContext *context, double x, double y);
/* A box in the middle, labelled as the last one was; selected. */
void limn_box_tool_add (LimnToolContext *context);
void limn_box_tool_delete (LimnToolContext *context);
/* Gives box @i, from 1, a label, which the next new ones have, too. */
void limn_box_tool_set_label (LimnToolContext *context, guint i, const char *label);

G_END_DECLS
