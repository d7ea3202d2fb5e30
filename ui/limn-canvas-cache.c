/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-canvas-cache"

#include "ui/limn-canvas-cache.h"

#include <math.h>
#include <string.h>

#include "ui/limn-canvas-tile.h"
#include "ui/limn-scaler.h"

#define TILE LIMN_DISPLAY_TILE
/* Tiles kept although they are out of sight: 64 MiB. */
#define MAX_TILES 256
/* What cairo takes to draw a tile that is another than in the last frame, microseconds: it is
 * counted as if it were part of making it. */
#define DRAW_COST 150
/* So many tiles that come into sight at once are made as they should be, instead of being sketched
 * first. */
#define MAX_UNSKETCHED 4

struct _LimnCanvasCache
{
  /* Borrowed */
  LimnMips *image;
  LimnMips *mask;

  /* Owned */
  GHashTable *tiles; /* LimnCanvasTile -> itself, at scale */
  GHashTable *old;   /* (nullable) complete tiles of old_scale */
  LimnTilePool *pool;
  LimnScaler *scaler;
  guint8 *picture_scratch;
  guint8 *mask_scratch;

  double scale, old_scale;
  guint8 tint[3];
  guint n_rendered;
  guint complete : 1;  /* all that was visible last time is there, if only as a sketch */
  guint is_moving : 1; /* the scale is not what it was last time */
  guint is_software : 1;
};

LimnCanvasCache *
limn_canvas_cache_new (void)
{
  LimnCanvasCache *cache = g_new0 (LimnCanvasCache, 1);

  cache->tiles = limn_canvas_tile_table_new ();
  cache->pool = limn_tile_pool_new ();
  cache->scaler = limn_scaler_new ();
  cache->picture_scratch = g_malloc ((gsize)TILE * TILE * 4);
  /* One pixel more on each side for the outline. */
  cache->mask_scratch = g_malloc ((gsize)(TILE + 2) * (TILE + 2));
  cache->scale = 1;
  return cache;
}

void
limn_canvas_cache_free (LimnCanvasCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->tiles);
  g_clear_pointer (&cache->old, g_hash_table_unref);
  limn_tile_pool_unref (cache->pool);
  limn_scaler_free (cache->scaler);
  g_free (cache->picture_scratch);
  g_free (cache->mask_scratch);
  g_free (cache);
}

void
limn_canvas_cache_set_image (LimnCanvasCache *cache, LimnMips *image)
{
  cache->image = image;
  cache->mask = NULL;
  cache->complete = FALSE;
  g_hash_table_remove_all (cache->tiles);
  g_clear_pointer (&cache->old, g_hash_table_unref);
}

void
limn_canvas_cache_set_mask (LimnCanvasCache *cache, LimnMips *mask)
{
  if (cache->mask == mask)
    return;
  cache->mask = mask;
  limn_canvas_cache_invalidate (cache, NULL);
}

void
limn_canvas_cache_set_mask_colour (LimnCanvasCache *cache, const GdkRGBA *colour)
{
  cache->tint[0] = (guint8)rintf (CLAMP (colour->red, 0, 1) * 255);
  cache->tint[1] = (guint8)rintf (CLAMP (colour->green, 0, 1) * 255);
  cache->tint[2] = (guint8)rintf (CLAMP (colour->blue, 0, 1) * 255);
  if (cache->mask != NULL)
    limn_canvas_cache_invalidate (cache, NULL);
}

void
limn_canvas_cache_set_scale (LimnCanvasCache *cache, double scale)
{
  if (cache->scale == scale)
    return;
  /* Of an unfinished scale (in the middle of a pinch) nothing is kept: the last finished one covers
   * more. */
  if (cache->complete)
    {
      g_clear_pointer (&cache->old, g_hash_table_unref);
      cache->old = g_steal_pointer (&cache->tiles);
      cache->old_scale = cache->scale;
      cache->tiles = limn_canvas_tile_table_new ();
    }
  else
    g_hash_table_remove_all (cache->tiles);
  cache->scale = scale;
  cache->complete = FALSE;
  cache->is_moving = TRUE;
}

void
limn_canvas_cache_set_software (LimnCanvasCache *cache, gboolean software)
{
  if (cache->is_software == !!software)
    return;
  cache->is_software = !!software;
  g_hash_table_remove_all (cache->tiles);
  g_clear_pointer (&cache->old, g_hash_table_unref);
}

