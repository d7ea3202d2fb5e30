/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/unet-private.h"

#define TIME_EMBED_FACTOR 4 /* width of the time embedding / model_channels */

/* Bounds of what a description may ask for: far above any published model, low enough that no
 * product overflows. */
#define MAX_CHANNELS 65536
#define MAX_DEPTH 64
#define MAX_CLASSES (1 << 22)

void
limn_unet_config_init (LimnUnetConfig *config)
{
  *config = (LimnUnetConfig){
    .num_heads = -1,
    .num_heads_upsample = -1,
    .num_head_channels = -1,
    .transformer_depth = 1,
    .conv_resample = TRUE,
    .legacy = TRUE,
  };
}

int
limn_unet_config_get_res_blocks (const LimnUnetConfig *config, int level)
{
  return config->level_res_blocks[level] != 0 ? config->level_res_blocks[level]
                                              : config->num_res_blocks;
}

int
limn_unet_get_factor (const LimnUnet *self)
{
  return 1 << (self->config.n_levels - 1);
}

/* ---- Binding -------------------------------------------------------------------------------- */

static void
in_range (LimnBinder *binder, const char *key, gint64 value, gint64 min, gint64 max)
{
  g_autofree char *what = g_strconcat ("unet_config: ", key, NULL);

  limn_binder_check_range (binder, what, value, min, max);
}

static void
check_levels (LimnBinder *binder, const LimnUnetConfig *config)
{
  for (int i = 0; limn_binder_ok (binder) && i < config->n_levels; i++)
    {
      int n_blocks = limn_unet_config_get_res_blocks (config, i);

      in_range (binder, "channel_mult", config->channel_mult[i], 1,
                MAX_CHANNELS / config->model_channels);
      in_range (binder, "num_res_blocks", n_blocks, 1, LIMN_UNET_MAX_RES_BLOCKS);
      if (config->has_num_attention_blocks)
        in_range (binder, "num_attention_blocks", config->num_attention_blocks[i], 0, n_blocks);
    }
}

static void
check_config (LimnBinder *binder, const LimnUnetConfig *config)
{
  in_range (binder, "in_channels", config->in_channels, 1, MAX_CHANNELS);
  in_range (binder, "out_channels", config->out_channels, 1, MAX_CHANNELS);
  in_range (binder, "model_channels", config->model_channels, 2, MAX_CHANNELS);
  in_range (binder, "number of channel_mult", config->n_levels, 1, LIMN_UNET_MAX_LEVELS);
  in_range (binder, "transformer_depth", config->transformer_depth, 1, MAX_DEPTH);
  in_range (binder, "context_dim", config->context_dim, 0, MAX_CHANNELS);
  in_range (binder, "num_classes", config->num_classes, 0, MAX_CLASSES);
  in_range (binder, "time_cond_proj_dim", config->time_cond_dim, 0, MAX_CHANNELS);
  if (config->time_cond_dim > 0)
    in_range (binder, "time_cond_proj_dim", config->time_cond_dim, 4, MAX_CHANNELS);
  in_range (binder, "number of attention_resolutions", config->n_attention_resolutions, 0,
            LIMN_UNET_MAX_LEVELS);
  if (config->num_heads != -1)
    in_range (binder, "num_heads", config->num_heads, 1, MAX_CHANNELS);
  if (config->num_heads_upsample != -1)
    in_range (binder, "num_heads_upsample", config->num_heads_upsample, 1, MAX_CHANNELS);
  if (config->num_head_channels != -1)
    in_range (binder, "num_head_channels", config->num_head_channels, 1, MAX_CHANNELS);
  check_levels (binder, config);
}

/* Whether block @index of those of @level is followed by attention. */
static gboolean
has_attention (const LimnUnetConfig *config, int level, int index)
{
  if (config->has_num_attention_blocks && index >= config->num_attention_blocks[level])
    return FALSE;
  for (int i = 0; i < config->n_attention_resolutions; i++)
    if (config->attention_resolutions[i] == 1 << level)
      return TRUE;
  return FALSE;
}

/* Heads and channels per head at a width of @ch, by openaimodel's rules for num_heads,
 * num_heads_upsample, num_head_channels and legacy. */
static void
count_heads (LimnBinder *binder,
             const LimnUnetConfig *config,
             int ch,
             gboolean up,
             int *n_heads,
             int *head_channels)
{
  if (config->num_head_channels == -1)
    {
      *n_heads = config->num_heads;
      if (up && config->legacy && !config->use_spatial_transformer
          && config->num_heads_upsample != -1)
        *n_heads = config->num_heads_upsample;
      *head_channels = *n_heads > 0 ? ch / *n_heads : 0;
    }
  else
    {
      *n_heads = ch / config->num_head_channels;
      *head_channels = config->num_head_channels;
      if (config->legacy && config->use_spatial_transformer && *n_heads > 0)
        *head_channels = ch / *n_heads;
    }
  if (*n_heads < 1 || *head_channels < 1
      || (!config->use_spatial_transformer && ch % *n_heads != 0))
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "unet_config: %d channels cannot be divided into attention heads (num_heads "
                      "%d, num_heads_upsample %d, num_head_channels %d)",
                      ch, config->num_heads, config->num_heads_upsample, config->num_head_channels);
}

