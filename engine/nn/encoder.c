/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

LimnEncoder *
limn_encoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config)
{
  LimnEncoder *self = g_new0 (LimnEncoder, 1);
  int resolution = config->resolution;
  int ch = config->ch;

  limn_bind_conv (binder, &self->conv_in, config->in_channels, ch, 3, 1, 1, "encoder.conv_in");
  for (int i = 0; i < config->n_levels; i++)
    {
      LimnVaeLevel *level = &self->levels[i];
      int width = config->ch * config->ch_mult[i];

      level->n_blocks = config->num_res_blocks;
      level->pixel = limn_vae_pixel (ch, level->n_blocks > 0 ? width : ch);
      level->blocks = g_new0 (LimnResnet, level->n_blocks);
      if (limn_vae_has_attention (config, resolution))
        level->attention = g_new0 (LimnPixelAttention, level->n_blocks);
      for (int j = 0; j < level->n_blocks; j++, ch = width)
        {
          g_autofree char *block = g_strdup_printf ("encoder.down.%d.block.%d", i, j);
          g_autofree char *attn = g_strdup_printf ("encoder.down.%d.attn.%d", i, j);

          limn_resnet_bind (&level->blocks[j], binder, block, ch, width);
          if (level->attention != NULL)
            limn_pixel_attention_bind (&level->attention[j], binder, attn, width);
        }
      if (i + 1 == config->n_levels)
        break;
      /* Padded on the right and at the bottom only, unlike the UNet's. */
      level->has_resample = TRUE;
      limn_bind_conv (binder, &level->resample, ch, ch, 3, 2, 0, "encoder.down.%d.downsample.conv",
                      i);
      level->resample.pad_bottom = level->resample.pad_right = 1;
      resolution /= 2;
    }
  limn_vae_middle_bind (&self->middle, binder, "encoder.mid", ch, config->mid_attention);
  limn_bind_group_norm (binder, &self->norm_out, ch, "encoder.norm_out");
  limn_bind_conv (binder, &self->conv_out, ch,
                  config->double_z ? 2 * config->z_channels : config->z_channels, 3, 1, 1,
                  "encoder.conv_out");
  return self;
}

void
limn_encoder_free (LimnEncoder *self)
{
  for (int i = 0; i < LIMN_AUTOENCODER_MAX_LEVELS; i++)
    limn_vae_level_clear (&self->levels[i]);
  g_free (self);
}

gint64
limn_encoder_place_bytes (const LimnAutoencoderConfig *config)
{
  gint64 most = 0;

  for (int i = 0; i < config->n_levels; i++)
    {
      gint64 width = (gint64)config->ch * config->ch_mult[i];
      gint64 before = i > 0 ? (gint64)config->ch * config->ch_mult[i - 1] : config->ch;

      most = MAX (most, (limn_vae_pixel (before, width) >> (2 * i)) + 1);
    }
  return (gint64)sizeof (float) * most;
}

LimnTensor
limn_encoder_forward (LimnEncoder *self,
                      LimnRun *run,
                      const LimnAutoencoderConfig *config,
                      const LimnTensor *image)
{
  LimnVaeMap map = limn_vae_map_new (run, image->extent[0], image->extent[1], image->extent[2],
                                     self->levels[0].pixel);
  LimnTensor trunk = limn_vae_trunk (run, &map, self->conv_in.n_out);
  LimnConvFused first = { .place = &trunk };

  limn_conv2d_fused (run, &self->conv_in, image, &first);
  for (int i = 0; i < config->n_levels; i++)
    {
      limn_vae_level_forward (&self->levels[i], run, &map);
      if (self->levels[i].has_resample)
        limn_vae_map_reduce (run, &map, &self->levels[i].resample, self->levels[i + 1].pixel);
    }
  limn_vae_middle_forward (&self->middle, run, &map);
  return limn_vae_head_forward (&self->norm_out, &self->conv_out, run, &map);
}
