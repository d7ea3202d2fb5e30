/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/noise.h"

#include <math.h>

/*
 * Philox 4x32-10 (Salmon et al. 2011, section 3.3) and Box-Muller.
 *
 * A seed must give the same picture on every machine, and the logarithm, sine and cosine of libm
 * differ in the last bits from version to version. They are computed here in float64 by additions,
 * multiplications and divisions alone, which IEEE 754 rounds exactly (the project is built with
 * -ffp-contract=off), to about 1e-16; sqrt is exactly rounded everywhere.
 */

#define PHILOX_ROUNDS 10
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u

#define NORMALS_PER_BLOCK 4

void
limn_philox_4x32 (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  guint32 k0 = key[0], k1 = key[1];

  for (int round = 0; round < PHILOX_ROUNDS; round++)
    {
      guint64 p0 = (guint64) PHILOX_M0 * c0, p1 = (guint64) PHILOX_M1 * c2;

      c0 = (guint32) (p1 >> 32) ^ c1 ^ k0;
      c2 = (guint32) (p0 >> 32) ^ c3 ^ k1;
      c1 = (guint32) p1;
      c3 = (guint32) p0;
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* ln (x), x > 0: x = m 2^e with m in [sqrt (1/2), sqrt (2)), ln (m) = 2 artanh ((m - 1) / (m + 1))
 * by its series. */
static double
portable_log (double x)
{
  int exponent;
  double m = frexp (x, &exponent);
  double s, s2, sum = 0.0;

  if (m < G_SQRT2 / 2)
    {
      m *= 2.0;
      exponent--;
    }
  s = (m - 1.0) / (m + 1.0);
  s2 = s * s;
  for (int k = 23; k >= 1; k -= 2)
    sum = sum * s2 + 1.0 / k;
  return 2.0 * s * sum + exponent * G_LN2;
}

/* sin and cos of 2 pi u, 0 <= u < 1: within an eighth of the circle by their Taylor series, the
 * rest by symmetry. */
static void
portable_sincos (double u, double *sine, double *cosine)
{
  int quarter = (int) (u * 4.0 + 0.5);
  double x = (u - quarter * 0.25) * (2.0 * G_PI);
  double x2 = x * x;
  double s = 0.0, c = 0.0;

  for (int k = 19; k >= 3; k -= 2)
    s = (s + 1.0) * -x2 / (k * (k - 1));
  for (int k = 20; k >= 2; k -= 2)
    c = (c + 1.0) * -x2 / (k * (k - 1));
  s = x * (1.0 + s);
  c = 1.0 + c;
  switch (quarter & 3)
    {
    case 0:
      *sine = s;
      *cosine = c;
      break;
    case 1:
      *sine = c;
      *cosine = -s;
      break;
    case 2:
      *sine = -s;
      *cosine = -c;
      break;
    default:
      *sine = -c;
      *cosine = s;
      break;
    }
}

/* Box & Muller 1958, from two integers; (0, 1) is open at both ends, so that the logarithm is
 * finite. */
static void
box_muller (guint32 a, guint32 b, float out[2])
{
  double u = ((double) a + 0.5) / 4294967296.0;
  double v = (double) b / 4294967296.0;
  double radius = sqrt (-2.0 * portable_log (u));
  double sine, cosine;

  portable_sincos (v, &sine, &cosine);
  out[0] = (float) (radius * cosine);
  out[1] = (float) (radius * sine);
}

static void
normal_block (guint64 seed, guint64 stream, guint64 block, float out[NORMALS_PER_BLOCK])
{
  const guint32 counter[4] = { (guint32) block, (guint32) (block >> 32), (guint32) stream,
                               (guint32) (stream >> 32) };
  const guint32 key[2] = { (guint32) seed, (guint32) (seed >> 32) };
  guint32 bits[4];

  limn_philox_4x32 (counter, key, bits);
  box_muller (bits[0], bits[1], out);
  box_muller (bits[2], bits[3], out + 2);
}

void
limn_noise_normal_range (guint64 seed, guint64 stream, guint64 first, float *out, gsize n)
{
  float block[NORMALS_PER_BLOCK];

  for (gsize i = 0; i < n; i++)
    {
      guint64 element = first + i;

      if (i == 0 || element % NORMALS_PER_BLOCK == 0)
        normal_block (seed, stream, element / NORMALS_PER_BLOCK, block);
      out[i] = block[element % NORMALS_PER_BLOCK];
    }
}

void
limn_noise_normal (guint64 seed, guint64 stream, float *out, gsize n)
{
  limn_noise_normal_range (seed, stream, 0, out, n);
}
