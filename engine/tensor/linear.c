/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* The grid: rows of a tile, and how much work a tile may be at most, in multiply-adds (20 ms on a
 * slow core), and how many tiles a product should have at least for a machine of many cores. */
#define TILE_ROWS 192
#define TILE_WORK ((gint64)128 * 1024 * 1024)
#define MIN_TILES 64
/* What is not worth splitting any more. */
#define LEAST_WORK ((gint64)1024 * 1024)

typedef struct
{
  const LimnKernels *kernels;
  LimnPanels panels;
  const float *x, *bias, *residual;
  float *y;
  gint64 n_rows, n_in, n_out;
  gint64 tile_rows, tile_channels;
  gint64 n_row_tiles;
  gint64 gate; /* columns from a value to its gate; n_out counts the values only. 0: no gates */
} LinearJob;

void
limn_linear_clear (LimnLinear *layer)
{
  g_clear_pointer (&layer->packed, limn_panels_free);
}

gsize
limn_linear_packed_bytes (const LimnLinear *layer, const LimnKernels *kernels)
{
  LimnPanels panels;

  return limn_panels_describe (&panels, kernels, &layer->weight, layer->n_out, layer->n_in, 1)
             ? panels.bytes
             : G_MAXSIZE;
}

/* y = bias + residual, for the product to be added to. */
static void
linear_start (const LinearJob *job, gint64 row, gint64 n_rows, gint64 channel, gint64 n_channels)
{
  for (gint64 i = row; i < row + n_rows; i++)
    for (gint64 c = channel; c < channel + n_channels; c++)
      job->y[i * job->n_out + c]
          = (job->bias != NULL ? job->bias[c] : 0.0f)
            + (job->residual != NULL ? job->residual[i * job->n_out + c] : 0.0f);
}

static void
linear_tile (void *data, gint64 index, void *scratch)
{
  const LinearJob *job = data;
  gint64 row = index % job->n_row_tiles * job->tile_rows;
  gint64 channel = index / job->n_row_tiles * job->tile_channels;
  gint64 n_rows = MIN (job->tile_rows, job->n_rows - row);
  gint64 n_channels = MIN (job->tile_channels, job->n_out - channel);
  const float *x = job->x + row * job->n_in;

  if (job->kernels->panel_width > 0)
    {
      LimnPanelLines lines = {
        .n_lines = 1,
        .n_rows = n_rows,
        .x = x,
        .x_stride = job->n_in,
        .n_segments = 1,
        .segment_length = job->n_in,
        .residual = job->residual != NULL ? job->residual + row * job->n_out : NULL,
        .y = job->y + row * job->n_out,
        .y_stride = job->n_out,
      };

      limn_multiply_panels (&job->panels, &lines, job->bias, channel, n_channels, scratch);
      return;
    }
  linear_start (job, row, n_rows, channel, n_channels);
  limn_multiply_blas (&job->panels, n_rows, x, job->n_in, channel, n_channels,
                      job->y + row * job->n_out, job->n_out, scratch);
}

/* Columns @channel .. of @n_channels without residual, side by side in @y. */
static void
multiply_columns (const LinearJob *job,
                  const float *x,
                  gint64 n_rows,
                  gint64 channel,
                  gint64 n_channels,
                  float *y,
                  void *room)
{
  if (job->kernels->panel_width > 0)
    {
      LimnPanelLines lines = {
        .n_lines = 1,
        .n_rows = n_rows,
        .x = x,
        .x_stride = job->n_in,
        .n_segments = 1,
        .segment_length = job->n_in,
        .y = y - channel,
        .y_stride = n_channels,
      };

      limn_multiply_panels (&job->panels, &lines, job->bias, channel, n_channels, room);
      return;
    }
  for (gint64 i = 0; i < n_rows * n_channels; i++)
    y[i] = job->bias != NULL ? job->bias[channel + i % n_channels] : 0.0f;
  limn_multiply_blas (&job->panels, n_rows, x, job->n_in, channel, n_channels, y - channel,
                      n_channels, room);
}

/* Floats of the columns of values, or of gates, that a tile has in its scratch. */
static gint64
gated_floats (const LinearJob *job)
{
  return job->tile_rows * LIMN_CHANNEL_STEP;
}

/* Values and gates of a few columns at a time, which stay in the cache until they are one. */
static void
linear_geglu_tile (void *data, gint64 index, void *scratch)
{
  const LinearJob *job = data;
  gint64 row = index % job->n_row_tiles * job->tile_rows;
  gint64 first = index / job->n_row_tiles * job->tile_channels;
  gint64 n_rows = MIN (job->tile_rows, job->n_rows - row);
  gint64 end = MIN (first + job->tile_channels, job->n_out);
  const float *x = job->x + row * job->n_in;
  float *value = scratch, *gate = value + gated_floats (job), *room = gate + gated_floats (job);

  for (gint64 channel = first; channel < end; channel += LIMN_CHANNEL_STEP)
    {
      gint64 n = MIN (LIMN_CHANNEL_STEP, end - channel);

      multiply_columns (job, x, n_rows, channel, n, value, room);
      multiply_columns (job, x, n_rows, job->gate + channel, n, gate, room);
      for (gint64 i = 0; i < n_rows; i++)
        job->kernels->geglu (n, value + i * n, gate + i * n,
                             job->y + (row + i) * job->n_out + channel);
    }
}

