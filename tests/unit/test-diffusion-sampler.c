/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/unit/diffusion-testing.h"

/* For each sampler of the list. */
#define EACH_SAMPLER(info)                                                                         \
  const LimnSamplerInfo *info = limn_sampler_list ();                                              \
  info->name != NULL;                                                                              \
  info++

static LimnSamplerPlan *
plan_for (const ToySetting *setting, float *alphas)
{
  g_autoptr (GError) error = NULL;
  LimnSamplerPlan *plan = toy_plan (setting, alphas, &error);

  g_assert_no_error (error);
  return plan;
}

/* The state before the first step. */
static void
start (const LimnSamplerPlan *plan, guint64 seed, float *x)
{
  LimnTensor state = limn_tensor_4d (LIMN_DTYPE_F32, x, 1, 5, 10, 4);

  limn_noise_normal (seed, LIMN_NOISE_START, x, TOY_SIZE);
  limn_sampler_start (plan, &state, NULL);
}

static gboolean
sample (const ToySetting *setting, Toy *toy, guint64 seed, int n_threads, float *x, GError **error)
{
  float alphas[TOY_TIMESTEPS];
  g_autoptr (LimnSamplerPlan) plan = plan_for (setting, alphas);

  start (plan, 1, x);
  return toy_run (toy, plan, seed, n_threads, x, error);
}

static gboolean
is_stochastic (const char *name)
{
  return strstr (name, "_sde") != NULL || g_str_has_prefix (name, "euler_a")
         || g_str_has_prefix (name, "lcm") || g_str_has_prefix (name, "tcd");
}

/* ---- Names ---------------------------------------------------------------------------------- */

static void
test_list (void)
{
  const char *const wanted[] = {
    "ddim",
    "plms",
    "euler",
    "euler_a",
    "heun",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_sde",
    "unipc",
    "lcm",
    "tcd",
    "dpmpp_2m_karras",
    "euler_exponential",
    "heun_trailing",
    "ddim_trailing",
  };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);
  float alphas[TOY_TIMESTEPS];

  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 5 };
      g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);

      g_assert_true (limn_sampler_is_known (info->name));
      g_assert_cmpstr (plan->params.sampler, ==, info->name);
      g_assert_true (g_hash_table_add (names, (gpointer)info->name));
      g_assert_true (g_hash_table_add (titles, (gpointer)info->title));
    }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_true (g_hash_table_contains (names, wanted[i]));
}

static void
test_names (void)
{
  const char *const unknown[] = { "",
                                  "_karras",
                                  "euler_",
                                  "euler_none",
                                  "eulerkarras",
                                  "lcm_karras",
                                  "ddim_karras",
                                  "euler_karras_karras",
                                  "EULER",
                                  NULL };
  ToySetting setting = { "euler_sgm_uniform", 5 };
  float alphas[TOY_TIMESTEPS];
  g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);

  g_assert_cmpstr (plan->params.sampler, ==, "euler_trailing");
  g_assert_false (limn_sampler_is_known (NULL));
  for (guint i = 0; unknown[i] != NULL; i++)
    g_assert_false (limn_sampler_is_known (unknown[i]));
}

/* ---- Plans ---------------------------------------------------------------------------------- */

/* Levels fall, evaluations belong to the steps in order, and what the network is told is a
 * timestep. */
static void
check_plan (const LimnSamplerPlan *plan)
{
  int step = -1;

  for (int e = 0; e < plan->n_evaluations; e++)
    {
      const LimnEvaluation *at = &plan->evaluations[e];

      g_assert_cmpint (at->step, ==, step + (at->again ? 0 : 1));
      step = at->step;
      g_assert_cmpfloat (at->t, >=, 0.0f);
      g_assert_cmpfloat (at->t, <=, TOY_TIMESTEPS - 1);
      g_assert_cmpfloat (at->sigma, >, 0.0);
      g_assert_cmpfloat_with_epsilon (hypot (at->alpha, at->sigma), 1.0, 1e-6);
      if (!at->again)
        g_assert_cmpfloat (at->t, ==, plan->timesteps[step]);
    }
  g_assert_cmpint (step, ==, plan->n_steps - 1);
  for (int i = 0; i <= plan->n_steps; i++)
    {
      g_assert_cmpfloat_with_epsilon (hypot (plan->alpha[i], plan->sigma[i]), 1.0, 1e-6);
      if (i > 0)
        g_assert_cmpfloat (plan->alpha[i], >=, plan->alpha[i - 1]);
    }
}

