/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "tests/unit/diffusion-testing.h"

static void
test_alphas (void)
{
  for (int betas = LIMN_BETAS_LINEAR; betas <= LIMN_BETAS_SQRT; betas++)
    {
      float alphas[TOY_TIMESTEPS];

      limn_schedule_alphas_cumprod ((LimnBetas)betas, 0.0001, 0.02, TOY_TIMESTEPS, alphas);
      for (int t = 0; t < TOY_TIMESTEPS; t++)
        {
          g_assert_cmpfloat (alphas[t], <, t> 0 ? alphas[t - 1] : 1.0f);
          g_assert_cmpfloat (alphas[t], >=, 0.0f);
        }
    }
}

static void
test_timesteps (void)
{
  int out[TOY_TIMESTEPS];

  for (int spacing = LIMN_SPACING_DEFAULT; spacing <= LIMN_SPACING_DISTILLED; spacing++)
    for (int steps = 1; steps <= TOY_TIMESTEPS; steps += steps < 60 ? 1 : 13)
      {
        int n = limn_schedule_timesteps ((LimnSpacing)spacing, TOY_TIMESTEPS, steps, out);

        if (spacing == LIMN_SPACING_UNIFORM)
          g_assert_cmpint (n, >=, steps);
        else
          g_assert_cmpint (n, ==, steps);
        for (int i = 0; i < n; i++)
          {
            g_assert_cmpint (out[i], >=, 0);
            g_assert_cmpint (out[i], <, TOY_TIMESTEPS);
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
test_exponential (void)
{
  double levels[33];

  for (int n = 1; n <= 33; n++)
    {
      limn_schedule_exponential (0.03, 14.6, n, levels);
      g_assert_cmpfloat_with_epsilon (levels[0], 14.6, 1e-9);
      for (int i = 1; i < n; i++)
        g_assert_cmpfloat_with_epsilon (levels[i] / levels[i - 1], pow (0.03 / 14.6, 1.0 / (n - 1)),
                                        1e-9);
    }
}

static void
test_sigma_to_t (void)
{
  float alphas[TOY_TIMESTEPS];

  toy_schedule (alphas, FALSE);
  for (int t = 0; t < TOY_TIMESTEPS; t++)
    g_assert_cmpfloat_with_epsilon (
        limn_schedule_sigma_to_t (alphas, TOY_TIMESTEPS, limn_schedule_sigma (alphas[t])), t, 1e-6);
  g_assert_cmpfloat (limn_schedule_sigma_to_t (alphas, TOY_TIMESTEPS, 1e-9), ==, 0.0);
  g_assert_cmpfloat (limn_schedule_sigma_to_t (alphas, TOY_TIMESTEPS, 1e9), ==, TOY_TIMESTEPS - 1);
}

static void
test_sigma_at (void)
{
  float alphas[TOY_TIMESTEPS];

  toy_schedule (alphas, FALSE);
  for (int t = 0; t + 1 < TOY_TIMESTEPS; t++)
    {
      double low = limn_schedule_sigma (alphas[t]), high = limn_schedule_sigma (alphas[t + 1]);

      g_assert_cmpfloat (limn_schedule_sigma_at (alphas, TOY_TIMESTEPS, t), ==, low);
      g_assert_cmpfloat_with_epsilon (limn_schedule_sigma_at (alphas, TOY_TIMESTEPS, t + 0.25),
                                      low + 0.25 * (high - low), 1e-12);
    }
  g_assert_cmpfloat (limn_schedule_sigma_at (alphas, TOY_TIMESTEPS, TOY_TIMESTEPS - 1), ==,
                     limn_schedule_sigma (alphas[TOY_TIMESTEPS - 1]));
}

/* The root of alphas_cumprod is moved and stretched: the first stays, the last is 0, and what lies
 * between keeps its order and its place between them. */
static void
test_zero_terminal_snr (void)
{
  float before[TOY_TIMESTEPS], after[TOY_TIMESTEPS], one[] = { 0.5f };

  toy_schedule (before, FALSE);
  toy_schedule (after, TRUE);
  g_assert_cmpfloat_with_epsilon (after[0], before[0], 1e-7);
  g_assert_cmpfloat (after[TOY_TIMESTEPS - 1], ==, 0.0f);
  g_assert_cmpfloat_with_epsilon (limn_schedule_sigma (after[TOY_TIMESTEPS - 1]), 4096.0, 1e-3);
  for (int t = 1; t < TOY_TIMESTEPS; t++)
    {
      double first = sqrt (before[0]), last = sqrt (before[TOY_TIMESTEPS - 1]);

      g_assert_cmpfloat (after[t], <, after[t - 1]);
      g_assert_cmpfloat_with_epsilon (sqrt (after[t]) / first,
                                      (sqrt (before[t]) - last) / (first - last), 1e-6);
    }
  limn_schedule_zero_terminal_snr (one, 1);
  g_assert_cmpfloat (one[0], ==, 0.0f);
}

/* With eta 1 it is the deviation of the posterior that Ho et al. call beta tilde. */
static void
test_spread (void)
{
  float alphas[TOY_TIMESTEPS];

  toy_schedule (alphas, FALSE);
  for (int t = 1; t < TOY_TIMESTEPS; t++)
    {
      double beta = 1.0 - (double)alphas[t] / alphas[t - 1];
      double want = (1.0 - alphas[t - 1]) / (1.0 - alphas[t]) * beta;
      double got = limn_schedule_spread (alphas[t], alphas[t - 1], 1.0);

      g_assert_cmpfloat_with_epsilon (got * got, want, 1e-12);
      g_assert_cmpfloat_with_epsilon (limn_schedule_spread (alphas[t], alphas[t - 1], 0.5), got / 2,
                                      1e-12);
      g_assert_cmpfloat (limn_schedule_spread (alphas[t], alphas[t - 1], 0.0), ==, 0.0);
      g_assert_cmpfloat (limn_schedule_spread (alphas[t], alphas[t], 1.0), ==, 0.0);
    }
  g_assert_cmpfloat (limn_schedule_spread (alphas[9], 1.0, 1.0), ==, 0.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/schedule/alphas", test_alphas);
  g_test_add_func ("/diffusion/schedule/timesteps", test_timesteps);
  g_test_add_func ("/diffusion/schedule/karras", test_karras);
  g_test_add_func ("/diffusion/schedule/exponential", test_exponential);
  g_test_add_func ("/diffusion/schedule/sigma-to-t", test_sigma_to_t);
  g_test_add_func ("/diffusion/schedule/sigma-at", test_sigma_at);
  g_test_add_func ("/diffusion/schedule/zero-terminal-snr", test_zero_terminal_snr);
  g_test_add_func ("/diffusion/schedule/spread", test_spread);
  return g_test_run ();
}
