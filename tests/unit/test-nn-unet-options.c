/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/unit/nn-testing.h"

/* Labels, attention to the context in place of self-attention, and blocks counted per level. What
 * they compute is checked by limn-golden K5. */

#define MODEL_K5 "K5-x4upscaler", "model.safetensors"
#define PREFIX "model.diffusion_model."

static LimnUnetConfig
config_k5 (void)
{
  LimnUnetConfig config;

  limn_unet_config_init (&config);
  config.in_channels = 7;
  config.out_channels = 4;
  config.model_channels = 32;
  config.num_res_blocks = 1;
  config.channel_mult[0] = 1;
  config.channel_mult[1] = 2;
  config.n_levels = 2;
  config.attention_resolutions[0] = 1;
  config.n_attention_resolutions = 1;
  config.num_heads = 4;
  config.context_dim = 24;
  config.num_classes = 60;
  config.use_spatial_transformer = TRUE;
  config.legacy = FALSE;
  config.disable_self_attentions[0] = TRUE;
  return config;
}

static void
open_k5 (LimnUnet *unet, const LimnUnetConfig *config)
{
  g_autoptr (LimnWeights) weights = test_open_weights (MODEL_K5);
  LimnWeightSource source = { .weights = weights, .prefix = PREFIX };
  g_autoptr (GError) error = NULL;

  limn_unet_init (unet, config, &source, &error);
  g_assert_no_error (error);
}

/* Every sample of a batch has its own label. */
static void
test_labels (void)
{
  LimnUnetConfig config = config_k5 ();
  g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 8, 12, 7);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 2, 5, 24);
  const float t[] = { 401.0f, 401.0f };
  const gint32 labels[] = { 7, 59 };
  g_auto (TestRun) test = { 0 };
  LimnTensor both;
  LimnUnet unet;

  open_k5 (&unet, &config);
  test_run_init (&test, 2, NULL, NULL);
  both = limn_unet_forward_labels (&unet, &test.run, &x, t, &context, labels);
  g_assert_no_error (test.run.error);
  for (int i = 0; i < 2; i++)
    {
      LimnTensor one_x
          = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&x) + i * 8 * 12 * 7, 1, 8, 12, 7);
      LimnTensor one_context
          = limn_tensor_3d (LIMN_DTYPE_F32, limn_tensor_f32 (&context) + i * 5 * 24, 1, 5, 24);
      LimnTensor want
          = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&both) + i * 8 * 12 * 4, 1, 8, 12, 4);
      LimnTensor got
          = limn_unet_forward_labels (&unet, &test.run, &one_x, t, &one_context, &labels[i]);
      LimnTensor other
          = limn_unet_forward_labels (&unet, &test.run, &one_x, t, &one_context, &labels[1 - i]);

      test_assert_close (&test.run, "labels", &got, &want, 1e-5);
      g_assert_true (memcmp (got.data, other.data, limn_tensor_bytes (&got)) != 0);
    }
  limn_unet_clear (&unet);
}

static void
test_bad_labels (void)
{
  LimnUnetConfig config = config_k5 ();
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, 8, 8, 7);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 1, 5, 24);
  const float t[] = { 401.0f };
  const gint32 labels[] = { -1, 60, G_MAXINT32 };
  g_auto (TestNetworks) networks = { 0 };
  LimnUnet unet;

  open_k5 (&unet, &config);
  for (guint i = 0; i <= G_N_ELEMENTS (labels); i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      if (i < G_N_ELEMENTS (labels))
        out = limn_unet_forward_labels (&unet, &test.run, &x, t, &context, &labels[i]);
      else
        out = limn_unet_forward (&unet, &test.run, &x, t, &context);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
  limn_unet_clear (&unet);

  /* And a label where none is taken. */
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) nine = TEST_RANDOM (1, 1, 8, 8, 9);
  g_auto (LimnTensor) wide = TEST_RANDOM (2, 1, 5, 48);

  test_networks_init (&networks);
  test_run_init (&test, 1, NULL, NULL);
  limn_unet_forward_labels (&networks.crossattn, &test.run, &nine, t, &wide, (const gint32[]){ 0 });
  g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
}

