/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-tiles"

#include "config.h"

#include <string.h>

#include "app/limn-tiles-private.h"

/* What every tile that was never written reads as. */
static const guint8 zero_tile[LIMN_TILE_SIZE * LIMN_TILE_SIZE * 4] __attribute__ ((aligned (64)));

/* NULL when there is no memory. */
static LimnTile *
tile_new (gsize bytes)
{
  LimnTile *tile = g_new (LimnTile, 1);

  tile->data = g_try_malloc (bytes);
  if (tile->data == NULL)
    {
      g_free (tile);
      return NULL;
    }
  g_atomic_ref_count_init (&tile->ref_count);
  tile->constant = -1;
  return tile;
}

static LimnTile *
tile_ref (LimnTile *tile)
{
  if (tile != NULL)
    g_atomic_ref_count_inc (&tile->ref_count);
  return tile;
}

void
_limn_tile_unref (LimnTile *tile)
{
  if (tile != NULL && g_atomic_ref_count_dec (&tile->ref_count))
    {
      g_free (tile->data);
      g_free (tile);
    }
}

const guint8 *
_limn_tile_read (const LimnTile *tile)
{
  return tile != NULL ? tile->data : zero_tile;
}

LimnTiles *
limn_tiles_new (int width, int height, int channels)
{
  LimnTiles *self;

  g_return_val_if_fail (width > 0 && width <= LIMN_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height > 0 && height <= LIMN_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (channels == 1 || channels == 3 || channels == 4, NULL);

  self = g_new0 (LimnTiles, 1);
  self->width = width;
  self->height = height;
  self->channels = channels;
  self->n_columns = (width + LIMN_TILE_SIZE - 1) / LIMN_TILE_SIZE;
  self->n_rows = (height + LIMN_TILE_SIZE - 1) / LIMN_TILE_SIZE;
  self->tile_bytes = (gsize) LIMN_TILE_SIZE * LIMN_TILE_SIZE * channels;
  self->tiles = g_new0 (LimnTile *, (gsize) self->n_columns * self->n_rows);
  return self;
}

static gsize
n_tiles (LimnTiles *self)
{
  return (gsize) self->n_columns * self->n_rows;
}

/* The part of tile (@tx, @ty) that lies within the picture. */
LimnRect
_limn_tiles_rect (LimnTiles *self, int tx, int ty)
{
  LimnRect rect = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE };

  rect.width = MIN (rect.width, self->width - rect.x);
  rect.height = MIN (rect.height, self->height - rect.y);
  return rect;
}

LimnTiles *
limn_tiles_new_from_image (const LimnImage *image)
{
  LimnTiles *self;

  g_return_val_if_fail (image != NULL, NULL);

  self = limn_tiles_new (image->width, image->height, image->channels);
  for (int ty = 0; ty < self->n_rows; ty++)
    for (int tx = 0; tx < self->n_columns; tx++)
      {
        LimnRect rect = _limn_tiles_rect (self, tx, ty);
        gsize row_bytes = (gsize) rect.width * self->channels;
        gsize tile_stride = (gsize) LIMN_TILE_SIZE * self->channels;
        LimnTile *tile = tile_new (self->tile_bytes);

        if (tile == NULL)
          {
            limn_tiles_free (self);
            return NULL;
          }
        if (rect.width < LIMN_TILE_SIZE || rect.height < LIMN_TILE_SIZE)
          memset (tile->data, 0, self->tile_bytes);
        for (int y = 0; y < rect.height; y++)
          memcpy (tile->data + y * tile_stride,
                  limn_image_row (image, rect.y + y) + (gsize) rect.x * self->channels, row_bytes);
        self->tiles[ty * self->n_columns + tx] = tile;
      }
  return self;
}

LimnTiles *
limn_tiles_copy (LimnTiles *tiles)
{
  LimnTiles *copy;

  g_return_val_if_fail (tiles != NULL, NULL);

  copy = limn_tiles_new (tiles->width, tiles->height, tiles->channels);
  for (gsize i = 0; i < n_tiles (tiles); i++)
    copy->tiles[i] = tile_ref (tiles->tiles[i]);
  for (int i = 0; i < 4; i++)
    copy->solid[i] = tile_ref (tiles->solid[i]);
  return copy;
}

void
limn_tiles_free (LimnTiles *tiles)
{
  if (tiles == NULL)
    return;
  for (gsize i = 0; i < n_tiles (tiles); i++)
    _limn_tile_unref (tiles->tiles[i]);
  for (int i = 0; i < 4; i++)
    _limn_tile_unref (tiles->solid[i]);
  g_free (tiles->tiles);
  g_free (tiles);
}

int
limn_tiles_get_width (LimnTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, 0);
  return tiles->width;
}

