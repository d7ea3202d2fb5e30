/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Histories that an earlier version wrote, and the files that only newer ones keep.
 */
#define _GNU_SOURCE /* setresuid() */
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/app/fixtures.h"
#include "tests/app/history-fixtures.h"

/* What version 1 wrote, word for word as its tables were. */
static const char version_1[]
    = "CREATE TABLE generation (id INTEGER PRIMARY KEY AUTOINCREMENT, removed INTEGER NOT NULL DEFAULT 0,"
      " thumbnail_hash TEXT, kind TEXT, created INTEGER NOT NULL DEFAULT 0, prompt TEXT, negative TEXT, sampler TEXT, model TEXT,"
      " model_hash TEXT, engine_version TEXT, source_name TEXT, seed INTEGER NOT NULL DEFAULT 0, steps INTEGER NOT NULL DEFAULT 0,"
      " guidance REAL NOT NULL DEFAULT 0, strength REAL NOT NULL DEFAULT 0, grow REAL NOT NULL DEFAULT 0, feather REAL NOT NULL"
      " DEFAULT 0, paste_fade REAL NOT NULL DEFAULT 0, context REAL NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0, factor"
      " INTEGER NOT NULL DEFAULT 0, width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0, input_hash TEXT, mask_hash"
      " TEXT, output_hash TEXT, result_x INTEGER NOT NULL DEFAULT 0, result_y INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE picture (pixels TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;"
      "CREATE VIRTUAL TABLE generation_text USING fts5 (prompt, negative, model, source_name, content='generation',"
      " content_rowid='id', tokenize='unicode61 remove_diacritics 2');"
      "INSERT INTO generation (kind, created, prompt, negative, sampler, model, source_name, seed, steps, guidance, width, height)"
      " VALUES ('generate', 5, 'a lighthouse', '', 'ddim', 'sd1 + sea.safetensors:0.5 + night.safetensors:1', NULL, 7, 20,"
      " 7.5, 64, 64), ('inpaint', 6, 'sky + clouds:1', '', 'plms', 'a + b', 'beach.jpg', 8, 10, 2, 32, 32);"
      "INSERT INTO generation_text (rowid, prompt, negative, model, source_name) SELECT id, prompt, negative, model, source_name"
      " FROM generation;"
      "PRAGMA application_id = 1281977710; PRAGMA user_version = 1;";

static char *
old_history (void)
{
  char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  char *message = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, version_1, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
  return folder;
}

static void
assert_row (LimnHistory *history, gint64 id, const char *model, const char *loras)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) generation = limn_history_lookup (history, id, &error);
  g_autofree char *got_model = NULL, *got_loras = NULL, *condition = NULL;
  double eta, rescale;
  int step_cache;

  g_assert_no_error (error);
  g_object_get (generation, "model", &got_model, "loras", &got_loras, "eta", &eta, "guidance-rescale", &rescale,
                "condition-hash", &condition, "step-cache", &step_cache, NULL);
  g_assert_cmpstr (got_model, ==, model);
  g_assert_cmpstr (got_loras, ==, loras);
  g_assert_cmpfloat (eta, ==, -1);
  g_assert_cmpfloat (rescale, ==, -1);
  g_assert_cmpint (step_cache, ==, 0);
  g_assert_cmpstr (condition, ==, NULL);
}

static void
assert_old_rows (LimnHistory *history)
{
  g_autofree char *why = fixture_history_error (history);

  g_test_message ("%s", why);
  g_assert_cmpuint (fixture_n_rows (history), ==, 2);
  assert_row (history, 1, "sd1", "sea.safetensors:0.5\nnight.safetensors:1");
  assert_row (history, 2, "a + b", NULL);
}

