/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/operands.h"

void
bench_operands_init (BenchOperands *self, Bench *bench, const BenchLayer *shape)
{
  gint64 in = shape->in, out = shape->out, stride = MAX (shape->stride, 1);
  int kernel = MAX (shape->kernel, 1), pad = kernel / 2;

  *self = (BenchOperands){ .shape = shape };
  switch (shape->kind)
    {
    case BENCH_CONV:
      self->conv = (LimnConv2d){
        .weight = bench_tensor (bench, 4, (gint64[]){ out, in, kernel, kernel }, 2),
        .bias = bench_tensor (bench, 1, &out, 3),
        .n_in = in,
        .n_out = out,
        .kernel_h = kernel,
        .kernel_w = kernel,
        .stride = (int)stride,
        .pad_top = pad,
        .pad_left = pad,
        .pad_bottom = pad,
        .pad_right = pad,
      };
      self->x
          = bench_tensor (bench, 4, (gint64[]){ 1, shape->h * stride, shape->w * stride, in }, 1);
      break;
    case BENCH_ATTENTION:
      self->x = bench_tensor (bench, 3, (gint64[]){ 1, shape->w, out }, 1);
      self->k = bench_tensor (bench, 3, (gint64[]){ 1, in, out }, 2);
      self->v = bench_tensor (bench, 3, (gint64[]){ 1, in, out }, 3);
      break;
    case BENCH_LINEAR:
    default:
      self->linear = (LimnLinear){
        .weight = bench_tensor (bench, 2, (gint64[]){ out, in }, 2),
        .bias = bench_tensor (bench, 1, &out, 3),
        .n_in = in,
        .n_out = out,
      };
      self->x = bench_tensor (bench, 3, (gint64[]){ 1, shape->w, in }, 1);
      break;
    }
}

LimnTensor
bench_operands_run (BenchOperands *self, LimnRun *run)
{
  switch (self->shape->kind)
    {
    case BENCH_CONV:
      return limn_conv2d (run, &self->conv, &self->x, NULL);
    case BENCH_ATTENTION:
      return limn_attention (run, &self->x, &self->k, &self->v, self->shape->heads, 0.125f, FALSE);
    case BENCH_LINEAR:
    default:
      return limn_linear (run, &self->linear, &self->x, NULL);
    }
}

void
bench_operands_clear (BenchOperands *self)
{
  limn_conv2d_clear (&self->conv);
  limn_linear_clear (&self->linear);
}
