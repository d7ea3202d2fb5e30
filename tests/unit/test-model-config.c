/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/model/config.h"
#include "engine/model/description.h"
#include "tests/unit/weights-testing.h"

#define FIXTURES "golden/fixtures/"
#define INPAINT FIXTURES "D-unet-crossattn-sd15-inpaint/"

static LimnConfig *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  LimnConfig *config = limn_config_parse ("test.yaml", text, strlen (text), &error);

  g_assert_no_error (error);
  return config;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void
test_values (void)
{
  g_autoptr (LimnConfig) config
      = parse ("a:\n"
               "  b: {int: -12, real: 8.5e-4, text: 'x y', yes: True, no: off}\n"
               "  list: [1, 2, 3]\n"
               "  empty: []\n"
               "  nothing: null\n"
               "  tilde: ~\n"
               "  blank:\n"
               "  quoted: 'null'\n"
               "twice: 1\n"
               "twice: 2\n");
  int list[4] = { 0 };

  g_assert_cmpint (limn_config_int (config, "a.b", "int", 0), ==, -12);
  g_assert_cmpint (limn_config_int (config, "", "a.b.int", 0), ==, -12);
  g_assert_cmpfloat (limn_config_double (config, "a.b", "real", 0), ==, 8.5e-4);
  g_assert_cmpfloat (limn_config_double (config, "a.b", "int", 0), ==, -12);
  g_assert_cmpstr (limn_config_string (config, "a.b", "text", NULL), ==, "x y");
  g_assert_true (limn_config_bool (config, "a.b", "yes", FALSE));
  g_assert_false (limn_config_bool (config, "a.b", "no", TRUE));
  g_assert_cmpint (limn_config_ints (config, "a", "list", list, 4), ==, 3);
  g_assert_cmpint (list[2], ==, 3);
  g_assert_cmpint (limn_config_ints (config, "a", "empty", list, 4), ==, 0);
  g_assert_cmpint (limn_config_ints (config, "a", "gone", list, 4), ==, -1);
  g_assert_true (limn_config_is_list (config, "a", "list"));
  g_assert_false (limn_config_is_list (config, "a", "b"));
  g_assert_cmpint (limn_config_int (config, "a", "nothing", 7), ==, 7);
  g_assert_cmpint (limn_config_int (config, "a", "tilde", 7), ==, 7);
  g_assert_cmpint (limn_config_int (config, "a", "blank", 7), ==, 7);
  g_assert_cmpint (limn_config_int (config, "a.list", "0", 7), ==, 7);
  g_assert_false (limn_config_has (config, "a", "nothing"));
  g_assert_cmpstr (limn_config_string (config, "a", "quoted", NULL), ==, "null");
  g_assert_cmpint (limn_config_int (config, "", "twice", 0), ==, 2);
  g_assert_true (limn_config_check (config, NULL));
}

static void
test_wrong_values (void)
{
  static const char *const texts[]
      = { "1.5", "x", "''", "[1]", "{a: 1}", "99999999999999999999", "0x10", "1 2" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = g_strdup_printf ("top:\n  key: %s\n", texts[i]);
      g_autoptr (LimnConfig) config = parse (text);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (limn_config_int (config, "top", "key", 3), ==, 3);
      /* The first error is kept. */
      limn_config_need_int (config, "top", "other");
      g_assert_false (limn_config_check (config, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, "test.yaml: top.key: "));
    }
}

