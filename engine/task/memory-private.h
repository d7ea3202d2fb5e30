/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"

G_BEGIN_DECLS

/* Bytes that this process may still come to use: the least of what the system has available, what is left of
 * the control group's limit and of the address space limit. G_MAXSIZE when nothing is known. */
gsize limn_memory_available (void);

/* TRUE when @needed bytes are within @available. Otherwise LIMN_ENGINE_ERROR_NO_MEMORY: how much is needed and free, and
 * the largest square (in steps of @step pixels, below @side) that a task with @extra bytes besides the networks could still do. */
gboolean limn_memory_check (LimnModel *model, gsize needed, gsize available, gsize extra, int side, int step,
                            gboolean guidance, GError **error);

G_END_DECLS
