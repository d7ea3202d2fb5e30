/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "tests/unit/nn-testing.h"

/* What a UNet remembers between its evaluations: keys and values change no bit, deep features only
 * those of the evaluations that take them. */

#define SIDE 16

static const float times[] = { 801.0f, 781.0f, 761.0f, 741.0f };

/* The network with cross-attention, on two samples; two inputs as they follow each other. */
typedef struct
{
  TestNetworks networks;
  TestRun test;
  LimnTensor x[2], context, other_context;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  test_networks_init (&f->networks);
  test_run_init (&f->test, 2, NULL, NULL);
  f->x[0] = TEST_RANDOM (1, 2, SIDE, SIDE, 9);
  f->x[1] = TEST_RANDOM (2, 2, SIDE, SIDE, 9);
  for (gint64 i = 0; i < limn_tensor_count (&f->x[0]); i++)
    limn_tensor_f32 (&f->x[1])[i]
        = limn_tensor_f32 (&f->x[0])[i] + 0.05f * limn_tensor_f32 (&f->x[1])[i];
  f->context = TEST_RANDOM (3, 2, 77, 48);
  f->other_context = TEST_RANDOM (4, 2, 77, 48);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    test_tensor_clear (&f->x[i]);
  test_tensor_clear (&f->context);
  test_tensor_clear (&f->other_context);
  test_run_clear (&f->test);
  test_networks_clear (&f->networks);
}

static LimnTensor
evaluate (Fixture *f, LimnRun *run, int x, int time, LimnUnetMemory *memory)
{
  const float t[] = { times[time], times[time] };

  return limn_unet_evaluate (&f->networks.crossattn, run, &f->x[x], t,
                             &(LimnUnetConditions){ .context = &f->context, .memory = memory });
}

static LimnUnetMemory *
remember (Fixture *f, LimnRun *run, int step_cache)
{
  LimnUnetMemory *memory
      = limn_unet_remember (&f->networks.crossattn, run, &f->context, 2, SIDE, SIDE, step_cache);

  g_assert_no_error (run->error);
  g_assert_nonnull (memory);
  return memory;
}

static void
test_same_bits (Fixture *f, gconstpointer data)
{
  LimnUnetMemory *memory = remember (f, &f->test.run, 0);

  for (int i = 0; i < (int)G_N_ELEMENTS (times); i++)
    {
      LimnTensor want = evaluate (f, &f->test.run, i % 2, i, NULL);
      LimnTensor got = evaluate (f, &f->test.run, i % 2, i, memory);

      g_assert_no_error (f->test.run.error);
      test_assert_same_bits ("remembered keys", &got, &want);
    }
}

/* Counts the tiles of attention, of which every block of the network has some. */
typedef struct
{
  LimnKernels kernels;
  int n_tiles; /* atomic */
} Spy;

static void
spy_attention_tile (const LimnAttentionJob *job, const LimnAttentionTile *tile, void *scratch)
{
  Spy *spy = (Spy *)job->kernels;
  LimnAttentionJob real = *job;

  g_atomic_int_inc (&spy->n_tiles);
  real.kernels = limn_kernels_best ();
  real.kernels->attention_tile (&real, tile, scratch);
}

/* Of three evaluations the first runs all blocks; the others run fewer, and give the same where
 * nothing has changed, for then the deep features have not either. */