void
limn_canvas_cache_invalidate (LimnCanvasCache *cache, const LimnRect *rect)
{
  GHashTableIter iter;
  gpointer value;
  LimnRect all = { 0, 0, TILE, TILE };
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  if (rect != NULL)
    {
      /* Two pixels more: the box filter's reach on a coarse level, and the outline. */
      double reach = MAX (1, 1 / cache->scale);

      x0 = (int)floor ((rect->x - reach) * cache->scale) - 2;
      y0 = (int)floor ((rect->y - reach) * cache->scale) - 2;
      x1 = (int)ceil ((rect->x + rect->width + reach) * cache->scale) + 2;
      y1 = (int)ceil ((rect->y + rect->height + reach) * cache->scale) + 2;
    }
  g_hash_table_iter_init (&iter, cache->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LimnCanvasTile *tile = value;
      LimnRect part = { x0 - tile->column * TILE, y0 - tile->row * TILE, x1 - x0, y1 - y0 };

      limn_canvas_tile_add_stale (tile, rect != NULL ? &part : &all);
    }
}

/* The part of @area and a pixel around it that is within the picture, which is @all. FALSE when
 * there is nothing of the mask to be read. */
static gboolean
get_mask_part (LimnCanvasCache *cache, const LimnRect *area, const LimnRect *all, LimnRect *part)
{
  LimnRect wanted = { area->x - 1, area->y - 1, area->width + 2, area->height + 2 };

  return cache->mask != NULL && limn_rect_intersect (&wanted, all, part);
}

/* Makes what read_mask() needs. FALSE when that took longer than @deadline. */
static gboolean
ensure_mask (LimnCanvasCache *cache, const LimnRect *area, const LimnRect *all, gint64 deadline)
{
  LimnRect source, part;
  int level;

  if (!get_mask_part (cache, area, all, &part))
    return TRUE;
  level = limn_scaler_get_source (cache->mask, cache->scale, &part, &source);
  return limn_mips_ensure (cache->mask, level, &source, deadline);
}

/* The mask around @area, edge pixels repeated beyond the picture. FALSE when there is nothing to
 * draw. */
static gboolean
read_mask (LimnCanvasCache *cache, const LimnRect *area, const LimnRect *all, gboolean sketch)
{
  gsize stride = (gsize)area->width + 2;
  LimnRect source, part;
  guint8 *corner;
  int level, left, top;

  if (!get_mask_part (cache, area, all, &part))
    return FALSE;
  level = sketch ? limn_scaler_get_sketch_source (cache->mask, cache->scale, &part, &source)
                 : limn_scaler_get_source (cache->mask, cache->scale, &part, &source);
  if (limn_mips_is_untouched (cache->mask, level, &source))
    return FALSE;
  left = part.x - (area->x - 1);
  top = part.y - (area->y - 1);
  corner = cache->mask_scratch + (gsize)top * stride + left;
  if (sketch)
    limn_scaler_sketch (cache->scaler, cache->mask, cache->scale, &part, corner, stride);
  else
    limn_scaler_render (cache->scaler, cache->mask, cache->scale, &part, LIMN_NO_DEADLINE, corner,
                        stride);
  for (int y = top; y < top + part.height; y++)
    {
      guint8 *row = cache->mask_scratch + (gsize)y * stride;

      if (left > 0)
        row[0] = row[left];
      for (int x = left + part.width; x < (int)stride; x++)
        row[x] = row[left + part.width - 1];
    }
  if (top > 0)
    memcpy (cache->mask_scratch, cache->mask_scratch + stride, stride);
  for (int y = top + part.height; y < area->height + 2; y++)
    memcpy (cache->mask_scratch + (gsize)y * stride, cache->mask_scratch + (gsize)(y - 1) * stride,
            stride);
  return TRUE;
}

/* The picture's pixels of @area into a tile, where they begin at @out; what is quick is only a
 * matter of copying them. */
static void
put_picture (LimnCanvasCache *cache, const LimnRect *area, gboolean quick, guint32 *out)
{
  int channels = limn_mips_get_channels (cache->image);

  if (quick && channels == 3)
    {
      limn_scaler_sketch_packed (cache->scaler, cache->image, cache->scale, area, out, TILE);
      return;
    }
  if (quick)
    limn_scaler_sketch (cache->scaler, cache->image, cache->scale, area, cache->picture_scratch,
                        (gsize)area->width * (gsize)channels);
  limn_canvas_tile_put_picture (cache->picture_scratch, channels, area, out);
}

/* Makes what is stale of @tile; a sketch of it stays stale. FALSE when the pyramids were not ready
 * before @deadline. */
