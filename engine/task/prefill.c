/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/prefill-private.h"

/* Enough for a side of 2^30 pixels. */
#define MAX_LEVELS 31

/* One level of the pyramid: per pixel the colour times its weight, and the weight (0 .. 1) last. */
typedef struct
{
  float *data;
  gint64 height, width;
} Level;

static void
load (const LimnTensor *image, const guint8 *hole, const Level *level, int channels)
{
  const float *from = limn_tensor_f32 (image);

  for (gint64 i = 0; i < level->height * level->width; i++)
    {
      float weight = (255 - hole[i]) / 255.0f, *to = level->data + i * (channels + 1);

      for (int c = 0; c < channels; c++)
        to[c] = from[i * channels + c] * weight;
      to[channels] = weight;
    }
}

/* Pull: sums 2x2, then limits the weight to 1, so that well-known areas do not outvote a narrow
 * bridge. */
static void
pull (const Level *fine, const Level *coarse, int channels)
{
  int n = channels + 1;

  for (gint64 y = 0; y < coarse->height; y++)
    for (gint64 x = 0; x < coarse->width; x++)
      {
        float *to = coarse->data + (y * coarse->width + x) * n;

        for (int c = 0; c < n; c++)
          to[c] = 0;
        for (gint64 v = 2 * y; v < MIN (2 * y + 2, fine->height); v++)
          for (gint64 u = 2 * x; u < MIN (2 * x + 2, fine->width); u++)
            for (int c = 0; c < n; c++)
              to[c] += fine->data[(v * fine->width + u) * n + c];
        if (to[channels] > 1)
          for (int c = 0; c < n; c++) /* the weight itself last */
            to[c] /= to[channels];
      }
}

/* Push: what is missing to weight 1 comes from the coarse level, bilinearly between its centres. */
static void
push (const Level *coarse, const Level *fine, int channels)
{
  int n = channels + 1;

  for (gint64 y = 0; y < fine->height; y++)
    for (gint64 x = 0; x < fine->width; x++)
      {
        float *to = fine->data + (y * fine->width + x) * n, missing = 1 - to[channels];
        gint64 y0 = y / 2, x0 = x / 2;
        gint64 y1 = CLAMP (y0 + (y % 2 ? 1 : -1), 0, coarse->height - 1);
        gint64 x1 = CLAMP (x0 + (x % 2 ? 1 : -1), 0, coarse->width - 1);
        const float *a = coarse->data + (y0 * coarse->width + x0) * n;
        const float *b = coarse->data + (y0 * coarse->width + x1) * n;
        const float *c = coarse->data + (y1 * coarse->width + x0) * n;
        const float *d = coarse->data + (y1 * coarse->width + x1) * n;

        if (missing <= 0)
          continue;
        for (int k = 0; k < n; k++)
          to[k] += missing * (0.5625f * a[k] + 0.1875f * (b[k] + c[k]) + 0.0625f * d[k]);
      }
}

static void
store (const Level *level, const guint8 *hole, LimnTensor *image, int channels)
{
  float *to = limn_tensor_f32 (image);

  for (gint64 i = 0; i < level->height * level->width; i++)
    if (hole[i] > 0)
      for (int c = 0; c < channels; c++)
        to[i * channels + c] = level->data[i * (channels + 1) + c];
}

void
limn_prefill_smooth_in_place (LimnRun *run, LimnTensor *image, const guint8 *hole)
{
  Level levels[MAX_LEVELS];
  int n_levels = 0, channels = (int)image->extent[3];
  gint64 height = image->extent[1], width = image->extent[2];
  LimnArenaMark mark = limn_run_mark (run);

  while (n_levels < MAX_LEVELS)
    {
      LimnTensor t = limn_run_nhwc (run, 1, height, width, channels + 1);

      levels[n_levels++]
          = (Level){ .data = limn_tensor_f32 (&t), .height = height, .width = width };
      if (height == 1 && width == 1)
        break;
      height = (height + 1) / 2;
      width = (width + 1) / 2;
    }
  if (limn_run_ok (run))
    {
      load (image, hole, &levels[0], channels);
      for (int i = 0; i + 1 < n_levels; i++)
        pull (&levels[i], &levels[i + 1], channels);
      for (int i = n_levels - 2; i >= 0; i--)
        push (&levels[i + 1], &levels[i], channels);
      store (&levels[0], hole, image, channels);
    }
  limn_run_release (run, mark);
}
