/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* The grid: rows of a tile, and how much work a tile may be at most, in multiply-adds (20 ms on a
 * slow core), and how many tiles a product should have at least for a machine of many cores. */
#define TILE_ROWS 192
#define TILE_WORK ((gint64) 128 * 1024 * 1024)
#define MIN_TILES 32

typedef struct
{
  const LimnKernels *kernels;
  LimnPanels panels;
  const float *x, *bias, *residual;
  float *y;
  gint64 n_rows, n_in, n_out;
  gint64 tile_rows, tile_channels;
  gint64 n_row_tiles;
} LinearJob;

void
limn_linear_clear (LimnLinear *layer)
{
  g_clear_pointer (&layer->packed, limn_panels_free);
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

static void
choose_grid (LinearJob *job)
{
  gint64 n_channel_tiles = 1;

  job->tile_rows = MIN (TILE_ROWS, job->n_rows);
  job->n_row_tiles = (job->n_rows + job->tile_rows - 1) / job->tile_rows;
  job->tile_channels = (job->n_out + LIMN_CHANNEL_STEP - 1) / LIMN_CHANNEL_STEP * LIMN_CHANNEL_STEP;
  while (job->tile_channels > LIMN_CHANNEL_STEP
         && (n_channel_tiles * job->n_row_tiles < MIN_TILES
             || job->tile_rows * job->tile_channels > TILE_WORK / job->n_in))
    {
      job->tile_channels = (job->tile_channels / 2 + LIMN_CHANNEL_STEP - 1) / LIMN_CHANNEL_STEP
                           * LIMN_CHANNEL_STEP;
      n_channel_tiles = (job->n_out + job->tile_channels - 1) / job->tile_channels;
    }
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
  LinearJob job = { .kernels = run->kernels, .n_in = layer->n_in, .n_out = layer->n_out };
  gint64 extent[LIMN_MAX_DIMS];
  LimnTensor y;

  if (!limn_run_operands (run, "linear", x, residual))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims < 1 || x->extent[x->n_dims - 1] != layer->n_in)
    {
      limn_run_fail_shape (run, "linear", x, &layer->weight);
      return LIMN_TENSOR_EMPTY;
    }
  for (int i = 0; i < x->n_dims; i++)
    extent[i] = x->extent[i];
  extent[x->n_dims - 1] = layer->n_out;

  if (!limn_panels_prepare (run, &layer->weight, &layer->bias, layer->n_out, layer->n_in, 1,
                            layer->budget, &layer->packed, &job.panels))
    return LIMN_TENSOR_EMPTY;
  y = limn_run_tensor (run, x->n_dims, extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  if (residual != NULL && limn_tensor_count (residual) != limn_tensor_count (&y))
    {
      limn_run_fail_shape (run, "linear: residual", residual, &y);
      return LIMN_TENSOR_EMPTY;
    }

  job.x = limn_tensor_f32 (x);
  job.bias = job.panels.bias;
  job.residual = residual != NULL ? limn_tensor_f32 (residual) : NULL;
  job.y = limn_tensor_f32 (&y);
  job.n_rows = limn_tensor_count (x) / layer->n_in;
  choose_grid (&job);
  if (!limn_run_parallel (
          run, job.n_row_tiles * ((job.n_out + job.tile_channels - 1) / job.tile_channels),
          limn_panels_room (&job.panels), linear_tile, &job))
    return LIMN_TENSOR_EMPTY;
  return y;
}
