/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/app/history-fixtures.h"

#include <sqlite3.h>

#include "tests/app/fixtures.h"

LimnHistory *
fixture_open_history (const char *folder)
{
  g_autoptr (GError) error = NULL;
  LimnHistory *history = limn_history_open (folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (history);
  return history;
}

char *
fixture_history_error (LimnHistory *history)
{
  char *error;

  g_object_get (history, "error", &error, NULL);
  return error;
}

LimnGeneration *
fixture_generation (const char *prompt)
{
  LimnGeneration *generation = limn_generation_new ("inpaint");

  g_object_set (generation, "prompt", prompt, "negative", "blurry", "sampler", "ddim", "model", "limn-inpaint", "model-hash",
                "0123456789abcdef", "source-name", "beach.jpg", "seed", G_MAXUINT64 - 5, "steps", 20, "guidance", 7.5, "strength",
                0.8, "grow", -1.0, "feather", -1.0, "paste-fade", 25.25, "context", -1.0, "seconds", 3.5, "width", 120, "height",
                90, "result-x", 10, "result-y", 20, NULL);
  return generation;
}

LimnGeneration *
fixture_add (LimnHistory *history, const char *prompt, guint32 seed)
{
  LimnGeneration *generation = fixture_generation (prompt);
  g_autoptr (LimnImage) input = fixture_noise (120, 90, 3, 1);
  g_autoptr (LimnImage) mask = fixture_noise (120, 90, 1, 2);
  g_autoptr (LimnImage) output = fixture_noise (50, 40, 4, seed);
  g_autoptr (GError) error = NULL;

  limn_history_add (history, generation, input, mask, output, &error);
  g_assert_no_error (error);
  g_assert_cmpint (limn_generation_get_id (generation), >, 0);
  return generation;
}

guint
fixture_n_rows (LimnHistory *history)
{
  return g_list_model_get_n_items (G_LIST_MODEL (history));
}

/* Paths of all files under FOLDER/files. */
guint
fixture_count_pictures (const char *folder)
{
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autoptr (GDir) dir = g_dir_open (files, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (files, name, NULL);
      g_autoptr (GDir) sub = g_dir_open (path, 0, NULL);

      while (sub != NULL && g_dir_read_name (sub) != NULL)
        n++;
    }
  return n;
}

void
fixture_age_removed (const char *folder, gint64 microseconds)
{
  g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  g_autofree char *sql = g_strdup_printf ("UPDATE generation SET removed = removed - %" G_GINT64_FORMAT " WHERE removed", microseconds);
  char *message = NULL;
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}
