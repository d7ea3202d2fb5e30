/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/nn/bert-text.h"
#include "tests/unit/random-weights.h"

/* LDM's text transformer on random weights, against sums written down here. */

#define WIDTH 24
#define BLOCKS 2
#define VOCABULARY 50
#define PLACES 9
#define HEADS 8
#define HEAD_WIDTH 64
#define INNER (HEADS * HEAD_WIDTH)

static const LimnBertTextConfig bert_config
    = { .n_embed = WIDTH, .n_layer = BLOCKS, .vocab_size = VOCABULARY, .max_seq_len = PLACES };

static void
add_norm (TestWeights *fixture, const char *path)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias = g_strconcat (path, ".bias", NULL);

  test_weights_add (fixture, weight, WIDTH, 0, 0.3f, 1.0f);
  test_weights_add (fixture, bias, WIDTH, 0, 0.3f, 0.0f);
}

static void
add_linear (TestWeights *fixture, const char *path, gint64 n_in, gint64 n_out, gboolean bias)
{
  g_autofree char *weight_name = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias_name = g_strconcat (path, ".bias", NULL);

  test_weights_add (fixture, weight_name, n_out, n_in, 1.7f / sqrtf ((float)n_in), 0.0f);
  if (bias)
    test_weights_add (fixture, bias_name, n_out, 0, 0.2f, 0.0f);
}

/* The tensors that x-transformers writes, to_logits among them. */
static void
write_bert (TestWeights *fixture)
{
  test_weights_begin (fixture);
  test_weights_add (fixture, "t.token_emb.weight", VOCABULARY, WIDTH, 1.0f, 0.0f);
  test_weights_add (fixture, "t.pos_emb.emb.weight", PLACES, WIDTH, 1.0f, 0.0f);
  for (int i = 0; i < 2 * BLOCKS; i++)
    {
      const struct
      {
        const char *name;
        gint64 n_in, n_out;
        gboolean bias;
        int of; /* 0: attention, 1: feed-forward */
      } layers[] = {
        { "to_q", WIDTH, INNER, FALSE, 0 },       { "to_k", WIDTH, INNER, FALSE, 0 },
        { "to_v", WIDTH, INNER, FALSE, 0 },       { "to_out", INNER, WIDTH, TRUE, 0 },
        { "net.0.0", WIDTH, 4 * WIDTH, TRUE, 1 }, { "net.2", 4 * WIDTH, WIDTH, TRUE, 1 },
      };
      g_autofree char *norm = g_strdup_printf ("t.attn_layers.layers.%d.0", i);

      add_norm (fixture, norm);
      for (guint k = 0; k < G_N_ELEMENTS (layers); k++)
        {
          g_autofree char *path
              = g_strdup_printf ("t.attn_layers.layers.%d.1.%s", i, layers[k].name);

          if (layers[k].of == i % 2)
            add_linear (fixture, path, layers[k].n_in, layers[k].n_out, layers[k].bias);
        }
    }
  add_norm (fixture, "t.norm");
  add_linear (fixture, "t.to_logits", WIDTH, VOCABULARY, TRUE);
  test_weights_open (fixture);
}

static void
reference_linear (TestWeights *fixture,
                  const char *path,
                  const double *x,
                  gint64 rows,
                  gint64 n_in,
                  gint64 n_out,
                  gboolean bias,
                  double *y)
{
  for (gint64 r = 0; r < rows; r++)
    for (gint64 o = 0; o < n_out; o++)
      {
        double sum = bias ? test_weights_at (fixture, path, ".bias", o, 0) : 0.0;

        for (gint64 i = 0; i < n_in; i++)
          sum += x[r * n_in + i] * test_weights_at (fixture, path, ".weight", o, i);
        y[r * n_out + o] = sum;
      }
}