/* What is filled while the blocks are bound in the original's order. */
typedef struct
{
  LimnBinder *binder;
  const LimnUnetConfig *config;
  LimnUnetBlock *block;
  char path[64]; /* "input_blocks.3" */
} Builder;

static LimnUnetPart *
next_part (Builder *b, int kind, char *path, gsize path_size)
{
  LimnUnetPart *part = &b->block->parts[b->block->n_parts];

  g_snprintf (path, path_size, "%s.%d", b->path, b->block->n_parts);
  part->kind = kind;
  b->block->n_parts++;
  return part;
}

static void
add_res (Builder *b, int n_in, int n_out, LimnResample resample)
{
  char path[96];
  LimnUnetPart *part = next_part (b, LIMN_PART_RES, path, sizeof path);

  limn_res_block_bind (&part->res, b->binder, path, n_in, n_out,
                       TIME_EMBED_FACTOR * (gint64)b->config->model_channels,
                       b->config->use_scale_shift_norm, resample);
  b->block->n_out = n_out;
}

static void
add_attention (Builder *b, int ch, gboolean up, gboolean self_attention)
{
  char path[96];
  int n_heads = 0, head_channels = 0;
  LimnUnetPart *part;

  count_heads (b->binder, b->config, ch, up, &n_heads, &head_channels);
  if (!limn_binder_ok (b->binder))
    return;
  part = next_part (
      b, b->config->use_spatial_transformer ? LIMN_PART_TRANSFORMER : LIMN_PART_ATTENTION, path,
      sizeof path);
  if (b->config->use_spatial_transformer)
    limn_spatial_transformer_bind (&part->transformer, b->binder, path, ch, n_heads, head_channels,
                                   b->config->transformer_depth, b->config->context_dim,
                                   self_attention);
  else
    limn_attention_block_bind (&part->attention, b->binder, path, ch, n_heads,
                               b->config->use_new_attention_order);
}

static void
add_downsample (Builder *b, int ch)
{
  char path[96];
  LimnUnetPart *part;

  if (b->config->resblock_updown)
    {
      add_res (b, ch, ch, LIMN_RESAMPLE_DOWN);
      return;
    }
  part = next_part (b, b->config->conv_resample ? LIMN_PART_CONV : LIMN_PART_AVG_POOL, path,
                    sizeof path);
  if (b->config->conv_resample)
    limn_bind_conv (b->binder, &part->conv, ch, ch, 3, 2, 1, "%s.op", path);
  b->block->n_out = ch;
}

static void
add_upsample (Builder *b, int ch)
{
  char path[96];
  LimnUnetPart *part;

  if (b->config->resblock_updown)
    {
      add_res (b, ch, ch, LIMN_RESAMPLE_UP);
      return;
    }
  part = next_part (b, b->config->conv_resample ? LIMN_PART_UPSAMPLE_CONV : LIMN_PART_UPSAMPLE,
                    path, sizeof path);
  if (b->config->conv_resample)
    limn_bind_conv (b->binder, &part->conv, ch, ch, 3, 1, 1, "%s.conv", path);
}

static void
next_input (LimnUnet *self, Builder *b, int level)
{
  b->block = &self->input_blocks[self->n_input_blocks];
  b->block->level = level;
  g_snprintf (b->path, sizeof b->path, "input_blocks.%d", self->n_input_blocks++);
}

/* Returns the channels that leave the lowest level. */
static int
bind_input (LimnUnet *self, Builder *b)
{
  const LimnUnetConfig *config = b->config;
  char path[96];
  int ch = config->model_channels;

  next_input (self, b, 0);
  limn_bind_conv (b->binder, &next_part (b, LIMN_PART_CONV, path, sizeof path)->conv,
                  config->in_channels, ch, 3, 1, 1, "%s.0", b->path);
  b->block->n_out = ch;
  for (int level = 0; level < config->n_levels; level++)
    {
      for (int i = 0; i < limn_unet_config_get_res_blocks (config, level); i++)
        {
          next_input (self, b, level);
          add_res (b, ch, config->channel_mult[level] * config->model_channels, LIMN_RESAMPLE_NONE);
          ch = config->channel_mult[level] * config->model_channels;
          if (has_attention (config, level, i))
            add_attention (b, ch, FALSE, !config->disable_self_attentions[level]);
        }
      if (level + 1 < config->n_levels)
        {
          next_input (self, b, level + 1);
          add_downsample (b, ch);
        }
    }
  return ch;
}

