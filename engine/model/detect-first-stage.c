/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * AutoencoderKL and VQModelInterface from their tensors.
 */
#include "engine/model/detect-private.h"

/* Attention is counted from this; any number that all levels divide will do. */
#define RESOLUTION (1 << LIMN_AUTOENCODER_MAX_LEVELS)

static void
set_levels (LimnDetector *self, const char *prefix)
{
  LimnAutoencoderConfig *config = &self->description->autoencoder;

  config->resolution = RESOLUTION;
  while (config->n_levels < LIMN_AUTOENCODER_MAX_LEVELS
         && _limn_detect_has (self, "%sencoder.down.%d.block.0.conv1.weight", prefix,
                              config->n_levels))
    {
      int i = config->n_levels++;
      int width = _limn_detect_need (self, 0, "%sencoder.down.%d.block.0.conv1.weight", prefix, i);

      if (config->ch == 0 || width % config->ch != 0)
        _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                           "tensor %sencoder.down.%d.block.0.conv1.weight gives %d channels, "
                           "expected a multiple of %d",
                           prefix, i, width, config->ch);
      if (self->error != NULL)
        return;
      config->ch_mult[i] = width / config->ch;
      if (_limn_detect_has (self, "%sencoder.down.%d.attn.0.norm.weight", prefix, i))
        config->attn_resolutions[config->n_attn_resolutions++] = RESOLUTION >> i;
    }
  while (config->num_res_blocks < 100
         && _limn_detect_has (self, "%sencoder.down.0.block.%d.conv1.weight", prefix,
                              config->num_res_blocks))
    config->num_res_blocks++;
}

static void
set_architecture (LimnDescription *description)
{
  const LimnAutoencoderConfig *config = &description->autoencoder;
  int factor = 1 << MAX (config->n_levels - 1, 0);

  if (config->n_embed == 0)
    description->architecture = g_strdup_printf ("KL-f%d autoencoder", factor);
  else
    description->architecture
        = g_strdup_printf ("VQ-f%d autoencoder, %d entries%s", factor, config->n_embed,
                           config->mid_attention ? "" : ", no attention");
}

void
_limn_detect_first_stage (LimnDetector *self, const char *prefix)
{
  LimnAutoencoderConfig *config = &self->description->autoencoder;

  self->description->has_autoencoder = TRUE;
  self->description->autoencoder_prefix = prefix;
  config->ch = _limn_detect_need (self, 0, "%sencoder.conv_in.weight", prefix);
  config->in_channels = _limn_detect_need (self, 1, "%sencoder.conv_in.weight", prefix);
  config->out_ch = _limn_detect_need (self, 0, "%sdecoder.conv_out.weight", prefix);
  config->z_channels = _limn_detect_need (self, 0, "%spost_quant_conv.weight", prefix);
  config->embed_dim = _limn_detect_need (self, 1, "%spost_quant_conv.weight", prefix);
  config->mid_attention = _limn_detect_has (self, "%sencoder.mid.attn_1.norm.weight", prefix);
  if (_limn_detect_has (self, "%squantize.embedding.weight", prefix))
    config->n_embed = _limn_detect_need (self, 0, "%squantize.embedding.weight", prefix);
  config->double_z = config->n_embed == 0;
  set_levels (self, prefix);
  if (!self->description->has_unet && self->error == NULL)
    set_architecture (self->description);
}
