/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"
#include "tests/unit/tensor-testing.h"

/* Layers over weights of any type give the bits that they give over the same numbers as float32,
 * whether their panels are kept or made for each use. */

static const char *const table_names[] = { "reference", "portable", "avx2", "avx512" };

static const LimnDType types[] = {
  LIMN_DTYPE_F16,  LIMN_DTYPE_BF16, LIMN_DTYPE_Q4_0, LIMN_DTYPE_Q4_1,
  LIMN_DTYPE_Q5_0, LIMN_DTYPE_Q5_1, LIMN_DTYPE_Q8_0, LIMN_DTYPE_Q2_K,
  LIMN_DTYPE_Q3_K, LIMN_DTYPE_Q4_K, LIMN_DTYPE_Q5_K, LIMN_DTYPE_Q6_K,
};

/* Random numbers of any type: blocks of random bytes, but for their halves, which are sane. */
static LimnTensor
random_weights (guint32 seed, LimnDType dtype, int n_dims, const gint64 *extent)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  LimnTensor t = { .dtype = dtype, .n_dims = n_dims, .extent = { 1, 1, 1, 1 } };
  int step = limn_dtype_block (dtype);
  gsize size = limn_dtype_size (dtype);
  gint64 n_blocks;
  guint8 *block;

  for (int i = 0; i < n_dims; i++)
    t.extent[i] = extent[i];
  n_blocks = limn_tensor_count (&t) / step;
  g_assert_cmpint (limn_tensor_count (&t) % step, ==, 0);
  t.data = block = g_malloc ((gsize)n_blocks * size);
  for (gint64 i = 0; i < n_blocks; i++, block += size)
    {
      guint16 half = limn_f32_to_f16 ((float)g_rand_double_range (rand, -1, 1));
      guint16 second = limn_f32_to_f16 ((float)g_rand_double_range (rand, -1, 1));

      for (gsize b = 0; b < size; b++)
        block[b] = (guint8)g_rand_int (rand);
      switch (dtype)
        {
        case LIMN_DTYPE_F16:
          memcpy (block, &half, 2);
          break;
        case LIMN_DTYPE_BF16:
          block[1] = (guint8)((block[1] & 0x80) | 0x3f);
          break;
        case LIMN_DTYPE_Q2_K:
          memcpy (block + 80, &half, 2);
          memcpy (block + 82, &second, 2);
          break;
        case LIMN_DTYPE_Q3_K:
          memcpy (block + 108, &half, 2);
          break;
        case LIMN_DTYPE_Q6_K:
          memcpy (block + 208, &half, 2);
          break;
        case LIMN_DTYPE_Q4_1:
        case LIMN_DTYPE_Q5_1:
        case LIMN_DTYPE_Q4_K:
        case LIMN_DTYPE_Q5_K:
          memcpy (block, &half, 2);
          memcpy (block + 2, &second, 2);
          break;
        default:
          memcpy (block, &half, 2);
        }
    }
  return t;
}

static LimnTensor
as_f32 (const LimnTensor *t)
{
  LimnTensor f32 = *t;

  f32.dtype = LIMN_DTYPE_F32;
  f32.data = g_new (float, limn_tensor_count (t));
  limn_tensor_read_f32 (t, 0, limn_tensor_count (t), f32.data);
  return f32;
}

/* A layer of every kind at some size; `taps` of 1 is linear. */
typedef struct
{
  gint64 n, h, w, in, out;
  int kernel, stride;
  LimnConvolution way;
} Layer;

static const Layer layers[] = {
  { 1, 1, 7, 256, 33, 1, 1, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 1, 193, 768, 40, 1, 1, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 3, 5, 512, 17, 1, 1, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 1, 3, 1280, 530, 1, 1, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 9, 7, 3, 5, 3, 1, LIMN_CONVOLUTION_DIRECT },
  { 2, 8, 8, 70, 48, 3, 1, LIMN_CONVOLUTION_DIRECT },
  { 1, 9, 9, 33, 31, 3, 2, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 6, 6, 5, 70, 5, 1, LIMN_CONVOLUTION_AUTOMATIC },
  { 1, 9, 10, 37, 35, 3, 1, LIMN_CONVOLUTION_WINOGRAD_2 },
  { 2, 9, 10, 150, 47, 3, 1, LIMN_CONVOLUTION_WINOGRAD_4 },
};

