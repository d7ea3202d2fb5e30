/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/tensor/kernels-private.h"
#include "tests/unit/tensor-testing.h"

/* The grids: tiles cover the result once, do not become long enough to delay a cancel, are enough
 * for several threads, and are the last thing that runs when the person cancels in their middle. */

/* 20 ms of a core that reaches 13 GFLOP/s, in multiply-adds; with tiles of the least possible size
 * more. */
#define MOST_WORK ((gint64) 128 * 1024 * 1024)
#define LEAST_TILES 16

/* The kernels under test, with the tiles of convolution and attention watched. */
typedef struct
{
  LimnKernels kernels;
  const LimnKernels *real; /* NULL: tiles are only looked at */
  int n_calls;
  int cancel_at;
  GCancellable *cancellable;
  guint8 *covered; /* nullable: one per value of the result */
  gint64 most_work;
} Spy;

/* Tiles after the one that cancels wait for it, so that what is counted does not depend on luck. */
static void
spy_count (Spy *spy)
{
  int call = g_atomic_int_add (&spy->n_calls, 1) + 1;

  if (spy->cancel_at == 0 || call < spy->cancel_at)
    return;
  if (call == spy->cancel_at)
    g_cancellable_cancel (spy->cancellable);
  while (!g_cancellable_is_cancelled (spy->cancellable))
    g_thread_yield ();
}

static void
spy_conv_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  Spy *spy = (Spy *) job->kernels;
  LimnConvJob real_job = *job;

  spy_count (spy);
  if (spy->real != NULL)
    {
      real_job.kernels = spy->real;
      spy->real->conv_tile (&real_job, tile, scratch);
      return;
    }
  spy->most_work = MAX (spy->most_work, tile->n_rows * tile->n_columns * tile->n_channels
                                            * job->kernel_h * job->kernel_w * job->in);
  for (gint64 y = tile->row; spy->covered != NULL && y < tile->row + tile->n_rows; y++)
    for (gint64 x = tile->column; x < tile->column + tile->n_columns; x++)
      for (gint64 c = tile->channel; c < tile->channel + tile->n_channels; c++)
        spy->covered[((tile->sample * job->oh + y) * job->ow + x) * job->out + c]++;
}

static void
spy_attention_tile (const LimnAttentionJob *job, const LimnAttentionTile *tile, void *scratch)
{
  Spy *spy = (Spy *) job->kernels;
  LimnAttentionJob real_job = *job;

  spy_count (spy);
  if (spy->real != NULL)
    {
      real_job.kernels = spy->real;
      spy->real->attention_tile (&real_job, tile, scratch);
      return;
    }
  spy->most_work = MAX (spy->most_work, 2 * tile->n_queries * job->n_step_keys * job->dim);
}

static void
spy_init (Spy *spy, const LimnKernels *real)
{
  *spy = (Spy){ .kernels = *limn_kernels_best (), .real = real };
  spy->kernels.conv_tile = spy_conv_tile;
  spy->kernels.attention_tile = spy_attention_tile;
}

static LimnTensor
convolve (LimnRun *run, gint64 n, gint64 h, gint64 w, gint64 in, gint64 out)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, n, h, w, in);
  g_auto (LimnTensor) weight = TEST_RANDOM (2, out, in, 3, 3);
  LimnConv2d conv = {
    .weight = weight,
    .n_in = in,
    .n_out = out,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride = 1,
    .pad_top = 1,
    .pad_left = 1,
    .pad_bottom = 1,
    .pad_right = 1,
  };
  LimnTensor y = limn_conv2d (run, &conv, &x, NULL);

  limn_conv2d_clear (&conv);
  return y;
}

static LimnTensor
attend (LimnRun *run, gint64 tokens, gint64 dim, int heads)
{
  g_auto (LimnTensor) q = TEST_RANDOM (1, 1, tokens, heads * dim);

  return limn_attention (run, &q, &q, &q, heads, 0.1f, FALSE);
}

