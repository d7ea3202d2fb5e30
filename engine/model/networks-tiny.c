/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Tiny autoencoders (TAESD), which stand in for the decoder in previews.
 */
#include <string.h>

#include "engine/model/model-private.h"

#define RGB 3

/* What the autoencoder's latents are multiplied by for the UNet, in Stable Diffusion 1 and 2 and in
 * SDXL. Both have latents of 4 channels: only the name of the file tells which a TAESD is for. */
#define SD_SCALE 0.18215f
#define SDXL_SCALE 0.13025f
#define SCALE_TOLERANCE 1e-4f

static gboolean
is_named_sdxl (const LimnModel *model)
{
  g_autofree char *lower = g_ascii_strdown (model->id, -1);

  return strstr (lower, "xl") != NULL;
}

gboolean
_limn_model_bind_taesd (LimnModel *model, GError **error)
{
  if (limn_taesd_detect (model->weights, LIMN_TAESD_DECODER) != NULL
      && !limn_taesd_init (&model->tiny_decoder, model->weights, LIMN_TAESD_DECODER, error))
    return FALSE;
  return limn_taesd_detect (model->weights, LIMN_TAESD_ENCODER) == NULL
         || limn_taesd_init (&model->tiny_encoder, model->weights, LIMN_TAESD_ENCODER, error);
}

void
_limn_model_fill_taesd (LimnModel *model)
{
  LimnDescription *description = &model->description;
  LimnModelInfo *info = &model->info;
  gboolean decodes = model->tiny_decoder.n_steps > 0, encodes = model->tiny_encoder.n_steps > 0;
  const LimnTaesd *half = decodes ? &model->tiny_decoder : &model->tiny_encoder;
  const char *prefix = limn_taesd_detect (model->weights, half->config.part);
  gboolean sd = half->config.latent_channels == 4;
  const char *whose = !sd                     ? "of latents"
                      : is_named_sdxl (model) ? "of SDXL's latents"
                                              : "of Stable Diffusion's latents";

  info->latent_channels = half->config.latent_channels;
  info->latent_factor = limn_taesd_get_factor (half);
  info->unet_factor = info->upscale_factor = 1;
  info->is_preview_decoder = decodes && half->config.channels == RGB;
  model->scale_factor = !sd ? 0.0f : is_named_sdxl (model) ? SDXL_SCALE : SD_SCALE;
  info->n_parameters
      = model->tiny_decoder.layers.n_parameters + model->tiny_encoder.layers.n_parameters;
  info->parameters.decoder = model->tiny_decoder.layers.n_parameters;
  info->parameters.encoder = model->tiny_encoder.layers.n_parameters;
  info->dialect = g_str_has_suffix (prefix, ".layers.") ? "diffusers" : "TAESD";
  description->architecture = g_strdup_printf ("TAESD (tiny autoencoder)%s, %d latent channels",
                                               !decodes   ? ", encoder only"
                                               : !encodes ? ", decoder only"
                                                          : "",
                                               info->latent_channels);
  g_free (description->description);
  description->description = g_strdup_printf (
      decodes ? "Fast preview decoder %s" : "Fast encoder %s; not used by Limn", whose);
  if (sd && decodes)
    limn_description_note (description,
                           "Its file does not show whose latents it decodes; by its name %s.",
                           is_named_sdxl (model) ? "SDXL's" : "those of Stable Diffusion 1 and 2");
}

gboolean
limn_model_fits_preview_decoder (LimnModel *model, LimnModel *decoder, GError **error)
{
  const LimnModelInfo *info, *tiny;

  g_return_val_if_fail (model != NULL && decoder != NULL, FALSE);

  info = &model->info;
  tiny = &decoder->info;
  if (!tiny->is_preview_decoder)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” does not decode previews", decoder->id);
  else if (tiny->latent_channels != info->latent_channels
           || tiny->latent_factor != info->latent_factor
           || ABS (decoder->scale_factor - model->scale_factor) > SCALE_TOLERANCE)
    g_set_error (
        error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
        "“%s” decodes other latents (%d channels, %d × %d pixels each, times %g) than those "
        "of the model “%s” (%d channels, %d × %d pixels each, times %g)",
        decoder->id, tiny->latent_channels, tiny->latent_factor, tiny->latent_factor,
        (double)decoder->scale_factor, model->id, info->latent_channels, info->latent_factor,
        info->latent_factor, (double)model->scale_factor);
  else
    return TRUE;
  return FALSE;
}

gboolean
limn_model_set_preview_decoder (LimnModel *model, LimnModel *decoder, GError **error)
{
  g_return_val_if_fail (model != NULL && model != decoder, FALSE);

  if (decoder == model->preview_decoder)
    return TRUE;
  if (decoder != NULL && !limn_model_fits_preview_decoder (model, decoder, error))
    return FALSE;
  g_clear_pointer (&model->preview_decoder, limn_model_unref);
  model->preview_decoder = decoder != NULL ? limn_model_ref (decoder) : NULL;
  return TRUE;
}