static gboolean
has_type (const Layer *layer, LimnDType dtype)
{
  return limn_dtype_block (dtype) == 1
         || (layer->kernel == 1 && layer->in % limn_dtype_block (dtype) == 0);
}

/* The layer's result for a fixed input (transfer full), computed @times over. */
static LimnTensor
compute (const LimnKernels *kernels,
         const Layer *layer,
         const LimnTensor *weight,
         LimnWeightBudget *budget,
         int n_threads,
         int times)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (7, layer->n, layer->h, layer->w, layer->in);
  g_auto (LimnTensor) bias = TEST_RANDOM (8, layer->out);
  int pad = layer->kernel / 2;
  LimnConv2d conv = { .weight = *weight,
                      .bias = bias,
                      .n_in = layer->in,
                      .n_out = layer->out,
                      .kernel_h = layer->kernel,
                      .kernel_w = layer->kernel,
                      .stride = layer->stride,
                      .pad_top = pad,
                      .pad_left = pad,
                      .pad_bottom = pad,
                      .pad_right = pad,
                      .budget = budget };
  LimnTensor y = LIMN_TENSOR_EMPTY, kept;

  test_run_init (&t, n_threads, kernels, NULL);
  t.run.convolution = layer->way;
  for (int i = 0; i < times; i++)
    y = limn_conv2d (&t.run, &conv, &x, NULL);
  g_assert_no_error (t.run.error);
  g_assert_nonnull (conv.packed);
  if (budget != NULL)
    g_assert_cmpuint (budget->used, ==, conv.packed->data != NULL ? conv.packed->bytes : 0);
  kept = y;
  kept.data = g_memdup2 (y.data, limn_tensor_bytes (&y));
  limn_conv2d_clear (&conv);
  if (budget != NULL)
    g_assert_cmpuint (budget->used, ==, 0);
  return kept;
}

/* The panels of what is compared are not float32 but where they have to be. */
static void
assert_compact (const LimnKernels *kernels, const Layer *layer, const LimnTensor *weight)
{
  gint64 taps = (gint64)layer->kernel * layer->kernel;
  LimnPanels panels;

  g_assert_true (limn_panels_describe (&panels, kernels, weight, layer->out, layer->in, taps));
  if (kernels == limn_kernels_reference ())
    g_assert_cmpint (panels.type, ==, LIMN_PANELS_F32);
  else
    g_assert_cmpint (panels.type, !=, LIMN_PANELS_F32);
}

static void
test_same_bits (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (types); j++)
      {
        const Layer *layer = &layers[i];
        gint64 extent[] = { layer->out, layer->in, layer->kernel, layer->kernel };
        g_auto (LimnTensor) weight = LIMN_TENSOR_EMPTY;
        g_auto (LimnTensor) plain = LIMN_TENSOR_EMPTY;
        g_auto (LimnTensor) want = LIMN_TENSOR_EMPTY;
        LimnWeightBudget none = { 0 }, enough = { .limit = G_MAXSIZE };

        if (!has_type (layer, types[j]))
          continue;
        weight
            = random_weights ((guint32)(i * 100 + j), types[j], layer->kernel > 1 ? 4 : 2, extent);
        plain = as_f32 (&weight);
        assert_compact (kernels, layer, &weight);
        want = compute (kernels, layer, &plain, NULL, 1, 1);
        for (int way = 0; way < 3; way++)
          {
            g_auto (LimnTensor) got = compute (kernels, layer, &weight,
                                               way == 0   ? NULL
                                               : way == 1 ? &enough
                                                          : &none,
                                               1 + way, 2);

            test_assert_same_bits (limn_dtype_name (types[j]), &got, &want);
          }
      }
}

/* ---- The kernels ---- */

/* Whether they are the same but for what kind of NaN they are. */
static void
assert_same_numbers (const float *got, const float *want, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    if (!(isnan (got[i]) && isnan (want[i])))
      g_assert_cmpmem (&got[i], sizeof (float), &want[i], sizeof (float));
}

