/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers-private.h"
#include "engine/nn/unet.h"

G_BEGIN_DECLS

typedef enum
{
  LIMN_RESAMPLE_NONE,
  LIMN_RESAMPLE_DOWN,
  LIMN_RESAMPLE_UP,
} LimnResample;

/* openaimodel.ResBlock. */
typedef struct
{
  LimnNorm in_norm;
  LimnConv2d in_conv;
  LimnLinear embedding;
  LimnNorm out_norm;
  LimnConv2d out_conv;
  LimnLinear skip; /* 1x1, when the number of channels changes */
  gboolean has_skip;
  gboolean scale_shift;  /* use_scale_shift_norm */
  LimnResample resample; /* resblock_updown */
} LimnResBlock;

void limn_res_block_bind (LimnResBlock *self,
                          LimnBinder *binder,
                          const char *path,
                          gint64 n_in,
                          gint64 n_out,
                          gint64 n_embedding,
                          gboolean scale_shift,
                          LimnResample resample);
/* x: [n, h, w, n_in], embedding: [n, n_embedding] after SiLU -> [n, h', w', n_out]. */
LimnTensor limn_res_block_forward (LimnResBlock *self,
                                   LimnRun *run,
                                   const LimnTensor *x,
                                   const LimnTensor *embedding);

/* openaimodel.AttentionBlock: self-attention over all positions, all heads' q, k and v from one
 * layer; or from three, as diffusers stores it. */
typedef struct
{
  LimnNorm norm;
  gboolean separate;
  LimnLinear qkv;       /* not when separate */
  LimnLinear to_qkv[3]; /* only when separate */
  LimnLinear proj_out;
  int n_heads;
  gboolean parts_first; /* qkv: q of all heads, then k, then v */
} LimnAttentionBlock;

void limn_attention_block_bind (LimnAttentionBlock *self,
                                LimnBinder *binder,
                                const char *path,
                                gint64 n_channels,
                                int n_heads,
                                gboolean parts_first);
LimnTensor
limn_attention_block_forward (LimnAttentionBlock *self, LimnRun *run, const LimnTensor *x);

/* attention.CrossAttention. */
typedef struct
{
  LimnLinear to_q, to_k, to_v, to_out;
  int n_heads;
  int number; /* among those that look at the context, through all of the network; -1: it does not */
} LimnCrossAttention;

/* attention.BasicTransformerBlock. */
typedef struct
{
  LimnNorm norm1, norm2, norm3;
  LimnCrossAttention attn1, attn2;
  gboolean self_attention; /* FALSE: attn1 looks at the context as attn2 does */
  LimnLinear ff_in, ff_out;
} LimnTransformerBlock;

/* attention.SpatialTransformer. */
typedef struct
{
  LimnNorm norm;
  LimnLinear proj_in, proj_out;
  LimnTransformerBlock *blocks; /* owned */
  int depth;
} LimnSpatialTransformer;

/* @n_context: width of the context, 0 for self-attention twice. @self_attention: FALSE when the
 * first one is to the context as well (disable_self_attentions). Linear and 1x1 projections are the
 * same product here, so use_linear_in_transformer needs no switch. */
void limn_spatial_transformer_bind (LimnSpatialTransformer *self,
                                    LimnBinder *binder,
                                    const char *path,
                                    gint64 n_channels,
                                    int n_heads,
                                    int head_channels,
                                    int depth,
                                    gint64 n_context,
                                    gboolean self_attention);
void limn_spatial_transformer_clear (LimnSpatialTransformer *self);
LimnTensor limn_spatial_transformer_forward (LimnSpatialTransformer *self,
                                             LimnRun *run,
                                             const LimnTensor *x,
                                             const LimnTensor *context,
                                             const LimnUnetMemory *memory);

/* One layer of a TimestepEmbedSequential. */
typedef struct
{
  enum
  {
    LIMN_PART_CONV, /* the very first layer, and Downsample with conv_resample */
    LIMN_PART_RES,
    LIMN_PART_ATTENTION,
    LIMN_PART_TRANSFORMER,
    LIMN_PART_AVG_POOL, /* Downsample without conv_resample */
    LIMN_PART_UPSAMPLE,
    LIMN_PART_UPSAMPLE_CONV,
  } kind;
  union
  {
    LimnConv2d conv;
    LimnResBlock res;
    LimnAttentionBlock attention;
    LimnSpatialTransformer transformer;
  };
} LimnUnetPart;

#define LIMN_UNET_MAX_PARTS 3
#define LIMN_UNET_MAX_RES_BLOCKS 16
#define LIMN_UNET_MAX_BLOCKS (LIMN_UNET_MAX_LEVELS * (LIMN_UNET_MAX_RES_BLOCKS + 1))

/* openaimodel.TimestepEmbedSequential. */
struct _LimnUnetBlock
{
  LimnUnetPart parts[LIMN_UNET_MAX_PARTS];
  int n_parts;
  gint64 n_out; /* channels of the result */
  int level;    /* the result is 2^level times smaller than the input */
};

/* Blocks at either end that run in every evaluation, also when deep features are kept: with two, an
 * evaluation in between costs Stable Diffusion a quarter of a whole one, as in DeepCache's table 1. */
#define LIMN_UNET_SHALLOW_BLOCKS 2

struct _LimnUnetMemory
{
  gint64 n, h, w; /* of the inputs */

  /* All in the arena */
  LimnTensor context; /* as it was given; empty: none */
  int n_attentions;
  LimnTensor *keys, *values; /* [n_attentions] */

  int step_cache;
  int evaluation;  /* number of the next one */
  LimnTensor deep; /* what entered the output blocks at the end last time; empty without step_cache */
};

/* Room in the arena for what @block makes of an input of n samples of h x w. */
LimnTensor
limn_unet_block_room (LimnRun *run, const LimnUnetBlock *block, gint64 n, gint64 h, gint64 w);

/* Numbers the cross-attentions: once all blocks are bound. */
void limn_unet_number_attentions (LimnUnet *self);

/* FALSE with a sticky error when @memory is not of this context or size. */
gboolean limn_unet_memory_fits (const LimnUnetMemory *memory,
                                LimnRun *run,
                                const LimnTensor *x,
                                const LimnTensor *context);
/* Whether the evaluation that begins now takes the deep features that are kept. */
gboolean limn_unet_memory_is_fresh (const LimnUnetMemory *memory);

G_END_DECLS
