/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/tensor.h"
#include "engine/tensor/run.h"

G_BEGIN_DECLS

/**
 * LimnWeights:
 *
 * The weight store: tensors by name, whatever container they came from. Files are mapped; a tensor
 * is a view into the mapping (at any alignment) and lives as long as the store. Every offset,
 * length, type and shape was checked when the file was opened. Reference counted, immutable after
 * opening, readable from any thread.
 */
typedef struct _LimnWeights LimnWeights;

/* Opens .safetensors or .ckpt/.pt/.pth, told apart by their contents, not their names. Errors name
 * the file, the tensor and what was expected. */
LimnWeights *limn_weights_open (const char *path, GError **error);
LimnWeights *limn_weights_ref (LimnWeights *weights);
void limn_weights_unref (LimnWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnWeights, limn_weights_unref)

const char *limn_weights_get_path (LimnWeights *weights);
gsize limn_weights_get_file_bytes (LimnWeights *weights);
/* Names in sorted order (transfer none), NULL-terminated. */
const char *const *limn_weights_list (LimnWeights *weights);
gboolean limn_weights_has (LimnWeights *weights, const char *name);
gboolean limn_weights_has_prefix (LimnWeights *weights, const char *prefix);
/* Looks @name up without expectations; FALSE when it is not there. Tensors of more than
 * LIMN_MAX_DIMS extents are not in the store. */
gboolean limn_weights_lookup (LimnWeights *weights, const char *name, LimnTensor *out);
/* Looks @name up as a floating-point tensor of exactly the given extents (-1: any). Error names
 * file, tensor, expected and found shape. Trailing extents of 1 are ignored in the comparison, so
 * that a 1x1 convolution may stand for a linear layer;
 * @out has @n_dims extents. Marks the tensor as used; see limn_weights_check_finite(). */
gboolean limn_weights_get (LimnWeights *weights,
                           const char *name,
                           int n_dims,
                           const gint64 *extent,
                           LimnTensor *out,
                           GError **error);
/* Looks through the floating-point tensors for NaN and infinity: only those that limn_weights_get()
 * handed out, since files hold unused masks of -inf. LIMN_ENGINE_ERROR_NUMERIC names the first one.
 * Reads every page of them, so it can be stopped (G_IO_ERROR_CANCELLED). */
gboolean
limn_weights_check_finite (LimnWeights *weights, GCancellable *cancellable, GError **error);
/* TRUE when the file has the exponential moving average of a UNet's weights (model_ema.*). */
gboolean limn_weights_has_ema (LimnWeights *weights);
/* Hash over names, types, shapes and data: identifies a model in the history. Hex SHA-256 (transfer
 * full); slow for large files, so it stops with G_IO_ERROR_CANCELLED when asked. */
char *limn_weights_hash (LimnWeights *weights, GCancellable *cancellable, GError **error);

G_END_DECLS
