/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"
#include "tests/unit/tensor-testing.h"

/* The run context: pool, arena, sticky errors, cancelling, no memory, shapes that do not fit. */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
/* The sanitizers ask these; without it they end the program where malloc() would return NULL. */
const char *__asan_default_options (void);
const char *__tsan_default_options (void);

const char *
__asan_default_options (void)
{
  return "allocator_may_return_null=1";
}

const char *
__tsan_default_options (void)
{
  return "allocator_may_return_null=1";
}
#endif

/* ---- Pool ---- */

typedef struct
{
  int *counts;
  int n_calls;
  int cancel_at; /* cancels in this call; 0: never */
  GCancellable *cancellable;
  gsize scratch_bytes;
} CountJob;

static void
count_task (void *data, gint64 index, void *scratch)
{
  CountJob *job = data;
  int call = g_atomic_int_add (&job->n_calls, 1) + 1;

  if (job->scratch_bytes > 0)
    {
      g_assert_cmpint (GPOINTER_TO_SIZE (scratch) % 64, ==, 0);
      memset (scratch, (int) index, job->scratch_bytes);
    }
  if (job->counts != NULL)
    g_atomic_int_inc (&job->counts[index]);
  if (job->cancel_at == 0 || call < job->cancel_at)
    return;
  if (call == job->cancel_at)
    g_cancellable_cancel (job->cancellable);
  while (!g_cancellable_is_cancelled (job->cancellable))
    g_thread_yield ();
}

static void
test_pool (void)
{
  const int threads[] = { 1, 2, 3, 8 };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (LimnPool) pool = limn_pool_new (threads[i], i % 2 == 1);

      g_assert_cmpint (limn_pool_get_n_threads (pool), ==, threads[i]);
      for (gint64 n = 0; n < 200; n++)
        {
          g_autofree int *counts = g_new0 (int, n + 1);
          CountJob job = { .counts = counts, .scratch_bytes = (gsize) n * 10 };

          g_assert_cmpint (limn_pool_run (pool, NULL, n, job.scratch_bytes, count_task, &job), ==,
                           LIMN_POOL_DONE);
          for (gint64 tile = 0; tile < n; tile++)
            g_assert_cmpint (counts[tile], ==, 1);
          g_assert_cmpint (counts[n], ==, 0);
        }
    }
}

static void
test_pool_default (void)
{
  g_autoptr (LimnPool) pool = limn_pool_new (0, FALSE);

  g_assert_cmpint (limn_pool_get_n_threads (pool), >=, 1);
  limn_pool_free (NULL);
}

/* Two engine threads on one pool take turns. */
static void *
submit_many (void *pool)
{
  for (int i = 0; i < 300; i++)
    {
      int counts[20] = { 0 };
      CountJob job = { .counts = counts };

      limn_pool_run (pool, NULL, G_N_ELEMENTS (counts), 0, count_task, &job);
      for (guint tile = 0; tile < G_N_ELEMENTS (counts); tile++)
        g_assert_cmpint (counts[tile], ==, 1);
    }
  return NULL;
}

static void
test_pool_shared (void)
{
  g_autoptr (LimnPool) pool = limn_pool_new (3, FALSE);
  GThread *other = g_thread_new ("other", submit_many, pool);

  submit_many (pool);
  g_thread_join (other);
}

