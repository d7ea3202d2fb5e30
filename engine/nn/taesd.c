/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The layers are numbered in the order in which they run. What has no weights (ReLU, upsampling,
 * the clamp in front of the decoder) has a number too, so that it shows as a gap: behind the
 * decoder's first convolution a gap is the ReLU, behind its blocks the upsampling. The encoder has
 * none; there a convolution without bias halves.
 */
#include "engine/nn/taesd.h"

#include "engine/nn/pointwise-private.h"
#include "engine/nn/whole-source-private.h"

#define MAX_WIDTH 4096
#define MAX_LAYERS 64
/* The latent is clamped to this, softly, before it is decoded. */
#define LATENT_LIMIT 3.0f
#define BLOCK_CONVS 3

typedef enum
{
  STEP_CONV,
  STEP_RELU,
  STEP_UPSAMPLE,
  STEP_BLOCK,
} Step;

struct _LimnTaesdLayer
{
  Step step;
  LimnConv2d conv[BLOCK_CONVS]; /* the first only for STEP_CONV */
  LimnConv2d skip;              /* of a block that changes the number of channels */
  gboolean has_skip;
};

/* ---- What the file holds -------------------------------------------------------------------- */

static gboolean
is_conv (const LimnWholeSource *source, int index)
{
  return limn_whole_source_has (source, "%d.weight", index);
}

static gboolean
is_block (const LimnWholeSource *source, int index)
{
  return limn_whole_source_has (source, "%d.conv.0.weight", index);
}

/* The number of the first layer with weights: the original's decoder counts its clamp. */
static int
first_index (const LimnWholeSource *source)
{
  return is_conv (source, 0) ? 0 : 1;
}

static gboolean
is_part (LimnWeights *weights, LimnTaesdPart part, const char *prefix)
{
  g_auto (LimnWholeSource) source = { 0 };
  int first;

  limn_whole_source_init (&source, weights, prefix);
  first = first_index (&source);
  if (!is_conv (&source, first))
    return FALSE;
  /* Behind its first convolution an encoder has a block, a decoder a ReLU and a block. */
  return part == LIMN_TAESD_ENCODER
             ? first == 0 && is_block (&source, 1)
             : !is_conv (&source, first + 1) && !is_block (&source, first + 1)
                   && is_block (&source, first + 2);
}

const char *
limn_taesd_detect (LimnWeights *weights, LimnTaesdPart part)
{
  static const char *const prefixes[][4]
      = { { "encoder.layers.", "encoder.", "taesd_encoder.", "" },
          { "decoder.layers.", "decoder.", "taesd_decoder.", "" } };

  g_return_val_if_fail (weights != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (prefixes[0]); i++)
    if (is_part (weights, part, prefixes[part][i]))
      return prefixes[part][i];
  return NULL;
}

/* ---- Binding -------------------------------------------------------------------------------- */

typedef struct
{
  LimnTaesd *self;
  const LimnWholeSource *source;
  LimnBinder *binder;
  gint64 width; /* channels at this point */
} Builder;

static LimnTaesdLayer *
add_step (Builder *builder, Step step)
{
  LimnTaesdLayer *layer = &builder->self->steps[builder->self->n_steps++];

  layer->step = step;
  return layer;
}

/* Channels that the convolution @name gives, which must be within bounds. */
static gint64
width_of (Builder *builder, const char *name)
{
  gint64 extent[4] = { 0 };

  if (limn_whole_source_shape (builder->source, builder->binder, name, 4, extent)
      && (extent[0] < 1 || extent[0] > MAX_WIDTH || extent[1] < 1 || extent[1] > MAX_WIDTH))
    limn_binder_fail (builder->binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s: the TAESD's layer “%s” has more than %d channels, or none",
                      limn_weights_get_path (builder->source->source.weights), name, MAX_WIDTH);
  return extent[0];
}

static void
add_conv (Builder *builder, int index)
{
  LimnTaesd *self = builder->self;
  gboolean encoder = self->config.part == LIMN_TAESD_ENCODER;
  gboolean bias = limn_whole_source_has (builder->source, "%d.bias", index);
  g_autofree char *name = g_strdup_printf ("%d.weight", index);
  gint64 width = width_of (builder, name);
  LimnTaesdLayer *layer = add_step (builder, STEP_CONV);

  if (bias || (!encoder && (self->n_steps < 2 || layer[-1].step != STEP_UPSAMPLE)))
    limn_bind_conv (builder->binder, &layer->conv[0], builder->width, width, 3, 1, 1, "%d", index);
  else
    limn_bind_conv_plain (builder->binder, &layer->conv[0], builder->width, width, 3,
                          encoder ? 2 : 1, 1, "%d", index);
  self->config.n_resamples += !bias;
  builder->width = width;
}

