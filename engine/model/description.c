/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * config.yaml of CompVis/latent-diffusion and stable-diffusion. Defaults are those of the original
 * constructors: ddpm.py, openaimodel.py, autoencoder.py, diffusionmodules/model.py and
 * encoders/modules.py.
 */
#include "engine/model/description.h"

#include <string.h>

#include "engine/model/description-private.h"

#define PARAMS "model.params"
#define UNET PARAMS ".unet_config"
#define FIRST_STAGE PARAMS ".first_stage_config"

#define MAX_TIMESTEPS 100000

const char *
_limn_class_name (const char *target)
{
  const char *dot = strrchr (target, '.');

  return dot != NULL ? dot + 1 : target;
}

void
_limn_config_unsupported (LimnConfig *config, const char *base, const char *key, const char *what)
{
  limn_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, base, key, "%s is not supported yet",
                    what);
}

/* Fails when an option that this engine does not have is switched on. */
static void
refuse_option (LimnConfig *config, const char *base, const char *key, gboolean supported)
{
  if (limn_config_bool (config, base, key, supported) != supported)
    limn_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, base, key, "%s is not supported yet",
                      supported ? "false" : "true");
}

/* ---- UNet ------------------------------------------------------------------------------------ */

static void
read_channel_mult (LimnConfig *config, const char *base, LimnUnetConfig *unet)
{
  static const int usual[] = { 1, 2, 4, 8 };

  unet->n_levels
      = limn_config_ints (config, base, "channel_mult", unet->channel_mult, LIMN_UNET_MAX_LEVELS);
  if (unet->n_levels < 0)
    {
      unet->n_levels = G_N_ELEMENTS (usual);
      memcpy (unet->channel_mult, usual, sizeof usual);
    }
}

/* Later versions write a list with a width per transformer block; they run here when there is one.
 */
static int
read_context_dim (LimnConfig *config, const char *base)
{
  int widths[1] = { 0 };

  if (!limn_config_is_list (config, base, "context_dim"))
    return limn_config_int (config, base, "context_dim", 0);
  limn_config_ints (config, base, "context_dim", widths, G_N_ELEMENTS (widths));
  return widths[0];
}

/* One number, or one per level. */
static void
read_res_blocks (LimnConfig *config, const char *base, LimnUnetConfig *unet)
{
  int n;

  if (!limn_config_is_list (config, base, "num_res_blocks"))
    {
      unet->num_res_blocks = limn_config_need_int (config, base, "num_res_blocks");
      return;
    }
  n = limn_config_ints (config, base, "num_res_blocks", unet->level_res_blocks,
                        LIMN_UNET_MAX_LEVELS);
  if (n != unet->n_levels)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "num_res_blocks",
                      "has %d entries, channel_mult %d", n, unet->n_levels);
  unet->num_res_blocks = unet->level_res_blocks[0];
}

/* Options of Stability's later UNets. */
static void
read_attention_options (LimnConfig *config, const char *base, LimnUnetConfig *unet)
{
  int n = limn_config_bools (config, base, "disable_self_attentions", unet->disable_self_attentions,
                             LIMN_UNET_MAX_LEVELS);

  if (n >= 0 && n != unet->n_levels)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "disable_self_attentions",
                      "has %d entries, channel_mult %d", n, unet->n_levels);
  unet->disable_middle_self_attn
      = limn_config_bool (config, base, "disable_middle_self_attn", FALSE);
  n = limn_config_ints (config, base, "num_attention_blocks", unet->num_attention_blocks,
                        LIMN_UNET_MAX_LEVELS);
  unet->has_num_attention_blocks = n >= 0;
  if (n >= 0 && n != unet->n_levels)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "num_attention_blocks",
                      "has %d entries, channel_mult %d", n, unet->n_levels);
}

