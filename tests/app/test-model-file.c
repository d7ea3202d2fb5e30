/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models from anywhere: what they are said to be, and how they come into the person's folder.
 */
#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-model-file.h"
#include "tests/app/fixtures.h"

#define TINY "J-containers/sd1-tiny.safetensors"

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
}

static LimnModelFile *
examine (const char *path)
{
  g_autoptr (GError) error = NULL;
  LimnModelFile *file = limn_model_file_examine (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (file);
  return file;
}

static guint
count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Links are removed, not followed. */
static void
remove_tree (const char *path)
{
  gboolean is_folder = !g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autoptr (GDir) dir = is_folder ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* By the name only: nothing is opened. */
static void
test_likely (void)
{
  static const struct
  {
    const char *name;
    gboolean likely;
  } rows[] = { { "x.safetensors", TRUE }, { "x.ckpt", TRUE }, { "x.gguf", TRUE },
               { "x.pth", TRUE },         { "", TRUE },       { "x.jpg", FALSE },
               { "x", FALSE } };
  g_autofree char *folder = fixture_folder ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_build_filename (folder, rows[i].name, NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      if (rows[i].name[0] != '\0')
        g_assert_true (g_file_set_contents (path, "", 0, NULL));
      g_test_message ("%s", path);
      g_assert_cmpint (limn_model_file_is_likely (file), ==, rows[i].likely);
    }
}

/* A model, a LoRA file, and what is neither. */
static void
test_examine (void)
{
  g_autofree char *tiny = fixture (TINY), *kohya = fixture ("K6-lora/lora_kohya.safetensors");
  g_autofree char *folder = fixture_folder ();
  g_autofree char *nonsense = g_build_filename (folder, "nonsense.safetensors", NULL);
  g_autoptr (LimnModelFile) model = examine (tiny), lora = examine (kohya);
  const LimnModelInfo *info = limn_model_entry_get_info (limn_model_file_get_entry (model));
  const char *const bad[] = { nonsense, folder, "/nonexistent/model.ckpt" };

  g_assert_nonnull (info);
  g_assert_true (info->capabilities & LIMN_CAN_GENERATE);
  g_assert_cmpint (limn_model_file_get_n_modules (model), ==, 0);
  g_assert_cmpuint (limn_model_file_get_bytes (model), >, 1000);
  g_assert_false (limn_model_file_is_installed (model));
  g_assert_null (limn_model_file_get_entry (lora));
  g_assert_cmpint (limn_model_file_get_n_modules (lora), >, 0);

  g_assert_true (g_file_set_contents (nonsense, "no model at all", -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_path_get_basename (bad[i]);

      g_assert_null (limn_model_file_examine (bad[i], &error));
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, name));
    }
}

/* A copy is whole and works away from where it came from; the same name again gets a number. */
static void
test_copy (void)
{
  g_autofree char *tiny = fixture (TINY);
  g_autoptr (LimnModelFile) model = examine (tiny);
  g_autofree char *own = limn_library_dup_folder ();
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (LimnModelFile) copy = NULL;
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (GError) error = NULL;

  first = limn_model_file_add (model, LIMN_ADD_COPY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  second = limn_model_file_add (model, LIMN_ADD_COPY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpuint (count_files (own), ==, 2);
  copy = examine (first);
  g_assert_true (limn_model_file_is_installed (copy));
  g_assert_cmpuint (limn_model_file_get_bytes (copy), ==, limn_model_file_get_bytes (model));

  g_setenv ("LIMN_MODELS_DIR", "/nonexistent/limn", TRUE);
  library = limn_library_new ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (library)), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);

      g_assert_cmpstr (limn_model_entry_get_error (entry), ==, NULL);
    }
}