static void
test_conv_covers (void)
{
  const gint64 sides[] = { 1, 2, 3, 7, 8, 15, 17, 33, 65, 200 };
  const gint64 channels[] = { 1, 3, 31, 32, 33, 64, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    for (guint j = 0; j < G_N_ELEMENTS (channels); j++)
      {
        gint64 h = sides[i], w = sides[(i + 3) % G_N_ELEMENTS (sides)], out = channels[j];
        g_auto (TestRun) t = { 0 };
        g_autofree guint8 *covered = g_malloc0 ((gsize) (2 * h * w * out));
        Spy spy;

        spy_init (&spy, NULL);
        spy.covered = covered;
        test_run_init (&t, 1, &spy.kernels, NULL);
        t.run.convolution = LIMN_CONVOLUTION_DIRECT;
        convolve (&t.run, 2, h, w, channels[(j + 2) % G_N_ELEMENTS (channels)], out);
        g_assert_no_error (t.run.error);
        for (gint64 k = 0; k < 2 * h * w * out; k++)
          g_assert_cmpint (covered[k], ==, 1);
      }
}

static void
test_conv_tiles (void)
{
  const gint64 shapes[][4] = {
    { 512, 512, 32, 32 },   { 256, 256, 128, 128 }, { 64, 64, 320, 320 }, { 32, 32, 1280, 640 },
    { 16, 16, 1280, 1280 }, { 8, 8, 1280, 1280 },   { 32, 32, 128, 128 }, { 8, 8, 2560, 1280 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      g_auto (TestRun) t = { 0 };
      Spy spy;

      spy_init (&spy, NULL);
      test_run_init (&t, 1, &spy.kernels, NULL);
      t.run.convolution = LIMN_CONVOLUTION_DIRECT;
      convolve (&t.run, 1, s[0], s[1], s[2], s[3]);
      g_assert_no_error (t.run.error);
      g_assert_cmpint (spy.most_work, <=, MOST_WORK);
      g_assert_cmpint (spy.n_calls, >=, LEAST_TILES);
    }
}

static void
test_attention_tiles (void)
{
  const gint64 shapes[][3] = {
    { 4096, 40, 8 }, { 1024, 80, 8 }, { 256, 160, 8 }, { 4096, 512, 1 }, { 9216, 512, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_auto (TestRun) t = { 0 };
      Spy spy;

      spy_init (&spy, NULL);
      test_run_init (&t, 1, &spy.kernels, NULL);
      attend (&t.run, shapes[i][0], shapes[i][1], (int) shapes[i][2]);
      g_assert_no_error (t.run.error);
      g_assert_cmpint (spy.most_work, <=, MOST_WORK + MOST_WORK / 4);
      g_assert_cmpint (spy.n_calls, >=, LEAST_TILES);
    }
}

/* Cancelled inside of the fifth tile: no worker begins another one. */
static void
check_cancel (int n_threads, gboolean attention)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (TestRun) t = { 0 };
  LimnTensor y;
  Spy spy;

  spy_init (&spy, limn_kernels_best ());
  spy.cancel_at = 5;
  spy.cancellable = cancellable;
  test_run_init (&t, n_threads, &spy.kernels, cancellable);
  t.run.convolution = LIMN_CONVOLUTION_DIRECT;
  y = attention ? attend (&t.run, 2048, 40, 2) : convolve (&t.run, 1, 128, 128, 64, 64);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_error (t.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (spy.n_calls, <, 5 + n_threads);
}

static void
test_cancel (void)
{
  check_cancel (1, FALSE);
  check_cancel (4, FALSE);
  check_cancel (1, TRUE);
  check_cancel (4, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/tiles/conv-covers", test_conv_covers);
  g_test_add_func ("/tensor/tiles/conv", test_conv_tiles);
  g_test_add_func ("/tensor/tiles/attention", test_attention_tiles);
  g_test_add_func ("/tensor/tiles/cancel", test_cancel);
  return g_test_run ();
}