int
limn_tiles_get_height (LimnTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, 0);
  return tiles->height;
}

int
limn_tiles_get_channels (LimnTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, 0);
  return tiles->channels;
}

const guint8 *
limn_tiles_read (LimnTiles *tiles, int tx, int ty)
{
  g_return_val_if_fail (tiles != NULL, NULL);
  g_return_val_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows, NULL);

  return _limn_tile_read (tiles->tiles[ty * tiles->n_columns + tx]);
}

guint8 *
limn_tiles_write (LimnTiles *tiles, int tx, int ty)
{
  LimnTile **slot;
  LimnTile *own;

  g_return_val_if_fail (tiles != NULL, NULL);
  g_return_val_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows, NULL);

  slot = &tiles->tiles[ty * tiles->n_columns + tx];
  if (*slot != NULL && g_atomic_ref_count_compare (&(*slot)->ref_count, 1))
    {
      (*slot)->constant = -1;
      return (*slot)->data;
    }

  own = tile_new (tiles->tile_bytes);
  if (own == NULL)
    g_error ("no memory for a tile of %" G_GSIZE_FORMAT " bytes", tiles->tile_bytes);
  memcpy (own->data, _limn_tile_read (*slot), tiles->tile_bytes);
  _limn_tile_unref (*slot);
  *slot = own;
  return own->data;
}

gboolean
_limn_tiles_same_kind (LimnTiles *a, LimnTiles *b)
{
  return a->width == b->width && a->height == b->height && a->channels == b->channels;
}

void
limn_tiles_share (LimnTiles *tiles, LimnTiles *from, int tx, int ty)
{
  LimnTile **slot;
  LimnTile *shared;

  g_return_if_fail (tiles != NULL && from != NULL && _limn_tiles_same_kind (tiles, from));
  g_return_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows);

  slot = &tiles->tiles[ty * tiles->n_columns + tx];
  shared = tile_ref (from->tiles[ty * from->n_columns + tx]);
  _limn_tile_unref (*slot);
  *slot = shared;
}

gboolean
limn_tiles_is_shared (LimnTiles *a, LimnTiles *b, int tx, int ty)
{
  g_return_val_if_fail (a != NULL && b != NULL && _limn_tiles_same_kind (a, b), FALSE);
  g_return_val_if_fail (tx >= 0 && tx < a->n_columns && ty >= 0 && ty < a->n_rows, FALSE);

  return a->tiles[ty * a->n_columns + tx] == b->tiles[ty * b->n_columns + tx];
}

/* All tiles (tx, ty) that @rect touches. */
#define FOREACH_TILE(rect, tx, ty) \
  for (int ty = (rect)->y / LIMN_TILE_SIZE; ty * LIMN_TILE_SIZE < (rect)->y + (rect)->height; ty++) \
    for (int tx = (rect)->x / LIMN_TILE_SIZE; tx * LIMN_TILE_SIZE < (rect)->x + (rect)->width; tx++)

static gboolean
rect_is_within (LimnTiles *self, const LimnRect *rect)
{
  return rect->x >= 0 && rect->y >= 0 && rect->width >= 0 && rect->height >= 0 &&
         rect->x <= self->width - rect->width && rect->y <= self->height - rect->height;
}

void
limn_tiles_read_rect (LimnTiles *tiles, const LimnRect *rect, guint8 *dst, gsize stride)
{
  g_return_if_fail (tiles != NULL && rect != NULL);
  g_return_if_fail (rect_is_within (tiles, rect));

  if (limn_rect_is_empty (rect))
    return;
  FOREACH_TILE (rect, tx, ty)
    {
      LimnRect tile = _limn_tiles_rect (tiles, tx, ty), part;
      const guint8 *src = limn_tiles_read (tiles, tx, ty);
      gsize c = tiles->channels;

      if (!limn_rect_intersect (&tile, rect, &part))
        continue;
      for (int y = 0; y < part.height; y++)
        memcpy (dst + (gsize) (part.y - rect->y + y) * stride + (gsize) (part.x - rect->x) * c,
                src + ((gsize) (part.y - tile.y + y) * LIMN_TILE_SIZE + (part.x - tile.x)) * c,
                (gsize) part.width * c);
    }
}

void
limn_tiles_write_rect (LimnTiles *tiles, const LimnRect *rect, const guint8 *src, gsize stride)
{
  g_return_if_fail (tiles != NULL && rect != NULL);
  g_return_if_fail (rect_is_within (tiles, rect));

  if (limn_rect_is_empty (rect))
    return;
  FOREACH_TILE (rect, tx, ty)
    {
      LimnRect tile = _limn_tiles_rect (tiles, tx, ty), part;
      guint8 *dst;
      gsize c = tiles->channels;

      if (!limn_rect_intersect (&tile, rect, &part))
        continue;
      dst = limn_tiles_write (tiles, tx, ty);
      for (int y = 0; y < part.height; y++)
        memcpy (dst + ((gsize) (part.y - tile.y + y) * LIMN_TILE_SIZE + (part.x - tile.x)) * c,
                src + (gsize) (part.y - rect->y + y) * stride + (gsize) (part.x - rect->x) * c,
                (gsize) part.width * c);
    }
}

