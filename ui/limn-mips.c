/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-mips.h"

#include <string.h>

#define TILE LIMN_TILE_SIZE
/* 65535 pixels become one after 16 halvings. */
#define MAX_LEVELS 17

/* What of a tile is not what the level before says, in pixels from its corner: columns x0 .. x1 -
 * 1, rows y0 .. y1 - 1. Nothing when x1 is 0. */
typedef struct
{
  guint16 x0, y0, x1, y1;
} Stale;

typedef struct
{
  LimnTiles *tiles;
  int width, height;
  int columns, rows;
  Stale *stale; /* of each tile; NULL for level 0 */
} Level;

struct _LimnMips
{
  int n_levels;
  int channels;
  gboolean is_borrowed; /* level 0's tiles */
  Level levels[MAX_LEVELS];
};

static int
tiles_across (int pixels)
{
  return (pixels + TILE - 1) / TILE;
}

static void
level_init (Level *level, LimnTiles *tiles, gboolean is_base)
{
  gsize n;

  level->tiles = tiles;
  level->width = limn_tiles_get_width (tiles);
  level->height = limn_tiles_get_height (tiles);
  level->columns = tiles_across (level->width);
  level->rows = tiles_across (level->height);
  if (is_base)
    return;
  n = (gsize)level->columns * level->rows;
  level->stale = g_new (Stale, n);
  for (gsize i = 0; i < n; i++)
    level->stale[i] = (Stale){ 0, 0, TILE, TILE };
}

LimnMips *
limn_mips_new (LimnTiles *tiles)
{
  LimnMips *mips;
  int width, height;

  g_return_val_if_fail (tiles != NULL, NULL);

  mips = g_new0 (LimnMips, 1);
  mips->channels = limn_tiles_get_channels (tiles);
  width = limn_tiles_get_width (tiles);
  height = limn_tiles_get_height (tiles);
  level_init (&mips->levels[0], limn_tiles_copy (tiles), TRUE);
  mips->n_levels = 1;
  while ((width > 1 || height > 1) && mips->n_levels < MAX_LEVELS)
    {
      width = (width + 1) / 2;
      height = (height + 1) / 2;
      level_init (&mips->levels[mips->n_levels++], limn_tiles_new (width, height, mips->channels),
                  FALSE);
    }
  return mips;
}

LimnMips *
limn_mips_copy (LimnMips *mips)
{
  LimnMips *copy = g_new0 (LimnMips, 1);

  copy->n_levels = mips->n_levels;
  copy->channels = mips->channels;
  for (int i = 0; i < mips->n_levels; i++)
    {
      const Level *from = &mips->levels[i];

      level_init (&copy->levels[i], limn_tiles_copy (from->tiles), i == 0);
      if (from->stale != NULL)
        memcpy (copy->levels[i].stale, from->stale,
                (gsize)from->columns * from->rows * sizeof (Stale));
    }
  return copy;
}

static void
drop_base (LimnMips *mips)
{
  if (!mips->is_borrowed)
    limn_tiles_free (mips->levels[0].tiles);
  mips->levels[0].tiles = NULL;
}

void
limn_mips_free (LimnMips *mips)
{
  if (mips == NULL)
    return;
  drop_base (mips);
  for (int i = 1; i < mips->n_levels; i++)
    {
      limn_tiles_free (mips->levels[i].tiles);
      g_free (mips->levels[i].stale);
    }
  g_free (mips);
}

static gboolean
is_of_this_size (LimnMips *mips, LimnTiles *tiles)
{
  return limn_tiles_get_width (tiles) == mips->levels[0].width
         && limn_tiles_get_height (tiles) == mips->levels[0].height
         && limn_tiles_get_channels (tiles) == mips->channels;
}

void
limn_mips_borrow (LimnMips *mips, LimnTiles *tiles)
{
  g_return_if_fail (mips != NULL && tiles != NULL && is_of_this_size (mips, tiles));

  drop_base (mips);
  mips->levels[0].tiles = tiles;
  mips->is_borrowed = TRUE;
}

int
limn_mips_get_n_levels (LimnMips *mips)
{
  return mips->n_levels;
}

int
limn_mips_get_channels (LimnMips *mips)
{
  return mips->channels;
}

void
limn_mips_get_size (LimnMips *mips, int level, int *width, int *height)
{
  g_return_if_fail (level >= 0 && level < mips->n_levels);

  *width = mips->levels[level].width;
  *height = mips->levels[level].height;
}

/* Averages the four parents of each pixel of rows [y0, y1), columns [x0, x1) of a quarter of a
 * tile. @right and @down: how far the second column and row are from the first, 0 at the picture's
 * edge, where the last pixel counts twice. Colours of transparent pixels are averaged like all
 * others: the difference can not be seen on the checkerboard. */
