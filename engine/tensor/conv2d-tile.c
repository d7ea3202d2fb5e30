/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"

/* The two ways to convolve one tile. Both begin with a copy of a patch: the input pixels that the
 * tile's windows cover, as the layer sees them, with zeros where they reach over the border. It costs
 * a part in 2 * 9 * channels of the product. */

/* ---- The patch ---- */

static void
read_pixels (const LimnConvJob *job, gint64 sample, const float *x, gint64 n, float *to)
{
  const LimnNormalised *how = job->normalised;

  if (how != NULL)
    job->kernels->affine (how->activation, n, job->in, x, how->centre + sample * job->in,
                          how->scale + sample * job->in, how->shift + sample * job->in, to);
  else
    memcpy (to, x, (gsize)(n * job->in) * sizeof (float));
}

void
limn_conv_read_line (const LimnConvJob *job,
                     gint64 sample,
                     gint64 row,
                     gint64 column,
                     gint64 n_columns,
                     float *to)
{
  gint64 before = CLAMP (-column, 0, n_columns);
  gint64 after = CLAMP (column + n_columns - job->w, 0, n_columns - before);
  gint64 end = n_columns - after;
  gsize pixel = (gsize)job->in * sizeof (float);

  if (row < 0 || row >= job->h)
    {
      memset (to, 0, (gsize)n_columns * pixel);
      return;
    }
  memset (to, 0, (gsize)before * pixel);
  memset (to + end * job->in, 0, (gsize)after * pixel);
  if (before == end)
    return;
  if (job->x_pixel == job->in && !job->enlarged)
    {
      read_pixels (job, sample, job->x + limn_conv_pixel (job, sample, row, column + before),
                   end - before, to + before * job->in);
      return;
    }
  for (gint64 i = before; i < end; i++)
    if (job->enlarged && i > before && (column + i) % 2 == 1)
      memcpy (to + i * job->in, to + (i - 1) * job->in, pixel);
    else
      read_pixels (job, sample, job->x + limn_conv_pixel (job, sample, row, column + i), 1,
                   to + i * job->in);
}

/* Floats of what lies in the scratch before something else. */
static gint64
aligned_floats (gint64 n)
{
  return (n + 15) / 16 * 16;
}

static gint64
patch_columns (const LimnConvJob *job, const LimnConvTile *tile)
{
  return (tile->n_columns - 1) * job->stride + job->kernel_w;
}

static gint64
patch_rows (const LimnConvJob *job, const LimnConvTile *tile)
{
  return (tile->n_rows - 1) * job->stride + job->kernel_h;
}

static gint64
patch_floats (const LimnConvJob *job, const LimnConvTile *tile)
{
  return aligned_floats (patch_columns (job, tile) * patch_rows (job, tile) * job->in);
}

static void
read_patch (const LimnConvJob *job, const LimnConvTile *tile, float *patch)
{
  gint64 columns = patch_columns (job, tile);

  for (gint64 i = 0; i < patch_rows (job, tile); i++)
    limn_conv_read_line (job, tile->sample, tile->row * job->stride + i - job->pad_top,
                         tile->column * job->stride - job->pad_left, columns,
                         patch + i * columns * job->in);
}

/* ---- The result ---- */

/* Number of an output pixel of the tile in the maps of the result's size. */
static gint64
output_pixel (const LimnConvJob *job, const LimnConvTile *tile, gint64 row, gint64 column)
{
  return (tile->sample * job->oh + tile->row + row) * job->ow + tile->column + column;
}

/* Whether more is to be done with the sums than adding a residual that lies as they do. */
static gboolean
has_finish (const LimnConvJob *job)
{
  return job->slopes != NULL || job->factor != 1.0f
         || (job->residual != NULL && job->residual_pixel != job->y_pixel);
}

static void
finish_pixel (const LimnConvJob *job, const LimnConvTile *tile, gint64 pixel)
{
  const float *slopes = job->slopes != NULL ? job->slopes + tile->channel : NULL;
  const float *residual
      = job->residual != NULL ? job->residual + pixel * job->residual_pixel + tile->channel : NULL;
  float *y = job->y + pixel * job->y_pixel + tile->channel;

  for (gint64 c = 0; c < tile->n_channels; c++)
    {
      float value = slopes != NULL && y[c] < 0.0f ? y[c] * slopes[c] : y[c];

      value *= job->factor;
      y[c] = residual != NULL ? value + residual[c] : value;
    }
}

static void
finish (const LimnConvJob *job, const LimnConvTile *tile)
{
  if (!has_finish (job))
    return;
  for (gint64 row = 0; row < tile->n_rows; row++)
    for (gint64 column = 0; column < tile->n_columns; column++)
      finish_pixel (job, tile, output_pixel (job, tile, row, column));
}

