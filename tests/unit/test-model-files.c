/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Which of a folder's files is the model, and what the others say of it.
 */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "engine/model/files.h"
#include "engine/model/model.h"
#include "engine/tensor/run.h"
#include "tests/unit/weights-testing.h"

#define MAX_FILES 5

static const struct
{
  const char *files[MAX_FILES];
  const char *chosen; /* NULL: it cannot be told */
} rows[] = {
  { { "anything.ckpt" }, "anything.ckpt" },
  { { "other.safetensors", "model.ckpt" }, "model.ckpt" },
  { { "a.safetensors", "a.ckpt" }, "a.safetensors" },
  { { "sd.fp16.safetensors", "sd.safetensors" }, "sd.safetensors" },
  { { "v1-5-pruned.safetensors", "v1-5-pruned-emaonly.safetensors", "v1-5-pruned.ckpt" },
    "v1-5-pruned-emaonly.safetensors" },
  { { "v1-5-pruned-emaonly-fp16.safetensors", "v1-5-pruned-emaonly.safetensors" },
    "v1-5-pruned-emaonly.safetensors" },
  { { "v2-1_768-nonema-pruned.ckpt", "v2-1_768-ema-pruned.ckpt" }, "v2-1_768-ema-pruned.ckpt" },
  { { "v2-1_768-nonema-pruned.safetensors", "v2-1_768-ema-pruned.ckpt" },
    "v2-1_768-nonema-pruned.safetensors" },
  { { "notes.txt", ".hidden.ckpt", "x.pt" }, "x.pt" },
  { { "cats.safetensors", "dogs.safetensors" }, NULL },
  { { "ema.ckpt", "fp16.ckpt" }, NULL },
  { { "notes.txt" }, NULL },
};

static void
test_choice (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_auto (LimnModelFiles) files = { NULL };
      g_autoptr (GError) error = NULL;
      g_autofree char *chosen = NULL;

      for (int k = 0; k < MAX_FILES && rows[i].files[k] != NULL; k++)
        {
          g_autofree char *path = g_build_filename (folder, rows[i].files[k], NULL);

          g_assert_true (g_file_set_contents (path, "x", 1, NULL));
        }
      if (_limn_model_files_find (&files, folder, NULL, &error))
        chosen = g_path_get_basename (files.weights);
      g_assert_cmpstr (chosen, ==, rows[i].chosen);
      if (chosen == NULL)
        {
          g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
          g_assert_nonnull (strstr (error->message, folder));
          for (int k = 0; k < MAX_FILES && rows[i].files[k] != NULL; k++)
            if (g_str_has_suffix (rows[i].files[k], ".ckpt"))
              g_assert_nonnull (strstr (error->message, rows[i].files[k]));
        }
      test_folder_free (folder);
    }
}

static void
copy (const char *from_folder, const char *from, const char *to_folder, const char *to)
{
  g_autofree char *a = g_build_filename (from_folder, from, NULL);
  g_autofree char *b = g_build_filename (to_folder, to, NULL), *parent = g_path_get_dirname (b);
  g_autoptr (GFile) source = g_file_new_for_path (a), target = g_file_new_for_path (b);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, NULL));
}

#define KNOWN "diffusion_pytorch_model.safetensors"

/* A folder of diffusers: what bears the known name, or the only other file; two others are named.
 */
static void
test_component (void)
{
  static const struct
  {
    const char *names[3];
    gboolean opens;
  } folders[] = {
    { { KNOWN }, TRUE },
    { { "unet.safetensors" }, TRUE },
    { { "unet.safetensors", KNOWN }, TRUE },
    { { "diffusion_pytorch_model.fp16.safetensors", "unet.safetensors" }, TRUE },
    { { "unet.safetensors", "optimizer.bin" }, TRUE },
    { { "a.safetensors", "b.safetensors" }, FALSE },
    { { "optimizer.bin" }, FALSE },
  };
  g_autofree char *fixture = test_fixture ("golden/fixtures/M2-ldm-folder/new");

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      char *folder = test_folder_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnModel) model = NULL;

      copy (fixture, "model_index.json", folder, "model_index.json");
      copy (fixture, "unet/config.json", folder, "unet/config.json");
      for (int k = 0; k < 3 && folders[i].names[k] != NULL; k++)
        {
          g_autofree char *name = g_build_filename ("unet", folders[i].names[k], NULL);

          copy (fixture, "unet/" KNOWN, folder, name);
        }
      model = limn_model_open (folder, NULL, &error);
      g_assert_cmpint (model != NULL, ==, folders[i].opens);
      if (model == NULL)
        g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
      if (model == NULL && folders[i].names[1] != NULL)
        g_assert_nonnull (strstr (error->message, "“a.safetensors” and “b.safetensors”"));
      test_folder_free (folder);
    }
}

/* CompVis' folders of diffusers: older names of attention, pickled; told of nothing, and its latent
 * scaled as the folder says. */
static void
test_unconditional (void)
{
  g_autofree char *path = test_fixture ("golden/fixtures/M2-ldm-folder/old");
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  const LimnModelInfo *info;

  g_assert_no_error (error);
  info = limn_model_get_info (model);
  g_assert_null (info->missing);
  g_assert_cmpint (info->capabilities, ==, LIMN_CAN_GENERATE);
  g_assert_cmpint (info->takes, ==, 0);
  g_assert_cmpint (info->native_size, ==, 32);
  g_assert_cmpfloat (info->scale_factor, ==, 0.5f);
}

/* A network that needs no description: what lies beside it may name it, but is not believed when it
 * describes a model. */
static void
test_names (void)
{
  static const struct
  {
    const char *config, *name, *licence;
    const char *error; /* NULL: opens */
  } cases[] = {
    { "limn:\n  name: Sharp\n  licence: CC0-1.0\n", "Sharp", "CC0-1.0", NULL },
    { "limn:\n  licence: CC0-1.0\n", NULL, "CC0-1.0", NULL },
    { "limn:\n  name: Sharp\nmodel:\n  target: ldm.models.autoencoder.AutoencoderKL\n", NULL, "",
      NULL },
    { "name: realesr-train\nscale: 4\n", NULL, "", NULL },
    { "{ this is: [no YAML\n", NULL, "", NULL },
    { "limn:\n  name: [a, b]\n", NULL, NULL, "limn.name" },
  };
  g_autofree char *fixture = test_fixture ("golden/fixtures/K7-esrgan");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *config = g_build_filename (folder, "config.yaml", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnModel) model = NULL;

      copy (fixture, "srvgg_x2.safetensors", folder, "model.safetensors");
      g_assert_true (g_file_set_contents (config, cases[i].config, -1, NULL));
      model = limn_model_open (folder, NULL, &error);
      if (cases[i].error != NULL)
        {
          g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
          g_assert_nonnull (strstr (error->message, config));
          g_assert_nonnull (strstr (error->message, cases[i].error));
        }
      else
        {
          const LimnModelInfo *info = limn_model_get_info (model);

          g_assert_no_error (error);
          g_assert_cmpstr (info->name, ==, cases[i].name != NULL ? cases[i].name : info->id);
          g_assert_cmpstr (info->licence, ==, cases[i].licence);
          g_assert_cmpstr (info->description, ==, "Upscales by 2, in one pass");
          g_assert_null (info->described_by);
        }
      test_folder_free (folder);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/files/choice", test_choice);
  g_test_add_func ("/model/files/component", test_component);
  g_test_add_func ("/model/files/unconditional", test_unconditional);
  g_test_add_func ("/model/files/names", test_names);
  return g_test_run ();
}
