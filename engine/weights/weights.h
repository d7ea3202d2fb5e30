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
 * is a view into the mapping (at any alignment, and maybe of a quantised type: read it with
 * limn_tensor_read_f32()) and lives as long as the store. Every offset,
 * length, type and shape was checked when the file was opened. Reference counted, immutable after
 * opening, readable from any thread.
 */
typedef struct _LimnWeights LimnWeights;

/* Opens .safetensors, .ckpt/.pt/.pth/.bin or .gguf, told apart by their contents, not their names;
 * reads the header only. Tensors have the names that the file gives them. Errors name the file, the
 * tensor and what was expected. */
LimnWeights *limn_weights_open (const char *path, GError **error);
/**
 * limn_weights_open_folder:
 * @path: a diffusers folder, or one component of it
 *
 * Opens all weights below a folder as one store. Each folder in it that has weights and a
 * config.json is a component; its tensors are called "COMPONENT/NAME": "unet/conv_in.weight",
 * "vae/...", "text_encoder/...". Without components the weights that lie in @path itself are
 * taken, under their own names. Where a folder has the same weights several times one is taken:
 * whole precision before fp16 before non_ema, then safetensors before PyTorch's files; shards are
 * found by their index (NAME.safetensors.index.json). limn_weights_get_path() is the folder.
 *
 * Returns: LIMN_ENGINE_ERROR_MISSING when there are no weights
 */
LimnWeights *limn_weights_open_folder (const char *path, GError **error);
/**
 * limn_weights_to_ldm:
 *
 * The same tensors under the names that LDM's own checkpoints have: "model.diffusion_model.*",
 * "first_stage_model.*" and "cond_stage_model.transformer.text_model.*" (also for SD 2, whose
 * diffusers folders hold the text encoder with Hugging Face's names and without its last block).
 * Understands diffusers folders, and single files with diffusers' names: a UNet alone becomes
 * "model.diffusion_model.*", an autoencoder alone "encoder.*", "decoder.*", ... without prefix, a
 * text encoder alone stays "text_model.*". Of GGUF files also the UNet's bare names
 * ("input_blocks.*"), "vae.*", and OpenCLIP's q, k and v, which converters leave fused under
 * Hugging Face's names. Tensors that no table knows keep their names. A store that needs nothing of
 * this is returned itself.
 *
 * Keeps a reference to @weights. A few milliseconds, no data is read.
 */
LimnWeights *limn_weights_to_ldm (LimnWeights *weights, GError **error);
LimnWeights *limn_weights_ref (LimnWeights *weights);
void limn_weights_unref (LimnWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnWeights, limn_weights_unref)

const char *limn_weights_get_path (LimnWeights *weights);
/* Of all files together. */
gsize limn_weights_get_file_bytes (LimnWeights *weights);
/* "safetensors", "PyTorch", "PyTorch (before 1.6)", "GGUF", "folder": for messages. */
const char *limn_weights_get_container (LimnWeights *weights);
/* The dictionary within a checkpoint that the tensors were taken from, when it was not the
 * outermost: "state_dict", "params_ema" (preferred to "params" where a file has both), "params";
 * else NULL. */
const char *limn_weights_get_root (LimnWeights *weights);
/* Facts that the file states beside its tensors: __metadata__ of safetensors, the key-values of
 * GGUF
 * ("general.architecture") but for its arrays. Numbers are texts in the C locale, booleans "true"
 * or "false". Keys in a folder's store are "COMPONENT/KEY". NULL when there is none. */
const char *limn_weights_get_metadata (LimnWeights *weights, const char *key);
/* FALSE when there is none or it is no number. */
gboolean limn_weights_get_metadata_number (LimnWeights *weights, const char *key, double *number);
/* Keys in sorted order (transfer none), NULL-terminated. */
const char *const *limn_weights_list_metadata (LimnWeights *weights);
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
