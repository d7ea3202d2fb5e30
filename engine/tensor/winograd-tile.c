/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/winograd-private.h"

/* The parts of a block's work, in terms of the table. */

/* What a tile has outside of the map. */
static const float border[LIMN_WINOGRAD_MAX_DEPTH];

typedef struct
{
  gint64 sample;
  gint64 row, column; /* of its first output */
} Tile;

static Tile
tile_at (const LimnWinograd *self, gint64 index)
{
  Tile tile;

  tile.column = index % self->n_columns * self->size;
  index /= self->n_columns;
  tile.row = self->conv->first_row + index % self->n_rows * self->size;
  tile.sample = index / self->n_rows;
  return tile;
}

/* Where the tile's inputs lie, or -1 for those outside of the map, in floats from x. */
static void
find_pixels (const LimnWinograd *self, const Tile *tile, gint64 *offsets)
{
  const LimnConvJob *conv = self->conv;
  int side = self->size + 2;

  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++)
      {
        gint64 row = tile->row + i - conv->pad_top;
        gint64 column = tile->column + j - conv->pad_left;
        gboolean inside = row >= 0 && row < conv->h && column >= 0 && column < conv->w;

        offsets[i * side + j] = inside ? limn_conv_pixel (conv, tile->sample, row, column) : -1;
      }
}

static gint64
first_tile (const LimnWinograd *self, gint64 block)
{
  return block * self->block_tiles;
}

/* V of the tile @t of a block, whose inputs lie at @pixels; NULL are those outside of the map. */
static void
transform_tile (const LimnWinograd *self, gint64 t, const float *const *inputs, float *v)
{
  const LimnConvJob *conv = self->conv;
  const float *pixels[LIMN_WINOGRAD_MAX_POINTS];

  for (gint64 chunk = 0; chunk < self->n_chunks; chunk++)
    {
      gint64 channel = chunk * self->depth;

      for (int p = 0; p < self->n_points; p++)
        pixels[p] = inputs[p] != NULL ? inputs[p] + channel : border;
      conv->kernels->winograd_input (self->size, MIN (self->depth, conv->in - channel), pixels,
                                     v + chunk * self->v_chunk + t * self->depth, self->v_point);
    }
}

/* ---- Inputs that are normalised: of a row of tiles together, in a patch ---- */

/* Floats of a patch: it stays in the second-level cache. */
#define PATCH_FLOATS (64 * 1024)

/* Tiles whose inputs are read together: those at the border between two such rows are normalised
 * twice. */
static gint64
patch_tiles (const LimnWinograd *self)
{
  gint64 column = (self->size + 2) * self->size * self->conv->in;

  return CLAMP (PATCH_FLOATS / column, 1, LIMN_WINOGRAD_BLOCK_TILES);
}

gsize
limn_winograd_patch (const LimnWinograd *self)
{
  gint64 columns = patch_tiles (self) * self->size + 2;

  if (self->conv->normalised == NULL)
    return 0;
  return (gsize)((self->size + 2) * columns * self->conv->in) * sizeof (float);
}

/* @n tiles from number @t of a block on, the first of which is @tile; they are of one row. */
static void
transform_patch (const LimnWinograd *self,
                 const Tile *tile,
                 gint64 t,
                 gint64 n,
                 float *v,
                 float *patch)
{
  const LimnConvJob *conv = self->conv;
  gint64 columns = n * self->size + 2;
  int side = self->size + 2;
  const float *inputs[LIMN_WINOGRAD_MAX_POINTS];

  for (int i = 0; i < side; i++)
    limn_conv_read_line (conv, tile->sample, tile->row + i - conv->pad_top,
                         tile->column - conv->pad_left, columns, patch + i * columns * conv->in);
  for (gint64 k = 0; k < n; k++)
    {
      for (int p = 0; p < self->n_points; p++)
        inputs[p] = patch + (p / side * columns + k * self->size + p % side) * conv->in;
      transform_tile (self, t + k, inputs, v);
    }
}

static void
transform_normalised (const LimnWinograd *self,
                      gint64 block,
                      gint64 first,
                      gint64 n,
                      float *v,
                      float *patch)
{
  gint64 length;

  for (gint64 t = first; t < first + n; t += length)
    {
      Tile tile = tile_at (self, first_tile (self, block) + t);

      length = MIN (patch_tiles (self), first + n - t);
      length = MIN (length, self->n_columns - tile.column / self->size);
      transform_patch (self, &tile, t, length, v, patch);
    }
}

