/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

/* ---- What strategies use --------------------------------------------------------------------- */

void
limn_sampling_draw (LimnSampling *self)
{
  const LimnSamplerCallbacks *callbacks = self->callbacks;

  if (callbacks->noise != NULL)
    callbacks->noise (self->evaluation, self->random, self->n, callbacks->user_data);
  else
    limn_noise_normal (callbacks->seed, LIMN_NOISE_STEP + (guint64)self->evaluation, self->random,
                       self->n);
}

void
limn_sampling_add_noise (LimnSampling *self, double amount)
{
  float factor = (float)amount;

  if (amount == 0.0)
    return;
  limn_sampling_draw (self);
  for (gsize k = 0; k < self->n; k++)
    self->x[k] += factor * self->random[k];
}

void
limn_sampling_save (LimnSampling *self)
{
  memcpy (self->saved, self->x, self->n * sizeof (float));
}

/* ---- The loop ------------------------------------------------------------------------------- */

/* The clean latent and the noise that @output means at the level (alpha, sigma). FALSE when it is
 * not finite. */
static gboolean
interpret (LimnPrediction prediction,
           float alpha,
           float sigma,
           const float *x,
           const float *output,
           float *x0,
           float *noise,
           gsize n)
{
  double sum = 0.0;

  for (gsize k = 0; k < n; k++)
    {
      switch (prediction)
        {
        case LIMN_PREDICT_V:
          x0[k] = alpha * x[k] - sigma * output[k];
          noise[k] = alpha * output[k] + sigma * x[k];
          break;
        case LIMN_PREDICT_X0:
          x0[k] = output[k];
          noise[k] = (x[k] - alpha * output[k]) / sigma;
          break;
        case LIMN_PREDICT_EPSILON:
        default:
          x0[k] = (x[k] - sigma * output[k]) / alpha;
          noise[k] = output[k];
          break;
        }
      sum += fabs ((double)x0[k]);
    }
  return isfinite (sum);
}

/* Evaluates the network at @x and fills @estimate. */
static gboolean
evaluate (LimnRun *run, const LimnSampling *sampling, const LimnTensor *x, LimnEstimate *estimate)
{
  const LimnSamplerPlan *plan = sampling->plan;
  const LimnEvaluation *at = sampling->at;
  const LimnSamplerCallbacks *callbacks = sampling->callbacks;
  LimnTensor output = callbacks->denoise (run, x, at->t, callbacks->user_data);

  if (!limn_run_ok (run) || limn_tensor_is_empty (&output))
    return FALSE;
  if (!limn_tensor_same_shape (&output, x))
    {
      g_autofree char *found = limn_tensor_describe (&output);
      g_autofree char *wanted = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The network predicted %s for %s", found,
                     wanted);
      return FALSE;
    }
  if (!interpret (plan->params.prediction, (float)at->alpha, (float)at->sigma, sampling->x,
                  limn_tensor_f32 (&output), estimate->x0, estimate->noise, sampling->n))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_NUMERIC,
                     "The network gave something that is not a number in step %d of %d; its "
                     "weights may be damaged",
                     at->step + 1, plan->n_steps);
      return FALSE;
    }
  return TRUE;
}

/* Estimates take turns in @ring, so that the past is found without a copy. */
static void
turn (LimnSampling *sampling, const LimnEstimate *ring, int step)
{
  int n = sampling->plan->strategy->past + 1;

  sampling->now = ring[step % n];
  for (int k = 1; k < n; k++)
    sampling->past[k - 1] = ring[(step + n - k) % n];
  sampling->shown = sampling->now.x0;
}

/* One evaluation, and what the strategy makes of it. */
static gboolean
advance (LimnRun *run, LimnSampling *sampling, const LimnEstimate *ring, const LimnTensor *x)
{
  const LimnStrategy *strategy = sampling->plan->strategy;
  const LimnEvaluation *at = sampling->at;

  if (!at->again)
    turn (sampling, ring, at->step);
  if (!evaluate (run, sampling, x, at->again ? &sampling->again : &sampling->now))
    return FALSE;
  if (at->again)
    strategy->correct (sampling, at->step);
  else
    strategy->step (sampling, at->step);
  return TRUE;
}

static gboolean
run_evaluations (LimnRun *run, LimnSampling *sampling, const LimnEstimate *ring, LimnTensor *x)
{
  const LimnSamplerPlan *plan = sampling->plan;
  const LimnSamplerCallbacks *callbacks = sampling->callbacks;

  for (int e = 0; e < plan->n_evaluations; e++)
    {
      LimnArenaMark mark = limn_run_mark (run);
      gboolean ends_step = e + 1 == plan->n_evaluations
                           || plan->evaluations[e + 1].step != plan->evaluations[e].step;
      gboolean go_on;

      sampling->evaluation = e;
      sampling->at = &plan->evaluations[e];
      go_on = advance (run, sampling, ring, x);
      if (go_on && ends_step && callbacks->step != NULL)
        {
          LimnTensor shown = *x;

          shown.data = (gpointer)sampling->shown;
          go_on = callbacks->step (run, sampling->at->step, plan->n_steps, x, &shown,
                                   callbacks->user_data);
        }
      limn_run_release (run, mark);
      if (!go_on || !limn_run_ok (run))
        return FALSE;
    }
  return TRUE;
}

static float *
take (LimnRun *run, const LimnTensor *like)
{
  LimnTensor buffer = limn_run_tensor (run, like->n_dims, like->extent);

  return limn_tensor_f32 (&buffer);
}

gboolean
limn_sample (LimnRun *run,
             const LimnSamplerPlan *plan,
             LimnTensor *x,
             const LimnSamplerCallbacks *callbacks)
{
  LimnSampling sampling = { .plan = plan, .callbacks = callbacks };
  LimnEstimate ring[LIMN_PAST_MAX + 1];
  LimnArenaMark mark;
  gboolean done = FALSE;

  if (!limn_run_ok (run) || limn_tensor_is_empty (x))
    return FALSE;
  mark = limn_run_mark (run);
  sampling.n = (gsize)limn_tensor_count (x);
  sampling.x = limn_tensor_f32 (x);
  for (int k = 0; k <= plan->strategy->past; k++)
    ring[k] = (LimnEstimate){ take (run, x), take (run, x) };
  sampling.again = (LimnEstimate){ take (run, x), take (run, x) };
  sampling.saved = take (run, x);
  sampling.random = take (run, x);
  if (limn_run_ok (run))
    done = run_evaluations (run, &sampling, ring, x);
  limn_run_release (run, mark);
  return done;
}
