/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-mask"

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/limn-mask-filter.h"
#include "app/limn-tiles-private.h"

#define TILE LIMN_TILE_SIZE
/* Tiles are made in squares of so many, as each needs the margin around it, too. */
#define BLOCK 4
/* Loops of a constant length, without a branch, are what compilers make wide. */
#define CHUNK 64

/* Part of a mask with a margin around it. */
typedef struct
{
  int width, height, margin; /* without the margin */
  gsize stride;              /* of @in, a multiple of CHUNK */
  guint8 *in;                /* (height + 2 margin) rows of width + 2 margin */
  guint8 *out;               /* height rows, stride bytes apart */
} Block;

typedef void (*BlockFunc) (const Block *block, double radius);

/* ---- Blocks ---------------------------------------------------------------------------------- */

/* The value of all of a tile that is within the picture; -1 when there is more than one. */
static int
constant_of (LimnTiles *tiles, int tx, int ty)
{
  LimnRect rect = _limn_tiles_rect (tiles, tx, ty);
  const guint8 *data = limn_tiles_read (tiles, tx, ty);

  if (limn_tiles_get_constant (tiles, tx, ty) >= 0)
    return limn_tiles_get_constant (tiles, tx, ty);
  if (rect.width > 1 && memcmp (data, data + 1, rect.width - 1) != 0)
    return -1;
  for (int y = 1; y < rect.height; y++)
    if (memcmp (data, data + (gsize)y * TILE, rect.width) != 0)
      return -1;
  return data[0];
}

static gint16 *
find_constants (LimnTiles *tiles)
{
  gint16 *constants = g_new (gint16, (gsize)tiles->n_columns * tiles->n_rows);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      constants[(gsize)ty * tiles->n_columns + tx] = (gint16)constant_of (tiles, tx, ty);
  return constants;
}

/* Whether @area grown by @margin is all of one value. */
static gboolean
is_constant (LimnTiles *tiles, const gint16 *constants, const LimnRect *area, int margin)
{
  int x0 = MAX (area->x - margin, 0) / TILE, y0 = MAX (area->y - margin, 0) / TILE;
  int x1 = MIN (area->x + area->width + margin, tiles->width) - 1;
  int y1 = MIN (area->y + area->height + margin, tiles->height) - 1;
  int value = constants[(gsize)y0 * tiles->n_columns + x0];

  for (int ty = y0; ty <= y1 / TILE; ty++)
    for (int tx = x0; tx <= x1 / TILE; tx++)
      if (value < 0 || constants[(gsize)ty * tiles->n_columns + tx] != value)
        return FALSE;
  return TRUE;
}

/* Fills @block's in; beyond the picture are zeros, or with @replicate its edge. */
static void
read_block (LimnTiles *mask, const LimnRect *area, Block *block, gboolean replicate)
{
  int m = block->margin, columns = area->width + 2 * m;
  LimnRect wanted = { area->x - m, area->y - m, columns, area->height + 2 * m };
  LimnRect all = { 0, 0, mask->width, mask->height }, part;
  int left, top;

  memset (block->in, 0, block->stride * (area->height + 2 * m));
  limn_rect_intersect (&wanted, &all, &part);
  left = part.x - wanted.x;
  top = part.y - wanted.y;
  limn_tiles_read_rect (mask, &part, block->in + (gsize)top * block->stride + left, block->stride);
  if (!replicate)
    return;
  for (int y = top; y < top + part.height; y++)
    {
      guint8 *row = block->in + (gsize)y * block->stride;

      memset (row, row[left], left);
      memset (row + left + part.width, row[left + part.width - 1], columns - left - part.width);
    }
  for (int y = 0; y < top; y++)
    memcpy (block->in + (gsize)y * block->stride, block->in + (gsize)top * block->stride, columns);
  for (int y = top + part.height; y < wanted.height; y++)
    memcpy (block->in + (gsize)y * block->stride,
            block->in + (gsize)(top + part.height - 1) * block->stride, columns);
}

static gboolean
rows_equal (const guint8 *a, gsize a_stride, const guint8 *b, gsize b_stride, int width, int height)
{
  for (int y = 0; y < height; y++)
    if (memcmp (a + y * a_stride, b + y * b_stride, width) != 0)
      return FALSE;
  return TRUE;
}

/* The value of all of @rows; -1 when there is more than one. */
static int
constant_of_rows (const guint8 *rows, gsize stride, int width, int height)
{
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (rows[(gsize)y * stride + x] != rows[0])
        return -1;
  return rows[0];
}

