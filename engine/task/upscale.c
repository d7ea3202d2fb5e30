/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/upscale-private.h"

#include "engine/task/check-private.h"
#include "engine/task/memory-private.h"
#include "engine/tensor/kernels.h"

void
limn_upscale_params_init (LimnUpscaleParams *params, LimnModel *model)
{
  const LimnModelInfo *info;

  g_return_if_fail (params != NULL && model != NULL);
  info = limn_model_get_info (model);
  *params = (LimnUpscaleParams){
    .factor = 4,
    .steps = info->default_steps,
    .sampler = info->default_sampler,
  };
}

static int
greatest_common_divisor (int a, int b)
{
  while (b != 0)
    {
      int rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

/* How the model takes pictures of this size. */
static void
lay_out (const LimnModelInfo *info, int width, int height, LimnTileAxis *across, LimnTileAxis *down)
{
  int enlarge = info->upscale_factor, factor = info->latent_factor;
  int multiple = factor * info->unet_factor;
  int unit = multiple / greatest_common_divisor (multiple, enlarge);
  int alignment = factor / greatest_common_divisor (factor, enlarge);
  int tile = MAX ((info->native_size / enlarge + unit - 1) / unit, 1) * unit;
  int smallest = MIN (MAX ((info->min_size / enlarge + unit - 1) / unit, 1) * unit, tile);

  *across = limn_tile_axis (width, tile, smallest, unit, alignment);
  *down = limn_tile_axis (height, tile, smallest, unit, alignment);
}

static gsize
memory_needed (LimnModel *model, int width, int height, int channels, int factor)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  LimnTileAxis across, down;

  lay_out (info, width, height, &across, &down);
  return limn_model_estimate_memory (model, across.tile * info->upscale_factor,
                                     down.tile * info->upscale_factor, FALSE)
         + limn_band_bytes (&across, &down, info->upscale_factor, channels)
         + (gsize)width * factor * ((gsize)height * factor) * channels;
}

/* The sides and the area of the result are within what an image may be. */
static gboolean
check_result_size (const LimnImage *image, int factor, GError **error)
{
  gint64 width = (gint64)image->width * factor, height = (gint64)image->height * factor;

  if (MAX (width, height) <= LIMN_IMAGE_MAX_SIDE && width * height <= LIMN_IMAGE_MAX_PIXELS)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
               "Enlarged %d times, this picture would be %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
               " pixels. Limn handles sides up to %d pixels and up to %d megapixels",
               factor, width, height, LIMN_IMAGE_MAX_SIDE, (int)(LIMN_IMAGE_MAX_PIXELS / 1000000));
  return FALSE;
}

static gboolean
check (LimnModel *model, const LimnImage *image, const LimnUpscaleParams *params, GError **error)
{
  const LimnModelInfo *info = limn_model_get_info (model);

  if (!limn_task_check_model (info, error))
    return FALSE;
  if ((info->capabilities & LIMN_CAN_UPSCALE) == 0)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The model “%s” cannot upscale", info->id);
      return FALSE;
    }
  if (params->factor != 2 && params->factor != 4)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "A picture can be enlarged 2 or 4 times, not %d times", params->factor);
      return FALSE;
    }
  if (params->factor > info->upscale_factor || info->upscale_factor % params->factor != 0)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The model “%s” enlarges %d times, not %d times", info->id, info->upscale_factor,
                   params->factor);
      return FALSE;
    }
  return limn_task_check_steps (params->steps, error)
         && limn_task_check_sampler (params->sampler, error)
         && check_result_size (image, params->factor, error);
}

gboolean
limn_upscale_plan (LimnModel *model,
                   const LimnImage *image,
                   const LimnUpscaleParams *params,
                   LimnUpscalePlan *plan,
                   GError **error)
{
  LimnTileAxis across, down;

  g_return_val_if_fail (model != NULL && image != NULL && params != NULL && plan != NULL, FALSE);
  if (!check (model, image, params, error))
    return FALSE;
  lay_out (limn_model_get_info (model), image->width, image->height, &across, &down);
  *plan = (LimnUpscalePlan){
    .width = image->width * params->factor,
    .height = image->height * params->factor,
    .n_tiles = across.n * down.n,
    .memory
    = memory_needed (model, image->width, image->height, MAX (image->channels, 3), params->factor),
  };
  return TRUE;
}