static void
refuse_unet_options (LimnConfig *config, const char *base)
{
  if (limn_config_has (config, base, "n_embed"))
    _limn_config_unsupported (config, base, "n_embed", "this option");
  if (limn_config_int (config, base, "dims", 2) != 2)
    _limn_config_unsupported (config, base, "dims", "a UNet that is not two-dimensional");
}

static void
read_unet (LimnDescription *self, LimnConfig *config)
{
  const char *base = UNET ".params";
  LimnUnetConfig *unet = &self->unet;
  const char *target = limn_config_string (config, UNET, "target", "");

  if (!g_str_equal (_limn_class_name (target), "UNetModel"))
    {
      _limn_config_unsupported (config, UNET, "target",
                                target[0] != '\0' ? _limn_class_name (target)
                                                  : "a model without a UNet");
      return;
    }
  limn_unet_config_init (unet);
  self->has_unet = TRUE;
  unet->in_channels = limn_config_need_int (config, base, "in_channels");
  unet->out_channels = limn_config_need_int (config, base, "out_channels");
  unet->model_channels = limn_config_need_int (config, base, "model_channels");
  unet->n_attention_resolutions
      = MAX (0, limn_config_ints (config, base, "attention_resolutions",
                                  unet->attention_resolutions, LIMN_UNET_MAX_LEVELS));
  read_channel_mult (config, base, unet);
  read_res_blocks (config, base, unet);
  read_attention_options (config, base, unet);
  unet->num_classes = limn_config_int (config, base, "num_classes", 0);
  unet->time_cond_dim = limn_config_int (config, base, "time_cond_proj_dim", 0);
  unet->num_heads = limn_config_int (config, base, "num_heads", unet->num_heads);
  unet->num_head_channels
      = limn_config_int (config, base, "num_head_channels", unet->num_head_channels);
  unet->num_heads_upsample
      = limn_config_int (config, base, "num_heads_upsample", unet->num_heads_upsample);
  unet->use_new_attention_order
      = limn_config_bool (config, base, "use_new_attention_order", FALSE);
  unet->transformer_depth
      = limn_config_int (config, base, "transformer_depth", unet->transformer_depth);
  unet->context_dim = read_context_dim (config, base);
  unet->use_spatial_transformer = limn_config_bool (config, base, "use_spatial_transformer", FALSE);
  unet->use_linear_in_transformer
      = limn_config_bool (config, base, "use_linear_in_transformer", FALSE);
  unet->use_scale_shift_norm = limn_config_bool (config, base, "use_scale_shift_norm", FALSE);
  unet->resblock_updown = limn_config_bool (config, base, "resblock_updown", FALSE);
  unet->conv_resample = limn_config_bool (config, base, "conv_resample", unet->conv_resample);
  unet->legacy = limn_config_bool (config, base, "legacy", unet->legacy);
  refuse_unet_options (config, base);
}

/* ---- First stage ----------------------------------------------------------------------------- */

