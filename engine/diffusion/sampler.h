/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/noise.h"
#include "engine/diffusion/schedule.h"
#include "engine/tensor/run.h"

G_BEGIN_DECLS

/**
 * LimnSamplerInfo:
 *
 * A sampler as the person knows it: a name for --sampler and files, a title for menus. A name is a
 * solver, and after "_" the schedule of noise levels when it is not the solver's own: "karras",
 * "exponential", "trailing" (also called "sgm_uniform").
 */
typedef struct
{
  const char *name;  /* "ddim", "euler_a", "dpmpp_2m_sde_karras" */
  const char *title; /* "DDIM", "Euler ancestral", "DPM++ 2M SDE Karras" */
} LimnSamplerInfo;

/* All samplers, ended by a NULL name. */
const LimnSamplerInfo *limn_sampler_list (void);
/* TRUE for all names of the list and their synonyms. */
gboolean limn_sampler_is_known (const char *name);
/* Whether the eta of LimnSamplerParams means anything to it. */
gboolean limn_sampler_takes_eta (const char *name);

/* The sampler's own: 0 for DDIM and Euler, 0.3 for TCD, 1 for Euler ancestral and the stochastic
 * DPM++ solvers. */
#define LIMN_ETA_DEFAULT (-1.0f)

/* What decides a trajectory besides the network. Set the defaults with limn_sampler_params_init().
 */
typedef struct
{
  const char *sampler;
  int steps;      /* 1 .. n_timesteps, of the whole way from noise */
  float strength; /* 0 < s <= 1: the last int (steps * strength), at least one, are run */
  float eta; /* DDIM, Euler, TCD (its gamma), the stochastic DPM++ solvers: 0 deterministic .. 1; or
                LIMN_ETA_DEFAULT */
  LimnSpacing spacing; /* LIMN_SPACING_DEFAULT: what the sampler's name says */
  LimnPrediction prediction;
  const float *alphas_cumprod; /* borrowed; used until the plan is freed */
  int n_timesteps;
  int order;        /* UniPC: 1 .. 3; 0: its own, 2 */
  gboolean end_low; /* samplers that end without noise: end at the level of timestep 0 instead */
} LimnSamplerParams;

/* ddim, 20 steps, strength 1, the sampler's own eta, noise prediction, the given schedule. */
void
limn_sampler_params_init (LimnSamplerParams *params, const float *alphas_cumprod, int n_timesteps);

typedef struct _LimnStrategy LimnStrategy;

/**
 * LimnEvaluation:
 * @step: of the plan
 * @again: the second one in its step
 * @t: what the network is given
 * @alpha, @sigma: what its input is: alpha * x0 + sigma * noise
 *
 * One call of the network.
 */
typedef struct
{
  int step;
  gboolean again;
  float t;
  double alpha, sigma;
} LimnEvaluation;

/**
 * LimnSamplerPlan:
 * @n_steps: steps that will be done
 * @first_step: how many steps of the whole way are left out, by strength; 0: it starts from pure
 * noise
 * @timesteps: n_steps: what the network is given first in each step
 * @alpha, @sigma: n_steps + 1: the state before step i is alpha[i] * x0 + sigma[i] * noise; the
 * last pair is that of the result. alpha^2 + sigma^2 = 1.
 * @start: what pure noise is multiplied with to be the state before the first step: 1, or sigma[0]
 * for samplers that see the noise as added to x0
 * @n_evaluations, @evaluations: calls of the network, in order; one or two a step
 *
 * A trajectory before it is run. A step function that blends a known picture in uses the pair after
 * its step, [step + 1].
 */
typedef struct
{
  LimnSamplerParams params;
  const LimnStrategy *strategy;
  int n_steps;
  int first_step;
  float *timesteps;
  double *alpha;
  double *sigma;
  double start;
  int n_evaluations;
  LimnEvaluation *evaluations;
} LimnSamplerPlan;

/* LIMN_ENGINE_ERROR_ARGUMENT when a parameter is out of range, the sampler is not known, or a
 * network that predicts noise is to start where there is nothing but noise. */
LimnSamplerPlan *limn_sampler_plan_new (const LimnSamplerParams *params, GError **error);
void limn_sampler_plan_free (LimnSamplerPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnSamplerPlan, limn_sampler_plan_free)

/**
 * LimnDenoiser:
 * @x: [n, h, w, c] noisy latent, already scaled as the network expects
 * @t: timestep
 *
 * The guided prediction of the network at (x, t), in the network's own parameterisation, same shape
 * as @x; the empty tensor when the run failed. Called for each of the plan's evaluations in order.
 * What it allocates in the arena is released after it is used.
 */
typedef LimnTensor (*LimnDenoiser) (LimnRun *run, const LimnTensor *x, float t, gpointer user_data);

/**
 * LimnStepFunc:
 *
 * Called after each step on the sampling thread with the state and the current estimate of the
 * clean latent. It may change @x in place (latent blending of ordinary models): the next evaluation
 * sees that; what solvers keep of earlier steps stays. @step counts from 0. FALSE stops.
 */
typedef gboolean (*LimnStepFunc) (LimnRun *run,
                                  int step,
                                  int n_steps,
                                  LimnTensor *x,
                                  const LimnTensor *x0,
                                  gpointer user_data);

/* Where the noise of stochastic steps comes from: fills @out with @n standard normals for what
 * follows the plan's evaluation number @evaluation (that of the step, where each step has one).
 * Asked for at most once each; not where the noise would be multiplied by 0. */
typedef void (*LimnNoiseFunc) (int evaluation, float *out, gsize n, gpointer user_data);

/* What limn_sample() calls. */
typedef struct
{
  LimnDenoiser denoise;
  LimnStepFunc step;   /* nullable */
  LimnNoiseFunc noise; /* nullable: limn_noise_normal (seed, LIMN_NOISE_STEP + evaluation) */
  guint64 seed;
  gpointer user_data; /* of all three */
} LimnSamplerCallbacks;

/* x = alpha[0] * x0 + sigma[0] * noise: the state before the first step, in place of @noise. @x0:
 * (nullable): the clean latent that strength < 1 starts from; NULL means 0. When the plan starts
 * from the beginning (first_step is 0), the state is the noise times the plan's start, whatever @x0
 * is. */
void limn_sampler_start (const LimnSamplerPlan *plan, LimnTensor *noise, const LimnTensor *x0);

/**
 * limn_sample:
 * @x: [n, h, w, c]: the state from limn_sampler_start(); holds the result afterwards
 *
 * Runs the plan. Everything that the loop needs is taken from the arena before it starts and given
 * back in the end. FALSE when the run failed (see limn_run_check()) or the step function stopped
 * it; @x is then where it came to.
 */
gboolean limn_sample (LimnRun *run,
                      const LimnSamplerPlan *plan,
                      LimnTensor *x,
                      const LimnSamplerCallbacks *callbacks);

G_END_DECLS
