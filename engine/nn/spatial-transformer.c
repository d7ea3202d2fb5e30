/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

#include <math.h>

#define GROUP_NORM_EPSILON 1e-6f /* unlike the 1e-5 of the rest of the UNet */
#define LAYER_NORM_EPSILON 1e-5f

static void
bind_attention (LimnCrossAttention *self,
                LimnBinder *binder,
                const char *path,
                const char *name,
                gint64 n_inner,
                gint64 n_context,
                int n_heads)
{
  self->n_heads = n_heads;
  limn_bind_linear (binder, &self->to_q, n_inner, n_inner, FALSE, "%s.%s.to_q", path, name);
  limn_bind_linear (binder, &self->to_k, n_context, n_inner, FALSE, "%s.%s.to_k", path, name);
  limn_bind_linear (binder, &self->to_v, n_context, n_inner, FALSE, "%s.%s.to_v", path, name);
  limn_bind_linear (binder, &self->to_out, n_inner, n_inner, TRUE, "%s.%s.to_out.0", path, name);
}

static void
bind_block (LimnTransformerBlock *self,
            LimnBinder *binder,
            const char *path,
            gint64 n_inner,
            gint64 n_context,
            int n_heads,
            gboolean self_attention)
{
  self->self_attention = self_attention;
  limn_bind_norm (binder, &self->norm1, n_inner, "%s.norm1", path);
  limn_bind_norm (binder, &self->norm2, n_inner, "%s.norm2", path);
  limn_bind_norm (binder, &self->norm3, n_inner, "%s.norm3", path);
  bind_attention (&self->attn1, binder, path, "attn1", n_inner,
                  self_attention ? n_inner : n_context, n_heads);
  bind_attention (&self->attn2, binder, path, "attn2", n_inner, n_context, n_heads);
  limn_bind_linear (binder, &self->ff_in, n_inner, 8 * n_inner, TRUE, "%s.ff.net.0.proj", path);
  limn_bind_linear (binder, &self->ff_out, 4 * n_inner, n_inner, TRUE, "%s.ff.net.2", path);
}

void
limn_spatial_transformer_bind (LimnSpatialTransformer *self,
                               LimnBinder *binder,
                               const char *path,
                               gint64 n_channels,
                               int n_heads,
                               int head_channels,
                               int depth,
                               gint64 n_context,
                               gboolean self_attention)
{
  gint64 n_inner = (gint64)n_heads * head_channels;

  self->depth = depth;
  self->blocks = g_new0 (LimnTransformerBlock, depth);
  limn_bind_group_norm (binder, &self->norm, n_channels, "%s.norm", path);
  limn_bind_linear (binder, &self->proj_in, n_channels, n_inner, TRUE, "%s.proj_in", path);
  for (int i = 0; i < depth; i++)
    {
      g_autofree char *block = g_strdup_printf ("%s.transformer_blocks.%d", path, i);

      bind_block (&self->blocks[i], binder, block, n_inner, n_context > 0 ? n_context : n_inner,
                  n_heads, self_attention);
    }
  limn_bind_linear (binder, &self->proj_out, n_inner, n_channels, TRUE, "%s.proj_out", path);
}

void
limn_spatial_transformer_clear (LimnSpatialTransformer *self)
{
  g_clear_pointer (&self->blocks, g_free);
  self->depth = 0;
}

/* What a block's attentions look at. */
typedef struct
{
  const LimnTensor *context;    /* nullable */
  const LimnUnetMemory *memory; /* nullable: of the context */
} Surroundings;

/* residual + to_out (softmax (q k^T / sqrt (d)) v), q of x, k and v of x itself or of the context. */
static LimnTensor
attend (LimnCrossAttention *self,
        LimnRun *run,
        const LimnTensor *x,
        const Surroundings *around,
        const LimnTensor *residual)
{
  gboolean remembered
      = self->number >= 0 && around->memory != NULL && around->memory->n_attentions > 0;
  const LimnTensor *seen = self->number >= 0 && around->context != NULL ? around->context : x;
  float scale = 1.0f / sqrtf ((float)(self->to_q.n_out / self->n_heads));
  LimnTensor q = limn_linear (run, &self->to_q, x, NULL), k, v, h;

  if (remembered)
    {
      k = around->memory->keys[self->number];
      v = around->memory->values[self->number];
    }
  else
    {
      k = limn_linear (run, &self->to_k, seen, NULL);
      v = limn_linear (run, &self->to_v, seen, NULL);
    }
  h = limn_attention (run, &q, &k, &v, self->n_heads, scale, FALSE);
  return limn_linear (run, &self->to_out, &h, residual);
}

/* Self-attention (or, where it is disabled, a first cross-attention), cross-attention, GEGLU
 * feed-forward, each on the normalised input and added to it. */
static LimnTensor
block_forward (LimnTransformerBlock *self,
               LimnRun *run,
               const LimnTensor *x,
               const Surroundings *around)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = limn_layer_norm (run, &self->norm1, x, LAYER_NORM_EPSILON);
  LimnTensor y = attend (&self->attn1, run, &h, around, x);

  y = limn_sink (run, &y, mark);
  h = limn_layer_norm (run, &self->norm2, &y, LAYER_NORM_EPSILON);
  y = attend (&self->attn2, run, &h, around, &y);
  y = limn_sink (run, &y, mark);
  h = limn_layer_norm (run, &self->norm3, &y, LAYER_NORM_EPSILON);
  h = limn_linear_geglu (run, &self->ff_in, &h);
  return limn_linear (run, &self->ff_out, &h, &y);
}

/* x + proj_out (blocks (proj_in (norm (x)))). Rombach et al. 2022, appendix E.2.1. */
LimnTensor
limn_spatial_transformer_forward (LimnSpatialTransformer *self,
                                  LimnRun *run,
                                  const LimnTensor *x,
                                  const LimnTensor *context,
                                  const LimnUnetMemory *memory)
{
  Surroundings around = { context, memory };
  LimnArenaMark before = limn_run_mark (run);
  LimnTensor rows = limn_as_rows (x);
  LimnTensor h = limn_group_norm (run, &self->norm, &rows, LIMN_N_GROUPS, GROUP_NORM_EPSILON,
                                  LIMN_ACTIVATION_NONE);

  h = limn_linear (run, &self->proj_in, &h, NULL);
  h = limn_sink (run, &h, before);
  for (int i = 0; i < self->depth; i++)
    {
      LimnArenaMark mark = limn_run_mark (run);
      LimnTensor y = block_forward (&self->blocks[i], run, &h, &around);

      h = limn_keep (run, &h, &y, mark);
    }
  h = limn_linear (run, &self->proj_out, &h, &rows);
  return limn_as_map (&h, x->extent[1], x->extent[2]);
}
