/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-tool.h"

G_BEGIN_DECLS

/* A click masks what has the colour of the pixel under it; limn_mask_wand(). Found where the button
 * is let go of, so that a press can be given up. */
void limn_wand_tool_press (LimnToolContext *context, const LimnToolPoint *point);
void limn_wand_tool_move (LimnToolContext *context, const LimnToolPoint *point);
void limn_wand_tool_release (LimnToolContext *context);
void limn_wand_tool_cancel (LimnToolContext *context);

G_END_DECLS
