/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <math.h>
#include <string.h>

#include <glib.h>

/*
 * One vocabulary for the vectors of three instruction sets, so that kernels-simd.h is written once.
 * What the file is compiled for decides: AVX-512 (16 floats), AVX2 with FMA (8), or the compiler's
 * own vector extension (4 floats; SSE2 on x86-64, NEON on 64-bit ARM), where a multiply-add rounds
 * twice.
 *
 * vf: vector of VF_N floats; vd: of VF_N / 2 doubles. All loads and stores may be unaligned; those
 * with a count read and write the first n elements only and fill up with zeros. vf_max (a, b) and
 * vf_min () return b when one is NaN. vf_from_f16 (), vf_from_bf16 () and vf_from_int8 () load VF_N
 * elements of those types. vf_add_to_exponent (x, n): the low bits of n, as they lie there, are added
 * to the exponent of x.
 */

#if defined __AVX512F__

#include <immintrin.h>

#define VF_N 16
typedef __m512 vf;
typedef __m512d vd;

#define vf_load(p) _mm512_loadu_ps (p)
#define vf_store(p, v) _mm512_storeu_ps (p, v)
#define vf_load_n(p, n) _mm512_maskz_loadu_ps ((__mmask16) ((1u << (n)) - 1u), p)
#define vf_store_n(p, v, n) _mm512_mask_storeu_ps (p, (__mmask16) ((1u << (n)) - 1u), v)
#define vf_set(x) _mm512_set1_ps (x)
#define vf_zero() _mm512_setzero_ps ()
#define vf_add(a, b) _mm512_add_ps (a, b)
#define vf_sub(a, b) _mm512_sub_ps (a, b)
#define vf_mul(a, b) _mm512_mul_ps (a, b)
#define vf_div(a, b) _mm512_div_ps (a, b)
#define vf_fma(a, b, c) _mm512_fmadd_ps (a, b, c)
#define vf_fnma(a, b, c) _mm512_fnmadd_ps (a, b, c)
#define vf_max(a, b) _mm512_max_ps (a, b)
#define vf_min(a, b) _mm512_min_ps (a, b)
#define vf_abs(a) _mm512_abs_ps (a)
#define vf_round(a) _mm512_roundscale_ps (a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define vf_scale_by_power(x, n) _mm512_scalef_ps (x, n)
#define vf_add_to_exponent(x, n)                                                                   \
  _mm512_castsi512_ps (_mm512_add_epi32 (_mm512_castps_si512 (x),                                  \
                                         _mm512_slli_epi32 (_mm512_castps_si512 (n), 23)))
#define vf_where_negative(x, a, b)                                                                 \
  _mm512_mask_blend_ps (_mm512_cmp_ps_mask (x, _mm512_setzero_ps (), _CMP_LT_OQ), b, a)

#define vf_from_f16(p) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *)(p)))
#define vf_from_bf16(p)                                                                            \
  _mm512_castsi512_ps (_mm512_slli_epi32 (                                                         \
      _mm512_cvtepu16_epi32 (_mm256_loadu_si256 ((const __m256i *)(p))), 16))
#define vf_from_int8(p)                                                                            \
  _mm512_cvtepi32_ps (_mm512_cvtepi8_epi32 (_mm_loadu_si128 ((const __m128i *)(p))))

#define vd_zero() _mm512_setzero_pd ()
#define vd_low(v) _mm512_cvtps_pd (_mm512_castps512_ps256 (v))
#define vd_high(v) _mm512_cvtps_pd (_mm512_extractf32x8_ps (v, 1))
#define vd_add(a, b) _mm512_add_pd (a, b)
#define vd_sub(a, b) _mm512_sub_pd (a, b)
#define vd_set(x) _mm512_set1_pd (x)
#define vd_fma(a, b, c) _mm512_fmadd_pd (a, b, c)
#define vd_store(p, v) _mm512_storeu_pd (p, v)

#elif defined __AVX2__ && defined __FMA__

#include <immintrin.h>

