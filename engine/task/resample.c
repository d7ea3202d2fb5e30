/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/resample-private.h"

#include <math.h>
#include <string.h>

#define TAPS 6 /* Lanczos 3 reaches three pixels to each side */
#define ROWS_PER_TILE 4

typedef struct
{
  const LimnImage *image;
  LimnRect rect;
  int height, width;
  float *out;
} Shrink;

/* RGB of one pixel of the picture as the person sees it, 0 .. 255. */
static inline void
read_pixel (const LimnImage *image, gint64 x, gint64 y, float rgb[3])
{
  const guint8 *pixel = limn_image_row (image, (int)CLAMP (y, 0, image->height - 1))
                        + (gsize)CLAMP (x, 0, image->width - 1) * image->channels;

  for (int c = 0; c < 3; c++)
    rgb[c] = pixel[image->channels == 1 ? 0 : c];
  if (image->channels == 4 && pixel[3] != 255)
    for (int c = 0; c < 3; c++)
      rgb[c] = (rgb[c] * pixel[3] + 255.0f * (255 - pixel[3])) / 255.0f;
}

/* Length of the part of pixel @i that lies in [@from, @to). */
static inline double
coverage (gint64 i, double from, double to)
{
  return MIN (to, i + 1.0) - MAX (from, (double)i);
}

static void
shrink_pixel (const Shrink *s, int i, int j, float *out)
{
  double left = (double)i * s->rect.width / s->width,
         right = (double)(i + 1) * s->rect.width / s->width;
  double top = (double)j * s->rect.height / s->height,
         bottom = (double)(j + 1) * s->rect.height / s->height;
  double sum[3] = { 0 }, area = 0.0;

  for (gint64 y = (gint64)top; y < bottom; y++)
    for (gint64 x = (gint64)left; x < right; x++)
      {
        double weight = coverage (y, top, bottom) * coverage (x, left, right);
        float rgb[3];

        read_pixel (s->image, s->rect.x + x, s->rect.y + y, rgb);
        for (int c = 0; c < 3; c++)
          sum[c] += weight * rgb[c];
        area += weight;
      }
  for (int c = 0; c < 3; c++)
    out[c] = (float)(sum[c] / area / 127.5 - 1.0);
}

static void
shrink_row (void *data, gint64 index, void *scratch)
{
  const Shrink *s = data;

  for (int i = 0; i < s->width; i++)
    shrink_pixel (s, i, (int)index, s->out + ((gsize)index * s->width + i) * 3);
}

LimnTensor
limn_resample_crop (LimnRun *run,
                    const LimnImage *image,
                    const LimnRect *rect,
                    int height,
                    int width)
{
  Shrink shrink = { .image = image, .rect = *rect, .height = height, .width = width };
  LimnTensor x = limn_run_nhwc (run, 1, height, width, 3);

  if (limn_tensor_is_empty (&x))
    return x;
  shrink.out = limn_tensor_f32 (&x);
  return limn_run_parallel (run, height, 0, shrink_row, &shrink) ? x : LIMN_TENSOR_EMPTY;
}

/* What each result pixel of one axis is made of. */
typedef struct
{
  int first;          /* index of tap 0; may be outside, taps are clamped */
  float weight[TAPS]; /* sum 1 */
} Kernel;

static double
lanczos (double x)
{
  double a = G_PI * x;

  if (fabs (x) < 1e-9)
    return 1.0;
  return fabs (x) >= 3.0 ? 0.0 : sin (a) / a * (sin (a / 3.0) / (a / 3.0));
}

/* Kernels for @n pixels from @start on of an axis of @length pixels that shows @source pixels. */
static void
make_kernels (Kernel *kernels, int n, int start, int length, int source)
{
  for (int i = 0; i < n; i++)
    {
      double centre = (start + i + 0.5) * source / length - 0.5, sum = 0.0;
      double weight[TAPS];

      kernels[i].first = (int)floor (centre) - 2;
      for (int k = 0; k < TAPS; k++)
        sum += weight[k] = lanczos (centre - (kernels[i].first + k));
      for (int k = 0; k < TAPS; k++)
        kernels[i].weight[k] = (float)(weight[k] / sum);
    }
}