static void
bind_middle (LimnUnet *self, Builder *b, int ch)
{
  b->block = self->middle_block;
  b->block->level = b->config->n_levels - 1;
  g_strlcpy (b->path, "middle_block", sizeof b->path);
  add_res (b, ch, ch, LIMN_RESAMPLE_NONE);
  add_attention (b, ch, FALSE, !b->config->disable_middle_self_attn);
  add_res (b, ch, ch, LIMN_RESAMPLE_NONE);
}

static int
bind_output (LimnUnet *self, Builder *b, int ch)
{
  const LimnUnetConfig *config = b->config;
  int n_skips = self->n_input_blocks;

  for (int level = config->n_levels - 1; level >= 0; level--)
    for (int i = 0; i <= limn_unet_config_get_res_blocks (config, level); i++)
      {
        int width = config->channel_mult[level] * config->model_channels;

        b->block = &self->output_blocks[self->n_output_blocks];
        b->block->level = level;
        g_snprintf (b->path, sizeof b->path, "output_blocks.%d", self->n_output_blocks++);
        add_res (b, ch + (int)self->input_blocks[--n_skips].n_out, width, LIMN_RESAMPLE_NONE);
        ch = width;
        if (has_attention (config, level, i))
          add_attention (b, ch, TRUE, !config->disable_self_attentions[level]);
        if (level > 0 && i == limn_unet_config_get_res_blocks (config, level))
          {
            add_upsample (b, ch);
            b->block->level = level - 1;
          }
      }
  return ch;
}

gboolean
limn_unet_init (LimnUnet *self,
                const LimnUnetConfig *config,
                const LimnWeightSource *source,
                GError **error)
{
  LimnBinder binder;
  Builder b = { .binder = &binder, .config = config };
  int n_blocks = 0, ch;

  *self = (LimnUnet){ .config = *config };
  limn_binder_begin (&binder, &self->layers, source);
  check_config (&binder, config);
  if (!limn_binder_ok (&binder))
    return limn_binder_end (&binder, error);

  for (int level = 0; level < config->n_levels; level++)
    n_blocks += limn_unet_config_get_res_blocks (config, level) + 1;
  self->input_blocks = g_new0 (LimnUnetBlock, n_blocks);
  self->output_blocks = g_new0 (LimnUnetBlock, n_blocks);
  self->middle_block = g_new0 (LimnUnetBlock, 1);
  ch = config->model_channels;
  limn_bind_linear (&binder, &self->time_embed[0], ch, TIME_EMBED_FACTOR * (gint64)ch, TRUE,
                    "time_embed.0");
  limn_bind_linear (&binder, &self->time_embed[1], TIME_EMBED_FACTOR * (gint64)ch,
                    TIME_EMBED_FACTOR * (gint64)ch, TRUE, "time_embed.2");
  if (config->time_cond_dim > 0)
    limn_bind_linear (&binder, &self->guidance_embed, config->time_cond_dim, ch, FALSE,
                      "time_embed.cond_proj");
  if (config->num_classes > 0)
    limn_bind_tensor (&binder, &self->label_embedding, 2, config->num_classes,
                      TIME_EMBED_FACTOR * (gint64)ch, "label_emb.weight");
  ch = bind_input (self, &b);
  bind_middle (self, &b, ch);
  ch = bind_output (self, &b, ch);
  limn_bind_group_norm (&binder, &self->out_norm, ch, "out.0");
  limn_bind_conv (&binder, &self->out_conv, ch, config->out_channels, 3, 1, 1, "out.2");
  limn_unet_number_attentions (self);
  return limn_binder_end (&binder, error);
}

static void
clear_block (LimnUnetBlock *block)
{
  for (int i = 0; i < block->n_parts; i++)
    if (block->parts[i].kind == LIMN_PART_TRANSFORMER)
      limn_spatial_transformer_clear (&block->parts[i].transformer);
}

void
limn_unet_clear (LimnUnet *self)
{
  limn_layers_clear (&self->layers);
  for (int i = 0; i < self->n_input_blocks; i++)
    clear_block (&self->input_blocks[i]);
  for (int i = 0; i < self->n_output_blocks; i++)
    clear_block (&self->output_blocks[i]);
  if (self->middle_block != NULL)
    clear_block (self->middle_block);
  g_clear_pointer (&self->input_blocks, g_free);
  g_clear_pointer (&self->output_blocks, g_free);
  g_clear_pointer (&self->middle_block, g_free);
  self->n_input_blocks = self->n_output_blocks = 0;
}
