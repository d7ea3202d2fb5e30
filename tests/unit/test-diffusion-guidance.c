/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/diffusion/guidance.h"
#include "tests/unit/tensor-testing.h"

/* Predicts the first number of each sample's context. */
static LimnTensor
predict_context (LimnRun *run,
                 const LimnTensor *x,
                 const float *t,
                 const LimnTensor *context,
                 gpointer user_data)
{
  int *batch = user_data;
  LimnTensor out = limn_run_tensor (run, x->n_dims, x->extent);
  gint64 n = limn_tensor_count (x) / x->extent[0];

  *batch = (int)x->extent[0];
  for (gint64 i = 0; i < x->extent[0]; i++)
    {
      g_assert_cmpfloat (t[i], ==, 7.5f);
      for (gint64 k = 0; k < n; k++)
        limn_tensor_f32 (&out)[i * n + k]
            = context != NULL
                  ? limn_tensor_f32 (context)[i * context->extent[1] * context->extent[2]]
                  : -1.0f;
    }
  return out;
}

static void
test_guidance (void)
{
  const struct
  {
    gboolean cond, uncond;
    float scale;
    int batch;
    float want;
  } rows[] = {
    { TRUE, TRUE, 3.0f, 2, 2.0f + 3.0f * (5.0f - 2.0f) },
    { TRUE, TRUE, 1.0f, 1, 5.0f },
    { TRUE, TRUE, 0.0f, 2, 2.0f },
    { TRUE, FALSE, 3.0f, 1, 5.0f },
    { FALSE, FALSE, 3.0f, 1, -1.0f },
  };
  float cond_data[] = { 5, 0, 0, 0 }, uncond_data[] = { 2, 0, 0, 0 }, x_data[24] = { 0 };
  LimnTensor cond = limn_tensor_3d (LIMN_DTYPE_F32, cond_data, 1, 2, 2);
  LimnTensor uncond = limn_tensor_3d (LIMN_DTYPE_F32, uncond_data, 1, 2, 2);
  LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, x_data, 1, 2, 3, 4);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnGuidance guidance;
      LimnTensor out;
      int batch = 0;

      test_run_init (&test, 1, NULL, NULL);
      limn_guidance_init (&guidance, &test.run, rows[i].cond ? &cond : NULL,
                          rows[i].uncond ? &uncond : NULL, rows[i].scale, predict_context, &batch);
      out = limn_guidance_predict (&guidance, &test.run, &x, 7.5f);
      g_assert_cmpint (batch, ==, rows[i].batch);
      g_assert_true (limn_tensor_same_shape (&out, &x));
      for (int k = 0; k < 24; k++)
        g_assert_cmpfloat (limn_tensor_f32 (&out)[k], ==, rows[i].want);
    }
}

/* ---- Rescaling ------------------------------------------------------------------------------ */

#define N_RESCALED 24

/* Two different pictures of each half: the input, times the first number of the context, plus a
 * ramp. */
static LimnTensor
predict_ramp (LimnRun *run,
              const LimnTensor *x,
              const float *t G_GNUC_UNUSED,
              const LimnTensor *context,
              gpointer user_data G_GNUC_UNUSED)
{
  LimnTensor out = limn_run_tensor (run, x->n_dims, x->extent);
  gint64 n = limn_tensor_count (x) / x->extent[0];

  for (gint64 i = 0; i < limn_tensor_count (x); i++)
    limn_tensor_f32 (&out)[i]
        = limn_tensor_f32 (context)[i / n * 4] * limn_tensor_f32 (x)[i] + (float)(i % n) / 8.0f;
  return out;
}

static double
deviation (const double *x)
{
  double mean = 0.0, sum = 0.0;

  for (int i = 0; i < N_RESCALED; i++)
    mean += x[i] / N_RESCALED;
  for (int i = 0; i < N_RESCALED; i++)
    sum += (x[i] - mean) * (x[i] - mean);
  return sqrt (sum / (N_RESCALED - 1));
}

static void
test_rescale (void)
{
  float cond_data[] = { 3, 0, 0, 0 }, uncond_data[] = { -1, 0, 0, 0 };
  LimnTensor cond = limn_tensor_3d (LIMN_DTYPE_F32, cond_data, 1, 2, 2);
  LimnTensor uncond = limn_tensor_3d (LIMN_DTYPE_F32, uncond_data, 1, 2, 2);
  g_auto (LimnTensor) x = TEST_RANDOM (7, 1, 2, 3, 4);
  const float *in = limn_tensor_f32 (&x);

  for (int i = 0; i <= 10; i++)
    {
      g_auto (TestRun) test = { 0 };
      LimnGuidance guidance;
      LimnTensor out;
      double guided[N_RESCALED], alone[N_RESCALED], factor;
      const float scale = 5.0f;

      test_run_init (&test, 1, NULL, NULL);
      limn_guidance_init (&guidance, &test.run, &cond, &uncond, scale, predict_ramp, NULL);
      g_assert_cmpfloat (guidance.rescale, ==, 0.0f);
      guidance.rescale = (float)i / 10.0f;
      out = limn_guidance_predict (&guidance, &test.run, &x, 1.0f);
      for (int k = 0; k < N_RESCALED; k++)
        {
          alone[k] = 3.0 * in[k] + k / 8.0;
          guided[k] = -in[k] + k / 8.0 + scale * 4.0 * in[k];
        }
      factor = i / 10.0 * deviation (alone) / deviation (guided) + 1.0 - i / 10.0;
      for (int k = 0; k < N_RESCALED; k++)
        g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&out)[k], guided[k] * factor, 1e-4);
    }
}

/* A flat prediction has no deviation to divide by. */
static void
test_rescale_flat (void)
{
  float cond_data[] = { 5, 0, 0, 0 }, uncond_data[] = { 2, 0, 0, 0 }, x_data[24] = { 0 };
  LimnTensor cond = limn_tensor_3d (LIMN_DTYPE_F32, cond_data, 1, 2, 2);
  LimnTensor uncond = limn_tensor_3d (LIMN_DTYPE_F32, uncond_data, 1, 2, 2);
  LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, x_data, 1, 2, 3, 4);
  g_auto (TestRun) test = { 0 };
  LimnGuidance guidance;
  LimnTensor out;
  int batch = 0;

  test_run_init (&test, 1, NULL, NULL);
  limn_guidance_init (&guidance, &test.run, &cond, &uncond, 3.0f, predict_context, &batch);
  guidance.rescale = 0.7f;
  out = limn_guidance_predict (&guidance, &test.run, &x, 7.5f);
  for (int k = 0; k < 24; k++)
    g_assert_cmpfloat (limn_tensor_f32 (&out)[k], ==, 11.0f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusion/guidance/mix", test_guidance);
  g_test_add_func ("/diffusion/guidance/rescale", test_rescale);
  g_test_add_func ("/diffusion/guidance/rescale-flat", test_rescale_flat);
  return g_test_run ();
}
