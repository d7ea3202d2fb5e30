/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/unit/nn-testing.h"

/* ---- What is refused ------------------------------------------------------------------------ */

static void
test_bad_inputs (void)
{
  const struct
  {
    gint64 n, h, w, c, tokens, width;
    gboolean context;
  } rows[] = {
    { 1, 8, 8, 8, 7, 48, TRUE },                               /* channels */
    { 1, 9, 8, 9, 7, 48, TRUE },                               /* not a multiple */
    { 1, 8, 7, 9, 7, 48, TRUE },  { 1, 8, 8, 9, 7, 47, TRUE }, /* width of the context */
    { 2, 8, 8, 9, 7, 48, TRUE },                               /* one context for two samples */
    { 1, 8, 8, 9, 7, 48, FALSE },                              /* none */
  };
  g_auto (TestNetworks) networks = { 0 };

  test_networks_init (&networks);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      g_auto (LimnTensor) x = TEST_RANDOM (1, rows[i].n, rows[i].h, rows[i].w, rows[i].c);
      g_auto (LimnTensor) context = TEST_RANDOM (2, 1, rows[i].tokens, rows[i].width);
      const float t[] = { 1.0f, 1.0f };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      out = limn_unet_forward (&networks.crossattn, &test.run, &x, t,
                               rows[i].context ? &context : NULL);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
    }
}

static void
test_bad_images (void)
{
  g_auto (TestNetworks) networks = { 0 };
  const gint64 rows[][3] = { { 1, 8, 3 }, { 8, 1, 3 }, { 8, 8, 4 } };

  test_networks_init (&networks);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      g_auto (LimnTensor) image = TEST_RANDOM (1, 1, rows[i][0], rows[i][1], rows[i][2]);
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      out = limn_autoencoder_encode (&networks.autoencoder, &test.run, &image);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
    }
}

static void
test_bad_tokens (void)
{
  g_auto (TestNetworks) networks = { 0 };
  const gint32 rows[][3] = { { 0, -1, 0 }, { 768, 0, 0 }, { 0, 0, G_MAXINT32 } };
  gint32 many[78] = { 0 };

  test_networks_init (&networks);
  for (guint i = 0; i <= G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      if (i < G_N_ELEMENTS (rows))
        out = limn_clip_text_forward (&networks.text, &test.run, rows[i], 1, 3);
      else
        out = limn_clip_text_forward (&networks.text, &test.run, many, 1, G_N_ELEMENTS (many));
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* A description that asks for what is not in the file, or for what no file can have. */
static void
assert_unet_refused (LimnWeights *weights, const char *prefix, const LimnUnetConfig *config,
                     int code, const char *named)
{
  LimnWeightSource source = { .weights = weights, .prefix = prefix };
  g_autoptr (GError) error = NULL;
  LimnUnet unet;

  g_assert_false (limn_unet_init (&unet, config, &source, &error));
  g_assert_nonnull (error);
  if (code >= 0)
    g_assert_error (error, LIMN_ENGINE_ERROR, code);
  if (strstr (error->message, named) == NULL)
    g_error ("“%s” does not name %s", error->message, named);
  limn_unet_clear (&unet);
}

static void
test_bad_unet_configs (void)
{
  g_autoptr (LimnWeights) weights = test_open_weights (TEST_MODEL_D);
  const char *prefix = "model.diffusion_model.";
  LimnUnetConfig config = test_unet_config_d ();

  assert_unet_refused (weights, "elsewhere.", &config, -1, "elsewhere.time_embed.0.weight");
  config.context_dim = 64;
  assert_unet_refused (weights, prefix, &config, -1, "attn2.to_k.weight");
  config = test_unet_config_d ();
  config.num_res_blocks = G_MAXINT;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "num_res_blocks");
  config = test_unet_config_d ();
  config.channel_mult[1] = G_MAXINT;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
  config = test_unet_config_d ();
  config.channel_mult[0] = -1;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
  config = test_unet_config_d ();
  config.model_channels = 0;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "model_channels");
  config = test_unet_config_d ();
  config.model_channels = 33;
  assert_unet_refused (weights, prefix, &config, -1, "33");
  config = test_unet_config_d ();
  config.num_heads = 0;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "num_heads");
  config = test_unet_config_d ();
  config.num_heads = -1;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "heads");
  config = test_unet_config_d ();
  config.n_levels = 9;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
}

static void
test_bad_autoencoder_configs (void)
{
  g_autoptr (LimnWeights) weights = test_open_weights (TEST_MODEL_D);
  LimnWeightSource source = { .weights = weights, .prefix = "first_stage_model." };
  LimnAutoencoderConfig configs[5];
  const char *const named[] = { "ch ", "ch_mult", "resolution", "double_z", "conv_in" };

  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    configs[i] = test_autoencoder_config_d ();
  configs[0].ch = -32;
  configs[1].n_levels = 0;
  configs[2].resolution = 0;
  configs[3].n_embed = 16;
  configs[4].in_channels = 4;
  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (GError) error = NULL;
      LimnAutoencoder autoencoder;

      g_assert_false (limn_autoencoder_init (&autoencoder, &configs[i], &source, &error));
      if (strstr (error->message, named[i]) == NULL)
        g_error ("“%s” does not name %s", error->message, named[i]);
      limn_autoencoder_clear (&autoencoder);
    }
}

static void
test_ema_names (void)
{
  g_autofree char *name = limn_name_map_ema ("model.diffusion_model.", "input_blocks.0.0.weight",
                                             NULL);

  g_assert_cmpstr (name, ==, "model_ema.diffusion_modelinput_blocks00weight");
}

static void
test_counts (void)
{
  g_auto (TestNetworks) networks = { 0 };

  test_networks_init (&networks);
  /* Every tensor under the prefix is bound, and nothing else. */
  for (int which = 0; which < 2; which++)
    {
      const char *prefix = which == 0 ? "model.diffusion_model." : "first_stage_model.";
      gint64 want = 0;

      for (const char *const *name = limn_weights_list (networks.weights_d); *name != NULL; name++)
        {
          LimnTensor t;

          if (g_str_has_prefix (*name, prefix)
              && limn_weights_lookup (networks.weights_d, *name, &t))
            want += limn_tensor_count (&t);
        }
      g_assert_cmpint (which == 0 ? networks.crossattn.layers.n_parameters
                                  : networks.autoencoder.layers.n_parameters,
                       ==, want);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/bad-inputs", test_bad_inputs);
  g_test_add_func ("/nn/bad-images", test_bad_images);
  g_test_add_func ("/nn/bad-tokens", test_bad_tokens);
  g_test_add_func ("/nn/bad-unet-configs", test_bad_unet_configs);
  g_test_add_func ("/nn/bad-autoencoder-configs", test_bad_autoencoder_configs);
  g_test_add_func ("/nn/ema-names", test_ema_names);
  g_test_add_func ("/nn/counts", test_counts);
  return g_test_run ();
}
