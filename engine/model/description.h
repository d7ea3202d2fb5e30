/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/schedule.h"
#include "engine/nn/autoencoder.h"
#include "engine/nn/clip-text.h"
#include "engine/nn/unet.h"

G_BEGIN_DECLS

/* How the UNet is told what to make (conditioning_key). */
typedef enum
{
  LIMN_CONDITION_NONE,
  LIMN_CONDITION_CONCAT,    /* further channels */
  LIMN_CONDITION_CROSSATTN, /* a context, by attention */
  LIMN_CONDITION_HYBRID,    /* both */
} LimnCondition;

/* Where the condition comes from (cond_stage_config). */
typedef enum
{
  LIMN_COND_STAGE_NONE,        /* __is_unconditional__, or none */
  LIMN_COND_STAGE_FIRST_STAGE, /* __is_first_stage__: the autoencoder's latent of a picture */
  LIMN_COND_STAGE_IDENTITY,    /* the picture itself */
  LIMN_COND_STAGE_CLIP,        /* FrozenCLIPEmbedder */
  LIMN_COND_STAGE_OPENCLIP,    /* FrozenOpenCLIPEmbedder */
  LIMN_COND_STAGE_OTHER,       /* see cond_stage_target */
} LimnCondStage;

/**
 * LimnDescription:
 *
 * What an LDM config.yaml says, as numbers; the tensors have not been looked at. Has the extra
 * top-level mapping "limn:" of our own models as well.
 */
typedef struct
{
  char *path; /* of config.yaml */

  gboolean has_unet;
  LimnUnetConfig unet;
  gboolean use_ema; /* take model_ema.* when the file has it */

  gboolean has_autoencoder; /* FALSE for IdentityFirstStage */
  LimnAutoencoderConfig autoencoder;
  const char *autoencoder_prefix; /* "first_stage_model.", or "" for a first stage on its own */

  LimnCondition condition;
  LimnCondStage cond_stage;
  char *cond_stage_target;
  LimnClipTextConfig text; /* CLIP and OPENCLIP only */
  const char *text_prefix;

  LimnPrediction prediction;
  LimnBetas betas;
  double linear_start, linear_end;
  int timesteps;
  double scale_factor;

  int channels;   /* of the latent; 0: as the autoencoder's */
  int image_size; /* side of the latent in training; 0: not said */

  /* limn: */
  char *name, *description, *licence, *sampler;   /* NULL: not said */
  int native_size, min_size, steps, factor, tile; /* 0: not said */
  double guidance;                                /* -1: not said */
  double start;                                   /* 1 when not said */
} LimnDescription;

/* Reads @config_path. @text_config_path: (nullable): a CLIPTextModel's config.json, for a text
 * encoder of other sizes than the published ones; ignored when the file is not there. Errors name
 * file and key; LIMN_ENGINE_ERROR_UNSUPPORTED for architectures that this engine does not have.
 * Clear @self also after a failure. */
gboolean limn_description_read (LimnDescription *self,
                                const char *config_path,
                                const char *text_config_path,
                                GError **error);
void limn_description_clear (LimnDescription *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnDescription, limn_description_clear)

/* Reads a CLIPTextModel's config.json; fields that it lacks stay as they are. */
gboolean limn_clip_config_read (LimnClipTextConfig *config, const char *path, GError **error);

/* Where the UNet's tensors are: "model.diffusion_model.", or its moving averages when they are to
 * be used and the file has them. */
LimnWeightSource limn_description_unet_source (const LimnDescription *self, LimnWeights *weights);

G_END_DECLS
