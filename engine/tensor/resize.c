/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

#define TILE_VALUES (32 * 1024)

/*
 * A resize is separable: a table for each axis says which source samples an output sample takes and
 * with which weights. Rows are resampled first, into [n][h][width][c], then columns.
 *
 * Positions: output d covers the source from d * in / out to (d + 1) * in / out.
 */
typedef struct
{
  gint64 n_out;
  gint64 max_taps;
  gint64 *first;  /* [n_out] */
  gint64 *count;  /* [n_out], at least 1 */
  float *weights; /* [n_out][max_taps]; they add up to 1 */
} Axis;

typedef struct
{
  const LimnKernels *kernels;
  const float *x;
  float *y;
  const Axis *axis;
  gboolean take_maximum;
  gint64 n_in;   /* samples along the axis in x */
  gint64 c;      /* of a pixel; of a whole row when columns are resampled */
  gint64 n_rows; /* of all samples of the batch, on the y side */
  gint64 tile;
} ResizeJob;

static double
sinc (double x)
{
  return x == 0.0 ? 1.0 : sin (G_PI * x) / (G_PI * x);
}

/* Lanczos 3 and Catmull-Rom (a = -0.5, Keys 1981), zero outside of their support. */
static double
filter_value (LimnResize filter, double x)
{
  x = fabs (x);
  if (filter == LIMN_RESIZE_LANCZOS)
    return x < 3.0 ? sinc (x) * sinc (x / 3.0) : 0.0;
  if (x < 1.0)
    return (1.5 * x - 2.5) * x * x + 1.0;
  if (x < 2.0)
    return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
  return 0.0;
}

/* The filter centred on the output sample, widened by the factor of shrinking, cut at the borders.
 */
static void
filter_taps (Axis *axis, LimnResize filter, gint64 n_in, gint64 d)
{
  double scale = (double) n_in / (double) axis->n_out;
  double widening = MAX (scale, 1.0);
  double support = (filter == LIMN_RESIZE_LANCZOS ? 3.0 : 2.0) * widening;
  double centre = ((double) d + 0.5) * scale;
  gint64 first = (gint64) MAX (floor (centre - support + 0.5), 0.0);
  gint64 last = (gint64) MIN (floor (centre + support + 0.5), (double) n_in);
  float *weights = axis->weights + d * axis->max_taps;
  double sum = 0.0;

  for (gint64 i = first; i < last; i++)
    sum += filter_value (filter, ((double) i + 0.5 - centre) / widening);
  for (gint64 i = first; i < last; i++)
    weights[i - first]
        = (float) (filter_value (filter, ((double) i + 0.5 - centre) / widening) / sum);
  axis->first[d] = first;
  axis->count[d] = last - first;
}

/* All that is touched, weighted by how much of it is covered. In whole numbers: a source sample is
 * n_out wide, an output sample n_in. */
static void
area_taps (Axis *axis, gint64 n_in, gint64 d)
{
  gint64 from = d * n_in, to = from + n_in;
  gint64 first = from / axis->n_out;
  gint64 last = (to + axis->n_out - 1) / axis->n_out;
  float *weights = axis->weights + d * axis->max_taps;

  for (gint64 i = first; i < last; i++)
    {
      gint64 covered = MIN (to, (i + 1) * axis->n_out) - MAX (from, i * axis->n_out);

      weights[i - first] = (float) ((double) covered / (double) n_in);
    }
  axis->first[d] = first;
  axis->count[d] = last - first;
}

/* As PyTorch, in float: positions before the first sample's centre are clamped to it. */
static void
bilinear_taps (Axis *axis, gint64 n_in, gint64 d)
{
  float scale = (float) n_in / (float) axis->n_out;
  float position = MAX (((float) d + 0.5f) * scale - 0.5f, 0.0f);
  gint64 first = MIN ((gint64) position, n_in - 1);
  float *weights = axis->weights + d * axis->max_taps;

  weights[1] = CLAMP (position - (float) first, 0.0f, 1.0f);
  weights[0] = 1.0f - weights[1];
  axis->first[d] = first;
  axis->count[d] = first + 1 < n_in ? 2 : 1;
  if (axis->count[d] == 1)
    weights[0] = 1.0f;
}

/* As PyTorch's F.interpolate, whose arithmetic is in float. */
static void
nearest_tap (Axis *axis, gint64 n_in, gint64 d)
{
  float scale = (float) n_in / (float) axis->n_out;

  axis->first[d] = MIN ((gint64) floorf ((float) d * scale), n_in - 1);
  axis->count[d] = 1;
  axis->weights[d] = 1.0f;
}

static gint64
max_taps (LimnResize filter, gint64 n_in, gint64 n_out)
{
  gint64 shrink = (n_in + n_out - 1) / n_out;

  switch (filter)
    {
    case LIMN_RESIZE_NEAREST:
      return 1;
    case LIMN_RESIZE_BILINEAR:
      return 2;
    case LIMN_RESIZE_LANCZOS:
      return MIN (6 * shrink + 2, n_in);
    case LIMN_RESIZE_BICUBIC:
      return MIN (4 * shrink + 2, n_in);
    case LIMN_RESIZE_AREA:
    case LIMN_RESIZE_MAX:
    default:
      return shrink + 1;
    }
}

