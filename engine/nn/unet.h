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
  int num_res_blocks;                         /* of every level ... */
  int level_res_blocks[LIMN_UNET_MAX_LEVELS]; /* ... that has 0 here (a list in config.yaml) */
  int channel_mult[LIMN_UNET_MAX_LEVELS];
  int n_levels;                                    /* entries of channel_mult */
  int attention_resolutions[LIMN_UNET_MAX_LEVELS]; /* downsampling factors, not sides */
  int n_attention_resolutions;
  int num_heads;         /* -1: by num_head_channels */
  int num_head_channels; /* -1: by num_heads */
  int num_heads_upsample; /* -1: num_heads on the way up too; AttentionBlock under legacy only */
  int transformer_depth;
  int context_dim; /* 0: no cross-attention */
  int num_classes; /* 0: no label_emb */
  int time_cond_dim; /* width of the embedding of the guidance; 0: the network is not told it */
  /* Per level, how many of its residual blocks are followed by attention, where
   * attention_resolutions asks for it; used when has_num_attention_blocks. */
  int num_attention_blocks[LIMN_UNET_MAX_LEVELS];
  gboolean has_num_attention_blocks;
  /* TRUE: the transformers' first attention is to the context as well. */
  gboolean disable_self_attentions[LIMN_UNET_MAX_LEVELS];
  gboolean disable_middle_self_attn;
  gboolean use_new_attention_order; /* AttentionBlock's qkv: all q, all k, all v; not by head */
  gboolean use_spatial_transformer;
  gboolean use_linear_in_transformer;
  gboolean use_scale_shift_norm;
  gboolean resblock_updown;
  gboolean conv_resample;
  gboolean legacy;
} LimnUnetConfig;

void limn_unet_config_init (LimnUnetConfig *config);
/* Residual blocks of @level, 0 being the highest resolution. */
int limn_unet_config_get_res_blocks (const LimnUnetConfig *config, int level);

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
  LimnLinear guidance_embed;  /* [time_cond_dim, model_channels], when there is one */
  LimnTensor label_embedding; /* [num_classes, 4 * model_channels]; empty without num_classes */

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
gboolean limn_unet_init (LimnUnet *self,
                         const LimnUnetConfig *config,
                         const LimnWeightSource *source,
                         GError **error);
void limn_unet_clear (LimnUnet *self);

/* Sides of x must be multiples of this: 2^(levels - 1). */
int limn_unet_get_factor (const LimnUnet *self);

/**
 * LimnUnetMemory:
 *
 * What the evaluations of one sampling have in common, so that only the first computes it: the keys and
 * values of every cross-attention, which the context alone decides; and, when asked for, the features that
 * come up from the deep blocks, which change little from step to step.
 */
typedef struct _LimnUnetMemory LimnUnetMemory;

/* Most evaluations that may share the deep features of one. */
#define LIMN_UNET_MAX_STEP_CACHE 20

/**
 * limn_unet_remember:
 * @context: (nullable): [n, tokens, context_dim], what all evaluations will be given
 * @n, @h, @w: samples and sides of their input
 * @step_cache: of how many evaluations one runs all blocks; 0 or 1: every one does
 *
 * Everything is in the run's arena, the memory itself too, and gone when that is released to an earlier
 * mark. Keys and values are computed here, to the same bits as in an evaluation without a memory.
 *
 * With a @step_cache of N evaluation 0, N, 2 N, ... runs all blocks and keeps what enters the last two
 * output blocks; the others run the first two input blocks, and the last two output blocks on what was
 * kept. The result differs from that of the whole network. Ma, Fang & Wang 2023, "DeepCache: Accelerating
 * Diffusion Models for Free", section 3.
 *
 * Returns: (nullable): NULL when the run failed
 */
LimnUnetMemory *limn_unet_remember (LimnUnet *self,
                                    LimnRun *run,
                                    const LimnTensor *context,
                                    gint64 n,
                                    gint64 h,
                                    gint64 w,
                                    int step_cache);

/**
 * LimnUnetConditions:
 * @context: (nullable): see limn_unet_forward()
 * @labels: (nullable): see limn_unet_forward_labels()
 * @guidance: (nullable): see limn_unet_forward_guided()
 * @memory: (nullable): from limn_unet_remember(), of the same context
 *
 * What the network is told beside the latent and the timestep.
 */
typedef struct
{
  const LimnTensor *context;
  const gint32 *labels;
  const float *guidance;
  LimnUnetMemory *memory;
} LimnUnetConditions;

/* One evaluation with all of them. A memory of another context, or of an input of another size, is
 * LIMN_ENGINE_ERROR_SHAPE. */
LimnTensor limn_unet_evaluate (LimnUnet *self,
                               LimnRun *run,
                               const LimnTensor *x,
                               const float *t,
                               const LimnUnetConditions *conditions);

/**
 * limn_unet_forward:
 * @x: [n, h, w, in_channels]: the noisy latent and what is concatenated to it
 * @t: n timesteps; they may be fractional
 * @context: (nullable): [n, tokens, context_dim]; any number of tokens
 *
 * Returns: the network's output, [n, h, w, out_channels], in its own parameterisation (noise, v or
 * x0). All other activations are released again.
 */
LimnTensor limn_unet_forward (LimnUnet *self,
                              LimnRun *run,
                              const LimnTensor *x,
                              const float *t,
                              const LimnTensor *context);
/* The same for a network with num_classes: labels: (nullable): [n], each below num_classes; its row
 * of label_emb is added to the embedding of the timestep (Dhariwal & Nichol 2021, section 3; the
 * noise level of Stable Diffusion's x4-upscaler). Labels that are missing, not taken or out of
 * range are LIMN_ENGINE_ERROR_ARGUMENT. */
LimnTensor limn_unet_forward_labels (LimnUnet *self,
                                     LimnRun *run,
                                     const LimnTensor *x,
                                     const float *t,
                                     const LimnTensor *context,
                                     const gint32 *labels);
/* The same for a network with time_cond_dim, which is distilled to do the guidance itself: @guidance:
 * (nullable): the scale of all samples, 1 being none. It is embedded like a timestep and added to
 * the timestep's embedding (Meng et al. 2023, "On Distillation of Guided Diffusion Models"; Luo et
 * al. 2023, "Latent Consistency Models", section 4.2). A network that is not told it is the same
 * without. */
LimnTensor limn_unet_forward_guided (LimnUnet *self,
                                     LimnRun *run,
                                     const LimnTensor *x,
                                     const float *t,
                                     const LimnTensor *context,
                                     const gint32 *labels,
                                     const float *guidance);

G_END_DECLS
