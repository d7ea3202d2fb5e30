/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

/* Liu et al. 2022, "Pseudo Numerical Methods for Diffusion Models on Manifolds": DDIM's step along
 * a noise that is extrapolated from those of the steps before (equations 9 and 12), started by one
 * step of second order. */

/* The first step looks ahead, where there is something ahead and a noise to tell from x. */
gboolean
limn_plms_second (const LimnSamplerPlan *plan,
                  const LimnEvaluation *firsts,
                  int i,
                  LimnEvaluation *at)
{
  if (i > 0 || plan->n_steps < 2 || firsts[0].alpha <= 0.0)
    return FALSE;
  at->t = firsts[1].t;
  at->alpha = firsts[1].alpha;
  at->sigma = firsts[1].sigma;
  return TRUE;
}

/* From @from at the level of the step's first evaluation, along again.noise. */
static void
transfer (LimnSampling *sampling, int i, const LimnEvaluation *first, const float *from)
{
  const LimnSamplerPlan *plan = sampling->plan;
  float alpha = (float)first->alpha, sigma = (float)first->sigma;
  float keep = (float)plan->alpha[i + 1], direction = (float)plan->sigma[i + 1];
  LimnEstimate *e = &sampling->again;

  for (gsize k = 0; k < sampling->n; k++)
    {
      e->x0[k] = (from[k] - sigma * e->noise[k]) / alpha;
      sampling->x[k] = keep * e->x0[k] + direction * e->noise[k];
    }
  sampling->shown = e->x0;
}

void
limn_plms_step (LimnSampling *sampling, int i)
{
  const float *e0 = sampling->now.noise, *e1 = sampling->past[0].noise,
              *e2 = sampling->past[1].noise, *e3 = sampling->past[2].noise;
  float *e = sampling->again.noise;

  if (i == 0)
    {
      limn_sampling_save (sampling);
      limn_ddim_flow (sampling, i);
      return;
    }
  for (gsize k = 0; k < sampling->n; k++)
    if (i == 1)
      e[k] = (3.0f * e0[k] - e1[k]) / 2.0f;
    else if (i == 2)
      e[k] = (23.0f * e0[k] - 16.0f * e1[k] + 5.0f * e2[k]) / 12.0f;
    else
      e[k] = (55.0f * e0[k] - 59.0f * e1[k] + 37.0f * e2[k] - 9.0f * e3[k]) / 24.0f;
  transfer (sampling, i, sampling->at, sampling->x);
}

/* The first step again, along the mean of the noises at both ends. The history keeps the first. */
void
limn_plms_correct (LimnSampling *sampling, int i)
{
  for (gsize k = 0; k < sampling->n; k++)
    sampling->again.noise[k] = (sampling->now.noise[k] + sampling->again.noise[k]) / 2.0f;
  transfer (sampling, i, sampling->at - 1, sampling->saved);
}
