/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "app/limn-edge-brush-private.h"

#include <math.h>
#include <string.h>

#include "app/limn-sweep-private.h"

#define TILE LIMN_TILE_SIZE

/* A dab is looked at in a grid that is no wider than about this. */
#define MAX_GRID 208
/* Cells around the grid, so that sums over neighbours need not ask where they are. */
#define MARGIN 2
#define STRIDE (MAX_GRID + 8 + 2 * MARGIN)
/* So far around the middle, in cells, its colour is the mean of. */
#define SEED_REACH 1

typedef struct
{
  gint16 x, y;
} Cell;

struct _LimnEdgeBrush
{
  int limit; /* of the difference in the channel that differs most, 0 .. 255 */

  /* The dab that is being made: cell (0, 0) is the pixel (left, top) of the picture, and each next
   * one is @step pixels on. */
  int left, top, step, width, height;
  guint8 seed[3];
  Cell *stack; /* owned */
  guint n_stack, n_allocated;
  /* Cells with their margins: what is alike, what is reached of it, how much of a pixel counts. */
  guint8 alike[STRIDE * STRIDE];
  guint8 open[STRIDE * STRIDE];
  guint8 soft[STRIDE * STRIDE];
};

LimnEdgeBrush *
_limn_edge_brush_new (double tolerance)
{
  LimnEdgeBrush *self = g_new0 (LimnEdgeBrush, 1);

  self->limit = (int)rint (CLAMP (tolerance, 0, 1) * 255);
  return self;
}

void
_limn_edge_brush_free (LimnEdgeBrush *self)
{
  if (self == NULL)
    return;
  g_free (self->stack);
  g_free (self);
}

/* The row of cell (0, @y). */
static guint8 *
row_of (guint8 *cells, int y)
{
  return cells + (gsize)(y + MARGIN) * STRIDE + MARGIN;
}

static void
clear (LimnEdgeBrush *self, guint8 *cells)
{
  memset (cells, 0, (gsize)(self->height + 2 * MARGIN) * STRIDE);
}

/* ---- What is alike --------------------------------------------------------------------------- */

/* The mean colour of the picture around cell (@cx, @cy). */
static void
find_seed (LimnEdgeBrush *self, LimnTiles *image, int cx, int cy)
{
  int channels = limn_tiles_get_channels (image), n = 0;
  guint sums[3] = { 0 };

  for (int y = MAX (cy - SEED_REACH, 0); y <= MIN (cy + SEED_REACH, self->height - 1); y++)
    for (int x = MAX (cx - SEED_REACH, 0); x <= MIN (cx + SEED_REACH, self->width - 1); x++)
      {
        int px = self->left + x * self->step, py = self->top + y * self->step;
        const guint8 *pixel = limn_tiles_read (image, px / TILE, py / TILE)
                              + ((gsize)(py % TILE) * TILE + (gsize)(px % TILE)) * (gsize)channels;

        for (int c = 0; c < 3; c++)
          sums[c] += pixel[c];
        n++;
      }
  for (int c = 0; c < 3; c++)
    self->seed[c] = (guint8)((sums[c] + (guint)n / 2) / (guint)n);
}

/* @n cells of a row; @pixels: those of the first, @next bytes apart. */
static void
compare (const LimnEdgeBrush *self, const guint8 *pixels, gsize next, guint8 *out, int n)
{
  const int r = self->seed[0], g = self->seed[1], b = self->seed[2], limit = self->limit;

  for (int i = 0; i < n; i++, pixels += next)
    out[i] = (ABS (pixels[0] - r) <= limit) & (ABS (pixels[1] - g) <= limit)
             & (ABS (pixels[2] - b) <= limit);
}

static void
find_alike (LimnEdgeBrush *self, LimnTiles *image)
{
  gsize channels = (gsize)limn_tiles_get_channels (image);

  clear (self, self->alike);
  for (int y = 0; y < self->height; y++)
    {
      int py = self->top + y * self->step;
      guint8 *out = row_of (self->alike, y);

      for (int x = 0; x < self->width;)
        {
          int px = self->left + x * self->step, tx = px / TILE;
          /* Cells up to the tile's end. */
          int n = MIN (self->width - x, (tx * TILE + TILE - px + self->step - 1) / self->step);
          const guint8 *tile = limn_tiles_read (image, tx, py / TILE);

          compare (self, tile + ((gsize)(py % TILE) * TILE + (gsize)(px % TILE)) * channels,
                   channels * (gsize)self->step, out + x, n);
          x += n;
        }
    }
}

/* Open is what most of three by three cells agree about; what lies beside the picture has no say:
 * there the nearest counts. */
