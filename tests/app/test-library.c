/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-library.h"
#include "app/limn-model-entry-private.h"
#include "tests/app/fixtures.h"

static void
put_file (const char *folder, const char *first, const char *second, const char *content)
{
  g_autofree char *path = g_build_filename (folder, first, second, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static LimnModelEntry *
find (LimnLibrary *library, const char *id)
{
  LimnModelEntry *entry = limn_library_lookup (library, id);

  g_assert_nonnull (entry);
  return entry;
}

/* Broken models are listed with what is wrong; other files are not listed. */
static void
test_broken (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "limn", "models", NULL);
  g_autoptr (LimnLibrary) library = NULL;
  static const char *const ids[] = { "cut-off", "empty", "no-config", "nonsense", "loose", "mine" };

  put_file (folder, "cut-off", "config.yaml", "model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n");
  put_file (folder, "cut-off", "model.safetensors", "\x10\x01");
  put_file (folder, "empty", "model.safetensors", "");
  put_file (folder, "no-config", "model.ckpt", "no archive");
  put_file (folder, "nonsense", "config.yaml", "a: [b\n\t}");
  put_file (folder, "papers", "README.md", "no model");
  put_file (folder, "loose.safetensors", NULL, "garbage");
  put_file (folder, "notes.txt", NULL, "no model");
  put_file (folder, ".hidden", "model.safetensors", "garbage");
  put_file (own, "mine", "model.safetensors", "garbage");

  g_setenv ("LIMN_MODELS_DIR", folder, TRUE);
  library = limn_library_new ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (library)), ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      LimnModelEntry *entry = find (library, ids[i]);

      g_test_message ("%s: %s", ids[i], limn_model_entry_get_error (entry));
      g_assert_nonnull (limn_model_entry_get_error (entry));
      g_assert_null (limn_model_entry_get_model (entry));
      g_assert_null (limn_model_entry_get_info (entry));
      g_assert_nonnull (limn_model_entry_get_name (entry));
      g_assert_cmpint (limn_model_entry_is_builtin (entry), ==, strcmp (ids[i], "mine") != 0);
    }
  g_assert_null (limn_library_find (library, LIMN_CAN_INPAINT));
  g_assert_null (limn_library_lookup (library, "papers"));
}

/* No folders at all: an empty library. */
static void
test_nothing (void)
{
  g_autoptr (LimnLibrary) library = NULL;

  g_setenv ("LIMN_MODELS_DIR", "/nonexistent/limn", TRUE);
  library = limn_library_new ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (library)), ==, 0);
}

/* Looking again: what did not change is the same object, what changed is another, what is gone is gone. */
static void
test_rescan (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *gone = g_build_filename (folder, "c.safetensors", NULL);
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (LimnModelEntry) a = NULL;
  g_autoptr (LimnModelEntry) b = NULL;

  put_file (folder, "a", "model.safetensors", "one");
  put_file (folder, "b", "model.safetensors", "one");
  put_file (folder, "c.safetensors", NULL, "one");
  g_setenv ("LIMN_MODELS_DIR", folder, TRUE);
  library = limn_library_new ();
  a = g_object_ref (find (library, "a"));
  b = g_object_ref (find (library, "b"));

  put_file (folder, "b", "model.safetensors", "another");
  put_file (folder, "d", "model.safetensors", "new");
  g_unlink (gone);
  limn_library_scan (library);
  g_assert_true (find (library, "a") == a);
  g_assert_true (find (library, "b") != b);
  g_assert_nonnull (limn_library_lookup (library, "d"));
  g_assert_null (limn_library_lookup (library, "c"));
}

/* The models that come with Limn are there and whole. */
static void
test_default_models (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "models", NULL);
  g_autoptr (LimnLibrary) library = NULL;
  LimnModelEntry *inpaint;
  LimnModelEntry *upscale;

  g_setenv ("LIMN_MODELS_DIR", folder, TRUE);
  library = limn_library_new ();
  inpaint = limn_library_find (library, LIMN_CAN_INPAINT);
  upscale = limn_library_find (library, LIMN_CAN_UPSCALE);
  g_assert_nonnull (inpaint);
  g_assert_nonnull (upscale);
  /* The one of one pass comes first: it is quicker and truer to the photo. */
  g_assert_cmpstr (limn_model_entry_get_id (upscale), ==, "limn-upscale-fast");
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (library)); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);
      g_autofree char *hash = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (limn_model_entry_get_error (entry), ==, NULL);
      g_assert_true (limn_model_entry_is_builtin (entry));
      g_assert_true (_limn_model_entry_check (entry, NULL, &error));
      g_assert_no_error (error);
      hash = _limn_model_entry_dup_hash (entry, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (strlen (hash), ==, 64);
    }
}

static void
copy_fixture (const char *name, const char *folder, const char *as)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
  g_autofree char *to = g_build_filename (folder, as, NULL);
  g_autofree char *parent = g_path_get_dirname (to);
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize) n, NULL));
}

/* A tiny autoencoder among the models shows the previews of those whose latents it decodes, and of no other. */
static void
test_preview_decoder (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *decoder = g_build_filename (folder, "taesd_decoder.pth", NULL);
  g_autoptr (LimnLibrary) library = NULL;

  copy_fixture ("D2-unet-sd2/model.safetensors", folder, "sd2/model.safetensors");
  copy_fixture ("D2-unet-sd2/config.yaml", folder, "sd2/config.yaml");
  copy_fixture ("D2-unet-sd2/text_encoder_config.json", folder, "sd2/text_encoder_config.json");
  copy_fixture ("J-containers/sd1-tiny.safetensors", folder, "of-4-pixels.safetensors");
  copy_fixture ("E2-unet-bsr-sr/model.ckpt", folder, "bsr/model.ckpt");
  copy_fixture ("E2-unet-bsr-sr/config.yaml", folder, "bsr/config.yaml");
  copy_fixture ("K7-esrgan/srvgg_x2.safetensors", folder, "compact.safetensors");
  copy_fixture ("K8-taesd/taesd_encoder.safetensors", folder, "taesd_encoder.safetensors");
  copy_fixture ("K8-taesd/taesd_decoder.pth", folder, "taesdxl_decoder.pth");
  g_setenv ("LIMN_MODELS_DIR", folder, TRUE);
  library = limn_library_new ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (library)); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);

      g_assert_cmpstr (limn_model_entry_get_error (entry), ==, NULL);
    }
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "sd2")));

  copy_fixture ("K8-taesd/taesd_decoder.pth", folder, "taesd_decoder.pth");
  limn_library_scan (library);
  g_assert_true (limn_library_find_preview_decoder (library, find (library, "sd2")) == find (library, "taesd_decoder"));
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "of-4-pixels")));
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "bsr")));
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "compact")));
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "taesd_decoder")));

  g_unlink (decoder);
  limn_library_scan (library);
  g_assert_null (limn_library_find_preview_decoder (library, find (library, "sd2")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/library/broken", test_broken);
  g_test_add_func ("/library/nothing", test_nothing);
  g_test_add_func ("/library/rescan", test_rescan);
  g_test_add_func ("/library/default-models", test_default_models);
  g_test_add_func ("/library/preview-decoder", test_preview_decoder);
  return g_test_run ();
}
