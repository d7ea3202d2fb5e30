/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/tensor-private.h"
#include "tests/unit/tensor-testing.h"

/* limn_conv2d_fused() against the operations that it fuses, one after the other on the reference
 * kernels: every table, every way to convolve, every thing that may stand around a convolution. */

static const char *const tables[] = { "reference", "portable", "avx2", "avx512" };
static const LimnConvolution ways[] = { LIMN_CONVOLUTION_DIRECT, LIMN_CONVOLUTION_WINOGRAD_2,
                                        LIMN_CONVOLUTION_WINOGRAD_4, LIMN_CONVOLUTION_AUTOMATIC };

#define BOUND 2e-5
#define N_GROUPS 2
#define EPSILON 1e-5f
#define GUARD 12345.0f

typedef struct
{
  gint64 n, h, w, in, out;
  int kernel, stride, pad;
  gboolean normalise, enlarge, slopes, residual, in_place;
  float factor;
  gint64 more_in, more_residual; /* channels beyond those that count */
  gint64 before, after;          /* channels of the place around the result's; -1: no place */
} Case;

static const Case cases[] = {
  { 1, 7, 9, 4, 5, 3, 1, 1, .normalise = TRUE, .before = -1 },
  { 2, 13, 11, 18, 33, 3, 1, 1, .normalise = TRUE, .residual = TRUE, .before = -1 },
  { 2, 9, 70, 130, 20, 3, 1, 1, .normalise = TRUE, .residual = TRUE, .in_place = TRUE },
  { 1, 33, 20, 8, 8, 3, 1, 1, .enlarge = TRUE, .before = -1 },
  { 2, 5, 6, 20, 40, 3, 1, 1, .enlarge = TRUE, .normalise = TRUE, .before = 3, .after = 2 },
  { 1, 12, 17, 12, 16, 3, 1, 1, .slopes = TRUE, .more_in = 5, .before = 12, .after = 4 },
  { 1, 12, 17, 64, 64, 3, 1, 1, .factor = 0.2f, .residual = TRUE, .more_residual = 7, .before = 0, .after = 9 },
  { 2, 8, 8, 6, 31, 3, 1, 1, .slopes = TRUE, .factor = -2.0f, .residual = TRUE, .before = -1 },
  { 1, 14, 15, 16, 24, 3, 2, 1, .normalise = TRUE, .slopes = TRUE, .more_in = 0, .before = 1 },
  { 1, 6, 5, 10, 7, 5, 1, 2, .normalise = TRUE, .enlarge = TRUE, .residual = TRUE, .before = -1 },
  { 2, 6, 5, 10, 7, 1, 1, 0, .normalise = TRUE, .residual = TRUE, .in_place = TRUE },
  { 1, 20, 21, 600, 12, 3, 1, 1, .residual = TRUE, .in_place = TRUE },
};

static gint64
output_side (const Case *c, gint64 side)
{
  return ((c->enlarge ? 2 * side : side) + 2 * c->pad - c->kernel) / c->stride + 1;
}

typedef struct
{
  LimnTensor x, weight, bias, residual, slopes, scale, shift;
} Operands;

static void
operands_init (Operands *self, const Case *c)
{
  gint64 oh = output_side (c, c->h), ow = output_side (c, c->w);

  self->x = TEST_RANDOM (1, c->n, c->h, c->w, c->in + c->more_in);
  self->weight = TEST_RANDOM (2, c->out, c->in, c->kernel, c->kernel);
  self->bias = TEST_RANDOM (3, c->out);
  self->residual = TEST_RANDOM (4, c->n, oh, ow, c->out + c->more_residual);
  self->slopes = TEST_RANDOM (5, c->out);
  self->scale = TEST_RANDOM (6, c->in);
  self->shift = TEST_RANDOM (7, c->in);
}

