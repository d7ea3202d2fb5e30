/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-paint-tool.h"

#include <math.h>

#include "app/limn-document-paint.h"
#include "ui/limn-brush-tool.h"

/* So far from the pointer pixels count at most, however small the picture is shown. */
#define MAX_REACH 15

void
limn_paint_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  limn_document_begin_paint (context->document, context->colour, context->radius,
                             context->hardness);
  limn_brush_tool_begin (context, point);
}

void
limn_paint_eraser_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  limn_document_begin_paint (context->document, NULL, context->radius, context->hardness);
  limn_brush_tool_begin (context, point);
}

gboolean
limn_eyedropper_get_colour (LimnTiles *image, double x, double y, double scale, guint8 colour[3])
{
  LimnRect all = { 0, 0, limn_tiles_get_width (image), limn_tiles_get_height (image) }, rect;
  int channels = limn_tiles_get_channels (image);
  int reach = (int)CLAMP ((1 / (scale > 0 ? scale : 1) - 1) / 2, 0, MAX_REACH);
  guint8 pixels[(2 * MAX_REACH + 1) * (2 * MAX_REACH + 1) * 4];
  guint64 sums[3] = { 0 }, weight = 0;

  if (!(x >= 0 && y >= 0 && x < all.width && y < all.height))
    return FALSE;
  rect = (LimnRect){ (int)x - reach, (int)y - reach, 2 * reach + 1, 2 * reach + 1 };
  if (!limn_rect_intersect (&rect, &all, &rect))
    return FALSE;
  limn_tiles_read_rect (image, &rect, pixels, (gsize)rect.width * (gsize)channels);
  for (int i = 0; i < rect.width * rect.height; i++)
    {
      const guint8 *pixel = pixels + (gsize)i * (gsize)channels;
      guint alpha = channels == 4 ? pixel[3] : 255;

      weight += alpha;
      for (int c = 0; c < 3; c++)
        sums[c] += pixel[c] * alpha;
    }
  if (weight == 0)
    return FALSE;
  for (int c = 0; c < 3; c++)
    colour[c] = (guint8)((sums[c] + weight / 2) / weight);
  return TRUE;
}

static void
pick (LimnToolContext *context, const LimnToolPoint *point, gboolean done)
{
  guint8 colour[3];
  gboolean found = limn_eyedropper_get_colour (limn_document_get_image (context->document),
                                               point->x, point->y, context->scale, colour);

  if (context->pick != NULL)
    context->pick (found ? colour : NULL, done, context->user_data);
}

void
limn_eyedropper_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  pick (context, point, FALSE);
}

void
limn_eyedropper_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  pick (context, point, FALSE);
}

void
limn_eyedropper_tool_release (LimnToolContext *context)
{
  pick (context, &context->last, TRUE);
}

void
limn_eyedropper_tool_cancel (LimnToolContext *context)
{
}
