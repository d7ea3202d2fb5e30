/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/nn/autoencoder.h"
#include "engine/nn/clip-text.h"
#include "engine/nn/unet.h"
#include "tests/unit/tensor-testing.h"

/*
 * The networks on the weights of two golden fixtures: D has a UNet with cross-attention, an autoencoder and a text encoder,
 * C a UNet with attention blocks and residual blocks that resample. What they compute is checked by limn-golden; here
 * is what must hold whatever the weights are.
 */

#define D_MODEL "D-unet-crossattn-sd15-inpaint", "model.safetensors"
#define C_MODEL "C-unet-concat", "model.ckpt"

static LimnWeights *
open_weights (const char *folder, const char *file)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "fixtures", folder, file, NULL);
  g_autoptr (GError) error = NULL;
  LimnWeights *weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

static LimnUnetConfig
unet_config_d (void)
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

static LimnUnetConfig
unet_config_c (void)
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

static LimnAutoencoderConfig
autoencoder_config_d (void)
{
  return (LimnAutoencoderConfig) {
    .in_channels = 3, .out_ch = 3, .ch = 32, .ch_mult = { 1, 1 }, .n_levels = 2, .num_res_blocks = 1, .resolution = 64,
    .z_channels = 4, .double_z = TRUE, .mid_attention = TRUE, .embed_dim = 4,
  };
}

static LimnClipTextConfig
text_config_d (void)
{
  return (LimnClipTextConfig) {
    .names = LIMN_CLIP_NAMES_HF, .vocab_size = 768, .hidden_size = 48, .intermediate_size = 192, .num_hidden_layers = 2,
    .num_attention_heads = 4, .max_position_embeddings = 77, .hidden_act = LIMN_ACTIVATION_QUICK_GELU,
    .layer_norm_eps = 1e-5f,
  };
}

/* All networks of the two fixtures, each run on inputs of one size. */
typedef struct
{
  LimnWeights *weights_d, *weights_c;
  LimnUnet crossattn, concat;
  LimnAutoencoder autoencoder;
  LimnClipText text;
} Networks;

static void
networks_init (Networks *self)
{
  LimnUnetConfig d = unet_config_d (), c = unet_config_c ();
  LimnAutoencoderConfig autoencoder = autoencoder_config_d ();
  LimnClipTextConfig text = text_config_d ();
  g_autoptr (GError) error = NULL;
  LimnWeightSource source;

  self->weights_d = open_weights (D_MODEL);
  self->weights_c = open_weights (C_MODEL);
  source = (LimnWeightSource) { .weights = self->weights_d, .prefix = "model.diffusion_model." };
  limn_unet_init (&self->crossattn, &d, &source, &error);
  g_assert_no_error (error);
  source.prefix = "first_stage_model.";
  limn_autoencoder_init (&self->autoencoder, &autoencoder, &source, &error);
  g_assert_no_error (error);
  source.prefix = "cond_stage_model.transformer.text_model.";
  limn_clip_text_init (&self->text, &text, &source, &error);
  g_assert_no_error (error);
  source = (LimnWeightSource) { .weights = self->weights_c, .prefix = "model.diffusion_model.", .map = limn_name_map_ema };
  limn_unet_init (&self->concat, &c, &source, &error);
  g_assert_no_error (error);
}

static void
networks_clear (Networks *self)
{
  limn_unet_clear (&self->crossattn);
  limn_unet_clear (&self->concat);
  limn_autoencoder_clear (&self->autoencoder);
  limn_clip_text_clear (&self->text);
  g_clear_pointer (&self->weights_d, limn_weights_unref);
  g_clear_pointer (&self->weights_c, limn_weights_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Networks, networks_clear)

static LimnTensor
run_crossattn (Networks *self, LimnRun *run)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 10, 14, 9);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 2, 7, 48);
  const float t[] = { 3.0f, 801.5f };

  return limn_unet_forward (&self->crossattn, run, &x, t, &context);
}

static LimnTensor
run_concat (Networks *self, LimnRun *run)
{
  g_auto (LimnTensor) x = TEST_RANDOM (3, 1, 20, 12, 7);
  const float t[] = { 451.0f };

  return limn_unet_forward (&self->concat, run, &x, t, NULL);
}

static LimnTensor
run_encode (Networks *self, LimnRun *run)
{
  g_auto (LimnTensor) image = TEST_RANDOM (4, 1, 33, 47, 3);

  return limn_autoencoder_encode (&self->autoencoder, run, &image);
}

static LimnTensor
run_decode (Networks *self, LimnRun *run)
{
  g_auto (LimnTensor) latent = TEST_RANDOM (5, 1, 15, 17, 4);

  return limn_autoencoder_decode (&self->autoencoder, run, &latent);
}

