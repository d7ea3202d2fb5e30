/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/model/model-private.h"
#include "tests/unit/tensor-testing.h"
#include "tests/unit/weights-testing.h"

#define FIXTURES "golden/fixtures/"
#define INPAINT FIXTURES "D-unet-crossattn-sd15-inpaint"
#define ORDINARY FIXTURES "J-containers/sd1-tiny.safetensors"
#define FIRST_STAGE FIXTURES "A-autoencoder-kl"
#define CONCAT FIXTURES "C-unet-concat"

static LimnModel *
open_fixture (const char *name)
{
  g_autofree char *path = test_fixture (name);
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void
test_inpaint_info (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  const LimnModelInfo *info = limn_model_get_info (model);
  int n;
  const float *alphas = limn_model_get_alphas_cumprod (model, &n);

  g_assert_cmpstr (info->id, ==, "D-unet-crossattn-sd15-inpaint");
  g_assert_cmpstr (info->name, ==, info->id);
  g_assert_cmpint (info->capabilities, ==, LIMN_CAN_INPAINT);
  g_assert_true (info->takes_prompt);
  g_assert_cmpint (info->latent_channels, ==, 4);
  g_assert_cmpint (info->latent_factor, ==, 2);
  g_assert_cmpint (info->unet_factor, ==, 2);
  g_assert_cmpint (info->native_size, ==, 64);
  g_assert_cmpint (info->upscale_factor, ==, 1);
  g_assert_cmpuint (info->file_bytes, ==, 2326390);
  g_assert_cmpint (info->n_parameters, >, 1000000);
  g_assert_cmpint (info->n_parameters, <, (gint64)info->file_bytes / 2);
  g_assert_cmpint (n, ==, 1000);
  g_assert_cmpfloat_with_epsilon (alphas[0], 0.99915f, 1e-6);
  g_assert_cmpfloat_with_epsilon (alphas[999], 0.00466f, 1e-4);
  g_assert_true (limn_model_check (model, NULL, NULL));
}

static void
test_ordinary_info (void)
{
  g_autoptr (LimnModel) model = open_fixture (ORDINARY);
  const LimnModelInfo *info = limn_model_get_info (model);

  g_assert_cmpstr (info->id, ==, "sd1-tiny");
  g_assert_cmpint (info->capabilities, ==, LIMN_CAN_GENERATE);
  g_assert_cmpint (info->latent_factor, ==, 4);
}

static void
test_first_stage_info (void)
{
  g_autoptr (LimnModel) model = open_fixture (FIRST_STAGE);
  g_auto (TestRun) test = { 0 };
  const float t[] = { 1 };
  LimnTensor x;

  g_assert_cmpint (limn_model_get_info (model)->capabilities, ==, 0);
  g_assert_null (limn_model_get_unet (model));
  g_assert_null (limn_model_get_tokenizer (model));
  test_run_init (&test, 1, NULL, NULL);
  x = limn_run_nhwc (&test.run, 1, 8, 8, 4);
  limn_model_predict (model, &test.run, &x, t, NULL);
  g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
}

/* Copies of the inpainting fixture with one thing changed. */
typedef struct
{
  const char *file; /* replaced or, without @contents, left out */
  const char *from, *to;
  const char *words;
  int code;
} Change;

static void
copy_fixture (const char *folder, const char *name, const Change *change)
{
  g_autofree char *from = g_build_filename (INPAINT, name, NULL);
  gsize size;
  g_autofree char *contents = test_read_fixture (from, &size);
  g_autofree char *path = NULL;

  if (!g_str_equal (change->file, name))
    path = test_write (folder, name, contents, size);
  else if (change->from != NULL)
    {
      /* Same length, so that it works in the header of a safetensors file too. */
      gsize length = strlen (change->from);
      gboolean found = FALSE;

      g_assert_cmpuint (strlen (change->to), ==, length);
      for (gsize i = 0; i + length <= size && !found; i++)
        if (memcmp (contents + i, change->from, length) == 0)
          {
            memcpy (contents + i, change->to, length);
            found = TRUE;
          }
      g_assert_true (found);
      path = test_write (folder, name, contents, size);
    }
}

static void
test_changed (void)
{
  static const char *const files[]
      = { "config.yaml", "model.safetensors", "text_encoder_config.json", "tokenizer/vocab.json",
          "tokenizer/merges.txt" };
  const Change rows[] = {
    { "config.yaml", NULL, NULL, "", -1 },
    { "model.safetensors", NULL, NULL, "model.safetensors", LIMN_ENGINE_ERROR_MISSING },
    { "config.yaml", "in_channels: 9", "in_channels: 8", "in_channels",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "config.yaml", "conditioning_key: hybrid", "conditioning_key: concat", "FrozenCLIPEmbedder",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "config.yaml", "__FROZEN__", "__FROZEN__", "", -1 },
    { "config.yaml", "model_channels: 32", "model_channels: 64", "model.diffusion_model.",
      LIMN_ENGINE_ERROR_SHAPE },
    { "config.yaml", "num_res_blocks: 1", "num_res_blocks: 2", "is missing",
      LIMN_ENGINE_ERROR_MISSING },
    { "model.safetensors", "model.diffusion_model.out.2.bias", "model.diffusion_model.out.2.bios",
      "out.2.bias", LIMN_ENGINE_ERROR_MISSING },
    { "text_encoder_config.json", "\"vocab_size\": 768", "\"vocab_size\": 700", "768 tokens",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "text_encoder_config.json", "\"hidden_size\": 48", "\"hidden_size\": 44", "embed",
      LIMN_ENGINE_ERROR_SHAPE },
    { "tokenizer/vocab.json", "{", "[", "vocab.json", LIMN_ENGINE_ERROR_BAD_FILE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnModel) model = NULL;
      Change change = rows[i];

      if (change.code < 0 && change.from != NULL)
        change.file = "";
      g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0700), ==, 0);
      for (gsize k = 0; k < G_N_ELEMENTS (files); k++)
        copy_fixture (folder, files[k], &change);
      model = limn_model_open (folder, NULL, &error);
      if (change.code < 0)
        g_assert_no_error (error);
      else
        {
          g_assert_null (model);
          g_test_message ("%s", error->message);
          g_assert_error (error, LIMN_ENGINE_ERROR, change.code);
          g_assert_nonnull (strstr (error->message, change.words));
          g_assert_nonnull (strstr (error->message, folder));
        }
      test_folder_free (folder);
    }
}

