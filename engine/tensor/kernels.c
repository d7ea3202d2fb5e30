/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/kernels-private.h"

/* The tables, best first. What the processor has is asked when a table is wanted, not when the
 * program is built. */

const LimnKernels *
limn_kernels_by_name (const char *name)
{
  if (g_strcmp0 (name, "reference") == 0)
    return limn_kernels_reference ();
  if (g_strcmp0 (name, "portable") == 0)
    return limn_kernels_portable ();
#ifdef LIMN_HAVE_AVX2
  if (g_strcmp0 (name, "avx2") == 0 && __builtin_cpu_supports ("avx2")
      && __builtin_cpu_supports ("fma") && __builtin_cpu_supports ("f16c"))
    return limn_kernels_avx2 ();
#endif
#ifdef LIMN_HAVE_AVX512
  if (g_strcmp0 (name, "avx512") == 0 && __builtin_cpu_supports ("avx512f")
      && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl")
      && __builtin_cpu_supports ("avx512bw"))
    return limn_kernels_avx512 ();
#endif
  return NULL;
}

const LimnKernels *
limn_kernels_best (void)
{
  static const char *const names[] = { "avx512", "avx2" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const LimnKernels *kernels = limn_kernels_by_name (names[i]);

      if (kernels != NULL)
        return kernels;
    }
  return limn_kernels_portable ();
}

const char *
limn_kernels_name (const LimnKernels *kernels)
{
  return kernels->name;
}
