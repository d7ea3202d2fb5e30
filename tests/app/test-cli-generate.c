/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * "limn generate", and what the command line says of models, driven as a person in a shell does it.
 */
#include <string.h>

#include <glib/gstdio.h>

#include "app/limn-image-file.h"
#include "tests/app/cli-fixture.h"

/* Models of random numbers: one that takes a prompt, one that takes a map of labels. */
#define LABELS "K2-semantic"

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);
}

static void
use_fixtures (CliFixture *f)
{
  f->models = fixture (".");
}

static char *
hash_file (const char *path)
{
  g_autoptr (LimnImage) image = cli_read (path);

  return limn_image_hash (image);
}

/* The file in @path that the last result was told is deleted; the history's copy, at the place it says, makes
 * the same picture again. @output: what that was. Then the model's arguments, NULL-terminated. */
static void
again_without_file (CliFixture *f, const char *option, const char *path, const char *output,
                    const char *model_option, const char *model)
{
  g_autofree char *before = hash_file (output), *after = NULL, *kept = NULL, *seed = NULL;
  const char *at;

  g_assert_cmpint (g_remove (path), ==, 0);
  cli_run (f, "history", "show", "1", NULL);
  cli_assert_ok (f);
  at = strstr (f->out, "Kept as");
  g_assert_nonnull (at);
  at += strlen ("Kept as");
  kept = g_strstrip (g_strndup (at, strcspn (at, "\n")));
  g_assert_true (g_file_test (kept, G_FILE_TEST_IS_REGULAR));
  /* The command that is shown names the copy, too. */
  at = strstr (f->out, "Again:");
  g_assert_nonnull (at);
  g_assert_nonnull (strstr (at, kept));
  at = strstr (at, "--seed ");
  g_assert_nonnull (at);
  at += strlen ("--seed ");
  seed = g_strndup (at, strcspn (at, " "));
  cli_run (f, "generate", model_option, model, option, kept, "--seed", seed, "--steps", "2", "-o",
           output, NULL);
  cli_assert_ok (f);
  after = hash_file (output);
  g_assert_cmpstr (before, ==, after);
}

/* Several pictures have seeds that follow each other, and the names that were asked for, numbered.
 */
static void
test_prompt (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *named = cli_path (f, "sea.png"), *single = cli_path (f, "single.png");
  g_autofree char *first = cli_path (f, "sea-1.png"), *second = cli_path (f, "sea-2.png");
  g_autofree char *a = NULL, *b = NULL, *c = NULL;
  g_autoptr (LimnImage) image = NULL;

  use_fixtures (f);
  cli_run (f, "generate", "--model", model, "--prompt", "a calm sea", "--negative", "boats",
           "--size", "50x34", "--count", "2", "--seed", "7", "--steps", "2", "-o", named, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, first));
  g_assert_nonnull (strstr (f->out, second));
  image = cli_read (second);
  g_assert_cmpint (image->width, ==, 50);
  g_assert_cmpint (image->height, ==, 34);
  cli_run (f, "generate", "--model", model, "--prompt", "a calm sea", "--negative", "boats",
           "--size", "50x34", "--seed", "8", "--steps", "2", "--threads", "1", "-o", single, NULL);
  cli_assert_ok (f);
  a = hash_file (first);
  b = hash_file (second);
  c = hash_file (single);
  g_assert_cmpstr (a, !=, b);
  g_assert_cmpstr (b, ==, c);

  cli_run (f, "history", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "generate"));
  g_assert_nonnull (strstr (f->out, "a calm sea"));
  cli_run (f, "history", "show", "2", "-o", single, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "limn generate --prompt 'a calm sea' --negative 'boats'"));
  g_assert_nonnull (strstr (f->out, "--size 50x34 --seed 8"));
  g_free (c);
  c = hash_file (single);
  g_assert_cmpstr (b, ==, c);
}

