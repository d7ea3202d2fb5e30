/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What a file is, when nothing says so: against the same model with its config, and for files that
 * cannot be told, or are something else.
 */
#include <string.h>

#include <glib/gstdio.h>

#include "engine/model/model-private.h"
#include "tests/unit/tensor-testing.h"
#include "tests/unit/weights-testing.h"
#include "tests/unit/zoo-testing.h"

#define FIXTURES "golden/fixtures/"
#define SD1 FIXTURES "J-containers/"

static void
copy_file (const char *folder, const char *fixture, const char *name)
{
  gsize size;
  g_autofree char *contents = test_read_fixture (fixture, &size);
  g_autofree char *path = test_write (folder, name, contents, size);
}

static LimnModel *
open_alone (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static LimnTensor
evaluate (LimnModel *model, LimnRun *run)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, 8, 8, 4), context = TEST_RANDOM (2, 1, 9, 32);
  const float t[] = { 321 };

  return limn_model_predict (model, run, &x, t, &context);
}

static gboolean
has_note (const LimnModelInfo *info, const char *words)
{
  for (const char *const *note = info->notes; *note != NULL; note++)
    if (strstr (*note, words) != NULL)
      return TRUE;
  return FALSE;
}

/* The same numbers with and without its config. */
static void
test_single_file (void)
{
  char *folder = test_folder_new ();
  g_autofree char *described = test_fixture (SD1 "sd1-tiny.safetensors");
  g_autoptr (LimnModel) known = limn_model_open (described, NULL, NULL), told = NULL;
  g_auto (TestRun) test = { 0 };
  LimnTensor first, second;

  copy_file (folder, SD1 "sd1-tiny.safetensors", "some.safetensors");
  told = open_alone (folder, "some.safetensors");
  g_assert_nonnull (known);
  g_assert_cmpstr (limn_model_get_info (told)->id, ==, "some");
  g_assert_true (g_str_has_prefix (limn_model_get_info (told)->architecture, "Stable Diffusion 1"));
  g_assert_cmpstr (limn_model_get_info (told)->container, ==, "safetensors");
  g_assert_cmpstr (limn_model_get_info (told)->dialect, ==, "LDM");
  g_assert_cmpstr (limn_model_get_info (told)->weight_type, ==, "f32");
  g_assert_null (limn_model_get_info (told)->described_by);
  g_assert_cmpfloat (limn_model_get_info (told)->default_start, ==, 1);
  g_assert_cmpfloat (limn_model_get_info (told)->prompt_start, ==, 1);
  g_assert_nonnull (limn_model_get_info (known)->described_by);
  g_assert_true (has_note (limn_model_get_info (told), "Not one of the published models"));
  g_assert_cmpint (limn_model_get_info (told)->n_parameters, ==,
                   limn_model_get_info (known)->n_parameters);
  test_run_init (&test, 2, NULL, NULL);
  first = evaluate (known, &test.run);
  second = evaluate (told, &test.run);
  g_assert_no_error (test.run.error);
  test_assert_same_bits ("with and without config", &second, &first);
  test_folder_free (folder);
}

