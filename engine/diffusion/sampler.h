/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/noise.h"
#include "engine/diffusion/schedule.h"
#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* A sampler as the person knows it: a name for --sampler and files, a title for menus. */
typedef struct
{
  const char *name;  /* "ddim", "dpmpp_2m", "dpmpp_2m_karras" */
  const char *title; /* "DDIM", "DPM++ 2M Karras" */
} LimnSamplerInfo;

/* All samplers, ended by a NULL name. */
const LimnSamplerInfo *limn_sampler_list (void);
gboolean limn_sampler_is_known (const char *name);

/* What decides a trajectory besides the network. Set the defaults with limn_sampler_params_init().
 */
typedef struct
{
  const char *sampler;
  int steps;      /* 1 .. n_timesteps, of the whole way from noise */
  float strength; /* 0 < s <= 1: the last int (steps * strength), at least one, are run */
  float eta;      /* DDIM: 0 deterministic .. 1 as noisy as DDPM */
  LimnSpacing spacing;
  LimnPrediction prediction;
  const float *alphas_cumprod; /* borrowed */
  int n_timesteps;
} LimnSamplerParams;

/* ddim, 20 steps, strength 1, eta 0, noise prediction, the given schedule. */
void
limn_sampler_params_init (LimnSamplerParams *params, const float *alphas_cumprod, int n_timesteps);

typedef struct _LimnStrategy LimnStrategy;

/**
 * LimnSamplerPlan:
 * @n_steps: evaluations of the network that will be done
 * @first_step: how many steps of the whole way are left out, by strength; 0: it starts from pure
 * noise
 * @timesteps: n_steps: what the network is given
 * @alpha, @sigma: n_steps + 1: the state before step i is alpha[i] * x0 + sigma[i] * noise; the
 * last pair is that of the result. alpha^2 + sigma^2 = 1.
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
} LimnSamplerPlan;

/* LIMN_ENGINE_ERROR_ARGUMENT when a parameter is out of range or the sampler is not known. */
LimnSamplerPlan *limn_sampler_plan_new (const LimnSamplerParams *params, GError **error);
void limn_sampler_plan_free (LimnSamplerPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnSamplerPlan, limn_sampler_plan_free)

/**
 * LimnDenoiser:
 * @x: [n, h, w, c] noisy latent, already scaled as the network expects
 * @t: timestep
 *
 * The guided prediction of the network at (x, t), in the network's own parameterisation, same shape
 * as @x; the empty tensor when the run failed. What it allocates in the arena is released after the
 * step.
 */
typedef LimnTensor (*LimnDenoiser) (LimnRun *run, const LimnTensor *x, float t, gpointer user_data);

/**
 * LimnStepFunc:
 *
 * Called after each step on the sampling thread with the state and the current estimate of the
 * clean latent. It may change @x in place (latent blending of ordinary models). @step counts from
 * 0. FALSE stops.
 */
typedef gboolean (*LimnStepFunc) (LimnRun *run, int step, int n_steps, LimnTensor *x,
                                  const LimnTensor *x0, gpointer user_data);

/* Where the noise of stochastic steps comes from: fills @out with @n standard normals for @step. */
typedef void (*LimnNoiseFunc) (int step, float *out, gsize n, gpointer user_data);

/* What limn_sample() calls. */
typedef struct
{
  LimnDenoiser denoise;
  LimnStepFunc step;   /* nullable */
  LimnNoiseFunc noise; /* nullable: limn_noise_normal (seed, LIMN_NOISE_STEP + step) */
  guint64 seed;
  gpointer user_data; /* of all three */
} LimnSamplerCallbacks;

/* x = alpha[0] * x0 + sigma[0] * noise: the state before the first step, in place of @noise. @x0:
 * (nullable): the clean latent that strength < 1 starts from; NULL means 0. When the plan starts
 * from the beginning (first_step is 0), the state is the noise itself, whatever @x0 is. */
void limn_sampler_start (const LimnSamplerPlan *plan, LimnTensor *noise, const LimnTensor *x0);

/**
 * limn_sample:
 * @x: [n, h, w, c]: the state from limn_sampler_start(); holds the result afterwards
 *
 * Runs the plan. Everything that the loop needs is taken from the arena before it starts and given
 * back in the end. FALSE when the run failed (see limn_run_check()) or the step function stopped
 * it; @x is then where it came to.
 */
gboolean limn_sample (LimnRun *run, const LimnSamplerPlan *plan, LimnTensor *x,
                      const LimnSamplerCallbacks *callbacks);

G_END_DECLS
