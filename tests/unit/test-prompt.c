/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/text/prompt.h"
#include "tests/unit/weights-testing.h"

/* In this vocabulary a letter on its own is the token 320 + its place in the alphabet, a comma
 * 267. */
#define TOKENIZER "golden/fixtures/G-tokenizer/tiny768"
#define START 766
#define END 767
#define A 320
#define B 321
#define C 322
#define COMMA 267

#define UP 1.1
#define DOWN (1.0 / 1.1)
#define TOLERANCE 1e-6

static LimnTokenizer *
open_tiny (void)
{
  g_autofree char *path = test_fixture (TOKENIZER);
  g_autoptr (GError) error = NULL;
  LimnTokenizer *tokenizer = limn_tokenizer_open (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

/* ---- Parsing -------------------------------------------------------------------------------- */

typedef struct
{
  const char *text;
  double weight;
  gboolean new_chunk;
} Run;

typedef struct
{
  const char *prompt;
  Run runs[10]; /* up to the first without a text */
} ParseRow;

static const ParseRow parse_rows[] = {
  { "", { { "", 1 } } },
  { "a cat on a mat", { { "a cat on a mat", 1 } } },
  { "a (cat) here", { { "a ", 1 }, { "cat", UP }, { " here", 1 } } },
  { "a [cat] here", { { "a ", 1 }, { "cat", DOWN }, { " here", 1 } } },
  { "(cat:1.5)", { { "cat", 1.5 } } },
  { "(a cat : .5 )", { { "a cat ", 0.5 } } },
  { "(cat:2)(dog:+3)(fox:-1)", { { "cat", 2 }, { "dog", 3 }, { "fox", -1 } } },
  { "((cat))", { { "cat", UP *UP } } },
  { "[[cat]]", { { "cat", DOWN *DOWN } } },
  { "(a)(b)", { { "ab", UP } } },
  { "(a (b:2) c:3)", { { "a ", 3 }, { "b", 6 }, { " c", 3 } } },
  { "(a [b] c)", { { "a ", UP }, { "b", 1 }, { " c", UP } } },
  { "x ((y:1.3) [z] (v:0.5), w, (((u))).",
    { { "x ", 1 },
      { "y", UP * 1.3 },
      { " ", UP },
      { "z", 1 },
      { " ", UP },
      { "v", UP * 0.5 },
      { ", w, ", UP },
      { "u", UP *UP *UP *UP },
      { ".", UP } } },
  /* The two kinds of bracket do not see each other. */
  { "(a [b) c]", { { "a ", UP }, { "b", 1 }, { " c", DOWN } } },
  /* Never closed, never opened. */
  { "a (cat", { { "a ", 1 }, { "cat", UP } } },
  { "a [cat", { { "a ", 1 }, { "cat", DOWN } } },
  { "a) b] c", { { "a) b] c", 1 } } },
  { "a:1.5) b", { { "a:1.5) b", 1 } } },
  { "((", { { "", 1 } } },
  { "()[](())", { { "", 1 } } },
  { ")(", { { ")", 1 } } },
  /* No number, so the colon is text. */
  { "(a:b)", { { "a:b", UP } } },
  { "(a:)", { { "a:", UP } } },
  { "(a:.)", { { "a:.", UP } } },
  { "(a:1.2.3)", { { "a:1.2.3", UP } } },
  { "(a:inf) (b:0x2) (c:nan)",
    { { "a:inf", UP }, { " ", 1 }, { "b:0x2", UP }, { " ", 1 }, { "c:nan", UP } } },
  { "(a:1.5 b)", { { "a:1.5 b", UP } } },
  { "ratio 16:9", { { "ratio 16:9", 1 } } },
  { "[a:1.5]", { { "a:1.5", DOWN } } },
  /* Escapes. */
  { "a \\(cat\\) \\[b\\]", { { "a (cat) [b]", 1 } } },
  { "(a \\) b)", { { "a ) b", UP } } },
  { "\\\\(a)", { { "\\", 1 }, { "a", UP } } },
  { "\\\\\\(a\\\\\\)", { { "\\(a\\)", 1 } } },
  { "c:\\dir\\\\x \\", { { "c:\\dir\\\\x \\", 1 } } },
  /* Beyond what makes sense. */
  { "(a:1000)(b:-1000)", { { "a", LIMN_PROMPT_MAX_WEIGHT }, { "b", -LIMN_PROMPT_MAX_WEIGHT } } },
  { "(a:99999999999999999999999999999999999999999)", { { "a", LIMN_PROMPT_MAX_WEIGHT } } },
  { "(a:0)", { { "a", 0 } } },
  /* BREAK. */
  { "a BREAK b", { { "a", 1 }, { "b", 1, TRUE } } },
  { "a\nBREAK\n b BREAK", { { "a", 1 }, { "b", 1, TRUE }, { "", 1, TRUE } } },
  { "BREAK", { { "", 1 }, { "", 1, TRUE } } },
  { "a BREAK BREAK b", { { "a", 1 }, { "", 1, TRUE }, { "b", 1, TRUE } } },
  { "(a BREAK b) c", { { "a", UP }, { "b", UP, TRUE }, { " c", 1 } } },
  { "a,BREAK,b", { { "a,", 1 }, { ",b", 1, TRUE } } },
  { "break BREAKS LINEBREAK BREAK_ \xc3\x89"
    "BREAK Break",
    { { "break BREAKS LINEBREAK BREAK_ \xc3\x89"
        "BREAK Break",
        1 } } },
  { "\xff(\xfe)\xf0\x9f", { { "\xff", 1 }, { "\xfe", UP }, { "\xf0\x9f", 1 } } },
  { "\xff"
    "BREAK\xff",
    { { "\xff", 1 }, { "\xff", 1, TRUE } } },
  { "(\xf0\x9f\x98\x80:1.2) \xf0\x9f\x90\xb6",
    { { "\xf0\x9f\x98\x80", 1.2 }, { " \xf0\x9f\x90\xb6", 1 } } },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (parse_rows); i++)
    {
      const ParseRow *row = &parse_rows[i];
      g_autoptr (GArray) runs = limn_prompt_parse (row->prompt);
      g_autofree char *shown = g_strescape (row->prompt, NULL);
      guint n = 0;

      g_test_message ("“%s”", shown);
      while (n < G_N_ELEMENTS (row->runs) && row->runs[n].text != NULL)
        n++;
      g_assert_cmpuint (runs->len, ==, n);
      for (guint k = 0; k < n; k++)
        {
          const LimnPromptRun *run = &g_array_index (runs, LimnPromptRun, k);

          g_assert_cmpstr (run->text, ==, row->runs[k].text);
          g_assert_cmpfloat_with_epsilon (run->weight, row->runs[k].weight,
                                          TOLERANCE * (1 + fabs (row->runs[k].weight)));
          g_assert_cmpint (run->new_chunk, ==, row->runs[k].new_chunk);
        }
    }
}

/* Thousands of brackets: finite weights, and no more than linear time. */
/* Under AddressSanitizer strict_string_checks reads the whole rest of a string at each strcspn():
 * quadratic. */
#ifdef __SANITIZE_ADDRESS__
#define DEPTH 10000
#else
#define DEPTH 100000
#endif

static void
test_nesting (void)
{
  static const char *const opens[] = { "(", "[", "(a", "[a", "((a:1e9", "(a[b" };
  static const char *const closes[] = { ")", "]", ")", "]", ":0.001)", "" };

  for (guint i = 0; i < G_N_ELEMENTS (opens); i++)
    for (int closed = 0; closed < 2; closed++)
      {
        g_autoptr (GString) prompt = g_string_new (NULL);
        g_autoptr (GArray) runs = NULL;

        for (int k = 0; k < DEPTH; k++)
          g_string_append (prompt, opens[i]);
        g_string_append (prompt, "x");
        for (int k = 0; closed && k < DEPTH; k++)
          g_string_append (prompt, closes[i]);
        runs = limn_prompt_parse (prompt->str);
        for (guint k = 0; k < runs->len; k++)
          {
            float weight = g_array_index (runs, LimnPromptRun, k).weight;

            g_assert_true (isfinite (weight));
            g_assert_cmpfloat (fabsf (weight), <=, LIMN_PROMPT_MAX_WEIGHT);
          }
      }
}

/* ---- Tokens --------------------------------------------------------------------------------- */

/* The letters a, b, c ... of a chunk, commas, and a dot for the end token; then the padding, which
 * must be nothing else. A weight that is not 1 is written behind its token. */
static char *
show_chunk (const LimnPromptTokens *tokens, int chunk, gint32 pad)
{
  const gint32 *ids = tokens->ids + chunk * tokens->length;
  const float *weights = tokens->weights + chunk * tokens->length;
  GString *shown = g_string_new (NULL);
  int i = 1;

  g_assert_cmpint (ids[0], ==, START);
  g_assert_cmpfloat (weights[0], ==, 1.0f);
  for (; i < tokens->length && ids[i] != END; i++)
    {
      g_string_append_c (shown, ids[i] == COMMA ? ',' : (char)('a' + ids[i] - A));
      if (weights[i] != 1.0f)
        g_string_append_printf (shown, "%.4g", (double)weights[i]);
    }
  g_assert_cmpint (i, <, tokens->length);
  g_string_append_c (shown, '.');
  for (int k = i; k < tokens->length; k++)
    {
      g_assert_cmpint (ids[k], ==, k == i ? END : pad);
      g_assert_cmpfloat (weights[k], ==, 1.0f);
    }
  return g_string_free (shown, FALSE);
}

typedef struct
{
  const char *prompt;
  int length, max_chunks;
  const char *chunks; /* separated by blanks */
  int n_cut;
} TokenRow;

static const TokenRow token_rows[] = {
  { "", 7, 9, ".", 0 },
  { "()", 7, 9, ".", 0 },
  { "a b c", 7, 9, "abc.", 0 },
  { "a b c d e", 7, 9, "abcde.", 0 },
  { "a b c d e f", 7, 9, "abcde. f.", 0 },
  { "a b c d e f g h i j k l", 7, 9, "abcde. fghij. kl.", 0 },
  { "a b c d e f g h i j k l", 7, 2, "abcde. fghij.", 2 },
  { "a b c d e f g h i j k l", 7, 1, "abcde.", 7 },
  { "a (b:1.5) [c] (d e:0)", 9, 9, "ab1.5c0.9091d0e0.", 0 },
  { "a (b c d e f:2) g", 5, 9, "ab2c2. d2e2f2. g.", 0 },
  { "a BREAK b", 7, 9, "a. b.", 0 },
  { "BREAK a", 7, 9, ". a.", 0 },
  { "a BREAK", 7, 9, "a.", 0 },
  { "a BREAK BREAK b", 7, 9, "a. . b.", 0 },
  { "a BREAK b BREAK c", 7, 2, "a. bc.", 0 },
  { "a b BREAK c d e f", 5, 2, "ab. cde.", 1 },
  /* Of 15 tokens the comma may be among the last 4. */
  { "a b c d e f g h i j , k l m n o p", 17, 9, "abcdefghij,klmn. op.", 0 },
  { "a b c d e f g h i j k , l m n o p", 17, 9, "abcdefghijk,. lmnop.", 0 },
  { "a b c d e f g h i j k , l m n", 17, 9, "abcdefghijk,lmn.", 0 },
  { "a b c d e f g h i j k , l m n o p", 17, 1, "abcdefghijk,lmn.", 2 },
  { "a b c d e f g h i , j k , l m (n:2) o p", 17, 9, "abcdefghi,jk,. lmn2op.", 0 },
  { "a b c d e f g h i j k l m n o , p", 17, 9, "abcdefghijklmno. ,p.", 0 },
  { "a", 2, 3, "", 1 },
  { "a b c", 3, 2, "a. b.", 1 },
};

static void
test_tokens (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();

  for (guint i = 0; i < G_N_ELEMENTS (token_rows); i++)
    {
      const TokenRow *row = &token_rows[i];
      g_autoptr (LimnPromptTokens) tokens
          = limn_prompt_encode (tokenizer, row->prompt, row->length, 5, row->max_chunks);
      g_autoptr (GString) shown = g_string_new (NULL);

      for (int k = 0; row->length > 2 && k < tokens->n_chunks; k++)
        {
          g_autofree char *chunk = show_chunk (tokens, k, 5);

          g_string_append_printf (shown, "%s%s", k > 0 ? " " : "", chunk);
        }
      g_test_message ("“%s”", row->prompt);
      g_assert_cmpstr (shown->str, ==, row->chunks);
      g_assert_cmpint (tokens->n_cut, ==, row->n_cut);
      g_assert_cmpint (tokens->length, ==, row->length);
    }
}

/* A prompt without notation that fits: the ids of the tokenizer, and nothing weighted. */
static void
test_plain (void)
{
  static const char *const prompts[]
      = { "",  "a photo of a cat",       "A  Cat,\nbreak; dogs: 16:9 \\ c:\\x \\\\",
          "x", "\xf0\x9f\x98\x80 a.b,c", "\xff\xfe" };
  static const int lengths[] = { 24, 77 };
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
      {
        gint32 want[77];
        int n_cut;
        g_autoptr (LimnPromptTokens) got
            = limn_prompt_encode (tokenizer, prompts[i], lengths[k], 0, 1);

        limn_tokenizer_encode_padded (tokenizer, prompts[i], lengths[k], 0, want, &n_cut);
        g_assert_cmpint (got->n_chunks, ==, 1);
        g_assert_cmpint (got->n_cut, ==, n_cut);
        g_assert_false (got->weighted);
        g_assert_cmpmem (got->ids, (gsize)lengths[k] * sizeof (gint32), want,
                         (gsize)lengths[k] * sizeof (gint32));
      }
}

/* 75 tokens and the last 20 of them, as Stable Diffusion has it: commas at each place. */
static void
test_commas (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();

  for (int place = 0; place < 80; place++)
    {
      g_autoptr (GString) prompt = g_string_new (NULL);
      g_autoptr (LimnPromptTokens) tokens = NULL;
      int want = place >= 55 && place < 75 ? place + 1 : 75;

      for (int i = 0; i < 80; i++)
        g_string_append (prompt, i == place ? ", " : "b ");
      tokens = limn_prompt_encode (tokenizer, prompt->str, 77, END, 10);
      g_assert_cmpint (tokens->n_chunks, ==, 2);
      g_assert_cmpint (tokens->ids[want], !=, END);
      for (int i = want + 1; i < 77; i++)
        g_assert_cmpint (tokens->ids[i], ==, END);
      g_assert_cmpint (tokens->ids[77], ==, START);
      for (int i = 0; i < 80 - want; i++)
        g_assert_cmpint (tokens->ids[78 + i], ==, want + i == place ? COMMA : B);
      g_assert_cmpint (tokens->ids[78 + 80 - want], ==, END);
    }
}

/* Words are not joined over the edge of a run: each is tokenised on its own, as the others do. */
static void
test_run_edges (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  g_autoptr (LimnPromptTokens) joined = limn_prompt_encode (tokenizer, "a(b)c", 77, END, 1);
  g_autoptr (LimnPromptTokens) escaped = limn_prompt_encode (tokenizer, "a \\(b\\)", 77, END, 1);
  g_autoptr (GArray) literal = limn_tokenizer_encode (tokenizer, "a (b)");

  g_assert_cmpint (joined->ids[1], ==, A);
  g_assert_cmpint (joined->ids[2], ==, B);
  g_assert_cmpint (joined->ids[3], ==, C);
  g_assert_cmpfloat (joined->weights[2], ==, 1.1f);
  g_assert_false (escaped->weighted);
  g_assert_cmpmem (escaped->ids + 1, literal->len * sizeof (gint32), literal->data,
                   literal->len * sizeof (guint32));
}

/* Ten thousand characters of every sort: every token is there, in order, with its weight. */
static void
test_long (void)
{
  static const char *const parts[]
      = { "(((b:1.3)) [c], ", "\xf0\x9f\x98\x80(\xf0\x9f\x90\xb6:0.5) ", "((((((((", "]]]]]]]]",
          "a cat sits on a mat, looking at (the sea) BREAK " };
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GString) prompt = g_string_new (NULL);
      g_autoptr (GArray) runs = NULL;
      g_autoptr (GArray) want = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autoptr (GArray) got = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autoptr (LimnPromptTokens) tokens = NULL;

      while (prompt->len < 10000)
        g_string_append (prompt, parts[i]);
      tokens = limn_prompt_encode (tokenizer, prompt->str, 77, 1, 100000);
      g_assert_cmpint (tokens->n_cut, ==, 0);
      runs = limn_prompt_parse (prompt->str);
      for (guint k = 0; k < runs->len; k++)
        {
          g_autoptr (GArray) ids
              = limn_tokenizer_encode (tokenizer, g_array_index (runs, LimnPromptRun, k).text);

          g_array_append_vals (want, ids->data, ids->len);
        }
      for (int chunk = 0; chunk < tokens->n_chunks; chunk++)
        for (int k = 1; k < 77 && tokens->ids[chunk * 77 + k] != END; k++)
          g_array_append_val (got, tokens->ids[chunk * 77 + k]);
      g_assert_cmpmem (got->data, got->len * sizeof (guint32), want->data,
                       want->len * sizeof (guint32));
    }
}

