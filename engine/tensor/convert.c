/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/tensor-private.h"

/* IEEE 754 binary16 and bfloat16. Subnormals, infinities and NaN payloads are kept. All loads go
 * through memcpy(): tensors of a mapped file may lie at any address. */

static inline float
float_from_bits (guint32 bits)
{
  float f;

  memcpy (&f, &bits, sizeof f);
  return f;
}

static inline guint32
bits_from_float (float f)
{
  guint32 bits;

  memcpy (&bits, &f, sizeof bits);
  return bits;
}

/* Without branches on the value, so that a loop over it vectorises. The exponent is rebased by
 * adding 112 to it; infinities and NaN need 112 more; a subnormal h is h * 2^-24 exactly, which
 * putting its bits under the exponent of 2^-14 and subtracting 2^-14 gives. */
static inline float
f16_to_f32 (guint16 h)
{
  const float smallest_normal = 6.103515625e-05f; /* 2^-14 */
  guint32 magnitude = (guint32) (h & 0x7fff) << 13;
  guint32 sign = (guint32) (h & 0x8000) << 16;
  guint32 exponent = magnitude & 0x0f800000u;
  guint32 normal = magnitude + 0x38000000u;
  guint32 special = magnitude + 0x70000000u;
  guint32 tiny = bits_from_float (float_from_bits (magnitude + 0x38800000u) - smallest_normal);
  guint32 bits = exponent == 0x0f800000u ? special : exponent == 0 ? tiny : normal;

  return float_from_bits (bits | sign);
}

float
limn_f16_to_f32 (guint16 h)
{
  return f16_to_f32 (h);
}

/* Rounds to nearest, ties to even. */
guint16
limn_f32_to_f16 (float f)
{
  guint32 bits = bits_from_float (f);
  guint16 sign = (bits >> 16) & 0x8000;
  guint32 magnitude = bits & 0x7fffffffu;

  if (magnitude > 0x7f800000u) /* NaN: keep the top of the payload, stay quiet */
    return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  if (magnitude >= 0x477ff000u) /* rounds to 65536 or above */
    return sign | 0x7c00;
  if (magnitude < 0x38800000u) /* below 2^-14: units of 2^-24, rounded by the adder */
    return sign | (guint16) (bits_from_float (float_from_bits (magnitude) + 0.5f) - 0x3f000000u);
  magnitude -= 0x38000000u;
  magnitude += 0xfff + ((magnitude >> 13) & 1);
  return sign | (guint16) (magnitude >> 13);
}

float
limn_bf16_to_f32 (guint16 b)
{
  return float_from_bits ((guint32) b << 16);
}

static void
convert_f16 (const guint8 *src, float *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint16 h;

      memcpy (&h, src + 2 * i, sizeof h);
      dst[i] = f16_to_f32 (h);
    }
}

static void
convert_bf16 (const guint8 *src, float *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint16 b;

      memcpy (&b, src + 2 * i, sizeof b);
      dst[i] = float_from_bits ((guint32) b << 16);
    }
}

static void
convert_f64 (const guint8 *src, float *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      double d;

      memcpy (&d, src + 8 * i, sizeof d);
      dst[i] = (float) d;
    }
}

void
limn_convert_to_f32 (LimnDType dtype, const void *src, float *dst, gsize n)
{
  switch (dtype)
    {
    case LIMN_DTYPE_F32:
      memcpy (dst, src, n * sizeof (float));
      break;
    case LIMN_DTYPE_F16:
      convert_f16 (src, dst, n);
      break;
    case LIMN_DTYPE_BF16:
      convert_bf16 (src, dst, n);
      break;
    case LIMN_DTYPE_F64:
      convert_f64 (src, dst, n);
      break;
    case LIMN_DTYPE_Q4_0:
    case LIMN_DTYPE_Q4_1:
    case LIMN_DTYPE_Q5_0:
    case LIMN_DTYPE_Q5_1:
    case LIMN_DTYPE_Q8_0:
    case LIMN_DTYPE_Q2_K:
    case LIMN_DTYPE_Q3_K:
    case LIMN_DTYPE_Q4_K:
    case LIMN_DTYPE_Q5_K:
    case LIMN_DTYPE_Q6_K:
      limn_dequantise (dtype, src, dst, n);
      break;
    default:
      g_return_if_reached ();
    }
}

/* ---- Tensors -------------------------------------------------------------------------------- */

/* Elements @first to @first + @n - 1 of one block. */
static void
read_part_of_block (LimnDType dtype, const guint8 *block, gint64 first, gint64 n, float *dst)
{
  float whole[LIMN_MAX_BLOCK];

  limn_convert_to_f32 (dtype, block, whole, (gsize) limn_dtype_block (dtype));
  memcpy (dst, whole + first, (gsize) n * sizeof (float));
}

void
limn_tensor_read_f32 (const LimnTensor *t, gint64 first, gint64 n, float *dst)
{
  gint64 block = limn_dtype_block (t->dtype);
  const guint8 *data = t->data;
  gsize size = limn_dtype_size (t->dtype);

  if (t->dtype == LIMN_DTYPE_COMPUTED)
    {
      const LimnTensorSource *source = t->data;

      source->read (source, t->first + first, n, dst);
      return;
    }
  data += (gsize) (first / block) * size;
  if (first % block != 0 && n > 0)
    {
      gint64 head = MIN (n, block - first % block);

      read_part_of_block (t->dtype, data, first % block, head, dst);
      data += size;
      dst += head;
      n -= head;
    }
  limn_convert_to_f32 (t->dtype, data, dst, (gsize) (n / block * block));
  if (n % block != 0)
    read_part_of_block (t->dtype, data + (gsize) (n / block) * size, 0, n % block,
                        dst + n / block * block);
}

LimnTensor
limn_tensor_rows (const LimnTensor *t, gint64 first, gint64 n)
{
  LimnTensor rows = *t;
  gint64 skipped = t->extent[0] > 0 ? limn_tensor_count (t) / t->extent[0] * first : 0;

  g_assert (t->n_dims > 0 && first >= 0 && n >= 0 && n <= t->extent[0] - first);

  rows.extent[0] = n;
  if (t->data == NULL)
    return rows;
  if (t->dtype == LIMN_DTYPE_COMPUTED)
    rows.first += skipped;
  else
    rows.data = (guint8 *) t->data
                + (gsize) (skipped / limn_dtype_block (t->dtype)) * limn_dtype_size (t->dtype);
  return rows;
}
