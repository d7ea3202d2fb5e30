/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/schedule.h"

#include <math.h>

#define MAX_BETA 0.999 /* of the cosine schedule */
#define COSINE_OFFSET 8e-3
#define KARRAS_RHO 7.0
#define QUAD_PART 0.8      /* of the timesteps that quadratic spacing reaches */
#define DISTILLED_STEPS 50 /* of the schedule that few-step models are distilled on */

gboolean
limn_betas_from_string (const char *name, LimnBetas *betas)
{
  static const char *const names[] = {
    [LIMN_BETAS_LINEAR] = "linear",
    [LIMN_BETAS_COSINE] = "cosine",
    [LIMN_BETAS_SQRT_LINEAR] = "sqrt_linear",
    [LIMN_BETAS_SQRT] = "sqrt",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0)
      {
        *betas = (LimnBetas)i;
        return TRUE;
      }
  return FALSE;
}

/* Nichol & Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", equation 17. */
static double
cosine_level (double t)
{
  double c = cos ((t + COSINE_OFFSET) / (1.0 + COSINE_OFFSET) * G_PI / 2.0);

  return c * c;
}

static double
beta_at (LimnBetas betas, double start, double end, int n, int t)
{
  double fraction = n > 1 ? (double)t / (n - 1) : 0.0;
  double root;

  switch (betas)
    {
    case LIMN_BETAS_COSINE:
      return CLAMP (1.0 - cosine_level ((t + 1.0) / n) / cosine_level ((double)t / n), 0.0,
                    MAX_BETA);
    case LIMN_BETAS_SQRT_LINEAR:
      return start + fraction * (end - start);
    case LIMN_BETAS_SQRT:
      return sqrt (start + fraction * (end - start));
    case LIMN_BETAS_LINEAR:
    default:
      root = sqrt (start) + fraction * (sqrt (end) - sqrt (start));
      return root * root;
    }
}

void
limn_schedule_alphas_cumprod (LimnBetas betas,
                              double linear_start,
                              double linear_end,
                              int n,
                              float *out)
{
  double product = 1.0;

  for (int t = 0; t < n; t++)
    {
      product *= 1.0 - beta_at (betas, linear_start, linear_end, n, t);
      out[t] = (float)product;
    }
}

void
limn_schedule_zero_terminal_snr (float *alphas_cumprod, int n)
{
  double first = sqrt (alphas_cumprod[0]), last = sqrt (alphas_cumprod[n - 1]);

  for (int t = 0; t < n - 1; t++)
    {
      double root = (sqrt (alphas_cumprod[t]) - last) * first / (first - last);

      alphas_cumprod[t] = (float)(root * root);
    }
  alphas_cumprod[n - 1] = 0.0f;
}

/* Rounds half to even, as numpy does, whatever the rounding mode of the thread. */
static int
round_even (double x)
{
  double down = floor (x);

  if (x - down != 0.5)
    return (int)floor (x + 0.5);
  return (int)(fmod (down, 2.0) == 0.0 ? down : down + 1.0);
}

/* Timesteps past the last one (leading with n / steps = 1) are the last one: the original reads
 * beyond its table there. */
int
limn_schedule_timesteps (LimnSpacing spacing, int n, int steps, int *out)
{
  int count = steps, stride;

  g_return_val_if_fail (steps >= 1 && steps <= n, 0);

  switch (spacing)
    {
    case LIMN_SPACING_UNIFORM:
      stride = n / steps;
      count = (n + stride - 1) / stride;
      for (int i = 0; i < count; i++)
        out[i] = MIN ((count - 1 - i) * stride + 1, n - 1);
      break;
    case LIMN_SPACING_LINSPACE:
      for (int i = 0; i < steps; i++)
        out[i] = round_even ((double)(steps - i) * ((n - 1.0) / steps));
      break;
    case LIMN_SPACING_LEADING_PLUS:
      stride = MAX (n / (steps + 1), 1);
      for (int i = 0; i < steps; i++)
        out[i] = MIN ((steps - i) * stride + 1, n - 1);
      break;
    case LIMN_SPACING_TRAILING:
      for (int i = 0; i < steps; i++)
        out[i] = round_even (n - i * ((double)n / steps)) - 1;
      break;
    case LIMN_SPACING_QUAD:
      for (int i = 0; i < steps; i++)
        {
          double most = sqrt (n * QUAD_PART), root = 0.0;

          if (steps > 1)
            root = i == 0 ? most : (steps - 1 - i) * (most / (steps - 1));
          out[i] = MIN ((int)(root * root) + 1, n - 1);
        }
      break;
    case LIMN_SPACING_DISTILLED:
      count = MIN (MAX (steps, DISTILLED_STEPS), n);
      stride = n / count;
      for (int i = 0; i < steps; i++)
        out[i] = (count - (int)floor (i * ((double)count / steps))) * stride - 1;
      return steps;
    case LIMN_SPACING_LEADING:
    case LIMN_SPACING_DEFAULT:
    default:
      stride = n / steps;
      for (int i = 0; i < steps; i++)
        out[i] = MIN ((steps - 1 - i) * stride + 1, n - 1);
      break;
    }
  return count;
}

double
limn_schedule_sigma (double alpha_cumprod)
{
  double level = MAX (alpha_cumprod, LIMN_SCHEDULE_LEAST_ALPHA);

  return sqrt ((1.0 - level) / level);
}

double
limn_schedule_sigma_at (const float *alphas_cumprod, int n, double t)
{
  int below = CLAMP ((int)t, 0, n - 1), above = MIN (below + 1, n - 1);
  double low = limn_schedule_sigma (alphas_cumprod[below]);

  return low + (t - below) * (limn_schedule_sigma (alphas_cumprod[above]) - low);
}

void
limn_schedule_karras (double sigma_min, double sigma_max, int steps, double *out)
{
  double low = pow (sigma_min, 1.0 / KARRAS_RHO), high = pow (sigma_max, 1.0 / KARRAS_RHO);

  for (int i = 0; i < steps; i++)
    {
      double fraction = steps > 1 ? (double)i / (steps - 1) : 0.0;

      out[i] = pow (high + fraction * (low - high), KARRAS_RHO);
    }
}

void
limn_schedule_exponential (double sigma_min, double sigma_max, int steps, double *out)
{
  for (int i = 0; i < steps; i++)
    {
      double fraction = steps > 1 ? (double)i / (steps - 1) : 0.0;

      out[i] = sigma_max * pow (sigma_min / sigma_max, fraction);
    }
}

double
limn_schedule_sigma_to_t (const float *alphas_cumprod, int n, double sigma)
{
  double wanted = log (sigma);
  int low = 0, high = n - 1;
  double log_low, log_high;

  /* The levels rise with t. */
  while (high - low > 1)
    {
      int middle = (low + high) / 2;

      if (log (limn_schedule_sigma (alphas_cumprod[middle])) <= wanted)
        low = middle;
      else
        high = middle;
    }
  log_low = log (limn_schedule_sigma (alphas_cumprod[low]));
  log_high = log (limn_schedule_sigma (alphas_cumprod[high]));
  if (log_high <= log_low)
    return low;
  return low + CLAMP ((wanted - log_low) / (log_high - log_low), 0.0, 1.0) * (high - low);
}

double
limn_schedule_spread (double level, double next, double eta)
{
  if (eta <= 0.0 || next <= level)
    return 0.0;
  return eta * sqrt ((1.0 - next) / (1.0 - level) * (1.0 - level / next));
}
