/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"
#include "engine/tensor/winograd-private.h"

/*
 * The grid. A tile is a box of output pixels by a range of output channels. It reads a patch of the
 * input that, with what the kernel makes of it, should stay in the second-level cache; it is not
 * more than TILE_WORK multiply-adds (20 ms on a slow core); and there should be MIN_TILES of them,
 * which small maps of many channels reach by ranges of channels.
 */
#define PATCH_FLOATS (80 * 1024)
#define TILE_MIN_PIXELS 64
#define TILE_MAX_PIXELS 1024
#define TILE_MAX_COLUMNS 96
#define TILE_WORK ((gint64)128 * 1024 * 1024)
#define MIN_TILES 32

typedef struct
{
  LimnConvJob conv;
  gint64 n_samples;
  gint64 tile_rows, tile_columns, tile_channels;
  gint64 n_row_tiles, n_column_tiles, n_channel_tiles;
} ConvGrid;

void
limn_conv2d_clear (LimnConv2d *layer)
{
  g_clear_pointer (&layer->packed, limn_panels_free);
}

gsize
limn_conv2d_packed_bytes (const LimnConv2d *layer, const LimnKernels *kernels)
{
  LimnPanels panels;

  return limn_panels_describe (&panels, kernels, &layer->weight, layer->n_out, layer->n_in,
                               (gint64)layer->kernel_h * layer->kernel_w)
             ? panels.bytes
             : G_MAXSIZE;
}

static void
conv_tile (void *data, gint64 index, void *scratch)
{
  const ConvGrid *grid = data;
  const LimnConvJob *job = &grid->conv;
  LimnConvTile tile;

  /* Ranges of channels of the same pixels follow each other, while the pixels are in the cache. */
  tile.channel = index % grid->n_channel_tiles * grid->tile_channels;
  index /= grid->n_channel_tiles;
  tile.column = index % grid->n_column_tiles * grid->tile_columns;
  index /= grid->n_column_tiles;
  tile.row = job->first_row + index % grid->n_row_tiles * grid->tile_rows;
  tile.sample = index / grid->n_row_tiles;
  tile.n_channels = MIN (grid->tile_channels, job->out - tile.channel);
  tile.n_columns = MIN (grid->tile_columns, job->ow - tile.column);
  tile.n_rows = MIN (grid->tile_rows, job->first_row + job->n_rows - tile.row);

  job->kernels->conv_tile (job, &tile, scratch);
}

