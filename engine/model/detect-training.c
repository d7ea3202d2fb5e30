/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the shapes of tensors do not show: heads, the noise schedule, what the UNet predicts, the
 * scale of the latent. Each from where it is said most plainly: the file's own buffers and
 * metadata, then the published model that it is most like.
 */
#include <math.h>

#include "engine/model/detect-private.h"
#include "engine/model/detect.h"
#include "engine/model/zoo.h"

#define MAX_TIMESTEPS 100000

/* The x4-upscaler's own settings, from its published scheduler and pipeline configs. */
#define MAX_NOISE_LEVEL 350

/* ---- Schedule -------------------------------------------------------------------------------- */

/* The number that was written in decimal and stored as float32. */
static double
decimal (float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_ascii_strtod (g_ascii_formatd (text, sizeof text, "%.6g", (double)value), NULL);
}

static gboolean
is_near (double a, double b)
{
  return fabs (a - b) <= 1e-4 * fabs (b);
}

/* Which of the known schedules has these betas. */
static gboolean
fit_betas (LimnDescription *description, const float *betas, int n)
{
  double start = betas[0], end = betas[n - 1], middle = betas[n / 2];
  double share = (double)(n / 2) / (double)(n - 1);
  double root = sqrt (start) + share * (sqrt (end) - sqrt (start));

  if (!(start > 0 && start < 1 && end > 0 && end < 1))
    return FALSE;
  if (is_near (middle, root * root))
    description->betas = LIMN_BETAS_LINEAR;
  else if (is_near (middle, start + share * (end - start)))
    description->betas = LIMN_BETAS_SQRT_LINEAR;
  else
    return FALSE;
  description->timesteps = n;
  description->linear_start = decimal (betas[0]);
  description->linear_end = decimal (betas[n - 1]);
  return TRUE;
}

/* LDM's checkpoints keep the schedule beside the weights. */
static void
read_betas (LimnDetector *self)
{
  LimnTensor tensor = _limn_detect_tensor (self, "betas");
  g_autofree float *betas = NULL;
  gint64 n = tensor.n_dims == 1 ? tensor.extent[0] : 0;

  if (n < 3 || n > MAX_TIMESTEPS || !limn_dtype_is_float (tensor.dtype))
    return;
  betas = g_new (float, n);
  limn_tensor_read_f32 (&tensor, 0, n, betas);
  if (!fit_betas (self->description, betas, (int)n))
    limn_description_note (self->description,
                           "The file has a noise schedule of an unknown kind; the usual one of its "
                           "architecture is used.");
}

/* ---- What the UNet predicts ------------------------------------------------------------------ */

/* Standard deviation of a norm's shifts above which a Stable Diffusion 2 was trained further, to
 * predict v: a rule of thumb of other programs (ComfyUI's model detection). */
#define V_NORM LIMN_UNET_PREFIX "output_blocks.11.1.transformer_blocks.0.norm1.bias"
#define V_DEVIATION 0.09

static double
deviation (const LimnTensor *tensor)
{
  gint64 n = limn_tensor_count (tensor);
  g_autofree float *values = g_new (float, n);
  double sum = 0, squares = 0;

  limn_tensor_read_f32 (tensor, 0, n, values);
  for (gint64 i = 0; i < n; i++)
    sum += values[i];
  for (gint64 i = 0; i < n; i++)
    squares += (values[i] - sum / (double)n) * (values[i] - sum / (double)n);
  return sqrt (squares / (double)n);
}

/* What the file says itself; FALSE when it says nothing. */
static gboolean
read_prediction (LimnDetector *self)
{
  const char *name = limn_weights_get_metadata (self->weights, "modelspec.prediction_type");
  const char *kohya = limn_weights_get_metadata (self->weights, "ss_v_parameterization");
  const char *architecture = limn_weights_get_metadata (self->weights, "modelspec.architecture");

  if (_limn_detect_has (self, "v_pred") || g_strcmp0 (name, "v") == 0
      || g_strcmp0 (kohya, "True") == 0
      || (architecture != NULL && g_str_has_suffix (architecture, "-768-v")))
    self->description->prediction = LIMN_PREDICT_V;
  else if (g_strcmp0 (name, "epsilon") == 0 || g_strcmp0 (kohya, "False") == 0)
    self->description->prediction = LIMN_PREDICT_EPSILON;
  else
    return FALSE;
  return TRUE;
}

