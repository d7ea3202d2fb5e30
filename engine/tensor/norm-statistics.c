/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* What GroupNorm does to each channel, found by one pass over the map. */

#define TILE_VALUES (32 * 1024)

typedef struct
{
  const LimnKernels *kernels;
  float eps;
  const float *x;
  gint64 n_samples, n_positions, n_channels;
  gint64 pixel;   /* floats from a position to the next */
  gint64 tile;    /* positions of a tile */
  gint64 n_tiles; /* of one sample */
  double *sums;   /* [n_samples][n_tiles][2][c] */
  float *centre, *scale, *shift; /* [n_samples][c], as affine() takes them */
} NormJob;

gboolean
limn_norm_prepare (LimnRun *run, LimnNorm *norm)
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
                              job->x + (sample * job->n_positions + first) * job->pixel, job->pixel,
                              job->sums + index * 2 * job->n_channels);
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

gboolean
limn_norm_statistics (LimnRun *run,
                      LimnNorm *norm,
                      const LimnTensor *x,
                      int n_groups,
                      float eps,
                      const LimnTensor *scale_shift,
                      LimnNormalised *normalised)
{
  NormJob job = { .kernels = run->kernels, .eps = eps };
  LimnArenaMark mark;

  *normalised = (LimnNormalised){ 0 };
  if (!limn_run_operands (run, "group_norm", x, scale_shift) || !limn_norm_prepare (run, norm))
    return FALSE;
  job.n_samples = x->extent[0];
  job.n_channels = norm->n_channels;
  job.pixel = x->extent[MAX (x->n_dims - 1, 0)];
  if (x->n_dims < 3 || job.n_channels > job.pixel || n_groups < 1
      || job.n_channels % n_groups != 0)
    {
      limn_run_fail_shape (run, "group_norm", x, &norm->weight);
      return FALSE;
    }
  if (scale_shift != NULL
      && (scale_shift->extent[0] != job.n_samples
          || limn_tensor_count (scale_shift) != 2 * job.n_samples * job.n_channels))
    {
      limn_run_fail_shape (run, "group_norm: scale and shift", scale_shift, x);
      return FALSE;
    }

  job.x = limn_tensor_f32 (x);
  job.n_positions = limn_tensor_count (x) / job.n_samples / job.pixel;
  job.tile = MAX (TILE_VALUES / job.n_channels, 1);
  job.n_tiles = (job.n_positions + job.tile - 1) / job.tile;
  job.centre = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));
  job.scale = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));
  job.shift = limn_run_array (run, job.n_samples * job.n_channels, sizeof (float));
  mark = limn_run_mark (run);
  job.sums
      = limn_run_array (run, job.n_samples * job.n_tiles * 2 * job.n_channels, sizeof (double));
  if (!limn_run_parallel (run, job.n_samples * job.n_tiles, 0, sums_tile, &job))
    return FALSE;
  for (gint64 n = 0; n < job.n_samples; n++)
    group_statistics (
        &job, norm, n, n_groups,
        scale_shift != NULL ? limn_tensor_f32 (scale_shift) + n * 2 * job.n_channels : NULL);
  limn_run_release (run, mark);
  *normalised = (LimnNormalised){
    .n_samples = job.n_samples,
    .n_channels = job.n_channels,
    .centre = job.centre,
    .scale = job.scale,
    .shift = job.shift,
  };
  return TRUE;
}

/**
 * limn_group_norm_statistics:
 * @x: [n, h, w, c] or [n, tokens, c]
 *
 * What limn_group_norm() would do to each channel of @x, for limn_conv2d_fused(). The arrays are
 * in the arena from here on.
 */
gboolean
limn_group_norm_statistics (LimnRun *run,
                            LimnNorm *norm,
                            const LimnTensor *x,
                            int n_groups,
                            float eps,
                            LimnActivation activation,
                            LimnNormalised *normalised)
{
  if (!limn_norm_statistics (run, norm, x, n_groups, eps, NULL, normalised))
    return FALSE;
  normalised->activation = activation;
  return TRUE;
}