static void
add_block (Builder *builder, int index)
{
  g_autofree char *name = g_strdup_printf ("%d.conv.0.weight", index);
  gint64 width = width_of (builder, name);
  LimnTaesdLayer *layer = add_step (builder, STEP_BLOCK);

  for (int i = 0; i < BLOCK_CONVS; i++)
    limn_bind_conv (builder->binder, &layer->conv[i], i == 0 ? builder->width : width, width, 3, 1,
                    1, "%d.conv.%d", index, 2 * i);
  layer->has_skip = builder->width != width;
  if (layer->has_skip)
    limn_bind_conv_plain (builder->binder, &layer->skip, builder->width, width, 1, 1, 0, "%d.skip",
                          index);
  builder->width = width;
}

/* A number without weights. */
static void
add_gap (Builder *builder, int index)
{
  LimnTaesd *self = builder->self;
  gboolean decoder = self->config.part == LIMN_TAESD_DECODER;

  if (decoder && self->n_steps == 1)
    add_step (builder, STEP_RELU);
  else if (decoder && self->steps[self->n_steps - 1].step == STEP_BLOCK
           && is_conv (builder->source, index + 1)
           && !limn_whole_source_has (builder->source, "%d.bias", index + 1))
    add_step (builder, STEP_UPSAMPLE);
  else
    limn_binder_fail (builder->binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
                      "%s looks like a TAESD, but its layer %s%d is missing",
                      limn_weights_get_path (builder->source->source.weights),
                      builder->source->source.prefix, index);
}

static void
build (Builder *builder)
{
  LimnTaesd *self = builder->self;
  int first = first_index (builder->source), end = MAX_LAYERS;
  g_autofree char *name = g_strdup_printf ("%d.weight", first);
  gint64 extent[4] = { 0 };

  if (!limn_whole_source_shape (builder->source, builder->binder, name, 4, extent))
    return;
  builder->width = extent[1];
  while (end > first && !is_conv (builder->source, end - 1) && !is_block (builder->source, end - 1))
    end--;
  self->steps = g_new0 (LimnTaesdLayer, MAX_LAYERS);
  for (int i = first; i < end && limn_binder_ok (builder->binder); i++)
    if (is_block (builder->source, i))
      add_block (builder, i);
    else if (is_conv (builder->source, i))
      add_conv (builder, i);
    else
      add_gap (builder, i);
  if (limn_binder_ok (builder->binder)
      && (self->steps[self->n_steps - 1].step != STEP_CONV
          || limn_tensor_is_empty (&self->steps[self->n_steps - 1].conv[0].bias)))
    limn_binder_fail (
        builder->binder, LIMN_ENGINE_ERROR_UNSUPPORTED,
        "%s looks like a TAESD, but its last layer %s%d is no convolution with a bias",
        limn_weights_get_path (builder->source->source.weights), builder->source->source.prefix,
        end - 1);
  self->config.channels
      = (int)(self->config.part == LIMN_TAESD_ENCODER ? extent[1] : builder->width);
  self->config.latent_channels
      = (int)(self->config.part == LIMN_TAESD_ENCODER ? builder->width : extent[1]);
}

