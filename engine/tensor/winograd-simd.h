/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/*
 * Winograd's transforms on vectors; included by kernels-simd.h. Every value of a channel (or of a
 * pair of channels, for the weights) is its own two-dimensional problem, so a vector holds as many
 * problems as it has lanes. Rows first, then columns; the matrices are winograd-private.h's, in the
 * order that shares the even and odd halves of a pair of points.
 */

#include "engine/tensor/winograd-private.h"

#define NEAR ((float)LIMN_WINOGRAD_NEAR)
#define FAR ((float)LIMN_WINOGRAD_FAR)
#define NEAR_2 ((float)(LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR))
#define FAR_2 ((float)(LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR))
#define NEAR_3 ((float)(LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR))
#define FAR_3 ((float)(LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR))
#define SUM_2                                                                                      \
  ((float)(LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR + LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR))
#define PRODUCT_2                                                                                  \
  ((float)(LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR))

/* 1 over the polynomial of the other points, at 0, +-near and +-far */
#define AT_ZERO                                                                                    \
  (1.0 / (LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR))
#define DIFFERENCE_2                                                                               \
  (LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR - LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR)
#define AT_NEAR (0.5 / (LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR * DIFFERENCE_2))
#define AT_FAR (-0.5 / (LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR * DIFFERENCE_2))

/* @to = B^T @d */
static inline __attribute__ ((always_inline)) void
winograd_input_line (const int size, const vf *d, vf *to)
{
  vf even, odd;

  if (size == 2)
    {
      to[0] = vf_sub (d[0], d[2]);
      to[1] = vf_add (d[1], d[2]);
      to[2] = vf_sub (d[2], d[1]);
      to[3] = vf_sub (d[3], d[1]);
      return;
    }
  to[0] = vf_fma (vf_set (PRODUCT_2), d[0], vf_fnma (vf_set (SUM_2), d[2], d[4]));
  even = vf_fnma (vf_set (FAR_2), d[2], d[4]);
  odd = vf_fnma (vf_set (FAR_2), d[1], d[3]);
  to[1] = vf_fma (vf_set (NEAR), odd, even);
  to[2] = vf_fnma (vf_set (NEAR), odd, even);
  even = vf_fnma (vf_set (NEAR_2), d[2], d[4]);
  odd = vf_fnma (vf_set (NEAR_2), d[1], d[3]);
  to[3] = vf_fma (vf_set (FAR), odd, even);
  to[4] = vf_fnma (vf_set (FAR), odd, even);
  to[5] = vf_fma (vf_set (PRODUCT_2), d[1], vf_fnma (vf_set (SUM_2), d[3], d[5]));
}

/* @to = G @g */
static inline __attribute__ ((always_inline)) void
winograd_weights_line (const int size, const vf *g, vf *to)
{
  vf even, odd;

  to[0] = size == 2 ? g[0] : vf_mul (vf_set ((float)AT_ZERO), g[0]);
  to[size + 1] = g[2];
  if (size == 2)
    {
      even = vf_mul (vf_set (0.5f), vf_add (g[0], g[2]));
      odd = vf_mul (vf_set (0.5f), g[1]);
      to[1] = vf_add (even, odd);
      to[2] = vf_sub (even, odd);
      return;
    }
  even = vf_fma (vf_set ((float)(AT_NEAR * LIMN_WINOGRAD_NEAR * LIMN_WINOGRAD_NEAR)), g[2],
                 vf_mul (vf_set ((float)AT_NEAR), g[0]));
  to[1] = vf_fma (vf_set ((float)(AT_NEAR * LIMN_WINOGRAD_NEAR)), g[1], even);
  to[2] = vf_fnma (vf_set ((float)(AT_NEAR * LIMN_WINOGRAD_NEAR)), g[1], even);
  even = vf_fma (vf_set ((float)(AT_FAR * LIMN_WINOGRAD_FAR * LIMN_WINOGRAD_FAR)), g[2],
                 vf_mul (vf_set ((float)AT_FAR), g[0]));
  to[3] = vf_fma (vf_set ((float)(AT_FAR * LIMN_WINOGRAD_FAR)), g[1], even);
  to[4] = vf_fnma (vf_set ((float)(AT_FAR * LIMN_WINOGRAD_FAR)), g[1], even);
}

/* @to = A^T @m */
static inline __attribute__ ((always_inline)) void
winograd_output_line (const int size, const vf *m, vf *to)
{
  vf near_sum = vf_add (m[1], m[2]), near_difference = vf_sub (m[1], m[2]);
  vf far_sum, far_difference;

  if (size == 2)
    {
      to[0] = vf_add (m[0], near_sum);
      to[1] = vf_add (near_difference, m[3]);
      return;
    }
  far_sum = vf_add (m[3], m[4]);
  far_difference = vf_sub (m[3], m[4]);
  to[0] = vf_add (vf_add (m[0], near_sum), far_sum);
  to[1] = vf_fma (vf_set (FAR), far_difference, vf_mul (vf_set (NEAR), near_difference));
  to[2] = vf_fma (vf_set (FAR_2), far_sum, vf_mul (vf_set (NEAR_2), near_sum));
  to[3] = vf_fma (vf_set (FAR_3), far_difference, vf_fma (vf_set (NEAR_3), near_difference, m[5]));
}

