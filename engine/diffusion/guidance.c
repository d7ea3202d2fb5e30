/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/diffusion/guidance.h"

#include <math.h>

#include "engine/tensor/kernels.h"

void
limn_guidance_init (LimnGuidance *self,
                    LimnRun *run,
                    const LimnTensor *cond,
                    const LimnTensor *uncond,
                    float scale,
                    LimnPredict predict,
                    gpointer user_data)
{
  *self = (LimnGuidance){ .scale = scale, .predict = predict, .user_data = user_data };
  self->both = cond != NULL && uncond != NULL && scale != 1.0f;
  if (self->both)
    self->context = limn_concat_batch (run, uncond, cond);
  else if (cond != NULL)
    self->context = *cond;
}

/* Of a sample: n - 1 in the denominator, as torch counts. */
static double
deviation (const float *x, gint64 n)
{
  double mean = 0.0, sum = 0.0;

  for (gint64 i = 0; i < n; i++)
    mean += x[i];
  mean /= (double)n;
  for (gint64 i = 0; i < n; i++)
    sum += (x[i] - mean) * (x[i] - mean);
  return n > 1 ? sqrt (sum / (double)(n - 1)) : 0.0;
}

/* What each of @n_samples guided predictions is multiplied with, equations 15 and 16. */
static void
rescale_guided (const LimnGuidance *self,
                float *guided,
                const float *cond,
                gint64 n,
                gint64 n_samples)
{
  gint64 size = n / n_samples;

  for (gint64 s = 0; s < n_samples; s++)
    {
      double found = deviation (guided + s * size, size);
      double wanted = deviation (cond + s * size, size);
      float factor
          = found > 0.0 ? (float)(self->rescale * wanted / found + 1.0 - self->rescale) : 1.0f;

      for (gint64 i = s * size; i < (s + 1) * size; i++)
        guided[i] *= factor;
    }
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
  if (self->rescale > 0.0f)
    rescale_guided (self, out, cond, n, guided.extent[0]);
  return guided;
}
