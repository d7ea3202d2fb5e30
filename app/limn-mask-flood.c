/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-mask"

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/limn-mask-flood.h"
#include "app/limn-tiles-private.h"

#define TILE LIMN_TILE_SIZE
#define BITS 64

/* One bit for each pixel, rows of whole words; bits beyond the picture's width are 0. */
typedef struct
{
  int width, height;
  gsize words; /* of a row */
  guint64 *bits;
} Bitmap;

static Bitmap *
bitmap_new (int width, int height)
{
  Bitmap *self = g_new (Bitmap, 1);

  *self = (Bitmap){ width, height, ((gsize)width + BITS - 1) / BITS, NULL };
  self->bits = g_new0 (guint64, self->words * height);
  return self;
}

static void
bitmap_free (Bitmap *self)
{
  g_free (self->bits);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bitmap, bitmap_free)

static guint64 *
bitmap_row (const Bitmap *self, int y)
{
  return self->bits + (gsize)y * self->words;
}

static gboolean
bitmap_get (const Bitmap *self, int x, int y)
{
  return bitmap_row (self, y)[x / BITS] >> (x % BITS) & 1;
}

/* The first x from @x to @end - 1 whose bit is @value, or @end. */
static int
find_bit (const guint64 *row, int x, int end, gboolean value)
{
  while (x < end)
    {
      guint64 word = value ? row[x / BITS] : ~row[x / BITS];

      word &= ~(guint64)0 << (x % BITS);
      if (word != 0)
        return MIN (end, x / BITS * BITS + __builtin_ctzll (word));
      x = (x / BITS + 1) * BITS;
    }
  return end;
}

/* The x after the last one below @x whose bit is 0, down to 0. */
static int
find_run_start (const guint64 *row, int x)
{
  while (x > 0)
    {
      int bit = (x - 1) % BITS;
      guint64 word = ~row[(x - 1) / BITS] & (~(guint64)0 >> (BITS - 1 - bit));

      if (word != 0)
        return (x - 1) / BITS * BITS + BITS - __builtin_clzll (word);
      x = (x - 1) / BITS * BITS;
    }
  return 0;
}

/* Sets, or with @value FALSE clears, bits x0 .. x1 - 1. */
static void
set_bits (guint64 *row, int x0, int x1, gboolean value)
{
  while (x0 < x1)
    {
      int end = MIN (x1, (x0 / BITS + 1) * BITS);
      guint64 bits = (~(guint64)0 >> (BITS - (end - x0))) << (x0 % BITS);

      if (value)
        row[x0 / BITS] |= bits;
      else
        row[x0 / BITS] &= ~bits;
      x0 = end;
    }
}

/* ---- Flooding -------------------------------------------------------------------------------- */

typedef struct
{
  int x, y;
} Place;

/* Puts the beginning of each run of open bits of row @y between x0 and x1 - 1 on the stack. */
static void
push_runs (const Bitmap *open, GArray *stack, int y, int x0, int x1)
{
  const guint64 *row;

  if (y < 0 || y >= open->height)
    return;
  row = bitmap_row (open, y);
  for (int x = find_bit (row, x0, x1, TRUE); x < x1; x = find_bit (row, x, x1, TRUE))
    {
      Place place = { x, y };

      g_array_append_val (stack, place);
      x = find_bit (row, x, x1, FALSE);
    }
}

/* What hangs together: how much it is, and which sides of the picture it touches. */
enum
{
  SIDE_LEFT = 1 << 0,
  SIDE_TOP = 1 << 1,
  SIDE_RIGHT = 1 << 2,
  SIDE_BOTTOM = 1 << 3,
};

typedef struct
{
  gint64 area;
  guint sides;
  Place place; /* somewhere in it */
} Extent;

static void
extend (Extent *extent, const Bitmap *bitmap, int y, int x0, int x1)
{
  extent->area += x1 - x0;
  extent->sides |= (x0 == 0 ? SIDE_LEFT : 0) | (x1 == bitmap->width ? SIDE_RIGHT : 0)
                   | (y == 0 ? SIDE_TOP : 0) | (y == bitmap->height - 1 ? SIDE_BOTTOM : 0);
}

/*
 * Moves from @open to @reached all that hangs together, by its sides, with the places on @stack.
 * Runs of rows at a time: the second way of A. R. Smith, "Tint fill", SIGGRAPH 1979. Adds it to
 * @extent (nullable). FALSE when cancelled.
 */
