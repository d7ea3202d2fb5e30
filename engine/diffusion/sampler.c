/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

static const LimnSamplerInfo infos[] = {
  { "ddim", "DDIM" },
  { "dpmpp_2m", "DPM++ 2M" },
  { "dpmpp_2m_karras", "DPM++ 2M Karras" },
  { NULL, NULL },
};

static const LimnStrategy strategies[] = {
  { "ddim", limn_ddim_plan, limn_ddim_step },
  { "dpmpp_2m", limn_dpmpp_plan, limn_dpmpp_2m_step },
  { "dpmpp_2m_karras", limn_dpmpp_karras_plan, limn_dpmpp_2m_step },
};

const LimnSamplerInfo *
limn_sampler_list (void)
{
  return infos;
}

static const LimnStrategy *
find_strategy (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    if (g_strcmp0 (strategies[i].name, name) == 0)
      return &strategies[i];
  return NULL;
}

gboolean
limn_sampler_is_known (const char *name)
{
  return find_strategy (name) != NULL;
}

/* ---- Planning ------------------------------------------------------------------------------- */

void
limn_sampler_params_init (LimnSamplerParams *params, const float *alphas_cumprod, int n_timesteps)
{
  *params = (LimnSamplerParams) {
    .sampler = "ddim",
    .steps = 20,
    .strength = 1.0f,
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
  else if (!(params->eta >= 0.0f && params->eta <= 1.0f))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, "Eta must be 0 to 1, not %g",
                 params->eta);
  else
    return TRUE;
  return FALSE;
}

LimnSamplerPlan *
limn_sampler_plan_new (const LimnSamplerParams *params, GError **error)
{
  g_autoptr (LimnSamplerPlan) plan = NULL;
  int total;

  if (!check_params (params, error))
    return NULL;
  plan = g_new0 (LimnSamplerPlan, 1);
  plan->params = *params;
  plan->strategy = find_strategy (params->sampler);
  plan->params.sampler = plan->strategy->name;
  plan->timesteps = g_new0 (float, params->n_timesteps);
  plan->alpha = g_new0 (double, params->n_timesteps + 1);
  plan->sigma = g_new0 (double, params->n_timesteps + 1);
  total = plan->strategy->plan (params, plan->timesteps, plan->alpha, plan->sigma);

  /* A hair above, so that 10 steps at the float nearest to 0.7 are 7. */
  plan->n_steps = CLAMP ((int) (total * (double) params->strength + 1e-4), 1, total);
  plan->first_step = total - plan->n_steps;
  memmove (plan->timesteps, plan->timesteps + plan->first_step,
           (gsize) plan->n_steps * sizeof (float));
  memmove (plan->alpha, plan->alpha + plan->first_step,
           (gsize) (plan->n_steps + 1) * sizeof (double));
  memmove (plan->sigma, plan->sigma + plan->first_step,
           (gsize) (plan->n_steps + 1) * sizeof (double));
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
  g_free (plan);
}

void
limn_sampler_start (const LimnSamplerPlan *plan, LimnTensor *noise, const LimnTensor *x0)
{
  float *x = limn_tensor_f32 (noise);
  const float *clean = x0 != NULL ? limn_tensor_f32 (x0) : NULL;
  float alpha = (float) plan->alpha[0], sigma = (float) plan->sigma[0];

  if (x == NULL || plan->first_step == 0)
    return;
  g_return_if_fail (clean == NULL || limn_tensor_same_shape (noise, x0));
  for (gint64 i = 0; i < limn_tensor_count (noise); i++)
    x[i] = sigma * x[i] + (clean != NULL ? alpha * clean[i] : 0.0f);
}

/* ---- The loop ------------------------------------------------------------------------------- */

void
limn_sampling_draw (LimnSampling *self, int step)
{
  const LimnSamplerCallbacks *callbacks = self->callbacks;

  if (callbacks->noise != NULL)
    callbacks->noise (step, self->random, self->n, callbacks->user_data);
  else
    limn_noise_normal (callbacks->seed, LIMN_NOISE_STEP + (guint64) step, self->random, self->n);
}

/* The clean latent and the noise that @output means at the level (alpha, sigma). FALSE when it is
 * not finite. */
