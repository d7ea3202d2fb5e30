/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include <cblas.h>

#include "engine/tensor/kernels.h"

/*
 * The ways to convolve 3x3 side by side: the direct one and Winograd's with tiles of 2 and 4, at
 * the shapes of Stable Diffusion 1.5's UNet and of its decoder. For each: GFLOP/s of the direct
 * count, the multiple of what plain sgemm reaches in the same run, and the largest error of sampled
 * outputs against the sum in double, of the largest output. Medians; the ways take turns, so that
 * what else the machine does meets all of them.
 */

#define N_RUNS 5
#define N_SAMPLES 4000

typedef struct
{
  LimnRun run;
  LimnArena *arena;
  LimnPool *pool;
  int threads;
  gboolean cpu_time; /* measure the processor's time, not the clock's */
  double sgemm;      /* GFLOP/s of one thread times the number of threads */
} Bench;

typedef struct
{
  gint64 n, side, in, out;
} Shape;

static const Shape shapes[] = {
  { 1, 64, 320, 320 },  { 1, 64, 640, 320 },  { 1, 32, 640, 640 },  { 1, 16, 1280, 1280 },
  { 1, 8, 1280, 1280 }, { 2, 64, 320, 320 },  { 2, 32, 640, 640 },  { 2, 16, 1280, 1280 },
  { 2, 8, 1280, 1280 }, { 1, 64, 512, 512 },  { 1, 128, 512, 512 }, { 1, 256, 256, 256 },
  { 1, 512, 128, 128 }, { 1, 512, 256, 128 }, { 1, 128, 64, 64 },   { 1, 128, 192, 32 },
  { 1, 64, 9, 320 },    { 1, 64, 320, 4 },    { 1, 512, 128, 3 },   { 1, 512, 3, 64 },
};

static const struct
{
  const char *name;
  LimnConvolution convolution;
} ways[] = {
  { "direct", LIMN_CONVOLUTION_DIRECT },
  { "F2", LIMN_CONVOLUTION_WINOGRAD_2 },
  { "F4", LIMN_CONVOLUTION_WINOGRAD_4 },
  { "auto", LIMN_CONVOLUTION_AUTOMATIC },
};

static double
now (Bench *bench)
{
  struct timespec t;

  if (!bench->cpu_time)
    return (double)g_get_monotonic_time () / 1e6;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return ((double)t.tv_sec + (double)t.tv_nsec / 1e9) / bench->threads;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double *times)
{
  qsort (times, N_RUNS, sizeof times[0], compare_doubles);
  return times[N_RUNS / 2];
}

static void
measure_sgemm (Bench *bench)
{
  const int n = 1536;
  g_autofree float *a = g_new0 (float, n *n);
  g_autofree float *b = g_new0 (float, n *n);
  g_autofree float *c = g_new0 (float, n *n);
  double times[N_RUNS];

  for (int i = -1; i < N_RUNS; i++)
    {
      double start = now (bench);

      cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, a, n, b, n, 0.0f, c,
                   n);
      if (i >= 0)
        times[i] = (now (bench) - start) * (bench->cpu_time ? bench->threads : 1);
    }
  bench->sgemm = 2.0 * n * n * n / median (times) / 1e9 * bench->threads;
}

