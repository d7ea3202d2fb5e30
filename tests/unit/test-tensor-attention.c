/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "tests/unit/tensor-testing.h"

/* What attention on panels is made of, and attention at the heads and lengths that networks have,
 * where there are several tiles, blocks of keys and passes through a long query; and the
 * feed-forward layer behind it, which gates its values while they are multiplied. */

static const char *const table_names[] = { "portable", "avx2", "avx512" };

#define GUARD 12345.0f
/* Of a weight that is 1 at most: the polynomial's 1e-7 and the rounding of its terms. */
#define BOUND_WEIGHT 3e-7
#define BOUND_ATTENTION 4e-6

static const LimnKernels *
kernels_with_panels (gconstpointer name)
{
  const LimnKernels *kernels = limn_kernels_by_name (name);

  if (kernels == NULL)
    g_test_skip ("not on this processor");
  else if (kernels->panel_width == 0)
    g_test_skip ("has no panels");
  else
    return kernels;
  return NULL;
}

/* Columns of scores in two blocks, one of which has a key that is hidden. */
static void
test_softmax (gconstpointer data)
{
  const LimnKernels *kernels = kernels_with_panels (data);
  const gint64 n_keys = 37;

  if (kernels == NULL)
    return;
  {
    gint64 width = kernels->panel_width;
    g_auto (LimnTensor) s = TEST_RANDOM (1, 2, n_keys, width);
    g_autofree float *scores = g_memdup2 (s.data, limn_tensor_bytes (&s));
    g_autofree float *max = g_new (float, width), *sum = g_new0 (float, width);
    g_autofree float *correction = g_new0 (float, 2 * width);

    for (gint64 i = 0; i < limn_tensor_count (&s); i++)
      scores[i] *= 40.0f;
    scores[5 * width] = -INFINITY;
    memcpy (s.data, scores, limn_tensor_bytes (&s));
    for (gint64 i = 0; i < width; i++)
      max[i] = -INFINITY;
    for (int block = 0; block < 2; block++)
      kernels->softmax_columns (n_keys, scores + block * n_keys * width, max, sum,
                                correction + block * width);

    for (gint64 i = 0; i < width; i++)
      {
        const float *given = limn_tensor_f32 (&s);
        double largest = -INFINITY, total = 0.0;

        for (gint64 key = 0; key < 2 * n_keys; key++)
          largest = MAX (largest, given[key * width + i]);
        for (gint64 key = 0; key < 2 * n_keys; key++)
          {
            double weight = exp2 ((double)given[key * width + i] - largest);
            double got = scores[key * width + i];

            if (key < n_keys)
              got *= correction[width + i];
            total += weight;
            g_assert_cmpfloat (fabs (got - weight), <, BOUND_WEIGHT);
          }
        g_assert_cmpfloat (max[i], ==, (float)largest);
        g_assert_cmpfloat (fabs (sum[i] / total - 1.0), <, 1e-6);
      }
    /* What is no number stays none, so that it is found in the picture. */
    scores[3 * width + 1] = NAN;
    kernels->softmax_columns (n_keys, scores, max, sum, correction);
    g_assert_true (isnan (sum[1]));
    g_assert_false (isnan (sum[0]));
  }
}

static void
check_transposed (const LimnKernels *kernels, gint64 n_rows, gint64 n, gint64 stride)
{
  gint64 width = kernels->panel_width;
  g_auto (LimnTensor) x = TEST_RANDOM (7, n_rows, stride);
  g_auto (LimnTensor) factors = TEST_RANDOM (8, width);
  g_autofree float *panel = g_new (float, (n + 1) * width),
                   *y = g_new (float, (n_rows + 1) * stride);
  const float *from = limn_tensor_f32 (&x), *factor = limn_tensor_f32 (&factors);

  for (gint64 i = 0; i < (n + 1) * width; i++)
    panel[i] = GUARD;
  for (gint64 i = 0; i < (n_rows + 1) * stride; i++)
    y[i] = GUARD;
  kernels->rows_to_panel (n_rows, n, 0.5f, from, stride, panel);
  kernels->panel_to_rows (n_rows, n, factor, panel, y, stride);
  for (gint64 k = 0; k <= n; k++)
    for (gint64 i = 0; i < width; i++)
      g_assert_cmpfloat (panel[k * width + i], ==,
                         k == n       ? GUARD
                         : i < n_rows ? from[i * stride + k] * 0.5f
                                      : 0.0f);
  for (gint64 i = 0; i <= n_rows; i++)
    for (gint64 k = 0; k < stride; k++)
      g_assert_cmpfloat (y[i * stride + k], ==,
                         i < n_rows && k < n ? from[i * stride + k] * 0.5f * factor[i] : GUARD);
}

static void
test_transpose (gconstpointer data)
{
  const LimnKernels *kernels = kernels_with_panels (data);

  if (kernels == NULL)
    return;
  for (gint64 n_rows = 1; n_rows <= kernels->panel_width; n_rows++)
    for (gint64 n = 1; n <= 18; n++)
      check_transposed (kernels, n_rows, n, n + n_rows % 3);
}

