/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <locale.h>
#include <string.h>
#include <time.h>

#include <cblas.h>

#include "engine/tensor/kernels.h"

/*
 * Achieved GFLOP/s of each kernel at the shapes of Stable Diffusion 1.5 and of the default models,
 * beside what plain sgemm reaches in the same run: on a large square product, and on the product
 * that the layer amounts to (for a convolution with the im2col matrix ready made). Medians of
 * several runs.
 */

#define MIN_RUNS 5
#define MIN_SECONDS 0.3

typedef struct
{
  LimnRun run;
  LimnArena *arena;
  LimnPool *pool;
  double square_rate; /* of one thread times the number of threads */
  int threads;
  gboolean cpu_time; /* measure the processor's time, not the clock's */
} Bench;

typedef gboolean (*BenchBody) (Bench *bench, void *data);

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
now (Bench *bench)
{
  struct timespec t;

  if (!bench->cpu_time)
    return (double) g_get_monotonic_time () / 1e6;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return ((double) t.tv_sec + (double) t.tv_nsec / 1e9) / bench->threads;
}

/* Median seconds of one call. */
static double
measure (Bench *bench, BenchBody body, void *data)
{
  double times[1000];
  double total = 0.0;
  guint n = 0;

  for (int warm = 0; warm < 2; warm++)
    if (!body (bench, data))
      g_error ("%s", bench->run.error->message);
  while (n < MIN_RUNS || (total < MIN_SECONDS && n < G_N_ELEMENTS (times)))
    {
      double start = now (bench);

      body (bench, data);
      times[n] = now (bench) - start;
      total += times[n++];
    }
  qsort (times, n, sizeof times[0], compare_doubles);
  return times[n / 2];
}

static void
fill (LimnTensor *t)
{
  guint32 state = 12345;
  float *x = limn_tensor_f32 (t);

  for (gint64 i = 0; i < limn_tensor_count (t); i++)
    {
      state = state * 1664525u + 1013904223u;
      x[i] = (float) (state >> 8) / 16777216.0f - 0.5f;
    }
}

static LimnTensor
filled (Bench *bench, int n_dims, const gint64 *extent)
{
  LimnTensor t = limn_run_tensor (&bench->run, n_dims, extent);

  if (limn_tensor_is_empty (&t))
    g_error ("%s", bench->run.error->message);
  fill (&t);
  return t;
}

/* ---- The machine's own rate: single-threaded sgemm, as one tile would call it ---- */

typedef struct
{
  int m, n, k;
  float *a, *b, *c;
} Product;

static gboolean
sgemm_body (Bench *bench, void *data)
{
  Product *p = data;

  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, p->m, p->n, p->k, 1.0f, p->a, p->k, p->b,
               p->n, 0.0f, p->c, p->n);
  return TRUE;
}

/* GFLOP/s of one thread, times the number of threads. */
static double
sgemm_rate (Bench *bench, gint64 m, gint64 n, gint64 k)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  LimnTensor a, b, c;
  Product p;
  double seconds;

  /* The im2col matrix of a whole map does not fit, and one of 4096 rows runs at the same rate. */
  m = MIN (m, 4096);
  a = filled (bench, 2, (gint64[]){ m, k });
  b = filled (bench, 2, (gint64[]){ k, n });
  c = filled (bench, 2, (gint64[]){ m, n });
  p = (Product){
    (int) m, (int) n, (int) k, limn_tensor_f32 (&a), limn_tensor_f32 (&b), limn_tensor_f32 (&c)
  };
  seconds = measure (bench, sgemm_body, &p) * (bench->cpu_time ? bench->threads : 1);
  limn_run_release (&bench->run, mark);
  return 2.0 * (double) m * (double) n * (double) k / seconds / 1e9 * bench->threads;
}

static void
report (Bench *bench, const char *name, double flops, double seconds, double own_rate)
{
  double rate = flops / seconds / 1e9;

  g_print ("%-44s %9.3f ms %8.1f", name, seconds * 1e3, rate);
  if (own_rate > 0.0)
    g_print ("   sgemm of its shape %7.1f (%3.0f %%)   large sgemm (%3.0f %%)", own_rate,
             100.0 * rate / own_rate, 100.0 * rate / bench->square_rate);
  g_print ("\n");
}

/* ---- Layers ---- */

typedef struct
{
  LimnConv2d conv;
  LimnLinear linear;
  LimnNorm norm;
  LimnTensor x, k, v;
  int n_heads;
} Layer;

