/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"
#include "engine/task/patch.h"

G_BEGIN_DECLS

/* What a running task is doing; the order in which they happen. */
typedef enum
{
  LIMN_STAGE_PREPARE,
  LIMN_STAGE_TEXT,
  LIMN_STAGE_ENCODE,
  LIMN_STAGE_SAMPLE,
  LIMN_STAGE_DECODE,
  LIMN_STAGE_BLEND,
} LimnStage;

typedef struct
{
  LimnStage stage;
  int step, n_steps; /* in LIMN_STAGE_SAMPLE; for upscaling over all tiles */
  double fraction;   /* 0 .. 1 of the whole task, by the expected time of its stages */
} LimnProgress;

/* Called on the thread that runs the task. */
typedef struct
{
  void (*progress) (const LimnProgress *progress, gpointer user_data);
  /* What the result looks like so far, for @rect of the picture, which may hang over its edges;
   * @preview is small: scale it up. RGBA with straight alpha where the picture shows through
   * (inpainting), RGB where all of @rect is new. May be NULL. */
  void (*preview) (LimnImage *preview, const LimnRect *rect, gpointer user_data);
  gpointer user_data;
  /* A prompt was longer than the model reads: @n_tokens at its end were left out. May be NULL. */
  void (*prompt_cut) (int n_tokens, gpointer user_data);
} LimnTaskCallbacks;

/* The model's own way of rescaling its guidance: 0.7 when its schedule ends in pure noise, else
 * 0. */
#define LIMN_RESCALE_DEFAULT (-1.0f)

/**
 * LimnInpaintParams:
 *
 * Everything that decides the result: the same parameters and model give the same bits. Set the
 * defaults with limn_inpaint_params_init(). Negative numbers of the mask's edges mean: chosen from
 * the size of the mask (geometry.c).
 */
typedef struct
{
  const char *prompt;
  const char *negative;
  guint64 seed;
  int steps;      /* 1 .. 200 */
  float guidance; /* 1 = none .. 30 */
  float strength; /* 0 < s <= 1: 1 starts from pure noise */
  const char *sampler;
  float eta;     /* share of fresh noise in each step, 0 to 1, of samplers that take it; or
                    LIMN_ETA_DEFAULT */
  float rescale; /* how far guided predictions are brought back to the deviation of unguided ones, 0
                    to 1; or LIMN_RESCALE_DEFAULT */
  int step_cache; /* 0 or 1: every evaluation runs the whole UNet; N, to LIMN_MAX_STEP_CACHE: one of N
                     does, and the others take its deep features: faster, and not the same */
  float grow;       /* picture pixels, added to the mask before feathering */
  float feather;    /* picture pixels, fall-off of the denoising mask */
  float paste_fade; /* picture pixels, fall-off of the paste mask */
  float context;    /* picture pixels around the mask that the model sees */
  gboolean two_pass; /* a crop that is larger than the model is made at the model's size, then refined
                        at its own: see limn_inpaint(). The model's description says the default */
  LimnRect crop;    /* what the model is to see, in the picture; grows to hold the mask and to what
                       the model needs. Empty: chosen by the context */
} LimnInpaintParams;

/* The model's defaults; strings are borrowed from the model. */
void limn_inpaint_params_init (LimnInpaintParams *params, LimnModel *model);

/* What will happen, before it does: cheap, no network is run. */
typedef struct
{
  LimnRect mask_bounds; /* bounding box of the grown and feathered mask */
  LimnRect crop;        /* what the model sees, in the picture; hangs over only the edges of one that
                           is smaller than the model can do, or very long */
  int width, height;    /* size at which the model works, in pixels */
  float thickness; /* of what is painted, picture pixels: of strokes their width; 0: as thick as its
                      box */
  float grow, feather, paste_fade; /* as they will be used, picture pixels */
  int steps;                       /* denoising steps that will be run */
  /* The second pass: what the model sees of the picture, within crop; at which size; in how many
   * steps. 0 steps, and an empty crop, when there is none. */
  LimnRect refine_crop;
  int refine_width, refine_height, refine_steps;
  gsize memory;                    /* upper estimate of bytes needed */
} LimnInpaintPlan;

/* @mask: 1 channel, same size as @image. LIMN_ENGINE_ERROR_ARGUMENT when the mask is empty or of
 * another size, or a parameter is out of range. */
gboolean limn_inpaint_plan (LimnModel *model,
                            const LimnImage *image,
                            const LimnImage *mask,
                            const LimnInpaintParams *params,
                            LimnInpaintPlan *plan,
                            GError **error);

/*
 * The whole pipeline. A crop that is much larger than what the model was trained for is scaled down to
 * that, so that what is made holds together, and the result is enlarged. With @params' two_pass that
 * result is then only the beginning of a second pass: of the masked area with some room around it, at
 * its own size or as large as four times the model's native area, the enlarged result in the hole is
 * noised to LIMN_REFINE_STRENGTH of the schedule and denoised again, with the same mask, prompts and
 * guidance. So the first pass decides what is there, with all of the context, and the second what it
 * looks like in detail. There is no second pass where it would see less than a quarter more than the
 * first one did, or where the strength is below LIMN_REFINE_LEAST, as what is there then decides.
 *
 * Synchronous; cancel by run's cancellable. The patch has its crop. The free memory is checked before
 * anything is computed (LIMN_ENGINE_ERROR_NO_MEMORY says what would fit). NULL and @error on
 * failure.
 */
#define LIMN_REFINE_STRENGTH 0.4f
#define LIMN_REFINE_LEAST 0.7f
LimnPatch *limn_inpaint (LimnModel *model,
                         LimnRun *run,
                         const LimnImage *image,
                         const LimnImage *mask,
                         const LimnInpaintParams *params,
                         const LimnTaskCallbacks *callbacks,
                         GError **error);

G_END_DECLS