/* @base: where embed_dim and ddconfig are. */
static void
read_autoencoder (LimnDescription *self, LimnConfig *config, const char *base, gboolean vq)
{
  g_autofree char *dd = g_strconcat (base, ".ddconfig", NULL);
  LimnAutoencoderConfig *autoencoder = &self->autoencoder;
  const char *attention = limn_config_string (config, dd, "attn_type", "vanilla");

  self->has_autoencoder = TRUE;
  autoencoder->embed_dim = limn_config_need_int (config, base, "embed_dim");
  autoencoder->n_embed = vq ? limn_config_need_int (config, base, "n_embed") : 0;
  autoencoder->in_channels = limn_config_need_int (config, dd, "in_channels");
  autoencoder->out_ch = limn_config_need_int (config, dd, "out_ch");
  autoencoder->ch = limn_config_need_int (config, dd, "ch");
  autoencoder->z_channels = limn_config_need_int (config, dd, "z_channels");
  autoencoder->resolution = limn_config_need_int (config, dd, "resolution");
  autoencoder->num_res_blocks = limn_config_need_int (config, dd, "num_res_blocks");
  autoencoder->double_z = limn_config_bool (config, dd, "double_z", TRUE);
  autoencoder->n_levels
      = limn_config_ints (config, dd, "ch_mult", autoencoder->ch_mult, LIMN_AUTOENCODER_MAX_LEVELS);
  if (autoencoder->n_levels < 0)
    limn_config_fail (config, LIMN_ENGINE_ERROR_MISSING, dd, "ch_mult", "is missing");
  autoencoder->n_attn_resolutions
      = MAX (0, limn_config_ints (config, dd, "attn_resolutions", autoencoder->attn_resolutions,
                                  LIMN_AUTOENCODER_MAX_LEVELS));
  /* "vanilla-xformers" computes the same another way. */
  autoencoder->mid_attention = !g_str_equal (attention, "none");
  if (autoencoder->mid_attention && !g_str_equal (attention, "vanilla")
      && !g_str_equal (attention, "vanilla-xformers"))
    _limn_config_unsupported (config, dd, "attn_type", attention);
  refuse_option (config, dd, "resamp_with_conv", TRUE);
  refuse_option (config, dd, "use_linear_attn", FALSE);
  refuse_option (config, dd, "tanh_out", FALSE);
}

static gboolean
is_vq (const char *class)
{
  return g_str_equal (class, "VQModelInterface") || g_str_equal (class, "VQModel");
}

static void
read_first_stage (LimnDescription *self, LimnConfig *config)
{
  const char *target = limn_config_string (config, FIRST_STAGE, "target", "");
  const char *class = _limn_class_name (target);

  self->autoencoder_prefix = LIMN_FIRST_STAGE_PREFIX;
  if (g_str_equal (class, "AutoencoderKL") || is_vq (class))
    read_autoencoder (self, config, FIRST_STAGE ".params", is_vq (class));
  else if (!g_str_equal (class, "IdentityFirstStage"))
    {
      g_autofree char *what
          = g_strdup_printf ("first stage %s", class[0] != '\0' ? class : "(none)");

      _limn_config_unsupported (config, FIRST_STAGE, "target", what);
    }
}

/* ---- Diffusion ------------------------------------------------------------------------------- */

static void
read_parameterization (LimnDescription *self, LimnConfig *config)
{
  const char *name = limn_config_string (config, PARAMS, "parameterization", "eps");

  if (g_str_equal (name, "eps"))
    self->prediction = LIMN_PREDICT_EPSILON;
  else if (g_str_equal (name, "v"))
    self->prediction = LIMN_PREDICT_V;
  else if (g_str_equal (name, "x0"))
    self->prediction = LIMN_PREDICT_X0;
  else
    _limn_config_unsupported (config, PARAMS, "parameterization", name);
}

/* beta_schedule and its range, below @base. */
static void
read_betas (LimnConfig *config,
            const char *base,
            LimnBetas *betas,
            double *start,
            double *end,
            int *timesteps)
{
  const char *name = limn_config_string (config, base, "beta_schedule", "linear");

  if (!limn_betas_from_string (name, betas))
    _limn_config_unsupported (config, base, "beta_schedule", name);
  *timesteps = limn_config_int (config, base, "timesteps", 1000);
  *start = limn_config_double (config, base, "linear_start", 1e-4);
  *end = limn_config_double (config, base, "linear_end", 2e-2);
  if (*timesteps < 1 || *timesteps > MAX_TIMESTEPS)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "timesteps", "expected 1 to %d",
                      MAX_TIMESTEPS);
  if (!(*start > 0 && *start < 1 && *end > 0 && *end < 1))
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "linear_start",
                      "and linear_end must be between 0 and 1");
}

