/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/text/tokenizer.h"

G_BEGIN_DECLS

/*
 * What people write into prompts beside words: emphasis and BREAK, in the notation that
 * AUTOMATIC1111's web UI made common, and prompts of any length.
 *
 *   (word)       weight times 1.1; may be nested
 *   [word]       weight divided by 1.1
 *   (word:1.3)   weight times 1.3; the number may be negative, round brackets only
 *   \( \) \[ \]  the bracket itself
 *   BREAK        what follows starts a new chunk
 *
 * A bracket that is never closed reaches to the end, one that was never opened is text, and so is a
 * colon without a number and a closing bracket behind it. Backslashes mean something in front of a
 * bracket only, where two of them are one: a prompt without brackets and BREAK is left as it is.
 */

/* Weights beyond this, of either sign, are this. */
#define LIMN_PROMPT_MAX_WEIGHT 100.0f

/* A part of a prompt that has one weight. */
typedef struct
{
  char *text; /* owned; without the notation, may be empty */
  float weight;
  gboolean new_chunk; /* BREAK stands before it */
} LimnPromptRun;

/* Takes the notation out of @text (any bytes). Neighbours of the same weight are one run; there is
 * at least one run. Returns: (transfer full) (element-type LimnPromptRun) */
GArray *limn_prompt_parse (const char *text);

/**
 * LimnPromptTokens:
 * @length: tokens of a chunk: what the text encoder takes at once, start and end included
 * @n_chunks: at least 1
 * @ids: [n_chunks][length]; each chunk is start, tokens, end, padding
 * @weights: [n_chunks][length]; 1 for start, end and padding
 * @weighted: FALSE when all weights are 1
 * @n_cut: tokens of the prompt for which there was no chunk
 *
 * A prompt in chunks that a text encoder takes one by one; their states are joined along the
 * tokens.
 */
typedef struct
{
  int length;
  int n_chunks;
  gint32 *ids;    /* owned */
  float *weights; /* owned */
  gboolean weighted;
  int n_cut;
} LimnPromptTokens;

/* Parses and tokenises @text, run by run. A prompt without notation that fits into one chunk gives
 * the ids of limn_tokenizer_encode_padded(). A longer one is cut at every @length - 2 tokens, or at
 * the last comma when that is near: among the last 20 tokens of 75, and in proportion. @length: at
 * least 2. @max_chunks: at least 1; the last chunk is filled without looking for commas, and the
 * rest is counted in n_cut. Free with limn_prompt_tokens_free(). */
LimnPromptTokens *limn_prompt_encode (LimnTokenizer *tokenizer,
                                      const char *text,
                                      int length,
                                      guint32 pad,
                                      int max_chunks);
void limn_prompt_tokens_free (LimnPromptTokens *tokens);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnPromptTokens, limn_prompt_tokens_free)

/* Appends empty chunks until there are @n_chunks: classifier-free guidance needs as many of both of
 * its prompts. */
void limn_prompt_tokens_extend (LimnPromptTokens *tokens,
                                LimnTokenizer *tokenizer,
                                guint32 pad,
                                int n_chunks);

/**
 * limn_prompt_tokens_weigh:
 * @states: [n_chunks * length][width], the text encoder's output, changed in place
 *
 * For each chunk that has a weight other than 1, with z its states, w its weights and mean() over
 * all tokens and channels of the chunk:
 *
 *   z'[t][c] = z[t][c] w[t] * mean (z) / mean (z w)
 *
 * The factor keeps the mean as the UNet knows it; it is left out where mean (z w) is 0. Nothing is
 * touched when all weights are 1.
 */
void limn_prompt_tokens_weigh (const LimnPromptTokens *tokens, float *states, int width);

G_END_DECLS
