/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/unit/tensor-testing.h"

/* Tensors as values, number formats, and the operations that move pixels, against their
 * definitions. */

static void
test_tensors (void)
{
  LimnTensor a = limn_tensor_4d (LIMN_DTYPE_BF16, NULL, 1, 64, 65, 320);
  LimnTensor b = limn_tensor_3d (LIMN_DTYPE_BF16, NULL, 1, 64, 65);
  g_autofree char *text = limn_tensor_describe (&a);
  LimnTensor scalar = { .dtype = LIMN_DTYPE_F64 };

  g_assert_cmpstr (text, ==, "bf16 [1, 64, 65, 320]");
  g_assert_cmpint (limn_tensor_count (&a), ==, 64 * 65 * 320);
  g_assert_cmpint (limn_tensor_bytes (&a), ==, 2 * 64 * 65 * 320);
  g_assert_cmpint (limn_tensor_count (&scalar), ==, 1);
  g_assert_cmpint (limn_tensor_bytes (&scalar), ==, 8);
  g_assert_true (limn_tensor_is_empty (&a));
  g_assert_false (limn_tensor_same_shape (&a, &b));
  g_assert_true (limn_tensor_same_shape (&a, &a));
}

static void
test_checked_mul (void)
{
  gint64 product = 7;

  g_assert_true (limn_checked_mul (0, G_MAXINT64, &product));
  g_assert_cmpint (product, ==, 0);
  g_assert_true (limn_checked_mul (G_MAXINT64, 1, &product));
  g_assert_cmpint (product, ==, G_MAXINT64);
  g_assert_false (limn_checked_mul (G_MAXINT64 / 2 + 1, 2, &product));
  g_assert_false (limn_checked_mul (-1, 1, &product));
  g_assert_false (limn_checked_mul (1, -1, &product));
  g_assert_false (limn_checked_mul (-2, -2, &product));
}

/* ---- Number formats, all 65536 values of each ---- */

/* From the definition of the format. */
static double
f16_value (guint16 h)
{
  int exponent = (h >> 10) & 31;
  double fraction = (h & 1023) / 1024.0;
  double magnitude = exponent == 0 ? ldexp (fraction, -14) : ldexp (1.0 + fraction, exponent - 15);

  if (exponent == 31)
    magnitude = fraction == 0.0 ? INFINITY : NAN;
  return h & 0x8000 ? -magnitude : magnitude;
}

static void
test_f16 (void)
{
  for (guint h = 0; h < 65536; h++)
    {
      double want = f16_value (h);
      float got = limn_f16_to_f32 (h);
      guint16 back = limn_f32_to_f16 (got);

      if (isnan (want))
        {
          g_assert_true (isnan (got));
          g_assert_true (isnan (limn_f16_to_f32 (back)));
          continue;
        }
      g_assert_cmpfloat (got, ==, want);
      g_assert_cmpint (!!signbit (got), ==, h >> 15);
      g_assert_cmphex (back, ==, h);
    }
}

/* Between two neighbours the nearer one is taken, in the middle the even one. */
static void
test_f16_rounding (void)
{
  for (guint h = 0; h < 0x7bff; h++)
    {
      float low = limn_f16_to_f32 (h), high = limn_f16_to_f32 (h + 1);
      float middle = (low + high) / 2.0f;

      g_assert_cmphex (limn_f32_to_f16 (middle), ==, h % 2 == 0 ? h : h + 1);
      g_assert_cmphex (limn_f32_to_f16 (nextafterf (middle, 0.0f)), ==, h);
      g_assert_cmphex (limn_f32_to_f16 (nextafterf (middle, INFINITY)), ==, h + 1);
      g_assert_cmphex (limn_f32_to_f16 (-nextafterf (middle, INFINITY)), ==, 0x8000 | (h + 1));
    }
  g_assert_cmphex (limn_f32_to_f16 (65519.996f), ==, 0x7bff);
  g_assert_cmphex (limn_f32_to_f16 (65520.0f), ==, 0x7c00);
  g_assert_cmphex (limn_f32_to_f16 (3e38f), ==, 0x7c00);
  g_assert_cmphex (limn_f32_to_f16 (-INFINITY), ==, 0xfc00);
  g_assert_cmphex (limn_f32_to_f16 (1e-30f), ==, 0);
}