/* ImageConcatWithNoiseAugmentation of the x4-upscaler. */
static void
read_low_scale (LimnDescription *self, LimnConfig *config)
{
  const char *base = PARAMS ".low_scale_config";
  const char *target = limn_config_string (config, base, "target", "");

  if (!g_str_equal (_limn_class_name (target), "ImageConcatWithNoiseAugmentation"))
    {
      _limn_config_unsupported (config, base, "target",
                                target[0] != '\0' ? _limn_class_name (target) : "(none)");
      return;
    }
  read_betas (config, PARAMS ".low_scale_config.params.noise_schedule_config", &self->low_betas,
              &self->low_start, &self->low_end, &self->low_timesteps);
  self->noise_level = TRUE;
  self->max_noise_level
      = limn_config_int (config, PARAMS ".low_scale_config.params", "max_noise_level", 1000);
  if (self->max_noise_level < 1 || self->max_noise_level > self->unet.num_classes
      || self->max_noise_level > self->low_timesteps)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, base, "params.max_noise_level",
                      "expected 1 to %d", MIN (self->unet.num_classes, self->low_timesteps));
}

static void
read_latent_diffusion (LimnDescription *self, LimnConfig *config, const char *class)
{
  gboolean upscale = g_str_equal (class, "LatentUpscaleDiffusion");

  read_unet (self, config);
  read_first_stage (self, config);
  _limn_description_read_condition (self, config, class);
  read_parameterization (self, config);
  read_betas (config, PARAMS, &self->betas, &self->linear_start, &self->linear_end,
              &self->timesteps);
  if (upscale)
    read_low_scale (self, config);
  else if (self->unet.num_classes > 0)
    _limn_config_unsupported (config, UNET ".params", "num_classes", "this option");
  self->use_ema = limn_config_bool (config, PARAMS, "use_ema", TRUE);
  self->scale_factor = limn_config_double (config, PARAMS, "scale_factor", 1.0);
  self->channels = limn_config_int (config, PARAMS, "channels", 0);
  /* A list of height and width for pictures that are not square: no single native size. */
  if (!limn_config_is_list (config, PARAMS, "image_size"))
    self->image_size = limn_config_int (config, PARAMS, "image_size", 0);
  if (!(self->scale_factor > 0))
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, PARAMS, "scale_factor",
                      "must be above 0");
}

/* ---- limn: ----------------------------------------------------------------------------------- */

static int
size_setting (LimnConfig *config, const char *key, int max)
{
  int value = limn_config_int (config, "limn", key, 0);

  if (value < 0 || value > max)
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, "limn", key, "expected 1 to %d", max);
  return value;
}

/* A share of the schedule. */
static double
start_setting (LimnConfig *config, const char *key, double fallback)
{
  double value = limn_config_double (config, "limn", key, fallback);

  if (!(value > 0 && value <= 1))
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, "limn", key,
                      "expected more than 0, at most 1");
  return value;
}

/* What stands in the hole before the model starts. */
static void
read_prefill (LimnDescription *self, LimnConfig *config)
{
  const char *kind = limn_config_string (config, "limn", "prefill", "smooth");

  if (g_str_equal (kind, "patchmatch"))
    self->prefill = LIMN_PREFILL_PATCHMATCH;
  else if (!g_str_equal (kind, "smooth"))
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, "limn", "prefill",
                      "“%s” is not known; expected smooth or patchmatch", kind);
  self->prefill_texture = limn_config_double (config, "limn", "prefill_texture", 0);
  if (!(self->prefill_texture >= 0 && self->prefill_texture <= 1))
    limn_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, "limn", "prefill_texture",
                      "expected 0 to 1");
}