static void
test_halves (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const LimnKernels *reference = limn_kernels_reference ();
  g_autofree guint16 *from = g_new (guint16, 65536);
  g_autofree float *want = g_new (float, 65536), *got = g_new (float, 65537);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (int i = 0; i < 65536; i++)
    from[i] = (guint16)i;
  reference->expand_f16 (65536, from, want);
  g_assert_cmpfloat (want[0x3c00], ==, 1.0f);
  g_assert_cmpfloat (want[0x8001], ==, -0x1p-24f);
  kernels->expand_f16 (65536, from, got);
  assert_same_numbers (got, want, 65536);
  reference->expand_bf16 (65536, from, want);
  g_assert_cmpfloat (want[0xbfc0], ==, -1.5f);
  kernels->expand_bf16 (65536, from, got);
  assert_same_numbers (got, want, 65536);
  /* Lengths that fill no vector, at any address; nothing behind them is touched. */
  for (int n = 0; n < 40; n++)
    {
      got[n] = 12345.0f;
      kernels->expand_f16 (n, from + 0x3c01 + n, got);
      reference->expand_f16 (n, from + 0x3c01 + n, want);
      assert_same_numbers (got, want, n);
      kernels->expand_bf16 (n, from + 0x3c01 + n, got);
      reference->expand_bf16 (n, from + 0x3c01 + n, want);
      assert_same_numbers (got, want, n);
      g_assert_cmpfloat (got[n], ==, 12345.0f);
    }
}

static void
test_int8 (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const LimnKernels *reference = limn_kernels_reference ();
  gint8 q[8 * 48];
  float want[8 * 40], got[8 * 40 + 1];
  g_auto (LimnTensor) scale = TEST_RANDOM (1, 40);
  g_auto (LimnTensor) offset = TEST_RANDOM (2, 40);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (q); i++)
    q[i] = (gint8)(i * 89);
  for (int n = 0; n <= 40; n++)
    for (int n_rows = 0; n_rows <= 8; n_rows += 4)
      for (int with = 0; with < 2; with++)
        {
          const float *offsets = with == 1 ? offset.data : NULL;

          got[n_rows * n] = 12345.0f;
          reference->expand_int8 (n_rows, n, q, 48, scale.data, offsets, want);
          kernels->expand_int8 (n_rows, n, q, 48, scale.data, offsets, got);
          g_assert_cmpmem (got, (gsize)(n_rows * n) * sizeof (float), want,
                           (gsize)(n_rows * n) * sizeof (float));
          g_assert_cmpfloat (got[n_rows * n], ==, 12345.0f);
        }
}

/* Every size against the definition, at places that are in no order. */
static void
test_transpose (void)
{
  enum
  {
    MOST_ROWS = 17,
    MOST = 19,
    STRIDE = 23
  };
  gint64 offsets[MOST];
  guint8 rows[MOST_ROWS * STRIDE * 4], to[MOST * MOST_ROWS * 4 + 4];

  for (gsize i = 0; i < sizeof rows; i++)
    rows[i] = (guint8)(i * 167 + i / 256);
  for (gsize size = 1; size <= 4; size *= 2)
    for (gint64 n_rows = 0; n_rows <= MOST_ROWS; n_rows++)
      for (gint64 n = 0; n <= MOST; n++)
        {
          for (gint64 j = 0; j < n; j++)
            offsets[j] = (j * 7 % MOST) * n_rows;
          memset (to, 0xa5, sizeof to);
          limn_transpose (size, rows, STRIDE, n_rows, n, to, offsets);
          for (gint64 j = 0; j < n; j++)
            for (gint64 i = 0; i < n_rows; i++)
              g_assert_cmpmem (to + (gsize)(offsets[j] + i) * size, size,
                               rows + (gsize)(i * STRIDE + j) * size, size);
          g_assert_cmpint (to[(gsize)(MOST * n_rows) * size], ==, 0xa5);
        }
}

/* ---- The budget ---- */

#define N_LAYERS 4

/* First come, first kept; what does not fit is made each time; what is given back is taken again.
 */
