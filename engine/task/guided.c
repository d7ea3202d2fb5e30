/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/guided-private.h"

#include "engine/tensor/kernels.h"

/* Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps Are Flawed", section 3.4: a
 * model whose schedule ends in pure noise overexposes guided pictures without it. */
#define ZERO_SNR_RESCALE 0.7f

gboolean
limn_guided_is_double (const LimnModelInfo *info, float guidance)
{
  return info->can_guide && !info->embeds_guidance && guidance != 1.0f;
}

static LimnTensor
predict (LimnRun *run,
         const LimnTensor *x,
         const float *t,
         const LimnTensor *context,
         gpointer user_data)
{
  LimnGuided *self = user_data;
  const gint32 labels[2] = { self->label, self->label };
  gboolean noised = (limn_model_get_info (self->model)->takes & LIMN_TAKES_NOISE_LEVEL) != 0;
  LimnConditions conditions = { .context = context,
                                .labels = noised ? labels : NULL,
                                .guidance = &self->guidance.scale,
                                .memory = self->memory };

  return limn_model_evaluate (self->model, run, x, t, &conditions);
}

void
limn_guided_init (LimnGuided *self,
                  LimnModel *model,
                  LimnRun *run,
                  const LimnTensor *cond,
                  const LimnTensor *uncond,
                  float guidance,
                  float rescale)
{
  *self = (LimnGuided){ .model = model };
  limn_guidance_init (&self->guidance, run, cond, uncond, guidance, predict, self);
  if (rescale >= 0.0f)
    self->guidance.rescale = rescale;
  else if (limn_model_get_info (model)->zero_snr)
    self->guidance.rescale = ZERO_SNR_RESCALE;
}

LimnTensor
limn_guided_predict (LimnGuided *self, LimnRun *run, const LimnTensor *x, float t)
{
  LimnTensor joined = *x;

  if (!limn_tensor_is_empty (&self->concat))
    joined = limn_concat_channels (run, x, &self->concat);
  return limn_guidance_predict (&self->guidance, run, &joined, t);
}

gboolean
limn_guided_sample (LimnGuided *self,
                    LimnRun *run,
                    const LimnSamplerPlan *plan,
                    LimnTensor *x,
                    const LimnSamplerCallbacks *callbacks,
                    int step_cache)
{
  LimnArenaMark mark = limn_run_mark (run);
  const LimnTensor *context
      = limn_tensor_is_empty (&self->guidance.context) ? NULL : &self->guidance.context;
  gboolean done = FALSE;

  if (limn_run_ok (run))
    self->memory = limn_model_remember (self->model, run, context, self->guidance.both ? 2 : 1,
                                        x->extent[1], x->extent[2], step_cache);
  if (self->memory != NULL)
    done = limn_sample (run, plan, x, callbacks);
  self->memory = NULL;
  limn_run_release (run, mark);
  return done;
}

/* ---- Prompts --------------------------------------------------------------------------------- */

void
limn_guided_init_prompts (LimnGuided *self,
                          LimnModel *model,
                          LimnRun *run,
                          const char *prompt,
                          const char *negative,
                          float guidance,
                          float rescale,
                          const LimnTaskCallbacks *callbacks)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  const char *wanted = prompt != NULL ? prompt : "", *unwanted = negative != NULL ? negative : "";
  LimnTensor cond = LIMN_TENSOR_EMPTY, uncond = LIMN_TENSOR_EMPTY;
  int n_cut = 0;

  /* Away from what is wanted leads nowhere. */
  if (info->takes_prompt && g_str_equal (wanted, unwanted)
      && limn_guided_is_double (info, guidance))
    guidance = 1.0f;
  if (info->takes_prompt && limn_guided_is_double (info, guidance))
    limn_model_encode_prompts (model, run, wanted, unwanted, &cond, &uncond, &n_cut);
  else if (info->takes_prompt)
    cond = limn_model_encode_prompt (model, run, wanted, &n_cut);
  if (info->takes_prompt)
    limn_model_unload_text (model);
  if (n_cut > 0 && callbacks != NULL && callbacks->prompt_cut != NULL)
    callbacks->prompt_cut (n_cut, callbacks->user_data);
  limn_guided_init (self, model, run, limn_tensor_is_empty (&cond) ? NULL : &cond,
                    limn_tensor_is_empty (&uncond) ? NULL : &uncond, guidance, rescale);
}

/* ---- The way --------------------------------------------------------------------------------- */

/* The model's own timesteps, unless the sampler's name says which. */
static LimnSpacing
spacing_for (const LimnModelInfo *info, const char *sampler)
{
  static const char *const schedules[] = { "_karras", "_exponential", "_trailing", "_sgm_uniform" };

  /* The grid that a network was distilled on is the solver's own. */
  if (g_str_equal (sampler, "lcm") || g_str_equal (sampler, "tcd"))
    return LIMN_SPACING_DEFAULT;
  for (gsize i = 0; i < G_N_ELEMENTS (schedules); i++)
    if (g_str_has_suffix (sampler, schedules[i]))
      return LIMN_SPACING_DEFAULT;
  return info->default_spacing;
}

/* Of the solvers that step from one timestep's level to another's, whose last level the scheduler's
 * set_alpha_to_one is about. */
static gboolean
goes_by_time (const char *sampler)
{
  return g_str_has_prefix (sampler, "ddim") || g_str_has_prefix (sampler, "plms");
}

LimnSamplerPlan *
limn_task_sampler_plan (LimnModel *model,
                        const char *sampler,
                        int steps,
                        float strength,
                        float eta,
                        GError **error)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  LimnSamplerParams params;
  int n_timesteps;
  const float *alphas_cumprod = limn_model_get_alphas_cumprod (model, &n_timesteps);

  limn_sampler_params_init (&params, alphas_cumprod, n_timesteps);
  params.sampler = sampler;
  params.steps = steps;
  params.strength = strength;
  params.eta = eta;
  params.spacing = spacing_for (info, sampler);
  params.end_low = info->default_end_low && goes_by_time (sampler);
  params.prediction = info->prediction;
  return limn_sampler_plan_new (&params, error);
}
