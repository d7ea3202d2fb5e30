/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/tensor-testing.h"

#include <math.h>
#include <string.h>

void
test_run_init (TestRun *test, int n_threads, const LimnKernels *kernels, GCancellable *cancellable)
{
  test->pool = limn_pool_new (n_threads, FALSE);
  test->arena = limn_arena_new (0);
  limn_run_init (&test->run, test->pool, test->arena, cancellable);
  if (kernels != NULL)
    test->run.kernels = kernels;
}

void
test_run_clear (TestRun *test)
{
  limn_run_clear (&test->run);
  g_clear_pointer (&test->arena, limn_arena_free);
  g_clear_pointer (&test->pool, limn_pool_free);
}

LimnTensor
test_random (guint32 seed, int n_dims, const gint64 *extent)
{
  LimnTensor t = { .dtype = LIMN_DTYPE_F32, .n_dims = n_dims, .extent = { 1, 1, 1, 1 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  float *data;

  for (int i = 0; i < n_dims; i++)
    t.extent[i] = extent[i];
  data = g_new (float, limn_tensor_count (&t));
  for (gint64 i = 0; i < limn_tensor_count (&t); i++)
    data[i] = (float) g_rand_double_range (rand, -1.0, 1.0);
  t.data = data;
  return t;
}

void
test_tensor_clear (LimnTensor *t)
{
  g_clear_pointer (&t->data, g_free);
}

/* Below this a result counts as none: the tail of GELU, a normalised single value. */
#define SMALLEST_SCALE 1e-3

void
test_assert_close (LimnRun *run,
                   const char *what,
                   const LimnTensor *got,
                   const LimnTensor *want,
                   double bound)
{
  double largest = SMALLEST_SCALE, worst = 0.0;
  const float *a, *b;

  g_assert_no_error (run->error);
  g_assert_false (limn_tensor_is_empty (got));
  if (!limn_tensor_same_shape (got, want))
    g_error ("%s: wrong shape %s", what, limn_tensor_describe (got));
  a = limn_tensor_f32 (got);
  b = limn_tensor_f32 (want);
  for (gint64 i = 0; i < limn_tensor_count (want); i++)
    {
      double difference = fabs ((double) a[i] - b[i]);

      largest = MAX (largest, fabs ((double) b[i]));
      worst = isnan (difference) ? INFINITY : MAX (worst, difference);
    }
  if (worst > bound * largest)
    g_error ("%s %s: off by %g of %g, bound %g", what, limn_tensor_describe (want), worst, largest,
             bound);
}

void
test_assert_same_bits (const char *what, const LimnTensor *got, const LimnTensor *want)
{
  g_assert_true (limn_tensor_same_shape (got, want));
  if (memcmp (got->data, want->data, limn_tensor_bytes (want)) != 0)
    g_error ("%s: not the same bits", what);
}

/* ---- The operations ---- */

static LimnTensor
run_conv (LimnRun *run,
          const TestSizes *s,
          guint32 seed,
          int size,
          int stride,
          int before,
          int after,
          gboolean with_residual)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (seed + 1, s->out, s->in, size, size);
  g_auto (LimnTensor) bias = TEST_RANDOM (seed + 2, s->out);
  gint64 oh = (s->h + before + after - size) / stride + 1;
  gint64 ow = (s->w + before + after - size) / stride + 1;
  g_auto (LimnTensor) residual = TEST_RANDOM (seed + 3, s->n, MAX (oh, 1), MAX (ow, 1), s->out);
  LimnConv2d conv = {
    .weight = weight,
    .bias = with_residual ? bias : LIMN_TENSOR_EMPTY,
    .n_in = s->in,
    .n_out = s->out,
    .kernel_h = size,
    .kernel_w = size,
    .stride = stride,
    .pad_top = before,
    .pad_left = before,
    .pad_bottom = after,
    .pad_right = after,
  };
  LimnTensor y = limn_conv2d (run, &conv, &x, with_residual ? &residual : NULL);

  limn_conv2d_clear (&conv);
  return y;
}

static LimnTensor
conv3x3_by (LimnRun *run, const TestSizes *s, guint32 seed, LimnConvolution convolution)
{
  LimnConvolution before = run->convolution;
  LimnTensor y;

  run->convolution = convolution;
  y = run_conv (run, s, seed, 3, 1, 1, 1, TRUE);
  run->convolution = before;
  return y;
}

static LimnTensor
conv3x3 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return conv3x3_by (run, s, seed, LIMN_CONVOLUTION_DIRECT);
}

