/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/tensor-private.h"
#include "engine/tensor/winograd-private.h"
#include "tests/unit/tensor-testing.h"

/* Winograd's convolution against the plain sum in double: the transforms alone, whole layers over
 * sizes around those of tiles, vectors and blocks, threads, cancelling, memory, and what is chosen.
 */

static const char *const fast_names[] = { "portable", "avx2", "avx512" };
static const LimnConvolution ways[] = { LIMN_CONVOLUTION_WINOGRAD_2, LIMN_CONVOLUTION_WINOGRAD_4 };

/* Of the largest output; measured below 1e-6 and 8e-6. */
#define BOUND_2 2e-6
#define BOUND_4 1.6e-5

static double
bound_of (LimnConvolution way)
{
  return way == LIMN_CONVOLUTION_WINOGRAD_4 ? BOUND_4 : BOUND_2;
}

typedef struct
{
  gint64 n, h, w, in, out;
  int before, after; /* padding */
  gboolean plain;    /* without bias and residual */
} Shape;

static LimnTensor
convolve (LimnRun *run, const Shape *s)
{
  gint64 oh = s->h + s->before + s->after - 2, ow = s->w + s->before + s->after - 2;
  g_auto (LimnTensor) x = TEST_RANDOM (1, s->n, s->h, s->w, s->in);
  g_auto (LimnTensor) weight = TEST_RANDOM (2, s->out, s->in, 3, 3);
  g_auto (LimnTensor) bias = TEST_RANDOM (3, s->out);
  g_auto (LimnTensor) residual = TEST_RANDOM (4, s->n, oh, ow, s->out);
  LimnConv2d conv = {
    .weight = weight,
    .bias = s->plain ? LIMN_TENSOR_EMPTY : bias,
    .n_in = s->in,
    .n_out = s->out,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride = 1,
    .pad_top = s->before,
    .pad_left = s->before,
    .pad_bottom = s->after,
    .pad_right = s->after,
  };
  LimnTensor y = limn_conv2d (run, &conv, &x, s->plain ? NULL : &residual);

  limn_conv2d_clear (&conv);
  return y;
}

/* ---- The transforms alone ---- */

#define MOST 70
#define ROOM (MOST + 8)
#define GUARD 12345.0f

/* @to = matrix (rows x columns) * from * matrix^T */
static void
transform (const double *matrix, int rows, int columns, const double *from, double *to)
{
  double half[36];

  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++)
      {
        half[i * columns + j] = 0.0;
        for (int k = 0; k < columns; k++)
          half[i * columns + j] += matrix[i * columns + k] * from[k * columns + j];
      }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < rows; j++)
      {
        to[i * rows + j] = 0.0;
        for (int k = 0; k < columns; k++)
          to[i * rows + j] += half[i * columns + k] * matrix[j * columns + k];
      }
}

/* Toom and Cook's matrices from the points alone: B^T has in row i the coefficients of the product
 * of x - p over the other points, G the powers of p_i over that product's value there, A^T the
 * powers of the points. */
static void
toom_cook (int size, double *b, double *g, double *a)
{
  const double of_2[] = { 0.0, 1.0, -1.0 };
  const double of_4[]
      = { 0.0, LIMN_WINOGRAD_NEAR, -LIMN_WINOGRAD_NEAR, LIMN_WINOGRAD_FAR, -LIMN_WINOGRAD_FAR };
  const double *points = size == 2 ? of_2 : of_4;
  int side = size + 2, n = side - 1;

  memset (b, 0, sizeof (double) * 36);
  for (int i = 0; i < side; i++)
    {
      double polynomial[7] = { 1.0 }, value = 1.0;
      int degree = 0;

      for (int j = 0; j < n; j++)
        if (j != i)
          {
            degree++;
            for (int k = degree; k >= 0; k--)
              polynomial[k] = (k > 0 ? polynomial[k - 1] : 0.0) - points[j] * polynomial[k];
            value *= i < n ? points[i] - points[j] : 1.0;
          }
      /* The factor -1 of this point may stand on either side. */
      if (size == 2 && i == 0)
        {
          value = -value;
          for (int k = 0; k < side; k++)
            polynomial[k] = -polynomial[k];
        }
      memcpy (b + i * side, polynomial, sizeof (double) * (gsize)side);
      for (int k = 0; k < 3; k++)
        g[i * 3 + k] = i < n ? pow (points[i], k) / value : k == 2;
      for (int k = 0; k < size; k++)
        a[k * side + i] = i < n ? pow (points[i], k) : k == size - 1;
    }
}

