/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

typedef struct _LimnSampler LimnSampler;

/* A sampler as the person knows it: a name for --sampler and files, a title for menus. */
typedef struct
{
  const char *name;   /* "ddim", "dpmpp_2m_karras" */
  const char *title;  /* "DDIM", "DPM++ 2M Karras" */
} LimnSamplerInfo;

/* All samplers, ended by a NULL name. */
const LimnSamplerInfo *limn_sampler_list (void);
gboolean limn_sampler_is_known (const char *name);

/**
 * LimnDenoiser:
 * @x: [n, h, w, c] noisy latent, already scaled as the network expects
 * @t: timestep
 *
 * The guided prediction of the network at (x, t), in the network's own parameterisation; the empty tensor when the run failed.
 */
typedef LimnTensor (*LimnDenoiser) (LimnRun *run, const LimnTensor *x, float t, gpointer user_data);

/**
 * LimnStepFunc:
 *
 * Called after each step on the sampling thread with the state and the current estimate of the clean
 * latent. It may change @x in place (latent blending of ordinary models). @step counts from 0. FALSE stops.
 */
typedef gboolean (*LimnStepFunc) (LimnRun *run, int step, int n_steps, LimnTensor *x, const LimnTensor *x0,
                                  gpointer user_data);

/* Philox 4x32-10, counter-based: element i of stream s of seed k is the same for any thread count and any
 * order of asking. Standard normals by Box-Muller. Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". */
void limn_noise_normal (guint64 seed, guint64 stream, float *out, gsize n);

G_END_DECLS