static gboolean
conv_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_conv2d (&bench->run, &layer->conv, &layer->x, NULL);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static void
bench_conv (Bench *bench, gint64 side, gint64 in, gint64 out, int size, int stride)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  Layer layer = { 0 };
  int pad = size / 2;
  gint64 pixels = ((side + 2 * pad - size) / stride + 1) * ((side + 2 * pad - size) / stride + 1);
  double flops = 2.0 * (double) pixels * (double) (in * out * size * size);
  g_autofree char *name = NULL;

  layer.conv = (LimnConv2d){
    .weight = filled (bench, 4, (gint64[]){ out, in, size, size }),
    .bias = filled (bench, 1, &out),
    .n_in = in,
    .n_out = out,
    .kernel_h = size,
    .kernel_w = size,
    .stride = stride,
    .pad_top = pad,
    .pad_left = pad,
    .pad_bottom = pad,
    .pad_right = pad,
  };
  layer.x = filled (bench, 4, (gint64[]){ 1, side, side, in });
  name = g_strdup_printf ("conv %dx%d/%d  %dx%d  %d -> %d", size, size, stride, (int) side,
                          (int) side, (int) in, (int) out);
  report (bench, name, flops, measure (bench, conv_body, &layer),
          sgemm_rate (bench, pixels, out, in * size * size));
  limn_conv2d_clear (&layer.conv);
  limn_run_release (&bench->run, mark);
}

static gboolean
linear_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_linear (&bench->run, &layer->linear, &layer->x, NULL);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static void
bench_linear (Bench *bench, gint64 rows, gint64 in, gint64 out)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  Layer layer = { 0 };
  g_autofree char *name
      = g_strdup_printf ("linear  %d x %d -> %d", (int) rows, (int) in, (int) out);

  layer.linear = (LimnLinear){
    .weight = filled (bench, 2, (gint64[]){ out, in }),
    .bias = filled (bench, 1, &out),
    .n_in = in,
    .n_out = out,
  };
  layer.x = filled (bench, 2, (gint64[]){ rows, in });
  report (bench, name, 2.0 * (double) rows * (double) (in * out),
          measure (bench, linear_body, &layer), sgemm_rate (bench, rows, out, in));
  limn_linear_clear (&layer.linear);
  limn_run_release (&bench->run, mark);
}

static gboolean
attention_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_attention (&bench->run, &layer->x, &layer->k, &layer->v, layer->n_heads, 0.125f, FALSE);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static void
bench_attention (Bench *bench, gint64 queries, gint64 keys, int heads, gint64 dim)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  Layer layer = { .n_heads = heads };
  g_autofree char *name = g_strdup_printf ("attention  %d x %d  %d heads of %d", (int) queries,
                                           (int) keys, heads, (int) dim);

  layer.x = filled (bench, 3, (gint64[]){ 1, queries, heads * dim });
  layer.k = filled (bench, 3, (gint64[]){ 1, keys, heads * dim });
  layer.v = filled (bench, 3, (gint64[]){ 1, keys, heads * dim });
  report (bench, name, 4.0 * (double) (queries * keys) * (double) (heads * dim),
          measure (bench, attention_body, &layer), sgemm_rate (bench, queries, keys, dim));
  limn_run_release (&bench->run, mark);
}

/* ---- Memory-bound kernels: gigabytes read and written per second ---- */

static gboolean
group_norm_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_group_norm (&bench->run, &layer->norm, &layer->x, 32, 1e-5f, LIMN_ACTIVATION_SILU);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static gboolean
layer_norm_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_layer_norm (&bench->run, &layer->norm, &layer->x, 1e-5f);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static gboolean
geglu_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_geglu (&bench->run, &layer->x);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static gboolean
silu_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_activate (&bench->run, &layer->x, LIMN_ACTIVATION_SILU);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static gboolean
upsample_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_upsample_nearest_2x (&bench->run, &layer->x);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static gboolean
add_body (Bench *bench, void *data)
{
  Layer *layer = data;
  LimnArenaMark mark = limn_run_mark (&bench->run);

  limn_add (&bench->run, &layer->x, &layer->x);
  limn_run_release (&bench->run, mark);
  return limn_run_ok (&bench->run);
}

static void
bench_stream (Bench *bench,
              const char *what,
              BenchBody body,
              gint64 side,
              gint64 channels,
              double bytes_per_value)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  Layer layer = { .norm = { .n_channels = channels } };
  double bytes = bytes_per_value * (double) (side * side * channels);
  g_autofree char *name
      = g_strdup_printf ("%s  %dx%d  %d", what, (int) side, (int) side, (int) channels);
  double seconds;

  layer.x = filled (bench, 4, (gint64[]){ 1, side, side, channels });
  seconds = measure (bench, body, &layer);
  g_print ("%-44s %9.3f ms %8.1f GB/s\n", name, seconds * 1e3, bytes / seconds / 1e9);
  limn_norm_clear (&layer.norm);
  limn_run_release (&bench->run, mark);
}

