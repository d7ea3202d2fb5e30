/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The network that is looked through. */
typedef struct
{
  LimnWeights *weights;
  GArray *layers;
  BenchNetwork network;
  const char *prefix;
  gint64 h, w, tokens;
  int heads;
} Walk;

/* How much the map at a layer is smaller than the one at the start: 2^level, negative where it is
 * larger. */
typedef int (*LevelOf) (const Walk *walk, const char *name);

/* Number of the part in "PART.N."; -1 when @name is none of @part. */
static int
part_number (const char *name, const char *part)
{
  gsize n = strlen (part);

  return strncmp (name, part, n) == 0 && name[n] == '.' ? atoi (name + n + 1) : -1;
}

static gboolean
has (const Walk *walk, const char *part, int i, const char *rest)
{
  g_autofree char *name = g_strdup_printf ("%s%s.%d.%s", walk->prefix, part, i, rest);

  return limn_weights_has (walk->weights, name);
}

/* ---- Sizes of the maps ----------------------------------------------------------------------- */

/* TRUE when input block @i halves the map, or output block @i doubles it. */
static gboolean
changes_size (const Walk *walk, const char *part, int i)
{
  return has (walk, part, i, "0.op.weight") || has (walk, part, i, "1.conv.weight")
         || has (walk, part, i, "2.conv.weight");
}

static int
n_halvings (const Walk *walk, int before)
{
  int n = 0;

  for (int i = 0; i < before; i++)
    n += changes_size (walk, "input_blocks", i);
  return n;
}

static int
unet_level (const Walk *walk, const char *name)
{
  int block = part_number (name, "input_blocks");
  int level;

  if (block >= 0)
    return n_halvings (walk, block + 1);
  level = n_halvings (walk, 200);
  block = part_number (name, "output_blocks");
  if (block < 0)
    return g_str_has_prefix (name, "middle_block") ? level : 0;
  for (int i = 0; i < block; i++)
    level -= changes_size (walk, "output_blocks", i);
  /* An upsample's own convolution works on the doubled map. */
  return strstr (name, ".conv.weight") != NULL ? level - 1 : level;
}

static int
n_doublings (const Walk *walk)
{
  int n = 0;

  while (has (walk, "decoder.up", n + 1, "upsample.conv.weight"))
    n++;
  return n;
}

static int
decoder_level (const Walk *walk, const char *name)
{
  int up = part_number (name, "decoder.up"), n = n_doublings (walk);

  if (up >= 0)
    return (strstr (name, "upsample") != NULL ? up - 1 : up) - n;
  return g_str_has_prefix (name, "decoder.conv_out") ? -n : 0;
}

static int
encoder_level (const Walk *walk, const char *name)
{
  int down = part_number (name, "encoder.down");

  if (down >= 0)
    return strstr (name, "downsample") != NULL ? down + 1 : down;
  return g_str_has_prefix (name, "encoder.conv_in") ? 0 : n_doublings (walk);
}

static int
upscaler_level (const Walk *walk, const char *name)
{
  if (g_str_has_prefix (name, "conv_up1"))
    return -1;
  return g_str_has_prefix (name, "conv_up2") || g_str_has_prefix (name, "conv_hr")
                 || g_str_has_prefix (name, "conv_last")
             ? -2
             : 0;
}

/* ---- Layers ---------------------------------------------------------------------------------- */

static gboolean
is_same (const BenchLayer *a, const BenchLayer *b)
{
  return a->kind == b->kind && a->kernel == b->kernel && a->stride == b->stride && a->h == b->h
         && a->w == b->w && a->in == b->in && a->out == b->out && a->heads == b->heads;
}

static void
add (Walk *walk, BenchLayer layer)
{
  layer.count = 1;
  for (guint i = 0; i < walk->layers->len; i++)
    {
      BenchLayer *other = &g_array_index (walk->layers, BenchLayer, i);

      if (is_same (other, &layer))
        {
          other->count++;
          return;
        }
    }
  g_array_append_val (walk->layers, layer);
}

static void
add_attention (Walk *walk, gint64 queries, gint64 keys, gint64 width, int heads)
{
  add (walk, (BenchLayer){ BENCH_ATTENTION, 0, 0, 1, queries, keys, width, heads, 0 });
}

/* Both products of the attention, counted at its query projection. */
static void
add_attention_of (Walk *walk, const char *name, gint64 positions, gint64 width)
{
  if (g_str_has_suffix (name, "attn1.to_q.weight"))
    add_attention (walk, positions, positions, width, walk->heads);
  else if (g_str_has_suffix (name, "attn2.to_q.weight"))
    add_attention (walk, positions, walk->tokens, width, walk->heads);
  else if (g_str_has_suffix (name, "attn_1.q.weight"))
    add_attention (walk, positions, positions, width, 1);
  else if (g_str_has_suffix (name, "self_attn.q_proj.weight"))
    add_attention (walk, positions, positions, width, walk->heads);
}

