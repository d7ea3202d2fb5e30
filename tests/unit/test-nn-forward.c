/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include <glib/gstdio.h>

#include "tests/unit/nn-testing.h"

static LimnTensor
run_crossattn (TestNetworks *self, LimnRun *run)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 10, 14, 9);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 2, 7, 48);
  const float t[] = { 3.0f, 801.5f };

  return limn_unet_forward (&self->crossattn, run, &x, t, &context);
}

static LimnTensor
run_concat (TestNetworks *self, LimnRun *run)
{
  g_auto (LimnTensor) x = TEST_RANDOM (3, 1, 20, 12, 7);
  const float t[] = { 451.0f };

  return limn_unet_forward (&self->concat, run, &x, t, NULL);
}

static LimnTensor
run_encode (TestNetworks *self, LimnRun *run)
{
  g_auto (LimnTensor) image = TEST_RANDOM (4, 1, 33, 47, 3);

  return limn_autoencoder_encode (&self->autoencoder, run, &image);
}

static LimnTensor
run_decode (TestNetworks *self, LimnRun *run)
{
  g_auto (LimnTensor) latent = TEST_RANDOM (5, 1, 15, 17, 4);

  return limn_autoencoder_decode (&self->autoencoder, run, &latent);
}

static LimnTensor
run_text (TestNetworks *self, LimnRun *run)
{
  gint32 ids[2 * 33];

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = (gint32) (i * 97 % 768);
  return limn_clip_text_forward (&self->text, run, ids, 2, 33);
}

typedef LimnTensor (*Forward) (TestNetworks *self, LimnRun *run);
static const struct
{
  const char *name;
  Forward forward;
} forwards[] = {
  { "crossattn", run_crossattn }, { "concat", run_concat }, { "encode", run_encode },
  { "decode", run_decode },       { "text", run_text },
};

/* ---- Properties of every forward ------------------------------------------------------------ */

static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (TestNetworks) networks = { 0 };
      g_auto (TestRun) one = { 0 };
      LimnTensor want;

      test_networks_init (&networks);
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

/* A second evaluation gives the same bits and takes no more memory than the first; also after the
 * packed weights were freed. */
static void
test_again (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (TestNetworks) networks = { 0 };
      g_auto (TestRun) test = { 0 };
      LimnArenaMark before, after;
      LimnTensor first, again;
      gsize peak;

      test_networks_init (&networks);
      test_run_init (&test, 2, NULL, NULL);
      before = limn_run_mark (&test.run);
      first = forwards[i].forward (&networks, &test.run);
      after = limn_run_mark (&test.run);
      peak = limn_arena_get_peak (test.arena);
      g_assert_no_error (test.run.error);
      /* Nothing but the result stays in the arena, up to alignment. */
      g_assert_cmpuint (after - before, >=, limn_tensor_bytes (&first));
      g_assert_cmpuint (after - before, <, limn_tensor_bytes (&first) + 4096);

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

/* An autoencoder whose maps lie in a file, handed back after every tile, gives the same bits; its run
 * holds the result. */
static void
test_spilled (void)
{
  const gsize limits[] = { 1, 2 * 1024 * 1024 };
  g_autofree char *folder = g_dir_make_tmp ("limn-maps-XXXXXX", NULL);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (limits); i++)
    {
      gboolean decode = i % 2 == 0;
      g_auto (TestNetworks) networks = { 0 };
      g_auto (TestRun) plain = { 0 };
      g_auto (TestRun) spilled = { 0 };
      g_auto (LimnTensor) latent = TEST_RANDOM (5, 2, 38, 32, 4);
      g_auto (LimnTensor) image = TEST_RANDOM (6, 1, 151, 145, 3);
      LimnTensor want, got;

      test_networks_init (&networks);
      test_run_init (&plain, 2, NULL, NULL);
      test_run_init (&spilled, 2, NULL, NULL);
      spilled.run.maps_limit = limits[i / 2];
      spilled.run.maps_folder = folder;
      want = decode ? limn_autoencoder_decode (&networks.autoencoder, &plain.run, &latent)
                    : limn_autoencoder_encode (&networks.autoencoder, &plain.run, &image);
      got = decode ? limn_autoencoder_decode (&networks.autoencoder, &spilled.run, &latent)
                   : limn_autoencoder_encode (&networks.autoencoder, &spilled.run, &image);
      g_assert_no_error (plain.run.error);
      g_assert_no_error (spilled.run.error);
      test_assert_same_bits (decode ? "decode" : "encode", &got, &want);
      g_assert_true (spilled.run.arena == spilled.arena);
      g_assert_cmpuint (limn_arena_get_peak (plain.arena), >, limits[1]);
      g_assert_cmpuint (limn_arena_get_peak (spilled.arena), <,
                        limn_tensor_bytes (&got) + 64 * 1024);
    }
  /* The files were never seen. */
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* A file that cannot be made is an error that says where. */
static void
test_spilled_nowhere (void)
{
  g_auto (TestNetworks) networks = { 0 };
  g_auto (TestRun) t = { 0 };
  LimnTensor y;

  test_networks_init (&networks);
  test_run_init (&t, 2, NULL, NULL);
  t.run.maps_limit = 1;
  t.run.maps_folder = "/dev/null/limn";
  y = run_decode (&networks, &t.run);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_nonnull (strstr (t.run.error->message, "/dev/null/limn"));
  g_assert_true (t.run.arena == t.arena);
}

/* The reference kernels and the fast ones agree through the whole network. */
static void
test_kernels (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (TestNetworks) networks = { 0 };
      g_auto (TestNetworks) reference_networks = { 0 };
      g_auto (TestRun) fast = { 0 };
      g_auto (TestRun) reference = { 0 };
      LimnTensor got, want;

      test_networks_init (&networks);
      test_networks_init (&reference_networks);
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
  gint started; /* atomic */
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

/* Cancelled by another thread while evaluations follow each other: the one that it meets stops with
 * the right error. */
static void
test_cancel (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forwards); i++)
    {
      g_auto (TestNetworks) networks = { 0 };
      g_auto (TestRun) test = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Canceller canceller = { cancellable, 0 };
      g_autoptr (GThread) thread = g_thread_new ("cancel", cancel_later, &canceller);
      LimnArenaMark mark;
      LimnTensor out;

      test_networks_init (&networks);
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
        g_auto (TestNetworks) networks = { 0 };
        g_autoptr (LimnPool) pool = limn_pool_new (1, FALSE);
        g_autoptr (LimnArena) arena = limn_arena_new (limit);
        g_auto (LimnRun) run = { 0 };
        LimnTensor out;

        test_networks_init (&networks);
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
  g_auto (TestNetworks) networks = { 0 };
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 2, 10, 14, 9);
  g_auto (LimnTensor) context = TEST_RANDOM (2, 2, 7, 48);
  const float t[] = { 3.0f, 801.0f };
  LimnTensor both;

  test_networks_init (&networks);
  test_run_init (&test, 2, NULL, NULL);
  both = limn_unet_forward (&networks.crossattn, &test.run, &x, t, &context);
  for (int i = 0; i < 2; i++)
    {
      LimnTensor one_x = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&x) + i * 10 * 14 * 9, 1,
                                         10, 14, 9);
      LimnTensor one_context = limn_tensor_3d (LIMN_DTYPE_F32,
                                               limn_tensor_f32 (&context) + i * 7 * 48, 1, 7, 48);
      LimnTensor want = limn_tensor_4d (LIMN_DTYPE_F32, limn_tensor_f32 (&both) + i * 10 * 14 * 4,
                                        1, 10, 14, 4);
      LimnTensor got = limn_unet_forward (&networks.crossattn, &test.run, &one_x, &t[i],
                                          &one_context);

      test_assert_close (&test.run, "batch", &got, &want, 1e-5);
    }
}