static gboolean
flood (Bitmap *open, Bitmap *reached, GArray *stack, Extent *extent, GCancellable *cancellable)
{
  guint n = 0;

  while (stack->len > 0)
    {
      Place place = g_array_index (stack, Place, stack->len - 1);
      guint64 *row = bitmap_row (open, place.y);
      int x0, x1;

      g_array_set_size (stack, stack->len - 1);
      if (!bitmap_get (open, place.x, place.y))
        continue;
      if ((++n & 0xfff) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      x0 = find_run_start (row, place.x);
      x1 = find_bit (row, place.x, open->width, FALSE);
      set_bits (row, x0, x1, FALSE);
      set_bits (bitmap_row (reached, place.y), x0, x1, TRUE);
      if (extent != NULL)
        extend (extent, open, place.y, x0, x1);
      push_runs (open, stack, place.y - 1, x0, x1);
      push_runs (open, stack, place.y + 1, x0, x1);
    }
  return TRUE;
}

/* ---- From and to tiles ----------------------------------------------------------------------- */

/* Sets the bits of the pixels of @rect, one tile, for which @is_set says so. */
#define FILL_BITS(bitmap, rect, is_set)                                                            \
  for (int y = 0; y < (rect).height; y++)                                                          \
    {                                                                                              \
      guint64 *row_ = bitmap_row (bitmap, (rect).y + y) + (rect).x / BITS;                         \
      for (int x = 0; x < (rect).width; x++)                                                       \
        row_[x / BITS] |= (guint64)(is_set) << (x % BITS);                                         \
    }

static void
find_unmasked (LimnTiles *mask, Bitmap *open, int tx, int ty)
{
  LimnRect rect = _limn_tiles_rect (mask, tx, ty);
  const guint8 *data = limn_tiles_read (mask, tx, ty);
  int constant = limn_tiles_get_constant (mask, tx, ty);

  if (constant >= 0)
    for (int y = 0; y < rect.height && constant < 128; y++)
      set_bits (bitmap_row (open, rect.y + y), rect.x, rect.x + rect.width, TRUE);
  else
    FILL_BITS (open, rect, data[(gsize)y * TILE + x] < 128)
}

static inline gboolean
is_like (const guint8 *pixel, const guint8 *colour, int limit)
{
  return ABS (pixel[0] - colour[0]) <= limit && ABS (pixel[1] - colour[1]) <= limit
         && ABS (pixel[2] - colour[2]) <= limit;
}

static void
find_alike (LimnTiles *image, Bitmap *open, const guint8 *colour, int limit, int tx, int ty)
{
  LimnRect rect = _limn_tiles_rect (image, tx, ty);
  const guint8 *data = limn_tiles_read (image, tx, ty);
  gsize c = image->channels;

  FILL_BITS (open, rect, is_like (data + ((gsize)y * TILE + x) * c, colour, limit))
}

/* How many bits of the tile's part of @found are set: none, some or all, as 0, 1 and 2. */
static int
measure (const Bitmap *found, const LimnRect *rect)
{
  gboolean any = FALSE, all = TRUE;

  for (int y = 0; y < rect->height; y++)
    {
      const guint64 *row = bitmap_row (found, rect->y + y);
      int end = rect->x + rect->width;

      any = any || find_bit (row, rect->x, end, TRUE) < end;
      all = all && find_bit (row, rect->x, end, FALSE) == end;
      if (any && !all)
        return 1;
    }
  return all ? 2 : 0;
}

/* Adds what is found to the mask's copy @out, or takes it away. */
static void
apply_found (LimnTiles *out, const Bitmap *found, gboolean subtract)
{
  for (int ty = 0; ty < out->n_rows; ty++)
    for (int tx = 0; tx < out->n_columns; tx++)
      {
        LimnRect rect = _limn_tiles_rect (out, tx, ty);
        int share = measure (found, &rect);
        guint8 *data;

        if (share == 0 || (subtract && limn_tiles_read (out, tx, ty) == _limn_tile_read (NULL)))
          continue;
        if (share == 2)
          {
            limn_tiles_fill_tile (out, tx, ty, subtract ? 0 : 255);
            continue;
          }
        data = limn_tiles_write (out, tx, ty);
        for (int y = 0; y < rect.height; y++)
          for (int x = 0; x < rect.width; x++)
            if (bitmap_get (found, rect.x + x, rect.y + y))
              data[(gsize)y * TILE + x] = subtract ? 0 : 255;
      }
}

/* The mask at (x, y), 255 beyond the picture. */
static guint8
value_at (LimnTiles *mask, int x, int y)
{
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return 255;
  return limn_tiles_read (mask, x / TILE, y / TILE)[(gsize)(y % TILE) * TILE + x % TILE];
}

/* Puts the neighbours of (@x, @y) that are above @value, and not full, on the stack. */
static void
push_higher (LimnTiles *mask, GArray *stack, int x, int y, int value)
{
  const Place around[4] = { { x - 1, y }, { x + 1, y }, { x, y - 1 }, { x, y + 1 } };

  for (int i = 0; i < 4; i++)
    {
      int other = value_at (mask, around[i].x, around[i].y);

      if (other > value && other >= 128 && other < 255)
        g_array_append_val (stack, around[i]);
    }
}

/* The inner edges of what was filled, up to their crest: a soft edge would be left as a line. */
static void
fill_edges (LimnTiles *out, LimnTiles *mask, const Bitmap *holes)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Place));

  for (int y = 0; y < holes->height; y++)
    {
      const guint64 *row = bitmap_row (holes, y);

      for (int x = find_bit (row, 0, holes->width, TRUE); x < holes->width;
           x = find_bit (row, x + 1, holes->width, TRUE))
        push_higher (mask, stack, x, y, value_at (mask, x, y));
    }
  while (stack->len > 0)
    {
      Place place = g_array_index (stack, Place, stack->len - 1);

      g_array_set_size (stack, stack->len - 1);
      if (value_at (out, place.x, place.y) == 255)
        continue;
      limn_tiles_write (out, place.x / TILE,
                        place.y / TILE)[(gsize)(place.y % TILE) * TILE + place.x % TILE]
          = 255;
      push_higher (mask, stack, place.x, place.y, value_at (mask, place.x, place.y));
    }
}

