/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/rrdb.h"

#include "engine/nn/pointwise-private.h"
#include "engine/nn/whole-source-private.h"

/* Far above any published network, low enough that nothing overflows. */
#define MAX_WIDTH 4096
#define MAX_BLOCKS 256

#define N_DENSE 3 /* dense blocks of a block */
#define N_CONVS 5 /* convolutions of a dense block */
#define SLOPE 0.2f
#define RESIDUAL 0.2f

typedef struct
{
  LimnConv2d conv[N_CONVS];
} DenseBlock;

/* basicsr's RRDB. */
struct _LimnRrdbBlock
{
  DenseBlock dense[N_DENSE];
};

/* ---- Names ---------------------------------------------------------------------------------- */

typedef enum
{
  CONV_FIRST,
  CONV_BODY,
  CONV_UP, /* the first one is number 1 */
  CONV_HR,
  CONV_LAST,
} Layer;

/* Name of a layer outside of the blocks; @index: the number of an upsampling (transfer full). */
static char *
layer_name (const LimnRrdbConfig *config, Layer layer, int index)
{
  static const char *const basicsr[] = { "conv_first", "conv_body", NULL, "conv_hr", "conv_last" };
  static const char *const esrgan[] = { "conv_first", "trunk_conv", NULL, "HRconv", "conv_last" };

  switch (config->names)
    {
    case LIMN_RRDB_NAMES_BASICSR:
      return layer == CONV_UP ? g_strdup_printf ("conv_up%d", index) : g_strdup (basicsr[layer]);
    case LIMN_RRDB_NAMES_ESRGAN:
      return layer == CONV_UP ? g_strdup_printf ("upconv%d", index) : g_strdup (esrgan[layer]);
    case LIMN_RRDB_NAMES_OLD:
    default:
      break;
    }
  /* One torch.nn.Sequential, in which upsampling and activation are counted too. */
  switch (layer)
    {
    case CONV_FIRST:
      return g_strdup ("model.0");
    case CONV_BODY:
      return g_strdup_printf ("model.1.sub.%d", config->num_block);
    case CONV_UP:
      return g_strdup_printf ("model.%d", 3 * index);
    case CONV_HR:
      return g_strdup_printf ("model.%d", 3 * config->n_up + 2);
    case CONV_LAST:
    default:
      return g_strdup_printf ("model.%d", 3 * config->n_up + 4);
    }
}

/* Name of convolution @conv of dense block @dense, both counted from 1 (transfer full). */
static char *
dense_name (LimnRrdbNames names, int block, int dense, int conv)
{
  switch (names)
    {
    case LIMN_RRDB_NAMES_BASICSR:
      return g_strdup_printf ("body.%d.rdb%d.conv%d", block, dense, conv);
    case LIMN_RRDB_NAMES_ESRGAN:
      return g_strdup_printf ("RRDB_trunk.%d.RDB%d.conv%d", block, dense, conv);
    case LIMN_RRDB_NAMES_OLD:
    default:
      return g_strdup_printf ("model.1.sub.%d.RDB%d.conv%d.0", block, dense, conv);
    }
}

/* ---- What the file holds -------------------------------------------------------------------- */

static gboolean
has_layer (const LimnWholeSource *source, char *name)
{
  gboolean has = limn_whole_source_has (source, "%s.weight", name);

  g_free (name);
  return has;
}

static gboolean
find_names (const LimnWholeSource *source, LimnRrdbConfig *config)
{
  for (int names = LIMN_RRDB_NAMES_BASICSR; names <= LIMN_RRDB_NAMES_OLD; names++)
    {
      config->names = (LimnRrdbNames)names;
      if (has_layer (source, layer_name (config, CONV_FIRST, 0))
          && has_layer (source, dense_name (config->names, 0, 1, 1)))
        return TRUE;
    }
  return FALSE;
}

gboolean
limn_rrdb_detect (LimnWeights *weights, const char *prefix)
{
  g_auto (LimnWholeSource) source = { 0 };
  LimnRrdbConfig config;

  g_return_val_if_fail (weights != NULL && prefix != NULL, FALSE);

  limn_whole_source_init (&source, weights, prefix);
  return find_names (&source, &config);
}

/* Doublings; in the old names the number of the last layer tells. */
static int
count_ups (const LimnWholeSource *source, const LimnRrdbConfig *config)
{
  LimnRrdbConfig probe = *config;

  for (probe.n_up = 0; probe.n_up < LIMN_RRDB_MAX_UP; probe.n_up++)
    if (config->names == LIMN_RRDB_NAMES_OLD
            ? has_layer (source, layer_name (&probe, CONV_LAST, 0))
            : !has_layer (source, layer_name (&probe, CONV_UP, probe.n_up + 1)))
      break;
  return probe.n_up;
}

static void
shape_of (const LimnWholeSource *source, LimnBinder *binder, char *layer, gint64 *extent)
{
  g_autofree char *name = g_strconcat (layer, ".weight", NULL);

  limn_whole_source_shape (source, binder, name, 4, extent);
  g_free (layer);
}