/* A link works while its target is there, and says what is wrong afterwards. */
static void
test_link (void)
{
  g_autofree char *tiny = fixture (TINY), *content = NULL, *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "borrowed.safetensors", NULL), *added = NULL;
  g_autofree char *own = limn_library_dup_folder ();
  g_autoptr (LimnModelFile) model = NULL;
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModelEntry) entry = NULL, missing = NULL;
  gsize size;

  /* The text files beside the fixture stay where they are: this one has no tokenizer. */
  g_assert_true (g_file_get_contents (tiny, &content, &size, NULL));
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  model = examine (path);
  added = limn_model_file_add (model, LIMN_ADD_LINK, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_files (own), ==, 1);
  g_setenv ("LIMN_MODELS_DIR", "/nonexistent/limn", TRUE);
  library = limn_library_new ();
  entry = g_list_model_get_item (G_LIST_MODEL (library), 0);
  g_assert_cmpstr (limn_model_entry_get_error (entry), ==, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
  limn_library_scan (library);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (library)), ==, 1);
  missing = g_list_model_get_item (G_LIST_MODEL (library), 0);
  g_assert_nonnull (limn_model_entry_get_error (missing));
  g_assert_nonnull (strstr (limn_model_entry_get_error (missing), "borrowed.safetensors"));
}

static void
cancel_cb (guint64 done, guint64 total, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* A big one, cancelled after its first piece: nothing of it is left. What a killed program left goes, too. */
static void
test_cancelled (void)
{
  g_autofree char *own = limn_library_dup_folder (), *tiny = fixture (TINY), *content = NULL;
  g_autofree char *leftover = g_build_filename (own, ".adding-12345", NULL), *folder = fixture_folder ();
  g_autofree char *within = g_build_filename (leftover, "half.safetensors", NULL);
  g_autofree char *path = g_build_filename (folder, "big.safetensors", NULL), *added = NULL;
  g_autofree char *beside = g_build_filename (folder, "notes.md", NULL);
  g_autoptr (LimnModelFile) model = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize size;

  g_assert_cmpint (g_mkdir_with_parents (leftover, 0700), ==, 0);
  g_assert_true (g_file_set_contents (within, "half", -1, NULL));
  g_assert_true (g_file_get_contents (tiny, &content, &size, NULL));
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  /* A folder with a file that takes several pieces to copy. */
  {
    g_autofree char *filling = g_malloc0 (24 << 20);

    g_assert_true (g_file_set_contents (beside, filling, 24 << 20, NULL));
  }
  model = examine (folder);
  added = limn_model_file_add (model, LIMN_ADD_COPY, cancel_cb, cancellable, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (added);
  g_assert_cmpuint (count_files (own), ==, 0);
}

/* A full disk: a sentence with the name, and nothing left. */
static void
test_full_disk (void)
{
  g_autofree char *own = limn_library_dup_folder (), *tiny = fixture (TINY), *added = NULL;
  g_autoptr (LimnModelFile) model = NULL;
  g_autoptr (GError) error = NULL;

  if (!fixture_can_mount ())
    {
      g_test_skip ("file systems cannot be mounted here");
      return;
    }
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  g_assert_cmpint (g_mkdir_with_parents (own, 0700), ==, 0);
  g_assert_true (fixture_mount_small (own, "64k"));
  model = examine (tiny);
  added = limn_model_file_add (model, LIMN_ADD_COPY, NULL, NULL, NULL, &error);
  g_assert_null (added);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "sd1-tiny"));
  g_assert_cmpuint (count_files (own), ==, 0);
}

typedef struct
{
  gboolean done;
  guint n_wanted;
} Watch;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, Watch *watch)
{
  watch->done = g_list_model_get_n_items (model) == watch->n_wanted;
}

/* A library that watches sees what comes into the folder and what goes, by itself. */
static void
test_watched (void)
{
  g_autofree char *tiny = fixture (TINY), *added = NULL;
  g_autoptr (LimnModelFile) model = examine (tiny);
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (GError) error = NULL;
  Watch watch = { FALSE, 1 };

  g_setenv ("LIMN_MODELS_DIR", "/nonexistent/limn", TRUE);
  library = limn_library_new ();
  limn_library_watch (library);
  g_signal_connect (library, "items-changed", G_CALLBACK (changed_cb), &watch);
  added = limn_model_file_add (model, LIMN_ADD_LINK, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_wait (&watch.done);
  watch = (Watch){ FALSE, 0 };
  remove_tree (added);
  fixture_wait (&watch.done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model-file/likely", test_likely);
  g_test_add_func ("/model-file/examine", test_examine);
  g_test_add_func ("/model-file/copy", test_copy);
  g_test_add_func ("/model-file/link", test_link);
  g_test_add_func ("/model-file/cancelled", test_cancelled);
  g_test_add_func ("/model-file/full-disk", test_full_disk);
  g_test_add_func ("/model-file/watched", test_watched);
  return g_test_run ();
}
