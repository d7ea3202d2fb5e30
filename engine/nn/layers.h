/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/kernels.h"
#include "engine/weights/weights.h"

G_BEGIN_DECLS

/**
 * LimnNameMap:
 * @prefix: the source's prefix
 * @name: name of a tensor as the original code calls it within the network,
 * "input_blocks.0.0.weight"
 *
 * Returns the tensor's name in the file (transfer full).
 */
typedef char *(*LimnNameMap) (const char *prefix, const char *name, gpointer user_data);

/**
 * LimnWeightSource:
 * @weights: the store
 * @prefix: what stands before the network's own names, "model.diffusion_model." or ""
 * @map: (nullable): for files with other names; NULL means prefix + name
 *
 * Where a network finds its tensors. Used while a network is initialised only.
 */
typedef struct
{
  LimnWeights *weights;
  const char *prefix;
  LimnNameMap map;
  gpointer map_data;
} LimnWeightSource;

/* The names of LDM's moving averages: "model_ema." and then the name without "model." at its start
 * and without any dot, "model_ema.diffusion_modelinput_blocks00weight". */
char *limn_name_map_ema (const char *prefix, const char *name, gpointer user_data);

/**
 * LimnLayers:
 *
 * Every layer of a network, in the order in which it was bound, and a reference to the store that
 * its weights lie in. The layers themselves are fields of the network and must not move.
 */
typedef struct
{
  LimnWeights *weights; /* owned */
  GPtrArray *linears;   /* LimnLinear, borrowed */
  GPtrArray *convs;     /* LimnConv2d, borrowed */
  GPtrArray *norms;     /* LimnNorm, borrowed */
  gint64 n_parameters;  /* elements of all bound tensors */
} LimnLayers;

/* Frees the packed copies of the weights; they are made again at the next use. */
void limn_layers_unload (LimnLayers *self);
/* From now on packed weights are counted in @budget, which outlives the layers; those that were
 * counted in another one are freed. */
void limn_layers_set_budget (LimnLayers *self, LimnWeightBudget *budget);
/* Frees packed weights, the last layers' first, until their budget is kept. */
void limn_layers_keep_budget (LimnLayers *self);
/* Bytes of the packed weights of all layers, and of the largest one's. */
void limn_layers_measure (const LimnLayers *self, gsize *total, gsize *largest);
/* Frees everything that the layers own. The network is not usable afterwards. */
void limn_layers_clear (LimnLayers *self);

G_END_DECLS
