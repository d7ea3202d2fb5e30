/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/nn/class-embedder.h"
#include "engine/nn/noise-augmentation.h"
#include "engine/nn/spatial-rescaler.h"
#include "tests/unit/random-weights.h"

/* What turns a class, a map of labels or a small picture into what the UNet takes, on random
 * weights against sums written down here. */

/* ---- Classes -------------------------------------------------------------------------------- */

static void
test_class_embedder (void)
{
  g_auto (TestWeights) fixture = { 0 };
  g_auto (TestRun) test = { 0 };
  LimnWeightSource source = { .prefix = "cond_stage_model." };
  const gint32 classes[] = { 4, 0, 4 }, bad[][1] = { { -1 }, { 5 }, { G_MAXINT32 } };
  g_autoptr (GError) error = NULL;
  LimnClassEmbedder embedder;
  LimnTensor out;

  test_weights_begin (&fixture);
  test_weights_add (&fixture, "cond_stage_model.embedding.weight", 5, 7, 1.0f, 0.0f);
  test_weights_open (&fixture);
  source.weights = fixture.weights;
  limn_class_embedder_init (&embedder, 5, 7, &source, &error);
  g_assert_no_error (error);
  g_assert_cmpint (embedder.layers.n_parameters, ==, 35);
  test_run_init (&test, 1, NULL, NULL);
  out = limn_class_embedder_forward (&embedder, &test.run, classes, 3);
  g_assert_no_error (test.run.error);
  g_assert_cmpint (out.n_dims, ==, 3);
  g_assert_cmpint (out.extent[1], ==, 1);
  for (int i = 0; i < 3; i++)
    for (int c = 0; c < 7; c++)
      g_assert_cmpfloat (limn_tensor_f32 (&out)[i * 7 + c], ==,
                         (float)test_weights_at (&fixture, "", "cond_stage_model.embedding.weight",
                                                 classes[i], c));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (TestRun) again = { 0 };

      test_run_init (&again, 1, NULL, NULL);
      out = limn_class_embedder_forward (&embedder, &again.run, bad[i], 1);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (again.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
  limn_class_embedder_clear (&embedder);

  g_assert_false (limn_class_embedder_init (&embedder, 6, 7, &source, &error));
  test_assert_names (error, "cond_stage_model.embedding.weight");
  limn_class_embedder_clear (&embedder);
  g_clear_error (&error);
  g_assert_false (limn_class_embedder_init (&embedder, 0, 7, &source, &error));
  test_assert_names (error, "n_classes");
  limn_class_embedder_clear (&embedder);
}

/* ---- Label maps ----------------------------------------------------------------------------- */

/* The mean of every square of 2^stages pixels, then the channel mapper. */
static double
reference_rescaled (TestWeights *fixture,
                    const LimnSpatialRescalerConfig *config,
                    const LimnTensor *x,
                    gint64 row,
                    gint64 column,
                    int out)
{
  gint64 side = G_GINT64_CONSTANT (1) << config->n_stages, channels = x->extent[3];
  double sum = config->out_channels > 0 && config->bias
                   ? test_weights_at (fixture, "", "channel_mapper.bias", out, 0)
                   : 0.0;

  for (gint64 c = 0; c < channels; c++)
    {
      double mean = 0.0;

      if (config->out_channels == 0 && c != out)
        continue;
      for (gint64 i = 0; i < side * side; i++)
        mean += limn_tensor_f32 (
            x)[((row * side + i / side) * x->extent[2] + column * side + i % side) * channels + c];
      mean /= (double)(side * side);
      sum += config->out_channels > 0
                 ? mean * test_weights_at (fixture, "", "channel_mapper.weight", out, c)
                 : mean;
    }
  return sum;
}

static void
check_rescaler (TestWeights *fixture, const LimnSpatialRescalerConfig *config, gint64 h, gint64 w)
{
  g_auto (TestRun) test = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (9, 1, h, w, config->in_channels);
  g_autofree guint16 *labels = g_new (guint16, h * w);
  LimnWeightSource source = { .weights = fixture->weights, .prefix = "" };
  g_autoptr (GError) error = NULL;
  LimnSpatialRescaler rescaler;
  LimnArenaMark before;
  LimnTensor out, one_hot, of_labels;
  int channels;

  limn_spatial_rescaler_init (&rescaler, config, &source, &error);
  g_assert_no_error (error);
  channels = limn_spatial_rescaler_get_channels (&rescaler);
  test_run_init (&test, 2, NULL, NULL);
  before = limn_run_mark (&test.run);
  out = limn_spatial_rescaler_forward (&rescaler, &test.run, &x);
  g_assert_no_error (test.run.error);
  g_assert_cmpuint (limn_run_mark (&test.run) - before, <, limn_tensor_bytes (&out) + 4096);
  g_assert_cmpint (out.extent[1], ==, h >> config->n_stages);
  g_assert_cmpint (out.extent[2], ==, w >> config->n_stages);
  g_assert_cmpint (out.extent[3], ==, channels);
  for (gint64 i = 0; i < limn_tensor_count (&out); i++)
    g_assert_cmpfloat (
        fabs (limn_tensor_f32 (&out)[i]
              - reference_rescaled (fixture, config, &x, i / channels / out.extent[2],
                                    i / channels % out.extent[2], (int)(i % channels))),
        <, 1e-5);

  for (gint64 i = 0; i < h * w; i++)
    {
      labels[i] = (guint16)(i * 7 / 3 % config->in_channels);
      for (gint64 c = 0; c < config->in_channels; c++)
        limn_tensor_f32 (&x)[i * config->in_channels + c] = c == labels[i] ? 1.0f : 0.0f;
    }
  one_hot = limn_spatial_rescaler_forward (&rescaler, &test.run, &x);
  of_labels = limn_spatial_rescaler_forward_labels (&rescaler, &test.run, labels, h, w);
  g_assert_no_error (test.run.error);
  test_assert_same_bits ("labels", &of_labels, &one_hot);
  limn_spatial_rescaler_clear (&rescaler);
}

static void
test_spatial_rescaler (void)
{
  const LimnSpatialRescalerConfig configs[] = {
    { .n_stages = 2, .in_channels = 5, .out_channels = 3 },
    { .n_stages = 1, .in_channels = 5, .out_channels = 3, .bias = TRUE },
    { .n_stages = 3, .in_channels = 6 },
    { .n_stages = 0, .in_channels = 5, .out_channels = 3 },
    { .n_stages = 0, .in_channels = 2 },
  };
  const gint64 sides[][2] = { { 8, 8 }, { 16, 8 }, { 9, 23 }, { 15, 33 } };
  g_auto (TestWeights) fixture = { 0 };

  test_weights_begin (&fixture);
  test_weights_add (&fixture, "channel_mapper.weight", 3, 5, 1.0f, 0.0f);
  test_weights_add (&fixture, "channel_mapper.bias", 3, 0, 1.0f, 0.0f);
  test_weights_open (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sides); k++)
      check_rescaler (&fixture, &configs[i], sides[k][0], sides[k][1]);
}

