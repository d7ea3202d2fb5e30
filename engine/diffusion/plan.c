/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

void
limn_sampler_params_init (LimnSamplerParams *params, const float *alphas_cumprod, int n_timesteps)
{
  *params = (LimnSamplerParams){
    .sampler = "ddim",
    .steps = 20,
    .strength = 1.0f,
    .eta = LIMN_ETA_DEFAULT,
    .spacing = LIMN_SPACING_DEFAULT,
    .prediction = LIMN_PREDICT_EPSILON,
    .alphas_cumprod = alphas_cumprod,
    .n_timesteps = n_timesteps,
  };
}

static gboolean
check_params (const LimnSamplerParams *params, GError **error)
{
  if (!limn_sampler_is_known (params->sampler))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "There is no sampler “%s”",
                 params->sampler);
  else if (params->steps < 1 || params->steps > params->n_timesteps)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The number of steps must be 1 to %d, not %d", params->n_timesteps, params->steps);
  else if (!(params->strength > 0.0f && params->strength <= 1.0f))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The strength must be above 0 and at most 1, not %g", params->strength);
  else if (!(params->eta >= 0.0f && params->eta <= 1.0f) && params->eta != LIMN_ETA_DEFAULT)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "Eta must be 0 to 1, not %g",
                 params->eta);
  else if (params->order < 0 || params->order > 3)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The order must be 1 to 3, or 0 for the sampler's own, not %d", params->order);
  else
    return TRUE;
  return FALSE;
}

/* Leaves the last int (total * strength) steps. */
static void
cut_start (LimnSamplerPlan *plan, int total, LimnEvaluation *firsts)
{
  /* A hair above, so that 10 steps at the float nearest to 0.7 are 7. */
  plan->n_steps = CLAMP ((int)(total * (double)plan->params.strength + 1e-4), 1, total);
  plan->first_step = total - plan->n_steps;
  memmove (firsts, firsts + plan->first_step, (gsize)plan->n_steps * sizeof *firsts);
  memmove (plan->alpha, plan->alpha + plan->first_step,
           (gsize)(plan->n_steps + 1) * sizeof (double));
  memmove (plan->sigma, plan->sigma + plan->first_step,
           (gsize)(plan->n_steps + 1) * sizeof (double));
}

/* All evaluations in order, from the first ones of the steps. */
static void
fill_evaluations (LimnSamplerPlan *plan, LimnEvaluation *firsts)
{
  plan->timesteps = g_new (float, plan->n_steps);
  plan->evaluations = g_new0 (LimnEvaluation, 2 * (gsize)plan->n_steps);
  for (int i = 0; i < plan->n_steps; i++)
    {
      LimnEvaluation second = { .step = i, .again = TRUE };

      plan->timesteps[i] = firsts[i].t;
      firsts[i].step = i;
      firsts[i].again = FALSE;
      plan->evaluations[plan->n_evaluations++] = firsts[i];
      if (plan->strategy->second != NULL && plan->strategy->second (plan, firsts, i, &second))
        plan->evaluations[plan->n_evaluations++] = second;
    }
}

LimnSamplerPlan *
limn_sampler_plan_new (const LimnSamplerParams *params, GError **error)
{
  g_autoptr (LimnSamplerPlan) plan = NULL;
  g_autofree LimnEvaluation *firsts = NULL;
  const LimnSamplerInfo *info = NULL;
  LimnLevels levels;

  if (!check_params (params, error))
    return NULL;
  plan = g_new0 (LimnSamplerPlan, 1);
  plan->params = *params;
  plan->strategy = limn_strategy_find (params->sampler, &levels, &info);
  plan->params.sampler = info->name;
  if (params->eta == LIMN_ETA_DEFAULT)
    plan->params.eta = plan->strategy->eta;
  firsts = g_new0 (LimnEvaluation, params->n_timesteps);
  plan->alpha = g_new0 (double, params->n_timesteps + 1);
  plan->sigma = g_new0 (double, params->n_timesteps + 1);
  cut_start (plan, limn_levels_fill (plan, levels, firsts), firsts);
  fill_evaluations (plan, firsts);
  if (params->prediction == LIMN_PREDICT_EPSILON && plan->evaluations[0].alpha <= 0.0)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The schedule ends in nothing but noise: a network that predicts the noise has "
                   "nothing to tell there");
      return NULL;
    }
  return g_steal_pointer (&plan);
}

void
limn_sampler_plan_free (LimnSamplerPlan *plan)
{
  if (plan == NULL)
    return;
  g_free (plan->timesteps);
  g_free (plan->alpha);
  g_free (plan->sigma);
  g_free (plan->evaluations);
  g_free (plan);
}

double
limn_plan_lambda (const LimnSamplerPlan *plan, int i)
{
  return log (plan->alpha[i]) - log (plan->sigma[i]);
}

double
limn_plan_sigma (const LimnSamplerPlan *plan, int i)
{
  return plan->sigma[i] / plan->alpha[i];
}

void
limn_sampler_start (const LimnSamplerPlan *plan, LimnTensor *noise, const LimnTensor *x0)
{
  float *x = limn_tensor_f32 (noise);
  const float *clean = x0 != NULL ? limn_tensor_f32 (x0) : NULL;
  float alpha = (float)plan->alpha[0], sigma = (float)plan->sigma[0];

  if (x == NULL)
    return;
  g_return_if_fail (clean == NULL || limn_tensor_same_shape (noise, x0));
  if (plan->first_step == 0)
    {
      clean = NULL;
      sigma = (float)plan->start;
    }
  for (gint64 i = 0; i < limn_tensor_count (noise); i++)
    x[i] = sigma * x[i] + (clean != NULL ? alpha * clean[i] : 0.0f);
}