/* Later tokens do not change what stands before them. */
static void
test_causal (void)
{
  g_auto (TestNetworks) networks = { 0 };
  g_auto (TestRun) test = { 0 };
  gint32 ids[] = { 766, 5, 300, 12, 40, 767 };
  LimnTensor all, some;

  test_networks_init (&networks);
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
  g_auto (TestNetworks) networks = { 0 };
  g_auto (TestRun) test = { 0 };

  test_networks_init (&networks);
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

/* A VQ decoder sees codebook entries only: what lies nearest to one decodes to the same bits. */
static void
test_quantise (void)
{
  g_autoptr (LimnWeights) weights = test_open_weights (TEST_MODEL_C);
  LimnWeightSource source = { .weights = weights, .prefix = "first_stage_model." };
  LimnAutoencoderConfig config = {
    .in_channels = 3,
    .out_ch = 3,
    .ch = 32,
    .ch_mult = { 2, 1, 1 },
    .n_levels = 3,
    .num_res_blocks = 1,
    .resolution = 64,
    .z_channels = 3,
    .embed_dim = 3,
    .n_embed = 64,
  };
  g_autoptr (GError) error = NULL;
  g_auto (TestRun) test = { 0 };
  float entries[64 * 3], exact[15 * 3], near[15 * 3];
  LimnTensor a = limn_tensor_4d (LIMN_DTYPE_F32, exact, 1, 3, 5, 3);
  LimnTensor b = limn_tensor_4d (LIMN_DTYPE_F32, near, 1, 3, 5, 3), decoded_a, decoded_b;
  LimnAutoencoder autoencoder;

  limn_autoencoder_init (&autoencoder, &config, &source, &error);
  g_assert_no_error (error);
  limn_convert_to_f32 (autoencoder.codebook.dtype, autoencoder.codebook.data, entries,
                       G_N_ELEMENTS (entries));
  for (int i = 0; i < 15; i++)
    for (int c = 0; c < 3; c++)
      {
        exact[i * 3 + c] = entries[(i * 37 % 64) * 3 + c];
        near[i * 3 + c] = exact[i * 3 + c] + (i % 2 == 0 ? 1e-4f : -1e-4f);
      }
  test_run_init (&test, 2, NULL, NULL);
  decoded_a = limn_autoencoder_decode (&autoencoder, &test.run, &a);
  decoded_b = limn_autoencoder_decode (&autoencoder, &test.run, &b);
  g_assert_no_error (test.run.error);
  test_assert_same_bits ("quantise", &decoded_b, &decoded_a);

  /* And it does see them. */
  for (int c = 0; c < 3; c++)
    near[c] = entries[63 * 3 + c];
  decoded_b = limn_autoencoder_decode (&autoencoder, &test.run, &b);
  g_assert_true (memcmp (decoded_a.data, decoded_b.data, limn_tensor_bytes (&decoded_a)) != 0);
  limn_autoencoder_clear (&autoencoder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/threads", test_threads);
  g_test_add_func ("/nn/again", test_again);
  g_test_add_func ("/nn/spilled", test_spilled);
  g_test_add_func ("/nn/spilled-nowhere", test_spilled_nowhere);
  g_test_add_func ("/nn/kernels", test_kernels);
  g_test_add_func ("/nn/cancel", test_cancel);
  g_test_add_func ("/nn/no-memory", test_no_memory);
  g_test_add_func ("/nn/batch", test_batch);
  g_test_add_func ("/nn/causal", test_causal);
  g_test_add_func ("/nn/quantise", test_quantise);
  g_test_add_func ("/nn/odd-sizes", test_odd_sizes);
  return g_test_run ();
}
