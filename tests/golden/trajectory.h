/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/sampler.h"
#include "tests/golden/golden-model.h"
#include "tests/golden/golden.h"

G_BEGIN_DECLS

/* Timesteps between whole ones, which are found by their level of noise. */
#define GOLDEN_FRACTION 1e-6

/**
 * GoldenRow:
 *
 * A trajectory of a fixture, described by its name: what it was made by and a list of words, as in
 * "compvis_ddim_eta1", "dpmpp_2m_karras", "v_ddim", "dpmpp_2m_20", "unipc_bh1_order3",
 * "v.ddim_trailing_zsnr_gr0.7".
 */
typedef struct
{
  const char *sampler; /* interned */
  LimnSpacing spacing;
  float eta;
  int steps; /* 0: as many as the row has timesteps */
  int order;
  float rescale;        /* of the guidance */
  gboolean zero_snr;    /* on the schedule that is rescaled to end in pure noise */
  gboolean v;           /* on the model_v */
  gboolean sigma_space; /* states are stored as x0 + sigma noise, the engine's over alpha */
  gboolean no_guidance;
} GoldenRow;

/* FALSE when this engine has no such sampler. */
gboolean golden_row_parse (const char *name, GoldenRow *row);

/* What a trajectory is run with and compared to. */
typedef struct
{
  Golden *golden;
  GoldenModel *model;
  LimnWeights *store;
  const char *name; /* of the row in the store */
  GoldenRow row;
  float guidance;
  const LimnTensor *cond, *uncond; /* nullable */
  const LimnTensor *start;         /* x_T, NHWC */
  const LimnTensor *concat;        /* nullable: what follows the latent in the UNet's input */
  const gint32 *label;             /* nullable: of label_emb */
} GoldenTrajectory;

/* Runs and compares every state; @final (nullable) gets the result, in the arena. */
gboolean golden_trajectory_check (GoldenTrajectory *trajectory, LimnTensor *final, GError **error);

G_END_DECLS
