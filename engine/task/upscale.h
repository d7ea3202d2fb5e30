/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* Strings are borrowed. Of a model of one pass (LimnModelInfo.one_pass) only the factor counts. */
typedef struct
{
  int factor; /* 2, 4 or the model's own; what the model makes is resampled to the other ones */
  guint64 seed;
  int steps;
  const char *sampler;
  /* Nullable; an error for models that take none. Without both nothing is guided. */
  const char *prompt, *negative;
  float guidance;  /* of models that can be guided */
  int noise_level; /* 0 .. max_noise_level; 0 for models that take none */
} LimnUpscaleParams;

/* The model's defaults, and its own factor. */
void limn_upscale_params_init (LimnUpscaleParams *params, LimnModel *model);

typedef struct
{
  int width, height; /* of the result */
  int n_tiles;
  gsize memory;
} LimnUpscalePlan;

gboolean limn_upscale_plan (LimnModel *model,
                            const LimnImage *image,
                            const LimnUpscaleParams *params,
                            LimnUpscalePlan *plan,
                            GError **error);

/* Overlapping tiles, blended by weight; those of a network of one pass are blended in the middle of
 * their overlap only, away from edges that are not the picture's. Alpha is resized beside it. The
 * result has the channels of
 * @image (grey becomes RGB). NULL and @error on failure. */
LimnImage *limn_upscale (LimnModel *model,
                         LimnRun *run,
                         const LimnImage *image,
                         const LimnUpscaleParams *params,
                         const LimnTaskCallbacks *callbacks,
                         GError **error);

G_END_DECLS
