/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Writing pictures: the new file or the old one, whatever happens.
 */
#define _GNU_SOURCE /* setresuid() */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "app/limn-image-file.h"
#include "tests/app/fixtures.h"

/* JPEG at quality 92 of smooth colours is this close. */
#define JPEG_TOLERANCE 12

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_write (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autoptr (LimnImage) image = fixture_gradient (48, 40, 4);
  static const char *const names[] = { "a.png", "b.JPG", "c.jpeg", "Ümlaut 😀.png" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnImage) back = NULL;
      g_autoptr (LimnImage) rgb = NULL;
      g_autoptr (LimnImage) original = limn_image_convert (image, 3, NULL);

      g_assert_true (limn_image_file_write (image, file, 95, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
      back = limn_image_file_read (file, NULL, NULL, &error);
      rgb = limn_image_convert (back, 3, NULL);
      g_assert_cmpint (fixture_image_distance (rgb, original), <=, i == 1 || i == 2 ? JPEG_TOLERANCE : 0);
    }
  g_assert_cmpuint (count_files (folder), ==, 4);
}

static void
test_write_unknown_suffix (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "picture.xyz", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (LimnImage) image = fixture_gradient (4, 4, 3);
  g_autoptr (GError) error = NULL;

  g_assert_false (limn_image_file_write (image, file, 90, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_cmpuint (count_files (folder), ==, 0);
}

/* Permissions and links of what is replaced stay. */
static void
test_write_keeps (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "real.png", NULL);
  g_autofree char *link = g_build_filename (folder, "link.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (link);
  g_autoptr (LimnImage) image = fixture_gradient (4, 4, 3);
  g_autoptr (GError) error = NULL;
  GStatBuf st;

  g_file_set_contents (path, "old", -1, NULL);
  g_chmod (path, 0640);
  g_assert_cmpint (symlink ("real.png", link), ==, 0);
  limn_image_file_write (image, file, 90, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0640);
  g_assert_cmpint (st.st_size, >, 60);
}

/* Writes over an old file where that cannot work: the error is a sentence, and the old file is as it was. */
static void
assert_old_file_survives (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "old.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (LimnImage) image = fixture_noise (500, 500, 3, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  g_assert_false (limn_image_file_write (image, file, 90, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "old.png"));
  g_test_message ("%s", error->message);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "old");
  g_assert_cmpuint (count_files (folder), ==, 1);
}

static void
put_old_file (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "old.png", NULL);

  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
}

static void
test_write_limit (void)
{
  g_autofree char *folder = NULL;
  struct rlimit limit = { 100000, 100000 };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = fixture_folder ();
  put_old_file (folder);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_old_file_survives (folder);
}

/* A real full disk, where a file system of its own can be had. */
static void
test_write_full_disk (void)
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
  g_assert_true (fixture_mount_small (folder, "64k"));
  put_old_file (folder);
  assert_old_file_survives (folder);
}

static void
test_write_read_only (void)
{
  g_autofree char *folder = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  folder = fixture_folder ();
  put_old_file (folder);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  /* Permissions do not bind root: become nobody. */
  if (geteuid () == 0 && setresuid (65534, 65534, 65534) != 0)
    {
      g_test_skip ("root cannot become somebody else here");
      return;
    }
  assert_old_file_survives (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/image-write/formats", test_write);
  g_test_add_func ("/image-write/unknown-suffix", test_write_unknown_suffix);
  g_test_add_func ("/image-write/keeps", test_write_keeps);
  g_test_add_func ("/image-write/limit", test_write_limit);
  g_test_add_func ("/image-write/full-disk", test_write_full_disk);
  g_test_add_func ("/image-write/read-only", test_write_read_only);
  return g_test_run ();
}
