/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-canvas-cache"

#include "ui/limn-canvas-cache.h"

#include <math.h>
#include <string.h>

#include "ui/limn-scaler.h"

#define TILE LIMN_DISPLAY_TILE
/* Red, green, blue: what GTK 4.8 turns into cairo's pixels, of all that is seen and in every frame,
 * six times as fast as cairo's own order, which goes through floating point there. */
#define PIXEL 3
#define STRIDE ((gsize)TILE * PIXEL)
#define TILE_BYTES (TILE * STRIDE)
/* Tiles kept although they are out of sight: 48 MiB. */
#define MAX_TILES 256
/* How much the mask's colour covers the picture, of 256: UI.md's 45 %. */
#define TINT 115
#define CHECK_SIZE 16
#define CHECK_LIGHT 0xff
#define CHECK_DARK 0xd8

typedef struct
{
  int column, row;
  GBytes *pixels; /* PIXEL bytes each */
  GdkTexture *texture;
  LimnRect dirty; /* within the tile; empty when up to date */
} Tile;

struct _LimnCanvasCache
{
  /* Borrowed */
  LimnMips *image;
  LimnMips *mask;

  /* Owned */
  GHashTable *tiles; /* Tile -> itself, at scale */
  GHashTable *old;   /* (nullable) complete tiles of old_scale */
  LimnScaler *scaler;
  guint8 *picture_scratch;
  guint8 *mask_scratch;

  double scale, old_scale;
  guint8 tint[3];
  guint n_rendered;
  guint complete : 1; /* all that was visible last time is there */
};

static guint
tile_hash (gconstpointer key)
{
  const Tile *tile = key;

  return (guint)tile->column * 73856093u ^ (guint)tile->row * 19349663u;
}

static gboolean
tile_equal (gconstpointer a, gconstpointer b)
{
  const Tile *s = a, *t = b;

  return s->column == t->column && s->row == t->row;
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->pixels, g_bytes_unref);
  g_clear_object (&tile->texture);
  g_free (tile);
}

static GHashTable *
tile_table_new (void)
{
  return g_hash_table_new_full (tile_hash, tile_equal, NULL, tile_free);
}

LimnCanvasCache *
limn_canvas_cache_new (void)
{
  LimnCanvasCache *cache = g_new0 (LimnCanvasCache, 1);

  cache->tiles = tile_table_new ();
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
      cache->tiles = tile_table_new ();
    }
  else
    g_hash_table_remove_all (cache->tiles);
  cache->scale = scale;
  cache->complete = FALSE;
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
      Tile *tile = value;
      LimnRect dirty = all;

      if (rect != NULL)
        {
          LimnRect part = { x0 - tile->column * TILE, y0 - tile->row * TILE, x1 - x0, y1 - y0 };

          if (!limn_rect_intersect (&part, &all, &dirty))
            continue;
        }
      if (limn_rect_is_empty (&tile->dirty))
        tile->dirty = dirty;
      else
        limn_rect_union (&tile->dirty, &dirty, &tile->dirty);
    }
}

/* The picture's pixels of @area to rows of a tile, over the checkerboard. */
static void
compose_picture (LimnCanvasCache *cache, const LimnRect *area, guint8 *out)
{
  int channels = limn_mips_get_channels (cache->image);

  for (int y = 0; y < area->height; y++)
    {
      const guint8 *src = cache->picture_scratch + (gsize)y * area->width * channels;
      guint8 *dst = out + (gsize)y * STRIDE;

      if (channels == PIXEL)
        {
          memcpy (dst, src, (gsize)area->width * PIXEL);
          continue;
        }
      for (int x = 0; x < area->width; x++, src += channels, dst += PIXEL)
        {
          dst[0] = src[0];
          dst[1] = src[channels == 1 ? 0 : 1];
          dst[2] = src[channels == 1 ? 0 : 2];
          if (channels == 4 && src[3] < 255)
            {
              gboolean light = (((area->x + x) / CHECK_SIZE) ^ ((area->y + y) / CHECK_SIZE)) & 1;
              guint under = (light ? CHECK_LIGHT : CHECK_DARK) * (255 - src[3]);

              for (int c = 0; c < 3; c++)
                dst[c] = (dst[c] * src[3] + under + 127) / 255;
            }
        }
    }
}

/* Tints what the mask covers and draws its outline in black and white dashes, which stand out on
 * any picture. @mask has a margin of one pixel around @area. */
