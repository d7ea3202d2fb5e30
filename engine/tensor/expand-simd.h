/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/* Weights as float32; included by kernels-simd.h. Every conversion is exact, or rounds as the plain
 * one in kernels-reference.c does. */

static void
simd_expand_f16 (gint64 n, const guint16 *from, float *to)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (to + i, vf_from_f16 (from + i));
  for (; i < n; i++)
    to[i] = limn_f16_to_f32 (from[i]);
}

static void
simd_expand_bf16 (gint64 n, const guint16 *from, float *to)
{
  gint64 i = 0;

  for (; i + VF_N <= n; i += VF_N)
    vf_store (to + i, vf_from_bf16 (from + i));
  for (; i < n; i++)
    to[i] = limn_bf16_to_f32 (from[i]);
}

/* Column by column: the scales stay in registers. */
static void
simd_expand_int8 (gint64 n_rows,
                  gint64 n,
                  const gint8 *q,
                  gint64 stride,
                  const float *scale,
                  const float *offset,
                  float *to)
{
  gint64 j = 0;

  for (; j + VF_N <= n; j += VF_N)
    {
      vf s = vf_load (scale + j);

      if (offset == NULL)
        for (gint64 i = 0; i < n_rows; i++)
          vf_store (to + i * n + j, vf_mul (s, vf_from_int8 (q + i * stride + j)));
      else
        for (gint64 i = 0; i < n_rows; i++)
          vf_store (to + i * n + j,
                    vf_add (vf_mul (s, vf_from_int8 (q + i * stride + j)), vf_load (offset + j)));
    }
  for (; j < n; j++)
    for (gint64 i = 0; i < n_rows; i++)
      {
        float product = scale[j] * (float)q[i * stride + j];

        to[i * n + j] = offset != NULL ? product + offset[j] : product;
      }
}
