/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Upscalers of one pass: RRDBNet and SRVGGNetCompact.
 */
#include "engine/model/model-private.h"

#define RGB 3

/* Bytes that a tile may take: as large as tiles can be while a small computer has room for them. A
 * number of its own, not what happens to be free, so that the same picture gives the same bits. */
#define TILE_BYTES (512.0 * 1024 * 1024)
/* Sides of tiles, in pixels of the small picture. */
#define MIN_TILE 64
#define MAX_TILE 512

/* Convolutions of a block of RRDBNet in a row. */
#define RRDB_BLOCK_CONVS 15
/* First and last of the trunk, those behind the doublings at half a pixel and less, and the last
 * two: together less than this. */
#define RRDB_OTHER_CONVS 5

static int
upscale_factor (const LimnModel *model)
{
  return model->description.network == LIMN_NETWORK_RRDB ? limn_rrdb_get_scale (&model->rrdb)
                                                         : model->srvgg.config.upscale;
}

static int
reach (const LimnModel *model)
{
  const LimnRrdbConfig *rrdb = &model->rrdb.config;

  if (model->description.network == LIMN_NETWORK_SRVGG)
    return model->srvgg.config.num_conv + 2;
  return (rrdb->num_block * RRDB_BLOCK_CONVS + RRDB_OTHER_CONVS) * rrdb->unshuffle;
}

/* Floats for each position of the trunk and each pixel of the result that are held at the same
 * time. */
double
_limn_model_upscale_bytes (const LimnModel *model, double pixels)
{
  const LimnRrdbConfig *rrdb = &model->rrdb.config;
  double factor = upscale_factor (model), small = pixels / (factor * factor), trunk, tail;

  if (model->description.network == LIMN_NETWORK_SRVGG)
    return sizeof (float)
           * (small * (3.0 * model->srvgg.config.num_feat + 2 * RGB) + 2.0 * RGB * pixels);
  /* The trunk's maps are gone when the tail begins, but for two. */
  trunk = 5.0 * rrdb->num_feat + 2.0 * rrdb->num_feat + 8.0 * rrdb->num_grow_ch
          + RGB * rrdb->unshuffle * rrdb->unshuffle;
  tail = rrdb->num_feat * (2.0 + 0.75);
  small /= (double)rrdb->unshuffle * rrdb->unshuffle;
  return sizeof (float) * (small * trunk + (tail + 2 * RGB) * pixels);
}

static int
tile_side (const LimnModel *model, int factor, int multiple)
{
  int side = MAX_TILE;

  while (side > MIN_TILE
         && _limn_model_upscale_bytes (model, (double)side * side * factor * factor) > TILE_BYTES)
    side -= 8;
  return MAX (side / multiple, 1) * multiple;
}

gboolean
_limn_model_bind_upscaler (LimnModel *model, GError **error)
{
  const LimnDescription *description = &model->description;
  int channels;

  if (description->network == LIMN_NETWORK_RRDB)
    {
      if (!limn_rrdb_init (&model->rrdb, model->weights, description->network_prefix, error))
        return FALSE;
      channels = model->rrdb.config.channels;
    }
  else
    {
      if (!limn_srvgg_init (&model->srvgg, model->weights, description->network_prefix, error))
        return FALSE;
      channels = model->srvgg.config.channels;
    }
  if (channels == RGB)
    return TRUE;
  g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_UNSUPPORTED,
               "%s: this network upscales pictures of %d channels; Limn upscales those of 3, red, "
               "green and blue",
               model->path, channels);
  return FALSE;
}

static void
describe_upscaler (LimnModel *model)
{
  LimnDescription *description = &model->description;
  LimnModelInfo *info = &model->info;
  const LimnRrdbConfig *rrdb = &model->rrdb.config;
  const LimnSrvggConfig *srvgg = &model->srvgg.config;
  static const char *const dialects[] = { [LIMN_RRDB_NAMES_BASICSR] = "Real-ESRGAN",
                                          [LIMN_RRDB_NAMES_ESRGAN] = "ESRGAN",
                                          [LIMN_RRDB_NAMES_OLD] = "ESRGAN (old)" };
  int factor = upscale_factor (model);

  if (description->network == LIMN_NETWORK_RRDB)
    description->architecture
        = g_strdup_printf ("ESRGAN (RRDBNet), %d blocks, %d wide", rrdb->num_block, rrdb->num_feat);
  else
    description->architecture
        = g_strdup_printf ("Real-ESRGAN compact (SRVGGNetCompact), %d convolutions, %d wide",
                           srvgg->num_conv + 2, srvgg->num_feat);
  info->dialect = description->network == LIMN_NETWORK_RRDB ? dialects[rrdb->names] : "Real-ESRGAN";
  if (description->description == NULL)
    description->description
        = factor > 1 ? g_strdup_printf ("Upscales by %d, in one pass", factor)
                     : g_strdup ("Cleans up a picture at its own size, in one pass");
}

void
_limn_model_fill_upscaler (LimnModel *model)
{
  LimnModelInfo *info = &model->info;

  describe_upscaler (model);
  info->capabilities = LIMN_CAN_UPSCALE;
  info->takes = LIMN_TAKES_LOW_RES;
  info->one_pass = TRUE;
  info->default_guidance = 1.0f;
  info->upscale_factor = upscale_factor (model);
  info->reach = reach (model);
  info->latent_channels = RGB;
  info->latent_factor = 1;
  info->unet_factor
      = model->description.network == LIMN_NETWORK_RRDB ? model->rrdb.config.unshuffle : 1;
  info->native_size
      = tile_side (model, info->upscale_factor, info->unet_factor) * info->upscale_factor;
  info->min_size = info->upscale_factor;
  info->n_parameters = model->rrdb.layers.n_parameters + model->srvgg.layers.n_parameters;
}

LimnTensor
limn_model_upscale (LimnModel *model, LimnRun *run, const LimnTensor *image)
{
  g_return_val_if_fail (model != NULL && run != NULL && image != NULL, LIMN_TENSOR_EMPTY);

  switch (model->description.network)
    {
    case LIMN_NETWORK_RRDB:
      return limn_rrdb_forward (&model->rrdb, run, image);
    case LIMN_NETWORK_SRVGG:
      return limn_srvgg_forward (&model->srvgg, run, image);
    default:
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT, "The model “%s” does not upscale in one pass",
                     model->id);
      return LIMN_TENSOR_EMPTY;
    }
}
