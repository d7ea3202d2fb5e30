/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/unpickle.h"

G_BEGIN_DECLS

/* The bytes of storage @key (transfer full), NULL on error. */
typedef GBytes *(*LimnStorageFunc) (const char *key, gpointer user_data, GError **error);

/* Adds the tensors of a checkpoint's state dict to @weights: those of root["state_dict"], or of
 * root itself. */
gboolean _limn_state_dict_read (LimnWeights *weights,
                                const LimnPickleValue *root,
                                LimnStorageFunc get_storage,
                                gpointer user_data,
                                GError **error);

G_END_DECLS
