/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * openaimodel.UNetModel from its tensors. The output blocks show the structure best: each level's
 * last one ends with what brings the map to the next level's size.
 */
#include "engine/model/detect-private.h"

#define U LIMN_UNET_PREFIX
#define MAX_BLOCKS (LIMN_UNET_MAX_LEVELS * 17)

/* What output block @i is made of. */
typedef struct
{
  int width;
  gboolean attention;
  gboolean up;       /* ends its level */
  gboolean up_block; /* by a residual block (resblock_updown) */
} Block;

static gboolean
has_attention (LimnDetector *self, const char *path)
{
  return _limn_detect_has (self, U "%s.transformer_blocks.0.attn1.to_q.weight", path)
         || _limn_detect_has (self, U "%s.qkv.weight", path)
         || _limn_detect_has (self, U "%s.to_q.weight", path);
}

static Block
read_block (LimnDetector *self, int i)
{
  g_autofree char *next = g_strdup_printf ("output_blocks.%d.1", i);
  Block block = { .attention = has_attention (self, next) };
  /* What comes after the residual block and the attention. */
  int last = block.attention ? 2 : 1;

  block.width = _limn_detect_need (self, 0, U "output_blocks.%d.0.out_layers.3.weight", i);
  block.up_block = _limn_detect_has (self, U "output_blocks.%d.%d.in_layers.2.weight", i, last);
  block.up
      = block.up_block || _limn_detect_has (self, U "output_blocks.%d.%d.conv.weight", i, last);
  return block;
}

/* The blocks of one level, deepest first, as they come. */
typedef struct
{
  int n_blocks;
  int width;
  gboolean attention;
} Level;

/* Returns how many levels there are. */
static int
read_levels (LimnDetector *self, Level *levels)
{
  LimnUnetConfig *unet = &self->description->unet;
  int n_levels = 0, n_blocks = 0;

  while (n_blocks < MAX_BLOCKS
         && _limn_detect_has (self, U "output_blocks.%d.0.in_layers.2.weight", n_blocks))
    {
      Block block = read_block (self, n_blocks++);
      Level *level;

      if (n_levels == LIMN_UNET_MAX_LEVELS)
        break;
      level = &levels[n_levels];
      level->n_blocks++;
      level->width = block.width;
      level->attention |= block.attention;
      unet->resblock_updown |= block.up_block;
      if (block.up)
        n_levels++;
    }
  n_levels++;
  if (n_levels > LIMN_UNET_MAX_LEVELS || levels[n_levels - 1].n_blocks < 2)
    _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                       "tensors " U "output_blocks.0 to .%d do not form the levels of a UNet",
                       MAX (n_blocks - 1, 0));
  return n_levels;
}

static void
set_levels (LimnDetector *self, const Level *levels, int n_levels)
{
  LimnUnetConfig *unet = &self->description->unet;
  gboolean even = TRUE;

  unet->n_levels = n_levels;
  for (int i = 0; i < n_levels; i++)
    {
      const Level *level = &levels[n_levels - 1 - i];

      if (level->width % unet->model_channels != 0)
        _limn_detect_fail (self, LIMN_ENGINE_ERROR_UNSUPPORTED,
                           "level %d of the UNet is %d wide, expected a multiple of %d", i,
                           level->width, unet->model_channels);
      unet->channel_mult[i] = level->width / unet->model_channels;
      unet->level_res_blocks[i] = level->n_blocks - 1;
      even &= unet->level_res_blocks[i] == unet->level_res_blocks[0];
      if (level->attention)
        unet->attention_resolutions[unet->n_attention_resolutions++] = 1 << i;
    }
  unet->num_res_blocks = unet->level_res_blocks[0];
  for (int i = 0; even && i < n_levels; i++)
    unet->level_res_blocks[i] = 0;
}

/* ---- Transformers ---------------------------------------------------------------------------- */

