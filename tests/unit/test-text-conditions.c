/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/run.h"
#include "engine/text/layout-tokens.h"
#include "engine/text/wordpiece.h"

/* WordPiece and layouts: what must hold beside the reference vectors (limn-golden F4, K3). */

static void
assert_names (const GError *error, const char *named)
{
  g_assert_nonnull (error);
  if (strstr (error->message, named) == NULL)
    g_error ("“%s” does not name %s", error->message, named);
}

/* ---- WordPiece ------------------------------------------------------------------------------ */

#define VOCABULARY "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\ncat\n##s\n##a\n,\n"

static LimnWordpiece *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  LimnWordpiece *wordpiece = limn_wordpiece_parse ("vocab.txt", text, strlen (text), &error);

  g_assert_no_error (error);
  return wordpiece;
}

static void
assert_ids (const LimnWordpiece *wordpiece, const char *text, const char *want)
{
  g_autoptr (GArray) ids = limn_wordpiece_encode (wordpiece, text);
  g_autoptr (GString) got = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (got, "%s%d", i > 0 ? " " : "", g_array_index (ids, gint32, i));
  g_assert_cmpstr (got->str, ==, want);
}

/* However its lines end, a piece is what stands on them; of the same piece twice the last counts.
 */
static void
test_vocabulary (void)
{
  const char *const texts[] = {
    VOCABULARY,
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\ncat\n##s\n##a\n,",
    "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\ncat\r\n##s\r\n##a\r\n,\r\n",
    "[PAD] \n[UNK]\t\n[CLS]\n[SEP]\na\ncat\n##s\n##a\n,\n",
  };
  g_autoptr (LimnWordpiece) twice = parse (VOCABULARY "cat\n");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (LimnWordpiece) wordpiece = parse (texts[i]);

      g_assert_cmpint (limn_wordpiece_get_size (wordpiece), ==, 9);
      assert_ids (wordpiece, "A cat, cats aas", "4 5 8 5 6 4 7 6");
      assert_ids (wordpiece, "dog [SEP] s", "1 3 1");
    }
  g_assert_cmpint (limn_wordpiece_get_size (twice), ==, 10);
  assert_ids (twice, "cats", "9 6");
}

