/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"

/* The two ways to convolve one tile. Both begin by looking at a patch: the input pixels that the
 * tile's windows cover, with zeros where they reach over the border. */

/* ---- im2col: windows written out as the rows of a matrix, which BLAS multiplies ---- */

/* What the matrix of one step may hold: with the weights it stays in the second-level cache. */
#define IM2COL_FLOATS (96 * 1024)

/* Floats of the matrix, of either way: what it is multiplied by is expanded behind it. */
static gint64
matrix_floats (gint64 n)
{
  return (n + 15) / 16 * 16;
}

static gint64
im2col_rows (const LimnConvJob *job)
{
  gint64 k = job->kernel_h * job->kernel_w * job->in;

  return MAX (IM2COL_FLOATS / k, 32);
}

gsize
limn_conv_im2col_scratch (const LimnConvJob *job, const LimnConvTile *largest)
{
  gint64 k = job->kernel_h * job->kernel_w * job->in;
  gint64 rows = MIN (im2col_rows (job), largest->n_rows * largest->n_columns);

  return (gsize)matrix_floats (rows * k) * sizeof (float) + limn_panels_room (job->panels);
}

/* One window row: columns of x that exist are copied in one piece. */
static void
copy_span (const LimnConvJob *job,
           const float *x,
           gint64 row,
           gint64 column,
           gint64 n_columns,
           float *to)
{
  gint64 before, after;

  if (row < 0 || row >= job->h)
    {
      memset (to, 0, (gsize) (n_columns * job->in) * sizeof (float));
      return;
    }
  before = CLAMP (-column, 0, n_columns);
  after = CLAMP (column + n_columns - job->w, 0, n_columns - before);
  memset (to, 0, (gsize) (before * job->in) * sizeof (float));
  memcpy (to + before * job->in, x + (row * job->w + column + before) * job->in,
          (gsize) ((n_columns - before - after) * job->in) * sizeof (float));
  memset (to + (n_columns - after) * job->in, 0, (gsize) (after * job->in) * sizeof (float));
}

static void
start_pixel (const LimnConvJob *job, const LimnConvTile *tile, gint64 at)
{
  for (gint64 c = tile->channel; c < tile->channel + tile->n_channels; c++)
    job->y[at + c] = (job->bias != NULL ? job->bias[c] : 0.0f)
                     + (job->residual != NULL ? job->residual[at + c] : 0.0f);
}

/* @n_pixels of the tile's from number @first on, which lie side by side in y. */
static void
im2col_step (const LimnConvJob *job,
             const LimnConvTile *tile,
             gint64 first,
             gint64 n_pixels,
             float *matrix,
             float *room)
{
  const float *x = job->x + tile->sample * job->h * job->w * job->in;
  gint64 span = job->kernel_w * job->in;
  gint64 k = job->kernel_h * span;
  gint64 start = ((tile->sample * job->oh + tile->row + first / tile->n_columns) * job->ow
                  + tile->column + first % tile->n_columns)
                 * job->out;

  for (gint64 i = 0; i < n_pixels; i++)
    {
      gint64 row = tile->row + (first + i) / tile->n_columns;
      gint64 column = tile->column + (first + i) % tile->n_columns;

      for (gint64 u = 0; u < job->kernel_h; u++)
        copy_span (job, x, row * job->stride + u - job->pad_top,
                   column * job->stride - job->pad_left, job->kernel_w, matrix + i * k + u * span);
      start_pixel (job, tile, start + i * job->out);
    }
  limn_multiply_blas (job->panels, n_pixels, matrix, k, tile->channel, tile->n_channels,
                      job->y + start, job->out, room);
}

void
limn_conv_im2col_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  gint64 n_pixels = tile->n_rows * tile->n_columns;
  /* Where the tile is as wide as the map its rows follow each other, else each is a run of its own.
   */
  gint64 run = tile->n_columns == job->ow ? n_pixels : tile->n_columns;
  gint64 step = MIN (im2col_rows (job), run);
  float *matrix = scratch;
  float *room
      = matrix + matrix_floats (MIN (im2col_rows (job), n_pixels) * job->panels->k);

  for (gint64 first = 0; first < n_pixels; first += run)
    for (gint64 i = 0; i < run; i += step)
      im2col_step (job, tile, first + i, MIN (step, run - i), matrix, room);
}

/* ---- Panels: the patch itself is the matrix, whose rows overlap ---- */

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
  return matrix_floats (patch_columns (job, tile) * patch_rows (job, tile) * job->in);
}

gsize
limn_conv_panels_scratch (const LimnConvJob *job, const LimnConvTile *largest)
{
  return (gsize)patch_floats (job, largest) * sizeof (float) + limn_panels_room (job->panels);
}

/* Copying the patch costs a part in 2 * 9 * channels of the product, and makes the border
 * disappear. The window of a pixel is then kernel_h segments of kernel_w * in values, a patch row
 * apart, and the next pixel's begins stride * in further. */
void
limn_conv_panels_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  const float *x = job->x + tile->sample * job->h * job->w * job->in;
  gint64 columns = patch_columns (job, tile);
  gint64 line = columns * job->in;
  gint64 at = ((tile->sample * job->oh + tile->row) * job->ow + tile->column) * job->out;
  LimnPanelLines lines = {
    .n_lines = tile->n_rows,
    .n_rows = tile->n_columns,
    .x = scratch,
    .x_line_stride = job->stride * line,
    .x_stride = job->stride * job->in,
    .n_segments = job->kernel_h,
    .segment_length = job->kernel_w * job->in,
    .segment_stride = line,
    .residual = job->residual != NULL ? job->residual + at : NULL,
    .y = job->y + at,
    .y_line_stride = job->ow * job->out,
    .y_stride = job->out,
  };

  for (gint64 i = 0; i < patch_rows (job, tile); i++)
    copy_span (job, x, tile->row * job->stride + i - job->pad_top,
               tile->column * job->stride - job->pad_left, columns, (float *) scratch + i * line);
  limn_multiply_panels (job->panels, &lines, job->bias, tile->channel, tile->n_channels,
                        (float *)scratch + patch_floats (job, tile));
}
