/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/model/detect.h"

#include <string.h>

#include "engine/model/detect-private.h"

/* ---- Looking --------------------------------------------------------------------------------- */

static LimnTensor
find (LimnDetector *self, const char *name)
{
  LimnTensor tensor;

  if (self->error != NULL || !limn_weights_lookup (self->weights, name, &tensor))
    return (LimnTensor){ .n_dims = 0 };
  return tensor;
}

#define FORMAT(name, format)                                                                       \
  g_autofree char *name = NULL;                                                                    \
  va_list args;                                                                                    \
  va_start (args, format);                                                                         \
  name = g_strdup_vprintf (format, args);                                                          \
  va_end (args)

LimnTensor
_limn_detect_tensor (LimnDetector *self, const char *format, ...)
{
  FORMAT (name, format);

  return find (self, name);
}

gboolean
_limn_detect_has (LimnDetector *self, const char *format, ...)
{
  FORMAT (name, format);

  return self->error == NULL && limn_weights_has (self->weights, name);
}

int
_limn_detect_need (LimnDetector *self, int dim, const char *format, ...)
{
  FORMAT (name, format);
  LimnTensor tensor = find (self, name);

  if (self->error != NULL)
    return 0;
  if (dim < tensor.n_dims && tensor.extent[dim] >= 1 && tensor.extent[dim] <= 1000000)
    return (int)tensor.extent[dim];
  if (limn_weights_has (self->weights, name))
    {
      g_autofree char *found = limn_tensor_describe (&tensor);

      _limn_detect_fail (self, LIMN_ENGINE_ERROR_SHAPE,
                         "tensor %s is %s, expected %d or more extents of 1 to 1000000", name,
                         found, dim + 1);
    }
  else
    _limn_detect_fail (self, LIMN_ENGINE_ERROR_MISSING, "tensor %s is missing", name);
  return 0;
}

void
_limn_detect_fail (LimnDetector *self, int code, const char *format, ...)
{
  FORMAT (message, format);

  if (self->error == NULL)
    self->error = g_error_new (LIMN_ENGINE_ERROR, code, "%s: %s",
                               limn_weights_get_path (self->weights), message);
}

/* ---- Other kinds of files -------------------------------------------------------------------- */

/* Names that tell what a file is that this engine does not run as a model. */
static const struct
{
  const char *prefix, *what;
} others[] = {
  { "conditioner.embedders.", "a Stable Diffusion XL model" },
  { "model.diffusion_model.label_emb.0.", "a Stable Diffusion XL model" },
  { "model.diffusion_model.joint_blocks.", "a Stable Diffusion 3 model" },
  { "joint_blocks.", "a Stable Diffusion 3 model" },
  { "model.diffusion_model.double_blocks.", "a Flux model" },
  { "double_blocks.", "a Flux model" },
  { "control_model.", "a ControlNet" },
  { "string_to_param", "a textual inversion" },
};

static void
refuse_others (LimnDetector *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (limn_weights_has_prefix (self->weights, others[i].prefix))
      {
        _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                           "this is %s, which cannot be opened as a latent diffusion model",
                           others[i].what);
        return;
      }
}

/* Bytes of a name that are shown. */
#define MAX_SHOWN_NAME 100

static void
refuse_unknown (LimnDetector *self)
{
  const char *const *names = limn_weights_list (self->weights);

  for (gsize i = 0; names[i] != NULL; i++)
    if (strstr (names[i], "lora_") != NULL || strstr (names[i], "_lora.") != NULL)
      {
        _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                           "this is a LoRA file: it changes a model, and is none");
        return;
      }
  if (names[0] == NULL)
    _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED, "there are no tensors in it");
  else
    {
      /* Names in a pickle are any bytes. */
      g_autofree char *cut = g_strndup (names[0], MAX_SHOWN_NAME);
      g_autofree char *shown = g_strescape (cut, NULL);

      _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                         "neither a latent diffusion model nor an autoencoder: its first tensor is "
                         "%s, expected model.diffusion_model.input_blocks.0.0.weight or "
                         "encoder.conv_in.weight",
                         shown);
    }
}

/* ---- All of it ------------------------------------------------------------------------------- */

static const char *
metadata (LimnDetector *self, const char *key)
{
  const char *text = limn_weights_get_metadata (self->weights, key);

  return text != NULL && text[0] != '\0' && g_utf8_validate (text, -1, NULL) ? text : NULL;
}

/* What a file of Stability's model specification says about itself. */
static void
read_metadata (LimnDetector *self)
{
  self->description->description = g_strdup (metadata (self, "modelspec.description"));
  self->description->licence = g_strdup (metadata (self, "modelspec.license"));
}

static void
detect (LimnDetector *self)
{
  gboolean unet = _limn_detect_has (self, LIMN_UNET_PREFIX "input_blocks.0.0.weight");
  gboolean inner = _limn_detect_has (self, LIMN_FIRST_STAGE_PREFIX "encoder.conv_in.weight");
  gboolean alone = _limn_detect_has (self, "encoder.conv_in.weight");

  refuse_others (self);
  if (!unet && !inner && !alone)
    refuse_unknown (self);
  if (unet)
    _limn_detect_unet (self);
  if (inner || alone)
    _limn_detect_first_stage (self, inner ? LIMN_FIRST_STAGE_PREFIX : "");
  if (unet)
    {
      _limn_detect_condition (self);
      _limn_detect_training (self);
    }
  read_metadata (self);
}

gboolean
limn_description_detect (LimnDescription *self, LimnWeights *weights, GError **error)
{
  LimnDetector detector = { .weights = weights, .description = self };

  g_return_val_if_fail (self != NULL && weights != NULL, FALSE);

  _limn_description_init (self, limn_weights_get_path (weights));
  self->use_ema = TRUE;
  detect (&detector);
  if (detector.error == NULL)
    return TRUE;
  g_propagate_error (error, detector.error);
  return FALSE;
}
