/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/* Twelve of the sixteen registers hold sums. */
#define LIMN_SIMD_NAME "avx2"
#define LIMN_SIMD_TABLE limn_kernels_avx2
#define LIMN_SIMD_PANEL_ROWS 6
#define LIMN_SIMD_PANEL_DEPTH 320
#include "engine/tensor/kernels-simd.h"