/* Places on the picture's edge that are open, each run of them once. */
static void
push_border (const Bitmap *open, GArray *border)
{
  for (int y = 0; y < open->height; y++)
    {
      push_runs (open, border, y, 0, y == 0 || y == open->height - 1 ? open->width : 1);
      push_runs (open, border, y, open->width - 1, open->width);
    }
}

/* Whether the picture's edge closes an area: it touches one side, or two that meet in a corner. */
static gboolean
is_closed_by_border (const Extent *extent)
{
  guint sides = extent->sides;

  return (sides & (SIDE_LEFT | SIDE_RIGHT)) != (SIDE_LEFT | SIDE_RIGHT)
         && (sides & (SIDE_TOP | SIDE_BOTTOM)) != (SIDE_TOP | SIDE_BOTTOM);
}

/* Moves what is outside of the mask from @open to @outside: areas that touch the picture's edge, but
 * for those that a ring cut off by that edge encloses. The largest area is always outside. FALSE when
 * cancelled. */
static gboolean
find_outside (Bitmap *open, Bitmap *outside, GCancellable *cancellable)
{
  g_autoptr (GArray) border = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GArray) areas = g_array_new (FALSE, FALSE, sizeof (Extent));
  gint64 largest = 0;

  push_border (open, border);
  for (guint i = 0; i < border->len; i++)
    {
      Extent extent = { .place = g_array_index (border, Place, i) };

      if (!bitmap_get (open, extent.place.x, extent.place.y))
        continue;
      g_array_append_val (stack, extent.place);
      if (!flood (open, outside, stack, &extent, cancellable))
        return FALSE;
      g_array_append_val (areas, extent);
      largest = MAX (largest, extent.area);
    }
  for (guint i = 0; i < areas->len; i++)
    {
      const Extent *extent = &g_array_index (areas, Extent, i);

      if (extent->area == largest || !is_closed_by_border (extent))
        continue;
      g_array_append_val (stack, extent->place);
      if (!flood (outside, open, stack, NULL, cancellable))
        return FALSE;
    }
  return TRUE;
}

LimnTiles *
limn_mask_fill_holes (LimnTiles *mask, GCancellable *cancellable)
{
  g_autoptr (Bitmap) open = NULL;
  g_autoptr (Bitmap) outside = NULL;
  LimnTiles *out;

  g_return_val_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1, NULL);

  open = bitmap_new (mask->width, mask->height);
  outside = bitmap_new (mask->width, mask->height);
  for (int ty = 0; ty < mask->n_rows; ty++)
    for (int tx = 0; tx < mask->n_columns; tx++)
      find_unmasked (mask, open, tx, ty);
  if (!find_outside (open, outside, cancellable))
    return NULL;
  /* What is still open was not reached. */
  out = limn_tiles_copy (mask);
  apply_found (out, open, FALSE);
  fill_edges (out, mask, open);
  return out;
}

LimnTiles *
limn_mask_wand (LimnTiles *mask,
                LimnTiles *image,
                int x,
                int y,
                double tolerance,
                gboolean contiguous,
                LimnMaskMode mode,
                GCancellable *cancellable)
{
  g_autoptr (Bitmap) alike = NULL;
  g_autoptr (Bitmap) found = NULL;
  LimnTiles *out;
  guint8 colour[4];

  g_return_val_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1, NULL);
  g_return_val_if_fail (image != NULL && image->channels >= 3, NULL);
  g_return_val_if_fail (mask->width == image->width && mask->height == image->height, NULL);

  out = limn_tiles_copy (mask);
  if (mode == LIMN_MASK_REPLACE)
    limn_tiles_fill (out, 0);
  if (x < 0 || y < 0 || x >= mask->width || y >= mask->height)
    return out;
  limn_tiles_read_rect (image, &(LimnRect){ x, y, 1, 1 }, colour, 4);
  alike = bitmap_new (mask->width, mask->height);
  for (int ty = 0; ty < mask->n_rows && !g_cancellable_is_cancelled (cancellable); ty++)
    for (int tx = 0; tx < mask->n_columns; tx++)
      find_alike (image, alike, colour, (int)rint (CLAMP (tolerance, 0, 1) * 255), tx, ty);
  if (contiguous)
    {
      g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Place));
      Place start = { x, y };

      found = bitmap_new (mask->width, mask->height);
      g_array_append_val (stack, start);
      flood (alike, found, stack, NULL, cancellable);
    }
  if (g_cancellable_is_cancelled (cancellable))
    {
      limn_tiles_free (out);
      return NULL;
    }
  apply_found (out, contiguous ? found : alike, mode == LIMN_MASK_SUBTRACT);
  return out;
}
