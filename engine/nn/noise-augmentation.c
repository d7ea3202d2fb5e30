/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/noise-augmentation.h"

#include <math.h>

LimnTensor
limn_noise_augment (LimnRun *run,
                    const LimnTensor *image,
                    const LimnTensor *noise,
                    const float *alphas_cumprod,
                    int n_levels,
                    int level)
{
  LimnTensor out;
  const float *x, *e;
  float *y, a, s;

  if (limn_tensor_is_empty (image) || limn_tensor_is_empty (noise) || !limn_run_ok (run))
    return LIMN_TENSOR_EMPTY;
  if (!limn_tensor_same_shape (image, noise))
    {
      g_autofree char *found = limn_tensor_describe (noise);
      g_autofree char *expected = limn_tensor_describe (image);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The noise for a picture %s is %s", expected,
                     found);
      return LIMN_TENSOR_EMPTY;
    }
  if (level < 0 || level >= n_levels)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                     "There is no noise level %d: the model has levels 0 to %d", level,
                     n_levels - 1);
      return LIMN_TENSOR_EMPTY;
    }
  out = limn_run_tensor (run, image->n_dims, image->extent);
  if (limn_tensor_is_empty (&out))
    return LIMN_TENSOR_EMPTY;
  a = sqrtf (alphas_cumprod[level]);
  s = sqrtf (1.0f - alphas_cumprod[level]);
  x = limn_tensor_f32 (image);
  e = limn_tensor_f32 (noise);
  y = limn_tensor_f32 (&out);
  for (gint64 i = 0; i < limn_tensor_count (&out); i++)
    y[i] = a * x[i] + s * e[i];
  return out;
}
