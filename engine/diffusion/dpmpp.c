/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Lu et al. 2022, "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic
 * Models": second-order solvers with data prediction, multistep (2M, algorithm 2) and singlestep
 * (2S, algorithm 1), of the ordinary and of the stochastic equation (section 5 and appendix). */

/* Ways shorter than this end with a step of first order, also where they keep some noise. */
#define FEW_STEPS 15

/*
 * From level @from to level @to: x' = sigma' / sigma x - alpha' (exp (-h) - 1) D with h the step in
 * lambda and D = base + slope * (now - past). The stochastic equation takes 1 + eta times the step
 * along D (k-diffusion's eta; 1: Lu et al.'s, 0: the ordinary one), and adds the noise that is
 * missing. h is infinite where the way ends without noise.
 */
static void
update (LimnSampling *sampling,
        int from,
        int to,
        const float *start,
        const float *base,
        double slope,
        gboolean stochastic)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double h = limn_plan_lambda (plan, to) - limn_plan_lambda (plan, from);
  double ratio = plan->sigma[to] / plan->sigma[from];
  double eta = stochastic ? plan->params.eta : 0.0;
  double more = eta > 0.0 ? eta * h : 0.0; /* 0 times infinity is none */
  float shrink = (float)(ratio * exp (-more));
  float gain = (float)(-plan->alpha[to] * expm1 (-(h + more)));
  float factor = (float)slope;
  const float *now = sampling->now.x0, *past = sampling->past[0].x0;

  for (gsize k = 0; k < sampling->n; k++)
    {
      float d = base[k];

      if (slope != 0.0)
        d += factor * (now[k] - past[k]);
      sampling->x[k] = shrink * start[k] + gain * d;
    }
  if (more > 0.0)
    limn_sampling_add_noise (sampling, plan->sigma[to] * sqrt (-expm1 (-2.0 * more)));
}

/* The slope is taken over the step before; there is none at first, and none is wanted at the end.
 */
static void
multistep (LimnSampling *sampling, int i, gboolean stochastic)
{
  const LimnSamplerPlan *plan = sampling->plan;
  gboolean last = i + 1 == plan->n_steps;
  double before = i > 0 ? limn_plan_lambda (plan, i) - limn_plan_lambda (plan, i - 1) : 0.0;
  double slope = 0.0;

  if (last && (plan->sigma[i + 1] <= 0.0 || plan->n_steps + plan->first_step < FEW_STEPS))
    before = 0.0;
  if (before > 0.0)
    slope = (limn_plan_lambda (plan, i + 1) - limn_plan_lambda (plan, i)) / before / 2.0;
  update (sampling, i, i + 1, sampling->x, sampling->now.x0, slope, stochastic);
}

void
limn_dpmpp_2m_step (LimnSampling *sampling, int i)
{
  multistep (sampling, i, FALSE);
}

void
limn_dpmpp_2m_sde_step (LimnSampling *sampling, int i)
{
  multistep (sampling, i, TRUE);
}

/* Steps go in pairs: the first of a pair is of first order, the second goes from where the pair
 * began, over both. */
static void
singlestep (LimnSampling *sampling, int i, gboolean stochastic)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double whole, part;

  if (i % 2 == 1 && plan->sigma[i + 1] > 0.0)
    {
      whole = limn_plan_lambda (plan, i + 1) - limn_plan_lambda (plan, i - 1);
      part = limn_plan_lambda (plan, i) - limn_plan_lambda (plan, i - 1);
      update (sampling, i - 1, i + 1, sampling->saved, sampling->past[0].x0,
              part > 0.0 ? whole / part / 2.0 : 0.0, stochastic);
      return;
    }
  limn_sampling_save (sampling);
  update (sampling, i, i + 1, sampling->x, sampling->now.x0, 0.0, stochastic);
}

void
limn_dpmpp_2s_step (LimnSampling *sampling, int i)
{
  singlestep (sampling, i, FALSE);
}

void
limn_dpmpp_2s_sde_step (LimnSampling *sampling, int i)
{
  singlestep (sampling, i, TRUE);
}
