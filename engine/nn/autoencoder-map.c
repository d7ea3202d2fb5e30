/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

#include <string.h>

/* The one large map, how it changes its size in its place, and the bands in which that is done. */

/* Pixels of a band: some ten tasks for each of several threads. Bands are as high for every size of
 * the arena's memory, and a band's bits are those of the whole map anyway. */
#define BAND_PIXELS ((gint64)64 * 1024)

static gint64
band_rows (const LimnVaeMap *map, gint64 height, gint64 width)
{
  return MIN (MAX (map->band_pixels / width, 4) / 4, (height + 3) / 4) * 4;
}

/* ---- The map ---- */

/* The beginning of the arena's free part, where whatever was there before still lies. */
static LimnTensor
take (LimnRun *run, LimnArenaMark mark, gint64 n, gint64 h, gint64 w, gint64 pixel)
{
  limn_run_release (run, mark);
  return limn_run_nhwc (run, n, h, w, pixel);
}

LimnVaeMap
limn_vae_map_new (LimnRun *run, gint64 n, gint64 h, gint64 w, gint64 pixel)
{
  LimnVaeMap map = { .mark = limn_run_mark (run), .band_pixels = BAND_PIXELS };

  map.place = take (run, map.mark, n, h, w, pixel);
  return map;
}

static LimnTensor
channels_from (LimnRun *run, const LimnVaeMap *map, gint64 first, gint64 n)
{
  const LimnTensor *place = &map->place;

  if (limn_tensor_is_empty (place))
    return LIMN_TENSOR_EMPTY;
  if (first < 0 || first + n > place->extent[3])
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "A feature map is larger than the network's description allows");
      return LIMN_TENSOR_EMPTY;
    }
  return limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (place) + first, place->extent[0],
                         place->extent[1], place->extent[2], place->extent[3]);
}

LimnTensor
limn_vae_trunk (LimnRun *run, const LimnVaeMap *map, gint64 n_channels)
{
  return channels_from (run, map, map->place.extent[3] - n_channels, n_channels);
}

LimnTensor
limn_vae_inner (LimnRun *run, const LimnVaeMap *map, gint64 n_channels)
{
  return channels_from (run, map, 0, n_channels);
}

/* Rows of one sample of @x, as a map of their own. */
static LimnTensor
rows_of (const LimnTensor *x, gint64 sample, gint64 first, gint64 n)
{
  gint64 row = x->extent[2] * x->extent[3];

  if (limn_tensor_is_empty (x))
    return LIMN_TENSOR_EMPTY;
  return limn_tensor_4d (LIMN_DTYPE_F32,
                         limn_tensor_f32 (x) + (sample * x->extent[1] + first) * row, 1, n,
                         x->extent[2], x->extent[3]);
}

/* ---- Other sizes ---- */

/* Where the small map goes: as far to the end that what a band writes never reaches what the next
 * ones read. With row r of the large map as the small one's r / 2, which is at most half as long,
 * that takes half a band of the small map's rows and one beyond the end of the large one. */
void
limn_vae_map_enlarge (LimnRun *run, LimnVaeMap *map, LimnConv2d *conv, gint64 pixel)
{
  LimnTensor x = limn_vae_trunk (run, map, conv->n_in), small, room, large;
  gint64 n = x.extent[0], h = x.extent[1], w = x.extent[2], c = conv->n_in;
  gint64 n_rows, before, after, tail;

  if (limn_tensor_is_empty (&x))
    return;
  n_rows = band_rows (map, 2 * h, 2 * w);
  before = n * h * w * map->place.extent[3];
  after = 4 * n * h * w * pixel;
  tail = MAX (before, after + (n_rows / 2 + 1) * w * c - n * h * w * c);
  limn_run_release (run, map->mark);
  tail = (tail + 15) / 16 * 16;
  room = limn_run_tensor (run, 1, (gint64[]){ tail + n * h * w * c });
  if (limn_tensor_is_empty (&room))
    return;
  small = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&room) + tail, n, h, w, c);
  limn_copy_channels (run, &x, &small, c);
  map->place = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&room), n, 2 * h, 2 * w, pixel);
  large = limn_vae_trunk (run, map, conv->n_out);
  for (gint64 sample = 0; sample < n; sample++)
    for (gint64 row = 0; row < 2 * h && limn_run_ok (run); row += n_rows)
      {
        LimnTensor from = rows_of (&small, sample, 0, h), to = rows_of (&large, sample, 0, 2 * h);
        LimnConvFused fused = {
          .enlarge = TRUE, .place = &to, .first_row = row, .n_rows = MIN (n_rows, 2 * h - row)
        };
        double share = limn_run_begin_bands (run, fused.n_rows, n * 2 * h);

        limn_conv2d_fused (run, conv, &from, &fused);
        limn_run_end_bands (run, share);
      }
  map->place = take (run, map->mark, n, 2 * h, 2 * w, pixel);
}