#define VF_N 8
typedef __m256 vf;
typedef __m256d vd;

static inline __m256i
vf_mask (gint64 n)
{
  return _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((int) n),
                             _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7));
}

#define vf_load(p) _mm256_loadu_ps (p)
#define vf_store(p, v) _mm256_storeu_ps (p, v)
#define vf_load_n(p, n) _mm256_maskload_ps (p, vf_mask (n))
#define vf_store_n(p, v, n) _mm256_maskstore_ps (p, vf_mask (n), v)
#define vf_set(x) _mm256_set1_ps (x)
#define vf_zero() _mm256_setzero_ps ()
#define vf_add(a, b) _mm256_add_ps (a, b)
#define vf_sub(a, b) _mm256_sub_ps (a, b)
#define vf_mul(a, b) _mm256_mul_ps (a, b)
#define vf_div(a, b) _mm256_div_ps (a, b)
#define vf_fma(a, b, c) _mm256_fmadd_ps (a, b, c)
#define vf_fnma(a, b, c) _mm256_fnmadd_ps (a, b, c)
#define vf_max(a, b) _mm256_max_ps (a, b)
#define vf_min(a, b) _mm256_min_ps (a, b)
#define vf_abs(a) _mm256_andnot_ps (_mm256_set1_ps (-0.0f), a)
#define vf_round(a) _mm256_round_ps (a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define vf_where_negative(x, a, b) _mm256_blendv_ps (b, a, x)

#define vf_add_to_exponent(x, n)                                                                   \
  _mm256_castsi256_ps (_mm256_add_epi32 (_mm256_castps_si256 (x),                                  \
                                         _mm256_slli_epi32 (_mm256_castps_si256 (n), 23)))

/* @n: whole numbers from -126 to 127 */
static inline vf
vf_scale_by_power (vf x, vf n)
{
  __m256i exponent = _mm256_add_epi32 (_mm256_cvtps_epi32 (n), _mm256_set1_epi32 (127));

  return _mm256_mul_ps (x, _mm256_castsi256_ps (_mm256_slli_epi32 (exponent, 23)));
}

#define vf_from_f16(p) _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *)(p)))
#define vf_from_bf16(p)                                                                            \
  _mm256_castsi256_ps (_mm256_slli_epi32 (                                                         \
      _mm256_cvtepu16_epi32 (_mm_loadu_si128 ((const __m128i *)(p))), 16))
#define vf_from_int8(p)                                                                            \
  _mm256_cvtepi32_ps (_mm256_cvtepi8_epi32 (_mm_loadl_epi64 ((const __m128i *)(p))))

#define vd_zero() _mm256_setzero_pd ()
#define vd_low(v) _mm256_cvtps_pd (_mm256_castps256_ps128 (v))
#define vd_high(v) _mm256_cvtps_pd (_mm256_extractf128_ps (v, 1))
#define vd_add(a, b) _mm256_add_pd (a, b)
#define vd_sub(a, b) _mm256_sub_pd (a, b)
#define vd_set(x) _mm256_set1_pd (x)
#define vd_fma(a, b, c) _mm256_fmadd_pd (a, b, c)
#define vd_store(p, v) _mm256_storeu_pd (p, v)

#else

#define VF_N 4
typedef float vf __attribute__ ((vector_size (16)));
typedef gint32 vi __attribute__ ((vector_size (16)));
typedef double vd __attribute__ ((vector_size (16)));

static inline vf
vf_load (const float *p)
{
  vf v;

  memcpy (&v, p, sizeof v);
  return v;
}

static inline void
vf_store (float *p, vf v)
{
  memcpy (p, &v, sizeof v);
}

static inline vf
vf_load_n (const float *p, gint64 n)
{
  vf v = { 0 };

  memcpy (&v, p, (gsize) n * sizeof (float));
  return v;
}

static inline void
vf_store_n (float *p, vf v, gint64 n)
{
  memcpy (p, &v, (gsize) n * sizeof (float));
}

