/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/info.h"
#include "engine/tensor/run.h"
#include "engine/weights/lora.h"
#include "engine/weights/weights.h"

G_BEGIN_DECLS

typedef struct _LimnModel LimnModel;

/**
 * limn_model_open:
 * @path: a weights file of any container, or a folder: one with a weights file (model.safetensors,
 * model.ckpt) and perhaps config.yaml, or one of diffusers with its model_index.json
 * @config_path: (nullable): the LDM config.yaml when it is not beside the weights
 *
 * Finds out what the model is: from its config when there is one, else from the names and shapes of
 * its tensors. Maps the weights and checks that every tensor that the networks need is there in its
 * shape. Nothing is computed and no tensor's data is read. Errors name the file, the tensor and
 * what was expected. Reference counted; immutable but for the kernels' packed weights, so one run
 * at a time may use it.
 */
LimnModel *limn_model_open (const char *path, const char *config_path, GError **error);

/**
 * LimnModelOptions:
 * @config_path: (nullable): as above
 * @search: (nullable): NULL-terminated folders in which to look for what the model's own folder
 * lacks, a tokenizer at first: a folder that has it, or one whose folders are models that have it
 * @loras: (nullable): @n_loras small changes to the weights; to change them open the model again,
 * which is cheap: files are mapped, and what is computed is computed at first use
 *
 * What may be said beside the path.
 */
typedef struct
{
  const char *config_path;
  const char *const *search;
  const LimnLoraUse *loras;
  gsize n_loras;
} LimnModelOptions;

LimnModel *limn_model_open_with (const char *path, const LimnModelOptions *options, GError **error);
/* Whether the names of @path and of what is in it are those of a model: for lists of folders. Opens
 * nothing. */
gboolean limn_model_is_likely (const char *path);
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
/* Frees those of what reads the prompt: it is done for this task. */
void limn_model_unload_text (LimnModel *model);

/* alphas_cumprod of the training schedule, float32 as the original keeps it, and how many there
 * are; NULL and 0 for networks that are no diffusion models. */
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

/* Of models whose info says one_pass. image: [n, h, w, 3] in [-1, 1], any size -> [n, h * f, w * f,
 * 3] with f = upscale_factor, about [-1, 1], not clamped. */
LimnTensor limn_model_upscale (LimnModel *model, LimnRun *run, const LimnTensor *image);

/*
 * What a model is told to make. Each gives a context [1, tokens, width] for LimnConditions.context,
 * but for a map of labels, which is concatenated. A model that does not take what is given, or
 * values that it does not know, are LIMN_ENGINE_ERROR_ARGUMENT; see LimnModelInfo.takes.
 */
/* Text -> context, [1, 77 * chunks, width]: of any length, with emphasis; see engine/text/prompt.h.
 * @n_cut: tokens that did not fit even so. Empty prompt allowed. */
LimnTensor
limn_model_encode_prompt (LimnModel *model, LimnRun *run, const char *prompt, int *n_cut);
/* Both prompts of classifier-free guidance: contexts of as many tokens each. @n_cut: tokens of both
 * that did not fit. FALSE when the run failed. */
gboolean limn_model_encode_prompts (LimnModel *model,
                                    LimnRun *run,
                                    const char *prompt,
                                    const char *negative,
                                    LimnTensor *context,
                                    LimnTensor *negative_context,
                                    int *n_cut);
/* Class 0 .. n_categories - 1. */
LimnTensor limn_model_encode_class (LimnModel *model, LimnRun *run, int category);

/* Bits of LimnLabelledBox.flags, as the Open Images data set has them. */
typedef enum
{
  LIMN_BOX_GROUP = 1 << 0,     /* several of the kind */
  LIMN_BOX_OCCLUDED = 1 << 1,  /* partly hidden */
  LIMN_BOX_DEPICTION = 1 << 2, /* a drawing or statue of it */
  LIMN_BOX_INSIDE = 1 << 3,    /* seen from within */
} LimnBoxFlags;

/* Something that is to be in the picture. Coordinates are shares of its width and height, 0 .. 1.
 */
typedef struct
{
  int category; /* 0 .. n_categories - 1 */
  double x, y, width, height;
  LimnBoxFlags flags;
} LimnLabelledBox;

/* The first max_boxes are used; @n_boxes may be 0. */
LimnTensor
limn_model_encode_boxes (LimnModel *model, LimnRun *run, const LimnLabelledBox *boxes, int n_boxes);
/* @labels: [height][width], 0 .. n_categories - 1, one for each pixel of the picture to be made ->
 * [1, h, w, channels] at the latent's size, for LimnConditions.concat. */
LimnTensor limn_model_encode_labels (LimnModel *model,
                                     LimnRun *run,
                                     const gint32 *labels,
                                     int width,
                                     int height);
/* @vectors: [n_vectors][width], where @width is LimnModelInfo.context_width. */
LimnTensor limn_model_encode_embedding (LimnModel *model,
                                        LimnRun *run,
                                        const float *vectors,
                                        int n_vectors,
                                        int width);
