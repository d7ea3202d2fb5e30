/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

typedef enum
{
  LIMN_TAESD_ENCODER,
  LIMN_TAESD_DECODER,
} LimnTaesdPart;

/* All of it follows from the file. */
typedef struct
{
  LimnTaesdPart part;
  int channels;        /* of the picture */
  int latent_channels; /* 4 for Stable Diffusion 1 and 2 */
  int n_resamples;     /* halvings or doublings: 3 */
} LimnTaesdConfig;

typedef struct _LimnTaesdLayer LimnTaesdLayer;

/**
 * LimnTaesd:
 *
 * One half of the "Tiny AutoEncoder for Stable Diffusion" (madebyollin/taesd, 2023): residual
 * blocks of three convolutions with ReLU, without normalisation and attention. It stands in for the
 * first stage where a look will do. Latents are at the UNet's own scale, so that nothing is divided
 * by a scale_factor.
 */
typedef struct
{
  LimnTaesdConfig config;
  LimnLayers layers;

  /* Owned */
  LimnTaesdLayer *steps;
  int n_steps;
} LimnTaesd;

/* Where in the store that half of a TAESD lies: the names of a file of its own, of both halves in
 * one file, or of diffusers' AutoencoderTiny. Returns: (nullable): the prefix, a constant */
const char *limn_taesd_detect (LimnWeights *weights, LimnTaesdPart part);
/* Finds out what it is and binds every tensor; computes nothing. LIMN_ENGINE_ERROR_UNSUPPORTED
 * names what a TAESD does not have. Clear it also after a failure. */
gboolean
limn_taesd_init (LimnTaesd *self, LimnWeights *weights, LimnTaesdPart part, GError **error);
void limn_taesd_clear (LimnTaesd *self);

/* Pixels per latent: 2^n_resamples. */
int limn_taesd_get_factor (const LimnTaesd *self);

/* Encoder: image [n, h, w, channels] in [-1, 1] -> [n, h / f, w / f, latent_channels], the latent
 * of the UNet; sides that are no multiples of f round up at each halving. Decoder: latent -> image
 * [n, h * f, w * f, channels], about [-1, 1], not clamped. The network itself has pictures in 0
 * .. 1. */
LimnTensor limn_taesd_forward (LimnTaesd *self, LimnRun *run, const LimnTensor *x);

G_END_DECLS
