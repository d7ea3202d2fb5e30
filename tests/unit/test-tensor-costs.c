/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "engine/tensor/costs-private.h"
#include "tests/unit/tensor-testing.h"

/* The costs by which convolutions are chosen: fitted, measured, kept, and gone by. */

#define N_COSTS LIMN_N_TRANSFORM_COSTS

static const LimnCostLayer layers[]
    = { { 32, 128, 128 }, { 32, 16, 128 }, { 32, 128, 32 }, { 16, 128, 128 }, { 64, 32, 32 } };

/* Costs are found again from what they give, up to the rounding, and as the expected ones do not
 * have it. */
static void
test_fit (void)
{
  const LimnTransformCosts truth = { 1.41421356, 64.0, 512.0, 32.0 },
                           expected = { 1.0, 90.0, 300.0, 50.0 };
  LimnTransformCosts fitted, again;
  double values[G_N_ELEMENTS (layers)], disturbed[G_N_ELEMENTS (layers)];

  for (int i = 0; i < (int)G_N_ELEMENTS (layers); i++)
    {
      values[i] = _limn_costs_total (&truth, &layers[i], 4);
      disturbed[i] = values[i] * (i % 2 == 0 ? 1.003 : 0.997);
    }
  _limn_costs_fit (&fitted, &expected, 4, layers, values, G_N_ELEMENTS (layers));
  g_assert_cmpfloat_with_epsilon (fitted.multiply / truth.multiply, 1.0, 0.1);
  g_assert_cmpfloat_with_epsilon (fitted.output / truth.output, 1.0, 0.25);
  for (int i = 0; i < (int)G_N_ELEMENTS (layers); i++)
    g_assert_cmpfloat_with_epsilon (_limn_costs_total (&fitted, &layers[i], 4) / values[i], 1.0,
                                    0.12);
  /* What jitters a little is rounded to the same. */
  _limn_costs_fit (&again, &expected, 4, layers, disturbed, G_N_ELEMENTS (layers));
  g_assert_cmpfloat_with_epsilon (again.multiply / fitted.multiply, 1.0, 0.2);
}

/* Whatever is measured, costs are finite and above 0. */
static void
test_fit_nonsense (void)
{
  static const double nonsense[][G_N_ELEMENTS (layers)]
      = { { 1e-9, 1e-9, 1e-9, 1e-9, 1e-9 }, { 1e30, 1, 1e30, 1, 1e30 }, { 1, 1e12, 3, 1e12, 5 } };

  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      const LimnTransformCosts *expected = &limn_costs_counted ()->of_2;
      LimnTransformCosts fitted;
      double costs[N_COSTS];

      _limn_costs_fit (&fitted, expected, 2, layers, nonsense[i], G_N_ELEMENTS (layers));
      memcpy (costs, &fitted, sizeof costs);
      for (int k = 0; k < N_COSTS; k++)
        g_assert_true (isfinite (costs[k]) && costs[k] > 0.0);
    }
}

static LimnTensor
convolve (TestRun *test,
          const LimnCosts *costs,
          LimnConvolution convolution,
          const LimnTensor *weight,
          const LimnTensor *x)
{
  LimnConv2d conv = {
    .weight = *weight,
    .n_in = weight->extent[1],
    .n_out = weight->extent[0],
    .kernel_h = 3,
    .kernel_w = 3,
    .stride = 1,
    .pad_top = 1,
    .pad_left = 1,
    .pad_bottom = 1,
    .pad_right = 1,
  };
  LimnTensor y;

  test->run.costs = costs;
  test->run.convolution = convolution;
  y = limn_conv2d (&test->run, &conv, x, NULL);
  g_assert_no_error (test->run.error);
  limn_conv2d_clear (&conv);
  return y;
}

/* The same layer goes the way that is cheapest by the costs that the run was given. */
static void
test_choice (void)
{
  const LimnTransformCosts cheap = { 0.1, 1.0, 1.0, 1.0 }, dear = { 100.0, 1.0, 1.0, 1.0 };
  const LimnCosts costs[] = { { dear, dear }, { cheap, dear }, { dear, cheap } };
  static const LimnConvolution ways[]
      = { LIMN_CONVOLUTION_DIRECT, LIMN_CONVOLUTION_WINOGRAD_2, LIMN_CONVOLUTION_WINOGRAD_4 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, 12, 12, 32);
  g_auto (LimnTensor) weight = TEST_RANDOM (2, 32, 32, 3, 3);
  LimnTensor forced[G_N_ELEMENTS (ways)];
  g_auto (TestRun) test = { 0 };

  test_run_init (&test, 2, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    forced[i] = convolve (&test, NULL, ways[i], &weight, &x);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      LimnTensor chosen = convolve (&test, &costs[i], LIMN_CONVOLUTION_AUTOMATIC, &weight, &x);

      test_assert_same_bits ("chosen", &chosen, &forced[i]);
      for (gsize k = 0; k < i; k++)
        g_assert_cmpint (memcmp (forced[i].data, forced[k].data, limn_tensor_bytes (&chosen)), !=,
                         0);
    }
}

