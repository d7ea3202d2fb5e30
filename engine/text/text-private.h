/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/text/tokenizer.h"

G_BEGIN_DECLS

/* Two neighbouring tokens that become one. */
typedef struct
{
  guint64 pair; /* left << 32 | right */
  guint32 rank; /* place in the list of merges: lower ones are done first */
  guint32 merged;
} LimnMerge;

/* A vocabulary with everything that encoding needs, in numbers. Immutable. */
typedef struct
{
  int size;                 /* highest id + 1 */
  guint32 start, end;       /* <|startoftext|>, <|endoftext|> */
  guint32 byte_id[256];     /* a byte within a word ... */
  guint32 byte_end_id[256]; /* ... and the last one of a word; unknown ones are @end */
  GArray *merges;           /* LimnMerge, sorted by pair */
} LimnVocabulary;

gboolean _limn_vocabulary_open (LimnVocabulary *vocabulary, const char *folder, GError **error);
void _limn_vocabulary_clear (LimnVocabulary *vocabulary);

/* Applies the merges to @symbols (guint32), the bytes of one word, and appends the result to @ids.
 */
void
_limn_bpe_encode (const LimnVocabulary *vocabulary, const guint32 *symbols, gsize n, GArray *ids);

/* Any bytes -> valid UTF-8 in NFC, lower case, each run of white space one blank (transfer full).
 */
char *_limn_text_clean (const char *text);

typedef enum
{
  LIMN_WORD_NONE, /* the text is over */
  LIMN_WORD_TEXT,
  LIMN_WORD_START, /* <|startoftext|> as it stands */
  LIMN_WORD_END,   /* <|endoftext|> */
} LimnWordKind;

/* The next word of a cleaned text at or after *@cursor; @word and @length tell where it stands and
 * *@cursor is moved behind it. */
LimnWordKind _limn_text_next_word (const char **cursor, const char **word, gsize *length);

G_END_DECLS
