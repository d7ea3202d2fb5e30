/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/unit/diffusion-testing.h"

/* How fast each solver comes to the exact answer as steps are added, on normal data, where that
 * answer is known. Errors are taken at four fifths of the way. */

/* Four fifths of both are a whole number of pairs of steps. */
#define COARSE 20
#define FINE 40

static double
variance_at (const Toy *toy, double alpha, double sigma)
{
  return alpha * alpha * toy->spread * toy->spread + sigma * sigma;
}

/* ---- The ordinary equation ------------------------------------------------------------------- */

/* Largest distance from where the exact flow goes. */
static double
flow_error (const ToySetting *setting)
{
  float alphas[TOY_TIMESTEPS], x[TOY_SIZE], first[TOY_SIZE];
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnSamplerPlan) plan = toy_plan (setting, alphas, &error);
  Toy toy = TOY_INIT;
  int late;
  double here, there, worst = 0.0;

  g_assert_no_error (error);
  limn_noise_normal (1, LIMN_NOISE_START, first, TOY_SIZE);
  memcpy (x, first, sizeof x);
  g_assert_true (toy_run (&toy, plan, 5, 1, x, &error));
  late = TOY_LATE_LEVEL (plan->n_steps);
  there = sqrt (variance_at (&toy, plan->alpha[0], plan->sigma[0]));
  here = sqrt (variance_at (&toy, plan->alpha[late], plan->sigma[late]));
  for (int k = 0; k < TOY_SIZE; k++)
    worst = MAX (worst, fabs (toy.late[k] - plan->alpha[late] * toy.mean
                              - (first[k] - plan->alpha[0] * toy.mean) / there * here));
  return worst;
}

/* A solver of order p is 2^p times as near with twice the steps; the least gain is a little below
 * that, and above what one order less would have. UniPC's corrector adds one to its order. What
 * PLMS gains is held up by its first step. */
static void
test_flow (void)
{
  const struct
  {
    const char *sampler;
    int order;
    double least_gain;
  } rows[] = {
    { "ddim", 0, 1.7 },
    { "ddim_trailing", 0, 1.7 },
    { "plms", 0, 2.6 },
    { "euler_karras", 0, 1.7 },
    { "heun_karras", 0, 3.4 },
    { "dpmpp_2m", 0, 3.4 },
    { "dpmpp_2m_karras", 0, 3.4 },
    { "dpmpp_2s_karras", 0, 3.4 },
    { "unipc_karras", 1, 3.4 },
    { "unipc_karras", 2, 6.8 },
    { "unipc_karras", 3, 8.0 },
    { "unipc_bh1_karras", 1, 3.4 },
    { "unipc_bh1_karras", 2, 6.8 },
    { "unipc_bh1_karras", 3, 8.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ToySetting coarse = { rows[i].sampler, COARSE, .order = rows[i].order }, fine = coarse;
      double coarse_error, fine_error;

      fine.steps = FINE;
      coarse_error = flow_error (&coarse);
      fine_error = flow_error (&fine);
      g_test_message ("%s, order %d: %g with %d steps, %g with %d: gain %.2f", rows[i].sampler,
                      rows[i].order, coarse_error, COARSE, fine_error, FINE,
                      coarse_error / fine_error);
      g_assert_cmpfloat (coarse_error, >, rows[i].least_gain * fine_error);
    }
}

/* ---- The stochastic equation ----------------------------------------------------------------- */

/*
 * The samplers are linear on normal data, so the variance of what they make is the sum of the
 * squared responses to each unit of noise they are given: one element has the noise of the start,
 * and one each that of every evaluation. Relative error of that variance.
 */
static double
variance_error (const ToySetting *setting)
{
  float alphas[TOY_TIMESTEPS], x[TOY_SIZE] = { 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnSamplerPlan) plan = toy_plan (setting, alphas, &error);
  Toy toy = TOY_INIT;
  double got, want;
  int late;

  g_assert_no_error (error);
  toy.mean = 0.0;
  toy.impulses = TRUE;
  g_assert_true (toy_run (&toy, plan, 5, 1, x, &error));
  late = TOY_LATE_LEVEL (plan->n_steps);
  want = variance_at (&toy, plan->alpha[late], plan->sigma[late]);
  got = toy.late[0] * toy.late[0] * variance_at (&toy, plan->alpha[0], plan->sigma[0]);
  for (int k = 1; k < TOY_SIZE; k++)
    got += (double)toy.late[k] * toy.late[k];
  return fabs (got / want - 1.0);
}

/* LCM and TCD are not here: they are made for few steps, and do not come nearer with more. */
static void
test_variance (void)
{
  const struct
  {
    const char *sampler;
    float eta;
    double least_gain;
  } rows[] = {
    { "ddim", 0.5f, 1.7 },
    { "ddim", 1.0f, 1.7 },
    { "euler_a_karras", 1.0f, 1.7 },
    { "dpmpp_2m_sde_karras", 1.0f, 3.4 },
    { "dpmpp_2s_sde_karras", 1.0f, 1.4 }, /* both steps of a pair draw on their own */
    { "dpmpp_sde_karras", 1.0f, 1.7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ToySetting coarse = { rows[i].sampler, COARSE, .set_eta = TRUE, .eta = rows[i].eta },
                 fine = coarse;
      double coarse_error, fine_error;

      fine.steps = FINE;
      coarse_error = variance_error (&coarse);
      fine_error = variance_error (&fine);
      g_test_message ("%s, eta %g: %g with %d steps, %g with %d: gain %.2f", rows[i].sampler,
                      rows[i].eta, coarse_error, COARSE, fine_error, FINE,
                      coarse_error / fine_error);
      g_assert_cmpfloat (coarse_error, >, rows[i].least_gain * fine_error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/order/flow", test_flow);
  g_test_add_func ("/diffusion/order/variance", test_variance);
  return g_test_run ();
}
