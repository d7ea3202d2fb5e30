/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Where the program's results may go, and where they may not: nothing that is read is replaced
 * unless somebody says so.
 */
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/app/cli-fixture.h"

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
}

static GBytes *
content (const char *path)
{
  char *bytes = NULL;
  gsize n = 0;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_bytes_new_take (bytes, n);
}

/* The photo and the mask are kept under every name that they have, and nothing is computed. */
static void
test_inputs_stay (CliFixture *f, gconstpointer data)
{
  g_autofree char *symbolic = cli_path (f, "symbolic.png"), *hard = cli_path (f, "hard.png"),
                  *around = cli_path (f, "limn/../photo.png"), *inner = cli_path (f, "limn"),
                  *uri = g_filename_to_uri (f->photo, NULL, NULL);
  const char *const names[] = { f->photo, f->mask, symbolic, hard, around, uri };
  g_autoptr (GBytes) photo = content (f->photo), mask = content (f->mask);

  g_assert_cmpint (symlink ("photo.png", symbolic), ==, 0);
  g_assert_cmpint (link (f->mask, hard), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) photo_after = NULL, mask_after = NULL;

      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "-o", names[i], NULL);
      cli_assert_fails (f, 2, names[i], "replace", "--overwrite", "inpaint --help", NULL);
      g_assert_null (strstr (f->err, "Removing"));
      photo_after = content (f->photo);
      mask_after = content (f->mask);
      g_assert_true (g_bytes_equal (photo, photo_after));
      g_assert_true (g_bytes_equal (mask, mask_after));
    }
  cli_run (f, "upscale", f->photo, "-o", symbolic, NULL);
  cli_assert_fails (f, 2, symbolic, f->photo, "--overwrite", "upscale --help", NULL);
}

/* What else is read is kept as well; of several pictures, each. */
static void
test_other_inputs_stay (CliFixture *f, gconstpointer data)
{
  g_autofree char *lora = fixture ("K6-lora/lora_kohya.safetensors"),
                  *link_name = cli_path (f, "lora.png"), *half = g_strconcat (lora, ":0.5", NULL),
                  *first = cli_path (f, "map-1.png"), *second = cli_path (f, "map-2.png"),
                  *map = cli_path (f, "map.png");
  g_autoptr (LimnImage) image = cli_read (f->photo);

  cli_write (f, "map-2.png", image);
  cli_run (f, "generate", "--labels", second, "--count", "2", "-o", map, NULL);
  cli_assert_fails (f, 2, second, "--overwrite", "generate --help", NULL);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_cmpint (symlink (lora, link_name), ==, 0);
  cli_run (f, "generate", "--prompt", "x", "--lora", half, "-o", link_name, NULL);
  cli_assert_fails (f, 2, link_name, lora, "--overwrite", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--lora", lora, "-o", link_name, NULL);
  cli_assert_fails (f, 2, link_name, lora, "--overwrite", NULL);
}

/* Who says so may have it; and other files are replaced as they were, a copy of the photo too. */
static void
test_overwrite (CliFixture *f, gconstpointer data)
{
  g_autofree char *copy = cli_path (f, "copy.png");
  g_autoptr (GBytes) photo = content (f->photo), photo_after = NULL, copied = NULL;
  gsize n;
  const char *bytes = g_bytes_get_data (photo, &n);

  g_assert_true (g_file_set_contents (copy, bytes, (gssize)n, NULL));
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "-o", copy, NULL);
  cli_assert_ok (f);
  copied = content (copy);
  g_assert_false (g_bytes_equal (photo, copied));
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "--overwrite", "-o", f->photo,
           NULL);
  cli_assert_ok (f);
  photo_after = content (f->photo);
  g_assert_false (g_bytes_equal (photo, photo_after));
}

/* What cannot be written is told before anything is computed, with the reason. */
static void
test_refused_first (CliFixture *f, gconstpointer data)
{
  g_autofree char *folder = cli_path (f, "folder.png"), *nowhere = cli_path (f, "no/such.png"),
                  *below_file = g_build_filename (f->photo, "x.png", NULL);
  const char *const cases[][2] = { { "/proc/x.png", "takes no new files" },
                                   { folder, "it is a folder" },
                                   { nowhere, "does not exist" },
                                   { below_file, "its folder is none" } };

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "-o", cases[i][0], NULL);
      cli_assert_fails (f, 1, cases[i][0], cases[i][1], NULL);
      g_assert_null (strstr (f->err, "Removing"));
      g_assert_null (strstr (f->err, "Done"));
    }
  /* Beside the photo, too. */
  cli_run (f, "inpaint", "/proc/self/fd/0", "--mask", f->mask, "--remove", NULL);
  cli_assert_fails (f, 1, "“0-limn.png”", "takes no new files", NULL);
}

/* Where nobody looks at a bar, short work is told in few lines: the first, the first step, and one
 * a second. */
static void
test_few_lines (CliFixture *f, gconstpointer data)
{
  int n = 0;
  const char *done;

  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", NULL);
  cli_assert_ok (f);
  for (const char *at = f->err; (at = strstr (at, "Removing:")) != NULL; at++)
    n++;
  done = strstr (f->err, "Done in ");
  g_assert_nonnull (done);
  g_assert_cmpint (n, >=, 1);
  g_assert_cmpfloat (n, <=, 2 + g_ascii_strtod (done + strlen ("Done in "), NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cli/output/" name, CliFixture, NULL, cli_set_up, function, cli_tear_down)
  ADD ("inputs-stay", test_inputs_stay);
  ADD ("other-inputs-stay", test_other_inputs_stay);
  ADD ("overwrite", test_overwrite);
  ADD ("refused-first", test_refused_first);
  ADD ("few-lines", test_few_lines);
  return g_test_run ();
}
