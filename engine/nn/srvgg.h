/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/* All of it follows from the file; the names are those of Real-ESRGAN's SRVGGNetCompact. */
typedef struct
{
  int channels; /* of the picture */
  int num_feat; /* width between the convolutions */
  int num_conv; /* convolutions between the first and the last */
  int upscale;  /* 1 .. 8 */
} LimnSrvggConfig;

/**
 * LimnSrvgg:
 *
 * SRVGGNetCompact of Real-ESRGAN (Wang et al. 2021): convolutions with PReLU at the picture's own
 * size, and a last one whose channels become pixels, added to the enlarged picture. A tenth of the
 * work of an RRDBNet.
 */
typedef struct
{
  LimnSrvggConfig config;
  LimnLayers layers;

  /* Owned */
  LimnConv2d *convs;  /* num_conv + 2 */
  LimnTensor *slopes; /* num_conv + 1, [num_feat] each; views */
} LimnSrvgg;

/* TRUE when the store has, after @prefix ("" for a file of its own), the first layers of an
 * SRVGGNetCompact. */
gboolean limn_srvgg_detect (LimnWeights *weights, const char *prefix);
/* Finds out what it is and binds every tensor; computes nothing. Networks with ReLU or LeakyReLU,
 * which leave no trace in the file, are LIMN_ENGINE_ERROR_UNSUPPORTED. Clear it also after a
 * failure. */
gboolean
limn_srvgg_init (LimnSrvgg *self, LimnWeights *weights, const char *prefix, GError **error);
void limn_srvgg_clear (LimnSrvgg *self);

/* image: [n, h, w, channels] in [-1, 1], any size -> [n, h * upscale, w * upscale, channels], about
 * [-1, 1], not clamped. The network itself has 0 .. 1. */
LimnTensor limn_srvgg_forward (LimnSrvgg *self, LimnRun *run, const LimnTensor *image);

G_END_DECLS