/* ---- im2col: windows written out as the rows of a matrix, which BLAS multiplies ---- */

/* What the matrix of one step may hold: with the weights it stays in the second-level cache. */
#define IM2COL_FLOATS (96 * 1024)

static gint64
im2col_rows (const LimnConvJob *job, const LimnConvTile *tile)
{
  gint64 k = job->kernel_h * job->kernel_w * job->in;

  return MIN (MAX (IM2COL_FLOATS / k, 32), tile->n_rows * tile->n_columns);
}

static gint64
matrix_floats (const LimnConvJob *job, const LimnConvTile *tile)
{
  return aligned_floats (im2col_rows (job, tile) * job->kernel_h * job->kernel_w * job->in);
}

gsize
limn_conv_im2col_scratch (const LimnConvJob *job, const LimnConvTile *largest)
{
  return (gsize)(patch_floats (job, largest) + matrix_floats (job, largest)) * sizeof (float)
         + limn_panels_room (job->panels);
}

static void
start_pixel (const LimnConvJob *job, const LimnConvTile *tile, gint64 pixel)
{
  const float *residual = job->residual != NULL && !has_finish (job)
                              ? job->residual + pixel * job->residual_pixel
                              : NULL;
  float *y = job->y + pixel * job->y_pixel;

  for (gint64 c = tile->channel; c < tile->channel + tile->n_channels; c++)
    y[c] = (job->bias != NULL ? job->bias[c] : 0.0f) + (residual != NULL ? residual[c] : 0.0f);
}

/* @n_pixels of the tile's from number @first on, which lie side by side in y. */
static void
im2col_step (const LimnConvJob *job,
             const LimnConvTile *tile,
             gint64 first,
             gint64 n_pixels,
             const float *patch,
             float *matrix,
             float *room)
{
  gint64 columns = patch_columns (job, tile);
  gint64 span = job->kernel_w * job->in;
  gint64 k = job->kernel_h * span;
  gint64 start = output_pixel (job, tile, first / tile->n_columns, first % tile->n_columns);

  for (gint64 i = 0; i < n_pixels; i++)
    {
      gint64 row = (first + i) / tile->n_columns * job->stride;
      gint64 column = (first + i) % tile->n_columns * job->stride;

      for (gint64 u = 0; u < job->kernel_h; u++)
        memcpy (matrix + i * k + u * span, patch + ((row + u) * columns + column) * job->in,
                (gsize)span * sizeof (float));
      start_pixel (job, tile, start + i);
    }
  limn_multiply_blas (job->panels, n_pixels, matrix, k, tile->channel, tile->n_channels,
                      job->y + start * job->y_pixel, job->y_pixel, room);
}

void
limn_conv_im2col_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  gint64 n_pixels = tile->n_rows * tile->n_columns;
  /* Where the tile is as wide as the map its rows follow each other, else each is a run of its own.
   */
  gint64 run = tile->n_columns == job->ow ? n_pixels : tile->n_columns;
  gint64 step = MIN (im2col_rows (job, tile), run);
  float *patch = scratch;
  float *matrix = patch + patch_floats (job, tile);
  float *room = matrix + matrix_floats (job, tile);

  read_patch (job, tile, patch);
  for (gint64 first = 0; first < n_pixels; first += run)
    for (gint64 i = 0; i < run; i += step)
      im2col_step (job, tile, first + i, MIN (step, run - i), patch, matrix, room);
  finish (job, tile);
}

/* ---- Panels: the patch itself is the matrix, whose rows overlap ---- */

gsize
limn_conv_panels_scratch (const LimnConvJob *job, const LimnConvTile *largest)
{
  return (gsize)patch_floats (job, largest) * sizeof (float) + limn_panels_room (job->panels);
}

/* The window of a pixel is kernel_h segments of kernel_w * in values, a patch row apart, and the
 * next pixel's begins stride * in further. */
void
limn_conv_panels_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  gint64 line = patch_columns (job, tile) * job->in;
  gint64 start = output_pixel (job, tile, 0, 0);
  LimnPanelLines lines = {
    .n_lines = tile->n_rows,
    .n_rows = tile->n_columns,
    .x = scratch,
    .x_line_stride = job->stride * line,
    .x_stride = job->stride * job->in,
    .n_segments = job->kernel_h,
    .segment_length = job->kernel_w * job->in,
    .segment_stride = line,
    .residual = job->residual != NULL && !has_finish (job) ? job->residual + start * job->y_pixel
                                                           : NULL,
    .y = job->y + start * job->y_pixel,
    .y_line_stride = job->ow * job->y_pixel,
    .y_stride = job->y_pixel,
  };

  read_patch (job, tile, scratch);
  limn_multiply_panels (job->panels, &lines, job->bias, tile->channel, tile->n_channels,
                        (float *)scratch + patch_floats (job, tile));
  finish (job, tile);
}
