/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/diffusion/guidance.h"
#include "engine/diffusion/sampler.h"
#include "engine/tensor/kernels.h"
#include "tests/unit/tensor-testing.h"

#define N_TIMESTEPS 1000

static void
usual_schedule (float *alphas)
{
  limn_schedule_alphas_cumprod (LIMN_BETAS_LINEAR, 0.00085, 0.012, N_TIMESTEPS, alphas);
}

/* ---- Schedules ------------------------------------------------------------------------------ */

static void
test_alphas (void)
{
  for (int betas = LIMN_BETAS_LINEAR; betas <= LIMN_BETAS_SQRT; betas++)
    {
      float alphas[N_TIMESTEPS];

      limn_schedule_alphas_cumprod ((LimnBetas) betas, 0.0001, 0.02, N_TIMESTEPS, alphas);
      for (int t = 0; t < N_TIMESTEPS; t++)
        {
          g_assert_cmpfloat (alphas[t], <, t> 0 ? alphas[t - 1] : 1.0f);
          g_assert_cmpfloat (alphas[t], >=, 0.0f);
        }
    }
}

static void
test_timesteps (void)
{
  int out[N_TIMESTEPS];

  for (int spacing = LIMN_SPACING_DEFAULT; spacing <= LIMN_SPACING_TRAILING; spacing++)
    for (int steps = 1; steps <= N_TIMESTEPS; steps += steps < 60 ? 1 : 13)
      {
        int n = limn_schedule_timesteps ((LimnSpacing) spacing, N_TIMESTEPS, steps, out);

        if (spacing == LIMN_SPACING_UNIFORM)
          g_assert_cmpint (n, >=, steps);
        else
          g_assert_cmpint (n, ==, steps);
        for (int i = 0; i < n; i++)
          {
            g_assert_cmpint (out[i], >=, 0);
            g_assert_cmpint (out[i], <, N_TIMESTEPS);
            if (i > 0)
              g_assert_cmpint (out[i], <=, out[i - 1]);
          }
      }
}

static void
test_karras (void)
{
  double levels[33];

  for (int n = 2; n <= 33; n++)
    {
      limn_schedule_karras (0.03, 14.6, n, levels);
      g_assert_cmpfloat_with_epsilon (levels[0], 14.6, 1e-9);
      g_assert_cmpfloat_with_epsilon (levels[n - 1], 0.03, 1e-9);
      for (int i = 1; i < n; i++)
        g_assert_cmpfloat (levels[i], <, levels[i - 1]);
    }
}

static void
test_sigma_to_t (void)
{
  float alphas[N_TIMESTEPS];

  usual_schedule (alphas);
  for (int t = 0; t < N_TIMESTEPS; t++)
    g_assert_cmpfloat_with_epsilon (limn_schedule_sigma_to_t (alphas, N_TIMESTEPS,
                                                              limn_schedule_sigma (alphas[t])),
                                    t, 1e-6);
  g_assert_cmpfloat (limn_schedule_sigma_to_t (alphas, N_TIMESTEPS, 1e-9), ==, 0.0);
  g_assert_cmpfloat (limn_schedule_sigma_to_t (alphas, N_TIMESTEPS, 1e9), ==, N_TIMESTEPS - 1);
}

/* ---- A network with a known answer ---------------------------------------------------------- */

/*
 * Data that are normal with mean @mean and deviation @spread in every element have a known score:
 * the exact prediction at (x, level) is below, and the probability flow that the deterministic
 * samplers follow moves x along a straight family: (x - alpha mean) / sqrt (alpha^2 spread^2 +
 * sigma^2) stays as it is.
 */
#define LATE_LEVEL(n_steps) ((n_steps) *4 / 5)

typedef struct
{
  const LimnSamplerPlan *plan;
  float mean, spread;
  int calls, stop_at, cancel_at, nan_at;
  GCancellable *cancellable;
  gsize peak;
  LimnArena *arena;
  float late[60]; /* state at LATE_LEVEL */
} Toy;