static void
bench_default_models (Bench *bench)
{
  g_print ("\nShapes of the default models                        time    GFLOP/s\n");
  bench_conv (bench, 512, 3, 64, 3, 1);
  bench_conv (bench, 512, 64, 64, 3, 1);
  bench_conv (bench, 256, 64, 64, 3, 1);
  bench_conv (bench, 256, 64, 64, 3, 2);
  bench_conv (bench, 128, 9, 64, 3, 1);
  bench_conv (bench, 128, 64, 64, 3, 1);
  bench_conv (bench, 128, 128, 64, 3, 1);
  bench_conv (bench, 128, 128, 64, 1, 1);
  bench_conv (bench, 64, 64, 64, 3, 1);
  bench_conv (bench, 32, 128, 128, 3, 1);
  bench_conv (bench, 32, 256, 128, 3, 1);
  bench_conv (bench, 16, 192, 192, 3, 1);
  bench_conv (bench, 128, 64, 4, 3, 1);
  bench_conv (bench, 512, 64, 3, 3, 1);
  g_print ("\nOther thin shapes\n");
  bench_conv (bench, 512, 32, 32, 3, 1);
  bench_conv (bench, 256, 128, 128, 3, 1);
  bench_conv (bench, 64, 96, 96, 3, 1);
  g_print ("\nThe rest of the default models\n");
  bench_linear (bench, 1024, 128, 128);
  bench_linear (bench, 1024, 128, 1024);
  bench_linear (bench, 2, 256, 512);
  bench_attention (bench, 1024, 1024, 4, 32);
  bench_attention (bench, 1024, 77, 4, 32);
  bench_attention (bench, 256, 256, 6, 32);
  bench_stream (bench, "group norm + SiLU", group_norm_body, 512, 64, 12.0);
  bench_stream (bench, "group norm + SiLU", group_norm_body, 128, 64, 12.0);
  bench_stream (bench, "upsample 2x", upsample_body, 256, 64, 20.0);
}

static void
bench_sd15 (Bench *bench)
{
  g_print ("\nShapes of Stable Diffusion 1.5                      time    GFLOP/s\n");
  bench_conv (bench, 64, 9, 320, 3, 1);
  bench_conv (bench, 64, 320, 320, 3, 1);
  bench_conv (bench, 64, 640, 320, 3, 1);
  bench_conv (bench, 64, 320, 320, 3, 2);
  bench_conv (bench, 32, 640, 640, 3, 1);
  bench_conv (bench, 16, 1280, 1280, 3, 1);
  bench_conv (bench, 8, 1280, 1280, 3, 1);
  bench_conv (bench, 64, 320, 4, 3, 1);
  bench_conv (bench, 64, 512, 512, 3, 1);
  bench_conv (bench, 256, 256, 256, 3, 1);
  bench_conv (bench, 512, 128, 128, 3, 1);
  bench_linear (bench, 4096, 320, 320);
  bench_linear (bench, 4096, 320, 2560);
  bench_linear (bench, 1024, 640, 5120);
  bench_linear (bench, 64, 1280, 1280);
  bench_linear (bench, 77, 768, 3072);
  bench_attention (bench, 4096, 4096, 8, 40);
  bench_attention (bench, 4096, 77, 8, 40);
  bench_attention (bench, 1024, 1024, 8, 80);
  bench_attention (bench, 256, 256, 8, 160);
  bench_attention (bench, 4096, 4096, 1, 512);
  bench_stream (bench, "group norm + SiLU", group_norm_body, 64, 320, 12.0);
  bench_stream (bench, "group norm + SiLU", group_norm_body, 512, 128, 12.0);
  bench_stream (bench, "layer norm", layer_norm_body, 64, 320, 8.0);
  bench_stream (bench, "GEGLU", geglu_body, 64, 2560, 6.0);
  bench_stream (bench, "SiLU", silu_body, 64, 320, 8.0);
  bench_stream (bench, "add", add_body, 64, 320, 12.0);
}

int
main (int argc, char **argv)
{
  int threads = 0;
  g_autofree char *kernels = NULL;
  gboolean only_default = FALSE, only_sd15 = FALSE;
  Bench bench = { 0 };
  const GOptionEntry entries[] = {
    { "threads", 't', 0, G_OPTION_ARG_INT, &threads, "Threads (default: one per core)", "N" },
    { "kernels", 'k', 0, G_OPTION_ARG_STRING, &kernels, "portable, avx2 or avx512 (default: best)",
      "NAME" },
    { "cpu-time", 'c', 0, G_OPTION_ARG_NONE, &bench.cpu_time,
      "Measure the processor's time, for a machine that does other things as well", NULL },
    { "default-models", 0, 0, G_OPTION_ARG_NONE, &only_default, "The default models' shapes only",
      NULL },
    { "sd15", 0, 0, G_OPTION_ARG_NONE, &only_sd15, "Stable Diffusion 1.5's shapes only", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure the kernels");
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
  if (kernels != NULL && (bench.run.kernels = limn_kernels_by_name (kernels)) == NULL)
    {
      g_printerr ("No kernels '%s' on this processor\n", kernels);
      return 1;
    }

  bench.square_rate = sgemm_rate (&bench, 2048, 2048, 2048);
  g_print ("Kernels %s, %d thread(s), OpenBLAS core %s\n", limn_kernels_name (bench.run.kernels),
           bench.threads, openblas_get_corename ());
  g_print ("sgemm 2048x2048x2048: %.1f GFLOP/s (one thread, times %d)\n", bench.square_rate,
           bench.threads);
  if (!only_sd15)
    bench_default_models (&bench);
  if (!only_default)
    bench_sd15 (&bench);

  limn_run_clear (&bench.run);
  limn_arena_free (bench.arena);
  limn_pool_free (bench.pool);
  return 0;
}
