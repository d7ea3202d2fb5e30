/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-tiles"

#include "config.h"

#include <string.h>

#include "app/limn-tiles.h"

/* Tiles are immutable while more than one picture holds them; whoever holds the only reference may write. */
typedef struct
{
  gatomicrefcount ref_count;
  guint8 *data;
} Tile;

struct _LimnTiles
{
  int width, height;
  int channels;
  int n_columns, n_rows;
  gsize tile_bytes;
  Tile **tiles; /* NULL stands for the shared zero tile */
};

/* What every tile that was never written reads as. */
static const guint8 zero_tile[LIMN_TILE_SIZE * LIMN_TILE_SIZE * 4] __attribute__ ((aligned (64)));

/* NULL when there is no memory. */
static Tile *
tile_new (gsize bytes)
{
  Tile *tile = g_new (Tile, 1);

  tile->data = g_try_malloc (bytes);
  if (tile->data == NULL)
    {
      g_free (tile);
      return NULL;
    }
  g_atomic_ref_count_init (&tile->ref_count);
  return tile;
}

static Tile *
tile_ref (Tile *tile)
{
  if (tile != NULL)
    g_atomic_ref_count_inc (&tile->ref_count);
  return tile;
}

static void
tile_unref (Tile *tile)
{
  if (tile != NULL && g_atomic_ref_count_dec (&tile->ref_count))
    {
      g_free (tile->data);
      g_free (tile);
    }
}

static const guint8 *
tile_read (const Tile *tile)
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
  self->tiles = g_new0 (Tile *, (gsize) self->n_columns * self->n_rows);
  return self;
}

static gsize
n_tiles (LimnTiles *self)
{
  return (gsize) self->n_columns * self->n_rows;
}

/* The part of tile (@tx, @ty) that lies within the picture. */
static LimnRect
tile_rect (LimnTiles *self, int tx, int ty)
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
        LimnRect rect = tile_rect (self, tx, ty);
        gsize row_bytes = (gsize) rect.width * self->channels;
        gsize tile_stride = (gsize) LIMN_TILE_SIZE * self->channels;
        Tile *tile = tile_new (self->tile_bytes);

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
  return copy;
}

void
limn_tiles_free (LimnTiles *tiles)
{
  if (tiles == NULL)
    return;
  for (gsize i = 0; i < n_tiles (tiles); i++)
    tile_unref (tiles->tiles[i]);
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

  return tile_read (tiles->tiles[ty * tiles->n_columns + tx]);
}

guint8 *
limn_tiles_write (LimnTiles *tiles, int tx, int ty)
{
  Tile **slot;
  Tile *own;

  g_return_val_if_fail (tiles != NULL, NULL);
  g_return_val_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows, NULL);

  slot = &tiles->tiles[ty * tiles->n_columns + tx];
  if (*slot != NULL && g_atomic_ref_count_compare (&(*slot)->ref_count, 1))
    return (*slot)->data;

  own = tile_new (tiles->tile_bytes);
  if (own == NULL)
    g_error ("no memory for a tile of %" G_GSIZE_FORMAT " bytes", tiles->tile_bytes);
  memcpy (own->data, tile_read (*slot), tiles->tile_bytes);
  tile_unref (*slot);
  *slot = own;
  return own->data;
}

static gboolean
same_kind (LimnTiles *a, LimnTiles *b)
{
  return a->width == b->width && a->height == b->height && a->channels == b->channels;
}

void
limn_tiles_share (LimnTiles *tiles, LimnTiles *from, int tx, int ty)
{
  Tile **slot;
  Tile *shared;

  g_return_if_fail (tiles != NULL && from != NULL && same_kind (tiles, from));
  g_return_if_fail (tx >= 0 && tx < tiles->n_columns && ty >= 0 && ty < tiles->n_rows);

  slot = &tiles->tiles[ty * tiles->n_columns + tx];
  shared = tile_ref (from->tiles[ty * from->n_columns + tx]);
  tile_unref (*slot);
  *slot = shared;
}

gboolean
limn_tiles_is_shared (LimnTiles *a, LimnTiles *b, int tx, int ty)
{
  g_return_val_if_fail (a != NULL && b != NULL && same_kind (a, b), FALSE);
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
      LimnRect tile = tile_rect (tiles, tx, ty), part;
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
      LimnRect tile = tile_rect (tiles, tx, ty), part;
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
  LimnRect rect = tile_rect (self, tx, ty);

  return (rect.width < LIMN_TILE_SIZE ? 1 : 0) + (rect.height < LIMN_TILE_SIZE ? 2 : 0);
}

