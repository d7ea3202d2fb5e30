/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/* The inner kernels on vectors, written against simd.h. Included once by each file that is compiled
 * for an instruction set; LIMN_SIMD_NAME is the name of its table and LIMN_SIMD_TABLE its function.
 */

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/simd-math.h"

static inline __attribute__ ((always_inline)) vf
vf_activate (LimnActivation activation, vf x)
{
  switch (activation)
    {
    case LIMN_ACTIVATION_SILU:
      return vf_sigmoid_gate (x, 1.0f);
    case LIMN_ACTIVATION_GELU:
      return vf_gelu (x);
    case LIMN_ACTIVATION_QUICK_GELU:
      return vf_sigmoid_gate (x, 1.702f);
    case LIMN_ACTIVATION_NONE:
    default:
      return x;
    }
}

static inline __attribute__ ((always_inline)) void
activate_as (LimnActivation activation, gint64 n, const float *x, float *y)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (y + i, vf_activate (activation, vf_load (x + i)));
  if (i < n)
    vf_store_n (y + i, vf_activate (activation, vf_load_n (x + i, n - i)), n - i);
}

static void
simd_activate (LimnActivation activation, gint64 n, const float *x, float *y)
{
  switch (activation)
    {
    case LIMN_ACTIVATION_SILU:
      activate_as (LIMN_ACTIVATION_SILU, n, x, y);
      break;
    case LIMN_ACTIVATION_GELU:
      activate_as (LIMN_ACTIVATION_GELU, n, x, y);
      break;
    case LIMN_ACTIVATION_QUICK_GELU:
      activate_as (LIMN_ACTIVATION_QUICK_GELU, n, x, y);
      break;
    case LIMN_ACTIVATION_NONE:
    default:
      memmove (y, x, (gsize) n * sizeof (float));
    }
}

static void
simd_geglu (gint64 n, const float *value, const float *gate, float *y)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (y + i, vf_mul (vf_load (value + i), vf_gelu (vf_load (gate + i))));
  if (i < n)
    vf_store_n (y + i, vf_mul (vf_load_n (value + i, n - i), vf_gelu (vf_load_n (gate + i, n - i))),
                n - i);
}

/* The sums of up to VF_N columns, in registers. */
static inline __attribute__ ((always_inline)) void
column_sums (gint64 rows, const float *x, gint64 stride, gint64 n, double *sums, double *squares)
{
  vd sum[2] = { vd_zero (), vd_zero () };
  vd square[2] = { vd_zero (), vd_zero () };
  double lanes[2 * VF_N];

  for (gint64 r = 0; r < rows; r++)
    {
      vf v = n == VF_N ? vf_load (x + r * stride) : vf_load_n (x + r * stride, n);
      vd low = vd_low (v), high = vd_high (v);

      sum[0] = vd_add (sum[0], low);
      sum[1] = vd_add (sum[1], high);
      square[0] = vd_fma (low, low, square[0]);
      square[1] = vd_fma (high, high, square[1]);
    }
  for (int i = 0; i < 2; i++)
    {
      vd_store (lanes + i * (VF_N / 2), sum[i]);
      vd_store (lanes + VF_N + i * (VF_N / 2), square[i]);
    }
  memcpy (sums, lanes, (gsize) n * sizeof (double));
  memcpy (squares, lanes + VF_N, (gsize) n * sizeof (double));
}

static void
simd_channel_sums (gint64 rows, gint64 channels, const float *x, gint64 stride, double *sums)
{
  gint64 c = 0;

  for (; c + VF_N <= channels; c += VF_N)
    column_sums (rows, x + c, stride, VF_N, sums + c, sums + channels + c);
  if (c < channels)
    column_sums (rows, x + c, stride, channels - c, sums + c, sums + channels + c);
}

static inline __attribute__ ((always_inline)) void
affine_as (LimnActivation activation,
           gint64 rows,
           gint64 channels,
           const float *x,
           const float *centre,
           const float *scale,
           const float *shift,
           float *y)
{
  for (gint64 r = 0; r < rows; r++, x += channels, y += channels)
    {
      gint64 c = 0;
      vf v;

      for (; c + VF_N <= channels; c += VF_N)
        {
          v = vf_sub (vf_load (x + c), vf_load (centre + c));
          v = vf_fma (v, vf_load (scale + c), vf_load (shift + c));
          vf_store (y + c, vf_activate (activation, v));
        }
      if (c < channels)
        {
          gint64 n = channels - c;

          v = vf_sub (vf_load_n (x + c, n), vf_load_n (centre + c, n));
          v = vf_fma (v, vf_load_n (scale + c, n), vf_load_n (shift + c, n));
          vf_store_n (y + c, vf_activate (activation, v), n);
        }
    }
}