/* The first @n values from @c on, where VF_N is a constant where it matters. */
static inline __attribute__ ((always_inline)) void
winograd_input_step (const int size,
                     gint64 c,
                     gint64 n,
                     const float *const *pixels,
                     float *v,
                     gint64 stride)
{
  const int side = size + 2;
  vf rows[6][6], line[6];

#pragma GCC unroll 6
  for (int j = 0; j < side; j++)
    {
      vf column[6];

#pragma GCC unroll 6
      for (int i = 0; i < side; i++)
        line[i] = load_columns (pixels[i * side + j] + c, n);
      winograd_input_line (size, line, column);
#pragma GCC unroll 6
      for (int i = 0; i < side; i++)
        rows[i][j] = column[i];
    }
#pragma GCC unroll 6
  for (int i = 0; i < side; i++)
    {
      winograd_input_line (size, rows[i], line);
#pragma GCC unroll 6
      for (int j = 0; j < side; j++)
        store_columns (v + (i * side + j) * stride + c, line[j], n);
    }
}

static inline __attribute__ ((always_inline)) void
winograd_weights_step (const int size,
                       gint64 c,
                       gint64 n,
                       const float *taps,
                       gint64 tap_stride,
                       float *u,
                       gint64 stride)
{
  const int side = size + 2;
  vf rows[6][3], line[6];

#pragma GCC unroll 3
  for (int j = 0; j < 3; j++)
    {
      vf column[6];

#pragma GCC unroll 3
      for (int i = 0; i < 3; i++)
        line[i] = load_columns (taps + (i * 3 + j) * tap_stride + c, n);
      winograd_weights_line (size, line, column);
#pragma GCC unroll 6
      for (int i = 0; i < side; i++)
        rows[i][j] = column[i];
    }
#pragma GCC unroll 6
  for (int i = 0; i < side; i++)
    {
      winograd_weights_line (size, rows[i], line);
#pragma GCC unroll 6
      for (int j = 0; j < side; j++)
        store_columns (u + (i * side + j) * stride + c, line[j], n);
    }
}

static inline __attribute__ ((always_inline)) void
winograd_output_step (const int size,
                      gint64 c,
                      gint64 n,
                      const float *m,
                      gint64 stride,
                      const LimnWinogradOutput *output)
{
  const int side = size + 2;
  vf rows[4][6], line[6];
  vf bias = output->bias != NULL ? load_columns (output->bias + c, n) : vf_zero ();
  vf slope = output->slopes != NULL ? load_columns (output->slopes + c, n) : vf_zero ();
  vf factor = vf_set (output->factor);

#pragma GCC unroll 6
  for (int j = 0; j < side; j++)
    {
      vf column[4];

#pragma GCC unroll 6
      for (int i = 0; i < side; i++)
        line[i] = load_columns (m + (i * side + j) * stride + c, n);
      winograd_output_line (size, line, column);
#pragma GCC unroll 4
      for (int i = 0; i < size; i++)
        rows[i][j] = column[i];
    }
#pragma GCC unroll 4
  for (int i = 0; i < size; i++)
    {
      if (i >= output->n_rows)
        break;
      winograd_output_line (size, rows[i], line);
#pragma GCC unroll 4
      for (int j = 0; j < size; j++)
        {
          vf sum = vf_add (line[j], bias);

          if (j >= output->n_columns)
            break;
          if (output->slopes != NULL)
            sum = vf_where_negative (sum, vf_mul (sum, slope), sum);
          sum = vf_mul (sum, factor);
          if (output->residual != NULL)
            sum = vf_add (sum, load_columns (output->residual + i * output->residual_row_stride
                                                 + j * output->residual_column_stride + c,
                                             n));
          store_columns (output->y + i * output->row_stride + j * output->column_stride + c, sum,
                         n);
        }
    }
}

/* One loop over all of @n for either size: @STEP (size, c, n, ...). */
#define WINOGRAD_LOOP(STEP, ...)                                                                   \
  do                                                                                               \
    {                                                                                              \
      gint64 c = 0;                                                                                \
                                                                                                   \
      if (size == 2)                                                                               \
        {                                                                                          \
          for (; c + VF_N <= n; c += VF_N)                                                         \
            STEP (2, c, VF_N, __VA_ARGS__);                                                        \
          if (c < n)                                                                               \
            STEP (2, c, n - c, __VA_ARGS__);                                                       \
        }                                                                                          \
      else                                                                                         \
        {                                                                                          \
          for (; c + VF_N <= n; c += VF_N)                                                         \
            STEP (4, c, VF_N, __VA_ARGS__);                                                        \
          if (c < n)                                                                               \
            STEP (4, c, n - c, __VA_ARGS__);                                                       \
        }                                                                                          \
    }                                                                                              \
  while (0)

static void
simd_winograd_input (int size, gint64 n, const float *const *pixels, float *v, gint64 stride)
{
  WINOGRAD_LOOP (winograd_input_step, pixels, v, stride);
}

static void
simd_winograd_weights (int size,
                       gint64 n,
                       const float *taps,
                       gint64 tap_stride,
                       float *u,
                       gint64 stride)
{
  WINOGRAD_LOOP (winograd_weights_step, taps, tap_stride, u, stride);
}

static void
simd_winograd_output (int size,
                      gint64 n,
                      const float *m,
                      gint64 stride,
                      const LimnWinogradOutput *output)
{
  WINOGRAD_LOOP (winograd_output_step, m, stride, output);
}