static void
test_bf16 (void)
{
  for (guint b = 0; b < 65536; b++)
    {
      guint32 bits = (guint32) b << 16, got;
      float value = limn_bf16_to_f32 (b);

      memcpy (&got, &value, sizeof got);
      g_assert_cmphex (got, ==, bits);
    }
}

/* Whole arrays, at every alignment, and no byte too many. */
static void
test_convert (void)
{
  const LimnDType types[] = { LIMN_DTYPE_F32, LIMN_DTYPE_F16, LIMN_DTYPE_BF16, LIMN_DTYPE_F64 };
  const gsize n = 65536;
  g_autofree guint8 *source = g_malloc (n * 8 + 8);
  g_autofree float *out = g_new (float, n + 1);

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    for (gsize offset = 0; offset < 8; offset++)
      {
        for (gsize i = 0; i < n; i++)
          {
            guint16 half = (guint16) i;
            float single = (float) i - 100.5f;
            double twice = (double) i / 3.0;
            const void *from = types[t] == LIMN_DTYPE_F32   ? (void *) &single
                               : types[t] == LIMN_DTYPE_F64 ? (void *) &twice
                                                            : (void *) &half;

            memcpy (source + offset + i * limn_dtype_size (types[t]), from,
                    limn_dtype_size (types[t]));
          }
        out[n] = 4711.0f;
        limn_convert_to_f32 (types[t], source + offset, out, n);
        g_assert_cmpfloat (out[n], ==, 4711.0f);
        for (gsize i = 0; i < n; i++)
          {
            float want = types[t] == LIMN_DTYPE_F32   ? (float) i - 100.5f
                         : types[t] == LIMN_DTYPE_F64 ? (float) ((double) i / 3.0)
                         : types[t] == LIMN_DTYPE_F16 ? limn_f16_to_f32 ((guint16) i)
                                                      : limn_bf16_to_f32 ((guint16) i);

            g_assert_true (memcmp (&out[i], &want, sizeof want) == 0);
          }
      }
}

/* A layer gives the same with weights of any type at an odd address. */
static void
test_unaligned_weights (void)
{
  const LimnDType types[] = { LIMN_DTYPE_F32, LIMN_DTYPE_F16, LIMN_DTYPE_BF16, LIMN_DTYPE_F64 };
  const gint64 in = 5, out = 35;
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 3, in);
  g_autofree guint8 *memory = g_malloc (8 * in * out + 1);

  test_run_init (&t, 2, NULL, NULL);
  for (guint type = 0; type < G_N_ELEMENTS (types); type++)
    {
      LimnLinear linear = { .n_in = in, .n_out = out };
      LimnTensor y;

      for (gint64 i = 0; i < in * out; i++)
        {
          /* A power of two or its negative: exact in all four types. */
          float value = ldexpf (i % 3 == 0 ? -1.0f : 1.0f, (int) (i % 7) - 3);
          double twice = value;
          guint16 half = limn_f32_to_f16 (value);
          guint32 bits;
          gsize size = limn_dtype_size (types[type]);

          memcpy (&bits, &value, sizeof bits);
          if (types[type] == LIMN_DTYPE_BF16)
            half = (guint16) (bits >> 16);
          memcpy (memory + 1 + (gsize) i * size,
                  size == 2   ? (void *) &half
                  : size == 4 ? (void *) &value
                              : (void *) &twice,
                  size);
        }
      linear.weight = limn_tensor_2d (types[type], memory + 1, out, in);
      y = limn_linear (&t.run, &linear, &x, NULL);
      g_assert_no_error (t.run.error);
      for (gint64 row = 0; row < 3; row++)
        for (gint64 o = 0; o < out; o++)
          {
            double sum = 0.0;

            for (gint64 i = 0; i < in; i++)
              sum += limn_tensor_f32 (&x)[row * in + i]
                     * ldexp ((o * in + i) % 3 == 0 ? -1.0 : 1.0, (int) ((o * in + i) % 7) - 3);
            g_assert_cmpfloat (fabs (limn_tensor_f32 (&y)[row * out + o] - sum), <, 1e-5);
          }
      limn_linear_clear (&linear);
    }
}

/* ---- Normalising, whose statistics all kernels share ---- */

typedef struct
{
  double mean, inverse;
} Statistics;