static void
assert_near (double got, double want)
{
  g_assert_cmpfloat (fabs (got - want), <, 2e-5 * MAX (1.0, fabs (want)));
}

/* Every problem of @n side by side equals the matrices' result, and nothing else is written. */
static void
check_transforms (const LimnKernels *kernels, int size, gint64 n)
{
  int side = size + 2, n_points = side * side;
  double b[36], g[18], a[24], from[36], to[36];
  g_auto (LimnTensor) random = TEST_RANDOM (7, 36, ROOM);
  const float *x = limn_tensor_f32 (&random);
  g_autofree float *v = g_new (float, 36 * ROOM), *u = g_new (float, 36 * ROOM);
  const float *pixels[36];

  toom_cook (size, b, g, a);
  for (int i = 0; i < 36 * ROOM; i++)
    v[i] = u[i] = GUARD;
  for (int p = 0; p < n_points; p++)
    pixels[p] = x + p * ROOM;
  kernels->winograd_input (size, n, pixels, v, ROOM);
  kernels->winograd_weights (size, n, x, ROOM, u, ROOM);
  for (gint64 c = 0; c < ROOM; c++)
    {
      for (int p = 0; p < n_points; p++)
        from[p] = x[p * ROOM + c];
      transform (b, side, side, from, to);
      for (int p = 0; p < n_points; p++)
        assert_near (v[p * ROOM + c], c < n ? to[p] : (double)GUARD);
      transform (g, side, 3, from, to);
      for (int p = 0; p < n_points; p++)
        assert_near (u[p * ROOM + c], c < n ? to[p] : (double)GUARD);
    }
}

/* Outputs in a map of 6 x 6 pixels of ROOM, of which only those of the tile that exist change. */
static void
check_output (const LimnKernels *kernels, int size, gint64 n, int n_rows, int n_columns)
{
  int side = size + 2;
  double b[36], g[18], a[24], from[36], to[36];
  g_auto (LimnTensor) m = TEST_RANDOM (8, 36, ROOM);
  g_auto (LimnTensor) residual = TEST_RANDOM (9, 36, ROOM);
  g_auto (LimnTensor) bias = TEST_RANDOM (10, ROOM);
  g_autofree float *y = g_new (float, 36 * ROOM);
  LimnWinogradOutput output = {
    .bias = limn_tensor_f32 (&bias),
    .residual = limn_tensor_f32 (&residual),
    .y = y,
    .row_stride = 6 * ROOM,
    .column_stride = ROOM,
    .residual_row_stride = 6 * ROOM,
    .residual_column_stride = ROOM,
    .factor = 1.0f,
    .n_rows = n_rows,
    .n_columns = n_columns,
  };

  toom_cook (size, b, g, a);
  for (int i = 0; i < 36 * ROOM; i++)
    y[i] = GUARD;
  kernels->winograd_output (size, n, limn_tensor_f32 (&m), ROOM, &output);
  for (gint64 c = 0; c < ROOM; c++)
    {
      for (int p = 0; p < side * side; p++)
        from[p] = limn_tensor_f32 (&m)[p * ROOM + c];
      transform (a, size, side, from, to);
      for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
          {
            gint64 at = (i * 6 + j) * ROOM + c;

            if (i < n_rows && j < n_columns && c < n)
              assert_near (y[at], to[i * size + j] + output.bias[c] + output.residual[at]);
            else
              g_assert_cmpfloat (y[at], ==, GUARD);
          }
    }
}

