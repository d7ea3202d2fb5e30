/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/progress-private.h"

LimnStageCosts
limn_stage_costs (int evaluations, gboolean guided)
{
  LimnStageCosts costs = { .of = {
                               [LIMN_STAGE_TEXT] = 0.1,
                               [LIMN_STAGE_ENCODE] = 1.0,
                               [LIMN_STAGE_DECODE] = 2.5,
                               [LIMN_STAGE_BLEND] = 0.1,
                           } };

  costs.of[LIMN_STAGE_SAMPLE] = evaluations * (guided ? 2.0 : 1.0);
  return costs;
}

gboolean
limn_stage_begin (const LimnStageCosts *costs,
                  LimnRun *run,
                  const LimnTaskCallbacks *callbacks,
                  LimnStage stage,
                  int step,
                  int n_steps)
{
  double total = 0.0, done = 0.0;

  if (!limn_run_ok (run))
    return FALSE;
  if (callbacks == NULL || callbacks->progress == NULL)
    return TRUE;
  for (int i = 0; i <= LIMN_STAGE_BLEND; i++)
    {
      total += costs->of[i];
      if (i < (int)stage)
        done += costs->of[i];
    }
  if (stage == LIMN_STAGE_SAMPLE && n_steps > 0)
    done += costs->of[stage] * step / n_steps;
  if (costs->all_steps > 0)
    {
      done = (costs->begin + costs->share * done / total) * total;
      step += costs->first_step;
      n_steps = costs->all_steps;
    }
  callbacks->progress (
      &(LimnProgress){ .stage = stage, .step = step, .n_steps = n_steps, .fraction = done / total },
      callbacks->user_data);
  return limn_run_ok (run);
}