LimnImage *
limn_tiles_to_image (LimnTiles *tiles, GError **error)
{
  LimnImage *image;

  g_return_val_if_fail (tiles != NULL, NULL);

  image = limn_image_new (tiles->width, tiles->height, tiles->channels, error);
  if (image == NULL)
    return NULL;
  limn_tiles_read_rect (tiles, &(LimnRect) { 0, 0, tiles->width, tiles->height }, image->pixels, image->stride);
  return image;
}

/* Tiles cut off by the right or bottom edge keep zeros beyond it, so that a picture has four kinds of constant tile. */
static int
edge_kind (LimnTiles *self, int tx, int ty)
{
  LimnRect rect = _limn_tiles_rect (self, tx, ty);

  return (rect.width < LIMN_TILE_SIZE ? 1 : 0) + (rect.height < LIMN_TILE_SIZE ? 2 : 0);
}

static void
set_tile (LimnTiles *self, int tx, int ty, LimnTile *tile)
{
  LimnTile **slot = &self->tiles[ty * self->n_columns + tx];

  tile_ref (tile);
  _limn_tile_unref (*slot);
  *slot = tile;
}

/* A reference to a tile of its own. */
static LimnTile *
constant_tile_new (LimnTiles *self, int tx, int ty, guint8 value)
{
  LimnRect rect = _limn_tiles_rect (self, tx, ty);
  LimnTile *tile = tile_new (self->tile_bytes);

  if (tile == NULL)
    g_error ("no memory for a tile of %" G_GSIZE_FORMAT " bytes", self->tile_bytes);
  memset (tile->data, 0, self->tile_bytes);
  for (int y = 0; y < rect.height; y++)
    memset (tile->data + (gsize) y * LIMN_TILE_SIZE * self->channels, value, (gsize) rect.width * self->channels);
  tile->constant = value;
  return tile;
}

/* A reference; NULL, the zero tile, for 0. Those of 255 are one object. */
static LimnTile *
constant_tile (LimnTiles *self, int tx, int ty, guint8 value)
{
  LimnTile **solid = &self->solid[edge_kind (self, tx, ty)];

  if (value == 0)
    return NULL;
  if (value < 255)
    return constant_tile_new (self, tx, ty, value);
  if (*solid == NULL)
    *solid = constant_tile_new (self, tx, ty, value);
  return tile_ref (*solid);
}

int
limn_tiles_get_constant (LimnTiles *tiles, int tx, int ty)
{
  const LimnTile *tile;

  g_return_val_if_fail (tiles != NULL, -1);
  g_return_val_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows, -1);

  tile = tiles->tiles[ty * tiles->n_columns + tx];
  return tile != NULL ? tile->constant : 0;
}

void
limn_tiles_fill_tile (LimnTiles *tiles, int tx, int ty, guint8 value)
{
  LimnTile *tile;

  g_return_if_fail (tiles != NULL);
  g_return_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows);

  if (limn_tiles_get_constant (tiles, tx, ty) == value)
    return;
  tile = constant_tile (tiles, tx, ty, value);
  set_tile (tiles, tx, ty, tile);
  _limn_tile_unref (tile);
}

void
limn_tiles_fill (LimnTiles *tiles, guint8 value)
{
  LimnTile *kinds[4] = { NULL };

  g_return_if_fail (tiles != NULL);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        int kind = edge_kind (tiles, tx, ty);

        if (kinds[kind] == NULL)
          kinds[kind] = constant_tile (tiles, tx, ty, value);
        set_tile (tiles, tx, ty, kinds[kind]);
      }
  for (int i = 0; i < 4; i++)
    _limn_tile_unref (kinds[i]);
}

static LimnTile *
inverted_tile (LimnTiles *self, int tx, int ty)
{
  const guint64 *src = (const guint64 *) (const void *) limn_tiles_read (self, tx, ty);
  int constant = limn_tiles_get_constant (self, tx, ty);
  LimnTile *tile;
  guint64 *dst;

  if (constant >= 0)
    return constant_tile (self, tx, ty, 255 - constant);
  tile = constant_tile_new (self, tx, ty, 255);
  tile->constant = -1;
  dst = (guint64 *) (void *) tile->data;
  /* Beyond the edge both are 0, within it one is 255. Memory from g_malloc() is aligned; a tile is a whole number of words. */
  for (gsize i = 0; i < self->tile_bytes / sizeof (guint64); i++)
    dst[i] ^= src[i];
  return tile;
}

