/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/text/wordpiece.h"

#include <string.h>

#include "engine/tensor/run.h"
#include "engine/weights/file.h"

/* The published one has 230 KB. */
#define MAX_FILE_BYTES (16 * 1024 * 1024)
#define MAX_WORD_CHARACTERS 100
#define CONTINUES "##"

typedef enum
{
  UNK,
  CLS,
  SEP,
  PAD,
  MASK,
  N_SPECIAL,
} Special;

static const char *const special_names[N_SPECIAL]
    = { "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]" };

struct _LimnWordpiece
{
  GHashTable *ids; /* piece -> id + 1 */
  int size;
  int special[N_SPECIAL]; /* -1: not in the vocabulary, [MASK] only */
};

/* ---- Vocabulary ----------------------------------------------------------------------------- */

void
limn_wordpiece_free (LimnWordpiece *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->ids);
  g_free (self);
}

/* Id of @piece, or -1. */
static int
lookup (const LimnWordpiece *self, const char *piece)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, piece)) - 1;
}

static gboolean
find_special (LimnWordpiece *self, const char *path, GError **error)
{
  for (int i = 0; i < N_SPECIAL; i++)
    {
      self->special[i] = lookup (self, special_names[i]);
      if (self->special[i] < 0 && i != MASK)
        {
          g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                       "%s: not a WordPiece vocabulary, %s is missing", path, special_names[i]);
          return FALSE;
        }
    }
  return TRUE;
}

/* White space at the end is no part of a piece. */
static char *
piece_of_line (const char *line, gsize length)
{
  return g_strchomp (g_strndup (line, length));
}

LimnWordpiece *
limn_wordpiece_parse (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (LimnWordpiece) self = g_new0 (LimnWordpiece, 1);
  const char *end = text + length;

  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (length > MAX_FILE_BYTES || !g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   "%s: not a WordPiece vocabulary, %s", path,
                   length > MAX_FILE_BYTES ? "too large" : "not UTF-8 text");
      return NULL;
    }
  for (const char *line = text; line < end;)
    {
      const char *stop = memchr (line, '\n', (gsize)(end - line));

      if (stop == NULL)
        stop = end;
      self->size++;
      g_hash_table_replace (self->ids, piece_of_line (line, (gsize)(stop - line)),
                            GINT_TO_POINTER (self->size));
      line = stop + 1;
    }
  return find_special (self, path, error) ? g_steal_pointer (&self) : NULL;
}

LimnWordpiece *
limn_wordpiece_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  const char *text;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  return limn_wordpiece_parse (path, text != NULL ? text : "", length, error);
}

int
limn_wordpiece_get_size (const LimnWordpiece *self)
{
  return self->size;
}

/* ---- Normal form ---------------------------------------------------------------------------- */

static gboolean
is_control (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
      return c != '\t' && c != '\n' && c != '\r';
    case G_UNICODE_FORMAT:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_space (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return c == '\t' || c == '\n' || c == '\r';
    }
}

/* ASCII's symbols count as punctuation, those of the rest of Unicode do not. */
static gboolean
is_punctuation (gunichar c)
{
  if (c < 0x80)
    return g_ascii_ispunct ((char)c);
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONNECT_PUNCTUATION:
    case G_UNICODE_DASH_PUNCTUATION:
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
    case G_UNICODE_INITIAL_PUNCTUATION:
    case G_UNICODE_OTHER_PUNCTUATION:
    case G_UNICODE_OPEN_PUNCTUATION:
      return TRUE;
    default:
      return FALSE;
    }
}

/* The blocks of Chinese characters that BERT splits into single ones. One begins at 2b820, but at
 * 2b920 in the tokenizer that the models were trained with. */
static gboolean
is_chinese (gunichar c)
{
  static const gunichar blocks[][2] = {
    { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xf900, 0xfaff },   { 0x20000, 0x2a6df },
    { 0x2a700, 0x2b73f }, { 0x2b740, 0x2b81f }, { 0x2b920, 0x2ceaf }, { 0x2f800, 0x2fa1f },
  };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (c >= blocks[i][0] && c <= blocks[i][1])
      return TRUE;
  return FALSE;
}

/* Without control characters; each white space is a blank; Chinese characters stand alone. */
static char *
clean (const char *text)
{
  GString *cleaned = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == 0xfffd || is_control (c))
        continue;
      if (is_space (c))
        g_string_append_c (cleaned, ' ');
      else if (is_chinese (c))
        {
          g_string_append_c (cleaned, ' ');
          g_string_append_unichar (cleaned, c);
          g_string_append_c (cleaned, ' ');
        }
      else
        g_string_append_unichar (cleaned, c);
    }
  return g_string_free (cleaned, FALSE);
}

