/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* A transposition is done in squares of this side, so that both sides of it stay in the cache. */
#define SQUARE 32
#define TILE_VALUES (32 * 1024)

/* [n][rows][columns] -> [n][columns][rows]; a tile is a range of rows of one sample. */
typedef struct
{
  const float *x;
  float *y;
  gint64 n_rows, n_columns;
  gint64 tile, n_tiles;
} TransposeJob;

static void
transpose_tile (void *data, gint64 index, void *scratch)
{
  const TransposeJob *job = data;
  gint64 sample = index / job->n_tiles;
  gint64 first = index % job->n_tiles * job->tile;
  gint64 last = MIN (first + job->tile, job->n_rows);
  const float *x = job->x + sample * job->n_rows * job->n_columns;
  float *y = job->y + sample * job->n_rows * job->n_columns;

  for (gint64 r0 = first; r0 < last; r0 += SQUARE)
    for (gint64 c0 = 0; c0 < job->n_columns; c0 += SQUARE)
      for (gint64 c = c0; c < MIN (c0 + SQUARE, job->n_columns); c++)
        for (gint64 r = r0; r < MIN (r0 + SQUARE, last); r++)
          y[c * job->n_rows + r] = x[r * job->n_columns + c];
}

static LimnTensor
transpose (LimnRun *run, const LimnTensor *x, gint64 n_rows, gint64 n_columns, const gint64 *extent)
{
  LimnTensor y = limn_run_tensor (run, 4, extent);
  TransposeJob job = { .n_rows = n_rows, .n_columns = n_columns };

  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.tile = MAX (TILE_VALUES / n_columns, 1);
  job.n_tiles = (n_rows + job.tile - 1) / job.tile;
  if (!limn_run_parallel (run, x->extent[0] * job.n_tiles, 0, transpose_tile, &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}

/* ---- Channels from map to map ---------------------------------------------------------------- */

typedef struct
{
  const float *x;
  float *y;
  gint64 n_pixels, n_channels, x_pixel, y_pixel;
} CopyJob;

#define COPY_PIXELS 1024

static void
copy_tile (void *data, gint64 index, void *scratch)
{
  const CopyJob *job = data;
  gint64 first = index * COPY_PIXELS, last = MIN (first + COPY_PIXELS, job->n_pixels);

  for (gint64 i = first; i < last; i++)
    memcpy (job->y + i * job->y_pixel, job->x + i * job->x_pixel,
            (gsize)job->n_channels * sizeof (float));
}

gboolean
limn_copy_channels (LimnRun *run, const LimnTensor *x, const LimnTensor *place, gint64 n_channels)
{
  CopyJob job = { .n_channels = n_channels };

  if (!limn_run_operands (run, "copy_channels", x, place))
    return FALSE;
  if (x->n_dims != 4 || place->n_dims != 4 || n_channels < 1 || x->extent[3] < n_channels
      || place->extent[3] < n_channels
      || memcmp (x->extent, place->extent, 3 * sizeof x->extent[0]) != 0)
    {
      limn_run_fail_shape (run, "copy_channels", x, place);
      return FALSE;
    }
  job.x = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (place);
  job.x_pixel = x->extent[3];
  job.y_pixel = place->extent[3];
  job.n_pixels = limn_tensor_count (x) / job.x_pixel;
  return limn_run_parallel (run, (job.n_pixels + COPY_PIXELS - 1) / COPY_PIXELS, 0, copy_tile,
                            &job);
}

static gboolean
check_map (LimnRun *run, const char *what, const LimnTensor *x)
{
  if (!limn_run_operands (run, what, x, NULL))
    return FALSE;
  if (x->n_dims == 4)
    return TRUE;
  limn_run_fail_shape (run, what, x, NULL);
  return FALSE;
}

/**
 * limn_nchw_to_nhwc:
 * @x: [n, c, h, w]
 *
 * Returns: [n, h, w, c]
 */
LimnTensor
limn_nchw_to_nhwc (LimnRun *run, const LimnTensor *x)
{
  const gint64 *e = x->extent;

  if (!check_map (run, "nchw_to_nhwc", x))
    return LIMN_TENSOR_EMPTY;
  return transpose (run, x, e[1], e[2] * e[3], (gint64[]){ e[0], e[2], e[3], e[1] });
}

/**
 * limn_nhwc_to_nchw:
 * @x: [n, h, w, c]
 *
 * Returns: [n, c, h, w]
 */
LimnTensor
limn_nhwc_to_nchw (LimnRun *run, const LimnTensor *x)
{
  const gint64 *e = x->extent;

  if (!check_map (run, "nhwc_to_nchw", x))
    return LIMN_TENSOR_EMPTY;
  return transpose (run, x, e[1] * e[2], e[3], (gint64[]){ e[0], e[3], e[1], e[2] });
}