static void
test_budget (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 5, 64);
  LimnTensor weights[N_LAYERS], first[N_LAYERS];
  LimnLinear linears[N_LAYERS];
  LimnWeightBudget budget = { 0 };
  gsize one = 64 * 64 * 2;

  test_run_init (&t, 2, NULL, NULL);
  budget.limit = 2 * one + one / 2;
  for (int i = 0; i < N_LAYERS; i++)
    {
      weights[i] = random_weights ((guint32)i, LIMN_DTYPE_F16, 2, (gint64[]){ 64, 64 });
      linears[i] = (LimnLinear){ .weight = weights[i], .n_in = 64, .n_out = 64, .budget = &budget };
      first[i] = limn_linear (&t.run, &linears[i], &x, NULL);
      g_assert_cmpuint (budget.used, ==, MIN (i + 1, 2) * one);
      g_assert_true ((linears[i].packed->data != NULL) == (i < 2));
    }
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < N_LAYERS; i++)
      {
        LimnTensor y = limn_linear (&t.run, &linears[i], &x, NULL);

        g_assert_no_error (t.run.error);
        test_assert_same_bits ("in turn", &y, &first[i]);
        g_assert_cmpuint (budget.used, ==, 2 * one);
      }
  g_assert_cmpuint (t.run.panels_bytes, ==, one);
  limn_linear_clear (&linears[0]);
  g_assert_cmpuint (budget.used, ==, one);
  (void)limn_linear (&t.run, &linears[3], &x, NULL);
  g_assert_nonnull (linears[3].packed->data);
  g_assert_cmpuint (budget.used, ==, 2 * one);
  for (int i = 0; i < N_LAYERS; i++)
    {
      limn_linear_clear (&linears[i]);
      test_tensor_clear (&weights[i]);
    }
  g_assert_cmpuint (budget.used, ==, 0);
}

/* Cancelled while they are made, panels are not there, kept or not. */
static void
test_cancel (void)
{
  g_auto (LimnTensor) x = TEST_RANDOM (1, 5, 64);
  g_auto (LimnTensor) weight = random_weights (1, LIMN_DTYPE_BF16, 2, (gint64[]){ 64, 64 });

  for (int keep = 0; keep < 2; keep++)
    {
      LimnWeightBudget budget = { .limit = keep == 1 ? G_MAXSIZE : 0 };
      LimnLinear linear = { .weight = weight, .n_in = 64, .n_out = 64, .budget = &budget };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (TestRun) t = { 0 };

      test_run_init (&t, 2, NULL, cancellable);
      g_cancellable_cancel (cancellable);
      (void)limn_linear (&t.run, &linear, &x, NULL);
      g_assert_error (t.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_null (linear.packed);
      g_assert_cmpuint (budget.used, ==, 0);
    }
}

/* Sizes whose product is no number of bytes are said not to be any. */
static void
test_hostile (void)
{
  static const gint64 sizes[][3] = {
    { G_MAXINT64, 1, 1 },
    { 1, G_MAXINT64, 1 },
    { 1, 1, G_MAXINT64 },
    { (gint64)1 << 31, (gint64)1 << 31, 9 },
    { 0, 1, 1 },
    { 1, -1, 1 },
    { G_MAXINT64 / 4, 4, 1 },
  };
  LimnDType kinds[] = { LIMN_DTYPE_F32, LIMN_DTYPE_F16, LIMN_DTYPE_Q4_1 };

  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (gsize table = 0; table < G_N_ELEMENTS (table_names); table++)
      for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
        {
          const LimnKernels *kernels = limn_kernels_by_name (table_names[table]);
          LimnTensor weight = { .dtype = kinds[k], .n_dims = 1, .extent = { 1, 1, 1, 1 } };
          LimnPanels panels;

          if (kernels != NULL)
            g_assert_false (limn_panels_describe (&panels, kernels, &weight, sizes[i][0],
                                                  sizes[i][1], sizes[i][2]));
        }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/panels/transpose", test_transpose);
  g_test_add_func ("/tensor/panels/budget", test_budget);
  g_test_add_func ("/tensor/panels/cancel", test_cancel);
  g_test_add_func ("/tensor/panels/hostile", test_hostile);
  for (gsize i = 0; i < G_N_ELEMENTS (table_names); i++)
    {
      g_autofree char *bits = g_strconcat ("/tensor/panels/same-bits/", table_names[i], NULL);
      g_autofree char *halves = g_strconcat ("/tensor/panels/halves/", table_names[i], NULL);
      g_autofree char *int8 = g_strconcat ("/tensor/panels/int8/", table_names[i], NULL);

      g_test_add_data_func (bits, table_names[i], test_same_bits);
      g_test_add_data_func (halves, table_names[i], test_halves);
      g_test_add_data_func (int8, table_names[i], test_int8);
    }
  return g_test_run ();
}
