/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The JSON files of a diffusers folder. Keys and their defaults are those of diffusers'
 * UNet2DConditionModel, UNet2DModel, AutoencoderKL, VQModel and schedulers.
 */
#include "engine/model/diffusers.h"

#include <string.h>

#include "engine/model/description-private.h"
#include "engine/model/json-config.h"

#define MAX_TIMESTEPS 100000
#define VAE_SCALE 0.18215
#define DISTILLED_STEPS 4

static const char *const unet_parts[] = { "unet", NULL };
static const char *const vae_parts[] = { "vae", "vqvae", NULL };
static const char *const all_parts[] = { "unet", "vae", "vqvae", NULL };

static char *
file_in (const char *folder, const char *part, const char *name)
{
  char *path = part != NULL ? g_build_filename (folder, part, name, NULL)
                            : g_build_filename (folder, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  return NULL;
}

/* The config of the first of @parts that is there, or @folder's own when it is for one of
 * @classes; NULL when there is none. FALSE on error. */
static gboolean
open_part (const char *folder,
           const char *const *parts,
           const char *const *classes,
           LimnJsonConfig **config,
           GError **error)
{
  g_autofree char *path = NULL;
  const char *class;
  gboolean own;

  *config = NULL;
  for (gsize i = 0; parts[i] != NULL && path == NULL; i++)
    path = file_in (folder, parts[i], "config.json");
  own = path == NULL;
  if (own)
    path = file_in (folder, NULL, "config.json");
  if (path == NULL)
    return TRUE;
  *config = limn_json_config_open (path, error);
  if (*config == NULL)
    return FALSE;
  class = limn_json_config_string (*config, "_class_name");
  if (own && (class == NULL || !g_strv_contains (classes, class)))
    g_clear_pointer (config, limn_json_config_free);
  return TRUE;
}

/* A part's own config says its class; other programs' config.json does not. */
gboolean
limn_diffusers_is_part (const char *folder)
{
  g_autofree char *path = file_in (folder, NULL, "config.json");
  g_autoptr (LimnJsonConfig) config = path != NULL ? limn_json_config_open (path, NULL) : NULL;

  return config != NULL && limn_json_config_has (config, "_class_name");
}

gboolean
limn_diffusers_is_folder (const char *folder)
{
  g_autofree char *index = file_in (folder, NULL, "model_index.json");

  if (index != NULL || limn_diffusers_is_part (folder))
    return TRUE;
  for (gsize i = 0; all_parts[i] != NULL; i++)
    {
      g_autofree char *part = file_in (folder, all_parts[i], "config.json");

      if (part != NULL)
        return TRUE;
    }
  return FALSE;
}

/* ---- Settings that there is only one way of -------------------------------------------------- */

static void
expect_text (LimnJsonConfig *config, const char *key, const char *expected)
{
  const char *text
      = limn_json_config_has (config, key) ? limn_json_config_string (config, key) : NULL;

  if (text != NULL && !g_str_equal (text, expected))
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "“%s” is not supported, expected “%s”", text, expected);
}

static void
expect_int (LimnJsonConfig *config, const char *key, int expected)
{
  int value = expected;

  limn_json_config_int (config, key, &value);
  if (value != expected)
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "%d is not supported, expected %d", value, expected);
}

static void
expect_number (LimnJsonConfig *config, const char *key, double expected)
{
  double value = expected;

  limn_json_config_positive (config, key, &value);
  if (value != expected)
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "%g is not supported, expected %g", value, expected);
}

static void
expect_bool (LimnJsonConfig *config, const char *key, gboolean expected)
{
  gboolean value = expected;

  limn_json_config_bool (config, key, &value);
  if (value != expected)
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key, "%s is not supported yet",
                           value ? "true" : "false");
}

static void
expect_nothing (LimnJsonConfig *config, const char *key)
{
  if (limn_json_config_has (config, key))
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "this option is not supported yet");
}