static gint64
linear_rows (const Walk *walk, const char *name, gint64 positions)
{
  if (strstr (name, "emb_layers") != NULL || g_str_has_prefix (name, "time_embed"))
    return 1;
  if (strstr (name, "attn2.to_k") != NULL || strstr (name, "attn2.to_v") != NULL)
    return walk->tokens;
  return positions;
}

static gint64
scaled (gint64 side, int level)
{
  return level >= 0 ? side >> level : side << -level;
}

static void
add_layer (Walk *walk, const char *name, const LimnTensor *weight, LevelOf level_of)
{
  int level = level_of != NULL ? level_of (walk, name) : 0;
  gint64 h = scaled (walk->h, level), w = scaled (walk->w, level);

  if (weight->n_dims == 4)
    {
      gboolean halves = strstr (name, ".op.") != NULL || strstr (name, "downsample") != NULL;

      add (walk, (BenchLayer){ BENCH_CONV, (int)weight->extent[2], halves ? 2 : 1, h, w,
                               weight->extent[1], weight->extent[0], 0, 0 });
    }
  else
    add (walk, (BenchLayer){ BENCH_LINEAR, 0, 0, 1, linear_rows (walk, name, h * w),
                             weight->extent[1], weight->extent[0], 0, 0 });
  add_attention_of (walk, name, h * w, weight->extent[0]);
}

static gboolean
belongs (const Walk *walk, const char *name)
{
  switch (walk->network)
    {
    case BENCH_DECODER:
      return g_str_has_prefix (name, "decoder.") || g_str_has_prefix (name, "post_quant_conv.");
    case BENCH_ENCODER:
      return g_str_has_prefix (name, "encoder.") || g_str_has_prefix (name, "quant_conv.");
    case BENCH_TEXT:
      return strstr (name, "embedding") == NULL;
    case BENCH_UNET:
    case BENCH_UPSCALER:
    default:
      return TRUE;
    }
}

GArray *
bench_layers (LimnWeights *weights,
              BenchNetwork network,
              gint64 height,
              gint64 width,
              gint64 tokens,
              int heads)
{
  static const struct
  {
    const char *prefix;
    LevelOf level_of;
  } networks[] = {
    [BENCH_UNET] = { "model.diffusion_model.", unet_level },
    [BENCH_DECODER] = { "first_stage_model.", decoder_level },
    [BENCH_ENCODER] = { "first_stage_model.", encoder_level },
    [BENCH_TEXT] = { "cond_stage_model.", NULL },
    [BENCH_UPSCALER] = { "", upscaler_level },
  };
  const char *const *names = limn_weights_list (weights);
  Walk walk = {
    .weights = weights,
    .layers = g_array_new (FALSE, FALSE, sizeof (BenchLayer)),
    .network = network,
    .prefix = networks[network].prefix,
    .h = network == BENCH_TEXT ? 1 : height,
    .w = network == BENCH_TEXT ? tokens : width,
    .tokens = tokens,
    .heads = heads,
  };

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const char *name = names[i] + strlen (walk.prefix);
      LimnTensor weight;

      if (g_str_has_prefix (names[i], walk.prefix) && g_str_has_suffix (name, ".weight")
          && belongs (&walk, name) && limn_weights_lookup (weights, names[i], &weight)
          && weight.n_dims >= 2)
        add_layer (&walk, name, &weight, networks[network].level_of);
    }
  return walk.layers;
}

double
bench_layer_gflop (const BenchLayer *layer)
{
  double positions = (double)(layer->h * layer->w), pairs = (double)(layer->in * layer->out);

  switch (layer->kind)
    {
    case BENCH_CONV:
      return 2e-9 * positions * pairs * layer->kernel * layer->kernel;
    case BENCH_ATTENTION:
      return 4e-9 * positions * pairs;
    case BENCH_LINEAR:
    default:
      return 2e-9 * positions * pairs;
    }
}

double
bench_layers_gflop (const GArray *layers)
{
  double total = 0.0;

  for (guint i = 0; i < layers->len; i++)
    {
      const BenchLayer *layer = &g_array_index (layers, BenchLayer, i);

      total += layer->count * bench_layer_gflop (layer);
    }
  return total;
}

char *
bench_layer_name (const BenchLayer *layer)
{
  switch (layer->kind)
    {
    case BENCH_CONV:
      return g_strdup_printf ("conv %dx%d%s %dx%d %d -> %d", layer->kernel, layer->kernel,
                              layer->stride > 1 ? "/2" : "", (int)layer->h, (int)layer->w,
                              (int)layer->in, (int)layer->out);
    case BENCH_ATTENTION:
      return g_strdup_printf ("attention %d x %d, %d heads of %d", (int)layer->w, (int)layer->in,
                              layer->heads, (int)layer->out / layer->heads);
    case BENCH_LINEAR:
    default:
      return g_strdup_printf ("linear %d x %d -> %d", (int)layer->w, (int)layer->in,
                              (int)layer->out);
    }
}
