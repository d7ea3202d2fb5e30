/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <gio/gio.h>
#include <string.h>

#include "engine/tensor/run.h"
#include "engine/text/text-private.h"
#include "engine/weights/file.h"
#include "tests/unit/weights-testing.h"

#define TOKENIZER "golden/fixtures/G-tokenizer/"

static LimnTokenizer *
open_tiny (void)
{
  g_autofree char *path = test_fixture (TOKENIZER "tiny768");
  g_autoptr (GError) error = NULL;
  LimnTokenizer *tokenizer = limn_tokenizer_open (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static void
assert_same_ids (GArray *a, GArray *b)
{
  g_assert_cmpmem (a->data, a->len * sizeof (guint32), b->data, b->len * sizeof (guint32));
}

static void
assert_encode_same (LimnTokenizer *tokenizer, const char *a, const char *b)
{
  g_autoptr (GArray) x = limn_tokenizer_encode (tokenizer, a);
  g_autoptr (GArray) y = limn_tokenizer_encode (tokenizer, b);

  assert_same_ids (x, y);
}

/* ---- JSON, of vocabularies and all other texts ------------------------------------------------ */

/* json-glib reads more than JSON, in which a look at the text before it is parsed would be led astray. */
static void
test_json (void)
{
  static const struct
  {
    const char *text, *says;
  } rows[] = {
    { "{\"a\": [1, -2.5e+3, true, false, null, \"\\\"}]//\"]}", NULL },
    { "{\"a\": 1 /* [[[[ */}", "character" },
    { "{'a': 1}", "character" },
    { "{\"a\": 1, \"a\": 2}", "twice" },
    { "{}{\"a\": 1}", "more than one" },
    { "3{\"a\": 1}", "more than one" },
    { " {\"a\": \"\\\\\", \"b\": \"} {\"}\n", NULL },
    { "[1]", "not an object" },
    { "7", "not an object" },
    { "{\"\\ud83d\\uDE00\": 1}", NULL },
    { "{\"\\ud800\\u.\": 1}", "character" },
    { "7 8", "more than one" },
    { "", "JSON" },
    { "{\"a\": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "nested" },
    { "{\"a\": \"\xff\"}", "UTF-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GError) error = NULL;
      JsonObject *object
          = limn_json_parse_object (parser, rows[i].text, strlen (rows[i].text), &error);

      g_test_message ("%u: %s", (guint)i, error != NULL ? error->message : "taken");
      g_assert_true ((object == NULL) == (error != NULL));
      g_assert_true ((object == NULL) == (rows[i].says != NULL));
      if (error != NULL)
        g_assert_nonnull (strstr (error->message, rows[i].says));
    }
}

/* More values than any file has: refused before memory is spent on them. */
static void
test_json_values (void)
{
  g_autoptr (GString) text = g_string_new ("{\"a\": [0");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1000001; i++)
    g_string_append (text, ",0");
  g_string_append (text, "]}");
  g_assert_null (limn_json_parse_object (parser, text->str, text->len, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
}

/* ---- Encoding -------------------------------------------------------------------------------- */

static void
test_reference (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  g_autofree char *path = test_fixture (TOKENIZER "clip_bpe.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *rows;
  guint n_checked = 0;

  g_assert_cmpint (limn_tokenizer_get_size (tokenizer), ==, 768);
  g_assert_cmpint (limn_tokenizer_get_start (tokenizer), ==, 766);
  g_assert_cmpint (limn_tokenizer_get_end (tokenizer), ==, 767);
  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  rows
      = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "rows");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      JsonArray *want = json_object_get_array_member (row, "tiny768_ids");
      g_autoptr (GArray) got
          = limn_tokenizer_encode (tokenizer, json_object_get_string_member (row, "prompt"));

      if (!json_object_get_boolean_member (row, "hf_fast_ids_same"))
        continue;
      g_test_message ("%s", json_object_get_string_member (row, "prompt"));
      g_assert_cmpuint (got->len, ==, json_array_get_length (want));
      for (guint k = 0; k < got->len; k++)
        g_assert_cmpint (g_array_index (got, guint32, k), ==, json_array_get_int_element (want, k));
      n_checked++;
    }
  g_assert_cmpuint (n_checked, >=, 60);
}

static void
test_cleaning (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();

  assert_encode_same (tokenizer, "A Red CAR", "a red car");
  assert_encode_same (tokenizer, "\xc3\x84RGER \xd0\x96", "\xc3\xa4rger \xd0\xb6");
  assert_encode_same (tokenizer, "  a \t\r\n red \xc2\xa0\xe2\x80\x83\xe3\x80\x80 car\n",
                      "a red car");
  /* e and a combining acute are the one letter. */
  assert_encode_same (tokenizer, "cafe\xcc\x81", "caf\xc3\xa9");
  /* A sigma at the end of a word, and within. */
  assert_encode_same (tokenizer, "\xce\xa3\xce\xa3", "\xcf\x83\xcf\x82");
  assert_encode_same (tokenizer, "\xe2\x85\xa7", "\xe2\x85\xb7");
}

/* Words do not know of each other. */
static void
test_words (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  const char *const words[] = { "tree", "7", "...", "it", "\xf0\x9f\x98\x80", "x9y", "o'clock" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (words); j++)
      {
        g_autofree char *both = g_strconcat (words[i], " ", words[j], NULL);
        g_autoptr (GArray) first = limn_tokenizer_encode (tokenizer, words[i]);
        g_autoptr (GArray) second = limn_tokenizer_encode (tokenizer, words[j]);
        g_autoptr (GArray) got = limn_tokenizer_encode (tokenizer, both);

        g_array_append_vals (first, second->data, second->len);
        assert_same_ids (got, first);
      }
}

/* The definition: the pair of lowest rank, leftmost first, again and again. */
static void
encode_plainly (const LimnVocabulary *vocabulary, GArray *symbols)
{
  for (;;)
    {
      const LimnMerge *best = NULL;
      guint place = 0;

      for (guint i = 0; i + 1 < symbols->len; i++)
        {
          guint64 pair = (guint64)g_array_index (symbols, guint32, i) << 32
                         | g_array_index (symbols, guint32, i + 1);

          for (guint k = 0; k < vocabulary->merges->len; k++)
            {
              const LimnMerge *merge = &g_array_index (vocabulary->merges, LimnMerge, k);

              if (merge->pair == pair && (best == NULL || merge->rank < best->rank))
                {
                  best = merge;
                  place = i;
                }
            }
        }
      if (best == NULL)
        return;
      g_array_index (symbols, guint32, place) = best->merged;
      g_array_remove_index (symbols, place + 1);
    }
}

static void
test_merges (void)
{
  static const char letters[] = "aeinorstha";
  g_autofree char *path = test_fixture (TOKENIZER "tiny768");
  LimnVocabulary vocabulary;
  GRand *rand = g_rand_new_with_seed (7);

  g_assert_true (_limn_vocabulary_open (&vocabulary, path, NULL));
  for (int round = 0; round < 200; round++)
    {
      g_autoptr (GArray) symbols = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autoptr (GArray) got = g_array_new (FALSE, FALSE, sizeof (guint32));
      int length = g_rand_int_range (rand, 0, 24);

      for (int i = 0; i < length; i++)
        {
          guchar letter = (guchar)letters[g_rand_int_range (rand, 0, sizeof letters - 1)];
          guint32 id = i + 1 < length ? vocabulary.byte_id[letter] : vocabulary.byte_end_id[letter];

          g_array_append_val (symbols, id);
        }
      _limn_bpe_encode (&vocabulary, (const guint32 *)symbols->data, symbols->len, got);
      encode_plainly (&vocabulary, symbols);
      assert_same_ids (got, symbols);
    }
  g_rand_free (rand);
  _limn_vocabulary_clear (&vocabulary);
}

static void
test_odd_prompts (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  const char *const units[]
      = { "a", "ab ", "\xf0\x9f\x98\xba", "'", "\xcc\x81", "\xff", "<|endoftext|>", "\xce\xa3" };
  g_autoptr (GArray) none = limn_tokenizer_encode (tokenizer, "");
  g_autoptr (GArray) blank = limn_tokenizer_encode (tokenizer, " \n\t ");
  char bytes[256];

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (blank->len, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) prompt = g_string_new (NULL);
      g_autoptr (GArray) ids = NULL;

      for (int k = 0; k < 10000; k++)
        g_string_append (prompt, units[i]);
      ids = limn_tokenizer_encode (tokenizer, prompt->str);
      g_assert_cmpuint (ids->len, >, 0);
      g_assert_cmpuint (ids->len, <=, 6 * prompt->len);
      for (guint k = 0; k < ids->len; k++)
        g_assert_cmpuint (g_array_index (ids, guint32, k), <, 768);
    }
  for (int k = 0; k < 255; k++)
    bytes[k] = (char)(k + 1);
  bytes[255] = '\0';
  assert_encode_same (tokenizer, bytes, bytes);
  /* Invalid bytes are U+FFFD. */
  assert_encode_same (tokenizer, "a \xff b", "a \xef\xbf\xbd b");
}

static void
test_padding (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  const char *prompt = "one two three";
  g_autoptr (GArray) all = limn_tokenizer_encode (tokenizer, prompt);
  const int lengths[] = { 2, 3, 7, 8, 15, 17, 77 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      gint32 ids[80];
      int n_cut, n = lengths[i], n_kept = MIN (n - 2, (int)all->len);

      memset (ids, 0x55, sizeof ids);
      limn_tokenizer_encode_padded (tokenizer, prompt, n, 5, ids, &n_cut);
      g_assert_cmpint (n_cut, ==, (int)all->len - n_kept);
      g_assert_cmpint (ids[0], ==, 766);
      g_assert_cmpint (ids[1 + n_kept], ==, 767);
      for (int k = 0; k < n_kept; k++)
        g_assert_cmpint (ids[1 + k], ==, g_array_index (all, guint32, k));
      for (int k = n_kept + 2; k < n; k++)
        g_assert_cmpint (ids[k], ==, 5);
      g_assert_cmpint (ids[n], ==, 0x55555555);
    }
}

/* ---- Vocabularies ---------------------------------------------------------------------------- */

/* The 512 bytes, "t h", "th e</w>" and the special tokens, as the single published file. */
static void
test_single_file (void)
{
  static const char text[] = "\"bpe_simple_vocab_16e6.txt#version: 0.2\nt h\nth e</w>\n";
  char *folder = test_folder_new ();
  g_autoptr (GConverter) gzip
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  char packed[512];
  gsize n_read, n_written;
  g_autofree char *path = NULL;
  g_autoptr (LimnTokenizer) tokenizer = NULL;
  g_autoptr (GArray) ids = NULL;

  g_assert_cmpint (g_converter_convert (gzip, text, sizeof text - 1, packed, sizeof packed,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  path = test_write (folder, "bpe_simple_vocab_16e6.txt.gz", packed, n_written);
  tokenizer = limn_tokenizer_open (folder, NULL);
  g_assert_nonnull (tokenizer);
  g_assert_cmpint (limn_tokenizer_get_size (tokenizer), ==, 516);
  ids = limn_tokenizer_encode (tokenizer, "the !");
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint32, 0), ==, 513);
  g_assert_cmpuint (g_array_index (ids, guint32, 1), ==, 256);
  for (gsize length = 0; length < n_written; length++)
    {
      g_autofree char *cut = test_write (folder, "bpe_simple_vocab_16e6.txt.gz", packed, length);
      g_autoptr (LimnTokenizer) cut_tokenizer = limn_tokenizer_open (folder, NULL);

      g_assert_null (cut_tokenizer);
    }
  test_folder_free (folder);
}

static void
test_bad_vocabularies (void)
{
  const struct
  {
    const char *vocabulary, *merges;
    int code;
  } rows[] = {
    { "{", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "[1]", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"a\": 0}", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": -1}", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1.5}", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": \"1\"}", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 99999999999}", "", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1, \"<|endoftext|>\": 2}", "",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1}", "a b\n", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1, \"a\": 2}", "a a a\n",
      LIMN_ENGINE_ERROR_BAD_FILE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *vocabulary
          = test_write (folder, "vocab.json", rows[i].vocabulary, strlen (rows[i].vocabulary));
      g_autofree char *merges
          = test_write (folder, "merges.txt", rows[i].merges, strlen (rows[i].merges));
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_tokenizer_open (folder, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, rows[i].code);
      g_assert_nonnull (strstr (error->message, folder));
      test_folder_free (folder);
    }
}

/* A vocabulary without most bytes still takes every prompt: what is not known is the end token. */
static void
test_small_vocabulary (void)
{
  static const char vocabulary[]
      = "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1, \"a\": 2, \"a</w>\": 3, \"aa</w>\": 4}";
  char *folder = test_folder_new ();
  g_autofree char *path = test_write (folder, "vocab.json", vocabulary, sizeof vocabulary - 1);
  g_autofree char *merges = test_write (folder, "merges.txt", "#version: 0.2\na a</w>\n", 22);
  g_autoptr (LimnTokenizer) tokenizer = limn_tokenizer_open (folder, NULL);
  g_autoptr (GArray) ids = NULL;

  g_assert_nonnull (tokenizer);
  ids = limn_tokenizer_encode (tokenizer, "aa aaa b");
  g_assert_cmpuint (ids->len, ==, 4);
  g_assert_cmpuint (g_array_index (ids, guint32, 0), ==, 4);
  g_assert_cmpuint (g_array_index (ids, guint32, 1), ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint32, 2), ==, 4);
  g_assert_cmpuint (g_array_index (ids, guint32, 3), ==, 1);
  test_folder_free (folder);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (limn_tokenizer_open ("/nowhere", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "vocab.json"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/json", test_json);
  g_test_add_func ("/text/json-values", test_json_values);
  g_test_add_func ("/text/reference", test_reference);
  g_test_add_func ("/text/cleaning", test_cleaning);
  g_test_add_func ("/text/words", test_words);
  g_test_add_func ("/text/merges", test_merges);
  g_test_add_func ("/text/odd-prompts", test_odd_prompts);
  g_test_add_func ("/text/padding", test_padding);
  g_test_add_func ("/text/single-file", test_single_file);
  g_test_add_func ("/text/bad-vocabularies", test_bad_vocabularies);
  g_test_add_func ("/text/small-vocabulary", test_small_vocabulary);
  g_test_add_func ("/text/missing", test_missing);
  return g_test_run ();
}