static LimnTensor
random_tensor (Bench *bench, int n_dims, const gint64 *extent, guint32 seed)
{
  LimnTensor t = limn_run_tensor (&bench->run, n_dims, extent);
  float *x = limn_tensor_f32 (&t);

  if (limn_tensor_is_empty (&t))
    g_error ("%s", bench->run.error->message);
  for (gint64 i = 0; i < limn_tensor_count (&t); i++)
    {
      seed = seed * 1664525u + 1013904223u;
      x[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
  return t;
}

static double
exact (const LimnConv2d *conv, const LimnTensor *x, gint64 index)
{
  const float *data = limn_tensor_f32 (x);
  const float *weight = limn_tensor_f32 (&conv->weight);
  gint64 h = x->extent[1], w = x->extent[2], in = x->extent[3];
  gint64 o = index % conv->n_out, column = index / conv->n_out % w;
  gint64 row = index / conv->n_out / w % h, n = index / conv->n_out / w / h;
  double sum = 0.0;

  for (gint64 i = row - 1; i <= row + 1; i++)
    for (gint64 j = column - 1; j <= column + 1; j++)
      for (gint64 c = 0; i >= 0 && i < h && j >= 0 && j < w && c < in; c++)
        sum += (double)data[((n * h + i) * w + j) * in + c]
               * weight[((o * in + c) * 3 + i - row + 1) * 3 + j - column + 1];
  return sum;
}

/* The largest error of the sampled outputs, of the largest of them. */
static double
error_of (const LimnConv2d *conv, const LimnTensor *x, const LimnTensor *y)
{
  gint64 count = limn_tensor_count (y);
  const float *got = limn_tensor_f32 (y);
  double worst = 0.0, largest = 0.0;

  for (gint64 i = 0; i < N_SAMPLES; i++)
    {
      gint64 index = (gint64)((double)i / N_SAMPLES * (double)count);
      double want = exact (conv, x, index);

      largest = MAX (largest, fabs (want));
      worst = MAX (worst, fabs (got[index] - want));
    }
  return worst / largest;
}

static void
bench_shape (Bench *bench, const Shape *s)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  LimnTensor x = random_tensor (bench, 4, (gint64[]){ s->n, s->side, s->side, s->in }, 1);
  LimnConv2d conv = {
    .weight = random_tensor (bench, 4, (gint64[]){ s->out, s->in, 3, 3 }, 2),
    .n_in = s->in,
    .n_out = s->out,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride = 1,
    .pad_top = 1,
    .pad_left = 1,
    .pad_bottom = 1,
    .pad_right = 1,
  };
  double flops = 18.0 * (double)(s->n * s->side * s->side) * (double)(s->in * s->out);
  double times[G_N_ELEMENTS (ways)][N_RUNS], errors[G_N_ELEMENTS (ways)];

  for (int i = -1; i < N_RUNS; i++)
    for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        LimnArenaMark before = limn_run_mark (&bench->run);
        double start = now (bench);
        LimnTensor y;

        bench->run.convolution = ways[way].convolution;
        y = limn_conv2d (&bench->run, &conv, &x, NULL);
        if (i >= 0)
          times[way][i] = now (bench) - start;
        else if (limn_run_ok (&bench->run))
          errors[way] = error_of (&conv, &x, &y);
        limn_run_release (&bench->run, before);
      }
  if (!limn_run_ok (&bench->run))
    g_error ("%s", bench->run.error->message);

  g_print ("%d x %3dx%-3d %4d -> %-4d", (int)s->n, (int)s->side, (int)s->side, (int)s->in,
           (int)s->out);
  for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      double seconds = median (times[way]);

      g_print ("  %s %7.2f ms %5.0f %4.2fx %.0e", ways[way].name, seconds * 1e3,
               flops / seconds / 1e9, flops / seconds / 1e9 / bench->sgemm, errors[way]);
    }
  g_print ("\n");
  limn_conv2d_clear (&conv);
  limn_run_release (&bench->run, mark);
}

int
main (int argc, char **argv)
{
  int threads = 0;
  g_autofree char *kernels = NULL;
  Bench bench = { 0 };
  const GOptionEntry entries[] = {
    { "threads", 't', 0, G_OPTION_ARG_INT, &threads, "Threads (default: one per core)", "N" },
    { "kernels", 'k', 0, G_OPTION_ARG_STRING, &kernels, "portable, avx2 or avx512 (default: best)",
      "NAME" },
    { "cpu-time", 'c', 0, G_OPTION_ARG_NONE, &bench.cpu_time,
      "Measure the processor's time, for a machine that does other things as well", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure 3x3 convolutions");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  bench.pool = limn_pool_new (threads, FALSE);
  bench.arena = limn_arena_new (0);
  bench.threads = limn_pool_get_n_threads (bench.pool);
  limn_run_init (&bench.run, bench.pool, bench.arena, NULL);
  if (kernels != NULL)
    bench.run.kernels = limn_kernels_by_name (kernels);
  if (bench.run.kernels == NULL)
    {
      g_printerr ("This processor has no kernels “%s”\n", kernels);
      return 1;
    }
  measure_sgemm (&bench);
  g_print ("%d threads, %s kernels, sgemm 1536 %.1f GFLOP/s\n", bench.threads,
           limn_kernels_name (bench.run.kernels), bench.sgemm);
  g_print ("Per way: time, GFLOP/s of the direct count, multiple of sgemm's, largest error\n");
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    bench_shape (&bench, &shapes[i]);
  limn_run_clear (&bench.run);
  limn_arena_free (bench.arena);
  limn_pool_free (bench.pool);
  return 0;
}
