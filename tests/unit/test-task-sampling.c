/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/task/generate.h"
#include "engine/tensor/kernels-private.h"
#include "tests/unit/task-testing.h"

/* The loop of a whole task: what it allocates, how much of the network it runs. */

#define STEPS 6

/* Every allocation of the engine's own; the linker puts these before the real ones. */
static int n_allocations; /* atomic */

#define COUNTED(type, name, parameters, arguments)                                                 \
  type __real_##name parameters;                                                                   \
  type __wrap_##name parameters;                                                                   \
  type __wrap_##name parameters                                                                    \
  {                                                                                                \
    g_atomic_int_inc (&n_allocations);                                                             \
    return __real_##name arguments;                                                                \
  }

COUNTED (gpointer, g_malloc, (gsize n), (n))
COUNTED (gpointer, g_malloc0, (gsize n), (n))
COUNTED (gpointer, g_malloc_n, (gsize n, gsize size), (n, size))
COUNTED (gpointer, g_malloc0_n, (gsize n, gsize size), (n, size))
COUNTED (gpointer, g_try_malloc, (gsize n), (n))
COUNTED (gpointer, g_try_malloc_n, (gsize n, gsize size), (n, size))
COUNTED (gpointer, g_realloc, (gpointer memory, gsize n), (memory, n))
COUNTED (int, posix_memalign, (void **memory, size_t align, size_t n), (memory, align, n))
COUNTED (void *,
         mmap,
         (void *at, size_t n, int protection, int flags, int file, off_t offset),
         (at, n, protection, flags, file, offset))

typedef struct
{
  LimnKernels kernels;
  int n_queries; /* atomic: that attended */
} Spy;

static void
spy_attention_tile (const LimnAttentionJob *job, const LimnAttentionTile *tile, void *scratch)
{
  Spy *spy = (Spy *)job->kernels;
  LimnAttentionJob real = *job;

  g_atomic_int_add (&spy->n_queries, (int)tile->n_queries);
  real.kernels = limn_kernels_best ();
  real.kernels->attention_tile (&real, tile, scratch);
}

/* What was counted when each step was done. */
typedef struct
{
  Spy spy;
  TaskRun task;
  int allocations[STEPS + 1], queries[STEPS + 1];
  gsize peak[STEPS + 1];
} Watch;

static void
note (const LimnProgress *progress, gpointer user_data)
{
  Watch *watch = user_data;

  if (progress->stage != LIMN_STAGE_SAMPLE)
    return;
  watch->allocations[progress->step] = g_atomic_int_get (&n_allocations);
  watch->queries[progress->step] = g_atomic_int_get (&watch->spy.n_queries);
  watch->peak[progress->step] = limn_arena_get_peak (watch->task.arena);
}

static LimnImage *
generate (LimnModel *model, Watch *watch, float guidance, int step_cache)
{
  LimnTaskCallbacks callbacks = { .progress = note, .user_data = watch };
  LimnGenerateParams params;
  g_autoptr (GError) error = NULL;
  LimnImage *image;

  limn_generate_params_init (&params, model);
  params.prompt = "a bowl of fruit";
  params.width = params.height = 64;
  params.steps = STEPS;
  params.guidance = guidance;
  params.step_cache = step_cache;
  *watch = (Watch){ .spy.kernels = *limn_kernels_best () };
  watch->spy.kernels.attention_tile = spy_attention_tile;
  /* One thread: a second one takes its scratch when it first comes to a tile, which may be late. */
  task_run_init (&watch->task, 1, NULL);
  watch->task.run.kernels = &watch->spy.kernels;
  image = limn_generate (model, &watch->task.run, &params, &callbacks, &error);
  g_assert_no_error (error);
  task_run_clear (&watch->task);
  limn_model_unload (model);
  return image;
}

static LimnModel *
open_model (void)
{
  return task_open_fixture ("J-containers/sd1-tiny.safetensors", "config.yaml");
}

/* Whatever the first step takes is enough for all others. */
static void
test_allocations (void)
{
  g_autoptr (LimnModel) model = open_model ();
  const int step_caches[] = { 0, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (step_caches); i++)
    {
      Watch watch;
      g_autoptr (LimnImage) image = generate (model, &watch, 5.0f, step_caches[i]);

      g_assert_cmpint (watch.allocations[1], >, watch.allocations[0]);
      for (int step = 2; step <= STEPS; step++)
        {
          g_assert_cmpint (watch.allocations[step], ==, watch.allocations[1]);
          g_assert_cmpuint (watch.peak[step], ==, watch.peak[1]);
        }
    }
}

static int
queries_of_step (const Watch *watch, int step)
{
  return watch->queries[step] - watch->queries[step - 1];
}

/* Without guidance there is one half only. */
static void
test_halves (void)
{
  g_autoptr (LimnModel) model = open_model ();
  Watch guided, plain;
  g_autoptr (LimnImage) a = generate (model, &guided, 5.0f, 0);
  g_autoptr (LimnImage) b = generate (model, &plain, 1.0f, 0);

  for (int step = 1; step <= STEPS; step++)
    {
      g_assert_cmpint (queries_of_step (&plain, step), >, 0);
      g_assert_cmpint (queries_of_step (&guided, step), ==, 2 * queries_of_step (&plain, step));
    }
}

/* One step of three runs the whole network, and 0 and 1 are every step. */
static void
test_step_cache (void)
{
  g_autoptr (LimnModel) model = open_model ();
  Watch every, one, cached;
  g_autoptr (LimnImage) a = generate (model, &every, 5.0f, 0);
  g_autoptr (LimnImage) b = generate (model, &one, 5.0f, 1);
  g_autoptr (LimnImage) c = generate (model, &cached, 5.0f, 3);

  for (int step = 1; step <= STEPS; step++)
    if (step % 3 == 1)
      g_assert_cmpint (queries_of_step (&cached, step), ==, queries_of_step (&every, step));
    else
      g_assert_cmpint (queries_of_step (&cached, step), <, queries_of_step (&every, step));
  g_assert_cmpmem (b->pixels, (gsize)b->height * b->width * 3, a->pixels,
                   (gsize)a->height * a->width * 3);
  g_assert_true (memcmp (c->pixels, a->pixels, (gsize)a->height * a->width * 3) != 0);
}

static void
test_refused (void)
{
  g_autoptr (LimnModel) model = open_model ();
  const int bad[] = { -1, LIMN_MAX_STEP_CACHE + 1 };
  LimnGenerateParams params;
  LimnGeneratePlan plan;

  limn_generate_params_init (&params, model);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      params.step_cache = bad[i];
      g_assert_false (limn_generate_plan (model, &params, &plan, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/sampling/allocations", test_allocations);
  g_test_add_func ("/task/sampling/halves", test_halves);
  g_test_add_func ("/task/sampling/step-cache", test_step_cache);
  g_test_add_func ("/task/sampling/refused", test_refused);
  return g_test_run ();
}
