/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/diffusion-testing.h"

#include <math.h>
#include <string.h>

void
toy_schedule (float *alphas, gboolean zero_snr)
{
  limn_schedule_alphas_cumprod (LIMN_BETAS_LINEAR, 0.00085, 0.012, TOY_TIMESTEPS, alphas);
  if (zero_snr)
    limn_schedule_zero_terminal_snr (alphas, TOY_TIMESTEPS);
}

LimnSamplerPlan *
toy_plan (const ToySetting *setting, float *alphas, GError **error)
{
  LimnSamplerParams params;

  toy_schedule (alphas, setting->zero_snr);
  limn_sampler_params_init (&params, alphas, TOY_TIMESTEPS);
  params.sampler = setting->sampler;
  params.steps = setting->steps;
  params.strength = setting->strength > 0.0f ? setting->strength : 1.0f;
  params.prediction = setting->prediction;
  if (setting->set_eta)
    params.eta = setting->eta;
  params.order = setting->order;
  params.end_low = setting->end_low;
  return limn_sampler_plan_new (&params, error);
}

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Toy *toy = user_data;
  int e = toy->calls++;
  const LimnEvaluation *at = &toy->plan->evaluations[e];
  double a = at->alpha, s = at->sigma, variance = a * a * toy->spread * toy->spread + s * s;
  LimnTensor out = limn_run_tensor (run, x->n_dims, x->extent);

  g_assert_cmpint (e, <, toy->plan->n_evaluations);
  g_assert_cmpfloat (t, ==, at->t);
  if (e == toy->cancel_at)
    g_cancellable_cancel (toy->cancellable);
  for (gint64 k = 0; !limn_tensor_is_empty (&out) && k < limn_tensor_count (x); k++)
    {
      double off = limn_tensor_f32 (x)[k] - a * toy->mean;
      double noise = s * off / variance;
      double x0 = toy->mean + a * toy->spread * toy->spread * off / variance;
      double said[] = { [LIMN_PREDICT_EPSILON] = noise,
                        [LIMN_PREDICT_V] = a * noise - s * x0,
                        [LIMN_PREDICT_X0] = x0 };

      limn_tensor_f32 (&out)[k]
          = e == toy->nan_at ? NAN : (float)said[toy->plan->params.prediction];
    }
  return out;
}

static gboolean
watch_step (LimnRun *run G_GNUC_UNUSED,
            int step,
            int n_steps,
            LimnTensor *x,
            const LimnTensor *x0,
            gpointer user_data)
{
  Toy *toy = user_data;
  const LimnSamplerPlan *plan = toy->plan;

  g_assert_cmpint (n_steps, ==, plan->n_steps);
  g_assert_cmpint (plan->evaluations[toy->calls - 1].step, ==, step);
  if (toy->calls < plan->n_evaluations)
    g_assert_cmpint (plan->evaluations[toy->calls].step, ==, step + 1);
  g_assert_true (limn_tensor_same_shape (x, x0));
  if (step == 0)
    toy->peak = limn_arena_get_peak (toy->arena);
  if (step + 1 == TOY_LATE_LEVEL (n_steps))
    memcpy (toy->late, x->data, sizeof toy->late);
  return step != toy->stop_at;
}

static void
give_impulse (int evaluation, float *out, gsize n, gpointer user_data)
{
  Toy *toy = user_data;

  g_assert_cmpint (evaluation, ==, toy->calls - 1);
  g_assert_cmpint (evaluation, >, toy->last_draw);
  g_assert_cmpuint (evaluation + 1, <, n);
  toy->last_draw = evaluation;
  toy->draws++;
  memset (out, 0, n * sizeof *out);
  out[evaluation + 1] = 1.0f;
}

gboolean
toy_run (Toy *toy,
         const LimnSamplerPlan *plan,
         guint64 seed,
         int n_threads,
         float *x,
         GError **error)
{
  g_auto (TestRun) test = { 0 };
  LimnSamplerCallbacks callbacks
      = { .denoise = denoise, .step = watch_step, .seed = seed, .user_data = toy };
  LimnTensor state = limn_tensor_4d (LIMN_DTYPE_F32, x, 1, 5, 10, 4);
  gboolean done;

  test_run_init (&test, n_threads, NULL, toy->cancellable);
  toy->plan = plan;
  toy->arena = test.arena;
  toy->calls = toy->draws = 0;
  toy->last_draw = -1;
  if (toy->impulses)
    callbacks.noise = give_impulse;
  done = limn_sample (&test.run, plan, &state, &callbacks);
  if (!done)
    {
      limn_run_check (&test.run, error);
      return FALSE;
    }
  g_assert_cmpint (toy->calls, ==, plan->n_evaluations);
  g_assert_cmpuint (limn_arena_get_peak (test.arena), ==, toy->peak);
  return TRUE;
}
