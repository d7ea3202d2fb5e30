/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "app/file-write.h"
#include "tests/app/fixtures.h"

/* ---- What is no file is written to, not replaced -------------------------------------------------------------------- */

static gboolean
is_link (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_SYMLINK);
}

static void
test_write_devices (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *null = g_build_filename (folder, "null.png", NULL);
  g_autofree char *full = g_build_filename (folder, "full.png", NULL);
  g_autofree char *data = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("/dev/null", null), ==, 0);
  g_assert_true (limn_file_write (null, data, 5000, &error));
  g_assert_no_error (error);
  g_assert_true (is_link (null));
  g_assert_false (g_file_test ("/dev/null", G_FILE_TEST_IS_REGULAR));

  g_assert_cmpint (symlink ("/dev/full", full), ==, 0);
  g_assert_false (limn_file_write (full, data, 5000, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "full.png"));
  g_assert_true (is_link (full));
}

static gpointer
read_fifo (gpointer path)
{
  char *text = NULL;

  /* Until the writer closes its end. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_write_pipes (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *link = g_build_filename (folder, "out.png", NULL);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GThread *reader;
  GStatBuf st;
  char buffer[8] = { 0 };
  int ends[2];

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink ("fifo", link), ==, 0);
  reader = g_thread_new ("reader", read_fifo, fifo);
  g_assert_true (limn_file_write (link, "through a fifo", 14, &error));
  g_assert_no_error (error);
  text = g_thread_join (reader);
  g_assert_cmpstr (text, ==, "through a fifo");
  g_assert_cmpint (g_stat (fifo, &st), ==, 0);
  g_assert_true (S_ISFIFO (st.st_mode));

  /* By the number of a descriptor, as /dev/stdout is one. */
  g_assert_cmpint (pipe (ends), ==, 0);
  name = g_strdup_printf ("/dev/fd/%d", ends[1]);
  g_assert_true (limn_file_write (name, "fd", 2, &error));
  g_assert_no_error (error);
  g_assert_cmpint (read (ends[0], buffer, sizeof buffer), ==, 2);
  g_assert_cmpstr (buffer, ==, "fd");
  close (ends[0]);
  close (ends[1]);
  g_assert_false (limn_file_write (name, "fd", 2, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

/* To a descriptor of a file: from where it is, and the file stays the same one. */
static void
test_write_descriptor_of_file (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  fd = g_open (path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (write (fd, "before ", 7), ==, 7);
  name = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_assert_true (limn_file_write (name, "picture", 7, &error));
  g_assert_no_error (error);
  g_assert_cmpint (write (fd, " after", 6), ==, 6);
  close (fd);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "before picture after");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/file-write/devices", test_write_devices);
  g_test_add_func ("/file-write/pipes", test_write_pipes);
  g_test_add_func ("/file-write/descriptor-of-file", test_write_descriptor_of_file);
  return g_test_run ();
}
