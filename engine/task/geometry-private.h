/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* What the geometry needs to know of a model. */
typedef struct
{
  int multiple; /* sides that the networks take are multiples of this, in pixels */
  int native;   /* side that the model was trained for; a multiple of @multiple */
  int smallest; /* smallest side that gives sense; a multiple of @multiple */
} LimnModelSize;

LimnModelSize limn_model_size (const LimnModelInfo *info);

/* Sets crop, width, height, mask_bounds, grow, feather and paste_fade of @plan for a mask with the
 * (not empty) bounding box @painted and of plan->thickness in a picture of @width x @height pixels.
 * Pure arithmetic. */
void limn_inpaint_geometry (const LimnModelSize *size,
                            int width,
                            int height,
                            const LimnRect *painted,
                            const LimnInpaintParams *params,
                            LimnInpaintPlan *plan);

/* Sets refine_crop and the size of the second pass of @plan, after limn_inpaint_geometry(); empty and
 * 0 where it would show no more than the first. */
void limn_inpaint_refine_geometry (const LimnModelSize *size, LimnInpaintPlan *plan);

/* FALSE and LIMN_ENGINE_ERROR_ARGUMENT when @crop is no part of any picture. An empty one may lie
 * anywhere. */
gboolean limn_check_crop (const LimnRect *crop, GError **error);

/* Picture pixels beyond the painted ones that may change: grow + feather / 2. */
static inline float
limn_inpaint_rim (const LimnInpaintPlan *plan)
{
  return plan->grow + plan->feather / 2.0f;
}

G_END_DECLS
