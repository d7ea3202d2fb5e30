/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"

/* Every formula as it stands in the headers, in double, one element after the other. */

static double
activation_of (LimnActivation activation, double x)
{
  switch (activation)
    {
    case LIMN_ACTIVATION_SILU:
      return x / (1.0 + exp (-x));
    case LIMN_ACTIVATION_GELU:
      return 0.5 * x * erfc (-x * G_SQRT2 / 2.0);
    case LIMN_ACTIVATION_QUICK_GELU:
      return x / (1.0 + exp (-1.702 * x));
    case LIMN_ACTIVATION_NONE:
    default:
      return x;
    }
}

static void
reference_gemm (gboolean b_transposed,
                gint64 m,
                gint64 n,
                gint64 k,
                const float *a,
                gint64 lda,
                const float *b,
                gint64 ldb,
                float beta,
                float *y,
                gint64 ldy)
{
  for (gint64 i = 0; i < m; i++)
    for (gint64 j = 0; j < n; j++)
      {
        double sum = beta != 0.0f ? (double) beta * y[i * ldy + j] : 0.0;

        for (gint64 l = 0; l < k; l++)
          sum += (double) a[i * lda + l] * (b_transposed ? b[j * ldb + l] : b[l * ldb + j]);
        y[i * ldy + j] = (float) sum;
      }
}

static gsize
reference_conv_scratch (const LimnConvJob *job, const LimnConvTile *largest)
{
  return 0;
}

/* Channel @c of an input pixel as the layer sees it. */
static double
input_of (const LimnConvJob *job, gint64 sample, gint64 row, gint64 column, gint64 c)
{
  const LimnNormalised *how = job->normalised;
  double x = job->x[limn_conv_pixel (job, sample, row, column) + c];
  gint64 i = sample * job->in + c;

  if (how == NULL)
    return x;
  return activation_of (how->activation, (x - how->centre[i]) * how->scale[i] + how->shift[i]);
}

static double
convolve_at (const LimnConvJob *job, gint64 sample, gint64 row, gint64 column, gint64 channel)
{
  double sum = 0.0;

  for (gint64 ky = 0; ky < job->kernel_h; ky++)
    for (gint64 kx = 0; kx < job->kernel_w; kx++)
      {
        gint64 iy = row * job->stride + ky - job->pad_top;
        gint64 ix = column * job->stride + kx - job->pad_left;
        const float *weight = (const float *)(const void *)job->panels->data
                              + (ky * job->kernel_w + kx) * job->in * job->out + channel;

        if (iy < 0 || iy >= job->h || ix < 0 || ix >= job->w)
          continue;
        for (gint64 c = 0; c < job->in; c++)
          sum += input_of (job, sample, iy, ix, c) * weight[c * job->out];
      }
  return sum;
}

static void
reference_conv_tile (const LimnConvJob *job, const LimnConvTile *tile, void *scratch)
{
  for (gint64 row = tile->row; row < tile->row + tile->n_rows; row++)
    for (gint64 column = tile->column; column < tile->column + tile->n_columns; column++)
      for (gint64 c = tile->channel; c < tile->channel + tile->n_channels; c++)
        {
          gint64 pixel = (tile->sample * job->oh + row) * job->ow + column;
          double sum = convolve_at (job, tile->sample, row, column, c);

          if (job->bias != NULL)
            sum += job->bias[c];
          if (job->slopes != NULL && sum < 0.0)
            sum *= job->slopes[c];
          sum *= job->factor;
          if (job->residual != NULL)
            sum += job->residual[pixel * job->residual_pixel + c];
          job->y[pixel * job->y_pixel + c] = (float) sum;
        }
}

static gsize
reference_attention_scratch (const LimnAttentionJob *job, gint64 n_queries)
{
  return ((gsize) job->n_keys + (gsize) job->dim) * sizeof (double);
}

static void
reference_attention_tile (const LimnAttentionJob *job, const LimnAttentionTile *tile, void *scratch)
{
  gint64 width = job->n_heads * job->dim;
  gint64 column = tile->head * job->dim;
  gint64 from = tile->sample * job->key_sample + tile->head * job->key_head;
  const float *k = job->k + from;
  const float *v = job->v + from;
  double *p = scratch;
  double *sum = p + job->n_keys;

  for (gint64 i = tile->query; i < tile->query + tile->n_queries; i++)
    {
      gint64 at = (tile->sample * job->n_queries + i) * width + column;
      gint64 n_visible = job->causal ? i + 1 : job->n_keys;
      double max = -INFINITY, total = 0.0;

      for (gint64 j = 0; j < n_visible; j++)
        {
          double dot = 0.0;

          for (gint64 d = 0; d < job->dim; d++)
            dot += (double) job->q[at + d] * k[j * job->key_stride + d];
          p[j] = dot * job->scale;
          max = MAX (max, p[j]);
        }
      memset (sum, 0, (gsize) job->dim * sizeof (double));
      for (gint64 j = 0; j < n_visible; j++)
        {
          double e = exp (p[j] - max);

          total += e;
          for (gint64 d = 0; d < job->dim; d++)
            sum[d] += e * v[j * job->key_stride + d];
        }
      for (gint64 d = 0; d < job->dim; d++)
        job->y[at + d] = (float) (sum[d] / total);
    }
}

