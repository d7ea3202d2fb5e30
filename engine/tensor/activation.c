/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* Values of a tile: a quarter of the second-level cache. */
#define TILE_VALUES (16 * 1024)

typedef struct
{
  const LimnKernels *kernels;
  LimnActivation activation;
  const float *x;
  float *y;
  gint64 count; /* values, or rows of geglu */
  gint64 tile;
  gint64 channels; /* of geglu's result */
} ActivationJob;

static void
activate_tile (void *data, gint64 index, void *scratch)
{
  const ActivationJob *job = data;
  gint64 first = index * job->tile;

  job->kernels->activate (job->activation, MIN (job->tile, job->count - first), job->x + first,
                          job->y + first);
}

/**
 * limn_activate:
 * @x: any shape
 *
 * @activation of every value. Error of the fast kernels against the exact function: see
 * kernels-simd.h.
 */
LimnTensor
limn_activate (LimnRun *run, const LimnTensor *x, LimnActivation activation)
{
  ActivationJob job = { .kernels = run->kernels, .activation = activation, .tile = TILE_VALUES };
  LimnTensor y;

  if (!limn_run_operands (run, "activate", x, NULL))
    return LIMN_TENSOR_EMPTY;
  y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;

  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.count = limn_tensor_count (x);
  if (!limn_run_parallel (run, (job.count + job.tile - 1) / job.tile, 0, activate_tile, &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}

static void
geglu_tile (void *data, gint64 index, void *scratch)
{
  const ActivationJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->count); row++)
    {
      const float *value = job->x + row * 2 * job->channels;

      job->kernels->geglu (job->channels, value, value + job->channels,
                           job->y + row * job->channels);
    }
}

/**
 * limn_geglu:
 * @x: [..., 2c], the value in the first half of the channels, the gate in the second
 *
 * y = value * GELU (gate), GELU by the exact erf (Shazeer 2020, "GLU variants improve
 * transformer"). Returns: [..., c]
 */
LimnTensor
limn_geglu (LimnRun *run, const LimnTensor *x)
{
  ActivationJob job = { .kernels = run->kernels };
  gint64 extent[LIMN_MAX_DIMS] = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "geglu", x, NULL))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims < 1 || x->extent[x->n_dims - 1] % 2 != 0)
    {
      limn_run_fail_shape (run, "geglu", x, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  job.channels = x->extent[x->n_dims - 1] / 2;
  for (int i = 0; i < x->n_dims; i++)
    extent[i] = x->extent[i];
  extent[x->n_dims - 1] = job.channels;
  y = limn_run_tensor (run, x->n_dims, extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;

  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.count = limn_tensor_count (&y) / job.channels;
  job.tile = MAX (TILE_VALUES / job.channels, 1);
  if (!limn_run_parallel (run, (job.count + job.tile - 1) / job.tile, 0, geglu_tile, &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}
