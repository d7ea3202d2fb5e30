/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

#define EPSILON 1e-5f

void
limn_res_block_bind (LimnResBlock *self, LimnBinder *binder, const char *path, gint64 n_in,
                     gint64 n_out, gint64 n_embedding, gboolean scale_shift, LimnResample resample)
{
  self->scale_shift = scale_shift;
  self->resample = resample;
  self->has_skip = n_in != n_out;
  limn_bind_group_norm (binder, &self->in_norm, n_in, "%s.in_layers.0", path);
  limn_bind_conv (binder, &self->in_conv, n_in, n_out, 3, 1, 1, "%s.in_layers.2", path);
  limn_bind_linear (binder, &self->embedding, n_embedding, scale_shift ? 2 * n_out : n_out, TRUE,
                    "%s.emb_layers.1", path);
  limn_bind_group_norm (binder, &self->out_norm, n_out, "%s.out_layers.0", path);
  limn_bind_conv (binder, &self->out_conv, n_out, n_out, 3, 1, 1, "%s.out_layers.3", path);
  if (self->has_skip)
    limn_bind_linear (binder, &self->skip, n_in, n_out, TRUE, "%s.skip_connection", path);
}

static LimnTensor
resample (LimnRun *run, LimnResample how, const LimnTensor *x)
{
  switch (how)
    {
    case LIMN_RESAMPLE_DOWN:
      return limn_avg_pool_2x (run, x);
    case LIMN_RESAMPLE_UP:
      return limn_upsample_nearest_2x (run, x);
    case LIMN_RESAMPLE_NONE:
    default:
      return *x;
    }
}

/*
 *   skip = x (resampled, 1x1 to the new width)
 *   h = conv (resample (SiLU (norm (x))))
 *   h = SiLU (norm (h + embedding))             or SiLU (norm (h) * (1 + scale) + shift)
 *   skip + conv (h)
 */
LimnTensor
limn_res_block_forward (LimnResBlock *self, LimnRun *run, const LimnTensor *x,
                        const LimnTensor *embedding)
{
  LimnTensor e = limn_linear (run, &self->embedding, embedding, NULL);
  LimnTensor skip = resample (run, self->resample, x);
  LimnTensor h = limn_group_norm (run, &self->in_norm, x, LIMN_N_GROUPS, EPSILON,
                                  LIMN_ACTIVATION_SILU);

  h = resample (run, self->resample, &h);
  h = limn_conv2d (run, &self->in_conv, &h, NULL);
  if (self->scale_shift)
    h = limn_group_norm_scale_shift (run, &self->out_norm, &h, LIMN_N_GROUPS, EPSILON, &e,
                                     LIMN_ACTIVATION_SILU);
  else
    {
      h = limn_add_channels (run, &h, &e);
      h = limn_group_norm (run, &self->out_norm, &h, LIMN_N_GROUPS, EPSILON, LIMN_ACTIVATION_SILU);
    }
  if (self->has_skip)
    skip = limn_linear (run, &self->skip, &skip, NULL);
  return limn_conv2d (run, &self->out_conv, &h, &skip);
}
