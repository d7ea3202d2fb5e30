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
  gint64 n_in, n_out;
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
  gint64 pixel;        /* channels of the map's place at this resolution */
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
 * The large map that encoder and decoder work in. At full resolution it is by far the largest thing
 * that the engine holds, so there is only one, with room for two maps of a block's width side by
 * side in each pixel: the last channels are the trunk, the map between blocks, to which each block
 * adds; the first ones are the map within a block, between its convolutions. Normalised and
 * enlarged maps are never written. Where a block's input is wider than its result it takes the
 * room of both, and the block goes through it by bands. When the resolution changes the map changes
 * its size where it lies, at the top of the arena.
 */
typedef struct
{
  LimnTensor place;   /* [n, h, w, pixel] */
  LimnArenaMark mark; /* where it begins */
  gint64 band_pixels; /* of the bands in which it is gone through */
} LimnVaeMap;

/* Channels of a place for blocks of these widths. */
static inline gint64
limn_vae_pixel (gint64 n_in, gint64 n_out)
{
  return MAX (n_in, 2 * n_out);
}

/* Nothing may lie in the arena behind the map when it changes its size. Its contents are not
 * defined. */
LimnVaeMap limn_vae_map_new (LimnRun *run, gint64 n, gint64 h, gint64 w, gint64 pixel);
/* The last, or the first, channels as a map: that of the place from the first of them on, so with
 * more channels than are its own. The empty tensor, with an error, when the place has no room. */
LimnTensor limn_vae_trunk (LimnRun *run, const LimnVaeMap *map, gint64 n_channels);
LimnTensor limn_vae_inner (LimnRun *run, const LimnVaeMap *map, gint64 n_channels);
/* The trunk through @conv, to a trunk twice as high and wide, or half; @pixel: of the place then. */
void limn_vae_map_enlarge (LimnRun *run, LimnVaeMap *map, LimnConv2d *conv, gint64 pixel);
void limn_vae_map_reduce (LimnRun *run, LimnVaeMap *map, LimnConv2d *conv, gint64 pixel);
/* inner = conv1 (normalised trunk), trunk = shortcut (trunk), of a block that has one. */
void limn_vae_widen (LimnResnet *self,
                     LimnRun *run,
                     const LimnVaeMap *map,
                     const LimnNormalised *normalised);

void limn_resnet_bind (LimnResnet *self, LimnBinder *binder, const char *path, gint64 n_in,
                       gint64 n_out);
/* Each of these from trunk to trunk. */
void limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnVaeMap *map);

void limn_pixel_attention_bind (LimnPixelAttention *self, LimnBinder *binder, const char *path,
                                gint64 n_channels);
void
limn_pixel_attention_forward (LimnPixelAttention *self, LimnRun *run, const LimnVaeMap *map);

void limn_vae_middle_bind (LimnVaeMiddle *self, LimnBinder *binder, const char *path,
                           gint64 n_channels, gboolean attention);
void limn_vae_middle_forward (LimnVaeMiddle *self, LimnRun *run, const LimnVaeMap *map);

void limn_vae_level_clear (LimnVaeLevel *level);
/* Blocks with their attention. */
void limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnVaeMap *map);
/* conv (SiLU (norm (trunk))), as a map of its own. */
LimnTensor
limn_vae_head_forward (LimnNorm *norm, LimnConv2d *conv, LimnRun *run, const LimnVaeMap *map);

LimnEncoder *limn_encoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config);
void limn_encoder_free (LimnEncoder *self);
/* Bytes of the place for one position: of the image for the encoder, of the latent for the decoder. */
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
