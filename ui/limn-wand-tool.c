/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-wand-tool.h"

#include <math.h>

void
limn_wand_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  context->outline_mode = limn_tool_mode (context, point);
}

void
limn_wand_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
}

void
limn_wand_tool_release (LimnToolContext *context)
{
  /* A pixel of no picture is in none; far outside is as good as where it was, and fits into an int.
   */
  LimnMaskEdit edit = { .kind = LIMN_MASK_EDIT_WAND,
                        .x = (int)floor (CLAMP (context->last.x, -1, LIMN_IMAGE_MAX_SIDE)),
                        .y = (int)floor (CLAMP (context->last.y, -1, LIMN_IMAGE_MAX_SIDE)),
                        .tolerance = context->tolerance,
                        .contiguous = context->contiguous,
                        .mode = context->outline_mode };

  if (context->edit != NULL)
    context->edit (&edit, context->user_data);
}

void
limn_wand_tool_cancel (LimnToolContext *context)
{
}