gboolean
limn_taesd_init (LimnTaesd *self, LimnWeights *weights, LimnTaesdPart part, GError **error)
{
  static const char *const modules[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
  g_auto (LimnWholeSource) source = { 0 };
  LimnBinder binder;
  Builder builder = { .self = self, .source = &source, .binder = &binder };
  const char *prefix;

  g_return_val_if_fail (self != NULL && weights != NULL, FALSE);

  prefix = limn_taesd_detect (weights, part);
  *self = (LimnTaesd){ .config.part = part };
  limn_whole_source_init (&source, weights, prefix != NULL ? prefix : "");
  limn_binder_begin (&binder, &self->layers, &source.source);
  if (prefix == NULL)
    limn_binder_fail (&binder, LIMN_ENGINE_ERROR_UNSUPPORTED, "%s does not have the layers of %s",
                      limn_weights_get_path (weights),
                      part == LIMN_TAESD_ENCODER ? "a TAESD's encoder" : "a TAESD's decoder");
  else
    build (&builder);
  limn_whole_source_check (&source, &binder, "a TAESD", modules);
  return limn_binder_end (&binder, error);
}

void
limn_taesd_clear (LimnTaesd *self)
{
  limn_layers_clear (&self->layers);
  g_clear_pointer (&self->steps, g_free);
  self->n_steps = 0;
}

int
limn_taesd_get_factor (const LimnTaesd *self)
{
  return 1 << self->config.n_resamples;
}

/* ---- Forward -------------------------------------------------------------------------------- */

/* relu (conv (relu (conv (relu (conv (x))))) + skip (x)) */
static LimnTensor
block_forward (LimnTaesdLayer *self, LimnRun *run, const LimnTensor *x)
{
  LimnTensor half = limn_conv2d (run, &self->conv[0], x, NULL), skip = *x, h;
  LimnArenaMark mark = limn_run_mark (run);

  limn_leaky_relu_in_place (run, &half, 0.0f);
  h = limn_conv2d (run, &self->conv[1], &half, NULL);
  limn_leaky_relu_in_place (run, &h, 0.0f);
  h = limn_keep (run, &half, &h, mark);
  if (self->has_skip)
    skip = limn_conv2d (run, &self->skip, x, NULL);
  h = limn_conv2d (run, &self->conv[2], &h, &skip);
  limn_leaky_relu_in_place (run, &h, 0.0f);
  return h;
}

static LimnTensor
step_forward (LimnTaesdLayer *self, LimnRun *run, const LimnTensor *x)
{
  switch (self->step)
    {
    case STEP_UPSAMPLE:
      return limn_upsample_nearest_2x (run, x);
    case STEP_RELU:
      limn_leaky_relu_in_place (run, x, 0.0f);
      return *x;
    case STEP_BLOCK:
      return block_forward (self, run, x);
    case STEP_CONV:
    default:
      return limn_conv2d (run, &self->conv[0], x, NULL);
    }
}

/* Values of the largest map between two steps, and the last one's size. */
static gint64
largest_map (const LimnTaesd *self, const LimnTensor *x, gint64 *height, gint64 *width)
{
  gint64 most = 0, h = x->extent[1], w = x->extent[2], c = x->extent[3];

  for (int i = 0; i < self->n_steps; i++)
    {
      const LimnTaesdLayer *layer = &self->steps[i];

      if (layer->step == STEP_UPSAMPLE)
        {
          h *= 2;
          w *= 2;
        }
      else if (layer->step != STEP_RELU)
        {
          int stride = layer->conv[0].stride;

          h = (h + stride - 1) / stride;
          w = (w + stride - 1) / stride;
          c = layer->conv[0].n_out;
        }
      most = MAX (most, h * w * c);
    }
  *height = h;
  *width = w;
  return most * x->extent[0];
}

/* All steps, each result in the same place. */
static LimnTensor
run_steps (LimnTaesd *self, LimnRun *run, const LimnTensor *x, gint64 largest)
{
  LimnTensor trunk = limn_run_tensor (run, 1, &largest);
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor h = *x;

  for (int i = 0; i < self->n_steps; i++)
    {
      h = step_forward (&self->steps[i], run, &h);
      /* What is enlarged is convolved at once, and what is changed in place stays where it is. */
      if (self->steps[i].step != STEP_UPSAMPLE && self->steps[i].step != STEP_RELU)
        h = limn_keep (run, &trunk, &h, mark);
    }
  return h;
}

LimnTensor
limn_taesd_forward (LimnTaesd *self, LimnRun *run, const LimnTensor *x)
{
  gboolean encoder = self->config.part == LIMN_TAESD_ENCODER;
  gint64 largest, height, width;
  LimnTensor out, h;
  LimnArenaMark mark;

  if (!limn_check_map (run, encoder ? "TAESD encoder" : "TAESD decoder", x,
                       encoder ? self->config.channels : self->config.latent_channels))
    return LIMN_TENSOR_EMPTY;
  largest = largest_map (self, x, &height, &width);
  out = limn_run_nhwc (run, x->extent[0], height, width,
                       encoder ? self->config.latent_channels : self->config.channels);
  mark = limn_run_mark (run);
  h = encoder ? limn_pixel_unshuffle (run, x, 1, 0.5f, 0.5f)
              : limn_soft_clamp (run, x, LATENT_LIMIT);
  h = run_steps (self, run, &h, largest);
  if (!encoder)
    limn_scale_in_place (run, &h, 2.0f, -1.0f);
  return limn_keep (run, &out, &h, mark);
}
