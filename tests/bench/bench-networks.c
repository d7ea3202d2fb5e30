/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>
#include <glib/gstdio.h>

#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "engine/nn/taesd.h"
#include "engine/tensor/kernels.h"

/*
 * Achieved GFLOP/s of the upscaling networks and of TAESD at their published sizes, with random
 * weights, beside what plain sgemm reaches in the same run. Counts the convolutions' multiply-adds
 * only, so that everything between them shows as loss. Medians of several runs.
 */

#define N_RUNS 3

typedef struct
{
  LimnRun run;
  LimnPool *pool;
  LimnArena *arena;
  int threads;
  gboolean cpu_time;  /* measure the processor's time, not the clock's */
  double square_rate; /* of one thread times the number of threads */
} Bench;

static double
now (const Bench *bench)
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

/* GFLOP/s of one thread on a large square product, times the number of threads. */
static double
sgemm_rate (const Bench *bench)
{
  const int n = 1024;
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
  qsort (times, N_RUNS, sizeof times[0], compare_doubles);
  return 2.0 * n * n * n / times[N_RUNS / 2] / 1e9 * bench->threads;
}

/* ---- Files with random weights -------------------------------------------------------------- */

typedef struct
{
  GString *header;
  GByteArray *data;
  guint32 random;
} Writer;

static void
writer_begin (Writer *self)
{
  *self = (Writer){ g_string_new ("{"), g_byte_array_new (), 1 };
}

static void
add (Writer *self, const char *name, const char *shape, gsize n, double size)
{
  g_autofree float *values = g_new (float, n);
  guint start = self->data->len;

  for (gsize i = 0; i < n; i++)
    {
      self->random = self->random * 1664525u + 1013904223u;
      values[i] = (float)(((double)(self->random >> 8) / 8388608.0 - 1.0) * size);
    }
  g_byte_array_append (self->data, (const guint8 *)values, (guint)(n * sizeof *values));
  g_string_append_printf (self->header,
                          "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%u,%u]}",
                          start > 0 ? "," : "", name, shape, start, self->data->len);
}

static void
add_conv (Writer *self, const char *path, int n_in, int n_out, gboolean bias)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias_name = g_strconcat (path, ".bias", NULL);
  g_autofree char *shape = g_strdup_printf ("%d,%d,3,3", n_out, n_in);
  g_autofree char *length = g_strdup_printf ("%d", n_out);

  add (self, weight, shape, (gsize)n_out * (gsize)n_in * 9, 0.5 / (double)n_in);
  if (bias)
    add (self, bias_name, length, (gsize)n_out, 0.1);
}

static LimnWeights *
writer_end (Writer *self)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("limn-bench-XXXXXX", &path, &error);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  LimnWeights *weights = NULL;
  guint64 length;

  g_string_append_c (self->header, '}');
  length = GUINT64_TO_LE ((guint64)self->header->len);
  g_byte_array_append (file, (const guint8 *)&length, sizeof length);
  g_byte_array_append (file, (const guint8 *)self->header->str, (guint)self->header->len);
  g_byte_array_append (file, self->data->data, self->data->len);
  g_string_free (self->header, TRUE);
  g_byte_array_unref (self->data);
  if (fd >= 0 && g_close (fd, &error)
      && g_file_set_contents (path, (const char *)file->data, file->len, &error))
    weights = limn_weights_open (path, &error);
  if (weights == NULL)
    g_error ("%s", error->message);
  /* The mapping stays. */
  g_unlink (path);
  return weights;
}

/* ---- The networks --------------------------------------------------------------------------- */

typedef LimnTensor (*Forward) (void *net, LimnRun *run, const LimnTensor *x);

