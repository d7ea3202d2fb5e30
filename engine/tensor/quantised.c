/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * GGUF's quantised types. A block is a run of neighbours in a row with shared scales, all numbers
 * little-endian, "half" is IEEE binary16:
 *
 *   q4_0  32: half d, 16 bytes of nibbles                      x = d (q - 8)
 *   q4_1  32: half d, half m, 16 bytes of nibbles              x = d q + m
 *   q5_0  32: half d, 4 bytes of fifth bits, 16 of nibbles     x = d (q - 16)
 *   q5_1  32: half d, half m, fifth bits, nibbles              x = d q + m
 *   q8_0  32: half d, 32 signed bytes                          x = d q
 *   q2_K 256: 16 bytes (scale, minimum), 64 of 2 bits, half d, half dmin
 *                                                              x = d s q - dmin m, per 16
 *   q3_K 256: 32 bytes of third bits, 64 of 2 bits, 12 with 16 scales of 6 bits, half d
 *                                                              x = d (s - 32) (q - 4), per 16
 *   q4_K 256: half d, half dmin, 12 bytes with 8 pairs of 6 bits, 128 of nibbles
 *                                                              x = d s q - dmin m, per 32
 *   q5_K 256: as q4_K, with 32 bytes of fifth bits before the nibbles
 *   q6_K 256: 128 bytes of low nibbles, 64 of 2 high bits, 16 signed scales, half d
 *                                                              x = d s (q - 32), per 16
 *
 * Nibbles: the low ones of a run of bytes are its first elements, the high ones those that follow.
 * Each product is rounded to float32 from left to right, as the format's own library does.
 */
#include <string.h>

#include "engine/tensor/tensor-private.h"

#define SMALL 32
#define LARGE 256

static inline float
half_at (const guint8 *p)
{
  return limn_f16_to_f32 ((guint16)(p[0] | p[1] << 8));
}

/* Nibble @i of a run of 16 bytes that hold 32. */
static inline int
nibble_of_32 (const guint8 *bytes, int i)
{
  return i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4;
}

static void
expand_q4_0 (const guint8 *block, float *x)
{
  float d = half_at (block);

  for (int i = 0; i < SMALL; i++)
    x[i] = d * (float)(nibble_of_32 (block + 2, i) - 8);
}

static void
expand_q4_1 (const guint8 *block, float *x)
{
  float d = half_at (block), m = half_at (block + 2);

  for (int i = 0; i < SMALL; i++)
    x[i] = d * (float)nibble_of_32 (block + 4, i) + m;
}

static inline int
fifth_bit (const guint8 *bits, int i)
{
  return (bits[i / 8] >> (i % 8) & 1) << 4;
}

static void
expand_q5_0 (const guint8 *block, float *x)
{
  float d = half_at (block);

  for (int i = 0; i < SMALL; i++)
    x[i] = d * (float)((nibble_of_32 (block + 6, i) | fifth_bit (block + 2, i)) - 16);
}

static void
expand_q5_1 (const guint8 *block, float *x)
{
  float d = half_at (block), m = half_at (block + 2);

  for (int i = 0; i < SMALL; i++)
    x[i] = d * (float)(nibble_of_32 (block + 8, i) | fifth_bit (block + 4, i)) + m;
}

static void
expand_q8_0 (const guint8 *block, float *x)
{
  float d = half_at (block);

  for (int i = 0; i < SMALL; i++)
    x[i] = d * (float)(gint8)block[2 + i];
}

/* Two bits of element @i of 256: 32 bytes hold 128 elements, the lowest pairs of bits the first 32.
 */
static inline int
pair_of_bits (const guint8 *bytes, int i)
{
  return bytes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
}

static void
expand_q2_k (const guint8 *block, float *x)
{
  float d = half_at (block + 80), dmin = half_at (block + 82);

  for (int run = 0; run < 16; run++)
    {
      float scale = d * (float)(block[run] & 15), minimum = dmin * (float)(block[run] >> 4);

      for (int i = run * 16; i < run * 16 + 16; i++)
        x[i] = scale * (float)pair_of_bits (block + 16, i) - minimum;
    }
}

