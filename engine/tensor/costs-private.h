/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/costs.h"
#include "engine/tensor/winograd-private.h"

G_BEGIN_DECLS

/* A 3x3 convolution of a square map. */
typedef struct
{
  gint64 side, in, out;
} LimnCostLayer;

#define LIMN_N_TRANSFORM_COSTS 4

/* How often a layer has each of LimnTransformCosts, in its order, in tiles of @size. */
void _limn_costs_terms (const LimnCostLayer *layer, int size, double terms[LIMN_N_TRANSFORM_COSTS]);
double _limn_costs_direct (const LimnCostLayer *layer);

/* By @costs. */
double _limn_costs_total (const LimnTransformCosts *costs, const LimnCostLayer *layer, int size);

/* Costs that give @values of these layers best, and are near @expected where those do not say.
 * Returns by how much, of it, the value of a layer is missed at most. */
double _limn_costs_fit (LimnTransformCosts *fitted,
                        const LimnTransformCosts *expected,
                        int size,
                        const LimnCostLayer *fit_layers,
                        const double *values,
                        int n_layers);

G_END_DECLS
