/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/* Twenty-four of the thirty-two registers hold sums. */
#define LIMN_SIMD_NAME "avx512"
#define LIMN_SIMD_TABLE limn_kernels_avx512
#define LIMN_SIMD_PANEL_ROWS 12
#define LIMN_SIMD_PANEL_DEPTH 320
#include "engine/tensor/kernels-simd.h"
