/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/description.h"

G_BEGIN_DECLS

/**
 * LimnZooRow:
 *
 * A published architecture: how it is told by its tensors, and what they do not show. Facts from
 * the configs of CompVis/latent-diffusion, CompVis/stable-diffusion and Stability-AI/
 * stablediffusion.
 */
typedef struct
{
  const char *architecture;

  /* What its tensors show. */
  LimnCondition condition;
  LimnCondStage stage; /* CLIP stands for OPENCLIP as well */
  int latent_channels;
  const char *channel_mult; /* a digit per level */
  const char *attention;    /* a digit per level: 1 where there is attention */
  int transformer_depth;    /* 0: attention without transformers */
  gboolean linear;          /* use_linear_in_transformer */
  gboolean scale_shift;     /* use_scale_shift_norm */
  gboolean resblock_updown;
  gboolean noise_level;

  /* What they do not show. */
  int num_heads, num_head_channels; /* -1: by the other */
  double linear_start, linear_end;
  double scale_factor;
  int image_size;   /* of the latent */
  const char *note; /* (nullable): what else is not known */
} LimnZooRow;

/* The row that @description, whose structure has been read from tensors, is most like; @exact: in
 * everything that a row says. NULL when there is none with its kind of condition. */
const LimnZooRow *_limn_zoo_find (const LimnDescription *description, gboolean *exact);

G_END_DECLS
