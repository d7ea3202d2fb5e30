/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/pointwise-private.h"

#include <math.h>
#include <string.h>

/* Values of a tile: a few microseconds of work, a quarter of the second-level cache. */
#define TILE_VALUES (16 * 1024)

/* Values. What is made of them depends on the operation. */
typedef struct
{
  const float *a;
  float *y;
  gint64 n_rows, tile;
  float scale, shift;
} Job;

static gboolean
run_job (LimnRun *run, Job *job, gint64 row_values, LimnTask task)
{
  job->tile = MAX (TILE_VALUES / MAX (row_values, 1), 1);
  return limn_run_parallel (run, (job->n_rows + job->tile - 1) / job->tile, 0, task, job);
}

static gboolean
have (LimnRun *run, const LimnTensor *a, const LimnTensor *b)
{
  return limn_run_ok (run) && !limn_tensor_is_empty (a) && !limn_tensor_is_empty (b);
}

static gboolean
fits (LimnRun *run, const char *what, gboolean condition, const LimnTensor *a, const LimnTensor *b)
{
  g_autofree char *first = NULL, *second = NULL;

  if (condition)
    return TRUE;
  first = limn_tensor_describe (a);
  second = limn_tensor_describe (b);
  limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "%s: %s and %s do not fit together", what, first,
                 second);
  return FALSE;
}

gboolean
limn_check_map (LimnRun *run, const char *what, const LimnTensor *x, int channels)
{
  g_autofree char *found = NULL;

  if (!have (run, x, x))
    return FALSE;
  if (x->n_dims == 4 && x->extent[1] >= 1 && x->extent[2] >= 1 && x->extent[3] == channels)
    return TRUE;
  found = limn_tensor_describe (x);
  limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The %s takes maps of %d channels, not %s", what,
                 channels, found);
  return FALSE;
}

/* ---- Value by value ------------------------------------------------------------------------- */

static void
leaky_relu_tile (void *data, gint64 index, void *scratch)
{
  const Job *job = data;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  for (gint64 i = first; i < last; i++)
    job->y[i] = job->y[i] > 0.0f ? job->y[i] : job->y[i] * job->scale;
}

void
limn_leaky_relu_in_place (LimnRun *run, const LimnTensor *x, float slope)
{
  Job job = { .scale = slope };

  if (!have (run, x, x))
    return;
  job.y = limn_tensor_f32 (x);
  job.n_rows = limn_tensor_count (x);
  run_job (run, &job, 1, leaky_relu_tile);
}

static void
scale_tile (void *data, gint64 index, void *scratch)
{
  const Job *job = data;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  for (gint64 i = first; i < last; i++)
    job->y[i] = job->y[i] * job->scale + job->shift;
}

void
limn_scale_in_place (LimnRun *run, const LimnTensor *x, float scale, float shift)
{
  Job job = { .scale = scale, .shift = shift };

  if (!have (run, x, x))
    return;
  job.y = limn_tensor_f32 (x);
  job.n_rows = limn_tensor_count (x);
  run_job (run, &job, 1, scale_tile);
}

static void
soft_clamp_tile (void *data, gint64 index, void *scratch)
{
  const Job *job = data;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  for (gint64 i = first; i < last; i++)
    job->y[i] = tanhf (job->a[i] / job->scale) * job->scale;
}

LimnTensor
limn_soft_clamp (LimnRun *run, const LimnTensor *x, float limit)
{
  Job job = { .scale = limit };
  LimnTensor y;

  if (!have (run, x, x))
    return LIMN_TENSOR_EMPTY;
  y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.a = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (x);
  /* A tanh takes as long as ten of the others' values. */
  return run_job (run, &job, 10, soft_clamp_tile) ? y : LIMN_TENSOR_EMPTY;
}

/* ---- Channels ------------------------------------------------------------------------------- */

/* The first @n_channels of each pixel. */
typedef struct
{
  const float *x;
  float *y;
  gint64 x_channels, y_channels, n_channels;
  gint64 n_rows, tile;
  float x_factor, y_factor;
} Mix;

static void
mix_tile (void *data, gint64 index, void *scratch)
{
  const Mix *mix = data;
  gint64 first = index * mix->tile, last = MIN (first + mix->tile, mix->n_rows);

  for (gint64 row = first; row < last; row++)
    {
      const float *x = mix->x + row * mix->x_channels;
      float *y = mix->y + row * mix->y_channels;

      for (gint64 c = 0; c < mix->n_channels; c++)
        y[c] = (mix->y_factor != 0.0f ? y[c] * mix->y_factor : 0.0f) + x[c] * mix->x_factor;
    }
}

void
limn_mix_channels (LimnRun *run,
                   const LimnTensor *y,
                   float y_factor,
                   const LimnTensor *x,
                   float x_factor,
                   gint64 n_channels)
{
  Mix mix = { .y_factor = y_factor, .x_factor = x_factor, .n_channels = n_channels };

  if (!have (run, y, x)
      || !fits (run, "mix",
                y->n_dims == 4 && x->n_dims == 4 && y->extent[0] == x->extent[0]
                    && y->extent[1] == x->extent[1] && y->extent[2] == x->extent[2]
                    && n_channels <= MIN (y->extent[3], x->extent[3]),
                y, x))
    return;
  mix.x = limn_tensor_f32 (x);
  mix.y = limn_tensor_f32 (y);
  mix.x_channels = x->extent[3];
  mix.y_channels = y->extent[3];
  mix.n_rows = limn_tensor_count (x) / mix.x_channels;
  mix.tile = MAX (TILE_VALUES / MAX (n_channels, 1), 1);
  limn_run_parallel (run, (mix.n_rows + mix.tile - 1) / mix.tile, 0, mix_tile, &mix);
}

