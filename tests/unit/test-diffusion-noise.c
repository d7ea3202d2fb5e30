/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/diffusion/noise.h"

/* Known answers of Random123 (kat_vectors, philox4x32 10). */
static void
test_philox (void)
{
  static const struct
  {
    guint32 counter[4], key[2], want[4];
  } rows[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint32 got[4];

      limn_philox_4x32 (rows[i].counter, rows[i].key, got);
      g_assert_cmpmem (got, sizeof got, rows[i].want, sizeof rows[i].want);
    }
}

#define N_MOMENTS 400000

static void
test_moments (void)
{
  g_autofree float *x = g_new (float, N_MOMENTS);
  double sum = 0, square = 0, cube = 0, fourth = 0, neighbour = 0;
  int beyond = 0;

  limn_noise_normal (1234, LIMN_NOISE_START, x, N_MOMENTS);
  for (int i = 0; i < N_MOMENTS; i++)
    {
      double v = x[i];

      sum += v;
      square += v * v;
      cube += v * v * v;
      fourth += v * v * v * v;
      beyond += fabs (v) > 1.959964;
      if (i > 0)
        neighbour += v * x[i - 1];
    }
  /* Five standard errors each. */
  g_assert_cmpfloat (fabs (sum / N_MOMENTS), <, 5 / sqrt (N_MOMENTS));
  g_assert_cmpfloat (fabs (square / N_MOMENTS - 1), <, 5 * sqrt (2.0 / N_MOMENTS));
  g_assert_cmpfloat (fabs (cube / N_MOMENTS), <, 5 * sqrt (15.0 / N_MOMENTS));
  g_assert_cmpfloat (fabs (fourth / N_MOMENTS - 3), <, 5 * sqrt (96.0 / N_MOMENTS));
  g_assert_cmpfloat (fabs (neighbour / N_MOMENTS), <, 5 / sqrt (N_MOMENTS));
  g_assert_cmpfloat (fabs (beyond / (double) N_MOMENTS - 0.05), <,
                     5 * sqrt (0.05 * 0.95 / N_MOMENTS));
}

/* Element i does not depend on how much is asked for, or from where. */
static void
test_ranges (void)
{
  float all[133], part[133];

  limn_noise_normal (7, 3, all, G_N_ELEMENTS (all));
  for (gsize first = 0; first < 9; first++)
    for (gsize n = 0; first + n <= G_N_ELEMENTS (all); n += 17)
      {
        limn_noise_normal_range (7, 3, first, part, n);
        g_assert_cmpmem (part, n * sizeof (float), all + first, n * sizeof (float));
      }
  limn_noise_normal_range (7, 3, (G_GUINT64_CONSTANT (1) << 40) + 1, part, 2);
  limn_noise_normal_range (7, 3, (G_GUINT64_CONSTANT (1) << 40) + 2, all, 1);
  g_assert_cmpfloat (part[1], ==, all[0]);
}

static void
test_streams (void)
{
  float a[16], b[16];

  limn_noise_normal (7, LIMN_NOISE_START, a, 16);
  limn_noise_normal (7, LIMN_NOISE_STEP, b, 16);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
  limn_noise_normal (8, LIMN_NOISE_START, b, 16);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
  limn_noise_normal (7 + (G_GUINT64_CONSTANT (1) << 32), LIMN_NOISE_START, b, 16);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
}

/* Box-Muller by libm, to the rounding of float: the series must not have drifted anywhere. */
static void
test_against_libm (void)
{
  for (guint32 block = 0; block < 20000; block++)
    {
      const guint32 counter[4] = { block, 0, LIMN_NOISE_START, 0 }, key[2] = { 99, 0 };
      guint32 bits[4];
      float got[4];

      limn_philox_4x32 (counter, key, bits);
      limn_noise_normal_range (99, LIMN_NOISE_START, 4 * (guint64) block, got, 4);
      for (int pair = 0; pair < 2; pair++)
        {
          double radius = sqrt (-2 * log ((bits[2 * pair] + 0.5) / 4294967296.0));
          double angle = 2 * G_PI * (bits[2 * pair + 1] / 4294967296.0);

          g_assert_cmpfloat_with_epsilon (got[2 * pair], radius * cos (angle), 1e-6);
          g_assert_cmpfloat_with_epsilon (got[2 * pair + 1], radius * sin (angle), 1e-6);
        }
    }
}

/* The bits that every machine must give; a picture in somebody's history depends on them. */
static void
test_bits (void)
{
  static const guint32 want[] = {
    0xbf785e5c, 0x3e46ace8, 0xbf9e28d2, 0x3ff6433b, 0xbd95e030, 0x3e0e7a0f, 0xbf8da733, 0x3ea742fd,
  };
  float got[G_N_ELEMENTS (want)];

  limn_noise_normal (42, LIMN_NOISE_START, got, G_N_ELEMENTS (got));
  g_assert_cmpmem (got, sizeof got, want, sizeof want);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/noise/philox", test_philox);
  g_test_add_func ("/diffusion/noise/moments", test_moments);
  g_test_add_func ("/diffusion/noise/ranges", test_ranges);
  g_test_add_func ("/diffusion/noise/streams", test_streams);
  g_test_add_func ("/diffusion/noise/against-libm", test_against_libm);
  g_test_add_func ("/diffusion/noise/bits", test_bits);
  return g_test_run ();
}
