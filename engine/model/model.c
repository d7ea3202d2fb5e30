/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * From files to a model: finds them, reads or finds out the description, and binds the networks.
 */
#include "engine/model/model-private.h"

#include "engine/model/detect.h"
#include "engine/model/diffusers.h"
#include "engine/model/files.h"

void
_limn_model_miss (LimnModel *model, const char *format, ...)
{
  g_autofree char *before = g_steal_pointer (&model->missing);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  model->missing
      = before != NULL ? g_strconcat (before, ". ", message, NULL) : g_steal_pointer (&message);
}

/* ---- Binding --------------------------------------------------------------------------------- */

/* The text encoder, class embedding or rescaler, when the file has it at all. */
static gboolean
bind_condition (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  LimnWeightSource source = { .weights = model->weights, .prefix = description->cond_prefix };

  if (!model->has_condition)
    return TRUE;
  switch (description->cond_stage)
    {
    case LIMN_COND_STAGE_CLIP:
    case LIMN_COND_STAGE_OPENCLIP:
      return limn_clip_text_init (&model->text, &description->text, &source, error);
    case LIMN_COND_STAGE_BERT:
    case LIMN_COND_STAGE_LAYOUT:
      return limn_bert_text_init (&model->bert, &description->bert, &source, error);
    case LIMN_COND_STAGE_CLASS:
      return limn_class_embedder_init (&model->classes, description->n_classes,
                                       description->class_width, &source, error);
    case LIMN_COND_STAGE_RESCALER:
      return limn_spatial_rescaler_init (&model->rescaler, &description->rescaler, &source, error);
    default:
      return TRUE;
    }
}

static gboolean
bind_vocabulary (LimnModel *model,
                 const LimnModelFiles *files,
                 const char *const *search,
                 GError **error)
{
  LimnVocabularyKind kind = model->description.cond_stage == LIMN_COND_STAGE_BERT
                                ? LIMN_VOCABULARY_BERT
                                : LIMN_VOCABULARY_CLIP;
  g_autofree char *folder = NULL;

  if (!model->has_condition || !model->info.takes_prompt)
    return TRUE;
  folder = _limn_model_files_find_vocabulary (files, kind);
  return _limn_model_open_vocabulary (model, files->folder, folder, search, error);
}

static gboolean
bind_networks (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  LimnWeightSource first_stage
      = { .weights = model->weights, .prefix = description->autoencoder_prefix };
  LimnWeightSource unet = limn_description_unet_source (description, model->weights);

  if (description->has_autoencoder
      && !limn_autoencoder_init (&model->autoencoder, &description->autoencoder, &first_stage,
                                 error))
    return FALSE;
  if (!description->has_unet)
    return TRUE;
  return limn_unet_init (&model->unet, &description->unet, &unet, error)
         && bind_condition (model, error);
}

/* The config's number, unless the file brings its own (scale_by_std). */
static void
read_scale_factor (LimnModel *model)
{
  LimnTensor tensor;
  float value = 0;

  model->scale_factor = (float)model->description.scale_factor;
  if (!model->description.has_unet || !limn_weights_lookup (model->weights, "scale_factor", &tensor)
      || limn_tensor_count (&tensor) != 1 || !limn_dtype_is_float (tensor.dtype)
      || limn_dtype_block (tensor.dtype) != 1)
    return;
  limn_tensor_read_f32 (&tensor, 0, 1, &value);
  if (value > 0 && value < G_MAXFLOAT)
    model->scale_factor = value;
}

static void
make_schedules (LimnModel *model)
{
  const LimnDescription *description = &model->description;

  model->alphas_cumprod = g_new (float, description->timesteps);
  limn_schedule_alphas_cumprod (description->betas, description->linear_start,
                                description->linear_end, description->timesteps,
                                model->alphas_cumprod);
  if (description->zero_snr)
    limn_schedule_zero_terminal_snr (model->alphas_cumprod, description->timesteps);
  if (!description->noise_level)
    return;
  model->low_alphas_cumprod = g_new (float, description->low_timesteps);
  limn_schedule_alphas_cumprod (description->low_betas, description->low_start,
                                description->low_end, description->low_timesteps,
                                model->low_alphas_cumprod);
}

