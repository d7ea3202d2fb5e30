/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

#define LIMN_AUTOENCODER_MAX_LEVELS 8

/* first_stage_config.params (ddconfig and embed_dim) of a config.yaml, under its names. */
typedef struct
{
  int in_channels;
  int out_ch;
  int ch;
  int ch_mult[LIMN_AUTOENCODER_MAX_LEVELS];
  int n_levels; /* entries of ch_mult */
  int num_res_blocks;
  int attn_resolutions[LIMN_AUTOENCODER_MAX_LEVELS];
  int n_attn_resolutions;
  int resolution; /* only attn_resolutions are counted from it */
  int z_channels;
  gboolean double_z;      /* TRUE: KL; the encoder gives mean and log-variance */
  gboolean mid_attention; /* FALSE for attn_type: none */
  int embed_dim;          /* channels of the latent */
  int n_embed;            /* VQ: entries of the codebook; 0 for KL */
} LimnAutoencoderConfig;

typedef struct _LimnEncoder LimnEncoder;
typedef struct _LimnDecoder LimnDecoder;

/**
 * LimnAutoencoder:
 *
 * The first stage: AutoencoderKL, and VQModelInterface when n_embed is not 0. Rombach et al. 2022,
 * "High-Resolution Image Synthesis with Latent Diffusion Models", section 3.1 and appendix G.
 * Pixels are in [-1, 1]; the latent here is the autoencoder's own, not multiplied by the model's
 * scale_factor.
 */
typedef struct
{
  LimnAutoencoderConfig config;
  LimnLayers layers;

  /* Owned */
  LimnEncoder *encoder;
  LimnDecoder *decoder;

  LimnLinear quant_conv;      /* z -> embed_dim, twice both for KL */
  LimnLinear post_quant_conv; /* embed_dim -> z */
  LimnTensor codebook;        /* [n_embed, embed_dim], VQ */
} LimnAutoencoder;

/* Binds every tensor by exact name ("encoder.conv_in.weight" after the source's prefix) and shape.
 * Computes nothing. Clear it also after a failure. */
gboolean limn_autoencoder_init (LimnAutoencoder *self, const LimnAutoencoderConfig *config,
                                const LimnWeightSource *source, GError **error);
void limn_autoencoder_clear (LimnAutoencoder *self);

/* Pixels per latent: 2^(levels - 1). */
int limn_autoencoder_get_factor (const LimnAutoencoder *self);

/* image: [n, h, w, in_channels] -> [n, h / f, w / f, 2 * embed_dim], mean then log-variance (KL),
 * or the unquantised latent [.., embed_dim] (VQ). Sides floor; they must be at least f. */
LimnTensor limn_autoencoder_encode (LimnAutoencoder *self, LimnRun *run, const LimnTensor *image);
/* The same before quant_conv. */
LimnTensor limn_autoencoder_encoder (LimnAutoencoder *self, LimnRun *run, const LimnTensor *image);

/* Parts of the moments of a KL autoencoder, [n, h, w, embed_dim]. */
LimnTensor limn_moments_mean (LimnRun *run, const LimnTensor *moments);
/* exp (log-variance / 2), log-variance clamped to [-30, 20]. */
LimnTensor limn_moments_std (LimnRun *run, const LimnTensor *moments);
/* mean + std * noise; noise: [n, h, w, embed_dim]. */
LimnTensor limn_moments_sample (LimnRun *run, const LimnTensor *moments, const LimnTensor *noise);

/* latent: [n, h, w, embed_dim] -> image [n, h * f, w * f, out_ch], not clamped. VQ replaces each
 * position by the nearest entry of the codebook first. */
LimnTensor limn_autoencoder_decode (LimnAutoencoder *self, LimnRun *run, const LimnTensor *latent);
/* The first step of that alone: latent [n, h, w, embed_dim] -> the nearest entries of the codebook,
 * same shape. VQ only. */
LimnTensor
limn_autoencoder_quantise (LimnAutoencoder *self, LimnRun *run, const LimnTensor *latent);

G_END_DECLS
