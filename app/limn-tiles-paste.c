/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-tiles"

#include "config.h"

#include "app/limn-tiles.h"

/* A view of @rect of pixels that somebody else owns; not reference counted. */
static LimnImage
view (guint8 *pixels, gsize stride, int channels, const LimnRect *rect)
{
  LimnImage image
      = { .width = rect->width, .height = rect->height, .channels = channels, .stride = stride };

  image.pixels = pixels + (gsize)rect->y * stride + (gsize)rect->x * channels;
  g_atomic_ref_count_init (&image.ref_count);
  return image;
}

static gboolean
is_zero (const LimnImage *alpha)
{
  for (int y = 0; y < alpha->height; y++)
    for (int x = 0; x < alpha->width; x++)
      if (limn_image_row (alpha, y)[x] != 0)
        return FALSE;
  return TRUE;
}

void
limn_tiles_paste_tile (LimnTiles *tiles, const LimnPatch *patch, int tx, int ty)
{
  LimnRect tile = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE };
  LimnRect part, in_patch, in_tile;
  LimnImage pixels, alpha, area;
  LimnPatch piece;
  int channels;

  g_return_if_fail (tiles != NULL && patch != NULL);

  channels = limn_tiles_get_channels (tiles);
  if (!limn_rect_intersect (&tile, &patch->rect, &part))
    return;
  in_patch = (LimnRect){ part.x - patch->rect.x, part.y - patch->rect.y, part.width, part.height };
  in_tile = (LimnRect){ part.x - tile.x, part.y - tile.y, part.width, part.height };
  alpha = view (patch->alpha->pixels, patch->alpha->stride, 1, &in_patch);
  if (is_zero (&alpha))
    return;

  pixels = view (patch->pixels->pixels, patch->pixels->stride, 3, &in_patch);
  area = view (limn_tiles_write (tiles, tx, ty), (gsize)LIMN_TILE_SIZE * channels, channels,
               &in_tile);
  piece = (LimnPatch){ { 0, 0, part.width, part.height }, &pixels, &alpha };
  limn_patch_apply (&piece, &area);
}

void
limn_tiles_paste (LimnTiles *tiles, const LimnPatch *patch)
{
  const LimnRect *r;

  g_return_if_fail (tiles != NULL && patch != NULL);

  r = &patch->rect;
  for (int ty = r->y / LIMN_TILE_SIZE; ty <= (r->y + r->height - 1) / LIMN_TILE_SIZE; ty++)
    for (int tx = r->x / LIMN_TILE_SIZE; tx <= (r->x + r->width - 1) / LIMN_TILE_SIZE; tx++)
      limn_tiles_paste_tile (tiles, patch, tx, ty);
}