static void
assert_refused (const LimnUnetConfig *config, const char *named)
{
  g_autoptr (LimnWeights) weights = test_open_weights (MODEL_K5);
  LimnWeightSource source = { .weights = weights, .prefix = PREFIX };
  g_autoptr (GError) error = NULL;
  LimnUnet unet;

  g_assert_false (limn_unet_init (&unet, config, &source, &error));
  if (strstr (error->message, named) == NULL)
    g_error ("“%s” does not name %s", error->message, named);
  limn_unet_clear (&unet);
}

static void
test_bad_configs (void)
{
  LimnUnetConfig config = config_k5 ();

  config.num_classes = 61;
  assert_refused (&config, PREFIX "label_emb.weight");
  config.num_classes = -1;
  assert_refused (&config, "num_classes");
  config = config_k5 ();
  config.disable_self_attentions[0] = FALSE;
  assert_refused (&config, PREFIX "input_blocks.1.1.transformer_blocks.0.attn1.to_k.weight");
  config = config_k5 ();
  config.disable_middle_self_attn = TRUE;
  assert_refused (&config, PREFIX "middle_block.1.transformer_blocks.0.attn1.to_k.weight");
  config = config_k5 ();
  config.level_res_blocks[1] = 2;
  assert_refused (&config, PREFIX "input_blocks.4.0.in_layers.0.weight");
  config.level_res_blocks[1] = -1;
  assert_refused (&config, "num_res_blocks");
  config.level_res_blocks[1] = G_MAXINT;
  assert_refused (&config, "num_res_blocks");
  config = config_k5 ();
  config.has_num_attention_blocks = TRUE;
  config.num_attention_blocks[0] = 2;
  assert_refused (&config, "num_attention_blocks");
}

/* Elements of all tensors whose names begin with PREFIX + @under. */
static gint64
count_below (const char *under)
{
  g_autoptr (LimnWeights) weights = test_open_weights (MODEL_K5);
  gint64 count = 0;

  for (const char *const *name = limn_weights_list (weights); *name != NULL; name++)
    {
      LimnTensor t;

      if (g_str_has_prefix (*name, PREFIX) && g_str_has_prefix (*name + strlen (PREFIX), under)
          && limn_weights_lookup (weights, *name, &t))
        count += limn_tensor_count (&t);
    }
  return count;
}

/* Numbers per level stand before the one for all; attention follows so many blocks of a level, in
 * the output blocks as well. */
static void
test_counts (void)
{
  LimnUnetConfig config = config_k5 ();
  gint64 all = count_below ("");
  LimnUnet unet;

  open_k5 (&unet, &config);
  g_assert_cmpint (unet.layers.n_parameters, ==, all);
  limn_unet_clear (&unet);

  config.num_res_blocks = 9;
  config.level_res_blocks[0] = config.level_res_blocks[1] = 1;
  config.has_num_attention_blocks = TRUE;
  config.num_attention_blocks[0] = 1;
  g_assert_cmpint (limn_unet_config_get_res_blocks (&config, 1), ==, 1);
  g_assert_cmpint (limn_unet_config_get_res_blocks (&config, 2), ==, 9);
  open_k5 (&unet, &config);
  g_assert_cmpint (unet.layers.n_parameters, ==, all - count_below ("output_blocks.3.1."));
  limn_unet_clear (&unet);

  config.num_attention_blocks[0] = 0;
  open_k5 (&unet, &config);
  g_assert_cmpint (unet.layers.n_parameters, ==,
                   all - count_below ("output_blocks.3.1.") - count_below ("output_blocks.2.1.")
                       - count_below ("input_blocks.1.1."));
  limn_unet_clear (&unet);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/labels", test_labels);
  g_test_add_func ("/nn/bad-labels", test_bad_labels);
  g_test_add_func ("/nn/bad-unet-options", test_bad_configs);
  g_test_add_func ("/nn/unet-counts", test_counts);
  return g_test_run ();
}