static LimnTensor
conv3x3_winograd_2 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return conv3x3_by (run, s, seed, LIMN_CONVOLUTION_WINOGRAD_2);
}

static LimnTensor
conv3x3_winograd_4 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return conv3x3_by (run, s, seed, LIMN_CONVOLUTION_WINOGRAD_4);
}

static LimnTensor
conv3x3_stride_2 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_conv (run, s, seed, 3, 2, 1, 1, FALSE);
}

/* The autoencoder's: padded at the right and bottom only. */
static LimnTensor
conv3x3_asymmetric (LimnRun *run, const TestSizes *s, guint32 seed)
{
  TestSizes at_least_two = *s;

  at_least_two.h = MAX (s->h, 2);
  at_least_two.w = MAX (s->w, 2);
  return run_conv (run, &at_least_two, seed, 3, 2, 0, 1, TRUE);
}

static LimnTensor
conv5x5 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_conv (run, s, seed, 5, 1, 2, 2, FALSE);
}

static LimnTensor
conv1x1 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_conv (run, s, seed, 1, 1, 0, 0, TRUE);
}

static LimnTensor
conv1x1_stride_2 (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_conv (run, s, seed, 1, 2, 0, 0, TRUE);
}

static LimnTensor
run_linear (LimnRun *run, const TestSizes *s, guint32 seed, gboolean with_residual)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h * s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (seed + 1, s->out, s->in);
  g_auto (LimnTensor) bias = TEST_RANDOM (seed + 2, s->out);
  g_auto (LimnTensor) residual = TEST_RANDOM (seed + 3, s->n, s->h * s->w, s->out);
  LimnLinear linear = { .weight = weight,
                        .bias = with_residual ? bias : LIMN_TENSOR_EMPTY,
                        .n_in = s->in,
                        .n_out = s->out };
  LimnTensor y = limn_linear (run, &linear, &x, with_residual ? &residual : NULL);

  limn_linear_clear (&linear);
  return y;
}

static LimnTensor
linear_plain (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_linear (run, s, seed, FALSE);
}

static LimnTensor
linear_residual (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_linear (run, s, seed, TRUE);
}

static LimnTensor
run_group_norm (LimnRun *run,
                const TestSizes *s,
                guint32 seed,
                gboolean with_scale_shift,
                LimnActivation activation)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (seed + 1, s->in);
  g_auto (LimnTensor) bias = TEST_RANDOM (seed + 2, s->in);
  g_auto (LimnTensor) scale_shift = TEST_RANDOM (seed + 3, s->n, 2 * s->in);
  LimnNorm norm = { .weight = weight, .bias = bias, .n_channels = s->in };
  LimnTensor y;

  if (with_scale_shift)
    y = limn_group_norm_scale_shift (run, &norm, &x, s->groups, 1e-5f, &scale_shift, activation);
  else
    y = limn_group_norm (run, &norm, &x, s->groups, 1e-5f, activation);
  limn_norm_clear (&norm);
  return y;
}

static LimnTensor
group_norm_plain (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_group_norm (run, s, seed, FALSE, LIMN_ACTIVATION_NONE);
}

static LimnTensor
group_norm_silu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_group_norm (run, s, seed, FALSE, LIMN_ACTIVATION_SILU);
}

static LimnTensor
group_norm_scale_shift (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_group_norm (run, s, seed, TRUE, LIMN_ACTIVATION_GELU);
}

static LimnTensor
layer_norm (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h * s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (seed + 1, s->in);
  LimnNorm norm = { .weight = weight, .n_channels = s->in };
  LimnTensor y = limn_layer_norm (run, &norm, &x, 1e-5f);

  limn_norm_clear (&norm);
  return y;
}

