/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
 * Models", the multistep second-order solver with data prediction; Karras et al. 2022 for the other
 * choice of levels. The last step goes to no noise at all. */

static void
set_level (double sigma_ve, double *alpha, double *sigma)
{
  *alpha = 1.0 / sqrt (1.0 + sigma_ve * sigma_ve);
  *sigma = sigma_ve * *alpha;
}

int
limn_dpmpp_plan (const LimnSamplerParams *params, float *timesteps, double *alpha, double *sigma)
{
  g_autofree int *visited = g_new (int, params->n_timesteps);
  LimnSpacing spacing = params->spacing;
  int n;

  if (spacing == LIMN_SPACING_DEFAULT)
    spacing = LIMN_SPACING_LINSPACE;
  else if (spacing == LIMN_SPACING_LEADING)
    spacing = LIMN_SPACING_LEADING_PLUS;
  n = limn_schedule_timesteps (spacing, params->n_timesteps, params->steps, visited);
  for (int i = 0; i < n; i++)
    {
      timesteps[i] = (float) visited[i];
      set_level (limn_schedule_sigma (params->alphas_cumprod[visited[i]]), &alpha[i], &sigma[i]);
    }
  set_level (0.0, &alpha[n], &sigma[n]);
  return n;
}

/* The levels are Karras's; the network is given the nearest whole timestep, which may repeat. */
int
limn_dpmpp_karras_plan (const LimnSamplerParams *params, float *timesteps, double *alpha,
                        double *sigma)
{
  const float *alphas = params->alphas_cumprod;
  int n_timesteps = params->n_timesteps, n = params->steps;
  g_autofree double *levels = g_new (double, n);

  limn_schedule_karras (limn_schedule_sigma (alphas[0]),
                        limn_schedule_sigma (alphas[n_timesteps - 1]), n, levels);
  for (int i = 0; i < n; i++)
    {
      timesteps[i] = (float) rint (limn_schedule_sigma_to_t (alphas, n_timesteps, levels[i]));
      set_level (levels[i], &alpha[i], &sigma[i]);
    }
  set_level (0.0, &alpha[n], &sigma[n]);
  return n;
}

/* Half the logarithm of the signal-to-noise ratio; infinite without noise. */
static double
lambda (const LimnSamplerPlan *plan, int i)
{
  return log (plan->alpha[i]) - log (plan->sigma[i]);
}

/*
 * x' = sigma' / sigma x - alpha' (exp (-h) - 1) D, D = x0 + (x0 - previous) / (2 r), with h the
 * step in lambda and r the previous one over it. D = x0 in the first step, where there is no
 * previous, and in the last, where h is infinite.
 */
void
limn_dpmpp_2m_step (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  gboolean first_order = i == 0 || i + 1 == plan->n_steps;
  double h = lambda (plan, i + 1) - lambda (plan, i);
  float shrink = (float) (plan->sigma[i + 1] / plan->sigma[i]);
  float gain = (float) (-plan->alpha[i + 1] * expm1 (-h));
  float slope = 0.0f;

  if (!first_order)
    slope = (float) (h / (lambda (plan, i) - lambda (plan, i - 1)) / 2.0);
  for (gsize k = 0; k < sampling->n; k++)
    {
      float d = sampling->x0[k];

      if (!first_order)
        d += slope * (sampling->x0[k] - sampling->previous[k]);
      sampling->x[k] = shrink * sampling->x[k] + gain * d;
    }
}
