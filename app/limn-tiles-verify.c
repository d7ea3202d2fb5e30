/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-tiles"

#include "config.h"

#include <string.h>

#include "app/limn-tiles-verify.h"

typedef struct
{
  LimnTiles *before, *after;
  const LimnPatch *patch;
  int channels;
  GChecksum *before_sum, *after_sum;
  LimnOutside *outside;
} Verify;

void
limn_outside_clear (LimnOutside *outside)
{
  g_clear_pointer (&outside->before, g_free);
  g_clear_pointer (&outside->after, g_free);
}

/* @n pixels that lie outside, beside each other. */
static void
verify_run (Verify *verify, const guint8 *before, const guint8 *after, int n)
{
  gsize bytes = (gsize)n * verify->channels;

  if (n <= 0)
    return;
  g_checksum_update (verify->before_sum, before, bytes);
  g_checksum_update (verify->after_sum, after, bytes);
  verify->outside->n_pixels += n;
  if (memcmp (before, after, bytes) == 0)
    return;
  for (int i = 0; i < n; i++)
    verify->outside->n_changed
        += memcmp (before + i * verify->channels, after + i * verify->channels, verify->channels)
           != 0;
}

/* Is the pixel of row @y one that the patch covers with nothing? */
static gboolean
is_outside (const LimnPatch *patch, int x, int y)
{
  const LimnRect *r = &patch->rect;

  return x < r->x || y < r->y || x >= r->x + r->width || y >= r->y + r->height
         || limn_image_row (patch->alpha, y - r->y)[x - r->x] == 0;
}

/* One row of a tile, in runs of pixels that are outside. */
static void
verify_row (Verify *verify, const guint8 *before, const guint8 *after, int x0, int y, int width)
{
  int start = 0;

  for (int x = 0; x <= width; x++)
    if (x == width || !is_outside (verify->patch, x0 + x, y))
      {
        verify_run (verify, before + (gsize)start * verify->channels,
                    after + (gsize)start * verify->channels, x - start);
        start = x + 1;
      }
}

static void
verify_tile (Verify *verify, int tx, int ty)
{
  int x0 = tx * LIMN_TILE_SIZE, y0 = ty * LIMN_TILE_SIZE;
  int width = MIN (LIMN_TILE_SIZE, limn_tiles_get_width (verify->before) - x0);
  int height = MIN (LIMN_TILE_SIZE, limn_tiles_get_height (verify->before) - y0);
  const guint8 *before = limn_tiles_read (verify->before, tx, ty);
  const guint8 *after = limn_tiles_read (verify->after, tx, ty);
  gsize stride = (gsize)LIMN_TILE_SIZE * verify->channels;

  for (int y = 0; y < height; y++)
    verify_row (verify, before + y * stride, after + y * stride, x0, y0 + y, width);
}

gboolean
limn_tiles_verify_outside (LimnTiles *before,
                           LimnTiles *after,
                           const LimnPatch *patch,
                           GCancellable *cancellable,
                           LimnOutside *outside)
{
  g_autoptr (GChecksum) before_sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GChecksum) after_sum = g_checksum_new (G_CHECKSUM_SHA256);
  Verify verify = { before, after, patch, 0, before_sum, after_sum, outside };

  g_return_val_if_fail (before != NULL && after != NULL && patch != NULL && outside != NULL, FALSE);
  g_return_val_if_fail (limn_tiles_get_width (before) == limn_tiles_get_width (after), FALSE);
  g_return_val_if_fail (limn_tiles_get_height (before) == limn_tiles_get_height (after), FALSE);
  g_return_val_if_fail (limn_tiles_get_channels (before) == limn_tiles_get_channels (after), FALSE);

  *outside = (LimnOutside){ 0 };
  verify.channels = limn_tiles_get_channels (before);
  for (int ty = 0; ty * LIMN_TILE_SIZE < limn_tiles_get_height (before); ty++)
    for (int tx = 0; tx * LIMN_TILE_SIZE < limn_tiles_get_width (before); tx++)
      {
        if (g_cancellable_is_cancelled (cancellable))
          return FALSE;
        verify_tile (&verify, tx, ty);
      }
  outside->before = g_strdup (g_checksum_get_string (before_sum));
  outside->after = g_strdup (g_checksum_get_string (after_sum));
  return TRUE;
}