static void
halve (const guint8 *src,
       guint8 *dst,
       int channels,
       int x0,
       int x1,
       int y0,
       int y1,
       int src_width,
       int src_height)
{
  gsize stride = (gsize)TILE * channels;

  for (int y = y0; y < y1; y++)
    {
      const guint8 *above = src + (gsize)(2 * y) * stride;
      const guint8 *below = 2 * y + 1 < src_height ? above + stride : above;
      guint8 *out = dst + (gsize)y * stride;

      for (int x = x0; x < x1; x++)
        {
          gsize a = (gsize)(2 * x) * channels;
          gsize b = 2 * x + 1 < src_width ? a + channels : a;

          for (int c = 0; c < channels; c++)
            out[(gsize)x * channels + c]
                = (above[a + c] + above[b + c] + below[a + c] + below[b + c] + 2) >> 2;
        }
    }
}

/* Re-makes @rect (pixels of @level, within tile tx, ty) from the level above it, whose tiles are
 * valid. */
static void
average (LimnMips *mips, int level, int tx, int ty, const LimnRect *rect)
{
  Level *self = &mips->levels[level];
  Level *parent = &mips->levels[level - 1];
  guint8 *dst = limn_tiles_write (self->tiles, tx, ty);

  for (int qy = 0; qy < 2; qy++)
    for (int qx = 0; qx < 2; qx++)
      {
        LimnRect quarter
            = { tx * TILE + qx * TILE / 2, ty * TILE + qy * TILE / 2, TILE / 2, TILE / 2 };
        LimnRect part;
        int px = 2 * tx + qx, py = 2 * ty + qy;

        if (px >= parent->columns || py >= parent->rows
            || !limn_rect_intersect (&quarter, rect, &part))
          continue;
        halve (limn_tiles_read (parent->tiles, px, py),
               dst + ((gsize)(qy * TILE / 2) * TILE + qx * TILE / 2) * mips->channels,
               mips->channels, part.x - quarter.x, part.x - quarter.x + part.width,
               part.y - quarter.y, part.y - quarter.y + part.height, parent->width - px * TILE,
               parent->height - py * TILE);
      }
}

static void
level_rect (const Level *level, LimnRect *out)
{
  *out = (LimnRect){ 0, 0, level->width, level->height };
}

/* The one value that all parents of a tile have; -1 when there may be several. */
static int
constant_of_parents (const Level *parent, int tx, int ty)
{
  int value = limn_tiles_get_constant (parent->tiles, 2 * tx, 2 * ty);

  for (int y = 2 * ty; y < MIN (2 * ty + 2, parent->rows); y++)
    for (int x = 2 * tx; x < MIN (2 * tx + 2, parent->columns); x++)
      if (limn_tiles_get_constant (parent->tiles, x, y) != value)
        return -1;
  return value;
}

/* Re-makes what @rect (pixels of @level) has of a tile, whose parents are valid. */
static void
remake (LimnMips *mips, int level, int tx, int ty, const LimnRect *rect)
{
  int constant = constant_of_parents (&mips->levels[level - 1], tx, ty);

  if (constant >= 0)
    limn_tiles_fill_tile (mips->levels[level].tiles, tx, ty, (guint8)constant);
  else
    average (mips, level, tx, ty, rect);
}

static gboolean ensure (LimnMips *mips, int level, const LimnRect *rect, gint64 deadline);

/* What is stale of a tile that is, and what that is made of. */
static gboolean
ensure_tile (LimnMips *mips, int level, int tx, int ty, gint64 deadline)
{
  Level *self = &mips->levels[level];
  Stale *stale = &self->stale[(gsize)ty * self->columns + tx];
  LimnRect all, rect = { tx * TILE + stale->x0, ty * TILE + stale->y0, stale->x1 - stale->x0,
                         stale->y1 - stale->y0 };
  LimnRect parents = { 2 * rect.x, 2 * rect.y, 2 * rect.width, 2 * rect.height };

  if (!ensure (mips, level - 1, &parents, deadline))
    return FALSE;
  if (deadline != LIMN_NO_DEADLINE && g_get_monotonic_time () > deadline)
    return FALSE;
  level_rect (self, &all);
  if (limn_rect_intersect (&all, &rect, &rect))
    remake (mips, level, tx, ty, &rect);
  *stale = (Stale){ 0 };
  return TRUE;
}