static LimnTensor
denoise (LimnRun *run, const LimnTensor *x, float t, gpointer user_data)
{
  Toy *toy = user_data;
  int i = toy->calls++;
  double a = toy->plan->alpha[i], s = toy->plan->sigma[i];
  LimnTensor out = limn_run_tensor (run, x->n_dims, x->extent);

  g_assert_cmpfloat (t, ==, toy->plan->timesteps[i]);
  if (i == toy->cancel_at)
    g_cancellable_cancel (toy->cancellable);
  for (gint64 k = 0; !limn_tensor_is_empty (&out) && k < limn_tensor_count (x); k++)
    {
      double v = limn_tensor_f32 (x)[k];
      double variance = a * a * toy->spread * toy->spread + s * s;
      double noise = s * (v - a * toy->mean) / variance;
      double x0 = (v - s * noise) / a;

      switch (toy->plan->params.prediction)
        {
        case LIMN_PREDICT_V:
          limn_tensor_f32 (&out)[k] = (float) (a * noise - s * x0);
          break;
        case LIMN_PREDICT_X0:
          limn_tensor_f32 (&out)[k] = (float) x0;
          break;
        default:
          limn_tensor_f32 (&out)[k] = (float) noise;
          break;
        }
      if (i == toy->nan_at)
        limn_tensor_f32 (&out)[k] = NAN;
    }
  return out;
}

static gboolean
watch_step (LimnRun *run, int step, int n_steps, LimnTensor *x, const LimnTensor *x0,
            gpointer user_data)
{
  Toy *toy = user_data;

  g_assert_cmpint (step + 1, ==, toy->calls);
  g_assert_cmpint (n_steps, ==, toy->plan->n_steps);
  g_assert_true (limn_tensor_same_shape (x, x0));
  if (step == 0)
    toy->peak = limn_arena_get_peak (toy->arena);
  if (step + 1 == LATE_LEVEL (n_steps))
    memcpy (toy->late, x->data, sizeof toy->late);
  return step != toy->stop_at;
}

typedef struct
{
  const char *sampler;
  int steps;
  float strength, eta, mean, spread;
  LimnPrediction prediction;
} Setting;

static LimnSamplerPlan *
plan_for (const Setting *setting)
{
  static float alphas[N_TIMESTEPS];
  g_autoptr (GError) error = NULL;
  LimnSamplerParams params;
  LimnSamplerPlan *plan;

  usual_schedule (alphas);
  limn_sampler_params_init (&params, alphas, N_TIMESTEPS);
  params.sampler = setting->sampler;
  params.steps = setting->steps;
  params.strength = setting->strength > 0 ? setting->strength : 1.0f;
  params.eta = setting->eta;
  params.prediction = setting->prediction;
  plan = limn_sampler_plan_new (&params, &error);
  g_assert_no_error (error);
  return plan;
}

/* Largest distance of @x from where the exact flow from @start has come to at @level. */
static double
distance (const Toy *toy, const float *start, const float *x, int level)
{
  const LimnSamplerPlan *plan = toy->plan;
  double spread = toy->spread, worst = 0.0;
  double first = hypot (plan->alpha[0] * spread, plan->sigma[0]);
  double here = hypot (plan->alpha[level] * spread, plan->sigma[level]);

  for (int k = 0; k < 60; k++)
    worst = MAX (worst, fabs (x[k] - plan->alpha[level] * toy->mean
                              - (start[k] - plan->alpha[0] * toy->mean) / first * here));
  return worst;
}

/* Runs from noise; the distance at the end, and at four fifths of the way: the last step, to no
 * noise at all, is of first order with every solver. */
static void
flow_error (const Setting *setting, double *at_end, double *late)
{
  g_autoptr (LimnSamplerPlan) plan = plan_for (setting);
  g_auto (TestRun) test = { 0 };
  Toy toy = { .plan = plan,
              .mean = setting->mean,
              .spread = setting->spread,
              .stop_at = -1,
              .cancel_at = -1,
              .nan_at = -1 };
  LimnSamplerCallbacks callbacks = {
    .denoise = denoise, .step = watch_step, .seed = 5, .user_data = &toy
  };
  float start[60], x[60];
  LimnTensor state = limn_tensor_4d (LIMN_DTYPE_F32, x, 1, 3, 5, 4);

  test_run_init (&test, 1, NULL, NULL);
  toy.arena = test.arena;
  limn_noise_normal (1, LIMN_NOISE_START, start, G_N_ELEMENTS (start));
  memcpy (x, start, sizeof x);
  limn_sampler_start (plan, &state, NULL);
  g_assert_true (limn_sample (&test.run, plan, &state, &callbacks));
  /* Nothing was allocated after the first step. */
  g_assert_cmpuint (limn_arena_get_peak (test.arena), ==, toy.peak);
  *at_end = distance (&toy, start, x, plan->n_steps);
  *late = distance (&toy, start, toy.late, LATE_LEVEL (plan->n_steps));
}

