/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* Expected time of each stage of a task, in any unit; for the progress fraction only. */
typedef struct
{
  double of[LIMN_STAGE_BLEND + 1];
  /* Where the task is one pass of several: what comes before it and what it is of all, 0 .. 1; and
   * the steps of those before and of all. Cleared: there is only one. */
  double begin, share;
  int first_step, all_steps;
} LimnStageCosts;

/* The usual ones in units of one evaluation of the UNet on one latent; @guided: two in each of the
 * @evaluations. A stage that a task does not have never begins, and costs the others nothing when
 * it is cleared. */
LimnStageCosts limn_stage_costs (int evaluations, gboolean guided);

/* Tells @callbacks (nullable) that @stage begins, or that @step of the @n_steps of the sampling are
 * done; FALSE, and nobody is told, when the run failed. */
gboolean limn_stage_begin (const LimnStageCosts *costs,
                           LimnRun *run,
                           const LimnTaskCallbacks *callbacks,
                           LimnStage stage,
                           int step,
                           int n_steps);

G_END_DECLS
