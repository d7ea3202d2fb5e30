/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/geometry-private.h"
#include "engine/task/guided-private.h"
#include "engine/task/progress-private.h"

G_BEGIN_DECLS

/* One inpaint while it runs. Tensors live in the run's arena. */
typedef struct
{
  /* Borrowed */
  LimnModel *model;
  const LimnModelInfo *info;
  LimnRun *run;
  const LimnImage *image, *mask;
  const LimnInpaintParams *params;
  const LimnTaskCallbacks *callbacks; /* nullable */
  const LimnImage *first; /* (nullable) what the first pass made of the plan's crop: this is the second */

  LimnInpaintPlan plan; /* of this pass */
  LimnStageCosts costs;
  LimnTensor original; /* [1, H, W, 3]: the crop at the model's size */
  LimnTensor known;    /* [1, h, w, c]: its latent */
  LimnTensor start;    /* [1, h, w, c]: latent that the noise is added to: the known one, or that of
                          the    prefilled crop */
  LimnTensor filled;   /* [1, H, W, 3]: that crop; empty unless the model keeps detail */
  LimnTensor condition; /* [1, h, w, 1 + c]: mask and latent of the masked image, in the model's
                           order; empty for ordinary models */
  LimnTensor noise;     /* [1, h, w, c] */
  LimnTensor latent;    /* [1, h, w, c]: what is being denoised */
  LimnGuided guided;

  /* Owned */
  guint8 *hole;        /* [H][W]: 255 = made by the model, 0 = known, between: the feathered rim */
  guint8 *latent_hole; /* [h][w]: the same by blocks, largest value */
  guint8 *latent_change; /* [h][w]: how much of the sampling each latent takes part in: the hole,
                            less where the mask is grey */
  LimnSamplerPlan *sampler;
} LimnInpaint;

/* What does not live in the arena. */
void _limn_inpaint_clear (LimnInpaint *self);
/* One pass up to the decoded crop; empty when the run failed. */
LimnTensor _limn_inpaint_make (LimnInpaint *self);
/* @raw with its colours matched to the picture outside the mask: as a whole, then along the edge. */
LimnTensor _limn_inpaint_match_colours (LimnInpaint *self, const LimnTensor *raw);

/* inpaint-refine.c */
/* The parameters of the second pass. */
LimnInpaintParams _limn_inpaint_refine_params (const LimnModelInfo *info,
                                               const LimnInpaintParams *params);
/* The crop that the second pass starts from: the picture, and in the hole what the first pass made. */
LimnTensor _limn_inpaint_make_first (LimnInpaint *self);
/* Lets the progress of @self, whose costs are known, leave room for the second pass. */
void _limn_inpaint_share_costs (LimnInpaint *self);
/* The second pass of @self, which made @matched: the patch. Everything since @mark, the first pass,
 * is released. NULL when the run failed. */
LimnPatch *
_limn_inpaint_refine (LimnInpaint *self, const LimnTensor *matched, LimnArenaMark mark);

/* Whether a prompt says what is to be in the hole. */
gboolean _limn_inpaint_is_told (const LimnInpaintParams *params);
/* Share of the schedule's noise that an inpaint at full strength starts from. */
float _limn_inpaint_start (const LimnModelInfo *info, const LimnInpaintParams *params);
/* Whether the hole is filled smoothly and the model starts from that, noised: see
 * LimnModelInfo.default_start. */
gboolean _limn_inpaint_is_prefilled (const LimnModelInfo *info, const LimnInpaintParams *params);
/* The sampler's way for these parameters: with strength < 1 lengthened so that at least four steps
 * are run. */
LimnSamplerPlan *
_limn_inpaint_sampler (LimnModel *model, const LimnInpaintParams *params, GError **error);
/* What the networks need, of both passes the one that needs more. */
gsize _limn_inpaint_network_memory (LimnModel *model,
                                    const LimnInpaintParams *params,
                                    const LimnInpaintPlan *plan);
/* Tells the callbacks that @stage begins, or that @step of the sampling is done; FALSE, and nobody
 * is told, when the run failed. */
gboolean _limn_inpaint_progress (LimnInpaint *self, LimnStage stage, int step);
/* inpaint-detail.c */
/* Keeps @filled, of which self->start is the latent, where the model keeps detail. */
void _limn_inpaint_keep_filled (LimnInpaint *self, const LimnTensor *filled);
/* Adds what the autoencoder lost of that to @made, [1, H, W, 3]: outside the hole, and inside
 * unless a prompt asked for something else or the model made it from nothing. */
void _limn_inpaint_add_detail (LimnInpaint *self, LimnTensor *made);
/* Fills self->condition from the crop and its hole. */
void _limn_inpaint_make_condition (LimnInpaint *self);
/* What the UNet is told: the prompts, and the condition. */
void _limn_inpaint_encode_text (LimnInpaint *self);
/* After step @step: puts the known latent back into @x where the mask says so. */
void _limn_inpaint_blend_known (LimnInpaint *self, int step, int n_steps, LimnTensor *x);
/* Denoises self->latent. FALSE when the run failed. */
gboolean _limn_inpaint_sample (LimnInpaint *self);

G_END_DECLS
