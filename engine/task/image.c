/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/image.h"

#include <string.h>

gboolean
limn_rect_intersect (const LimnRect *a, const LimnRect *b, LimnRect *out)
{
  /* Right and bottom edges in 64 bits: a rectangle near G_MAXINT must not wrap around. */
  gint64 right = MIN ((gint64)a->x + a->width, (gint64)b->x + b->width);
  gint64 bottom = MIN ((gint64)a->y + a->height, (gint64)b->y + b->height);
  int x = MAX (a->x, b->x);
  int y = MAX (a->y, b->y);

  if (limn_rect_is_empty (a) || limn_rect_is_empty (b) || right <= x || bottom <= y)
    {
      *out = (LimnRect){ 0 };
      return FALSE;
    }
  *out = (LimnRect){ x, y, (int)(right - x), (int)(bottom - y) };
  return TRUE;
}

void
limn_rect_union (const LimnRect *a, const LimnRect *b, LimnRect *out)
{
  gint64 right = MAX ((gint64)a->x + a->width, (gint64)b->x + b->width);
  gint64 bottom = MAX ((gint64)a->y + a->height, (gint64)b->y + b->height);
  int x = MIN (a->x, b->x);
  int y = MIN (a->y, b->y);

  if (limn_rect_is_empty (a))
    *out = *b;
  else if (limn_rect_is_empty (b))
    *out = *a;
  else
    *out = (LimnRect){ x, y, (int)MIN (right - x, G_MAXINT), (int)MIN (bottom - y, G_MAXINT) };
}

static gboolean
check_size (int width, int height, int channels, GError **error)
{
  if (channels != 1 && channels != 3 && channels != 4)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "An image has 1, 3 or 4 channels, not %d", channels);
      return FALSE;
    }
  if (width < 1 || height < 1)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "An image of %d × %d pixels has no pixels", width, height);
      return FALSE;
    }
  if (width > LIMN_IMAGE_MAX_SIDE || height > LIMN_IMAGE_MAX_SIDE)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "An image of %d × %d pixels is too large: the longest side may be %d pixels",
                   width, height, LIMN_IMAGE_MAX_SIDE);
      return FALSE;
    }
  if ((gint64)width * height > LIMN_IMAGE_MAX_PIXELS)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "An image of %d × %d pixels is too large: Limn handles up to %d megapixels",
                   width, height, (int)(LIMN_IMAGE_MAX_PIXELS / 1000000));
      return FALSE;
    }
  return TRUE;
}

LimnImage *
limn_image_new (int width, int height, int channels, GError **error)
{
  g_autofree guint8 *pixels = NULL;
  LimnImage *image;

  if (!check_size (width, height, channels, error))
    return NULL;

  pixels = g_try_malloc0_n ((gsize)width * height, channels);
  image = pixels != NULL ? g_try_new0 (LimnImage, 1) : NULL;
  if (image == NULL)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                   "There is not enough memory for an image of %d × %d pixels", width, height);
      return NULL;
    }
  image->width = width;
  image->height = height;
  image->channels = channels;
  image->stride = (gsize)width * channels;
  image->pixels = g_steal_pointer (&pixels);
  g_atomic_ref_count_init (&image->ref_count);
  return image;
}

LimnImage *
limn_image_ref (LimnImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);
  g_atomic_ref_count_inc (&image->ref_count);
  return image;
}

void
limn_image_unref (LimnImage *image)
{
  if (image == NULL || !g_atomic_ref_count_dec (&image->ref_count))
    return;
  g_free (image->pixels);
  g_free (image);
}

LimnImage *
limn_image_copy (const LimnImage *image, GError **error)
{
  LimnRect all = { 0, 0, 0, 0 };

  g_return_val_if_fail (image != NULL, NULL);
  all.width = image->width;
  all.height = image->height;
  return limn_image_crop (image, &all, error);
}

