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

/*
 * The two large maps that encoder and decoder work in. At full resolution a map is by far the
 * largest thing that the engine holds, so there are no more: the map between blocks stays in the
 * trunk, where each block adds to it; the one within a block, between its convolutions, is the
 * inner one. Normalised and enlarged maps are never written.
 */
typedef struct
{
  LimnTensor trunk, inner;
} LimnVaePlaces;

/* The first part of @place as a map; the empty tensor, with an error, when it has no room. */
LimnTensor limn_vae_view (LimnRun *run, const LimnTensor *place, gint64 n, gint64 h, gint64 w, gint64 c);

void limn_resnet_bind (LimnResnet *self, LimnBinder *binder, const char *path, gint64 n_in,
                       gint64 n_out);
/* @x lies in the trunk, and so does the result. */
LimnTensor limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnTensor *x,
                                const LimnVaePlaces *places);

void limn_pixel_attention_bind (LimnPixelAttention *self, LimnBinder *binder, const char *path,
                                gint64 n_channels);
LimnTensor
limn_pixel_attention_forward (LimnPixelAttention *self, LimnRun *run, const LimnTensor *x);

void limn_vae_middle_bind (LimnVaeMiddle *self, LimnBinder *binder, const char *path,
                           gint64 n_channels, gboolean attention);
/* From trunk to trunk. */
LimnTensor limn_vae_middle_forward (LimnVaeMiddle *self, LimnRun *run, const LimnTensor *x,
                                    const LimnVaePlaces *places);

void limn_vae_level_clear (LimnVaeLevel *level);
/* Blocks with their attention, from trunk to trunk. */
LimnTensor limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnTensor *x,
                                   const LimnVaePlaces *places);
/* conv (SiLU (norm (x))) */
LimnTensor limn_vae_head_forward (LimnNorm *norm, LimnConv2d *conv, LimnRun *run,
                                  const LimnTensor *x);

LimnEncoder *limn_encoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config);
void limn_encoder_free (LimnEncoder *self);
/* Bytes of the places for one position: of the image for the encoder, of the latent for the decoder. */
gint64 limn_encoder_place_bytes (const LimnAutoencoderConfig *config);
gint64 limn_decoder_place_bytes (const LimnAutoencoderConfig *config);

/*
 * An arena for maps that are more than the run may have in memory: those beyond lie in a file, and
 * the operations go through them by bands. What is computed in between lies there.
 */
typedef struct
{
  LimnArena *own, *spilling;
} LimnVaeSpill;

/* Lends @run such an arena when @bytes of maps need one. */
void limn_vae_spill_begin (LimnVaeSpill *self, LimnRun *run, double bytes);
/* Gives @run its own arena back. */
void limn_vae_spill_end (LimnVaeSpill *self, LimnRun *run);

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
