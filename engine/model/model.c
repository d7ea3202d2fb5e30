/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * From files to a model: finds them, reads the description, binds the networks, and says what they
 * can be used for.
 */
#include "engine/model/model-private.h"

#include <string.h>

#include "engine/diffusion/sampler.h"

static const char *const weights_suffixes[] = { ".safetensors", ".ckpt", ".pt", ".pth" };

/* ---- Files ----------------------------------------------------------------------------------- */

typedef struct
{
  char *id;
  char *weights;
  char *config;
  char *folder; /* of the weights */
} Files;

static void
files_clear (Files *files)
{
  g_clear_pointer (&files->id, g_free);
  g_clear_pointer (&files->weights, g_free);
  g_clear_pointer (&files->config, g_free);
  g_clear_pointer (&files->folder, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static gboolean
missing (GError **error, const char *path, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING, "%s: %s", path, what);
  return FALSE;
}

static gboolean
has_weights_suffix (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes); i++)
    if (g_str_has_suffix (name, weights_suffixes[i]))
      return TRUE;
  return FALSE;
}

/* DIR/NAME if that is a file, else NULL (transfer full). */
static char *
file_in (const char *dir, const char *name)
{
  char *path = g_build_filename (dir, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  return NULL;
}

/* The only file with a suffix of weights (transfer full). */
static char *
find_only_weights (const char *dir)
{
  g_autoptr (GDir) listing = g_dir_open (dir, 0, NULL);
  g_autofree char *found = NULL;
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (has_weights_suffix (name))
      {
        if (found != NULL)
          return NULL;
        found = g_build_filename (dir, name, NULL);
      }
  return g_steal_pointer (&found);
}

static gboolean
find_in_folder (Files *files, const char *path, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (weights_suffixes) && files->weights == NULL; i++)
    {
      g_autofree char *name = g_strconcat ("model", weights_suffixes[i], NULL);

      files->weights = file_in (path, name);
    }
  if (files->weights == NULL)
    files->weights = find_only_weights (path);
  if (files->weights == NULL)
    return missing (error, path, "there is no model.safetensors in the folder");
  files->folder = g_strdup (path);
  files->id = g_path_get_basename (path);
  if (files->config == NULL)
    files->config = file_in (path, "config.yaml");
  return TRUE;
}

/* "NAME.yaml" or "config.yaml" beside "NAME.safetensors". */
static void
find_beside (Files *files, const char *path)
{
  g_autofree char *yaml = NULL;
  char *dot;

  files->weights = g_strdup (path);
  files->folder = g_path_get_dirname (path);
  files->id = g_path_get_basename (path);
  dot = strrchr (files->id, '.');
  if (dot != NULL && dot != files->id)
    *dot = '\0';
  yaml = g_strconcat (files->id, ".yaml", NULL);
  if (files->config == NULL)
    files->config = file_in (files->folder, yaml);
  if (files->config == NULL)
    files->config = file_in (files->folder, "config.yaml");
}

static gboolean
find_files (Files *files, const char *path, const char *config_path, GError **error)
{
  files->config = g_strdup (config_path);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return missing (error, path, "there is no such file or folder");
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      if (!find_in_folder (files, path, error))
        return FALSE;
    }
  else
    find_beside (files, path);
  if (files->config == NULL)
    return missing (error, files->folder, "there is no config.yaml that describes the model");
  return TRUE;
}

/* Beside the description or beside the weights (transfer full). */
static char *
find_text_config (const Files *files)
{
  static const char name[] = "text_encoder_config.json";
  g_autofree char *folder = g_path_get_dirname (files->config);
  char *path = file_in (folder, name);

  return path != NULL ? path : file_in (files->folder, name);
}

/* The folder with the vocabulary (transfer full). */
static char *
find_tokenizer (const Files *files)
{
  g_autofree char *folder = g_build_filename (files->folder, "tokenizer", NULL);
  g_autofree char *json = file_in (folder, "vocab.json");
  g_autofree char *packed = file_in (folder, "bpe_simple_vocab_16e6.txt.gz");
  g_autofree char *beside = file_in (files->folder, "bpe_simple_vocab_16e6.txt.gz");

  if (json == NULL && packed == NULL && beside != NULL)
    return g_strdup (files->folder);
  return g_steal_pointer (&folder);
}

/* ---- Binding --------------------------------------------------------------------------------- */

static gboolean
open_text (LimnModel *model, const Files *files, GError **error)
{
  LimnWeightSource source = { .weights = model->weights, .prefix = model->description.text_prefix };
  g_autofree char *folder = NULL;

  if (source.prefix == NULL)
    return TRUE;
  folder = find_tokenizer (files);
  model->tokenizer = limn_tokenizer_open (folder, error);
  if (model->tokenizer == NULL)
    {
      g_prefix_error (error, "The model takes a prompt, but its tokenizer cannot be read: ");
      return FALSE;
    }
  if (limn_tokenizer_get_size (model->tokenizer) > model->description.text.vocab_size)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE,
                   "%s: has %d tokens, but the model's text encoder knows %d", folder,
                   limn_tokenizer_get_size (model->tokenizer), model->description.text.vocab_size);
      return FALSE;
    }
  /* Stable Diffusion 1 fills up with the end token, open_clip with 0. */
  model->pad = model->description.cond_stage == LIMN_COND_STAGE_CLIP
                   ? (guint32)limn_tokenizer_get_end (model->tokenizer)
                   : 0;
  return limn_clip_text_init (&model->text, &model->description.text, &source, error);
}