static float
reference_softmax_row (gint64 n, gint64 n_visible, float scale, float *s, float *max, float *sum)
{
  float old_max = *max;
  float new_max = old_max;
  double total = 0.0;
  float correction;

  for (gint64 i = 0; i < n_visible; i++)
    new_max = MAX (new_max, s[i] * scale);
  for (gint64 i = 0; i < n_visible; i++)
    {
      s[i] = (float) exp ((double) (s[i] * scale) - new_max);
      total += s[i];
    }
  for (gint64 i = MAX (n_visible, 0); i < n; i++)
    s[i] = 0.0f;
  correction = new_max > old_max ? (float) exp ((double) old_max - new_max) : 1.0f;
  *max = new_max;
  *sum = (float) (*sum * (double) correction + total);
  return correction;
}

static void
reference_activate (LimnActivation activation, gint64 n, const float *x, float *y)
{
  for (gint64 i = 0; i < n; i++)
    y[i] = (float) activation_of (activation, x[i]);
}

static void
reference_geglu (gint64 n, const float *value, const float *gate, float *y)
{
  for (gint64 i = 0; i < n; i++)
    y[i] = (float) (value[i] * activation_of (LIMN_ACTIVATION_GELU, gate[i]));
}

static void
reference_channel_sums (gint64 rows, gint64 channels, const float *x, gint64 stride, double *sums)
{
  memset (sums, 0, 2 * (gsize) channels * sizeof (double));
  for (gint64 r = 0; r < rows; r++)
    for (gint64 c = 0; c < channels; c++)
      {
        double v = x[r * stride + c];

        sums[c] += v;
        sums[channels + c] += v * v;
      }
}

static void
reference_affine (LimnActivation activation,
                  gint64 rows,
                  gint64 channels,
                  const float *x,
                  const float *centre,
                  const float *scale,
                  const float *shift,
                  float *y)
{
  for (gint64 r = 0; r < rows; r++)
    for (gint64 c = 0; c < channels; c++)
      {
        double v = ((double) x[r * channels + c] - centre[c]) * scale[c] + shift[c];

        y[r * channels + c] = (float) activation_of (activation, v);
      }
}

static void
reference_layer_norm (gint64 rows,
                      gint64 channels,
                      float eps,
                      const float *x,
                      const float *scale,
                      const float *shift,
                      float *y)
{
  for (gint64 r = 0; r < rows; r++, x += channels, y += channels)
    {
      double mean = 0.0, variance = 0.0;

      for (gint64 c = 0; c < channels; c++)
        mean += x[c];
      mean /= (double) channels;
      for (gint64 c = 0; c < channels; c++)
        variance += (x[c] - mean) * (x[c] - mean);
      variance /= (double) channels;
      for (gint64 c = 0; c < channels; c++)
        y[c] = (float) ((x[c] - mean) / sqrt (variance + eps) * scale[c] + shift[c]);
    }
}

static void
reference_add (gint64 n, const float *a, const float *b, float *y)
{
  for (gint64 i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static void
reference_scale (gint64 n, float factor, float *y)
{
  for (gint64 i = 0; i < n; i++)
    y[i] *= factor;
}

static void
reference_accumulate (gint64 n, float weight, const float *x, float *y)
{
  for (gint64 i = 0; i < n; i++)
    y[i] += weight * x[i];
}

static void
reference_expand_f16 (gint64 n, const guint16 *from, float *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = limn_f16_to_f32 (from[i]);
}

static void
reference_expand_bf16 (gint64 n, const guint16 *from, float *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = limn_bf16_to_f32 (from[i]);
}

static void
reference_expand_int8 (gint64 n_rows,
                       gint64 n,
                       const gint8 *q,
                       gint64 stride,
                       const float *scale,
                       const float *offset,
                       float *to)
{
  for (gint64 i = 0; i < n_rows; i++)
    for (gint64 j = 0; j < n; j++)
      {
        float product = scale[j] * (float)q[i * stride + j];

        to[i * n + j] = offset != NULL ? product + offset[j] : product;
      }
}

const LimnKernels *
limn_kernels_reference (void)
{
  static const LimnKernels kernels = {
    .name = "reference",
    .gemm = reference_gemm,
    .expand_f16 = reference_expand_f16,
    .expand_bf16 = reference_expand_bf16,
    .expand_int8 = reference_expand_int8,
    .conv_scratch = reference_conv_scratch,
    .conv_tile = reference_conv_tile,
    .attention_scratch = reference_attention_scratch,
    .attention_tile = reference_attention_tile,
    .softmax_row = reference_softmax_row,
    .activate = reference_activate,
    .geglu = reference_geglu,
    .channel_sums = reference_channel_sums,
    .affine = reference_affine,
    .layer_norm = reference_layer_norm,
    .add = reference_add,
    .scale = reference_scale,
    .accumulate = reference_accumulate,
  };

  return &kernels;
}
