/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/task-testing.h"

#include <string.h>

#include "tests/unit/weights-testing.h"

void
task_run_init (TaskRun *self, int n_threads, GCancellable *cancellable)
{
  self->pool = limn_pool_new (n_threads, FALSE);
  self->arena = limn_arena_new (0);
  limn_run_init (&self->run, self->pool, self->arena, cancellable);
}

void
task_run_clear (TaskRun *self)
{
  limn_run_clear (&self->run);
  g_clear_pointer (&self->arena, limn_arena_free);
  g_clear_pointer (&self->pool, limn_pool_free);
}

char *
task_fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
}

LimnModel *
task_open_fixture (const char *name, const char *config)
{
  g_autofree char *path = task_fixture (name), *folder = g_path_get_dirname (path);
  g_autofree char *config_path = config != NULL ? g_build_filename (folder, config, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, config_path, &error);

  g_assert_no_error (error);
  return model;
}

/* ---- Joining --------------------------------------------------------------------------------- */

/* All tensors of real numbers of the file @name, but those of the first stage, or only those. */
static void
add_tensors (TestSafetensors *out, const char *name, gboolean first_stage)
{
  g_autofree char *path = task_fixture (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  for (const char *const *key = limn_weights_list (weights); *key != NULL; key++)
    {
      g_autoptr (GString) shape = g_string_new (NULL);
      g_autofree float *values = NULL;
      LimnTensor t;

      if (g_str_has_prefix (*key, "first_stage_model.") != first_stage
          || !limn_weights_lookup (weights, *key, &t) || !limn_dtype_is_float (t.dtype))
        continue;
      for (int i = 0; i < t.n_dims; i++)
        g_string_append_printf (shape, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", t.extent[i]);
      values = g_new (float, limn_tensor_count (&t));
      limn_tensor_read_f32 (&t, 0, limn_tensor_count (&t), values);
      test_safetensors_add (out, *key, "F32", shape->str, values,
                            (gsize)limn_tensor_count (&t) * sizeof (float));
    }
}

static char *
read_config (const char *model)
{
  g_autofree char *path = task_fixture (model), *folder = g_path_get_dirname (path);
  g_autofree char *config = g_build_filename (folder, "config.yaml", NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (config, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* @text with what is from @start up to, not including, the next line that begins like @end replaced
 * by @with; both must be there. */
static char *
replace_part (const char *text, const char *start, const char *end, const char *with)
{
  const char *from = strstr (text, start), *to = from != NULL ? strstr (from, end) : NULL;

  g_assert_nonnull (to);
  return g_strdup_printf ("%.*s%s%s", (int)(from - text), text, with, to);
}

LimnModel *
task_join_models (const char *folder,
                  const char *unet,
                  const char *first_stage,
                  const char *const replace[2])
{
  static const char start[] = "    first_stage_config:", end[] = "    cond_stage_config:";
  g_autofree char *config = read_config (unet), *other = read_config (first_stage);
  g_autofree char *block = NULL, *joined = NULL, *model = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  TestSafetensors tensors;
  LimnModel *opened;

  block = g_strndup (strstr (other, start), strstr (other, end) - strstr (other, start));
  joined = replace_part (config, start, end, block);
  if (replace != NULL)
    {
      const char *at = strstr (joined, replace[0]);
      char *changed;

      g_assert_nonnull (at);
      changed = g_strdup_printf ("%.*s%s%s", (int)(at - joined), joined, replace[1],
                                 at + strlen (replace[0]));
      g_free (joined);
      joined = changed;
    }
  test_safetensors_init (&tensors);
  add_tensors (&tensors, unet, FALSE);
  add_tensors (&tensors, first_stage, TRUE);
  model = test_safetensors_write (&tensors, folder, "model.safetensors");
  path = test_write (folder, "config.yaml", joined, strlen (joined));
  opened = limn_model_open (folder, NULL, &error);
  g_assert_no_error (error);
  return opened;
}