static LimnTensor
attend (LimnRun *run, const gint64 *shape, gboolean causal)
{
  gint64 width = shape[3] * shape[4];
  g_auto (LimnTensor) q = TEST_RANDOM (1, shape[0], shape[1], width);
  g_auto (LimnTensor) k = TEST_RANDOM (2, shape[0], shape[2], width);
  g_auto (LimnTensor) v = TEST_RANDOM (3, shape[0], shape[2], width);

  return limn_attention (run, &q, &k, &v, (int)shape[3], 1.0f / sqrtf ((float)shape[4]), causal);
}

static void
test_shapes (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  /* samples, queries, keys, heads, dim */
  static const gint64 shapes[][5] = {
    { 2, 400, 77, 3, 40 },  { 1, 210, 210, 2, 80 }, { 1, 70, 300, 2, 160 },
    { 1, 40, 130, 1, 512 }, { 1, 33, 129, 1, 643 }, { 2, 77, 77, 3, 64 },
  };

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int causal = 0; causal <= (shapes[i][1] == shapes[i][2]); causal++)
      {
        g_auto (TestRun) reference = { 0 }, one = { 0 }, three = { 0 };
        LimnTensor want, got, again;

        test_run_init (&reference, 2, limn_kernels_reference (), NULL);
        test_run_init (&one, 1, kernels, NULL);
        test_run_init (&three, 3, kernels, NULL);
        want = attend (&reference.run, shapes[i], causal);
        got = attend (&one.run, shapes[i], causal);
        again = attend (&three.run, shapes[i], causal);
        test_assert_close (&one.run, "attention", &got, &want, BOUND_ATTENTION);
        test_assert_same_bits ("attention", &again, &got);
      }
}

/* Keys in steps give what they give in one, with a step that ends within a block, and where the first
 * queries see nothing of the later steps. */
static void
test_steps (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  static const gint64 shapes[][5] = { { 2, 70, 601, 2, 2048 }, { 1, 600, 600, 1, 4096 } };
  LimnKernels whole;

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  whole = *kernels;
  whole.attention_keys = 0;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int causal = 0; causal <= (shapes[i][1] == shapes[i][2]); causal++)
      {
        g_auto (TestRun) one = { 0 }, three = { 0 };
        LimnTensor want, got;

        test_run_init (&one, 1, &whole, NULL);
        test_run_init (&three, 3, kernels, NULL);
        want = attend (&one.run, shapes[i], causal);
        got = attend (&three.run, shapes[i], causal);
        g_assert_no_error (three.run.error);
        /* It did take steps. */
        g_assert_null (one.run.scratch);
        g_assert_nonnull (three.run.scratch);
        test_assert_same_bits ("attention in steps", &got, &want);
      }
}

/* In one pass as in two; also where gates begin within a panel, and in several tiles. */
static void
test_geglu (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  static const gint64 shapes[][3] = { { 400, 48, 256 }, { 3, 330, 64 }, { 77, 40, 72 } };

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      g_auto (LimnTensor) x = TEST_RANDOM (1, 1, s[0], s[1]);
      g_auto (LimnTensor) weight = TEST_RANDOM (2, s[2], s[1]);
      g_auto (LimnTensor) bias = TEST_RANDOM (3, s[2]);
      LimnLinear layer = { .weight = weight, .bias = bias, .n_in = s[1], .n_out = s[2] };
      g_auto (TestRun) t = { 0 };
      LimnTensor want, got;

      test_run_init (&t, 3, kernels, NULL);
      want = limn_linear (&t.run, &layer, &x, NULL);
      want = limn_geglu (&t.run, &want);
      got = limn_linear_geglu (&t.run, &layer, &x);
      g_assert_no_error (t.run.error);
      /* BLAS adds up in an order of its own. */
      if (kernels->panel_width > 0)
        test_assert_same_bits ("GEGLU", &got, &want);
      else
        test_assert_close (&t.run, "GEGLU", &got, &want, 2e-6);
      limn_linear_clear (&layer);
    }
}

static void
test_geglu_odd (void)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, 4, 8);
  g_auto (LimnTensor) weight = TEST_RANDOM (2, 7, 8);
  LimnLinear layer = { .weight = weight, .n_in = 8, .n_out = 7 };
  g_auto (TestRun) t = { 0 };
  LimnTensor y;

  test_run_init (&t, 1, NULL, NULL);
  y = limn_linear_geglu (&t.run, &layer, &x);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc run;
  } tests[] = {
    { "softmax", test_softmax },
    { "transpose", test_transpose },
    { "shapes", test_shapes },
    { "steps", test_steps },
    { "geglu", test_geglu },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/attention/geglu-odd", test_geglu_odd);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (table_names); j++)
      {
        g_autofree char *path
            = g_strdup_printf ("/tensor/attention/%s/%s", tests[i].name, table_names[j]);

        g_test_add_data_func (path, table_names[j], tests[i].run);
      }
  return g_test_run ();
}
