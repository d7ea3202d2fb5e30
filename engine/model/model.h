/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/schedule.h"
#include "engine/tensor/run.h"
#include "engine/weights/weights.h"

G_BEGIN_DECLS

/* What a model can be used for; a model may have several. */
typedef enum
{
  LIMN_CAN_INPAINT = 1 << 0,  /* the UNet takes mask and masked image (hybrid conditioning) */
  LIMN_CAN_GENERATE = 1 << 1, /* an ordinary UNet: text to image, masked image to image */
  LIMN_CAN_UPSCALE = 1 << 2,  /* the UNet takes the low-resolution image (concat conditioning) */
} LimnCapabilities;

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
  const char *path; /* the weights file */
  gsize file_bytes;
  LimnCapabilities capabilities;
  gboolean takes_prompt;
  int latent_channels;
  int latent_factor; /* pixels per latent: 4, 8, ... */
  int unet_factor;   /* latent sides must be multiples of this */
  int native_size;   /* side in pixels that it was trained for */
  int min_size;
  int upscale_factor; /* 4 for the upscaler, else 1 */
  LimnPrediction prediction;
  /* Defaults that give good results with this model. */
  int default_steps;
  float default_guidance;
  /* Share of the noise schedule, 0 < s <= 1, that an inpaint at full strength starts from, over a
   * hole filled smoothly from its surroundings; 1: pure noise. Small models join better below 1. */
  float default_start;
  const char *default_sampler;
  gint64 n_parameters;
} LimnModelInfo;

typedef struct _LimnModel LimnModel;

/**
 * limn_model_open:
 * @path: a folder with config.yaml and a weights file (model.safetensors, model.ckpt), or the
 * weights file itself
 * @config_path: (nullable): the LDM config.yaml when it is not beside the weights
 *
 * Reads the description, maps the weights and checks that every tensor that the networks need is
 * there in its shape. Nothing is computed. Errors name the file, the tensor and what was expected.
 * Reference counted; immutable but for the kernels' packed weights, so one run at a time may use
 * it.
 */
LimnModel *limn_model_open (const char *path, const char *config_path, GError **error);
LimnModel *limn_model_ref (LimnModel *model);
void limn_model_unref (LimnModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnModel, limn_model_unref)

const LimnModelInfo *limn_model_get_info (LimnModel *model);
LimnWeights *limn_model_get_weights (LimnModel *model);
/* Reads all weights that the networks use and looks for NaN and infinity, as a damaged file has
 * them: once before a model is first used. Slow for large files; LIMN_ENGINE_ERROR_NUMERIC names
 * the tensor. */
gboolean limn_model_check (LimnModel *model, GCancellable *cancellable, GError **error);
/* Frees the packed weights; they are made again at the next use. */
void limn_model_unload (LimnModel *model);

/* alphas_cumprod of the training schedule, float32 as the original keeps it, and how many there
 * are. */
const float *limn_model_get_alphas_cumprod (LimnModel *model, int *n_timesteps);

/*
 * The networks. All in NHWC float32; results in the arena, empty when the run failed.
 */
/* image: [n, h, w, 3] in [-1, 1] -> mean of the posterior (KL) or unquantised latent (VQ), times
 * scale_factor: [n, h / f, w / f, latent_channels]. */
LimnTensor limn_model_encode (LimnModel *model, LimnRun *run, const LimnTensor *image);
/* latent: [n, h, w, latent_channels] -> image [n, h * f, w * f, 3], about [-1, 1], not clamped.
 * Divides by scale_factor. */
LimnTensor limn_model_decode (LimnModel *model, LimnRun *run, const LimnTensor *latent);
/* Text -> context [1, tokens, width]. @n_cut: tokens of the prompt that did not fit. Empty prompt
 * allowed. */
LimnTensor
limn_model_encode_prompt (LimnModel *model, LimnRun *run, const char *prompt, int *n_cut);
/* One UNet evaluation. x: [n, h, w, in_channels] (latent and what is concatenated to it), t: n
 * timesteps (may be fractional), context: [n, tokens, width] or NULL -> the network's raw output
 * [n, h, w, latent_channels]. */
LimnTensor limn_model_predict (LimnModel *model,
                               LimnRun *run,
                               const LimnTensor *x,
                               const float *t,
                               const LimnTensor *context);

/* Latent -> small RGB preview [1, h, w, 3] about [-1, 1], by a linear map from latent channels to
 * RGB that is fitted to the model's decoder once (least squares) and kept: cheap enough for every
 * step. */
LimnTensor limn_model_preview (LimnModel *model, LimnRun *run, const LimnTensor *latent);

/* Upper estimate of the bytes that a task at this picture size (pixels) needs in all, weights
 * included. */
gsize limn_model_estimate_memory (LimnModel *model, int width, int height, gboolean guidance);

G_END_DECLS
