/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
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
  gint64 n_positions, n_channels;
  gint64 tile;                /* positions of a tile */
  gint64 n_tiles;             /* of one sample */
  const float *centre;        /* [n_samples][c], with the two below as affine() takes them */
  const float *scale, *shift; /* [n_samples][c], or [c] of a layer norm */
} NormJob;

void
limn_norm_clear (LimnNorm *norm)
{
  g_clear_pointer (&norm->scale_f32, limn_aligned_free);
  g_clear_pointer (&norm->shift_f32, limn_aligned_free);
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

static LimnTensor
group_norm (LimnRun *run,
            LimnNorm *norm,
            const LimnTensor *x,
            int n_groups,
            float eps,
            const LimnTensor *scale_shift,
            LimnActivation activation)
{
  NormJob job = { .kernels = run->kernels, .activation = activation };
  LimnNormalised normalised;
  LimnArenaMark mark;
  LimnTensor y;

  if (!limn_run_operands (run, "group_norm", x, scale_shift))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims < 1 || x->extent[x->n_dims - 1] != norm->n_channels)
    {
      limn_run_fail_shape (run, "group_norm", x, &norm->weight);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_tensor (run, x->n_dims, x->extent);
  mark = limn_run_mark (run);
  if (!limn_norm_statistics (run, norm, x, n_groups, eps, scale_shift, &normalised))
    return LIMN_TENSOR_EMPTY;
  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_channels = normalised.n_channels;
  job.n_positions = limn_tensor_count (x) / normalised.n_samples / job.n_channels;
  job.tile = MAX (TILE_VALUES / job.n_channels, 1);
  job.n_tiles = (job.n_positions + job.tile - 1) / job.tile;
  job.centre = normalised.centre;
  job.scale = normalised.scale;
  job.shift = normalised.shift;
  limn_run_parallel (run, normalised.n_samples * job.n_tiles, 0, affine_tile, &job);
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

  if (!limn_run_operands (run, "layer_norm", x, NULL) || !limn_norm_prepare (run, norm))
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