typedef struct
{
  const float *in;   /* [height][width][3] */
  int height, width; /* of the tensor */
  int first_row;     /* of the tensor that @rows begins with */
  float *rows;       /* [..][part.width][3]: after the pass along x */
  LimnRect part;
  Kernel *across, *down;
  LimnImage *out;
} Enlarge;

static void
enlarge_across (void *data, gint64 index, void *scratch)
{
  const Enlarge *e = data;
  const float *in = e->in + (gsize)(e->first_row + index) * e->width * 3;
  float *out = e->rows + (gsize)index * e->part.width * 3;

  for (int i = 0; i < e->part.width; i++)
    {
      float sum[3] = { 0 };

      for (int k = 0; k < TAPS; k++)
        {
          const float *pixel = in + 3 * CLAMP (e->across[i].first + k, 0, e->width - 1);

          for (int c = 0; c < 3; c++)
            sum[c] += e->across[i].weight[k] * pixel[c];
        }
      memcpy (out + 3 * i, sum, sizeof sum);
    }
}

static void
enlarge_down (void *data, gint64 index, void *scratch)
{
  const Enlarge *e = data;
  int last = (int)MIN ((index + 1) * ROWS_PER_TILE, e->part.height);
  gsize n = (gsize)e->part.width * 3;

  for (int j = (int)index * ROWS_PER_TILE; j < last; j++)
    {
      guint8 *out = limn_image_row (e->out, j);
      const float *taps[TAPS];

      for (int k = 0; k < TAPS; k++)
        taps[k]
            = e->rows + (gsize)(CLAMP (e->down[j].first + k, 0, e->height - 1) - e->first_row) * n;
      for (gsize i = 0; i < n; i++)
        {
          float sum = 0.0f;

          for (int k = 0; k < TAPS; k++)
            sum += e->down[j].weight[k] * taps[k][i];
          sum = (sum + 1.0f) * 127.5f;
          out[i] = sum > 0.0f ? (guint8)lrintf (MIN (sum, 255.0f)) : 0;
        }
    }
}

LimnImage *
limn_resample_part (LimnRun *run, const LimnTensor *x, const LimnRect *crop, const LimnRect *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) out = limn_image_new (part->width, part->height, 3, &error);
  g_autofree Kernel *across = g_new (Kernel, part->width);
  g_autofree Kernel *down = g_new (Kernel, part->height);
  LimnArenaMark mark = limn_run_mark (run);
  Enlarge e = { .in = limn_tensor_f32 (x),
                .height = (int)x->extent[1],
                .width = (int)x->extent[2],
                .part = *part,
                .across = across,
                .down = down,
                .out = out };
  LimnTensor rows;
  int last_row;
  gboolean done;

  if (out == NULL)
    limn_run_fail (run, error->code, "%s", error->message);
  make_kernels (across, part->width, part->x - crop->x, crop->width, e.width);
  make_kernels (down, part->height, part->y - crop->y, crop->height, e.height);
  e.first_row = CLAMP (down[0].first, 0, e.height - 1);
  last_row = CLAMP (down[part->height - 1].first + TAPS - 1, 0, e.height - 1);

  rows = limn_run_nhwc (run, 1, last_row - e.first_row + 1, part->width, 3);
  e.rows = limn_tensor_f32 (&rows);
  done = !limn_tensor_is_empty (&rows)
         && limn_run_parallel (run, last_row - e.first_row + 1, 0, enlarge_across, &e)
         && limn_run_parallel (run, (part->height + ROWS_PER_TILE - 1) / ROWS_PER_TILE, 0,
                               enlarge_down, &e);
  limn_run_release (run, mark);
  return done ? g_steal_pointer (&out) : NULL;
}
