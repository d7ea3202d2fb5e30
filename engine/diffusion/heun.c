/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

/* Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models",
 * algorithm 1: Euler's step, then again with the mean of the slopes at both ends. With y = x /
 * alpha = x0 + sigma noise the slope dy / dsigma is the noise. */

/* So little of x0 that a slope from there says nothing about the far end of the step: Euler's step
 * is left as it is. Only schedules that are rescaled to end in pure noise have such levels. */
#define LEAST_ALPHA 1e-3

gboolean
limn_heun_second (const LimnSamplerPlan *plan,
                  const LimnEvaluation *firsts,
                  int i,
                  LimnEvaluation *at)
{
  if (plan->sigma[i + 1] <= 0.0 || plan->alpha[i] < LEAST_ALPHA)
    return FALSE;
  at->t = i + 1 < plan->n_steps ? firsts[i + 1].t : 0.0f;
  at->alpha = plan->alpha[i + 1];
  at->sigma = plan->sigma[i + 1];
  return TRUE;
}

void
limn_heun_step (LimnSampling *sampling, int i)
{
  limn_sampling_save (sampling);
  limn_ddim_flow (sampling, i);
}

void
limn_heun_correct (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  float keep = (float)(plan->alpha[i + 1] / plan->alpha[i]);
  float way = (float)(plan->alpha[i + 1]
                      * (limn_plan_sigma (plan, i + 1) - limn_plan_sigma (plan, i)) / 2.0);

  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k]
        = keep * sampling->saved[k] + way * (sampling->now.noise[k] + sampling->again.noise[k]);
}
