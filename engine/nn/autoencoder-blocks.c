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

LimnTensor
limn_vae_view (LimnRun *run, const LimnTensor *place, gint64 n, gint64 h, gint64 w, gint64 c)
{
  if (limn_tensor_is_empty (place))
    return LIMN_TENSOR_EMPTY;
  if (n * h * w * c > limn_tensor_count (place))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                     "A feature map is larger than the network's description allows");
      return LIMN_TENSOR_EMPTY;
    }
  return limn_tensor_4d (LIMN_DTYPE_F32, place->data, n, h, w, c);
}

/* Pieces in which a map's channels change in its own place. */
#define N_PIECES 8

/* The shortcut of x, in place of x. A piece is computed beside it and copied: from the front where
 * pixels become shorter, from the back where they become longer, so that it covers nothing that is
 * still needed. */
static LimnTensor
shortcut_in_place (LimnResnet *self, LimnRun *run, const LimnTensor *x, const LimnTensor *trunk)
{
  gint64 n_in = x->extent[3], n_out = self->n_out;
  gint64 n_pixels = x->extent[0] * x->extent[1] * x->extent[2];
  LimnTensor y = limn_vae_view (run, trunk, x->extent[0], x->extent[1], x->extent[2], n_out);

  for (int i = 0; i < N_PIECES && !limn_tensor_is_empty (&y); i++)
    {
      int piece = n_out <= n_in ? i : N_PIECES - 1 - i;
      gint64 first = n_pixels * piece / N_PIECES;
      gint64 n = n_pixels * (piece + 1) / N_PIECES - first;
      LimnArenaMark mark = limn_run_mark (run);
      LimnTensor from, to, value;

      if (n == 0)
        continue;
      from = limn_tensor_3d (LIMN_DTYPE_F32, limn_tensor_f32 (x) + first * n_in, 1, n, n_in);
      to = limn_tensor_3d (LIMN_DTYPE_F32, limn_tensor_f32 (&y) + first * n_out, 1, n, n_out);
      value = limn_linear (run, &self->shortcut, &from, NULL);
      limn_keep (run, &to, &value, mark);
    }
  return limn_run_ok (run) ? y : LIMN_TENSOR_EMPTY;
}

/* shortcut (x) + conv2 (SiLU (norm2 (conv1 (SiLU (norm1 (x)))))) */
LimnTensor
limn_resnet_forward (LimnResnet *self, LimnRun *run, const LimnTensor *x,
                     const LimnVaePlaces *places)
{
  gint64 n = x->extent[0], height = x->extent[1], width = x->extent[2];
  LimnTensor inner = limn_vae_view (run, &places->inner, n, height, width, self->n_out);
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor shortcut = *x, h;
  LimnNormalised normalised;
  LimnConvFused first = { .normalised = &normalised, .place = &inner };
  LimnConvFused second = { .normalised = &normalised, .place = &shortcut, .residual = &shortcut };

  if (!limn_group_norm_statistics (run, &self->norm1, x, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return LIMN_TENSOR_EMPTY;
  h = limn_conv2d_fused (run, &self->conv1, x, &first);
  limn_run_release (run, mark);
  if (self->has_shortcut)
    shortcut = shortcut_in_place (self, run, x, &places->trunk);
  if (!limn_group_norm_statistics (run, &self->norm2, &h, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return LIMN_TENSOR_EMPTY;
  h = limn_conv2d_fused (run, &self->conv2, &h, &second);
  limn_run_release (run, mark);
  return h;
}

LimnTensor
limn_vae_head_forward (LimnNorm *norm, LimnConv2d *conv, LimnRun *run, const LimnTensor *x)
{
  LimnNormalised normalised;
  LimnConvFused fused = { .normalised = &normalised };

  if (!limn_group_norm_statistics (run, norm, x, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                                   LIMN_ACTIVATION_SILU, &normalised))
    return LIMN_TENSOR_EMPTY;
  return limn_conv2d_fused (run, conv, x, &fused);
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
                         const LimnVaePlaces *places)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = limn_resnet_forward (&self->blocks[0], run, x, places);

  if (self->has_attention)
    {
      h = limn_pixel_attention_forward (&self->attention, run, &h);
      h = limn_keep (run, &places->trunk, &h, mark);
    }
  return limn_resnet_forward (&self->blocks[1], run, &h, places);
}

void
limn_vae_level_clear (LimnVaeLevel *level)
{
  g_clear_pointer (&level->blocks, g_free);
  g_clear_pointer (&level->attention, g_free);
}

LimnTensor
limn_vae_level_forward (LimnVaeLevel *level, LimnRun *run, const LimnTensor *x,
                        const LimnVaePlaces *places)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = *x;

  for (int i = 0; i < level->n_blocks; i++)
    {
      h = limn_resnet_forward (&level->blocks[i], run, &h, places);
      if (level->attention == NULL)
        continue;
      h = limn_pixel_attention_forward (&level->attention[i], run, &h);
      h = limn_keep (run, &places->trunk, &h, mark);
    }
  return h;
}
