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
    .factor = info->upscale_factor,
    .steps = info->default_steps,
    .sampler = info->default_sampler,
    .guidance = info->default_guidance,
    .noise_level = info->default_noise_level,
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

/* Networks of one pass take any size; only where their tiles start matters to those that make one
 * of several pixels. */
static void
lay_out_passes (const LimnModelInfo *info,
                int width,
                int height,
                LimnTileAxis *across,
                LimnTileAxis *down)
{
  int tile = MAX (info->native_size / info->upscale_factor, 1);

  *across = limn_tile_axis (width, tile, 1, 1, info->unet_factor);
  *down = limn_tile_axis (height, tile, 1, 1, info->unet_factor);
  limn_tile_axis_keep_away (across, info->reach);
  limn_tile_axis_keep_away (down, info->reach);
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

  if (info->one_pass)
    {
      lay_out_passes (info, width, height, across, down);
      return;
    }
  *across = limn_tile_axis (width, tile, smallest, unit, alignment);
  *down = limn_tile_axis (height, tile, smallest, unit, alignment);
}

/* What the tiles are enlarged by before they are added up: as the model makes them, or what is
 * wanted when its pixels are not a whole number of the model's. */
static int
tile_factor (const LimnModelInfo *info, int factor)
{
  return info->upscale_factor % factor == 0 ? info->upscale_factor : factor;
}

/* What is guided away from is the same as what is wanted, when nothing is said. */
static float
guidance (const LimnUpscaleParams *params)
{
  gboolean told = (params->prompt != NULL && params->prompt[0] != '\0')
                  || (params->negative != NULL && params->negative[0] != '\0');

  return told ? params->guidance : 1.0f;
}

static gsize
memory_needed (LimnModel *model,
               int width,
               int height,
               int channels,
               const LimnUpscaleParams *params)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  int enlarge = tile_factor (info, params->factor);
  LimnTileAxis across, down;
  gsize resampled = 0;

  lay_out (info, width, height, &across, &down);
  if (enlarge != info->upscale_factor)
    resampled = 2 * limn_band_bytes (&across, &down, enlarge, channels);
  return limn_model_estimate_memory (model, across.tile * info->upscale_factor,
                                     down.tile * info->upscale_factor,
                                     limn_guided_is_double (info, guidance (params)))
         + limn_band_bytes (&across, &down, enlarge, channels) + resampled
         + (gsize)width * params->factor * ((gsize)height * params->factor) * channels;
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

/* What is said is what the model takes. */
static gboolean
check_told (const LimnModelInfo *info, const LimnUpscaleParams *params, GError **error)
{
  if ((params->prompt != NULL || params->negative != NULL) && !info->takes_prompt)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” takes no prompt", info->id);
  else if (params->noise_level != 0 && (info->takes & LIMN_TAKES_NOISE_LEVEL) == 0)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” takes no noise level", info->id);
  else if (params->noise_level < 0 || params->noise_level > info->max_noise_level)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The noise level of the model “%s” must be 0 to %d, not %d", info->id,
                 info->max_noise_level, params->noise_level);
  else
    return TRUE;
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
  if (params->factor != 2 && params->factor != 4 && params->factor != info->upscale_factor)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "A picture can be enlarged 2 or 4 times, not %d times", params->factor);
      return FALSE;
    }
  return check_told (info, params, error)
         && (info->one_pass
             || (limn_task_check_steps (params->steps, error)
                 && limn_task_check_sampler (params->sampler, error)
                 && (!info->can_guide || limn_task_check_guidance (params->guidance, error))))
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
    .memory = memory_needed (model, image->width, image->height, MAX (image->channels, 3), params),
  };
  return TRUE;
}

/* When it does not fit: the largest picture of the same proportions that would, in steps of a
 * sixteenth. */
static gboolean
check_memory (LimnModel *model,
              const LimnRun *run,
              const LimnImage *image,
              const LimnUpscaleParams *params,
              GError **error)
{
  gsize available = limn_memory_for_task (model, run);
  int channels = MAX (image->channels, 3), width = image->width, height = image->height;
  gsize needed = memory_needed (model, width, height, channels, params);

  if (needed <= available)
    {
      limn_memory_share (model, available, needed);
      return TRUE;
    }
  for (int part = 15; part > 0; part--)
    {
      width = MAX (image->width * part / 16, 1);
      height = MAX (image->height * part / 16, 1);
      if (memory_needed (model, width, height, channels, params) <= available)
        return limn_memory_refuse (needed, available, run->memory_limit, width, height, error);
    }
  return limn_memory_refuse (needed, available, run->memory_limit, 0, 0, error);
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
  return limn_resize (self->run, &alpha, (gint64)tile->height * self->factor,
                      (gint64)tile->width * self->factor, LIMN_RESIZE_BICUBIC);
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
      || !check_memory (model, run, image, params, error))
    return NULL;
  self.info = limn_model_get_info (model);
  if (!self.info->one_pass)
    {
      sampler = limn_task_sampler_plan (model, params->sampler, params->steps, 1.0f,
                                        LIMN_ETA_DEFAULT, error);
      if (sampler == NULL)
        return NULL;
    }
  out = limn_image_new (plan.width, plan.height, MAX (image->channels, 3), error);
  if (out == NULL)
    return NULL;

  self.sampler = sampler;
  self.factor = tile_factor (self.info, params->factor);
  lay_out (self.info, image->width, image->height, &self.across, &self.down);
  if (!limn_band_init (&band, &self.across, &self.down, self.factor, out, error))
    return NULL;
  mark = limn_run_mark (run);
  if (sampler != NULL)
    limn_guided_init_prompts (&self.guided, model, run, params->prompt, params->negative,
                              guidance (params), LIMN_RESCALE_DEFAULT, callbacks);
  run_tiles (&self, &band);
  limn_run_release (run, mark);
  limn_band_clear (&band);
  return limn_run_check (run, error) ? g_steal_pointer (&out) : NULL;
}
