/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/* cond_stage_config.params of a SpatialRescaler, under its names. Only its usual way of shrinking
 * is here: method "bilinear" (without antialiasing), multiplier 0.5. */
typedef struct
{
  int n_stages;     /* how many times the sides are halved */
  int in_channels;  /* of a label map: its classes */
  int out_channels; /* 0: not given, no channel mapper */
  gboolean bias;    /* of the channel mapper */
} LimnSpatialRescalerConfig;

/**
 * LimnSpatialRescaler:
 *
 * LDM's SpatialRescaler: brings a map to the latent's size, by halving it, and to few channels, by
 * a 1x1 convolution that was trained with the UNet (Rombach et al. 2022, appendix E.2.1, semantic
 * synthesis). The result is concatenated to the latent.
 */
typedef struct
{
  LimnSpatialRescalerConfig config;
  LimnLayers layers;
  LimnLinear channel_mapper;
} LimnSpatialRescaler;

/* Binds "channel_mapper.weight" (and ".bias") after the source's prefix ("cond_stage_model.").
 * Clear it also after a failure. */
gboolean limn_spatial_rescaler_init (LimnSpatialRescaler *self,
                                     const LimnSpatialRescalerConfig *config,
                                     const LimnWeightSource *source,
                                     GError **error);
void limn_spatial_rescaler_clear (LimnSpatialRescaler *self);

/* Channels of the result: out_channels, or in_channels without a mapper. */
int limn_spatial_rescaler_get_channels (const LimnSpatialRescaler *self);

/* x: [n, h, w, in_channels] -> [n, h >> n_stages, w >> n_stages, channels]. Odd sides floor. */
LimnTensor
limn_spatial_rescaler_forward (LimnSpatialRescaler *self, LimnRun *run, const LimnTensor *x);
/* The same of a label map that stands for its one-hot channels: labels [h][w], each below
 * in_channels -> [1, h >> n_stages, w >> n_stages, channels]. The same bits, but only the shrunken
 * channels take memory. A label that there is not is LIMN_ENGINE_ERROR_ARGUMENT. */
LimnTensor limn_spatial_rescaler_forward_labels (LimnSpatialRescaler *self,
                                                 LimnRun *run,
                                                 const guint16 *labels,
                                                 gint64 h,
                                                 gint64 w);

G_END_DECLS
