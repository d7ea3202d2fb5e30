/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/image.h"

#include <math.h>
#include <string.h>

/* Rec. 709 luma in 16-bit fixed point; the weights add up to 65536, so that grey stays grey. */
static inline guint8
luma (const guint8 *rgb)
{
  return (guint8)((13933u * rgb[0] + 46871u * rgb[1] + 4732u * rgb[2] + 32768u) >> 16);
}

/* @value with coverage @alpha over white, rounded to nearest. */
static inline guint8
over_white (guint8 value, guint8 alpha)
{
  return (guint8)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

static void
convert_pixel (const guint8 *src, int src_channels, guint8 *dst, int dst_channels)
{
  guint8 rgb[3];
  guint8 alpha = src_channels == 4 ? src[3] : 255;

  for (int c = 0; c < 3; c++)
    rgb[c] = src[src_channels == 1 ? 0 : c];
  if (dst_channels == 4)
    {
      memcpy (dst, rgb, 3);
      dst[3] = alpha;
      return;
    }
  if (alpha != 255)
    for (int c = 0; c < 3; c++)
      rgb[c] = over_white (rgb[c], alpha);
  if (dst_channels == 1)
    dst[0] = src_channels == 1 ? src[0] : luma (rgb);
  else
    memcpy (dst, rgb, 3);
}

LimnImage *
limn_image_convert (const LimnImage *image, int channels, GError **error)
{
  LimnImage *result;

  g_return_val_if_fail (image != NULL, NULL);
  if (channels == image->channels)
    return limn_image_copy (image, error);
  result = limn_image_new (image->width, image->height, channels, error);
  if (result == NULL)
    return NULL;
  for (int y = 0; y < image->height; y++)
    {
      const guint8 *src = limn_image_row (image, y);
      guint8 *dst = limn_image_row (result, y);

      for (int x = 0; x < image->width; x++)
        convert_pixel (src + (gsize)x * image->channels, image->channels, dst + (gsize)x * channels,
                       channels);
    }
  return result;
}

LimnTensor
limn_image_to_tensor (LimnRun *run, const LimnImage *image, const LimnRect *rect)
{
  LimnTensor x;
  float *dst;

  if (limn_rect_is_empty (rect))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "A crop of %d × %d pixels has no pixels",
                     rect->width, rect->height);
      return LIMN_TENSOR_EMPTY;
    }
  x = limn_run_nhwc (run, 1, rect->height, rect->width, 3);
  if (limn_tensor_is_empty (&x))
    return x;
  dst = limn_tensor_f32 (&x);
  for (int j = 0; j < rect->height; j++)
    {
      int y = (int)CLAMP ((gint64)rect->y + j, 0, image->height - 1);
      const guint8 *row = limn_image_row (image, y);

      for (int i = 0; i < rect->width; i++)
        {
          int column = (int)CLAMP ((gint64)rect->x + i, 0, image->width - 1);
          const guint8 *pixel = row + (gsize)column * image->channels;

          for (int c = 0; c < 3; c++)
            *dst++ = pixel[image->channels == 1 ? 0 : c] / 127.5f - 1.0f;
        }
    }
  return x;
}

LimnImage *
limn_image_from_tensor (const LimnTensor *x, GError **error)
{
  LimnImage *image;
  const float *src;

  g_return_val_if_fail (x != NULL, NULL);
  if (limn_tensor_is_empty (x) || x->n_dims != 4 || x->extent[0] != 1 || x->extent[3] != 3
      || x->extent[1] > LIMN_IMAGE_MAX_SIDE || x->extent[2] > LIMN_IMAGE_MAX_SIDE)
    {
      g_autofree char *shape = limn_tensor_describe (x);

      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE,
                   "An image is made from a tensor [1, height, width, 3], not from %s", shape);
      return NULL;
    }
  image = limn_image_new ((int)x->extent[2], (int)x->extent[1], 3, error);
  if (image == NULL)
    return NULL;
  src = limn_tensor_f32 (x);
  for (gsize i = 0, n = (gsize)image->height * image->stride; i < n; i++)
    {
      float value = (src[i] + 1.0f) * 127.5f;

      /* Written so that NaN becomes 0 and never reaches the conversion. */
      image->pixels[i] = value > 0.0f ? (guint8)lrintf (MIN (value, 255.0f)) : 0;
    }
  return image;
}