/* LoRA files change the picture by their weight, and are told again by the history. */
static void
test_lora (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *lora = fixture ("K6-lora/lora_kohya.safetensors"),
                  *output = cli_path (f, "sea.png");
  g_autofree char *half = g_strconcat (lora, ":0.5", NULL), *none = g_strconcat (lora, ":0", NULL);
  g_autofree char *far = g_strconcat (lora, ":1000", NULL);
  const char *const loras[] = { lora, half, none };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *plain = NULL;

  cli_run (f, "generate", "--model", model, "--prompt", "x", "--size", "32x32", "--steps", "1",
           "--seed", "1", "-o", output, NULL);
  cli_assert_ok (f);
  plain = hash_file (output);
  for (gsize i = 0; i < G_N_ELEMENTS (loras); i++)
    {
      g_autofree char *hash = NULL;

      cli_run (f, "generate", "--model", model, "--prompt", "x", "--size", "32x32", "--steps", "1",
               "--seed", "1", "--lora", loras[i], "-o", output, NULL);
      cli_assert_ok (f);
      hash = hash_file (output);
      g_assert_cmpint (strcmp (hash, plain) == 0, ==, loras[i] == none);
      g_assert_true (g_hash_table_add (seen, g_steal_pointer (&hash)));
    }
  cli_run (f, "history", "show", "3", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--lora 'lora_kohya.safetensors:0.5'"));

  cli_run (f, "generate", "--model", model, "--lora", far, NULL);
  cli_assert_fails (f, 2, "lora_kohya.safetensors", "100", NULL);
  cli_run (f, "generate", "--model", model, "--lora", "missing.safetensors", NULL);
  cli_assert_fails (f, 1, "missing.safetensors", NULL);
  cli_run (f, "generate", "--model", model, "--lora", model, NULL);
  cli_assert_fails (f, 1, "sd1-tiny.safetensors", NULL);
}

/* A map of labels: its size is the picture's, and it stays in the history. */
static void
test_labels (CliFixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) map = limn_image_new (40, 24, 1, NULL), result = NULL;
  g_autoptr (LimnImage) colour = limn_image_new (8, 8, 3, NULL);
  g_autofree char *path = cli_path (f, "map.png"), *output = cli_path (f, "beach.png");
  g_autofree char *coloured = cli_path (f, "colour.png");

  use_fixtures (f);
  for (int i = 0; i < 40 * 24; i++)
    map->pixels[i] = (guint8)(i / 100);
  cli_write (f, "map.png", map);
  cli_run (f, "generate", "--model", LABELS, "--labels", path, "--steps", "2", "-o", output, NULL);
  cli_assert_ok (f);
  result = cli_read (output);
  g_assert_cmpint (result->width, ==, 40);
  g_assert_cmpint (result->height, ==, 24);
  cli_run (f, "history", "show", "1", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "map.png"));
  again_without_file (f, "--labels", path, output, "--model", LABELS);

  map->pixels[43] = 200;
  cli_write (f, "map.png", map);
  cli_run (f, "generate", "--model", LABELS, "--labels", path, NULL);
  cli_assert_fails (f, 2, "200", "(at 3, 1)", "11", NULL);
  colour->pixels[5] = 9;
  cli_write (f, "colour.png", colour);
  cli_run (f, "generate", "--model", LABELS, "--labels", coloured, NULL);
  cli_assert_fails (f, 1, "colour.png", "grey", NULL);
}