static gboolean
axis_init (LimnRun *run, Axis *axis, LimnResize filter, gint64 n_in, gint64 n_out)
{
  gint64 n_weights;

  axis->n_out = n_out;
  axis->max_taps = max_taps (filter, n_in, n_out);
  if (!limn_checked_mul (n_out, axis->max_taps, &n_weights))
    n_weights = -1;
  axis->first = limn_run_array (run, n_out, sizeof (gint64));
  axis->count = limn_run_array (run, n_out, sizeof (gint64));
  axis->weights = limn_run_array (run, n_weights, sizeof (float));
  if (!limn_run_ok (run))
    return FALSE;

  for (gint64 d = 0; d < n_out; d++)
    if (filter == LIMN_RESIZE_NEAREST)
      nearest_tap (axis, n_in, d);
    else if (filter == LIMN_RESIZE_BILINEAR)
      bilinear_taps (axis, n_in, d);
    else if (filter == LIMN_RESIZE_LANCZOS || filter == LIMN_RESIZE_BICUBIC)
      filter_taps (axis, filter, n_in, d);
    else
      area_taps (axis, n_in, d);
  return TRUE;
}

/* One output sample of @c values from the taps that lie @stride apart. The first tap is a product
 * and no sum, so that a single weight of 1 is a copy to the bit. */
static inline void
combine (const ResizeJob *job, const float *x, gint64 d, float *y)
{
  const Axis *axis = job->axis;
  const float *weights = axis->weights + d * axis->max_taps;
  gint64 c = job->c;

  x += axis->first[d] * c;
  if (job->take_maximum)
    {
      memcpy (y, x, (gsize) c * sizeof (float));
      for (gint64 tap = 1; tap < axis->count[d]; tap++)
        for (gint64 i = 0; i < c; i++)
          y[i] = MAX (y[i], x[tap * c + i]);
      return;
    }
  for (gint64 i = 0; i < c; i++)
    y[i] = weights[0] * x[i];
  if (c < 16)
    for (gint64 tap = 1; tap < axis->count[d]; tap++)
      for (gint64 i = 0; i < c; i++)
        y[i] += weights[tap] * x[tap * c + i];
  else
    for (gint64 tap = 1; tap < axis->count[d]; tap++)
      job->kernels->accumulate (c, weights[tap], x + tap * c, y);
}

static void
rows_tile (void *data, gint64 index, void *scratch)
{
  const ResizeJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    for (gint64 d = 0; d < job->axis->n_out; d++)
      combine (job, job->x + row * job->n_in * job->c, d,
               job->y + (row * job->axis->n_out + d) * job->c);
}

static void
columns_tile (void *data, gint64 index, void *scratch)
{
  const ResizeJob *job = data;
  gint64 first = index * job->tile;

  for (gint64 row = first; row < MIN (first + job->tile, job->n_rows); row++)
    combine (job, job->x + row / job->axis->n_out * job->n_in * job->c, row % job->axis->n_out,
             job->y + row * job->c);
}

/* Both passes; what they need besides the result is above @y in the arena. */
static gboolean
resize_passes (LimnRun *run, const LimnTensor *x, LimnTensor *y, LimnResize filter)
{
  const gint64 *e = x->extent;
  gint64 height = y->extent[1], width = y->extent[2];
  Axis across, down;
  LimnTensor between;
  ResizeJob job = {
    .kernels = run->kernels,
    .take_maximum = filter == LIMN_RESIZE_MAX,
    .x = limn_tensor_f32 (x),
    .axis = &across,
    .n_in = e[2],
    .c = e[3],
    .n_rows = e[0] * e[1],
  };

  if (!axis_init (run, &across, filter, e[2], width)
      || !axis_init (run, &down, filter, e[1], height))
    return FALSE;
  between = limn_run_nhwc (run, e[0], e[1], width, e[3]);
  if (limn_tensor_is_empty (&between))
    return FALSE;

  job.y = limn_tensor_f32 (&between);
  job.tile = MAX (TILE_VALUES / (MAX (width, e[2]) * e[3]), 1);
  if (!limn_run_parallel (run, (job.n_rows + job.tile - 1) / job.tile, 0, rows_tile, &job))
    return FALSE;

  job.x = job.y;
  job.y = limn_tensor_f32 (y);
  job.axis = &down;
  job.n_in = e[1];
  job.c = width * e[3];
  job.n_rows = e[0] * height;
  job.tile = MAX (TILE_VALUES / (job.c * MAX (down.max_taps, 1)), 1);
  return limn_run_parallel (run, (job.n_rows + job.tile - 1) / job.tile, 0, columns_tile, &job);
}

/**
 * limn_resize:
 * @x: [n, h, w, c]
 * @height, @width: sides of the result, in pixels
 *
 * Nearest is bit-exact PyTorch; bilinear is PyTorch's and the windowed filters are Pillow's
 * formulas without its rounding to 8 bits. Returns: [n, height, width, c]
 */
LimnTensor
limn_resize (LimnRun *run, const LimnTensor *x, gint64 height, gint64 width, LimnResize filter)
{
  LimnArenaMark mark;
  LimnTensor y;
  gboolean done;

  if (!limn_run_operands (run, "resize", x, NULL))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims != 4 || height < 1 || width < 1 || MAX (height, width) > G_MAXINT32
      || MAX (x->extent[1], x->extent[2]) > G_MAXINT32)
    {
      LimnTensor wanted = limn_tensor_2d (LIMN_DTYPE_F32, NULL, height, width);

      limn_run_fail_shape (run, "resize", x, &wanted);
      return LIMN_TENSOR_EMPTY;
    }
  y = limn_run_nhwc (run, x->extent[0], height, width, x->extent[3]);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  mark = limn_run_mark (run);
  done = resize_passes (run, x, &y, filter);
  limn_run_release (run, mark);
  return done ? y : LIMN_TENSOR_EMPTY;
}
