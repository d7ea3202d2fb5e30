/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Solvers for networks that are distilled to jump far. */

/* c_skip and c_out of LCM: the deviation of the data, and what timesteps are multiplied with. */
#define LCM_SIGMA_DATA 0.5
#define LCM_TIME_SCALE 10.0

/* Luo et al. 2023, "Latent Consistency Models", algorithm 3: the network's x0, noised anew for the
 * next level. */
void
limn_lcm_step (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double t = sampling->at->t * LCM_TIME_SCALE;
  double variance = t * t + LCM_SIGMA_DATA * LCM_SIGMA_DATA;
  float skip = (float)(LCM_SIGMA_DATA * LCM_SIGMA_DATA / variance),
        out = (float)(t / sqrt (variance));
  float keep = (float)plan->alpha[i + 1];

  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] = keep * (out * sampling->now.x0[k] + skip * sampling->x[k]);
  limn_sampling_add_noise (sampling, i + 1 < plan->n_steps ? plan->sigma[i + 1] : 0.0);
}

/* Zheng et al. 2024, "Trajectory Consistency Distillation", algorithm 2 (strategic stochastic
 * sampling): down to timestep s = (1 - eta) t', then noised up to t'. */
void
limn_tcd_step (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  float next_t = i + 1 < plan->n_steps ? plan->timesteps[i + 1] : 0.0f;
  double low = plan->params.alphas_cumprod[(int)floorf ((1.0f - plan->params.eta) * next_t)];
  double next = plan->alpha[i + 1] * plan->alpha[i + 1];
  float keep = (float)sqrt (low), direction = (float)sqrt (1.0 - low);
  float up = 1.0f;
  gboolean noisy = i + 1 < plan->n_steps && plan->params.eta > 0.0f && next < low;

  if (noisy)
    up = (float)sqrt (next / low);
  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] = up * (keep * sampling->now.x0[k] + direction * sampling->now.noise[k]);
  if (noisy)
    limn_sampling_add_noise (sampling, sqrt (1.0 - next / low));
}
