/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* Bytes that this process may still come to use: the least of what the system has available, what
 * is left of the control group's limit and of the address space limit. G_MAXSIZE when nothing is
 * known. */
gsize limn_memory_available (void);

/* Sets LIMN_ENGINE_ERROR_NO_MEMORY: how much is needed and free, and that @width x @height pixels
 * would fit (0: that nothing smaller would). Returns FALSE. */
gboolean limn_memory_refuse (gsize needed, gsize available, int width, int height, GError **error);

G_END_DECLS
