/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the built program says of models, whole and damaged.
 */
#include <string.h>

#include <glib/gstdio.h>

#include "tests/app/cli-fixture.h"

#define TINY "D-unet-crossattn-sd15-inpaint"

static void
test_models (CliFixture *f, gconstpointer data)
{
  cli_run (f, "models", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "limn-inpaint"));
  g_assert_nonnull (strstr (f->out, "limn-upscale"));
  cli_run (f, "models", "limn-inpaint", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "inpaint"));
  cli_run (f, "models", "no-such-model", NULL);
  cli_assert_fails (f, 1, "no-such-model", NULL);
}

/* What is no model is named in quotes, and a sentence says why: a file, one in a folder, a LoRA file. */
static void
test_no_model (CliFixture *f, gconstpointer data)
{
  g_autofree char *text = cli_path (f, "text.png"), *folder = cli_path (f, "empty");
  g_autofree char *told = g_strdup_printf ("limn: “%s”: too short for a model (6 bytes).\n", text),
                  *told_folder = g_strdup_printf ("limn: “%s”: there are no weights", folder);

  g_assert_true (g_file_set_contents (text, "hello\n", -1, NULL));
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  cli_run (f, "models", text, NULL);
  cli_assert_fails (f, 1, told, NULL);
  cli_run (f, "models", folder, NULL);
  cli_assert_fails (f, 1, told_folder, NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", text, NULL);
  cli_assert_fails (f, 1, told, NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--lora", text, NULL);
  cli_assert_fails (f, 1, told, NULL);
}

/* A copy of the tiny model in the person's folder, its weights changed by @damage. */
static void
install_damaged (CliFixture *f, const char *name, void (*damage) (char *bytes, gsize *n))
{
  g_autofree char *folder = g_build_filename (f->folder, "limn", "models", name, NULL);
  g_autofree char *from
      = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", TINY, NULL);
  const char *const files[] = { "config.yaml", "text_encoder_config.json", "model.safetensors" };
  g_autofree char *tokenizer = g_build_filename (from, "tokenizer", NULL),
                  *link = g_build_filename (folder, "tokenizer", NULL);
  g_autoptr (GFile) link_file = g_file_new_for_path (link);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_make_symbolic_link (link_file, tokenizer, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *source = g_build_filename (from, files[i], NULL),
                      *to = g_build_filename (folder, files[i], NULL);
      g_autofree char *bytes = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (source, &bytes, &n, NULL));
      if (g_str_has_suffix (files[i], ".safetensors"))
        damage (bytes, &n);
      g_assert_true (g_file_set_contents (to, bytes, (gssize)n, NULL));
    }
}

static void
cut_off (char *bytes, gsize *n)
{
  *n /= 2;
}

/* Every 16-bit number of the second half of the file becomes a NaN. */
static void
fill_with_nan (char *bytes, gsize *n)
{
  memset (bytes + *n / 2, 0xff, *n - *n / 2);
}

/* The first convolution's [32,9,3,3] turns into [9,32,3,3] in the header: the same bytes, another
 * shape. */
static void
change_shape (char *bytes, gsize *n)
{
  /* The header follows its length, eight bytes with zeros in them. */
  char *at = g_strstr_len (bytes + 8, (gssize)*n - 8, "[32,9,3,3]");

  g_assert_nonnull (at);
  memcpy (at, "[9,32,3,3]", 10);
}

static void
test_damaged_models (CliFixture *f, gconstpointer data)
{
  const struct
  {
    const char *name;
    void (*damage) (char *bytes, gsize *n);
    const char *word;
  } cases[] = {
    { "cut-off", cut_off, "model.safetensors" },
    { "with-nan", fill_with_nan, "NaN" },
    { "wrong-shape", change_shape, "model.safetensors" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      install_damaged (f, cases[i].name, cases[i].damage);
      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", cases[i].name, "--steps", "1",
               NULL);
      cli_assert_fails (f, 1, cases[i].word, NULL);
      cli_run (f, "models", NULL);
      cli_assert_ok (f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/models/list", CliFixture, NULL, cli_set_up, test_models, cli_tear_down);
  g_test_add ("/cli/models/none", CliFixture, NULL, cli_set_up, test_no_model, cli_tear_down);
  g_test_add ("/cli/models/damaged", CliFixture, NULL, cli_set_up, test_damaged_models,
              cli_tear_down);
  return g_test_run ();
}
