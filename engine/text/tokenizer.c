/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * CLIP's tokenizer: clean, split into words, byte-pair encoding of each. Radford et al. 2021,
 * section 2.4; openai/CLIP simple_tokenizer.py and the fast tokenizer of Hugging Face, which agree
 * but for texts that ftfy would repair (curly quotes, HTML entities): those are taken as they are,
 * as the latter does.
 */
#include <string.h>

#include "engine/text/text-private.h"

struct _LimnTokenizer
{
  LimnVocabulary vocabulary;
};

LimnTokenizer *
limn_tokenizer_open (const char *folder, GError **error)
{
  g_autoptr (LimnTokenizer) tokenizer = NULL;

  g_return_val_if_fail (folder != NULL, NULL);

  tokenizer = g_new0 (LimnTokenizer, 1);
  if (!_limn_vocabulary_open (&tokenizer->vocabulary, folder, error))
    return NULL;
  return g_steal_pointer (&tokenizer);
}

void
limn_tokenizer_free (LimnTokenizer *tokenizer)
{
  if (tokenizer == NULL)
    return;
  _limn_vocabulary_clear (&tokenizer->vocabulary);
  g_free (tokenizer);
}

int
limn_tokenizer_get_size (LimnTokenizer *tokenizer)
{
  g_return_val_if_fail (tokenizer != NULL, 0);

  return tokenizer->vocabulary.size;
}

int
limn_tokenizer_get_start (LimnTokenizer *tokenizer)
{
  g_return_val_if_fail (tokenizer != NULL, 0);

  return (int)tokenizer->vocabulary.start;
}

int
limn_tokenizer_get_end (LimnTokenizer *tokenizer)
{
  g_return_val_if_fail (tokenizer != NULL, 0);

  return (int)tokenizer->vocabulary.end;
}

static void
encode_word (const LimnVocabulary *vocabulary,
             const char *word,
             gsize length,
             GArray *symbols,
             GArray *ids)
{
  const guint8 *bytes = (const guint8 *)word;

  g_array_set_size (symbols, 0);
  for (gsize i = 0; i < length; i++)
    {
      guint32 id
          = i + 1 < length ? vocabulary->byte_id[bytes[i]] : vocabulary->byte_end_id[bytes[i]];

      g_array_append_val (symbols, id);
    }
  _limn_bpe_encode (vocabulary, (gconstpointer)symbols->data, length, ids);
}

GArray *
limn_tokenizer_encode (LimnTokenizer *tokenizer, const char *text)
{
  g_autofree char *clean = NULL;
  g_autoptr (GArray) symbols = g_array_new (FALSE, FALSE, sizeof (guint32));
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  const char *cursor, *word;
  LimnWordKind kind;
  gsize length;

  g_return_val_if_fail (tokenizer != NULL && text != NULL, ids);

  clean = _limn_text_clean (text);
  cursor = clean;
  while ((kind = _limn_text_next_word (&cursor, &word, &length)) != LIMN_WORD_NONE)
    {
      if (kind == LIMN_WORD_START)
        g_array_append_val (ids, tokenizer->vocabulary.start);
      else if (kind == LIMN_WORD_END)
        g_array_append_val (ids, tokenizer->vocabulary.end);
      else
        encode_word (&tokenizer->vocabulary, word, length, symbols, ids);
    }
  return ids;
}

void
limn_tokenizer_encode_padded (LimnTokenizer *tokenizer,
                              const char *text,
                              int length,
                              guint32 pad,
                              gint32 *ids,
                              int *n_cut)
{
  g_autoptr (GArray) all = NULL;
  int room, n_kept;

  g_return_if_fail (tokenizer != NULL && text != NULL && ids != NULL && length >= 2);

  all = limn_tokenizer_encode (tokenizer, text);
  room = length - 2;
  n_kept = all->len < (guint)room ? (int)all->len : room;
  ids[0] = limn_tokenizer_get_start (tokenizer);
  for (int i = 0; i < n_kept; i++)
    ids[1 + i] = (gint32)g_array_index (all, guint32, i);
  ids[1 + n_kept] = limn_tokenizer_get_end (tokenizer);
  for (int i = n_kept + 2; i < length; i++)
    ids[i] = (gint32)pad;
  if (n_cut != NULL)
    *n_cut = (int)(all->len - (guint)n_kept);
}