void
limn_tiles_invert (LimnTiles *tiles)
{
  /* Tiles that are one object stay one, so that an empty or full mask costs the same at any size. */
  GHashTable *done[4];

  g_return_if_fail (tiles != NULL);

  for (int i = 0; i < 4; i++)
    done[i] = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) _limn_tile_unref, (GDestroyNotify) _limn_tile_unref);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        GHashTable *kind = done[edge_kind (tiles, tx, ty)];
        LimnTile *old = tiles->tiles[ty * tiles->n_columns + tx];
        gpointer inverted;

        if (!g_hash_table_lookup_extended (kind, old, NULL, &inverted))
          {
            inverted = inverted_tile (tiles, tx, ty);
            g_hash_table_insert (kind, tile_ref (old), inverted);
          }
        set_tile (tiles, tx, ty, inverted);
      }
  for (int i = 0; i < 4; i++)
    g_hash_table_unref (done[i]);
}

gsize
limn_tiles_count_drawn (LimnTiles *tiles)
{
  gsize n = 0;

  g_return_val_if_fail (tiles != NULL, 0);

  for (gsize i = 0; i < n_tiles (tiles); i++)
    n += tiles->tiles[i] != NULL && tiles->tiles[i]->constant < 0;
  return n;
}

gsize
limn_tiles_get_unique_bytes (LimnTiles *tiles, LimnTiles *other)
{
  g_autoptr (GHashTable) seen = NULL;
  gsize bytes = 0;

  g_return_val_if_fail (tiles != NULL, 0);

  seen = g_hash_table_new (NULL, NULL);
  if (other != NULL)
    for (gsize i = 0; i < n_tiles (other); i++)
      g_hash_table_add (seen, other->tiles[i]);
  for (gsize i = 0; i < n_tiles (tiles); i++)
    if (tiles->tiles[i] != NULL && g_hash_table_add (seen, tiles->tiles[i]))
      bytes += tiles->tile_bytes;
  return bytes;
}

/* Neither one object nor known to be of one value. */
static gboolean
may_differ (LimnTiles *a, LimnTiles *b, int tx, int ty)
{
  int constant = limn_tiles_get_constant (a, tx, ty);

  return a->tiles[ty * a->n_columns + tx] != b->tiles[ty * b->n_columns + tx]
         && (constant < 0 || constant != limn_tiles_get_constant (b, tx, ty));
}

gboolean
limn_tiles_diff (LimnTiles *a, LimnTiles *b, LimnRect *out)
{
  LimnRect box = { 0 };

  g_return_val_if_fail (a != NULL && b != NULL, FALSE);
  g_return_val_if_fail (a->width == b->width && a->height == b->height, FALSE);

  for (int ty = 0; ty < a->n_rows; ty++)
    for (int tx = 0; tx < a->n_columns; tx++)
      {
        LimnRect rect = _limn_tiles_rect (a, tx, ty);

        if (!may_differ (a, b, tx, ty))
          continue;
        if (limn_rect_is_empty (&box))
          box = rect;
        else
          limn_rect_union (&box, &rect, &box);
      }
  if (out != NULL)
    *out = box;
  return !limn_rect_is_empty (&box);
}

gboolean
limn_tiles_diff_tile (LimnTiles *a, LimnTiles *b, int tx, int ty, LimnRect *out)
{
  LimnRect rect;
  gsize stride, first = G_MAXSIZE, last = 0;
  const guint8 *p, *q;
  int y0 = -1, y1 = 0;

  g_return_val_if_fail (a != NULL && b != NULL && _limn_tiles_same_kind (a, b), FALSE);

  if (!may_differ (a, b, tx, ty))
    return FALSE;
  rect = _limn_tiles_rect (a, tx, ty);
  stride = (gsize) LIMN_TILE_SIZE * a->channels;
  p = limn_tiles_read (a, tx, ty);
  q = limn_tiles_read (b, tx, ty);
  for (int y = 0; y < rect.height; y++, p += stride, q += stride)
    {
      gsize from = 0, to = stride;

      if (memcmp (p, q, stride) == 0)
        continue;
      while (from < first && p[from] == q[from])
        from++;
      while (to > last && p[to - 1] == q[to - 1])
        to--;
      first = MIN (first, from);
      last = MAX (last, to);
      y0 = y0 < 0 ? y : y0;
      y1 = y + 1;
    }
  if (y0 < 0)
    return FALSE;
  first /= a->channels;
  last = (last + a->channels - 1) / a->channels;
  *out = (LimnRect) { rect.x + (int) first, rect.y + y0, (int) (last - first), y1 - y0 };
  return TRUE;
}
