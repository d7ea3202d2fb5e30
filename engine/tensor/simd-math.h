/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/simd.h"

/*
 * exp (x), within 2 units in the last place for -87.3 <= x <= 88.3; x is clamped to that range, so
 * it never becomes 0 or infinite (1.2e-38 stands for 0). NaN stays NaN.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts; exp (r) = 1 + r + r^2 q (r), q of degree
 * 4 fitted to 3e-9 relative over the interval.
 */
static inline vf
vf_exp (vf x)
{
  vf n, r, q;

  x = vf_min (vf_set (88.3f), vf_max (vf_set (-87.3f), x));
  n = vf_round (vf_mul (x, vf_set (1.44269504f)));
  r = vf_fnma (n, vf_set (0.693359375f), x);
  r = vf_fnma (n, vf_set (-2.12194440e-4f), r);

  q = vf_set (0.00138145988f);
  q = vf_fma (q, r, vf_set (0.00836871658f));
  q = vf_fma (q, r, vf_set (0.041668389f));
  q = vf_fma (q, r, vf_set (0.166665211f));
  q = vf_fma (q, r, vf_set (0.49999994f));
  q = vf_fma (vf_mul (q, r), r, r);
  return vf_scale_by_power (vf_add (q, vf_set (1.0f)), n);
}

/*
 * 2^x for x <= 0, up to a factor within 1e-7 of 1 that is the same for all x, and 1e-7 beside it; x
 * below -125 stands for -125 (2.4e-38). NaN stays NaN. For weights that are divided by their sum,
 * where the factor does not matter: two thirds of the instructions of vf_exp().
 *
 * A float of 1.5 * 2^23 has no fraction: adding it leaves x rounded in the low bits, which are
 * moved to the exponent. 2^f, |f| <= 1/2, is a polynomial of degree 5, fitted to 7.5e-8 relative.
 */
static inline vf
vf_exp2_weight (vf x)
{
  const vf whole = vf_set (12582912.0f);
  vf n, f, q;

  x = vf_max (vf_set (-125.0f), x);
  n = vf_add (x, whole);
  f = vf_sub (x, vf_sub (n, whole));

  q = vf_set (0.00132764713f);
  q = vf_fma (q, f, vf_set (0.00967554065f));
  q = vf_fma (q, f, vf_set (0.0555071288f));
  q = vf_fma (q, f, vf_set (0.24022118f));
  q = vf_fma (q, f, vf_set (0.693146918f));
  q = vf_fma (q, f, vf_set (1.0f));
  return vf_add_to_exponent (q, n);
}

/* x / (1 + exp (-factor x)): SiLU with factor 1, quick-GELU with 1.702. Within 4 units in the last
 * place for x > -87 / factor. */
static inline vf
vf_sigmoid_gate (vf x, float factor)
{
  return vf_div (x, vf_add (vf_set (1.0f), vf_exp (vf_mul (x, vf_set (-factor)))));
}

/*
 * GELU: x Phi (x), Phi the distribution function of the normal distribution, which is the exact erf
 * form. Phi (-|x|) = exp (-x^2 / 2) Q (t) with t = 1 / (1 + 0.3 |x|); Q, of degree 10 without
 * constant term, is fitted to 4e-9 relative for |x| <= 14.5. So the error is within 8 units in the
 * last place for x > -1 and grows with x^2 / 2 in the negative tail, where GELU itself falls off as
 * exp (-x^2 / 2): always below 2e-7 absolute.
 */
static inline vf
vf_gelu (vf x)
{
  vf t = vf_div (vf_set (1.0f), vf_fma (vf_abs (x), vf_set (0.3f), vf_set (1.0f)));
  vf q, tail;

  q = vf_set (-0.0206234674f);
  q = vf_fma (q, t, vf_set (0.112435604f));
  q = vf_fma (q, t, vf_set (-0.228213577f));
  q = vf_fma (q, t, vf_set (0.191784504f));
  q = vf_fma (q, t, vf_set (-0.0794234648f));
  q = vf_fma (q, t, vf_set (0.0961568182f));
  q = vf_fma (q, t, vf_set (0.0783896545f));
  q = vf_fma (q, t, vf_set (0.110235424f));
  q = vf_fma (q, t, vf_set (0.119571814f));
  q = vf_fma (q, t, vf_set (0.11968669f));
  tail = vf_mul (vf_mul (q, t), vf_exp (vf_mul (vf_mul (x, x), vf_set (-0.5f))));
  return vf_mul (x, vf_where_negative (x, tail, vf_sub (vf_set (1.0f), tail)));
}
