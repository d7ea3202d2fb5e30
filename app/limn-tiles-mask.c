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

/* Bounding box of what is above 0 in a tile; FALSE when nothing is. */
static gboolean
tile_bounds (LimnTiles *tiles, int tx, int ty, LimnRect *bounds)
{
  LimnRect rect = _limn_tiles_rect (tiles, tx, ty);
  const guint8 *data = limn_tiles_read (tiles, tx, ty);
  int constant = limn_tiles_get_constant (tiles, tx, ty);
  int x0 = G_MAXINT, y0 = -1, x1 = -1, y1 = -1, first, last;

  if (constant >= 0)
    {
      *bounds = rect;
      return constant > 0;
    }
  for (int y = 0; y < rect.height; y++)
    {
      const guint8 *row = data + y * LIMN_TILE_SIZE;

      if (bytes_are_zero (row, rect.width) || !row_bounds (row, rect.width, &first, &last))
        continue;
      x0 = MIN (x0, first);
      x1 = MAX (x1, last);
      y0 = y0 < 0 ? y : y0;
      y1 = y;
    }
  if (y0 < 0)
    return FALSE;
  *bounds = (LimnRect) { rect.x + x0, rect.y + y0, x1 - x0 + 1, y1 - y0 + 1 };
  return TRUE;
}

/* Adds to @box what is above 0 in row of tiles @i, or with @column column of tiles @i; FALSE when nothing is. */
static gboolean
line_bounds (LimnTiles *tiles, int i, gboolean column, LimnRect *box)
{
  int n = column ? tiles->n_rows : tiles->n_columns;
  gboolean any = FALSE;
  LimnRect rect;

  for (int k = 0; k < n; k++)
    if (tile_bounds (tiles, column ? i : k, column ? k : i, &rect))
      {
        if (limn_rect_is_empty (box))
          *box = rect;
        else
          limn_rect_union (box, &rect, box);
        any = TRUE;
      }
  return any;
}

/* From each of the four sides up to the first row or column of tiles that has something: what lies within cannot count. */
gboolean
limn_tiles_bounds (LimnTiles *tiles, LimnRect *bounds)
{
  LimnRect box = { 0 };
  int top = 0, bottom, left = 0, right;

  g_return_val_if_fail (tiles != NULL && tiles->channels == 1, FALSE);

  bottom = tiles->n_rows - 1;
  right = tiles->n_columns - 1;
  while (top <= bottom && !line_bounds (tiles, top, FALSE, &box))
    top++;
  if (top > bottom)
    return FALSE;
  while (bottom > top && !line_bounds (tiles, bottom, FALSE, &box))
    bottom--;
  while (left < right && !line_bounds (tiles, left, TRUE, &box))
    left++;
  while (right > left && !line_bounds (tiles, right, TRUE, &box))
    right--;
  if (bounds != NULL)
    *bounds = box;
  return TRUE;
}

gboolean
limn_tiles_is_empty (LimnTiles *tiles)
{
  g_return_val_if_fail (tiles != NULL, TRUE);

  for (gsize i = 0; i < (gsize) tiles->n_columns * tiles->n_rows; i++)
    {
      const LimnTile *tile = tiles->tiles[i];

      if (tile != NULL && (tile->constant > 0 || (tile->constant < 0 && !bytes_are_zero (tile->data, tiles->tile_bytes))))
        return FALSE;
    }
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
        if (tile == other->tiles[i] || other->tiles[i]->constant > 0)
          {
            changed = changed || tile->constant > 0 || !bytes_are_zero (tile->data, tiles->tile_bytes);
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

/* The one value of all source tiles under @rect of the scaled mask; -1 when there may be several. */
static int
source_constant (LimnTiles *src, LimnTiles *dst, const LimnRect *rect)
{
  int tx0 = (int) ((gint64) rect->x * src->width / dst->width) / LIMN_TILE_SIZE;
  int ty0 = (int) ((gint64) rect->y * src->height / dst->height) / LIMN_TILE_SIZE;
  int tx1 = (int) ((gint64) (rect->x + rect->width) * src->width / dst->width) / LIMN_TILE_SIZE;
  int ty1 = (int) ((gint64) (rect->y + rect->height) * src->height / dst->height) / LIMN_TILE_SIZE;
  int value = limn_tiles_get_constant (src, MIN (tx0, src->n_columns - 1), MIN (ty0, src->n_rows - 1));

  for (int ty = ty0; ty <= MIN (ty1, src->n_rows - 1); ty++)
    for (int tx = tx0; tx <= MIN (tx1, src->n_columns - 1); tx++)
      if (limn_tiles_get_constant (src, tx, ty) != value)
        return -1;
  return value;
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
        int constant = source_constant (tiles, scaled, &rect);

        if (constant >= 0)
          {
            limn_tiles_fill_tile (scaled, tx, ty, (guint8) constant);
            continue;
          }
        for (int y = 0; y < rect.height; y++)
          if (scale_row (tiles, scaled, &rect, rect.y + y, row))
            memcpy (limn_tiles_write (scaled, tx, ty) + y * LIMN_TILE_SIZE, row, rect.width);
      }
  return scaled;
}