static void
choose_grid (LinearJob *job)
{
  gint64 n_channel_tiles = 1;
  gint64 n_halves = job->gate > 0 ? 2 : 1;

  job->n_row_tiles = (job->n_rows + TILE_ROWS - 1) / TILE_ROWS;
  job->tile_rows = (job->n_rows + job->n_row_tiles - 1) / job->n_row_tiles;
  job->tile_channels = (job->n_out + LIMN_CHANNEL_STEP - 1) / LIMN_CHANNEL_STEP * LIMN_CHANNEL_STEP;
  while (job->tile_channels > LIMN_CHANNEL_STEP
         && ((n_channel_tiles * job->n_row_tiles < MIN_TILES
              && job->tile_rows * job->tile_channels * n_halves * job->n_in > LEAST_WORK)
             || job->tile_rows * job->tile_channels * n_halves > TILE_WORK / job->n_in))
    {
      job->tile_channels = (job->tile_channels / 2 + LIMN_CHANNEL_STEP - 1) / LIMN_CHANNEL_STEP
                           * LIMN_CHANNEL_STEP;
      n_channel_tiles = (job->n_out + job->tile_channels - 1) / job->tile_channels;
    }
}

/* Checks what the layer is given, prepares its weights and allocates y: [..., n_out]. */
static LimnTensor
prepare (LimnRun *run, LinearJob *job, LimnLinear *layer, const LimnTensor *x, gint64 n_out)
{
  gint64 extent[LIMN_MAX_DIMS];

  if (x->n_dims < 1 || x->extent[x->n_dims - 1] != layer->n_in)
    {
      limn_run_fail_shape (run, "linear", x, &layer->weight);
      return LIMN_TENSOR_EMPTY;
    }
  for (int i = 0; i < x->n_dims; i++)
    extent[i] = x->extent[i];
  extent[x->n_dims - 1] = n_out;

  if (!limn_panels_prepare (run, &layer->weight, &layer->bias, layer->n_out, layer->n_in, 1,
                            layer->budget, &layer->packed, &job->panels))
    return LIMN_TENSOR_EMPTY;
  job->kernels = run->kernels;
  job->bias = job->panels.bias;
  job->n_in = layer->n_in;
  job->n_out = n_out;
  return limn_run_tensor (run, x->n_dims, extent);
}

static LimnTensor
run_tiles (LimnRun *run, LinearJob *job, const LimnTensor *x, LimnTensor y)
{
  gsize scratch = limn_panels_room (&job->panels);

  job->x = limn_tensor_f32 (x);
  job->y = limn_tensor_f32 (&y);
  job->n_rows = limn_tensor_count (x) / job->n_in;
  choose_grid (job);
  if (job->gate > 0)
    scratch += 2 * (gsize)gated_floats (job) * sizeof (float);
  if (!limn_run_parallel (
          run, job->n_row_tiles * ((job->n_out + job->tile_channels - 1) / job->tile_channels),
          scratch, job->gate > 0 ? linear_geglu_tile : linear_tile, job))
    return LIMN_TENSOR_EMPTY;
  return y;
}

/**
 * limn_linear:
 * @x: [..., in]
 * @residual: (nullable): [..., out]
 *
 * y = x W^T + b + residual; also every 1x1 convolution of stride 1. A product of at most 192 rows
 * by a multiple of 32 columns per tile. Error: that of a float dot product of @in terms.
 */
LimnTensor
limn_linear (LimnRun *run, LimnLinear *layer, const LimnTensor *x, const LimnTensor *residual)
{
  LinearJob job = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "linear", x, residual))
    return LIMN_TENSOR_EMPTY;
  y = prepare (run, &job, layer, x, layer->n_out);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  if (residual != NULL && limn_tensor_count (residual) != limn_tensor_count (&y))
    {
      limn_run_fail_shape (run, "linear: residual", residual, &y);
      return LIMN_TENSOR_EMPTY;
    }
  job.residual = residual != NULL ? limn_tensor_f32 (residual) : NULL;
  return run_tiles (run, &job, x, y);
}

/* Where gates begin within a panel: in two passes. */
static LimnTensor
linear_geglu_apart (LimnRun *run, LimnLinear *layer, const LimnTensor *x, LimnTensor y)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor wide = limn_linear (run, layer, x, NULL);

  wide = limn_geglu (run, &wide);
  if (!limn_tensor_is_empty (&wide))
    memcpy (y.data, wide.data, limn_tensor_bytes (&y));
  limn_run_release (run, mark);
  return limn_tensor_is_empty (&wide) ? LIMN_TENSOR_EMPTY : y;
}

/**
 * limn_linear_geglu:
 * @layer: of an even number of columns, values in the first half, gates in the second
 * @x: [..., in]
 *
 * limn_geglu() of limn_linear(), to the bit where the table multiplies panels, without the wide
 * result ever being in memory: a tile multiplies some columns of both halves at a time. Returns:
 * [..., out / 2]
 */
LimnTensor
limn_linear_geglu (LimnRun *run, LimnLinear *layer, const LimnTensor *x)
{
  LinearJob job = { 0 };
  LimnTensor y;

  if (!limn_run_operands (run, "linear", x, NULL))
    return LIMN_TENSOR_EMPTY;
  if (layer->n_out % 2 != 0)
    {
      limn_run_fail_shape (run, "linear: gates", &layer->weight, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  y = prepare (run, &job, layer, x, layer->n_out / 2);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  if (job.n_out % LIMN_CHANNEL_STEP != 0)
    return linear_geglu_apart (run, layer, x, y);
  job.gate = job.n_out;
  return run_tiles (run, &job, x, y);
}