static gboolean
render_tile (LimnCanvasCache *cache, LimnCanvasTile *tile, gboolean sketch, gint64 deadline)
{
  LimnRect corner = limn_canvas_tile_get_rect (tile), area = tile->stale, all = { 0 };
  gboolean quick = sketch || limn_scaler_is_quick (cache->scale);
  guint32 *pixels, *out;

  limn_scaler_get_size (cache->image, cache->scale, &all.width, &all.height);
  area.x += corner.x;
  area.y += corner.y;
  if (!limn_rect_intersect (&area, &all, &area))
    {
      tile->stale = (LimnRect){ 0 };
      return TRUE;
    }
  if (!sketch && !ensure_mask (cache, &area, &all, deadline))
    return FALSE;
  if (!quick
      && !limn_scaler_render (cache->scaler, cache->image, cache->scale, &area, deadline,
                              cache->picture_scratch,
                              (gsize)area.width * (gsize)limn_mips_get_channels (cache->image)))
    return FALSE;

  pixels = limn_canvas_tile_copy_pixels (tile, cache->pool, &area);
  out = pixels + (gsize)(area.y - corner.y) * TILE + (area.x - corner.x);
  put_picture (cache, &area, quick, out);
  if (read_mask (cache, &area, &all, sketch))
    limn_canvas_tile_put_mask (cache->mask_scratch, cache->tint, &area, out);
  limn_canvas_tile_take_pixels (tile, cache->pool, pixels);
  if (!sketch)
    tile->stale = (LimnRect){ 0 };
  cache->n_rendered++;
  return TRUE;
}

static LimnCanvasTile *
lookup_tile (GHashTable *tiles, int column, int row)
{
  LimnCanvasTile key = { .column = column, .row = row };

  return g_hash_table_lookup (tiles, &key);
}

static void
drop_distant_tiles (LimnCanvasCache *cache, const LimnRect *visible)
{
  LimnRect near = { visible->x - TILE, visible->y - TILE, visible->width + 2 * TILE,
                    visible->height + 2 * TILE };
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, cache->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LimnRect rect = limn_canvas_tile_get_rect (value);
      LimnRect common;

      if (!limn_rect_intersect (&rect, &near, &common))
        g_hash_table_iter_remove (&iter);
    }
}

/* @visible (device pixels of the scaled picture) as tiles. FALSE when it is beside the picture. */
static gboolean
get_visible_tiles (LimnCanvasCache *cache, const LimnRect *visible, LimnRect *tiles)
{
  LimnRect all = { 0 }, part;

  if (cache->image == NULL)
    return FALSE;
  limn_scaler_get_size (cache->image, cache->scale, &all.width, &all.height);
  if (!limn_rect_intersect (visible, &all, &part))
    return FALSE;
  tiles->x = part.x / TILE;
  tiles->y = part.y / TILE;
  tiles->width = (part.x + part.width - 1) / TILE - tiles->x + 1;
  tiles->height = (part.y + part.height - 1) / TILE - tiles->y + 1;
  return TRUE;
}

/* All of @tiles that are there, in rows; those that are not are made, of nothing. */
static GPtrArray *
collect_tiles (LimnCanvasCache *cache, const LimnRect *tiles, guint *n_missing)
{
  GPtrArray *found = g_ptr_array_new ();

  *n_missing = 0;
  for (int row = tiles->y; row < tiles->y + tiles->height; row++)
    for (int column = tiles->x; column < tiles->x + tiles->width; column++)
      {
        LimnCanvasTile *tile = lookup_tile (cache->tiles, column, row);

        if (tile == NULL)
          {
            tile = limn_canvas_tile_new (column, row);
            g_hash_table_add (cache->tiles, tile);
          }
        *n_missing += tile->pixels == NULL;
        g_ptr_array_add (found, tile);
      }
  return found;
}

/* Makes those of @tiles that are stale or, with @only_missing, of which nothing can be seen; at
 * least one. Returns the number of those that are left. */
static guint
render_tiles (LimnCanvasCache *cache,
              GPtrArray *tiles,
              gboolean only_missing,
              gboolean sketch,
              gboolean *first,
              gint64 deadline)
{
  guint left = 0;

  for (guint i = 0; i < tiles->len; i++)
    {
      LimnCanvasTile *tile = g_ptr_array_index (tiles, i);

      if (only_missing ? tile->pixels != NULL : limn_rect_is_empty (&tile->stale))
        continue;
      if ((*first || g_get_monotonic_time () < deadline)
          && render_tile (cache, tile, sketch, deadline))
        {
          *first = FALSE;
          if (cache->is_software && !only_missing && deadline != LIMN_NO_DEADLINE)
            deadline -= DRAW_COST;
        }
      else
        left++;
    }
  return left;
}

