/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models that are distilled to few steps, from the folder to the picture: what they are told, and
 * what the person may leave out.
 */
#include <glib/gstdio.h>

#include "engine/task/generate.h"
#include "tests/unit/task-testing.h"
#include "tests/unit/weights-testing.h"

/* The files of the fixture's folder @name, to @folder/@part. Copies: the folder is deleted with all
 * that is in it. */
static void
copy_part (const char *folder, const char *fixture, const char *part)
{
  g_autofree char *name = g_build_filename (fixture, part, NULL), *from = task_fixture (name);
  g_autofree char *to = g_build_filename (folder, part, NULL);
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *entry;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir (to, 0700), ==, 0);
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source_path = g_build_filename (from, entry, NULL);
      g_autofree char *target_path = g_build_filename (to, entry, NULL);
      g_autoptr (GFile) source = g_file_new_for_path (source_path);
      g_autoptr (GFile) target = g_file_new_for_path (target_path);

      g_assert_true (g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, NULL));
    }
}

/* A folder of diffusers out of parts of the fixtures: the UNet and scheduler of @distilled, and
 * what else a picture needs. */
static LimnModel *
open_joined (const char *folder, const char *distilled)
{
  static const char *const others[] = { "vae", "text_encoder", "tokenizer" };
  g_autoptr (GError) error = NULL;
  LimnModel *model;

  copy_part (folder, distilled, "unet");
  copy_part (folder, distilled, "scheduler");
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    copy_part (folder, "J-containers/diffusers", others[i]);
  model = limn_model_open (folder, NULL, &error);
  g_assert_no_error (error);
  return model;
}

static char *
hash_of (LimnModel *model, const LimnGenerateParams *params, int threads)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = NULL;
  g_auto (TaskRun) run;

  task_run_init (&run, threads, NULL);
  image = limn_generate (model, &run.run, params, NULL, &error);
  g_assert_no_error (error);
  return limn_image_hash (image);
}

static void
assert_same (LimnModel *model,
             const LimnGenerateParams *a,
             const LimnGenerateParams *b,
             gboolean same)
{
  g_autofree char *first = hash_of (model, a, 1), *second = hash_of (model, b, 2);

  if (same)
    g_assert_cmpstr (first, ==, second);
  else
    g_assert_cmpstr (first, !=, second);
}

/* A network that is told its guidance: four steps of LCM by itself; the guidance decides the
 * picture, at 1, too; what it would be guided away from does not, nor does what rescales guidance.
 */
static void
test_told_guidance (void)
{
  char *folder = test_folder_new ();
  LimnModel *model = open_joined (folder, "M1-lcm/model");
  const LimnModelInfo *info = limn_model_get_info (model);
  LimnGenerateParams params, other;
  LimnGeneratePlan plan;

  g_assert_null (info->missing);
  g_assert_true (info->can_guide);
  g_assert_true (info->embeds_guidance);
  g_assert_cmpstr (info->default_sampler, ==, "lcm");
  g_assert_cmpint (info->default_steps, ==, 4);
  g_assert_cmpfloat (info->default_guidance, ==, 8.5f);
  limn_generate_params_init (&params, model);
  params.prompt = "a calm sea";
  params.width = params.height = 32;
  g_assert_true (limn_generate_plan (model, &params, &plan, NULL));
  g_assert_cmpint (plan.steps, ==, 4);
  assert_same (model, &params, &params, TRUE);
  other = params;
  other.guidance = 1.0f;
  assert_same (model, &params, &other, FALSE);
  other.guidance = 4.0f;
  assert_same (model, &params, &other, FALSE);
  other = params;
  other.prompt = "green hills";
  assert_same (model, &params, &other, FALSE);
  other = params;
  other.negative = "boats";
  other.rescale = 0.7f;
  assert_same (model, &params, &other, TRUE);
  limn_model_unref (model);
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/distilled/told-guidance", test_told_guidance);
  return g_test_run ();
}
