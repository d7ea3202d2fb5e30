/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/generate.h"
#include "engine/task/guided-private.h"
#include "engine/task/progress-private.h"

G_BEGIN_DECLS

/* One picture while it is made. Tensors live in the run's arena. */
typedef struct
{
  /* Borrowed */
  LimnModel *model;
  const LimnModelInfo *info;
  LimnRun *run;
  const LimnGenerateParams *params;
  const LimnTaskCallbacks *callbacks; /* nullable */

  LimnGeneratePlan plan;
  LimnStageCosts costs;
  LimnTensor latent; /* [1, h, w, c] */
  LimnGuided guided;

  /* Owned */
  LimnSamplerPlan *sampler;
} LimnGenerate;

/* All that the UNet is told, into self->guided. */
void _limn_generate_tell (LimnGenerate *self);

G_END_DECLS