void
limn_winograd_transform_input (const LimnWinograd *self,
                               gint64 block,
                               gint64 first,
                               gint64 n,
                               float *v,
                               void *scratch)
{
  const LimnConvJob *conv = self->conv;
  gint64 offsets[LIMN_WINOGRAD_MAX_POINTS];
  const float *inputs[LIMN_WINOGRAD_MAX_POINTS];

  if (conv->normalised != NULL)
    {
      transform_normalised (self, block, first, n, v, scratch);
      return;
    }
  for (gint64 t = first; t < first + n; t++)
    {
      Tile tile = tile_at (self, first_tile (self, block) + t);

      find_pixels (self, &tile, offsets);
      for (int p = 0; p < self->n_points; p++)
        inputs[p] = offsets[p] >= 0 ? conv->x + offsets[p] : NULL;
      transform_tile (self, t, inputs, v);
    }
}

/* Input channels whose nine taps are made float32 at a time: they stay in the first-level cache. */
#define EXPANDED_DEPTH 16

/* U of @n_columns output channels from @channel on, which lie in one panel. @room: nine taps of
 * EXPANDED_DEPTH rows, where the panel is not float32. */
static void
transform_weights (const LimnWinograd *self,
                   gint64 first,
                   gint64 n_in,
                   gint64 channel,
                   gint64 n_columns,
                   float *u,
                   float *room)
{
  const LimnConvJob *conv = self->conv;
  const LimnPanels *panels = conv->panels;
  gboolean whole = conv->kernels->panel_width > 0;
  gint64 columns = whole ? self->unit : n_columns;
  gint64 depth = panels->type == LIMN_PANELS_F32 ? n_in : EXPANDED_DEPTH;
  gint64 tap_stride, stride;

  for (gint64 i = 0; i < n_in; i += depth, u += depth * self->unit)
    {
      gint64 n = MIN (depth, n_in - i);
      const float *taps = limn_panels_rows (panels, channel, columns, first + i, n, room, &stride);

      tap_stride = taps == room ? depth * columns : conv->in * stride;
      for (int tap = 1; tap < 9 && taps == room; tap++)
        limn_panels_rows (panels, channel, columns, tap * conv->in + first + i, n,
                          room + tap * tap_stride, &stride);
      if (whole)
        conv->kernels->winograd_weights (self->size, n * columns, taps, tap_stride, u,
                                         self->u_point);
      else
        for (gint64 row = 0; row < n; row++)
          conv->kernels->winograd_weights (self->size, n_columns, taps + row * stride, tap_stride,
                                           u + row * self->unit, self->u_point);
    }
}

/* What is multiplied between two transforms: some tiles of a block by a chunk of the weights of
 * some units. The next weights are transformed after that: for each unit, of a channel as far from
 * the unit's. */
typedef struct
{
  gint64 n_tiles;
  gint64 chunk, n_in;
  gint64 channel, end;             /* output channels, of all units */
  gint64 next_channel, next_first; /* where the first unit's next weights begin */
  gint64 next_n_in;                /* 0: there are none */
} Step;

static Step
make_step (const LimnWinograd *self, gint64 n_tiles, gint64 chunk, gint64 channel, gint64 end)
{
  gint64 in = self->conv->in;
  Step step = {
    .n_tiles = n_tiles,
    .chunk = chunk,
    .n_in = MIN (self->depth, in - chunk * self->depth),
    .channel = channel,
    .end = MIN (channel + self->n_units * self->unit, end),
    .next_channel = channel,
    .next_first = (chunk + 1) * self->depth,
  };

  if (chunk + 1 == self->n_chunks)
    {
      step.next_channel = channel + self->n_units * self->unit;
      step.next_first = 0;
    }
  if (step.next_channel < end)
    step.next_n_in = MIN (self->depth, in - step.next_first);
  return step;
}

/* The product at a point has one of the nine taps of its unit's next weights fetched. */
static void
fetch_tap (const LimnWinograd *self,
           const Step *step,
           gint64 channel,
           int tap,
           LimnPanelProduct *product)
{
  const LimnConvJob *conv = self->conv;
  gint64 next = step->next_channel + channel - step->channel;

  if (step->next_n_in > 0 && tap < 9 && next < conv->out)
    product->ahead = limn_panels_place (conv->panels, next, tap * conv->in + step->next_first,
                                        step->next_n_in, &product->ahead_bytes);
}

