/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define LIMN_SIMD_NAME "portable"
#define LIMN_SIMD_TABLE limn_kernels_portable
#define LIMN_SIMD_BLAS_DEPTH 512
#include "engine/tensor/kernels-simd.h"
