/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

#define TILE_VALUES (32 * 1024)

/* Rows of the result, counted through all samples; h and w are those of x. */
typedef struct
{
  const float *x;
  float *y;
  gint64 h, w, c;
  gint64 n_rows, tile;
} ResampleJob;

static LimnTensor
resample (LimnRun *run, const LimnTensor *x, gint64 oh, gint64 ow, LimnTask task)
{
  ResampleJob job = { .h = x->extent[1], .w = x->extent[2], .c = x->extent[3] };
  LimnTensor y = limn_run_nhwc (run, x->extent[0], oh, ow, job.c);

  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = x->extent[0] * oh;
  job.tile = MAX (TILE_VALUES / (ow * job.c), 1);
  if (!limn_run_parallel (run, (job.n_rows + job.tile - 1) / job.tile, 0, task, &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}

static void
upsample_tile (void *data, gint64 index, void *scratch)
{
  const ResampleJob *job = data;
  gsize pixel = (gsize) job->c * sizeof (float);
  gint64 first = index * job->tile;

  /* Sample and row together: the rows of all samples are doubled alike. */
  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    {
      const float *x = job->x + row / 2 * job->w * job->c;
      float *y = job->y + row * 2 * job->w * job->c;

      for (gint64 i = 0; i < job->w; i++)
        {
          memcpy (y + 2 * i * job->c, x + i * job->c, pixel);
          memcpy (y + (2 * i + 1) * job->c, x + i * job->c, pixel);
        }
    }
}

/**
 * limn_upsample_nearest_2x:
 * @x: [n, h, w, c]
 *
 * Returns: [n, 2h, 2w, c]
 */
LimnTensor
limn_upsample_nearest_2x (LimnRun *run, const LimnTensor *x)
{
  gint64 h, w;

  if (!limn_run_operands (run, "upsample", x, NULL))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims != 4 || !limn_checked_mul (x->extent[1], 2, &h)
      || !limn_checked_mul (x->extent[2], 2, &w))
    {
      limn_run_fail_shape (run, "upsample", x, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  return resample (run, x, h, w, upsample_tile);
}

static void
avg_pool_tile (void *data, gint64 index, void *scratch)
{
  const ResampleJob *job = data;
  gint64 oh = job->h / 2, ow = job->w / 2, c = job->c;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    {
      const float *top = job->x + (row / oh * job->h + row % oh * 2) * job->w * c;
      const float *bottom = top + job->w * c;
      float *y = job->y + row * ow * c;

      for (gint64 i = 0; i < ow; i++)
        for (gint64 j = 0; j < c; j++)
          y[i * c + j] = 0.25f
                         * ((top[2 * i * c + j] + top[(2 * i + 1) * c + j])
                            + (bottom[2 * i * c + j] + bottom[(2 * i + 1) * c + j]));
    }
}

/**
 * limn_avg_pool_2x:
 * @x: [n, h, w, c], h and w at least 2
 *
 * Mean of 2x2 pixels; the last row and column of odd sides are left out, as PyTorch does.
 * Returns: [n, h / 2, w / 2, c]
 */
LimnTensor
limn_avg_pool_2x (LimnRun *run, const LimnTensor *x)
{
  if (!limn_run_operands (run, "avg_pool", x, NULL))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims != 4 || x->extent[1] < 2 || x->extent[2] < 2)
    {
      limn_run_fail_shape (run, "avg_pool", x, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  return resample (run, x, x->extent[1] / 2, x->extent[2] / 2, avg_pool_tile);
}