static void
test_missing_value (void)
{
  g_autoptr (LimnConfig) config = parse ("a: 1\n");
  g_autoptr (GError) error = NULL;
  int two[2];

  limn_config_need_int (config, "model.params", "channels");
  g_assert_false (limn_config_check (config, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "model.params.channels"));

  g_clear_pointer (&config, limn_config_free);
  g_clear_error (&error);
  config = parse ("list: [1, 2, 3]\n");
  limn_config_ints (config, "", "list", two, 2);
  g_assert_false (limn_config_check (config, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED);
}

static void
test_bad_yaml (void)
{
  static const char *const texts[]
      = { "", "a", "[1]", "a: [", "a: b: c", "\t", "a: *x", "%", "a: \"\xff\"", "---\n---\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_config_parse ("test.yaml", texts[i], strlen (texts[i]), &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
      g_assert_nonnull (strstr (error->message, "test.yaml"));
    }
}

/* Aliases that would unfold to 10^9 values, one that holds itself, and brackets without end. */
static void
test_yaml_bombs (void)
{
  g_autoptr (GString) laughs = g_string_new ("a0: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n");
  g_autoptr (GString) deep = g_string_new ("a: ");
  g_autoptr (LimnConfig) config = NULL;
  int list[10];

  for (int i = 1; i < 9; i++)
    g_string_append_printf (
        laughs, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  config = parse (laughs->str);
  g_assert_cmpint (limn_config_ints (config, "", "a0", list, 10), ==, 10);
  g_assert_cmpint (limn_config_ints (config, "", "a8", list, 10), ==, 0);
  g_assert_false (limn_config_check (config, NULL));
  g_clear_pointer (&config, limn_config_free);

  config = limn_config_parse ("test.yaml", "a: &x {b: *x}\n", 14, NULL);
  if (config != NULL)
    g_assert_cmpint (limn_config_int (config, "a.b.b.b.b", "c", 5), ==, 5);
  g_clear_pointer (&config, limn_config_free);

  for (int i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (limn_config_parse ("test.yaml", deep->str, deep->len, NULL));
}

/* ---- Descriptions ---------------------------------------------------------------------------- */

/* Reads the fixture's config.yaml with @from replaced by @to. */
static gboolean
read_changed (LimnDescription *description, const char *from, const char *to, GError **error)
{
  char *folder = test_folder_new ();
  gsize size;
  g_autofree char *text = test_read_fixture (INPAINT "config.yaml", &size);
  g_auto (GStrv) parts = g_strsplit (text, from, 2);
  g_autofree char *changed = g_strjoinv (to, parts);
  g_autofree char *path = test_write (folder, "config.yaml", changed, strlen (changed));
  gboolean read;

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  read = limn_description_read (description, path, NULL, error);
  test_folder_free (folder);
  return read;
}

static void
test_description (void)
{
  g_auto (LimnDescription) description = { 0 };
  g_autofree char *path = test_fixture (INPAINT "config.yaml");
  g_autofree char *text = test_fixture (INPAINT "text_encoder_config.json");
  g_autoptr (GError) error = NULL;

  limn_description_read (&description, path, text, &error);
  g_assert_no_error (error);
  g_assert_true (description.has_unet);
  g_assert_true (description.has_autoencoder);
  g_assert_true (description.use_ema);
  g_assert_cmpint (description.condition, ==, LIMN_CONDITION_HYBRID);
  g_assert_cmpint (description.cond_stage, ==, LIMN_COND_STAGE_CLIP);
  g_assert_cmpint (description.unet.in_channels, ==, 9);
  g_assert_cmpint (description.unet.num_heads, ==, 8);
  g_assert_cmpint (description.unet.num_head_channels, ==, -1);
  g_assert_cmpint (description.unet.n_levels, ==, 2);
  g_assert_false (description.unet.legacy);
  g_assert_cmpint (description.autoencoder.n_embed, ==, 0);
  g_assert_true (description.autoencoder.mid_attention);
  g_assert_cmpint (description.text.hidden_size, ==, 48);
  g_assert_cmpint (description.text.num_attention_heads, ==, 4);
  g_assert_cmpint (description.prediction, ==, LIMN_PREDICT_EPSILON);
  g_assert_cmpfloat (description.scale_factor, ==, 0.18215);
  g_assert_cmpfloat (description.linear_end, ==, 0.012);
  g_assert_null (description.name);
}

static void
test_defaults (void)
{
  g_auto (LimnDescription) description = { 0 };
  g_autoptr (GError) error = NULL;

  /* Without a text encoder's config.json: the published sizes. */
  read_changed (&description, "use_checkpoint", "use_checkpoint", &error);
  g_assert_no_error (error);
  g_assert_cmpint (description.text.vocab_size, ==, 49408);
  g_assert_cmpint (description.text.num_hidden_layers, ==, 12);
  limn_description_clear (&description);

  /* LatentDiffusion concatenates unless it is told otherwise. */
  g_assert_true (
      read_changed (&description, "conditioning_key: hybrid", "concat_mode: true", NULL));
  g_assert_cmpint (description.condition, ==, LIMN_CONDITION_HYBRID);
  limn_description_clear (&description);
  g_assert_true (
      read_changed (&description, "conditioning_key: hybrid", "conditioning_key: crossattn", NULL));
  g_assert_cmpint (description.condition, ==, LIMN_CONDITION_CROSSATTN);
  limn_description_clear (&description);
  g_assert_true (
      read_changed (&description, "        channel_mult:\n        - 1\n        - 2\n", "", NULL));
  g_assert_cmpint (description.unet.n_levels, ==, 4);
  g_assert_cmpint (description.unet.channel_mult[3], ==, 8);
}

static void
test_refused (void)
{
  const struct
  {
    const char *from, *to, *key;
    int code;
  } rows[] = {
    { "ddpm.LatentInpaintDiffusion", "ddpm.DDPM", "model.target", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "conditioning_key: hybrid", "conditioning_key: adm", "conditioning_key",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "conditioning_key: hybrid", "parameterization: mu", "parameterization",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "conditioning_key: hybrid", "beta_schedule: odd", "beta_schedule",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "timesteps: 1000\n    first", "timesteps: 0\n    first", "timesteps",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "linear_start: 0.00085", "linear_start: -1", "linear_start", LIMN_ENGINE_ERROR_BAD_FILE },
    { "scale_factor: 0.18215", "scale_factor: 0", "scale_factor", LIMN_ENGINE_ERROR_BAD_FILE },
    { "model_channels: 32", "model_channels: many", "unet_config.params.model_channels",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "        model_channels: 32\n", "", "unet_config.params.model_channels",
      LIMN_ENGINE_ERROR_MISSING },
    { "use_checkpoint: true", "num_classes: 10", "num_classes", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "use_checkpoint: true", "dims: 3", "dims", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "openaimodel.UNetModel", "openaimodel.EncoderUNetModel", "unet_config.target",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "autoencoder.AutoencoderKL", "autoencoder.Other", "first_stage_config.target",
      LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "dropout: 0.0", "attn_type: linear", "ddconfig.attn_type", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "        embed_dim: 4\n", "", "embed_dim", LIMN_ENGINE_ERROR_MISSING },
    { "finetune_keys: null", "finetune_keys: [", "not valid YAML", LIMN_ENGINE_ERROR_BAD_FILE },
    { "model:\n", "limn:\n  prefill: odd\nmodel:\n", "limn.prefill", LIMN_ENGINE_ERROR_BAD_FILE },
    { "model:\n", "limn:\n  prefill_texture: 2\nmodel:\n", "limn.prefill_texture",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "model:\n", "limn:\n  prompt_start: 0\nmodel:\n", "limn.prompt_start",
      LIMN_ENGINE_ERROR_BAD_FILE },
    { "model:\n", "limn:\n  keep_detail: much\nmodel:\n", "limn.keep_detail",
      LIMN_ENGINE_ERROR_BAD_FILE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LimnDescription) description = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (read_changed (&description, rows[i].from, rows[i].to, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, LIMN_ENGINE_ERROR, rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].key));
      g_assert_nonnull (strstr (error->message, "config.yaml"));
    }
}

/* No text at all may bring the readers down: each beginning of a real file, and changed ones. */
static void
test_damaged (void)
{
  gsize size;
  g_autofree char *text = test_read_fixture (INPAINT "config.yaml", &size);
  char *folder = test_folder_new ();
  GRand *rand = g_rand_new_with_seed (99);

  for (gsize i = 0; i < 2 * size; i++)
    {
      g_autofree char *damaged = g_memdup2 (text, size);
      g_autofree char *path = NULL;
      g_auto (LimnDescription) description = { 0 };

      if (i >= size)
        damaged[g_rand_int_range (rand, 0, (gint32)size)] = (char)g_rand_int_range (rand, 0, 256);
      path = test_write (folder, "config.yaml", damaged, i < size ? i : size);
      limn_description_read (&description, path, NULL, NULL);
    }
  g_rand_free (rand);
  test_folder_free (folder);
}

static void
test_clip_config (void)
{
  const struct
  {
    const char *text;
    int code;
  } rows[] = {
    { "{\"hidden_size\": 64, \"hidden_act\": \"gelu\", \"layer_norm_eps\": null}", -1 },
    { "{\"hidden_size\": \"64\"}", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"hidden_size\": -64}", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"hidden_size\": [64]}", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"hidden_act\": \"relu\"}", LIMN_ENGINE_ERROR_UNSUPPORTED },
    { "{\"hidden_act\": 1}", LIMN_ENGINE_ERROR_BAD_FILE },
    { "{\"layer_norm_eps\": {}}", LIMN_ENGINE_ERROR_BAD_FILE },
    { "64", LIMN_ENGINE_ERROR_BAD_FILE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *path
          = test_write (folder, "config.json", rows[i].text, strlen (rows[i].text));
      LimnClipTextConfig config = { .hidden_size = 8, .num_hidden_layers = 3 };
      g_autoptr (GError) error = NULL;
      gboolean read = limn_clip_config_read (&config, path, &error);

      if (rows[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_cmpint (config.hidden_size, ==, 64);
          g_assert_cmpint (config.num_hidden_layers, ==, 3);
          g_assert_cmpint (config.hidden_act, ==, LIMN_ACTIVATION_GELU);
        }
      else
        {
          g_assert_false (read);
          g_assert_error (error, LIMN_ENGINE_ERROR, rows[i].code);
        }
      test_folder_free (folder);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-config/values", test_values);
  g_test_add_func ("/model-config/wrong-values", test_wrong_values);
  g_test_add_func ("/model-config/missing-value", test_missing_value);
  g_test_add_func ("/model-config/bad-yaml", test_bad_yaml);
  g_test_add_func ("/model-config/yaml-bombs", test_yaml_bombs);
  g_test_add_func ("/model-config/description", test_description);
  g_test_add_func ("/model-config/defaults", test_defaults);
  g_test_add_func ("/model-config/refused", test_refused);
  g_test_add_func ("/model-config/damaged", test_damaged);
  g_test_add_func ("/model-config/clip-config", test_clip_config);
  return g_test_run ();
}
