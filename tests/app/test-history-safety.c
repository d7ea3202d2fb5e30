/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define _GNU_SOURCE   /* setresuid() */
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/app/fixtures.h"
#include "tests/app/history-fixtures.h"

/* ---- Bad databases -------------------------------------------------------------------------------------------------- */

static void
run_sql (const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static char *
database_hash (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
  g_autofree char *data = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) data, n);
}

static void
assert_refused_untouched (const char *folder)
{
  g_autofree char *before = database_hash (folder);
  g_autofree char *after = NULL;

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("x");
    g_autofree char *why = fixture_history_error (history);
    g_autoptr (GError) error = NULL;

    g_assert_nonnull (why);
    g_test_message ("%s", why);
    g_assert_cmpuint (fixture_n_rows (history), ==, 0);
    g_assert_false (limn_history_add (history, generation, NULL, NULL, NULL, &error));
    g_assert_nonnull (error);
    g_assert_null (limn_history_lookup (history, 1, NULL));
    g_assert_false (limn_history_remove (history, 1, NULL));
    limn_history_search (history, "x");
  }
  after = database_hash (folder);
  g_assert_cmpstr (before, ==, after);
}

static void
test_newer_version (void)
{
  g_autofree char *folder = fixture_folder ();

  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    g_object_unref (fixture_add (history, "one", 1));
  }
  run_sql (folder, "PRAGMA user_version = 99; PRAGMA wal_checkpoint (TRUNCATE);");
  assert_refused_untouched (folder);
}

static void
test_foreign (void)
{
  g_autofree char *folder = fixture_folder ();

  run_sql (folder, "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x');");
  assert_refused_untouched (folder);
}

/* Damage at different places: set aside with its pictures, nothing deleted, and a new history that works. */
static void
test_corrupted (void)
{
  for (int kind = 0; kind < 3; kind++)
    {
      g_autofree char *folder = fixture_folder ();
      g_autofree char *path = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);
      g_autofree char *data = NULL;
      g_autofree char *aside = NULL;
      g_autoptr (LimnHistory) history = NULL;
      g_autoptr (GDir) dir = NULL;
      g_autofree char *why = NULL;
      const char *name;
      gsize n;

      {
        g_autoptr (LimnHistory) old = fixture_open_history (folder);

        for (guint i = 0; i < 30; i++)
          g_object_unref (fixture_add (old, "a prompt that takes some room in the table and in the index", i));
      }
      run_sql (folder, "PRAGMA wal_checkpoint (TRUNCATE);");
      g_assert_true (g_file_get_contents (path, &data, &n, NULL));
      if (kind == 0)
        memset (data, 'x', n);
      else if (kind == 1)
        memset (data + 4096, 0x5a, n - 4096);
      else
        n /= 2;
      g_assert_true (g_file_set_contents (path, data, n, NULL));

      history = fixture_open_history (folder);
      why = fixture_history_error (history);
      g_assert_nonnull (why);
      g_test_message ("%s", why);
      g_assert_cmpuint (fixture_n_rows (history), ==, 0);
      g_object_unref (fixture_add (history, "after", 1));
      g_assert_cmpuint (fixture_n_rows (history), ==, 1);

      dir = g_dir_open (folder, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        if (g_str_has_prefix (name, "damaged-"))
          aside = g_build_filename (folder, name, NULL);
      g_assert_nonnull (aside);
      g_assert_nonnull (strstr (why, strrchr (aside, '/') + 1));
      g_assert_cmpuint (fixture_count_pictures (aside), ==, 62);
    }
}

/* ---- Bad folders ---------------------------------------------------------------------------------------------------- */

static void
test_read_only (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *empty = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = fixture_folder ();
  empty = fixture_folder ();
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);

    g_object_unref (fixture_add (history, "one", 1));
  }
  g_chmod (folder, 0555);
  g_chmod (empty, 0555);
  {
    g_autofree char *database = g_build_filename (folder, LIMN_HISTORY_DATABASE, NULL);

    g_chmod (database, 0444);
  }
  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    {
      g_test_skip ("root cannot become somebody else here");
      return;
    }
  {
    /* What is there is shown; nothing can be added. */
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnGeneration) generation = fixture_generation ("x");
    g_autoptr (LimnGeneration) listed = NULL;
    g_autofree char *why = fixture_history_error (history);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", why);
    g_assert_nonnull (why);
    g_assert_cmpuint (fixture_n_rows (history), ==, 1);
    listed = g_list_model_get_item (G_LIST_MODEL (history), 0);
    g_assert_cmpstr (listed->prompt, ==, "one");
    g_assert_false (limn_history_add (history, generation, NULL, NULL, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY);
  }
  {
    g_autoptr (LimnHistory) history = fixture_open_history (empty);
    g_autofree char *why = fixture_history_error (history);

    g_assert_nonnull (why);
    g_assert_cmpuint (fixture_n_rows (history), ==, 0);
  }
  {
    g_autoptr (LimnHistory) history = fixture_open_history ("/dev/null/limn");
    g_autofree char *why = fixture_history_error (history);

    g_assert_nonnull (why);
  }
}

