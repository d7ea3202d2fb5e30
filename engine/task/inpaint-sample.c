/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/inpaint-private.h"

#include <string.h>

#include "engine/task/check-private.h"

gboolean
_limn_inpaint_progress (LimnInpaint *self, LimnStage stage, int step)
{
  return limn_stage_begin (&self->costs, self->run, self->callbacks, stage, step, self->plan.steps);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  LimnInpaint *self = user_data;

  return limn_guided_predict (&self->guided, run, x, t);
}

/*
 * Puts the known latent, noised to the level after step @step, where the mask says that it stays as
 * it is: Lugmayr et al. 2022, "RePaint", equation 8, with the same noise at every level, and
 * without any after the last step, as diffusers does it. Ordinary models: "Differential diffusion"
 * (Levin and Fried 2023): a latent with mask value m is free from the step on at which m + (step +
 * 1) / n > 1, so the rim follows the picture until late and joins it, and grey parts of the mask
 * change the less the darker they are. Inpainting models know the surroundings already; what lies
 * outside the rim is put back, and of the rest only what the mask makes less of than the rim does.
 */
void
_limn_inpaint_blend_known (LimnInpaint *self, int step, int n_steps, LimnTensor *x)
{
  gboolean last = step + 1 == n_steps;
  float alpha = last ? 1.0f : (float)self->sampler->alpha[step + 1];
  float sigma = last ? 0.0f : (float)self->sampler->sigma[step + 1];
  gboolean ordinary = limn_tensor_is_empty (&self->condition);
  float least = 255.0f * (1.0f - (step + 1.0f) / n_steps);
  const float *known = limn_tensor_f32 (&self->known), *noise = limn_tensor_f32 (&self->noise);
  float *latent = limn_tensor_f32 (x);
  gint64 n = x->extent[1] * x->extent[2], channels = x->extent[3];

  for (gint64 i = 0; i < n; i++)
    if (self->latent_hole[i] == 0
        || (self->latent_change[i] <= least
            && (ordinary || self->latent_change[i] < self->latent_hole[i])))
      for (gint64 k = i * channels; k < (i + 1) * channels; k++)
        latent[k] = alpha * known[k] + sigma * noise[k];
}

/* Shows the estimate of the clean latent: RGBA, one pixel per latent or more, opaque where the
 * model repaints. */
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
  if (rgb != NULL)
    preview = limn_image_convert (rgb, 4, &error);
  if (preview == NULL)
    return;
  for (gint64 y = 0; y < preview->height; y++)
    for (gint64 i = 0; i < preview->width; i++)
      preview->pixels[4 * (y * preview->width + i) + 3]
          = self->latent_hole[y * x0->extent[1] / preview->height * x0->extent[2]
                              + i * x0->extent[2] / preview->width];
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

  _limn_inpaint_blend_known (self, step, n_steps, x);
  _limn_inpaint_progress (self, LIMN_STAGE_SAMPLE, step + 1);
  if (self->callbacks != NULL && self->callbacks->preview != NULL)
    show_preview (self, run, x0);
  return limn_run_ok (run);
}

void
_limn_inpaint_encode_text (LimnInpaint *self)
{
  const LimnInpaintParams *params = self->params;

  limn_guided_init_prompts (&self->guided, self->model, self->run, params->prompt, params->negative,
                            params->guidance, params->rescale,
                            self->first == NULL ? self->callbacks : NULL);
  self->guided.concat = self->condition;
}

gboolean
_limn_inpaint_sample (LimnInpaint *self)
{
  LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = step_done, .seed = self->params->seed, .user_data = self };

  limn_noise_normal (self->params->seed, self->first == NULL ? LIMN_NOISE_START : LIMN_NOISE_REFINE, limn_tensor_f32 (&self->noise),
                     (gsize)limn_tensor_count (&self->noise));
  memcpy (self->latent.data, self->noise.data, limn_tensor_bytes (&self->noise));
  limn_sampler_start (self->sampler, &self->latent, &self->start);
  _limn_inpaint_progress (self, LIMN_STAGE_SAMPLE, 0);
  return limn_guided_sample (&self->guided, self->run, self->sampler, &self->latent, &callbacks,
                             self->params->step_cache)
         && limn_task_check_finite (self->model, self->run, &self->latent);
}
