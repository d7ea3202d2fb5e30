/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The built program, driven as a person in a shell drives it.
 */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include "app/limn-image-file.h"
#include "engine/task/inpaint.h"
#include "tests/app/cli-fixture.h"

#define TINY "D-unet-crossattn-sd15-inpaint"

/* The models of random numbers: small, fast, and as good as any where it is not the picture that
 * counts. */
static void
use_tiny_models (CliFixture *f)
{
  f->models = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", NULL);
}

static void
inpaint_tiny (CliFixture *f, const char *output, const char *seed, const char *threads)
{
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "a calm sea", "--model", TINY,
           "--steps", "4", "--seed", seed, "--threads", threads, "-o", output, NULL);
}

static void
test_help (CliFixture *f, gconstpointer data)
{
  const char *const commands[] = { "inpaint", "generate", "upscale", "models", "history" };

  cli_run (f, "--help", NULL);
  cli_assert_ok (f);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_assert_nonnull (strstr (f->out, commands[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      cli_run (f, commands[i], "--help", NULL);
      cli_assert_ok (f);
      g_assert_nonnull (strstr (f->out, "Examples:"));
      cli_run (f, "help", commands[i], NULL);
      cli_assert_ok (f);
      g_assert_nonnull (strstr (f->out, "Examples:"));
    }
  cli_run (f, "--version", NULL);
  cli_assert_ok (f);
  g_assert_true (g_str_has_prefix (f->out, "Limn "));
}

static void
test_usage (CliFixture *f, gconstpointer data)
{
  f->models = g_strdup (f->folder);
  cli_run (f, "upscale", f->photo, NULL);
  cli_assert_fails (f, 1, "No model", NULL);
  g_clear_pointer (&f->models, g_free);
  use_tiny_models (f);
  cli_run (f, "inpant", f->photo, NULL);
  cli_assert_fails (f, 2, "inpant", NULL);
  cli_run (f, "inpaint", NULL);
  cli_assert_fails (f, 2, "photo", NULL);
  cli_run (f, "inpaint", f->photo, NULL);
  cli_assert_fails (f, 2, "--mask", NULL);
  cli_run (f, "inpaint", "no-such-photo.png", "--mask", f->mask, "--remove", NULL);
  cli_assert_fails (f, 1, "There is no file “/", "no-such-photo.png", NULL);
  /* What else would do is told, for a removal too. */
  cli_run (f, "inpaint", f->photo, "--prompt", "sea", NULL);
  cli_assert_fails (f, 2, "repainted", "--mask", "--expand", NULL);
  cli_run (f, "inpaint", f->photo, "--remove", NULL);
  cli_assert_fails (f, 2, "removed", "--mask", "--expand", NULL);
  cli_run (f, "inpaint", f->photo, "--expand", "10,20", NULL);
  cli_assert_fails (f, 2, "“10,20” does not say", "0,0,400,0", NULL);
  cli_run (f, "inpaint", f->photo, f->photo, "--mask", f->mask, NULL);
  cli_assert_fails (f, 2, "photo.png", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--wings", NULL);
  cli_assert_fails (f, 2, "--wings", "inpaint --help", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--steps", "1000", NULL);
  cli_assert_fails (f, 2, "1000", "200", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--steps", "many", NULL);
  cli_assert_fails (f, 2, "many", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--guidance", "100", NULL);
  cli_assert_fails (f, 2, "100", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--strength", "-1", NULL);
  cli_assert_fails (f, 2, "-1", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--seed", "-3", NULL);
  cli_assert_fails (f, 2, "-3", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--sampler", "magic", NULL);
  cli_assert_fails (f, 2, "magic", "ddim", "dpmpp_2m_karras", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", "magic", NULL);
  cli_assert_fails (f, 2, "magic", TINY, NULL);
  cli_run (f, "upscale", f->photo, "--factor", "3", NULL);
  cli_assert_fails (f, 2, "3", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--strength", "0", NULL);
  cli_assert_fails (f, 2, "Strength", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--strength", "nan", NULL);
  cli_assert_fails (f, 2, "nan", "--strength", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--guidance", "nan", NULL);
  cli_assert_fails (f, 2, "nan", "--guidance", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--guidance", "3x", NULL);
  cli_assert_fails (f, 2, "3x", "--guidance", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--steps", "0", NULL);
  cli_assert_fails (f, 2, "Steps", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--threads", "-1", NULL);
  cli_assert_fails (f, 2, "--threads", "-1", NULL);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--memory", "12x", NULL);
  cli_assert_fails (f, 2, "12x", "800M", NULL);
  cli_run (f, "upscale", f->photo, "--memory", "-1G", NULL);
  cli_assert_fails (f, 2, "-1G", "800M", NULL);
  cli_run (f, "generate", "--memory", "nanG", NULL);
  cli_assert_fails (f, 2, "nanG", NULL);
  cli_run (f, "history", "burn", NULL);
  cli_assert_fails (f, 2, "show", NULL);
}

/* A display is needed for the window alone, and that is said. */
static void
test_no_display (CliFixture *f, gconstpointer data)
{
  cli_run (f, "photo.png", NULL);
  cli_assert_fails (f, 1, "display", "limn inpaint", NULL);
  cli_run (f, "photo.png", "--foo", NULL);
  cli_assert_fails (f, 2, "--foo", "limn --help", NULL);
  g_assert_null (strstr (f->err, "display"));
  cli_run (f, "--sample", "--", "--foo", NULL);
  cli_assert_fails (f, 1, "display", NULL);
}

/* What lies beyond the rim is the photo's, to the bit; what is masked is not. */
static void
assert_exact_outside (CliFixture *f, const char *result, float rim)
{
  g_autoptr (LimnImage) before = cli_read (f->photo), after = cli_read (result),
                        mask = cli_read (f->mask);
  int changed = 0, kept = 0;

  g_assert_cmpint (before->width, ==, after->width);
  g_assert_cmpint (before->height, ==, after->height);
  for (int y = 0; y < before->height; y++)
    for (int x = 0; x < before->width; x++)
      {
        const guint8 *a = limn_image_row (before, y) + 3 * x,
                     *b = limn_image_row (after, y) + 3 * x;
        int dx = MAX (MAX (90 - x, x - 109), 0), dy = MAX (MAX (70 - y, y - 84), 0);

        if (hypot (dx, dy) >= rim)
          {
            g_assert_cmpmem (a, 3, b, 3);
            kept++;
          }
        if (limn_image_row (mask, y)[3 * x] == 255)
          changed += memcmp (a, b, 3) != 0;
      }
  g_assert_cmpint (kept, >, 1000);
  g_assert_cmpint (changed, >, 200);
}

static float
planned_rim (CliFixture *f)
{
  g_autofree char *path = g_build_filename (f->models, TINY, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  g_autoptr (LimnImage) photo = cli_read (f->photo);
  g_autoptr (GFile) file = g_file_new_for_path (f->mask);
  g_autoptr (LimnImage) mask = limn_mask_file_read (file, NULL, NULL);
  LimnInpaintParams params;
  LimnInpaintPlan plan;

  g_assert_no_error (error);
  limn_inpaint_params_init (&params, model);
  limn_inpaint_plan (model, photo, mask, &params, &plan, &error);
  g_assert_no_error (error);
  return plan.grow + plan.feather / 2.0f;
}

static void
test_exact (CliFixture *f, gconstpointer data)
{
  g_autofree char *result = cli_path (f, "result.png");

  use_tiny_models (f);
  inpaint_tiny (f, result, "5", "2");
  cli_assert_ok (f);
  g_assert_cmpstr (g_strstrip (f->out), ==, result);
  assert_exact_outside (f, result, planned_rim (f));
}

static char *
hash_file (const char *path)
{
  g_autoptr (LimnImage) image = cli_read (path);

  return limn_image_hash (image);
}

static void
test_deterministic (CliFixture *f, gconstpointer data)
{
  const char *const runs[][2] = { { "7", "1" }, { "7", "2" }, { "7", "4" }, { "8", "2" } };
  g_autofree char *result = cli_path (f, "result.png");
  g_autofree char *first = NULL;

  use_tiny_models (f);
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *hash = NULL;

      inpaint_tiny (f, result, runs[i][0], runs[i][1]);
      cli_assert_ok (f);
      hash = hash_file (result);
      if (first == NULL)
        first = g_steal_pointer (&hash);
      else if (i < 3)
        g_assert_cmpstr (hash, ==, first);
      else
        g_assert_cmpstr (hash, !=, first);
    }
}

/* Less memory gives the same; too little is refused. */
static void
test_memory (CliFixture *f, gconstpointer data)
{
  const char *const amounts[] = { "1000000000", "90M", "90000K", "88.5MiB", "1T" };
  g_autofree char *result = cli_path (f, "result.png");
  g_autofree char *first = NULL;

  use_tiny_models (f);
  inpaint_tiny (f, result, "7", "2");
  cli_assert_ok (f);
  first = hash_file (result);
  for (gsize i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autofree char *hash = NULL;

      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "a calm sea", "--model", TINY,
               "--steps", "4", "--seed", "7", "--memory", amounts[i], "-o", result, NULL);
      cli_assert_ok (f);
      hash = hash_file (result);
      g_assert_cmpstr (hash, ==, first);
    }
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--memory", "20MB", NULL);
  cli_assert_fails (f, 1, "may be used", "20", NULL);
}

static void
test_metadata (CliFixture *f, gconstpointer data)
{
  g_autofree char *result = cli_path (f, "result.png");
  g_autoptr (GFile) file = g_file_new_for_path (result);
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) image = NULL;
  const char *text;

  use_tiny_models (f);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "stürmische See 🌊", "--negative",
           "boats", "--model", TINY, "--steps", "4", "--seed", "18446744073709551615", "--guidance",
           "2.5", "-o", result, NULL);
  cli_assert_ok (f);
  image = limn_image_file_read (file, &meta, NULL, NULL);
  g_assert_nonnull (image);
  g_assert_nonnull (meta->text);
  text = g_hash_table_lookup (meta->text, "parameters");
  g_assert_nonnull (text);
  g_assert_true (
      g_str_has_prefix (text, "stürmische See 🌊\nNegative prompt: boats\nSteps: 4, Sampler: "));
  g_assert_nonnull (strstr (text, "CFG scale: 2.5"));
  g_assert_nonnull (strstr (text, "Seed: 18446744073709551615"));
  g_assert_nonnull (strstr (text, "Size: 200x150"));
  g_assert_nonnull (strstr (text, "Model: " TINY));
  g_assert_nonnull (strstr (text, "Version: Limn "));
  g_assert_nonnull (g_hash_table_lookup (meta->text, "limn"));
}

/* Without -o nothing is ever replaced; with it, what was named is. */
static void
test_output_names (CliFixture *f, gconstpointer data)
{
  const char *const names[] = { "photo-limn.png", "photo-limn-2.png", "photo-limn-3.png" };
  g_autofree char *jpeg = cli_path (f, "named.jpg"), *nowhere = cli_path (f, "no/such/folder.png");
  g_autofree char *odd = cli_path (f, "result.xyz");

  use_tiny_models (f);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = cli_path (f, names[i]);

      cli_run (f, "inpaint", f->photo, "-m", f->mask, "-p", "x", "--model", TINY, "--steps", "1",
               NULL);
      cli_assert_ok (f);
      g_assert_cmpstr (g_strstrip (f->out), ==, path);
      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_true (g_file_set_contents (jpeg, "old", -1, NULL));
  inpaint_tiny (f, jpeg, "1", "2");
  cli_assert_ok (f);
  g_clear_pointer (&f->out, g_free);
  g_assert_true (g_file_get_contents (jpeg, &f->out, NULL, NULL));
  g_assert_cmpint ((guchar)f->out[0], ==, 0xff);
  inpaint_tiny (f, nowhere, "1", "2");
  cli_assert_fails (f, 1, nowhere, NULL);
  /* Told before the work, not after it. */
  g_assert_null (strstr (f->err, "Repainting"));
  inpaint_tiny (f, odd, "1", "2");
  cli_assert_fails (f, 1, odd, NULL);
  g_assert_null (strstr (f->err, "Repainting"));
}

static void
inpaint_files (CliFixture *f, const char *photo, const char *mask)
{
  cli_run (f, "inpaint", photo, "--mask", mask, "--prompt", "x", "--model", TINY, "--steps", "1",
           NULL);
}

/* Cuts the file @name off after @share of it. */
static char *
truncated (CliFixture *f, const char *name, double share)
{
  g_autofree char *from = cli_path (f, name), *cut = g_strconcat ("cut-", name, NULL),
                  *bytes = NULL;
  char *to = cli_path (f, cut);
  gsize n;

  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize)(n * share), NULL));
  return to;
}

static void
test_bad_pictures (CliFixture *f, gconstpointer data)
{
  g_autofree char *text = cli_path (f, "text.png"), *missing = cli_path (f, "missing.png"),
                  *png = NULL, *jpeg = NULL;
  g_autofree char *empty = cli_path (f, "empty.png"), *small = cli_path (f, "small.png"),
                  *black = cli_path (f, "black.png");
  g_autoptr (LimnImage) photo = cli_read (f->photo), mask = limn_image_new (200, 150, 1, NULL);
  g_autoptr (LimnImage) little = limn_image_new (10, 20, 1, NULL);

  use_tiny_models (f);
  g_file_set_contents (text, "no picture at all\n", -1, NULL);
  g_file_set_contents (empty, "", 0, NULL);
  cli_write (f, "photo.jpg", photo);
  cli_write (f, "black.png", mask);
  memset (little->pixels, 255, 200);
  cli_write (f, "small.png", little);
  png = truncated (f, "photo.png", 0.5);
  jpeg = truncated (f, "photo.jpg", 0.5);

  inpaint_files (f, missing, f->mask);
  cli_assert_fails (f, 1, "missing.png", NULL);
  inpaint_files (f, f->folder, f->mask);
  cli_assert_fails (f, 1, "limn-cli-", NULL);
  inpaint_files (f, text, f->mask);
  cli_assert_fails (f, 1, "text.png", NULL);
  inpaint_files (f, empty, f->mask);
  cli_assert_fails (f, 1, "empty.png", NULL);
  inpaint_files (f, png, f->mask);
  cli_assert_fails (f, 1, "cut-photo.png", NULL);
  inpaint_files (f, jpeg, f->mask);
  cli_assert_fails (f, 1, "cut-photo.jpg", NULL);
  inpaint_files (f, f->photo, text);
  cli_assert_fails (f, 1, "text.png", NULL);
  inpaint_files (f, f->photo, small);
  cli_assert_fails (f, 1, "small.png", "10 × 20", "200 × 150", NULL);
  inpaint_files (f, f->photo, black);
  cli_assert_fails (f, 1, "black.png", "empty", NULL);
}

/* Unusual pictures are no failures: they come back in their own size, and with their alpha. */
static void
test_odd_pictures (CliFixture *f, gconstpointer data)
{
  const struct
  {
    int width, height, channels;
  } cases[] = { { 1, 1, 3 }, { 7, 3, 4 }, { 33, 90, 1 }, { 3000, 2, 3 } };

  use_tiny_models (f);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LimnImage) photo
          = limn_image_new (cases[i].width, cases[i].height, cases[i].channels, NULL);
      g_autoptr (LimnImage) mask = limn_image_new (cases[i].width, cases[i].height, 1, NULL),
                            result = NULL;
      g_autofree char *photo_path = cli_path (f, "odd.png"),
                      *mask_path = cli_path (f, "odd-mask.png");
      g_autofree char *output = cli_path (f, "odd-result.png");

      memset (photo->pixels, 100, photo->stride * (gsize)photo->height);
      mask->pixels[0] = 255;
      cli_write (f, "odd.png", photo);
      cli_write (f, "odd-mask.png", mask);
      cli_run (f, "inpaint", photo_path, "--mask", mask_path, "--model", TINY, "--steps", "1", "-o",
               output, NULL);
      cli_assert_ok (f);
      result = cli_read (output);
      g_assert_cmpint (result->width, ==, cases[i].width);
      g_assert_cmpint (result->height, ==, cases[i].height);
      g_assert_cmpint (result->channels, ==, MAX (cases[i].channels, 3));
    }
}

static void
test_prompts (CliFixture *f, gconstpointer data)
{
  g_autofree char *long_prompt = g_strnfill (10000, 'a'), *result = cli_path (f, "result.png");
  const char *const prompts[] = { long_prompt, "", "🌊🏖️👩‍👩‍👧", "a\nb\tc",
                                  "\"'; DROP TABLE history; --" };

  use_tiny_models (f);
  for (int i = 100; i < 10000; i += 6)
    long_prompt[i] = ' ';
  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    {
      cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", prompts[i], "--model", TINY,
               "--steps", "1", "-o", result, NULL);
      cli_assert_ok (f);
      g_assert_cmpint (strstr (f->err, "longer") != NULL, ==, i == 0);
    }
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--model", TINY, "--steps", "1", "-o", result,
           NULL);
  cli_assert_ok (f);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "\xff\xfe", "--model", TINY,
           NULL);
  cli_assert_fails (f, 2, "UTF-8", NULL);
}

static void
test_history (CliFixture *f, gconstpointer data)
{
  g_autofree char *result = cli_path (f, "result.png"), *again = cli_path (f, "again.png");
  g_autofree char *first = NULL, *second = NULL;

  use_tiny_models (f);
  cli_run (f, "history", NULL);
  cli_assert_ok (f);
  inpaint_tiny (f, result, "12345", "2");
  cli_assert_ok (f);
  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "green hills", "--model", TINY,
           "--steps", "1", NULL);
  cli_assert_ok (f);
  cli_run (f, "history", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "a calm sea"));
  g_assert_nonnull (strstr (f->out, "12345"));
  g_assert_nonnull (strstr (f->out, "green hills"));
  cli_run (f, "history", "--search", "sea", NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "a calm sea"));
  g_assert_null (strstr (f->out, "green hills"));
  cli_run (f, "history", "--limit", "1", NULL);
  cli_assert_ok (f);
  g_assert_null (strstr (f->out, "a calm sea"));

  cli_run (f, "history", "show", "1", "-o", again, NULL);
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->out, "--seed 12345"));
  g_assert_nonnull (strstr (f->out, "photo.png"));
  first = hash_file (result);
  second = hash_file (again);
  g_assert_cmpstr (first, ==, second);
  cli_run (f, "history", "show", "99", NULL);
  cli_assert_fails (f, 1, "99", NULL);
}