/* ---- UNet ------------------------------------------------------------------------------------ */

/* In a UNet2DConditionModel attention_head_dim is, in spite of its name, how many heads there are;
 * num_attention_heads says so too. Per level: as many heads as widths divided by one number. */
static void
read_heads (LimnDescription *self, LimnJsonConfig *config)
{
  LimnUnetConfig *unet = &self->unet;
  int heads[LIMN_UNET_MAX_LEVELS] = { 8 };
  const char *key = limn_json_config_has (config, "num_attention_heads") ? "num_attention_heads"
                                                                         : "attention_head_dim";
  int n = limn_json_config_ints (config, key, heads, LIMN_UNET_MAX_LEVELS);
  gboolean same_count = TRUE, same_width = TRUE;
  gint64 base = (gint64)unet->model_channels * unet->channel_mult[0];

  for (int i = 0; i < n; i++)
    {
      gint64 width = (gint64)unet->model_channels * unet->channel_mult[MIN (i, unet->n_levels - 1)];

      if (heads[i] < 1)
        {
          limn_json_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, key, "expected 1 or more");
          return;
        }
      same_count &= heads[i] == heads[0];
      same_width &= width * heads[0] == base * heads[i];
    }
  unet->num_heads = unet->num_head_channels = -1;
  if (n <= 1 || same_count)
    unet->num_heads = heads[0];
  else if (same_width)
    unet->num_head_channels = (int)(base / heads[0]);
  else
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, key,
                           "neither one number of heads nor one width of a head for all levels");
}

/* In a UNet2DModel it is what it is called. */
static void
read_head_width (LimnDescription *self, LimnJsonConfig *config)
{
  int width = 8;

  limn_json_config_int (config, "attention_head_dim", &width);
  self->unet.num_heads = -1;
  self->unet.num_head_channels = width;
}

static void
read_cross_attention (LimnDescription *self, LimnJsonConfig *config)
{
  LimnUnetConfig *unet = &self->unet;
  gboolean only[LIMN_UNET_MAX_LEVELS] = { FALSE };
  int n = limn_json_config_bools (config, "only_cross_attention", only, LIMN_UNET_MAX_LEVELS);
  gboolean middle = n == 1 && only[0];

  for (int i = 0; n > 0 && i < unet->n_levels; i++)
    unet->disable_self_attentions[i] = only[MIN (i, n - 1)];
  limn_json_config_bool (config, "mid_block_only_cross_attention", &middle);
  unet->disable_middle_self_attn = middle;
}

static void
check_unet (LimnJsonConfig *config, gboolean conditional)
{
  expect_text (config, "act_fn", "silu");
  expect_text (config, "time_embedding_type", "positional");
  expect_int (config, "norm_num_groups", 32);
  expect_number (config, "norm_eps", 1e-5);
  expect_number (config, "mid_block_scale_factor", 1.0);
  expect_int (config, "downsample_padding", 1);
  expect_int (config, "freq_shift", 0);
  expect_bool (config, "flip_sin_to_cos", TRUE);
  expect_bool (config, "center_input_sample", FALSE);
  if (!conditional)
    return;
  expect_bool (config, "dual_cross_attention", FALSE);
  expect_nothing (config, "class_embed_type");
  expect_nothing (config, "addition_embed_type");
  expect_nothing (config, "encoder_hid_dim");
  expect_nothing (config, "timestep_post_act");
  expect_nothing (config, "time_embedding_act_fn");
}