static void
test_unsupported (void)
{
  const struct
  {
    const char *name, *words;
    int code;
  } rows[] = {
    { FIXTURES "F-clip-text/gelu/model.safetensors", "neither", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { FIXTURES "G-tokenizer", "model.safetensors", LIMN_ENGINE_ERROR_MISSING },
    { FIXTURES "nothing", "no such", LIMN_ENGINE_ERROR_MISSING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = test_fixture (rows[i].name);
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_model_open (path, NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].words));
    }
}

/* latent-diffusion's inpainting: another convention than Stable Diffusion's. */
static void
test_ldm_inpainting (void)
{
  g_autoptr (LimnModel) model = open_fixture (CONCAT);
  const LimnModelInfo *info = limn_model_get_info (model);

  g_assert_cmpint (info->capabilities, ==, LIMN_CAN_INPAINT);
  g_assert_cmpint (info->takes, ==, LIMN_TAKES_MASK);
  g_assert_cmpint (info->inpaint_convention, ==, LIMN_INPAINT_LDM);
  g_assert_false (info->takes_prompt);
  g_assert_false (info->can_guide);
  g_assert_true (info->uses_ema);
  g_assert_null (info->missing);
}

/* A file without autoencoder and tokenizer opens, says so, and refuses what it cannot do. */
static void
test_missing (void)
{
  g_autoptr (LimnModel) model = open_fixture (FIXTURES "D2-unet-sd2");
  g_auto (TestRun) test = { 0 }, other = { 0 };
  LimnTensor x;

  g_assert_null (limn_model_get_autoencoder (model));
  g_assert_nonnull (strstr (limn_model_get_info (model)->missing, "autoencoder"));
  g_assert_cmpint (limn_model_get_info (model)->prediction, ==, LIMN_PREDICT_V);
  test_run_init (&test, 1, NULL, NULL);
  x = limn_run_nhwc (&test.run, 1, 8, 8, 4);
  x = limn_model_decode (model, &test.run, &x);
  g_assert_true (limn_tensor_is_empty (&x));
  g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
  test_run_init (&other, 1, NULL, NULL);
  x = limn_model_encode_prompt (model, &other.run, "a cat", NULL);
  g_assert_error (other.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
}

/* A weight that became NaN: the file opens, the check names the tensor. */
static void
test_nan (void)
{
  static const char name[] = "\"model.diffusion_model.out.2.weight\"";
  const Change none = { "" };
  char *folder = test_folder_new ();
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *path = NULL;
  gsize size;
  guint64 header;
  char *contents = test_read_fixture (INPAINT "/model.safetensors", &size), *entry;
  guint64 begin;
  g_autoptr (LimnModel) model = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (&header, contents, sizeof header);
  header = GUINT64_FROM_LE (header);
  entry = g_strstr_len (contents + 8, (gssize)header, name);
  g_assert_nonnull (entry);
  entry = strstr (entry, "data_offsets");
  begin = g_ascii_strtoull (strchr (entry, '[') + 1, NULL, 10);
  memset (contents + 8 + header + begin, 0xff, 2);

  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0700), ==, 0);
  copy_fixture (folder, "config.yaml", &none);
  copy_fixture (folder, "text_encoder_config.json", &none);
  copy_fixture (folder, "tokenizer/vocab.json", &none);
  copy_fixture (folder, "tokenizer/merges.txt", &none);
  path = test_write (folder, "model.safetensors", contents, size);
  model = limn_model_open (folder, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (limn_model_check (model, NULL, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
  g_assert_nonnull (strstr (error->message, "out.2.weight"));
  g_free (contents);
  test_folder_free (folder);
}

/* ---- Running --------------------------------------------------------------------------------- */

static void
assert_shape (const LimnTensor *x, gint64 n, gint64 h, gint64 w, gint64 c)
{
  g_assert_false (limn_tensor_is_empty (x));
  g_assert_cmpint (x->extent[0], ==, n);
  g_assert_cmpint (x->extent[1], ==, h);
  g_assert_cmpint (x->extent[2], ==, w);
  g_assert_cmpint (x->extent[3], ==, c);
}

static void
test_encode_decode (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) image = TEST_RANDOM (1, 1, 24, 16, 3);
  LimnTensor latent, moments, mean, decoded;
  float scale = (float)0.18215;

  test_run_init (&test, 2, NULL, NULL);
  latent = limn_model_encode (model, &test.run, &image);
  decoded = limn_model_decode (model, &test.run, &latent);
  g_assert_no_error (test.run.error);
  assert_shape (&latent, 1, 12, 8, 4);
  assert_shape (&decoded, 1, 24, 16, 3);

  /* The mean of the posterior, times the scale factor. */
  moments = limn_autoencoder_encode (limn_model_get_autoencoder (model), &test.run, &image);
  mean = limn_moments_mean (&test.run, &moments);
  for (gint64 i = 0; i < limn_tensor_count (&mean); i++)
    g_assert_cmpfloat (limn_tensor_f32 (&latent)[i], ==, limn_tensor_f32 (&mean)[i] * scale);
}

static void
test_prompt (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  g_auto (TestRun) test = { 0 };
  g_autoptr (GString) huge = g_string_new (NULL);
  LimnTensor cat, dog, none, again;
  int n_cut = -1;

  for (int i = 0; i < 10000; i++)
    g_string_append (huge, "\xf0\x9f\x90\xb6");
  test_run_init (&test, 2, NULL, NULL);
  cat = limn_model_encode_prompt (model, &test.run, "a cat", &n_cut);
  g_assert_cmpint (n_cut, ==, 0);
  dog = limn_model_encode_prompt (model, &test.run, "a dog", NULL);
  again = limn_model_encode_prompt (model, &test.run, "  A   CAT ", &n_cut);
  none = limn_model_encode_prompt (model, &test.run, "", &n_cut);
  g_assert_cmpint (n_cut, ==, 0);
  limn_model_encode_prompt (model, &test.run, huge->str, &n_cut);
  g_assert_cmpint (n_cut, >, 1000);
  g_assert_no_error (test.run.error);
  g_assert_cmpint (cat.extent[1], ==, 77);
  g_assert_cmpint (cat.extent[2], ==, 48);
  test_assert_same_bits ("blanks and case", &again, &cat);
  g_assert_true (limn_tensor_same_shape (&cat, &none));
  g_assert_cmpint (memcmp (cat.data, dog.data, limn_tensor_bytes (&cat)), !=, 0);
}

/* A prompt of any length, beside another one: as many tokens of both, the first chunk as it is on
 * its own, and what a shorter one lacks as empty prompts. */
static void
test_long_prompts (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  g_auto (TestRun) test = { 0 };
  g_autoptr (GString) words = g_string_new (NULL);
  LimnTensor wanted, unwanted, cat, none, first, second;
  int n_cut = -1;

  for (int i = 0; i < 100; i++)
    g_string_append (words, "a ");
  test_run_init (&test, 2, NULL, NULL);
  cat = limn_model_encode_prompt (model, &test.run, "a cat", NULL);
  none = limn_model_encode_prompt (model, &test.run, "", NULL);
  g_assert_true (
      limn_model_encode_prompts (model, &test.run, words->str, "a cat", &wanted, &unwanted, &n_cut));
  g_assert_cmpint (n_cut, ==, 0);
  g_assert_cmpint (wanted.extent[1], ==, 2 * 77);
  g_assert_true (limn_tensor_same_shape (&wanted, &unwanted));
  first = limn_tensor_3d (LIMN_DTYPE_F32, unwanted.data, 1, 77, 48);
  second = limn_tensor_3d (LIMN_DTYPE_F32, limn_tensor_f32 (&unwanted) + 77 * 48, 1, 77, 48);
  test_assert_close (&test.run, "first chunk", &first, &cat, 1e-6);
  test_assert_close (&test.run, "empty chunk", &second, &none, 1e-6);
  first = limn_model_encode_prompt (model, &test.run, words->str, &n_cut);
  g_assert_cmpint (n_cut, ==, 0);
  test_assert_same_bits ("alone", &first, &wanted);

  /* Emphasis changes what is emphasised, and everything else by the mean only. */
  first = limn_model_encode_prompt (model, &test.run, "a (cat:1.5)", NULL);
  second = limn_model_encode_prompt (model, &test.run, "(a cat:1)", NULL);
  test_assert_same_bits ("weight 1", &second, &cat);
  g_assert_true (limn_tensor_same_shape (&first, &cat));
  for (int token = 0; token < 2; token++)
    for (int i = 1; i < 48; i++)
      {
        const float *got = limn_tensor_f32 (&first) + token * 48;
        const float *plain = limn_tensor_f32 (&cat) + token * 48;

        g_assert_cmpfloat_with_epsilon (got[i] * plain[0], got[0] * plain[i], 1e-4);
      }
  g_assert_cmpint (memcmp (first.data, cat.data, limn_tensor_bytes (&cat)), !=, 0);
}

/* What unloading frees is made again, to the same bits. */
static void
test_unload (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (3, 1, 8, 8, 9);
  const float t[] = { 321.5f };
  LimnTensor context, first, second;

  test_run_init (&test, 2, NULL, NULL);
  context = limn_model_encode_prompt (model, &test.run, "a tree", NULL);
  first = limn_model_predict (model, &test.run, &x, t, &context);
  limn_model_unload (model);
  context = limn_model_encode_prompt (model, &test.run, "a tree", NULL);
  second = limn_model_predict (model, &test.run, &x, t, &context);
  g_assert_no_error (test.run.error);
  assert_shape (&first, 1, 8, 8, 4);
  test_assert_same_bits ("after unloading", &second, &first);
}

/* Sum of squares of the preview's error and of a plain grey's, over a decoded smooth latent. */
static void
test_preview (void)
{
  g_autoptr (LimnModel) model = open_fixture (ORDINARY);
  g_auto (TestRun) test = { 0 };
  LimnTensor latent, image, small, preview, again;
  double mean[3] = { 0 }, error = 0, spread = 0;

  test_run_init (&test, 2, NULL, NULL);
  latent = limn_run_nhwc (&test.run, 1, 15, 17, 4);
  for (int i = 0; i < 15 * 17 * 4; i++)
    limn_tensor_f32 (&latent)[i]
        = sinf (0.3f * (float)(i / 4 % 17) + (float)(i % 4)) + cosf (0.4f * (float)(i / 68));
  preview = limn_model_preview (model, &test.run, &latent);
  again = limn_model_preview (model, &test.run, &latent);
  image = limn_model_decode (model, &test.run, &latent);
  small = limn_resize (&test.run, &image, 15, 17, LIMN_RESIZE_AREA);
  g_assert_no_error (test.run.error);
  assert_shape (&preview, 1, 15, 17, 3);
  test_assert_same_bits ("the same map", &again, &preview);
  for (int i = 0; i < 15 * 17 * 3; i++)
    mean[i % 3] += limn_tensor_f32 (&small)[i] / (15 * 17);
  for (int i = 0; i < 15 * 17 * 3; i++)
    {
      error += pow (limn_tensor_f32 (&small)[i] - limn_tensor_f32 (&preview)[i], 2);
      spread += pow (limn_tensor_f32 (&small)[i] - mean[i % 3], 2);
    }
  g_test_message ("error %g, spread %g", error, spread);
  g_assert_cmpfloat (error, <, spread);
}

static void
test_cancelled_preview (void)
{
  g_autoptr (LimnModel) model = open_fixture (ORDINARY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (TestRun) stopped = { 0 };
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) latent = TEST_RANDOM (3, 1, 7, 3, 4);
  LimnTensor preview;

  g_cancellable_cancel (cancellable);
  test_run_init (&stopped, 1, NULL, cancellable);
  preview = limn_model_preview (model, &stopped.run, &latent);
  g_assert_true (limn_tensor_is_empty (&preview));
  g_assert_error (stopped.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Nothing half-made was kept. */
  test_run_init (&test, 1, NULL, NULL);
  preview = limn_model_preview (model, &test.run, &latent);
  g_assert_no_error (test.run.error);
  assert_shape (&preview, 1, 7, 3, 3);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Above what the networks are seen to take, and growing with the picture. */
static void
test_estimate (void)
{
  g_autoptr (LimnModel) model = open_fixture (INPAINT);
  const int sides[][2] = { { 32, 32 }, { 64, 48 }, { 96, 96 }, { 128, 96 } };
  gsize before = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_auto (TestRun) test = { 0 };
      g_auto (LimnTensor) image = TEST_RANDOM (1, 1, sides[i][1], sides[i][0], 3);
      g_auto (LimnTensor) x = TEST_RANDOM (3, 2, sides[i][1] / 2, sides[i][0] / 2, 9);
      const float t[] = { 1, 1 };
      LimnTensor context, latent;
      gsize estimate = limn_model_estimate_memory (model, sides[i][0], sides[i][1], TRUE);
      LimnArenaMark mark;

      test_run_init (&test, 2, NULL, NULL);
      mark = limn_run_mark (&test.run);
      latent = limn_model_encode (model, &test.run, &image);
      latent = limn_model_decode (model, &test.run, &latent);
      limn_run_release (&test.run, mark);
      context = limn_model_encode_prompt (model, &test.run, "x", NULL);
      context = limn_concat_batch (&test.run, &context, &context);
      limn_model_predict (model, &test.run, &x, t, &context);
      g_assert_no_error (test.run.error);
      g_test_message ("%dx%d: peak %zu, estimate %zu", sides[i][0], sides[i][1],
                      limn_arena_get_peak (test.arena), estimate);
      g_assert_cmpuint (estimate, >, limn_arena_get_peak (test.arena));
      g_assert_cmpuint (estimate, >, before);
      g_assert_cmpuint (estimate, >=,
                        limn_model_estimate_memory (model, sides[i][0], sides[i][1], FALSE));
      before = estimate;
    }
  /* Absurd sizes give absurd answers, not small ones. */
  g_assert_cmpuint (limn_model_estimate_memory (model, G_MAXINT, G_MAXINT, TRUE), >, G_MAXSIZE / 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/inpaint-info", test_inpaint_info);
  g_test_add_func ("/model/ordinary-info", test_ordinary_info);
  g_test_add_func ("/model/first-stage-info", test_first_stage_info);
  g_test_add_func ("/model/changed", test_changed);
  g_test_add_func ("/model/unsupported", test_unsupported);
  g_test_add_func ("/model/ldm-inpainting", test_ldm_inpainting);
  g_test_add_func ("/model/missing", test_missing);
  g_test_add_func ("/model/nan", test_nan);
  g_test_add_func ("/model/encode-decode", test_encode_decode);
  g_test_add_func ("/model/prompt", test_prompt);
  g_test_add_func ("/model/long-prompts", test_long_prompts);
  g_test_add_func ("/model/unload", test_unload);
  g_test_add_func ("/model/preview", test_preview);
  g_test_add_func ("/model/cancelled-preview", test_cancelled_preview);
  g_test_add_func ("/model/estimate", test_estimate);
  return g_test_run ();
}
