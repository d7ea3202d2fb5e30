/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "app/thumbnail.h"

/* Mean of the pixels of @box, colours weighted by their alpha. */
static void
average (const LimnImage *image, const LimnRect *box, guint8 *out)
{
  guint64 sum[4] = { 0 }, weight = 0;
  guint64 n = (guint64) box->width * box->height;
  int colours = MIN (image->channels, 3);

  for (int y = box->y; y < box->y + box->height; y++)
    {
      const guint8 *pixel = limn_image_row (image, y) + (gsize) box->x * image->channels;

      for (int x = 0; x < box->width; x++, pixel += image->channels)
        {
          guint alpha = image->channels == 4 ? pixel[3] : 255;

          for (int c = 0; c < colours; c++)
            sum[c] += pixel[c] * alpha;
          weight += alpha;
        }
    }
  for (int c = 0; c < colours; c++)
    out[c] = weight > 0 ? (sum[c] + weight / 2) / weight : 0;
  if (image->channels == 4)
    out[3] = (weight + n / 2) / n;
}

LimnImage *
limn_image_thumbnail (const LimnImage *image, int size, GError **error)
{
  int longer, width, height;
  LimnImage *small;

  g_return_val_if_fail (image != NULL && size > 0, NULL);

  longer = MAX (image->width, image->height);
  if (longer <= size)
    return limn_image_copy (image, error);
  width = MAX (1, (int) ((gint64) image->width * size / longer));
  height = MAX (1, (int) ((gint64) image->height * size / longer));
  small = limn_image_new (width, height, image->channels, error);
  if (small == NULL)
    return NULL;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int x0 = (gint64) x * image->width / width, x1 = (gint64) (x + 1) * image->width / width;
        int y0 = (gint64) y * image->height / height, y1 = (gint64) (y + 1) * image->height / height;
        LimnRect box = { x0, y0, MAX (1, x1 - x0), MAX (1, y1 - y0) };

        average (image, &box, limn_image_row (small, y) + (gsize) x * image->channels);
      }
  return small;
}
