/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/schedule.h"

G_BEGIN_DECLS

/* What a model can be used for; a model may have several, or none (an autoencoder on its own). */
typedef enum
{
  LIMN_CAN_INPAINT = 1 << 0,  /* the UNet takes mask and masked image */
  LIMN_CAN_GENERATE = 1 << 1, /* makes whole pictures from noise, and masked image to image, of
                                 what it takes (below) */
  LIMN_CAN_UPSCALE = 1 << 2,  /* the UNet takes the low-resolution image, or see one_pass */
} LimnCapabilities;

/* What has to be given to a model. A prompt may be empty and a noise level has a default; all else
 * must be there. At most one of CLASS, BOXES and LABELS. */
typedef enum
{
  LIMN_TAKES_PROMPT = 1 << 0,      /* limn_model_encode_prompt() */
  LIMN_TAKES_CLASS = 1 << 1,       /* limn_model_encode_class() */
  LIMN_TAKES_BOXES = 1 << 2,       /* limn_model_encode_boxes() */
  LIMN_TAKES_LABELS = 1 << 3,      /* a map of labels: limn_model_encode_labels() */
  LIMN_TAKES_EMBEDDING = 1 << 4,   /* vectors from elsewhere: limn_model_encode_embedding() */
  LIMN_TAKES_LOW_RES = 1 << 5,     /* the small picture, concatenated to the latent, pixel for
                                      position */
  LIMN_TAKES_MASK = 1 << 6,        /* mask and masked picture; see LimnInpaintConvention */
  LIMN_TAKES_NOISE_LEVEL = 1 << 7, /* the small picture is noised first, and the UNet told how much:
                                      LimnConditions.labels */
} LimnTakes;

/* How an inpainting UNet wants mask and masked picture, beside the noisy latent x. */
typedef enum
{
  LIMN_INPAINT_NONE,
  /* Stable Diffusion: [x, mask, masked latent]; mask 1 in the hole, 0 elsewhere; the picture is 0
   * (grey) in the hole before it is encoded; its latent is multiplied by scale_factor. */
  LIMN_INPAINT_SD,
  /* latent-diffusion's scripts/inpaint.py: [x, masked latent, mask]; mask 1 in the hole, -1
   * elsewhere; the picture is -1 (black) in the hole. */
  LIMN_INPAINT_LDM,
} LimnInpaintConvention;

/* How many numbers a model has learnt, by part. */
typedef struct
{
  gint64 unet;
  gint64 encoder, decoder; /* of the autoencoder, without what stands between them: */
  gint64 bottleneck;       /* quant_conv, post_quant_conv, codebook */
  gint64 condition;        /* text encoder, class embedding, spatial rescaler */
} LimnParameterCounts;

/* With what a hole is filled before a model starts from it. */
typedef enum
{
  LIMN_PREFILL_SMOOTH,     /* its surroundings, continued smoothly */
  LIMN_PREFILL_PATCHMATCH, /* patches of the picture */
} LimnPrefill;

/**
 * LimnModelInfo:
 *
 * What is known about a model without loading its weights into memory. Strings are owned by the
 * model.
 */
typedef struct
{
  const char *id;   /* folder or file name without suffix: what --model takes */
  const char *name; /* for people */
  const char *description;
  const char *licence;
  const char *path; /* the weights file; of a diffusers folder, the folder */
  gsize file_bytes;

  /* What kind of file it is, for people. */
  const char *container;    /* "safetensors", "PyTorch checkpoint", "GGUF", "diffusers folder" */
  const char *dialect;      /* whose names the tensors have: "LDM", "diffusers" */
  const char *architecture; /* "Stable Diffusion 1 inpainting", "LDM class-conditional", ... */
  const char *weight_type;  /* of most of the weights: "f16", "q8_0", ... */
  const char *described_by; /* path of the config it was read from; NULL: told by its tensors */
  /* Sentences on what could not be seen in the files and was assumed, and what was chosen (moving
   * averages): NULL-terminated. */
  const char *const *notes;
  /* Why the model cannot be used as it is, though its file is fine: a tokenizer that is not there,
   * an autoencoder that another file has. NULL: nothing is missing. */
  const char *missing;

  LimnCapabilities capabilities;
  LimnTakes takes;
  gboolean takes_prompt; /* takes & LIMN_TAKES_PROMPT */
  LimnInpaintConvention inpaint_convention;
  gboolean can_guide; /* limn_model_encode_nothing() has something to guide away from */
  /* The network is told the guidance and does it itself: it is evaluated once, and what it should be
   * guided away from (a negative prompt) says nothing to it. */
  gboolean embeds_guidance;
  /* Upscales by limn_model_upscale() alone: no steps, no sampler, nothing random. */
  gboolean one_pass;
  gboolean is_preview_decoder; /* fits limn_model_set_preview_decoder() */

  int n_categories;        /* classes, kinds of boxed objects or labels; 0: takes none */
  int max_boxes;           /* what does not fit is left out */
  int context_width;       /* of a context vector; 0: the UNet takes no context */
  int max_noise_level;     /* of the small picture, 0 .. this */
  int default_noise_level; /* for people who do not say */

  int latent_channels;
  int latent_factor; /* pixels per latent: 4, 8, ... */
  int unet_factor;   /* latent sides must be multiples of this; one pass: tiles' sides */
  int native_size;   /* side in pixels that it was trained for */
  int min_size;
  int upscale_factor; /* 4 for the upscaler, else 1 */
  int reach;          /* one pass: pixels around one that its result depends on */
  float scale_factor; /* of the latent */

  LimnPrediction prediction;
  gboolean zero_snr; /* the last training timestep is pure noise: alphas_cumprod ends in 0 */
  /* Which timesteps the model's own scheduler visits; LIMN_SPACING_DEFAULT: not said. */
  LimnSpacing default_spacing;
  gboolean default_end_low; /* DDIM and PLMS: see LimnSamplerParams.end_low */

  /* Defaults that give good results with this model. */
  int default_steps;
  float default_guidance;
  /* Share of the noise schedule, 0 < s <= 1, that an inpaint at full strength starts from, over a
   * hole filled smoothly from its surroundings; 1: pure noise. Small models join better below 1.
   * prompt_start: the same where a prompt says what is to be there instead of the surroundings. */
  float default_start, prompt_start;
  /* With what: the surroundings continued smoothly, or completed from the picture's own patches;
   * and how much of the completion's fine detail (0 .. 1) is added to the smooth one, unless a
   * prompt asks for something else. */
  LimnPrefill default_prefill;
  float prefill_texture;
  /* Whether what the autoencoder loses of the picture is added to what it decodes. */
  gboolean keep_detail;
  /* Whether a crop that is larger than the model is refined at its own size after it was made at the
   * model's: for models that give sense above their native size. */
  gboolean default_two_pass;
  const char *default_sampler;

  gint64 n_parameters;
  LimnParameterCounts parameters;
  gboolean uses_ema; /* the UNet's moving averages are used, not the weights as trained */
} LimnModelInfo;

G_END_DECLS
