/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/nn-testing.h"

LimnWeights *
test_open_weights (const char *folder, const char *file)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "fixtures", folder, file,
                                                 NULL);
  g_autoptr (GError) error = NULL;
  LimnWeights *weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

LimnUnetConfig
test_unet_config_d (void)
{
  LimnUnetConfig config;

  limn_unet_config_init (&config);
  config.in_channels = 9;
  config.out_channels = 4;
  config.model_channels = 32;
  config.num_res_blocks = 1;
  config.channel_mult[0] = 1;
  config.channel_mult[1] = 2;
  config.n_levels = 2;
  config.attention_resolutions[0] = 1;
  config.n_attention_resolutions = 1;
  config.num_heads = 8;
  config.context_dim = 48;
  config.use_spatial_transformer = TRUE;
  config.legacy = FALSE;
  return config;
}

LimnUnetConfig
test_unet_config_c (void)
{
  LimnUnetConfig config;

  limn_unet_config_init (&config);
  config.in_channels = 7;
  config.out_channels = 3;
  config.model_channels = 32;
  config.num_res_blocks = 1;
  config.channel_mult[0] = 1;
  config.channel_mult[1] = 2;
  config.channel_mult[2] = 1;
  config.n_levels = 3;
  config.attention_resolutions[0] = 2;
  config.n_attention_resolutions = 1;
  config.num_heads = 8;
  config.resblock_updown = TRUE;
  return config;
}

LimnAutoencoderConfig
test_autoencoder_config_d (void)
{
  return (LimnAutoencoderConfig) {
    .in_channels = 3,
    .out_ch = 3,
    .ch = 32,
    .ch_mult = { 1, 1 },
    .n_levels = 2,
    .num_res_blocks = 1,
    .resolution = 64,
    .z_channels = 4,
    .double_z = TRUE,
    .mid_attention = TRUE,
    .embed_dim = 4,
  };
}

LimnClipTextConfig
test_text_config_d (void)
{
  return (LimnClipTextConfig) {
    .names = LIMN_CLIP_NAMES_HF,
    .vocab_size = 768,
    .hidden_size = 48,
    .intermediate_size = 192,
    .num_hidden_layers = 2,
    .num_attention_heads = 4,
    .max_position_embeddings = 77,
    .hidden_act = LIMN_ACTIVATION_QUICK_GELU,
    .layer_norm_eps = 1e-5f,
  };
}

void
test_networks_init (TestNetworks *self)
{
  LimnUnetConfig d = test_unet_config_d (), c = test_unet_config_c ();
  LimnAutoencoderConfig autoencoder = test_autoencoder_config_d ();
  LimnClipTextConfig text = test_text_config_d ();
  g_autoptr (GError) error = NULL;
  LimnWeightSource source;

  self->weights_d = test_open_weights (TEST_MODEL_D);
  self->weights_c = test_open_weights (TEST_MODEL_C);
  source = (LimnWeightSource) { .weights = self->weights_d, .prefix = "model.diffusion_model." };
  limn_unet_init (&self->crossattn, &d, &source, &error);
  g_assert_no_error (error);
  source.prefix = "first_stage_model.";
  limn_autoencoder_init (&self->autoencoder, &autoencoder, &source, &error);
  g_assert_no_error (error);
  source.prefix = "cond_stage_model.transformer.text_model.";
  limn_clip_text_init (&self->text, &text, &source, &error);
  g_assert_no_error (error);
  source = (LimnWeightSource) { .weights = self->weights_c,
                                .prefix = "model.diffusion_model.",
                                .map = limn_name_map_ema };
  limn_unet_init (&self->concat, &c, &source, &error);
  g_assert_no_error (error);
}

void
test_networks_clear (TestNetworks *self)
{
  limn_unet_clear (&self->crossattn);
  limn_unet_clear (&self->concat);
  limn_autoencoder_clear (&self->autoencoder);
  limn_clip_text_clear (&self->text);
  g_clear_pointer (&self->weights_d, limn_weights_unref);
  g_clear_pointer (&self->weights_c, limn_weights_unref);
}