/* ---- Pixels --------------------------------------------------------------------------------- */

/* Rows of the result, counted through all samples. @h, @w, @c: of the input; @oh, @ow, @oc: of the
 * result. */
typedef struct
{
  const float *x, *base;
  float *y;
  gint64 h, w, c, oh, ow, oc;
  gint64 n_rows, tile;
  int factor;
  float scale, shift;
} PixelJob;

static gboolean
run_pixels (LimnRun *run, PixelJob *job, const LimnTensor *y, LimnTask task)
{
  job->y = limn_tensor_f32 (y);
  job->oh = y->extent[1];
  job->ow = y->extent[2];
  job->oc = y->extent[3];
  job->n_rows = y->extent[0] * job->oh;
  job->tile = MAX (TILE_VALUES / MAX (job->ow * job->oc, 1), 1);
  return limn_run_parallel (run, (job->n_rows + job->tile - 1) / job->tile, 0, task, job);
}

static PixelJob
pixel_job (const LimnTensor *x, int factor, float scale, float shift)
{
  return (PixelJob){
    .x = limn_tensor_f32 (x),
    .h = x->extent[1],
    .w = x->extent[2],
    .c = x->extent[3],
    .factor = factor,
    .scale = scale,
    .shift = shift,
  };
}

/* The place of @i among @n, reflected at the end. */
static inline gint64
reflect (gint64 i, gint64 n)
{
  return i < n ? i : MAX (2 * (n - 1) - i, 0);
}

static void
unshuffle_tile (void *data, gint64 index, void *scratch)
{
  const PixelJob *job = data;
  gint64 f = job->factor;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  for (gint64 row = first; row < last; row++)
    for (gint64 column = 0; column < job->ow; column++)
      for (gint64 k = 0; k < f * f; k++)
        {
          gint64 top = reflect (row % job->oh * f + k / f, job->h);
          gint64 left = reflect (column * f + k % f, job->w);
          const float *x = job->x + ((row / job->oh * job->h + top) * job->w + left) * job->c;
          float *y = job->y + (row * job->ow + column) * job->oc + k;

          for (gint64 c = 0; c < job->c; c++)
            y[c * f * f] = x[c] * job->scale + job->shift;
        }
}

LimnTensor
limn_pixel_unshuffle (LimnRun *run, const LimnTensor *x, int factor, float scale, float shift)
{
  PixelJob job;
  LimnTensor y;

  if (!have (run, x, x))
    return LIMN_TENSOR_EMPTY;
  job = pixel_job (x, factor, scale, shift);
  y = limn_run_nhwc (run, x->extent[0], (job.h + factor - 1) / factor,
                     (job.w + factor - 1) / factor, job.c * factor * factor);
  if (limn_tensor_is_empty (&y) || !run_pixels (run, &job, &y, unshuffle_tile))
    return LIMN_TENSOR_EMPTY;
  return y;
}

static void
shuffle_tile (void *data, gint64 index, void *scratch)
{
  const PixelJob *job = data;
  gint64 f = job->factor;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  /* Sample and row together: the rows of all samples are multiplied alike. */
  for (gint64 row = first; row < last; row++)
    for (gint64 column = 0; column < job->ow; column++)
      {
        gint64 pixel = row / f * job->w + column / f;
        const float *x = job->x + pixel * job->c + row % f * f + column % f;
        const float *base = job->base + pixel * job->oc;
        float *y = job->y + (row * job->ow + column) * job->oc;

        for (gint64 c = 0; c < job->oc; c++)
          y[c] = (x[c * f * f] + base[c]) * job->scale + job->shift;
      }
}

LimnTensor
limn_pixel_shuffle_add (LimnRun *run,
                        const LimnTensor *x,
                        int factor,
                        const LimnTensor *base,
                        float scale,
                        float shift)
{
  PixelJob job;
  LimnTensor y;

  if (!have (run, x, base)
      || !fits (run, "pixel shuffle",
                x->n_dims == 4 && base->n_dims == 4 && x->extent[0] == base->extent[0]
                    && x->extent[1] == base->extent[1] && x->extent[2] == base->extent[2]
                    && x->extent[3] == base->extent[3] * factor * factor,
                x, base))
    return LIMN_TENSOR_EMPTY;
  job = pixel_job (x, factor, scale, shift);
  job.base = limn_tensor_f32 (base);
  y = limn_run_nhwc (run, x->extent[0], job.h * factor, job.w * factor, base->extent[3]);
  if (limn_tensor_is_empty (&y) || !run_pixels (run, &job, &y, shuffle_tile))
    return LIMN_TENSOR_EMPTY;
  return y;
}

static void
crop_tile (void *data, gint64 index, void *scratch)
{
  const PixelJob *job = data;
  gint64 first = index * job->tile, last = MIN (first + job->tile, job->n_rows);

  for (gint64 row = first; row < last; row++)
    {
      const float *x = job->x + (row / job->oh * job->h + row % job->oh) * job->w * job->c;
      float *y = job->y + row * job->ow * job->oc;

      for (gint64 i = 0; i < job->ow * job->oc; i++)
        y[i] = x[i] * job->scale + job->shift;
    }
}

void
limn_crop_to (LimnRun *run, const LimnTensor *out, const LimnTensor *x, float scale, float shift)
{
  PixelJob job;

  if (!have (run, out, x)
      || !fits (run, "crop",
                x->n_dims == 4 && out->n_dims == 4 && x->extent[0] == out->extent[0]
                    && x->extent[1] >= out->extent[1] && x->extent[2] >= out->extent[2]
                    && x->extent[3] == out->extent[3],
                x, out))
    return;
  job = pixel_job (x, 1, scale, shift);
  run_pixels (run, &job, out, crop_tile);
}