static void
expand_q3_k (const guint8 *block, float *x)
{
  const guint8 *scales = block + 96;
  float d = half_at (block + 108);

  for (int run = 0; run < 16; run++)
    {
      int low = scales[run % 8] >> (run / 8 * 4) & 15;
      int high = scales[8 + run % 4] >> (run / 4 * 2) & 3;
      float scale = d * (float)((low | high << 4) - 32);

      for (int i = run * 16; i < run * 16 + 16; i++)
        {
          int third = block[i % 32] >> (i / 32) & 1;

          x[i] = scale * (float)((pair_of_bits (block + 32, i) | third << 2) - 4);
        }
    }
}

/* Scale and minimum @run of 8, six bits each: four of both in the low bits of bytes 0 to 3 and 4 to
 * 7; of the other four the low nibbles share bytes 8 to 11, the high bits are on top of the first.
 */
static void
unpack_scale_minimum (const guint8 *packed, int run, int *scale, int *minimum)
{
  if (run < 4)
    {
      *scale = packed[run] & 63;
      *minimum = packed[run + 4] & 63;
      return;
    }
  *scale = (packed[run + 4] & 15) | packed[run - 4] >> 6 << 4;
  *minimum = packed[run + 4] >> 4 | packed[run] >> 6 << 4;
}

/* q4_K and q5_K; @fifth: (nullable): 32 bytes of fifth bits, bit RUN of byte I for element I of the
 * run. */
static void
expand_runs_of_32 (const guint8 *block, const guint8 *fifth, const guint8 *nibbles, float *x)
{
  float d = half_at (block), dmin = half_at (block + 2);

  for (int run = 0; run < 8; run++)
    {
      const guint8 *bytes = nibbles + run / 2 * 32;
      int shift = run % 2 * 4;
      int s, m;
      float scale, minimum;

      unpack_scale_minimum (block + 4, run, &s, &m);
      scale = d * (float)s;
      minimum = dmin * (float)m;
      for (int i = 0; i < 32; i++)
        {
          int q = bytes[i] >> shift & 15;

          if (fifth != NULL)
            q |= (fifth[i] >> run & 1) << 4;
          x[run * 32 + i] = scale * (float)q - minimum;
        }
    }
}

static void
expand_q4_k (const guint8 *block, float *x)
{
  expand_runs_of_32 (block, NULL, block + 16, x);
}

static void
expand_q5_k (const guint8 *block, float *x)
{
  expand_runs_of_32 (block, block + 16, block + 48, x);
}

static void
expand_q6_k (const guint8 *block, float *x)
{
  const guint8 *scales = block + 192;
  float d = half_at (block + 208);

  for (int run = 0; run < 16; run++)
    {
      float scale = d * (float)(gint8)scales[run];

      for (int i = run * 16; i < run * 16 + 16; i++)
        {
          int low = block[i / 128 * 64 + i % 64] >> (i % 128 / 64 * 4) & 15;

          x[i] = scale * (float)((low | pair_of_bits (block + 128, i) << 4) - 32);
        }
    }
}

void
limn_dequantise (LimnDType dtype, const void *src, float *dst, gsize n)
{
  static void (*const expand[]) (const guint8 *, float *) = {
    [LIMN_DTYPE_Q4_0] = expand_q4_0, [LIMN_DTYPE_Q4_1] = expand_q4_1,
    [LIMN_DTYPE_Q5_0] = expand_q5_0, [LIMN_DTYPE_Q5_1] = expand_q5_1,
    [LIMN_DTYPE_Q8_0] = expand_q8_0, [LIMN_DTYPE_Q2_K] = expand_q2_k,
    [LIMN_DTYPE_Q3_K] = expand_q3_k, [LIMN_DTYPE_Q4_K] = expand_q4_k,
    [LIMN_DTYPE_Q5_K] = expand_q5_k, [LIMN_DTYPE_Q6_K] = expand_q6_k,
  };
  const guint8 *block = src;
  gsize step = (gsize)limn_dtype_block (dtype);
  gsize size = limn_dtype_size (dtype);

  g_return_if_fail ((guint)dtype < G_N_ELEMENTS (expand) && expand[dtype] != NULL);

  for (gsize i = 0; i + step <= n; i += step, block += size)
    expand[dtype](block, dst + i);
}