static void
test_deep_features (Fixture *f, gconstpointer data)
{
  Spy spy = { .kernels = *limn_kernels_best () };
  LimnTensor whole[2], first, second, third, fourth;
  LimnUnetMemory *memory;
  int n_whole;

  spy.kernels.attention_tile = spy_attention_tile;
  f->test.run.kernels = &spy.kernels;
  memory = remember (f, &f->test.run, 3);
  for (int i = 0; i < 2; i++)
    whole[i] = evaluate (f, &f->test.run, i, i, NULL);
  n_whole = spy.n_tiles / 2;
  spy.n_tiles = 0;
  first = evaluate (f, &f->test.run, 0, 0, memory);
  g_assert_cmpint (spy.n_tiles, ==, n_whole);
  spy.n_tiles = 0;
  second = evaluate (f, &f->test.run, 0, 0, memory);
  g_assert_cmpint (spy.n_tiles, <, n_whole);
  g_assert_cmpint (spy.n_tiles, >, 0);
  third = evaluate (f, &f->test.run, 1, 1, memory);
  fourth = evaluate (f, &f->test.run, 1, 1, memory);
  g_assert_no_error (f->test.run.error);

  test_assert_same_bits ("first of three", &first, &whole[0]);
  test_assert_same_bits ("nothing changed", &second, &whole[0]);
  test_assert_same_bits ("first of the next three", &fourth, &whole[1]);
  /* Other noise at another time: near, and not the same. */
  g_assert_true (memcmp (third.data, whole[1].data, limn_tensor_bytes (&third)) != 0);
  test_assert_close (&f->test.run, "old features", &third, &whole[1], 0.2);
  f->test.run.kernels = limn_kernels_best ();
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  g_auto (TestRun) four = { 0 };
  LimnUnetMemory *memory = remember (f, &f->test.run, 2), *other;

  test_run_init (&four, 4, NULL, NULL);
  other = remember (f, &four.run, 2);
  for (int i = 0; i < (int)G_N_ELEMENTS (times); i++)
    {
      LimnTensor want = evaluate (f, &f->test.run, i % 2, i, memory);
      LimnTensor got = evaluate (f, &four.run, i % 2, i, other);

      test_assert_same_bits ("deep features", &got, &want);
    }
}

static void
assert_refused (Fixture *f, const LimnTensor *x, const LimnTensor *context, LimnUnetMemory *memory)
{
  LimnTensor out
      = limn_unet_evaluate (&f->networks.crossattn, &f->test.run, x, times,
                            &(LimnUnetConditions){ .context = context, .memory = memory });

  g_assert_true (limn_tensor_is_empty (&out));
  g_assert_error (f->test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
  g_clear_error (&f->test.run.error);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_auto (LimnTensor) wide = TEST_RANDOM (1, 2, SIDE, 2 * SIDE, 9);
  LimnUnetMemory *memory = remember (f, &f->test.run, 2);
  const int bad[] = { -1, LIMN_UNET_MAX_STEP_CACHE + 1 };

  assert_refused (f, &f->x[0], &f->other_context, memory);
  assert_refused (f, &wide, &f->context, memory);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (limn_unet_remember (&f->networks.crossattn, &f->test.run, &f->context, 2, SIDE,
                                         SIDE, bad[i]));
      g_assert_error (f->test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      g_clear_error (&f->test.run.error);
    }
  g_assert_null (
      limn_unet_remember (&f->networks.crossattn, &f->test.run, &f->context, 1, SIDE, SIDE, 0));
  g_assert_error (f->test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
  g_clear_error (&f->test.run.error);
}

/* A network that is told nothing has only its deep features to remember. */
static void
test_unconditional (Fixture *f, gconstpointer data)
{
  LimnUnet *unet = &f->networks.concat;
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, SIDE, SIDE, unet->config.in_channels);
  LimnUnetMemory *memory = limn_unet_remember (unet, &f->test.run, NULL, 1, SIDE, SIDE, 2);
  LimnTensor want = limn_unet_forward (unet, &f->test.run, &x, times, NULL);

  for (int i = 0; i < 2; i++)
    {
      LimnTensor got = limn_unet_evaluate (unet, &f->test.run, &x, times,
                                           &(LimnUnetConditions){ .memory = memory });

      g_assert_no_error (f->test.run.error);
      test_assert_same_bits ("without a context", &got, &want);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/nn/unet-memory/same-bits", test_same_bits },
    { "/nn/unet-memory/deep-features", test_deep_features },
    { "/nn/unet-memory/threads", test_threads },
    { "/nn/unet-memory/refused", test_refused },
    { "/nn/unet-memory/unconditional", test_unconditional },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
