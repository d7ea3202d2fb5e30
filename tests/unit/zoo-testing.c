/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/zoo-testing.h"

#include <stdarg.h>
#include <string.h>

static void
tensor_free (gpointer data)
{
  ZooTensor *tensor = data;

  g_free (tensor->name);
  g_free (tensor);
}

GPtrArray *
zoo_tensors_new (void)
{
  return g_ptr_array_new_with_free_func (tensor_free);
}

void
zoo_add_tensor (GPtrArray *tensors, const char *name, int n_dims, const gint64 *extent)
{
  ZooTensor *tensor = g_new0 (ZooTensor, 1);

  tensor->name = g_strdup (name);
  tensor->n_dims = n_dims;
  memcpy (tensor->extent, extent, sizeof (gint64) * (gsize)n_dims);
  g_ptr_array_add (tensors, tensor);
}

gint64
zoo_count (GPtrArray *tensors, const char *prefix)
{
  gint64 count = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      gint64 elements = 1;

      for (int k = 0; k < tensor->n_dims; k++)
        elements *= tensor->extent[k];
      if (g_str_has_prefix (tensor->name, prefix))
        count += elements;
    }
  return count;
}

/* ---- Layers ---------------------------------------------------------------------------------- */

static void add (GPtrArray *tensors, int n_dims, const gint64 *extent, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
add (GPtrArray *tensors, int n_dims, const gint64 *extent, const char *format, ...)
{
  g_autofree char *name = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  zoo_add_tensor (tensors, name, n_dims, extent);
}

#define SHAPE(...)                                                                                 \
  (gint64[]) { __VA_ARGS__ }

static void
add_linear (GPtrArray *tensors,
            const char *path,
            const char *name,
            gint64 in,
            gint64 out,
            gboolean bias)
{
  add (tensors, 2, SHAPE (out, in), "%s%s.weight", path, name);
  if (bias)
    add (tensors, 1, SHAPE (out), "%s%s.bias", path, name);
}

static void
add_conv (GPtrArray *tensors,
          const char *path,
          const char *name,
          gint64 in,
          gint64 out,
          gint64 kernel)
{
  add (tensors, 4, SHAPE (out, in, kernel, kernel), "%s%s.weight", path, name);
  add (tensors, 1, SHAPE (out), "%s%s.bias", path, name);
}

static void
add_norm (GPtrArray *tensors, const char *path, const char *name, gint64 channels)
{
  add (tensors, 1, SHAPE (channels), "%s%s.weight", path, name);
  add (tensors, 1, SHAPE (channels), "%s%s.bias", path, name);
}

/* ---- UNet ------------------------------------------------------------------------------------ */

#define UNET "model.diffusion_model."

typedef struct
{
  GPtrArray *tensors;
  const ZooUnet *unet;
} Unet;

static char *
block_path (const char *side, int block, int part)
{
  return g_strdup_printf (UNET "%s.%d.%d", side, block, part);
}

static void
add_res (Unet *self, const char *path, gint64 in, gint64 out)
{
  gint64 embedding = 4 * (gint64)self->unet->channels;

  add_norm (self->tensors, path, ".in_layers.0", in);
  add_conv (self->tensors, path, ".in_layers.2", in, out, 3);
  add_linear (self->tensors, path, ".emb_layers.1", embedding,
              self->unet->scale_shift ? 2 * out : out, TRUE);
  add_norm (self->tensors, path, ".out_layers.0", out);
  add_conv (self->tensors, path, ".out_layers.3", out, out, 3);
  if (in != out)
    add_conv (self->tensors, path, ".skip_connection", in, out, 1);
}

static void
add_transformer_block (Unet *self, const char *path, gint64 width, gboolean cross_only)
{
  gint64 context = self->unet->context;
  gint64 own = cross_only ? context : width;

  add_linear (self->tensors, path, ".attn1.to_q", width, width, FALSE);
  add_linear (self->tensors, path, ".attn1.to_k", own, width, FALSE);
  add_linear (self->tensors, path, ".attn1.to_v", own, width, FALSE);
  add_linear (self->tensors, path, ".attn1.to_out.0", width, width, TRUE);
  add_linear (self->tensors, path, ".ff.net.0.proj", width, 8 * width, TRUE);
  add_linear (self->tensors, path, ".ff.net.2", 4 * width, width, TRUE);
  add_linear (self->tensors, path, ".attn2.to_q", width, width, FALSE);
  add_linear (self->tensors, path, ".attn2.to_k", context, width, FALSE);
  add_linear (self->tensors, path, ".attn2.to_v", context, width, FALSE);
  add_linear (self->tensors, path, ".attn2.to_out.0", width, width, TRUE);
  add_norm (self->tensors, path, ".norm1", width);
  add_norm (self->tensors, path, ".norm2", width);
  add_norm (self->tensors, path, ".norm3", width);
}

static void
add_attention (Unet *self, const char *path, gint64 width, gboolean cross_only)
{
  add_norm (self->tensors, path, ".norm", width);
  if (self->unet->depth == 0)
    {
      add (self->tensors, 3, SHAPE (3 * width, width, 1), "%s.qkv.weight", path);
      add (self->tensors, 1, SHAPE (3 * width), "%s.qkv.bias", path);
      add (self->tensors, 3, SHAPE (width, width, 1), "%s.proj_out.weight", path);
      add (self->tensors, 1, SHAPE (width), "%s.proj_out.bias", path);
      return;
    }
  for (int i = 0; i < self->unet->depth; i++)
    {
      g_autofree char *block = g_strdup_printf ("%s.transformer_blocks.%d", path, i);

      add_transformer_block (self, block, width, cross_only);
    }
  if (self->unet->linear)
    {
      add_linear (self->tensors, path, ".proj_in", width, width, TRUE);
      add_linear (self->tensors, path, ".proj_out", width, width, TRUE);
      return;
    }
  add_conv (self->tensors, path, ".proj_in", width, width, 1);
  add_conv (self->tensors, path, ".proj_out", width, width, 1);
}

static gboolean
is_set (const char *levels, int level)
{
  return levels != NULL && levels[level] == '1';
}

/* A residual block and what comes after it. */
static void
add_block (Unet *self, const char *side, int block, gint64 in, gint64 out, int level)
{
  g_autofree char *res = block_path (side, block, 0);
  g_autofree char *attention = block_path (side, block, 1);

  add_res (self, res, in, out);
  if (is_set (self->unet->attention, level))
    add_attention (self, attention, out, is_set (self->unet->cross_only, level));
}

static void
add_resample (Unet *self, const char *side, int block, int part, const char *conv, gint64 width)
{
  g_autofree char *path = block_path (side, block, part);

  if (self->unet->updown)
    add_res (self, path, width, width);
  else
    add_conv (self->tensors, path, conv, width, width, 3);
}

void
zoo_add_unet (GPtrArray *tensors, const ZooUnet *unet)
{
  Unet self = { tensors, unet };
  int n_levels = (int)strlen (unet->mult), n_skips = 0, block = 1;
  gint64 base = unet->channels, width = base, skips[64];

  add_linear (tensors, UNET, "time_embed.0", base, 4 * base, TRUE);
  add_linear (tensors, UNET, "time_embed.2", 4 * base, 4 * base, TRUE);
  if (unet->classes > 0)
    add (tensors, 2, SHAPE (unet->classes, 4 * base), UNET "label_emb.weight");
  add_conv (tensors, UNET, "input_blocks.0.0", unet->in, base, 3);
  skips[n_skips++] = base;
  for (int level = 0; level < n_levels; level++)
    {
      for (int i = 0; i < unet->res_blocks; i++)
        {
          gint64 out = base * (unet->mult[level] - '0');

          add_block (&self, "input_blocks", block++, width, out, level);
          skips[n_skips++] = width = out;
        }
      if (level + 1 == n_levels)
        break;
      add_resample (&self, "input_blocks", block++, 0, ".op", width);
      skips[n_skips++] = width;
    }
  add_res (&self, UNET "middle_block.0", width, width);
  add_attention (&self, UNET "middle_block.1", width, FALSE);
  add_res (&self, UNET "middle_block.2", width, width);
  block = 0;
  for (int level = n_levels - 1; level >= 0; level--)
    for (int i = 0; i <= unet->res_blocks; i++, block++)
      {
        gint64 out = base * (unet->mult[level] - '0');

        add_block (&self, "output_blocks", block, width + skips[--n_skips], out, level);
        width = out;
        if (level > 0 && i == unet->res_blocks)
          add_resample (&self, "output_blocks", block, is_set (unet->attention, level) ? 2 : 1,
                        ".conv", width);
      }
  add_norm (tensors, UNET, "out.0", width);
  add_conv (tensors, UNET, "out.2", base, unet->out, 3);
}

void
zoo_add_ema (GPtrArray *tensors)
{
  guint n = tensors->len;

  for (guint i = 0; i < n; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      g_autoptr (GString) name = g_string_new ("model_ema.");

      if (!g_str_has_prefix (tensor->name, UNET))
        continue;
      for (const char *p = tensor->name + strlen ("model."); *p != '\0'; p++)
        if (*p != '.')
          g_string_append_c (name, *p);
      zoo_add_tensor (tensors, name->str, tensor->n_dims, tensor->extent);
    }
}

/* ---- Autoencoder ----------------------------------------------------------------------------- */

#define RES_BLOCKS 2

static void
add_resnet (GPtrArray *tensors, const char *path, gint64 in, gint64 out)
{
  add_norm (tensors, path, ".norm1", in);
  add_conv (tensors, path, ".conv1", in, out, 3);
  add_norm (tensors, path, ".norm2", out);
  add_conv (tensors, path, ".conv2", out, out, 3);
  if (in != out)
    add_conv (tensors, path, ".nin_shortcut", in, out, 1);
}

static void
add_map_attention (GPtrArray *tensors, const char *path, gint64 width)
{
  static const char *const layers[] = { ".q", ".k", ".v", ".proj_out" };

  add_norm (tensors, path, ".norm", width);
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    add_conv (tensors, path, layers[i], width, width, 1);
}

static void
add_level (GPtrArray *tensors,
           const char *path,
           const ZooAutoencoder *config,
           int level,
           int n_blocks,
           gint64 *width)
{
  gint64 out = (gint64)config->channels * (config->mult[level] - '0');

  for (int i = 0; i < n_blocks; i++)
    {
      g_autofree char *block = g_strdup_printf ("%s.block.%d", path, i);
      g_autofree char *attention = g_strdup_printf ("%s.attn.%d", path, i);

      add_resnet (tensors, block, *width, out);
      if (is_set (config->attention, level))
        add_map_attention (tensors, attention, out);
      *width = out;
    }
}

static void
add_middle (GPtrArray *tensors, const char *coder, const ZooAutoencoder *config, gint64 width)
{
  g_autofree char *first = g_strconcat (coder, "mid.block_1", NULL);
  g_autofree char *attention = g_strconcat (coder, "mid.attn_1", NULL);
  g_autofree char *second = g_strconcat (coder, "mid.block_2", NULL);

  add_resnet (tensors, first, width, width);
  if (config->mid_attention)
    add_map_attention (tensors, attention, width);
  add_resnet (tensors, second, width, width);
}

void
zoo_add_autoencoder (GPtrArray *tensors, const char *prefix, const ZooAutoencoder *config)
{
  g_autofree char *encoder = g_strconcat (prefix, "encoder.", NULL);
  g_autofree char *decoder = g_strconcat (prefix, "decoder.", NULL);
  int n_levels = (int)strlen (config->mult);
  gint64 width = config->channels, twice = config->codebook > 0 ? 1 : 2;

  add_conv (tensors, encoder, "conv_in", 3, width, 3);
  for (int level = 0; level < n_levels; level++)
    {
      g_autofree char *path = g_strdup_printf ("%sdown.%d", encoder, level);

      add_level (tensors, path, config, level, RES_BLOCKS, &width);
      if (level + 1 < n_levels)
        add_conv (tensors, path, ".downsample.conv", width, width, 3);
    }
  add_middle (tensors, encoder, config, width);
  add_norm (tensors, encoder, "norm_out", width);
  add_conv (tensors, encoder, "conv_out", width, twice * config->z, 3);
  add_conv (tensors, decoder, "conv_in", config->z, width, 3);
  add_middle (tensors, decoder, config, width);
  for (int level = n_levels - 1; level >= 0; level--)
    {
      g_autofree char *path = g_strdup_printf ("%sup.%d", decoder, level);

      add_level (tensors, path, config, level, RES_BLOCKS + 1, &width);
      if (level > 0)
        add_conv (tensors, path, ".upsample.conv", width, width, 3);
    }
  add_norm (tensors, decoder, "norm_out", width);
  add_conv (tensors, decoder, "conv_out", width, 3, 3);
  add_conv (tensors, prefix, "quant_conv", twice * config->z, twice * config->embed, 1);
  add_conv (tensors, prefix, "post_quant_conv", config->embed, config->z, 1);
  if (config->codebook > 0)
    add (tensors, 2, SHAPE (config->codebook, config->embed), "%squantize.embedding.weight",
         prefix);
}

/* ---- Condition stages ------------------------------------------------------------------------ */

void
zoo_add_clip (GPtrArray *tensors, int vocabulary, int width, int layers)
{
  static const char prefix[] = "cond_stage_model.transformer.text_model.";
  static const char *const projections[] = { "q_proj", "k_proj", "v_proj", "out_proj" };

  add (tensors, 2, SHAPE (vocabulary, width), "%sembeddings.token_embedding.weight", prefix);
  add (tensors, 2, SHAPE (77, width), "%sembeddings.position_embedding.weight", prefix);
  for (int i = 0; i < layers; i++)
    {
      g_autofree char *path = g_strdup_printf ("%sencoder.layers.%d.", prefix, i);
      g_autofree char *attention = g_strconcat (path, "self_attn.", NULL);

      for (gsize k = 0; k < G_N_ELEMENTS (projections); k++)
        add_linear (tensors, attention, projections[k], width, width, TRUE);
      add_norm (tensors, path, "layer_norm1", width);
      add_norm (tensors, path, "layer_norm2", width);
      add_linear (tensors, path, "mlp.fc1", width, 4 * (gint64)width, TRUE);
      add_linear (tensors, path, "mlp.fc2", 4 * (gint64)width, width, TRUE);
    }
  add_norm (tensors, prefix, "final_layer_norm", width);
}

void
zoo_add_openclip (GPtrArray *tensors, int vocabulary, int width, int layers)
{
  static const char prefix[] = "cond_stage_model.model.";

  add (tensors, 2, SHAPE (vocabulary, width), "%stoken_embedding.weight", prefix);
  add (tensors, 2, SHAPE (77, width), "%spositional_embedding", prefix);
  add (tensors, 2, SHAPE (width, width), "%stext_projection", prefix);
  for (int i = 0; i < layers; i++)
    {
      g_autofree char *path = g_strdup_printf ("%stransformer.resblocks.%d.", prefix, i);

      add (tensors, 2, SHAPE (3 * width, width), "%sattn.in_proj_weight", path);
      add (tensors, 1, SHAPE (3 * width), "%sattn.in_proj_bias", path);
      add_linear (tensors, path, "attn.out_proj", width, width, TRUE);
      add_norm (tensors, path, "ln_1", width);
      add_norm (tensors, path, "ln_2", width);
      add_linear (tensors, path, "mlp.c_fc", width, 4 * (gint64)width, TRUE);
      add_linear (tensors, path, "mlp.c_proj", 4 * (gint64)width, width, TRUE);
    }
  add_norm (tensors, prefix, "ln_final", width);
}

void
zoo_add_bert (GPtrArray *tensors, int vocabulary, int length, int width, int layers)
{
  static const char prefix[] = "cond_stage_model.transformer.";
  const int inner = 512;

  add (tensors, 2, SHAPE (vocabulary, width), "%stoken_emb.weight", prefix);
  add (tensors, 2, SHAPE (length, width), "%spos_emb.emb.weight", prefix);
  for (int i = 0; i < layers; i++)
    {
      g_autofree char *attention = g_strdup_printf ("%sattn_layers.layers.%d", prefix, 2 * i);
      g_autofree char *feed = g_strdup_printf ("%sattn_layers.layers.%d", prefix, 2 * i + 1);

      add_norm (tensors, attention, ".0", width);
      add_linear (tensors, attention, ".1.to_q", width, inner, FALSE);
      add_linear (tensors, attention, ".1.to_k", width, inner, FALSE);
      add_linear (tensors, attention, ".1.to_v", width, inner, FALSE);
      add_linear (tensors, attention, ".1.to_out", inner, width, TRUE);
      add_norm (tensors, feed, ".0", width);
      add_linear (tensors, feed, ".1.net.0.0", width, 4 * (gint64)width, TRUE);
      add_linear (tensors, feed, ".1.net.2", 4 * (gint64)width, width, TRUE);
    }
  add_norm (tensors, prefix, "norm", width);
  add_linear (tensors, prefix, "to_logits", width, vocabulary, TRUE);
}

void
zoo_add_betas (GPtrArray *tensors)
{
  add (tensors, 1, SHAPE (1000), "betas");
}
