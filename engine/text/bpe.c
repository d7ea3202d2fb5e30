/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Byte-pair encoding of one word (Sennrich et al. 2016, "Neural Machine Translation of Rare Words
 * with Subword Units"): of all neighbouring pairs that are on the list, the one of lowest rank
 * becomes one symbol, leftmost first, until none is left. The symbols are a linked list and the
 * candidate pairs a heap, so that a word of n bytes takes O(n log n) and a whole page without a
 * blank does not stall.
 */
#include <stdlib.h>

#include "engine/text/text-private.h"

#define NOWHERE G_MAXUINT32

typedef struct
{
  guint32 id;
  guint32 previous, next; /* indices, NOWHERE at the ends */
  gboolean gone;          /* became part of the symbol before it */
} Symbol;

/* A pair that could be merged when it was found. It is stale when one of its symbols has changed
 * since. */
typedef struct
{
  guint32 rank;
  guint32 left; /* index of the left symbol */
  guint32 merged;
  guint64 pair;
} Candidate;

typedef struct
{
  const LimnVocabulary *vocabulary;
  Symbol *symbols;
  GArray *heap; /* Candidate */
} Word;

static int
compare_merge (gconstpointer key, gconstpointer element)
{
  guint64 pair = *(const guint64 *)key;
  const LimnMerge *merge = element;

  return pair < merge->pair ? -1 : pair > merge->pair;
}

static gboolean
comes_before (const Candidate *a, const Candidate *b)
{
  return a->rank != b->rank ? a->rank < b->rank : a->left < b->left;
}

static void
swap (GArray *heap, guint i, guint j)
{
  Candidate *candidates = (gpointer)heap->data;
  Candidate held = candidates[i];

  candidates[i] = candidates[j];
  candidates[j] = held;
}

static void
heap_push (GArray *heap, const Candidate *candidate)
{
  guint i = heap->len;

  g_array_append_vals (heap, candidate, 1);
  while (i > 0
         && comes_before (&g_array_index (heap, Candidate, i),
                          &g_array_index (heap, Candidate, (i - 1) / 2)))
    {
      swap (heap, i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
}

static Candidate
heap_pop (GArray *heap)
{
  Candidate first = g_array_index (heap, Candidate, 0);
  guint i = 0;

  swap (heap, 0, heap->len - 1);
  g_array_set_size (heap, heap->len - 1);
  for (;;)
    {
      guint smallest = i;

      for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < heap->len; child++)
        if (comes_before (&g_array_index (heap, Candidate, child),
                          &g_array_index (heap, Candidate, smallest)))
          smallest = child;
      if (smallest == i)
        return first;
      swap (heap, i, smallest);
      i = smallest;
    }
}

static guint64
pair_at (const Word *word, guint32 left)
{
  return (guint64)word->symbols[left].id << 32 | word->symbols[word->symbols[left].next].id;
}

/* Puts the pair that begins at @left on the heap if it can be merged. */
static void
consider (Word *word, guint32 left)
{
  Candidate candidate = { .left = left };
  const GArray *merges = word->vocabulary->merges;
  const LimnMerge *merge;

  if (left == NOWHERE || word->symbols[left].next == NOWHERE || merges->len == 0)
    return;
  candidate.pair = pair_at (word, left);
  merge = bsearch (&candidate.pair, merges->data, merges->len, sizeof (LimnMerge), compare_merge);
  if (merge == NULL)
    return;
  candidate.rank = merge->rank;
  candidate.merged = merge->merged;
  heap_push (word->heap, &candidate);
}

static void
merge_symbols (Word *word, const Candidate *candidate)
{
  Symbol *left = &word->symbols[candidate->left];
  Symbol *right = &word->symbols[left->next];

  left->id = candidate->merged;
  left->next = right->next;
  right->gone = TRUE;
  if (left->next != NOWHERE)
    word->symbols[left->next].previous = candidate->left;
  consider (word, left->previous);
  consider (word, candidate->left);
}

void
_limn_bpe_encode (const LimnVocabulary *vocabulary, const guint32 *symbols, gsize n, GArray *ids)
{
  g_autoptr (GArray) heap = NULL;
  g_autofree Symbol *list = NULL;
  Word word = { .vocabulary = vocabulary };

  if (n == 0 || n >= NOWHERE)
    return;
  word.symbols = list = g_new0 (Symbol, n);
  word.heap = heap = g_array_new (FALSE, FALSE, sizeof (Candidate));
  for (guint32 i = 0; i < n; i++)
    {
      list[i].id = symbols[i];
      list[i].previous = i > 0 ? i - 1 : NOWHERE;
      list[i].next = i + 1 < n ? i + 1 : NOWHERE;
    }
  for (guint32 i = 0; i < n; i++)
    consider (&word, i);
  while (heap->len > 0)
    {
      Candidate candidate = heap_pop (heap);
      const Symbol *left = &list[candidate.left];

      if (!left->gone && left->next != NOWHERE && pair_at (&word, candidate.left) == candidate.pair)
        merge_symbols (&word, &candidate);
    }
  for (guint32 i = 0; i != NOWHERE; i = list[i].next)
    g_array_append_val (ids, list[i].id);
}