static void
operands_clear (Operands *self)
{
  LimnTensor *all[] = { &self->x,      &self->weight, &self->bias, &self->residual,
                        &self->slopes, &self->scale,  &self->shift };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    test_tensor_clear (all[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Operands, operands_clear)

static LimnConv2d
layer_of (const Case *c, const Operands *operands)
{
  return (LimnConv2d){
    .weight = operands->weight,
    .bias = operands->bias,
    .n_in = c->in,
    .n_out = c->out,
    .kernel_h = c->kernel,
    .kernel_w = c->kernel,
    .stride = c->stride,
    .pad_top = c->pad,
    .pad_left = c->pad,
    .pad_bottom = c->pad,
    .pad_right = c->pad,
  };
}

static LimnNorm
norm_of (const Case *c, const Operands *operands)
{
  return (LimnNorm){ .weight = operands->scale, .bias = operands->shift, .n_channels = c->in };
}

/* One after the other: [n, oh, ow, out]. */
static LimnTensor
compute_apart (LimnRun *run, const Case *c, const Operands *operands)
{
  LimnConv2d conv = layer_of (c, operands);
  LimnNorm norm = norm_of (c, operands);
  LimnTensor x = operands->x;
  float factor = c->factor != 0.0f ? c->factor : 1.0f;
  const float *residual = limn_tensor_f32 (&operands->residual);
  float *y;

  if (c->more_in > 0)
    x = limn_slice_channels (run, &x, 0, c->in);
  if (c->normalise)
    x = limn_group_norm (run, &norm, &x, N_GROUPS, EPSILON, LIMN_ACTIVATION_SILU);
  if (c->enlarge)
    x = limn_upsample_nearest_2x (run, &x);
  x = limn_conv2d (run, &conv, &x, NULL);
  limn_conv2d_clear (&conv);
  limn_norm_clear (&norm);
  g_assert_no_error (run->error);
  y = limn_tensor_f32 (&x);
  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    {
      gint64 pixel = i / c->out, channel = i % c->out;

      if (c->slopes && y[i] < 0.0f)
        y[i] *= limn_tensor_f32 (&operands->slopes)[channel];
      y[i] *= factor;
      if (c->residual)
        y[i] += residual[pixel * (c->out + c->more_residual) + channel];
    }
  return x;
}

/* The same at once; what of the place is not the result's is still what it was. */
static LimnTensor
compute_fused (LimnRun *run, const Case *c, const Operands *operands)
{
  gint64 oh = output_side (c, c->h), ow = output_side (c, c->w);
  gint64 width = c->before + c->out + c->after, first = c->before;
  LimnConv2d conv = layer_of (c, operands);
  LimnNorm norm = norm_of (c, operands);
  LimnConvFused fused = { .enlarge = c->enlarge, .factor = c->factor };
  LimnNormalised normalised;
  LimnTensor place, y;

  if (c->normalise
      && limn_group_norm_statistics (run, &norm, &operands->x, N_GROUPS, EPSILON,
                                     LIMN_ACTIVATION_SILU, &normalised))
    fused.normalised = &normalised;
  if (c->slopes)
    fused.slopes = limn_tensor_f32 (&operands->slopes);
  if (c->residual)
    fused.residual = &operands->residual;
  if (c->before >= 0)
    {
      place = limn_run_nhwc (run, c->n, oh, ow, width);
      for (gint64 i = 0; i < limn_tensor_count (&place); i++)
        limn_tensor_f32 (&place)[i] = GUARD;
      if (c->in_place)
        {
          memcpy (place.data, operands->residual.data, limn_tensor_bytes (&place));
          fused.residual = &place;
        }
      fused.place = &place;
      fused.place_channel = first;
    }
  y = limn_conv2d_fused (run, &conv, &operands->x, &fused);
  limn_conv2d_clear (&conv);
  limn_norm_clear (&norm);
  if (c->before < 0 || limn_tensor_is_empty (&y))
    return y;
  g_assert_true (y.data == place.data);
  for (gint64 i = 0; i < limn_tensor_count (&y); i++)
    if (i % width < first || i % width >= first + c->out)
      g_assert_cmpfloat (limn_tensor_f32 (&y)[i], ==, GUARD);
  return limn_slice_channels (run, &y, first, c->out);
}

static void
test_fused (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Operands) operands = { 0 };
      g_auto (TestRun) reference = { 0 };
      LimnTensor want;

      operands_init (&operands, &cases[i]);
      test_run_init (&reference, 2, limn_kernels_reference (), NULL);
      want = compute_apart (&reference.run, &cases[i], &operands);
      for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
        {
          g_autofree char *what = g_strdup_printf ("case %u, way %u", i, way);
          g_auto (TestRun) one = { 0 };
          g_auto (TestRun) four = { 0 };
          LimnTensor got, again;

          test_run_init (&one, 1, kernels, NULL);
          test_run_init (&four, 4, kernels, NULL);
          one.run.convolution = four.run.convolution = ways[way];
          got = compute_fused (&one.run, &cases[i], &operands);
          again = compute_fused (&four.run, &cases[i], &operands);
          test_assert_close (&one.run, what, &got, &want, BOUND);
          test_assert_same_bits (what, &again, &got);
        }
    }
}

/* ---- What does not fit ---- */

static void
assert_refused (const Case *c, const LimnConvFused *fused)
{
  g_auto (Operands) operands = { 0 };
  g_auto (TestRun) t = { 0 };
  LimnConv2d conv;
  LimnTensor y;

  operands_init (&operands, c);
  conv = layer_of (c, &operands);
  test_run_init (&t, 1, NULL, NULL);
  y = limn_conv2d_fused (&t.run, &conv, &operands.x, fused);
  limn_conv2d_clear (&conv);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
}

static void
test_shapes (void)
{
  const Case c = { 1, 6, 6, 4, 8, 3, 1, 1 };
  g_auto (LimnTensor) small = TEST_RANDOM (1, 1, 6, 5, 8);
  g_auto (LimnTensor) narrow = TEST_RANDOM (1, 1, 6, 6, 7);
  g_auto (LimnTensor) fitting = TEST_RANDOM (1, 1, 6, 6, 9);
  const LimnNormalised other = { .n_samples = 1, .n_channels = 5 };
  const LimnConvFused wrong[] = {
    { .place = &small },
    { .place = &narrow },
    { .place = &fitting, .place_channel = 2 },
    { .place = &fitting, .place_channel = -1 },
    { .residual = &small },
    { .residual = &narrow },
    { .residual = &fitting, .enlarge = TRUE },
    { .normalised = &other },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_refused (&c, &wrong[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/fused/shapes", test_shapes);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *path = g_strconcat ("/tensor/fused/", tables[i], NULL);

      g_test_add_data_func (path, tables[i], test_fused);
    }
  return g_test_run ();
}