/* Fresh noise in each step changes the picture and is told by the history; the model's own is the default. */
static void
test_eta (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *output = cli_path (f, "sea.png");
  const char *const etas[] = { NULL, "0", "0.5", "1" };
  char *hashes[G_N_ELEMENTS (etas)];

  for (gsize i = 0; i < G_N_ELEMENTS (etas); i++)
    {
      cli_run (f, "generate", "--model", model, "--prompt", "x", "--size", "32x32", "--steps", "3",
               "--seed", "1", "--sampler", "ddim", "-o", output, etas[i] != NULL ? "--eta" : NULL,
               etas[i], NULL);
      cli_assert_ok (f);
      hashes[i] = hash_file (output);
    }
  g_assert_cmpstr (hashes[0], ==, hashes[1]);
  g_assert_cmpstr (hashes[1], !=, hashes[2]);
  g_assert_cmpstr (hashes[2], !=, hashes[3]);
  for (gsize i = 0; i < G_N_ELEMENTS (etas); i++)
    g_free (hashes[i]);
  cli_run (f, "history", "show", "4", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--eta 1"));
  g_assert_null (strstr (f->out, "--guidance-rescale"));

  cli_run (f, "generate", "--model", model, "--eta", "2", NULL);
  cli_assert_fails (f, 2, "--eta", "0 to 1", NULL);
  cli_run (f, "generate", "--model", model, "--eta", "0.5", "--sampler", "dpmpp_2m", NULL);
  cli_assert_fails (f, 2, "dpmpp_2m", "eta", NULL);
  cli_run (f, "generate", "--model", model, "--guidance-rescale", "nan", NULL);
  cli_assert_fails (f, 2, "--guidance-rescale", NULL);
}

/* Fewer steps that run the whole network make another picture, whose command says so. */
static void
test_step_cache (CliFixture *f, gconstpointer data)
{
  const char *const values[] = { "1", "3" };
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *output = cli_path (f, "cached.png");
  char *hashes[G_N_ELEMENTS (values)];

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      cli_run (f, "generate", "--model", model, "--prompt", "a lighthouse", "--size", "64x64",
               "--steps", "4", "--seed", "1", "-o", output, "--step-cache", values[i], NULL);
      cli_assert_ok (f);
      hashes[i] = hash_file (output);
    }
  g_assert_cmpstr (hashes[0], !=, hashes[1]);
  cli_run (f, "history", "show", "1", NULL);
  g_assert_null (strstr (f->out, "--step-cache"));
  cli_run (f, "history", "show", "2", NULL);
  g_assert_nonnull (strstr (f->out, "--step-cache 3"));
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    g_free (hashes[i]);

  cli_run (f, "generate", "--model", model, "--prompt", "x", "--step-cache", "0", NULL);
  cli_assert_fails (f, 2, "--step-cache", "1 to 20", NULL);
  cli_run (f, "generate", "--model", model, "--prompt", "x", "--step-cache", "21", NULL);
  cli_assert_fails (f, 2, "--step-cache", "1 to 20", NULL);
}

/* The models that come with the program make no pictures from nothing. */
static void
test_no_model (CliFixture *f, gconstpointer data)
{
  g_autofree char *layout = fixture ("K3-layout");

  /* Said in our own words, not in the library's inside ours. */
  cli_run (f, "generate", "--model", layout, "--boxes", "missing.json", NULL);
  cli_assert_fails (f, 1, "There is no file “/", "missing.json”.", NULL);
  cli_run (f, "generate", "--prompt", "a lighthouse", NULL);
  cli_assert_fails (f, 1, "No model that is installed", "pictures from nothing", "--model", NULL);
  /* Nothing is listed where nothing is there. */
  cli_run (f, "generate", "--model", "magic", NULL);
  cli_assert_fails (f, 2, "magic", "none that is installed", NULL);
  g_assert_null (strstr (f->err, "These can"));
  g_assert_null (strstr (f->err, "limn-inpaint"));
}

static void
test_usage (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *nowhere = cli_path (f, "no/such/out.png");

  use_fixtures (f);
  cli_run (f, "generate", "a lighthouse", NULL);
  cli_assert_fails (f, 2, "a lighthouse", "--prompt", NULL);
  cli_run (f, "generate", "--model", model, "--class", "dog", NULL);
  cli_assert_fails (f, 2, "--class", "takes a prompt", NULL);
  cli_run (f, "generate", "--model", model, "--boxes", "missing.json", NULL);
  cli_assert_fails (f, 2, "--boxes", "takes a prompt", NULL);
  cli_run (f, "generate", "--model", model, "--embedding", "missing.safetensors", NULL);
  cli_assert_fails (f, 2, "--embedding", "takes a prompt", NULL);
  cli_run (f, "generate", "--model", LABELS, "--prompt", "x", NULL);
  cli_assert_fails (f, 2, "--prompt", "takes a map of labels", NULL);
  cli_run (f, "generate", "--model", LABELS, NULL);
  cli_assert_fails (f, 2, "needs a map of labels", NULL);
  cli_run (f, "generate", "--model", LABELS, "--labels", "missing.png", NULL);
  cli_assert_fails (f, 1, "missing.png", NULL);
  cli_run (f, "generate", "--model", LABELS, "--guidance", "3", NULL);
  cli_assert_fails (f, 2, "--guidance", NULL);
  cli_run (f, "generate", "--model", "E2-unet-bsr-sr", NULL);
  cli_assert_fails (f, 2, "E2-unet-bsr-sr", NULL);
  cli_run (f, "generate", "--model", model, "--size", "5", NULL);
  cli_assert_fails (f, 2, "“5” is not a size", NULL);
  cli_run (f, "generate", "--model", model, "--size", "0x7", NULL);
  cli_assert_fails (f, 2, "“0x7” is not a size", NULL);
  cli_run (f, "generate", "--model", model, "--size", "100000x64", NULL);
  cli_assert_fails (f, 2, "“100000x64”", "65535", NULL);
  cli_run (f, "generate", "--model", model, "--count", "0", NULL);
  cli_assert_fails (f, 2, "count", NULL);
  cli_run (f, "generate", "--model", model, "--guidance", "nan", NULL);
  cli_assert_fails (f, 2, "nan", "--guidance", NULL);
  cli_run (f, "generate", "--model", model, "--guidance", "99", NULL);
  cli_assert_fails (f, 2, "99", NULL);
  cli_run (f, "generate", "--model", model, "--steps", "0", NULL);
  cli_assert_fails (f, 2, "Steps", NULL);
  cli_run (f, "generate", "--model", model, "--seed", "x", NULL);
  cli_assert_fails (f, 2, "“x”", NULL);
  cli_run (f, "generate", "--model", model, "-o", nowhere, NULL);
  cli_assert_fails (f, 1, nowhere, NULL);
}

