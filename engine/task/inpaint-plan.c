/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/inpaint-private.h"

#include <math.h>

#include "engine/task/check-private.h"
#include "engine/task/paste-private.h"

/* Fewer denoising steps than this make nothing of the noise that strength < 1 added. */
#define MIN_STEPS_RUN 4
/* What an inpaint cannot give. */
#define NEEDS_MORE                                                                                 \
  (LIMN_TAKES_CLASS | LIMN_TAKES_BOXES | LIMN_TAKES_LABELS | LIMN_TAKES_EMBEDDING                  \
   | LIMN_TAKES_LOW_RES)

void
limn_inpaint_params_init (LimnInpaintParams *params, LimnModel *model)
{
  const LimnModelInfo *info;

  g_return_if_fail (params != NULL && model != NULL);
  info = limn_model_get_info (model);
  *params = (LimnInpaintParams){
    .prompt = "",
    .negative = "",
    .steps = info->default_steps,
    .guidance = info->default_guidance,
    .strength = 1.0f,
    .sampler = info->default_sampler,
    .eta = LIMN_ETA_DEFAULT,
    .rescale = LIMN_RESCALE_DEFAULT,
    .two_pass = info->default_two_pass,
    .grow = -1.0f,
    .feather = -1.0f,
    .paste_fade = -1.0f,
    .context = -1.0f,
  };
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, message);
  return FALSE;
}

/* Written so that NaN is out of range. */
static gboolean
in_range (float value, float low, float high)
{
  return value >= low && value <= high;
}

/* A width of the mask's edge: negative means automatic. */
static gboolean
check_edge (const char *name, float value, GError **error)
{
  if (value < 0.0f || in_range (value, 0.0f, LIMN_IMAGE_MAX_SIDE))
    return TRUE;
  return fail (error, "%s must be 0 to %d pixels", name, LIMN_IMAGE_MAX_SIDE);
}

static gboolean
check_params (const LimnInpaintParams *params, GError **error)
{
  if (!limn_task_check_steps (params->steps, error)
      || !limn_task_check_sampler (params->sampler, error)
      || !limn_task_check_guidance (params->guidance, error)
      || !limn_task_check_eta (params->sampler, params->eta, error)
      || !limn_task_check_rescale (params->rescale, error)
      || !limn_task_check_step_cache (params->step_cache, error))
    return FALSE;
  if (!(params->strength > 0.0f) || params->strength > 1.0f)
    return fail (error, "Strength must be above 0 and at most 1, not %g", params->strength);
  return check_edge ("Grow", params->grow, error) && check_edge ("Feather", params->feather, error)
         && check_edge ("The paste fade", params->paste_fade, error)
         && check_edge ("The context", params->context, error)
         && limn_check_crop (&params->crop, error);
}

static gboolean
check_pictures (const LimnModelInfo *info,
                const LimnImage *image,
                const LimnImage *mask,
                LimnRect *painted,
                GError **error)
{
  if ((info->capabilities & (LIMN_CAN_INPAINT | LIMN_CAN_GENERATE)) == 0)
    return fail (error, "The model “%s” cannot inpaint", info->id);
  if (info->takes & NEEDS_MORE)
    return fail (error,
                 "The model “%s” needs a class, boxes, labels or an embedding, and cannot "
                 "inpaint from a prompt",
                 info->id);
  if (mask->channels != 1)
    return fail (error, "A mask has one channel, not %d", mask->channels);
  if (mask->width != image->width || mask->height != image->height)
    return fail (error, "The mask is %d × %d pixels, but the picture is %d × %d", mask->width,
                 mask->height, image->width, image->height);
  if (!limn_mask_bounds (mask, painted))
    return fail (error, "The mask is empty: nothing is painted that could be replaced");
  return TRUE;
}

gboolean
_limn_inpaint_is_prefilled (const LimnModelInfo *info, const LimnInpaintParams *params)
{
  return (info->capabilities & LIMN_CAN_INPAINT) != 0 && params->strength >= 1.0f
         && _limn_inpaint_start (info, params) < 1.0f;
}

gboolean
_limn_inpaint_is_told (const LimnInpaintParams *params)
{
  return params->prompt != NULL && *params->prompt != '\0';
}