static void
test_parallel_cancel (void)
{
  const int threads[] = { 1, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (TestRun) t = { 0 };
      CountJob job = { .cancel_at = 10, .cancellable = cancellable };

      test_run_init (&t, threads[i], NULL, cancellable);
      g_assert_false (limn_run_parallel (&t.run, 100000, 0, count_task, &job));
      g_assert_error (t.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (job.n_calls, <, 10 + threads[i]);
    }
}

static void
test_no_scratch (void)
{
  g_auto (TestRun) t = { 0 };
  CountJob job = { 0 };

  test_run_init (&t, 2, NULL, NULL);
  g_assert_false (limn_run_parallel (&t.run, 5, (gsize) 1 << 50, count_task, &job));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_cmpint (job.n_calls, ==, 0);
}

/* ---- Arena ---- */

static void
test_arena_stack (void)
{
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  void *first[40];
  gsize peak = 0;

  /* The same sequence from the same mark gets the same memory, and no more is held. */
  for (int round = 0; round < 4; round++)
    {
      gsize mark = limn_arena_get_position (arena);

      for (guint i = 0; i < G_N_ELEMENTS (first); i++)
        {
          gsize bytes = 1 + i * i * 9973;
          guint8 *memory = limn_arena_alloc (arena, bytes);

          g_assert_nonnull (memory);
          g_assert_cmpint (GPOINTER_TO_SIZE (memory) % 64, ==, 0);
          memset (memory, (int) i, bytes);
          if (round == 0)
            first[i] = memory;
          else
            g_assert_true (memory == first[i]);
        }
      for (guint i = 0; i < G_N_ELEMENTS (first); i++)
        for (gsize b = 0; b < 1 + i * i * 9973; b += 1000)
          g_assert_cmpint (((guint8 *) first[i])[b], ==, i);
      if (round > 0)
        g_assert_cmpint (limn_arena_get_peak (arena), ==, peak);
      peak = limn_arena_get_peak (arena);
      limn_arena_set_position (arena, mark);
    }
}

static void
test_arena_larger (void)
{
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  gsize mark = limn_arena_get_position (arena);
  void *memory;

  for (gsize bytes = 1000; bytes < 100 * 1000 * 1000; bytes *= 3)
    {
      memory = limn_arena_alloc (arena, bytes);
      g_assert_nonnull (memory);
      memset (memory, 1, bytes);
      limn_arena_set_position (arena, mark);
    }
  /* What was too small was given back when the larger one came. */
  g_assert_cmpint (limn_arena_get_peak (arena), <, 100 * 1000 * 1000);
}

static void
test_arena_limit (void)
{
  g_autoptr (LimnArena) arena = limn_arena_new (1000 * 1000);

  g_assert_null (limn_arena_alloc (arena, 1000 * 1000 + 1));
  g_assert_null (limn_arena_alloc (arena, G_MAXSIZE));
  g_assert_nonnull (limn_arena_alloc (arena, 900 * 1000));
  g_assert_null (limn_arena_alloc (arena, 200 * 1000));
  g_assert_cmpint (limn_arena_get_peak (arena), <=, 1000 * 1000);
}

/* ---- Errors ---- */

static void
test_sticky (void)
{
  g_auto (TestRun) t = { 0 };
  g_auto (LimnTensor) x = TEST_RANDOM (1, 1, 4, 4, 3);
  LimnTensor wrong, y;
  g_autoptr (GError) error = NULL;

  test_run_init (&t, 1, NULL, NULL);
  g_assert_true (limn_run_check (&t.run, &error));
  wrong = limn_slice_channels (&t.run, &x, 2, 2);
  g_assert_true (limn_tensor_is_empty (&wrong));
  y = limn_activate (&t.run, &x, LIMN_ACTIVATION_SILU);
  g_assert_true (limn_tensor_is_empty (&y));
  y = limn_add (&t.run, &x, &wrong);
  g_assert_true (limn_tensor_is_empty (&y));
  limn_run_fail (&t.run, LIMN_ENGINE_ERROR_NUMERIC, "a later one");
  g_assert_false (limn_run_ok (&t.run));
  g_assert_false (limn_run_check (&t.run, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "f32 [1, 4, 4, 3]"));
}

static void
test_cancelled_before (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < test_n_cases; i++)
    {
      g_auto (TestRun) t = { 0 };
      LimnTensor y;

      test_run_init (&t, 2, NULL, cancellable);
      y = test_cases[i].compute (&t.run, &test_sizes[3], 1);
      g_assert_true (limn_tensor_is_empty (&y));
      g_assert_error (t.run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* Every operation with every amount of memory up to what it needs. */
static void
test_no_memory (void)
{
  for (guint i = 0; i < test_n_cases; i++)
    {
      gboolean done = FALSE;

      for (gsize limit = 64; !done; limit += 64 + limit / 8)
        {
          g_autoptr (LimnPool) pool = limn_pool_new (2, FALSE);
          g_autoptr (LimnArena) arena = limn_arena_new (limit);
          g_auto (LimnRun) run = { 0 };
          LimnTensor y;

          limn_run_init (&run, pool, arena, NULL);
          y = test_cases[i].compute (&run, &test_sizes[3], 1);
          done = !limn_tensor_is_empty (&y);
          g_assert_cmpint (limn_arena_get_peak (arena), <=, limit);
          if (done)
            break;
          g_assert_error (run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
          g_assert_nonnull (strstr (run.error->message, "bytes"));
          g_assert_cmpint (limit, <, 64 * 1024 * 1024);
        }
    }
}

/* Weights that no memory can hold leave the layer as it was. */
static void
test_no_memory_for_weights (void)
{
  const gint64 huge = (gint64) 1 << 24;
  g_auto (TestRun) t = { 0 };
  float nothing = 0.0f;
  LimnLinear linear = { .weight = limn_tensor_2d (LIMN_DTYPE_F32, &nothing, huge, huge),
                        .n_in = huge,
                        .n_out = huge };
  LimnTensor x = limn_tensor_2d (LIMN_DTYPE_F32, &nothing, 1, huge);
  LimnTensor y;

  test_run_init (&t, 1, NULL, NULL);
  y = limn_linear (&t.run, &linear, &x, NULL);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY);
  g_assert_null (linear.packed);
}

/* ---- Shapes ---- */

typedef LimnTensor (*WrongCall) (LimnRun *run, const LimnTensor *x);

static LimnTensor
wrong_linear (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) weight = TEST_RANDOM (1, 8, 5);
  LimnLinear linear = { .weight = weight, .n_in = 5, .n_out = 8 };

  return limn_linear (run, &linear, x, NULL);
}

/* The file has fewer weights than the layer says. */
static LimnTensor
wrong_weight (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) weight = TEST_RANDOM (1, 8, 5);
  LimnLinear linear = { .weight = weight, .n_in = 6, .n_out = 8 };
  LimnTensor y = limn_linear (run, &linear, x, NULL);

  g_assert_null (linear.packed);
  return y;
}

static LimnTensor
wrong_conv (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) weight = TEST_RANDOM (1, 8, 6, 7, 7);
  LimnConv2d conv
      = { .weight = weight, .n_in = 6, .n_out = 8, .kernel_h = 7, .kernel_w = 7, .stride = 1 };

  return limn_conv2d (run, &conv, x, NULL);
}

