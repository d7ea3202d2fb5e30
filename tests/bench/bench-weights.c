/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/tensor/kernels-private.h"

/*
 * What weights cost in each type, at the shapes of Stable Diffusion 1.5's UNet: a layer's time with
 * float32 panels, with panels of the type that are made float32 as they are multiplied, and with
 * panels that are made anew for each use. Medians; the ways take turns, so that what else the
 * machine does meets all of them.
 */

#define N_RUNS 9

typedef struct
{
  LimnRun run;
  LimnArena *arena;
  LimnPool *pool;
  gboolean cpu_time;
} Bench;

typedef struct
{
  gint64 n, side, in, out;
  int kernel;
} Shape;

static const Shape shapes[] = {
  { 2, 64, 320, 320, 3 },   { 2, 32, 640, 640, 3 },  { 2, 16, 1280, 1280, 3 },
  { 2, 8, 1280, 1280, 3 },  { 2, 8, 2560, 1280, 3 }, { 2, 64, 320, 320, 1 },
  { 2, 64, 320, 2560, 1 },  { 2, 32, 640, 5120, 1 }, { 2, 16, 1280, 10240, 1 },
  { 2, 16, 5120, 1280, 1 }, { 2, 8, 1280, 1280, 1 }, { 1, 1, 1280, 1280, 1 },
};

static const struct
{
  const char *name;
  LimnDType dtype;
  gsize limit;
} ways[] = {
  { "f32", LIMN_DTYPE_F32, G_MAXSIZE },   { "f16", LIMN_DTYPE_F16, G_MAXSIZE },
  { "bf16", LIMN_DTYPE_BF16, G_MAXSIZE }, { "q8_0", LIMN_DTYPE_Q8_0, G_MAXSIZE },
  { "q4_K", LIMN_DTYPE_Q4_K, G_MAXSIZE }, { "f32 anew", LIMN_DTYPE_F32, 0 },
  { "f16 anew", LIMN_DTYPE_F16, 0 },      { "q8_0 anew", LIMN_DTYPE_Q8_0, 0 },
  { "q4_K anew", LIMN_DTYPE_Q4_K, 0 },
};

static double
now (Bench *bench)
{
  struct timespec t;

  clock_gettime (bench->cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Bytes that are no NaN and no infinity in any of the types. */
static void *
random_bytes (gsize n)
{
  guint8 *bytes = g_malloc (n);
  guint32 seed = 1;

  for (gsize i = 0; i < n; i++)
    {
      seed = seed * 1664525u + 1013904223u;
      bytes[i] = (seed >> 24) & 0x3b;
    }
  return bytes;
}

static void
measure (Bench *bench, const Shape *shape)
{
  LimnConv2d conv[G_N_ELEMENTS (ways)] = { 0 };
  LimnWeightBudget budget[G_N_ELEMENTS (ways)] = { 0 };
  double times[G_N_ELEMENTS (ways)][N_RUNS];
  gint64 extent[] = { shape->out, shape->in, shape->kernel, shape->kernel };
  gint64 count = shape->out * shape->in * shape->kernel * shape->kernel;
  g_autofree void *data = random_bytes ((gsize)count * sizeof (float));
  LimnArenaMark mark = limn_run_mark (&bench->run);
  LimnTensor x = limn_run_nhwc (&bench->run, shape->n, shape->side, shape->side, shape->in);

  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    limn_tensor_f32 (&x)[i] = (float)(i * 37 % 101) / 50 - 1;
  for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      budget[way].limit = ways[way].limit;
      conv[way] = (LimnConv2d){ .weight = limn_tensor_4d (ways[way].dtype, data, extent[0],
                                                          extent[1], extent[2], extent[3]),
                                .n_in = shape->in,
                                .n_out = shape->out,
                                .kernel_h = shape->kernel,
                                .kernel_w = shape->kernel,
                                .stride = 1,
                                .pad_top = shape->kernel / 2,
                                .pad_left = shape->kernel / 2,
                                .pad_bottom = shape->kernel / 2,
                                .pad_right = shape->kernel / 2,
                                .budget = &budget[way] };
    }
  for (int i = -1; i < N_RUNS; i++)
    for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        LimnArenaMark inner = limn_run_mark (&bench->run);
        double start;

        if (shape->kernel > 1 && limn_dtype_block (ways[way].dtype) > 1)
          continue;
        start = now (bench);
        (void)limn_conv2d (&bench->run, &conv[way], &x, NULL);
        if (i >= 0)
          times[way][i] = now (bench) - start;
        limn_run_release (&bench->run, inner);
      }
  g_print ("%dx%d %5d -> %5d on %d x %2dx%2d", shape->kernel, shape->kernel, (int)shape->in,
           (int)shape->out, (int)shape->n, (int)shape->side, (int)shape->side);
  for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      limn_conv2d_clear (&conv[way]);
      if (shape->kernel > 1 && limn_dtype_block (ways[way].dtype) > 1)
        {
          g_print ("%10s", "");
          continue;
        }
      qsort (times[way], N_RUNS, sizeof (double), compare_doubles);
      if (way == 0)
        g_print ("%7.2f ms", times[way][N_RUNS / 2] * 1e3);
      else
        g_print ("%9.3fx", times[way][N_RUNS / 2] / times[0][N_RUNS / 2]);
    }
  g_print ("\n");
  limn_run_release (&bench->run, mark);
}

int
main (int argc, char *argv[])
{
  int threads = 0;
  Bench bench = { 0 };
  const GOptionEntry entries[] = { { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
                                     "Threads that compute; 0: one per core", "N" },
                                   { "cpu-time", 0, 0, G_OPTION_ARG_NONE, &bench.cpu_time,
                                     "Measure the processor's time: for busy machines", NULL },
                                   { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  bench.pool = limn_pool_new (threads, FALSE);
  bench.arena = limn_arena_new (0);
  limn_run_init (&bench.run, bench.pool, bench.arena, NULL);
  g_print ("Weights by type, %d threads, %s kernels; multiples of the time with float32 panels\n",
           limn_pool_get_n_threads (bench.pool), limn_kernels_name (bench.run.kernels));
  g_print ("%-36s%10s", "", "f32");
  for (gsize way = 1; way < G_N_ELEMENTS (ways); way++)
    g_print ("%10s", ways[way].name);
  g_print ("\n");
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    measure (&bench, &shapes[i]);
  limn_run_clear (&bench.run);
  limn_arena_free (bench.arena);
  limn_pool_free (bench.pool);
  return 0;
}
