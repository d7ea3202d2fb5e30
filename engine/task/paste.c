/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/paste-private.h"

#include <math.h>
#include <string.h>

#include "engine/task/geometry-private.h"
#include "engine/task/mask-private.h"
#include "engine/task/resample-private.h"

/* Rows per tile: below a millisecond. */
#define ROWS_PER_TILE 32

LimnCrop *
limn_crop_ref (LimnCrop *crop)
{
  g_return_val_if_fail (crop != NULL, NULL);

  g_atomic_ref_count_inc (&crop->ref_count);
  return crop;
}

void
limn_crop_unref (LimnCrop *crop)
{
  if (crop == NULL || !g_atomic_ref_count_dec (&crop->ref_count))
    return;
  limn_image_unref (crop->raw);
  limn_image_unref (crop->matched);
  limn_image_unref (crop->mask);
  g_free (crop);
}

/* ---- Keeping --------------------------------------------------------------------------------- */

LimnRect
limn_crop_rect (const LimnInpaintPlan *plan, int width, int height)
{
  int room = (int)ceilf (MAX (LIMN_PASTE_ROOM, limn_inpaint_rim (plan)));
  LimnRect rect = { plan->mask_bounds.x - room, plan->mask_bounds.y - room,
                    plan->mask_bounds.width + 2 * room, plan->mask_bounds.height + 2 * room };

  limn_rect_intersect (&rect, &(LimnRect){ 0, 0, width, height }, &rect);
  limn_rect_intersect (&rect, &plan->crop, &rect);
  return rect;
}

gsize
limn_crop_bytes (const LimnInpaintPlan *plan, int width, int height)
{
  LimnRect rect = limn_crop_rect (plan, width, height);
  gsize area = (gsize)rect.width * rect.height;

  /* Raw, matched, mask and its part; the patch, its alpha, set and the column distances; the rows
   * of the enlargement; and what is made, before it is matched. */
  return area * (3 + 3 + 1 + 3 + 3 + 2) + (gsize)plan->height * rect.width * 3 * sizeof (float)
         + (gsize)plan->height * plan->width * 3 * sizeof (float);
}

/* How far around what is painted the crop goes, where the picture goes on; and at least what was
 * pasted at first. */
static float
find_reach (const LimnCrop *crop, int width, int height)
{
  LimnRect painted, rect = crop->rect;
  int reach = MAX (width, height);

  if (!limn_mask_bounds (crop->mask, &painted))
    return 0;
  if (rect.x > 0)
    reach = MIN (reach, painted.x);
  if (rect.y > 0)
    reach = MIN (reach, painted.y);
  if (rect.x + rect.width < width)
    reach = MIN (reach, rect.width - painted.x - painted.width);
  if (rect.y + rect.height < height)
    reach = MIN (reach, rect.height - painted.y - painted.height);
  return MAX ((float)reach, crop->grow + crop->feather);
}

LimnPatch *
limn_crop_paste_first (LimnRun *run,
                       const LimnTensor *raw,
                       const LimnTensor *matched,
                       const LimnImage *mask,
                       const LimnInpaintPlan *plan,
                       float outer,
                       LimnGrey grey)
{
  g_autoptr (LimnCrop) crop = g_new0 (LimnCrop, 1);
  g_autoptr (GError) error = NULL;
  LimnPasteParams params;

  g_atomic_ref_count_init (&crop->ref_count);
  if (!limn_run_ok (run))
    return NULL;
  crop->rect = limn_crop_rect (plan, mask->width, mask->height);
  crop->feather = MIN (plan->paste_fade, outer);
  crop->grow = outer - crop->feather;
  crop->grey = grey;
  crop->mask = limn_image_crop (mask, &crop->rect, &error);
  if (crop->mask == NULL)
    {
      limn_run_fail (run, error->code, "%s", error->message);
      return NULL;
    }
  crop->raw = limn_resample_part (run, raw, &plan->crop, &crop->rect);
  if (crop->raw != NULL)
    crop->matched = limn_resample_part (run, matched, &plan->crop, &crop->rect);
  if (crop->matched == NULL)
    return NULL;
  crop->reach = find_reach (crop, mask->width, mask->height);
  limn_paste_params_init (&params, crop);
  return limn_paste (run, crop, &params);
}

/* Written so that NaN is no width. */
static gboolean
is_width (float value)
{
  return value >= 0 && value <= 2.0f * LIMN_IMAGE_MAX_SIDE;
}

