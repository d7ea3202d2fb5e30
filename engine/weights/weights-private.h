/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/*
 * What the readers of the containers share: an unsealed store that they fill with tensors.
 */

/* Longest header or pickle that is read, and most tensors that are taken, from any file. The
 * largest published models have a header of 0.4 MB and 2,600 tensors. */
#define LIMN_MAX_HEADER_BYTES (100 * 1024 * 1024)
#define LIMN_MAX_TENSORS 1000000

LimnWeights *_limn_weights_new (const char *path, gsize file_bytes);
/* An unsealed store without tensors that otherwise says what @base says, and keeps it alive. */
LimnWeights *_limn_weights_new_over (LimnWeights *base);
/* Adds all that @part has, with @prefix before its names; keeps a reference to it. */
gboolean
_limn_weights_add_all (LimnWeights *weights, LimnWeights *part, const char *prefix, GError **error);
/* Adds a tensor whose data lives as long as the store. An error when @name is taken. */
gboolean _limn_weights_add (LimnWeights *weights,
                            const char *name,
                            const LimnTensor *tensor,
                            GError **error);
/* Hands @data to the store, which calls @destroy when it goes. */
void _limn_weights_own (LimnWeights *weights, gpointer data, GDestroyNotify destroy);
/* A fact for limn_weights_get_metadata(); a later value of a key replaces an earlier one. */
void _limn_weights_set_metadata (LimnWeights *weights, const char *key, const char *value);
/* Constants for limn_weights_get_container() and limn_weights_get_root(). */
void _limn_weights_set_container (LimnWeights *weights, const char *container);
void _limn_weights_set_root (LimnWeights *weights, const char *root);
/* Sorts the names; nothing can be added afterwards. */
void _limn_weights_seal (LimnWeights *weights);

/* Sets LIMN_ENGINE_ERROR @code with "PATH: " before the message. Returns FALSE. */
gboolean
_limn_weights_fail (LimnWeights *weights, GError **error, int code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* The same, LIMN_ENGINE_ERROR_BAD_FILE, with "PATH: tensor NAME: " before the message. */
gboolean _limn_weights_fail_tensor (LimnWeights *weights,
                                    GError **error,
                                    const char *name,
                                    const char *format,
                                    ...) G_GNUC_PRINTF (4, 5);
/* A name out of a file, made harmless and short for messages (transfer full). */
char *_limn_weights_quote (const char *name);
/* "[1, 2, 3]" (transfer full). */
char *_limn_weights_shape (int n_dims, const gint64 *extent);

/* Readers. @bytes is the whole file, mapped; the store keeps a reference. */
gboolean _limn_safetensors_read (LimnWeights *weights, GBytes *bytes, GError **error);
gboolean _limn_gguf_read (LimnWeights *weights, GBytes *bytes, GError **error);
gboolean _limn_checkpoint_read_zip (LimnWeights *weights, GBytes *bytes, GError **error);
gboolean _limn_checkpoint_read_legacy (LimnWeights *weights, GBytes *bytes, GError **error);

G_END_DECLS