static void
read_config (const LimnWholeSource *source, LimnBinder *binder, LimnRrdbConfig *config)
{
  const char *path = limn_weights_get_path (source->source.weights);
  gint64 first[4] = { 0 }, grow[4] = { 0 }, last[4] = { 0 };

  if (!find_names (source, config))
    {
      limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                        "%s does not have the layers of an RRDBNet", path);
      return;
    }
  while (config->num_block < MAX_BLOCKS
         && has_layer (source, dense_name (config->names, config->num_block, 1, 1)))
    config->num_block++;
  config->n_up = count_ups (source, config);
  if (!has_layer (source, layer_name (config, CONV_LAST, 0)))
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_MISSING,
                      "%s: an RRDBNet without its last convolution, “%s” or the like", path,
                      config->names == LIMN_RRDB_NAMES_OLD ? "model.10.weight"
                                                           : "conv_last.weight");
  shape_of (source, binder, layer_name (config, CONV_FIRST, 0), first);
  shape_of (source, binder, dense_name (config->names, 0, 1, 1), grow);
  shape_of (source, binder, layer_name (config, CONV_LAST, 0), last);
  if (!limn_binder_ok (binder))
    return;
  for (config->unshuffle = 1; config->unshuffle <= 4; config->unshuffle *= 2)
    if (first[1] == last[0] * config->unshuffle * config->unshuffle)
      break;
  if (config->unshuffle > 4 || config->unshuffle > 1 << config->n_up)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: an RRDBNet that takes %" G_GINT64_FORMAT
                      " channels, gives %" G_GINT64_FORMAT
                      " and doubles %d times enlarges by no whole factor",
                      path, first[1], last[0], config->n_up);
  if (first[0] < 1 || first[0] > MAX_WIDTH || grow[0] < 1 || grow[0] > MAX_WIDTH || last[0] < 1
      || last[0] > MAX_WIDTH)
    limn_binder_fail (binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: the RRDBNet's layers have more than %d channels, or none", path,
                      MAX_WIDTH);
  config->channels = (int)last[0];
  config->num_feat = (int)first[0];
  config->num_grow_ch = (int)grow[0];
}

/* ---- Binding -------------------------------------------------------------------------------- */

static void
bind_layer (LimnBinder *binder,
            LimnConv2d *conv,
            const LimnRrdbConfig *config,
            Layer layer,
            int index,
            gint64 n_in,
            gint64 n_out)
{
  g_autofree char *name = layer_name (config, layer, index);

  limn_bind_conv (binder, conv, n_in, n_out, 3, 1, 1, "%s", name);
}

static void
bind_block (LimnBinder *binder, LimnRrdbBlock *block, const LimnRrdbConfig *config, int index)
{
  for (int i = 0; i < N_DENSE; i++)
    for (int k = 0; k < N_CONVS; k++)
      {
        g_autofree char *name = dense_name (config->names, index, i + 1, k + 1);

        limn_bind_conv (
            binder, &block->dense[i].conv[k], config->num_feat + k * config->num_grow_ch,
            k < N_CONVS - 1 ? config->num_grow_ch : config->num_feat, 3, 1, 1, "%s", name);
      }
}

static void
bind_all (LimnRrdb *self, LimnBinder *binder)
{
  const LimnRrdbConfig *config = &self->config;
  int width = config->num_feat;

  self->blocks = g_new0 (LimnRrdbBlock, config->num_block);
  bind_layer (binder, &self->conv_first, config, CONV_FIRST, 0,
              config->channels * config->unshuffle * config->unshuffle, width);
  for (int i = 0; i < config->num_block; i++)
    bind_block (binder, &self->blocks[i], config, i);
  bind_layer (binder, &self->conv_body, config, CONV_BODY, 0, width, width);
  for (int i = 0; i < config->n_up; i++)
    bind_layer (binder, &self->conv_up[i], config, CONV_UP, i + 1, width, width);
  bind_layer (binder, &self->conv_hr, config, CONV_HR, 0, width, width);
  bind_layer (binder, &self->conv_last, config, CONV_LAST, 0, width, config->channels);
}

gboolean
limn_rrdb_init (LimnRrdb *self, LimnWeights *weights, const char *prefix, GError **error)
{
  static const char *const modules[]
      = { "model.", "body.", "conv_", "RRDB_trunk.", "trunk_conv", "upconv", "HRconv", NULL };
  g_auto (LimnWholeSource) source = { 0 };
  LimnBinder binder;

  g_return_val_if_fail (self != NULL && weights != NULL && prefix != NULL, FALSE);

  *self = (LimnRrdb){ 0 };
  limn_whole_source_init (&source, weights, prefix);
  limn_binder_begin (&binder, &self->layers, &source.source);
  read_config (&source, &binder, &self->config);
  if (limn_binder_ok (&binder))
    bind_all (self, &binder);
  limn_whole_source_check (&source, &binder, "an RRDBNet", modules);
  return limn_binder_end (&binder, error);
}

void
limn_rrdb_clear (LimnRrdb *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->blocks, g_free);
}

int
limn_rrdb_get_scale (const LimnRrdb *self)
{
  return (1 << self->config.n_up) / self->config.unshuffle;
}