LimnCrop *
limn_crop_new (LimnImage *raw,
               LimnImage *matched,
               const LimnImage *mask,
               const LimnCropParams *params,
               GError **error)
{
  g_autoptr (LimnCrop) crop = NULL;

  g_return_val_if_fail (raw != NULL && matched != NULL && mask != NULL && params != NULL, NULL);
  if (raw->channels != 3 || matched->channels != 3 || mask->channels != 1
      || raw->width != matched->width || raw->height != matched->height || params->x < 0
      || params->y < 0 || params->x > mask->width - raw->width
      || params->y > mask->height - raw->height || !is_width (params->grow)
      || !is_width (params->feather) || !is_width (params->reach))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "A crop of %d × %d pixels at %d, %d does not fit its mask of %d × %d", raw->width,
                   raw->height, params->x, params->y, mask->width, mask->height);
      return NULL;
    }
  crop = g_new0 (LimnCrop, 1);
  g_atomic_ref_count_init (&crop->ref_count);
  crop->rect = (LimnRect){ params->x, params->y, raw->width, raw->height };
  crop->mask = limn_image_crop (mask, &crop->rect, error);
  if (crop->mask == NULL)
    return NULL;
  crop->raw = limn_image_ref (raw);
  crop->matched = limn_image_ref (matched);
  crop->grow = params->grow;
  crop->feather = params->feather;
  crop->reach = params->reach;
  crop->grey = params->grey;
  return g_steal_pointer (&crop);
}

/* ---- Pasting --------------------------------------------------------------------------------- */

void
limn_paste_params_init (LimnPasteParams *params, const LimnCrop *crop)
{
  g_return_if_fail (params != NULL && crop != NULL);

  *params = (LimnPasteParams){
    .grow = crop->grow, .feather = crop->feather, .opacity = 1.0f, .colour_match = 1.0f
  };
}

/* Rows of pixels, mixed, and of alpha, made less. */
typedef struct
{
  const LimnImage *raw, *matched;
  LimnImage *pixels, *alpha;
  LimnRect part;      /* of the crop */
  int match, opacity; /* 0 .. 256 */
} Mix;

static void
mix_tile (void *data, gint64 index, void *scratch)
{
  const Mix *mix = data;
  int last = (int)MIN ((index + 1) * ROWS_PER_TILE, mix->part.height);

  for (int y = (int)index * ROWS_PER_TILE; y < last; y++)
    {
      gsize skip = 3 * (gsize)mix->part.x, n = 3 * (gsize)mix->part.width;
      const guint8 *raw = limn_image_row (mix->raw, y + mix->part.y) + skip;
      const guint8 *matched = limn_image_row (mix->matched, y + mix->part.y) + skip;
      guint8 *pixel = limn_image_row (mix->pixels, y), *alpha = limn_image_row (mix->alpha, y);

      for (gsize i = 0; i < n; i++)
        pixel[i] = (guint8)((raw[i] * (256 - mix->match) + matched[i] * mix->match + 128) / 256);
      for (gsize i = 0; i < n / 3; i++)
        alpha[i] = (guint8)((alpha[i] * mix->opacity + 128) / 256);
    }
}

/* Brought into its range; NaN becomes @low. */
static float
within (float value, float low, float high)
{
  return value >= low ? MIN (value, high) : low;
}

/* What can be pasted of @crop: the painted area's box, grown. Not all of what is kept, so that
 * nothing is made that is not seen. */
static gboolean
find_part (const LimnCrop *crop, float outer, LimnRect *part)
{
  int by = (int)ceilf (outer);
  LimnRect painted;

  if (!limn_mask_bounds (crop->mask, &painted))
    return FALSE;
  painted = (LimnRect){ painted.x - by, painted.y - by, painted.width + 2 * by,
                        painted.height + 2 * by };
  return limn_rect_intersect (&painted, &(LimnRect){ 0, 0, crop->rect.width, crop->rect.height },
                              part);
}

LimnPatch *
limn_paste (LimnRun *run, LimnCrop *crop, const LimnPasteParams *params)
{
  g_autoptr (LimnPatch) patch = g_new0 (LimnPatch, 1);
  g_autoptr (GError) error = NULL;
  float reach, grow, feather;
  Mix mix;

  g_return_val_if_fail (run != NULL && crop != NULL && params != NULL, NULL);
  if (!limn_run_ok (run))
    return NULL;
  reach = crop->reach;
  grow = within (params->grow, 0.0f, reach);
  feather = within (params->feather, 0.0f, reach - grow);
  mix = (Mix){ .raw = crop->raw,
               .matched = crop->matched,
               .match = (int)lrintf (256 * within (params->colour_match, 0.0f, 1.0f)),
               .opacity = (int)lrintf (256 * within (params->opacity, 0.0f, 1.0f)) };
  if (!find_part (crop, grow + feather, &mix.part))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "Nothing is painted that could be pasted");
      return NULL;
    }
  patch->crop = limn_crop_ref (crop);
  patch->rect = (LimnRect){ crop->rect.x + mix.part.x, crop->rect.y + mix.part.y, mix.part.width,
                            mix.part.height };
  patch->alpha = limn_mask_paste_alpha (run, crop->mask, &mix.part, grow, grow + feather, crop->grey);
  if (patch->alpha == NULL)
    return NULL;
  patch->pixels = limn_image_new (mix.part.width, mix.part.height, 3, &error);
  if (patch->pixels == NULL)
    {
      limn_run_fail (run, error->code, "%s", error->message);
      return NULL;
    }
  mix.pixels = patch->pixels;
  mix.alpha = patch->alpha;
  limn_run_parallel (run, (mix.part.height + ROWS_PER_TILE - 1) / ROWS_PER_TILE, 0, mix_tile, &mix);
  return limn_run_ok (run) ? g_steal_pointer (&patch) : NULL;
}