static void
reference_norm (TestWeights *fixture, const char *path, const double *x, gint64 rows, double *y)
{
  for (gint64 r = 0; r < rows; r++)
    {
      double mean = 0.0, variance = 0.0;

      for (int c = 0; c < WIDTH; c++)
        mean += x[r * WIDTH + c] / WIDTH;
      for (int c = 0; c < WIDTH; c++)
        variance += pow (x[r * WIDTH + c] - mean, 2) / WIDTH;
      for (int c = 0; c < WIDTH; c++)
        y[r * WIDTH + c] = (x[r * WIDTH + c] - mean) / sqrt (variance + 1e-5)
                               * test_weights_at (fixture, path, ".weight", c, 0)
                           + test_weights_at (fixture, path, ".bias", c, 0);
    }
}

/* Every token sees every other one. */
static void
reference_attention (const double *q, const double *k, const double *v, gint64 tokens, double *y)
{
  double weight[PLACES];

  for (int head = 0; head < HEADS; head++)
    for (gint64 i = 0; i < tokens; i++)
      {
        double total = 0.0;

        for (gint64 j = 0; j < tokens; j++)
          {
            double dot = 0.0;

            for (int d = 0; d < HEAD_WIDTH; d++)
              dot += q[i * INNER + head * HEAD_WIDTH + d] * k[j * INNER + head * HEAD_WIDTH + d];
            total += weight[j] = exp (dot / sqrt (HEAD_WIDTH));
          }
        for (int d = 0; d < HEAD_WIDTH; d++)
          {
            double sum = 0.0;

            for (gint64 j = 0; j < tokens; j++)
              sum += weight[j] / total * v[j * INNER + head * HEAD_WIDTH + d];
            y[i * INNER + head * HEAD_WIDTH + d] = sum;
          }
      }
}

static void
reference_block (TestWeights *fixture, int layer, gint64 tokens, double *x)
{
  g_autofree char *norm = g_strdup_printf ("t.attn_layers.layers.%d.0", layer);
  g_autofree char *block = g_strdup_printf ("t.attn_layers.layers.%d.1", layer);
  double h[PLACES * WIDTH], added[PLACES * WIDTH];

  reference_norm (fixture, norm, x, tokens, h);
  if (layer % 2 == 0)
    {
      static const char *const names[] = { ".to_q", ".to_k", ".to_v" };
      double qkv[3][PLACES * INNER], y[PLACES * INNER];
      g_autofree char *out = g_strconcat (block, ".to_out", NULL);

      for (int p = 0; p < 3; p++)
        {
          g_autofree char *path = g_strconcat (block, names[p], NULL);

          reference_linear (fixture, path, h, tokens, WIDTH, INNER, FALSE, qkv[p]);
        }
      reference_attention (qkv[0], qkv[1], qkv[2], tokens, y);
      reference_linear (fixture, out, y, tokens, INNER, WIDTH, TRUE, added);
    }
  else
    {
      g_autofree char *in = g_strconcat (block, ".net.0.0", NULL);
      g_autofree char *out = g_strconcat (block, ".net.2", NULL);
      double y[PLACES * 4 * WIDTH];

      reference_linear (fixture, in, h, tokens, WIDTH, 4 * WIDTH, TRUE, y);
      for (gint64 i = 0; i < tokens * 4 * WIDTH; i++)
        y[i] = 0.5 * y[i] * (1.0 + erf (y[i] / sqrt (2.0)));
      reference_linear (fixture, out, y, tokens, 4 * WIDTH, WIDTH, TRUE, added);
    }
  for (gint64 i = 0; i < tokens * WIDTH; i++)
    x[i] += added[i];
}

static void
reference_bert (TestWeights *fixture, const gint32 *ids, gint64 tokens, double *out)
{
  double x[PLACES * WIDTH];

  for (gint64 i = 0; i < tokens * WIDTH; i++)
    x[i] = test_weights_at (fixture, "t.", "token_emb.weight", ids[i / WIDTH], i % WIDTH)
           + test_weights_at (fixture, "t.", "pos_emb.emb.weight", i / WIDTH, i % WIDTH);
  for (int i = 0; i < 2 * BLOCKS; i++)
    reference_block (fixture, i, tokens, x);
  reference_norm (fixture, "t.norm", x, tokens, out);
}