/* Width of what the second attention looks at, and of the map, in the transformer at @path. */
static int
read_context (LimnDetector *self, const char *path, int *width)
{
  *width = _limn_detect_need (self, 0, U "%s.transformer_blocks.0.attn1.to_q.weight", path);
  return _limn_detect_need (self, 1, U "%s.transformer_blocks.0.attn2.to_k.weight", path);
}

/* A transformer without context attends to the map a second time, so its width follows the map's:
 * known when levels differ. */
static void
set_context_dim (LimnDetector *self)
{
  LimnUnetConfig *unet = &self->description->unet;
  int width, context = read_context (self, "middle_block.1", &width);
  gboolean follows = context == width, differ = FALSE;

  for (int i = 0; i < MAX_BLOCKS && self->error == NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("output_blocks.%d.1", i);
      int own_width, own;

      if (!_limn_detect_has (self, U "%s.transformer_blocks.0.attn2.to_k.weight", path))
        continue;
      own = read_context (self, path, &own_width);
      follows &= own == own_width;
      differ |= own_width != width;
    }
  unet->context_dim = follows && differ ? 0 : context;
}

/* attn1's keys are as wide as the map, or as the context when it looks at that. Invisible where
 * both are as wide; no published model has it there. */
static void
set_self_attentions (LimnDetector *self)
{
  LimnUnetConfig *unet = &self->description->unet;
  int i = 0;

  for (int level = unet->n_levels - 1; level >= 0; level--)
    {
      LimnTensor q, k;

      q = _limn_detect_tensor (self, U "output_blocks.%d.1.transformer_blocks.0.attn1.to_q.weight",
                               i);
      k = _limn_detect_tensor (self, U "output_blocks.%d.1.transformer_blocks.0.attn1.to_k.weight",
                               i);
      unet->disable_self_attentions[level]
          = q.n_dims == 2 && k.n_dims == 2 && q.extent[1] != k.extent[1];
      i += limn_unet_config_get_res_blocks (unet, level) + 1;
    }
}

static void
set_transformers (LimnDetector *self)
{
  LimnUnetConfig *unet = &self->description->unet;
  int depth = 0;

  unet->use_spatial_transformer
      = _limn_detect_has (self, U "middle_block.1.transformer_blocks.0.attn1.to_q.weight");
  if (!unet->use_spatial_transformer)
    return;
  while (
      depth < 1000
      && _limn_detect_has (self, U "middle_block.1.transformer_blocks.%d.attn1.to_q.weight", depth))
    depth++;
  unet->transformer_depth = depth;
  unet->use_linear_in_transformer
      = _limn_detect_tensor (self, U "middle_block.1.proj_in.weight").n_dims == 2;
  set_context_dim (self);
  set_self_attentions (self);
}

void
_limn_detect_unet (LimnDetector *self)
{
  LimnUnetConfig *unet = &self->description->unet;
  Level levels[LIMN_UNET_MAX_LEVELS + 1] = { { 0 } };
  int n_levels;

  self->description->has_unet = TRUE;
  limn_unet_config_init (unet);
  unet->model_channels = _limn_detect_need (self, 0, U "input_blocks.0.0.weight");
  unet->in_channels = _limn_detect_need (self, 1, U "input_blocks.0.0.weight");
  unet->out_channels = _limn_detect_need (self, 0, U "out.2.weight");
  n_levels = read_levels (self, levels);
  if (self->error != NULL)
    return;
  set_levels (self, levels, n_levels);
  unet->use_scale_shift_norm
      = _limn_detect_need (self, 0, U "output_blocks.0.0.emb_layers.1.weight")
        == 2 * levels[0].width;
  if (_limn_detect_has (self, U "label_emb.weight"))
    unet->num_classes = _limn_detect_need (self, 0, U "label_emb.weight");
  if (_limn_detect_has (self, U "time_embed.cond_proj.weight"))
    unet->time_cond_dim = _limn_detect_need (self, 1, U "time_embed.cond_proj.weight");
  set_transformers (self);
}