static void
find_open (LimnEdgeBrush *self)
{
  guint8 sums[STRIDE];

  clear (self, self->open);
  for (int y = 0; y < self->height; y++)
    {
      const guint8 *row = row_of (self->alike, y);
      const guint8 *above = y > 0 ? row - STRIDE : row;
      const guint8 *below = y < self->height - 1 ? row + STRIDE : row;
      guint8 *out = row_of (self->open, y);

      for (int x = 0; x < self->width; x++)
        sums[x + 1] = (guint8)(above[x] + row[x] + below[x]);
      sums[0] = sums[1];
      sums[self->width + 1] = sums[self->width];
      for (int x = 0; x < self->width; x++)
        out[x] = sums[x] + sums[x + 1] + sums[x + 2] >= 5;
    }
}

/* ---- What hangs together --------------------------------------------------------------------- */

static void
push (LimnEdgeBrush *self, int x, int y)
{
  if (self->n_stack == self->n_allocated)
    {
      self->n_allocated = MAX (256, 2 * self->n_allocated);
      self->stack = g_renew (Cell, self->stack, self->n_allocated);
    }
  self->stack[self->n_stack++] = (Cell){ (gint16)x, (gint16)y };
}

/* The beginning of each run of open cells from @x0 to @x1 - 1. */
static void
push_runs (LimnEdgeBrush *self, int y, int x0, int x1)
{
  const guint8 *open = row_of (self->open, y);

  for (int x = x0; x < x1; x++)
    if (open[x] == 1 && (x == x0 || open[x - 1] != 1))
      push (self, x, y);
}

/* Marks with 2 what hangs together, by its sides, with (@cx, @cy). */
static void
flood (LimnEdgeBrush *self, int cx, int cy)
{
  self->n_stack = 0;
  push (self, cx, cy);
  while (self->n_stack > 0)
    {
      Cell cell = self->stack[--self->n_stack];
      guint8 *row = row_of (self->open, cell.y);
      int x0 = cell.x, x1 = cell.x;

      if (row[x0] != 1)
        continue;
      /* The margin is not open. */
      while (row[x0 - 1] == 1)
        x0--;
      while (row[x1] == 1)
        x1++;
      memset (row + x0, 2, (gsize)(x1 - x0));
      if (cell.y > 0)
        push_runs (self, cell.y - 1, x0, x1);
      if (cell.y < self->height - 1)
        push_runs (self, cell.y + 1, x0, x1);
    }
}

/* How much of each cell counts: by how many of the five by five around it are reached, from 30 % to
 * 70 % of them. Beside the grid the nearest cell counts: the disc, or the picture, ends there. */
static void
soften (LimnEdgeBrush *self)
{
  guint8 ramp[26];
  guint8 sums[STRIDE];

  for (int i = 0; i < 26; i++)
    ramp[i] = (guint8)(255 * CLAMP ((i - 7.5) / 10, 0, 1) + 0.5);
  for (int y = 0; y < self->height; y++)
    {
      guint8 *out = row_of (self->soft, y);
      const guint8 *rows[5];

      for (int k = 0; k < 5; k++)
        rows[k] = row_of (self->open, CLAMP (y + k - 2, 0, self->height - 1));
      for (int x = 0; x < self->width; x++)
        sums[x + 2] = (guint8)((rows[0][x] >> 1) + (rows[1][x] >> 1) + (rows[2][x] >> 1)
                               + (rows[3][x] >> 1) + (rows[4][x] >> 1));
      sums[0] = sums[1] = sums[2];
      sums[self->width + 2] = sums[self->width + 3] = sums[self->width + 1];
      for (int x = 0; x < self->width; x++)
        out[x] = ramp[sums[x] + sums[x + 1] + sums[x + 2] + sums[x + 3] + sums[x + 4]];
    }
}

/* ---- Onto the mask --------------------------------------------------------------------------- */

/* How much of the pixels x0 .. x0 + n - 1 of row @y of the picture counts. */
static void
read_soft (LimnEdgeBrush *self, int x0, int y, int n, guint8 *out)
{
  int step = self->step, cy = (y - self->top) / step, fy = (y - self->top) % step;
  const guint8 *above = row_of (self->soft, cy);
  const guint8 *below = row_of (self->soft, MIN (cy + 1, self->height - 1));

  if (step == 1)
    {
      memcpy (out, above + (x0 - self->left), (gsize)n);
      return;
    }
  for (int i = 0; i < n; i++)
    {
      int cx = (x0 + i - self->left) / step, fx = (x0 + i - self->left) % step;
      int next = MIN (cx + 1, self->width - 1);
      int a = above[cx] * (step - fx) + above[next] * fx;
      int b = below[cx] * (step - fx) + below[next] * fx;

      out[i] = (guint8)((a * (step - fy) + b * fy + step * step / 2) / (step * step));
    }
}