/* Stable Diffusion 2 was published both ways with the same tensors. */
static void
guess_prediction (LimnDetector *self)
{
  LimnDescription *description = self->description;
  LimnTensor norm = _limn_detect_tensor (self, V_NORM);
  gboolean ordinary = description->unet.use_linear_in_transformer
                      && description->condition == LIMN_CONDITION_CROSSATTN;

  if (description->noise_level)
    description->prediction = LIMN_PREDICT_V;
  if (!ordinary)
    return;
  if (norm.n_dims == 1 && norm.extent[0] > 0 && norm.extent[0] <= 1 << 16
      && limn_dtype_is_float (norm.dtype) && deviation (&norm) > V_DEVIATION)
    description->prediction = LIMN_PREDICT_V;
  limn_description_note (
      description,
      "The file does not say what its UNet predicts: %s is assumed by the look of one norm. If "
      "pictures are nothing but noise, give it a config.yaml with the other parameterization.",
      description->prediction == LIMN_PREDICT_V ? "v" : "noise (epsilon)");
}

/* ---- From the published models --------------------------------------------------------------- */

static void
use_row (LimnDetector *self, const LimnZooRow *row, gboolean exact)
{
  LimnDescription *description = self->description;

  description->unet.num_heads = row->num_heads;
  description->unet.num_head_channels = row->num_head_channels;
  description->betas = LIMN_BETAS_LINEAR;
  description->linear_start = row->linear_start;
  description->linear_end = row->linear_end;
  description->scale_factor = row->scale_factor;
  description->image_size = row->image_size;
  if (exact)
    {
      description->architecture = g_strdup (row->architecture);
      if (row->note != NULL)
        limn_description_note (description, "%s", row->note);
      return;
    }
  description->architecture = g_strdup_printf ("%s, of other proportions", row->architecture);
  limn_description_note (description,
                         "Not one of the published models; attention heads, noise schedule and "
                         "scale of the latent are assumed to be those of %s.",
                         row->architecture);
}

static void
set_noise_level (LimnDescription *description)
{
  description->max_noise_level = MIN (MAX_NOISE_LEVEL, description->unet.num_classes);
  description->low_betas = LIMN_BETAS_LINEAR;
  description->low_start = 0.0001;
  description->low_end = 0.02;
  description->low_timesteps = 1000;
}

void
_limn_detect_training (LimnDetector *self)
{
  LimnDescription *description = self->description;
  const LimnZooRow *row;
  gboolean exact = FALSE;

  if (self->error != NULL)
    return;
  row = _limn_zoo_find (description, &exact);
  if (row == NULL)
    {
      _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                         "a UNet of no known kind: %d channels in, %d out, context of %d numbers; "
                         "it needs a config.yaml",
                         description->unet.in_channels, description->unet.out_channels,
                         description->unet.context_dim);
      return;
    }
  use_row (self, row, exact);
  read_betas (self);
  if (!read_prediction (self))
    guess_prediction (self);
  description->zero_snr = _limn_detect_has (self, "ztsnr");
  if (description->noise_level)
    set_noise_level (description);
  else if (description->unet.use_linear_in_transformer && description->prediction == LIMN_PREDICT_V)
    description->image_size = 96;
}

gboolean
limn_description_check_heads (const LimnDescription *self, GError **error)
{
  const LimnUnetConfig *unet = &self->unet;
  gboolean by_count = unet->num_heads > 0;
  int n = by_count ? unet->num_heads : unet->num_head_channels;

  for (int i = 0; self->has_unet && i <= unet->n_attention_resolutions; i++)
    {
      /* Last, the middle block. */
      int level = i < unet->n_attention_resolutions
                      ? g_bit_nth_msf ((gulong)unet->attention_resolutions[i], -1)
                      : unet->n_levels - 1;
      int width = unet->model_channels * unet->channel_mult[level];

      if (n > 0 && width % n == 0)
        continue;
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED,
                   "%s: the UNet's level of %d channels cannot be divided into heads as those of "
                   "the published model are (%d %s): it needs a config.yaml",
                   self->path, width, n, by_count ? "heads" : "channels each");
      return FALSE;
    }
  return TRUE;
}