/* Ctrl+C: a clear word, no file, nothing in the history. */
static void
test_interrupt (CliFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *result = cli_path (f, "result.png");
  g_autoptr (GError) error = NULL;
  gboolean sent = FALSE;
  char *line;

  use_tiny_models (f);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", f->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "LIMN_MODELS_DIR", f->models, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("LIMN_PROGRAM"), "inpaint",
                                         f->photo, "--mask", f->mask, "--model", TINY, "--steps",
                                         "200", "-o", result, NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
    {
      if (!sent && strstr (line, "step") != NULL)
        {
          g_subprocess_send_signal (process, SIGINT);
          sent = TRUE;
        }
      g_free (line);
    }
  g_assert_true (sent);
  g_subprocess_wait (process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 130);
  g_assert_false (g_file_test (result, G_FILE_TEST_EXISTS));
  cli_run (f, "history", NULL);
  cli_assert_ok (f);
  g_assert_null (strstr (f->out, "inpaint "));
}

/* Any write beyond 100 kB fails, as on a full disk. */
static void
limit_file_size (gpointer user_data)
{
  const struct rlimit limit = { 100000, 100000 };

  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &limit);
}

/* What was there before stays, and nothing half-written is left beside it. */
static void
test_full_disk (CliFixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) noise = limn_image_new (400, 300, 3, NULL),
                        mask = limn_image_new (400, 300, 1, NULL);
  g_autofree char *photo = cli_path (f, "noise.png"), *mask_path = cli_path (f, "noise-mask.png");
  g_autofree char *folder = cli_path (f, "out"),
                  *result = g_build_filename (folder, "result.png", NULL);
  const char *const arguments[] = { "limn", "inpaint", photo, "--mask", mask_path, "--model",
                                    TINY,   "--steps", "1",   "-o",     result,    NULL };
  g_autofree char *content = NULL;
  g_autoptr (GDir) dir = NULL;
  int n_files = 0;

  use_tiny_models (f);
  for (int i = 0; i < 400 * 300 * 3; i++)
    noise->pixels[i] = (guint8)g_test_rand_int_range (0, 256);
  mask->pixels[400 * 150 + 200] = 255;
  cli_write (f, "noise.png", noise);
  cli_write (f, "noise-mask.png", mask);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (result, "precious", -1, NULL));
  cli_run_with (f, limit_file_size, arguments);
  cli_assert_fails (f, 1, "result.png", NULL);
  g_assert_true (g_file_get_contents (result, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "precious");
  dir = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n_files++;
  g_assert_cmpint (n_files, ==, 1);
}