static LimnTensor
run_text (Networks *self, LimnRun *run)
{
  gint32 ids[2 * 33];

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = (gint32) (i * 97 % 768);
  return limn_clip_text_forward (&self->text, run, ids, 2, 33);
}

typedef LimnTensor (*Forward) (Networks *self, LimnRun *run);
static const struct { const char *name; Forward forward; } forwards[] = {
  { "crossattn", run_crossattn }, { "concat", run_concat }, { "encode", run_encode }, { "decode", run_decode },
  { "text", run_text },
};

/* ---- Properties of every forward ------------------------------------------------------------ */

static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (Networks) networks = { 0 };
      g_auto (TestRun) one = { 0 };
      LimnTensor want;

      networks_init (&networks);
      test_run_init (&one, 1, NULL, NULL);
      want = forwards[i].forward (&networks, &one.run);
      g_assert_no_error (one.run.error);
      for (int n_threads = 2; n_threads <= 4; n_threads++)
        {
          g_auto (TestRun) many = { 0 };
          LimnTensor got;

          test_run_init (&many, n_threads, NULL, NULL);
          got = forwards[i].forward (&networks, &many.run);
          test_assert_same_bits (forwards[i].name, &got, &want);
        }
    }
}

/* A second evaluation gives the same bits and takes no more memory than the first; also after the packed weights were freed. */
static void
test_again (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (Networks) networks = { 0 };
      g_auto (TestRun) test = { 0 };
      LimnArenaMark before, after;
      LimnTensor first, again;
      gsize peak;

      networks_init (&networks);
      test_run_init (&test, 2, NULL, NULL);
      before = limn_run_mark (&test.run);
      first = forwards[i].forward (&networks, &test.run);
      after = limn_run_mark (&test.run);
      peak = limn_arena_get_peak (test.arena);
      g_assert_no_error (test.run.error);
      g_assert_cmpuint (after - before, >=, limn_tensor_bytes (&first));

      limn_layers_unload (&networks.crossattn.layers);
      limn_layers_unload (&networks.concat.layers);
      limn_layers_unload (&networks.autoencoder.layers);
      limn_layers_unload (&networks.text.layers);
      again = forwards[i].forward (&networks, &test.run);
      g_assert_cmpuint (limn_run_mark (&test.run) - after, ==, after - before);
      test_assert_same_bits (forwards[i].name, &again, &first);

      limn_run_release (&test.run, before);
      forwards[i].forward (&networks, &test.run);
      g_assert_cmpuint (limn_run_mark (&test.run), ==, after);
      g_assert_cmpuint (limn_arena_get_peak (test.arena), <=, peak + (after - before));
    }
}

/* The reference kernels and the fast ones agree through the whole network. */
static void
test_kernels (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (Networks) networks = { 0 };
      g_auto (Networks) reference_networks = { 0 };
      g_auto (TestRun) fast = { 0 };
      g_auto (TestRun) reference = { 0 };
      LimnTensor got, want;

      networks_init (&networks);
      networks_init (&reference_networks);
      test_run_init (&fast, 2, limn_kernels_best (), NULL);
      test_run_init (&reference, 2, limn_kernels_reference (), NULL);
      got = forwards[i].forward (&networks, &fast.run);
      want = forwards[i].forward (&reference_networks, &reference.run);
      test_assert_close (&fast.run, forwards[i].name, &got, &want, 1e-4);
    }
}

typedef struct
{
  GCancellable *cancellable;
  gint started;   /* atomic */
} Canceller;