static void
set_tile (LimnTiles *self, int tx, int ty, Tile *tile)
{
  Tile **slot = &self->tiles[ty * self->n_columns + tx];

  tile_ref (tile);
  tile_unref (*slot);
  *slot = tile;
}

static Tile *
constant_tile (LimnTiles *self, int tx, int ty, guint8 value)
{
  LimnRect rect = tile_rect (self, tx, ty);
  Tile *tile;

  if (value == 0)
    return NULL;
  tile = tile_new (self->tile_bytes);
  if (tile == NULL)
    g_error ("no memory for a tile of %" G_GSIZE_FORMAT " bytes", self->tile_bytes);
  memset (tile->data, 0, self->tile_bytes);
  for (int y = 0; y < rect.height; y++)
    memset (tile->data + (gsize) y * LIMN_TILE_SIZE * self->channels, value, (gsize) rect.width * self->channels);
  return tile;
}

void
limn_tiles_fill (LimnTiles *tiles, guint8 value)
{
  Tile *kinds[4] = { NULL };

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
    tile_unref (kinds[i]);
}

static Tile *
inverted_tile (LimnTiles *self, int tx, int ty)
{
  const guint64 *src = (const guint64 *) (const void *) limn_tiles_read (self, tx, ty);
  Tile *tile = constant_tile (self, tx, ty, 255);
  guint64 *dst = (guint64 *) (void *) tile->data;

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
    done[i] = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) tile_unref, (GDestroyNotify) tile_unref);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        GHashTable *kind = done[edge_kind (tiles, tx, ty)];
        Tile *old = tiles->tiles[ty * tiles->n_columns + tx];
        Tile *inverted = g_hash_table_lookup (kind, old);

        if (inverted == NULL)
          {
            inverted = inverted_tile (tiles, tx, ty);
            g_hash_table_insert (kind, tile_ref (old), inverted);
          }
        set_tile (tiles, tx, ty, inverted);
      }
  for (int i = 0; i < 4; i++)
    g_hash_table_unref (done[i]);
}

/* First and last non-zero byte of @n; FALSE when all are zero. */
static gboolean
row_bounds (const guint8 *row, int n, int *first, int *last)
{
  int i = 0, j = n - 1;

  while (i < n && row[i] == 0)
    i++;
  if (i == n)
    return FALSE;
  while (row[j] == 0)
    j--;
  *first = i;
  *last = j;
  return TRUE;
}

static gboolean
bytes_are_zero (const guint8 *bytes, gsize n)
{
  return memcmp (bytes, zero_tile, n) == 0;
}

gboolean
limn_tiles_bounds (LimnTiles *tiles, LimnRect *bounds)
{
  int x0 = G_MAXINT, y0 = G_MAXINT, x1 = -1, y1 = -1;

  g_return_val_if_fail (tiles != NULL && tiles->channels == 1, FALSE);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        LimnRect rect = tile_rect (tiles, tx, ty);
        const guint8 *data = limn_tiles_read (tiles, tx, ty);
        int first, last;

        if (data == zero_tile)
          continue;
        for (int y = 0; y < rect.height; y++)
          {
            const guint8 *row = data + y * LIMN_TILE_SIZE;

            if (bytes_are_zero (row, rect.width) || !row_bounds (row, rect.width, &first, &last))
              continue;
            x0 = MIN (x0, rect.x + first);
            x1 = MAX (x1, rect.x + last);
            y0 = MIN (y0, rect.y + y);
            y1 = MAX (y1, rect.y + y);
          }
      }
  if (x1 < 0)
    return FALSE;
  if (bounds != NULL)
    *bounds = (LimnRect) { x0, y0, x1 - x0 + 1, y1 - y0 + 1 };
  return TRUE;
}

gboolean
limn_tiles_is_empty (LimnTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, TRUE);

  for (gsize i = 0; i < n_tiles (tiles); i++)
    if (tiles->tiles[i] != NULL && !bytes_are_zero (tiles->tiles[i]->data, tiles->tile_bytes))
      return FALSE;
  return TRUE;
}

/* 0 in the tile where @other is above 0; FALSE when nothing changes. */
static gboolean
subtract_tile (LimnTiles *self, LimnTiles *other, int tx, int ty)
{
  const guint8 *before = limn_tiles_read (self, tx, ty), *covered = limn_tiles_read (other, tx, ty);
  guint8 *after = NULL;

  for (gsize i = 0; i < self->tile_bytes; i++)
    if (covered[i] != 0 && before[i] != 0)
      {
        if (after == NULL)
          before = after = limn_tiles_write (self, tx, ty);
        after[i] = 0;
      }
  return after != NULL;
}

