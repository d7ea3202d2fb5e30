/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/sampler.h"

G_BEGIN_DECLS

/* ---- What a name says ----------------------------------------------------------------------- */

/* Which noise levels a sampler goes through. */
typedef enum
{
  LIMN_LEVELS_OWN,         /* the training schedule's, evenly spaced in time */
  LIMN_LEVELS_KARRAS,      /* evenly spaced in sigma^(1/7) */
  LIMN_LEVELS_EXPONENTIAL, /* evenly spaced in log (sigma) */
  LIMN_LEVELS_TRAILING,    /* evenly spaced in time from the last timestep on */
} LimnLevels;

#define LIMN_LEVELS_ALL                                                                            \
  (1 << LIMN_LEVELS_OWN | 1 << LIMN_LEVELS_KARRAS | 1 << LIMN_LEVELS_EXPONENTIAL                   \
   | 1 << LIMN_LEVELS_TRAILING)
#define LIMN_LEVELS_BY_TIME (1 << LIMN_LEVELS_OWN | 1 << LIMN_LEVELS_TRAILING)

/* How a family of solvers lays its steps over the schedule. */
typedef enum
{
  LIMN_GRID_TIME,      /* DDIM: whole timesteps, ends at the level of timestep 0 */
  LIMN_GRID_SIGMA,     /* Euler: fractional timesteps from the last to 0, then no noise */
  LIMN_GRID_LOG,       /* DPM-Solver: whole timesteps from the last, 0 left out, then no noise */
  LIMN_GRID_DISTILLED, /* LCM: out of the timesteps of its training, then no noise */
  LIMN_GRID_DISTILLED_LOW, /* TCD: the same, ends at the level of timestep 0 */
} LimnGrid;

/* ---- The state of the loop ------------------------------------------------------------------ */

/* What one evaluation says at x = alpha x0 + sigma noise. */
typedef struct
{
  float *x0;
  float *noise;
} LimnEstimate;

#define LIMN_PAST_MAX 3

/**
 * LimnSampling:
 *
 * What a strategy works on. All buffers have n elements.
 */
typedef struct
{
  const LimnSamplerPlan *plan;
  const LimnSamplerCallbacks *callbacks;
  gsize n;
  int evaluation;                   /* its number */
  const LimnEvaluation *at;         /* the same in the plan */
  float *x;                         /* the state; a step replaces it by that of the next level */
  float *saved;                     /* the strategy's own: a state from before */
  LimnEstimate now;                 /* of this step's first evaluation */
  LimnEstimate again;               /* of its second; the strategy's own in a step that has none */
  LimnEstimate past[LIMN_PAST_MAX]; /* like now, 1, 2, 3 steps before; undefined before the first */
  const float *shown; /* the estimate of the clean latent for the step function; now.x0 */
  float *random;      /* room for normals, filled by limn_sampling_draw() */
} LimnSampling;

/* Fills @random with the normals of this evaluation. */
void limn_sampling_draw (LimnSampling *self);
/* x += amount * normals; draws nothing when amount is 0. */
void limn_sampling_add_noise (LimnSampling *self, double amount);
/* saved = x */
void limn_sampling_save (LimnSampling *self);

/* log (alpha / sigma) at level @i of the plan: half the logarithm of the signal-to-noise ratio;
 * infinite without noise. */
double limn_plan_lambda (const LimnSamplerPlan *plan, int i);
/* sigma / alpha there: the noise as added to x0. */
double limn_plan_sigma (const LimnSamplerPlan *plan, int i);

/* ---- Strategies ----------------------------------------------------------------------------- */

/**
 * LimnStrategy:
 * @levels: bits 1 << LimnLevels of the schedules that it runs on
 * @takes_eta: whether the person may say another eta
 * @eta: its own
 * @past: how many steps it looks back, at most LIMN_PAST_MAX
 * @second: (nullable): whether step @i of the plan evaluates the network a second time, and where
 * (t, alpha and sigma of @at); @firsts are the first evaluations of all steps
 * @step: from the state before step @i and its first evaluation to level i + 1, or to the place of
 * the second evaluation
 * @correct: (nullable): after the second evaluation, to level i + 1
 *
 * One way of solving the reverse process.
 */
struct _LimnStrategy
{
  const char *name;
  LimnGrid grid;
  guint levels;
  gboolean takes_eta;
  float eta;
  int past;
  gboolean (*second) (const LimnSamplerPlan *plan,
                      const LimnEvaluation *firsts,
                      int i,
                      LimnEvaluation *at);
  void (*step) (LimnSampling *sampling, int i);
  void (*correct) (LimnSampling *sampling, int i);
};

/* The strategy and the levels of a sampler's name; NULL when there is none. @info: (nullable): its
 * row in the list. */
const LimnStrategy *
limn_strategy_find (const char *name, LimnLevels *levels, const LimnSamplerInfo **info);

/* Fills the whole way of @plan, strength aside: alpha, sigma, start, and in @firsts where each step
 * evaluates the network first (room for n_timesteps). Returns the number of steps. */
int limn_levels_fill (LimnSamplerPlan *plan, LimnLevels levels, LimnEvaluation *firsts);
/* alpha and sigma of @at for a level of noise as added to x0. */
void limn_level_set (LimnEvaluation *at, double sigma);

/* With the plan's eta, and with none. */
void limn_ddim_step (LimnSampling *sampling, int i);
void limn_ddim_flow (LimnSampling *sampling, int i);

gboolean limn_plms_second (const LimnSamplerPlan *plan,
                           const LimnEvaluation *firsts,
                           int i,
                           LimnEvaluation *at);
void limn_plms_step (LimnSampling *sampling, int i);
void limn_plms_correct (LimnSampling *sampling, int i);

gboolean limn_heun_second (const LimnSamplerPlan *plan,
                           const LimnEvaluation *firsts,
                           int i,
                           LimnEvaluation *at);
void limn_heun_step (LimnSampling *sampling, int i);
void limn_heun_correct (LimnSampling *sampling, int i);

void limn_dpmpp_2m_step (LimnSampling *sampling, int i);
void limn_dpmpp_2m_sde_step (LimnSampling *sampling, int i);
void limn_dpmpp_2s_step (LimnSampling *sampling, int i);
void limn_dpmpp_2s_sde_step (LimnSampling *sampling, int i);

gboolean limn_dpmpp_sde_second (const LimnSamplerPlan *plan,
                                const LimnEvaluation *firsts,
                                int i,
                                LimnEvaluation *at);
void limn_dpmpp_sde_step (LimnSampling *sampling, int i);
void limn_dpmpp_sde_correct (LimnSampling *sampling, int i);

void limn_unipc_bh1_step (LimnSampling *sampling, int i);
void limn_unipc_bh2_step (LimnSampling *sampling, int i);

void limn_lcm_step (LimnSampling *sampling, int i);
void limn_tcd_step (LimnSampling *sampling, int i);

G_END_DECLS
