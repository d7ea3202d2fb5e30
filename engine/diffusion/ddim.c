/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Song, Meng & Ermon 2021, "Denoising Diffusion Implicit Models", equations 12 and 16:
 * x' = alpha' x0 + sqrt (sigma'^2 - s^2) noise + s random. */
static void
move (LimnSampling *sampling, int i, double eta)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double alpha = plan->alpha[i + 1], sigma = plan->sigma[i + 1];
  double level = sampling->at->alpha * sampling->at->alpha;
  double spread = limn_schedule_spread (level, alpha * alpha, eta);
  float keep = (float)alpha;
  float direction = (float)sqrt (MAX (sigma * sigma - spread * spread, 0.0));

  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] = keep * sampling->now.x0[k] + direction * sampling->now.noise[k];
  /* At the end sigma is 0 but for rounding in the level. */
  limn_sampling_add_noise (sampling, sigma > 0.0 ? spread : 0.0);
}

void
limn_ddim_step (LimnSampling *sampling, int i)
{
  move (sampling, i, sampling->plan->params.eta);
}

void
limn_ddim_flow (LimnSampling *sampling, int i)
{
  move (sampling, i, 0.0);
}
