/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/generate.h"
#include "engine/task/inpaint.h"
#include "engine/task/upscale.h"

G_BEGIN_DECLS

/**
 * LimnEstimate:
 *
 * How long things take on this computer, learnt from how long they took: seconds per pixel and network evaluation for each
 * model, in a small file under the cache folder. Safe to use from several threads.
 */
typedef struct _LimnEstimate LimnEstimate;

/* @path: NULL for XDG_CACHE_HOME/limn/times.ini. A file that is missing or makes no sense is as good as none. */
LimnEstimate *limn_estimate_new (const char *path);
void limn_estimate_free (LimnEstimate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnEstimate, limn_estimate_free)

/* Expected seconds of an inpaint, -1 when nothing is known of @model. */
double limn_estimate_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance);
/* What one took; keeps the file up to date (a file that cannot be written is no error). */
void limn_estimate_learn_inpaint (LimnEstimate *self, const char *model, const LimnInpaintPlan *plan, gboolean guidance,
                                  double seconds);

/* The same for a removal: it needs no model, and nothing that a model took is learnt for it. Small and large ones learn apart, as
 * what each has to do besides has another share. */
double limn_estimate_remove (LimnEstimate *self, const LimnInpaintPlan *plan);
void limn_estimate_learn_remove (LimnEstimate *self, const LimnInpaintPlan *plan, double seconds);

/* The same for a picture from nothing. */
double limn_estimate_generate (LimnEstimate *self, const char *model, const LimnGeneratePlan *plan, gboolean guidance);
void limn_estimate_learn_generate (LimnEstimate *self, const char *model, const LimnGeneratePlan *plan, gboolean guidance,
                                   double seconds);

/* How much there is to do for an upscale. */
typedef struct
{
  int n_tiles;
  int tile_width, tile_height; /* about; pixels of the picture before */
  int steps;
} LimnUpscaleWork;

/* The work for a picture of @width x @height pixels; FALSE when @model does not do that. */
gboolean limn_upscale_work_init (LimnUpscaleWork *work, LimnModel *model, int width, int height,
                                 const LimnUpscaleParams *params);
/* As for an inpaint; -1, too, where nothing is known but single tiles and there are more. */
double limn_estimate_upscale (LimnEstimate *self, const char *model, const LimnUpscaleWork *work);
void limn_estimate_learn_upscale (LimnEstimate *self, const char *model, const LimnUpscaleWork *work, double seconds);

G_END_DECLS