static gboolean
ensure (LimnMips *mips, int level, const LimnRect *rect, gint64 deadline)
{
  Level *self = &mips->levels[level];
  LimnRect all, part;

  level_rect (self, &all);
  if (level == 0 || !limn_rect_intersect (&all, rect, &part))
    return TRUE;
  for (int ty = part.y / TILE; ty <= (part.y + part.height - 1) / TILE; ty++)
    for (int tx = part.x / TILE; tx <= (part.x + part.width - 1) / TILE; tx++)
      if (self->stale[(gsize)ty * self->columns + tx].x1 > 0
          && !ensure_tile (mips, level, tx, ty, deadline))
        return FALSE;
  return TRUE;
}

gboolean
limn_mips_ensure (LimnMips *mips, int level, const LimnRect *rect, gint64 deadline)
{
  g_return_val_if_fail (level >= 0 && level < mips->n_levels, FALSE);

  return ensure (mips, level, rect, deadline);
}

gboolean
limn_mips_is_made (LimnMips *mips, int level, const LimnRect *rect)
{
  Level *self = &mips->levels[level];
  LimnRect all, part;

  level_rect (self, &all);
  if (level == 0 || !limn_rect_intersect (&all, rect, &part))
    return TRUE;
  for (int ty = part.y / TILE; ty <= (part.y + part.height - 1) / TILE; ty++)
    for (int tx = part.x / TILE; tx <= (part.x + part.width - 1) / TILE; tx++)
      if (self->stale[(gsize)ty * self->columns + tx].x1 > 0)
        return FALSE;
  return TRUE;
}

/* @part lies in the tile. */
static void
add_stale (Level *level, int tx, int ty, const LimnRect *part)
{
  Stale *stale = &level->stale[(gsize)ty * level->columns + tx];
  int x0 = part->x - tx * TILE, y0 = part->y - ty * TILE;
  int x1 = x0 + part->width, y1 = y0 + part->height;

  if (stale->x1 > 0)
    {
      x0 = MIN (x0, stale->x0);
      y0 = MIN (y0, stale->y0);
      x1 = MAX (x1, stale->x1);
      y1 = MAX (y1, stale->y1);
    }
  *stale = (Stale){ (guint16)x0, (guint16)y0, (guint16)x1, (guint16)y1 };
}

void
limn_mips_invalidate (LimnMips *mips, const LimnRect *rect)
{
  LimnRect dirty, all;

  g_return_if_fail (mips != NULL && rect != NULL);

  level_rect (&mips->levels[0], &all);
  if (!limn_rect_intersect (rect, &all, &dirty))
    return;
  for (int i = 1; i < mips->n_levels; i++)
    {
      Level *level = &mips->levels[i];
      int x1 = (dirty.x + dirty.width - 1) / 2, y1 = (dirty.y + dirty.height - 1) / 2;

      dirty = (LimnRect){ dirty.x / 2, dirty.y / 2, x1 - dirty.x / 2 + 1, y1 - dirty.y / 2 + 1 };
      for (int ty = dirty.y / TILE; ty <= y1 / TILE; ty++)
        for (int tx = dirty.x / TILE; tx <= x1 / TILE; tx++)
          {
            LimnRect tile = { tx * TILE, ty * TILE, TILE, TILE }, part;

            if (limn_rect_intersect (&tile, &dirty, &part))
              add_stale (level, tx, ty, &part);
          }
    }
}

void
limn_mips_update (LimnMips *mips, LimnTiles *tiles, const LimnRect *rect)
{
  g_return_if_fail (mips != NULL && tiles != NULL && is_of_this_size (mips, tiles));

  drop_base (mips);
  mips->levels[0].tiles = limn_tiles_copy (tiles);
  mips->is_borrowed = FALSE;
  limn_mips_invalidate (mips, rect);
}

LimnMips *
limn_mips_new_changed (LimnMips *mips, LimnTiles *tiles)
{
  LimnMips *changed = limn_mips_copy (mips);
  LimnRect diff;

  if (limn_tiles_diff (mips->levels[0].tiles, tiles, &diff))
    limn_mips_update (changed, tiles, &diff);
  return changed;
}

void
limn_mips_read (LimnMips *mips, int level, const LimnRect *rect, guint8 *dst, gsize stride)
{
  limn_tiles_read_rect (mips->levels[level].tiles, rect, dst, stride);
}

gboolean
limn_mips_is_untouched (LimnMips *mips, int level, const LimnRect *rect)
{
  Level *self = &mips->levels[level];
  LimnRect all, part;

  level_rect (self, &all);
  if (!limn_rect_intersect (&all, rect, &part))
    return TRUE;
  for (int ty = part.y / TILE; ty <= (part.y + part.height - 1) / TILE; ty++)
    for (int tx = part.x / TILE; tx <= (part.x + part.width - 1) / TILE; tx++)
      if (limn_tiles_get_constant (self->tiles, tx, ty) != 0)
        return FALSE;
  return TRUE;
}