static gpointer
cancel_later (gpointer data)
{
  Canceller *canceller = data;

  while (!g_atomic_int_get (&canceller->started))
    g_usleep (100);
  g_usleep (1500);
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

/* Cancelled by another thread while evaluations follow each other: the one that it meets stops with the right error. */
static void
test_cancel (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (Networks) networks = { 0 };
      g_auto (TestRun) test = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Canceller canceller = { cancellable, 0 };
      g_autoptr (GThread) thread = g_thread_new ("cancel", cancel_later, &canceller);
      LimnArenaMark mark;
      LimnTensor out;

      networks_init (&networks);
      test_run_init (&test, 2, NULL, cancellable);
      mark = limn_run_mark (&test.run);
      do
        {
          limn_run_release (&test.run, mark);
          g_atomic_int_set (&canceller.started, 1);
          out = forwards[i].forward (&networks, &test.run);
        }
      while (limn_run_ok (&test.run));
      g_assert_error (test.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      out = forwards[i].forward (&networks, &test.run);
      g_assert_true (limn_tensor_is_empty (&out));
      g_thread_join (g_steal_pointer (&thread));
    }
}

/* A limit that is too small is an error at whichever allocation it strikes, never a crash. */
static void
test_no_memory (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    for (gsize limit = 64; limit <= 4 * 1024 * 1024; limit *= 4)
      {
        g_auto (Networks) networks = { 0 };
        g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
        g_autoptr (LimnArena) arena = limn_arena_new (limit);
        g_auto (LimnRun) run = { 0 };
        LimnTensor out;

        networks_init (&networks);
        limn_run_init (&run, pool, arena, NULL);
        out = forwards[i].forward (&networks, &run);
        if (limn_run_ok (&run))
          g_assert_false (limn_tensor_is_empty (&out));
        else
          g_assert_error (run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
      }
}

/* ---- Particular properties ------------------------------------------------------------------ */

/* Samples of a batch do not see each other. */
static void
test_batch (void)
{
  g_auto (Networks) networks = { 0 };
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 10, 14, 9);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 2, 7, 48);
  const float t[] = { 3.0f, 801.0f };
  LimnTensor both;

  networks_init (&networks);
  test_run_init (&test, 2, NULL, NULL);
  both = limn_unet_forward (&networks.crossattn, &test.run, &x, t, &context);
  for (int i = 0; i < 2; i++)
    {
      LimnTensor one_x = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&x) + i * 10 * 14 * 9, 1, 10, 14, 9);
      LimnTensor one_context = limn_tensor_3d (LIMN_DTYPE_F32, limn_tensor_f32 (&context) + i * 7 * 48, 1, 7, 48);
      LimnTensor want = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&both) + i * 10 * 14 * 4, 1, 10, 14, 4);
      LimnTensor got = limn_unet_forward (&networks.crossattn, &test.run, &one_x, &t[i], &one_context);

      test_assert_close (&test.run, "batch", &got, &want, 1e-5);
    }
}

/* Later tokens do not change what stands before them. */
static void
test_causal (void)
{
  g_auto (Networks) networks = { 0 };
  g_auto (TestRun) test = { 0 };
  gint32 ids[] = { 766, 5, 300, 12, 40, 767 };
  LimnTensor all, some;

  networks_init (&networks);
  test_run_init (&test, 1, NULL, NULL);
  all = limn_clip_text_forward (&networks.text, &test.run, ids, 1, 6);
  for (int n = 1; n < 6; n++)
    {
      LimnTensor want = limn_tensor_3d (LIMN_DTYPE_F32, all.data, 1, n, 48);

      some = limn_clip_text_forward (&networks.text, &test.run, ids, 1, n);
      test_assert_close (&test.run, "causal", &some, &want, 1e-5);
    }
}

static void
test_odd_sizes (void)
{
  static const int sides[] = { 2, 3, 7, 8, 15, 17, 33 };
  g_auto (Networks) networks = { 0 };
  g_auto (TestRun) test = { 0 };

  networks_init (&networks);
  test_run_init (&test, 2, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sides); j++)
      {
        g_auto (LimnTensor) image = TEST_RANDOM (1, 1, sides[i], sides[j], 3);
        LimnArenaMark mark = limn_run_mark (&test.run);
        LimnTensor moments = limn_autoencoder_encode (&networks.autoencoder, &test.run, &image);
        LimnTensor mean = limn_moments_mean (&test.run, &moments);
        LimnTensor decoded = limn_autoencoder_decode (&networks.autoencoder, &test.run, &mean);

        g_assert_no_error (test.run.error);
        g_assert_cmpint (mean.extent[1], ==, sides[i] / 2);
        g_assert_cmpint (decoded.extent[1], ==, sides[i] / 2 * 2);
        g_assert_cmpint (decoded.extent[2], ==, sides[j] / 2 * 2);
        limn_run_release (&test.run, mark);
      }
}

/* ---- What is refused ------------------------------------------------------------------------ */

static void
test_bad_inputs (void)
{
  const struct { gint64 n, h, w, c, tokens, width; gboolean context; } rows[] = {
    { 1, 8, 8, 8, 7, 48, TRUE },    /* channels */
    { 1, 9, 8, 9, 7, 48, TRUE },    /* not a multiple */
    { 1, 8, 7, 9, 7, 48, TRUE },
    { 1, 8, 8, 9, 7, 47, TRUE },    /* width of the context */
    { 2, 8, 8, 9, 7, 48, TRUE },    /* one context for two samples */
    { 1, 8, 8, 9, 7, 48, FALSE },   /* none */
  };
  g_auto (Networks) networks = { 0 };

  networks_init (&networks);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      g_auto (LimnTensor) x = TEST_RANDOM (1, rows[i].n, rows[i].h, rows[i].w, rows[i].c);
      g_auto (LimnTensor) context = TEST_RANDOM (2, 1, rows[i].tokens, rows[i].width);
      const float t[] = { 1.0f, 1.0f };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      out = limn_unet_forward (&networks.crossattn, &test.run, &x, t, rows[i].context ? &context : NULL);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
    }
}

