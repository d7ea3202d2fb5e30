/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>

/* Zhao et al. 2023, "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of Diffusion
 * Models", multistep with data prediction (algorithms 5 and 6, equations 9 and 10): each evaluation
 * first corrects the step that led to it, then predicts the next. */

#define OWN_ORDER 2
#define MAX_ORDER 3

/* The order of the predictor of step @i: never more than there are estimates, and falling to 1 at
 * the end. Levels that coincide (more steps than timesteps) have no slope between them. */
static int
order_at (const LimnSamplerPlan *plan, int i)
{
  int order = plan->params.order > 0 ? plan->params.order : OWN_ORDER;

  order = MIN (order, MIN (plan->n_steps - i, i + 1));
  for (int k = 1; k < order; k++)
    if (!(limn_plan_lambda (plan, i - k + 1) > limn_plan_lambda (plan, i - k)))
      return k;
  return order;
}

/* Solves the @n equations a x = b in place by elimination; a is a Vandermonde matrix of distinct
 * numbers. */
static void
solve (double a[MAX_ORDER][MAX_ORDER], double *b, int n)
{
  for (int i = 0; i < n; i++)
    {
      int best = i;

      for (int r = i + 1; r < n; r++)
        if (fabs (a[r][i]) > fabs (a[best][i]))
          best = r;
      for (int c = 0; c < n; c++)
        {
          double other = a[i][c];

          a[i][c] = a[best][c];
          a[best][c] = other;
        }
      {
        double other = b[i];

        b[i] = b[best];
        b[best] = other;
      }
      for (int r = i + 1; r < n; r++)
        {
          double factor = a[r][i] / a[i][i];

          for (int c = i; c < n; c++)
            a[r][c] -= factor * a[i][c];
          b[r] -= factor * b[i];
        }
    }
  for (int i = n - 1; i >= 0; i--)
    {
      for (int c = i + 1; c < n; c++)
        b[i] -= a[i][c] * b[c];
      b[i] /= a[i][i];
    }
}

/* The weights of @n differences at the places @r (in steps of @h from the present): equation 10,
 * with phi_k by its recursion. */
static void
find_weights (double h, gboolean bh2, const double *r, int n, double *weights)
{
  double a[MAX_ORDER][MAX_ORDER];
  double phi = expm1 (-h) / -h - 1.0, scale = bh2 ? expm1 (-h) : -h, factorial = 1.0;

  for (int i = 0; i < n; i++)
    {
      for (int k = 0; k < n; k++)
        a[i][k] = pow (r[k], i);
      weights[i] = phi * factorial / scale;
      factorial *= i + 2;
      phi = phi / -h - 1.0 / factorial;
    }
  solve (a, weights, n);
}

/*
 * From @start at level @i to the next: x' = sigma' / sigma x - alpha' (exp (-h) - 1) m0 - alpha' B
 * sum_k w_k / r_k (m_k - m0). @before: m0 and the estimates of the steps before it; @next:
 * nullable: the estimate at the end of the step, for the corrector.
 */
static void
update (LimnSampling *sampling,
        int i,
        int order,
        gboolean bh2,
        const float *start,
        const LimnEstimate *before,
        const float *next)
{
  const LimnSamplerPlan *plan = sampling->plan;
  double h = limn_plan_lambda (plan, i + 1) - limn_plan_lambda (plan, i);
  float shrink = (float)(plan->sigma[i + 1] / plan->sigma[i]);
  float gain = (float)(-plan->alpha[i + 1] * expm1 (-h));
  const float *other[MAX_ORDER], *m0 = before[0].x0;
  double r[MAX_ORDER], weights[MAX_ORDER];
  float factor[MAX_ORDER];
  int n = 0;

  for (int k = 1; k < order && h > 0.0; k++, n++)
    {
      r[n] = (limn_plan_lambda (plan, i - k) - limn_plan_lambda (plan, i)) / h;
      other[n] = before[k].x0;
    }
  if (next != NULL && h > 0.0)
    {
      r[n] = 1.0;
      other[n++] = next;
    }
  /* Both of order 1 and the predictor of order 2 are simplified in the paper's own code. */
  if (n == 1)
    weights[0] = 0.5;
  else if (n > 1)
    find_weights (h, bh2, r, n, weights);
  for (int k = 0; k < n; k++)
    factor[k] = (float)(-plan->alpha[i + 1] * (bh2 ? expm1 (-h) : -h) * weights[k] / r[k]);
  for (gsize e = 0; e < sampling->n; e++)
    {
      float value = shrink * start[e] + gain * m0[e];

      for (int k = 0; k < n; k++)
        value += factor[k] * (other[k][e] - m0[e]);
      sampling->x[e] = value;
    }
}

static void
step (LimnSampling *sampling, int i, gboolean bh2)
{
  const LimnEstimate known[] = { sampling->now, sampling->past[0], sampling->past[1] };

  if (i > 0)
    update (sampling, i - 1, order_at (sampling->plan, i - 1), bh2, sampling->saved, sampling->past,
            sampling->now.x0);
  limn_sampling_save (sampling);
  update (sampling, i, order_at (sampling->plan, i), bh2, sampling->saved, known, NULL);
}

void
limn_unipc_bh1_step (LimnSampling *sampling, int i)
{
  step (sampling, i, FALSE);
}

void
limn_unipc_bh2_step (LimnSampling *sampling, int i)
{
  step (sampling, i, TRUE);
}
