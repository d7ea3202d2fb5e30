/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "tests/bench/bench.h"
#include "tests/bench/layers.h"

G_BEGIN_DECLS

/* A layer with operands of its shape, so that it can be run. */
typedef struct
{
  const BenchLayer *shape;
  LimnConv2d conv;
  LimnLinear linear;
  LimnTensor x, k, v;
} BenchOperands;

/* In the arena; @shape must outlive it. */
void bench_operands_init (BenchOperands *self, Bench *bench, const BenchLayer *shape);
LimnTensor bench_operands_run (BenchOperands *self, LimnRun *run);
void bench_operands_clear (BenchOperands *self);

G_END_DECLS
