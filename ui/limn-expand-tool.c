/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-expand-tool.h"

#include <math.h>

/* Device pixels: a press this near to an edge takes hold of it. Every press outside does. */
#define EDGE_REACH 24.0

typedef struct
{
  double x0, y0, x1, y1;
} Box;

static Box
picture_box (const LimnToolContext *context)
{
  return (Box){ 0, 0, limn_document_get_width (context->document),
                limn_document_get_height (context->document) };
}

/* -1: the lower end of the axis was taken hold of, 1: the upper, 0: none. */
static int
find_side (double at, double length, double reach)
{
  /* Of a picture smaller than the reach the nearer end. */
  if (at < reach && at <= length / 2)
    return -1;
  return at > length - reach ? 1 : 0;
}

/* Moves the ends of one axis outwards, by whole pixels. */
static void
stretch (double first,
         double now,
         double length,
         double reach,
         gboolean both,
         double *low,
         double *high)
{
  int side = find_side (first, length, reach);
  double by = side == 0 ? 0 : MAX (0, rint (side * (now - first)));

  if (side < 0 || both)
    *low -= by;
  if (side > 0 || both)
    *high += by;
}

static gboolean
fits (const Box *box)
{
  double width = box->x1 - box->x0, height = box->y1 - box->y0;

  return width <= LIMN_IMAGE_MAX_SIDE && height <= LIMN_IMAGE_MAX_SIDE
         && width * height <= LIMN_IMAGE_MAX_PIXELS;
}

void
limn_expand_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->outline == NULL)
    context->outline = g_array_new (FALSE, FALSE, sizeof (LimnPoint));
  g_array_set_size (context->outline, 0);
}

void
limn_expand_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  double reach = EDGE_REACH / (context->scale > 0 ? context->scale : 1);
  gboolean both = (point->modifiers & LIMN_TOOL_SHIFT) != 0;
  Box box = picture_box (context);
  double width = box.x1, height = box.y1;
  GArray *points;

  stretch (context->first.x, point->x, width, reach, both, &box.x0, &box.x1);
  stretch (context->first.y, point->y, height, reach, both, &box.y0, &box.y1);
  /* Larger than what can be: stays where it was. */
  if (!fits (&box))
    return;
  points = limn_shape_rectangle (box.x0, box.y0, box.x1, box.y1);
  g_array_set_size (context->outline, 0);
  g_array_append_vals (context->outline, points->data, points->len);
  g_array_unref (points);
}

gboolean
limn_expand_tool_get_margins (const LimnToolContext *context, LimnMargins *margins)
{
  Box box = { 0, 0, 0, 0 }, picture;

  if (context->outline == NULL || context->outline->len == 0)
    return FALSE;
  for (guint i = 0; i < context->outline->len; i++)
    {
      const LimnPoint *p = &g_array_index (context->outline, LimnPoint, i);

      box = (Box){ MIN (box.x0, p->x), MIN (box.y0, p->y), MAX (box.x1, p->x), MAX (box.y1, p->y) };
    }
  picture = picture_box (context);
  *margins = (LimnMargins){ .left = (int)-box.x0,
                            .top = (int)-box.y0,
                            .right = (int)(box.x1 - picture.x1),
                            .bottom = (int)(box.y1 - picture.y1) };
  return !limn_margins_are_empty (margins);
}

void
limn_expand_tool_release (LimnToolContext *context)
{
  LimnMargins margins;

  if (limn_expand_tool_get_margins (context, &margins) && context->expand != NULL)
    context->expand (&margins, context->user_data);
  g_array_set_size (context->outline, 0);
}

void
limn_expand_tool_cancel (LimnToolContext *context)
{
  g_array_set_size (context->outline, 0);
}