/* ---- Forward -------------------------------------------------------------------------------- */

/* What the blocks work in: maps of num_feat + 4 * num_grow_ch channels. A dense block's convolutions
 * each read the first channels of one of them and append theirs behind, so nothing is ever joined. */
typedef struct
{
  LimnTensor maps[N_DENSE];
  const float *slopes; /* [num_feat] or more of SLOPE */
} Places;

/* conv5 (all) * 0.2 + x to the first channels of @to; x are those of @from, behind which conv1 ..
 * conv4 append their LeakyReLU. */
static void
dense_forward (DenseBlock *self,
               LimnRun *run,
               const LimnTensor *from,
               const LimnTensor *to,
               const float *slopes)
{
  const LimnConvFused last = { .factor = RESIDUAL, .residual = from, .place = to };

  for (int i = 0; i < N_CONVS - 1; i++)
    {
      const LimnConvFused grow
          = { .slopes = slopes, .place = from, .place_channel = self->conv[i].n_in };

      limn_conv2d_fused (run, &self->conv[i], from, &grow);
    }
  limn_conv2d_fused (run, &self->conv[N_CONVS - 1], from, &last);
}

/* dense3 (dense2 (dense1 (x))) * 0.2 + x, x being the first channels of the first map. */
static void
block_forward (LimnRrdbBlock *self, LimnRun *run, const Places *places)
{
  const LimnTensor *x = &places->maps[0], *a = &places->maps[1], *b = &places->maps[2];

  dense_forward (&self->dense[0], run, x, a, places->slopes);
  dense_forward (&self->dense[1], run, a, b, places->slopes);
  dense_forward (&self->dense[2], run, b, a, places->slopes);
  limn_mix_channels (run, x, 1.0f, a, RESIDUAL, self->dense[0].conv[0].n_in);
}

/* x + conv_body (blocks (x)) */
static LimnTensor
trunk_forward (LimnRrdb *self, LimnRun *run, const LimnTensor *x, const float *slopes)
{
  const LimnRrdbConfig *config = &self->config;
  LimnTensor trunk
      = limn_run_nhwc (run, x->extent[0], x->extent[1], x->extent[2], config->num_feat);
  LimnArenaMark mark = limn_run_mark (run);
  Places places = { .slopes = slopes };
  const LimnConvFused body = { .residual = x, .place = &trunk };
  LimnTensor y;

  for (int i = 0; i < N_DENSE; i++)
    places.maps[i] = limn_run_nhwc (run, x->extent[0], x->extent[1], x->extent[2],
                                    config->num_feat + (N_CONVS - 1) * config->num_grow_ch);
  limn_mix_channels (run, &places.maps[0], 0.0f, x, 1.0f, config->num_feat);
  for (int i = 0; i < config->num_block; i++)
    block_forward (&self->blocks[i], run, &places);
  y = limn_conv2d_fused (run, &self->conv_body, &places.maps[0], &body);
  limn_run_release (run, mark);
  return y;
}

/* The doublings and the last convolutions. */
static LimnTensor
tail_forward (LimnRrdb *self, LimnRun *run, const LimnTensor *x, const float *slopes)
{
  LimnConvFused fused = { .enlarge = TRUE, .slopes = slopes };
  LimnTensor h = *x;

  for (int i = 0; i < self->config.n_up; i++)
    h = limn_conv2d_fused (run, &self->conv_up[i], &h, &fused);
  fused.enlarge = FALSE;
  h = limn_conv2d_fused (run, &self->conv_hr, &h, &fused);
  return limn_conv2d (run, &self->conv_last, &h, NULL);
}

/* The slope of every LeakyReLU, for each channel. */
static const float *
make_slopes (const LimnRrdbConfig *config, LimnRun *run)
{
  gint64 n = MAX (config->num_feat, config->num_grow_ch);
  LimnTensor slopes = limn_run_tensor (run, 1, &n);

  for (gint64 i = 0; i < n && !limn_tensor_is_empty (&slopes); i++)
    limn_tensor_f32 (&slopes)[i] = SLOPE;
  return limn_tensor_f32 (&slopes);
}

LimnTensor
limn_rrdb_forward (LimnRrdb *self, LimnRun *run, const LimnTensor *image)
{
  int scale = limn_rrdb_get_scale (self);
  LimnTensor out, h;
  LimnArenaMark mark;
  const float *slopes;

  if (!limn_check_map (run, "upscaler", image, self->config.channels))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_nhwc (run, image->extent[0], image->extent[1] * scale, image->extent[2] * scale,
                       self->config.channels);
  mark = limn_run_mark (run);
  slopes = make_slopes (&self->config, run);
  h = limn_pixel_unshuffle (run, image, self->config.unshuffle, 0.5f, 0.5f);
  h = limn_conv2d (run, &self->conv_first, &h, NULL);
  h = trunk_forward (self, run, &h, slopes);
  h = tail_forward (self, run, &h, slopes);
  limn_crop_to (run, &out, &h, 2.0f, -1.0f);
  limn_run_release (run, mark);
  return limn_run_ok (run) ? out : LIMN_TENSOR_EMPTY;
}
