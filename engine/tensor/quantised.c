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
 *
 * All of them are whole numbers times a scale, plus an offset in some: that is what the functions
 * here take them apart into, and what panels of weights keep (panels-private.h).
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

/* Numbers, scales and offsets of one block. */
typedef void (*Parts) (const guint8 *block, gint8 *q, float *scale, float *offset);

static void
parts_q4_0 (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  *scale = half_at (block);
  for (int i = 0; i < SMALL; i++)
    q[i] = (gint8)(nibble_of_32 (block + 2, i) - 8);
}

static void
parts_q4_1 (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  *scale = half_at (block);
  *offset = half_at (block + 2);
  for (int i = 0; i < SMALL; i++)
    q[i] = (gint8)nibble_of_32 (block + 4, i);
}

static inline int
fifth_bit (const guint8 *bits, int i)
{
  return (bits[i / 8] >> (i % 8) & 1) << 4;
}

static void
parts_q5_0 (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  *scale = half_at (block);
  for (int i = 0; i < SMALL; i++)
    q[i] = (gint8)((nibble_of_32 (block + 6, i) | fifth_bit (block + 2, i)) - 16);
}

static void
parts_q5_1 (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  *scale = half_at (block);
  *offset = half_at (block + 2);
  for (int i = 0; i < SMALL; i++)
    q[i] = (gint8)(nibble_of_32 (block + 8, i) | fifth_bit (block + 4, i));
}

static void
parts_q8_0 (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  *scale = half_at (block);
  memcpy (q, block + 2, SMALL);
}

/* Two bits of element @i of 256: 32 bytes hold 128 elements, the lowest pairs of bits the first 32.
 */
static inline int
pair_of_bits (const guint8 *bytes, int i)
{
  return bytes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
}

static void
parts_q2_k (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  float d = half_at (block + 80), dmin = half_at (block + 82);

  for (int run = 0; run < 16; run++)
    {
      scale[run] = d * (float)(block[run] & 15);
      offset[run] = -(dmin * (float)(block[run] >> 4));
    }
  for (int i = 0; i < LARGE; i++)
    q[i] = (gint8)pair_of_bits (block + 16, i);
}

static void
parts_q3_k (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  const guint8 *scales = block + 96;
  float d = half_at (block + 108);

  for (int run = 0; run < 16; run++)
    {
      int low = scales[run % 8] >> (run / 8 * 4) & 15;
      int high = scales[8 + run % 4] >> (run / 4 * 2) & 3;

      scale[run] = d * (float)((low | high << 4) - 32);
    }
  for (int i = 0; i < LARGE; i++)
    q[i] = (gint8)((pair_of_bits (block + 32, i) | (block[i % 32] >> (i / 32) & 1) << 2) - 4);
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
parts_of_runs (const guint8 *block,
               const guint8 *fifth,
               const guint8 *nibbles,
               gint8 *q,
               float *scale,
               float *offset)
{
  float d = half_at (block), dmin = half_at (block + 2);

  for (int run = 0; run < 8; run++)
    {
      const guint8 *bytes = nibbles + run / 2 * 32;
      int shift = run % 2 * 4;
      int s, m;

      unpack_scale_minimum (block + 4, run, &s, &m);
      scale[run] = d * (float)s;
      offset[run] = -(dmin * (float)m);
      for (int i = 0; i < 32; i++)
        q[run * 32 + i] = (gint8)((bytes[i] >> shift & 15)
                                  | (fifth != NULL ? (fifth[i] >> run & 1) << 4 : 0));
    }
}

static void
parts_q4_k (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  parts_of_runs (block, NULL, block + 16, q, scale, offset);
}

static void
parts_q5_k (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  parts_of_runs (block, block + 16, block + 48, q, scale, offset);
}

static void
parts_q6_k (const guint8 *block, gint8 *q, float *scale, float *offset)
{
  const guint8 *scales = block + 192;
  float d = half_at (block + 208);

  for (int run = 0; run < 16; run++)
    scale[run] = d * (float)(gint8)scales[run];
  for (int i = 0; i < LARGE; i++)
    {
      int low = block[i / 128 * 64 + i % 64] >> (i % 128 / 64 * 4) & 15;

      q[i] = (gint8)((low | pair_of_bits (block + 128, i) << 4) - 32);
    }
}

static const struct
{
  Parts parts;
  int group;
  gboolean has_offset;
} types[] = {
  [LIMN_DTYPE_Q4_0] = { parts_q4_0, 32, FALSE }, [LIMN_DTYPE_Q4_1] = { parts_q4_1, 32, TRUE },
  [LIMN_DTYPE_Q5_0] = { parts_q5_0, 32, FALSE }, [LIMN_DTYPE_Q5_1] = { parts_q5_1, 32, TRUE },
  [LIMN_DTYPE_Q8_0] = { parts_q8_0, 32, FALSE }, [LIMN_DTYPE_Q2_K] = { parts_q2_k, 16, TRUE },
  [LIMN_DTYPE_Q3_K] = { parts_q3_k, 16, FALSE }, [LIMN_DTYPE_Q4_K] = { parts_q4_k, 32, TRUE },
  [LIMN_DTYPE_Q5_K] = { parts_q5_k, 32, TRUE },  [LIMN_DTYPE_Q6_K] = { parts_q6_k, 16, FALSE },
};

static gboolean
is_quantised (LimnDType dtype)
{
  return (guint)dtype < G_N_ELEMENTS (types) && types[dtype].parts != NULL;
}

void
limn_quantised_layout (LimnDType dtype, int *group, gboolean *has_offset)
{
  g_return_if_fail (is_quantised (dtype));

  *group = types[dtype].group;
  *has_offset = types[dtype].has_offset;
}

void
limn_quantised_parts (
    LimnDType dtype, const void *src, gsize n, gint8 *q, float *scale, float *offset)
{
  const guint8 *block = src;
  gsize step = (gsize)limn_dtype_block (dtype);
  gsize size = limn_dtype_size (dtype);

  g_return_if_fail (is_quantised (dtype));

  for (gsize i = 0; i + step <= n; i += step, block += size)
    types[dtype].parts (block, q + i, scale + i / (gsize)types[dtype].group,
                        offset + i / (gsize)types[dtype].group);
}

void
limn_dequantise (LimnDType dtype, const void *src, float *dst, gsize n)
{
  const guint8 *block = src;
  int step = limn_dtype_block (dtype);
  gint8 q[LIMN_MAX_BLOCK];
  float scale[LIMN_MAX_BLOCK / 16], offset[LIMN_MAX_BLOCK / 16];

  g_return_if_fail (is_quantised (dtype));

  for (gsize i = 0; i + (gsize)step <= n; i += (gsize)step, block += limn_dtype_size (dtype))
    {
      types[dtype].parts (block, q, scale, offset);
      for (int j = 0; j < step; j++)
        {
          float product = scale[j / types[dtype].group] * (float)q[j];

          dst[i + (gsize)j]
              = types[dtype].has_offset ? product + offset[j / types[dtype].group] : product;
        }
    }
}