static void
test_measure (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LimnCosts costs;

  g_assert_true (limn_costs_measure (&costs, limn_kernels_best (), NULL));
  g_test_message ("F(4x4): %g %g %g %g; F(2x2): %g %g %g %g", costs.of_4.multiply, costs.of_4.input,
                  costs.of_4.output, costs.of_4.weights, costs.of_2.multiply, costs.of_2.input,
                  costs.of_2.output, costs.of_2.weights);
  g_assert_cmpfloat (costs.of_4.input, >, 0.0);
  g_assert_cmpfloat (costs.of_4.multiply, >=, 0.1);
  g_assert_cmpfloat (costs.of_4.multiply, <=, 10.0);

  g_assert_false (limn_costs_measure (&costs, limn_kernels_reference (), NULL));
  g_assert_cmpmem (&costs, sizeof costs, limn_costs_counted (), sizeof costs);
  g_cancellable_cancel (cancellable);
  g_assert_false (limn_costs_measure (&costs, limn_kernels_best (), cancellable));
  g_assert_cmpmem (&costs, sizeof costs, limn_costs_counted (), sizeof costs);
}

/* ---- The file -------------------------------------------------------------------------------- */

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("limn-costs-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  f->path = g_build_filename (f->folder, "below", "convolution.ini", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *below = g_path_get_dirname (f->path);

  g_chmod (f->folder, 0700);
  g_unlink (f->path);
  g_rmdir (below);
  g_unlink (below);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static LimnCosts
open_costs (Fixture *f, const char *version)
{
  LimnCosts costs;

  limn_costs_open (&costs, limn_kernels_best (), f->path, version, NULL);
  return costs;
}

static char *
contents (Fixture *f)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  return text;
}

/* What is in the file counts, not what would be measured now; another version measures for itself.
 */
static void
test_kept (Fixture *f, gconstpointer data)
{
  LimnCosts first = open_costs (f, "1.0"), second;
  g_autofree char *text = contents (f), *text_after = NULL;
  g_autofree char *changed = NULL;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  second = open_costs (f, "1.0");
  g_assert_cmpmem (&first, sizeof first, &second, sizeof second);
  text_after = contents (f);
  g_assert_cmpstr (text, ==, text_after);

  changed = g_strdup_printf ("%s\nof-2=1;2;3;4;\nof-4=5;6;7;8;\n", lines[0]);
  g_assert_true (g_file_set_contents (f->path, changed, -1, NULL));
  second = open_costs (f, "1.0");
  g_assert_cmpfloat (second.of_2.output, ==, 3.0);
  g_assert_cmpfloat (second.of_4.weights, ==, 8.0);
  second = open_costs (f, "1.1");
  g_assert_cmpfloat (second.of_4.weights, !=, 8.0);
  second = open_costs (f, "1.0");
  g_assert_cmpfloat (second.of_4.weights, ==, 8.0);
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const char *const values[] = { "",
                                        "of-2=1;2;3;\n",
                                        "of-2=1;2;3;x;\nof-4=1;2;3;4;\n",
                                        "of-2=1;2;3;4;\nof-4=1;-2;3;4;\n",
                                        "of-2=1;2;3;4;\nof-4=1;nan;3;4;\n",
                                        "of-2=1;2;3;4;\nof-4=1;1e300;3;4;\n" };
  LimnCosts good = open_costs (f, "1.0"), now;
  g_autofree char *text = contents (f);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *bad = g_strdup_printf ("%s\n%s", lines[0], values[i]);
      LimnCosts again;

      g_assert_true (g_file_set_contents (f->path, bad, -1, NULL));
      now = open_costs (f, "1.0");
      g_assert_cmpfloat (now.of_2.weights, !=, 4.0);
      g_assert_cmpfloat (now.of_4.weights, !=, 4.0);
      again = open_costs (f, "1.0");
      g_assert_cmpmem (&now, sizeof now, &again, sizeof again);
    }
  g_assert_true (g_file_set_contents (f->path, "\1\2 no key file \377", -1, NULL));
  now = open_costs (f, "1.0");
  good = open_costs (f, "1.0");
  g_assert_cmpmem (&now, sizeof now, &good, sizeof good);
}

/* Where nothing can be kept: the same in every run. */
static void
test_unwritable (Fixture *f, gconstpointer data)
{
  g_autofree char *below = g_path_get_dirname (f->path);
  LimnCosts costs;

  g_assert_true (g_file_set_contents (below, "a file where the folder would be", -1, NULL));
  costs = open_costs (f, "1.0");
  g_assert_cmpmem (&costs, sizeof costs, limn_costs_counted (), sizeof costs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/costs/fit", test_fit);
  g_test_add_func ("/tensor/costs/fit-nonsense", test_fit_nonsense);
  g_test_add_func ("/tensor/costs/choice", test_choice);
  g_test_add_func ("/tensor/costs/measure", test_measure);
  g_test_add ("/tensor/costs/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/tensor/costs/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/tensor/costs/unwritable", Fixture, NULL, set_up, test_unwritable, tear_down);
  return g_test_run ();
}