static LimnTensor
run_activation (LimnRun *run, const TestSizes *s, guint32 seed, LimnActivation activation)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  float *data = limn_tensor_f32 (&x);

  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    data[i] *= 12.0f;
  return limn_activate (run, &x, activation);
}

static LimnTensor
silu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_activation (run, s, seed, LIMN_ACTIVATION_SILU);
}

static LimnTensor
gelu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_activation (run, s, seed, LIMN_ACTIVATION_GELU);
}

static LimnTensor
quick_gelu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_activation (run, s, seed, LIMN_ACTIVATION_QUICK_GELU);
}

static LimnTensor
geglu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h * s->w, 2 * s->in);

  return limn_geglu (run, &x);
}

static LimnTensor
linear_geglu (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h * s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (seed + 1, 2 * s->out, s->in);
  g_auto (LimnTensor) bias = TEST_RANDOM (seed + 2, 2 * s->out);
  LimnLinear linear
      = { .weight = weight, .bias = bias, .n_in = s->in, .n_out = 2 * s->out };
  LimnTensor y = limn_linear_geglu (run, &linear, &x);

  limn_linear_clear (&linear);
  return y;
}

static LimnTensor
run_attention (LimnRun *run, const TestSizes *s, guint32 seed, gint64 keys, gboolean causal)
{
  g_auto (LimnTensor) q = TEST_RANDOM (seed, s->n, s->h * s->w, s->in);
  g_auto (LimnTensor) k = TEST_RANDOM (seed + 1, s->n, keys, s->in);
  g_auto (LimnTensor) v = TEST_RANDOM (seed + 2, s->n, keys, s->in);

  return limn_attention (run, &q, &k, &v, s->heads, 1.5f, causal);
}

static LimnTensor
attention_self (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_attention (run, s, seed, s->h * s->w, FALSE);
}

static LimnTensor
attention_cross (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_attention (run, s, seed, s->keys, FALSE);
}

static LimnTensor
attention_causal (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_attention (run, s, seed, s->h * s->w, TRUE);
}

static LimnTensor
add (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) a = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) b = TEST_RANDOM (seed + 1, s->n, s->h, s->w, s->in);

  return limn_add (run, &a, &b);
}

static LimnTensor
add_channels (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) a = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) b = TEST_RANDOM (seed + 1, s->n, s->in);

  return limn_add_channels (run, &a, &b);
}

static LimnTensor
concat_channels (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) a = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) b = TEST_RANDOM (seed + 1, s->n, s->h, s->w, s->out);

  return limn_concat_channels (run, &a, &b);
}

static LimnTensor
concat_batch (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) a = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) b = TEST_RANDOM (seed + 1, 2, s->h, s->w, s->in);

  return limn_concat_batch (run, &a, &b);
}

static LimnTensor
slice_channels (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) a = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);

  return limn_slice_channels (run, &a, s->in / 3, s->in - s->in / 3);
}

static LimnTensor
upsample (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);

  return limn_upsample_nearest_2x (run, &x);
}

static LimnTensor
avg_pool (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, MAX (s->h, 2), MAX (s->w, 2), s->in);

  return limn_avg_pool_2x (run, &x);
}

/* Down in one direction, up in the other, by factors that are no whole numbers. */
static LimnTensor
run_resize (LimnRun *run, const TestSizes *s, guint32 seed, LimnResize filter)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->h, s->w, s->in);

  return limn_resize (run, &x, (2 * s->h + 4) / 5, (7 * s->w + 2) / 3, filter);
}

static LimnTensor
resize_bilinear (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_resize (run, s, seed, LIMN_RESIZE_BILINEAR);
}

static LimnTensor
resize_area (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_resize (run, s, seed, LIMN_RESIZE_AREA);
}

static LimnTensor
resize_lanczos (LimnRun *run, const TestSizes *s, guint32 seed)
{
  return run_resize (run, s, seed, LIMN_RESIZE_LANCZOS);
}

