/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

typedef struct
{
  int factor; /* 2 or 4; 2 is the model's x4 shrunk by area */
  guint64 seed;
  int steps;
  const char *sampler;
} LimnUpscaleParams;

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

/* Overlapping tiles, blended by weight. Alpha is resized beside it. The result has the channels of
 * @image (grey becomes RGB). NULL and @error on failure. */
LimnImage *limn_upscale (LimnModel *model,
                         LimnRun *run,
                         const LimnImage *image,
                         const LimnUpscaleParams *params,
                         const LimnTaskCallbacks *callbacks,
                         GError **error);

G_END_DECLS