float
_limn_inpaint_start (const LimnModelInfo *info, const LimnInpaintParams *params)
{
  return _limn_inpaint_is_told (params) ? info->prompt_start : info->default_start;
}

LimnSamplerPlan *
_limn_inpaint_sampler (LimnModel *model, const LimnInpaintParams *params, GError **error)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  float strength = params->strength, most;
  int n_timesteps, steps = params->steps, fewest = MIN (steps, MIN_STEPS_RUN);

  limn_model_get_alphas_cumprod (model, &n_timesteps);
  most = (float)n_timesteps;
  if (_limn_inpaint_is_prefilled (info, params))
    {
      /* As many steps as were asked for, all of them in the part of the schedule that is run. */
      strength = _limn_inpaint_start (info, params);
      steps = (int)MIN (ceilf ((steps + 0.01f) / strength), most);
    }
  else if ((int)(steps * strength) < fewest)
    steps = (int)MIN (ceilf ((fewest + 0.01f) / strength), most);
  return limn_task_sampler_plan (model, params->sampler, steps, strength, params->eta, error);
}

/* What is kept of the pass that is larger, and decoded of it. */
static gsize
detail_bytes (const LimnModelInfo *info, const LimnInpaintPlan *plan)
{
  gsize first = (gsize)plan->width * plan->height;
  gsize second = (gsize)plan->refine_width * plan->refine_height;

  return info->keep_detail ? 2 * MAX (first, second) * 3 * sizeof (float) : 0;
}

gsize
_limn_inpaint_network_memory (LimnModel *model,
                              const LimnInpaintParams *params,
                              const LimnInpaintPlan *plan)
{
  gboolean guidance = limn_guided_is_double (limn_model_get_info (model), params->guidance);
  gsize first = limn_model_estimate_memory (model, plan->width, plan->height, guidance);

  if (plan->refine_steps == 0)
    return first;
  return MAX (first, limn_model_estimate_memory (model, plan->refine_width, plan->refine_height,
                                                 guidance));
}

/* The second pass, where there is one. */
static gboolean
plan_refinement (LimnModel *model,
                 const LimnModelSize *size,
                 const LimnInpaintParams *params,
                 LimnInpaintPlan *plan,
                 GError **error)
{
  LimnInpaintParams second = _limn_inpaint_refine_params (limn_model_get_info (model), params);
  g_autoptr (LimnSamplerPlan) sampler = NULL;

  if (!params->two_pass || params->strength < LIMN_REFINE_LEAST)
    return TRUE;
  limn_inpaint_refine_geometry (size, plan);
  if (limn_rect_is_empty (&plan->refine_crop))
    return TRUE;
  sampler = _limn_inpaint_sampler (model, &second, error);
  if (sampler != NULL)
    plan->refine_steps = sampler->n_steps;
  return sampler != NULL;
}

gboolean
limn_inpaint_plan (LimnModel *model,
                   const LimnImage *image,
                   const LimnImage *mask,
                   const LimnInpaintParams *params,
                   LimnInpaintPlan *plan,
                   GError **error)
{
  g_autoptr (LimnSamplerPlan) sampler = NULL;
  const LimnModelInfo *info;
  LimnModelSize size;
  LimnRect painted;

  g_return_val_if_fail (model != NULL && image != NULL && mask != NULL, FALSE);
  g_return_val_if_fail (params != NULL && plan != NULL, FALSE);
  info = limn_model_get_info (model);
  if (!limn_task_check_model (info, error) || !check_pictures (info, image, mask, &painted, error)
      || !check_params (params, error))
    return FALSE;
  sampler = _limn_inpaint_sampler (model, params, error);
  if (sampler == NULL)
    return FALSE;

  *plan = (LimnInpaintPlan){ .steps = sampler->n_steps,
                             .thickness = limn_mask_thickness (mask, &painted) };
  size = limn_model_size (info);
  limn_inpaint_geometry (&size, image->width, image->height, &painted, params, plan);
  if (!plan_refinement (model, &size, params, plan, error))
    return FALSE;
  plan->memory = _limn_inpaint_network_memory (model, params, plan)
                 + limn_crop_bytes (plan, image->width, image->height) + detail_bytes (info, plan);
  return TRUE;
}
