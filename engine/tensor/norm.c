/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

#define TILE_VALUES (32 * 1024)

typedef struct
{
  const LimnKernels *kernels;
  LimnActivation activation;
  float eps;
  const float *x;
  float *y;
  gint64 n_samples, n_positions, n_channels;
  gint64 tile;          /* positions of a tile */
  gint64 n_tiles;       /* of one sample */
  double *sums;         /* [n_samples][n_tiles][2][c] */
  float *centre;        /* [n_samples][c], with the two below as affine() takes them */
  float *scale, *shift; /* [n_samples][c], or [c] of a layer norm */
} NormJob;

void
limn_norm_clear (LimnNorm *norm)
{
  g_clear_pointer (&norm->scale_f32, limn_aligned_free);
  g_clear_pointer (&norm->shift_f32, limn_aligned_free);
}

static gboolean
prepare_norm (LimnRun *run, LimnNorm *norm)
{
  if (norm->scale_f32 == NULL)
    norm->scale_f32 = limn_pack_vector (run, &norm->weight, norm->n_channels, 1.0f);
  if (norm->shift_f32 == NULL)
    norm->shift_f32 = limn_pack_vector (run, &norm->bias, norm->n_channels, 0.0f);
  return norm->scale_f32 != NULL && norm->shift_f32 != NULL;
}

static void
sums_tile (void *data, gint64 index, void *scratch)
{
  const NormJob *job = data;
  gint64 sample = index / job->n_tiles;
  gint64 first = index % job->n_tiles * job->tile;

  job->kernels->channel_sums (MIN (job->tile, job->n_positions - first), job->n_channels,
                              job->x + (sample * job->n_positions + first) * job->n_channels,
                              job->sums + index * 2 * job->n_channels);
}

static void
affine_tile (void *data, gint64 index, void *scratch)
{
  const NormJob *job = data;
  gint64 sample = index / job->n_tiles;
  gint64 first = index % job->n_tiles * job->tile;
  gint64 at = (sample * job->n_positions + first) * job->n_channels;

  job->kernels->affine (job->activation, MIN (job->tile, job->n_positions - first), job->n_channels,
                        job->x + at, job->centre + sample * job->n_channels,
                        job->scale + sample * job->n_channels,
                        job->shift + sample * job->n_channels, job->y + at);
}

/* From the sums of the tiles, added in the order of the tiles, to what affine() applies per
 * channel.
 * @scale_shift: (nullable): [2c] of this sample. */
static void
group_statistics (const NormJob *job,
                  const LimnNorm *norm,
                  gint64 sample,
                  gint64 n_groups,
                  const float *scale_shift)
{
  gint64 c = job->n_channels;
  gint64 size = c / n_groups;
  double *sums = job->sums + sample * job->n_tiles * 2 * c;
  float *centre = job->centre + sample * c;
  float *scale = job->scale + sample * c;
  float *shift = job->shift + sample * c;

  for (gint64 tile = 1; tile < job->n_tiles; tile++)
    for (gint64 i = 0; i < 2 * c; i++)
      sums[i] += sums[tile * 2 * c + i];

  for (gint64 group = 0; group < n_groups; group++)
    {
      double count = (double) size * (double) job->n_positions;
      double sum = 0.0, square = 0.0, mean, inverse;

      for (gint64 i = group * size; i < (group + 1) * size; i++)
        {
          sum += sums[i];
          square += sums[c + i];
        }
      mean = sum / count;
      inverse = 1.0 / sqrt (MAX (square / count - mean * mean, 0.0) + (double) job->eps);
      for (gint64 i = group * size; i < (group + 1) * size; i++)
        {
          double a = inverse * norm->scale_f32[i];
          /* What the mean loses as a float is put back. */
          double b = norm->shift_f32[i] + ((double) (float) mean - mean) * a;

          if (scale_shift != NULL)
            {
              a *= 1.0 + scale_shift[i];
              b = b * (1.0 + scale_shift[i]) + scale_shift[c + i];
            }
          centre[i] = (float) mean;
          scale[i] = (float) a;
          shift[i] = (float) b;
        }
    }
}

