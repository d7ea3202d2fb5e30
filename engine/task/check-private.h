/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"

G_BEGIN_DECLS

/* FALSE when the run failed; fails it with LIMN_ENGINE_ERROR_NUMERIC when @x, which @model
 * computed, has NaN or infinity. The message names the damaged tensor of the model, if there is
 * one. */
gboolean limn_task_check_finite (LimnModel *model, LimnRun *run, const LimnTensor *x);

/* LIMN_ENGINE_ERROR_MISSING when the model lacks something that it needs for any task. */
gboolean limn_task_check_model (const LimnModelInfo *info, GError **error);

/* What the person may give for any task; LIMN_ENGINE_ERROR_ARGUMENT names the range or the samplers
 * that there are. */
gboolean limn_task_check_guidance (float guidance, GError **error);
gboolean limn_task_check_steps (int steps, GError **error);
gboolean limn_task_check_sampler (const char *sampler, GError **error);
/* Of a sampler that is known. */
gboolean limn_task_check_eta (const char *sampler, float eta, GError **error);
gboolean limn_task_check_rescale (float rescale, GError **error);
/* 0 to LIMN_MAX_STEP_CACHE. */
gboolean limn_task_check_step_cache (int step_cache, GError **error);

G_END_DECLS