static gboolean
bind_networks (LimnModel *model, const Files *files, GError **error)
{
  const LimnDescription *description = &model->description;
  LimnWeightSource first_stage
      = { .weights = model->weights, .prefix = description->autoencoder_prefix };
  LimnWeightSource unet = limn_description_unet_source (description, model->weights);

  if (!limn_autoencoder_init (&model->autoencoder, &description->autoencoder, &first_stage, error))
    return FALSE;
  if (!description->has_unet)
    return TRUE;
  return limn_unet_init (&model->unet, &description->unet, &unet, error)
         && open_text (model, files, error);
}

/* The config's number, unless the file brings its own (scale_by_std). */
static void
read_scale_factor (LimnModel *model)
{
  LimnTensor tensor;
  float value = 0;

  model->scale_factor = (float)model->description.scale_factor;
  if (!model->description.has_unet || !limn_weights_lookup (model->weights, "scale_factor", &tensor)
      || limn_tensor_count (&tensor) != 1
      || (tensor.dtype != LIMN_DTYPE_F32 && tensor.dtype != LIMN_DTYPE_F16
          && tensor.dtype != LIMN_DTYPE_BF16 && tensor.dtype != LIMN_DTYPE_F64))
    return;
  limn_convert_to_f32 (tensor.dtype, tensor.data, &value, 1);
  if (value > 0 && value < G_MAXFLOAT)
    model->scale_factor = value;
}

static void
make_schedule (LimnModel *model)
{
  const LimnDescription *description = &model->description;

  model->alphas_cumprod = g_new (float, description->timesteps);
  limn_schedule_alphas_cumprod (description->betas, description->linear_start,
                                description->linear_end, description->timesteps,
                                model->alphas_cumprod);
}

/* ---- What it is good for --------------------------------------------------------------------- */

static gboolean
unsupported (LimnModel *model, GError **error, const char *key, const char *what)
{
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED, "%s: %s: %s",
               model->description.path, key, what);
  return FALSE;
}

/* Input channels of the UNet beside the latent's for each kind of model; -1: no kind that the
 * engine can feed. */
static int
extra_channels (const LimnDescription *description, LimnCapabilities *capabilities)
{
  gboolean prompt = description->text_prefix != NULL;

  if (description->condition == LIMN_CONDITION_HYBRID && prompt)
    {
      *capabilities = LIMN_CAN_INPAINT;
      return description->autoencoder.embed_dim + 1;
    }
  if ((description->condition == LIMN_CONDITION_CROSSATTN && prompt)
      || description->condition == LIMN_CONDITION_NONE)
    {
      *capabilities = LIMN_CAN_GENERATE;
      return 0;
    }
  if (description->condition == LIMN_CONDITION_CONCAT
      && description->cond_stage == LIMN_COND_STAGE_IDENTITY)
    {
      *capabilities = LIMN_CAN_UPSCALE;
      return description->autoencoder.in_channels;
    }
  return -1;
}

static gboolean
find_capabilities (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  int channels = description->autoencoder.embed_dim;
  int extra;

  if (!description->has_autoencoder)
    return unsupported (model, error, "model.params.first_stage_config.target",
                        "a model without its autoencoder is not supported");
  if (!description->has_unet)
    return TRUE;
  extra = extra_channels (description, &model->info.capabilities);
  if (extra < 0)
    {
      g_autofree char *what = g_strdup_printf ("conditioning by %s is not supported yet",
                                               description->cond_stage_target);

      return unsupported (model, error, "model.params.cond_stage_config", what);
    }
  if (description->unet.out_channels != channels)
    return unsupported (model, error, "model.params.unet_config.params.out_channels",
                        "is not the number of channels of the latent");
  if (description->unet.in_channels != channels + extra)
    return unsupported (model, error, "model.params.unet_config.params.in_channels",
                        "does not fit the latent and what is concatenated to it");
  return TRUE;
}

static gboolean
set_sizes (LimnModel *model, GError **error)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;
  gboolean upscale = info->capabilities == LIMN_CAN_UPSCALE;
  int image_size = CLAMP (description->image_size, 0, 8192);

  info->latent_channels = description->autoencoder.embed_dim;
  info->latent_factor = limn_autoencoder_get_factor (&model->autoencoder);
  info->unet_factor = description->has_unet ? limn_unet_get_factor (&model->unet) : 1;
  /* The low-resolution picture stands beside the latent, pixel for pixel. */
  info->upscale_factor = upscale ? info->latent_factor : 1;
  if (upscale && description->factor > 0 && description->factor != info->upscale_factor)
    return unsupported (model, error, "limn.factor", "is not the autoencoder's factor");
  info->native_size = description->native_size;
  if (info->native_size == 0)
    info->native_size = description->tile * info->upscale_factor;
  if (info->native_size == 0)
    info->native_size = image_size * info->latent_factor;
  if (info->native_size == 0)
    info->native_size = 512;
  info->min_size
      = description->min_size > 0 ? description->min_size : info->native_size / (upscale ? 4 : 2);
  return TRUE;
}