/* The parameters go with a JPEG, too: in its Exif UserComment, as UTF-16. */
static void
test_jpeg_text (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors"),
                  *output = cli_path (f, "sea.jpg"), *bytes = NULL;
  static const char wanted[] = "UNICODE\0\0s\0\xe9\0a\0\n\0S\0t\0e\0p\0s";
  g_autoptr (LimnImage) image = NULL;
  gboolean found = FALSE;
  gsize n;

  cli_run (f, "generate", "--model", model, "--prompt", "séa", "--size", "32x32", "--steps", "1",
           "-o", output, NULL);
  cli_assert_ok (f);
  image = cli_read (output);
  g_assert_cmpint (image->width, ==, 32);
  g_assert_true (g_file_get_contents (output, &bytes, &n, NULL));
  for (gsize i = 0; i + sizeof wanted <= n && !found; i++)
    found = memcmp (bytes + i, wanted, sizeof wanted - 1) == 0;
  g_assert_true (found);
}

/* Any file is described, with what it takes and its list of labels. */
static void
test_models (CliFixture *f, gconstpointer data)
{
  g_autofree char *model = fixture ("J-containers/sd1-tiny.safetensors");
  g_autofree char *text = cli_path (f, "text.safetensors");

  cli_run (f, "models", model, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "generate"));
  g_assert_nonnull (strstr (f->out, "a prompt"));
  g_assert_nonnull (strstr (f->out, "safetensors"));
  use_fixtures (f);
  cli_run (f, "models", LABELS, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "a map of labels"));
  g_assert_nonnull (strstr (f->out, "Labels"));
  g_assert_true (g_file_set_contents (text, "no model", -1, NULL));
  cli_run (f, "models", text, NULL);
  cli_assert_fails (f, 1, "text.safetensors", NULL);
}

/* A command's option without the command is not a question of the display. */
static void
test_forgotten_command (CliFixture *f, gconstpointer data)
{
  cli_run (f, f->photo, "--mask", f->mask, NULL);
  cli_assert_fails (f, 2, "--mask", "limn inpaint", NULL);
  g_assert_null (strstr (f->err, "display"));
  cli_run (f, "--factor=2", f->photo, NULL);
  cli_assert_fails (f, 2, "--factor", "limn upscale", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cli/" name, CliFixture, NULL, cli_set_up, function, cli_tear_down)
  ADD ("generate/prompt", test_prompt);
  ADD ("generate/lora", test_lora);
  ADD ("generate/labels", test_labels);
  ADD ("generate/eta", test_eta);
  ADD ("generate/step-cache", test_step_cache);
  ADD ("generate/no-model", test_no_model);
  ADD ("generate/usage", test_usage);
  ADD ("generate/jpeg-text", test_jpeg_text);
  ADD ("models-of-any-kind", test_models);
  ADD ("forgotten-command", test_forgotten_command);
  return g_test_run ();
}