#define vf_set(x) ((vf){ (x), (x), (x), (x) })
#define vf_zero() ((vf){ 0 })
#define vf_add(a, b) ((a) + (b))
#define vf_sub(a, b) ((a) - (b))
#define vf_mul(a, b) ((a) * (b))
#define vf_div(a, b) ((a) / (b))
#define vf_fma(a, b, c) ((a) * (b) + (c))
#define vf_fnma(a, b, c) ((c) - (a) * (b))

/* @a where the mask is set, else @b. */
static inline vf
vf_choose (vi mask, vf a, vf b)
{
  return (vf) (((vi) a & mask) | ((vi) b & ~mask));
}

static inline vf
vf_max (vf a, vf b)
{
  return vf_choose (a > b, a, b);
}

static inline vf
vf_min (vf a, vf b)
{
  return vf_choose (a < b, a, b);
}

#define vf_abs(a) ((vf) ((vi) (a) &0x7fffffff))
#define vf_where_negative(x, a, b) vf_choose ((x) < vf_zero (), a, b)

#define vf_add_to_exponent(x, n) ((vf) ((vi) (x) + ((vi) (n) << 23)))

/* For magnitudes below 2^22: beyond 1.5 * 2^23 a float has no fraction. */
static inline vf
vf_round (vf a)
{
  const vf big = vf_set (12582912.0f);

  return (a + big) - big;
}

/* @n: whole numbers from -126 to 127; the sum above leaves them in the low bits. */
static inline vf
vf_scale_by_power (vf x, vf n)
{
  vi exponent = (vi) (n + vf_set (12582912.0f)) - 0x4b400000 + 127;

  return x * (vf) (exponent << 23);
}

/* Three ways for a number, one of them chosen: as convert.c does, without branches. */
static inline vf
vf_from_f16 (const guint16 *p)
{
  const vf smallest_normal = vf_set (6.103515625e-05f); /* 2^-14 */
  vi h = { p[0], p[1], p[2], p[3] };
  vi magnitude = (h & 0x7fff) << 13;
  vi exponent = magnitude & 0x0f800000;
  vf normal = (vf) (magnitude + 0x38000000);
  vf special = (vf) (magnitude + 0x70000000);
  vf tiny = (vf) (magnitude + 0x38800000) - smallest_normal;
  vf chosen = vf_choose (exponent == 0x0f800000, special, vf_choose (exponent == 0, tiny, normal));

  return (vf) ((vi) chosen | (h & 0x8000) << 16);
}

static inline vf
vf_from_bf16 (const guint16 *p)
{
  vi b = { p[0], p[1], p[2], p[3] };

  return (vf) (b << 16);
}

static inline vf
vf_from_int8 (const gint8 *p)
{
  return (vf){ p[0], p[1], p[2], p[3] };
}

#define vd_zero() ((vd){ 0 })
#define vd_low(v) ((vd){ (v)[0], (v)[1] })
#define vd_high(v) ((vd){ (v)[2], (v)[3] })
#define vd_add(a, b) ((a) + (b))
#define vd_sub(a, b) ((a) - (b))
#define vd_set(x) ((vd){ (x), (x) })
#define vd_fma(a, b, c) ((a) * (b) + (c))

static inline void
vd_store (double *p, vd v)
{
  memcpy (p, &v, sizeof v);
}

#endif

static inline float
vf_sum (vf v)
{
  float lanes[VF_N];
  float sum = 0.0f;

  vf_store (lanes, v);
  for (int i = 0; i < VF_N; i++)
    sum += lanes[i];
  return sum;
}

static inline float
vf_largest (vf v)
{
  float lanes[VF_N];
  float largest;

  vf_store (lanes, v);
  largest = lanes[0];
  for (int i = 1; i < VF_N; i++)
    largest = MAX (largest, lanes[i]);
  return largest;
}

static inline double
vd_sum (vd v)
{
  double lanes[VF_N / 2];
  double sum = 0.0;

  vd_store (lanes, v);
  for (int i = 0; i < VF_N / 2; i++)
    sum += lanes[i];
  return sum;
}
