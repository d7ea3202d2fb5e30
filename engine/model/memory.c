/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * How much memory a picture takes, and how much of it weights may have. Counts the maps that the
 * networks hold at the same time, from their descriptions; tests hold it against the arena's
 * measured peak and against the process's. Sums are in double, since sizes may be absurd.
 */
#include "engine/model/model-private.h"

#define FLOAT_BYTES 4.0
/* The autoencoder's maps of a block's width beside its large one, in an attention: its input, norm,
 * q, k, v, attended, and keys and values brought together. */
#define MAPS_PER_PIXEL_ATTENTION 8.0
/* Pixels of a band of the large map, which is copied where a block changes the number of channels. */
#define BAND_PIXELS (64.0 * 1024)
/* Maps of a block's width in the UNet, beside the joined input and its norm: two convolutions, the
 * embedding added, a norm, the skip. */
#define MAPS_PER_RES_BLOCK 5.0
/* In a transformer: its input, the map between its blocks, and in a feed-forward layer its input and
 * norm, the gated map of four times the width, and its result; as many in an attention. */
#define MAPS_PER_TRANSFORMER 9.0
/* In an attention without one: its input, norm, q, k and v together and each by itself, attended,
 * and keys and values brought together. */
#define MAPS_PER_ATTENTION 11.0
/* What is not counted: embeddings, keys of the context, what kernels take as scratch. */
#define MARGIN 1.06
#define FIXED_BYTES (48.0 * 1024 * 1024)

static gboolean
attends_pixels (const LimnAutoencoderConfig *config, int level)
{
  for (int i = 0; i < config->n_attn_resolutions; i++)
    if (config->attn_resolutions[i] == config->resolution >> level)
      return TRUE;
  return level == config->n_levels - 1;
}

/* Bytes of the maps of a decoder or encoder for a picture of @pixels. */
static double
autoencoder_bytes (const LimnAutoencoderConfig *config, double pixels)
{
  double most = 0;

  for (int i = 0; i < config->n_levels; i++)
    {
      double area = pixels / (double)(1 << 2 * i);
      double width = (double)config->ch * config->ch_mult[i];
      double before = i > 0 ? (double)config->ch * config->ch_mult[i - 1] : width;
      double after = (double)config->ch * config->ch_mult[MIN (i + 1, config->n_levels - 1)];
      double other = MAX (before, after);
      double beside = MIN (area, BAND_PIXELS) * MAX (other, width);

      if (attends_pixels (config, i))
        beside = MAX (beside, area * width * MAPS_PER_PIXEL_ATTENTION);
      most = MAX (most, area * MAX (other, 2 * width) + beside);
    }
  return FLOAT_BYTES * (most + pixels * (config->in_channels + config->out_ch));
}

static gboolean
has_attention (const LimnUnetConfig *config, int level)
{
  for (int i = 0; i < config->n_attention_resolutions; i++)
    if (config->attention_resolutions[i] == 1 << level)
      return TRUE;
  return FALSE;
}

static int
n_res_blocks (const LimnUnetConfig *config, int level)
{
  return config->level_res_blocks[level] > 0 ? config->level_res_blocks[level]
                                             : config->num_res_blocks;
}

/* Bytes of the maps of one UNet evaluation on a latent of @positions: all skips, the room of the map
 * between the output blocks, and the largest part of a block. */
static double
unet_bytes (const LimnUnetConfig *config, double positions)
{
  double attention
      = config->use_spatial_transformer ? MAPS_PER_TRANSFORMER : MAPS_PER_ATTENTION;
  double skips = 0, trunk = 0, block = 0;
  int last = config->n_levels - 1;

  for (int i = 0; i <= last; i++)
    {
      double area = positions / (double)(1 << 2 * i);
      double width = (double)config->model_channels * config->channel_mult[i];
      double above = (double)config->model_channels * (i > 0 ? config->channel_mult[i - 1] : 1);
      double below = (double)config->model_channels * config->channel_mult[MIN (i + 1, last)];
      double joined = width + MAX (MAX (above, below), width);
      double inside = 2 * joined + MAPS_PER_RES_BLOCK * width;

      if (has_attention (config, i) || i == last)
        inside = MAX (inside, attention * width);
      skips += area * (above + width * n_res_blocks (config, i));
      trunk = MAX (trunk, area * MAX (width, below));
      block = MAX (block, area * inside);
    }
  return FLOAT_BYTES
         * (skips + trunk + block + positions * (config->in_channels + config->out_channels));
}