static void
test_transforms (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (int size = 2; size <= 4; size += 2)
    for (gint64 n = 1; n <= MOST; n++)
      {
        check_transforms (kernels, size, n);
        for (int i = 0; i < size * size; i++)
          if (n % 16 == i % 16)
            check_output (kernels, size, n, 1 + i / size, 1 + i % size);
      }
}

/* ---- Layers ---- */

static const Shape shapes[] = {
  { 1, 1, 1, 1, 1, 1, 1, FALSE },      { 2, 1, 2, 2, 3, 1, 1, FALSE },
  { 1, 7, 3, 3, 8, 1, 1, FALSE },      { 2, 8, 8, 17, 15, 1, 1, FALSE },
  { 1, 15, 17, 33, 17, 1, 1, FALSE },  { 3, 17, 33, 31, 33, 1, 1, FALSE },
  { 1, 4, 131, 8, 8, 1, 1, FALSE },    { 3, 5, 13, 64, 32, 1, 1, FALSE },
  { 1, 33, 32, 65, 64, 1, 1, TRUE },   { 1, 8, 8, 320, 48, 1, 1, FALSE },
  { 2, 9, 9, 130, 100, 1, 1, TRUE },   { 1, 6, 7, 20, 20, 0, 0, FALSE },
  { 1, 6, 5, 20, 20, 2, 2, FALSE },    { 1, 3, 3, 20, 20, 0, 1, FALSE },
  { 1, 3, 3, 20, 20, 5, 0, FALSE },    { 1, 40, 40, 16, 16, 1, 1, FALSE },
  { 1, 12, 12, 1280, 24, 1, 1, TRUE }, { 1, 68, 36, 48, 40, 1, 1, FALSE },
};

static void
test_layers (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_auto (TestRun) reference = { 0 };
      LimnTensor want;

      test_run_init (&reference, 2, limn_kernels_reference (), NULL);
      want = convolve (&reference.run, &shapes[i]);
      g_assert_no_error (reference.run.error);
      for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
        {
          g_auto (TestRun) t = { 0 };
          LimnTensor got;

          test_run_init (&t, 2, kernels, NULL);
          t.run.convolution = ways[way];
          got = convolve (&t.run, &shapes[i]);
          test_assert_close (&t.run, "Winograd", &got, &want, bound_of (ways[way]));
        }
    }
}

/* A single sample gives the bits that it has in a batch: each output is summed in one order. */
static void
test_batch (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const Shape both = { 2, 18, 13, 40, 36, 1, 1, TRUE }, one = { 1, 18, 13, 40, 36, 1, 1, TRUE };

  if (kernels == NULL || kernels->panel_width == 0)
    {
      g_test_skip ("not on this processor, or BLAS decides the order");
      return;
    }
  for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      g_auto (TestRun) a = { 0 };
      g_auto (TestRun) b = { 0 };
      LimnTensor got, want;

      test_run_init (&a, 2, kernels, NULL);
      test_run_init (&b, 2, kernels, NULL);
      a.run.convolution = b.run.convolution = ways[way];
      got = convolve (&a.run, &both);
      want = convolve (&b.run, &one);
      g_assert_no_error (a.run.error);
      g_assert_no_error (b.run.error);
      g_assert_cmpint (memcmp (got.data, want.data, limn_tensor_bytes (&want)), ==, 0);
    }
}

/* Whole blocks in one task, and bands of several. */
static const Shape large[] = {
  { 1, 130, 131, 20, 24, 1, 1, FALSE },
  { 1, 37, 41, 150, 200, 1, 1, FALSE },
  { 1, 67, 70, 260, 40, 1, 1, TRUE },
};

