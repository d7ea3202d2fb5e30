/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/clip-text.h"

#include <math.h>

#include "engine/nn/layers-private.h"

/* Bounds of what a description may ask for: far above any published model, low enough that no
 * product overflows. */
#define MAX_VOCABULARY (1 << 22)
#define MAX_WIDTH 65536
#define MAX_BLOCKS 256
#define MAX_POSITIONS 65536

/* Pre-norm transformer block. */
struct _LimnClipBlock
{
  LimnNorm norm1;
  LimnLinear q, k, v, out;
  LimnNorm norm2;
  LimnLinear fc1, fc2;
};

/* ---- Binding -------------------------------------------------------------------------------- */

static void
check_config (LimnBinder *binder, const LimnClipTextConfig *config)
{
  limn_binder_check_range (binder, "Text encoder: vocab_size", config->vocab_size, 1,
                           MAX_VOCABULARY);
  limn_binder_check_range (binder, "Text encoder: hidden_size", config->hidden_size, 1, MAX_WIDTH);
  limn_binder_check_range (binder, "Text encoder: intermediate_size", config->intermediate_size, 1,
                           4 * MAX_WIDTH);
  limn_binder_check_range (binder, "Text encoder: num_hidden_layers", config->num_hidden_layers, 1,
                           MAX_BLOCKS);
  limn_binder_check_range (binder, "Text encoder: num_attention_heads", config->num_attention_heads,
                           1, MAX_WIDTH);
  limn_binder_check_range (binder, "Text encoder: max_position_embeddings",
                           config->max_position_embeddings, 1, MAX_POSITIONS);
  limn_binder_check_range (binder, "Text encoder: number of blocks left out", config->skip_layers,
                           0, MAX (config->num_hidden_layers - 1, 0));
  if (limn_binder_ok (binder) && config->hidden_size % config->num_attention_heads != 0)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "Text encoder: a hidden_size of %d cannot be divided into %d heads",
                      config->hidden_size, config->num_attention_heads);
}

static void
bind_hf_block (LimnClipBlock *block, LimnBinder *binder, const LimnClipTextConfig *config, int i)
{
  int width = config->hidden_size;

  limn_bind_norm (binder, &block->norm1, width, "encoder.layers.%d.layer_norm1", i);
  limn_bind_linear (binder, &block->q, width, width, TRUE, "encoder.layers.%d.self_attn.q_proj", i);
  limn_bind_linear (binder, &block->k, width, width, TRUE, "encoder.layers.%d.self_attn.k_proj", i);
  limn_bind_linear (binder, &block->v, width, width, TRUE, "encoder.layers.%d.self_attn.v_proj", i);
  limn_bind_linear (binder, &block->out, width, width, TRUE, "encoder.layers.%d.self_attn.out_proj",
                    i);
  limn_bind_norm (binder, &block->norm2, width, "encoder.layers.%d.layer_norm2", i);
  limn_bind_linear (binder, &block->fc1, width, config->intermediate_size, TRUE,
                    "encoder.layers.%d.mlp.fc1", i);
  limn_bind_linear (binder, &block->fc2, config->intermediate_size, width, TRUE,
                    "encoder.layers.%d.mlp.fc2", i);
}

static void
bind_openclip_block (LimnClipBlock *block,
                     LimnBinder *binder,
                     const LimnClipTextConfig *config,
                     int i)
{
  LimnLinear *projections[] = { &block->q, &block->k, &block->v };
  gint64 width = config->hidden_size;
  LimnTensor weight, bias;

  limn_bind_norm (binder, &block->norm1, width, "transformer.resblocks.%d.ln_1", i);
  limn_bind_tensor (binder, &weight, 2, 3 * width, width,
                    "transformer.resblocks.%d.attn.in_proj_weight", i);
  limn_bind_tensor (binder, &bias, 1, 3 * width, 0, "transformer.resblocks.%d.attn.in_proj_bias",
                    i);
  for (int p = 0; limn_binder_ok (binder) && p < 3; p++)
    {
      LimnTensor w = limn_tensor_rows (&weight, p * width, width);
      LimnTensor b = limn_tensor_rows (&bias, p * width, width);

      limn_bind_linear_view (binder, projections[p], width, width, &w, &b);
    }
  limn_bind_linear (binder, &block->out, width, width, TRUE,
                    "transformer.resblocks.%d.attn.out_proj", i);
  limn_bind_norm (binder, &block->norm2, width, "transformer.resblocks.%d.ln_2", i);
  limn_bind_linear (binder, &block->fc1, width, config->intermediate_size, TRUE,
                    "transformer.resblocks.%d.mlp.c_fc", i);
  limn_bind_linear (binder, &block->fc2, config->intermediate_size, width, TRUE,
                    "transformer.resblocks.%d.mlp.c_proj", i);
}

