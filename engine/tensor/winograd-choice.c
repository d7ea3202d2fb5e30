/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/costs-private.h"
#include "engine/tensor/winograd-private.h"

/*
 * Which way to convolve, by what each way multiplies and transforms and what that costs (costs.h).
 * Beside the costs it looks at nothing but the layer's shape, so a seed gives the same bits in
 * every run with the same costs.
 */

/* Channels as vectors of 16 see them. */
static double
whole_vectors (gint64 n)
{
  return (double)((n + 15) / 16 * 16);
}

static double
direct_cost (gint64 positions, gint64 in, gint64 out)
{
  return 9.0 * (double)positions * (double)in * whole_vectors (out);
}

static void
count_terms (gint64 n_tiles, gint64 in, gint64 out, int size, double terms[LIMN_N_TRANSFORM_COSTS])
{
  gint64 n_blocks = (n_tiles + LIMN_WINOGRAD_BLOCK_TILES - 1) / LIMN_WINOGRAD_BLOCK_TILES;
  double pairs = (double)in * whole_vectors (out);

  terms[0] = (double)n_tiles * (size + 2) * (size + 2) * pairs;
  terms[1] = (double)n_tiles * whole_vectors (in);
  terms[2] = (double)n_tiles * whole_vectors (out);
  terms[3] = (double)n_blocks * pairs;
}

void
_limn_costs_terms (const LimnCostLayer *layer, int size, double terms[LIMN_N_TRANSFORM_COSTS])
{
  gint64 rows = (layer->side + size - 1) / size;

  count_terms (rows * rows, layer->in, layer->out, size, terms);
}

double
_limn_costs_direct (const LimnCostLayer *layer)
{
  return direct_cost (layer->side * layer->side, layer->in, layer->out);
}

/* By the terms of count_terms(). */
static double
sum_costs (const LimnTransformCosts *costs, const double terms[LIMN_N_TRANSFORM_COSTS])
{
  return costs->multiply * terms[0] + costs->input * terms[1] + costs->output * terms[2]
         + costs->weights * terms[3];
}

double
_limn_costs_total (const LimnTransformCosts *costs, const LimnCostLayer *layer, int size)
{
  double terms[LIMN_N_TRANSFORM_COSTS];

  _limn_costs_terms (layer, size, terms);
  return sum_costs (costs, terms);
}

static double
winograd_cost (const LimnCosts *costs, const LimnConvJob *conv, gint64 n_samples, int size)
{
  const LimnTransformCosts *cost = size == 2 ? &costs->of_2 : &costs->of_4;
  gint64 rows = (conv->oh + size - 1) / size, columns = (conv->ow + size - 1) / size;
  double terms[LIMN_N_TRANSFORM_COSTS];

  count_terms (n_samples * rows * columns, conv->in, conv->out, size, terms);
  return sum_costs (cost, terms);
}

int
limn_winograd_choose (LimnRun *run, const LimnConvJob *conv, gint64 n_samples)
{
  const LimnCosts *costs = run->costs != NULL ? run->costs : limn_costs_counted ();
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
  direct = direct_cost (n_samples * conv->oh * conv->ow, conv->in, conv->out);
  two = winograd_cost (costs, conv, n_samples, 2);
  four = winograd_cost (costs, conv, n_samples, 4);
  if (direct <= MIN (two, four))
    return 0;
  return four <= two ? 4 : 2;
}
