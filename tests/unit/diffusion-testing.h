/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/sampler.h"
#include "tests/unit/tensor-testing.h"

G_BEGIN_DECLS

#define TOY_TIMESTEPS 1000
/* Elements of a toy's state, [1, 5, 10, 4]. */
#define TOY_SIZE 200
/* The last steps, to no noise at all, are of first order with every solver: orders are measured
 * before. */
#define TOY_LATE_LEVEL(n_steps) ((n_steps)*4 / 5)

/* The schedule of Stable Diffusion; @zero_snr: rescaled to end in pure noise. */
void toy_schedule (float *alphas, gboolean zero_snr);

/* What a plan is made of; what is 0 has the usual value. */
typedef struct
{
  const char *sampler;
  int steps;
  float strength; /* 0: 1 */
  LimnPrediction prediction;
  gboolean zero_snr;
  gboolean set_eta;
  float eta;
  int order;
  gboolean end_low;
} ToySetting;

/* The schedule goes to @alphas, TOY_TIMESTEPS of them, which must live as long as the plan. */
LimnSamplerPlan *toy_plan (const ToySetting *setting, float *alphas, GError **error);

/**
 * Toy:
 *
 * A network with a known answer. Data that are normal with mean @mean and deviation @spread in
 * every element have a known score, so the exact prediction at (x, level) is known; and the
 * probability flow that the deterministic samplers follow moves x along a straight family: (x -
 * alpha mean) / sqrt (alpha^2 spread^2 + sigma^2) stays as it is.
 */
typedef struct
{
  double mean, spread;
  /* What goes wrong, by number of the evaluation or step; -1: nothing */
  int nan_at, cancel_at, stop_at;
  GCancellable *cancellable;
  gboolean impulses; /* the noise of evaluation e is 1 at element e + 1, and 0 elsewhere */

  /* Set by toy_run() */
  const LimnSamplerPlan *plan;
  LimnArena *arena;
  int calls, draws, last_draw;
  gsize peak;           /* of the arena after the first step */
  float late[TOY_SIZE]; /* state at TOY_LATE_LEVEL */
} Toy;

#define TOY_INIT                                                                                   \
  {                                                                                                \
    .mean = 0.2, .spread = 0.6, .nan_at = -1, .cancel_at = -1, .stop_at = -1                       \
  }

/* Samples from @x, where the state before the first step is, to where the plan ends. Checks that
 * the evaluations are the plan's, and that the loop allocates before the second step only. FALSE
 * when it was stopped or failed (@error). */
gboolean toy_run (Toy *toy,
                  const LimnSamplerPlan *plan,
                  guint64 seed,
                  int n_threads,
                  float *x,
                  GError **error);

G_END_DECLS