gboolean
limn_clip_text_init (LimnClipText *self,
                     const LimnClipTextConfig *config,
                     const LimnWeightSource *source,
                     GError **error)
{
  gboolean hf = config->names == LIMN_CLIP_NAMES_HF;
  LimnBinder binder;

  *self = (LimnClipText){ .config = *config };
  limn_binder_begin (&binder, &self->layers, source);
  check_config (&binder, config);
  if (!limn_binder_ok (&binder))
    return limn_binder_end (&binder, error);

  limn_bind_tensor (&binder, &self->token_embedding, 2, config->vocab_size, config->hidden_size,
                    "%s", hf ? "embeddings.token_embedding.weight" : "token_embedding.weight");
  limn_bind_tensor (&binder, &self->position_embedding, 2, config->max_position_embeddings,
                    config->hidden_size, "%s",
                    hf ? "embeddings.position_embedding.weight" : "positional_embedding");
  self->blocks = g_new0 (LimnClipBlock, config->num_hidden_layers);
  for (int i = 0; i < config->num_hidden_layers - config->skip_layers; i++)
    if (hf)
      bind_hf_block (&self->blocks[i], &binder, config, i);
    else
      bind_openclip_block (&self->blocks[i], &binder, config, i);
  limn_bind_norm (&binder, &self->final_norm, config->hidden_size, "%s",
                  hf ? "final_layer_norm" : "ln_final");
  return limn_binder_end (&binder, error);
}

void
limn_clip_text_clear (LimnClipText *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->blocks, g_free);
}

/* ---- Forward -------------------------------------------------------------------------------- */

/* x + out (attention (norm1 (x))), then that + fc2 (act (fc1 (norm2 (that)))). */
static LimnTensor
block_forward (LimnClipBlock *self,
               LimnRun *run,
               const LimnClipTextConfig *config,
               const LimnTensor *x)
{
  float scale = 1.0f / sqrtf ((float)(config->hidden_size / config->num_attention_heads));
  LimnTensor h = limn_layer_norm (run, &self->norm1, x, config->layer_norm_eps);
  LimnTensor q = limn_linear (run, &self->q, &h, NULL);
  LimnTensor k = limn_linear (run, &self->k, &h, NULL);
  LimnTensor v = limn_linear (run, &self->v, &h, NULL);
  LimnTensor y;

  h = limn_attention (run, &q, &k, &v, config->num_attention_heads, scale, TRUE);
  y = limn_linear (run, &self->out, &h, x);
  h = limn_layer_norm (run, &self->norm2, &y, config->layer_norm_eps);
  h = limn_linear (run, &self->fc1, &h, NULL);
  h = limn_activate (run, &h, config->hidden_act);
  return limn_linear (run, &self->fc2, &h, &y);
}

LimnTensor
limn_clip_text_hidden (LimnClipText *self,
                       LimnRun *run,
                       const gint32 *ids,
                       gint64 n,
                       gint64 tokens,
                       int n_blocks)
{
  LimnTensor h;

  g_return_val_if_fail (n_blocks <= self->config.num_hidden_layers - self->config.skip_layers,
                        LIMN_TENSOR_EMPTY);

  h = limn_embed_tokens (run, &self->token_embedding, &self->position_embedding, ids, n, tokens);
  for (int i = 0; i < n_blocks; i++)
    {
      LimnArenaMark mark = limn_run_mark (run);
      LimnTensor y = block_forward (&self->blocks[i], run, &self->config, &h);

      h = limn_keep (run, &h, &y, mark);
    }
  return h;
}

LimnTensor
limn_clip_text_forward (LimnClipText *self,
                        LimnRun *run,
                        const gint32 *ids,
                        gint64 n,
                        gint64 tokens)
{
  int n_blocks = self->config.num_hidden_layers - self->config.skip_layers;
  LimnTensor out, h;
  LimnArenaMark mark;

  if (!limn_check_tokens (run, &self->token_embedding, &self->position_embedding, ids, n, tokens))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_rows (run, n, tokens, self->config.hidden_size);
  mark = limn_run_mark (run);
  h = limn_clip_text_hidden (self, run, ids, n, tokens, n_blocks);
  h = limn_layer_norm (run, &self->final_norm, &h, self->config.layer_norm_eps);
  out = limn_keep (run, &out, &h, mark);
  limn_run_release (run, mark);
  return out;
}
