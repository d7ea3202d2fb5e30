/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/upscale-testing.h"

#include <math.h>
#include <string.h>

/* ---- Files ---------------------------------------------------------------------------------- */

typedef struct
{
  TestSafetensors file;
  const TestDamage *damage;
  guint32 random;
} Writer;

static void
begin (Writer *self, const TestDamage *damage)
{
  *self = (Writer){ .damage = damage, .random = 1 };
  test_safetensors_init (&self->file);
}

static LimnWeights *
end (Writer *self, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  LimnWeights *weights;
  const float one = 1.0f;

  if (self->damage != NULL && self->damage->extra != NULL)
    test_safetensors_add (&self->file, self->damage->extra, "F32", "1", &one, sizeof one);
  path = test_safetensors_write (&self->file, folder, "net.safetensors");
  weights = limn_weights_open (path, &error);
  g_assert_no_error (error);
  return weights;
}

/* @n0: the extent that grows when it is damaged. */
static void
add (Writer *self, const char *name, int n0, int n1, int kernel, double size)
{
  g_autofree char *shape = NULL;
  g_autofree float *values = NULL;
  gsize n;

  if (self->damage != NULL && g_strcmp0 (self->damage->without, name) == 0)
    return;
  if (self->damage != NULL && g_strcmp0 (self->damage->grown, name) == 0)
    n0++;
  shape = kernel > 0 ? g_strdup_printf ("%d, %d, %d, %d", n0, n1, kernel, kernel)
                     : g_strdup_printf ("%d", n0);
  n = (gsize)n0 * (kernel > 0 ? (gsize)(n1 * kernel * kernel) : 1);
  values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    {
      self->random = self->random * 1664525u + 1013904223u;
      values[i] = (float)(((double)(self->random >> 8) / 8388608.0 - 1.0) * size);
    }
  test_safetensors_add (&self->file, name, "F32", shape, values, n * sizeof *values);
}

/* Weights of a size that keeps the maps' size. */
static void
add_conv (Writer *self, const char *path, int n_in, int n_out, int kernel, gboolean bias)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias_name = g_strconcat (path, ".bias", NULL);

  add (self, weight, n_out, n_in, kernel, sqrt (3.0 / (n_in * kernel * kernel)));
  if (bias)
    add (self, bias_name, n_out, 0, 0, 0.2);
}

static char *
rrdb_layer (const TestRrdb *config, const char *layer, int index)
{
  static const char *const names[][4] = {
    { "conv_first", "conv_first", "model.0", NULL },
    { "conv_body", "trunk_conv", NULL, NULL },
    { "conv_hr", "HRconv", NULL, NULL },
    { "conv_last", "conv_last", NULL, NULL },
  };

  if (strcmp (layer, "up") == 0)
    return config->names == LIMN_RRDB_NAMES_BASICSR  ? g_strdup_printf ("conv_up%d", index)
           : config->names == LIMN_RRDB_NAMES_ESRGAN ? g_strdup_printf ("upconv%d", index)
                                                     : g_strdup_printf ("model.%d", 3 * index);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i][0], layer) == 0 && names[i][config->names] != NULL)
      return g_strdup (names[i][config->names]);
  if (strcmp (layer, "conv_body") == 0)
    return g_strdup_printf ("model.1.sub.%d", config->num_block);
  return g_strdup_printf ("model.%d", 3 * config->n_up + (strcmp (layer, "conv_hr") == 0 ? 2 : 4));
}

static char *
rrdb_dense (const TestRrdb *config, int block, int dense, int conv)
{
  return config->names == LIMN_RRDB_NAMES_BASICSR
             ? g_strdup_printf ("body.%d.rdb%d.conv%d", block, dense, conv)
         : config->names == LIMN_RRDB_NAMES_ESRGAN
             ? g_strdup_printf ("RRDB_trunk.%d.RDB%d.conv%d", block, dense, conv)
             : g_strdup_printf ("model.1.sub.%d.RDB%d.conv%d.0", block, dense, conv);
}

static void
add_rrdb_layer (Writer *self,
                const TestRrdb *config,
                const char *layer,
                int index,
                int n_in,
                int n_out)
{
  g_autofree char *path = rrdb_layer (config, layer, index);

  add_conv (self, path, n_in, n_out, 3, TRUE);
}

