/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* One evaluation of a network: x [n, h, w, c], t n timesteps, context [n, tokens, width] or NULL.
 */
typedef LimnTensor (*LimnPredict) (LimnRun *run,
                                   const LimnTensor *x,
                                   const float *t,
                                   const LimnTensor *context,
                                   gpointer user_data);

/**
 * LimnGuidance:
 *
 * Classifier-free guidance, Ho & Salimans 2022: u + scale * (c - u), both halves in one batch, the
 * unconditional one first. When scale is 1 or there is no unconditional context, one half is
 * evaluated only.
 *
 * @rescale mixes the guided prediction with itself, scaled to the deviation of the conditional one:
 * 0 (set by limn_guidance_init()) not at all, 1 completely. Lin et al. 2023, "Common Diffusion
 * Noise Schedules and Sample Steps Are Flawed", section 3.4; models with zero terminal SNR want
 * 0.7.
 */
typedef struct
{
  LimnTensor context; /* [1 or 2, tokens, width] in the arena; empty: none */
  float scale;
  float rescale;
  gboolean both;
  LimnPredict predict;
  gpointer user_data;
} LimnGuidance;

/* @cond, @uncond: (nullable): [1, tokens, width], same shape. The joined context is allocated in
 * the arena and must live as long as the guidance. */
void limn_guidance_init (LimnGuidance *self,
                         LimnRun *run,
                         const LimnTensor *cond,
                         const LimnTensor *uncond,
                         float scale,
                         LimnPredict predict,
                         gpointer user_data);

/* x: [1, h, w, c] with everything that is concatenated to the latent -> guided prediction [1, h, w,
 * out]. */
LimnTensor limn_guidance_predict (LimnGuidance *self, LimnRun *run, const LimnTensor *x, float t);

G_END_DECLS
