/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-tool.h"

#include <glib/gi18n.h>

#include "ui/limn-brush-tool.h"

static void
pan_press (LimnToolContext *context, const LimnToolPoint *point)
{
}

static void
pan_move (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->pan != NULL)
    context->pan (point->vx - context->last.vx, point->vy - context->last.vy, context->user_data);
}

static void
pan_end (LimnToolContext *context)
{
}

static const LimnTool tools[] = {
  {
      "brush",
      N_ ("Brush over what should change"),
      "limn-brush-symbolic",
      "b",
      "none",
      TRUE,
      limn_brush_tool_press,
      limn_brush_tool_move,
      limn_brush_tool_release,
      limn_brush_tool_cancel,
  },
  {
      "eraser",
      N_ ("Erase from the mask"),
      "limn-eraser-symbolic",
      "e",
      "none",
      TRUE,
      limn_eraser_tool_press,
      limn_brush_tool_move,
      limn_brush_tool_release,
      limn_brush_tool_cancel,
  },
  {
      "pan",
      N_ ("Move the view"),
      "limn-hand-symbolic",
      "h",
      "grab",
      FALSE,
      pan_press,
      pan_move,
      pan_end,
      pan_end,
  },
  { NULL },
};

const LimnTool *
limn_tool_list (void)
{
  return tools;
}

const LimnTool *
limn_tool_lookup (const char *name)
{
  for (const LimnTool *tool = tools; tool->name != NULL; tool++)
    if (g_strcmp0 (tool->name, name) == 0)
      return tool;
  return NULL;
}

void
limn_tool_press (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->active || context->document == NULL)
    return;
  context->active = TRUE;
  context->last = *point;
  tool->press (context, point);
}

void
limn_tool_move (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point)
{
  if (!context->active)
    return;
  tool->move (context, point);
  context->last = *point;
}

void
limn_tool_release (const LimnTool *tool, LimnToolContext *context)
{
  if (!context->active)
    return;
  context->active = FALSE;
  tool->release (context);
}

void
limn_tool_cancel (const LimnTool *tool, LimnToolContext *context)
{
  if (!context->active)
    return;
  context->active = FALSE;
  tool->cancel (context);
}