static void
test_bad_vocabularies (void)
{
  const struct
  {
    const char *text;
    gsize length;
    const char *named;
  } rows[] = {
    { "", 0, "[UNK]" },
    { "[PAD]\n[CLS]\n[SEP]\n", 18, "[UNK]" },
    { "[PAD]\n[UNK]\n[SEP]\n", 18, "[CLS]" },
    { "[UNK]\n[CLS]\n[SEP]\n", 18, "[PAD]" },
    { "[PAD]\n[UNK]\n[CLS]\n\xff\n", 20, "UTF-8" },
    { "[PAD]\n[UNK]\n[CLS]\n\0\n", 20, "UTF-8" },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_null (limn_wordpiece_parse ("some/vocab.txt", rows[i].text, rows[i].length, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
      assert_names (error, "some/vocab.txt");
      assert_names (error, rows[i].named);
      g_clear_error (&error);
    }
  g_assert_null (limn_wordpiece_open ("/nonexistent/vocab.txt", &error));
  assert_names (error, "/nonexistent/vocab.txt");
}

static void
test_padding (void)
{
  g_autoptr (LimnWordpiece) wordpiece = parse (VOCABULARY);
  gint32 ids[6];
  int n_cut;

  limn_wordpiece_encode_padded (wordpiece, "cats, a", 6, ids, &n_cut);
  g_assert_cmpmem (ids, sizeof ids, ((gint32[]){ 2, 5, 6, 8, 4, 3 }), sizeof ids);
  g_assert_cmpint (n_cut, ==, 0);
  limn_wordpiece_encode_padded (wordpiece, "cats, a", 5, ids, &n_cut);
  g_assert_cmpmem (ids, 5 * sizeof *ids, ((gint32[]){ 2, 5, 6, 8, 3 }), 5 * sizeof *ids);
  g_assert_cmpint (n_cut, ==, 1);
  limn_wordpiece_encode_padded (wordpiece, "", 2, ids, &n_cut);
  g_assert_cmpmem (ids, 2 * sizeof *ids, ((gint32[]){ 2, 3 }), 2 * sizeof *ids);
  limn_wordpiece_encode_padded (wordpiece, "cat", 6, ids, NULL);
  g_assert_cmpmem (ids, sizeof ids, ((gint32[]){ 2, 5, 3, 0, 0, 0 }), sizeof ids);
}

/* Any bytes give ids of the vocabulary; what is not UTF-8 is as if it were not there. */
static void
test_any_bytes (void)
{
  g_autoptr (LimnWordpiece) wordpiece = parse (VOCABULARY);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  assert_ids (wordpiece,
              "c\xff"
              "at\xc3 \xe2\x82",
              "5");
  for (int i = 0; i < 2000; i++)
    {
      static const char alphabet[] = "a cats,[]SEP##\t\xc3\xa9\xcc\x81\xe4\xb8\xad\xff\x01";
      char text[200];
      int length = g_rand_int_range (random, 0, sizeof text - 1);

      for (int k = 0; k < length; k++)
        text[k] = i % 2 == 0 ? (char)g_rand_int_range (random, 1, 256)
                             : alphabet[g_rand_int_range (random, 0, sizeof alphabet - 1)];
      text[length] = '\0';

      g_autoptr (GArray) ids = limn_wordpiece_encode (wordpiece, text);

      g_assert_cmpuint (ids->len, <=, (guint)length);
      for (guint k = 0; k < ids->len; k++)
        g_assert_cmpint (g_array_index (ids, gint32, k), <, 9);
    }
}

/* ---- Layouts -------------------------------------------------------------------------------- */

static void
test_layout (void)
{
  LimnLayoutConfig config;
  LimnLayoutBox boxes[31] = { 0 };
  gint32 tokens[92];
  g_autoptr (GError) error = NULL;
  int n_cut;

  limn_layout_config_init (&config);
  g_assert_cmpint (limn_layout_config_get_length (&config), ==, G_N_ELEMENTS (tokens));
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    boxes[i] = (LimnLayoutBox){ .category = (int)i, .box = { 0, 0, 1, 1 } };
  g_assert_true (limn_layout_tokens (&config, boxes, 31, NULL, FALSE, tokens, &n_cut, &error));
  g_assert_no_error (error);
  g_assert_cmpint (n_cut, ==, 1);
  for (int i = 0; i < 30; i++)
    g_assert_cmpmem (&tokens[3 * i], 3 * sizeof *tokens, ((gint32[]){ i, 0, 90 * 90 - 1 }),
                     3 * sizeof *tokens);
  g_assert_cmpint (tokens[90], ==, 0);
  g_assert_cmpint (tokens[91], ==, 90 * 90 - 1);

  /* Mirrored twice is as it was. */
  boxes[0].box = (LimnLayoutRect){ 0.25, 0.5, 0.5, 0.25 };
  g_assert_true (limn_layout_tokens (&config, boxes, 1, NULL, FALSE, tokens, NULL, &error));
  g_assert_cmpint (tokens[1], ==, 44 * 90 + 22);
  g_assert_cmpint (tokens[2], ==, 67 * 90 + 67);
  g_assert_cmpint (tokens[3], ==, 8191);
  g_assert_true (limn_layout_tokens (&config, boxes, 1, NULL, TRUE, tokens, NULL, &error));
  g_assert_cmpint (tokens[1], ==, 44 * 90 + 22);
}

static void
test_bad_layouts (void)
{
  const LimnLayoutRect whole = { 0, 0, 1, 1 };
  const struct
  {
    LimnLayoutBox box;
    LimnLayoutRect crop;
    const char *named;
  } rows[] = {
    { { -1, { 0, 0, 1, 1 } }, { 0, 0, 1, 1 }, "Box 1: there is no class -1" },
    { { 600, { 0, 0, 1, 1 } }, { 0, 0, 1, 1 }, "no class 600" },
    { { 0, { NAN, 0, 1, 1 } }, { 0, 0, 1, 1 }, "not a number" },
    { { 0, { 0, 0, INFINITY, 1 } }, { 0, 0, 1, 1 }, "not a number" },
    { { .category = 599,
        .box = { 0, 0, 1, 1 },
        .is_inside = TRUE,
        .is_depiction = TRUE,
        .is_occluded = TRUE },
      { 0, 0, 1, 1 },
      "flags" },
    { { 0, { 0, 0, 1, 1 } }, { 0, 0, 0, 1 }, "empty" },
    { { 0, { 0, 0, 1, 1 } }, { 0, 0, 1, NAN }, "empty" },
    { { 0, { 0, 0, 1, 1 } }, { 0, 0.5, 1, 1 }, "not within" },
    { { 0, { 0, 0, 1, 1 } }, { -1, 0, 2, 1 }, "not within" },
    { { 0, { 0, 0, 1, 1 } }, { 0, 0, 1, 1e300 }, "not within" },
  };
  LimnLayoutConfig config;
  LimnLayoutBox box = { .box = whole };
  gint32 tokens[92];

  limn_layout_config_init (&config);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (limn_layout_tokens (&config, &rows[i].box, 1, &rows[i].crop, FALSE, tokens,
                                          NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      assert_names (error, rows[i].named);
    }
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = NULL;

      limn_layout_config_init (&config);
      *(i == 0   ? &config.no_tokens
        : i == 1 ? &config.no_max_objects
                 : &config.no_object_classes)
          = i == 3 ? G_MININT : 0;
      g_assert_false (limn_layout_tokens (&config, &box, 1, NULL, FALSE, tokens, NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* Whatever the boxes are: tokens of the vocabulary, or an error. */
static void
test_any_layout (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  LimnLayoutConfig config = { 40, 10, 256, TRUE, TRUE, FALSE };
  gint32 tokens[32];
  int n_expressed = 0;

  for (int i = 0; i < 20000; i++)
    {
      double range = i % 3 == 0 ? 1e18 : 1.5;
      LimnLayoutRect rects[3];
      LimnLayoutBox boxes[2];

      for (int k = 0; k < 3; k++)
        rects[k] = (LimnLayoutRect){ g_rand_double_range (random, -range, range),
                                     g_rand_double_range (random, -range, range),
                                     g_rand_double_range (random, -range, range),
                                     g_rand_double_range (random, -range, range) };
      for (int k = 0; k < 2; k++)
        boxes[k] = (LimnLayoutBox){ .category = g_rand_int_range (random, 0, 40), .box = rects[k] };
      config.encode_crop = i % 2 == 0;
      if (!limn_layout_tokens (&config, boxes, 2, i % 5 == 0 ? &rects[2] : NULL, i % 7 == 0, tokens,
                               NULL, NULL))
        continue;
      n_expressed++;
      for (int k = 0; k < limn_layout_config_get_length (&config); k++)
        {
          g_assert_cmpint (tokens[k], >=, 0);
          g_assert_cmpint (tokens[k], <, config.no_tokens);
        }
    }
  g_assert_cmpint (n_expressed, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wordpiece/vocabulary", test_vocabulary);
  g_test_add_func ("/wordpiece/bad-vocabularies", test_bad_vocabularies);
  g_test_add_func ("/wordpiece/padding", test_padding);
  g_test_add_func ("/wordpiece/any-bytes", test_any_bytes);
  g_test_add_func ("/layout/tokens", test_layout);
  g_test_add_func ("/layout/bad", test_bad_layouts);
  g_test_add_func ("/layout/any", test_any_layout);
  return g_test_run ();
}