/* What guidance leads away from: the empty prompt, the class that stands for none, or a zero for
 * each of @n_vectors embeddings. Only when LimnModelInfo.can_guide. */
LimnTensor limn_model_encode_nothing (LimnModel *model, LimnRun *run, int n_vectors);

/* Name of a class, kind of object or label, NULL when it is not known. */
const char *limn_model_get_category_name (LimnModel *model, int category);
/* By number, or by name in any case of letters; also by one of several names that stand between
 * commas. -1 and LIMN_ENGINE_ERROR_ARGUMENT when there is none. */
int limn_model_find_category (LimnModel *model, const char *name_or_number, GError **error);

/* What the UNet's evaluations of one sampling have in common: see limn_model_remember(). */
typedef struct _LimnUnetMemory LimnUnetMemory;

/* Most evaluations of which one runs the whole UNet. */
#define LIMN_MAX_STEP_CACHE 20

/**
 * LimnConditions:
 * @context: (nullable): [n, tokens, context_width], for cross-attention
 * @concat: (nullable): [n, h, w, channels], what stands behind the latent's channels
 * @labels: (nullable): n numbers for the UNet's own table: noise levels
 * @guidance: (nullable): one number, of networks that are told it
 * @memory: (nullable): of this context, from limn_model_remember()
 *
 * All that a UNet is told beside the noisy latent and the timestep.
 */
typedef struct
{
  const LimnTensor *context;
  const LimnTensor *concat;
  const gint32 *labels;
  const float *guidance;
  LimnUnetMemory *memory;
} LimnConditions;

/* Computes what the evaluations of one sampling share: the keys and values of @context (nullable), that of
 * all @n samples. @h, @w: sides of the latent. @step_cache: 0 or 1; N: between every N evaluations the
 * deep blocks' features are kept, which is faster and changes the result; see limn_unet_remember(). In
 * the arena, and gone with it; NULL when the run failed. */
LimnUnetMemory *limn_model_remember (LimnModel *model,
                                     LimnRun *run,
                                     const LimnTensor *context,
                                     gint64 n,
                                     gint64 h,
                                     gint64 w,
                                     int step_cache);

/* One UNet evaluation. x: [n, h, w, latent_channels], or with the further channels already behind
 * them and @conditions.concat NULL; t: n timesteps (may be fractional) -> the network's raw output
 * [n, h, w, latent_channels]. */
LimnTensor limn_model_evaluate (LimnModel *model,
                                LimnRun *run,
                                const LimnTensor *x,
                                const float *t,
                                const LimnConditions *conditions);
/* The same with a context (nullable) only. */
LimnTensor limn_model_predict (LimnModel *model,
                               LimnRun *run,
                               const LimnTensor *x,
                               const float *t,
                               const LimnTensor *context);

/* alphas_cumprod by which the small picture of a model that takes a noise level is noised:
 * sqrt (a) picture + sqrt (1 - a) noise, a = the one at the level; NULL for other models. */
const float *limn_model_get_low_res_alphas_cumprod (LimnModel *model, int *n_levels);

/**
 * limn_model_set_preview_decoder:
 * @decoder: (nullable): a model whose info says is_preview_decoder; %NULL: none
 *
 * From now on limn_model_preview() decodes by @decoder, which is used by the same runs as @model
 * and by one at a time. LIMN_ENGINE_ERROR_ARGUMENT when its latents are others than @model's, by
 * their channels, size or scale; then nothing changes.
 */
gboolean limn_model_set_preview_decoder (LimnModel *model, LimnModel *decoder, GError **error);

/* Whether @decoder fits @model; an error that says why not. */
gboolean limn_model_fits_preview_decoder (LimnModel *model, LimnModel *decoder, GError **error);

/* Latent -> RGB preview about [-1, 1]. By the preview decoder when there is one, which gives all
 * pixels: [1, h * f, w * f, 3]. Else small, [1, h, w, 3], by a linear map from latent channels to
 * RGB that is fitted to the model's decoder once (least squares) and kept: cheap enough for every
 * step. */
LimnTensor limn_model_preview (LimnModel *model, LimnRun *run, const LimnTensor *latent);

/*
 * Memory. Weights lie in the mapped file; a task computes with packed copies of them. It keeps as
 * many as there is memory for, and makes the others anew from the file each time that it comes to
 * their layer, which takes longer. The result is the same.
 */
/* Upper estimate of the bytes that a task at this picture size (pixels) needs in any case: one that
 * keeps no packed weights. */
gsize limn_model_estimate_memory (LimnModel *model, int width, int height, gboolean guidance);
/* Bytes of the packed weights when all are kept. */
gsize limn_model_get_weight_bytes (LimnModel *model);
/* Bytes of those that are kept now. */
gsize limn_model_get_kept_bytes (LimnModel *model);
/* From now on keeps packed weights of at most @bytes, those that a task uses most often before
 * others, and frees what is over. G_MAXSIZE, as at first: all of them. */
void limn_model_set_kept_bytes (LimnModel *model, gsize bytes);

G_END_DECLS