static void
test_bad_maps (void)
{
  LimnSpatialRescalerConfig config = { .n_stages = 2, .in_channels = 5, .out_channels = 3 };
  const guint16 labels[16] = { [9] = 5 };
  g_auto (TestWeights) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  LimnWeightSource source = { .prefix = "" };
  LimnSpatialRescaler rescaler;

  test_weights_begin (&fixture);
  test_weights_add (&fixture, "channel_mapper.weight", 3, 5, 1.0f, 0.0f);
  test_weights_open (&fixture);
  source.weights = fixture.weights;
  limn_spatial_rescaler_init (&rescaler, &config, &source, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 4; i++)
    {
      g_auto (TestRun) test = { 0 };
      g_auto (LimnTensor) few = TEST_RANDOM (1, 1, 8, 8, 4);
      g_auto (LimnTensor) small = TEST_RANDOM (1, 1, 3, 8, 5);
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      if (i < 2)
        out = limn_spatial_rescaler_forward (&rescaler, &test.run, i == 0 ? &few : &small);
      else
        out = limn_spatial_rescaler_forward_labels (&rescaler, &test.run, labels, 4,
                                                    i == 2 ? 4 : 3);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR,
                      (i == 2 ? LIMN_ENGINE_ERROR_ARGUMENT : LIMN_ENGINE_ERROR_SHAPE));
      if (i == 2)
        test_assert_names (test.run.error, "no label 5 (at 1, 2)");
    }
  limn_spatial_rescaler_clear (&rescaler);

  config.in_channels = 6;
  g_assert_false (limn_spatial_rescaler_init (&rescaler, &config, &source, &error));
  test_assert_names (error, "channel_mapper.weight");
  limn_spatial_rescaler_clear (&rescaler);
  g_clear_error (&error);
  config = (LimnSpatialRescalerConfig){ .n_stages = 2, .in_channels = 5, .out_channels = 3 };
  config.bias = TRUE;
  g_assert_false (limn_spatial_rescaler_init (&rescaler, &config, &source, &error));
  test_assert_names (error, "channel_mapper.bias");
  limn_spatial_rescaler_clear (&rescaler);
  g_clear_error (&error);
  config.n_stages = 63;
  g_assert_false (limn_spatial_rescaler_init (&rescaler, &config, &source, &error));
  test_assert_names (error, "n_stages");
  limn_spatial_rescaler_clear (&rescaler);
}

/* ---- Noise on a small picture --------------------------------------------------------------- */

static void
test_noise_augmentation (void)
{
  const float levels[] = { 0.9999f, 0.5f, 0.0f };
  g_auto (LimnTensor) image = TEST_RANDOM (1, 1, 5, 3, 3);
  g_auto (LimnTensor) noise = TEST_RANDOM (2, 1, 5, 3, 3);
  g_auto (LimnTensor) other = TEST_RANDOM (2, 1, 3, 5, 3);

  for (int level = -1; level <= 3; level++)
    {
      g_auto (TestRun) test = { 0 };
      LimnTensor out;

      test_run_init (&test, 1, NULL, NULL);
      out = limn_noise_augment (&test.run, &image, &noise, levels, 3, level);
      if (level < 0 || level == 3)
        {
          g_assert_true (limn_tensor_is_empty (&out));
          g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
          continue;
        }
      for (gint64 i = 0; i < limn_tensor_count (&out); i++)
        g_assert_cmpfloat (fabs (limn_tensor_f32 (&out)[i]
                                 - (sqrt (levels[level]) * limn_tensor_f32 (&image)[i]
                                    + sqrt (1.0 - levels[level]) * limn_tensor_f32 (&noise)[i])),
                           <, 1e-6);
      out = limn_noise_augment (&test.run, &image, &other, levels, 3, level);
      g_assert_true (limn_tensor_is_empty (&out));
      g_assert_error (test.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/class-embedder", test_class_embedder);
  g_test_add_func ("/nn/spatial-rescaler", test_spatial_rescaler);
  g_test_add_func ("/nn/bad-maps", test_bad_maps);
  g_test_add_func ("/nn/noise-augmentation", test_noise_augmentation);
  return g_test_run ();
}
