/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/limn-history-private.h"
#include "app/thumbnail.h"

/*
 * The pictures of a row: the whole one, its mask, and the small one of the list. What was made of
 * an inpaint or a removal is kept as a patch of its input.
 */

/* The small picture of a patch shows what changed and as much around it as half its longer side;
 * never less than so many pixels. */
#define MIN_SHOWN 160

/* @output itself, or laid on a copy of @input as limn_patch_apply() does it (transfer full). */
static LimnImage *
compose (LimnGeneration *generation,
         const LimnImage *input,
         const LimnImage *output,
         GError **error)
{
  g_autoptr (LimnImage) whole = NULL;
  g_autoptr (LimnImage) pixels = NULL;
  g_autoptr (LimnImage) alpha = NULL;
  LimnPatch patch
      = { .rect = { generation->result_x, generation->result_y, output->width, output->height } };

  if (!_limn_generation_is_patch (generation) || output->channels != 4 || input == NULL)
    return limn_image_ref ((LimnImage *)output);

  whole = limn_image_copy (input, error);
  pixels = whole != NULL ? limn_image_new (output->width, output->height, 3, error) : NULL;
  alpha = pixels != NULL ? limn_image_new (output->width, output->height, 1, error) : NULL;
  if (alpha == NULL)
    return NULL;
  for (int y = 0; y < output->height; y++)
    for (int x = 0; x < output->width; x++)
      {
        const guint8 *src = limn_image_row (output, y) + 4 * (gsize)x;

        memcpy (limn_image_row (pixels, y) + 3 * (gsize)x, src, 3);
        limn_image_row (alpha, y)[x] = src[3];
      }
  patch.pixels = pixels;
  patch.alpha = alpha;
  limn_patch_apply (&patch, whole);
  return g_steal_pointer (&whole);
}

/* What of @output, RGBA, is not transparent; all of it when nothing is. */
static LimnRect
opaque_part (const LimnImage *output)
{
  int left = output->width, top = output->height, right = -1, bottom = -1;

  for (int y = 0; y < output->height; y++)
    {
      const guint8 *row = limn_image_row (output, y);
      int x0 = 0, x1 = output->width - 1;

      while (x0 <= x1 && row[4 * (gsize)x0 + 3] == 0)
        x0++;
      if (x0 > x1)
        continue;
      while (row[4 * (gsize)x1 + 3] == 0)
        x1--;
      left = MIN (left, x0);
      right = MAX (right, x1);
      top = MIN (top, y);
      bottom = y;
    }
  if (right < 0)
    return (LimnRect){ 0, 0, output->width, output->height };
  return (LimnRect){ left, top, right - left + 1, bottom - top + 1 };
}

/* Where a stretch of @shown pixels lies in @all so that @start to @start + @length is in its
 * middle, as far as there is room. */
static int
place (int start, int length, int shown, int all)
{
  return CLAMP (start + (length - shown) / 2, 0, all - shown);
}

LimnRect
_limn_history_shown_part (const LimnRect *changed, int width, int height)
{
  int longer = MAX (changed->width, changed->height);
  /* A square, as the list shows it, where the picture has room for one; but nothing that changed is
   * cut off for that. */
  int side
      = CLAMP (longer + longer / 2, MIN_SHOWN, MAX (MAX (MIN (width, height), longer), MIN_SHOWN));
  LimnRect shown = { .width = MIN (side, width), .height = MIN (side, height) };

  shown.x = place (changed->x, changed->width, shown.width, width);
  shown.y = place (changed->y, changed->height, shown.height, height);
  return shown;
}

/* (transfer full) */
static LimnImage *
cut_out (const LimnImage *image, const LimnRect *rect, GError **error)
{
  LimnImage *part = limn_image_new (rect->width, rect->height, image->channels, error);

  for (int y = 0; part != NULL && y < rect->height; y++)
    memcpy (limn_image_row (part, y),
            limn_image_row (image, rect->y + y) + (gsize)rect->x * image->channels,
            (gsize)rect->width * image->channels);
  return part;
}

LimnImage *
_limn_history_make_thumbnail (LimnGeneration *generation,
                              const LimnImage *input,
                              const LimnImage *output,
                              GError **error)
{
  g_autoptr (LimnImage) whole = compose (generation, input, output, error);
  g_autoptr (LimnImage) part = NULL;
  LimnRect all, changed, shown;

  if (whole == NULL)
    return NULL;
  if (!_limn_generation_is_patch (generation) || output->channels != 4 || input == NULL)
    return limn_image_thumbnail (whole, LIMN_THUMBNAIL_SIZE, error);
  changed = opaque_part (output);
  changed.x += generation->result_x;
  changed.y += generation->result_y;
  all = (LimnRect){ 0, 0, whole->width, whole->height };
  if (!limn_rect_intersect (&all, &changed, &changed))
    changed = all;
  shown = _limn_history_shown_part (&changed, whole->width, whole->height);
  part = cut_out (whole, &shown, error);
  return part != NULL ? limn_image_thumbnail (part, LIMN_THUMBNAIL_SIZE, error) : NULL;
}

LimnImage *
limn_history_load_mask (LimnHistory *self, LimnGeneration *generation, GError **error)
{
  g_autoptr (LimnImage) image = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (LIMN_IS_GENERATION (generation), NULL);

  if (generation->mask_hash == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("Entry number %" PRId64 " of the history has no mask"), generation->id);
      return NULL;
    }
  image = limn_history_load_image (self, generation->mask_hash, error);
  return image != NULL ? limn_image_convert (image, 1, error) : NULL;
}

LimnImage *
limn_history_load_result (LimnHistory *self, LimnGeneration *generation, GError **error)
{
  g_autoptr (LimnImage) input = NULL;
  g_autoptr (LimnImage) output = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (LIMN_IS_GENERATION (generation), NULL);

  if (generation->output_hash == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("The history has no picture for entry number %" PRId64), generation->id);
      return NULL;
    }
  output = limn_history_load_image (self, generation->output_hash, error);
  if (output == NULL || generation->input_hash == NULL || !_limn_generation_is_patch (generation))
    return g_steal_pointer (&output);
  input = limn_history_load_image (self, generation->input_hash, error);
  return input != NULL ? compose (generation, input, output, error) : NULL;
}