static void
simd_affine (LimnActivation activation,
             gint64 rows,
             gint64 channels,
             const float *x,
             const float *centre,
             const float *scale,
             const float *shift,
             float *y)
{
  switch (activation)
    {
    case LIMN_ACTIVATION_SILU:
      affine_as (LIMN_ACTIVATION_SILU, rows, channels, x, centre, scale, shift, y);
      break;
    case LIMN_ACTIVATION_GELU:
      affine_as (LIMN_ACTIVATION_GELU, rows, channels, x, centre, scale, shift, y);
      break;
    case LIMN_ACTIVATION_QUICK_GELU:
      affine_as (LIMN_ACTIVATION_QUICK_GELU, rows, channels, x, centre, scale, shift, y);
      break;
    case LIMN_ACTIVATION_NONE:
    default:
      affine_as (LIMN_ACTIVATION_NONE, rows, channels, x, centre, scale, shift, y);
    }
}

static double
row_sum (gint64 n, const float *x)
{
  vd sum[2] = { vd_zero (), vd_zero () };
  gint64 i = 0;
  vf v;

  for (; i + VF_N <= n; i += VF_N)
    {
      v = vf_load (x + i);
      sum[0] = vd_add (sum[0], vd_low (v));
      sum[1] = vd_add (sum[1], vd_high (v));
    }
  if (i < n)
    {
      v = vf_load_n (x + i, n - i);
      sum[0] = vd_add (sum[0], vd_low (v));
      sum[1] = vd_add (sum[1], vd_high (v));
    }
  return vd_sum (vd_add (sum[0], sum[1]));
}

/* Sum of (x - mean)^2. */
static double
row_deviation (gint64 n, const float *x, double mean)
{
  vd m = vd_set (mean);
  vd sum[2] = { vd_zero (), vd_zero () };
  double rest = 0.0;
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    {
      vf v = vf_load (x + i);
      vd low = vd_sub (vd_low (v), m), high = vd_sub (vd_high (v), m);

      sum[0] = vd_fma (low, low, sum[0]);
      sum[1] = vd_fma (high, high, sum[1]);
    }
  for (; i < n; i++)
    rest += (x[i] - mean) * (x[i] - mean);
  return vd_sum (vd_add (sum[0], sum[1])) + rest;
}

static void
simd_layer_norm (gint64 rows,
                 gint64 channels,
                 float eps,
                 const float *x,
                 const float *scale,
                 const float *shift,
                 float *y)
{
  for (gint64 r = 0; r < rows; r++, x += channels, y += channels)
    {
      double mean = row_sum (channels, x) / (double) channels;
      double variance = row_deviation (channels, x, mean) / (double) channels;
      double inverse = 1.0 / sqrt (variance + (double) eps);
      /* What the mean loses as a float is put back: it matters where x hardly varies. */
      vf centre = vf_set ((float) mean), factor = vf_set ((float) inverse);
      vf offset = vf_set ((float) (((double) (float) mean - mean) * inverse));
      gint64 c = 0;
      vf v;

      for (; c + VF_N <= channels; c += VF_N)
        {
          v = vf_fma (vf_sub (vf_load (x + c), centre), factor, offset);
          vf_store (y + c, vf_fma (v, vf_load (scale + c), vf_load (shift + c)));
        }
      if (c < channels)
        {
          gint64 n = channels - c;

          v = vf_fma (vf_sub (vf_load_n (x + c, n), centre), factor, offset);
          vf_store_n (y + c, vf_fma (v, vf_load_n (scale + c, n), vf_load_n (shift + c, n)), n);
        }
    }
}

static float
row_max (gint64 n, float factor, const float *s, float max)
{
  vf largest = vf_set (max);
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    largest = vf_max (largest, vf_mul (vf_load (s + i), vf_set (factor)));
  max = vf_largest (largest);
  for (; i < n; i++)
    max = MAX (max, s[i] * factor);
  return max;
}

