/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

#define LIMN_UNET_MAX_LEVELS 8

/* unet_config.params of a config.yaml, under its names. Start from limn_unet_config_init(): it has
 * the defaults of openaimodel.UNetModel. */
typedef struct
{
  int in_channels;
  int out_channels;
  int model_channels;
  int num_res_blocks;
  int channel_mult[LIMN_UNET_MAX_LEVELS];
  int n_levels;                                    /* entries of channel_mult */
  int attention_resolutions[LIMN_UNET_MAX_LEVELS]; /* downsampling factors, not sides */
  int n_attention_resolutions;
  int num_heads;         /* -1: by num_head_channels */
  int num_head_channels; /* -1: by num_heads */
  int transformer_depth;
  int context_dim; /* 0: no cross-attention */
  gboolean use_spatial_transformer;
  gboolean use_linear_in_transformer;
  gboolean use_scale_shift_norm;
  gboolean resblock_updown;
  gboolean conv_resample;
  gboolean legacy;
} LimnUnetConfig;

void limn_unet_config_init (LimnUnetConfig *config);

typedef struct _LimnUnetBlock LimnUnetBlock;

/**
 * LimnUnet:
 *
 * The denoising network of latent diffusion: a U-shaped convolutional net with attention at some
 * resolutions. Rombach et al. 2022, section 3.2 and figure 3; Dhariwal & Nichol 2021, "Diffusion
 * Models Beat GANs on Image Synthesis", appendix.
 */
typedef struct
{
  LimnUnetConfig config;
  LimnLayers layers;

  LimnLinear time_embed[2];

  /* Owned */
  LimnUnetBlock *input_blocks;
  LimnUnetBlock *output_blocks;
  LimnUnetBlock *middle_block;
  int n_input_blocks;
  int n_output_blocks;

  LimnNorm out_norm;
  LimnConv2d out_conv;
} LimnUnet;

/* Binds every tensor by exact name ("input_blocks.0.0.weight" after the source's prefix) and shape.
 * Computes nothing. Clear it also after a failure. */
gboolean limn_unet_init (LimnUnet *self, const LimnUnetConfig *config,
                         const LimnWeightSource *source, GError **error);
void limn_unet_clear (LimnUnet *self);

/* Sides of x must be multiples of this: 2^(levels - 1). */
int limn_unet_get_factor (const LimnUnet *self);

/**
 * limn_unet_forward:
 * @x: [n, h, w, in_channels]: the noisy latent and what is concatenated to it
 * @t: n timesteps; they may be fractional
 * @context: (nullable): [n, tokens, context_dim]; any number of tokens
 *
 * Returns: the network's output, [n, h, w, out_channels], in its own parameterisation (noise, v or
 * x0). All other activations are released again.
 */
LimnTensor limn_unet_forward (LimnUnet *self, LimnRun *run, const LimnTensor *x, const float *t,
                              const LimnTensor *context);

G_END_DECLS