/* By way of a map beside. */
void
limn_vae_map_reduce (LimnRun *run, LimnVaeMap *map, LimnConv2d *conv, gint64 pixel)
{
  LimnTensor x = limn_vae_trunk (run, map, conv->n_in), y, trunk;
  gint64 n = x.extent[0], h = x.extent[1] / 2, w = x.extent[2] / 2;
  gint64 beyond = n * h * w * pixel - limn_tensor_count (&map->place);
  LimnConvFused fused = { 0 };

  if (beyond > 0)
    limn_run_array (run, beyond, sizeof (float));
  y = limn_conv2d_fused (run, conv, &x, &fused);
  if (limn_tensor_is_empty (&y))
    return;
  map->place = limn_tensor_4d (LIMN_DTYPE_F32, map->place.data, n, h, w, pixel);
  trunk = limn_vae_trunk (run, map, conv->n_out);
  limn_copy_channels (run, &y, &trunk, conv->n_out);
  map->place = take (run, map->mark, n, h, w, pixel);
}

/* ---- A block that changes the number of channels ---- */

typedef struct
{
  LimnTensor x; /* the rows of one sample */
  LimnTensor buffer;
  gint64 n_channels;
  gint64 first, last; /* what the buffer holds */
} Band;

/* Rows @first .. @last - 1 into the buffer. Those that it has, the last two, are not in the map any
 * more. */
static LimnTensor
read_band (LimnRun *run, Band *band, gint64 first, gint64 last)
{
  gint64 have = CLAMP (band->last - first, 0, last - first);
  gint64 row = band->buffer.extent[2] * band->n_channels;
  float *buffer = limn_tensor_f32 (&band->buffer);
  LimnTensor from, to;

  memmove (buffer, buffer + (first - band->first) * row, (gsize)(have * row) * sizeof (float));
  if (first + have < last)
    {
      from = rows_of (&band->x, 0, first + have, last - first - have);
      to = rows_of (&band->buffer, 0, have, last - first - have);
      limn_copy_channels (run, &from, &to, band->n_channels);
    }
  band->first = first;
  band->last = last;
  return rows_of (&band->buffer, 0, 0, last - first);
}

/* The shortcut, as a convolution that writes into a place. */
static void
shorten (LimnLinear *linear, LimnRun *run, const LimnTensor *x, const LimnConvFused *fused)
{
  LimnConv2d conv = {
    .weight = linear->weight,
    .bias = linear->bias,
    .n_in = linear->n_in,
    .n_out = linear->n_out,
    .kernel_h = 1,
    .kernel_w = 1,
    .stride = 1,
    .budget = linear->budget,
    .packed = linear->packed,
  };

  limn_conv2d_fused (run, &conv, x, fused);
  linear->packed = conv.packed;
}

/* What a block's first convolution and its shortcut read is where they write, so they do it band by
 * band: of a band, and the row on either side of it, a copy is made first. */
void
limn_vae_widen (LimnResnet *self,
                LimnRun *run,
                const LimnVaeMap *map,
                const LimnNormalised *normalised)
{
  LimnTensor x = limn_vae_trunk (run, map, self->n_in);
  LimnTensor inner = limn_vae_inner (run, map, self->n_out);
  LimnTensor trunk = limn_vae_trunk (run, map, self->n_out);
  gint64 h = x.extent[1], w = x.extent[2], n_rows;
  LimnTensor buffer;

  if (limn_tensor_is_empty (&x))
    return;
  n_rows = band_rows (map, h, w);
  buffer = limn_run_nhwc (run, 1, n_rows + 2, w, self->n_in);
  for (gint64 sample = 0; sample < x.extent[0] && limn_run_ok (run); sample++)
    {
      Band band = { rows_of (&x, sample, 0, h), buffer, self->n_in, 0, 0 };
      LimnTensor to_inner = rows_of (&inner, sample, 0, h);
      LimnTensor to_trunk = rows_of (&trunk, sample, 0, h);
      LimnNormalised own = *normalised;

      own.n_samples = 1;
      own.centre += sample * own.n_channels;
      own.scale += sample * own.n_channels;
      own.shift += sample * own.n_channels;
      for (gint64 row = 0; row < h && limn_run_ok (run); row += n_rows)
        {
          gint64 first = MAX (row - 1, 0), n = MIN (n_rows, h - row);
          double before = limn_run_begin_bands (run, n, x.extent[0] * h);
          LimnTensor from = read_band (run, &band, first, MIN (row + n + 1, h));
          LimnConvFused fused = { .normalised = &own,
                                  .place = &to_inner,
                                  .first_row = row,
                                  .n_rows = n,
                                  .x_first_row = first,
                                  .x_rows = h };

          limn_conv2d_fused (run, &self->conv1, &from, &fused);
          fused.normalised = NULL;
          fused.place = &to_trunk;
          shorten (&self->shortcut, run, &from, &fused);
          limn_run_end_bands (run, before);
        }
    }
}