/* From the config.yaml when there is one, else from the tensors, and from the JSON files beside
 * them. */
static gboolean
describe (LimnModel *model, const LimnModelFiles *files, GError **error)
{
  LimnDescription *description = &model->description;

  if (limn_description_detect_network (description, model->weights))
    return files->config == NULL || limn_description_read_names (description, files->config, error);
  if (files->config != NULL)
    return limn_description_read (description, files->config, files->text_config, error);
  if (!limn_description_detect (description, model->weights, error))
    return FALSE;
  if ((files->is_folder || limn_diffusers_is_part (files->folder))
      && !limn_description_read_diffusers (description, files->folder, error))
    return FALSE;
  if (!limn_description_check_heads (description, error))
    return FALSE;
  return files->text_config == NULL || description->text_prefix == NULL
         || limn_clip_config_read (&description->text, files->text_config, error);
}

/* What the description asks for and the file does not have. */
static void
find_missing (LimnModel *model)
{
  const LimnDescription *description = &model->description;

  if (description->has_unet && !description->has_autoencoder)
    _limn_model_miss (model, "%s has no autoencoder: its latents cannot be made into pictures",
                      model->path);
  if (description->cond_prefix == NULL)
    return;
  model->has_condition = limn_weights_has_prefix (model->weights, description->cond_prefix);
  if (!model->has_condition)
    _limn_model_miss (model,
                      "%s: the tensors %s*, which turn what is asked for into numbers, are not in "
                      "it",
                      model->path, description->cond_prefix);
}

static gboolean
open_weights (LimnModel *model, const LimnModelFiles *files, GError **error)
{
  g_autoptr (LimnWeights) weights = files->is_folder
                                        ? limn_weights_open_folder (files->weights, error)
                                        : limn_weights_open (files->weights, error);

  if (weights == NULL)
    return FALSE;
  model->weights = limn_weights_to_ldm (weights, error);
  model->info.dialect = model->weights == weights ? "LDM" : "diffusers";
  return model->weights != NULL;
}

/* After the description is known: what changes weights says nothing of the model. */
static gboolean
apply_loras (LimnModel *model, const LimnModelOptions *options, GError **error)
{
  g_autoptr (LimnWeights) plain = g_steal_pointer (&model->weights);
  int n_unmatched = 0;

  model->weights
      = limn_weights_with_loras (plain, options->loras, options->n_loras, &n_unmatched, error);
  if (model->weights != NULL && n_unmatched > 0)
    limn_description_note (&model->description,
                           "%d parts of the LoRA files have nothing to change in this model.",
                           n_unmatched);
  return model->weights != NULL;
}

/* LoRA files change the layers of UNets and text encoders. */
static gboolean
refuse_loras (LimnModel *model, const LimnModelOptions *options, GError **error)
{
  if (options->n_loras > 0)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT,
                 "The model “%s” is no diffusion model: LoRA files do not change it", model->id);
  return options->n_loras == 0;
}

static gboolean
open_model (LimnModel *model,
            const LimnModelFiles *files,
            const LimnModelOptions *options,
            GError **error)
{
  model->id = g_strdup (files->id);
  model->path = g_strdup (files->weights);
  if (!open_weights (model, files, error) || !describe (model, files, error))
    return FALSE;
  if (model->description.network != LIMN_NETWORK_DIFFUSION)
    return refuse_loras (model, options, error) && _limn_model_open_alone (model, error);
  if (!_limn_model_find_use (model, error))
    return FALSE;
  if (options->n_loras > 0 && !apply_loras (model, options, error))
    return FALSE;
  find_missing (model);
  if (!bind_vocabulary (model, files, options->search, error) || !bind_networks (model, error)
      || !_limn_model_open_categories (model, files->folder, error))
    return FALSE;
  read_scale_factor (model);
  make_schedules (model);
  return _limn_model_fill_info (model, error);
}