static void
test_plans (void)
{
  const int steps[] = { 1, 2, 3, 4, 5, 7, 8, 20, 49, 50, 51, 333, 500, 501, 999, 1000 };
  float alphas[TOY_TIMESTEPS];

  for (EACH_SAMPLER (info))
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      {
        ToySetting setting = { info->name, steps[i] };
        g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);

        g_assert_cmpint (plan->n_steps, ==, steps[i]);
        g_assert_cmpint (plan->first_step, ==, 0);
        check_plan (plan);
      }
}

/* A single step starts where the noise is greatest, whatever the sampler. */
static void
test_one_step (void)
{
  float alphas[TOY_TIMESTEPS];

  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 1 };
      g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);

      g_assert_cmpfloat (plan->timesteps[0], ==, TOY_TIMESTEPS - 1.0f);
      g_assert_cmpint (plan->n_evaluations, ==, 1);
    }
}

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
  float alphas[TOY_TIMESTEPS];

  for (EACH_SAMPLER (info))
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        ToySetting setting = { info->name, rows[i].steps, rows[i].strength },
                   whole_setting = { info->name, rows[i].steps };
        g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);
        g_autoptr (LimnSamplerPlan) whole = plan_for (&whole_setting, alphas);

        check_plan (plan);
        g_assert_cmpint (plan->n_steps, ==, rows[i].n_steps);
        g_assert_cmpint (plan->first_step, ==, rows[i].steps - rows[i].n_steps);
        for (int k = 0; k <= plan->n_steps; k++)
          g_assert_cmpfloat (plan->alpha[k], ==, whole->alpha[k + plan->first_step]);
        for (int k = 0; k < plan->n_steps; k++)
          g_assert_cmpfloat (plan->timesteps[k], ==, whole->timesteps[k + plan->first_step]);
      }
}

static void
test_start (void)
{
  const struct
  {
    const char *sampler;
    gboolean scaled;
  } rows[]
      = { { "ddim", FALSE }, { "dpmpp_2m", FALSE },   { "unipc_karras", FALSE },   { "lcm", FALSE },
          { "euler", TRUE }, { "heun_karras", TRUE }, { "euler_a_trailing", TRUE } };
  float alphas[TOY_TIMESTEPS];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ToySetting setting = { rows[i].sampler, 10, 0.5f }, whole_setting = { rows[i].sampler, 10 };
      g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);
      g_autoptr (LimnSamplerPlan) whole = plan_for (&whole_setting, alphas);
      float noise[] = { 1, -2, 3, 0.5f }, again[] = { 1, -2, 3, 0.5f }, clean[] = { 4, 3, 2, 1 };
      LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, noise, 1, 1, 2, 2);
      LimnTensor y = limn_tensor_4d (LIMN_DTYPE_F32, again, 1, 1, 2, 2);
      LimnTensor x0 = limn_tensor_4d (LIMN_DTYPE_F32, clean, 1, 1, 2, 2);

      limn_sampler_start (whole, &x, &x0);
      g_assert_cmpfloat (whole->start, ==, rows[i].scaled ? whole->sigma[0] : 1.0);
      g_assert_cmpfloat_with_epsilon (noise[1], -2 * whole->start, 1e-6);
      limn_sampler_start (plan, &y, &x0);
      g_assert_cmpfloat_with_epsilon (again[1], plan->alpha[0] * 3 + plan->sigma[0] * -2, 1e-6);
      g_assert_cmpfloat_with_epsilon (again[3], plan->alpha[0] * 1 + plan->sigma[0] * 0.5, 1e-6);
    }
}