static LimnTensor
to_nhwc (LimnRun *run, const TestSizes *s, guint32 seed)
{
  g_auto (LimnTensor) x = TEST_RANDOM (seed, s->n, s->in, s->h, s->w);

  return limn_nchw_to_nhwc (run, &x);
}

/* Sums of up to 25 * 320 products in float against double, then rounding in the last place. */
#define BOUND_PRODUCT 2e-6
/* See limn_winograd_convolve(). */
#define BOUND_WINOGRAD_4 1.2e-5
#define BOUND_NORM 1e-6
#define BOUND_ACTIVATION 3e-7
/* The exponent's argument carries the error of a dot product times the scale of 1.5. */
#define BOUND_ATTENTION 4e-6
#define BOUND_EXACT 0.0
#define BOUND_RESIZE 5e-7

const TestCase test_cases[] = {
  { "conv 3x3", conv3x3, BOUND_PRODUCT },
  { "conv 3x3 stride 2", conv3x3_stride_2, BOUND_PRODUCT },
  { "conv 3x3 asymmetric", conv3x3_asymmetric, BOUND_PRODUCT },
  { "conv 5x5", conv5x5, BOUND_PRODUCT },
  { "conv 1x1", conv1x1, BOUND_PRODUCT },
  { "conv 1x1 stride 2", conv1x1_stride_2, BOUND_PRODUCT },
  { "linear", linear_plain, BOUND_PRODUCT },
  { "linear with residual", linear_residual, BOUND_PRODUCT },
  { "linear GEGLU", linear_geglu, BOUND_PRODUCT },
  { "group norm", group_norm_plain, BOUND_NORM },
  { "group norm SiLU", group_norm_silu, BOUND_NORM },
  { "group norm scale shift GELU", group_norm_scale_shift, BOUND_NORM },
  { "layer norm", layer_norm, BOUND_NORM },
  { "SiLU", silu, BOUND_ACTIVATION },
  { "GELU", gelu, BOUND_ACTIVATION },
  { "quick GELU", quick_gelu, BOUND_ACTIVATION },
  { "GEGLU", geglu, BOUND_ACTIVATION },
  { "self attention", attention_self, BOUND_ATTENTION },
  { "cross attention", attention_cross, BOUND_ATTENTION },
  { "causal attention", attention_causal, BOUND_ATTENTION },
  { "add", add, BOUND_EXACT },
  { "add channels", add_channels, BOUND_EXACT },
  { "concat channels", concat_channels, BOUND_EXACT },
  { "concat batch", concat_batch, BOUND_EXACT },
  { "slice channels", slice_channels, BOUND_EXACT },
  { "upsample", upsample, BOUND_EXACT },
  { "average pool", avg_pool, BOUND_EXACT },
  { "resize bilinear", resize_bilinear, BOUND_RESIZE },
  { "resize area", resize_area, BOUND_RESIZE },
  { "resize Lanczos", resize_lanczos, BOUND_RESIZE },
  { "NCHW to NHWC", to_nhwc, BOUND_EXACT },
  { "conv 3x3 F(2x2)", conv3x3_winograd_2, BOUND_PRODUCT },
  { "conv 3x3 F(4x4)", conv3x3_winograd_4, BOUND_WINOGRAD_4 },
};
const guint test_n_cases = G_N_ELEMENTS (test_cases);

const TestSizes test_sizes[] = {
  { 1, 1, 1, 1, 1, 1, 1, 1 },        { 2, 1, 2, 3, 2, 3, 7, 3 },
  { 1, 7, 3, 8, 3, 2, 15, 2 },       { 2, 8, 8, 15, 17, 5, 17, 3 },
  { 1, 15, 17, 17, 33, 17, 1, 1 },   { 1, 17, 33, 33, 31, 3, 33, 3 },
  { 3, 5, 13, 32, 64, 8, 77, 2 },    { 1, 33, 32, 64, 65, 32, 300, 8 },
  { 1, 12, 12, 96, 128, 32, 77, 1 }, { 1, 4, 131, 8, 4, 4, 257, 1 },
  { 1, 3, 3, 320, 48, 32, 513, 8 },
};
const guint test_n_sizes = G_N_ELEMENTS (test_sizes);
