/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

#define TILE_VALUES (16 * 1024)

/* Rows of @n_a values of @a and @n_b of @b, a block of rows per tile; what is made of them depends
 * on the operation. */
typedef struct
{
  const LimnKernels *kernels;
  const float *a, *b;
  float *y;
  gint64 n_rows, tile;
  gint64 n_a, n_b;
  gint64 first;       /* channel of a slice */
  gint64 n_positions; /* rows of one sample */
} RowsJob;

static gboolean
run_rows (LimnRun *run, RowsJob *job, gint64 row_values, LimnTask task)
{
  job->kernels = run->kernels;
  job->tile = MAX (TILE_VALUES / MAX (row_values, 1), 1);
  return limn_run_parallel (run, (job->n_rows + job->tile - 1) / job->tile, 0, task, job);
}

static void
add_tile (void *data, gint64 index, void *scratch)
{
  const RowsJob *job = data;
  gint64 first = index * job->tile;

  job->kernels->add (MIN (job->tile, job->n_rows - first), job->a + first, job->b + first,
                     job->y + first);
}

/**
 * limn_add:
 * @a, @b: of the same shape
 *
 * y = a + b, exactly rounded.
 */
LimnTensor
limn_add (LimnRun *run, const LimnTensor *a, const LimnTensor *b)
{
  RowsJob job = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "add", a, b))
    return LIMN_TENSOR_EMPTY;
  if (!limn_tensor_same_shape (a, b))
    {
      limn_run_fail_shape (run, "add", a, b);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_tensor (run, a->n_dims, a->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.a = limn_tensor_f32 (a);
  job.b = limn_tensor_f32 (b);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (a);
  return run_rows (run, &job, 1, add_tile) ? y : LIMN_TENSOR_EMPTY;
}

static void
add_channels_tile (void *data, gint64 index, void *scratch)
{
  const RowsJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    job->kernels->add (job->n_a, job->a + row * job->n_a,
                       job->b + row / job->n_positions * job->n_a, job->y + row * job->n_a);
}

/**
 * limn_add_channels:
 * @x: [n, h, w, c] or [n, tokens, c]
 * @b: [n, c]
 *
 * y = x + b, the same b at every position: how a timestep embedding enters a residual block.
 */
LimnTensor
limn_add_channels (LimnRun *run, const LimnTensor *x, const LimnTensor *b)
{
  RowsJob job = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "add_channels", x, b))
    return LIMN_TENSOR_EMPTY;
  job.n_a = x->extent[MAX (x->n_dims - 1, 0)];
  if (x->n_dims < 2 || b->extent[0] != x->extent[0]
      || limn_tensor_count (b) != x->extent[0] * job.n_a)
    {
      limn_run_fail_shape (run, "add_channels", x, b);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.a = limn_tensor_f32 (x);
  job.b = limn_tensor_f32 (b);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (x) / job.n_a;
  job.n_positions = job.n_rows / x->extent[0];
  return run_rows (run, &job, job.n_a, add_channels_tile) ? y : LIMN_TENSOR_EMPTY;
}

static void
concat_tile (void *data, gint64 index, void *scratch)
{
  const RowsJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    {
      float *y = job->y + row * (job->n_a + job->n_b);

      memcpy (y, job->a + row * job->n_a, (gsize) job->n_a * sizeof (float));
      memcpy (y + job->n_a, job->b + row * job->n_b, (gsize) job->n_b * sizeof (float));
    }
}

/**
 * limn_concat_channels:
 * @a: [..., ca]
 * @b: [..., cb], the other extents as those of @a
 *
 * Returns: [..., ca + cb]
 */