static void
bench_net (Bench *bench,
           const char *name,
           Forward forward,
           void *net,
           int height,
           int width,
           int channels,
           double flops)
{
  LimnArenaMark mark = limn_run_mark (&bench->run);
  LimnTensor x = limn_run_nhwc (&bench->run, 1, height, width, channels);
  double times[N_RUNS], rate;
  guint32 random = 7;

  for (gint64 i = 0; i < limn_tensor_count (&x); i++)
    {
      random = random * 1664525u + 1013904223u;
      limn_tensor_f32 (&x)[i] = (float)(random >> 8) / 8388608.0f - 1.0f;
    }
  for (int i = -1; i < N_RUNS; i++)
    {
      LimnArenaMark inner = limn_run_mark (&bench->run);
      double start = now (bench);

      forward (net, &bench->run, &x);
      if (!limn_run_ok (&bench->run))
        g_error ("%s", bench->run.error->message);
      limn_run_release (&bench->run, inner);
      if (i >= 0)
        times[i] = now (bench) - start;
    }
  qsort (times, N_RUNS, sizeof times[0], compare_doubles);
  rate = flops / times[N_RUNS / 2] / 1e9;
  g_print ("%-44s %9.1f ms %8.1f   large sgemm (%3.0f %%)   peak %.0f MiB\n", name,
           times[N_RUNS / 2] * 1e3, rate, 100.0 * rate / bench->square_rate,
           (double)limn_arena_get_peak (bench->arena) / (1024.0 * 1024.0));
  limn_run_release (&bench->run, mark);
}

static double
conv_flops (const LimnConv2d *conv)
{
  return 2.0 * (double)(conv->n_in * conv->n_out) * conv->kernel_h * conv->kernel_w;
}

static LimnTensor
rrdb_forward (void *net, LimnRun *run, const LimnTensor *x)
{
  return limn_rrdb_forward (net, run, x);
}

static void
bench_rrdb (Bench *bench, const char *name, int num_block, int unshuffle, int side)
{
  const int width = 64, grow = 32;
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0, positions = (double)(side / unshuffle) * (side / unshuffle);
  LimnRrdb net;
  Writer writer;

  writer_begin (&writer);
  add_conv (&writer, "conv_first", 3 * unshuffle * unshuffle, width, TRUE);
  for (int i = 0; i < num_block * 15; i++)
    {
      g_autofree char *path
          = g_strdup_printf ("body.%d.rdb%d.conv%d", i / 15, i / 5 % 3 + 1, i % 5 + 1);

      add_conv (&writer, path, width + i % 5 * grow, i % 5 == 4 ? width : grow, TRUE);
    }
  add_conv (&writer, "conv_body", width, width, TRUE);
  add_conv (&writer, "conv_up1", width, width, TRUE);
  add_conv (&writer, "conv_up2", width, width, TRUE);
  add_conv (&writer, "conv_hr", width, width, TRUE);
  add_conv (&writer, "conv_last", width, 3, TRUE);
  weights = writer_end (&writer);
  if (!limn_rrdb_init (&net, weights, "", &error))
    g_error ("%s", error->message);
  /* The last four work on the doubled map and on the one doubled twice. */
  for (guint i = 0; i < net.layers.convs->len; i++)
    {
      guint from_end = net.layers.convs->len - i;
      double area = from_end > 4 ? 1.0 : from_end == 4 ? 4.0 : 16.0;

      flops += conv_flops (g_ptr_array_index (net.layers.convs, i)) * area * positions;
    }
  bench_net (bench, name, rrdb_forward, &net, side, side, 3, flops);
  limn_rrdb_clear (&net);
}

static LimnTensor
srvgg_forward (void *net, LimnRun *run, const LimnTensor *x)
{
  return limn_srvgg_forward (net, run, x);
}

static void
bench_srvgg (Bench *bench, const char *name, int num_conv, int upscale, int side)
{
  const int width = 64;
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0;
  LimnSrvgg net;
  Writer writer;

  writer_begin (&writer);
  for (int i = 0; i < num_conv + 2; i++)
    {
      g_autofree char *path = g_strdup_printf ("body.%d", 2 * i);
      g_autofree char *slopes = g_strdup_printf ("body.%d.weight", 2 * i + 1);

      add_conv (&writer, path, i == 0 ? 3 : width, i > num_conv ? 3 * upscale * upscale : width,
                TRUE);
      if (i <= num_conv)
        add (&writer, slopes, "64", 64, 0.5);
    }
  weights = writer_end (&writer);
  if (!limn_srvgg_init (&net, weights, "", &error))
    g_error ("%s", error->message);
  for (guint i = 0; i < net.layers.convs->len; i++)
    flops += conv_flops (g_ptr_array_index (net.layers.convs, i)) * side * side;
  bench_net (bench, name, srvgg_forward, &net, side, side, 3, flops);
  limn_srvgg_clear (&net);
}

