/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/sampler.h"

G_BEGIN_DECLS

/**
 * LimnSampling:
 *
 * The state of the loop that a strategy's step works on. All buffers have n elements.
 */
typedef struct
{
  const LimnSamplerPlan *plan;
  const LimnSamplerCallbacks *callbacks;
  gsize n;
  float *x;                    /* the state; the step replaces it by that of the next level */
  const float *x0;             /* estimate of the clean latent at this step */
  const float *previous;       /* the same at the step before; undefined at the first */
  const float *noise_estimate; /* (x - alpha x0) / sigma */
  float *random;               /* room for normals, filled by limn_sampling_draw() */
} LimnSampling;

/* Fills @random for @step. */
void limn_sampling_draw (LimnSampling *self, int step);

/**
 * LimnStrategy:
 * @plan: fills the whole way, strength aside: at most n_timesteps timesteps and one level more, and
 * returns the number of steps
 * @step: one step, from level @i to level @i + 1
 *
 * One way of solving the reverse process.
 */
struct _LimnStrategy
{
  const char *name;
  int (*plan) (const LimnSamplerParams *params, float *timesteps, double *alpha, double *sigma);
  void (*step) (LimnSampling *sampling, int i);
};

int
limn_ddim_plan (const LimnSamplerParams *params, float *timesteps, double *alpha, double *sigma);
void limn_ddim_step (LimnSampling *sampling, int i);

int
limn_dpmpp_plan (const LimnSamplerParams *params, float *timesteps, double *alpha, double *sigma);
int limn_dpmpp_karras_plan (const LimnSamplerParams *params, float *timesteps, double *alpha,
                            double *sigma);
void limn_dpmpp_2m_step (LimnSampling *sampling, int i);

G_END_DECLS