/* Takes the tiles of @area over from @block, sharing what is as it was, empty or full. */
static void
write_block (LimnTiles *out, LimnTiles *mask, const LimnRect *area, const Block *block)
{
  for (int ty = area->y / TILE; ty * TILE < area->y + area->height; ty++)
    for (int tx = area->x / TILE; tx * TILE < area->x + area->width; tx++)
      {
        LimnRect rect = _limn_tiles_rect (out, tx, ty);
        const guint8 *made
            = block->out + (gsize)(rect.y - area->y) * block->stride + (rect.x - area->x);
        int constant = constant_of_rows (made, block->stride, rect.width, rect.height);

        if (rows_equal (made, block->stride, limn_tiles_read (mask, tx, ty), TILE, rect.width,
                        rect.height))
          limn_tiles_share (out, mask, tx, ty);
        else if (constant >= 0)
          limn_tiles_fill_tile (out, tx, ty, (guint8)constant);
        else
          limn_tiles_write_rect (out, &rect, made, block->stride);
      }
}

static LimnTiles *
filter (LimnTiles *mask,
        double radius,
        int margin,
        gboolean replicate,
        BlockFunc func,
        GCancellable *cancellable)
{
  LimnTiles *out = limn_tiles_new (mask->width, mask->height, 1);
  g_autofree gint16 *constants = find_constants (mask);
  Block block = { .margin = margin };
  int side = BLOCK * TILE;
  g_autofree guint8 *in = NULL, *result = NULL;

  /* A CHUNK more on each side for loops that begin or end within one. */
  block.stride = ((gsize)side + 2 * margin + 3 * CHUNK - 1) / CHUNK * CHUNK;
  in = g_malloc0 (block.stride * ((gsize)side + 2 * margin) + 2 * CHUNK);
  result = g_malloc0 (block.stride * side + 2 * CHUNK);
  block.in = in + CHUNK;
  block.out = result + CHUNK;
  for (int y = 0; y < mask->height; y += side)
    for (int x = 0; x < mask->width; x += side)
      {
        LimnRect area = { x, y, MIN (side, mask->width - x), MIN (side, mask->height - y) };

        if (g_cancellable_is_cancelled (cancellable))
          {
            limn_tiles_free (out);
            return NULL;
          }
        if (is_constant (mask, constants, &area, margin))
          {
            for (int ty = y / TILE; ty * TILE < y + area.height; ty++)
              for (int tx = x / TILE; tx * TILE < x + area.width; tx++)
                limn_tiles_share (out, mask, tx, ty);
            continue;
          }
        block.width = area.width;
        block.height = area.height;
        read_block (mask, &area, &block, replicate);
        func (&block, radius);
        write_block (out, mask, &area, &block);
      }
  return out;
}

/* ---- Growing --------------------------------------------------------------------------------- */

/* a = max (a, b), whole CHUNKs. */
static void
max_into (guint8 *restrict a, const guint8 *restrict b, gsize n)
{
  for (gsize i = 0; i < n; i += CHUNK)
    for (int k = 0; k < CHUNK; k++)
      a[i + k] = a[i + k] > b[i + k] ? a[i + k] : b[i + k];
}

/* out = the largest of each byte of @row and its neighbours. */
static void
widen (const guint8 *restrict row, guint8 *restrict out, gsize n)
{
  for (gsize i = 0; i < n; i += CHUNK)
    for (int k = 0; k < CHUNK; k++)
      {
        guint8 a = row[i + k - 1], b = row[i + k], c = row[i + k + 1];
        guint8 m = a > c ? a : c;

        out[i + k] = b > m ? b : m;
      }
}

static gboolean
is_zero (const guint8 *row, gsize n)
{
  return row[0] == 0 && memcmp (row, row + 1, n - 1) == 0;
}

/*
 * A disc is a pile of lines, one of each row, of half a width that grows to its middle. Each row of
 * the block is widened pixel by pixel, and what has a line's width goes into the row that the line
 * is for.
 */
static void
grow_block (const Block *block, double radius)
{
  int m = block->margin;
  gsize n = ((gsize)block->width + CHUNK - 1) / CHUNK * CHUNK, all = block->stride - CHUNK;
  g_autofree guint8 *scratch = g_malloc0 (2 * (block->stride + 2 * CHUNK));
  guint8 *row = scratch + CHUNK, *next = row + block->stride + 2 * CHUNK;
  g_autofree int *widths = g_new (int, (gsize)m + 1);

  for (int dy = 0; dy <= m; dy++)
    widths[dy] = (int)sqrt (MAX (radius * radius - (double)dy * dy, 0));
  memset (block->out, 0, block->stride * block->height);
  for (int y = 0; y < block->height + 2 * m; y++)
    {
      const guint8 *in = block->in + (gsize)y * block->stride;
      int dy = m;

      if (is_zero (in, block->width + 2 * (gsize)m))
        continue;
      memcpy (row, in, block->stride - CHUNK);
      /* Lines from the narrowest, at the disc's top and bottom, to the widest. */
      for (int w = 0; dy >= 0; w++)
        {
          for (; dy >= 0 && widths[dy] == w; dy--)
            for (int side = -1; side <= (dy > 0 ? 1 : -1); side += 2)
              {
                int to = y - m + side * dy;

                if (to >= 0 && to < block->height)
                  max_into (block->out + (gsize)to * block->stride, row + m, n);
              }
          widen (row, next, all);
          {
            guint8 *swap = row;

            row = next;
            next = swap;
          }
        }
    }
}

