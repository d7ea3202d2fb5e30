/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"

G_BEGIN_DECLS

/* Bytes that this process may still come to use: the least of what the system has available, what
 * is left of the control group's limit and of the address space limit. G_MAXSIZE when nothing is
 * known. */
gsize limn_memory_available (void);

/* Bytes that a task of @run may take with @model (nullable): what is available and what the
 * model keeps already, or the run's limit where that is less. */
gsize limn_memory_for_task (LimnModel *model, const LimnRun *run);
/* Of them, the model may keep packed weights in what is more than @needed. */
void limn_memory_share (LimnModel *model, gsize available, gsize needed);

/* Sets LIMN_ENGINE_ERROR_NO_MEMORY: how much is needed and available, and that @width x @height
 * pixels would fit (0: that nothing smaller would). @limit: the run's. Returns FALSE. */
gboolean limn_memory_refuse (
    gsize needed, gsize available, gsize limit, int width, int height, GError **error);

G_END_DECLS
