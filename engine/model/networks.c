/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The networks of a model as the pipelines call them: latents multiplied by the scale factor
 * outside, divided by it within the autoencoder (Rombach et al. 2022, appendix G).
 */
#include <string.h>

#include "engine/model/model-private.h"

/* FALSE, and a failed run, when the autoencoder is in another file. */
static gboolean
need_autoencoder (LimnModel *model, LimnRun *run)
{
  if (!model->description.has_autoencoder && model->missing != NULL)
    limn_run_fail (run, LIMN_ENGINE_ERROR_MISSING, "%s", model->missing);
  else if (!model->description.has_autoencoder)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” has no autoencoder", model->id);
  return model->description.has_autoencoder;
}

/* y = x * factor, in the arena. */
static LimnTensor
scaled (LimnRun *run, const LimnTensor *x, float factor)
{
  LimnTensor y = LIMN_TENSOR_EMPTY;
  const float *from;
  float *to;

  if (!limn_tensor_is_empty (x))
    y = limn_run_tensor (run, x->n_dims, x->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;
  from = limn_tensor_f32 (x);
  to = limn_tensor_f32 (&y);
  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    to[i] = from[i] * factor;
  return y;
}

LimnTensor
limn_model_encode (LimnModel *model, LimnRun *run, const LimnTensor *image)
{
  LimnTensor latent;

  g_return_val_if_fail (model != NULL && run != NULL && image != NULL, LIMN_TENSOR_EMPTY);

  if (!need_autoencoder (model, run))
    return LIMN_TENSOR_EMPTY;
  latent = limn_autoencoder_encode (&model->autoencoder, run, image);
  if (model->autoencoder.config.n_embed == 0)
    latent = limn_moments_mean (run, &latent);
  return scaled (run, &latent, model->scale_factor);
}

LimnTensor
limn_model_decode (LimnModel *model, LimnRun *run, const LimnTensor *latent)
{
  LimnTensor own;

  g_return_val_if_fail (model != NULL && run != NULL && latent != NULL, LIMN_TENSOR_EMPTY);

  if (!need_autoencoder (model, run))
    return LIMN_TENSOR_EMPTY;
  own = scaled (run, latent, 1.0f / model->scale_factor);
  return limn_autoencoder_decode (&model->autoencoder, run, &own);
}

LimnTensor
limn_model_evaluate (LimnModel *model,
                     LimnRun *run,
                     const LimnTensor *x,
                     const float *t,
                     const LimnConditions *conditions)
{
  LimnTensor joined;

  g_return_val_if_fail (model != NULL && run != NULL && x != NULL && t != NULL, LIMN_TENSOR_EMPTY);
  g_return_val_if_fail (conditions != NULL, LIMN_TENSOR_EMPTY);

  if (!model->description.has_unet)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                     "The model “%s” has no UNet: it denoises nothing", model->id);
      return LIMN_TENSOR_EMPTY;
    }
  if (conditions->concat == NULL)
    return limn_unet_forward_guided (&model->unet, run, x, t, conditions->context,
                                     conditions->labels, conditions->guidance);
  joined = limn_concat_channels (run, x, conditions->concat);
  return limn_unet_forward_guided (&model->unet, run, &joined, t, conditions->context,
                                   conditions->labels, conditions->guidance);
}

LimnTensor
limn_model_predict (LimnModel *model,
                    LimnRun *run,
                    const LimnTensor *x,
                    const float *t,
                    const LimnTensor *context)
{
  return limn_model_evaluate (model, run, x, t, &(LimnConditions){ .context = context });
}
