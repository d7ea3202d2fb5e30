/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/* How the tensors are called. */
typedef enum
{
  LIMN_CLIP_NAMES_HF,       /* embeddings.token_embedding, encoder.layers.N.self_attn.q_proj (Stable
                               Diffusion 1) */
  LIMN_CLIP_NAMES_OPENCLIP, /* token_embedding, transformer.resblocks.N.attn.in_proj_weight (Stable
                               Diffusion 2) */
} LimnClipNames;

/* A CLIPTextModel's config.json, under its names. */
typedef struct
{
  LimnClipNames names;
  int vocab_size;
  int hidden_size;
  int intermediate_size;
  int num_hidden_layers;
  int num_attention_heads;
  int max_position_embeddings;
  LimnActivation hidden_act; /* LIMN_ACTIVATION_QUICK_GELU or _GELU */
  float layer_norm_eps;
  int skip_layers; /* how many of the last blocks are left out: 0, or 1 for "penultimate" */
} LimnClipTextConfig;

typedef struct _LimnClipBlock LimnClipBlock;

/**
 * LimnClipText:
 *
 * The text transformer of CLIP. Radford et al. 2021, "Learning Transferable Visual Models From
 * Natural Language Supervision", section 2.4. Padding tokens take part, as in the models that use
 * it.
 */
typedef struct
{
  LimnClipTextConfig config;
  LimnLayers layers;
  LimnTensor token_embedding;    /* [vocab_size, hidden_size] */
  LimnTensor position_embedding; /* [max_position_embeddings, hidden_size] */
  LimnClipBlock *blocks;         /* owned */
  LimnNorm final_norm;
} LimnClipText;

/* Binds every tensor by exact name ("encoder.layers.0.layer_norm1.weight" after the source's
 * prefix, which ends in "text_model.") and shape. Blocks that are left out need not be in the file.
 * Clear it also after a failure. */
gboolean limn_clip_text_init (LimnClipText *self, const LimnClipTextConfig *config,
                              const LimnWeightSource *source, GError **error);
void limn_clip_text_clear (LimnClipText *self);

/* ids: [n][tokens], tokens <= max_position_embeddings -> [n, tokens, hidden_size] after the final
 * LayerNorm. An id outside of the vocabulary is LIMN_ENGINE_ERROR_ARGUMENT. */
LimnTensor limn_clip_text_forward (LimnClipText *self, LimnRun *run, const gint32 *ids, gint64 n,
                                   gint64 tokens);
/* The hidden state after @n_blocks blocks (0: the embeddings), without the final LayerNorm. */
LimnTensor limn_clip_text_hidden (LimnClipText *self, LimnRun *run, const gint32 *ids, gint64 n,
                                  gint64 tokens, int n_blocks);

G_END_DECLS
