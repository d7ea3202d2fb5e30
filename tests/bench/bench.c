/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "tests/bench/bench.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>

static const struct
{
  const char *name;
  LimnConvolution convolution;
} convolutions[] = {
  { "auto", LIMN_CONVOLUTION_AUTOMATIC },
  { "direct", LIMN_CONVOLUTION_DIRECT },
  { "winograd2", LIMN_CONVOLUTION_WINOGRAD_2 },
  { "winograd4", LIMN_CONVOLUTION_WINOGRAD_4 },
};

void
bench_die (const GError *error)
{
  g_printerr ("%s\n", error->message);
  exit (1);
}

static void
wrong_option (const char *what, const char *value)
{
  g_printerr ("There is no %s “%s” here\n", what, value);
  exit (2);
}

void
bench_parse (Bench *self,
             int *argc,
             char ***argv,
             const char *what,
             int n_runs,
             const GOptionEntry *entries)
{
  const GOptionEntry common[] = {
    { "threads", 't', 0, G_OPTION_ARG_INT, &self->threads, "Threads (default: one per core)", "N" },
    { "runs", 'r', 0, G_OPTION_ARG_INT, &self->n_runs, "Runs of which the median counts", "N" },
    { "least", 0, 0, G_OPTION_ARG_NONE, &self->least,
      "The least of the runs counts, not their median: for short ones on a busy machine", NULL },
    { "kernels", 'k', 0, G_OPTION_ARG_STRING, &self->kernels,
      "portable, avx2 or avx512 (default: the best here)", "NAME" },
    { "convolution", 0, 0, G_OPTION_ARG_STRING, &self->convolution,
      "auto, direct, winograd2 or winograd4: how 3x3 is convolved", "NAME" },
    { "counted", 0, 0, G_OPTION_ARG_NONE, &self->counted,
      "Choose convolutions by the costs that are counted, not by those measured here", NULL },
    { "cpu-time", 'c', 0, G_OPTION_ARG_NONE, &self->cpu_time,
      "Measure the processor's time, for a machine that does other things as well", NULL },
    { "low-priority", 0, 0, G_OPTION_ARG_NONE, &self->low_priority,
      "With the pool's threads at the lowest niceness", NULL },
    { "json", 0, 0, G_OPTION_ARG_FILENAME, &self->json, "Write the figures to this file too",
      "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (what);
  g_autoptr (GError) error = NULL;

  setlocale (LC_CTYPE, "");
  self->n_runs = n_runs;
  g_option_context_add_main_entries (context, common, NULL);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    bench_die (error);
  if (*argc > 1)
    wrong_option ("argument", (*argv)[1]);
  if (self->n_runs < 1)
    wrong_option ("number of runs", "0");
}

void
bench_begin (Bench *self)
{
  self->pool = limn_pool_new (self->threads, self->low_priority);
  self->arena = limn_arena_new (0);
  self->threads = limn_pool_get_n_threads (self->pool);
  limn_run_init (&self->run, self->pool, self->arena, NULL);
  if (self->kernels != NULL)
    self->run.kernels = limn_kernels_by_name (self->kernels);
  if (self->run.kernels == NULL)
    wrong_option ("table of kernels", self->kernels);
  self->costs = *limn_costs_counted ();
  if (!self->counted)
    limn_costs_open (&self->costs, self->run.kernels, NULL, LIMN_VERSION, NULL);
  self->run.costs = &self->costs;
  for (gsize i = 0; self->convolution != NULL; i++)
    if (i == G_N_ELEMENTS (convolutions))
      wrong_option ("convolution", self->convolution);
    else if (strcmp (convolutions[i].name, self->convolution) == 0)
      {
        self->run.convolution = convolutions[i].convolution;
        break;
      }
}

void
bench_end (Bench *self)
{
  limn_run_clear (&self->run);
  limn_arena_free (self->arena);
  limn_pool_free (self->pool);
  g_free (self->kernels);
  g_free (self->convolution);
  g_free (self->json);
}

void
bench_check (Bench *self)
{
  if (!limn_run_ok (&self->run))
    bench_die (self->run.error);
}

double
bench_now (const Bench *self)
{
  struct timespec t;

  clock_gettime (self->cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return ((double)t.tv_sec + (double)t.tv_nsec / 1e9) / (self->cpu_time ? self->threads : 1);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

double
bench_median (double *values, int n)
{
  qsort (values, (gsize)n, sizeof values[0], compare_doubles);
  return values[n / 2];
}

double
bench_typical (const Bench *self, double *values, int n)
{
  double median = bench_median (values, n);

  return self->least ? values[0] : median;
}

double
bench_measure (Bench *self, BenchBody body, void *data, double seconds)
{
  double times[1000], total = 0.0;
  int n = 0;

  for (gboolean warm = FALSE; n < self->n_runs || total < seconds; warm = TRUE)
    {
      LimnArenaMark mark = limn_run_mark (&self->run);
      double start = bench_now (self), took;

      body (self, data);
      took = bench_now (self) - start;
      bench_check (self);
      limn_run_release (&self->run, mark);
      if (!warm)
        continue;
      times[n++] = took;
      total += took;
      if (n == (int)G_N_ELEMENTS (times))
        break;
    }
  return bench_typical (self, times, n);
}

void
bench_fill (LimnTensor *t, guint32 seed)
{
  float *x = limn_tensor_f32 (t);

  for (gint64 i = 0; i < limn_tensor_count (t); i++)
    {
      seed = seed * 1664525u + 1013904223u;
      x[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
}

LimnTensor
bench_tensor (Bench *self, int n_dims, const gint64 *extent, guint32 seed)
{
  LimnTensor t = limn_run_tensor (&self->run, n_dims, extent);

  bench_check (self);
  bench_fill (&t, seed);
  return t;
}

/* ---- The machine's own rate ------------------------------------------------------------------ */

typedef struct
{
  gint64 m, n, k, rows; /* of a part */
  float *a, *b, *c;
} Product;

static void
product_part (void *data, gint64 index, void *scratch)
{
  const Product *p = data;
  gint64 first = index * p->rows;
  gint64 rows = MIN (p->rows, p->m - first);

  if (rows > 0)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)p->n, (int)p->k, 1.0f,
                 p->a + first * p->k, (int)p->k, p->b, (int)p->n, 0.0f, p->c + first * p->n,
                 (int)p->n);
}

static void
split_product (Bench *bench, void *data)
{
  limn_run_parallel (&bench->run, bench->threads, 0, product_part, data);
}

static void
own_product (Bench *bench, void *data)
{
  product_part (data, 0, NULL);
}

double
bench_sgemm (Bench *self, BenchSgemm how, gint64 m, gint64 n, gint64 k, int n_runs)
{
  gsize sizes[] = { (gsize)(m * k), (gsize)(k * n), (gsize)(m * n) };
  float *parts[3];
  int kept = self->n_runs;
  double seconds;
  Product p;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      parts[i] = g_new (float, sizes[i]);
      for (gsize at = 0; at < sizes[i]; at++)
        parts[i][at] = (float)((at * 7 + i) % 13) - 6.0f;
    }
  p = (Product){ m, n, k, m, parts[0], parts[1], parts[2] };
  self->n_runs = n_runs;
  if (how == BENCH_SGEMM_SPLIT)
    {
      p.rows = (m + self->threads - 1) / self->threads;
      seconds = bench_measure (self, split_product, &p, 0.1);
    }
  else
    {
      openblas_set_num_threads (self->threads);
      seconds = bench_measure (self, own_product, &p, 0.1);
      openblas_set_num_threads (1);
    }
  self->n_runs = kept;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (parts[i]);
  return 2.0 * (double)m * (double)n * (double)k / seconds / 1e9;
}

/* ---- What there is --------------------------------------------------------------------------- */

/* What stands behind the colon of the line that begins with @key (transfer full, nullable). */
static char *
find_value (const char *path, const char *key)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':');

      if (g_str_has_prefix (lines[i], key) && colon != NULL)
        return g_strstrip (g_strdup (colon + 1));
    }
  return NULL;
}

char *
bench_processor (void)
{
  char *name = find_value ("/proc/cpuinfo", "model name");

  return name != NULL ? name : g_strdup ("processor without a name");
}

char *
bench_describe (Bench *self)
{
  g_autofree char *processor = bench_processor ();

  return g_strdup_printf ("%s, %d thread(s), %s kernels, OpenBLAS core %s", processor,
                          self->threads, limn_kernels_name (self->run.kernels),
                          openblas_get_corename ());
}

gsize
bench_peak_memory (void)
{
  g_autofree char *peak = find_value ("/proc/self/status", "VmHWM");

  return peak != NULL ? (gsize)g_ascii_strtoull (peak, NULL, 10) * 1024 : 0;
}