static void
test_threads (gconstpointer data)
{
  const LimnKernels *kernels = limn_kernels_by_name (data);
  const int threads[] = { 2, 4 };

  if (kernels == NULL)
    {
      g_test_skip ("not on this processor");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        g_auto (TestRun) one = { 0 };
        LimnTensor want;

        test_run_init (&one, 1, kernels, NULL);
        one.run.convolution = ways[way];
        want = convolve (&one.run, &large[i]);
        g_assert_no_error (one.run.error);
        for (guint n = 0; n < G_N_ELEMENTS (threads); n++)
          {
            g_auto (TestRun) many = { 0 };
            LimnTensor got;

            test_run_init (&many, threads[n], kernels, NULL);
            many.run.convolution = ways[way];
            got = convolve (&many.run, &large[i]);
            g_assert_no_error (many.run.error);
            test_assert_same_bits ("Winograd", &got, &want);
          }
      }
}

/* ---- Tasks: cancelled in the middle, not too long, and enough of them ---- */

typedef struct
{
  LimnKernels kernels;
  const LimnKernels *real;
  GCancellable *cancellable;
  gint cancel_at;
  gint n_transforms; /* of weights: one per unit and chunk of a task */
} Spy;

static Spy *spy; /* the kernels are not told whose they are */

static void
spy_weights (int size, gint64 n, const float *taps, gint64 tap_stride, float *u, gint64 stride)
{
  if (g_atomic_int_add (&spy->n_transforms, 1) + 1 == spy->cancel_at)
    g_cancellable_cancel (spy->cancellable);
  spy->real->winograd_weights (size, n, taps, tap_stride, u, stride);
}

static void
test_cancel (void)
{
  const LimnKernels *best = limn_kernels_best ();

  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Spy self = { .kernels = *best, .real = best, .cancellable = cancellable, .cancel_at = 3 };
      g_auto (TestRun) t = { 0 };
      LimnTensor y;
      gsize mark;

      spy = &self;
      self.kernels.winograd_weights = spy_weights;
      test_run_init (&t, 1, &self.kernels, cancellable);
      t.run.convolution = LIMN_CONVOLUTION_WINOGRAD_4;
      mark = limn_run_mark (&t.run);
      y = convolve (&t.run, &large[i]);
      g_assert_true (limn_tensor_is_empty (&y));
      g_assert_error (t.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      /* The task that saw it ends, at most with what it has of units times chunks. */
      g_assert_cmpint (self.n_transforms, <, 3 + 64);
      limn_run_release (&t.run, mark);
      spy = NULL;
    }
}