static gboolean
read_unet (LimnDescription *self, const char *folder, GError **error)
{
  static const char *const classes[] = { "UNet2DConditionModel", "UNet2DModel", NULL };
  g_autoptr (LimnJsonConfig) config = NULL;
  gboolean conditional;

  if (!open_part (folder, unet_parts, classes, &config, error))
    return FALSE;
  if (config == NULL)
    return TRUE;
  conditional = g_strcmp0 (limn_json_config_string (config, "_class_name"), "UNet2DModel") != 0;
  check_unet (config, conditional);
  if (conditional)
    {
      read_heads (self, config);
      read_cross_attention (self, config);
      if (limn_json_config_has (config, "time_cond_proj_dim"))
        expect_int (config, "time_cond_proj_dim", self->unet.time_cond_dim);
    }
  else
    read_head_width (self, config);
  if (!limn_json_config_is_list (config, "sample_size"))
    limn_json_config_int (config, "sample_size", &self->image_size);
  return limn_json_config_check (config, error);
}

/* ---- Autoencoder ----------------------------------------------------------------------------- */

static gboolean
read_vae (LimnDescription *self, const char *folder, GError **error)
{
  static const char *const classes[] = { "AutoencoderKL", "VQModel", NULL };
  g_autoptr (LimnJsonConfig) config = NULL;

  if (!open_part (folder, vae_parts, classes, &config, error))
    return FALSE;
  if (config == NULL)
    return TRUE;
  expect_text (config, "act_fn", "silu");
  expect_text (config, "norm_type", "group");
  expect_int (config, "norm_num_groups", 32);
  expect_nothing (config, "latents_mean");
  expect_nothing (config, "shift_factor");
  if (self->has_unet)
    {
      /* The published VQModels do not say it, and those of the paper have 1: what the UNet's kind
       * says stays. */
      if (g_strcmp0 (limn_json_config_string (config, "_class_name"), "VQModel") != 0)
        self->scale_factor = VAE_SCALE;
      limn_json_config_positive (config, "scaling_factor", &self->scale_factor);
    }
  return limn_json_config_check (config, error);
}

/* ---- Schedulers ------------------------------------------------------------------------------ */

static void
read_betas (LimnJsonConfig *config, LimnBetas *betas, double *start, double *end, int *timesteps)
{
  const char *name = limn_json_config_string (config, "beta_schedule");

  *betas = LIMN_BETAS_SQRT_LINEAR;
  *start = 0.0001;
  *end = 0.02;
  *timesteps = 1000;
  if (g_strcmp0 (name, "scaled_linear") == 0)
    *betas = LIMN_BETAS_LINEAR;
  else if (g_strcmp0 (name, "squaredcos_cap_v2") == 0)
    *betas = LIMN_BETAS_COSINE;
  else if (name != NULL && !g_str_equal (name, "linear"))
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, "beta_schedule",
                           "“%s” is not supported", name);
  limn_json_config_fraction (config, "beta_start", start);
  limn_json_config_fraction (config, "beta_end", end);
  limn_json_config_int (config, "num_train_timesteps", timesteps);
  if (*timesteps < 1 || *timesteps > MAX_TIMESTEPS)
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_BAD_FILE, "num_train_timesteps",
                           "expected 1 to %d", MAX_TIMESTEPS);
  expect_nothing (config, "trained_betas");
}

static void
read_prediction (LimnDescription *self, LimnJsonConfig *config)
{
  const char *name = limn_json_config_string (config, "prediction_type");

  if (name == NULL || g_str_equal (name, "epsilon"))
    self->prediction = LIMN_PREDICT_EPSILON;
  else if (g_str_equal (name, "v_prediction"))
    self->prediction = LIMN_PREDICT_V;
  else if (g_str_equal (name, "sample"))
    self->prediction = LIMN_PREDICT_X0;
  else
    limn_json_config_fail (config, LIMN_ENGINE_ERROR_UNSUPPORTED, "prediction_type",
                           "“%s” is not supported", name);
}

static void
read_spacing (LimnDescription *self, LimnJsonConfig *config)
{
  const char *name = limn_json_config_string (config, "timestep_spacing");
  gboolean alpha_to_one = TRUE;

  limn_json_config_bool (config, "set_alpha_to_one", &alpha_to_one);
  self->end_low = !alpha_to_one;

  if (g_strcmp0 (name, "trailing") == 0)
    self->spacing = LIMN_SPACING_TRAILING;
  else if (g_strcmp0 (name, "linspace") == 0)
    self->spacing = LIMN_SPACING_LINSPACE;
  else if (g_strcmp0 (name, "leading") == 0)
    self->spacing = LIMN_SPACING_LEADING;
}