static void
open_bert (TestWeights *fixture, LimnBertText *bert)
{
  LimnWeightSource source = { .prefix = "t." };
  g_autoptr (GError) error = NULL;

  write_bert (fixture);
  source.weights = fixture->weights;
  limn_bert_text_init (bert, &bert_config, &source, &error);
  g_assert_no_error (error);
}

static void
test_bert (void)
{
  const gint32 ids[2 * PLACES] = { 3, 49, 0, 17, 17, 8, 1, 0, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
  g_auto (TestWeights) fixture = { 0 };
  LimnBertText bert;

  open_bert (&fixture, &bert);
  for (int n_threads = 1; n_threads <= 4; n_threads++)
    for (gint64 tokens = 1; tokens <= PLACES; tokens += 4)
      {
        g_auto (TestRun) test = { 0 };
        double want[PLACES * WIDTH];
        LimnArenaMark before;
        LimnTensor out;

        test_run_init (&test, n_threads, NULL, NULL);
        before = limn_run_mark (&test.run);
        out = limn_bert_text_forward (&bert, &test.run, ids, 2, tokens);
        g_assert_no_error (test.run.error);
        g_assert_cmpuint (limn_run_mark (&test.run) - before, <, limn_tensor_bytes (&out) + 4096);
        for (int sample = 0; n_threads == 1 && sample < 2; sample++)
          {
            reference_bert (&fixture, ids + sample * tokens, tokens, want);
            for (gint64 i = 0; i < tokens * WIDTH; i++)
              g_assert_cmpfloat (
                  fabs (limn_tensor_f32 (&out)[sample * tokens * WIDTH + i] - want[i]), <, 2e-5);
          }
        if (n_threads > 1)
          {
            g_auto (TestRun) one = { 0 };
            LimnTensor alone;

            test_run_init (&one, 1, NULL, NULL);
            alone = limn_bert_text_forward (&bert, &one.run, ids, 2, tokens);
            test_assert_same_bits ("bert", &out, &alone);
          }
      }
  limn_bert_text_clear (&bert);
}

static void
test_bad_bert (void)
{
  const gint32 ids[][PLACES + 1] = { { -1 }, { VOCABULARY }, { G_MAXINT32 }, { 0 }, { 0 } };
  const gint64 tokens[] = { 1, 1, 1, PLACES + 1, 0 };
  const struct
  {
    LimnBertTextConfig config;
    const char *named;
  } configs[] = {
    { { WIDTH, BLOCKS + 1, VOCABULARY, PLACES }, "t.attn_layers.layers.4.0.weight" },
    { { WIDTH, BLOCKS, VOCABULARY + 1, PLACES }, "t.token_emb.weight" },
    { { WIDTH, BLOCKS, VOCABULARY, PLACES + 1 }, "t.pos_emb.emb.weight" },
    { { WIDTH + 1, BLOCKS, VOCABULARY, PLACES }, "t.token_emb.weight" },
    { { 0, BLOCKS, VOCABULARY, PLACES }, "n_embed" },
    { { WIDTH, G_MAXINT, VOCABULARY, PLACES }, "n_layer" },
    { { WIDTH, BLOCKS, -1, PLACES }, "vocab_size" },
    { { WIDTH, BLOCKS, VOCABULARY, G_MAXINT }, "max_seq_len" },
  };
  g_auto (TestWeights) fixture = { 0 };
  LimnBertText bert;

  open_bert (&fixture, &bert);
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      out = limn_bert_text_forward (&bert, &test.run, ids[i], 1, tokens[i]);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
  limn_bert_text_clear (&bert);
  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      LimnWeightSource source = { .weights = fixture.weights, .prefix = "t." };
      g_autoptr (GError) error = NULL;

      g_assert_false (limn_bert_text_init (&bert, &configs[i].config, &source, &error));
      test_assert_names (error, configs[i].named);
      limn_bert_text_clear (&bert);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/bert", test_bert);
  g_test_add_func ("/nn/bad-bert", test_bad_bert);
  return g_test_run ();
}