/* Mean and 1 / sqrt (variance + eps) of one group, from the definition. */
static Statistics
statistics_of (const LimnTensor *x, gint64 sample, gint64 first, gint64 size, double eps)
{
  gint64 c = x->extent[3], positions = x->extent[1] * x->extent[2];
  const float *data = limn_tensor_f32 (x) + sample * positions * c;
  double sum = 0.0, square = 0.0, mean;

  for (gint64 p = 0; p < positions; p++)
    for (gint64 i = first; i < first + size; i++)
      sum += data[p * c + i];
  mean = sum / (double) (positions * size);
  for (gint64 p = 0; p < positions; p++)
    for (gint64 i = first; i < first + size; i++)
      square += (data[p * c + i] - mean) * (data[p * c + i] - mean);
  return (Statistics){ mean, 1.0 / sqrt (square / (double) (positions * size) + eps) };
}

/* @spread: how much x varies; where that is little the eps decides, and the rounding of the mean.
 */
static void
check_group_norm (double spread, float eps, gboolean with_scale_shift)
{
  const gint64 n = 2, h = 9, w = 7, c = 12, groups = 4;
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, n, h, w, c);
  g_auto (LimnTensor) weight = TEST_RANDOM (2, c);
  g_auto (LimnTensor) bias = TEST_RANDOM (3, c);
  g_auto (LimnTensor) scale_shift = TEST_RANDOM (4, n, 2 * c);
  LimnNorm norm = { .weight = weight, .bias = bias, .n_channels = c };
  LimnTensor y;

  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    limn_tensor_f32 (&x)[i] = (float) (0.7 + spread * limn_tensor_f32 (&x)[i]);
  test_run_init (&t, 2, NULL, NULL);
  y = with_scale_shift ? limn_group_norm_scale_shift (&t.run, &norm, &x, groups, eps, &scale_shift,
                                                      LIMN_ACTIVATION_NONE)
                       : limn_group_norm (&t.run, &norm, &x, groups, eps, LIMN_ACTIVATION_NONE);
  g_assert_no_error (t.run.error);

  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    {
      gint64 sample = i / (h * w * c), channel = i % c;
      gint64 first = channel / (c / groups) * (c / groups);
      Statistics s = statistics_of (&x, sample, first, c / groups, eps);
      const float *given = limn_tensor_f32 (&scale_shift) + sample * 2 * c;
      double want
          = (limn_tensor_f32 (&x)[i] - s.mean) * s.inverse * limn_tensor_f32 (&weight)[channel]
            + limn_tensor_f32 (&bias)[channel];

      if (with_scale_shift)
        want = want * (1.0 + given[channel]) + given[c + channel];
      g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&y)[i], want, 2e-6);
    }
  limn_norm_clear (&norm);
}

static void
test_group_norm (void)
{
  const double spreads[] = { 1.0, 1e-2, 1e-3, 1e-5, 0.0 };

  for (guint i = 0; i < G_N_ELEMENTS (spreads); i++)
    {
      check_group_norm (spreads[i], 1e-5f, FALSE);
      check_group_norm (spreads[i], 1e-6f, TRUE);
    }
}

/* ---- Moving pixels ---- */

static float
at (const LimnTensor *t, gint64 n, gint64 y, gint64 x, gint64 c)
{
  const gint64 *e = t->extent;

  return limn_tensor_f32 (t)[((n * e[1] + y) * e[2] + x) * e[3] + c];
}

static void
test_layouts (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (3, 2, 35, 33, 7);
  LimnTensor planes, back;

  test_run_init (&t, 2, NULL, NULL);
  planes = limn_nhwc_to_nchw (&t.run, &x);
  g_assert_no_error (t.run.error);
  g_assert_cmpint (planes.extent[1], ==, 7);
  g_assert_cmpfloat (at (&planes, 1, 6, 34, 32), ==, at (&x, 1, 34, 32, 6));
  g_assert_cmpfloat (at (&planes, 0, 2, 5, 9), ==, at (&x, 0, 5, 9, 2));
  back = limn_nchw_to_nhwc (&t.run, &planes);
  test_assert_same_bits ("there and back", &back, &x);
}

