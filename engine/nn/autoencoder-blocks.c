/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

#include <math.h>

/* The parts that encoder and decoder share. */

void
limn_resnet_bind (LimnResnet *self, LimnBinder *binder, const char *path, gint64 n_in, gint64 n_out)
{
  self->n_in = n_in;
  self->n_out = n_out;
  self->has_shortcut = n_in != n_out;
  limn_bind_group_norm (binder, &self->norm1, n_in, "%s.norm1", path);
  limn_bind_conv (binder, &self->conv1, n_in, n_out, 3, 1, 1, "%s.conv1", path);
  limn_bind_group_norm (binder, &self->norm2, n_out, "%s.norm2", path);
  limn_bind_conv (binder, &self->conv2, n_out, n_out, 3, 1, 1, "%s.conv2", path);
  if (self->has_shortcut)
    limn_bind_linear (binder, &self->shortcut, n_in, n_out, TRUE, "%s.nin_shortcut", path);
}

/* shortcut (x) + conv2 (SiLU (norm2 (conv1 (SiLU (norm1 (x)))))) */
void
limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnVaeMap *map)
{
  LimnTensor x = limn_vae_trunk (run, map, self->n_in);
  LimnTensor inner = limn_vae_inner (run, map, self->n_out);
  LimnTensor trunk = limn_vae_trunk (run, map, self->n_out);
  LimnArenaMark mark = limn_run_mark (run);
  LimnNormalised normalised;
  LimnConvFused first = { .normalised = &normalised, .place = &inner };
  LimnConvFused second = { .normalised = &normalised, .place = &trunk, .residual = &trunk };

  if (!limn_group_norm_statistics (run, &self->norm1, &x, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return;
  if (self->has_shortcut)
    limn_vae_widen (self, run, map, &normalised);
  else
    limn_conv2d_fused (run, &self->conv1, &x, &first);
  limn_run_release (run, mark);
  if (!limn_group_norm_statistics (run, &self->norm2, &inner, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return;
  limn_conv2d_fused (run, &self->conv2, &inner, &second);
  limn_run_release (run, mark);
}

LimnTensor
limn_vae_head_forward (LimnNorm *norm, LimnConv2d *conv, LimnRun *run, const LimnVaeMap *map)
{
  LimnTensor x = limn_vae_trunk (run, map, conv->n_in);
  LimnNormalised normalised;
  LimnConvFused fused = { .normalised = &normalised };

  if (!limn_group_norm_statistics (run, norm, &x, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return LIMN_TENSOR_EMPTY;
  return limn_conv2d_fused (run, conv, &x, &fused);
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

/* x + proj_out (softmax (q k^T / sqrt (c)) v), on a copy of x: maps that attention has are small. */
void
limn_pixel_attention_forward (LimnPixelAttention *self, LimnRun *run, const LimnVaeMap *map)
{
  gint64 c = self->norm.n_channels;
  LimnTensor trunk = limn_vae_trunk (run, map, c);
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_run_nhwc (run, trunk.extent[0], trunk.extent[1], trunk.extent[2], c);
  LimnTensor rows = limn_as_rows (&x), h, q, k, v;

  if (!limn_copy_channels (run, &trunk, &x, c))
    return;
  h = limn_group_norm (run, &self->norm, &rows, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                       LIMN_ACTIVATION_NONE);
  q = limn_linear (run, &self->q, &h, NULL);
  k = limn_linear (run, &self->k, &h, NULL);
  v = limn_linear (run, &self->v, &h, NULL);
  h = limn_attention (run, &q, &k, &v, 1, 1.0f / sqrtf ((float) self->q.n_out), FALSE);
  h = limn_linear (run, &self->proj_out, &h, &rows);
  h = limn_as_map (&h, x.extent[1], x.extent[2]);
  limn_copy_channels (run, &h, &trunk, c);
  limn_run_release (run, mark);
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

void
limn_vae_middle_forward (LimnVaeMiddle *self, LimnRun *run, const LimnVaeMap *map)
{
  limn_resnet_forward (&self->blocks[0], run, map);
  if (self->has_attention)
    limn_pixel_attention_forward (&self->attention, run, map);
  limn_resnet_forward (&self->blocks[1], run, map);
}

void
limn_vae_level_clear (LimnVaeLevel *level)
{
  g_clear_pointer (&level->blocks, g_free);
  g_clear_pointer (&level->attention, g_free);
}

void
limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnVaeMap *map)
{
  for (int i = 0; i < level->n_blocks; i++)
    {
      limn_resnet_forward (&level->blocks[i], run, map);
      if (level->attention != NULL)
        limn_pixel_attention_forward (&level->attention[i], run, map);
    }
}
