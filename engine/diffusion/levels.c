/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* The timesteps and noise levels of a whole way, one function per family of solvers. The families
 * count differently; each does it as the implementation that made it known (LDM's ddim.py,
 * k-diffusion, DPM-Solver, LCM; "leading", "linspace" and "trailing" as in Lin et al. 2023, table
 * 2). */

/* Added before a timestep is cut to a whole number, as the search for it is not exact. */
#define TRUNCATION_SLACK 1e-4

void
limn_level_set (LimnEvaluation *at, double sigma)
{
  at->alpha = 1.0 / sqrt (1.0 + sigma * sigma);
  at->sigma = sigma * at->alpha;
}

static void
set_alpha_cumprod (LimnEvaluation *at, double level)
{
  at->alpha = sqrt (level);
  at->sigma = sqrt (1.0 - level);
}

/* Level @i of the plan: what a step before it aims at. */
static void
set_target (LimnSamplerPlan *plan, int i, const LimnEvaluation *at)
{
  plan->alpha[i] = at->alpha;
  plan->sigma[i] = at->sigma;
}

static LimnSpacing
spacing_of (const LimnSamplerParams *params, LimnLevels levels, LimnSpacing own)
{
  if (params->spacing != LIMN_SPACING_DEFAULT)
    return params->spacing;
  return levels == LIMN_LEVELS_TRAILING ? LIMN_SPACING_TRAILING : own;
}

/* Visits @visited. The way ends at the level of timestep 0, but that of trailing timesteps ends
 * without noise unless it is asked to end low. */
static int
fill_time (LimnSamplerPlan *plan, LimnLevels levels, LimnEvaluation *firsts)
{
  const LimnSamplerParams *params = &plan->params;
  LimnSpacing spacing = spacing_of (params, levels, LIMN_SPACING_LEADING);
  int n_timesteps = params->n_timesteps, stride = n_timesteps / params->steps;
  g_autofree int *visited = g_new (int, n_timesteps);
  int n = limn_schedule_timesteps (spacing, n_timesteps, params->steps, visited);
  /* diffusers aims a whole stride below the present timestep, also where the next one that it
   * visits is not exactly there. */
  gboolean by_stride = spacing == LIMN_SPACING_TRAILING || spacing == LIMN_SPACING_LINSPACE;

  /* The originals tell the network that a single step from pure noise starts at timestep 1. */
  if (n == 1 && params->spacing == LIMN_SPACING_DEFAULT)
    visited[0] = n_timesteps - 1;
  for (int i = 0; i < n; i++)
    {
      LimnEvaluation aim;
      int next = by_stride ? visited[i] - stride : i + 1 < n ? visited[i + 1] : 0;
      double end = spacing == LIMN_SPACING_TRAILING && !params->end_low
                       ? 1.0
                       : params->alphas_cumprod[0];

      firsts[i].t = (float)visited[i];
      set_alpha_cumprod (&firsts[i], params->alphas_cumprod[visited[i]]);
      if (i == 0)
        set_target (plan, 0, &firsts[0]);
      set_alpha_cumprod (&aim, next >= 0 ? params->alphas_cumprod[next] : end);
      set_target (plan, i + 1, &aim);
    }
  return n;
}

/* The last level of families that end without noise. */
static void
set_end (LimnSamplerPlan *plan, int n)
{
  LimnEvaluation end;

  if (plan->params.end_low)
    set_alpha_cumprod (&end, plan->params.alphas_cumprod[0]);
  else
    limn_level_set (&end, 0.0);
  set_target (plan, n, &end);
}

/* Karras's or exponential levels between two; TRUE when @levels is one of them. */
static gboolean
spread_levels (LimnLevels levels, double low, double high, int n, double *out)
{
  if (levels == LIMN_LEVELS_KARRAS)
    limn_schedule_karras (low, high, n, out);
  else if (levels == LIMN_LEVELS_EXPONENTIAL)
    limn_schedule_exponential (low, high, n, out);
  else
    return FALSE;
  return TRUE;
}

/* Levels of Karras's kind lie between the first and the last of the visited timesteps, and are told
 * to the network as fractional timesteps. */
