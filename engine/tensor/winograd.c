/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/tensor-private.h"
#include "engine/tensor/winograd-private.h"

/* The grid, which follows from the shapes alone. */

/* Output channels of a step where there are no panels. */
#define BLAS_UNIT 64
/* Output channels that share what is read of V, where a chunk of a block's V is more than so many
 * floats and is not kept by the second-level cache. */
#define SHARED_CHANNELS LIMN_CHANNEL_STEP
#define NEAR_FLOATS (96 * 1024)
/* Between points, so that they do not begin in the same set of the cache. */
#define STAGGER 16
/* Multiply-adds of a task: 20 ms on a slow core. */
#define TASK_WORK ((gint64)128 * 1024 * 1024)
#define MIN_TASKS 40
/* Fewest tiles of a block that is split for more tasks: each block transforms the weights anew. */
#define SPLIT_TILES 32
/* Floats of V in a band, which all threads share, and in a block that a worker has for itself. */
#define BAND_FLOATS (2 * 1024 * 1024)
#define OWN_FLOATS (640 * 1024)
/* Tiles that one task of the input transform takes, and where there would be few tasks. */
#define INPUT_TILES 16
#define FEW_INPUT_TILES 4

static inline gint64
ceil_div (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

static gint64
round_up (gint64 a, gint64 step)
{
  return ceil_div (a, step) * step;
}

static void
set_strides (LimnWinograd *self)
{
  self->v_point = self->block_tiles * self->depth + STAGGER;
  self->v_chunk = self->n_points * self->v_point;
  self->v_block = self->n_chunks * self->v_chunk;
  self->n_units = self->v_chunk > NEAR_FLOATS ? MAX (SHARED_CHANNELS / self->unit, 1) : 1;
  self->u_point = self->n_units * self->depth * self->unit + STAGGER;
  self->m_point = self->n_units * self->block_tiles * self->unit + STAGGER;
}

static void
set_blocks (LimnWinograd *self, gint64 most)
{
  self->n_blocks = ceil_div (self->n_tiles, most);
  self->block_tiles = ceil_div (self->n_tiles, self->n_blocks);
  self->n_blocks = ceil_div (self->n_tiles, self->block_tiles);
}

static void
set_range (LimnWinograd *self, gint64 range)
{
  self->range = range;
  self->n_ranges = ceil_div (self->conv->out, range);
}

static gint64
task_work (const LimnWinograd *self)
{
  return self->n_points * self->block_tiles * self->range * self->conv->in;
}

static void
choose_grid (LimnWinograd *self)
{
  const LimnConvJob *conv = self->conv;
  gint64 step = LIMN_CHANNEL_STEP;

  self->unit = conv->kernels->panel_width > 0 ? conv->kernels->panel_width : BLAS_UNIT;
  self->n_chunks = ceil_div (conv->in, LIMN_WINOGRAD_MAX_DEPTH);
  self->depth = round_up (ceil_div (conv->in, self->n_chunks), 16);
  self->n_chunks = ceil_div (conv->in, self->depth);
  set_blocks (self, LIMN_WINOGRAD_BLOCK_TILES);
  step = round_up (step, self->unit);
  set_range (self, round_up (conv->out, step));
  while (self->range > step
         && (task_work (self) > TASK_WORK || self->n_blocks * self->n_ranges < MIN_TASKS))
    set_range (self, round_up (ceil_div (self->range, 2), step));
  while (self->block_tiles >= 2 * SPLIT_TILES && self->range <= step
         && self->n_blocks * self->n_ranges < MIN_TASKS)
    set_blocks (self, ceil_div (self->block_tiles, 2));
  while (self->block_tiles > 1 && task_work (self) > TASK_WORK)
    set_blocks (self, ceil_div (self->block_tiles, 2));
  set_strides (self);
}

void
limn_winograd_init (LimnWinograd *self, const LimnConvJob *conv, gint64 n_samples, int size)
{
  *self = (LimnWinograd){
    .conv = conv,
    .size = size,
    .n_points = (size + 2) * (size + 2),
    .n_rows = ceil_div (conv->n_rows, size),
    .n_columns = ceil_div (conv->ow, size),
  };
  self->n_tiles = n_samples * self->n_rows * self->n_columns;
  choose_grid (self);
}

/* ---- Tasks ---- */

typedef struct
{
  LimnWinograd grid;
  gint64 first_block, n_blocks; /* of the band */
  float *v;
} Band;

static gint64
block_tiles (const LimnWinograd *grid, gint64 block)
{
  return MIN (grid->block_tiles, grid->n_tiles - block * grid->block_tiles);
}

/* Tiles of a task, from the whole map's, so that no band differs. */
static gint64
input_tiles (const LimnWinograd *grid)
{
  return grid->n_tiles >= MIN_TASKS * INPUT_TILES ? INPUT_TILES : FEW_INPUT_TILES;
}

static gint64
input_tasks (const LimnWinograd *grid)
{
  return ceil_div (grid->block_tiles, input_tiles (grid));
}

static void
input_task (void *data, gint64 index, void *scratch)
{
  const Band *band = data;
  const LimnWinograd *grid = &band->grid;
  gint64 n_tasks = input_tasks (grid);
  gint64 block = index / n_tasks;
  gint64 first = index % n_tasks * input_tiles (grid);
  gint64 n = MIN (input_tiles (grid), block_tiles (grid, band->first_block + block) - first);

  if (n > 0)
    limn_winograd_transform_input (grid, band->first_block + block, first, n,
                                   band->v + block * grid->v_block, scratch);
}

static void
multiply_range (const LimnWinograd *grid, gint64 block, gint64 range, const float *v, void *scratch)
{
  gint64 channel = range * grid->range;

  limn_winograd_multiply (grid, block, v, channel, MIN (grid->range, grid->conv->out - channel),
                          scratch);
}

/* Ranges of the same block follow each other: what it reads is larger than their weights. */
static void
multiply_task (void *data, gint64 index, void *scratch)
{
  const Band *band = data;
  gint64 block = index / band->grid.n_ranges;

  multiply_range (&band->grid, band->first_block + block, index % band->grid.n_ranges,
                  band->v + block * band->grid.v_block, scratch);
}

/* A block from its input to its output. */
static void
whole_task (void *data, gint64 index, void *scratch)
{
  const Band *band = data;
  const LimnWinograd *grid = &band->grid;
  float *v = scratch;
  gint64 block = index / grid->n_ranges;

  /* What one needs the other does not any more. */
  float *rest = v + round_up (grid->v_block, 16);

  limn_winograd_transform_input (grid, block, 0, block_tiles (grid, block), v, rest);
  multiply_range (grid, block, index % grid->n_ranges, v, rest);
}

static gboolean
run_whole (LimnRun *run, Band *band)
{
  const LimnWinograd *grid = &band->grid;
  gsize scratch = (gsize)round_up (grid->v_block, 16) * sizeof (float);

  return limn_run_parallel (
      run, grid->n_blocks * grid->n_ranges,
      scratch + MAX (limn_winograd_patch (grid), limn_winograd_scratch (grid)), whole_task, band);
}

/* Band after band: all of its input, then all of its products. */
static gboolean
run_bands (LimnRun *run, Band *band)
{
  const LimnWinograd *grid = &band->grid;
  gint64 least = MIN (ceil_div (MIN_TASKS, grid->n_ranges), grid->n_blocks);
  gint64 most = CLAMP (BAND_FLOATS / grid->v_block, least, grid->n_blocks);
  gboolean ok = TRUE;

  band->v = limn_run_scratch (run, (gsize)(most * grid->v_block) * sizeof (float));
  if (band->v == NULL)
    return FALSE;
  for (gint64 block = 0; ok && block < grid->n_blocks; block += most)
    {
      double before;

      band->first_block = block;
      band->n_blocks = MIN (most, grid->n_blocks - block);
      before = limn_run_begin_bands (run, band->n_blocks, grid->n_blocks);
      ok = limn_run_parallel (run, band->n_blocks * input_tasks (grid), limn_winograd_patch (grid),
                              input_task, band)
           && limn_run_parallel (run, band->n_blocks * grid->n_ranges, limn_winograd_scratch (grid),
                                 multiply_task, band);
      limn_run_end_bands (run, before);
    }
  return ok;
}

/**
 * limn_winograd_convolve:
 * @conv: a convolution of 3x3 and stride 1
 * @size: of the tiles: 2 or 4
 *
 * What limn_conv2d() says, by Winograd's filtering. The weights are transformed inside of the tasks
 * from the same panels that the direct way multiplies, so that no layer needs more memory for
 * weights than it has, nor reads more of it: for large layers reading the four times as many bytes
 * of transformed weights would cost more than making them. What is kept between tasks is V of a
 * band of the map, of the run: 8 MiB, or as many blocks as make MIN_TASKS tasks where that is more.
 *
 * Error: the largest of 4000 outputs, of values uniform in -1 .. 1, against the sum in double, of
 * the largest output, with the points of winograd-private.h, where the direct sum in float is off
 * by 7e-7 with 64 input channels, 2e-6 with 320 and 5e-6 with 1280:
 *
 *   channels    3     64    128   320   640   1280
 *   size 2    1e-7  3e-7  4e-7  6e-7  9e-7  1e-6
 *   size 4    7e-7  1e-6  2e-6  3e-6  5e-6  8e-6
 */
gboolean
limn_winograd_convolve (LimnRun *run, const LimnConvJob *conv, gint64 n_samples, int size)
{
  Band band = { 0 };
  LimnWinograd *grid = &band.grid;

  limn_winograd_init (grid, conv, n_samples, size);
  if (grid->n_ranges == 1 && grid->v_block <= OWN_FLOATS)
    return run_whole (run, &band);
  return run_bands (run, &band);
}
