/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/colour-match-private.h"

#include <math.h>

#define MIN_PIXELS 64
#define MIN_GAIN 0.8
#define MAX_GAIN 1.25
/* Standard deviation below which a channel counts as flat, in [-1, 1]: half of one 8-bit level. */
#define FLAT (1.0 / 255.0)

typedef struct
{
  double mean[3];
  double deviation[3];
} Statistics;

/* Two passes: E[x^2] - E[x]^2 would cancel in flat skies. */
static void
masked_statistics (const LimnTensor *x, const guint8 *mask, gint64 n_unmasked, Statistics *out)
{
  const float *data = limn_tensor_f32 (x);
  gint64 n = x->extent[1] * x->extent[2];
  double sum[3] = { 0 }, squares[3] = { 0 };

  for (gint64 i = 0; i < n; i++)
    if (mask[i] == 0)
      for (int c = 0; c < 3; c++)
        sum[c] += data[3 * i + c];
  for (int c = 0; c < 3; c++)
    out->mean[c] = sum[c] / n_unmasked;
  for (gint64 i = 0; i < n; i++)
    if (mask[i] == 0)
      for (int c = 0; c < 3; c++)
        {
          double d = data[3 * i + c] - out->mean[c];

          squares[c] += d * d;
        }
  for (int c = 0; c < 3; c++)
    out->deviation[c] = sqrt (squares[c] / n_unmasked);
}

LimnColourMatch
limn_colour_match (const LimnTensor *made, const LimnTensor *original, const guint8 *mask)
{
  LimnColourMatch match = { .gain = { 1.0f, 1.0f, 1.0f }, .offset = { 0.0f, 0.0f, 0.0f } };
  Statistics from, to;
  gint64 n_unmasked = 0;

  g_return_val_if_fail (limn_tensor_same_shape (made, original) && made->extent[3] == 3, match);
  for (gint64 i = 0; i < made->extent[1] * made->extent[2]; i++)
    n_unmasked += mask[i] == 0;
  if (n_unmasked < MIN_PIXELS)
    return match;

  masked_statistics (made, mask, n_unmasked, &from);
  masked_statistics (original, mask, n_unmasked, &to);
  for (int c = 0; c < 3; c++)
    {
      double gain = from.deviation[c] < FLAT || to.deviation[c] < FLAT
                        ? 1.0
                        : CLAMP (to.deviation[c] / from.deviation[c], MIN_GAIN, MAX_GAIN);

      match.gain[c] = (float)gain;
      match.offset[c] = (float)(to.mean[c] - gain * from.mean[c]);
    }
  return match;
}

void
limn_colour_match_apply_in_place (const LimnColourMatch *match, LimnTensor *x)
{
  float *data = limn_tensor_f32 (x);
  gint64 n = limn_tensor_count (x) / 3;

  for (gint64 i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      data[3 * i + c] = data[3 * i + c] * match->gain[c] + match->offset[c];
}
