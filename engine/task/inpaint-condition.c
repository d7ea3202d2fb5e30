/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/task/inpaint-private.h"

/*
 * What an inpainting UNet sees beside the noisy latent. The published models differ in three
 * things: the colour of the hole before the picture is encoded, the values of the mask, and which
 * of the two comes first. Stable Diffusion: 0 (grey), {0, 1}, mask first. latent-diffusion
 * (scripts/inpaint.py): -1 (black), {-1, 1}, mask last, and a latent that no scale factor touches.
 */

static gboolean
is_ldm (const LimnInpaint *self)
{
  return self->info->inpaint_convention == LIMN_INPAINT_LDM;
}

/* The picture with its hole painted over. */
static LimnTensor
make_masked_image (LimnInpaint *self)
{
  LimnTensor x = limn_run_nhwc (self->run, 1, self->plan.height, self->plan.width, 3);
  const float *from = limn_tensor_f32 (&self->original);
  float *to = limn_tensor_f32 (&x);
  float colour = is_ldm (self) ? -1.0f : 0.0f;

  for (gint64 i = 0; to != NULL && i < (gint64)self->plan.height * self->plan.width; i++)
    for (int c = 0; c < 3; c++)
      to[3 * i + c] = self->hole[i] >= 128 ? colour : from[3 * i + c];
  return x;
}

/* Mask and masked latent, interleaved as the UNet takes them. */
static void
join (LimnInpaint *self, const LimnTensor *masked)
{
  gint64 channels = masked->extent[3], n = masked->extent[1] * masked->extent[2];
  const float *from = limn_tensor_f32 (masked);
  float *to = limn_tensor_f32 (&self->condition);
  float outside = is_ldm (self) ? -1.0f : 0.0f;
  float scale = is_ldm (self) ? 1.0f / self->info->scale_factor : 1.0f;

  for (gint64 i = 0; from != NULL && i < n; i++, from += channels, to += 1 + channels)
    {
      float *latent = is_ldm (self) ? to : to + 1;

      for (gint64 c = 0; c < channels; c++)
        latent[c] = from[c] * scale;
      to[is_ldm (self) ? channels : 0] = self->latent_hole[i] >= 128 ? 1.0f : outside;
    }
}

void
_limn_inpaint_make_condition (LimnInpaint *self)
{
  LimnArenaMark mark = limn_run_mark (self->run);
  LimnTensor masked = make_masked_image (self);

  masked = limn_model_encode (self->model, self->run, &masked);
  join (self, &masked);
  limn_run_release (self->run, mark);
}