/* Data that are a single point are reached whatever the sampler, the number of steps and the
 * parameterisation. */
static void
test_point (void)
{
  for (const LimnSamplerInfo *info = limn_sampler_list (); info->name != NULL; info++)
    for (int prediction = LIMN_PREDICT_EPSILON; prediction <= LIMN_PREDICT_X0; prediction++)
      for (int steps = 1; steps <= 33; steps = steps * 2 + 1)
        {
          Setting setting = { info->name, steps, .mean = 0.7f, .spread = 0.0f,
                              .prediction = (LimnPrediction) prediction };
          double at_end, late;

          g_assert_true (limn_sampler_is_known (info->name));
          flow_error (&setting, &at_end, &late);
          g_assert_cmpfloat (at_end, <, 2e-4);
        }
}

/* The error falls with the number of steps, linearly for DDIM and quadratically for DPM++ 2M. */
static void
test_order (void)
{
  const struct
  {
    const char *sampler;
    double least_gain;
  } rows[] = {
    { "ddim", 1.7 },
    { "dpmpp_2m", 3.5 },
    { "dpmpp_2m_karras", 3.5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Setting coarse = { rows[i].sampler, 25, .mean = 0.3f, .spread = 0.5f }, fine = coarse;

      double end, coarse_error, fine_error;

      fine.steps = 50;
      flow_error (&coarse, &end, &coarse_error);
      flow_error (&fine, &end, &fine_error);
      g_test_message ("%s: %g with 25 steps, %g with 50", rows[i].sampler, coarse_error,
                      fine_error);
      g_assert_cmpfloat (coarse_error, >, rows[i].least_gain * fine_error);
    }
}

/* ---- Plans ---------------------------------------------------------------------------------- */

static void
test_strength (void)
{
  const struct
  {
    int steps;
    float strength;
    int n_steps;
  } rows[] = {
    { 10, 1.0f, 10 }, { 10, 0.7f, 7 }, { 10, 0.3f, 3 },
    { 10, 0.01f, 1 }, { 1, 0.5f, 1 },  { 7, 0.99f, 6 },
  };

  for (const LimnSamplerInfo *info = limn_sampler_list (); info->name != NULL; info++)
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        Setting setting = { info->name, rows[i].steps, rows[i].strength },
                whole_setting = { info->name, rows[i].steps };
        g_autoptr (LimnSamplerPlan) plan = plan_for (&setting);
        g_autoptr (LimnSamplerPlan) whole = plan_for (&whole_setting);

        g_assert_cmpint (plan->n_steps, ==, rows[i].n_steps);
        g_assert_cmpint (plan->first_step, ==, rows[i].steps - rows[i].n_steps);
        for (int k = 0; k <= plan->n_steps; k++)
          {
            g_assert_cmpfloat (plan->alpha[k], ==, whole->alpha[k + plan->first_step]);
            g_assert_cmpfloat_with_epsilon (plan->alpha[k] * plan->alpha[k]
                                                + plan->sigma[k] * plan->sigma[k],
                                            1.0, 1e-6);
          }
      }
}

static void
test_start (void)
{
  Setting setting = { "ddim", 10, 0.5f }, whole_setting = { "ddim", 10 };
  g_autoptr (LimnSamplerPlan) plan = plan_for (&setting);
  g_autoptr (LimnSamplerPlan) whole = plan_for (&whole_setting);
  float noise[] = { 1, -2, 3, 0.5f }, clean[] = { 4, 3, 2, 1 };
  LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, noise, 1, 1, 2, 2);
  LimnTensor x0 = limn_tensor_4d (LIMN_DTYPE_F32, clean, 1, 1, 2, 2);

  limn_sampler_start (whole, &x, &x0);
  g_assert_cmpfloat (noise[1], ==, -2);
  limn_sampler_start (plan, &x, &x0);
  g_assert_cmpfloat_with_epsilon (noise[1], plan->alpha[0] * 3 + plan->sigma[0] * -2, 1e-6);
  g_assert_cmpfloat_with_epsilon (noise[3], plan->alpha[0] * 1 + plan->sigma[0] * 0.5, 1e-6);
}

