/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * CLIP's vocabulary in its two published forms: a folder with vocab.json (token -> id) and
 * merges.txt (a pair per line, best first), or the single bpe_simple_vocab_16e6.txt.gz, whose ids
 * follow from the order of its lines.
 *
 * Tokens are spelled in an alphabet of 256 printable characters, one per byte: the printable
 * Latin-1 characters stand for themselves, the other bytes for U+0100 and up. "</w>" marks the last
 * token of a word.
 */
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tensor/run.h"
#include "engine/text/text-private.h"
#include "engine/weights/file.h"

/* Published ones have 1 MB, and 3 MB when unpacked. */
#define MAX_FILE_BYTES (64 * 1024 * 1024)
#define MAX_UNPACKED_BYTES (16 * 1024 * 1024)
#define MAX_TOKENS (1 << 24)

static const char start_token[] = "<|startoftext|>";
static const char end_token[] = "<|endoftext|>";
static const char end_of_word[] = "</w>";
static const char single_file[] = "bpe_simple_vocab_16e6.txt.gz";
/* The published file has more lines than CLIP uses: 49152 tokens without the 512 of the bytes, less
 * the two special ones. */
#define N_SINGLE_FILE_MERGES (49152 - 512 - 2 + 256)

static gboolean
bad (GError **error, const char *path, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, "%s: %s", path, what);
  return FALSE;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static gboolean
is_printable_byte (guint byte)
{
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

/* The character that stands for each byte. */
static void
byte_alphabet (gunichar alphabet[256])
{
  gunichar next = 256;

  for (guint byte = 0; byte < 256; byte++)
    alphabet[byte] = is_printable_byte (byte) ? byte : next++;
}

static char *
spell_byte (gunichar c, gboolean last)
{
  char text[8] = { 0 };

  g_unichar_to_utf8 (c, text);
  return g_strconcat (text, last ? end_of_word : NULL, NULL);
}

/* ---- Ids ------------------------------------------------------------------------------------- */

/* Ids are kept one higher, since 0 means absent. */
static gboolean
find_token (GHashTable *tokens, const char *token, guint32 *id)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (tokens, token));

  *id = found - 1;
  return found > 0;
}

static void
add_token (GHashTable *tokens, char *token, guint32 id)
{
  g_hash_table_replace (tokens, token, GUINT_TO_POINTER (id + 1));
}

static gboolean
bind_tokens (LimnVocabulary *self, GHashTable *tokens, const char *path, GError **error)
{
  gunichar alphabet[256];

  if (!find_token (tokens, start_token, &self->start)
      || !find_token (tokens, end_token, &self->end))
    return bad (error, path, "<|startoftext|> or <|endoftext|> is missing");
  byte_alphabet (alphabet);
  for (guint byte = 0; byte < 256; byte++)
    {
      g_autofree char *within = spell_byte (alphabet[byte], FALSE);
      g_autofree char *last = spell_byte (alphabet[byte], TRUE);

      if (!find_token (tokens, within, &self->byte_id[byte]))
        self->byte_id[byte] = self->end;
      if (!find_token (tokens, last, &self->byte_end_id[byte]))
        self->byte_end_id[byte] = self->end;
    }
  return TRUE;
}

/* ---- Merges ---------------------------------------------------------------------------------- */