static void
test_bad_params (void)
{
  float alphas[TOY_TIMESTEPS];
  LimnSamplerParams good, bad;
  struct
  {
    const char *sampler;
    int steps;
    float strength, eta;
    int order;
  } rows[] = {
    { "nothing", 10, 1, 0 },   { NULL, 10, 1, 0 },      { "ddim", 0, 1, 0 },
    { "ddim", -5, 1, 0 },      { "ddim", 1001, 1, 0 },  { "ddim", 10, 0, 0 },
    { "ddim", 10, 1.1f, 0 },   { "ddim", 10, NAN, 0 },  { "ddim", 10, 1, -0.5f },
    { "ddim", 10, 1, NAN },    { "ddim", 10, 1, 1.5f }, { "unipc", 10, 1, 0, 4 },
    { "unipc", 10, 1, 0, -1 },
  };

  toy_schedule (alphas, FALSE);
  limn_sampler_params_init (&good, alphas, TOY_TIMESTEPS);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      bad = good;
      bad.sampler = rows[i].sampler;
      bad.steps = rows[i].steps;
      bad.strength = rows[i].strength;
      bad.eta = rows[i].eta;
      bad.order = rows[i].order;
      g_assert_null (limn_sampler_plan_new (&bad, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* ---- Every sampler, schedule and prediction -------------------------------------------------- */

/* A network that predicts noise has nothing to say of x0 where there is only noise; samplers that
 * start exactly there refuse it. */
static gboolean
is_refused (const ToySetting *setting)
{
  static const char *const exact[] = { "ddim_trailing", "lcm", "tcd", "ddim", "plms" };
  /* The last two start before the end, unless they do only one step. */
  guint n_exact = setting->steps == 1 ? 5 : 3;

  if (!setting->zero_snr || setting->prediction != LIMN_PREDICT_EPSILON
      || (setting->strength < 1.0f && setting->steps > 1))
    return FALSE;
  for (guint i = 0; i < n_exact; i++)
    if (strcmp (exact[i], setting->sampler) == 0)
      return TRUE;
  return FALSE;
}

static void
check_finite (const ToySetting *setting)
{
  float alphas[TOY_TIMESTEPS], x[TOY_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnSamplerPlan) plan = toy_plan (setting, alphas, &error);
  Toy toy = TOY_INIT;

  if (is_refused (setting))
    {
      g_assert_null (plan);
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      return;
    }
  g_assert_no_error (error);
  start (plan, 1, x);
  toy_run (&toy, plan, 1, 1, x, &error);
  g_assert_no_error (error);
  for (int k = 0; k < TOY_SIZE; k++)
    if (!isfinite (x[k]))
      g_error ("%s, %d steps, strength %g, prediction %d: not a number", setting->sampler,
               setting->steps, setting->strength, setting->prediction);
}

static void
test_finite (void)
{
  const int steps[] = { 1, 2, 3, 4, 5 };

  for (EACH_SAMPLER (info))
    for (int prediction = LIMN_PREDICT_EPSILON; prediction <= LIMN_PREDICT_X0; prediction++)
      for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
        for (int variant = 0; variant < 8; variant++)
          check_finite (&(ToySetting){
              .sampler = info->name,
              .steps = steps[i],
              .strength = (variant & 1) != 0 ? 0.5f : 1.0f,
              .prediction = (LimnPrediction)prediction,
              .zero_snr = (variant & 2) != 0,
              .end_low = (variant & 4) != 0,
              .order = 3,
          });
}

/* More steps than there are different timesteps, so that some do not move. */
static void
test_finite_dense (void)
{
  for (EACH_SAMPLER (info))
    for (int steps = 998; steps <= TOY_TIMESTEPS; steps++)
      check_finite (&(ToySetting){ .sampler = info->name, .steps = steps, .strength = 1.0f });
}

/* Trailing timesteps end without noise, or at the first timestep's level where that is asked for. */
static void
test_trailing_end (void)
{
  float alphas[TOY_TIMESTEPS];

  for (int end_low = 0; end_low <= 1; end_low++)
    {
      ToySetting setting = { "ddim_trailing", 5, .end_low = end_low };
      g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);
      double end = plan->alpha[plan->n_steps];

      g_assert_cmpfloat (fabs (end * end - (end_low ? (double)alphas[0] : 1.0)), <, 1e-9);
    }
}

/* Data that are a single point are reached whatever the sampler, the schedule, the number of steps
 * and the parameterisation; but for the noise that is left where the way ends with some. */
static void
test_point (void)
{
  float alphas[TOY_TIMESTEPS], x[TOY_SIZE];

  for (EACH_SAMPLER (info))
    for (int prediction = LIMN_PREDICT_EPSILON; prediction <= LIMN_PREDICT_X0; prediction++)
      for (int steps = 1; steps <= 33; steps = steps * 2 + 1)
        {
          ToySetting setting
              = { info->name, steps, .prediction = (LimnPrediction)prediction, .set_eta = TRUE };
          g_autoptr (LimnSamplerPlan) plan = plan_for (&setting, alphas);
          Toy toy = TOY_INIT;

          toy.mean = 0.7;
          toy.spread = 0.0;
          start (plan, 1, x);
          g_assert_true (toy_run (&toy, plan, 1, 1, x, NULL));
          for (int k = 0; k < TOY_SIZE; k++)
            {
              double left = 6.0 * plan->sigma[plan->n_steps];

              g_assert_cmpfloat (fabs (x[k] - 0.7 * plan->alpha[plan->n_steps]), <, 2e-4 + left);
            }
        }
}

/* ---- The loop -------------------------------------------------------------------------------- */

static void
test_same_bits (void)
{
  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 6 };
      float first[TOY_SIZE], again[TOY_SIZE];

      for (int n_threads = 1; n_threads <= 4; n_threads *= 2)
        {
          Toy toy = TOY_INIT;

          g_assert_true (
              sample (&setting, &toy, 3, n_threads, n_threads == 1 ? first : again, NULL));
          if (n_threads > 1)
            g_assert_cmpmem (first, sizeof first, again, sizeof again);
        }
    }
}