/* The model and the files that changed it come apart, all else is as it was, and new rows go beside the old ones. */
static void
test_version_1 (void)
{
  g_autofree char *folder = old_history ();

  for (int round = 0; round < 2; round++)
    {
      g_autoptr (LimnHistory) history = fixture_open_history (folder);

      if (round == 0)
        assert_old_rows (history);
      limn_history_search (history, "lighthouse");
      g_assert_cmpuint (fixture_n_rows (history), ==, 1);
      limn_history_search (history, "night");
      g_assert_cmpuint (fixture_n_rows (history), ==, 1);
      limn_history_search (history, "storm");
      g_assert_cmpuint (fixture_n_rows (history), ==, round == 0 ? 0 : 1);
      if (round == 0)
        {
          g_autoptr (LimnGeneration) generation = fixture_generation ("storm");
          g_autoptr (GError) error = NULL;

          g_object_set (generation, "loras", "grain.safetensors:0.25", "eta", 0.5, NULL);
          g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, &error));
          g_assert_no_error (error);
        }
      else
        {
          g_autoptr (LimnGeneration) item = g_list_model_get_item (G_LIST_MODEL (history), 0);
          g_autofree char *loras = NULL;
          double eta;

          g_object_get (item, "loras", &loras, "eta", &eta, NULL);
          g_assert_cmpstr (loras, ==, "grain.safetensors:0.25");
          g_assert_cmpfloat (eta, ==, 0.5);
        }
    }
}

/* What version 5 added. */
#define DROP_VERSION_5 \
  " ALTER TABLE generation DROP COLUMN two_pass; ALTER TABLE generation DROP COLUMN raw_hash;" \
  " ALTER TABLE generation DROP COLUMN matched_hash; ALTER TABLE generation DROP COLUMN raw_x;" \
  " ALTER TABLE generation DROP COLUMN raw_y; ALTER TABLE generation DROP COLUMN paste_grow;" \
  " ALTER TABLE generation DROP COLUMN paste_feather; ALTER TABLE generation DROP COLUMN paste_reach;"

/* What version 6 added. */
#define DROP_VERSION_6 " ALTER TABLE generation DROP COLUMN expanded;"

/* Rows of version 2 ran every step; what looks like a LoRA file behind a model's name is the name there. */
static void
test_version_2 (void)
{
  g_autofree char *folder = fixture_folder (), *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  char *message = NULL;
  sqlite3 *db;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("storm");
    g_autoptr (GError) error = NULL;

    g_object_set (generation, "model", "sea + sand:1", NULL);
    g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, &error));
  }
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "ALTER TABLE generation DROP COLUMN step_cache; ALTER TABLE generation DROP COLUMN crop_x; ALTER TABLE generation DROP COLUMN crop_y;"
                    " ALTER TABLE generation DROP COLUMN crop_width; ALTER TABLE generation DROP COLUMN crop_height;" DROP_VERSION_5 DROP_VERSION_6
                    " PRAGMA user_version = 2;", NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("calm");
    g_autoptr (GError) error = NULL;

    assert_row (history, 1, "sea + sand:1", NULL);
    g_object_set (generation, "step-cache", 3, NULL);
    g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, &error));
  }
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = limn_history_lookup (history, 2, NULL);
    LimnInpaintParams params;

    g_assert_nonnull (generation);
    limn_generation_get_inpaint_params (generation, &params);
    g_assert_cmpint (params.step_cache, ==, 3);
  }
}

/* Rows of version 4 were made in one pass, and of their crops only what was pasted is kept. */
static void
test_version_4 (void)
{
  g_autofree char *folder = fixture_folder (), *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  char *message = NULL;
  sqlite3 *db;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("storm");

    g_object_set (generation, "crop-x", 3, "crop-y", 4, "crop-width", 50, "crop-height", 60, NULL);
    g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, NULL));
  }
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, DROP_VERSION_5 DROP_VERSION_6 " PRAGMA user_version = 4;", NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnHistory) history = fixture_open_history (folder);
      g_autoptr (LimnGeneration) generation = limn_history_lookup (history, 1, NULL);
      g_autoptr (GError) error = NULL;
      LimnInpaintParams params;

      g_assert_nonnull (generation);
      limn_generation_get_inpaint_params (generation, &params);
      g_assert_false (params.two_pass);
      g_assert_cmpint (params.crop.height, ==, 60);
      g_assert_null (limn_history_load_crop (history, generation, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    }
}