static void
test_joining (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) a = TEST_RANDOM (4, 2, 3, 5, 7);
  g_auto (LimnTensor) b = TEST_RANDOM (5, 2, 3, 5, 4);
  LimnTensor joined, first, second, doubled;

  test_run_init (&t, 2, NULL, NULL);
  joined = limn_concat_channels (&t.run, &a, &b);
  first = limn_slice_channels (&t.run, &joined, 0, 7);
  second = limn_slice_channels (&t.run, &joined, 7, 4);
  doubled = limn_concat_batch (&t.run, &a, &a);
  g_assert_no_error (t.run.error);
  test_assert_same_bits ("first part", &first, &a);
  test_assert_same_bits ("second part", &second, &b);
  g_assert_cmpint (doubled.extent[0], ==, 4);
  g_assert_cmpmem (limn_tensor_f32 (&doubled) + limn_tensor_count (&a), limn_tensor_bytes (&a),
                   a.data, limn_tensor_bytes (&a));
}

static void
test_add_channels (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (4, 2, 3, 5, 7);
  g_auto (LimnTensor) b = TEST_RANDOM (5, 2, 7);
  LimnTensor y;

  test_run_init (&t, 2, NULL, NULL);
  y = limn_add_channels (&t.run, &x, &b);
  g_assert_no_error (t.run.error);
  for (gint64 n = 0; n < 2; n++)
    for (gint64 p = 0; p < 15; p++)
      for (gint64 c = 0; c < 7; c++)
        g_assert_cmpfloat (at (&y, n, p / 5, p % 5, c), ==,
                           at (&x, n, p / 5, p % 5, c) + limn_tensor_f32 (&b)[n * 7 + c]);
}

static void
test_doubling (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (6, 2, 5, 3, 3);
  LimnTensor big, back;

  test_run_init (&t, 2, NULL, NULL);
  big = limn_upsample_nearest_2x (&t.run, &x);
  back = limn_avg_pool_2x (&t.run, &big);
  g_assert_no_error (t.run.error);
  for (gint64 y = 0; y < 10; y++)
    for (gint64 i = 0; i < 6; i++)
      g_assert_cmpfloat (at (&big, 1, y, i, 2), ==, at (&x, 1, y / 2, i / 2, 2));
  test_assert_same_bits ("pooling what was doubled", &back, &x);
}

static void
test_pool_odd (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (7, 1, 5, 3, 2);
  LimnTensor y;

  test_run_init (&t, 1, NULL, NULL);
  y = limn_avg_pool_2x (&t.run, &x);
  g_assert_no_error (t.run.error);
  g_assert_cmpint (y.extent[1], ==, 2);
  g_assert_cmpint (y.extent[2], ==, 1);
  g_assert_cmpfloat_with_epsilon (
      at (&y, 0, 1, 0, 1),
      (at (&x, 0, 2, 0, 1) + at (&x, 0, 2, 1, 1) + at (&x, 0, 3, 0, 1) + at (&x, 0, 3, 1, 1))
          / 4.0f,
      1e-6);
}

/* ---- Resizing ---- */

/* A constant stays constant, and every filter leaves a picture alone that keeps its size. */
static void
test_resize_properties (void)
{
  const gint64 sizes[] = { 1, 2, 3, 7, 8, 15, 17, 33 };
  g_auto (TestRun) t = { 0 };

  test_run_init (&t, 2, NULL, NULL);
  for (int filter = LIMN_RESIZE_NEAREST; filter <= LIMN_RESIZE_MAX; filter++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
        {
          LimnArenaMark mark = limn_run_mark (&t.run);
          g_auto (LimnTensor) x = TEST_RANDOM (i, 1, sizes[i], sizes[j], 3);
          LimnTensor y = limn_resize (&t.run, &x, sizes[i], sizes[j], filter);

          test_assert_close (&t.run, "same size", &y, &x, 1e-6);
          for (gint64 k = 0; k < limn_tensor_count (&x); k++)
            limn_tensor_f32 (&x)[k] = 0.625f;
          y = limn_resize (&t.run, &x, sizes[j], sizes[i], filter);
          g_assert_no_error (t.run.error);
          for (gint64 k = 0; k < limn_tensor_count (&y); k++)
            g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&y)[k], 0.625f, 1e-6);
          limn_run_release (&t.run, mark);
        }
}

/* src = floor (dst * scale) in float, as PyTorch 1.13 computes it: 0.1f * 10 and the like included.
 */