LimnTiles *
limn_mask_grow (LimnTiles *mask, double radius, GCancellable *cancellable)
{
  g_return_val_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1, NULL);

  radius = CLAMP (radius, 0, LIMN_MASK_MAX_RADIUS);
  return filter (mask, radius, (int)radius, FALSE, grow_block, cancellable);
}

LimnTiles *
limn_mask_shrink (LimnTiles *mask, double radius, GCancellable *cancellable)
{
  g_autoptr (LimnTiles) rest = NULL;
  LimnTiles *grown;

  g_return_val_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1, NULL);

  rest = limn_tiles_copy (mask);
  limn_tiles_invert (rest);
  grown = limn_mask_grow (rest, radius, cancellable);
  if (grown == NULL)
    return NULL;
  limn_tiles_invert (grown);
  /* Turned around twice is the same, but not the same tiles. */
  for (int ty = 0; ty < mask->n_rows; ty++)
    for (int tx = 0; tx < mask->n_columns; tx++)
      {
        const guint8 *a = limn_tiles_read (grown, tx, ty), *b = limn_tiles_read (mask, tx, ty);
        int constant = limn_tiles_get_constant (grown, tx, ty);

        if (a != b
            && (constant >= 0 ? constant == limn_tiles_get_constant (mask, tx, ty)
                              : memcmp (a, b, mask->tile_bytes) == 0))
          limn_tiles_share (grown, mask, tx, ty);
      }
  return grown;
}

/* ---- Feathering ------------------------------------------------------------------------------ */

/* Half the width of each of the three boxes. */
static int
box_half (double radius)
{
  double sigma = radius / 2;

  return (int)rint ((sqrt (4 * sigma * sigma + 1) - 1) / 2);
}

/* Sums of 2 @half + 1 neighbours: n + 2 half values become n. */
static void
box (const guint64 *in, guint64 *out, int n, int half)
{
  guint64 sum = 0;

  for (int i = 0; i < 2 * half; i++)
    sum += in[i];
  for (int i = 0; i < n; i++)
    {
      sum += in[i + 2 * half];
      out[i] = sum;
      sum -= in[i];
    }
}

/* Three boxes along each of @n_rows rows of n + 6 half values; written as columns of @out, n rows
 * of n_rows. Exact but for one rounding, so that where a block ends does not show. */
static void
blur_transposed (const guint16 *in, guint16 *out, int n, int n_rows, int half)
{
  int full = n + 6 * half;
  g_autofree guint64 *a = g_new (guint64, full), *b = g_new (guint64, full);
  double share = 1.0 / pow (2.0 * half + 1, 3);

  for (int y = 0; y < n_rows; y++)
    {
      const guint16 *row = in + (gsize)y * full;

      for (int x = 0; x < full; x++)
        a[x] = row[x];
      box (a, b, n + 4 * half, half);
      box (b, a, n + 2 * half, half);
      box (a, b, n, half);
      for (int x = 0; x < n; x++)
        out[(gsize)x * n_rows + y] = (guint16)((double)b[x] * share + 0.5);
    }
}

static void
feather_block (const Block *block, double radius)
{
  int m = block->margin, columns = block->width + 2 * m, rows = block->height + 2 * m;
  g_autofree guint16 *wide = g_new (guint16, (gsize)columns * rows);
  g_autofree guint16 *across = g_new (guint16, (gsize)block->width * rows);
  g_autofree guint16 *done = g_new (guint16, (gsize)block->width * block->height);

  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      wide[(gsize)y * columns + x] = (guint16)(block->in[(gsize)y * block->stride + x] * 257);
  blur_transposed (wide, across, block->width, rows, m / 3);
  blur_transposed (across, done, block->height, block->width, m / 3);
  for (int y = 0; y < block->height; y++)
    for (int x = 0; x < block->width; x++)
      block->out[(gsize)y * block->stride + x]
          = (guint8)((done[(gsize)y * block->width + x] + 128) / 257);
}

LimnTiles *
limn_mask_feather (LimnTiles *mask, double radius, GCancellable *cancellable)
{
  g_return_val_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1, NULL);

  radius = CLAMP (radius, 0, LIMN_MASK_MAX_RADIUS);
  return filter (mask, radius, 3 * box_half (radius), TRUE, feather_block, cancellable);
}