static void
test_tasks (void)
{
  const gint64 most = 128 * 1024 * 1024;
  const Shape layers[] = {
    { 1, 512, 512, 128, 128, 1, 1, TRUE }, { 1, 128, 128, 512, 512, 1, 1, TRUE },
    { 1, 64, 64, 960, 320, 1, 1, TRUE },   { 2, 8, 8, 2560, 1280, 1, 1, TRUE },
    { 1, 1024, 1024, 4, 8, 1, 1, TRUE },   { 1, 64, 64, 20000, 8, 1, 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    for (int size = 2; size <= 4; size += 2)
      {
        const Shape *s = &layers[i];
        LimnConvJob conv = { .kernels = limn_kernels_best (),
                             .h = s->h,
                             .w = s->w,
                             .in = s->in,
                             .oh = s->h,
                             .n_rows = s->h,
                             .ow = s->w,
                             .out = s->out,
                             .kernel_h = 3,
                             .kernel_w = 3,
                             .stride = 1 };
        LimnWinograd grid;
        gint64 work;

        limn_winograd_init (&grid, &conv, s->n, size);
        work = grid.n_points * grid.block_tiles * grid.range * s->in;
        g_assert_cmpint (work, <=, most);
        g_assert_cmpint (grid.n_blocks * grid.block_tiles, >=, grid.n_tiles);
        g_assert_cmpint ((grid.n_blocks - 1) * grid.block_tiles, <, grid.n_tiles);
        g_assert_cmpint (grid.n_ranges * grid.range, >=, s->out);
        g_assert_cmpint (grid.n_chunks * grid.depth, >=, s->in);
        g_assert_cmpint (grid.depth, <=, LIMN_WINOGRAD_MAX_DEPTH);
      }
}

/* ---- Memory ---- */

/* What the tasks of an operation share is the run's: the next operation gets the same, a larger one
 * more, and what no machine has is an error. */
static void
test_scratch (void)
{
  g_auto (TestRun) t = { 0 };
  void *first;

  test_run_init (&t, 1, NULL, NULL);
  first = limn_run_scratch (&t.run, 1000);
  g_assert_nonnull (first);
  memset (first, 1, 1000);
  g_assert_true (limn_run_scratch (&t.run, 900) == first);
  memset (limn_run_scratch (&t.run, 5000), 1, 5000);
  g_assert_null (limn_run_scratch (&t.run, G_MAXSSIZE - 4096));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_null (limn_run_scratch (&t.run, 900));
}

/* A layer takes of the arena what its result needs. */
static void
test_arena (void)
{
  g_auto (TestRun) t = { 0 };
  LimnTensor y;

  test_run_init (&t, 2, NULL, NULL);
  t.run.convolution = LIMN_CONVOLUTION_WINOGRAD_4;
  y = convolve (&t.run, &large[2]);
  g_assert_no_error (t.run.error);
  g_assert_cmpint ((gint64)limn_run_mark (&t.run), <, (gint64)limn_tensor_bytes (&y) + 4096);
}

/* ---- The choice ---- */

static int
choice_of (const LimnKernels *kernels, LimnConvolution how, int size, int stride, const Shape *s)
{
  LimnConvJob conv = { .kernels = kernels,
                       .h = s->h,
                       .w = s->w,
                       .in = s->in,
                       .oh = s->h,
                       .n_rows = s->h,
                       .ow = s->w,
                       .out = s->out,
                       .kernel_h = size,
                       .kernel_w = size,
                       .stride = stride };
  LimnRun run = { .kernels = kernels, .convolution = how };

  return limn_winograd_choose (&run, &conv, s->n);
}

static void
test_choice (void)
{
  const LimnKernels *best = limn_kernels_best (), *plain = limn_kernels_reference ();
  const Shape unet = { 1, 64, 64, 320, 320, 1, 1, TRUE };
  const Shape deep = { 1, 8, 8, 1280, 1280, 1, 1, TRUE };
  const Shape picture = { 1, 512, 512, 3, 64, 1, 1, TRUE };
  const Shape pixel = { 1, 1, 1, 1280, 1280, 1, 1, TRUE };
  const Shape five = { 1, 5, 5, 1280, 1280, 1, 1, TRUE };

  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &unet), ==, 4);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &deep), ==, 4);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &five), ==, 2);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &picture), ==, 0);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &pixel), ==, 0);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 3, 2, &unet), ==, 0);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_AUTOMATIC, 5, 1, &unet), ==, 0);
  g_assert_cmpint (choice_of (plain, LIMN_CONVOLUTION_AUTOMATIC, 3, 1, &unet), ==, 0);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_DIRECT, 3, 1, &unet), ==, 0);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_WINOGRAD_2, 3, 1, &pixel), ==, 2);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_WINOGRAD_4, 3, 1, &picture), ==, 4);
  g_assert_cmpint (choice_of (best, LIMN_CONVOLUTION_WINOGRAD_4, 3, 2, &unet), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc run;
  } tests[] = {
    { "transforms", test_transforms },
    { "layers", test_layers },
    { "batch", test_batch },
    { "threads", test_threads },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/winograd/cancel", test_cancel);
  g_test_add_func ("/tensor/winograd/tasks", test_tasks);
  g_test_add_func ("/tensor/winograd/scratch", test_scratch);
  g_test_add_func ("/tensor/winograd/arena", test_arena);
  g_test_add_func ("/tensor/winograd/choice", test_choice);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (fast_names); j++)
      {
        g_autofree char *path
            = g_strdup_printf ("/tensor/winograd/%s/%s", tests[i].name, fast_names[j]);

        g_test_add_data_func (path, fast_names[j], tests[i].run);
      }
  return g_test_run ();
}
