/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LimnTokenizer: CLIP's byte-level BPE over any vocabulary in its format.
 */
typedef struct _LimnTokenizer LimnTokenizer;

/* From a folder with vocab.json and merges.txt (the diffusers layout). */
LimnTokenizer *limn_tokenizer_open (const char *folder, GError **error);
void limn_tokenizer_free (LimnTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnTokenizer, limn_tokenizer_free)

int limn_tokenizer_get_size (LimnTokenizer *tokenizer);
int limn_tokenizer_get_start (LimnTokenizer *tokenizer);
int limn_tokenizer_get_end (LimnTokenizer *tokenizer);

/* Token ids of @text without the start and end tokens (transfer full, element guint32). Any UTF-8,
 * also invalid (bytes are replaced as U+FFFD), also empty. */
GArray *limn_tokenizer_encode (LimnTokenizer *tokenizer, const char *text);
/* start, ids, end, cut and padded with @pad to @length tokens; @n_cut: how many tokens did not fit.
 */
void limn_tokenizer_encode_padded (LimnTokenizer *tokenizer,
                                   const char *text,
                                   int length,
                                   guint32 pad,
                                   gint32 *ids,
                                   int *n_cut);

G_END_DECLS
