/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/config.h"
#include "engine/model/description.h"

G_BEGIN_DECLS

/* What stands before the names of the parts in LDM's checkpoints. */
#define LIMN_UNET_PREFIX "model.diffusion_model."
#define LIMN_FIRST_STAGE_PREFIX "first_stage_model."
#define LIMN_COND_STAGE_PREFIX "cond_stage_model."
#define LIMN_CLIP_PREFIX LIMN_COND_STAGE_PREFIX "transformer.text_model."
#define LIMN_OPENCLIP_PREFIX LIMN_COND_STAGE_PREFIX "model."
#define LIMN_BERT_PREFIX LIMN_COND_STAGE_PREFIX "transformer."

/* An empty description of what is at @path. */
void _limn_description_init (LimnDescription *self, const char *path);

/* OpenAI's ViT-L/14, which Stable Diffusion 1 uses, or OpenCLIP's ViT-H/14 of Stable Diffusion 2.
 */
void _limn_description_set_clip (LimnDescription *self, LimnCondStage stage);

/* A LAYOUT's numbers from those of its text encoder. */
void _limn_description_set_layout (LimnDescription *self);

/* conditioning_key and cond_stage_config of a diffusion model of class @class. */
void
_limn_description_read_condition (LimnDescription *self, LimnConfig *config, const char *class);

/* "LatentDiffusion" of "ldm.models.diffusion.ddpm.LatentDiffusion". */
const char *_limn_class_name (const char *target);
/* Records that @what is not supported. */
void
_limn_config_unsupported (LimnConfig *config, const char *base, const char *key, const char *what);

G_END_DECLS