/* Bytes of the maps of whatever needs most. */
static double
maps_bytes (LimnModel *model, double pixels, gboolean guidance)
{
  double positions
      = pixels / ((double)model->info.latent_factor * (double)model->info.latent_factor);
  double maps;

  if (model->info.one_pass)
    return _limn_model_upscale_bytes (model, pixels);
  /* What is more lies in a file. */
  maps = MIN (autoencoder_bytes (&model->autoencoder.config, pixels),
              (double)LIMN_MAPS_LIMIT + (double)LIMN_SPILL_WINDOW)
         + FLOAT_BYTES * pixels * model->autoencoder.config.out_ch;
  if (model->description.has_unet)
    maps = MAX (maps, unet_bytes (&model->unet.config, positions * (guidance ? 2.0 : 1.0)));
  return maps;
}

gsize
limn_model_estimate_memory (LimnModel *model, int width, int height, gboolean guidance)
{
  double maps, layer;

  g_return_val_if_fail (model != NULL, 0);

  maps = maps_bytes (model, (double)MAX (width, 1) * (double)MAX (height, 1), guidance);
  /* The largest layer, packed and as the file has it. */
  layer = 2.0 * (double)model->largest_bytes;
  return (gsize)MIN (MARGIN * (maps + layer) + FIXED_BYTES, (double)(G_MAXSIZE / 2));
}

/* ---- Packed weights -------------------------------------------------------------------------- */

#define N_MAIN 3
#define N_OTHERS 6

/* Those of them that are not bound have no layers. */
static void
list_networks (LimnModel *model, LimnLayers *main_ones[N_MAIN], LimnLayers *others[N_OTHERS])
{
  main_ones[0] = &model->unet.layers;
  main_ones[1] = &model->rrdb.layers;
  main_ones[2] = &model->srvgg.layers;
  others[0] = &model->autoencoder.layers;
  others[1] = &model->text.layers;
  others[2] = &model->bert.layers;
  others[3] = &model->rescaler.layers;
  others[4] = &model->tiny_encoder.layers;
  others[5] = &model->tiny_decoder.layers;
}

static gsize
begin_budget (LimnModel *model, LimnLayers **networks, int n, LimnWeightBudget *budget)
{
  gsize sum = 0;

  budget->limit = G_MAXSIZE;
  for (int i = 0; i < n; i++)
    {
      gsize total, largest;

      limn_layers_set_budget (networks[i], budget);
      limn_layers_measure (networks[i], &total, &largest);
      sum = total > G_MAXSIZE - sum ? G_MAXSIZE : sum + total;
      model->largest_bytes = MAX (model->largest_bytes, largest);
    }
  return sum;
}

void
_limn_model_begin_budgets (LimnModel *model)
{
  LimnLayers *main_ones[N_MAIN], *others[N_OTHERS];

  list_networks (model, main_ones, others);
  model->main_bytes = begin_budget (model, main_ones, N_MAIN, &model->main_budget);
  model->other_bytes = begin_budget (model, others, N_OTHERS, &model->other_budget);
}

gsize
limn_model_get_weight_bytes (LimnModel *model)
{
  g_return_val_if_fail (model != NULL, 0);

  return model->other_bytes > G_MAXSIZE - model->main_bytes
             ? G_MAXSIZE
             : model->main_bytes + model->other_bytes;
}

gsize
limn_model_get_kept_bytes (LimnModel *model)
{
  g_return_val_if_fail (model != NULL, 0);

  return model->main_budget.used + model->other_budget.used;
}

void
limn_model_set_kept_bytes (LimnModel *model, gsize bytes)
{
  LimnLayers *main_ones[N_MAIN], *others[N_OTHERS];

  g_return_if_fail (model != NULL);

  list_networks (model, main_ones, others);
  model->main_budget.limit = MIN (bytes, model->main_bytes);
  model->other_budget.limit = bytes - model->main_budget.limit;
  for (int i = 0; i < N_MAIN; i++)
    limn_layers_keep_budget (main_ones[i]);
  for (int i = 0; i < N_OTHERS; i++)
    limn_layers_keep_budget (others[i]);
}

void
limn_model_unload_text (LimnModel *model)
{
  g_return_if_fail (model != NULL);

  limn_layers_unload (&model->text.layers);
  limn_layers_unload (&model->bert.layers);
}
