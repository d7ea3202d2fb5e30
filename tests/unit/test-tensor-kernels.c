/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "tests/unit/tensor-testing.h"

/* Every fast kernel against the plain one, at sizes around those of vectors and tiles; guards
 * around what kernels write; the same bits for every number of threads. */

static const char *const fast_names[] = { "portable", "avx2", "avx512" };

static void
test_against_reference (gconstpointer data)
{
  const LimnKernels *fast = limn_kernels_by_name (data);

  if (fast == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < test_n_cases; i++)
    for (guint j = 0; j < test_n_sizes; j++)
      {
        const TestCase *test = &test_cases[i];
        g_auto (TestRun) a = { 0 };
        g_auto (TestRun) b = { 0 };
        LimnTensor got, want;

        test_run_init (&a, 2, fast, NULL);
        test_run_init (&b, 2, limn_kernels_reference (), NULL);
        got = test->compute (&a.run, &test_sizes[j], 100 * i + j);
        want = test->compute (&b.run, &test_sizes[j], 100 * i + j);
        g_assert_no_error (b.run.error);
        test_assert_close (&a.run, test->name, &got, &want, test->bound);
      }
}

static void
test_threads (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  /* Large enough for several tiles of every operation. */
  const TestSizes sizes = { 2, 65, 67, 64, 96, 32, 77, 4 };
  const int threads[] = { 2, 4 };

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < test_n_cases; i++)
    {
      const TestCase *test = &test_cases[i];
      g_auto (TestRun) one = { 0 };
      LimnTensor want;

      test_run_init (&one, 1, kernels, NULL);
      want = test->compute (&one.run, &sizes, i);
      g_assert_no_error (one.run.error);
      for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
        {
          g_auto (TestRun) many = { 0 };
          LimnTensor got;

          test_run_init (&many, threads[t], kernels, NULL);
          got = test->compute (&many.run, &sizes, i);
          g_assert_no_error (many.run.error);
          test_assert_same_bits (test->name, &got, &want);
        }
    }
}

/* ---- Guards ---- */

#define GUARD 64
#define GUARD_BYTE 0xa5
#define MAX_LENGTH 200

typedef struct
{
  float before[GUARD];
  float values[MAX_LENGTH];
} Guarded;

static void
guarded_init (Guarded *g)
{
  memset (g, GUARD_BYTE, sizeof *g);
}

/* Nothing but values[0 .. n - 1] was written. */
static void
assert_guarded (const char *what, const Guarded *g, gint64 n)
{
  const guint8 *bytes = (const guint8 *) g;

  for (gsize i = 0; i < sizeof *g; i++)
    if (i < sizeof g->before || i >= sizeof g->before + (gsize) n * sizeof (float))
      if (bytes[i] != GUARD_BYTE)
        g_error ("%s of %d wrote at byte %d", what, (int) n, (int) i - (int) sizeof g->before);
}

static void
check_vectors_of (const LimnKernels *kernels, gint64 n)
{
  g_auto (LimnTensor) a = TEST_RANDOM (1, MAX_LENGTH);
  g_auto (LimnTensor) b = TEST_RANDOM (2, MAX_LENGTH);
  const float *x = limn_tensor_f32 (&a), *z = limn_tensor_f32 (&b);
  Guarded g;
  float max = -INFINITY, sum = 0.0f;

  for (int activation = LIMN_ACTIVATION_NONE; activation <= LIMN_ACTIVATION_QUICK_GELU;
       activation++)
    {
      guarded_init (&g);
      kernels->activate (activation, n, x, g.values);
      assert_guarded ("activate", &g, n);
      guarded_init (&g);
      kernels->affine (activation, 1, n, x, z, x, z, g.values);
      assert_guarded ("affine", &g, n);
    }
  guarded_init (&g);
  kernels->geglu (n, x, z, g.values);
  assert_guarded ("geglu", &g, n);
  guarded_init (&g);
  kernels->layer_norm (1, n, 1e-5f, x, z, x, g.values);
  assert_guarded ("layer_norm", &g, n);
  guarded_init (&g);
  kernels->add (n, x, z, g.values);
  assert_guarded ("add", &g, n);
  kernels->scale (n, 2.0f, g.values);
  assert_guarded ("scale", &g, n);
  kernels->accumulate (n, 2.0f, x, g.values);
  assert_guarded ("accumulate", &g, n);
  guarded_init (&g);
  memcpy (g.values, x, (gsize) n * sizeof (float));
  kernels->softmax_row (n, n - n / 3, 0.5f, g.values, &max, &sum);
  assert_guarded ("softmax_row", &g, n);
}

static void
check_panels_of (const LimnKernels *kernels, gint64 n_rows, gint64 n_columns)
{
  g_auto (LimnTensor) x = TEST_RANDOM (3, n_rows + 20);
  g_auto (LimnTensor) panel = TEST_RANDOM (4, 2 * 7, kernels->panel_width);
  g_autofree float *y = g_new (float, (n_rows + 2) * 40);
  LimnPanelProduct product = {
    .n_rows = n_rows,
    .n_columns = n_columns,
    .x = limn_tensor_f32 (&x),
    .x_stride = 1,
    .x_step = 1,
    .n_segments = 2,
    .segment_length = 7,
    .segment_stride = 9,
    .panel = limn_tensor_f32 (&panel),
    .y = y + 40,
    .y_stride = 40,
  };

  memset (y, GUARD_BYTE, (gsize) (n_rows + 2) * 40 * sizeof (float));
  kernels->panel_product (&product);
  for (gint64 i = 0; i < (n_rows + 2) * 40; i++)
    {
      gint64 row = i / 40 - 1, column = i % 40;
      gboolean inside = row >= 0 && row < n_rows && column < n_columns;
      double sum = 0.0;

      for (gint64 k = 0; inside && k < 14; k++)
        sum += (double) product.x[row + k / 7 * 9 + k % 7]
               * product.panel[k * kernels->panel_width + column];
      if (inside)
        g_assert_cmpfloat (fabs (y[i] - sum), <, 1e-5);
      else
        g_assert_cmphex (*(const guint8 *) &y[i], ==, GUARD_BYTE);
    }
}

