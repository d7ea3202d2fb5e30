/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The published models of Rombach et al. 2022 and Stable Diffusion 1 and 2.
 */
#include "engine/model/zoo.h"

#include <string.h>

/* clang-format off */
static const LimnZooRow rows[] = {
  { .architecture = "LDM-4 unconditional (CelebA-HQ, FFHQ, LSUN bedrooms)",
    .condition = LIMN_CONDITION_NONE, .stage = LIMN_COND_STAGE_NONE,
    .latent_channels = 3, .channel_mult = "1234", .attention = "0111",
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.0195, .scale_factor = 1, .image_size = 64 },
  { .architecture = "LDM-8 unconditional (LSUN churches)",
    .condition = LIMN_CONDITION_NONE, .stage = LIMN_COND_STAGE_NONE,
    .latent_channels = 4, .channel_mult = "12244", .attention = "11110",
    .scale_shift = TRUE, .resblock_updown = TRUE,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.0015, .linear_end = 0.0155, .scale_factor = 1, .image_size = 32 },
  { .architecture = "LDM-4 inpainting",
    .condition = LIMN_CONDITION_CONCAT, .stage = LIMN_COND_STAGE_FIRST_STAGE,
    .latent_channels = 3, .channel_mult = "1234", .attention = "0111", .resblock_updown = TRUE,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.0015, .linear_end = 0.0205, .scale_factor = 1, .image_size = 64 },
  { .architecture = "LDM-4 super-resolution",
    .condition = LIMN_CONDITION_CONCAT, .stage = LIMN_COND_STAGE_IDENTITY,
    .latent_channels = 3, .channel_mult = "1224", .attention = "0001",
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.0155, .scale_factor = 1, .image_size = 64 },
  { .architecture = "LDM-4 semantic synthesis",
    .condition = LIMN_CONDITION_CONCAT, .stage = LIMN_COND_STAGE_RESCALER,
    .latent_channels = 3, .channel_mult = "148", .attention = "000",
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.0015, .linear_end = 0.0205, .scale_factor = 1, .image_size = 64,
    .note = "The models for 256 and for 512 pixels have the same tensors: 256 is assumed." },
  { .architecture = "LDM-8 class-conditional (ImageNet)",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_CLASS,
    .latent_channels = 4, .channel_mult = "124", .attention = "111", .transformer_depth = 1,
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.0195, .scale_factor = 1, .image_size = 32 },
  { .architecture = "LDM-4 class-conditional (ImageNet)",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_CLASS,
    .latent_channels = 3, .channel_mult = "1235", .attention = "0111", .transformer_depth = 1,
    .num_heads = 1, .num_head_channels = -1,
    .linear_start = 0.0015, .linear_end = 0.0195, .scale_factor = 1, .image_size = 64 },
  { .architecture = "LDM-4 text-to-image",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_BERT,
    .latent_channels = 3, .channel_mult = "1235", .attention = "0111", .transformer_depth = 1,
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.0195, .scale_factor = 1, .image_size = 64 },
  { .architecture = "LDM-8 text-to-image (1.45 billion parameters)",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_BERT,
    .latent_channels = 4, .channel_mult = "1244", .attention = "1110", .transformer_depth = 1,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.00085, .linear_end = 0.012, .scale_factor = 0.18215, .image_size = 32 },
  { .architecture = "LDM-4 layout-to-image (Open Images)",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_LAYOUT,
    .latent_channels = 3, .channel_mult = "1234", .attention = "0111", .transformer_depth = 3,
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.0205, .scale_factor = 1, .image_size = 64 },
  { .architecture = "Retrieval-conditioned LDM-16",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_IDENTITY,
    .latent_channels = 16, .channel_mult = "1234", .attention = "1110", .transformer_depth = 1,
    .num_heads = -1, .num_head_channels = 32,
    .linear_start = 0.0015, .linear_end = 0.015, .scale_factor = 0.22765929, .image_size = 48 },
  { .architecture = "Stable Diffusion 1",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_CLIP,
    .latent_channels = 4, .channel_mult = "1244", .attention = "1110", .transformer_depth = 1,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.00085, .linear_end = 0.012, .scale_factor = 0.18215, .image_size = 64 },
  { .architecture = "Stable Diffusion 1 inpainting",
    .condition = LIMN_CONDITION_HYBRID, .stage = LIMN_COND_STAGE_CLIP,
    .latent_channels = 4, .channel_mult = "1244", .attention = "1110", .transformer_depth = 1,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.00085, .linear_end = 0.012, .scale_factor = 0.18215, .image_size = 64 },
  { .architecture = "Stable Diffusion 2",
    .condition = LIMN_CONDITION_CROSSATTN, .stage = LIMN_COND_STAGE_CLIP,
    .latent_channels = 4, .channel_mult = "1244", .attention = "1110", .transformer_depth = 1,
    .linear = TRUE,
    .num_heads = -1, .num_head_channels = 64,
    .linear_start = 0.00085, .linear_end = 0.012, .scale_factor = 0.18215, .image_size = 64 },
  { .architecture = "Stable Diffusion 2 inpainting",
    .condition = LIMN_CONDITION_HYBRID, .stage = LIMN_COND_STAGE_CLIP,
    .latent_channels = 4, .channel_mult = "1244", .attention = "1110", .transformer_depth = 1,
    .linear = TRUE,
    .num_heads = -1, .num_head_channels = 64,
    .linear_start = 0.00085, .linear_end = 0.012, .scale_factor = 0.18215, .image_size = 64 },
  { .architecture = "Stable Diffusion x4 upscaler",
    .condition = LIMN_CONDITION_HYBRID, .stage = LIMN_COND_STAGE_CLIP,
    .latent_channels = 4, .channel_mult = "1224", .attention = "0111", .transformer_depth = 1,
    .linear = TRUE, .noise_level = TRUE,
    .num_heads = 8, .num_head_channels = -1,
    .linear_start = 0.0001, .linear_end = 0.02, .scale_factor = 0.08333, .image_size = 128 },
};
/* clang-format on */

