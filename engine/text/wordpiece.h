/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LimnWordpiece:
 *
 * BERT's tokenizer in its uncased form (bert-base-uncased): lower case, accents taken off, split at
 * white space, punctuation and Chinese characters, then the longest pieces that the vocabulary has.
 * Devlin et al. 2019, "BERT", section 3; Wu et al. 2016, "Google's Neural Machine Translation
 * System", section 4.1.
 */
typedef struct _LimnWordpiece LimnWordpiece;

/* From a vocab.txt: one piece per line, its id is the number of the line from 0; pieces that go on
 * within a word begin with "##". [UNK], [CLS], [SEP] and [PAD] must be among them. */
LimnWordpiece *limn_wordpiece_open (const char *path, GError **error);
/* The same from memory; @path is for messages. */
LimnWordpiece *
limn_wordpiece_parse (const char *path, const char *text, gsize length, GError **error);
void limn_wordpiece_free (LimnWordpiece *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnWordpiece, limn_wordpiece_free)

/* Highest id + 1; a text encoder's vocab_size must be at least this. */
int limn_wordpiece_get_size (const LimnWordpiece *self);

/* Ids of @text without [CLS] and [SEP] (transfer full, element gint32). Any bytes (what is not
 * UTF-8 is dropped), also empty. A word with a part that the vocabulary lacks, or of more than 100
 * characters, is one [UNK]. */
GArray *limn_wordpiece_encode (const LimnWordpiece *self, const char *text);
/* [CLS], ids, [SEP], cut and padded with [PAD] to @length (at least 2) tokens: what LDM's
 * BERTTokenizer gives, @length 77. @n_cut: (nullable): how many tokens did not fit. */
void limn_wordpiece_encode_padded (const LimnWordpiece *self,
                                   const char *text,
                                   int length,
                                   gint32 *ids,
                                   int *n_cut);

G_END_DECLS