typedef struct
{
  LimnEdgeBrush *brush;
  LimnTiles *mask;
  double x, y, radius, hardness;
  guint8 level;
  gboolean erase;
} Dab;

/* The part of row @y of the picture from @x0 to @x1 - 1, all in one tile; TRUE when it changes. */
static gboolean
paint_piece (const Dab *dab, int y, int x0, int x1)
{
  guint8 row[TILE];
  const guint8 *seen = limn_tiles_read (dab->mask, x0 / TILE, y / TILE);
  gsize at = (gsize)(y % TILE) * TILE + (gsize)(x0 % TILE);
  int n = x1 - x0;
  double dy = y + 0.5 - dab->y;

  read_soft (dab->brush, x0, y, n, row);
  for (int i = 0; i < n; i++)
    {
      double dx = x0 + i + 0.5 - dab->x;
      guint k = row[i];

      if (k != 0)
        k = (k * _limn_sweep_coverage (dx * dx + dy * dy, dab->radius, dab->hardness) + 127) / 255;
      k = (k * dab->level + 127) / 255;
      row[i] = (guint8)(dab->erase ? MIN (seen[at + (gsize)i], 255 - k)
                                   : MAX (seen[at + (gsize)i], k));
    }
  if (memcmp (row, seen + at, (gsize)n) == 0)
    return FALSE;
  memcpy (limn_tiles_write (dab->mask, x0 / TILE, y / TILE) + at, row, (gsize)n);
  return TRUE;
}

/* The columns of row @y that the disc may touch, within @rect. */
static gboolean
find_columns (const Dab *dab, const LimnRect *rect, int y, int *x0, int *x1)
{
  double dy = y + 0.5 - dab->y, outer = dab->radius + 0.5, half;

  if (fabs (dy) >= outer)
    return FALSE;
  half = sqrt (outer * outer - dy * dy);
  *x0 = MAX (rect->x, (int)floor (dab->x - half));
  *x1 = MIN (rect->x + rect->width, (int)ceil (dab->x + half) + 1);
  return *x0 < *x1;
}

static gboolean
paint_dab (const Dab *dab, const LimnRect *rect, LimnRect *dirty)
{
  int first = -1, last = -1;

  for (int y = rect->y; y < rect->y + rect->height; y++)
    {
      gboolean changed = FALSE;
      int x0, x1;

      if (!find_columns (dab, rect, y, &x0, &x1))
        continue;
      for (int end; x0 < x1; x0 = end)
        {
          end = MIN (x1, (x0 / TILE + 1) * TILE);
          changed = paint_piece (dab, y, x0, end) || changed;
        }
      if (changed)
        {
          first = first < 0 ? y : first;
          last = y;
        }
    }
  *dirty = (LimnRect){ rect->x, first, rect->width, last - first + 1 };
  return first >= 0;
}

gboolean
_limn_edge_brush_dab (LimnEdgeBrush *self,
                      LimnTiles *mask,
                      LimnTiles *image,
                      double x,
                      double y,
                      double radius,
                      double hardness,
                      guint8 level,
                      gboolean erase,
                      LimnRect *dirty)
{
  LimnRect all = { 0, 0, limn_tiles_get_width (mask), limn_tiles_get_height (mask) }, rect;
  Dab dab = { self, mask, x, y, MIN (radius, LIMN_EDGE_BRUSH_MAX_RADIUS), hardness, level, erase };
  int reach = (int)ceil (dab.radius + 0.5), cx, cy;

  if (!(x >= 0 && y >= 0 && x < all.width && y < all.height))
    return FALSE;
  rect = (LimnRect){ (int)x - reach, (int)y - reach, 2 * reach + 1, 2 * reach + 1 };
  if (!limn_rect_intersect (&rect, &all, &rect))
    return FALSE;
  self->step = (2 * reach + 1 + MAX_GRID - 1) / MAX_GRID;
  self->left = rect.x;
  self->top = rect.y;
  self->width = (rect.width + self->step - 1) / self->step;
  self->height = (rect.height + self->step - 1) / self->step;
  cx = ((int)x - rect.x) / self->step;
  cy = ((int)y - rect.y) / self->step;
  find_seed (self, image, cx, cy);
  find_alike (self, image);
  find_open (self);
  /* The middle belongs to itself, however alone it is. */
  row_of (self->open, cy)[cx] = 1;
  flood (self, cx, cy);
  soften (self);
  return paint_dab (&dab, &rect, dirty);
}
