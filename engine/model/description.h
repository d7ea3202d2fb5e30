/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/schedule.h"
#include "engine/model/info.h"
#include "engine/nn/autoencoder.h"
#include "engine/nn/bert-text.h"
#include "engine/nn/clip-text.h"
#include "engine/nn/spatial-rescaler.h"
#include "engine/nn/unet.h"
#include "engine/text/layout-tokens.h"

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
  LIMN_COND_STAGE_BERT,        /* BERTEmbedder of a prompt */
  LIMN_COND_STAGE_LAYOUT,      /* BERTEmbedder of the tokens of boxes (use_tokenizer: False) */
  LIMN_COND_STAGE_CLASS,       /* ClassEmbedder */
  LIMN_COND_STAGE_RESCALER,    /* SpatialRescaler of a map of labels */
  LIMN_COND_STAGE_OTHER,       /* see cond_stage_target */
} LimnCondStage;

/* What kind of network the file holds. */
typedef enum
{
  LIMN_NETWORK_DIFFUSION, /* a UNet, an autoencoder, or both: all that is below */
  LIMN_NETWORK_RRDB,      /* upscalers of one pass (engine/nn/rrdb.h) */
  LIMN_NETWORK_SRVGG,     /* (engine/nn/srvgg.h) */
  LIMN_NETWORK_TAESD,     /* a tiny autoencoder (engine/nn/taesd.h) */
} LimnNetwork;

/**
 * LimnDescription:
 *
 * What a model is, as numbers: from an LDM config.yaml, from the tensors of its file (detect.h), or
 * from those and the JSON files of a diffusers folder (diffusers.h). A config.yaml has the extra
 * top-level mapping "limn:" of our own models as well.
 */
typedef struct
{
  char *path; /* of the config; of the weights when there was none */
  gboolean has_config;
  char *architecture; /* for people; NULL: not known */
  GPtrArray *notes;   /* sentences on what was assumed; see limn_description_note() */

  LimnNetwork network;
  const char *network_prefix; /* of its tensors, when it is none of diffusion */

  gboolean has_unet;
  LimnUnetConfig unet;
  gboolean use_ema; /* take model_ema.* when the file has it */

  gboolean has_autoencoder; /* FALSE for IdentityFirstStage */
  LimnAutoencoderConfig autoencoder;
  const char *autoencoder_prefix; /* "first_stage_model.", or "" for a first stage on its own */

  LimnCondition condition;
  LimnCondStage cond_stage;
  char *cond_stage_target;
  const char *cond_prefix;            /* of the condition's tensors; NULL: it has none */
  const char *text_prefix;            /* the same for CLIP and OPENCLIP only */
  LimnClipTextConfig text;            /* CLIP and OPENCLIP */
  LimnBertTextConfig bert;            /* BERT and LAYOUT */
  LimnLayoutConfig layout;            /* LAYOUT */
  int n_classes, class_width;         /* CLASS */
  LimnSpatialRescalerConfig rescaler; /* RESCALER */

  /* The small picture beside the latent is noised, and the UNet told how much (low_scale_config).
   */
  gboolean noise_level;
  int max_noise_level;
  LimnBetas low_betas;
  double low_start, low_end;
  int low_timesteps;

  LimnPrediction prediction;
  LimnBetas betas;
  double linear_start, linear_end;
  int timesteps;
  gboolean zero_snr; /* betas rescaled so that the last timestep has no signal */
  LimnSpacing spacing;
  gboolean end_low; /* DDIM's last step ends at the level of timestep 0, also where the spacing is
                       trailing: diffusers' set_alpha_to_one is false */
  double scale_factor;

  int channels;   /* of the latent; 0: as the autoencoder's */
  int image_size; /* side of the latent in training; 0: not said */

  /* limn: */
  char *name, *description, *licence, *sampler;   /* NULL: not said */
  int native_size, min_size, steps, factor, tile; /* 0: not said */
  double guidance;                                /* -1: not said */
  double start, prompt_start;                     /* 1 when not said; as start when not said */
  LimnPrefill prefill;
  double prefill_texture; /* 0 .. 1 */
  gboolean keep_detail;   /* FALSE when not said */
  gboolean two_pass;      /* TRUE when not said */
} LimnDescription;

/* Reads @config_path. @text_config_path: (nullable): a CLIPTextModel's config.json, for a text
 * encoder of other sizes than the published ones; ignored when the file is not there. Errors name
 * file and key; LIMN_ENGINE_ERROR_UNSUPPORTED for architectures that this engine does not have.
 * Clear @self also after a failure. */
gboolean limn_description_read (LimnDescription *self,
                                const char *config_path,
                                const char *text_config_path,
                                GError **error);
/* For what is described already, by its tensors: takes what @config_path says under "limn:",
 * unless that config describes a model: then it is another's. One that is no YAML is passed over;
 * errors name file and key. */
gboolean
limn_description_read_names (LimnDescription *self, const char *config_path, GError **error);
void limn_description_clear (LimnDescription *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnDescription, limn_description_clear)

/* Adds a sentence on what could not be seen and was assumed. */
void limn_description_note (LimnDescription *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Reads a CLIPTextModel's config.json; fields that it lacks stay as they are. */
gboolean limn_clip_config_read (LimnClipTextConfig *config, const char *path, GError **error);

/* Where the UNet's tensors are: "model.diffusion_model.", or its moving averages when they are to
 * be used and the file has them. */
LimnWeightSource limn_description_unet_source (const LimnDescription *self, LimnWeights *weights);

G_END_DECLS
