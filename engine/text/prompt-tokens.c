/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * From a prompt to chunks of tokens with their weights, and the weights onto the states that the
 * text encoder makes of them.
 */
#include "engine/text/prompt.h"

#include <math.h>

/* How far back from a full chunk a comma may lie: this many tokens of that many. */
#define COMMA_WINDOW 20
#define COMMA_WINDOW_OF 75

#define NO_COMMA (-1)

typedef struct
{
  int room;   /* tokens of a chunk without start and end */
  int window; /* how far back a comma is looked for */
  int max_chunks;
  gint32 start, end, pad, comma;

  GArray *ids, *weights;     /* gint32, float: chunks that are finished */
  GArray *tokens, *emphasis; /* gint32, float: those of the chunk that is being filled */
  int n_chunks;
  int after_comma; /* place behind the last comma of this chunk, or NO_COMMA */
  gboolean weighted;
  int n_cut;
} Chunker;

/* The id of a comma on its own; -1 when the vocabulary has no such token. */
static gint32
find_comma (LimnTokenizer *tokenizer)
{
  g_autoptr (GArray) ids = limn_tokenizer_encode (tokenizer, ",");

  return ids->len == 1 ? (gint32)g_array_index (ids, guint32, 0) : -1;
}

static void
put (Chunker *self, gint32 id, float weight)
{
  g_array_append_val (self->ids, id);
  g_array_append_val (self->weights, weight);
}

/* Writes the first @n tokens of the open chunk out as a chunk and keeps the rest. */
static void
finish_chunk (Chunker *self, guint n)
{
  put (self, self->start, 1.0f);
  for (guint i = 0; i < n; i++)
    {
      float weight = g_array_index (self->emphasis, float, i);

      put (self, g_array_index (self->tokens, gint32, i), weight);
      self->weighted |= weight != 1.0f;
    }
  put (self, self->end, 1.0f);
  for (guint i = n; i < (guint)self->room; i++)
    put (self, self->pad, 1.0f);
  self->n_chunks++;
  self->after_comma = NO_COMMA;
  if (n > 0)
    {
      g_array_remove_range (self->tokens, 0, n);
      g_array_remove_range (self->emphasis, 0, n);
    }
}

static gboolean
is_last (const Chunker *self)
{
  return self->n_chunks == self->max_chunks - 1;
}

static void
add_token (Chunker *self, gint32 id, float weight)
{
  guint n = self->tokens->len;

  if (self->room == 0 || (n == (guint)self->room && is_last (self)))
    {
      self->n_cut++;
      return;
    }
  if (n == (guint)self->room)
    {
      /* A comma itself may stay behind as the first token of the next chunk. */
      gboolean near_comma = id != self->comma && self->after_comma != NO_COMMA
                            && (int)n - self->after_comma < self->window;

      finish_chunk (self, near_comma ? (guint)self->after_comma : n);
    }
  g_array_append_val (self->tokens, id);
  g_array_append_val (self->emphasis, weight);
  if (id == self->comma)
    self->after_comma = (int)self->tokens->len;
}

static void
add_run (Chunker *self, LimnTokenizer *tokenizer, const LimnPromptRun *run)
{
  g_autoptr (GArray) ids = limn_tokenizer_encode (tokenizer, run->text);

  if (run->new_chunk && !is_last (self))
    finish_chunk (self, self->tokens->len);
  for (guint i = 0; i < ids->len; i++)
    add_token (self, (gint32)g_array_index (ids, guint32, i), run->weight);
}

