/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/winograd-private.h"

/*
 * Which way to convolve, by counting: vector operations of each way in a product's inner loop, and
 * those of the transforms. It looks at nothing but the layer's shape, so a seed gives the same bits
 * in every run. That the ways' loops run at the same rate holds for every table that multiplies by
 * panels of its own, and nearly so for BLAS.
 */

/* Operations of one channel of a tile in the transforms of input and output, and of a pair of
 * channels in that of the weights: arithmetic, loads and stores, and what M costs on its way
 * through the cache once for every point. */
typedef struct
{
  double input, output, weights;
} TransformCost;

static const TransformCost costs_of_2 = { 80, 110, 50 };
static const TransformCost costs_of_4 = { 250, 350, 110 };

/* Channels as vectors of 16 see them. */
static double
whole_vectors (gint64 n)
{
  return (double)((n + 15) / 16 * 16);
}

static double
direct_cost (const LimnConvJob *conv, gint64 n_samples)
{
  return 9.0 * (double)(n_samples * conv->oh * conv->ow) * (double)conv->in
         * whole_vectors (conv->out);
}

static double
winograd_cost (const LimnConvJob *conv, gint64 n_samples, int size)
{
  const TransformCost *cost = size == 2 ? &costs_of_2 : &costs_of_4;
  gint64 rows = (conv->oh + size - 1) / size, columns = (conv->ow + size - 1) / size;
  gint64 n_tiles = n_samples * rows * columns;
  gint64 n_blocks = (n_tiles + LIMN_WINOGRAD_BLOCK_TILES - 1) / LIMN_WINOGRAD_BLOCK_TILES;
  double pairs = (double)conv->in * whole_vectors (conv->out);

  return (double)n_tiles
             * ((size + 2) * (size + 2) * pairs + cost->input * whole_vectors (conv->in)
                + cost->output * whole_vectors (conv->out))
         + (double)n_blocks * cost->weights * pairs;
}

int
limn_winograd_choose (LimnRun *run, const LimnConvJob *conv, gint64 n_samples)
{
  double direct, two, four;

  if (conv->kernel_h != 3 || conv->kernel_w != 3 || conv->stride != 1
      || conv->kernels->winograd_input == NULL)
    return 0;
  switch (run->convolution)
    {
    case LIMN_CONVOLUTION_DIRECT:
      return 0;
    case LIMN_CONVOLUTION_WINOGRAD_2:
      return 2;
    case LIMN_CONVOLUTION_WINOGRAD_4:
      return 4;
    case LIMN_CONVOLUTION_AUTOMATIC:
    default:
      break;
    }
  direct = direct_cost (conv, n_samples);
  two = winograd_cost (conv, n_samples, 2);
  four = winograd_cost (conv, n_samples, 4);
  if (direct <= MIN (two, four))
    return 0;
  return four <= two ? 4 : 2;
}