gboolean
limn_canvas_cache_prepare (LimnCanvasCache *cache, const LimnRect *visible, gint64 deadline)
{
  gboolean is_moving = cache->is_moving && deadline != LIMN_NO_DEADLINE, first = TRUE, sketch;
  g_autoptr (GPtrArray) tiles = NULL;
  LimnRect range;
  guint n_missing, n_stale;

  cache->is_moving = FALSE;
  if (!get_visible_tiles (cache, visible, &range))
    return TRUE;
  if (g_hash_table_size (cache->tiles) > MAX_TILES)
    drop_distant_tiles (cache, visible);
  tiles = collect_tiles (cache, &range, &n_missing);
  sketch = deadline != LIMN_NO_DEADLINE && !limn_scaler_is_quick (cache->scale)
           && (is_moving || n_missing > MAX_UNSKETCHED);
  n_missing = render_tiles (cache, tiles, TRUE, sketch, &first, deadline);
  /* What will be another scale in the next frame needs no finishing. */
  if (is_moving && sketch)
    n_stale = 1;
  else
    n_stale = render_tiles (cache, tiles, FALSE, FALSE, &first, deadline);
  cache->complete = n_missing == 0;
  if (cache->complete)
    g_clear_pointer (&cache->old, g_hash_table_unref);
  return n_missing == 0 && n_stale == 0;
}

/* Draws a tile made at @from, stretched by @ratio, with the picture's corner at (@x, @y); both
 * edges on whole device pixels so that no seam shows. */
static void
draw_tile (LimnCanvasCache *cache,
           GtkSnapshot *snapshot,
           LimnCanvasTile *tile,
           double ratio,
           int x,
           int y,
           int factor)
{
  limn_canvas_tile_draw (tile, snapshot, cache->is_software, x + rint (tile->column * TILE * ratio),
                         y + rint (tile->row * TILE * ratio),
                         x + rint ((tile->column + 1) * TILE * ratio),
                         y + rint ((tile->row + 1) * TILE * ratio), factor);
}

/* Where @missing will be, what there is of the last scale. */
static void
draw_old (LimnCanvasCache *cache,
          GtkSnapshot *snapshot,
          const LimnCanvasTile *missing,
          int x,
          int y,
          int factor)
{
  LimnRect rect = limn_canvas_tile_get_rect (missing);
  double ratio = cache->scale / cache->old_scale, side = TILE * ratio;
  int x0 = (int)floor (rect.x / side), x1 = (int)floor ((rect.x + TILE) / side);
  int y0 = (int)floor (rect.y / side), y1 = (int)floor ((rect.y + TILE) / side);

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT ((float)(x + rect.x) / (float)factor,
                                                         (float)(y + rect.y) / (float)factor,
                                                         (float)TILE / (float)factor,
                                                         (float)TILE / (float)factor));
  for (int row = y0; row <= y1; row++)
    for (int column = x0; column <= x1; column++)
      {
        LimnCanvasTile *tile = lookup_tile (cache->old, column, row);

        if (tile != NULL && tile->pixels != NULL)
          draw_tile (cache, snapshot, tile, ratio, x, y, factor);
      }
  gtk_snapshot_pop (snapshot);
}

void
limn_canvas_cache_draw (LimnCanvasCache *cache,
                        GtkSnapshot *snapshot,
                        const LimnRect *visible,
                        int x,
                        int y,
                        int factor)
{
  int width, height;
  LimnRect range;

  if (!get_visible_tiles (cache, visible, &range))
    return;
  /* Tiles at the right and lower edge hang over the picture. */
  limn_scaler_get_size (cache->image, cache->scale, &width, &height);
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT ((float)x / factor, (float)y / factor,
                                               (float)width / factor, (float)height / factor));
  for (int row = range.y; row < range.y + range.height; row++)
    for (int column = range.x; column < range.x + range.width; column++)
      {
        LimnCanvasTile *tile = lookup_tile (cache->tiles, column, row);

        if (tile == NULL)
          continue;
        if (tile->pixels != NULL)
          draw_tile (cache, snapshot, tile, 1, x, y, factor);
        else if (cache->old != NULL)
          draw_old (cache, snapshot, tile, x, y, factor);
      }
  gtk_snapshot_pop (snapshot);
}

const guint8 *
limn_canvas_cache_peek (LimnCanvasCache *cache, int column, int row)
{
  LimnCanvasTile *tile = lookup_tile (cache->tiles, column, row);

  return tile != NULL && tile->pixels != NULL ? g_bytes_get_data (tile->pixels, NULL) : NULL;
}

guint
limn_canvas_cache_get_n_rendered (LimnCanvasCache *cache)
{
  return cache->n_rendered;
}
