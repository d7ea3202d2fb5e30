/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-rim.h"

#include <math.h>

/* How strong the rim is beside the mask, which is drawn at 45 %. */
#define RIM_OPACITY 0.3
#define BORDER_OPACITY 0.85
/* Cells of each dash of its border, which is in the colour and in white by turns, so that it is
 * seen over anything. */
#define DASH 4

/* However thin the rim is for its small picture, it is so many cells wide: enough for the corner of
 * a cell, so that its border has no gaps. */
#define LEAST_CELLS 1.5
/* Of the cells that its border goes through, which is known by it. */
#define BORDER_MOST 127

/* A cell of a coarse grid over the mask that has no masked pixel. */
#define FAR G_MAXINT16

typedef struct
{
  int width, height;
  double scale;     /* cells per pixel */
  gint16 *distance; /* [height][width] cells to the nearest masked cell in the same row, or FAR */
} Grid;

/* Whether a pixel of @cell's part of the mask is set. */
static gboolean
covers_mask (const Grid *grid, const LimnImage *mask, const LimnRect *rect, int x, int y)
{
  int x0 = rect->x + (int)(x / grid->scale), x1 = rect->x + (int)ceil ((x + 1) / grid->scale);
  int y0 = rect->y + (int)(y / grid->scale), y1 = rect->y + (int)ceil ((y + 1) / grid->scale);

  for (int py = y0; py < MIN (y1, rect->y + rect->height); py++)
    for (int px = x0; px < MIN (x1, rect->x + rect->width); px++)
      if (limn_image_row (mask, py)[px] >= 128)
        return TRUE;
  return FALSE;
}

static void
measure_rows (Grid *grid, const LimnImage *mask, const LimnRect *rect)
{
  for (int y = 0; y < grid->height; y++)
    {
      gint16 *row = grid->distance + (gsize)y * grid->width;

      for (int x = 0; x < grid->width; x++)
        {
          int before = x > 0 ? row[x - 1] : FAR;

          row[x] = covers_mask (grid, mask, rect, x, y) ? 0 : before == FAR ? FAR : before + 1;
        }
      for (int x = grid->width - 2; x >= 0; x--)
        if (row[x + 1] != FAR)
          row[x] = MIN (row[x], row[x + 1] + 1);
    }
}

/* Cells from (@x, @y) to the nearest masked one, or something above @limit. */
static double
distance_at (const Grid *grid, int x, int y, int limit)
{
  double nearest = (double)(limit + 1) * (limit + 1);

  for (int k = MAX (0, y - limit); k <= MIN (grid->height - 1, y + limit); k++)
    {
      double across = grid->distance[(gsize)k * grid->width + x], down = k - y;

      nearest = MIN (nearest, across * across + down * down);
    }
  return sqrt (nearest);
}

void
limn_rim_get_rect (const LimnRect *bounds, int width, int height, LimnRect *rect)
{
  LimnRect picture = { 0, 0, width, height };
  /* Two cells of the grid that this will be; there are a few pixels more in one then. */
  int room = 2 * (int)ceil (MAX (bounds->width, bounds->height) / (LIMN_RIM_SIDE - 8.0));

  *rect = (LimnRect){ bounds->x - room, bounds->y - room, bounds->width + 2 * room,
                      bounds->height + 2 * room };
  limn_rect_intersect (rect, &picture, rect);
}

/* Whether the rim ends beside this cell, at @limit pixels from the mask. */
static gboolean
ends_beside (const Grid *grid, int x, int y, int cells, double limit)
{
  static const int steps[][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      int nx = x + steps[i][0], ny = y + steps[i][1];

      if (nx >= 0 && ny >= 0 && nx < grid->width && ny < grid->height
          && distance_at (grid, nx, ny, cells) / grid->scale >= limit)
        return TRUE;
    }
  return FALSE;
}

LimnImage *
limn_rim_new (const LimnImage *mask, const LimnRect *rect, float inner, float outer)
{
  Grid grid;
  LimnImage *rim;
  int limit;

  g_return_val_if_fail (mask != NULL && mask->channels == 1, NULL);
  g_return_val_if_fail (rect != NULL && !limn_rect_is_empty (rect), NULL);
  g_return_val_if_fail (inner >= 0 && inner <= outer, NULL);

  grid.scale = MIN (1, (double)LIMN_RIM_SIDE / MAX (rect->width, rect->height));
  grid.width = MAX (1, (int)rint (rect->width * grid.scale));
  grid.height = MAX (1, (int)rint (rect->height * grid.scale));
  rim = limn_image_new (grid.width, grid.height, 1, NULL);
  if (rim == NULL)
    return NULL;
  grid.distance = g_new (gint16, (gsize)grid.width * grid.height);
  measure_rows (&grid, mask, rect);
  outer = MAX (outer, (float)(LEAST_CELLS / grid.scale));
  limit = (int)ceil (outer * grid.scale);
  for (int y = 0; y < grid.height; y++)
    for (int x = 0; x < grid.width; x++)
      {
        double pixels = distance_at (&grid, x, y, limit) / grid.scale;
        double t = outer > inner ? (outer - pixels) / (outer - inner) : pixels <= outer;

        if (pixels <= 0 || pixels >= outer)
          continue;
        t = rint (255 * CLAMP (t, 0, 1));
        if (t > BORDER_MOST && ends_beside (&grid, x, y, limit, outer))
          t = BORDER_MOST;
        limn_image_row (rim, y)[x] = (guint8)MAX (1, t);
      }
  g_free (grid.distance);
  return rim;
}

/* Whether the rim ends beside this cell: a neighbour is beyond it. The mask's own cells are not
 * part of the rim either, but beside them it is at its strongest. */
static gboolean
is_border (const LimnImage *rim, int x, int y)
{
  static const int steps[][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };
  guint8 here = limn_image_row (rim, y)[x];

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      int nx = x + steps[i][0], ny = y + steps[i][1];

      if (nx >= 0 && ny >= 0 && nx < rim->width && ny < rim->height && here <= BORDER_MOST
          && limn_image_row (rim, ny)[nx] == 0)
        return TRUE;
    }
  return FALSE;
}

GdkTexture *
limn_rim_to_texture (const LimnImage *rim, const GdkRGBA *colour)
{
  gsize n = (gsize)rim->width * rim->height;
  guint8 *pixels = g_malloc0 (4 * n), *p = pixels;
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, 4 * n);

  for (int y = 0; y < rim->height; y++)
    for (int x = 0; x < rim->width; x++, p += 4)
      {
        guint8 value = limn_image_row (rim, y)[x];
        gboolean white = FALSE;
        double opacity = RIM_OPACITY * (0.35 + 0.65 * value / 255);

        if (value == 0)
          continue;
        if (is_border (rim, x, y))
          {
            opacity = BORDER_OPACITY;
            white = (x + y) / DASH % 2 == 1;
          }
        p[0] = white ? 255 : (guint8)rint (colour->red * 255);
        p[1] = white ? 255 : (guint8)rint (colour->green * 255);
        p[2] = white ? 255 : (guint8)rint (colour->blue * 255);
        p[3] = (guint8)rint (opacity * 255);
      }
  return gdk_memory_texture_new (rim->width, rim->height, GDK_MEMORY_R8G8B8A8, bytes,
                                 (gsize)rim->width * 4);
}
