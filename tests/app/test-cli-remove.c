/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * "limn inpaint" without any model: --remove, and --expand with it.
 */
#include <string.h>

#include "tests/app/cli-fixture.h"

/* Without any model: nothing changes outside, what was masked does, and it is in the history. */
static void
test_remove (CliFixture *f, gconstpointer data)
{
  g_autofree char *output = cli_path (f, "removed.png"), *again = cli_path (f, "again.png");
  g_autoptr (LimnImage) shown = NULL;
  g_autoptr (LimnImage) before = cli_read (f->photo), mask = cli_read (f->mask), after = NULL;
  int changed = 0, kept = 0;

  f->models = g_strdup (f->folder);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "-o", output, NULL);
  cli_assert_ok (f);
  after = cli_read (output);
  for (int y = 0; y < before->height; y++)
    for (int x = 0; x < before->width; x++)
      {
        gboolean same
            = memcmp (limn_image_row (before, y) + 3 * x, limn_image_row (after, y) + 3 * x, 3)
              == 0;

        changed += !same && limn_image_row (mask, y)[x * mask->channels] > 0;
        kept += same;
      }
  g_assert_cmpint (changed, >, 0);
  g_assert_cmpint (kept, >, before->width * before->height / 3);
  cli_run (f, "history", "show", "1", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--remove"));
  g_assert_null (strstr (f->out, "Steps"));
  g_assert_null (strstr (f->out, "Factor"));
  /* The history has a patch, and makes the whole picture of it. */
  cli_run (f, "history", "show", "1", "-o", again, NULL);
  cli_assert_ok (f);
  shown = cli_read (again);
  g_assert_cmpmem (shown->pixels, shown->stride * shown->height, after->pixels,
                   after->stride * after->height);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "--prompt", "sea", NULL);
  cli_assert_fails (f, 2, "--prompt", "--remove", NULL);
}

/* What was there stays, what is added is filled; and what makes no sense is told. */
static void
test_expand (CliFixture *f, gconstpointer data)
{
  g_autofree char *output = cli_path (f, "expanded.png");
  g_autoptr (LimnImage) before = cli_read (f->photo), after = NULL;
  int kept = 0;
  static const char *const odd[]
      = { "1,2,3", "0,0,0,0", "-1,0,0,5", "a,b,c,d", "60000,60000,1,1", "1,1,1,1,1" };

  f->models = g_strdup (f->folder);
  cli_run (f, "inpaint", f->photo, "--expand", "0,0,24,8", "--remove", "-o", output, NULL);
  cli_assert_ok (f);
  after = cli_read (output);
  g_assert_cmpint (after->width, ==, before->width + 24);
  g_assert_cmpint (after->height, ==, before->height + 8);
  for (int y = 0; y < before->height; y++)
    for (int x = 0; x < before->width; x++)
      kept
          += memcmp (limn_image_row (before, y) + 3 * x, limn_image_row (after, y) + 3 * x, 3) == 0;
  g_assert_cmpint (kept, >, before->width * before->height * 8 / 10);
  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      cli_run (f, "inpaint", f->photo, "--expand", odd[i], "--remove", NULL);
      g_assert_cmpint (f->code, !=, 0);
      g_assert_cmpstr (f->err, !=, "");
    }
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--expand", "0,0,24,8", "--remove", NULL);
  cli_assert_fails (f, 2, "--mask", "--expand", NULL);
}

/* What was to be seen is in the history, and its command says so; what is no part of a photo is refused. */
static void
test_crop (CliFixture *f, gconstpointer data)
{
  g_autofree char *output = cli_path (f, "seen.png");
  static const char *const odd[] = { "1,2,3", "1,2,0,4", "1,2,3,x", "", "1,2,3,4,5" };

  f->models = g_strdup (f->folder);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "--crop", "3,2,70,50", "-o", output,
           NULL);
  cli_assert_ok (f);
  cli_run (f, "history", "show", "1", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--crop 3,2,70,50"));
  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "--crop", odd[i], NULL);
      g_assert_cmpint (f->code, ==, 2);
    }
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "sky", "--two-pass",
           "--no-two-pass", NULL);
  cli_assert_fails (f, 2, "--two-pass", "--no-two-pass", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--remove", "--two-pass", NULL);
  cli_assert_fails (f, 2, "--two-pass", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cli/" name, CliFixture, NULL, cli_set_up, function, cli_tear_down)
  ADD ("remove", test_remove);
  ADD ("expand", test_expand);
  ADD ("crop", test_crop);
  return g_test_run ();
}