/* Networks that are distilled to jump far are sampled by the scheduler that they were made for. */
static void
read_solver (LimnDescription *self, LimnJsonConfig *config)
{
  const char *name = limn_json_config_string (config, "_class_name");

  if (g_strcmp0 (name, "LCMScheduler") == 0)
    self->sampler = g_strdup ("lcm");
  else if (g_strcmp0 (name, "TCDScheduler") == 0)
    self->sampler = g_strdup ("tcd");
  if (self->sampler != NULL)
    self->steps = DISTILLED_STEPS;
  /* A network that is told its guidance has a default of its own. */
  if (self->sampler != NULL && self->unet.time_cond_dim == 0)
    self->guidance = 1.0;
}

static gboolean
read_scheduler (LimnDescription *self, const char *folder, GError **error)
{
  g_autofree char *path = file_in (folder, "scheduler", "scheduler_config.json");
  g_autoptr (LimnJsonConfig) config = NULL;

  if (path == NULL)
    return TRUE;
  config = limn_json_config_open (path, error);
  if (config == NULL)
    return FALSE;
  g_ptr_array_set_size (self->notes, 0);
  read_betas (config, &self->betas, &self->linear_start, &self->linear_end, &self->timesteps);
  read_prediction (self, config);
  read_spacing (self, config);
  read_solver (self, config);
  self->zero_snr = FALSE;
  limn_json_config_bool (config, "rescale_betas_zero_snr", &self->zero_snr);
  return limn_json_config_check (config, error);
}

/* The schedule by which the x4-upscaler's small picture is noised. */
static gboolean
read_low_scheduler (LimnDescription *self, const char *folder, GError **error)
{
  g_autofree char *path = file_in (folder, "low_res_scheduler", "scheduler_config.json");
  g_autofree char *index_path = file_in (folder, NULL, "model_index.json");
  g_autoptr (LimnJsonConfig) config = NULL, index = NULL;

  if (path == NULL || !self->noise_level)
    return TRUE;
  config = limn_json_config_open (path, error);
  if (config == NULL)
    return FALSE;
  read_betas (config, &self->low_betas, &self->low_start, &self->low_end, &self->low_timesteps);
  if (index_path != NULL)
    {
      index = limn_json_config_open (index_path, error);
      if (index == NULL)
        return FALSE;
      limn_json_config_int (index, "max_noise_level", &self->max_noise_level);
      if (!limn_json_config_check (index, error))
        return FALSE;
    }
  self->max_noise_level
      = MAX (1, MIN (self->max_noise_level, MIN (self->unet.num_classes, self->low_timesteps)));
  return limn_json_config_check (config, error);
}

/* ---- Text encoder ---------------------------------------------------------------------------- */

/* Its last block is not in the folder when the pipeline does not use it. */
static gboolean
read_text_encoder (LimnDescription *self, const char *folder, GError **error)
{
  g_autofree char *path = file_in (folder, "text_encoder", "config.json");

  if (path == NULL || self->text_prefix == NULL)
    return TRUE;
  self->text.skip_layers = 0;
  return limn_clip_config_read (&self->text, path, error);
}

gboolean
limn_description_read_diffusers (LimnDescription *self, const char *folder, GError **error)
{
  g_return_val_if_fail (self != NULL && folder != NULL, FALSE);

  if (!read_vae (self, folder, error))
    return FALSE;
  return !self->has_unet
         || (read_unet (self, folder, error) && read_scheduler (self, folder, error)
             && read_low_scheduler (self, folder, error)
             && read_text_encoder (self, folder, error));
}
