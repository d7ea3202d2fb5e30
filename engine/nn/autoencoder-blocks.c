/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

#include <math.h>

/* The parts that encoder and decoder share. */

void
limn_resnet_bind (LimnResnet *self, LimnBinder *binder, const char *path, gint64 n_in, gint64 n_out)
{
  self->n_out = n_out;
  self->has_shortcut = n_in != n_out;
  limn_bind_group_norm (binder, &self->norm1, n_in, "%s.norm1", path);
  limn_bind_conv (binder, &self->conv1, n_in, n_out, 3, 1, 1, "%s.conv1", path);
  limn_bind_group_norm (binder, &self->norm2, n_out, "%s.norm2", path);
  limn_bind_conv (binder, &self->conv2, n_out, n_out, 3, 1, 1, "%s.conv2", path);
  if (self->has_shortcut)
    limn_bind_linear (binder, &self->shortcut, n_in, n_out, TRUE, "%s.nin_shortcut", path);
}

/* shortcut (x) + conv2 (SiLU (norm2 (conv1 (SiLU (norm1 (x)))))). The normalised input is given
 * back before the second half: at full resolution these maps are the peak of the engine's memory.
 */
LimnTensor
limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor half = limn_run_nhwc (run, x->extent[0], x->extent[1], x->extent[2], self->n_out);
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor shortcut = *x;
  LimnTensor h;

  h = limn_group_norm (run, &self->norm1, x, LIMN_N_GROUPS, LIMN_VAE_EPSILON, LIMN_ACTIVATION_SILU);
  h = limn_conv2d (run, &self->conv1, &h, NULL);
  h = limn_keep (run, &half, &h, mark);
  h = limn_group_norm (run, &self->norm2, &h, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                       LIMN_ACTIVATION_SILU);
  if (self->has_shortcut)
    shortcut = limn_linear (run, &self->shortcut, x, NULL);
  return limn_conv2d (run, &self->conv2, &h, &shortcut);
}

void
limn_pixel_attention_bind (LimnPixelAttention *self, LimnBinder *binder, const char *path,
                           gint64 n_channels)
{
  limn_bind_group_norm (binder, &self->norm, n_channels, "%s.norm", path);
  limn_bind_linear (binder, &self->q, n_channels, n_channels, TRUE, "%s.q", path);
  limn_bind_linear (binder, &self->k, n_channels, n_channels, TRUE, "%s.k", path);
  limn_bind_linear (binder, &self->v, n_channels, n_channels, TRUE, "%s.v", path);
  limn_bind_linear (binder, &self->proj_out, n_channels, n_channels, TRUE, "%s.proj_out", path);
}

/* x + proj_out (softmax (q k^T / sqrt (c)) v) */
LimnTensor
limn_pixel_attention_forward (LimnPixelAttention *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor rows = limn_as_rows (x);
  LimnTensor h = limn_group_norm (run, &self->norm, &rows, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                  LIMN_ACTIVATION_NONE);
  LimnTensor q = limn_linear (run, &self->q, &h, NULL);
  LimnTensor k = limn_linear (run, &self->k, &h, NULL);
  LimnTensor v = limn_linear (run, &self->v, &h, NULL);

  h = limn_attention (run, &q, &k, &v, 1, 1.0f / sqrtf ((float) self->q.n_out), FALSE);
  h = limn_linear (run, &self->proj_out, &h, &rows);
  return limn_as_map (&h, x->extent[1], x->extent[2]);
}

void
limn_vae_middle_bind (LimnVaeMiddle *self, LimnBinder *binder, const char *path, gint64 n_channels,
                      gboolean attention)
{
  g_autofree char *block_1 = g_strconcat (path, ".block_1", NULL);
  g_autofree char *attn_1 = g_strconcat (path, ".attn_1", NULL);
  g_autofree char *block_2 = g_strconcat (path, ".block_2", NULL);

  self->has_attention = attention;
  limn_resnet_bind (&self->blocks[0], binder, block_1, n_channels, n_channels);
  if (attention)
    limn_pixel_attention_bind (&self->attention, binder, attn_1, n_channels);
  limn_resnet_bind (&self->blocks[1], binder, block_2, n_channels, n_channels);
}

LimnTensor
limn_vae_middle_forward (LimnVaeMiddle *self, LimnRun *run, const LimnTensor *x,
                         const LimnTensor *trunk)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = limn_resnet_forward (&self->blocks[0], run, x);

  h = limn_keep (run, trunk, &h, mark);
  if (self->has_attention)
    {
      h = limn_pixel_attention_forward (&self->attention, run, &h);
      h = limn_keep (run, trunk, &h, mark);
    }
  h = limn_resnet_forward (&self->blocks[1], run, &h);
  return limn_keep (run, trunk, &h, mark);
}

void
limn_vae_level_clear (LimnVaeLevel *level)
{
  g_clear_pointer (&level->blocks, g_free);
  g_clear_pointer (&level->attention, g_free);
}

LimnTensor
limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnTensor *x,
                        const LimnTensor *trunk)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = *x;

  for (int i = 0; i < level->n_blocks; i++)
    {
      h = limn_resnet_forward (&level->blocks[i], run, &h);
      h = limn_keep (run, trunk, &h, mark);
      if (level->attention == NULL)
        continue;
      h = limn_pixel_attention_forward (&level->attention[i], run, &h);
      h = limn_keep (run, trunk, &h, mark);
    }
  return h;
}
