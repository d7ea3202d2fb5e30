/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/upscale-private.h"

#include <math.h>
#include <string.h>

/* Overlap of neighbouring tiles and width of their fade, as a share of the tile. */
#define OVERLAP_DIVISOR 4
/* The least width of a fade, as a share of the overlap. */
#define LEAST_FADE_DIVISOR 16

static int
round_up (int value, int multiple)
{
  return (value + multiple - 1) / multiple * multiple;
}

LimnTileAxis
limn_tile_axis (int length, int tile, int smallest, int unit, int alignment)
{
  LimnTileAxis axis = { .length = length, .tile = tile, .n = 1, .alignment = alignment };
  int overlap = MAX (tile / OVERLAP_DIVISOR, 1);

  if (length <= tile)
    axis.tile = MAX (round_up (length, unit), smallest);
  else
    {
      axis.n = (length - overlap + tile - overlap - 1) / (tile - overlap);
      /* Aligning the starts may take this much of an overlap. */
      axis.ramp = MAX (overlap - 2 * (alignment - 1), 1);
    }
  return axis;
}

void
limn_tile_axis_keep_away (LimnTileAxis *axis, int reach)
{
  int left = axis->ramp - 2 * reach;

  /* All of the reach where the overlap has room for it and a fade, else a part of it. */
  if (axis->n > 1)
    axis->ramp = MAX (left >= axis->ramp / LEAST_FADE_DIVISOR ? left : axis->ramp / 2, 1);
}

int
limn_tile_axis_start (const LimnTileAxis *axis, int i)
{
  gint64 free_length = axis->length - axis->tile;
  gint64 start;

  if (axis->n == 1)
    return 0;
  /* Evenly spread; the last tile may have to hang over a little to be aligned. */
  start = free_length * i / (axis->n - 1);
  return i == axis->n - 1 ? round_up ((int)start, axis->alignment)
                          : (int)(start / axis->alignment * axis->alignment);
}

/* How far tile @i has taken over from tile i - 1 at @p: 0 .. 1. */
static float
taken_over (const LimnTileAxis *axis, int i, gint64 p, int factor)
{
  double middle, ramp = (double)axis->ramp * factor, t;

  if (i <= 0)
    return 1.0f;
  if (i >= axis->n)
    return 0.0f;
  middle = (limn_tile_axis_start (axis, i - 1) + axis->tile + limn_tile_axis_start (axis, i)) / 2.0
           * factor;
  t = (p + 0.5 - middle) / ramp + 0.5;
  return (float)CLAMP (t, 0.0, 1.0);
}

float
limn_tile_axis_weight (const LimnTileAxis *axis, int i, gint64 p, int factor)
{
  return taken_over (axis, i, p, factor) - taken_over (axis, i + 1, p, factor);
}

gsize
limn_band_bytes (const LimnTileAxis *across, const LimnTileAxis *down, int factor, int channels)
{
  return (gsize)down->tile * factor * across->length * factor * channels * sizeof (float);
}

gboolean
limn_band_init (LimnBand *band,
                const LimnTileAxis *across,
                const LimnTileAxis *down,
                int factor,
                LimnImage *out,
                GError **error)
{
  gsize bytes = limn_band_bytes (across, down, factor, out->channels);

  *band = (LimnBand){
    .across = across, .down = down, .factor = factor, .channels = out->channels, .out = out
  };
  band->shrink = across->length * factor / out->width;
  band->sums = g_try_malloc0 (bytes);
  if (band->sums == NULL)
    {
      g_autofree char *size = g_format_size (bytes);

      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                   "There is not enough memory for %s of tiles", size);
    }
  return band->sums != NULL;
}

void
limn_band_clear (LimnBand *band)
{
  g_clear_pointer (&band->sums, g_free);
}

void
limn_band_add (LimnBand *band, int i, int j, const LimnTensor *rgb, const LimnTensor *alpha)
{
  gint64 left = (gint64)limn_tile_axis_start (band->across, i) * band->factor;
  gint64 top = (gint64)limn_tile_axis_start (band->down, j) * band->factor;
  gint64 width = (gint64)band->across->length * band->factor;
  gint64 height = (gint64)band->down->length * band->factor;
  const float *in = limn_tensor_f32 (rgb),
              *in_alpha = alpha != NULL ? limn_tensor_f32 (alpha) : NULL;

  for (gint64 y = 0; y < rgb->extent[1] && top + y < height; y++)
    {
      float down = limn_tile_axis_weight (band->down, j, top + y, band->factor);
      float *row = band->sums + (gsize)y * width * band->channels;

      for (gint64 x = 0; x < rgb->extent[2] && left + x < width && down > 0.0f; x++)
        {
          float weight = down * limn_tile_axis_weight (band->across, i, left + x, band->factor);
          gint64 k = y * rgb->extent[2] + x;
          float *sum = row + (gsize)(left + x) * band->channels;

          for (int c = 0; c < 3; c++)
            sum[c] += weight * in[3 * k + c];
          if (band->channels == 4)
            sum[3] += weight * in_alpha[k];
        }
    }
}

/* Mean of the shrink x shrink sums whose first is @sum, as a byte. */
static guint8
result_value (const LimnBand *band, const float *sum, gsize row_floats)
{
  float total = 0.0f;

  for (int y = 0; y < band->shrink; y++)
    for (int x = 0; x < band->shrink; x++)
      total += sum[(gsize)y * row_floats + (gsize)x * band->channels];
  total = (total / (band->shrink * band->shrink) + 1.0f) * 127.5f;
  return total > 0.0f ? (guint8)lrintf (MIN (total, 255.0f)) : 0;
}

void
limn_band_finish_row (LimnBand *band, int j)
{
  int end = j + 1 < band->down->n ? limn_tile_axis_start (band->down, j + 1) : band->down->length;
  gsize row_floats = (gsize)band->across->length * band->factor * band->channels;
  gsize done = (gsize)(end - band->top) * band->factor;
  gsize rows = (gsize)band->down->tile * band->factor;
  int first = band->top * band->factor / band->shrink;

  for (gsize y = 0; y < done / band->shrink; y++)
    {
      const float *sums = band->sums + y * band->shrink * row_floats;
      guint8 *out = limn_image_row (band->out, first + (int)y);

      for (gsize x = 0; x < (gsize)band->out->width; x++)
        for (int c = 0; c < band->channels; c++)
          out[x * band->channels + c]
              = result_value (band, sums + x * band->shrink * band->channels + c, row_floats);
    }
  band->top = end;
  if (done < rows)
    {
      memmove (band->sums, band->sums + done * row_floats,
               (rows - done) * row_floats * sizeof (float));
      memset (band->sums + (rows - done) * row_floats, 0, done * row_floats * sizeof (float));
    }
}
