/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/srvgg.h"

#include "engine/nn/pointwise-private.h"
#include "engine/nn/whole-source-private.h"

#define MAX_WIDTH 4096
#define MAX_CONVS 256
#define MAX_UPSCALE 8

/* ---- What the file holds -------------------------------------------------------------------- */

/* Number of extents of "body.@index.weight", 0 when there is none. */
static int
n_dims_of (const LimnWholeSource *source, int index)
{
  g_autofree char *name = g_strdup_printf ("%sbody.%d.weight", source->source.prefix, index);
  LimnTensor tensor;

  return limn_weights_lookup (source->source.weights, name, &tensor) ? tensor.n_dims : 0;
}

gboolean
limn_srvgg_detect (LimnWeights *weights, const char *prefix)
{
  g_auto (LimnWholeSource) source = { 0 };

  g_return_val_if_fail (weights != NULL && prefix != NULL, FALSE);

  limn_whole_source_init (&source, weights, prefix);
  return n_dims_of (&source, 0) == 4
         && (n_dims_of (&source, 1) == 1 || n_dims_of (&source, 2) == 4);
}

/* The factor whose square is @rows / @channels; 0 when there is none. */
static int
find_upscale (gint64 rows, gint64 channels)
{
  for (int scale = 1; scale <= MAX_UPSCALE; scale++)
    if (channels * scale * scale == rows)
      return scale;
  return 0;
}

static void
read_config (const LimnWholeSource *source, LimnBinder *binder, LimnSrvggConfig *config)
{
  const char *path = limn_weights_get_path (source->source.weights);
  g_autofree char *last_name = NULL;
  gint64 first[4] = { 0 }, last[4] = { 0 };
  int n = 0;

  /* Convolutions have the even numbers, their slopes the odd ones. */
  while (n < MAX_CONVS && n_dims_of (source, 2 * n) == 4)
    n++;
  if (n < 2 || n_dims_of (source, 1) != 1)
    {
      limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                        n < 2 ? "%s does not have the layers of an SRVGGNetCompact"
                              : "%s: an SRVGGNetCompact without the slopes of PReLU; which other "
                                "activation it has does not stand in the file",
                        path);
      return;
    }
  last_name = g_strdup_printf ("body.%d.weight", 2 * n - 2);
  if (!limn_whole_source_shape (source, binder, "body.0.weight", 4, first)
      || !limn_whole_source_shape (source, binder, last_name, 4, last))
    return;
  if (first[0] < 1 || first[0] > MAX_WIDTH || first[1] < 1 || first[1] > MAX_WIDTH)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: the SRVGGNetCompact's layers have more than %d channels, or none", path,
                      MAX_WIDTH);
  config->channels = (int)first[1];
  config->num_feat = (int)first[0];
  config->num_conv = n - 2;
  config->upscale = find_upscale (last[0], first[1]);
  if (config->upscale == 0)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: an SRVGGNetCompact that takes %" G_GINT64_FORMAT
                      " channels and gives %" G_GINT64_FORMAT
                      " for each pixel enlarges by no whole factor up to %d",
                      path, first[1], last[0], MAX_UPSCALE);
}

/* ---- Life ----------------------------------------------------------------------------------- */

static void
bind_all (LimnSrvgg *self, LimnBinder *binder)
{
  const LimnSrvggConfig *config = &self->config;
  int n = config->num_conv + 2;

  self->convs = g_new0 (LimnConv2d, n);
  self->slopes = g_new0 (LimnTensor, n - 1);
  for (int i = 0; i < n; i++)
    {
      gboolean is_last = i == n - 1;

      limn_bind_conv (binder, &self->convs[i], i == 0 ? config->channels : config->num_feat,
                      is_last ? config->channels * config->upscale * config->upscale
                              : config->num_feat,
                      3, 1, 1, "body.%d", 2 * i);
      if (!is_last)
        limn_bind_tensor (binder, &self->slopes[i], 1, config->num_feat, 0, "body.%d.weight",
                          2 * i + 1);
    }
}

gboolean
limn_srvgg_init (LimnSrvgg *self, LimnWeights *weights, const char *prefix, GError **error)
{
  static const char *const modules[] = { "body.", NULL };
  g_auto (LimnWholeSource) source = { 0 };
  LimnBinder binder;

  g_return_val_if_fail (self != NULL && weights != NULL && prefix != NULL, FALSE);

  *self = (LimnSrvgg){ 0 };
  limn_whole_source_init (&source, weights, prefix);
  limn_binder_begin (&binder, &self->layers, &source.source);
  read_config (&source, &binder, &self->config);
  if (limn_binder_ok (&binder))
    bind_all (self, &binder);
  limn_whole_source_check (&source, &binder, "an SRVGGNetCompact", modules);
  return limn_binder_end (&binder, error);
}

void
limn_srvgg_clear (LimnSrvgg *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->convs, g_free);
  g_clear_pointer (&self->slopes, g_free);
}

/* ---- Forward -------------------------------------------------------------------------------- */

/* The slopes of one PReLU. He et al. 2015, "Delving Deep into Rectifiers". */
static const float *
read_slopes (LimnRun *run, const LimnTensor *slopes)
{
  gint64 n = limn_tensor_count (slopes);
  LimnTensor table = limn_run_tensor (run, 1, &n);

  if (limn_tensor_is_empty (&table))
    return NULL;
  limn_tensor_read_f32 (slopes, 0, n, limn_tensor_f32 (&table));
  return limn_tensor_f32 (&table);
}

LimnTensor
limn_srvgg_forward (LimnSrvgg *self, LimnRun *run, const LimnTensor *image)
{
  const LimnSrvggConfig *config = &self->config;
  LimnTensor out, base, maps[2], h;
  LimnArenaMark mark;

  if (!limn_check_map (run, "upscaler", image, config->channels))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, image->extent[0], image->extent[1] * config->upscale,
                       image->extent[2] * config->upscale, config->channels);
  mark = limn_run_mark (run);
  base = limn_pixel_unshuffle (run, image, 1, 0.5f, 0.5f);
  for (int i = 0; i < 2; i++)
    maps[i] = limn_run_nhwc (run, image->extent[0], image->extent[1], image->extent[2],
                             config->num_feat);
  h = base;
  for (int i = 0; i <= config->num_conv; i++)
    {
      LimnConvFused fused
          = { .slopes = read_slopes (run, &self->slopes[i]), .place = &maps[i % 2] };

      h = limn_conv2d_fused (run, &self->convs[i], &h, &fused);
    }
  h = limn_conv2d (run, &self->convs[config->num_conv + 1], &h, NULL);
  h = limn_pixel_shuffle_add (run, &h, config->upscale, &base, 2.0f, -1.0f);
  return limn_keep (run, &out, &h, mark);
}
