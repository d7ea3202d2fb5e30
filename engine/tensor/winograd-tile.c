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
  tile.row = index % self->n_rows * self->size;
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

        offsets[i * side + j]
            = inside ? ((tile->sample * conv->h + row) * conv->w + column) * conv->in : -1;
      }
}

static gint64
first_tile (const LimnWinograd *self, gint64 block)
{
  return block * self->block_tiles;
}

void
limn_winograd_transform_input (const LimnWinograd *self,
                               gint64 block,
                               gint64 first,
                               gint64 n,
                               float *v)
{
  const LimnConvJob *conv = self->conv;
  gint64 offsets[LIMN_WINOGRAD_MAX_POINTS];
  const float *pixels[LIMN_WINOGRAD_MAX_POINTS];

  for (gint64 t = first; t < first + n; t++)
    {
      Tile tile = tile_at (self, first_tile (self, block) + t);

      find_pixels (self, &tile, offsets);
      for (gint64 chunk = 0; chunk < self->n_chunks; chunk++)
        {
          gint64 channel = chunk * self->depth;

          for (int p = 0; p < self->n_points; p++)
            pixels[p] = offsets[p] >= 0 ? conv->x + offsets[p] + channel : border;
          conv->kernels->winograd_input (self->size, MIN (self->depth, conv->in - channel), pixels,
                                         v + chunk * self->v_chunk + t * self->depth,
                                         self->v_point);
        }
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

/* M = M + V U at one point; M = V U of the first chunk. */
static void
multiply_point (const LimnWinograd *self,
                gint64 n_tiles,
                gint64 n_in,
                gint64 n_columns,
                const float *v,
                const float *u,
                gboolean first,
                float *m)
{
  const LimnKernels *kernels = self->conv->kernels;
  LimnPanelProduct product = {
    .n_rows = n_tiles,
    .n_columns = n_columns,
    .x = v,
    .x_stride = self->depth,
    .x_step = 1,
    .n_segments = 1,
    .segment_length = n_in,
    .panel = u,
    .init = first ? NULL : m,
    .init_stride = self->unit,
    .y = m,
    .y_stride = self->unit,
  };

  if (kernels->panel_width > 0)
    kernels->panel_product (&product);
  else
    kernels->gemm (FALSE, n_tiles, n_columns, n_in, v, self->depth, u, self->unit,
                   first ? 0.0f : 1.0f, m, self->unit);
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
      gint64 at
          = ((tile.sample * conv->oh + tile.row) * conv->ow + tile.column) * conv->out + channel;
      LimnWinogradOutput output = {
        .bias = conv->bias != NULL ? conv->bias + channel : NULL,
        .residual = conv->residual != NULL ? conv->residual + at : NULL,
        .y = conv->y + at,
        .row_stride = conv->ow * conv->out,
        .column_stride = conv->out,
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
  const LimnConvJob *conv = self->conv;
  gint64 n_tiles = MIN (self->block_tiles, self->n_tiles - first_tile (self, block));
  float *u = scratch;
  float *m = u + self->n_points * self->u_point;
  float *room = m + self->n_points * self->m_point;

  for (gint64 c = channel; c < channel + n_channels; c += self->unit)
    {
      gint64 n_columns = MIN (self->unit, channel + n_channels - c);

      for (gint64 chunk = 0; chunk < self->n_chunks; chunk++)
        {
          gint64 first = chunk * self->depth;
          gint64 n_in = MIN (self->depth, conv->in - first);

          transform_weights (self, first, n_in, c, n_columns, u, room);
          for (int p = 0; p < self->n_points; p++)
            multiply_point (self, n_tiles, n_in, n_columns,
                            v + chunk * self->v_chunk + p * self->v_point, u + p * self->u_point,
                            chunk == 0, m + p * self->m_point);
        }
      transform_output (self, block, n_tiles, c, n_columns, m);
    }
}