gboolean
limn_tiles_subtract (LimnTiles *tiles, LimnTiles *other)
{
  gboolean changed = FALSE;

  g_return_val_if_fail (tiles != NULL && other != NULL && tiles->channels == 1 && same_kind (tiles, other), FALSE);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        gsize i = (gsize) ty * tiles->n_columns + tx;
        Tile *tile = tiles->tiles[i];

        if (tile == NULL || other->tiles[i] == NULL)
          continue;
        if (tile == other->tiles[i])
          {
            changed = changed || !bytes_are_zero (tile->data, tiles->tile_bytes);
            g_clear_pointer (&tiles->tiles[i], tile_unref);
          }
        else
          changed = subtract_tile (tiles, other, tx, ty) || changed;
      }
  return changed;
}

/* Fills @row with line @y, columns of @rect, of the scaled mask; FALSE when it is all zero. */
static gboolean
scale_row (LimnTiles *src, const LimnTiles *dst, const LimnRect *rect, int y, guint8 *row)
{
  int sy = (int) (((gint64) y * 2 + 1) * src->height / ((gint64) dst->height * 2));
  gboolean any = FALSE;

  for (int x = 0; x < rect->width; x++)
    {
      int sx = (int) (((gint64) (rect->x + x) * 2 + 1) * src->width / ((gint64) dst->width * 2));
      const Tile *tile = src->tiles[(sy / LIMN_TILE_SIZE) * src->n_columns + sx / LIMN_TILE_SIZE];

      row[x] = tile_read (tile)[(sy % LIMN_TILE_SIZE) * LIMN_TILE_SIZE + sx % LIMN_TILE_SIZE];
      any = any || row[x] != 0;
    }
  return any;
}

/* Whether all source tiles under @rect of the scaled mask are the zero tile. */
static gboolean
source_is_zero (LimnTiles *src, LimnTiles *dst, const LimnRect *rect)
{
  int tx0 = (int) ((gint64) rect->x * src->width / dst->width) / LIMN_TILE_SIZE;
  int ty0 = (int) ((gint64) rect->y * src->height / dst->height) / LIMN_TILE_SIZE;
  int tx1 = (int) ((gint64) (rect->x + rect->width) * src->width / dst->width) / LIMN_TILE_SIZE;
  int ty1 = (int) ((gint64) (rect->y + rect->height) * src->height / dst->height) / LIMN_TILE_SIZE;

  for (int ty = ty0; ty <= MIN (ty1, src->n_rows - 1); ty++)
    for (int tx = tx0; tx <= MIN (tx1, src->n_columns - 1); tx++)
      if (src->tiles[ty * src->n_columns + tx] != NULL)
        return FALSE;
  return TRUE;
}

LimnTiles *
limn_tiles_scale_mask (LimnTiles *tiles, int width, int height)
{
  LimnTiles *scaled;

  g_return_val_if_fail (tiles != NULL && tiles->channels == 1, NULL);

  scaled = limn_tiles_new (width, height, 1);
  for (int ty = 0; ty < scaled->n_rows; ty++)
    for (int tx = 0; tx < scaled->n_columns; tx++)
      {
        LimnRect rect = tile_rect (scaled, tx, ty);
        guint8 row[LIMN_TILE_SIZE];

        if (source_is_zero (tiles, scaled, &rect))
          continue;
        for (int y = 0; y < rect.height; y++)
          if (scale_row (tiles, scaled, &rect, rect.y + y, row))
            memcpy (limn_tiles_write (scaled, tx, ty) + y * LIMN_TILE_SIZE, row, rect.width);
      }
  return scaled;
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

gboolean
limn_tiles_diff (LimnTiles *a, LimnTiles *b, LimnRect *out)
{
  LimnRect box = { 0 };

  g_return_val_if_fail (a != NULL && b != NULL, FALSE);
  g_return_val_if_fail (a->width == b->width && a->height == b->height, FALSE);

  for (int ty = 0; ty < a->n_rows; ty++)
    for (int tx = 0; tx < a->n_columns; tx++)
      {
        LimnRect rect = tile_rect (a, tx, ty);

        if (a->tiles[ty * a->n_columns + tx] == b->tiles[ty * b->n_columns + tx])
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