static void
test_bad_images (void)
{
  g_auto (Networks) networks = { 0 };
  const gint64 rows[][3] = { { 1, 8, 3 }, { 8, 1, 3 }, { 8, 8, 4 } };

  networks_init (&networks);
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
  g_auto (Networks) networks = { 0 };
  const gint32 rows[][3] = { { 0, -1, 0 }, { 768, 0, 0 }, { 0, 0, G_MAXINT32 } };
  gint32 many[78] = { 0 };

  networks_init (&networks);
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
assert_unet_refused (LimnWeights *weights, const char *prefix, const LimnUnetConfig *config, int code, const char *named)
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
  g_autoptr (LimnWeights) weights = open_weights (D_MODEL);
  const char *prefix = "model.diffusion_model.";
  LimnUnetConfig config = unet_config_d ();

  assert_unet_refused (weights, "elsewhere.", &config, -1, "elsewhere.time_embed.0.weight");
  config.context_dim = 64;
  assert_unet_refused (weights, prefix, &config, -1, "attn2.to_k.weight");
  config = unet_config_d ();
  config.num_res_blocks = G_MAXINT;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "num_res_blocks");
  config = unet_config_d ();
  config.channel_mult[1] = G_MAXINT;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
  config = unet_config_d ();
  config.channel_mult[0] = -1;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
  config = unet_config_d ();
  config.model_channels = 0;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "model_channels");
  config = unet_config_d ();
  config.model_channels = 33;
  assert_unet_refused (weights, prefix, &config, -1, "33");
  config = unet_config_d ();
  config.num_heads = 0;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "num_heads");
  config = unet_config_d ();
  config.num_heads = -1;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "heads");
  config = unet_config_d ();
  config.n_levels = 9;
  assert_unet_refused (weights, prefix, &config, LIMN_ENGINE_ERROR_UNSUPPORTED, "channel_mult");
}

static void
test_bad_autoencoder_configs (void)
{
  g_autoptr (LimnWeights) weights = open_weights (D_MODEL);
  LimnWeightSource source = { .weights = weights, .prefix = "first_stage_model." };
  LimnAutoencoderConfig configs[5];
  const char *const named[] = { "ch ", "ch_mult", "resolution", "double_z", "conv_in" };

  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    configs[i] = autoencoder_config_d ();
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
  g_autofree char *name = limn_name_map_ema ("model.diffusion_model.", "input_blocks.0.0.weight", NULL);

  g_assert_cmpstr (name, ==, "model_ema.diffusion_modelinput_blocks00weight");
}

static void
test_counts (void)
{
  g_auto (Networks) networks = { 0 };

  networks_init (&networks);
  /* Every tensor under the prefix is bound, and nothing else. */
  for (int which = 0; which < 2; which++)
    {
      const char *prefix = which == 0 ? "model.diffusion_model." : "first_stage_model.";
      gint64 want = 0;

      for (const char *const *name = limn_weights_list (networks.weights_d); *name != NULL; name++)
        {
          LimnTensor t;

          if (g_str_has_prefix (*name, prefix) && limn_weights_lookup (networks.weights_d, *name, &t))
            want += limn_tensor_count (&t);
        }
      g_assert_cmpint (which == 0 ? networks.crossattn.layers.n_parameters : networks.autoencoder.layers.n_parameters, ==,
                       want);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/threads", test_threads);
  g_test_add_func ("/nn/again", test_again);
  g_test_add_func ("/nn/kernels", test_kernels);
  g_test_add_func ("/nn/cancel", test_cancel);
  g_test_add_func ("/nn/no-memory", test_no_memory);
  g_test_add_func ("/nn/batch", test_batch);
  g_test_add_func ("/nn/causal", test_causal);
  g_test_add_func ("/nn/odd-sizes", test_odd_sizes);
  g_test_add_func ("/nn/bad-inputs", test_bad_inputs);
  g_test_add_func ("/nn/bad-images", test_bad_images);
  g_test_add_func ("/nn/bad-tokens", test_bad_tokens);
  g_test_add_func ("/nn/bad-unet-configs", test_bad_unet_configs);
  g_test_add_func ("/nn/bad-autoencoder-configs", test_bad_autoencoder_configs);
  g_test_add_func ("/nn/ema-names", test_ema_names);
  g_test_add_func ("/nn/counts", test_counts);
  return g_test_run ();
}