static void
test_full_disk (void)
{
  g_autofree char *folder = NULL;

  if (!g_test_subprocess ())
    {
      if (!fixture_can_mount ())
        {
          g_test_skip ("no small file system can be mounted here (not root, or in a chroot)");
          return;
        }
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = fixture_folder ();
  g_assert_true (fixture_mount_small (folder, "512k"));
  {
    g_autoptr (LimnHistory) history = fixture_open_history (folder);
    g_autoptr (LimnImage) input = fixture_noise (120, 90, 3, 1);
    g_autoptr (GError) error = NULL;
    guint n = 0;

    while (error == NULL)
      {
        g_autoptr (LimnGeneration) generation = fixture_generation ("filling up the disk");
        g_autoptr (LimnImage) output = fixture_noise (50, 40, 4, n);

        if (limn_history_add (history, generation, input, NULL, output, &error))
          n++;
        else
          g_assert_cmpint (limn_generation_get_id (generation), ==, 0);
        g_assert_cmpuint (n, <, 1000);
      }
    g_test_message ("after %u rows: %s", n, error->message);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
    g_assert_cmpuint (n, >, 2);
    g_assert_cmpuint (fixture_n_rows (history), ==, n);
    for (guint i = 0; i < n; i++)
      {
        g_autoptr (LimnGeneration) item = g_list_model_get_item (G_LIST_MODEL (history), i);
        g_autoptr (LimnImage) image = limn_history_load_result (history, item, NULL);

        g_assert_nonnull (image);
      }
  }
}

/* ---- Killed --------------------------------------------------------------------------------------------------------- */

/* Adds rows until somebody kills it; says so after each. */
static int
write_until_killed (const char *folder)
{
  g_autoptr (LimnHistory) history = limn_history_open (folder, NULL);

  for (guint32 i = 0;; i++)
    {
      g_autoptr (LimnGeneration) generation = fixture_generation ("written by a program that will be killed");
      g_autoptr (LimnImage) input = fixture_noise (60, 50, 3, g_random_int ());
      g_autoptr (LimnImage) output = fixture_noise (50, 40, 4, g_random_int ());

      g_object_set (generation, "result-x", 0, "result-y", 0, NULL);
      if (!limn_history_add (history, generation, input, NULL, output, NULL))
        return 1;
      if (write (STDOUT_FILENO, ".", 1) != 1)
        return 2;
    }
}

/* Starts a writer, lets it finish @n_rows or more, and kills it some time later. How many it finished. */
static guint
kill_a_writer (const char *folder, guint n_rows, gulong microseconds)
{
  g_autofree char *program = fixture_program ();
  const char *argv[] = { program, "--write-until-killed", folder, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;
  guint n = 0;
  int out, status;
  char byte;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  while (n < n_rows && read (out, &byte, 1) == 1)
    n++;
  g_usleep (microseconds);
  kill (pid, SIGKILL);
  while (read (out, &byte, 1) == 1)
    n++;
  close (out);
  waitpid (pid, &status, 0);
  g_assert_true (WIFSIGNALED (status));
  return n;
}

/* Killed at any instant, the history opens, has every row that was finished, and every row's pictures. */
static void
test_killed (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (31);
  guint finished = 0;

  for (int round = 0; round < 12; round++)
    {
      g_autoptr (LimnHistory) history = NULL;
      g_autofree char *why = NULL;

      finished += kill_a_writer (folder, round % 3, g_rand_int_range (rand, 0, 40000));
      history = fixture_open_history (folder);
      why = fixture_history_error (history);
      g_assert_null (why);
      /* A row may be there whose writer did not get to say so. */
      g_assert_cmpuint (fixture_n_rows (history), >=, finished);
      g_assert_cmpuint (fixture_n_rows (history), <=, finished + 1);
      finished = fixture_n_rows (history);
      for (guint i = 0; i < fixture_n_rows (history); i++)
        {
          g_autoptr (LimnGeneration) item = g_list_model_get_item (G_LIST_MODEL (history), i);
          g_autoptr (GError) error = NULL;
          g_autoptr (LimnImage) result = limn_history_load_result (history, item, &error);
          g_autoptr (LimnImage) thumbnail = limn_history_load_thumbnail (history, limn_generation_get_id (item), &error);

          g_assert_no_error (error);
        }
      /* Input, output, thumbnail: nothing is left of what was not finished. */
      g_assert_cmpuint (fixture_count_pictures (folder), ==, 3 * fixture_n_rows (history));
    }
  g_assert_cmpuint (finished, >, 6);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--write-until-killed") == 0)
    return write_until_killed (argv[2]);

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/history/newer-version", test_newer_version);
  g_test_add_func ("/history/foreign", test_foreign);
  g_test_add_func ("/history/corrupted", test_corrupted);
  g_test_add_func ("/history/read-only", test_read_only);
  g_test_add_func ("/history/full-disk", test_full_disk);
  g_test_add_func ("/history/killed", test_killed);
  return g_test_run ();
}
