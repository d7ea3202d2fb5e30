/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/autoencoder.h"
#include "engine/nn/layers-private.h"

G_BEGIN_DECLS

/* diffusionmodules.model.ResnetBlock without a time embedding. */
typedef struct
{
  LimnNorm norm1;
  LimnConv2d conv1;
  LimnNorm norm2;
  LimnConv2d conv2;
  LimnLinear shortcut; /* nin_shortcut, when the number of channels changes */
  gboolean has_shortcut;
  gint64 n_out;
} LimnResnet;

/* diffusionmodules.model.AttnBlock: one head over all positions. */
typedef struct
{
  LimnNorm norm;
  LimnLinear q, k, v, proj_out;
} LimnPixelAttention;

/* One resolution: residual blocks, each with attention or not, and the change of resolution after
 * them. */
typedef struct
{
  LimnResnet *blocks;            /* owned */
  LimnPixelAttention *attention; /* owned; NULL: none at this resolution */
  int n_blocks;
  LimnConv2d resample; /* downsample.conv or upsample.conv */
  gboolean has_resample;
} LimnVaeLevel;

/* The lowest resolution: mid.block_1, mid.attn_1, mid.block_2. */
typedef struct
{
  LimnResnet blocks[2];
  LimnPixelAttention attention;
  gboolean has_attention;
} LimnVaeMiddle;

struct _LimnEncoder
{
  LimnConv2d conv_in;
  LimnVaeLevel levels[LIMN_AUTOENCODER_MAX_LEVELS];
  LimnVaeMiddle middle;
  LimnNorm norm_out;
  LimnConv2d conv_out;
};

struct _LimnDecoder
{
  LimnConv2d conv_in;
  LimnVaeMiddle middle;
  LimnVaeLevel levels[LIMN_AUTOENCODER_MAX_LEVELS]; /* 0 is the highest resolution and runs last */
  LimnNorm norm_out;
  LimnConv2d conv_out;
};

#define LIMN_VAE_EPSILON 1e-6f

void limn_resnet_bind (LimnResnet *self, LimnBinder *binder, const char *path, gint64 n_in,
                       gint64 n_out);
LimnTensor limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnTensor *x);

void limn_pixel_attention_bind (LimnPixelAttention *self, LimnBinder *binder, const char *path,
                                gint64 n_channels);
LimnTensor
limn_pixel_attention_forward (LimnPixelAttention *self, LimnRun *run, const LimnTensor *x);

void limn_vae_middle_bind (LimnVaeMiddle *self, LimnBinder *binder, const char *path,
                           gint64 n_channels, gboolean attention);
/* The result is kept in @trunk; @trunk may hold @x itself. */
LimnTensor limn_vae_middle_forward (LimnVaeMiddle *self, LimnRun *run, const LimnTensor *x,
                                    const LimnTensor *trunk);

void limn_vae_level_clear (LimnVaeLevel *level);
/* Blocks with their attention; the result is kept in @trunk, which may hold @x itself. */
LimnTensor limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnTensor *x,
                                   const LimnTensor *trunk);

LimnEncoder *limn_encoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config);
void limn_encoder_free (LimnEncoder *self);
LimnTensor limn_encoder_forward (LimnEncoder *self, LimnRun *run,
                                 const LimnAutoencoderConfig *config, const LimnTensor *image);

LimnDecoder *limn_decoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config);
void limn_decoder_free (LimnDecoder *self);
LimnTensor limn_decoder_forward (LimnDecoder *self, LimnRun *run,
                                 const LimnAutoencoderConfig *config, const LimnTensor *z);

/* Replaces each position of @latent [n, h, w, embed_dim] by the nearest row of @codebook [n_embed,
 * embed_dim]. */
LimnTensor limn_quantise (LimnRun *run, const LimnTensor *latent, const LimnTensor *codebook);

/* TRUE when the description asks for attention at a side of @resolution. */
gboolean limn_vae_has_attention (const LimnAutoencoderConfig *config, int resolution);

G_END_DECLS
