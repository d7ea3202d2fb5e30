/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "app/limn-paint.h"

#include <string.h>

/* v / 255, rounded, for v up to 255 * 255. */
static inline guint
share (guint v)
{
  v += 128;
  return (v + (v >> 8)) >> 8;
}

void
limn_paint_cover (const guint8 *before,
                  const guint8 *coverage,
                  const guint8 colour[3],
                  guint8 *paint,
                  int n)
{
  const guint r = colour[0], g = colour[1], b = colour[2];
  const guint8 solid[4] = { colour[0], colour[1], colour[2], 255 };

  for (int i = 0; i < n; i++, before += 4, paint += 4)
    {
      guint k = coverage[i], rest = 255 - k;

      /* Most of a stroke. */
      if (k == 255)
        {
          memcpy (paint, solid, 4);
          continue;
        }
      paint[0] = (guint8)share (r * k + before[0] * rest);
      paint[1] = (guint8)share (g * k + before[1] * rest);
      paint[2] = (guint8)share (b * k + before[2] * rest);
      paint[3] = (guint8)share (255 * k + before[3] * rest);
    }
}

void
limn_paint_uncover (const guint8 *before, const guint8 *coverage, guint8 *paint, int n)
{
  for (int i = 0; i < n; i++, before += 4, paint += 4)
    {
      guint rest = 255 - coverage[i];

      for (int c = 0; c < 4; c++)
        paint[c] = (guint8)share (before[c] * rest);
    }
}

/* Straight alpha: the colours' weights are what both leave of each other, in 255 * 255ths. */
static void
compose_alpha (const guint8 *paint, const guint8 *photo, guint8 *image, int n)
{
  for (int i = 0; i < n; i++, paint += 4, photo += 4, image += 4)
    {
      guint beneath = photo[3] * (255 - paint[3]), whole = 255 * paint[3] + beneath;

      for (int c = 0; c < 3; c++)
        image[c] = paint[3] == 0
                       ? photo[c]
                       : (guint8)((255 * paint[c] * 255 + photo[c] * beneath + whole / 2) / whole);
      image[3] = (guint8)share (whole);
    }
}

void
limn_paint_compose (const guint8 *paint, const guint8 *photo, guint8 *image, int channels, int n)
{
  if (channels == 4)
    {
      compose_alpha (paint, photo, image, n);
      return;
    }
  for (int i = 0; i < n; i++, paint += 4, photo += 3, image += 3)
    {
      guint rest = 255 - paint[3];

      if (rest == 0)
        {
          memcpy (image, paint, 3);
          continue;
        }
      image[0] = (guint8)(paint[0] + share (photo[0] * rest));
      image[1] = (guint8)(paint[1] + share (photo[1] * rest));
      image[2] = (guint8)(paint[2] + share (photo[2] * rest));
    }
}
