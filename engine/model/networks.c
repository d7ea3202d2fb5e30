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

/* FALSE, and a failed run, when it is no diffusion model. */
static gboolean
need_unet (LimnModel *model, LimnRun *run)
{
  if (!model->description.has_unet)
    limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                   "The model “%s” has no UNet: it denoises nothing", model->id);
  return model->description.has_unet;
}

LimnUnetMemory *
limn_model_remember (LimnModel *model,
                     LimnRun *run,
                     const LimnTensor *context,
                     gint64 n,
                     gint64 h,
                     gint64 w,
                     int step_cache)
{
  g_return_val_if_fail (model != NULL && run != NULL, NULL);
  G_STATIC_ASSERT (LIMN_MAX_STEP_CACHE == LIMN_UNET_MAX_STEP_CACHE);

  if (!need_unet (model, run))
    return NULL;
  return limn_unet_remember (&model->unet, run, context, n, h, w, step_cache);
}

LimnTensor
limn_model_evaluate (LimnModel *model,
                     LimnRun *run,
                     const LimnTensor *x,
                     const float *t,
                     const LimnConditions *conditions)
{
  LimnUnetConditions given;
  LimnTensor joined;

  g_return_val_if_fail (model != NULL && run != NULL && x != NULL && t != NULL, LIMN_TENSOR_EMPTY);
  g_return_val_if_fail (conditions != NULL, LIMN_TENSOR_EMPTY);

  if (!need_unet (model, run))
    return LIMN_TENSOR_EMPTY;
  given = (LimnUnetConditions){ .context = conditions->context,
                                .labels = conditions->labels,
                                .guidance = conditions->guidance,
                                .memory = conditions->memory };
  if (conditions->concat == NULL)
    return limn_unet_evaluate (&model->unet, run, x, t, &given);
  joined = limn_concat_channels (run, x, conditions->concat);
  return limn_unet_evaluate (&model->unet, run, &joined, t, &given);
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
