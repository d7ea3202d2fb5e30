/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Song, Meng & Ermon 2021, "Denoising Diffusion Implicit Models". */

/* As in LDM, the way ends at the level of timestep 0, not without any noise; with trailing
 * timesteps it does end without noise (Lin et al. 2023, "Common Diffusion Noise Schedules and
 * Sample Steps Are Flawed"). */
int
limn_ddim_plan (const LimnSamplerParams *params, float *timesteps, double *alpha, double *sigma)
{
  g_autofree int *visited = g_new (int, params->n_timesteps);
  LimnSpacing spacing = params->spacing == LIMN_SPACING_DEFAULT ? LIMN_SPACING_LEADING
                                                                : params->spacing;
  int n = limn_schedule_timesteps (spacing, params->n_timesteps, params->steps, visited);
  double end = spacing == LIMN_SPACING_TRAILING ? 1.0 : params->alphas_cumprod[0];

  for (int i = 0; i <= n; i++)
    {
      double level = i < n ? params->alphas_cumprod[visited[i]] : end;

      alpha[i] = sqrt (level);
      sigma[i] = sqrt (1.0 - level);
      if (i < n)
        timesteps[i] = (float) visited[i];
    }
  return n;
}

/* Equations 12 and 16: x' = alpha' x0 + sqrt (sigma'^2 - s^2) noise_estimate + s random. */
void
limn_ddim_step (LimnSampling *sampling, int i)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double level = plan->alpha[i] * plan->alpha[i], next = plan->alpha[i + 1] * plan->alpha[i + 1];
  double spread = 0.0;
  float keep, direction, random;

  if (plan->params.eta > 0.0f && next > level)
    spread = plan->params.eta * sqrt ((1.0 - next) / (1.0 - level) * (1.0 - level / next));
  keep = (float) plan->alpha[i + 1];
  direction = (float) sqrt (MAX (1.0 - next - spread * spread, 0.0));
  random = (float) spread;
  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] = keep * sampling->x0[k] + direction * sampling->noise_estimate[k];
  if (spread == 0.0)
    return;
  limn_sampling_draw (sampling, i);
  for (gsize k = 0; k < sampling->n; k++)
    sampling->x[k] += random * sampling->random[k];
}