static void
test_guards (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (gint64 n = 1; n <= 70; n++)
    check_vectors_of (kernels, n);
  if (kernels->panel_width == 0)
    return;
  for (gint64 rows = 1; rows <= 27; rows++)
    for (gint64 columns = 1; columns <= kernels->panel_width; columns++)
      check_panels_of (kernels, rows, columns);
}

/* Results lie in the arena: what lies after one, and after its end up to the next multiple of 64,
 * stays. */
static void
test_arena_guards (void)
{
  const gsize room = 8 * 1024 * 1024;

  for (guint i = 0; i < test_n_cases; i++)
    for (guint j = 0; j < test_n_sizes; j++)
      {
        g_auto (TestRun) t = { 0 };
        LimnArenaMark mark;
        LimnTensor all, y;
        const guint8 *end;
        gsize padding;

        test_run_init (&t, 1, NULL, NULL);
        mark = limn_run_mark (&t.run);
        all = limn_run_tensor (&t.run, 1, (gint64[]){ (gint64) (room / sizeof (float)) });
        memset (all.data, GUARD_BYTE, room);
        limn_run_release (&t.run, mark);

        y = test_cases[i].compute (&t.run, &test_sizes[j], 5);
        g_assert_no_error (t.run.error);
        g_assert_true (y.data == all.data);
        end = (const guint8 *) y.data + limn_tensor_bytes (&y);
        padding = (64 - limn_tensor_bytes (&y) % 64) % 64;
        for (gsize b = 0; b < padding; b++)
          g_assert_cmphex (end[b], ==, GUARD_BYTE);
      }
}

/* ---- Accuracy of the elementary functions ---- */

/* Bounds stated in simd-math.h, plus the rounding of the result. */
#define BOUND_GELU_ABSOLUTE 2e-7
#define BOUND_SILU_RELATIVE 4e-7

static void
test_functions (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const int n = 1 << 16;
  g_autofree float *x = g_new (float, n), *y = g_new (float, n);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (int i = 0; i < n; i++)
    x[i] = (float) (i - n / 2) / (float) (n / 2) * 20.0f;

  kernels->activate (LIMN_ACTIVATION_GELU, n, x, y);
  for (int i = 0; i < n; i++)
    {
      double want = 0.5 * x[i] * erfc (-x[i] / sqrt (2.0));

      g_assert_cmpfloat (fabs (y[i] - want), <=, BOUND_GELU_ABSOLUTE * MAX (1.0, fabs (want)));
    }
  kernels->activate (LIMN_ACTIVATION_SILU, n, x, y);
  for (int i = 0; i < n; i++)
    {
      double want = x[i] / (1.0 + exp (-(double) x[i]));

      g_assert_cmpfloat (fabs (y[i] - want), <=, BOUND_SILU_RELATIVE * fabs (want));
    }
}

static void
test_extremes (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const float x[] = { NAN, 1e30f, -1e30f, 0.0f, 100.0f, -100.0f };
  float y[G_N_ELEMENTS (x)];

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (int activation = LIMN_ACTIVATION_SILU; activation <= LIMN_ACTIVATION_QUICK_GELU;
       activation++)
    {
      kernels->activate (activation, G_N_ELEMENTS (x), x, y);
      g_assert_true (isnan (y[0]));
      g_assert_cmpfloat (y[1], ==, 1e30f);
      g_assert_cmpfloat (fabsf (y[2]), <=, 1e-6f);
      g_assert_cmpfloat (y[3], ==, 0.0f);
      g_assert_cmpfloat (y[4], ==, 100.0f);
      g_assert_cmpfloat (fabsf (y[5]), <=, 1e-30f);
    }
}

static void
test_names (void)
{
  g_assert_null (limn_kernels_by_name ("none such"));
  g_assert_null (limn_kernels_by_name (NULL));
  g_assert_true (limn_kernels_by_name ("reference") == limn_kernels_reference ());
  g_assert_cmpstr (limn_kernels_name (limn_kernels_reference ()), ==, "reference");
  g_assert_true (limn_kernels_by_name (limn_kernels_name (limn_kernels_best ()))
                 == limn_kernels_best ());
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc run;
  } tests[] = {
    { "against-reference", test_against_reference },
    { "threads", test_threads },
    { "guards", test_guards },
    { "functions", test_functions },
    { "extremes", test_extremes },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/kernels/names", test_names);
  g_test_add_func ("/tensor/kernels/arena-guards", test_arena_guards);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (fast_names); j++)
      {
        g_autofree char *path
            = g_strdup_printf ("/tensor/kernels/%s/%s", tests[i].name, fast_names[j]);

        g_test_add_data_func (path, fast_names[j], tests[i].run);
      }
  return g_test_run ();
}