/* The folder's JSON files stand for the config.yaml. */
static void
test_diffusers (void)
{
  g_autofree char *described = test_fixture (SD1 "sd1-tiny.safetensors");
  g_autofree char *path = test_fixture (SD1 "diffusers");
  g_autofree char *index = g_build_filename (path, "model_index.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) known = limn_model_open (described, NULL, NULL);
  g_autoptr (LimnModel) folder = limn_model_open (path, NULL, &error), by_index = NULL;
  const LimnModelInfo *info;
  int n, m;
  const float *alphas, *wanted;

  g_assert_no_error (error);
  info = limn_model_get_info (folder);
  g_assert_cmpstr (info->id, ==, "diffusers");
  g_assert_cmpstr (info->container, ==, "diffusers folder");
  g_assert_cmpstr (info->dialect, ==, "diffusers");
  g_assert_cmpint (info->takes, ==, LIMN_TAKES_PROMPT);
  g_assert_null (info->missing);
  g_assert_cmpint (info->n_parameters, ==, limn_model_get_info (known)->n_parameters);
  g_assert_cmpfloat (info->scale_factor, ==, 0.18215f);
  g_assert_cmpint (limn_model_get_description (folder)->unet.num_heads, ==, 8);
  g_assert_cmpint (limn_model_get_description (folder)->text.num_attention_heads, ==, 2);
  alphas = limn_model_get_alphas_cumprod (folder, &n);
  wanted = limn_model_get_alphas_cumprod (known, &m);
  g_assert_cmpmem (alphas, (gsize)n * sizeof (float), wanted, (gsize)m * sizeof (float));
  by_index = limn_model_open (index, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (limn_model_get_info (by_index)->id, ==, "diffusers");
}

/* A JSON value changed, in the folder's unet, vae or scheduler. */
static void
test_diffusers_settings (void)
{
  static const char *const files[]
      = { "model_index.json",         "scheduler/scheduler_config.json",
          "text_encoder/config.json", "text_encoder/model.safetensors",
          "tokenizer/merges.txt",     "tokenizer/vocab.json",
          "unet/config.json",         "unet/diffusion_pytorch_model.safetensors",
          "vae/config.json",          "vae/diffusion_pytorch_model.safetensors" };
  const struct
  {
    const char *file, *from, *to, *words;
    int code;
  } rows[] = {
    { "unet/config.json", "\"silu\"", "\"gelu\"", "act_fn", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "unet/config.json", "\"attention_head_dim\": 8", "\"attention_head_dim\": 0",
      "attention_head_dim", LIMN_ENGINE_ERROR_BAD_FILE },
    { "unet/config.json", "\"freq_shift\": 0", "\"freq_shift\": 1", "freq_shift",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "unet/config.json", "\"norm_eps\": 1e-05", "\"norm_eps\": 0.01", "norm_eps",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "unet/config.json", "\"mid_block_scale_factor\": 1", "\"mid_block_scale_factor\": 2",
      "mid_block_scale_factor", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "unet/config.json", "\"freq_shift\": 0", "\"time_embedding_act_fn\": \"gelu\"",
      "time_embedding_act_fn", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "vae/config.json", "\"scaling_factor\": 0.18215", "\"scaling_factor\": 0", "scaling_factor",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "vae/config.json", "\"scaling_factor\": 0.18215", "\"scaling_factor\": 1.25", "", -1 },
    { "vae/config.json", "\"scaling_factor\": 0.18215", "\"scaling_factor\": \"x\"",
      "scaling_factor", LIMN_ENGINE_ERROR_BAD_FILE },
    { "scheduler/scheduler_config.json", "scaled_linear", "cubic", "beta_schedule",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "scheduler/scheduler_config.json", "\"num_train_timesteps\": 1000",
      "\"num_train_timesteps\": 0", "num_train_timesteps", LIMN_ENGINE_ERROR_BAD_FILE },
    { "scheduler/scheduler_config.json", "\"clip_sample\": false",
      "\"prediction_type\": \"v_prediction\", \"rescale_betas_zero_snr\": true, "
      "\"timestep_spacing\": \"trailing\"",
      "", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnModel) model = NULL;

      for (gsize k = 0; k < G_N_ELEMENTS (files); k++)
        {
          g_autofree char *from = g_strconcat (SD1 "diffusers/", files[k], NULL);
          g_autofree char *to = g_build_filename (folder, files[k], NULL);
          g_autofree char *parent = g_path_get_dirname (to);

          g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
          if (g_str_equal (files[k], rows[i].file))
            {
              gsize size;
              g_autofree char *text = test_read_fixture (from, &size);
              g_auto (GStrv) parts = g_strsplit (text, rows[i].from, 2);
              g_autofree char *changed = g_strjoinv (rows[i].to, parts);
              g_autofree char *path = test_write (folder, files[k], changed, strlen (changed));

              g_assert_cmpuint (g_strv_length (parts), ==, 2);
            }
          else
            copy_file (folder, from, files[k]);
        }
      model = limn_model_open (folder, NULL, &error);
      if (rows[i].code >= 0)
        {
          g_assert_null (model);
          g_test_message ("%s", error->message);
          g_assert_error (error, LIMN_ENGINE_ERROR, rows[i].code);
          g_assert_nonnull (strstr (error->message, rows[i].words));
          g_assert_nonnull (strstr (error->message, rows[i].file));
        }
      else if (g_str_has_prefix (rows[i].file, "vae"))
        {
          g_assert_no_error (error);
          g_assert_cmpfloat (limn_model_get_info (model)->scale_factor, ==, 1.25f);
        }
      else
        {
          int n;

          g_assert_no_error (error);
          g_assert_cmpint (limn_model_get_info (model)->prediction, ==, LIMN_PREDICT_V);
          g_assert_cmpint (limn_model_get_info (model)->default_spacing, ==, LIMN_SPACING_TRAILING);
          g_assert_true (limn_model_get_info (model)->zero_snr);
          g_assert_true (limn_model_get_info (model)->default_end_low);
          g_assert_cmpfloat (limn_model_get_alphas_cumprod (model, &n)[999], ==, 0);
        }
      test_folder_free (folder);
    }
}

/* A vocabulary of the right size from another model. */
static void
test_search (void)
{
  char *folder = test_folder_new ();
  g_autofree char *fixtures = test_fixture (FIXTURES "D-unet-crossattn-sd15-inpaint");
  g_autofree char *others = test_fixture ("unit");
  const char *const search[] = { others, fixtures, NULL };
  g_autofree char *path = g_build_filename (folder, "some.safetensors", NULL);
  g_autoptr (LimnModel) without = NULL, with = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TestRun) test = { 0 };

  copy_file (folder, SD1 "sd1-tiny.safetensors", "some.safetensors");
  without = open_alone (folder, "some.safetensors");
  g_assert_nonnull (strstr (limn_model_get_info (without)->missing, "vocab.json"));
  g_assert_nonnull (strstr (limn_model_get_info (without)->missing, folder));
  g_assert_true (limn_model_get_info (without)->takes_prompt);
  test_run_init (&test, 1, NULL, NULL);
  limn_model_encode_prompt (without, &test.run, "a cat", NULL);
  g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
  g_assert_nonnull (strstr (test.run.error->message, "vocab.json"));
  with = limn_model_open_with (path, &(LimnModelOptions){ .search = search }, &error);
  g_assert_no_error (error);
  g_assert_null (limn_model_get_info (with)->missing);
  g_assert_true (has_note (limn_model_get_info (with), "tokenizer"));
  test_folder_free (folder);
}

/* ---- What a UNet predicts -------------------------------------------------------------------- */

static const ZooUnet sd2 = { .in = 4,
                             .out = 4,
                             .channels = 64,
                             .res_blocks = 2,
                             .mult = "1244",
                             .attention = "1110",
                             .depth = 1,
                             .context = 40,
                             .linear = TRUE };

/* Writes +-1 into a tensor of a file of float16. */
static void
fill_tensor (const char *path, GPtrArray *tensors, const char *name, gsize header)
{
  FILE *file = g_fopen (path, "r+b");
  gsize offset = header;

  g_assert_nonnull (file);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      gint64 n = 1;

      for (int k = 0; k < tensor->n_dims; k++)
        n *= tensor->extent[k];
      if (g_str_equal (tensor->name, name))
        {
          g_assert_cmpint (fseek (file, (long)offset, SEEK_SET), ==, 0);
          for (gint64 k = 0; k < n; k++)
            {
              guint16 half = GUINT16_TO_LE (limn_f32_to_f16 (k % 2 == 0 ? 1.0f : -1.0f));

              g_assert_cmpuint (fwrite (&half, sizeof half, 1, file), ==, 1);
            }
        }
      offset += 2 * (gsize)n;
    }
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Said by a marker, or seen in a norm that a further training has widened. */
static void
test_prediction (void)
{
  static const char norm[]
      = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
  const struct
  {
    const char *marker;
    gboolean wide;
    LimnPrediction prediction;
    gboolean assumed;
  } rows[] = {
    { NULL, FALSE, LIMN_PREDICT_EPSILON, TRUE },
    { NULL, TRUE, LIMN_PREDICT_V, TRUE },
    { "v_pred", FALSE, LIMN_PREDICT_V, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
      g_autofree char *path = NULL;
      g_autoptr (LimnModel) model = NULL;
      const LimnModelInfo *info;
      gsize header;

      zoo_add_unet (tensors, &sd2);
      zoo_add_openclip (tensors, 100, sd2.context, 3);
      if (rows[i].marker != NULL)
        zoo_add_tensor (tensors, rows[i].marker, 1, (gint64[]){ 1 });
      path = zoo_write_sparse (tensors, folder, &header);
      if (rows[i].wide)
        fill_tensor (path, tensors, norm, header);
      model = open_alone (folder, "model.safetensors");
      info = limn_model_get_info (model);
      g_assert_cmpint (info->prediction, ==, rows[i].prediction);
      g_assert_cmpint (has_note (info, "is assumed by the look"), ==, rows[i].assumed);
      g_assert_cmpint (info->native_size, ==, rows[i].prediction == LIMN_PREDICT_V ? 768 : 512);
      g_assert_nonnull (strstr (info->missing, "autoencoder"));
      test_folder_free (folder);
    }
}

/* ---- Other files ----------------------------------------------------------------------------- */

static void
test_refused (void)
{
  const struct
  {
    const char *name, *words;
  } rows[] = {
    { "conditioner.embedders.0.transformer.weight", "Stable Diffusion XL" },
    { "model.diffusion_model.joint_blocks.0.weight", "Stable Diffusion 3" },
    { "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", "LoRA" },
    { "control_model.input_blocks.0.0.weight", "ControlNet" },
    { "something.else", "something.else" },
    { "model.diffusion_model.input_blocks.0.0.weight", "input_blocks.0.0.weight" },
    { "encoder.conv_in.weight", "encoder.conv_in.weight" },
  };
  const float data[4] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      TestSafetensors file;
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;

      test_safetensors_init (&file);
      test_safetensors_add (&file, rows[i].name, "F32", "4", data, sizeof data);
      path = test_safetensors_write (&file, folder, "file.safetensors");
      g_assert_null (limn_model_open (path, NULL, &error));
      g_test_message ("%s", error->message);
      g_assert_cmpint (error->domain, ==, LIMN_ENGINE_ERROR);
      g_assert_nonnull (strstr (error->message, rows[i].words));
      g_assert_nonnull (strstr (error->message, path));
      test_folder_free (folder);
    }
}

/* Stable Diffusion 2 has heads of 64 channels: a narrower one cannot be told without a config. */
static void
test_heads (void)
{
  char *folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  copy_file (folder, FIXTURES "D2-unet-sd2/model.safetensors", "model.safetensors");
  g_assert_null (limn_model_open (path, NULL, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "config.yaml"));
  g_assert_nonnull (strstr (error->message, path));
  test_folder_free (folder);
}

/* Any one tensor left out of a model, or of another shape, in turns: an error that names the file.
 */
static void
test_damaged (void)
{
  static const ZooUnet small = { .in = 3,
                                 .out = 3,
                                 .channels = 32,
                                 .res_blocks = 1,
                                 .mult = "12",
                                 .attention = "01",
                                 .depth = 1,
                                 .context = 24 };
  g_autoptr (GPtrArray) all = zoo_tensors_new ();
  char *folder = test_folder_new ();
  guint n_refused = 0;

  zoo_add_unet (all, &small);
  zoo_add_tensor (all, "cond_stage_model.embedding.weight", 2, (gint64[]){ 10, 24 });
  for (guint i = 0; i < all->len; i++)
    {
      g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnModel) model = NULL;
      g_autofree char *path = NULL;
      gsize header;

      for (guint k = 0; k < all->len; k++)
        {
          ZooTensor *tensor = all->pdata[k];
          gint64 extent[4] = { 0 };

          memcpy (extent, tensor->extent, sizeof extent);
          if (k == i && i % 2 == 1)
            extent[0]++;
          if (k != i || i % 2 == 1)
            zoo_add_tensor (tensors, tensor->name, tensor->n_dims, extent);
        }
      path = zoo_write_sparse (tensors, folder, &header);
      model = limn_model_open (path, NULL, &error);
      if (model == NULL)
        {
          g_assert_cmpint (error->domain, ==, LIMN_ENGINE_ERROR);
          g_assert_nonnull (strstr (error->message, path));
          n_refused++;
        }
    }
  /* A class more in the table of classes is no damage, and no table a model without it. */
  g_test_message ("%u of %u refused", n_refused, all->len);
  g_assert_cmpuint (n_refused, >=, all->len - 1);
  test_folder_free (folder);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static void
test_categories (void)
{
  static const ZooUnet small = { .in = 3,
                                 .out = 3,
                                 .channels = 32,
                                 .res_blocks = 1,
                                 .mult = "12",
                                 .attention = "01",
                                 .depth = 1,
                                 .context = 24 };
  static const char names[] = "a dog, hound\n\nA Cat\n";
  char *folder = test_folder_new ();
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  g_autofree char *weights = NULL, *list = NULL;
  g_autoptr (LimnModel) imagenet = NULL, own = NULL;
  g_autoptr (GError) error = NULL;
  gsize header;

  zoo_add_unet (tensors, &small);
  zoo_add_tensor (tensors, "cond_stage_model.embedding.weight", 2, (gint64[]){ 1001, 24 });
  weights = zoo_write_sparse (tensors, folder, &header);
  imagenet = open_alone (folder, "model.safetensors");
  g_assert_cmpint (limn_model_get_info (imagenet)->n_categories, ==, 1001);
  g_assert_true (limn_model_get_info (imagenet)->can_guide);
  g_assert_cmpstr (limn_model_get_category_name (imagenet, 0), ==, "tench");
  g_assert_cmpstr (limn_model_get_category_name (imagenet, 999), ==, "toilet tissue");
  g_assert_null (limn_model_get_category_name (imagenet, 1000));
  g_assert_cmpint (limn_model_find_category (imagenet, "Golden Retriever", NULL), ==, 207);
  g_assert_cmpint (limn_model_find_category (imagenet, "1000", NULL), ==, 1000);
  g_assert_cmpint (limn_model_find_category (imagenet, "1001", &error), ==, -1);
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_clear_error (&error);

  list = test_write (folder, "categories.txt", names, strlen (names));
  own = open_alone (folder, "model.safetensors");
  g_assert_cmpint (limn_model_find_category (own, "HOUND", NULL), ==, 0);
  g_assert_cmpint (limn_model_find_category (own, "a cat", NULL), ==, 2);
  g_assert_null (limn_model_get_category_name (own, 1));
  g_assert_cmpint (limn_model_find_category (own, "tench", &error), ==, -1);
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  test_folder_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-detect/single-file", test_single_file);
  g_test_add_func ("/model-detect/diffusers", test_diffusers);
  g_test_add_func ("/model-detect/diffusers-settings", test_diffusers_settings);
  g_test_add_func ("/model-detect/search", test_search);
  g_test_add_func ("/model-detect/prediction", test_prediction);
  g_test_add_func ("/model-detect/refused", test_refused);
  g_test_add_func ("/model-detect/heads", test_heads);
  g_test_add_func ("/model-detect/damaged", test_damaged);
  g_test_add_func ("/model-detect/categories", test_categories);
  return g_test_run ();
}