LimnWeights *
test_write_rrdb (const char *folder, const TestRrdb *config, const TestDamage *damage)
{
  int nf = config->num_feat, gc = config->num_grow_ch;
  Writer writer;

  begin (&writer, damage);
  add_rrdb_layer (&writer, config, "conv_first", 0,
                  config->channels * config->unshuffle * config->unshuffle, nf);
  for (int b = 0; b < config->num_block; b++)
    for (int d = 1; d <= 3; d++)
      for (int c = 1; c <= 5; c++)
        {
          g_autofree char *path = rrdb_dense (config, b, d, c);

          add_conv (&writer, path, nf + (c - 1) * gc, c < 5 ? gc : nf, 3, TRUE);
        }
  add_rrdb_layer (&writer, config, "conv_body", 0, nf, nf);
  for (int i = 1; i <= config->n_up; i++)
    add_rrdb_layer (&writer, config, "up", i, nf, nf);
  add_rrdb_layer (&writer, config, "conv_hr", 0, nf, nf);
  add_rrdb_layer (&writer, config, "conv_last", 0, nf, config->channels);
  return end (&writer, folder);
}

LimnWeights *
test_write_srvgg (const char *folder, const TestSrvgg *config, const TestDamage *damage)
{
  int last = config->num_conv + 1;
  Writer writer;

  begin (&writer, damage);
  for (int i = 0; i <= last; i++)
    {
      g_autofree char *path = g_strdup_printf ("body.%d", 2 * i);
      g_autofree char *slopes = g_strdup_printf ("body.%d.weight", 2 * i + 1);

      add_conv (&writer, path, i == 0 ? config->channels : config->num_feat,
                i == last ? config->channels * config->upscale * config->upscale : config->num_feat,
                3, TRUE);
      if (i < last)
        add (&writer, slopes, config->num_feat, 0, 0, 0.5);
    }
  return end (&writer, folder);
}

/* Number, kind and widths of the layers of a TAESD, told to @visit in their order. */
typedef enum
{
  TAESD_CONV,
  TAESD_STRIDED,
  TAESD_RELU,
  TAESD_UPSAMPLE,
  TAESD_PLAIN,
  TAESD_BLOCK,
} TaesdKind;

typedef void (*TaesdVisit) (TaesdKind kind, int index, int n_in, int n_out, gpointer user_data);

static void
each_taesd_layer (const TestTaesd *config, TaesdVisit visit, gpointer user_data)
{
  gboolean encoder = config->part == LIMN_TAESD_ENCODER;
  int index = config->first, width = config->width;

  visit (TAESD_CONV, index++, encoder ? config->channels : config->latent_channels, width,
         user_data);
  if (!encoder)
    visit (TAESD_RELU, index++, width, width, user_data);
  for (int level = 0; level <= config->n_resamples; level++)
    {
      if (level > 0 && !encoder)
        visit (TAESD_UPSAMPLE, index++, width, width, user_data);
      if (level > 0)
        visit (encoder ? TAESD_STRIDED : TAESD_PLAIN, index++, width, width, user_data);
      for (int i = 0; i < config->n_blocks; i++)
        {
          visit (TAESD_BLOCK, index++, width, level > 0 ? config->widen : width, user_data);
          width = level > 0 ? config->widen : width;
        }
    }
  visit (TAESD_CONV, index, width, encoder ? config->latent_channels : config->channels, user_data);
}

typedef struct
{
  Writer writer;
  const char *prefix;
} TaesdWriter;

static void
write_taesd_layer (TaesdKind kind, int index, int n_in, int n_out, gpointer user_data)
{
  TaesdWriter *self = user_data;
  g_autofree char *path = g_strdup_printf ("%s%d", self->prefix, index);
  g_autofree char *skip = g_strconcat (path, ".skip", NULL);

  if (kind == TAESD_CONV || kind == TAESD_STRIDED || kind == TAESD_PLAIN)
    add_conv (&self->writer, path, n_in, n_out, 3, kind == TAESD_CONV);
  for (int i = 0; kind == TAESD_BLOCK && i < 3; i++)
    {
      g_autofree char *conv = g_strdup_printf ("%s.conv.%d", path, 2 * i);

      add_conv (&self->writer, conv, i == 0 ? n_in : n_out, n_out, 3, TRUE);
    }
  if (kind == TAESD_BLOCK && n_in != n_out)
    add_conv (&self->writer, skip, n_in, n_out, 1, FALSE);
}