static void
read_limn (LimnDescription *self, LimnConfig *config)
{
  self->name = g_strdup (limn_config_string (config, "limn", "name", NULL));
  self->description = g_strdup (limn_config_string (config, "limn", "description", NULL));
  self->licence = g_strdup (limn_config_string (config, "limn", "licence", NULL));
  self->sampler = g_strdup (limn_config_string (config, "limn", "sampler", NULL));
  self->native_size = size_setting (config, "native_size", 65536);
  self->min_size = size_setting (config, "min_size", 65536);
  self->steps = size_setting (config, "steps", 1000);
  self->factor = size_setting (config, "factor", 64);
  self->tile = size_setting (config, "tile", 65536);
  self->guidance = limn_config_double (config, "limn", "guidance", -1);
  self->start = start_setting (config, "start", 1);
  self->prompt_start = start_setting (config, "prompt_start", self->start);
  read_prefill (self, config);
  self->keep_detail = limn_config_bool (config, "limn", "keep_detail", FALSE);
  self->two_pass = limn_config_bool (config, "limn", "two_pass", TRUE);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void
read_model (LimnDescription *self, LimnConfig *config)
{
  const char *target = limn_config_string (config, "model", "target", NULL);
  const char *class = target != NULL ? _limn_class_name (target) : "";

  if (target == NULL)
    limn_config_fail (config, LIMN_ENGINE_ERROR_MISSING, "model", "target", "is missing");
  else if (g_str_equal (class, "LatentDiffusion") || g_str_equal (class, "LatentInpaintDiffusion")
           || g_str_equal (class, "LatentUpscaleDiffusion"))
    read_latent_diffusion (self, config, class);
  else if (g_str_equal (class, "AutoencoderKL") || is_vq (class))
    {
      self->autoencoder_prefix = "";
      read_autoencoder (self, config, PARAMS, is_vq (class));
    }
  else
    _limn_config_unsupported (config, "model", "target", class);
  read_limn (self, config);
}

void
_limn_description_init (LimnDescription *self, const char *path)
{
  *self = (LimnDescription){
    .path = g_strdup (path),
    .scale_factor = 1.0,
    .timesteps = 1000,
    .linear_start = 1e-4,
    .linear_end = 2e-2,
    .guidance = -1,
    .start = 1,
    .prompt_start = 1,
    .two_pass = TRUE,
  };
  self->notes = g_ptr_array_new_with_free_func (g_free);
}

gboolean
limn_description_read (LimnDescription *self,
                       const char *config_path,
                       const char *text_config_path,
                       GError **error)
{
  g_autoptr (LimnConfig) config = NULL;

  g_return_val_if_fail (self != NULL && config_path != NULL, FALSE);

  _limn_description_init (self, config_path);
  self->has_config = TRUE;
  config = limn_config_open (config_path, error);
  if (config == NULL)
    return FALSE;
  read_model (self, config);
  if (!limn_config_check (config, error))
    return FALSE;
  if ((self->cond_stage == LIMN_COND_STAGE_CLIP || self->cond_stage == LIMN_COND_STAGE_OPENCLIP)
      && text_config_path != NULL && g_file_test (text_config_path, G_FILE_TEST_EXISTS))
    return limn_clip_config_read (&self->text, text_config_path, error);
  return TRUE;
}

gboolean
limn_description_read_names (LimnDescription *self, const char *config_path, GError **error)
{
  g_autoptr (LimnConfig) config = NULL;

  g_return_val_if_fail (self != NULL && config_path != NULL, FALSE);

  config = limn_config_open (config_path, NULL);
  if (config == NULL || limn_config_has (config, "", "model")
      || !limn_config_has (config, "", "limn"))
    return TRUE;
  read_limn (self, config);
  return limn_config_check (config, error);
}

void
limn_description_clear (LimnDescription *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->architecture, g_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_pointer (&self->cond_stage_target, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->description, g_free);
  g_clear_pointer (&self->licence, g_free);
  g_clear_pointer (&self->sampler, g_free);
}

void
limn_description_note (LimnDescription *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

LimnWeightSource
limn_description_unet_source (const LimnDescription *self, LimnWeights *weights)
{
  return (LimnWeightSource){
    .weights = weights,
    .prefix = LIMN_UNET_PREFIX,
    .map = self->use_ema && limn_weights_has_ema (weights) ? limn_name_map_ema : NULL,
  };
}