LimnPromptTokens *
limn_prompt_encode (LimnTokenizer *tokenizer,
                    const char *text,
                    int length,
                    guint32 pad,
                    int max_chunks)
{
  g_autoptr (GArray) runs = NULL;
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) emphasis = g_array_new (FALSE, FALSE, sizeof (float));
  Chunker chunker;
  LimnPromptTokens *result;

  g_return_val_if_fail (tokenizer != NULL && text != NULL, NULL);
  g_return_val_if_fail (length >= 2 && max_chunks >= 1, NULL);

  chunker = (Chunker){
    .room = length - 2,
    .window = (length - 2) * COMMA_WINDOW / COMMA_WINDOW_OF,
    .max_chunks = max_chunks,
    .start = limn_tokenizer_get_start (tokenizer),
    .end = limn_tokenizer_get_end (tokenizer),
    .pad = (gint32)pad,
    .comma = find_comma (tokenizer),
    .ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
    .weights = g_array_new (FALSE, FALSE, sizeof (float)),
    .tokens = tokens,
    .emphasis = emphasis,
    .after_comma = NO_COMMA,
  };
  runs = limn_prompt_parse (text);
  for (guint i = 0; i < runs->len; i++)
    add_run (&chunker, tokenizer, &g_array_index (runs, LimnPromptRun, i));
  if (tokens->len > 0 || chunker.n_chunks == 0)
    finish_chunk (&chunker, tokens->len);

  result = g_new (LimnPromptTokens, 1);
  *result = (LimnPromptTokens){
    .length = length,
    .n_chunks = chunker.n_chunks,
    .ids = (gint32 *)(gpointer)g_array_free (chunker.ids, FALSE),
    .weights = (float *)(gpointer)g_array_free (chunker.weights, FALSE),
    .weighted = chunker.weighted,
    .n_cut = chunker.n_cut,
  };
  return result;
}

void
limn_prompt_tokens_free (LimnPromptTokens *tokens)
{
  if (tokens == NULL)
    return;
  g_free (tokens->ids);
  g_free (tokens->weights);
  g_free (tokens);
}

void
limn_prompt_tokens_extend (LimnPromptTokens *tokens,
                           LimnTokenizer *tokenizer,
                           guint32 pad,
                           int n_chunks)
{
  gsize from, to, length;

  g_return_if_fail (tokens != NULL && tokenizer != NULL);

  if (n_chunks <= tokens->n_chunks)
    return;
  length = (gsize)tokens->length;
  from = (gsize)tokens->n_chunks * length;
  to = (gsize)n_chunks * length;
  tokens->ids = g_renew (gint32, tokens->ids, to);
  tokens->weights = g_renew (float, tokens->weights, to);
  for (gsize i = from; i < to; i++)
    {
      gsize place = i % length;

      tokens->ids[i] = place == 0   ? limn_tokenizer_get_start (tokenizer)
                       : place == 1 ? limn_tokenizer_get_end (tokenizer)
                                    : (gint32)pad;
      tokens->weights[i] = 1.0f;
    }
  tokens->n_chunks = n_chunks;
}

/* ---- Weights -------------------------------------------------------------------------------- */

static double
sum (const float *values, gsize n)
{
  double total = 0.0;

  for (gsize i = 0; i < n; i++)
    total += values[i];
  return total;
}

static void
weigh_chunk (float *states, const float *weights, gsize length, gsize width)
{
  double before = sum (states, length * width), after;
  float factor;

  for (gsize t = 0; t < length; t++)
    for (gsize c = 0; c < width; c++)
      states[t * width + c] *= weights[t];
  after = sum (states, length * width);
  factor = (float)(before / after);
  if (!isfinite (factor))
    return;
  for (gsize i = 0; i < length * width; i++)
    states[i] *= factor;
}

void
limn_prompt_tokens_weigh (const LimnPromptTokens *tokens, float *states, int width)
{
  gsize length, size;

  g_return_if_fail (tokens != NULL && states != NULL && width > 0);

  length = (gsize)tokens->length;
  size = length * (gsize)width;
  for (gsize chunk = 0; tokens->weighted && chunk < (gsize)tokens->n_chunks; chunk++)
    {
      const float *weights = tokens->weights + chunk * length;
      gboolean plain = TRUE;

      for (gsize t = 0; t < length; t++)
        plain = plain && weights[t] == 1.0f;
      if (!plain)
        weigh_chunk (states + chunk * size, weights, length, (gsize)width);
    }
}