LimnWeights *
test_write_taesd (const char *folder, const TestTaesd *config, const TestDamage *damage)
{
  TaesdWriter writer = { .prefix = config->prefix };

  begin (&writer.writer, damage);
  each_taesd_layer (config, write_taesd_layer, &writer);
  return end (&writer.writer, folder);
}

/* ---- Maps ----------------------------------------------------------------------------------- */

static LimnTensor
map_new (gint64 h, gint64 w, gint64 c)
{
  return limn_tensor_4d (LIMN_DTYPE_F32, g_new0 (float, (gsize)(h * w * c)), 1, h, w, c);
}

static float *
at (const LimnTensor *x, gint64 row, gint64 column)
{
  return limn_tensor_f32 (x) + (row * x->extent[2] + column) * x->extent[3];
}

/* Replaces @x by @y, which it frees for it. */
static void
take (LimnTensor *x, LimnTensor y)
{
  g_free (x->data);
  *x = y;
}

static LimnTensor
copy (const LimnTensor *x, double scale, double shift)
{
  LimnTensor y = map_new (x->extent[1], x->extent[2], x->extent[3]);

  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    limn_tensor_f32 (&y)[i] = (float)(limn_tensor_f32 (x)[i] * scale + shift);
  return y;
}

static float *
load (LimnWeights *weights, const char *path, const char *suffix, LimnTensor *t)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);
  float *values;

  if (!limn_weights_lookup (weights, name, t))
    return NULL;
  values = g_new (float, (gsize)limn_tensor_count (t));
  limn_convert_to_f32 (t->dtype, t->data, values, (gsize)limn_tensor_count (t));
  return values;
}

/* The convolution @path, padded by half of its kernel. */
static LimnTensor
conv (LimnWeights *weights, const char *path, const LimnTensor *x, int stride)
{
  LimnTensor w, b, y;
  g_autofree float *weight = load (weights, path, ".weight", &w);
  g_autofree float *bias = load (weights, path, ".bias", &b);
  gint64 n_in = w.extent[1], n_out = w.extent[0], k = w.extent[2], pad = k / 2;

  g_assert_nonnull (weight);
  g_assert_cmpint (n_in, ==, x->extent[3]);
  y = map_new ((x->extent[1] + 2 * pad - k) / stride + 1, (x->extent[2] + 2 * pad - k) / stride + 1,
               n_out);
  for (gint64 i = 0; i < y.extent[1]; i++)
    for (gint64 j = 0; j < y.extent[2]; j++)
      for (gint64 o = 0; o < n_out; o++)
        {
          double sum = bias != NULL ? bias[o] : 0.0;

          for (gint64 u = 0; u < k * k; u++)
            {
              gint64 row = i * stride + u / k - pad, column = j * stride + u % k - pad;

              if (row < 0 || row >= x->extent[1] || column < 0 || column >= x->extent[2])
                continue;
              for (gint64 c = 0; c < n_in; c++)
                sum += (double)weight[(o * n_in + c) * k * k + u] * at (x, row, column)[c];
            }
          at (&y, i, j)[o] = (float)sum;
        }
  return y;
}

static void
leaky (const LimnTensor *x, float slope)
{
  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    if (limn_tensor_f32 (x)[i] < 0)
      limn_tensor_f32 (x)[i] *= slope;
}

static LimnTensor
double_size (const LimnTensor *x)
{
  LimnTensor y = map_new (2 * x->extent[1], 2 * x->extent[2], x->extent[3]);

  for (gint64 i = 0; i < y.extent[1]; i++)
    for (gint64 j = 0; j < y.extent[2]; j++)
      memcpy (at (&y, i, j), at (x, i / 2, j / 2), (gsize)x->extent[3] * sizeof (float));
  return y;
}