/* When it does not fit: the largest picture of the same proportions that would, in steps of a
 * sixteenth. */
static gboolean
check_memory (LimnModel *model, const LimnImage *image, int factor, gsize available, GError **error)
{
  int channels = MAX (image->channels, 3), width = image->width, height = image->height;
  gsize needed = memory_needed (model, width, height, channels, factor);

  if (needed <= available)
    return TRUE;
  for (int part = 15; part > 0; part--)
    {
      width = MAX (image->width * part / 16, 1);
      height = MAX (image->height * part / 16, 1);
      if (memory_needed (model, width, height, channels, factor) <= available)
        return limn_memory_refuse (needed, available, width, height, error);
    }
  return limn_memory_refuse (needed, available, 0, 0, error);
}

/* The alpha channel of the present tile, enlarged beside the colours; empty when the run failed. */
static LimnTensor
enlarge_alpha (LimnUpscale *self)
{
  const LimnRect *tile = &self->tile;
  LimnTensor alpha = limn_run_nhwc (self->run, 1, tile->height, tile->width, 1);
  float *out = limn_tensor_f32 (&alpha);

  for (int y = 0; out != NULL && y < tile->height; y++)
    for (int x = 0; x < tile->width; x++)
      *out++
          = limn_image_row (self->image,
                            MIN (tile->y + y,
                                 self->image->height
                                     - 1))[(gsize)MIN (tile->x + x, self->image->width - 1) * 4 + 3]
                / 127.5f
            - 1.0f;
  return limn_resize (self->run, &alpha, (gint64)tile->height * self->info->upscale_factor,
                      (gint64)tile->width * self->info->upscale_factor, LIMN_RESIZE_BICUBIC);
}

static gboolean
run_tiles (LimnUpscale *self, LimnBand *band)
{
  for (int j = 0; j < self->down.n; j++)
    {
      for (int i = 0; i < self->across.n; i++)
        {
          LimnArenaMark mark = limn_run_mark (self->run);
          LimnTensor rgb = _limn_upscale_tile (self, i, j), alpha = LIMN_TENSOR_EMPTY;

          if (band->channels == 4)
            alpha = enlarge_alpha (self);
          if (!limn_run_ok (self->run))
            return FALSE;
          limn_band_add (band, i, j, &rgb, &alpha);
          limn_run_release (self->run, mark);
          self->tile_index++;
        }
      limn_band_finish_row (band, j);
    }
  return TRUE;
}

LimnImage *
limn_upscale (LimnModel *model,
              LimnRun *run,
              const LimnImage *image,
              const LimnUpscaleParams *params,
              const LimnTaskCallbacks *callbacks,
              GError **error)
{
  LimnUpscale self
      = { .model = model, .run = run, .image = image, .params = params, .callbacks = callbacks };
  g_autoptr (LimnSamplerPlan) sampler = NULL;
  g_autoptr (LimnImage) out = NULL;
  LimnUpscalePlan plan;
  LimnArenaMark mark;
  LimnBand band = { .sums = NULL };

  g_return_val_if_fail (model != NULL && run != NULL && image != NULL && params != NULL, NULL);
  if (!limn_upscale_plan (model, image, params, &plan, error)
      || !check_memory (model, image, params->factor, limn_memory_available (), error))
    return NULL;
  sampler = limn_task_sampler_plan (model, params->sampler, params->steps, 1.0f, LIMN_ETA_DEFAULT, error);
  out = sampler != NULL ? limn_image_new (plan.width, plan.height, MAX (image->channels, 3), error)
                        : NULL;
  if (out == NULL)
    return NULL;

  self.info = limn_model_get_info (model);
  self.sampler = sampler;
  lay_out (self.info, image->width, image->height, &self.across, &self.down);
  if (!limn_band_init (&band, &self.across, &self.down, self.info->upscale_factor, out, error))
    return NULL;
  mark = limn_run_mark (run);
  /* A model that takes a prompt besides is given the empty one. */
  limn_guided_init_prompts (&self.guided, model, run, NULL, NULL, 1.0f, LIMN_RESCALE_DEFAULT, NULL);
  run_tiles (&self, &band);
  limn_run_release (run, mark);
  limn_band_clear (&band);
  return limn_run_check (run, error) ? g_steal_pointer (&out) : NULL;
}