static float
simd_softmax_row (gint64 n, gint64 n_visible, float scale, float *s, float *max, float *sum)
{
  float old_max = *max;
  float new_max = row_max (n_visible, scale, s, old_max);
  vf factor = vf_set (scale), top = vf_set (new_max), total = vf_zero ();
  float correction = new_max > old_max ? expf (old_max - new_max) : 1.0f;
  gint64 i = 0;

  for (; i + VF_N <= n_visible; i += VF_N)
    {
      vf e = vf_exp (vf_sub (vf_mul (vf_load (s + i), factor), top));

      vf_store (s + i, e);
      total = vf_add (total, e);
    }
  *sum = *sum * correction + vf_sum (total);
  if (i < n_visible)
    {
      float lanes[VF_N] = { 0 };

      vf_store (lanes, vf_exp (vf_sub (vf_mul (vf_load_n (s + i, n_visible - i), factor), top)));
      for (int lane = 0; i < n_visible; i++, lane++)
        {
          s[i] = lanes[lane];
          *sum += lanes[lane];
        }
    }
  for (; i < n; i++)
    s[i] = 0.0f;
  *max = new_max;
  return correction;
}

static void
simd_add (gint64 n, const float *a, const float *b, float *y)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (y + i, vf_add (vf_load (a + i), vf_load (b + i)));
  for (; i < n; i++)
    y[i] = a[i] + b[i];
}

static void
simd_scale (gint64 n, float factor, float *y)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (y + i, vf_mul (vf_load (y + i), vf_set (factor)));
  for (; i < n; i++)
    y[i] *= factor;
}

static void
simd_accumulate (gint64 n, float weight, const float *x, float *y)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (y + i, vf_fma (vf_load (x + i), vf_set (weight), vf_load (y + i)));
  if (i < n)
    vf_store_n (y + i, vf_fma (vf_load_n (x + i, n - i), vf_set (weight), vf_load_n (y + i, n - i)),
                n - i);
}

/* For steps whose last one is shorter than a vector. */
static inline __attribute__ ((always_inline)) vf
load_columns (const float *p, gint64 n)
{
  return n >= VF_N ? vf_load (p) : vf_load_n (p, n);
}

static inline __attribute__ ((always_inline)) void
store_columns (float *p, vf v, gint64 n)
{
  if (n >= VF_N)
    vf_store (p, v);
  else
    vf_store_n (p, v, n);
}

#include "engine/tensor/expand-simd.h"
#include "engine/tensor/winograd-simd.h"
#ifdef LIMN_SIMD_PANEL_ROWS
#include "engine/tensor/panel-simd.h"
#endif

const LimnKernels *
LIMN_SIMD_TABLE (void)
{
  static const LimnKernels kernels = {
    .name = LIMN_SIMD_NAME,
    .gemm = limn_gemm_blas,
    .expand_f16 = simd_expand_f16,
    .expand_bf16 = simd_expand_bf16,
    .expand_int8 = simd_expand_int8,
#ifdef LIMN_SIMD_PANEL_ROWS
    .panel_width = PANEL_WIDTH,
    .panel_depth = LIMN_SIMD_PANEL_DEPTH,
    .panel_product = simd_panel_product,
    .conv_scratch = limn_conv_panels_scratch,
    .conv_tile = limn_conv_panels_tile,
    .attention_keys = LIMN_ATTENTION_KEYS,
    .attention_scratch = limn_attention_panels_scratch,
    .attention_tile = limn_attention_panels_tile,
    .softmax_columns = simd_softmax_columns,
    .scale_columns = simd_scale_columns,
    .rows_to_panel = simd_rows_to_panel,
    .panel_to_rows = simd_panel_to_rows,
#else
    .panel_depth = LIMN_SIMD_BLAS_DEPTH,
    .conv_scratch = limn_conv_im2col_scratch,
    .conv_tile = limn_conv_im2col_tile,
    .attention_keys = LIMN_ATTENTION_KEYS,
    .attention_scratch = limn_attention_blocks_scratch,
    .attention_tile = limn_attention_blocks_tile,
#endif
    .winograd_input = simd_winograd_input,
    .winograd_weights = simd_winograd_weights,
    .winograd_output = simd_winograd_output,
    .softmax_row = simd_softmax_row,
    .activate = simd_activate,
    .geglu = simd_geglu,
    .channel_sums = simd_channel_sums,
    .affine = simd_affine,
    .layer_norm = simd_layer_norm,
    .add = simd_add,
    .scale = simd_scale,
    .accumulate = simd_accumulate,
  };

  return &kernels;
}
