/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/weights/weights.h"

G_BEGIN_DECLS

/*
 * What a network multiplies, from the names and shapes of its weights: its convolutions, matrices
 * and attentions with the sizes of the maps that they work on. Norms and activations are not
 * counted. An operation is a multiplication or an addition of the direct computation.
 */

typedef enum
{
  BENCH_UNET,     /* "model.diffusion_model." */
  BENCH_DECODER,  /* "first_stage_model." */
  BENCH_ENCODER,  /* the same */
  BENCH_TEXT,     /* "cond_stage_model.", of Hugging Face's names */
  BENCH_UPSCALER, /* RRDBNet of basicsr's names, enlarging by 4 */
} BenchNetwork;

typedef enum
{
  BENCH_CONV,
  BENCH_LINEAR,
  BENCH_ATTENTION,
} BenchKind;

typedef struct
{
  BenchKind kind;
  int kernel, stride; /* of a convolution */
  gint64 h, w;        /* of what comes out; 1 and the rows of a matrix or the queries */
  gint64 in, out;     /* channels; of an attention: keys, and the width of all heads */
  int heads;          /* of an attention */
  int count;          /* how often it occurs */
} BenchLayer;

/**
 * bench_layers:
 * @height, @width: of the latent; of the picture for the encoder and the upscaler
 * @tokens: of the context, or of the text
 * @heads: of the UNet's attention, or of the text encoder's
 *
 * Distinct layers in the order in which they are found. (transfer full): of BenchLayer.
 */
GArray *bench_layers (LimnWeights *weights,
                      BenchNetwork network,
                      gint64 height,
                      gint64 width,
                      gint64 tokens,
                      int heads);
/* 1e9 operations of one of it. */
double bench_layer_gflop (const BenchLayer *layer);
/* Of all. */
double bench_layers_gflop (const GArray *layers);
/* "conv 3x3 64x64 320 -> 640" (transfer full). */
char *bench_layer_name (const BenchLayer *layer);

G_END_DECLS
