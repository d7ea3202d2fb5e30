/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/spatial-rescaler.h"

#include <string.h>

#include "engine/nn/layers-private.h"

#define MAX_STAGES 12 /* 2^24 pixels of one label are still counted exactly */
#define MAX_CHANNELS 65536

gboolean
limn_spatial_rescaler_init (LimnSpatialRescaler *self,
                            const LimnSpatialRescalerConfig *config,
                            const LimnWeightSource *source,
                            GError **error)
{
  LimnBinder binder;

  *self = (LimnSpatialRescaler){ .config = *config };
  limn_binder_begin (&binder, &self->layers, source);
  limn_binder_check_range (&binder, "SpatialRescaler: n_stages", config->n_stages, 0, MAX_STAGES);
  limn_binder_check_range (&binder, "SpatialRescaler: in_channels", config->in_channels, 1,
                           MAX_CHANNELS);
  limn_binder_check_range (&binder, "SpatialRescaler: out_channels", config->out_channels, 0,
                           MAX_CHANNELS);
  if (config->out_channels > 0)
    limn_bind_linear (&binder, &self->channel_mapper, config->in_channels, config->out_channels,
                      config->bias, "channel_mapper");
  return limn_binder_end (&binder, error);
}

void
limn_spatial_rescaler_clear (LimnSpatialRescaler *self)
{
  limn_layers_clear (&self->layers);
}

int
limn_spatial_rescaler_get_channels (const LimnSpatialRescaler *self)
{
  return self->config.out_channels > 0 ? self->config.out_channels : self->config.in_channels;
}

static gboolean
check_sides (LimnSpatialRescaler *self, LimnRun *run, gint64 h, gint64 w)
{
  gint64 smallest = G_GINT64_CONSTANT (1) << self->config.n_stages;

  if (h < smallest || w < smallest)
    limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE,
                   "The condition takes sides of at least %" G_GINT64_FORMAT
                   ", not %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT,
                   smallest, w, h);
  return limn_run_ok (run);
}

/* Maps @x, everything after @mark, into @out. */
static LimnTensor
map_channels (LimnSpatialRescaler *self,
              LimnRun *run,
              const LimnTensor *x,
              const LimnTensor *out,
              LimnArenaMark mark)
{
  LimnTensor y = *x;

  if (self->config.out_channels > 0)
    y = limn_linear (run, &self->channel_mapper, x, NULL);
  y = limn_keep (run, out, &y, mark);
  limn_run_release (run, mark);
  return y;
}

/*
 * Bilinear interpolation to half the sides without antialiasing looks halfway between two pixels
 * each way: it is the mean of 2x2.
 */
LimnTensor
limn_spatial_rescaler_forward (LimnSpatialRescaler *self, LimnRun *run, const LimnTensor *x)
{
  int n_stages = self->config.n_stages;
  LimnTensor out, h = *x;
  LimnArenaMark mark;

  if (limn_tensor_is_empty (x))
    return LIMN_TENSOR_EMPTY;
  if (x->n_dims != 4 || x->extent[3] != self->config.in_channels)
    {
      g_autofree char *found = limn_tensor_describe (x);

      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "The condition takes %d channels, not %s",
                     self->config.in_channels, found);
      return LIMN_TENSOR_EMPTY;
    }
  if (!check_sides (self, run, x->extent[1], x->extent[2]))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, x->extent[0], x->extent[1] >> n_stages, x->extent[2] >> n_stages,
                       limn_spatial_rescaler_get_channels (self));
  mark = limn_run_mark (run);
  for (int i = 0; i < n_stages; i++)
    h = limn_avg_pool_2x (run, &h);
  return map_channels (self, run, &h, &out, mark);
}

static gboolean
check_labels (LimnSpatialRescaler *self, LimnRun *run, const guint16 *labels, gint64 h, gint64 w)
{
  for (gint64 i = 0; i < h * w; i++)
    if (labels[i] >= self->config.in_channels)
      {
        limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                       "There is no label %d (at %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                       "): the model has labels 0 to %d",
                       labels[i], i % w, i / w, self->config.in_channels - 1);
        return FALSE;
      }
  return TRUE;
}

/*
 * The mean of 2x2 of means of 2x2 ... of zeros and ones is how often a label stands in a square of
 * 2^n_stages, by the square's area. That is a power of two, so the share is exact.
 */
static void
count_labels (const LimnTensor *shares, const guint16 *labels, gint64 w, int n_stages)
{
  gint64 n_labels = shares->extent[3], side = G_GINT64_CONSTANT (1) << n_stages;
  float *share = limn_tensor_f32 (shares);
  float one = 1.0f / (float)(side * side);

  memset (share, 0, limn_tensor_bytes (shares));
  for (gint64 y = 0; y < shares->extent[1] * side; y++)
    for (gint64 x = 0; x < shares->extent[2] * side; x++)
      share[((y >> n_stages) * shares->extent[2] + (x >> n_stages)) * n_labels + labels[y * w + x]]
          += one;
}

LimnTensor
limn_spatial_rescaler_forward_labels (LimnSpatialRescaler *self,
                                      LimnRun *run,
                                      const guint16 *labels,
                                      gint64 h,
                                      gint64 w)
{
  int n_stages = self->config.n_stages;
  LimnTensor out, shares;
  LimnArenaMark mark;

  if (!check_sides (self, run, h, w) || !check_labels (self, run, labels, h, w))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, 1, h >> n_stages, w >> n_stages,
                       limn_spatial_rescaler_get_channels (self));
  mark = limn_run_mark (run);
  shares = limn_run_nhwc (run, 1, h >> n_stages, w >> n_stages, self->config.in_channels);
  if (limn_tensor_is_empty (&shares))
    return LIMN_TENSOR_EMPTY;
  count_labels (&shares, labels, w, n_stages);
  return map_channels (self, run, &shares, &out, mark);
}