/* Decomposed, without the accents, in lower case. */
static char *
strip (const char *cleaned)
{
  g_autofree char *decomposed = g_utf8_normalize (cleaned, -1, G_NORMALIZE_NFD);
  GString *stripped = g_string_new (NULL);

  for (const char *p = decomposed; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_type (c) != G_UNICODE_NON_SPACING_MARK)
        g_string_append_unichar (stripped, g_unichar_tolower (c));
    }
  return g_string_free (stripped, FALSE);
}

/* ---- Words and pieces ----------------------------------------------------------------------- */

static void
append_id (GArray *ids, int id)
{
  gint32 value = id;

  g_array_append_val (ids, value);
}

/* The longest piece that @word begins with, as its id, and where it ends; -1 when there is none. */
static int
longest_piece (const LimnWordpiece *self,
               const char *word,
               const char *end,
               gboolean first,
               const char **stop)
{
  g_autoptr (GString) piece = g_string_new (first ? "" : CONTINUES);
  gsize prefix = piece->len;

  g_string_append_len (piece, word, end - word);
  for (*stop = end; *stop > word; *stop = g_utf8_prev_char (*stop))
    {
      int id;

      g_string_truncate (piece, prefix + (gsize)(*stop - word));
      id = lookup (self, piece->str);
      if (id >= 0)
        return id;
    }
  return -1;
}

static void
encode_word (const LimnWordpiece *self, const char *word, const char *end, GArray *ids)
{
  guint before = ids->len;

  if (g_utf8_strlen (word, end - word) > MAX_WORD_CHARACTERS)
    {
      append_id (ids, self->special[UNK]);
      return;
    }
  for (const char *p = word, *stop; p < end; p = stop)
    {
      int id = longest_piece (self, p, end, p == word, &stop);

      if (id < 0)
        {
          g_array_set_size (ids, before);
          append_id (ids, self->special[UNK]);
          return;
        }
      append_id (ids, id);
    }
}

/* @length bytes without special tokens in them. */
static void
encode_plain (const LimnWordpiece *self, const char *text, gsize length, GArray *ids)
{
  g_autofree char *part = g_strndup (text, length);
  g_autofree char *cleaned = clean (part);
  g_autofree char *stripped = strip (cleaned);
  const char *word = stripped;

  for (const char *p = stripped, *next;; p = next)
    {
      gunichar c = g_utf8_get_char (p);

      next = *p != '\0' ? g_utf8_next_char (p) : p;
      if (c != 0 && !is_space (c) && !is_punctuation (c))
        continue;
      if (p > word)
        encode_word (self, word, p, ids);
      if (c == 0)
        return;
      if (!is_space (c))
        encode_word (self, p, next, ids);
      word = next;
    }
}

/* Which special token stands at @text as it is written, or N_SPECIAL. */
static int
special_at (const LimnWordpiece *self, const char *text)
{
  int i;

  for (i = 0; i < N_SPECIAL; i++)
    if (self->special[i] >= 0 && g_str_has_prefix (text, special_names[i]))
      break;
  return i;
}

GArray *
limn_wordpiece_encode (const LimnWordpiece *self, const char *text)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *from = valid, *p = valid;

  while (*p != '\0')
    {
      int special = special_at (self, p);

      if (special == N_SPECIAL)
        {
          p++;
          continue;
        }
      encode_plain (self, from, (gsize)(p - from), ids);
      append_id (ids, self->special[special]);
      p = from = p + strlen (special_names[special]);
    }
  encode_plain (self, from, (gsize)(p - from), ids);
  return ids;
}

void
limn_wordpiece_encode_padded (const LimnWordpiece *self,
                              const char *text,
                              int length,
                              gint32 *ids,
                              int *n_cut)
{
  g_autoptr (GArray) all = limn_wordpiece_encode (self, text);
  int n = MIN ((int)all->len, length - 2), i = 0;

  g_return_if_fail (length >= 2);

  ids[i++] = self->special[CLS];
  for (int k = 0; k < n; k++)
    ids[i++] = g_array_index (all, gint32, k);
  ids[i++] = self->special[SEP];
  while (i < length)
    ids[i++] = self->special[PAD];
  if (n_cut != NULL)
    *n_cut = (int)all->len - n;
}
