/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-shape-tool.h"

#include <math.h>

#include "app/limn-document-mask.h"

/* Device pixels: a click this near to a corner means the corner; a lasso's points are this far
 * apart. */
#define CORNER_REACH 9.0
#define LASSO_STEP 1.0

static void
begin (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->outline == NULL)
    context->outline = g_array_new (FALSE, FALSE, sizeof (LimnPoint));
  g_array_set_size (context->outline, 0);
  context->outline_mode = limn_tool_mode (context, point);
}

static void
fill (LimnToolContext *context)
{
  limn_document_mask_polygon (context->document, (const LimnPoint *)(void *)context->outline->data,
                              context->outline->len, context->outline_mode);
  g_array_set_size (context->outline, 0);
}

void
limn_shape_tool_release (LimnToolContext *context)
{
  fill (context);
}

void
limn_shape_tool_cancel (LimnToolContext *context)
{
  g_array_set_size (context->outline, 0);
}

/* ---- From corner to corner --------------------------------------------------------------------
 */

void
limn_rectangle_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  begin (context, point);
}

/* The corner that is opposite to the first; with Shift, which was not held at the beginning, both
 * sides are equal. */
static LimnPoint
opposite (LimnToolContext *context, const LimnToolPoint *point)
{
  LimnPoint corner = { point->x, point->y };

  if ((point->modifiers & LIMN_TOOL_SHIFT) && !(context->first.modifiers & LIMN_TOOL_SHIFT))
    {
      double dx = corner.x - context->first.x, dy = corner.y - context->first.y;
      double side = MAX (fabs (dx), fabs (dy));

      corner.x = context->first.x + copysign (side, dx);
      corner.y = context->first.y + copysign (side, dy);
    }
  return corner;
}

static void
set_outline (LimnToolContext *context, GArray *points)
{
  g_array_set_size (context->outline, 0);
  g_array_append_vals (context->outline, points->data, points->len);
  g_array_unref (points);
}

/* Whole pixels: nobody wants a rectangle's edge to be half masked. */
void
limn_rectangle_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  LimnPoint corner = opposite (context, point);

  set_outline (context, limn_shape_rectangle (rint (context->first.x), rint (context->first.y),
                                              rint (corner.x), rint (corner.y)));
}

void
limn_ellipse_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  LimnPoint corner = opposite (context, point);

  set_outline (context,
               limn_shape_ellipse (context->first.x, context->first.y, corner.x, corner.y));
}

/* ---- By hand ----------------------------------------------------------------------------------
 */

static void
add_point (LimnToolContext *context, double x, double y)
{
  LimnPoint point = { x, y };

  g_array_append_val (context->outline, point);
}

void
limn_lasso_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  begin (context, point);
  add_point (context, point->x, point->y);
}

/* Device pixels between @point and the place (@x, @y) of the picture. */
static double
distance (LimnToolContext *context, const LimnToolPoint *point, double x, double y)
{
  return hypot (point->x - x, point->y - y) * (context->scale > 0 ? context->scale : 1);
}

void
limn_lasso_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  const LimnPoint *last = &g_array_index (context->outline, LimnPoint, context->outline->len - 1);

  if (distance (context, point, last->x, last->y) >= LASSO_STEP)
    add_point (context, point->x, point->y);
}

/* ---- Corner by corner -------------------------------------------------------------------------
 */

static gboolean
is_near (LimnToolContext *context, const LimnToolPoint *point, guint corner)
{
  const LimnPoint *p = &g_array_index (context->outline, LimnPoint, corner);

  return distance (context, point, p->x, p->y) < CORNER_REACH;
}

/* With Shift the side goes in one of eight directions. */
static void
set_hover (LimnToolContext *context, const LimnToolPoint *point)
{
  guint n = context->outline->len;

  context->hover = (LimnPoint){ point->x, point->y };
  if ((point->modifiers & LIMN_TOOL_SHIFT) && n > 0)
    {
      const LimnPoint *from = &g_array_index (context->outline, LimnPoint, n - 1);
      double dx = point->x - from->x, dy = point->y - from->y;
      double angle = rint (atan2 (dy, dx) / (G_PI / 4)) * (G_PI / 4);
      double length = dx * cos (angle) + dy * sin (angle);

      context->hover
          = (LimnPoint){ from->x + length * cos (angle), from->y + length * sin (angle) };
    }
}

void
limn_polygon_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  guint n = context->pending ? context->outline->len : 0;

  if (n == 0)
    {
      begin (context, point);
      context->pending = TRUE;
      add_point (context, point->x, point->y);
      context->hover = (LimnPoint){ point->x, point->y };
    }
  else if (is_near (context, point, n - 1) || (n >= 3 && is_near (context, point, 0)))
    limn_polygon_tool_finish (context);
  else
    {
      set_hover (context, point);
      g_array_append_val (context->outline, context->hover);
    }
}

/* Between clicks and while the button is held: where the next side would end. */
void
limn_polygon_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->pending)
    set_hover (context, point);
}

void
limn_polygon_tool_release (LimnToolContext *context)
{
}

void
limn_polygon_tool_finish (LimnToolContext *context)
{
  context->pending = FALSE;
  fill (context);
}

void
limn_polygon_tool_back (LimnToolContext *context)
{
  g_array_set_size (context->outline, context->outline->len - 1);
  context->pending = context->outline->len > 0;
}
