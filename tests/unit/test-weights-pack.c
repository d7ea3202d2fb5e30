/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels.h"
#include "engine/weights/lora.h"
#include "tests/unit/weights-testing.h"

/* Layers over weights of any type compute what they compute over the same numbers as float32. */

#define N_ROWS 3

static LimnWeights *
open_fixture (const char *name)
{
  g_autofree char *path = test_fixture (name);
  g_autoptr (GError) error = NULL;
  LimnWeights *weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

static float *
as_f32 (const LimnTensor *tensor)
{
  float *values = g_new (float, limn_tensor_count (tensor));

  limn_tensor_read_f32 (tensor, 0, limn_tensor_count (tensor), values);
  return values;
}

static float *
make_input (gint64 n)
{
  float *x = g_new (float, n);

  for (gint64 i = 0; i < n; i++)
    x[i] = (float)((i * 37) % 101) / 50 - 1;
  return x;
}

/* A linear layer's result for @weight (transfer full), with @n_threads. */
static float *
compute_linear (const LimnTensor *weight, int n_threads)
{
  g_autoptr (LimnPool) pool = limn_pool_new (n_threads, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  gint64 n_out = weight->extent[0], n_in = limn_tensor_count (weight) / n_out;
  g_autofree float *input = make_input (N_ROWS * n_in);
  LimnLinear layer = { .weight = *weight, .n_in = n_in, .n_out = n_out };
  LimnTensor x = limn_tensor_2d (LIMN_DTYPE_F32, input, N_ROWS, n_in), y;
  float *result;

  limn_run_init (&run, pool, arena, NULL);
  y = limn_linear (&run, &layer, &x, NULL);
  g_assert_true (limn_run_ok (&run));
  result = as_f32 (&y);
  limn_linear_clear (&layer);
  return result;
}

static void
assert_same (const LimnTensor *weight)
{
  g_autofree float *plain = as_f32 (weight);
  LimnTensor f32 = *weight;
  g_autofree float *want = NULL;
  gsize bytes = (gsize)(N_ROWS * weight->extent[0]) * sizeof (float);

  f32.dtype = LIMN_DTYPE_F32;
  f32.first = 0;
  f32.data = plain;
  want = compute_linear (&f32, 1);
  for (int n_threads = 1; n_threads <= 3; n_threads++)
    {
      g_autofree float *got = compute_linear (weight, n_threads);

      g_assert_cmpmem (got, bytes, want, bytes);
    }
}

static void
test_quantised (void)
{
  g_autoptr (LimnWeights) weights = open_fixture ("golden/fixtures/L1-gguf/types.gguf");
  const char *const *names = limn_weights_list (weights);
  guint n_types = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnTensor tensor;

      if (!g_str_has_prefix (names[i], "linear."))
        continue;
      limn_weights_lookup (weights, names[i], &tensor);
      assert_same (&tensor);
      n_types++;
    }
  g_assert_cmpuint (n_types, ==, 12);
}

static void
test_computed (void)
{
  g_autoptr (LimnWeights) base = open_fixture ("golden/fixtures/L2-lycoris/model.safetensors");
  g_autofree char *path = test_fixture ("golden/fixtures/L2-lycoris/loha.safetensors");
  g_autoptr (LimnLora) lora = limn_lora_open (path, NULL);
  LimnLoraUse use = { lora, 0.7, 0 };
  g_autoptr (LimnWeights) merged = limn_weights_with_loras (base, &use, 1, NULL, NULL);
  const char *const *names = limn_weights_list (merged);
  guint n_computed = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnTensor tensor, rows;

      limn_weights_lookup (merged, names[i], &tensor);
      if (tensor.dtype != LIMN_DTYPE_COMPUTED)
        continue;
      n_computed++;
      if (tensor.n_dims != 2)
        continue;
      assert_same (&tensor);
      rows = limn_tensor_rows (&tensor, 5, 9);
      assert_same (&rows);
    }
  g_assert_cmpuint (n_computed, ==, 2);
}

/* The same for a convolution. */
static void
test_computed_convolution (void)
{
  static const char *const name = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight";
  g_autoptr (LimnWeights) base = open_fixture ("golden/fixtures/L2-lycoris/model.safetensors");
  g_autofree char *path = test_fixture ("golden/fixtures/L2-lycoris/dora_in.safetensors");
  g_autoptr (LimnLora) lora = limn_lora_open (path, NULL);
  LimnLoraUse use = { lora, 0.7, 0 };
  g_autoptr (LimnWeights) merged = limn_weights_with_loras (base, &use, 1, NULL, NULL);
  g_autofree float *input = make_input (5 * 7 * 8);
  float *results[2];
  g_autofree float *plain = NULL;
  const gsize bytes = 5 * 7 * 12 * sizeof (float);
  LimnTensor weight;

  g_assert_true (limn_weights_get (merged, name, 4, (gint64[]){ 12, 8, 3, 3 }, &weight, NULL));
  g_assert_cmpint (weight.dtype, ==, LIMN_DTYPE_COMPUTED);
  plain = as_f32 (&weight);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnPool) pool = limn_pool_new (1 + i, FALSE);
      g_autoptr (LimnArena) arena = limn_arena_new (0);
      g_auto (LimnRun) run = { 0 };
      LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, input, 1, 5, 7, 8), y;
      LimnConv2d layer = { .n_in = 8,
                           .n_out = 12,
                           .kernel_h = 3,
                           .kernel_w = 3,
                           .stride = 1,
                           .pad_top = 1,
                           .pad_left = 1,
                           .pad_bottom = 1,
                           .pad_right = 1 };

      layer.weight = i == 0 ? weight : limn_tensor_4d (LIMN_DTYPE_F32, plain, 12, 8, 3, 3);
      limn_run_init (&run, pool, arena, NULL);
      y = limn_conv2d (&run, &layer, &x, NULL);
      g_assert_true (limn_run_ok (&run));
      results[i] = as_f32 (&y);
      limn_conv2d_clear (&layer);
    }
  g_assert_cmpmem (results[0], bytes, results[1], bytes);
  g_free (results[0]);
  g_free (results[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/pack/quantised", test_quantised);
  g_test_add_func ("/weights/pack/computed", test_computed);
  g_test_add_func ("/weights/pack/computed-convolution", test_computed_convolution);
  return g_test_run ();
}
