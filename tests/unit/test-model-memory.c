/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/model-private.h"
#include "tests/bench/sd-model.h"
#include "tests/unit/tensor-testing.h"

/* What a model of 165 MB takes in memory, by the kernel's own count: a process for each amount that
 * it may keep goes through all networks and prints its peak and what it computed. */

static const SdStructure structure = { 96, 32, 1000, 64, 2, 1, 16, 77, 8 };

#define SIDE 128
#define ALL "all"

/* ---- The process that is measured ------------------------------------------------------------ */

static gsize
peak_bytes (void)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  at = strstr (text, "VmHWM:");
  return at != NULL ? strtoull (at + strlen ("VmHWM:"), NULL, 10) * 1024 : 0;
}

static void
add_sum (GChecksum *sum, const LimnTensor *t)
{
  g_checksum_update (sum, t->data, (gssize)limn_tensor_bytes (t));
}

/* Every network, the UNet twice. */
static void
compute (LimnModel *model, LimnRun *run, GChecksum *sum)
{
  g_auto (LimnTensor) image = TEST_RANDOM (1, 1, SIDE, SIDE, 3);
  g_auto (LimnTensor) x = TEST_RANDOM (2, 2, SIDE / 8, SIDE / 8, 9);
  const float t[] = { 500, 500 };
  gint32 ids[2 * 77];
  LimnTensor context, y;
  LimnArenaMark mark = limn_run_mark (run);

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = (gint32)i;
  context = limn_clip_text_forward (&model->text, run, ids, 2, 77);
  limn_model_unload_text (model);
  y = limn_model_encode (model, run, &image);
  g_assert_true (limn_run_ok (run));
  add_sum (sum, &y);
  for (int i = 0; i < 2; i++)
    {
      LimnTensor e = limn_model_predict (model, run, &x, t, &context);

      g_assert_true (limn_run_ok (run));
      add_sum (sum, &e);
    }
  y = limn_model_decode (model, run, &y);
  g_assert_no_error (run->error);
  add_sum (sum, &y);
  limn_run_release (run, mark);
}

/* @keep: bytes of weights, or "all". */
static int
child (const char *path, const char *keep)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_auto (TestRun) test = { 0 };
  gsize bytes = g_str_equal (keep, ALL) ? G_MAXSIZE : g_ascii_strtoull (keep, NULL, 10);

  g_assert_no_error (error);
  test_run_init (&test, 2, NULL, NULL);
  limn_model_set_kept_bytes (model, bytes);
  /* As a job does before it uses a model for the first time. */
  g_assert_true (limn_model_check (model, NULL, NULL));
  compute (model, &test.run, sum);
  g_assert_cmpuint (limn_model_get_kept_bytes (model), <=, bytes);
  printf ("%zu %zu %zu %zu %s\n", peak_bytes (), limn_model_get_kept_bytes (model),
          limn_model_get_weight_bytes (model), limn_model_estimate_memory (model, SIDE, SIDE, TRUE),
          g_checksum_get_string (sum));
  return 0;
}

/* ---- What it came to ------------------------------------------------------------------------- */

typedef struct
{
  gsize peak, kept, weights, estimate;
  char sum[65];
} Outcome;

