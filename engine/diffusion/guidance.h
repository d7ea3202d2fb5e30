/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* One evaluation of a network: x [n, h, w, c], t n timesteps, context [n, tokens, width] or NULL.
 */
typedef LimnTensor (*LimnPredict) (LimnRun *run, const LimnTensor *x, const float *t,
                                   const LimnTensor *context, gpointer user_data);

/**
 * LimnGuidance:
 *
 * Classifier-free guidance, Ho & Salimans 2022: u + scale * (c - u), both halves in one batch, the
 * unconditional one first. When scale is 1 or there is no unconditional context, one half is
 * evaluated only.
 */
typedef struct
{
  LimnTensor context; /* [1 or 2, tokens, width] in the arena; empty: none */
  float scale;
  gboolean both;
  LimnPredict predict;
  gpointer user_data;
} LimnGuidance;

/* @cond, @uncond: (nullable): [1, tokens, width], same shape. The joined context is allocated in
 * the arena and must live as long as the guidance. */
void
limn_guidance_init (LimnGuidance *self, LimnRun *run, const LimnTensor *cond,
                    const LimnTensor *uncond, float scale, LimnPredict predict, gpointer user_data);

/* x: [1, h, w, c] with everything that is concatenated to the latent -> guided prediction [1, h, w,
 * out]. */
LimnTensor limn_guidance_predict (LimnGuidance *self, LimnRun *run, const LimnTensor *x, float t);

G_END_DECLS
