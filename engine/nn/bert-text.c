/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/bert-text.h"

#include <math.h>

#include "engine/nn/layers-private.h"

/* What x-transformers takes when nobody says otherwise, and LDM does not. */
#define N_HEADS 8
#define HEAD_WIDTH 64
#define N_INNER (N_HEADS * HEAD_WIDTH)
#define FEED_FORWARD 4 /* its width / n_embed */
#define LAYER_NORM_EPSILON 1e-5f

/* Bounds of what a description may ask for: far above any published model, low enough that no
 * product overflows. */
#define MAX_VOCABULARY (1 << 22)
#define MAX_WIDTH 65536
#define MAX_BLOCKS 256
#define MAX_POSITIONS 65536

/* Two of the original's layers: attention, then feed-forward. */
struct _LimnBertBlock
{
  LimnNorm norm1;
  LimnLinear to_q, to_k, to_v, to_out;
  LimnNorm norm2;
  LimnLinear ff_in, ff_out;
};

/* ---- Binding -------------------------------------------------------------------------------- */

void
limn_bert_text_config_init (LimnBertTextConfig *config)
{
  *config = (LimnBertTextConfig){ .vocab_size = 30522, .max_seq_len = 77 };
}

static void
bind_block (LimnBertBlock *block, LimnBinder *binder, gint64 width, int i)
{
  g_autofree char *attention = g_strdup_printf ("attn_layers.layers.%d", 2 * i);
  g_autofree char *feed_forward = g_strdup_printf ("attn_layers.layers.%d", 2 * i + 1);

  limn_bind_norm (binder, &block->norm1, width, "%s.0", attention);
  limn_bind_linear (binder, &block->to_q, width, N_INNER, FALSE, "%s.1.to_q", attention);
  limn_bind_linear (binder, &block->to_k, width, N_INNER, FALSE, "%s.1.to_k", attention);
  limn_bind_linear (binder, &block->to_v, width, N_INNER, FALSE, "%s.1.to_v", attention);
  limn_bind_linear (binder, &block->to_out, N_INNER, width, TRUE, "%s.1.to_out", attention);
  limn_bind_norm (binder, &block->norm2, width, "%s.0", feed_forward);
  limn_bind_linear (binder, &block->ff_in, width, FEED_FORWARD * width, TRUE, "%s.1.net.0.0",
                    feed_forward);
  limn_bind_linear (binder, &block->ff_out, FEED_FORWARD * width, width, TRUE, "%s.1.net.2",
                    feed_forward);
}

gboolean
limn_bert_text_init (LimnBertText *self,
                     const LimnBertTextConfig *config,
                     const LimnWeightSource *source,
                     GError **error)
{
  LimnBinder binder;

  *self = (LimnBertText){ .config = *config };
  limn_binder_begin (&binder, &self->layers, source);
  limn_binder_check_range (&binder, "BERTEmbedder: n_embed", config->n_embed, 1, MAX_WIDTH);
  limn_binder_check_range (&binder, "BERTEmbedder: n_layer", config->n_layer, 1, MAX_BLOCKS);
  limn_binder_check_range (&binder, "BERTEmbedder: vocab_size", config->vocab_size, 1,
                           MAX_VOCABULARY);
  limn_binder_check_range (&binder, "BERTEmbedder: max_seq_len", config->max_seq_len, 1,
                           MAX_POSITIONS);
  if (!limn_binder_ok (&binder))
    return limn_binder_end (&binder, error);

  limn_bind_tensor (&binder, &self->token_embedding, 2, config->vocab_size, config->n_embed,
                    "token_emb.weight");
  limn_bind_tensor (&binder, &self->position_embedding, 2, config->max_seq_len, config->n_embed,
                    "pos_emb.emb.weight");
  self->blocks = g_new0 (LimnBertBlock, config->n_layer);
  for (int i = 0; i < config->n_layer; i++)
    bind_block (&self->blocks[i], &binder, config->n_embed, i);
  limn_bind_norm (&binder, &self->final_norm, config->n_embed, "norm");
  return limn_binder_end (&binder, error);
}

void
limn_bert_text_clear (LimnBertText *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->blocks, g_free);
}

/* ---- Forward -------------------------------------------------------------------------------- */

/* x + to_out (attention (norm1 (x))), then that + ff_out (GELU (ff_in (norm2 (that)))). */
static LimnTensor
block_forward (LimnBertBlock *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor h = limn_layer_norm (run, &self->norm1, x, LAYER_NORM_EPSILON);
  LimnTensor q = limn_linear (run, &self->to_q, &h, NULL);
  LimnTensor k = limn_linear (run, &self->to_k, &h, NULL);
  LimnTensor v = limn_linear (run, &self->to_v, &h, NULL);
  LimnTensor y;

  h = limn_attention (run, &q, &k, &v, N_HEADS, 1.0f / sqrtf (HEAD_WIDTH), FALSE);
  y = limn_linear (run, &self->to_out, &h, x);
  h = limn_layer_norm (run, &self->norm2, &y, LAYER_NORM_EPSILON);
  h = limn_linear (run, &self->ff_in, &h, NULL);
  h = limn_activate (run, &h, LIMN_ACTIVATION_GELU);
  return limn_linear (run, &self->ff_out, &h, &y);
}

LimnTensor
limn_bert_text_forward (LimnBertText *self,
                        LimnRun *run,
                        const gint32 *ids,
                        gint64 n,
                        gint64 tokens)
{
  LimnTensor out, h;
  LimnArenaMark mark;

  if (!limn_check_tokens (run, &self->token_embedding, &self->position_embedding, ids, n, tokens))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_rows (run, n, tokens, self->config.n_embed);
  mark = limn_run_mark (run);
  h = limn_embed_tokens (run, &self->token_embedding, &self->position_embedding, ids, n, tokens);
  for (int i = 0; i < self->config.n_layer; i++)
    {
      LimnArenaMark inner = limn_run_mark (run);
      LimnTensor y = block_forward (&self->blocks[i], run, &h);

      h = limn_keep (run, &h, &y, inner);
    }
  h = limn_layer_norm (run, &self->final_norm, &h, LAYER_NORM_EPSILON);
  out = limn_keep (run, &out, &h, mark);
  limn_run_release (run, mark);
  return out;
}