static inline gint64
ceil_div (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

static gint64
patch_floats (const LimnConvJob *job, gint64 rows, gint64 columns)
{
  return ((rows - 1) * job->stride + job->kernel_h) * ((columns - 1) * job->stride + job->kernel_w)
         * job->in;
}

static void
count_tiles (ConvGrid *grid)
{
  grid->n_row_tiles = ceil_div (grid->conv.n_rows, grid->tile_rows);
  grid->n_column_tiles = ceil_div (grid->conv.ow, grid->tile_columns);
  grid->n_channel_tiles = ceil_div (grid->conv.out, grid->tile_channels);
}

static gint64
n_tiles (const ConvGrid *grid)
{
  return grid->n_samples * grid->n_row_tiles * grid->n_column_tiles * grid->n_channel_tiles;
}

static void
choose_grid (ConvGrid *grid)
{
  const LimnConvJob *job = &grid->conv;
  gint64 k = job->kernel_h * job->kernel_w * job->in;
  gint64 least;

  /* Equal columns, then as many rows as the patch and the number of pixels allow. */
  grid->tile_columns = ceil_div (job->ow, ceil_div (job->ow, TILE_MAX_COLUMNS));
  least = MIN (ceil_div (TILE_MIN_PIXELS, grid->tile_columns), job->n_rows);
  grid->tile_rows = least;
  while (grid->tile_rows < job->n_rows
         && (grid->tile_rows + 1) * grid->tile_columns <= TILE_MAX_PIXELS
         && patch_floats (job, grid->tile_rows + 1, grid->tile_columns) <= PATCH_FLOATS)
    grid->tile_rows++;
  grid->tile_rows = ceil_div (job->n_rows, ceil_div (job->n_rows, grid->tile_rows));

  grid->tile_channels = ceil_div (job->out, LIMN_CHANNEL_STEP) * LIMN_CHANNEL_STEP;
  count_tiles (grid);
  while (grid->tile_channels > LIMN_CHANNEL_STEP
         && (grid->tile_rows * grid->tile_columns * grid->tile_channels > TILE_WORK / k
             || (grid->tile_channels > 2 * LIMN_CHANNEL_STEP && n_tiles (grid) < MIN_TILES)))
    {
      grid->tile_channels
          = ceil_div (grid->tile_channels, 2 * LIMN_CHANNEL_STEP) * LIMN_CHANNEL_STEP;
      count_tiles (grid);
    }
  while (grid->tile_rows > least && n_tiles (grid) < MIN_TILES)
    {
      grid->tile_rows = MAX (least, ceil_div (grid->tile_rows, 2));
      count_tiles (grid);
    }
}

/* Fills the output's height and width in, or FALSE when the window does not fit. */
static gboolean
output_size (const LimnConv2d *layer, LimnConvJob *job)
{
  gint64 h, w;

  if (layer->kernel_h < 1 || layer->kernel_w < 1 || layer->stride < 1 || layer->pad_top < 0
      || layer->pad_left < 0 || layer->pad_bottom < 0 || layer->pad_right < 0 || job->h > G_MAXINT32
      || job->w > G_MAXINT32)
    return FALSE;
  h = job->h + layer->pad_top + layer->pad_bottom - layer->kernel_h;
  w = job->w + layer->pad_left + layer->pad_right - layer->kernel_w;
  if (h < 0 || w < 0)
    return FALSE;
  job->oh = h / layer->stride + 1;
  job->ow = w / layer->stride + 1;
  return TRUE;
}

/* A 1x1 convolution without stride and padding is a linear layer on pixels. */
static LimnTensor
conv_as_linear (LimnRun *run, LimnConv2d *layer, const LimnTensor *x, const LimnTensor *residual)
{
  LimnLinear linear = {
    .weight = layer->weight,
    .bias = layer->bias,
    .n_in = layer->n_in,
    .n_out = layer->n_out,
    .budget = layer->budget,
    .packed = layer->packed,
  };
  LimnTensor y = limn_linear (run, &linear, x, residual);

  layer->packed = linear.packed;
  return y;
}

static gboolean
is_pointwise (const LimnConv2d *layer)
{
  return layer->kernel_h == 1 && layer->kernel_w == 1 && layer->stride == 1 && layer->pad_top == 0
         && layer->pad_left == 0 && layer->pad_bottom == 0 && layer->pad_right == 0;
}

/* Rows of the result that are computed, and that x has the rows they need. */
static gboolean
choose_rows (const LimnConv2d *layer,
             const LimnTensor *x,
             const LimnConvFused *fused,
             LimnConvJob *job)
{
  gint64 step = LIMN_WINOGRAD_MAX_SIZE, end = fused->first_row + fused->n_rows;
  gint64 first, last;

  job->n_rows = job->oh;
  if (fused->n_rows == 0)
    return fused->first_row == 0 && fused->x_rows == 0;
  job->first_row = fused->first_row;
  job->n_rows = fused->n_rows;
  first = MAX (fused->first_row * layer->stride - layer->pad_top, 0);
  last = MIN ((end - 1) * layer->stride - layer->pad_top + layer->kernel_h, job->h);
  return fused->place != NULL && x->extent[0] == 1 && fused->first_row >= 0 && fused->n_rows > 0
         && end <= job->oh && fused->first_row % step == 0 && (end % step == 0 || end == job->oh)
         && (fused->x_rows == 0
             || (fused->x_first_row <= first && last <= fused->x_first_row + x->extent[1]));
}

/* The shapes of the job; FALSE, with an error, when they do not fit. */
static gboolean
begin_job (LimnRun *run,
           const LimnConv2d *layer,
           const LimnTensor *x,
           const LimnConvFused *fused,
           LimnConvJob *job)
{
  gint64 h = fused->x_rows > 0 ? fused->x_rows : x->extent[1], w = x->extent[2];
  gboolean enlarge = fused->enlarge;

  *job = (LimnConvJob){
    .kernels = run->kernels,
    .h = enlarge ? 2 * MIN (h, G_MAXINT32) : h,
    .w = enlarge ? 2 * MIN (w, G_MAXINT32) : w,
    .in = layer->n_in,
    .out = layer->n_out,
    .kernel_h = layer->kernel_h,
    .kernel_w = layer->kernel_w,
    .stride = layer->stride,
    .pad_top = layer->pad_top,
    .pad_left = layer->pad_left,
    .x_pixel = x->extent[3],
    .enlarged = enlarge ? 1 : 0,
    .factor = 1.0f,
  };
  if (x->n_dims == 4 && x->extent[3] >= layer->n_in && !(enlarge && fused->x_rows > 0)
      && output_size (layer, job) && choose_rows (layer, x, fused, job))
    return TRUE;
  limn_run_fail_shape (run, "conv2d", x, &layer->weight);
  return FALSE;
}

/* Where the result goes. @place: of the job's output size, or empty with an error. */
static LimnTensor
find_place (LimnRun *run, const LimnConvFused *fused, gint64 n_samples, LimnConvJob *job)
{
  const LimnTensor *place = fused->place;
  LimnTensor y;

  if (place == NULL)
    y = limn_run_nhwc (run, n_samples, job->oh, job->ow, job->out);
  else if (limn_run_operands (run, "conv2d: place", place, NULL))
    y = *place;
  else
    return LIMN_TENSOR_EMPTY;
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  if (y.n_dims != 4 || y.extent[0] != n_samples || y.extent[1] != job->oh || y.extent[2] != job->ow
      || fused->place_channel < 0 || fused->place_channel > y.extent[3] - job->out)
    {
      limn_run_fail_shape (run, "conv2d: place", &y, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  job->y_pixel = y.extent[3];
  job->y = limn_tensor_f32 (&y) + fused->place_channel;
  return y;
}

static gboolean
find_residual (LimnRun *run, const LimnTensor *residual, const LimnTensor *y, LimnConvJob *job)
{
  if (residual == NULL)
    return TRUE;
  if (residual->n_dims != 4 || residual->extent[0] != y->extent[0] || residual->extent[1] != job->oh
      || residual->extent[2] != job->ow || residual->extent[3] < job->out)
    {
      limn_run_fail_shape (run, "conv2d: residual", residual, y);
      return FALSE;
    }
  job->residual = limn_tensor_f32 (residual);
  job->residual_pixel = residual->extent[3];
  return TRUE;
}

static gboolean
convolve_directly (LimnRun *run, const LimnConvJob *job, gint64 n_samples)
{
  ConvGrid grid = { .conv = *job, .n_samples = n_samples };
  LimnConvTile largest = { 0 };

  choose_grid (&grid);
  largest.n_rows = grid.tile_rows;
  largest.n_columns = grid.tile_columns;
  largest.n_channels = grid.tile_channels;
  return limn_run_parallel (run, n_tiles (&grid), run->kernels->conv_scratch (job, &largest),
                            conv_tile, &grid);
}

/* The direct ways write sums before they are whole: where the residual lies in their place they
 * write elsewhere first. */
static gboolean
convolve_beside (LimnRun *run, LimnConvJob *job, gint64 n_samples)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor y = limn_run_nhwc (run, n_samples, job->n_rows, job->ow, job->out);
  LimnTensor place
      = limn_tensor_4d (LIMN_DTYPE_F32, job->y + job->first_row * job->ow * job->y_pixel, n_samples,
                        job->n_rows, job->ow, job->y_pixel);
  gboolean ok;

  if (limn_tensor_is_empty (&y))
    return FALSE;
  job->y = limn_tensor_f32 (&y) - job->first_row * job->ow * job->out;
  job->y_pixel = job->out;
  ok = convolve_directly (run, job, n_samples) && limn_copy_channels (run, &y, &place, job->out);
  limn_run_release (run, mark);
  return ok;
}

static gboolean
convolve (LimnRun *run, LimnConvJob *job, gint64 n_samples)
{
  int winograd = limn_winograd_choose (run, job, n_samples);

  if (winograd > 0)
    return limn_winograd_convolve (run, job, n_samples, winograd);
  if (job->residual != NULL && job->residual == job->y)
    return convolve_beside (run, job, n_samples);
  return convolve_directly (run, job, n_samples);
}

LimnTensor
limn_conv2d_fused (LimnRun *run, LimnConv2d *layer, const LimnTensor *x, const LimnConvFused *fused)
{
  LimnConvJob job;
  LimnPanels panels;
  LimnTensor y;
  gint64 n_samples = x->extent[0];

  if (!limn_run_operands (run, "conv2d", x, fused->residual)
      || !begin_job (run, layer, x, fused, &job)
      || !limn_panels_prepare (run, &layer->weight, &layer->bias, layer->n_out, layer->n_in,
                               (gint64)layer->kernel_h * layer->kernel_w, layer->budget,
                               &layer->packed, &panels))
    return LIMN_TENSOR_EMPTY;
  if (fused->normalised != NULL
      && (fused->normalised->n_channels != job.in || fused->normalised->n_samples != n_samples))
    {
      limn_run_fail_shape (run, "conv2d: normalisation", x, NULL);
      return LIMN_TENSOR_EMPTY;
    }
  y = find_place (run, fused, n_samples, &job);
  if (limn_tensor_is_empty (&y) || !find_residual (run, fused->residual, &y, &job))
    return LIMN_TENSOR_EMPTY;
  job.x = limn_tensor_f32 (x) - fused->x_first_row * job.w * job.x_pixel;
  job.panels = &panels;
  job.bias = panels.bias;
  job.normalised = fused->normalised;
  job.slopes = fused->slopes;
  job.factor = fused->factor != 0.0f ? fused->factor : 1.0f;
  return convolve (run, &job, n_samples) ? y : LIMN_TENSOR_EMPTY;
}

/**
 * limn_conv2d:
 * @x: [n, h, w, in]
 * @residual: (nullable): [n, oh, ow, out]
 *
 * y[n, i, j, o] = b[o] + sum_{u, v, c} W[o, c, u, v] x[n, i s + u - pad_top, j s + v - pad_left, c]
 * + residual[n, i, j, o], s the stride, x being 0 outside (a cross-correlation, as PyTorch's
 * Conv2d). Never more than a tile of the im2col matrix exists. Error: that of a float dot product
 * of in * kh * kw terms.
 */
LimnTensor
limn_conv2d (LimnRun *run, LimnConv2d *layer, const LimnTensor *x, const LimnTensor *residual)
{
  LimnConvFused fused = { .residual = residual };

  if (!limn_run_operands (run, "conv2d", x, residual))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims != 4 || x->extent[3] != layer->n_in
      || (residual != NULL && (residual->n_dims != 4 || residual->extent[3] != layer->n_out)))
    {
      limn_run_fail_shape (run, "conv2d", x, residual != NULL ? residual : &layer->weight);
      return LIMN_TENSOR_EMPTY;
    }
  return is_pointwise (layer) ? conv_as_linear (run, layer, x, residual)
                              : limn_conv2d_fused (run, layer, x, &fused);
}