/* A history that cannot be written costs the history, not the result. */
static void
test_no_history (CliFixture *f, gconstpointer data)
{
  g_autofree char *in_the_way = cli_path (f, "limn"), *result = cli_path (f, "result.png");

  use_tiny_models (f);
  g_assert_true (g_file_set_contents (in_the_way, "a file where the folder should be", -1, NULL));
  inpaint_tiny (f, result, "1", "2");
  cli_assert_ok (f);
  g_assert_nonnull (strstr (f->err, "history"));
  g_assert_true (g_file_test (result, G_FILE_TEST_EXISTS));
  /* What cannot be read is not called empty. */
  cli_run (f, "history", NULL);
  cli_assert_fails (f, 1, "history", NULL);
  g_assert_cmpstr (f->out, ==, "");
}

#ifndef __SANITIZE_ADDRESS__
static void
limit_memory (gpointer user_data)
{
  const struct rlimit limit = { 700000000, 700000000 };

  setrlimit (RLIMIT_AS, &limit);
}

/* Refused before anything is computed, with what would fit. */
static void
test_no_memory (CliFixture *f, gconstpointer data)
{
  g_autoptr (LimnImage) wide = limn_image_new (12000, 500, 3, NULL);
  g_autofree char *path = cli_path (f, "wide.png");
  const char *const arguments[]
      = { "limn", "upscale", path, "--model", "limn-upscale", "--threads", "1", NULL };

  cli_write (f, "wide.png", wide);
  cli_run_with (f, limit_memory, arguments);
  cli_assert_fails (f, 1, "memory", "would fit", NULL);
}
#endif