static gboolean
interpret (LimnPrediction prediction, float alpha, float sigma, const float *x, const float *output,
           float *x0, float *noise, gsize n)
{
  double sum = 0.0;

  for (gsize k = 0; k < n; k++)
    {
      switch (prediction)
        {
        case LIMN_PREDICT_V:
          x0[k] = alpha * x[k] - sigma * output[k];
          noise[k] = alpha * output[k] + sigma * x[k];
          break;
        case LIMN_PREDICT_X0:
          x0[k] = output[k];
          noise[k] = (x[k] - alpha * output[k]) / sigma;
          break;
        case LIMN_PREDICT_EPSILON:
        default:
          x0[k] = (x[k] - sigma * output[k]) / alpha;
          noise[k] = output[k];
          break;
        }
      sum += fabs ((double) x0[k]);
    }
  return isfinite (sum);
}

/* Evaluates the network at level @i and fills @x0 and @noise. */
static gboolean
evaluate (LimnRun *run, const LimnSamplerPlan *plan, const LimnSamplerCallbacks *callbacks, int i,
          const LimnTensor *x, float *x0, float *noise)
{
  LimnTensor output = callbacks->denoise (run, x, plan->timesteps[i], callbacks->user_data);

  if (!limn_run_ok (run) || limn_tensor_is_empty (&output))
    return FALSE;
  if (!limn_tensor_same_shape (&output, x))
    {
      g_autofree char *found = limn_tensor_describe (&output);
      g_autofree char *wanted = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The network predicted %s for %s", found,
                     wanted);
      return FALSE;
    }
  if (!interpret (plan->params.prediction, (float) plan->alpha[i], (float) plan->sigma[i],
                  limn_tensor_f32 (x), limn_tensor_f32 (&output), x0, noise,
                  (gsize) limn_tensor_count (x)))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_NUMERIC,
                     "The network gave something that is not a number in step %d of %d; its "
                     "weights may be damaged",
                     i + 1, plan->n_steps);
      return FALSE;
    }
  return TRUE;
}

/* Two estimates of the clean latent take turns, so that a multistep solver finds the previous one
 * without a copy. */
static gboolean
run_steps (LimnRun *run, const LimnSamplerPlan *plan, LimnTensor *x,
           const LimnSamplerCallbacks *callbacks, LimnTensor estimates[2], const LimnTensor *noise,
           const LimnTensor *random)
{
  LimnSampling sampling = {
    .plan = plan,
    .callbacks = callbacks,
    .n = (gsize) limn_tensor_count (x),
    .x = limn_tensor_f32 (x),
    .noise_estimate = limn_tensor_f32 (noise),
    .random = limn_tensor_f32 (random),
  };

  for (int i = 0; i < plan->n_steps; i++)
    {
      LimnArenaMark mark = limn_run_mark (run);
      LimnTensor *x0 = &estimates[i % 2];
      gboolean go_on = evaluate (run, plan, callbacks, i, x, limn_tensor_f32 (x0),
                                 limn_tensor_f32 (noise));

      if (go_on)
        {
          sampling.x0 = limn_tensor_f32 (x0);
          sampling.previous = limn_tensor_f32 (&estimates[(i + 1) % 2]);
          plan->strategy->step (&sampling, i);
          if (callbacks->step != NULL)
            go_on = callbacks->step (run, i, plan->n_steps, x, x0, callbacks->user_data);
        }
      limn_run_release (run, mark);
      if (!go_on || !limn_run_ok (run))
        return FALSE;
    }
  return TRUE;
}

gboolean
limn_sample (LimnRun *run, const LimnSamplerPlan *plan, LimnTensor *x,
             const LimnSamplerCallbacks *callbacks)
{
  LimnArenaMark mark;
  LimnTensor estimates[2], noise, random;
  gboolean done = FALSE;

  if (!limn_run_ok (run) || limn_tensor_is_empty (x))
    return FALSE;
  mark = limn_run_mark (run);
  estimates[0] = limn_run_tensor (run, x->n_dims, x->extent);
  estimates[1] = limn_run_tensor (run, x->n_dims, x->extent);
  noise = limn_run_tensor (run, x->n_dims, x->extent);
  random = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_run_ok (run))
    done = run_steps (run, plan, x, callbacks, estimates, &noise, &random);
  limn_run_release (run, mark);
  return done;
}