static LimnTensor
wrong_groups (LimnRun *run, const LimnTensor *x)
{
  LimnNorm norm = { .n_channels = 6 };
  LimnTensor y = limn_group_norm (run, &norm, x, 4, 1e-5f, LIMN_ACTIVATION_NONE);

  limn_norm_clear (&norm);
  return y;
}

static LimnTensor
wrong_heads (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) q = TEST_RANDOM (1, 2, 3, 6);

  return limn_attention (run, &q, &q, &q, 4, 1.0f, FALSE);
}

static LimnTensor
wrong_causal (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) q = TEST_RANDOM (1, 2, 3, 6);
  g_auto (LimnTensor) k = TEST_RANDOM (1, 2, 4, 6);

  return limn_attention (run, &q, &k, &k, 2, 1.0f, TRUE);
}

static LimnTensor
wrong_add (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) other = TEST_RANDOM (1, 2, 5, 4, 6);

  return limn_add (run, x, &other);
}

static LimnTensor
wrong_concat (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) other = TEST_RANDOM (1, 2, 5, 4, 6);

  return limn_concat_channels (run, x, &other);
}

static LimnTensor
wrong_type (LimnRun *run, const LimnTensor *x)
{
  LimnTensor half = *x;

  half.dtype = LIMN_DTYPE_F16;
  return limn_activate (run, &half, LIMN_ACTIVATION_SILU);
}

static LimnTensor
wrong_pool (LimnRun *run, const LimnTensor *x)
{
  g_auto (LimnTensor) line = TEST_RANDOM (1, 1, 1, 9, 2);

  return limn_avg_pool_2x (run, &line);
}

static LimnTensor
wrong_resize (LimnRun *run, const LimnTensor *x)
{
  return limn_resize (run, x, 0, 5, LIMN_RESIZE_AREA);
}

static LimnTensor
wrong_tensor (LimnRun *run, const LimnTensor *x)
{
  return limn_run_tensor (run, 3, (gint64[]){ G_MAXINT64 / 2, 3, 2 });
}

static void
test_shapes (void)
{
  const WrongCall calls[] = {
    wrong_linear, wrong_weight, wrong_conv, wrong_groups, wrong_heads,  wrong_causal,
    wrong_add,    wrong_concat, wrong_type, wrong_pool,   wrong_resize, wrong_tensor,
  };
  g_auto (LimnTensor) x = TEST_RANDOM (2, 2, 4, 4, 6);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_auto (TestRun) t = { 0 };
      LimnTensor y;

      test_run_init (&t, 1, NULL, NULL);
      y = calls[i](&t.run, &x);
      g_assert_true (limn_tensor_is_empty (&y));
      g_assert_error (t.run.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/run/pool", test_pool);
  g_test_add_func ("/tensor/run/pool-default", test_pool_default);
  g_test_add_func ("/tensor/run/pool-shared", test_pool_shared);
  g_test_add_func ("/tensor/run/parallel-cancel", test_parallel_cancel);
  g_test_add_func ("/tensor/run/no-scratch", test_no_scratch);
  g_test_add_func ("/tensor/run/arena-stack", test_arena_stack);
  g_test_add_func ("/tensor/run/arena-larger", test_arena_larger);
  g_test_add_func ("/tensor/run/arena-limit", test_arena_limit);
  g_test_add_func ("/tensor/run/sticky", test_sticky);
  g_test_add_func ("/tensor/run/cancelled-before", test_cancelled_before);
  g_test_add_func ("/tensor/run/no-memory", test_no_memory);
  g_test_add_func ("/tensor/run/no-memory-for-weights", test_no_memory_for_weights);
  g_test_add_func ("/tensor/run/shapes", test_shapes);
  return g_test_run ();
}