/* The same start with another seed: another way where there is noise on the way, and only there. */
static void
test_seed (void)
{
  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 6 };
      float first[TOY_SIZE], again[TOY_SIZE];
      Toy toy = TOY_INIT, other = TOY_INIT;

      g_assert_true (sample (&setting, &toy, 3, 1, first, NULL));
      g_assert_true (sample (&setting, &other, 4, 1, again, NULL));
      g_assert_true ((memcmp (first, again, sizeof first) != 0) == is_stochastic (info->name));
    }
}

/* How often noise is asked for: never twice for one evaluation, not where it is not used, and with
 * eta 0 not at all. */
static void
test_draws (void)
{
  const struct
  {
    const char *sampler;
    float eta;
    int draws;
  } rows[] = {
    { "ddim", 0, 0 },  { "ddim", 1, 5 },         { "ddim_trailing", 1, 4 },
    { "euler", 1, 4 }, { "euler_a", 1, 4 },      { "euler_a", 0, 0 },
    { "heun", 1, 0 },  { "dpmpp_2m_sde", 1, 4 }, { "dpmpp_2m_sde", 0, 0 },
    { "plms", 1, 0 },  { "dpmpp_2s_sde", 1, 4 }, { "dpmpp_2s_sde", 0, 0 },
    { "unipc", 1, 0 }, { "dpmpp_sde", 1, 8 },    { "dpmpp_sde", 0, 0 },
    { "lcm", 0, 4 },   { "tcd", 0.3f, 4 },       { "tcd", 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ToySetting setting = { rows[i].sampler, 5, .set_eta = TRUE, .eta = rows[i].eta };
      float x[TOY_SIZE];
      Toy toy = TOY_INIT;

      toy.impulses = TRUE;
      g_assert_true (sample (&setting, &toy, 3, 1, x, NULL));
      g_assert_cmpint (toy.draws, ==, rows[i].draws);
    }
}

/* Without noise the stochastic solvers go the way of the ordinary ones, to the last bits; where the
 * ordinary one writes its step differently, to rounding. */
static void
test_eta_zero (void)
{
  const char *const pairs[][2]
      = { { "dpmpp_2m_sde", "dpmpp_2m" }, { "dpmpp_2s_sde", "dpmpp_2s" }, { "euler_a", "euler" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      ToySetting stochastic = { pairs[i][0], 6, .set_eta = TRUE, .eta = 0 },
                 ordinary = { pairs[i][1], 6 };
      float x[TOY_SIZE], y[TOY_SIZE];
      Toy toy = TOY_INIT, other = TOY_INIT;

      g_assert_true (sample (&stochastic, &toy, 3, 1, x, NULL));
      g_assert_true (sample (&ordinary, &other, 3, 1, y, NULL));
      for (int k = 0; k < TOY_SIZE; k++)
        g_assert_cmpfloat_with_epsilon (x[k], y[k], 1e-5f);
    }
}

/* In any of the evaluations of a step. */
static void
test_cancel (void)
{
  for (EACH_SAMPLER (info))
    for (int at = 0; at < 6; at++)
      {
        ToySetting setting = { info->name, 6 };
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        g_autoptr (GError) error = NULL;
        float x[TOY_SIZE];
        Toy toy = TOY_INIT;

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
  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 6 };
      g_autoptr (GError) error = NULL;
      float x[TOY_SIZE];
      Toy toy = TOY_INIT;

      toy.stop_at = 3;
      g_assert_false (sample (&setting, &toy, 1, 1, x, &error));
      g_assert_no_error (error);
      g_assert_cmpint (toy.calls, >=, 4); /* one or two a step */
      g_assert_cmpint (toy.calls, <=, 8);
    }
}

static void
test_not_a_number (void)
{
  for (EACH_SAMPLER (info))
    {
      ToySetting setting = { info->name, 6 };
      g_autoptr (GError) error = NULL;
      float x[TOY_SIZE];
      Toy toy = TOY_INIT;

      toy.nan_at = 2;
      g_assert_false (sample (&setting, &toy, 1, 1, x, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
      g_assert_cmpint (toy.calls, ==, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/sampler/trailing-end", test_trailing_end);
  g_test_add_func ("/diffusion/sampler/list", test_list);
  g_test_add_func ("/diffusion/sampler/names", test_names);
  g_test_add_func ("/diffusion/sampler/plans", test_plans);
  g_test_add_func ("/diffusion/sampler/one-step", test_one_step);
  g_test_add_func ("/diffusion/sampler/strength", test_strength);
  g_test_add_func ("/diffusion/sampler/start", test_start);
  g_test_add_func ("/diffusion/sampler/bad-params", test_bad_params);
  g_test_add_func ("/diffusion/sampler/finite", test_finite);
  g_test_add_func ("/diffusion/sampler/finite-dense", test_finite_dense);
  g_test_add_func ("/diffusion/sampler/point", test_point);
  g_test_add_func ("/diffusion/sampler/same-bits", test_same_bits);
  g_test_add_func ("/diffusion/sampler/seed", test_seed);
  g_test_add_func ("/diffusion/sampler/draws", test_draws);
  g_test_add_func ("/diffusion/sampler/eta-zero", test_eta_zero);
  g_test_add_func ("/diffusion/sampler/cancel", test_cancel);
  g_test_add_func ("/diffusion/sampler/stop", test_stop);
  g_test_add_func ("/diffusion/sampler/not-a-number", test_not_a_number);
  return g_test_run ();
}