static LimnTensor
taesd_forward (void *net, LimnRun *run, const LimnTensor *x)
{
  return limn_taesd_forward (net, run, x);
}

/* The layers with weights of taesd.py's halves, by their numbers: c a convolution with a bias, p
 * one without, b a block; a dot has none. */
static const char *const taesd_layers[] = { "cbpbbbpbbbpbbbc", ".c.bbb.pbbb.pbbb.pbc" };

static void
bench_taesd (Bench *bench, const char *name, LimnTaesdPart part, int side)
{
  const int width = 64, latent = 4;
  gboolean encoder = part == LIMN_TAESD_ENCODER;
  const char *layers = taesd_layers[part];
  int n_layers = (int)strlen (layers);
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0, positions = encoder ? (double)side * side : (double)side * side / 64.0;
  LimnTaesd net;
  Writer writer;

  writer_begin (&writer);
  for (int i = 0; i < n_layers; i++)
    {
      gboolean first = i <= !encoder, last = i == n_layers - 1;
      int n_in = first ? (encoder ? 3 : latent) : width;
      int n_out = last ? (encoder ? latent : 3) : width;
      int n_convs = layers[i] == 'b' ? 3 : layers[i] == '.' ? 0 : 1;

      if (layers[i] == 'p')
        positions *= encoder ? 0.25 : 4.0;
      flops += 2.0 * 9.0 * n_in * n_out * n_convs * positions;
      for (int k = 0; k < n_convs; k++)
        {
          g_autofree char *path = layers[i] == 'b' ? g_strdup_printf ("%d.conv.%d", i, 2 * k)
                                                   : g_strdup_printf ("%d", i);

          add_conv (&writer, path, n_in, n_out, layers[i] != 'p');
        }
    }
  weights = writer_end (&writer);
  if (!limn_taesd_init (&net, weights, part, &error))
    g_error ("%s", error->message);
  bench_net (bench, name, taesd_forward, &net, encoder ? side : side / 8, encoder ? side : side / 8,
             encoder ? 3 : latent, flops);
  limn_taesd_clear (&net);
}

int
main (int argc, char **argv)
{
  int threads = 0;
  Bench bench = { 0 };
  const GOptionEntry entries[] = {
    { "threads", 't', 0, G_OPTION_ARG_INT, &threads, "Threads (default: one per core)", "N" },
    { "cpu-time", 'c', 0, G_OPTION_ARG_NONE, &bench.cpu_time,
      "Measure the processor's time, for a machine that does other things as well", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- measure the small networks");
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
  bench.square_rate = sgemm_rate (&bench);
  g_print ("Kernels %s, %d thread(s)\n", limn_kernels_name (bench.run.kernels), bench.threads);
  g_print ("sgemm 1024x1024x1024: %.1f GFLOP/s (one thread, times %d)\n", bench.square_rate,
           bench.threads);
  g_print ("\nUpscaling networks and TAESD                           time    GFLOP/s\n");
  bench_srvgg (&bench, "SRVGGNetCompact 32 x 64, x4  128x128", 32, 4, 128);
  bench_srvgg (&bench, "SRVGGNetCompact 16 x 64, x4  128x128", 16, 4, 128);
  bench_rrdb (&bench, "RRDBNet 6 blocks, x4  64x64", 6, 1, 64);
  bench_rrdb (&bench, "RRDBNet 23 blocks, x4  64x64", 23, 1, 64);
  bench_rrdb (&bench, "RRDBNet 23 blocks, x2  128x128", 23, 2, 128);
  bench_taesd (&bench, "TAESD encoder  256x256", LIMN_TAESD_ENCODER, 256);
  bench_taesd (&bench, "TAESD decoder  256x256", LIMN_TAESD_DECODER, 256);

  limn_run_clear (&bench.run);
  limn_arena_free (bench.arena);
  limn_pool_free (bench.pool);
  return 0;
}
