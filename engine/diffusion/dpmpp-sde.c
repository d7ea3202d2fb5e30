/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* DPM++ SDE as k-diffusion has it: the midpoint rule in log (sigma) on ancestral steps (the
 * stochastic solver of Lu et al. 2022, DPM-Solver++, with r = 1/2). Each half draws noise of its
 * own; k-diffusion's two are correlated through a Brownian tree. */

/* From @from at level @i to (alpha, sigma as added to x0) of @to, with x0 as estimated: a step down
 * to less noise than is wanted, and fresh noise that makes up for it; eta says how much of it. */
static void
ancestral (LimnSampling *sampling,
           const float *from,
           int i,
           const LimnEvaluation *to,
           const float *x0)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double start = limn_plan_sigma (plan, i), end = to->sigma / to->alpha;
  double up = 0.0, down;
  float shrink, gain;

  if (end < start)
    up = MIN (end, plan->params.eta * (end * sqrt ((start - end) * (start + end)) / start));
  down = sqrt (MAX (end * end - up * up, 0.0));
  shrink = (float)(to->alpha * down / start / plan->alpha[i]);
  gain = (float)(to->alpha * (1.0 - down / start));
  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] = shrink * from[k] + gain * x0[k];
  limn_sampling_add_noise (sampling, to->alpha * up);
}

/* Half way in log (sigma), which the end without noise has no half way to. */
gboolean
limn_dpmpp_sde_second (const LimnSamplerPlan *plan,
                       const LimnEvaluation *firsts G_GNUC_UNUSED,
                       int i,
                       LimnEvaluation *at)
{
  double middle = sqrt (limn_plan_sigma (plan, i) * limn_plan_sigma (plan, i + 1));

  if (middle <= 0.0)
    return FALSE;
  at->t = (float)limn_schedule_sigma_to_t (plan->params.alphas_cumprod, plan->params.n_timesteps,
                                           middle);
  limn_level_set (at, middle);
  return TRUE;
}

void
limn_dpmpp_sde_step (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  LimnEvaluation to = { .alpha = plan->alpha[i + 1], .sigma = plan->sigma[i + 1] };

  limn_sampling_save (sampling);
  if (to.sigma > 0.0)
    to = plan->evaluations[sampling->evaluation + 1];
  ancestral (sampling, sampling->saved, i, &to, sampling->now.x0);
}

void
limn_dpmpp_sde_correct (LimnSampling *sampling, int i)
{
  LimnEvaluation to
      = { .alpha = sampling->plan->alpha[i + 1], .sigma = sampling->plan->sigma[i + 1] };

  ancestral (sampling, sampling->saved, i, &to, sampling->again.x0);
}
