/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights-private.h"

G_BEGIN_DECLS

/* One tensor of a store. @used is written atomically by readers; all else is fixed when the store
 * is sealed. */
typedef struct
{
  LimnTensor tensor;
  int used;
} LimnWeightsEntry;

/* NULL when there is none. */
LimnWeightsEntry *_limn_weights_find (LimnWeights *weights, const char *name);

G_END_DECLS
