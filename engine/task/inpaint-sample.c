/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/inpaint-private.h"

#include <string.h>

#include "engine/task/check-private.h"
#include "engine/tensor/kernels.h"

/* Expected time of the stages in units of one evaluation of the UNet without guidance; for the
 * progress fraction only. */
#define COST_TEXT 0.1
#define COST_ENCODE 1.0
#define COST_DECODE 2.5
#define COST_BLEND 0.1

gboolean
_limn_inpaint_progress (LimnInpaint *self, LimnStage stage, int step)
{
  double per_step = self->info->takes_prompt && self->params->guidance > 1.0f ? 2.0 : 1.0;
  double sampling = per_step * self->plan.steps;
  double total = COST_TEXT + COST_ENCODE + sampling + COST_DECODE + COST_BLEND;
  double done = 0.0;

  if (!limn_run_ok (self->run))
    return FALSE;
  if (self->callbacks == NULL || self->callbacks->progress == NULL)
    return TRUE;
  if (stage > LIMN_STAGE_TEXT)
    done += COST_TEXT;
  if (stage > LIMN_STAGE_ENCODE)
    done += COST_ENCODE;
  if (stage == LIMN_STAGE_SAMPLE)
    done += per_step * step;
  if (stage > LIMN_STAGE_SAMPLE)
    done += sampling;
  if (stage > LIMN_STAGE_DECODE)
    done += COST_DECODE;
  self->callbacks->progress (
      &(LimnProgress){
          .stage = stage, .step = step, .n_steps = self->plan.steps, .fraction = done / total },
      self->callbacks->user_data);
  return limn_run_ok (self->run);
}

static LimnTensor
predict (LimnRun *run,
         const LimnTensor *x,
         const float *t,
         const LimnTensor *context,
         gpointer user_data)
{
  LimnInpaint *self = user_data;

  return limn_model_predict (self->model, run, x, t, context);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  LimnInpaint *self = user_data;
  LimnTensor joined = *x;

  /* Stable Diffusion's order: latent, mask, latent of the masked image. */
  if (!limn_tensor_is_empty (&self->condition))
    joined = limn_concat_channels (run, x, &self->condition);
  return limn_guidance_predict (&self->guidance, run, &joined, t);
}

/*
 * Puts the known latent, noised to the level after step @step, where the mask says that it stays as
 * it is. Ordinary models: "Differential diffusion" (Levin and Fried 2023): a latent with mask value
 * m is free from the step on at which m + (step + 1) / n > 1, so the rim follows the picture until
 * late and joins it. Inpainting models know the surroundings already; only what lies outside the
 * rim is put back.
 */
static void
blend_known (LimnInpaint *self, int step, int n_steps, LimnTensor *x)
{
  float alpha = (float)self->sampler->alpha[step + 1],
        sigma = (float)self->sampler->sigma[step + 1];
  gboolean ordinary = limn_tensor_is_empty (&self->condition);
  float least = ordinary ? 255.0f * (1.0f - (step + 1.0f) / n_steps) : 0.0f;
  const float *known = limn_tensor_f32 (&self->known), *noise = limn_tensor_f32 (&self->noise);
  float *latent = limn_tensor_f32 (x);
  gint64 n = x->extent[1] * x->extent[2], channels = x->extent[3];

  for (gint64 i = 0; i < n; i++)
    if (self->latent_hole[i] <= least)
      for (gint64 k = i * channels; k < (i + 1) * channels; k++)
        latent[k] = alpha * known[k] + sigma * noise[k];
}

/* Shows the estimate of the clean latent: RGBA, one pixel per latent, opaque where the model
 * repaints. */
static void
show_preview (LimnInpaint *self, LimnRun *run, const LimnTensor *x0)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) rgb = NULL, preview = NULL;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_model_preview (self->model, run, x0);

  if (!limn_tensor_is_empty (&x))
    rgb = limn_image_from_tensor (&x, &error);
  limn_run_release (run, mark);
  if (rgb != NULL && rgb->width == x0->extent[2] && rgb->height == x0->extent[1])
    preview = limn_image_convert (rgb, 4, &error);
  if (preview == NULL)
    return;
  for (gsize i = 0; i < (gsize)preview->width * preview->height; i++)
    preview->pixels[4 * i + 3] = self->latent_hole[i];
  self->callbacks->preview (preview, &self->plan.crop, self->callbacks->user_data);
}

static gboolean
step_done (LimnRun *run,
           int step,
           int n_steps,
           LimnTensor *x,
           const LimnTensor *x0,
           gpointer user_data)
{
  LimnInpaint *self = user_data;

  blend_known (self, step, n_steps, x);
  _limn_inpaint_progress (self, LIMN_STAGE_SAMPLE, step + 1);
  if (self->callbacks != NULL && self->callbacks->preview != NULL)
    show_preview (self, run, x0);
  return limn_run_ok (run);
}

/* Context of @text; tells when it was too long. */
static LimnTensor
encode_prompt (LimnInpaint *self, const char *text)
{
  int n_cut = 0;
  LimnTensor context
      = limn_model_encode_prompt (self->model, self->run, text != NULL ? text : "", &n_cut);

  if (n_cut > 0 && self->callbacks != NULL && self->callbacks->prompt_cut != NULL)
    self->callbacks->prompt_cut (n_cut, self->callbacks->user_data);
  return context;
}

void
_limn_inpaint_encode_text (LimnInpaint *self)
{
  const LimnInpaintParams *params = self->params;
  LimnTensor cond = LIMN_TENSOR_EMPTY, uncond = LIMN_TENSOR_EMPTY;

  if (self->info->takes_prompt)
    {
      cond = encode_prompt (self, params->prompt);
      if (params->guidance > 1.0f)
        uncond = encode_prompt (self, params->negative);
    }
  limn_guidance_init (&self->guidance, self->run, limn_tensor_is_empty (&cond) ? NULL : &cond,
                      limn_tensor_is_empty (&uncond) ? NULL : &uncond, params->guidance, predict,
                      self);
}

gboolean
_limn_inpaint_sample (LimnInpaint *self)
{
  LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = step_done, .seed = self->params->seed, .user_data = self };

  limn_noise_normal (self->params->seed, LIMN_NOISE_START, limn_tensor_f32 (&self->noise),
                     (gsize)limn_tensor_count (&self->noise));
  memcpy (self->latent.data, self->noise.data, limn_tensor_bytes (&self->noise));
  limn_sampler_start (self->sampler, &self->latent, &self->start);
  _limn_inpaint_progress (self, LIMN_STAGE_SAMPLE, 0);
  return limn_sample (self->run, self->sampler, &self->latent, &callbacks)
         && limn_task_check_finite (self->model, self->run, &self->latent);
}
