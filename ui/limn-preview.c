/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-preview.h"

#include <math.h>
#include <string.h>

#include "ui/limn-scaler.h"

GdkTexture *
limn_texture_from_image (const LimnImage *image)
{
  g_autoptr (LimnImage) rgb = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (image != NULL, NULL);

  if (image->channels == 1)
    {
      rgb = limn_image_convert (image, 3, NULL);
      if (rgb == NULL)
        return NULL;
      image = rgb;
    }
  bytes = g_bytes_new (image->pixels,
                       image->stride * (image->height - 1) + (gsize)image->width * image->channels);
  return gdk_memory_texture_new (image->width, image->height,
                                 image->channels == 4 ? GDK_MEMORY_R8G8B8A8 : GDK_MEMORY_R8G8B8,
                                 bytes, image->stride);
}

LimnImage *
limn_image_from_texture (GdkTexture *texture, GError **error)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autoptr (LimnImage) image = limn_image_new (width, height, 4, error);
  gboolean opaque = TRUE;

  if (image == NULL)
    return NULL;
  /* Comes as premultiplied BGRA. */
  gdk_texture_download (texture, image->pixels, image->stride);
  for (int y = 0; y < height; y++)
    {
      guint8 *p = limn_image_row (image, y);

      for (int x = 0; x < width; x++, p += 4)
        {
          guint8 blue = p[0], green = p[1], red = p[2], alpha = p[3];

          opaque &= alpha == 255;
          p[0] = alpha == 0 ? 0 : MIN (255, (red * 255 + alpha / 2) / alpha);
          p[1] = alpha == 0 ? 0 : MIN (255, (green * 255 + alpha / 2) / alpha);
          p[2] = alpha == 0 ? 0 : MIN (255, (blue * 255 + alpha / 2) / alpha);
        }
    }
  if (opaque)
    return limn_image_convert (image, 3, error);
  return g_steal_pointer (&image);
}

/* Bilinear sample at (@x, @y) in pixels, edges repeated. */
static void
sample (const LimnImage *image, double x, double y, guint8 rgb[3])
{
  double fx = CLAMP (x - 0.5, 0, image->width - 1), fy = CLAMP (y - 0.5, 0, image->height - 1);
  int x0 = (int)fx, y0 = (int)fy;
  int x1 = MIN (x0 + 1, image->width - 1), y1 = MIN (y0 + 1, image->height - 1);
  int wx = (int)((fx - x0) * 256), wy = (int)((fy - y0) * 256);
  const guint8 *top = limn_image_row (image, y0), *bottom = limn_image_row (image, y1);
  int n = image->channels;

  for (int c = 0; c < 3; c++)
    {
      int k = n == 1 ? 0 : c;
      int a = top[x0 * n + k] * (256 - wx) + top[x1 * n + k] * wx;
      int b = bottom[x0 * n + k] * (256 - wx) + bottom[x1 * n + k] * wx;

      rgb[c] = (guint8)((a * (256 - wy) + b * wy + 32768) >> 16);
    }
}

/* The mask within @rect at @scale, zero beyond the picture: @width x @height bytes (transfer full).
 */
static guint8 *
read_mask (LimnMips *mask, const LimnRect *rect, double scale, int width, int height)
{
  g_autoptr (LimnScaler) scaler = limn_scaler_new ();
  guint8 *alpha = g_malloc0 ((gsize)width * height);
  LimnRect wanted = { (int)rint (rect->x * scale), (int)rint (rect->y * scale), width, height };
  LimnRect all = { 0 }, part;

  limn_scaler_get_size (mask, scale, &all.width, &all.height);
  if (limn_rect_intersect (&wanted, &all, &part))
    limn_scaler_render (scaler, mask, scale, &part, LIMN_NO_DEADLINE,
                        alpha + (gsize)(part.y - wanted.y) * width + (part.x - wanted.x), width);
  return alpha;
}

GdkTexture *
limn_preview_compose (const LimnImage *preview, const LimnRect *rect, LimnMips *mask)
{
  double scale = MIN (1, (double)LIMN_PREVIEW_SIDE / MAX (rect->width, rect->height));
  int width = MAX (1, (int)rint (rect->width * scale)),
      height = MAX (1, (int)rint (rect->height * scale));
  g_autofree guint8 *alpha = read_mask (mask, rect, scale, width, height);
  guint8 *pixels = g_malloc0 ((gsize)width * height * 4);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, (gsize)width * height * 4);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *p = pixels + ((gsize)y * width + x) * 4;
        guint a = alpha[(gsize)y * width + x];
        guint8 rgb[3];

        if (a == 0)
          continue;
        sample (preview, (x + 0.5) * preview->width / width, (y + 0.5) * preview->height / height,
                rgb);
        p[0] = (rgb[2] * a + 127) / 255;
        p[1] = (rgb[1] * a + 127) / 255;
        p[2] = (rgb[0] * a + 127) / 255;
        p[3] = a;
      }
  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bytes,
                                 (gsize)width * 4);
}
