/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/expand.h"

#include <string.h>

gboolean
limn_margins_check (const LimnMargins *margins, int width, int height, GError **error)
{
  const int most = LIMN_IMAGE_MAX_SIDE;
  gint64 w = (gint64)width + margins->left + margins->right;
  gint64 h = (gint64)height + margins->top + margins->bottom;

  if (margins->left < 0 || margins->top < 0 || margins->right < 0 || margins->bottom < 0
      || limn_margins_are_empty (margins))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "A picture cannot grow by %d, %d, %d, %d pixels on the left, above, on the right "
                   "and below",
                   margins->left, margins->top, margins->right, margins->bottom);
      return FALSE;
    }
  if (w <= most && h <= most && w * h <= LIMN_IMAGE_MAX_PIXELS)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "A picture of %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT " pixels is too large", w,
               h);
  return FALSE;
}

void
limn_margins_to_proportions (LimnMargins *margins, int width, int height, int across, int down)
{
  gint64 wanted_width = ((gint64)height * across + down - 1) / down;
  gint64 wanted_height = ((gint64)width * down + across - 1) / across;
  int more_width = (int)CLAMP (wanted_width - width, 0, LIMN_IMAGE_MAX_SIDE);
  int more_height
      = more_width > 0 ? 0 : (int)CLAMP (wanted_height - height, 0, LIMN_IMAGE_MAX_SIDE);

  *margins = (LimnMargins){ .left = more_width / 2,
                            .right = more_width - more_width / 2,
                            .top = more_height / 2,
                            .bottom = more_height - more_height / 2 };
}

/* ---- Continuing edges ------------------------------------------------------------------------ */

/* One edge, a row or a column: sums of its first pixels, so that the mean over any stretch costs
 * the same. A side has fewer than 2^16 pixels of at most 255. */
typedef struct
{
  guint32 *sums; /* [n + 1][channels] */
  int n, channels;
} Edge;

static void
edge_load (Edge *edge, const guint8 *pixels, gsize step)
{
  int channels = edge->channels;

  memset (edge->sums, 0, sizeof *edge->sums * channels);
  for (int i = 0; i < edge->n; i++, pixels += step)
    for (int c = 0; c < channels; c++)
      edge->sums[(i + 1) * channels + c] = edge->sums[i * channels + c] + pixels[c];
}

/* The mean over @distance pixels around pixel @i, or as many of them as there are. */
static inline void
edge_mean (const Edge *edge, int i, int distance, guint8 *out)
{
  int first = MAX (i - distance / 2, 0), end = MIN (i + distance / 2 + 1, edge->n);
  guint32 n = (guint32)(end - first);

  for (int c = 0; c < edge->channels; c++)
    out[c] = (guint8)((edge->sums[end * edge->channels + c] - edge->sums[first * edge->channels + c]
                       + n / 2)
                      / n);
}

/* The picture lies at @at; the rows beside it. */
static void
continue_sideways (LimnImage *out, const LimnRect *at, Edge *edge)
{
  int channels = out->channels;

  for (int side = 0; side < 2; side++)
    {
      int column = side == 0 ? at->x : at->x + at->width - 1;
      int first = side == 0 ? 0 : column + 1, end = side == 0 ? column : out->width;

      if (first >= end)
        continue;
      edge->n = at->height;
      edge_load (edge, limn_image_row (out, at->y) + (gsize)column * channels, out->stride);
      for (int y = 0; y < at->height; y++)
        for (int x = first; x < end; x++)
          edge_mean (edge, y, ABS (x - column),
                     limn_image_row (out, at->y + y) + (gsize)x * channels);
    }
}

/* And all rows above and below. */
static void
continue_upright (LimnImage *out, const LimnRect *at, Edge *edge)
{
  int channels = out->channels;

  for (int side = 0; side < 2; side++)
    {
      int row = side == 0 ? at->y : at->y + at->height - 1;
      int first = side == 0 ? 0 : row + 1, end = side == 0 ? row : out->height;

      if (first >= end)
        continue;
      edge->n = out->width;
      edge_load (edge, limn_image_row (out, row), channels);
      for (int y = first; y < end; y++)
        for (int x = 0; x < out->width; x++)
          edge_mean (edge, x, ABS (y - row), limn_image_row (out, y) + (gsize)x * channels);
    }
}

/* Room for @margins around @width x @height pixels, with @image (nullable) in it. */
static LimnImage *
make_room (const LimnImage *image,
           int width,
           int height,
           int channels,
           const LimnMargins *margins,
           GError **error)
{
  LimnImage *out;

  if (!limn_margins_check (margins, width, height, error))
    return NULL;
  out = limn_image_new (width + margins->left + margins->right,
                        height + margins->top + margins->bottom, channels, error);
  for (int y = 0; out != NULL && image != NULL && y < height; y++)
    memcpy (limn_image_row (out, margins->top + y) + (gsize)margins->left * channels,
            limn_image_row (image, y), (gsize)width * channels);
  return out;
}

LimnImage *
limn_expand_image (const LimnImage *image, const LimnMargins *margins, GError **error)
{
  LimnRect at = { margins->left, margins->top, image->width, image->height };
  g_autoptr (LimnImage) out
      = make_room (image, image->width, image->height, image->channels, margins, error);
  Edge edge = { .channels = image->channels };

  if (out == NULL)
    return NULL;
  edge.sums = g_try_malloc_n (((gsize)MAX (out->width, out->height) + 1) * edge.channels,
                              sizeof *edge.sums);
  if (edge.sums == NULL)
    {
      g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                           "There is not enough memory to enlarge the picture");
      return NULL;
    }
  continue_sideways (out, &at, &edge);
  continue_upright (out, &at, &edge);
  g_free (edge.sums);
  return g_steal_pointer (&out);
}

LimnImage *
limn_expand_mask (const LimnImage *mask,
                  int width,
                  int height,
                  const LimnMargins *margins,
                  GError **error)
{
  LimnImage *out = make_room (mask, width, height, 1, margins, error);

  for (int y = 0; out != NULL && y < out->height; y++)
    {
      guint8 *row = limn_image_row (out, y);

      if (y < margins->top || y >= margins->top + height)
        memset (row, 255, out->width);
      else
        {
          memset (row, 255, margins->left);
          memset (row + margins->left + width, 255, margins->right);
        }
    }
  return out;
}