static void
test_bad_params (void)
{
  float alphas[N_TIMESTEPS];
  LimnSamplerParams good, bad;
  struct
  {
    const char *sampler;
    int steps;
    float strength, eta;
  } rows[] = {
    { "nothing", 10, 1, 0 }, { NULL, 10, 1, 0 },     { "ddim", 0, 1, 0 },
    { "ddim", -5, 1, 0 },    { "ddim", 1001, 1, 0 }, { "ddim", 10, 0, 0 },
    { "ddim", 10, 1.1f, 0 }, { "ddim", 10, NAN, 0 }, { "ddim", 10, 1, -1 },
    { "ddim", 10, 1, NAN },
  };

  usual_schedule (alphas);
  limn_sampler_params_init (&good, alphas, N_TIMESTEPS);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      bad = good;
      bad.sampler = rows[i].sampler;
      bad.steps = rows[i].steps;
      bad.strength = rows[i].strength;
      bad.eta = rows[i].eta;
      g_assert_null (limn_sampler_plan_new (&bad, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* ---- The loop ------------------------------------------------------------------------------- */

/* Runs 10 steps over @n elements; the result is copied to @out. */
static gboolean
sample (const Setting *setting, Toy *toy, guint64 seed, int n_threads, float *out, GError **error)
{
  g_autoptr (LimnSamplerPlan) plan = plan_for (setting);
  g_auto (TestRun) test = { 0 };
  LimnSamplerCallbacks callbacks = {
    .denoise = denoise, .step = watch_step, .seed = seed, .user_data = toy
  };
  LimnTensor state = limn_tensor_4d (LIMN_DTYPE_F32, out, 1, 3, 5, 4);
  gboolean done;

  test_run_init (&test, n_threads, NULL, toy->cancellable);
  toy->plan = plan;
  toy->arena = test.arena;
  limn_noise_normal (seed, LIMN_NOISE_START, out, 60);
  done = limn_sample (&test.run, plan, &state, &callbacks);
  if (!done)
    limn_run_check (&test.run, error);
  return done;
}

#define TOY                                                                                        \
  {                                                                                                \
    .mean = 0.2f, .spread = 0.6f, .stop_at = -1, .cancel_at = -1, .nan_at = -1                     \
  }

static void
test_same_bits (void)
{
  Setting setting = { "ddim", 10, .eta = 1.0f };
  float first[60], again[60];

  for (int n_threads = 1; n_threads <= 4; n_threads *= 2)
    {
      Toy toy = TOY;

      g_assert_true (sample (&setting, &toy, 3, n_threads, n_threads == 1 ? first : again, NULL));
      if (n_threads > 1)
        g_assert_cmpmem (first, sizeof first, again, sizeof again);
    }
  for (guint64 seed = 4; seed < 8; seed++)
    {
      Toy toy = TOY;

      g_assert_true (sample (&setting, &toy, seed, 1, again, NULL));
      g_assert_true (memcmp (first, again, sizeof first) != 0);
    }
}

/* With eta the way is another one. */
static void
test_eta (void)
{
  Setting still = { "ddim", 10 }, noisy = { "ddim", 10, .eta = 1.0f };
  float a[60], b[60];
  Toy toy_a = TOY, toy_b = TOY;

  g_assert_true (sample (&still, &toy_a, 3, 1, a, NULL));
  g_assert_true (sample (&noisy, &toy_b, 3, 1, b, NULL));
  g_assert_true (memcmp (a, b, sizeof a) != 0);
}

static void
test_cancel (void)
{
  for (const LimnSamplerInfo *info = limn_sampler_list (); info->name != NULL; info++)
    for (int at = 0; at < 10; at += 3)
      {
        Setting setting = { info->name, 10 };
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        g_autoptr (GError) error = NULL;
        float x[60];
        Toy toy = TOY;

        toy.cancel_at = at;
        toy.cancellable = cancellable;
        g_assert_false (sample (&setting, &toy, 1, 2, x, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_assert_cmpint (toy.calls, ==, at + 1);
      }
}

/* A step function that stops leaves no error. */
static void
test_stop (void)
{
  Setting setting = { "dpmpp_2m", 10 };
  g_autoptr (GError) error = NULL;
  float x[60];
  Toy toy = TOY;

  toy.stop_at = 4;
  g_assert_false (sample (&setting, &toy, 1, 1, x, &error));
  g_assert_no_error (error);
  g_assert_cmpint (toy.calls, ==, 5);
}

static void
test_not_a_number (void)
{
  Setting setting = { "ddim", 10 };
  g_autoptr (GError) error = NULL;
  float x[60];
  Toy toy = TOY;

  toy.nan_at = 2;
  g_assert_false (sample (&setting, &toy, 1, 1, x, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
  g_assert_cmpint (toy.calls, ==, 3);
}

/* ---- Guidance ------------------------------------------------------------------------------- */

/* Predicts the first number of each sample's context. */
static LimnTensor
predict_context (LimnRun *run, const LimnTensor *x, const float *t, const LimnTensor *context,
                 gpointer user_data)
{
  int *batch = user_data;
  LimnTensor out = limn_run_tensor (run, x->n_dims, x->extent);
  gint64 n = limn_tensor_count (x) / x->extent[0];

  *batch = (int) x->extent[0];
  for (gint64 i = 0; i < x->extent[0]; i++)
    {
      g_assert_cmpfloat (t[i], ==, 7.5f);
      for (gint64 k = 0; k < n; k++)
        limn_tensor_f32 (&out)[i * n + k]
            = context != NULL
                  ? limn_tensor_f32 (context)[i * context->extent[1] * context->extent[2]]
                  : -1.0f;
    }
  return out;
}

static void
test_guidance (void)
{
  const struct
  {
    gboolean cond, uncond;
    float scale;
    int batch;
    float want;
  } rows[] = {
    { TRUE, TRUE, 3.0f, 2, 2.0f + 3.0f * (5.0f - 2.0f) },
    { TRUE, TRUE, 1.0f, 1, 5.0f },
    { TRUE, TRUE, 0.0f, 2, 2.0f },
    { TRUE, FALSE, 3.0f, 1, 5.0f },
    { FALSE, FALSE, 3.0f, 1, -1.0f },
  };
  float cond_data[] = { 5, 0, 0, 0 }, uncond_data[] = { 2, 0, 0, 0 }, x_data[24] = { 0 };
  LimnTensor cond = limn_tensor_3d (LIMN_DTYPE_F32, cond_data, 1, 2, 2);
  LimnTensor uncond = limn_tensor_3d (LIMN_DTYPE_F32, uncond_data, 1, 2, 2);
  LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, x_data, 1, 2, 3, 4);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnGuidance guidance;
      LimnTensor out;
      int batch = 0;

      test_run_init (&test, 1, NULL, NULL);
      limn_guidance_init (&guidance, &test.run, rows[i].cond ? &cond : NULL,
                          rows[i].uncond ? &uncond : NULL, rows[i].scale, predict_context, &batch);
      out = limn_guidance_predict (&guidance, &test.run, &x, 7.5f);
      g_assert_cmpint (batch, ==, rows[i].batch);
      g_assert_true (limn_tensor_same_shape (&out, &x));
      for (int k = 0; k < 24; k++)
        g_assert_cmpfloat (limn_tensor_f32 (&out)[k], ==, rows[i].want);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/schedule/alphas", test_alphas);
  g_test_add_func ("/diffusion/schedule/timesteps", test_timesteps);
  g_test_add_func ("/diffusion/schedule/karras", test_karras);
  g_test_add_func ("/diffusion/schedule/sigma-to-t", test_sigma_to_t);
  g_test_add_func ("/diffusion/sampler/point", test_point);
  g_test_add_func ("/diffusion/sampler/order", test_order);
  g_test_add_func ("/diffusion/sampler/strength", test_strength);
  g_test_add_func ("/diffusion/sampler/start", test_start);
  g_test_add_func ("/diffusion/sampler/bad-params", test_bad_params);
  g_test_add_func ("/diffusion/sampler/same-bits", test_same_bits);
  g_test_add_func ("/diffusion/sampler/eta", test_eta);
  g_test_add_func ("/diffusion/sampler/cancel", test_cancel);
  g_test_add_func ("/diffusion/sampler/stop", test_stop);
  g_test_add_func ("/diffusion/sampler/not-a-number", test_not_a_number);
  g_test_add_func ("/diffusion/guidance", test_guidance);
  return g_test_run ();
}