/* By pair, and by rank among equal ones. */
static int
compare_merges (gconstpointer a, gconstpointer b)
{
  const LimnMerge *x = a, *y = b;

  if (x->pair != y->pair)
    return x->pair < y->pair ? -1 : 1;
  return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Of a pair that is listed twice, the later line counts, as in a Python dict. */
static void
sort_merges (GArray *merges)
{
  guint kept = 0;

  g_array_sort (merges, compare_merges);
  for (guint i = 0; i < merges->len; i++)
    {
      LimnMerge merge = g_array_index (merges, LimnMerge, i);

      if (i + 1 < merges->len && g_array_index (merges, LimnMerge, i + 1).pair == merge.pair)
        continue;
      g_array_index (merges, LimnMerge, kept++) = merge;
    }
  g_array_set_size (merges, kept);
}

/* "LEFT RIGHT" -> the two and their join; FALSE for any other line. */
static gboolean
split_merge (char *line, const char **left, const char **right, char **joined)
{
  char *blank = strchr (line, ' ');

  if (blank == NULL || blank == line || blank[1] == '\0' || strchr (blank + 1, ' ') != NULL)
    return FALSE;
  *blank = '\0';
  *left = line;
  *right = blank + 1;
  *joined = g_strconcat (*left, *right, NULL);
  return TRUE;
}

static gboolean
add_merge (LimnVocabulary *self, GHashTable *tokens, char *line, guint32 rank)
{
  const char *left, *right;
  g_autofree char *joined = NULL;
  guint32 left_id, right_id;
  LimnMerge merge = { .rank = rank };

  if (!split_merge (line, &left, &right, &joined) || !find_token (tokens, left, &left_id)
      || !find_token (tokens, right, &right_id) || !find_token (tokens, joined, &merge.merged))
    return FALSE;
  merge.pair = (guint64)left_id << 32 | right_id;
  g_array_append_val (self->merges, merge);
  return TRUE;
}

/* The line at *@cursor, and the cursor behind it; a copy without white space at its end, since the
 * text may be a mapped file. NULL when there is none left (transfer full). */
static char *
next_line (const char **cursor, const char *end)
{
  const char *line = *cursor;
  const char *stop;

  if (line >= end)
    return NULL;
  stop = memchr (line, '\n', (gsize)(end - line));
  *cursor = stop != NULL ? stop + 1 : end;
  return g_strchomp (g_strndup (line, (gsize)((stop != NULL ? stop : end) - line)));
}

/* Takes the lines of @text, of which the first is number @number, at most @count non-empty ones. */
static gboolean
add_merges (LimnVocabulary *self,
            GHashTable *tokens,
            const char *text,
            const char *end,
            guint number,
            guint count,
            const char *path,
            GError **error)
{
  guint32 rank = 0;

  for (; rank < count; number++)
    {
      g_autofree char *line = next_line (&text, end);

      if (line == NULL)
        break;
      if (line[0] == '\0' || (number == 1 && g_str_has_prefix (line, "#version")))
        continue;
      if (!add_merge (self, tokens, line, rank))
        {
          g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                       "%s: line %u is not a merge of tokens of the vocabulary", path, number);
          return FALSE;
        }
      rank++;
    }
  sort_merges (self->merges);
  return TRUE;
}

/* ---- vocab.json and merges.txt --------------------------------------------------------------- */

static gboolean
add_json_tokens (LimnVocabulary *self,
                 GHashTable *tokens,
                 JsonObject *root,
                 const char *path,
                 GError **error)
{
  JsonObjectIter iter;
  const char *token;
  JsonNode *node;

  json_object_iter_init (&iter, root);
  while (json_object_iter_next (&iter, &token, &node))
    {
      gint64 id = -1;

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
        id = json_node_get_int (node);
      if (id < 0 || id >= MAX_TOKENS)
        return bad (error, path, "an id is not a number of the possible range");
      add_token (tokens, g_strdup (token), (guint32)id);
      self->size = MAX (self->size, (int)id + 1);
    }
  return TRUE;
}

