/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/**
 * LimnGenerateParams:
 *
 * A picture from nothing but noise and what the model is told. Of what can be told, give what the
 * model takes (LimnModelInfo.takes) and leave the rest as limn_generate_params_init() sets it. The
 * same parameters and model give the same bits. All pointers are borrowed.
 */
typedef struct
{
  const char *prompt, *negative; /* (nullable): not given, as good as empty */
  int category;                  /* a class; -1: not given */
  const LimnLabelledBox *boxes;  /* (nullable): not given */
  int n_boxes;
  const LimnImage *labels; /* (nullable): not given; 1 channel: the label's number at each pixel,
                              brought to the picture's size without mixing */
  const float *embedding;  /* (nullable): not given; [n_vectors][embedding_width] */
  int n_vectors, embedding_width;

  int width, height; /* of the picture; 0: the size of the map of labels, else what the model was
                        trained for */
  guint64 seed;
  int steps;      /* 1 .. 200 */
  float guidance; /* 1 = none .. 30; without effect on models that cannot be guided */
  const char *sampler;
  float eta;     /* share of fresh noise in each step, 0 to 1, of samplers that take it; or
                    LIMN_ETA_DEFAULT */
  float rescale; /* how far guided predictions are brought back to the deviation of unguided ones, 0
                    to 1; or LIMN_RESCALE_DEFAULT */
  int step_cache; /* 0 or 1: every evaluation runs the whole UNet; N, to LIMN_MAX_STEP_CACHE: one of N
                     does, and the others take its deep features: faster, and not the same */
} LimnGenerateParams;

/* The model's defaults, and nothing told; strings are borrowed from the model. */
void limn_generate_params_init (LimnGenerateParams *params, LimnModel *model);

/* What will happen, before it does: cheap, no network is run. */
typedef struct
{
  int width, height; /* of the picture */
  LimnRect made; /* what the model makes, of a size that it can, in the picture; may hang over its
                    edges */
  int steps;     /* denoising steps that will be run */
  gsize memory;  /* upper estimate of bytes needed */
} LimnGeneratePlan;

/* LIMN_ENGINE_ERROR_ARGUMENT says what the model takes when it is given something else, or not
 * given what it needs, and which parameter is out of range. */
gboolean limn_generate_plan (LimnModel *model,
                             const LimnGenerateParams *params,
                             LimnGeneratePlan *plan,
                             GError **error);

/* The whole pipeline: one RGB picture. Synchronous; cancel by run's cancellable. The free memory is
 * checked before anything is computed (LIMN_ENGINE_ERROR_NO_MEMORY says what would fit). NULL and
 * @error on failure. */
LimnImage *limn_generate (LimnModel *model,
                          LimnRun *run,
                          const LimnGenerateParams *params,
                          const LimnTaskCallbacks *callbacks,
                          GError **error);

/* "a class", "a prompt and …": what @takes (of what a person tells a model) is, for messages
 * (transfer full); NULL when it is nothing. */
char *limn_takes_describe (LimnTakes takes);

G_END_DECLS
