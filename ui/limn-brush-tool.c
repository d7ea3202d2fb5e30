/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-brush-tool.h"

#include <math.h>

static void
begin (LimnToolContext *context, const LimnToolPoint *point, gboolean erase)
{
  limn_document_begin_stroke (context->document, erase, context->radius, context->hardness);
  limn_document_stroke_to (context->document, point->x, point->y, point->pressure);
}

void
limn_brush_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  begin (context, point, FALSE);
}

void
limn_eraser_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  begin (context, point, TRUE);
}

void
limn_brush_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  limn_document_stroke_to (context->document, point->x, point->y, point->pressure);
}

void
limn_brush_tool_release (LimnToolContext *context)
{
  limn_document_end_stroke (context->document);
}

void
limn_brush_tool_cancel (LimnToolContext *context)
{
  limn_document_cancel_stroke (context->document);
}

double
limn_brush_next_radius (double radius, int direction)
{
  /* Whole pixels of diameter, so that the number beside the slider is what is used. */
  double diameter = rint (2 * radius);
  double step = MAX (1, rint (diameter * 0.2));

  diameter += direction > 0 ? step : -MAX (1, rint (diameter / 6));
  return CLAMP (diameter / 2, LIMN_BRUSH_MIN_RADIUS, LIMN_BRUSH_MAX_RADIUS);
}