/* The models that come with Limn, without a word about them. */
static void
test_default_models (CliFixture *f, gconstpointer data)
{
  g_autofree char *result = cli_path (f, "result.png"), *small = cli_path (f, "small.png"),
                  *large = cli_path (f, "large.png");
  g_autoptr (LimnImage) little = limn_image_new (9, 5, 4, NULL);

  cli_run (f, "inpaint", f->photo, "--mask", f->mask, "--prompt", "blue sky", "--steps", "4",
           "--seed", "1", "-o", result, NULL);
  cli_assert_ok (f);
  assert_exact_outside (f, result, 60.0f);

  memset (little->pixels, 128, 9 * 5 * 4);
  cli_write (f, "small.png", little);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnImage) enlarged = NULL;

      /* The default one takes one look; the other one denoises. */
      if (i == 0)
        cli_run (f, "upscale", small, "--factor", "2", "-o", large, NULL);
      else
        cli_run (f, "upscale", small, "--model", "limn-upscale", "--factor", "2", "--steps", "2",
                 "-o", large, NULL);
      cli_assert_ok (f);
      enlarged = cli_read (large);
      g_assert_cmpint (enlarged->width, ==, 18);
      g_assert_cmpint (enlarged->height, ==, 10);
      g_assert_cmpint (enlarged->channels, ==, 4);
      for (int k = 3; k < 18 * 10 * 4; k += 4)
        g_assert_cmpint (ABS (enlarged->pixels[k] - 128), <=, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cli/" name, CliFixture, NULL, cli_set_up, function, cli_tear_down)
  ADD ("help", test_help);
  ADD ("usage", test_usage);
  ADD ("no-display", test_no_display);
  ADD ("exact-outside", test_exact);
  ADD ("deterministic", test_deterministic);
  ADD ("memory", test_memory);
  ADD ("metadata", test_metadata);
  ADD ("output-names", test_output_names);
  ADD ("bad-pictures", test_bad_pictures);
  ADD ("odd-pictures", test_odd_pictures);
  ADD ("prompts", test_prompts);
  ADD ("history", test_history);
  ADD ("interrupt", test_interrupt);
  ADD ("full-disk", test_full_disk);
  ADD ("no-history", test_no_history);
#ifndef __SANITIZE_ADDRESS__
  ADD ("no-memory", test_no_memory);
#endif
  ADD ("default-models", test_default_models);
  return g_test_run ();
}
