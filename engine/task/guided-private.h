/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/guidance.h"
#include "engine/diffusion/sampler.h"
#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/**
 * LimnGuided:
 *
 * A model and all that it is told, as samplers want it: a function of the noisy latent and the
 * timestep. Must not move once it is initialised. Its tensors live in the run's arena.
 */
typedef struct
{
  LimnModel *model; /* borrowed */
  LimnGuidance guidance;
  LimnTensor concat; /* [1, h, w, channels], behind the latent's channels; empty: nothing */
  gint32 label;      /* of models that take a noise level */
  LimnUnetMemory *memory; /* while it samples; in the arena */
} LimnGuided;

/* Whether the UNet is evaluated twice in each step: with what is wanted and without. */
gboolean limn_guided_is_double (const LimnModelInfo *info, float guidance);

/* @cond: (nullable): [1, tokens, width], what is wanted; @uncond: (nullable): what guidance leads
 * away from. @rescale: LIMN_RESCALE_DEFAULT or a share (LimnGuidance). Set concat and label
 * afterwards. */
void limn_guided_init (LimnGuided *self,
                       LimnModel *model,
                       LimnRun *run,
                       const LimnTensor *cond,
                       const LimnTensor *uncond,
                       float guidance,
                       float rescale);

/* The same from prompts (nullable), for models that take one. Contexts of different lengths are
 * filled up with empty prompts. Tells @callbacks (nullable) when a prompt was cut. */
void limn_guided_init_prompts (LimnGuided *self,
                               LimnModel *model,
                               LimnRun *run,
                               const char *prompt,
                               const char *negative,
                               float guidance,
                               float rescale,
                               const LimnTaskCallbacks *callbacks);

/* limn_sample() of the way that starts at @x, with what all steps share computed once. @callbacks: their
 * denoise calls limn_guided_predict(). @step_cache: see limn_model_remember(). */
gboolean limn_guided_sample (LimnGuided *self,
                             LimnRun *run,
                             const LimnSamplerPlan *plan,
                             LimnTensor *x,
                             const LimnSamplerCallbacks *callbacks,
                             int step_cache);

/* x: [1, h, w, latent channels] -> the guided prediction, same shape. */
LimnTensor limn_guided_predict (LimnGuided *self, LimnRun *run, const LimnTensor *x, float t);

/* The way of @sampler with @model's schedule; all parameters are checked. @eta: LIMN_ETA_DEFAULT, or
 * for a sampler that takes it. */
LimnSamplerPlan *limn_task_sampler_plan (LimnModel *model,
                                         const char *sampler,
                                         int steps,
                                         float strength,
                                         float eta,
                                         GError **error);

G_END_DECLS
