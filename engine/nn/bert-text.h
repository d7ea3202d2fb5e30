/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/nn/layers.h"

G_BEGIN_DECLS

/* cond_stage_config.params of a BERTEmbedder, under its names. Start from
 * limn_bert_text_config_init(): it has the defaults of the original. */
typedef struct
{
  int n_embed;     /* width */
  int n_layer;     /* attention and feed-forward, each so many times */
  int vocab_size;  /* 30522: bert-base-uncased */
  int max_seq_len; /* 77 */
} LimnBertTextConfig;

void limn_bert_text_config_init (LimnBertTextConfig *config);

typedef struct _LimnBertBlock LimnBertBlock;

/**
 * LimnBertText:
 *
 * LDM's BERTEmbedder: the TransformerWrapper of x-transformers, trained with its diffusion model
 * from scratch (Rombach et al. 2022, appendix E.2.1; the name is of the tokenizer). Pre-norm, every
 * token sees every other, padding takes part; always 8 heads of 64 whatever the width is.
 */
typedef struct
{
  LimnBertTextConfig config;
  LimnLayers layers;
  LimnTensor token_embedding;    /* [vocab_size, n_embed] */
  LimnTensor position_embedding; /* [max_seq_len, n_embed] */
  LimnBertBlock *blocks;         /* owned */
  LimnNorm final_norm;
} LimnBertText;

/* Binds every tensor by exact name ("token_emb.weight", "attn_layers.layers.0.1.to_q.weight" after
 * the source's prefix, which ends in "transformer.") and shape. to_logits is not used. Computes
 * nothing. Clear it also after a failure. */
gboolean limn_bert_text_init (LimnBertText *self,
                              const LimnBertTextConfig *config,
                              const LimnWeightSource *source,
                              GError **error);
void limn_bert_text_clear (LimnBertText *self);

/* ids: [n][tokens], tokens <= max_seq_len -> [n, tokens, n_embed] after the final LayerNorm. An id
 * outside of the vocabulary is LIMN_ENGINE_ERROR_ARGUMENT. */
LimnTensor limn_bert_text_forward (LimnBertText *self,
                                   LimnRun *run,
                                   const gint32 *ids,
                                   gint64 n,
                                   gint64 tokens);

G_END_DECLS
