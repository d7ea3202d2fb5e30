/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * "limn upscale" with networks that know nothing of diffusion, and with those that are told
 * something.
 */
#include <string.h>

#include "tests/app/cli-fixture.h"

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
}

/* A file in the models folder is a model: listed, described, used, and told in the history. */
static void
test_one_pass (CliFixture *f, gconstpointer data)
{
  g_autofree char *from = fixture ("K7-esrgan/srvgg_x2.safetensors");
  g_autofree char *folder = g_build_filename (f->folder, "limn", "models", NULL);
  g_autofree char *to = g_build_filename (folder, "compact.safetensors", NULL);
  g_autofree char *output = cli_path (f, "large.png"), *bytes = NULL;
  const int factors[] = { 0, 2, 4 };
  gsize n;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize)n, NULL));
  cli_run (f, "models", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "compact"));
  cli_run (f, "models", "compact", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "SRVGGNetCompact"));
  g_assert_nonnull (strstr (f->out, "by 2"));
  for (gsize i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      g_autofree char *factor = g_strdup_printf ("%d", factors[i]);
      g_autoptr (LimnImage) large = NULL;

      cli_run (f, "upscale", f->photo, "--model", "compact", "-o", output,
               factors[i] > 0 ? "--factor" : NULL, factor, NULL);
      cli_assert_ok (f);
      large = cli_read (output);
      g_assert_cmpint (large->width, ==, 200 * MAX (factors[i], 2));
      g_assert_cmpint (large->height, ==, 150 * MAX (factors[i], 2));
    }
  cli_run (f, "history", "show", "3", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--factor 4 --model 'compact'"));
  g_assert_null (strstr (f->out, "Steps"));
}

/* What a model does not take is refused with its name. */
static void
test_not_taken (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("K7-esrgan/x4_new.pth");
  g_autofree char *previews = fixture ("K8-taesd/taesd_decoder.pth");
  static const char *const options[][2]
      = { { "--prompt", "a cat" },   { "--negative", "a dog" }, { "--guidance", "3" },
          { "--noise-level", "20" }, { "--steps", "5" },        { "--sampler", "ddim" },
          { "--seed", "1" } };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      cli_run (f, "upscale", f->photo, "--model", model, options[i][0], options[i][1], NULL);
      cli_assert_fails (f, 2, options[i][0], "x4_new", "one pass", NULL);
    }
  cli_run (f, "upscale", f->photo, "--model", "limn-upscale", "--prompt", "a cat", NULL);
  cli_assert_fails (f, 2, "--prompt", "limn-upscale", NULL);
  cli_run (f, "upscale", f->photo, "--model", previews, NULL);
  cli_assert_fails (f, 2, "taesd_decoder", NULL);
  cli_run (f, "models", previews, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "Fast preview decoder of Stable Diffusion's latents"));
}

static void
test_upscale_too_large (CliFixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) wide = limn_image_new (60000, 10, 3, NULL);
  g_autofree char *path = cli_path (f, "wide.png");

  cli_write (f, "wide.png", wide);
  cli_run (f, "upscale", path, NULL);
  cli_assert_fails (f, 1, "240000 × 40", "65535", NULL);
  cli_run (f, "upscale", f->photo, "--model", "limn-upscale", "--sampler", "magic", NULL);
  cli_assert_fails (f, 2, "magic", "ddim", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cli/upscale/" name, CliFixture, NULL, cli_set_up, function, cli_tear_down)
  ADD ("one-pass", test_one_pass);
  ADD ("not-taken", test_not_taken);
  ADD ("too-large", test_upscale_too_large);
  return g_test_run ();
}