static void
compose_mask (LimnCanvasCache *cache, const LimnRect *area, guint8 *out)
{
  gsize stride = (gsize)area->width + 2;

  for (int y = 0; y < area->height; y++)
    {
      const guint8 *mask = cache->mask_scratch + (gsize)(y + 1) * stride + 1;
      guint8 *dst = out + (gsize)y * STRIDE;

      for (int x = 0; x < area->width; x++, dst += PIXEL)
        {
          guint alpha = (mask[x] * TINT + 127) / 255;

          if (mask[x] >= 128
              && (mask[x - 1] < 128 || mask[x + 1] < 128 || mask[x - (gssize)stride] < 128
                  || mask[x + (gssize)stride] < 128))
            dst[0] = dst[1] = dst[2] = ((area->x + x + area->y + y) >> 2) & 1 ? 0xff : 0;
          else if (alpha > 0)
            for (int c = 0; c < 3; c++)
              dst[c] = (dst[c] * (256 - alpha) + cache->tint[c] * alpha + 128) >> 8;
        }
    }
}

/* Makes what read_mask() needs. FALSE when that took longer than @deadline. */
static gboolean
ensure_mask (LimnCanvasCache *cache, const LimnRect *area, int width, int height, gint64 deadline)
{
  LimnRect wanted = { area->x - 1, area->y - 1, area->width + 2, area->height + 2 };
  LimnRect all = { 0, 0, width, height }, source, part;
  int level;

  if (cache->mask == NULL || !limn_rect_intersect (&wanted, &all, &part))
    return TRUE;
  level = limn_scaler_get_source (cache->mask, cache->scale, &part, &source);
  return limn_mips_ensure (cache->mask, level, &source, deadline);
}

/* The mask around @area, edge pixels repeated beyond the picture. FALSE when there is nothing to
 * draw. */
static gboolean
read_mask (LimnCanvasCache *cache, const LimnRect *area, int width, int height)
{
  LimnRect wanted = { area->x - 1, area->y - 1, area->width + 2, area->height + 2 };
  LimnRect all = { 0, 0, width, height };
  LimnRect source, part;
  gsize stride = wanted.width;
  int level, left, top;

  if (cache->mask == NULL || !limn_rect_intersect (&wanted, &all, &part))
    return FALSE;
  level = limn_scaler_get_source (cache->mask, cache->scale, &part, &source);
  if (limn_mips_is_untouched (cache->mask, level, &source))
    return FALSE;
  left = part.x - wanted.x;
  top = part.y - wanted.y;
  limn_scaler_render (cache->scaler, cache->mask, cache->scale, &part, LIMN_NO_DEADLINE,
                      cache->mask_scratch + (gsize)top * stride + left, stride);
  for (int y = top; y < top + part.height; y++)
    {
      guint8 *row = cache->mask_scratch + (gsize)y * stride;

      if (left > 0)
        row[0] = row[left];
      for (int x = left + part.width; x < wanted.width; x++)
        row[x] = row[left + part.width - 1];
    }
  if (top > 0)
    memcpy (cache->mask_scratch, cache->mask_scratch + stride, stride);
  for (int y = top + part.height; y < wanted.height; y++)
    memcpy (cache->mask_scratch + (gsize)y * stride, cache->mask_scratch + (gsize)(y - 1) * stride,
            stride);
  return TRUE;
}

/* Makes the dirty part of @tile. FALSE when the pyramids were not ready before @deadline. */
static gboolean
render_tile (LimnCanvasCache *cache, Tile *tile, gint64 deadline)
{
  int width, height;
  LimnRect area, all;
  guint8 *pixels;
  guint8 *corner;

  limn_scaler_get_size (cache->image, cache->scale, &width, &height);
  all = (LimnRect){ 0, 0, width, height };
  area = tile->dirty;
  area.x += tile->column * TILE;
  area.y += tile->row * TILE;
  if (!limn_rect_intersect (&area, &all, &area))
    {
      tile->dirty = (LimnRect){ 0 };
      return TRUE;
    }
  if (!ensure_mask (cache, &area, width, height, deadline)
      || !limn_scaler_render (cache->scaler, cache->image, cache->scale, &area, deadline,
                              cache->picture_scratch,
                              (gsize)area.width * limn_mips_get_channels (cache->image)))
    return FALSE;

  /* A texture keeps its bytes and must not change: the new one gets its own. */
  pixels = tile->pixels != NULL ? g_memdup2 (g_bytes_get_data (tile->pixels, NULL), TILE_BYTES)
                                : g_malloc0 (TILE_BYTES);
  corner = pixels + (gsize)(area.y - tile->row * TILE) * STRIDE
           + (gsize)(area.x - tile->column * TILE) * PIXEL;
  compose_picture (cache, &area, corner);
  if (read_mask (cache, &area, width, height))
    compose_mask (cache, &area, corner);

  g_clear_pointer (&tile->pixels, g_bytes_unref);
  g_clear_object (&tile->texture);
  tile->pixels = g_bytes_new_take (pixels, TILE_BYTES);
  tile->texture = gdk_memory_texture_new (TILE, TILE, GDK_MEMORY_R8G8B8, tile->pixels, STRIDE);
  tile->dirty = (LimnRect){ 0 };
  cache->n_rendered++;
  return TRUE;
}

