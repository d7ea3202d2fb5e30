/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a prompt, of which the first two bytes say into how many and how long chunks it is
 * cut.
 */
#include <math.h>

#include "engine/text/prompt.h"
#include "engine/text/wordpiece.h"
#include "tests/fuzz/fuzz.h"

#define MAX_LENGTH 79
#define MAX_CHUNKS 8
#define WIDTH 2

static LimnTokenizer *
open_tokenizer (void)
{
  g_autofree char *path = fuzz_fixture ("G-tokenizer/tiny768");
  g_autoptr (GError) error = NULL;
  LimnTokenizer *tokenizer = limn_tokenizer_open (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static LimnWordpiece *
open_wordpiece (void)
{
  g_autofree char *path = fuzz_fixture ("F4-wordpiece/vocab.txt");
  g_autoptr (GError) error = NULL;
  LimnWordpiece *pieces = limn_wordpiece_open (path, &error);

  g_assert_no_error (error);
  return pieces;
}

/* Every chunk is start, tokens, end, padding, and no weight is beyond what is allowed. */
static void
check_tokens (const LimnPromptTokens *tokens, LimnTokenizer *tokenizer, int max_chunks)
{
  g_autofree float *states = NULL;
  int n = tokens->n_chunks * tokens->length;

  g_assert_true (tokens->n_chunks >= 1 && tokens->n_chunks <= max_chunks);
  g_assert_cmpint (tokens->n_cut, >=, 0);
  for (int i = 0; i < n; i++)
    {
      g_assert_true (tokens->ids[i] >= 0 && tokens->ids[i] < limn_tokenizer_get_size (tokenizer));
      g_assert_true (fabsf (tokens->weights[i]) <= LIMN_PROMPT_MAX_WEIGHT);
      if (i % tokens->length == 0)
        g_assert_cmpint (tokens->ids[i], ==, limn_tokenizer_get_start (tokenizer));
    }
  states = g_new (float, n *WIDTH);
  for (int i = 0; i < n * WIDTH; i++)
    states[i] = (float)(i % 7) - 2.0f;
  limn_prompt_tokens_weigh (tokens, states, WIDTH);
  for (int i = 0; i < n * WIDTH; i++)
    g_assert_true (isfinite (states[i]));
}

static void
check_runs (const char *text)
{
  g_autoptr (GArray) runs = limn_prompt_parse (text);

  g_assert_cmpuint (runs->len, >, 0);
  for (guint i = 0; i < runs->len; i++)
    {
      const LimnPromptRun *run = &g_array_index (runs, LimnPromptRun, i);

      g_assert_nonnull (run->text);
      g_assert_true (fabsf (run->weight) <= LIMN_PROMPT_MAX_WEIGHT);
    }
}

static void
check_pieces (const LimnWordpiece *pieces, const char *text, int length)
{
  gint32 ids[MAX_LENGTH];

  limn_wordpiece_encode_padded (pieces, text, length, ids, NULL);
  for (int i = 0; i < length; i++)
    g_assert_true (ids[i] >= 0 && ids[i] < limn_wordpiece_get_size (pieces));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static LimnTokenizer *tokenizer;
  static LimnWordpiece *pieces;
  g_autofree char *text = NULL;
  g_autoptr (LimnPromptTokens) tokens = NULL;
  int length, max_chunks;

  if (size < 2)
    return 0;
  if (tokenizer == NULL)
    {
      tokenizer = open_tokenizer ();
      pieces = open_wordpiece ();
    }
  length = 2 + data[0] % (MAX_LENGTH - 1);
  max_chunks = 1 + data[1] % MAX_CHUNKS;
  text = g_strndup ((const char *)data + 2, size - 2);
  check_runs (text);
  check_pieces (pieces, text, length);
  tokens = limn_prompt_encode (tokenizer, text, length, 0, max_chunks);
  check_tokens (tokens, tokenizer, max_chunks);
  limn_prompt_tokens_extend (tokens, tokenizer, 0, MAX_CHUNKS);
  check_tokens (tokens, tokenizer, MAX_CHUNKS);
  return 0;
}