static int
fill_sigma (LimnSamplerPlan *plan, LimnLevels levels, LimnEvaluation *firsts)
{
  const LimnSamplerParams *params = &plan->params;
  LimnSpacing spacing = spacing_of (params, levels, LIMN_SPACING_LINSPACE);
  int n_timesteps = params->n_timesteps, n = params->steps;
  g_autofree int *visited = g_new (int, n_timesteps);
  g_autofree double *sigmas = g_new (double, n_timesteps);

  if (spacing == LIMN_SPACING_LINSPACE)
    for (int i = 0; i < n; i++)
      firsts[i].t = n > 1 ? (float)((n - 1 - i) * ((n_timesteps - 1.0) / (n - 1)))
                          : (float)(n_timesteps - 1);
  else
    {
      n = limn_schedule_timesteps (spacing, n_timesteps, n, visited);
      for (int i = 0; i < n; i++)
        firsts[i].t = (float)visited[i];
    }
  for (int i = 0; i < n; i++)
    sigmas[i] = limn_schedule_sigma_at (params->alphas_cumprod, n_timesteps, firsts[i].t);
  if (spread_levels (levels, sigmas[n - 1], sigmas[0], n, sigmas))
    for (int i = 0; i < n; i++)
      firsts[i].t
          = (float)limn_schedule_sigma_to_t (params->alphas_cumprod, n_timesteps, sigmas[i]);
  for (int i = 0; i < n; i++)
    {
      limn_level_set (&firsts[i], sigmas[i]);
      set_target (plan, i, &firsts[i]);
    }
  set_end (plan, n);
  /* The noise is added to x0 = 0; k-diffusion leaves its variance at 1 for leading timesteps, where
   * the schedule has not come to its end. */
  if (spacing != LIMN_SPACING_LEADING && spacing != LIMN_SPACING_LEADING_PLUS)
    plan->start = firsts[0].sigma;
  return n;
}

/* Levels of Karras's kind lie between the schedule's ends. The network is given the nearest whole
 * timestep for Karras's and the one below for exponential ones; it may repeat. */
static int
fill_log (LimnSamplerPlan *plan, LimnLevels levels, LimnEvaluation *firsts)
{
  const LimnSamplerParams *params = &plan->params;
  LimnSpacing spacing = spacing_of (params, levels, LIMN_SPACING_LINSPACE);
  const float *alphas = params->alphas_cumprod;
  int n_timesteps = params->n_timesteps, n = params->steps;
  g_autofree int *visited = g_new (int, n_timesteps);
  g_autofree double *sigmas = g_new (double, n_timesteps);

  if (spread_levels (levels, limn_schedule_sigma (alphas[0]),
                     limn_schedule_sigma (alphas[n_timesteps - 1]), n, sigmas))
    for (int i = 0; i < n; i++)
      {
        double t = limn_schedule_sigma_to_t (alphas, n_timesteps, sigmas[i]);

        firsts[i].t
            = (float)(levels == LIMN_LEVELS_KARRAS ? rint (t) : floor (t + TRUNCATION_SLACK));
      }
  else
    {
      if (spacing == LIMN_SPACING_LEADING)
        spacing = LIMN_SPACING_LEADING_PLUS;
      n = limn_schedule_timesteps (spacing, n_timesteps, n, visited);
      for (int i = 0; i < n; i++)
        {
          firsts[i].t = (float)visited[i];
          sigmas[i] = limn_schedule_sigma (alphas[visited[i]]);
        }
    }
  for (int i = 0; i < n; i++)
    {
      limn_level_set (&firsts[i], sigmas[i]);
      set_target (plan, i, &firsts[i]);
    }
  set_end (plan, n);
  return n;
}

static int
fill_distilled (LimnSamplerPlan *plan, gboolean end_low, LimnEvaluation *firsts)
{
  const LimnSamplerParams *params = &plan->params;
  g_autofree int *visited = g_new (int, params->n_timesteps);
  int n = limn_schedule_timesteps (LIMN_SPACING_DISTILLED, params->n_timesteps, params->steps,
                                   visited);

  for (int i = 0; i < n; i++)
    {
      firsts[i].t = (float)visited[i];
      set_alpha_cumprod (&firsts[i], params->alphas_cumprod[visited[i]]);
      set_target (plan, i, &firsts[i]);
    }
  plan->params.end_low |= end_low;
  set_end (plan, n);
  return n;
}

int
limn_levels_fill (LimnSamplerPlan *plan, LimnLevels levels, LimnEvaluation *firsts)
{
  plan->start = 1.0;
  switch (plan->strategy->grid)
    {
    case LIMN_GRID_SIGMA:
      return fill_sigma (plan, levels, firsts);
    case LIMN_GRID_LOG:
      return fill_log (plan, levels, firsts);
    case LIMN_GRID_DISTILLED:
    case LIMN_GRID_DISTILLED_LOW:
      return fill_distilled (plan, plan->strategy->grid == LIMN_GRID_DISTILLED_LOW, firsts);
    case LIMN_GRID_TIME:
    default:
      return fill_time (plan, levels, firsts);
    }
}