/* x += scale * y */
static void
accumulate (const LimnTensor *x, const LimnTensor *y, double scale)
{
  g_assert_true (limn_tensor_same_shape (x, y));
  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    limn_tensor_f32 (x)[i] += (float)(scale * limn_tensor_f32 (y)[i]);
}

/* ---- RRDBNet -------------------------------------------------------------------------------- */

/* Continues to multiples of @factor by reflection and makes each square one pixel. */
static LimnTensor
unshuffle (const LimnTensor *x, int factor)
{
  gint64 h = x->extent[1], w = x->extent[2], c = x->extent[3];
  LimnTensor y
      = map_new ((h + factor - 1) / factor, (w + factor - 1) / factor, c * factor * factor);

  for (gint64 i = 0; i < y.extent[1] * factor; i++)
    for (gint64 j = 0; j < y.extent[2] * factor; j++)
      for (gint64 k = 0; k < c; k++)
        at (&y, i / factor, j / factor)[k * factor * factor + i % factor * factor + j % factor]
            = at (x, i < h ? i : 2 * (h - 1) - i, j < w ? j : 2 * (w - 1) - j)[k];
  return y;
}

static LimnTensor
join (const LimnTensor *a, const LimnTensor *b)
{
  LimnTensor y = map_new (a->extent[1], a->extent[2], a->extent[3] + b->extent[3]);

  for (gint64 i = 0; i < y.extent[1]; i++)
    for (gint64 j = 0; j < y.extent[2]; j++)
      {
        memcpy (at (&y, i, j), at (a, i, j), (gsize)a->extent[3] * sizeof (float));
        memcpy (at (&y, i, j) + a->extent[3], at (b, i, j), (gsize)b->extent[3] * sizeof (float));
      }
  return y;
}

static void
dense (LimnWeights *weights, const TestRrdb *config, int block, int number, LimnTensor *x)
{
  LimnTensor all = copy (x, 1, 0);

  for (int c = 1; c <= 5; c++)
    {
      g_autofree char *path = rrdb_dense (config, block, number, c);
      LimnTensor h = conv (weights, path, &all, 1);

      if (c == 5)
        accumulate (x, &h, 0.2);
      else
        {
          leaky (&h, 0.2f);
          take (&all, join (&all, &h));
        }
      g_free (h.data);
    }
  g_free (all.data);
}

static LimnTensor
rrdb_conv (LimnWeights *weights,
           const TestRrdb *config,
           const char *layer,
           int index,
           const LimnTensor *x)
{
  g_autofree char *path = rrdb_layer (config, layer, index);

  return conv (weights, path, x, 1);
}

LimnTensor
test_reference_rrdb (LimnWeights *weights, const TestRrdb *config, const LimnTensor *x)
{
  LimnTensor unit = copy (x, 0.5, 0.5), h = unshuffle (&unit, config->unshuffle);
  LimnTensor first, out;
  int scale = (1 << config->n_up) / config->unshuffle;

  take (&h, rrdb_conv (weights, config, "conv_first", 0, &h));
  first = copy (&h, 1, 0);
  for (int b = 0; b < config->num_block; b++)
    {
      LimnTensor inner = copy (&h, 1, 0);

      for (int d = 1; d <= 3; d++)
        dense (weights, config, b, d, &inner);
      accumulate (&h, &inner, 0.2);
      g_free (inner.data);
    }
  take (&h, rrdb_conv (weights, config, "conv_body", 0, &h));
  accumulate (&h, &first, 1);
  for (int i = 1; i <= config->n_up; i++)
    {
      take (&h, double_size (&h));
      take (&h, rrdb_conv (weights, config, "up", i, &h));
      leaky (&h, 0.2f);
    }
  take (&h, rrdb_conv (weights, config, "conv_hr", 0, &h));
  leaky (&h, 0.2f);
  take (&h, rrdb_conv (weights, config, "conv_last", 0, &h));
  out = map_new (x->extent[1] * scale, x->extent[2] * scale, config->channels);
  for (gint64 i = 0; i < out.extent[1]; i++)
    for (gint64 j = 0; j < out.extent[2]; j++)
      for (int c = 0; c < config->channels; c++)
        at (&out, i, j)[c] = at (&h, i, j)[c] * 2 - 1;
  g_free (first.data);
  g_free (unit.data);
  g_free (h.data);
  return out;
}