static gboolean
set_defaults (LimnModel *model, GError **error)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;
  gboolean upscale = info->capabilities == LIMN_CAN_UPSCALE;

  info->default_steps = description->steps > 0 ? description->steps : upscale ? 50 : 25;
  info->default_guidance = description->guidance >= 0 ? (float)description->guidance
                           : info->takes_prompt       ? 7.5f
                                                      : 1.0f;
  info->default_start = (float)description->start;
  info->default_sampler = description->sampler != NULL ? description->sampler
                          : upscale                    ? "ddim"
                                                       : "dpmpp_2m_karras";
  if (!limn_sampler_is_known (info->default_sampler))
    return unsupported (model, error, "limn.sampler", "there is no such sampler");
  return TRUE;
}

/* What it is told, and how. */
static void
set_kind (LimnModel *model)
{
  static const char *const none[] = { NULL };
  LimnModelInfo *info = &model->info;
  gboolean inpaint = (info->capabilities & LIMN_CAN_INPAINT) != 0;

  info->container
      = g_str_has_suffix (model->path, ".safetensors") ? "safetensors" : "PyTorch checkpoint";
  info->dialect = "LDM";
  info->architecture = "latent diffusion";
  info->weight_type = "";
  info->described_by = model->description.path;
  info->notes = none;
  info->takes = (model->tokenizer != NULL ? LIMN_TAKES_PROMPT : 0) | (inpaint ? LIMN_TAKES_MASK : 0)
                | ((info->capabilities & LIMN_CAN_UPSCALE) != 0 ? LIMN_TAKES_LOW_RES : 0);
  info->takes_prompt = (info->takes & LIMN_TAKES_PROMPT) != 0;
  info->can_guide = info->takes_prompt;
  info->inpaint_convention = inpaint ? LIMN_INPAINT_SD : LIMN_INPAINT_NONE;
  info->context_width = model->description.unet.context_dim;
  info->scale_factor = model->scale_factor;
}

static gboolean
fill_info (LimnModel *model, const Files *files, GError **error)
{
  LimnModelInfo *info = &model->info;
  const LimnDescription *description = &model->description;

  model->id = g_strdup (files->id);
  model->path = g_strdup (files->weights);
  info->id = model->id;
  info->path = model->path;
  info->name = description->name != NULL ? description->name : model->id;
  info->description = description->description != NULL ? description->description : "";
  info->licence = description->licence != NULL ? description->licence : "";
  info->file_bytes = limn_weights_get_file_bytes (model->weights);
  set_kind (model);
  info->prediction = description->prediction;
  info->n_parameters = model->autoencoder.layers.n_parameters + model->unet.layers.n_parameters
                       + model->text.layers.n_parameters;
  return set_sizes (model, error) && set_defaults (model, error);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static gboolean
open_model (LimnModel *model, const Files *files, GError **error)
{
  g_autofree char *text_config = find_text_config (files);

  if (!limn_description_read (&model->description, files->config, text_config, error)
      || !find_capabilities (model, error))
    return FALSE;
  model->weights = limn_weights_open (files->weights, error);
  if (model->weights == NULL || !bind_networks (model, files, error))
    return FALSE;
  read_scale_factor (model);
  make_schedule (model);
  return fill_info (model, files, error);
}

LimnModel *
limn_model_open (const char *path, const char *config_path, GError **error)
{
  return limn_model_open_with (path, &(LimnModelOptions){ .config_path = config_path }, error);
}

LimnModel *
limn_model_open_with (const char *path, const LimnModelOptions *options, GError **error)
{
  g_auto (Files) files = { NULL };
  g_autoptr (LimnModel) model = NULL;

  g_return_val_if_fail (path != NULL && options != NULL, NULL);

  if (!find_files (&files, path, options->config_path, error))
    return NULL;
  model = g_new0 (LimnModel, 1);
  g_atomic_ref_count_init (&model->ref_count);
  if (!open_model (model, &files, error))
    return NULL;
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
  limn_description_clear (&model->description);
  g_clear_pointer (&model->tokenizer, limn_tokenizer_free);
  g_clear_pointer (&model->weights, limn_weights_unref);
  g_free (model->alphas_cumprod);
  g_free (model->preview);
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

  *n_levels = 0;
  return NULL;
}

const float *
limn_model_get_alphas_cumprod (LimnModel *model, int *n_timesteps)
{
  g_return_val_if_fail (model != NULL && n_timesteps != NULL, NULL);

  *n_timesteps = model->description.timesteps;
  return model->alphas_cumprod;
}

LimnAutoencoder *
limn_model_get_autoencoder (LimnModel *model)
{
  return &model->autoencoder;
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