static void
test_extend (void)
{
  g_autoptr (LimnTokenizer) tokenizer = open_tiny ();
  g_autoptr (LimnPromptTokens) tokens = limn_prompt_encode (tokenizer, "(a)", 5, 0, 1);
  g_autoptr (LimnPromptTokens) empty = limn_prompt_encode (tokenizer, "", 5, 0, 1);

  limn_prompt_tokens_extend (tokens, tokenizer, 0, 1);
  g_assert_cmpint (tokens->n_chunks, ==, 1);
  limn_prompt_tokens_extend (tokens, tokenizer, 0, 3);
  g_assert_cmpint (tokens->n_chunks, ==, 3);
  g_assert_cmpint (tokens->ids[1], ==, A);
  g_assert_cmpfloat (tokens->weights[1], ==, 1.1f);
  for (int chunk = 1; chunk < 3; chunk++)
    {
      g_assert_cmpmem (tokens->ids + chunk * 5, 5 * sizeof (gint32), empty->ids,
                       5 * sizeof (gint32));
      g_assert_cmpmem (tokens->weights + chunk * 5, 5 * sizeof (float), empty->weights,
                       5 * sizeof (float));
    }
}

/* ---- Weights -------------------------------------------------------------------------------- */

static double
mean (const float *values, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += values[i];
  return sum / n;
}