LimnModel *
limn_model_open (const char *path, const char *config_path, GError **error)
{
  return limn_model_open_with (path, &(LimnModelOptions){ .config_path = config_path }, error);
}

LimnModel *
limn_model_open_with (const char *path, const LimnModelOptions *options, GError **error)
{
  g_auto (LimnModelFiles) files = { NULL };
  g_autoptr (LimnModel) model = NULL;

  g_return_val_if_fail (path != NULL && options != NULL, NULL);

  if (!_limn_model_files_find (&files, path, options->config_path, error))
    return NULL;
  model = g_new0 (LimnModel, 1);
  g_atomic_ref_count_init (&model->ref_count);
  if (!open_model (model, &files, options, error))
    return NULL;
  _limn_model_begin_budgets (model);
  return g_steal_pointer (&model);
}

LimnModel *
limn_model_ref (LimnModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);

  g_atomic_ref_count_inc (&model->ref_count);
  return model;
}

void
limn_model_unref (LimnModel *model)
{
  if (model == NULL || !g_atomic_ref_count_dec (&model->ref_count))
    return;
  limn_autoencoder_clear (&model->autoencoder);
  limn_unet_clear (&model->unet);
  limn_clip_text_clear (&model->text);
  limn_bert_text_clear (&model->bert);
  limn_class_embedder_clear (&model->classes);
  limn_spatial_rescaler_clear (&model->rescaler);
  _limn_model_clear_alone (model);
  limn_description_clear (&model->description);
  g_clear_pointer (&model->tokenizer, limn_tokenizer_free);
  g_clear_pointer (&model->wordpiece, limn_wordpiece_free);
  g_clear_pointer (&model->category_names, g_strfreev);
  g_clear_pointer (&model->weights, limn_weights_unref);
  g_free (model->alphas_cumprod);
  g_free (model->low_alphas_cumprod);
  g_free (model->preview);
  g_free (model->missing);
  g_free (model->path);
  g_free (model->id);
  g_free (model);
}

void
limn_model_unload (LimnModel *model)
{
  g_return_if_fail (model != NULL);

  limn_layers_unload (&model->autoencoder.layers);
  limn_layers_unload (&model->unet.layers);
  limn_layers_unload (&model->text.layers);
  limn_layers_unload (&model->bert.layers);
  limn_layers_unload (&model->rescaler.layers);
  _limn_model_unload_alone (model);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

const LimnModelInfo *
limn_model_get_info (LimnModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);

  return &model->info;
}

LimnWeights *
limn_model_get_weights (LimnModel *model)
{
  g_return_val_if_fail (model != NULL, NULL);

  return model->weights;
}

gboolean
limn_model_check (LimnModel *model, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL, FALSE);

  return limn_weights_check_finite (model->weights, cancellable, error);
}

const float *
limn_model_get_low_res_alphas_cumprod (LimnModel *model, int *n_levels)
{
  g_return_val_if_fail (model != NULL && n_levels != NULL, NULL);

  *n_levels = model->low_alphas_cumprod != NULL ? model->description.low_timesteps : 0;
  return model->low_alphas_cumprod;
}

const float *
limn_model_get_alphas_cumprod (LimnModel *model, int *n_timesteps)
{
  g_return_val_if_fail (model != NULL && n_timesteps != NULL, NULL);

  *n_timesteps = model->alphas_cumprod != NULL ? model->description.timesteps : 0;
  return model->alphas_cumprod;
}

LimnAutoencoder *
limn_model_get_autoencoder (LimnModel *model)
{
  return model->description.has_autoencoder ? &model->autoencoder : NULL;
}

LimnUnet *
limn_model_get_unet (LimnModel *model)
{
  return model->description.has_unet ? &model->unet : NULL;
}

LimnClipText *
limn_model_get_text (LimnModel *model)
{
  return model->tokenizer != NULL ? &model->text : NULL;
}

LimnTokenizer *
limn_model_get_tokenizer (LimnModel *model)
{
  return model->tokenizer;
}

const LimnDescription *
limn_model_get_description (LimnModel *model)
{
  return &model->description;
}
