/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/guidance.h"

#include "engine/tensor/kernels.h"

void
limn_guidance_init (LimnGuidance *self, LimnRun *run, const LimnTensor *cond,
                    const LimnTensor *uncond, float scale, LimnPredict predict, gpointer user_data)
{
  *self = (LimnGuidance) { .scale = scale, .predict = predict, .user_data = user_data };
  self->both = cond != NULL && uncond != NULL && scale != 1.0f;
  if (self->both)
    self->context = limn_concat_batch (run, uncond, cond);
  else if (cond != NULL)
    self->context = *cond;
}

/* Ho & Salimans 2022, "Classifier-Free Diffusion Guidance", equation 6 (with scale = 1 + w). */
LimnTensor
limn_guidance_predict (LimnGuidance *self, LimnRun *run, const LimnTensor *x, float t)
{
  const float timesteps[2] = { t, t };
  LimnTensor both, guided;
  const float *uncond, *cond;
  float *out;
  gint64 n;

  if (!self->both)
    return self->predict (run, x, timesteps,
                          limn_tensor_is_empty (&self->context) ? NULL : &self->context,
                          self->user_data);
  both = limn_concat_batch (run, x, x);
  both = self->predict (run, &both, timesteps, &self->context, self->user_data);
  if (limn_tensor_is_empty (&both))
    return both;

  /* The result overwrites the first half. */
  guided = both;
  guided.extent[0] /= 2;
  n = limn_tensor_count (&guided);
  out = limn_tensor_f32 (&both);
  uncond = out;
  cond = out + n;
  for (gint64 i = 0; i < n; i++)
    out[i] = uncond[i] + self->scale * (cond[i] - uncond[i]);
  return guided;
}
