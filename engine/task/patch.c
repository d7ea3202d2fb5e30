/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/patch.h"

void
limn_patch_free (LimnPatch *patch)
{
  if (patch == NULL)
    return;
  limn_image_unref (patch->pixels);
  limn_image_unref (patch->alpha);
  limn_crop_unref (patch->crop);
  g_free (patch);
}

LimnImage *
limn_patch_to_image (const LimnPatch *patch, GError **error)
{
  LimnImage *image;

  g_return_val_if_fail (patch != NULL, NULL);
  image = limn_image_convert (patch->pixels, 4, error);
  for (int y = 0; image != NULL && y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      limn_image_row (image, y)[4 * (gsize)x + 3] = limn_image_row (patch->alpha, y)[x];
  return image;
}

/* below + (above - below) * alpha / 255, rounded to nearest. */
static inline guint8
mix (guint8 below, guint8 above, guint8 alpha)
{
  return (guint8)((below * (255 - alpha) + above * alpha + 127) / 255);
}

/*
 * The patch is opaque, the picture below it may not be: "over" with straight alpha. With A the
 * picture's alpha and a the patch's, A' = A + (255 - A) a / 255 and C' = (C A (255 - a) + P a 255)
 * / (A (255 - a) + a 255); for A = 255 this is mix().
 */
static void
paste_rgba (guint8 *pixel, const guint8 *above, guint8 alpha)
{
  guint32 below_weight = (guint32)pixel[3] * (255 - alpha);
  guint32 above_weight = (guint32)alpha * 255;
  guint32 total = below_weight + above_weight;

  for (int c = 0; c < 3; c++)
    pixel[c] = (guint8)((pixel[c] * below_weight + above[c] * above_weight + total / 2) / total);
  pixel[3] = mix (pixel[3], 255, alpha);
}

void
limn_patch_apply (const LimnPatch *patch, LimnImage *image)
{
  LimnRect all = { 0, 0, 0, 0 }, inside;

  g_return_if_fail (patch != NULL && image != NULL);
  g_return_if_fail (image->channels == 3 || image->channels == 4);
  all.width = image->width;
  all.height = image->height;
  if (!limn_rect_intersect (&all, &patch->rect, &inside))
    return;

  for (int y = inside.y; y < inside.y + inside.height; y++)
    {
      gsize skip = (gsize)(inside.x - patch->rect.x);
      const guint8 *above = limn_image_row (patch->pixels, y - patch->rect.y) + skip * 3;
      const guint8 *alpha = limn_image_row (patch->alpha, y - patch->rect.y) + skip;
      guint8 *pixel = limn_image_row (image, y) + (gsize)inside.x * image->channels;

      for (int x = 0; x < inside.width; x++, above += 3, pixel += image->channels)
        {
          if (alpha[x] == 0)
            continue;
          if (image->channels == 4)
            paste_rgba (pixel, above, alpha[x]);
          else
            for (int c = 0; c < 3; c++)
              pixel[c] = mix (pixel[c], above[c], alpha[x]);
        }
    }
}