static void
test_resize_nearest (void)
{
  g_auto (TestRun) t = { 0 };

  test_run_init (&t, 2, NULL, NULL);
  for (gint64 in = 1; in < 70; in++)
    for (gint64 out = 1; out < 70; out++)
      {
        LimnArenaMark mark = limn_run_mark (&t.run);
        g_auto (LimnTensor) x = TEST_RANDOM ((guint32) in, 1, in, 1, 1);
        LimnTensor y = limn_resize (&t.run, &x, out, 1, LIMN_RESIZE_NEAREST);

        g_assert_no_error (t.run.error);
        for (gint64 d = 0; d < out; d++)
          {
            gint64 from = (gint64) floorf ((float) d * ((float) in / (float) out));

            g_assert_cmpfloat (at (&y, 0, d, 0, 0), ==, at (&x, 0, MIN (from, in - 1), 0, 0));
          }
        limn_run_release (&t.run, mark);
      }
}

/* Values computed by PyTorch 1.13 (bilinear) and Pillow 9.4 in mode F (the others) from 0 1 4 9 16.
 */
static void
test_resize_values (void)
{
  const struct
  {
    LimnResize filter;
    int n;
    float want[7];
  } cases[] = {
    { LIMN_RESIZE_BILINEAR, 7, { 0.0f, 0.5714286f, 1.857143f, 4.0f, 7.571429f, 12.0f, 16.0f } },
    { LIMN_RESIZE_BILINEAR, 3, { 0.3333333f, 4.0f, 13.66667f } },
    { LIMN_RESIZE_LANCZOS,
      7,
      { -0.004679755f, 0.3430512f, 1.624102f, 4.0f, 6.907582f, 12.72336f, 16.43571f } },
    { LIMN_RESIZE_LANCZOS, 3, { 0.103288f, 4.0f, 13.5305f } },
    { LIMN_RESIZE_LANCZOS, 2, { 0.8302364f, 10.42573f } },
    { LIMN_RESIZE_BICUBIC,
      7,
      { -0.05825243f, 0.3601108f, 1.653061f, 4.0f, 7.367347f, 12.41551f, 16.40777f } },
    { LIMN_RESIZE_BICUBIC, 3, { 0.1692308f, 4.195349f, 13.33846f } },
    { LIMN_RESIZE_BICUBIC, 2, { 1.135135f, 10.28091f } },
    { LIMN_RESIZE_AREA, 2, { 1.2f, 10.8f } },
    { LIMN_RESIZE_MAX, 2, { 4.0f, 16.0f } },
    { LIMN_RESIZE_MAX, 3, { 1.0f, 9.0f, 16.0f } },
  };
  float source[5] = { 0.0f, 1.0f, 4.0f, 9.0f, 16.0f };
  g_auto (TestRun) t = { 0 };

  test_run_init (&t, 1, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LimnTensor across = limn_tensor_4d (LIMN_DTYPE_F32, source, 1, 1, 5, 1);
      LimnTensor down = limn_tensor_4d (LIMN_DTYPE_F32, source, 1, 5, 1, 1);
      LimnTensor a = limn_resize (&t.run, &across, 1, cases[i].n, cases[i].filter);
      LimnTensor b = limn_resize (&t.run, &down, cases[i].n, 1, cases[i].filter);

      g_assert_no_error (t.run.error);
      for (int d = 0; d < cases[i].n; d++)
        {
          g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&a)[d], cases[i].want[d], 2e-5);
          g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&b)[d], cases[i].want[d], 2e-5);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/basics/tensors", test_tensors);
  g_test_add_func ("/tensor/basics/checked-mul", test_checked_mul);
  g_test_add_func ("/tensor/basics/f16", test_f16);
  g_test_add_func ("/tensor/basics/f16-rounding", test_f16_rounding);
  g_test_add_func ("/tensor/basics/bf16", test_bf16);
  g_test_add_func ("/tensor/basics/convert", test_convert);
  g_test_add_func ("/tensor/basics/unaligned-weights", test_unaligned_weights);
  g_test_add_func ("/tensor/basics/group-norm", test_group_norm);
  g_test_add_func ("/tensor/basics/layouts", test_layouts);
  g_test_add_func ("/tensor/basics/add-channels", test_add_channels);
  g_test_add_func ("/tensor/basics/joining", test_joining);
  g_test_add_func ("/tensor/basics/doubling", test_doubling);
  g_test_add_func ("/tensor/basics/pool-odd", test_pool_odd);
  g_test_add_func ("/tensor/basics/resize-properties", test_resize_properties);
  g_test_add_func ("/tensor/basics/resize-nearest", test_resize_nearest);
  g_test_add_func ("/tensor/basics/resize-values", test_resize_values);
  return g_test_run ();
}
