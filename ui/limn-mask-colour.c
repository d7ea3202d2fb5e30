/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-mask-colour.h"

#include <math.h>
#include <stdlib.h>

/* Pixels that are looked at, on each axis. */
#define SAMPLES 32
/* The share of them that may be nearer to the colour than what counts. */
#define WORST 0.1
/* A colour that is shown stays unless another one is so many times as far from the picture. */
#define MUCH_BETTER 1.25
/* Under pixels that are not opaque. */
#define BENEATH 200

/* The order in which they are taken where it makes no difference is this one, too. */
static const guint8 colours[LIMN_N_MASK_COLOURS][3] = {
  { 0x35, 0x84, 0xe4 }, { 0xed, 0x33, 0x3b }, { 0x33, 0xd1, 0x7a },
  { 0xf6, 0xd3, 0x2d }, { 0xe6, 0x4b, 0xb3 },
};

void
limn_mask_colour_get (int i, GdkRGBA *colour)
{
  const guint8 *c = colours[CLAMP (i, 0, LIMN_N_MASK_COLOURS - 1)];

  *colour = (GdkRGBA){ c[0] / 255.0f, c[1] / 255.0f, c[2] / 255.0f, 1 };
}

/* Weighted as the eye is sensitive, the weights of red and blue depending on how red it is: the
 * low-cost approximation in T. Riemersma, "Colour metric", CompuPhase. */
double
limn_mask_colour_contrast (int i, const guint8 *pixel)
{
  const guint8 *c = colours[i];
  double red = (c[0] + pixel[0]) / 2.0;
  double dr = c[0] - pixel[0], dg = c[1] - pixel[1], db = c[2] - pixel[2];

  return sqrt ((2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

static void
read_pixel (LimnTiles *image, int x, int y, guint8 rgb[3])
{
  int n = limn_tiles_get_channels (image);
  guint8 p[4];
  int alpha;

  limn_tiles_read_rect (image, &(LimnRect){ x, y, 1, 1 }, p, 4);
  alpha = n == 4 ? p[3] : 255;
  for (int c = 0; c < 3; c++)
    rgb[c] = (guint8)((p[n < 3 ? 0 : c] * alpha + BENEATH * (255 - alpha)) / 255);
}

int
limn_mask_colour_choose (LimnTiles *image, const LimnRect *visible, int shown)
{
  double contrast[LIMN_N_MASK_COLOURS][SAMPLES * SAMPLES], worst[LIMN_N_MASK_COLOURS];
  LimnRect all = { 0, 0, limn_tiles_get_width (image), limn_tiles_get_height (image) }, part;
  int best = 0;

  if (!limn_rect_intersect (visible, &all, &part))
    part = all;
  for (int j = 0; j < SAMPLES; j++)
    for (int i = 0; i < SAMPLES; i++)
      {
        guint8 rgb[3];

        read_pixel (image, part.x + (int)((i + 0.5) * part.width / SAMPLES),
                    part.y + (int)((j + 0.5) * part.height / SAMPLES), rgb);
        for (int k = 0; k < LIMN_N_MASK_COLOURS; k++)
          contrast[k][j * SAMPLES + i] = limn_mask_colour_contrast (k, rgb);
      }
  for (int k = 0; k < LIMN_N_MASK_COLOURS; k++)
    {
      qsort (contrast[k], SAMPLES * SAMPLES, sizeof contrast[k][0], compare);
      worst[k] = contrast[k][(int)(WORST * SAMPLES * SAMPLES)];
      if (worst[k] > worst[best])
        best = k;
    }
  return shown >= 0 && worst[best] < MUCH_BETTER * worst[shown] ? shown : best;
}