static Outcome
run_child (const char *program, const char *path, const char *keep)
{
  const char *argv[] = { program, "--child", path, keep, NULL };
  /* It has the allocator write to memory that nobody uses. */
  g_auto (GStrv) environment = g_environ_unsetenv (g_get_environ (), "MALLOC_PERTURB_");
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  Outcome outcome = { 0 };
  int status;

  g_spawn_sync (NULL, (char **)argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (sscanf (output, "%zu %zu %zu %zu %64s", &outcome.peak, &outcome.kept,
                           &outcome.weights, &outcome.estimate, outcome.sum),
                   ==, 5);
  g_test_message ("%s: peak %zu, kept %zu of %zu, estimate %zu", keep, outcome.peak, outcome.kept,
                  outcome.weights, outcome.estimate);
  return outcome;
}

static void
test_peak (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = sd_make_folder (&error);
  g_autofree char *path = sd_write_model (&structure, folder, SD_WEIGHTS, &error);
  g_autofree char *half_text = NULL;
  gsize half;
  Outcome all, some, none;

  g_assert_no_error (error);
  all = run_child (data, path, ALL);
  half = all.weights / 2;
  half_text = g_strdup_printf ("%zu", half);
  some = run_child (data, path, half_text);
  none = run_child (data, path, "0");
  sd_remove_folder (folder);

  /* Weights of two bytes are kept in two bytes; the text encoder is gone. */
  g_assert_cmpuint (all.weights, >, 150 * 1000 * 1000);
  g_assert_cmpuint (all.weights, <, 180 * 1000 * 1000);
  g_assert_cmpuint (all.kept, >, all.weights * 9 / 10);
  g_assert_cmpuint (all.kept, <, all.weights);
  /* What fits is kept. */
  g_assert_cmpuint (some.kept, >, half * 8 / 10);
  g_assert_cmpuint (none.kept, ==, 0);
  g_assert_cmpstr (some.sum, ==, all.sum);
  g_assert_cmpstr (none.sum, ==, all.sum);

  if (all.peak == 0)
    {
      g_test_skip ("the kernel does not count");
      return;
    }
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  g_test_skip ("a sanitizer has memory of its own");
#else
  /* No more than is said; and nothing is in memory twice, neither here nor of the file. */
  g_assert_cmpuint (all.peak, <, all.estimate + all.kept);
  g_assert_cmpuint (some.peak, <, some.estimate + some.kept);
  g_assert_cmpuint (none.peak, <, none.estimate);
  g_assert_cmpuint (none.peak, <, all.peak - all.kept * 3 / 4);
  g_assert_cmpuint (some.peak, <, all.peak - (all.kept - half) * 3 / 4);
#endif
}

/* Less may be kept than is: the rest goes, and comes back when it may. */
static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = sd_make_folder (&error);
  g_autofree char *path = sd_write_model (&sd_structure_tiny, folder, SD_WEIGHTS, &error);
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  g_auto (LimnTensor) x = TEST_RANDOM (2, 1, 8, 8, 9);
  g_auto (LimnTensor) context = TEST_RANDOM (3, 1, 7, 64);
  g_auto (TestRun) test = { 0 };
  const float t = 1;
  LimnTensor first, again;
  gsize kept;

  g_assert_no_error (error);
  test_run_init (&test, 2, NULL, NULL);
  g_assert_cmpuint (limn_model_get_kept_bytes (model), ==, 0);
  first = limn_model_predict (model, &test.run, &x, &t, &context);
  kept = limn_model_get_kept_bytes (model);
  g_assert_cmpuint (kept, >, 1000 * 1000);
  g_assert_cmpuint (kept, <, limn_model_get_weight_bytes (model));
  for (int part = 4; part >= 0; part--)
    {
      limn_model_set_kept_bytes (model, kept * (gsize)part / 4);
      g_assert_cmpuint (limn_model_get_kept_bytes (model), <=, kept * (gsize)part / 4);
      again = limn_model_predict (model, &test.run, &x, &t, &context);
      g_assert_no_error (test.run.error);
      test_assert_same_bits ("less kept", &again, &first);
      g_assert_cmpuint (limn_model_get_kept_bytes (model), <=, kept * (gsize)part / 4);
      g_assert_cmpuint (limn_model_get_kept_bytes (model), >=, kept * (gsize)part / 8);
    }
  limn_model_set_kept_bytes (model, G_MAXSIZE);
  again = limn_model_predict (model, &test.run, &x, &t, &context);
  test_assert_same_bits ("all kept again", &again, &first);
  g_assert_cmpuint (limn_model_get_kept_bytes (model), ==, kept);
  limn_model_unload (model);
  g_assert_cmpuint (limn_model_get_kept_bytes (model), ==, 0);
  g_clear_pointer (&model, limn_model_unref);
  sd_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--child"))
    return child (argv[2], argv[3]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model-memory/peak", argv[0], test_peak);
  g_test_add_func ("/model-memory/limits", test_limits);
  return g_test_run ();
}