static LimnTensor
group_norm (LimnRun *run,
            LimnNorm *norm,
            const LimnTensor *x,
            int n_groups,
            float eps,
            const LimnTensor *scale_shift,
            LimnActivation activation)
{
  NormJob job = { .kernels = run->kernels, .activation = activation, .eps = eps };
  LimnArenaMark mark;
  LimnTensor y;

  if (!limn_run_operands (run, "group_norm", x, scale_shift) || !prepare_norm (run, norm))
    return LIMN_TENSOR_EMPTY;
  job.n_samples = x->extent[0];
  job.n_channels = x->extent[MAX (x->n_dims - 1, 0)];
  if (x->n_dims < 3 || job.n_channels != norm->n_channels || n_groups < 1
      || job.n_channels % n_groups != 0)
    {
      limn_run_fail_shape (run, "group_norm", x, &norm->weight);
      return LIMN_TENSOR_EMPTY;
    }
  if (scale_shift != NULL
      && (scale_shift->extent[0] != job.n_samples
          || limn_tensor_count (scale_shift) != 2 * job.n_samples * job.n_channels))
    {
      limn_run_fail_shape (run, "group_norm: scale and shift", scale_shift, x);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;

  mark = limn_run_mark (run);
  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_positions = limn_tensor_count (x) / job.n_samples / job.n_channels;
  job.tile = MAX (TILE_VALUES / job.n_channels, 1);
  job.n_tiles = (job.n_positions + job.tile - 1) / job.tile;
  job.sums
      = limn_run_array (run, job.n_samples * job.n_tiles * 2 * job.n_channels, sizeof (double));
  job.centre = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));
  job.scale = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));
  job.shift = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));

  if (limn_run_parallel (run, job.n_samples * job.n_tiles, 0, sums_tile, &job))
    {
      const float *given = scale_shift != NULL ? limn_tensor_f32 (scale_shift) : NULL;

      for (gint64 n = 0; n < job.n_samples; n++)
        group_statistics (&job, norm, n, n_groups,
                          given != NULL ? given + n * 2 * job.n_channels : NULL);
      limn_run_parallel (run, job.n_samples * job.n_tiles, 0, affine_tile, &job);
    }
  limn_run_release (run, mark);
  return run->error == NULL ? y : LIMN_TENSOR_EMPTY;
}

/**
 * limn_group_norm:
 * @x: [n, h, w, c] or [n, tokens, c]
 * @eps: 1e-5 or 1e-6, as the network says; it matters where the picture is flat
 *
 * y = activation ((x - mean) / sqrt (variance + eps) * weight + bias) with mean and variance over
 * the positions and channels of each of @n_groups groups (Wu and He 2018). The sums are in double
 * and the mean is taken off before the scaling, so the error is a few 2^-24 of the result also
 * where x hardly varies.
 */
LimnTensor
limn_group_norm (LimnRun *run,
                 LimnNorm *norm,
                 const LimnTensor *x,
                 int n_groups,
                 float eps,
                 LimnActivation activation)
{
  return group_norm (run, norm, x, n_groups, eps, NULL, activation);
}

LimnTensor
limn_group_norm_scale_shift (LimnRun *run,
                             LimnNorm *norm,
                             const LimnTensor *x,
                             int n_groups,
                             float eps,
                             const LimnTensor *scale_shift,
                             LimnActivation activation)
{
  return group_norm (run, norm, x, n_groups, eps, scale_shift, activation);
}

static void
layer_norm_tile (void *data, gint64 index, void *scratch)
{
  const NormJob *job = data;
  gint64 first = index * job->tile;
  gint64 at = first * job->n_channels;

  job->kernels->layer_norm (MIN (job->tile, job->n_positions - first), job->n_channels, job->eps,
                            job->x + at, job->scale, job->shift, job->y + at);
}

/**
 * limn_layer_norm:
 * @x: [..., c]
 *
 * As limn_group_norm() with one position per group and no activation (Ba, Kiros and Hinton 2016).
 */
LimnTensor
limn_layer_norm (LimnRun *run, LimnNorm *norm, const LimnTensor *x, float eps)
{
  NormJob job = { .kernels = run->kernels, .eps = eps };
  LimnTensor y;

  if (!limn_run_operands (run, "layer_norm", x, NULL) || !prepare_norm (run, norm))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims < 1 || x->extent[x->n_dims - 1] != norm->n_channels)
    {
      limn_run_fail_shape (run, "layer_norm", x, &norm->weight);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;

  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_channels = norm->n_channels;
  job.n_positions = limn_tensor_count (x) / job.n_channels;
  job.tile = MAX (TILE_VALUES / job.n_channels, 1);
  job.scale = norm->scale_f32;
  job.shift = norm->shift_f32;
  if (!limn_run_parallel (run, (job.n_positions + job.tile - 1) / job.tile, 0, layer_norm_tile,
                          &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}
