/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

#include <math.h>
#include <string.h>

#define EPSILON 1e-5f

void
limn_attention_block_bind (LimnAttentionBlock *self, LimnBinder *binder, const char *path,
                           gint64 n_channels, int n_heads, gboolean parts_first)
{
  static const char *const names[] = { "to_q", "to_k", "to_v" };

  self->n_heads = n_heads;
  self->parts_first = parts_first;
  self->separate = limn_binder_has (binder, "%s.to_q.weight", path);
  limn_bind_group_norm (binder, &self->norm, n_channels, "%s.norm", path);
  if (!self->separate)
    limn_bind_linear (binder, &self->qkv, n_channels, 3 * n_channels, TRUE, "%s.qkv", path);
  for (int p = 0; self->separate && p < 3; p++)
    limn_bind_linear (binder, &self->to_qkv[p], n_channels, n_channels, TRUE, "%s.%s", path,
                      names[p]);
  limn_bind_linear (binder, &self->proj_out, n_channels, n_channels, TRUE, "%s.proj_out", path);
}

/* ---- From [head0 q k v, head1 q k v, ...] or [q of all heads, k, v] to three tensors ----------- */

#define ROWS_PER_TILE 256

typedef struct
{
  const float *qkv; /* [rows][n_heads][3][dim] */
  float *part[3];   /* [rows][n_heads][dim] */
  gint64 n_rows, n_heads, dim; /* all heads are one where the parts stand first */
} Split;

static void
split_tile (void *data, gint64 index, void *scratch)
{
  const Split *split = data;
  gint64 end = MIN ((index + 1) * ROWS_PER_TILE, split->n_rows);

  for (gint64 row = index * ROWS_PER_TILE; row < end; row++)
    for (gint64 head = 0; head < split->n_heads; head++)
      for (int p = 0; p < 3; p++)
        memcpy (split->part[p] + (row * split->n_heads + head) * split->dim,
                split->qkv + ((row * split->n_heads + head) * 3 + p) * split->dim,
                (gsize) split->dim * sizeof (float));
}

/* The original's QKVAttentionLegacy splits into heads first: each head's q, k and v stand together.
 * Its QKVAttention (use_new_attention_order) splits into q, k and v first, as one head would. */
static void
split_heads (LimnRun *run, const LimnTensor *qkv, int n_heads, LimnTensor out[3])
{
  gint64 n = qkv->extent[0], tokens = qkv->extent[1], channels = qkv->extent[2] / 3;
  Split split = { limn_tensor_f32 (qkv), { NULL }, n * tokens, n_heads, channels / n_heads };

  for (int p = 0; p < 3; p++)
    {
      out[p] = limn_run_rows (run, n, tokens, channels);
      split.part[p] = limn_tensor_f32 (&out[p]);
    }
  if (limn_run_ok (run))
    limn_run_parallel (run, (split.n_rows + ROWS_PER_TILE - 1) / ROWS_PER_TILE, 0, split_tile,
                       &split);
}

/* q, k and v of all heads, [n, tokens, channels] each. FALSE when the run failed. */
static gboolean
project (LimnAttentionBlock *self, LimnRun *run, const LimnTensor *h, LimnTensor part[3])
{
  LimnTensor qkv;

  if (self->separate)
    for (int p = 0; p < 3; p++)
      part[p] = limn_linear (run, &self->to_qkv[p], h, NULL);
  else
    {
      qkv = limn_linear (run, &self->qkv, h, NULL);
      if (!limn_tensor_is_empty (&qkv))
        split_heads (run, &qkv, self->parts_first ? 1 : self->n_heads, part);
    }
  return limn_run_ok (run);
}

/* x + proj_out (attention (qkv (norm (x)))) */
LimnTensor
limn_attention_block_forward (LimnAttentionBlock *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor rows = limn_as_rows (x);
  LimnTensor h = limn_group_norm (run, &self->norm, &rows, LIMN_N_GROUPS, EPSILON,
                                  LIMN_ACTIVATION_NONE);
  LimnTensor part[3];

  if (!project (self, run, &h, part))
    return LIMN_TENSOR_EMPTY;
  h = limn_attention (run, &part[0], &part[1], &part[2], self->n_heads,
                      1.0f / sqrtf ((float) (x->extent[3] / self->n_heads)), FALSE);
  h = limn_linear (run, &self->proj_out, &h, &rows);
  return limn_as_map (&h, x->extent[1], x->extent[2]);
}
