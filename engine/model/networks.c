/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The networks of a model as the pipelines call them: latents multiplied by the scale factor
 * outside, divided by it within the autoencoder (Rombach et al. 2022, appendix G).
 */
#include <string.h>

#include "engine/model/model-private.h"

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

  own = scaled (run, latent, 1.0f / model->scale_factor);
  return limn_autoencoder_decode (&model->autoencoder, run, &own);
}

LimnTensor
limn_model_encode_prompt (LimnModel *model, LimnRun *run, const char *prompt, int *n_cut)
{
  int tokens;
  g_autofree gint32 *ids = NULL;

  g_return_val_if_fail (model != NULL && run != NULL && prompt != NULL, LIMN_TENSOR_EMPTY);

  if (model->tokenizer == NULL)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” takes no prompt", model->id);
      return LIMN_TENSOR_EMPTY;
    }
  tokens = model->text.config.max_position_embeddings;
  if (tokens < 2)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_UNSUPPORTED,
                     "The text encoder of the model “%s” has no room for a prompt", model->id);
      return LIMN_TENSOR_EMPTY;
    }
  ids = g_new (gint32, tokens);
  limn_tokenizer_encode_padded (model->tokenizer, prompt, tokens, model->pad, ids, n_cut);
  return limn_clip_text_forward (&model->text, run, ids, 1, tokens);
}

LimnTensor
limn_model_predict (LimnModel *model,
                    LimnRun *run,
                    const LimnTensor *x,
                    const float *t,
                    const LimnTensor *context)
{
  g_return_val_if_fail (model != NULL && run != NULL && x != NULL && t != NULL, LIMN_TENSOR_EMPTY);

  if (!model->description.has_unet)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” is an autoencoder only",
                     model->id);
      return LIMN_TENSOR_EMPTY;
    }
  return limn_unet_forward (&model->unet, run, x, t, context);
}
