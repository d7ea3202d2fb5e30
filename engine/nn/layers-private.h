/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/**
 * LimnBinder:
 *
 * Finds the tensors of a network one by one while it is initialised. Errors are sticky: after the
 * first one every call returns at once, so that the init functions read like the list of layers
 * that they bind.
 */
typedef struct
{
  const LimnWeightSource *source;
  LimnLayers *layers;
  GError *error;
} LimnBinder;

/* Starts with empty @layers. */
void limn_binder_begin (LimnBinder *self, LimnLayers *layers, const LimnWeightSource *source);
/* TRUE when everything was found; hands the first error to @error otherwise. */
gboolean limn_binder_end (LimnBinder *self, GError **error);
gboolean limn_binder_ok (const LimnBinder *self);
/* Whether the file has the tensor, for what is stored in several ways. */
gboolean limn_binder_has (LimnBinder *self, const char *name_format, ...) G_GNUC_PRINTF (2, 3);
/* Records that the description itself cannot be run. */
void limn_binder_fail (LimnBinder *self, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Fails when a number of the description is outside of @min .. @max; @what names it,
 * "unet_config: num_heads". */
void
limn_binder_check_range (LimnBinder *self, const char *what, gint64 value, gint64 min, gint64 max);

/* "@path.weight" [n_out, n_in] (or the 1x1 convolution [n_out, n_in, 1, 1]) and, when @bias,
 * "@path.bias" [n_out]. */
void limn_bind_linear (LimnBinder *self,
                       LimnLinear *layer,
                       gint64 n_in,
                       gint64 n_out,
                       gboolean bias,
                       const char *path_format,
                       ...) G_GNUC_PRINTF (6, 7);
/* "@path.weight" [n_out, n_in, kernel, kernel] and "@path.bias" [n_out]; padded by @pad on every
 * side. */
void limn_bind_conv (LimnBinder *self,
                     LimnConv2d *layer,
                     gint64 n_in,
                     gint64 n_out,
                     int kernel,
                     int stride,
                     int pad,
                     const char *path_format,
                     ...) G_GNUC_PRINTF (8, 9);
/* The same without a bias. */
void limn_bind_conv_plain (LimnBinder *self,
                           LimnConv2d *layer,
                           gint64 n_in,
                           gint64 n_out,
                           int kernel,
                           int stride,
                           int pad,
                           const char *path_format,
                           ...) G_GNUC_PRINTF (8, 9);
/* "@path.weight" and "@path.bias", [n_channels] each. */
void
limn_bind_norm (LimnBinder *self, LimnNorm *layer, gint64 n_channels, const char *path_format, ...)
    G_GNUC_PRINTF (4, 5);
/* As limn_bind_norm(), for a GroupNorm of 32 groups: fails when the channels do not divide. */
void limn_bind_group_norm (LimnBinder *self,
                           LimnNorm *layer,
                           gint64 n_channels,
                           const char *path_format,
                           ...) G_GNUC_PRINTF (4, 5);
/* A bare tensor of @n_dims extents (at most 2; n1 ignored for 1). */
void limn_bind_tensor (LimnBinder *self,
                       LimnTensor *tensor,
                       int n_dims,
                       gint64 n0,
                       gint64 n1,
                       const char *name_format,
                       ...) G_GNUC_PRINTF (6, 7);
/* A linear layer over tensors that are bound already. */
void limn_bind_linear_view (LimnBinder *self,
                            LimnLinear *layer,
                            gint64 n_in,
                            gint64 n_out,
                            const LimnTensor *weight,
                            const LimnTensor *bias);

/* Row @index of a bound table [rows, width] as float32; @index is in range. */
void limn_embedding_row (const LimnTensor *table, gint64 index, float *out);
/* FALSE and LIMN_ENGINE_ERROR_ARGUMENT when an id of [n][tokens] is outside of the vocabulary, or
 * there are more tokens than places (or none). */
gboolean limn_check_tokens (LimnRun *run,
                            const LimnTensor *table,
                            const LimnTensor *positions,
                            const gint32 *ids,
                            gint64 n,
                            gint64 tokens);
/* ids: [n][tokens] -> rows of @table [vocabulary, width] plus those of @positions [places, width]:
 * [n, tokens, width]. */
LimnTensor limn_embed_tokens (LimnRun *run,
                              const LimnTensor *table,
                              const LimnTensor *positions,
                              const gint32 *ids,
                              gint64 n,
                              gint64 tokens);

/* All GroupNorms of latent diffusion have this many groups. */
#define LIMN_N_GROUPS 32

/**
 * limn_keep:
 * @place: memory allocated before @mark, of at least value's size
 * @value: what was computed after @mark
 *
 * Copies @value to @place and releases the arena to @mark. The networks use it wherever a result
 * outlives what it was computed from: the result's place is allocated first, the working set above
 * it comes and goes. The copy costs about a hundredth of the convolution before it.
 *
 * Returns: a view of @place in value's shape; the empty tensor when the run failed
 */
LimnTensor
limn_keep (LimnRun *run, const LimnTensor *place, const LimnTensor *value, LimnArenaMark mark);

/**
 * limn_sink:
 * @mark: from before @value was computed
 *
 * Moves @value down to @mark and releases everything else above it: for a result in the middle of a
 * block, which needs nothing of what it was computed from any more. Where it lies too near to be
 * copied in pieces, it stays where it is.
 */
LimnTensor limn_sink (LimnRun *run, const LimnTensor *value, LimnArenaMark mark);

/* [n, h, w, c] seen as [n, h * w, c], and back. */
LimnTensor limn_as_rows (const LimnTensor *x);
LimnTensor limn_as_map (const LimnTensor *rows, gint64 h, gint64 w);

G_END_DECLS