LimnTensor
limn_concat_channels (LimnRun *run, const LimnTensor *a, const LimnTensor *b)
{
  RowsJob job = { 0 };
  gint64 extent[LIMN_MAX_DIMS] = { 0 };
  gboolean fits;
  LimnTensor y;

  if (!limn_run_operands (run, "concat_channels", a, b))
    return LIMN_TENSOR_EMPTY;
  fits = a->n_dims == b->n_dims && a->n_dims >= 1;
  for (int i = 0; i < a->n_dims; i++)
    {
      extent[i] = a->extent[i];
      if (i < a->n_dims - 1 && a->extent[i] != b->extent[i])
        fits = FALSE;
    }
  if (!fits)
    {
      limn_run_fail_shape (run, "concat_channels", a, b);
      return LIMN_TENSOR_EMPTY;
    }
  job.n_a = a->extent[a->n_dims - 1];
  job.n_b = b->extent[a->n_dims - 1];
  extent[a->n_dims - 1] = job.n_a + job.n_b;
  y = limn_run_tensor (run, a->n_dims, extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.a = limn_tensor_f32 (a);
  job.b = limn_tensor_f32 (b);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (a) / job.n_a;
  return run_rows (run, &job, job.n_a + job.n_b, concat_tile) ? y : LIMN_TENSOR_EMPTY;
}

/**
 * limn_concat_batch:
 * @a: [na, ...]
 * @b: [nb, ...], the other extents as those of @a
 *
 * Returns: [na + nb, ...]
 */
LimnTensor
limn_concat_batch (LimnRun *run, const LimnTensor *a, const LimnTensor *b)
{
  gint64 extent[LIMN_MAX_DIMS] = { 0 };
  gboolean fits;
  LimnTensor y;

  if (!limn_run_operands (run, "concat_batch", a, b))
    return LIMN_TENSOR_EMPTY;
  fits = a->n_dims == b->n_dims && a->n_dims >= 1;
  for (int i = 0; i < a->n_dims; i++)
    {
      extent[i] = a->extent[i];
      if (i > 0 && a->extent[i] != b->extent[i])
        fits = FALSE;
    }
  if (!fits)
    {
      limn_run_fail_shape (run, "concat_batch", a, b);
      return LIMN_TENSOR_EMPTY;
    }
  extent[0] = a->extent[0] + b->extent[0];
  y = limn_run_tensor (run, a->n_dims, extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  memcpy (y.data, a->data, limn_tensor_bytes (a));
  memcpy (limn_tensor_f32 (&y) + limn_tensor_count (a), b->data, limn_tensor_bytes (b));
  return y;
}

static void
slice_tile (void *data, gint64 index, void *scratch)
{
  const RowsJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    memcpy (job->y + row * job->n_b, job->a + row * job->n_a + job->first,
            (gsize) job->n_b * sizeof (float));
}

/**
 * limn_slice_channels:
 * @x: [..., c]
 *
 * Returns: [..., count], a copy
 */
LimnTensor
limn_slice_channels (LimnRun *run, const LimnTensor *x, gint64 first, gint64 count)
{
  RowsJob job = { .first = first, .n_b = count };
  gint64 extent[LIMN_MAX_DIMS] = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "slice_channels", x, NULL))
    return LIMN_TENSOR_EMPTY;
  job.n_a = x->extent[MAX (x->n_dims - 1, 0)];
  if (x->n_dims < 1 || first < 0 || count < 1 || count > job.n_a || first > job.n_a - count)
    {
      LimnTensor wanted = limn_tensor_2d (LIMN_DTYPE_F32, NULL, first, count);

      limn_run_fail_shape (run, "slice_channels (first, count)", &wanted, x);
      return LIMN_TENSOR_EMPTY;
    }
  for (int i = 0; i < x->n_dims; i++)
    extent[i] = x->extent[i];
  extent[x->n_dims - 1] = count;
  y = limn_run_tensor (run, x->n_dims, extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  job.a = limn_tensor_f32 (x);
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (x) / job.n_a;
  return run_rows (run, &job, count, slice_tile) ? y : LIMN_TENSOR_EMPTY;
}