static gboolean
read_json (LimnVocabulary *self, GHashTable *tokens, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *root;
  gsize size;
  const char *text;

  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_data (bytes, &size);
  root = limn_json_parse_object (parser, text != NULL ? text : "", size, error);
  if (root == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  return add_json_tokens (self, tokens, root, path, error);
}

static gboolean
read_merges (LimnVocabulary *self, GHashTable *tokens, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  const char *text;
  gsize size;

  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_data (bytes, &size);
  return text == NULL || add_merges (self, tokens, text, text + size, 1, G_MAXUINT, path, error);
}

/* ---- bpe_simple_vocab_16e6.txt.gz ------------------------------------------------------------ */

/* The unpacked text (transfer full). Memory grows with what is really in the file. */
static GByteArray *
decompress (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = limn_file_map (path, MAX_FILE_BYTES, error);
  g_autoptr (GInputStream) packed = NULL;
  g_autoptr (GInputStream) unpacked = NULL;
  g_autoptr (GConverter) converter = NULL;
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 piece[65536];
  gssize n;

  if (bytes == NULL)
    return NULL;
  packed = g_memory_input_stream_new_from_bytes (bytes);
  converter = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  unpacked = g_converter_input_stream_new (packed, converter);
  while ((n = g_input_stream_read (unpacked, piece, sizeof piece, NULL, error)) > 0)
    {
      if (text->len + (gsize)n > MAX_UNPACKED_BYTES)
        {
          bad (error, path, "unpacks to more than any real vocabulary");
          return NULL;
        }
      g_byte_array_append (text, piece, (guint)n);
    }
  if (n < 0)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* The ids of the published file: the bytes in the order of their alphabet, printable ones first,
 * then the same at the end of a word, then a token per merge, then the special ones. */
static guint32
add_byte_tokens (GHashTable *tokens)
{
  gunichar alphabet[256];
  guint32 id = 0;

  byte_alphabet (alphabet);
  for (int last = 0; last < 2; last++)
    for (int printable = 1; printable >= 0; printable--)
      for (guint byte = 0; byte < 256; byte++)
        if (is_printable_byte (byte) == printable)
          add_token (tokens, spell_byte (alphabet[byte], last), id++);
  return id;
}

static guint32
add_merge_tokens (GHashTable *tokens, const char *text, const char *end, guint32 id)
{
  for (guint i = 0; i < N_SINGLE_FILE_MERGES; i++)
    {
      g_autofree char *line = next_line (&text, end);
      const char *left, *right;
      char *joined = NULL;

      if (line == NULL)
        break;
      if (split_merge (line, &left, &right, &joined))
        add_token (tokens, joined, id++);
    }
  return id;
}

static gboolean
read_single_file (LimnVocabulary *self, GHashTable *tokens, const char *path, GError **error)
{
  g_autoptr (GByteArray) unpacked = decompress (path, error);
  g_autofree char *version = NULL;
  const char *text, *end;
  guint32 id;

  if (unpacked == NULL)
    return FALSE;
  if (unpacked->len == 0)
    return bad (error, path, "the file is empty");
  text = (const char *)unpacked->data;
  end = text + unpacked->len;
  /* The first line is the version, in whatever words. */
  version = next_line (&text, end);
  id = add_byte_tokens (tokens);
  id = add_merge_tokens (tokens, text, end, id);
  add_token (tokens, g_strdup (start_token), id++);
  add_token (tokens, g_strdup (end_token), id++);
  self->size = (int)id;
  return add_merges (self, tokens, text, end, 2, N_SINGLE_FILE_MERGES, path, error);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static gboolean
read_folder (LimnVocabulary *self, GHashTable *tokens, const char *folder, GError **error)
{
  g_autofree char *json = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);

  return read_json (self, tokens, json, error) && read_merges (self, tokens, merges, error);
}

gboolean
_limn_vocabulary_open (LimnVocabulary *self, const char *folder, GError **error)
{
  g_autoptr (GHashTable) tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *single = g_build_filename (folder, single_file, NULL);
  gboolean read;

  *self = (LimnVocabulary){ .merges = g_array_new (FALSE, FALSE, sizeof (LimnMerge)) };
  if (g_str_has_suffix (folder, ".gz"))
    read = read_single_file (self, tokens, folder, error);
  else if (g_file_test (single, G_FILE_TEST_EXISTS))
    read = read_single_file (self, tokens, single, error);
  else
    read = read_folder (self, tokens, folder, error);
  return read && bind_tokens (self, tokens, folder, error);
}

void
_limn_vocabulary_clear (LimnVocabulary *self)
{
  g_clear_pointer (&self->merges, g_array_unref);
}