/* M = M + V U of one unit at one point; M = V U of the first chunk. @channel: its first. */
static void
multiply_point (const LimnWinograd *self,
                const Step *step,
                gint64 channel,
                int point,
                const float *v,
                const float *u,
                float *m)
{
  const LimnKernels *kernels = self->conv->kernels;
  LimnPanelProduct product = {
    .n_rows = step->n_tiles,
    .n_columns = MIN (self->unit, step->end - channel),
    .x = v,
    .x_stride = self->depth,
    .x_step = 1,
    .n_segments = 1,
    .segment_length = step->n_in,
    .panel = u,
    .init = step->chunk == 0 ? NULL : m,
    .init_stride = self->unit,
    .y = m,
    .y_stride = self->unit,
  };

  if (kernels->panel_width > 0)
    {
      fetch_tap (self, step, channel, point, &product);
      kernels->panel_product (&product);
    }
  else
    kernels->gemm (FALSE, product.n_rows, product.n_columns, step->n_in, v, self->depth, u,
                   self->unit, step->chunk == 0 ? 0.0f : 1.0f, m, self->unit);
}

/* All units at one point before the next point: they share V, which comes from the last-level
 * cache. */
static void
multiply_points (const LimnWinograd *self,
                 const Step *step,
                 const float *v,
                 const float *u,
                 float *m)
{
  gint64 u_unit = self->depth * self->unit, m_unit = self->block_tiles * self->unit;

  for (int p = 0; p < self->n_points; p++)
    for (gint64 c = step->channel, i = 0; c < step->end; c += self->unit, i++)
      multiply_point (self, step, c, p, v + p * self->v_point, u + p * self->u_point + i * u_unit,
                      m + p * self->m_point + i * m_unit);
}

static void
transform_output (const LimnWinograd *self,
                  gint64 block,
                  gint64 n_tiles,
                  gint64 channel,
                  gint64 n_columns,
                  const float *m)
{
  const LimnConvJob *conv = self->conv;

  for (gint64 t = 0; t < n_tiles; t++)
    {
      Tile tile = tile_at (self, first_tile (self, block) + t);
      gint64 pixel = (tile.sample * conv->oh + tile.row) * conv->ow + tile.column;
      LimnWinogradOutput output = {
        .bias = conv->bias != NULL ? conv->bias + channel : NULL,
        .slopes = conv->slopes != NULL ? conv->slopes + channel : NULL,
        .residual
        = conv->residual != NULL ? conv->residual + pixel * conv->residual_pixel + channel : NULL,
        .factor = conv->factor,
        .y = conv->y + pixel * conv->y_pixel + channel,
        .row_stride = conv->ow * conv->y_pixel,
        .column_stride = conv->y_pixel,
        .residual_row_stride = conv->ow * conv->residual_pixel,
        .residual_column_stride = conv->residual_pixel,
        .n_rows = (int)MIN (self->size, conv->oh - tile.row),
        .n_columns = (int)MIN (self->size, conv->ow - tile.column),
      };

      conv->kernels->winograd_output (self->size, n_columns, m + t * self->unit, self->m_point,
                                      &output);
    }
}

static gint64
room_floats (const LimnWinograd *self)
{
  return self->conv->panels->type == LIMN_PANELS_F32 ? 0 : 9 * EXPANDED_DEPTH * self->unit;
}

gsize
limn_winograd_scratch (const LimnWinograd *self)
{
  return (gsize)(self->n_points * (self->u_point + self->m_point) + room_floats (self))
         * sizeof (float);
}

void
limn_winograd_multiply (const LimnWinograd *self,
                        gint64 block,
                        const float *v,
                        gint64 channel,
                        gint64 n_channels,
                        void *scratch)
{
  gint64 n_tiles = MIN (self->block_tiles, self->n_tiles - first_tile (self, block));
  gint64 end = channel + n_channels;
  float *u = scratch;
  float *m = u + self->n_points * self->u_point;
  float *room = m + self->n_points * self->m_point;

  for (gint64 c = channel; c < end; c += self->n_units * self->unit)
    {
      Step step;

      for (gint64 chunk = 0; chunk < self->n_chunks; chunk++)
        {
          step = make_step (self, n_tiles, chunk, c, end);
          for (gint64 at = c, i = 0; at < step.end; at += self->unit, i++)
            transform_weights (self, chunk * self->depth, step.n_in, at,
                               MIN (self->unit, step.end - at), u + i * self->depth * self->unit,
                               room);
          multiply_points (self, &step, v + chunk * self->v_chunk, u, m);
        }
      for (gint64 at = c, i = 0; at < step.end; at += self->unit, i++)
        transform_output (self, block, n_tiles, at, MIN (self->unit, step.end - at),
                          m + i * self->block_tiles * self->unit);
    }
}
