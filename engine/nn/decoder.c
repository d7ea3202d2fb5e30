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

/* Channels per latent position of the largest map between blocks: a level's own width, also after
 * its upsampling. */
static gint64
trunk_channels (const LimnAutoencoderConfig *config)
{
  gint64 most = 0;

  for (int i = 0; i < config->n_levels; i++)
    {
      gint64 width = (gint64) config->ch * config->ch_mult[i];
      int side = 1 << (config->n_levels - 1 - MAX (i - 1, 0));

      most = MAX (most, width * side * side);
    }
  return most;
}

/* The same of the largest map within a block. */
static gint64
inner_channels (const LimnAutoencoderConfig *config)
{
  gint64 most = 0;

  for (int i = 0; i < config->n_levels; i++)
    {
      gint64 width = (gint64) config->ch * config->ch_mult[i];
      int side = 1 << (config->n_levels - 1 - i);

      most = MAX (most, width * side * side);
    }
  return most;
}

/* Twice as high and wide, from trunk to trunk: the small map makes room for the large one. */
static LimnTensor
enlarge (LimnConv2d *conv, LimnRun *run, const LimnTensor *x, const LimnVaePlaces *places)
{
  LimnTensor large = limn_vae_view (run, &places->trunk, x->extent[0], 2 * x->extent[1],
                                    2 * x->extent[2], conv->n_out);
  LimnTensor small = limn_keep (run, &places->inner, x, limn_run_mark (run));
  LimnConvFused fused = { .enlarge = TRUE, .place = &large };

  return limn_conv2d_fused (run, conv, &small, &fused);
}

gint64
limn_decoder_place_bytes (const LimnAutoencoderConfig *config)
{
  return (gint64) sizeof (float)
         * (trunk_channels (config) + inner_channels (config));
}

LimnTensor
limn_decoder_forward (LimnDecoder *self, LimnRun *run, const LimnAutoencoderConfig *config,
                      const LimnTensor *z)
{
  gint64 n = z->extent[0], height = z->extent[1], width = z->extent[2];
  LimnVaePlaces places = {
    .trunk = limn_run_nhwc (run, n, height, width, trunk_channels (config)),
    .inner = limn_run_nhwc (run, n, height, width, inner_channels (config)),
  };
  LimnTensor h = limn_vae_view (run, &places.trunk, n, height, width, self->conv_in.n_out);
  LimnConvFused first = { .place = &h };

  h = limn_conv2d_fused (run, &self->conv_in, z, &first);
  h = limn_vae_middle_forward (&self->middle, run, &h, &places);
  for (int i = config->n_levels - 1; i >= 0; i--)
    {
      h = limn_vae_level_forward (&self->levels[i], run, &h, &places);
      if (self->levels[i].has_resample)
        h = enlarge (&self->levels[i].resample, run, &h, &places);
    }
  return limn_vae_head_forward (&self->norm_out, &self->conv_out, run, &h);
}