LimnImage *
limn_image_crop (const LimnImage *image, const LimnRect *rect, GError **error)
{
  LimnRect all = { 0, 0, 0, 0 }, inside;
  LimnImage *crop;

  g_return_val_if_fail (image != NULL && rect != NULL, NULL);
  all.width = image->width;
  all.height = image->height;
  if (!limn_rect_intersect (&all, rect, &inside) || memcmp (&inside, rect, sizeof inside) != 0)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The rectangle %d × %d at (%d, %d) is not within the image of %d × %d pixels",
                   rect->width, rect->height, rect->x, rect->y, image->width, image->height);
      return NULL;
    }

  crop = limn_image_new (rect->width, rect->height, image->channels, error);
  if (crop == NULL)
    return NULL;
  for (int y = 0; y < rect->height; y++)
    memcpy (limn_image_row (crop, y),
            limn_image_row (image, rect->y + y) + (gsize)rect->x * image->channels,
            (gsize)rect->width * image->channels);
  return crop;
}

char *
limn_image_hash (const LimnImage *image)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint32 header[3];

  g_return_val_if_fail (image != NULL, NULL);
  header[0] = GUINT32_TO_LE ((guint32)image->width);
  header[1] = GUINT32_TO_LE ((guint32)image->height);
  header[2] = GUINT32_TO_LE ((guint32)image->channels);
  g_checksum_update (checksum, (const guchar *)header, sizeof header);
  for (int y = 0; y < image->height; y++)
    g_checksum_update (checksum, limn_image_row (image, y), (gssize)image->width * image->channels);
  return g_strdup (g_checksum_get_string (checksum));
}

/* First and last index of a byte above 0 in @row; FALSE when there is none. */
static gboolean
row_extent (const guint8 *row, int width, int *first, int *last)
{
  int x = 0, end = width - 1;

  /* Most rows of most masks are empty: skip them eight bytes at a time. */
  for (guint64 word; x + 8 <= width; x += 8)
    {
      memcpy (&word, row + x, sizeof word);
      if (word != 0)
        break;
    }
  while (x < width && row[x] == 0)
    x++;
  if (x == width)
    return FALSE;
  while (row[end] == 0)
    end--;
  *first = x;
  *last = end;
  return TRUE;
}

gboolean
limn_mask_bounds (const LimnImage *mask, LimnRect *bounds)
{
  int left = G_MAXINT, right = -1, top = -1, bottom = -1;

  g_return_val_if_fail (mask != NULL && mask->channels == 1 && bounds != NULL, FALSE);
  for (int y = 0; y < mask->height; y++)
    {
      int first, last;

      if (!row_extent (limn_image_row (mask, y), mask->width, &first, &last))
        continue;
      left = MIN (left, first);
      right = MAX (right, last);
      top = top < 0 ? y : top;
      bottom = y;
    }
  if (right < 0)
    {
      *bounds = (LimnRect){ 0 };
      return FALSE;
    }
  *bounds = (LimnRect){ left, top, right - left + 1, bottom - top + 1 };
  return TRUE;
}

float
limn_mask_thickness (const LimnImage *mask, const LimnRect *bounds)
{
  gint64 area = 0, edges = 0;

  g_return_val_if_fail (mask != NULL && mask->channels == 1 && bounds != NULL, 0);
  for (int y = bounds->y; y < bounds->y + bounds->height; y++)
    {
      const guint8 *row = limn_image_row (mask, y) + bounds->x;
      const guint8 *above = y > bounds->y ? limn_image_row (mask, y - 1) + bounds->x : NULL;

      edges += (row[0] > 0) + (row[bounds->width - 1] > 0);
      for (int x = 0; x < bounds->width; x++)
        {
          area += row[x] > 0;
          edges += x > 0 && (row[x] > 0) != (row[x - 1] > 0);
          edges += (row[x] > 0) != (above != NULL && above[x] > 0);
        }
      if (y == bounds->y + bounds->height - 1)
        for (int x = 0; x < bounds->width; x++)
          edges += row[x] > 0;
    }
  return edges > 0 ? 2.0f * (float)area / (float)edges : 0;
}