static LimnCondStage
family (LimnCondStage stage)
{
  return stage == LIMN_COND_STAGE_OPENCLIP ? LIMN_COND_STAGE_CLIP : stage;
}

static gboolean
attends (const LimnUnetConfig *unet, int level)
{
  for (int i = 0; i < unet->n_attention_resolutions; i++)
    if (unet->attention_resolutions[i] == 1 << level)
      return TRUE;
  return FALSE;
}

static gboolean
same_levels (const LimnZooRow *row, const LimnUnetConfig *unet)
{
  if (strlen (row->channel_mult) != (gsize)unet->n_levels)
    return FALSE;
  for (int i = 0; i < unet->n_levels; i++)
    if (row->channel_mult[i] != '0' + unet->channel_mult[i]
        || (row->attention[i] == '1') != attends (unet, i))
      return FALSE;
  return TRUE;
}

/* How many of the row's features fit. */
static int
count_likeness (const LimnZooRow *row, const LimnDescription *description)
{
  const LimnUnetConfig *unet = &description->unet;
  int depth = unet->use_spatial_transformer ? unet->transformer_depth : 0;

  return same_levels (row, unet) + (row->latent_channels == unet->out_channels)
         + (row->transformer_depth == depth) + 2 * (row->linear == unet->use_linear_in_transformer)
         + (row->scale_shift == unet->use_scale_shift_norm)
         + (row->resblock_updown == unet->resblock_updown) + (unet->num_res_blocks == 2);
}

#define MAX_LIKENESS 8

const LimnZooRow *
_limn_zoo_find (const LimnDescription *description, gboolean *exact)
{
  const LimnZooRow *best = NULL;
  int most = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int likeness = count_likeness (&rows[i], description);

      if (rows[i].condition != description->condition
          || rows[i].stage != family (description->cond_stage)
          || rows[i].noise_level != description->noise_level || likeness <= most)
        continue;
      most = likeness;
      best = &rows[i];
    }
  *exact = most == MAX_LIKENESS;
  return best;
}
