/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-brush-tool.h"

#include <math.h>

/* How far a chord may be from the curve, picture pixels, and as a share of the radius. */
#define FLATNESS 0.2
#define FLATNESS_SHARE 0.01
#define MAX_CHORDS 24

static void
draw_to (LimnToolContext *context, double x, double y, double pressure)
{
  double opacity = context->opacity > 0 ? context->opacity : 1;

  limn_document_stroke_to_full (context->document, x, y, context->constant_size ? 1 : pressure,
                                context->pressure_opacity ? opacity * pressure : opacity);
}

void
limn_brush_tool_begin (LimnToolContext *context, const LimnToolPoint *point)
{
  draw_to (context, point->x, point->y, point->pressure);
  context->drawn = (LimnPoint){ point->x, point->y };
  context->drawn_pressure = point->pressure;
}

static void
begin (LimnToolContext *context, const LimnToolPoint *point, gboolean erase)
{
  limn_document_begin_stroke (context->document, erase, context->radius, context->hardness);
  if (context->stop_at_edges)
    limn_document_stop_at_edges (context->document, context->tolerance);
  limn_brush_tool_begin (context, point);
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

/*
 * Quadratic curves from middle to middle, with the reported points as their handles, so that a fast
 * round movement, of which few points are reported, is round. The line is half a step behind the
 * pointer, until it is let go of.
 */
void
limn_brush_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  const LimnToolPoint *handle = &context->last;
  LimnPoint from = context->drawn, to = { (handle->x + point->x) / 2, (handle->y + point->y) / 2 };
  double from_pressure = context->drawn_pressure,
         to_pressure = (handle->pressure + point->pressure) / 2;
  /* Of a parabola in n parts each chord is this far off: |a - 2 b + c| / (4 n^2). */
  double bend = hypot (from.x - 2 * handle->x + to.x, from.y - 2 * handle->y + to.y);
  double flatness = MAX (FLATNESS, context->radius * FLATNESS_SHARE);
  int n = (int)CLAMP (ceil (sqrt (bend / (4 * flatness))), 1, MAX_CHORDS);

  for (int i = 1; i <= n; i++)
    {
      double t = (double)i / n, a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;

      draw_to (context, a * from.x + b * handle->x + c * to.x,
               a * from.y + b * handle->y + c * to.y,
               a * from_pressure + b * handle->pressure + c * to_pressure);
    }
  context->drawn = to;
  context->drawn_pressure = to_pressure;
}

void
limn_brush_tool_release (LimnToolContext *context)
{
  draw_to (context, context->last.x, context->last.y, context->last.pressure);
  limn_document_leave_stroke (context->document);
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