/* ---- SRVGGNetCompact ------------------------------------------------------------------------ */

LimnTensor
test_reference_srvgg (LimnWeights *weights, const TestSrvgg *config, const LimnTensor *x)
{
  LimnTensor unit = copy (x, 0.5, 0.5), h = copy (&unit, 1, 0), out;
  int s = config->upscale;

  for (int i = 0; i <= config->num_conv + 1; i++)
    {
      g_autofree char *path = g_strdup_printf ("body.%d", 2 * i);
      g_autofree char *prelu = g_strdup_printf ("body.%d", 2 * i + 1);
      LimnTensor t;
      g_autofree float *slopes = load (weights, prelu, ".weight", &t);

      take (&h, conv (weights, path, &h, 1));
      for (gint64 k = 0; slopes != NULL && k < limn_tensor_count (&h); k++)
        if (limn_tensor_f32 (&h)[k] < 0)
          limn_tensor_f32 (&h)[k] *= slopes[k % config->num_feat];
    }
  out = map_new (x->extent[1] * s, x->extent[2] * s, config->channels);
  for (gint64 i = 0; i < out.extent[1]; i++)
    for (gint64 j = 0; j < out.extent[2]; j++)
      for (int c = 0; c < config->channels; c++)
        at (&out, i, j)[c] = 2
                                 * (at (&h, i / s, j / s)[c * s * s + i % s * s + j % s]
                                    + at (&unit, i / s, j / s)[c])
                             - 1;
  g_free (unit.data);
  g_free (h.data);
  return out;
}

/* ---- TAESD ---------------------------------------------------------------------------------- */

typedef struct
{
  LimnWeights *weights;
  const char *prefix;
  LimnTensor h;
} TaesdReference;

static void
reference_block (TaesdReference *self, const char *path)
{
  g_autofree char *skip_path = g_strconcat (path, ".skip", NULL);
  g_autofree char *skip_name = g_strconcat (skip_path, ".weight", NULL);
  LimnTensor skip = limn_weights_has (self->weights, skip_name)
                        ? conv (self->weights, skip_path, &self->h, 1)
                        : copy (&self->h, 1, 0);

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.conv.%d", path, 2 * i);

      take (&self->h, conv (self->weights, name, &self->h, 1));
      if (i == 2)
        accumulate (&self->h, &skip, 1);
      leaky (&self->h, 0);
    }
  g_free (skip.data);
}

static void
reference_layer (TaesdKind kind, int index, int n_in, int n_out, gpointer user_data)
{
  TaesdReference *self = user_data;
  g_autofree char *path = g_strdup_printf ("%s%d", self->prefix, index);

  switch (kind)
    {
    case TAESD_RELU:
      leaky (&self->h, 0);
      break;
    case TAESD_UPSAMPLE:
      take (&self->h, double_size (&self->h));
      break;
    case TAESD_BLOCK:
      reference_block (self, path);
      break;
    case TAESD_CONV:
    case TAESD_STRIDED:
    case TAESD_PLAIN:
    default:
      take (&self->h, conv (self->weights, path, &self->h, kind == TAESD_STRIDED ? 2 : 1));
      break;
    }
}

LimnTensor
test_reference_taesd (LimnWeights *weights, const TestTaesd *config, const LimnTensor *x)
{
  gboolean encoder = config->part == LIMN_TAESD_ENCODER;
  TaesdReference self = { .weights = weights, .prefix = config->prefix };

  self.h = encoder ? copy (x, 0.5, 0.5) : copy (x, 1, 0);
  for (gint64 i = 0; !encoder && i < limn_tensor_count (&self.h); i++)
    limn_tensor_f32 (&self.h)[i] = (float)(3.0 * tanh (limn_tensor_f32 (&self.h)[i] / 3.0));
  each_taesd_layer (config, reference_layer, &self);
  if (!encoder)
    take (&self.h, copy (&self.h, 2, -1));
  return self.h;
}