/* Rows of version 5 do not say whether they expanded the picture: they did not. */
static void
test_version_5 (void)
{
  g_autofree char *folder = fixture_folder (), *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  char *message = NULL;
  sqlite3 *db;

  for (int id = 1; id <= 2; id++)
    {
      g_autoptr (LimnHistory) history = fixture_open_history (folder);
      g_autoptr (LimnGeneration) generation = fixture_generation ("storm");

      g_object_set (generation, "expanded", 1, NULL);
      g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, NULL));
      g_clear_object (&history);
      if (id > 1)
        break;
      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      sqlite3_exec (db, DROP_VERSION_6 " PRAGMA user_version = 5;", NULL, NULL, &message);
      g_assert_cmpstr (message, ==, NULL);
      sqlite3_close (db);
    }
  for (int id = 1; id <= 2; id++)
    {
      g_autoptr (LimnHistory) history = fixture_open_history (folder);
      g_autoptr (LimnGeneration) generation = limn_history_lookup (history, id, NULL);
      int expanded;

      g_assert_nonnull (generation);
      g_object_get (generation, "expanded", &expanded, NULL);
      g_assert_cmpint (expanded, ==, id - 1);
    }
}

/* Where nothing can be written, old rows are shown as they will be after the upgrade. */
static void
test_version_1_read_only (void)
{
  g_autofree char *folder = NULL, *path = NULL, *before = NULL, *after = NULL;
  gsize n_before, n_after;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = old_history ();
  path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  g_chmod (path, 0444);
  g_chmod (folder, 0555);
  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    {
      g_test_skip ("root cannot become somebody else here");
      return;
    }
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    assert_old_rows (history);
  }
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

/* A file that the model was told stays while a row names it, and no longer. */
static void
test_told_file (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *hash = NULL;
  g_autoptr (GBytes) content = g_bytes_new_static ("[]\n", 3);
  gint64 id;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("x");
    g_autoptr (GError) error = NULL;
    g_autofree char *again = NULL, *path = NULL, *kept = NULL;

    hash = limn_history_store_file (history, content, "json", &error);
    g_assert_no_error (error);
    again = limn_history_store_file (history, content, "json", &error);
    g_assert_cmpstr (hash, ==, again);
    g_object_set (generation, "condition-hash", hash, NULL);
    g_assert_true (limn_history_add (history, generation, NULL, NULL, NULL, &error));
    path = limn_history_find_file (history, hash);
    g_assert_nonnull (path);
    g_assert_true (g_str_has_suffix (path, ".json"));
    g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
    g_assert_cmpstr (kept, ==, "[]\n");
    g_assert_null (limn_history_find_file (history, "../../etc/passwd"));
  }
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) listed = g_list_model_get_item (G_LIST_MODEL (history), 0);
    g_autofree char *path = limn_history_find_file (history, hash);

    g_assert_nonnull (path);
    id = limn_generation_get_id (listed);
    g_assert_true (limn_history_remove (history, id, NULL));
  }
  fixture_age_removed (folder, 2 * LIMN_HISTORY_KEEP_REMOVED);
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autofree char *path = limn_history_find_file (history, hash);

    g_assert_null (path);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/history/version-1", test_version_1);
  g_test_add_func ("/history/version-1-read-only", test_version_1_read_only);
  g_test_add_func ("/history/version-2", test_version_2);
  g_test_add_func ("/history/version-4", test_version_4);
  g_test_add_func ("/history/version-5", test_version_5);
  g_test_add_func ("/history/told-file", test_told_file);
  return g_test_run ();
}
