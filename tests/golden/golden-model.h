/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/diffusion/schedule.h"
#include "engine/nn/autoencoder.h"
#include "engine/nn/bert-text.h"
#include "engine/nn/class-embedder.h"
#include "engine/nn/clip-text.h"
#include "engine/nn/spatial-rescaler.h"
#include "engine/nn/unet.h"
#include "tests/golden/golden.h"

G_BEGIN_DECLS

typedef enum
{
  GOLDEN_AUTOENCODER = 1 << 0,
  GOLDEN_UNET = 1 << 1,     /* the moving averages when the description says so */
  GOLDEN_UNET_RAW = 1 << 2, /* the training weights beside the averages */
  GOLDEN_TEXT = 1 << 3,     /* CLIP */
  GOLDEN_BERT = 1 << 4,     /* of prompts or of layouts */
  GOLDEN_CLASS = 1 << 5,
  GOLDEN_RESCALER = 1 << 6,
  GOLDEN_NOISE_LEVEL = 1 << 7,
} GoldenParts;

/**
 * GoldenModel:
 *
 * A model taken apart: the networks that its description and its file have, bound on their own so
 * that a fixture can reach each of them.
 */
typedef struct
{
  LimnWeights *weights;
  GoldenParts parts; /* what there is */
  LimnAutoencoder autoencoder;
  LimnUnet unet;
  LimnUnet unet_raw;
  LimnClipText text;
  int text_left_out; /* last blocks that the model does not use */
  LimnBertText bert;
  LimnClassEmbedder classes;
  LimnSpatialRescaler rescaler;
  float *alphas_cumprod;
  int n_timesteps;
  float *low_alphas_cumprod; /* of the noise on the small picture */
  int n_low_timesteps;
  LimnPrediction prediction;
  float scale_factor;
} GoldenModel;

/* Opens the files that two members of fixture.json name; the text encoder's description is the
 * member "text_config", or text_encoder_config.json beside the model. */
GoldenModel *golden_model_open (Golden *golden, const char *model_member, const char *config_member,
                                GError **error);
GoldenModel *golden_model_open_files (const char *weights, const char *config,
                                      const char *text_config, GError **error);
/* The same of an open store. */
GoldenModel *golden_model_open_weights (LimnWeights *weights, const char *config,
                                        const char *text_config, GError **error);
void golden_model_free (GoldenModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GoldenModel, golden_model_free)

/* An error when a part is missing. */
gboolean golden_model_need (GoldenModel *model, GoldenParts parts, GError **error);

/* The codebook entries nearest to @latent against the tensor @indices; where the reference's two
 * best are nearly as near (@margin, nullable: difference of their squared distances), either may be
 * chosen. Prints nothing when the store has no such tensor. */
void golden_check_codebook (Golden *golden, LimnAutoencoder *autoencoder, LimnWeights *store,
                            const char *indices, const char *margin, const LimnTensor *latent);

/* ids: tensor [n, tokens] of whole numbers -> the context that the UNet takes. */
LimnTensor
golden_model_encode_ids (Golden *golden, GoldenModel *model, LimnWeights *store, const char *name);

/* The contexts PREFIX + "cond" and PREFIX + "uncond" of the fixture; the model's own, of PREFIX +
 * "token_ids_cond_uncond", are compared with them. */
void golden_model_contexts (Golden *golden, GoldenModel *model, LimnWeights *store,
                            const char *prefix, LimnTensor *cond, LimnTensor *uncond);

/* The final LayerNorm of the state before the last @left_out blocks. */
LimnTensor golden_model_text_state (Golden *golden, GoldenModel *model, const gint32 *ids, gint64 n,
                                    gint64 tokens, int left_out);
/* Token ids [n, tokens] of a fixture (transfer full); NULL when they are not there. */
gint32 *golden_ids (LimnWeights *store, const char *name, gint64 *n, gint64 *tokens);

G_END_DECLS