/* Two chunks of four tokens, of which the second has a weight: the first stays as it is, the
 * second keeps its mean and has its tokens in the ratio of their weights. */
static void
test_weigh (void)
{
  gint32 ids[8] = { 0 };
  float weights[8] = { 1, 1, 1, 1, 1, 1.5f, 1, 1 };
  float states[24], before[24];
  LimnPromptTokens tokens
      = { .length = 4, .n_chunks = 2, .ids = ids, .weights = weights, .weighted = TRUE };
  double factor;

  for (int i = 0; i < 24; i++)
    states[i] = before[i] = 0.1f + (float)(i * 7 % 11) / 3.0f;
  limn_prompt_tokens_weigh (&tokens, states, 3);
  g_assert_cmpmem (states, 12 * sizeof (float), before, 12 * sizeof (float));
  g_assert_cmpfloat_with_epsilon (mean (states + 12, 12), mean (before + 12, 12), TOLERANCE);
  factor = mean (before + 12, 12)
           / (mean (before + 12, 12) + 0.5 * (double)(before[15] + before[16] + before[17]) / 12.0);
  for (int i = 12; i < 24; i++)
    g_assert_cmpfloat_with_epsilon (states[i], before[i] * weights[i / 3] * factor, TOLERANCE);

  /* Said to have no weights: nothing is looked at. */
  tokens.weighted = FALSE;
  memcpy (states, before, sizeof states);
  limn_prompt_tokens_weigh (&tokens, states, 3);
  g_assert_cmpmem (states, sizeof states, before, sizeof before);
}

/* Nothing that could be restored: no division by zero. */
static void
test_weigh_nothing (void)
{
  gint32 ids[2] = { 0 };
  float weights[2] = { 0, 0 };
  float states[2] = { 3, 4 };
  LimnPromptTokens tokens
      = { .length = 2, .n_chunks = 1, .ids = ids, .weights = weights, .weighted = TRUE };

  limn_prompt_tokens_weigh (&tokens, states, 1);
  g_assert_cmpfloat (states[0], ==, 0.0f);
  g_assert_cmpfloat (states[1], ==, 0.0f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prompt/parse", test_parse);
  g_test_add_func ("/prompt/nesting", test_nesting);
  g_test_add_func ("/prompt/tokens", test_tokens);
  g_test_add_func ("/prompt/plain", test_plain);
  g_test_add_func ("/prompt/commas", test_commas);
  g_test_add_func ("/prompt/run-edges", test_run_edges);
  g_test_add_func ("/prompt/long", test_long);
  g_test_add_func ("/prompt/extend", test_extend);
  g_test_add_func ("/prompt/weigh", test_weigh);
  g_test_add_func ("/prompt/weigh-nothing", test_weigh_nothing);
  return g_test_run ();
}