static Tile *
lookup_tile (GHashTable *tiles, int column, int row)
{
  Tile key = { .column = column, .row = row };

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
      const Tile *tile = value;
      LimnRect rect = { tile->column * TILE, tile->row * TILE, TILE, TILE };
      LimnRect common;

      if (!limn_rect_intersect (&rect, &near, &common))
        g_hash_table_iter_remove (&iter);
    }
}

gboolean
limn_canvas_cache_prepare (LimnCanvasCache *cache, const LimnRect *visible, gint64 deadline)
{
  int width, height;
  gboolean first = TRUE, missing = FALSE, stale = FALSE;
  LimnRect part, all;

  if (cache->image == NULL)
    return TRUE;
  limn_scaler_get_size (cache->image, cache->scale, &width, &height);
  all = (LimnRect){ 0, 0, width, height };
  if (!limn_rect_intersect (visible, &all, &part))
    return TRUE;
  if (g_hash_table_size (cache->tiles) > MAX_TILES)
    drop_distant_tiles (cache, &part);

  for (int row = part.y / TILE; row <= (part.y + part.height - 1) / TILE; row++)
    for (int column = part.x / TILE; column <= (part.x + part.width - 1) / TILE; column++)
      {
        Tile *tile = lookup_tile (cache->tiles, column, row);

        if (tile == NULL)
          {
            tile = g_new0 (Tile, 1);
            tile->column = column;
            tile->row = row;
            tile->dirty = (LimnRect){ 0, 0, TILE, TILE };
            g_hash_table_add (cache->tiles, tile);
          }
        if (!limn_rect_is_empty (&tile->dirty))
          {
            if ((first || g_get_monotonic_time () < deadline)
                && render_tile (cache, tile, deadline))
              first = FALSE;
            else
              stale = TRUE;
          }
        missing |= tile->texture == NULL;
      }
  cache->complete = !missing;
  if (cache->complete)
    g_clear_pointer (&cache->old, g_hash_table_unref);
  return !missing && !stale;
}

/* Bounds of a tile made at @from, shown at @to, both edges on whole device pixels so that no seam
 * shows. */
static void
draw_tile (GtkSnapshot *snapshot, const Tile *tile, double ratio, int x, int y, int factor)
{
  double x0 = x + rint (tile->column * TILE * ratio),
         x1 = x + rint ((tile->column + 1) * TILE * ratio);
  double y0 = y + rint (tile->row * TILE * ratio), y1 = y + rint ((tile->row + 1) * TILE * ratio);

  gtk_snapshot_append_texture (
      snapshot, tile->texture,
      &GRAPHENE_RECT_INIT (x0 / factor, y0 / factor, (x1 - x0) / factor, (y1 - y0) / factor));
}

void
limn_canvas_cache_draw (LimnCanvasCache *cache,
                        GtkSnapshot *snapshot,
                        const LimnRect *visible,
                        int x,
                        int y,
                        int factor)
{
  GHashTableIter iter;
  gpointer value;
  int width, height;

  if (cache->image == NULL)
    return;
  /* Tiles at the right and lower edge hang over the picture. */
  limn_scaler_get_size (cache->image, cache->scale, &width, &height);
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT ((float)x / factor, (float)y / factor,
                                               (float)width / factor, (float)height / factor));
  if (cache->old != NULL)
    {
      g_hash_table_iter_init (&iter, cache->old);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (((Tile *)value)->texture != NULL)
          draw_tile (snapshot, value, cache->scale / cache->old_scale, x, y, factor);
    }
  g_hash_table_iter_init (&iter, cache->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Tile *tile = value;
      LimnRect rect = { tile->column * TILE, tile->row * TILE, TILE, TILE };
      LimnRect common;

      if (tile->texture != NULL && limn_rect_intersect (&rect, visible, &common))
        draw_tile (snapshot, tile, 1, x, y, factor);
    }
  gtk_snapshot_pop (snapshot);
}

GdkTexture *
limn_canvas_cache_peek (LimnCanvasCache *cache, int column, int row)
{
  Tile *tile = lookup_tile (cache->tiles, column, row);

  return tile != NULL ? tile->texture : NULL;
}

guint
limn_canvas_cache_get_n_rendered (LimnCanvasCache *cache)
{
  return cache->n_rendered;
}
