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

/* Channels per full-resolution pixel of the largest map between blocks; resolutions halve, so a
 * wide level counts less the deeper it is. */
static gint64
trunk_channels (const LimnAutoencoderConfig *config)
{
  gint64 most = config->ch;

  for (int i = 0; i < config->n_levels; i++)
    {
      gint64 width = (gint64) config->ch * config->ch_mult[i];

      most = MAX (most, (width >> (2 * i)) + 1);
    }
  return most;
}

LimnTensor
limn_encoder_forward (LimnEncoder *self, LimnRun *run, const LimnAutoencoderConfig *config,
                      const LimnTensor *image)
{
  LimnTensor trunk = limn_run_nhwc (run, image->extent[0], image->extent[1], image->extent[2],
                                    trunk_channels (config));
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = limn_conv2d (run, &self->conv_in, image, NULL);

  h = limn_keep (run, &trunk, &h, mark);
  for (int i = 0; i < config->n_levels; i++)
    {
      h = limn_vae_level_forward (&self->levels[i], run, &h, &trunk);
      if (!self->levels[i].has_resample)
        continue;
      h = limn_conv2d (run, &self->levels[i].resample, &h, NULL);
      h = limn_keep (run, &trunk, &h, mark);
    }
  h = limn_vae_middle_forward (&self->middle, run, &h, &trunk);
  h = limn_group_norm (run, &self->norm_out, &h, LIMN_N_GROUPS, LIMN_VAE_EPSILON,
                       LIMN_ACTIVATION_SILU);
  return limn_conv2d (run, &self->conv_out, &h, NULL);
}
