/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-tiles"

#include "config.h"

#include <string.h>

#include "app/limn-tiles-private.h"

/* What tiles of masks tell and become: bounds, emptiness, subtraction, another size. */

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
  return memcmp (bytes, _limn_tile_read (NULL), n) == 0;
}

gboolean
limn_tiles_bounds (LimnTiles *tiles, LimnRect *bounds)
{
  int x0 = G_MAXINT, y0 = G_MAXINT, x1 = -1, y1 = -1;

  g_return_val_if_fail (tiles != NULL && tiles->channels == 1, FALSE);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        LimnRect rect = _limn_tiles_rect (tiles, tx, ty);
        const guint8 *data = limn_tiles_read (tiles, tx, ty);
        int first, last;

        if (data == _limn_tile_read (NULL))
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

  for (gsize i = 0; i < (gsize) tiles->n_columns * tiles->n_rows; i++)
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

  g_return_val_if_fail (tiles != NULL && other != NULL && tiles->channels == 1 && _limn_tiles_same_kind (tiles, other), FALSE);

  for (int ty = 0; ty < tiles->n_rows; ty++)
    for (int tx = 0; tx < tiles->n_columns; tx++)
      {
        gsize i = (gsize) ty * tiles->n_columns + tx;
        LimnTile *tile = tiles->tiles[i];

        if (tile == NULL || other->tiles[i] == NULL)
          continue;
        if (tile == other->tiles[i])
          {
            changed = changed || !bytes_are_zero (tile->data, tiles->tile_bytes);
            g_clear_pointer (&tiles->tiles[i], _limn_tile_unref);
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
      const LimnTile *tile = src->tiles[(sy / LIMN_TILE_SIZE) * src->n_columns + sx / LIMN_TILE_SIZE];

      row[x] = _limn_tile_read (tile)[(sy % LIMN_TILE_SIZE) * LIMN_TILE_SIZE + sx % LIMN_TILE_SIZE];
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
        LimnRect rect = _limn_tiles_rect (scaled, tx, ty);
        guint8 row[LIMN_TILE_SIZE];

        if (source_is_zero (tiles, scaled, &rect))
          continue;
        for (int y = 0; y < rect.height; y++)
          if (scale_row (tiles, scaled, &rect, rect.y + y, row))
            memcpy (limn_tiles_write (scaled, tx, ty) + y * LIMN_TILE_SIZE, row, rect.width);
      }
  return scaled;
}
