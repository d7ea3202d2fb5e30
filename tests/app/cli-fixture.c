/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/app/cli-fixture.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-image-file.h"

char *
cli_path (CliFixture *f, const char *name)
{
  return g_build_filename (f->folder, name, NULL);
}

void
cli_write (CliFixture *f, const char *name, const LimnImage *image)
{
  g_autofree char *path = cli_path (f, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  limn_image_file_write (image, file, 95, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

LimnImage *
cli_read (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  LimnImage *image = limn_image_file_read (file, NULL, NULL, &error);

  g_assert_no_error (error);
  return image;
}

void
cli_set_up (CliFixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) photo = limn_image_new (200, 150, 3, NULL),
                        mask = limn_image_new (200, 150, 1, NULL);

  *f = (CliFixture){ .folder = g_dir_make_tmp ("limn-cli-XXXXXX", NULL) };
  g_assert_nonnull (f->folder);
  f->photo = cli_path (f, "photo.png");
  f->mask = cli_path (f, "mask.png");
  for (int y = 0; y < 150; y++)
    for (int x = 0; x < 200; x++)
      {
        guint8 *pixel = limn_image_row (photo, y) + 3 * x;

        pixel[0] = (guint8)(100 + 50 * sin (x * 0.05));
        pixel[1] = (guint8)(y + 40);
        pixel[2] = (guint8)(200 - y + (x * y) % 7);
        limn_image_row (mask, y)[x] = x >= 90 && x < 110 && y >= 70 && y < 85 ? 255 : 0;
      }
  cli_write (f, "photo.png", photo);
  cli_write (f, "mask.png", mask);
}

/* Everything below @path. */
static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

void
cli_tear_down (CliFixture *f, gconstpointer data)
{
  remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->photo);
  g_free (f->mask);
  g_free (f->models);
  g_free (f->out);
  g_free (f->err);
}

/* The program under the name that meson gave, away from the person's own files. */
static GSubprocess *
spawn (CliFixture *f,
       GSpawnChildSetupFunc child_setup,
       const char *const *arguments,
       GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  const char *program = g_getenv ("LIMN_PROGRAM");

  g_assert_nonnull (program);
  g_assert_cmpstr (arguments[0], ==, "limn");
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", f->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", f->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  if (f->models != NULL)
    g_subprocess_launcher_setenv (launcher, "LIMN_MODELS_DIR", f->models, TRUE);
  if (child_setup != NULL)
    g_subprocess_launcher_set_child_setup (launcher, child_setup, NULL, NULL);

  {
    g_autoptr (GPtrArray) words = g_ptr_array_new ();

    g_ptr_array_add (words, (gpointer)program);
    for (int i = 1; arguments[i] != NULL; i++)
      g_ptr_array_add (words, (gpointer)arguments[i]);
    g_ptr_array_add (words, NULL);
    return g_subprocess_launcher_spawnv (launcher, (const char *const *)words->pdata, error);
  }
}

void
cli_run_with (CliFixture *f, GSpawnChildSetupFunc child_setup, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = spawn (f, child_setup, arguments, &error);

  g_assert_no_error (error);
  g_clear_pointer (&f->out, g_free);
  g_clear_pointer (&f->err, g_free);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &f->out, &f->err, &error);
  g_assert_no_error (error);
  f->code = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                 : 128 + g_subprocess_get_term_sig (process);
}

void
cli_run (CliFixture *f, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  va_list args;
  char *word;

  g_ptr_array_add (words, (gpointer) "limn");
  va_start (args, f);
  while ((word = va_arg (args, char *)) != NULL)
    g_ptr_array_add (words, word);
  va_end (args);
  g_ptr_array_add (words, NULL);
  cli_run_with (f, NULL, (const char *const *)words->pdata);
}

void
cli_assert_ok (CliFixture *f)
{
  if (f->code != 0)
    g_test_message ("exit code %d\n%s\n%s", f->code, f->out, f->err);
  g_assert_cmpint (f->code, ==, 0);
}

void
cli_assert_fails (CliFixture *f, int code, ...)
{
  va_list args;
  const char *word;

  g_test_message ("%s", f->err);
  g_assert_cmpint (f->code, ==, code);
  g_assert_true (g_str_has_prefix (f->err, "limn: ") || strstr (f->err, "\nlimn: ") != NULL);
  va_start (args, code);
  while ((word = va_arg (args, const char *)) != NULL)
    if (strstr (f->err, word) == NULL)
      g_error ("“%s” is not in “%s”", word, f->err);
  va_end (args);
}
