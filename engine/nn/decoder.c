/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

LimnDecoder *
limn_decoder_new (LimnBinder *binder, const LimnAutoencoderConfig *config)
{
  LimnDecoder *self = g_new0 (LimnDecoder, 1);
  int resolution = config->resolution >> (config->n_levels - 1);
  int ch = config->ch * config->ch_mult[config->n_levels - 1];

  limn_bind_conv (binder, &self->conv_in, config->z_channels, ch, 3, 1, 1, "decoder.conv_in");
  limn_vae_middle_bind (&self->middle, binder, "decoder.mid", ch, config->mid_attention);
  for (int i = config->n_levels - 1; i >= 0; i--)
    {
      LimnVaeLevel *level = &self->levels[i];
      int width = config->ch * config->ch_mult[i];

      level->n_blocks = config->num_res_blocks + 1;
      level->pixel = limn_vae_pixel (ch, width);
      level->blocks = g_new0 (LimnResnet, level->n_blocks);
      if (limn_vae_has_attention (config, resolution))
        level->attention = g_new0 (LimnPixelAttention, level->n_blocks);
      for (int j = 0; j < level->n_blocks; j++, ch = width)
        {
          g_autofree char *block = g_strdup_printf ("decoder.up.%d.block.%d", i, j);
          g_autofree char *attn = g_strdup_printf ("decoder.up.%d.attn.%d", i, j);

          limn_resnet_bind (&level->blocks[j], binder, block, ch, width);
          if (level->attention != NULL)
            limn_pixel_attention_bind (&level->attention[j], binder, attn, width);
        }
      if (i == 0)
        break;
      level->has_resample = TRUE;
      limn_bind_conv (binder, &level->resample, ch, ch, 3, 1, 1, "decoder.up.%d.upsample.conv", i);
      resolution *= 2;
    }
  limn_bind_group_norm (binder, &self->norm_out, ch, "decoder.norm_out");
  limn_bind_conv (binder, &self->conv_out, ch, config->out_ch, 3, 1, 1, "decoder.conv_out");
  return self;
}

void
limn_decoder_free (LimnDecoder *self)
{
  for (int i = 0; i < LIMN_AUTOENCODER_MAX_LEVELS; i++)
    limn_vae_level_clear (&self->levels[i]);
  g_free (self);
}

gint64
limn_decoder_place_bytes (const LimnAutoencoderConfig *config)
{
  gint64 most = 0;

  for (int i = 0; i < config->n_levels; i++)
    {
      gint64 width = (gint64)config->ch * config->ch_mult[i];
      gint64 before = (gint64)config->ch * config->ch_mult[MIN (i + 1, config->n_levels - 1)];
      int side = 1 << (config->n_levels - 1 - i);

      most = MAX (most, limn_vae_pixel (before, width) * side * side);
    }
  return (gint64)sizeof (float) * most;
}

LimnTensor
limn_decoder_forward (LimnDecoder *self,
                      LimnRun *run,
                      const LimnAutoencoderConfig *config,
                      const LimnTensor *z)
{
  int last = config->n_levels - 1;
  LimnVaeMap map
      = limn_vae_map_new (run, z->extent[0], z->extent[1], z->extent[2], self->levels[last].pixel);
  LimnTensor trunk = limn_vae_trunk (run, &map, self->conv_in.n_out);
  LimnConvFused first = { .place = &trunk };

  limn_conv2d_fused (run, &self->conv_in, z, &first);
  limn_vae_middle_forward (&self->middle, run, &map);
  for (int i = last; i >= 0; i--)
    {
      limn_vae_level_forward (&self->levels[i], run, &map);
      if (self->levels[i].has_resample)
        limn_vae_map_enlarge (run, &map, &self->levels[i].resample, self->levels[i - 1].pixel);
    }
  return limn_vae_head_forward (&self->norm_out, &self->conv_out, run, &map);
}
