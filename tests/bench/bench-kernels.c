/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/operands.h"
#include "tests/bench/report.h"

/*
 * The kernels at the shapes of the models that come with Limn, and those that only read and write,
 * in gigabytes per second. Medians. The shapes of Stable Diffusion are in bench-shapes.c.
 */

#define SECONDS 0.2
#define SQUARE 2048

typedef struct
{
  Bench bench;
  BenchReport report;
  double square_rate;
} Kernels;

static void
report (Kernels *self, const char *name, double gflop, double seconds)
{
  bench_report_add (&self->report, &(BenchRow){ .name = (char *)name,
                                                .gflop = gflop,
                                                .seconds = seconds,
                                                .x_sgemm = gflop / seconds / self->square_rate,
                                                .error = -1.0 });
}

/* ---- Layers ---- */

static void
layer_body (Bench *bench, void *data)
{
  bench_operands_run (data, &bench->run);
}

static void
bench_layer (Kernels *self, const BenchLayer *shape)
{
  LimnArenaMark mark = limn_run_mark (&self->bench.run);
  g_autofree char *name = bench_layer_name (shape);
  BenchOperands operands;

  bench_operands_init (&operands, &self->bench, shape);
  report (self, name, bench_layer_gflop (shape),
          bench_measure (&self->bench, layer_body, &operands, SECONDS));
  bench_operands_clear (&operands);
  limn_run_release (&self->bench.run, mark);
}

/* @side: of what goes in. */
static void
bench_conv (Kernels *self, gint64 side, gint64 in, gint64 out, int size, int stride)
{
  gint64 made = side / stride;

  bench_layer (self, &(BenchLayer){ BENCH_CONV, size, stride, made, made, in, out, 0, 1 });
}

static void
bench_linear (Kernels *self, gint64 rows, gint64 in, gint64 out)
{
  bench_layer (self, &(BenchLayer){ BENCH_LINEAR, 0, 0, 1, rows, in, out, 0, 1 });
}

static void
bench_attention (Kernels *self, gint64 queries, gint64 keys, int heads, gint64 dim)
{
  bench_layer (self,
               &(BenchLayer){ BENCH_ATTENTION, 0, 0, 1, queries, keys, heads * dim, heads, 1 });
}

/* ---- Memory-bound kernels: gigabytes read and written per second ---- */

typedef struct
{
  LimnNorm norm;
  LimnTensor x;
} Stream;

static void
group_norm_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_group_norm (&bench->run, &stream->norm, &stream->x, 32, 1e-5f, LIMN_ACTIVATION_SILU);
}

static void
layer_norm_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_layer_norm (&bench->run, &stream->norm, &stream->x, 1e-5f);
}

static void
geglu_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_geglu (&bench->run, &stream->x);
}

static void
silu_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_activate (&bench->run, &stream->x, LIMN_ACTIVATION_SILU);
}

static void
upsample_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_upsample_nearest_2x (&bench->run, &stream->x);
}

static void
add_body (Bench *bench, void *data)
{
  Stream *stream = data;

  limn_add (&bench->run, &stream->x, &stream->x);
}

static void
bench_stream (Kernels *self,
              const char *what,
              BenchBody body,
              gint64 side,
              gint64 channels,
              double bytes_per_value)
{
  LimnArenaMark mark = limn_run_mark (&self->bench.run);
  Stream stream = { .norm = { .n_channels = channels } };
  double bytes = bytes_per_value * (double)(side * side * channels);
  g_autofree char *name
      = g_strdup_printf ("%s  %dx%d  %d", what, (int)side, (int)side, (int)channels);
  g_autofree char *rated = NULL;
  double seconds;

  stream.x = bench_tensor (&self->bench, 4, (gint64[]){ 1, side, side, channels }, 1);
  seconds = bench_measure (&self->bench, body, &stream, SECONDS);
  /* The rate is part of the name: what is counted here are bytes. */
  rated = g_strdup_printf ("%s, %.1f GB/s", name, bytes / seconds / 1e9);
  report (self, rated, 0.0, seconds);
  limn_norm_clear (&stream.norm);
  limn_run_release (&self->bench.run, mark);
}

static void
bench_default_models (Kernels *self)
{
  bench_report_heading ("Shapes of the default models");
  bench_conv (self, 512, 3, 64, 3, 1);
  bench_conv (self, 512, 64, 64, 3, 1);
  bench_conv (self, 256, 64, 64, 3, 1);
  bench_conv (self, 256, 64, 64, 3, 2);
  bench_conv (self, 128, 9, 64, 3, 1);
  bench_conv (self, 128, 64, 64, 3, 1);
  bench_conv (self, 128, 128, 64, 3, 1);
  bench_conv (self, 128, 128, 64, 1, 1);
  bench_conv (self, 64, 64, 64, 3, 1);
  bench_conv (self, 32, 128, 128, 3, 1);
  bench_conv (self, 32, 256, 128, 3, 1);
  bench_conv (self, 16, 192, 192, 3, 1);
  bench_conv (self, 128, 64, 4, 3, 1);
  bench_conv (self, 512, 64, 3, 3, 1);
  bench_report_heading ("Other thin shapes");
  bench_conv (self, 512, 32, 32, 3, 1);
  bench_conv (self, 256, 128, 128, 3, 1);
  bench_conv (self, 64, 96, 96, 3, 1);
  bench_report_heading ("The rest of the default models");
  bench_linear (self, 1024, 128, 128);
  bench_linear (self, 1024, 128, 1024);
  bench_linear (self, 2, 256, 512);
  bench_attention (self, 1024, 1024, 4, 32);
  bench_attention (self, 1024, 77, 4, 32);
  bench_attention (self, 256, 256, 6, 32);
  bench_report_heading ("The middle of Stable Diffusion's autoencoder, at 512x512 and 1024x1024");
  bench_attention (self, 4096, 4096, 1, 512);
  bench_attention (self, 2048, 16384, 1, 512);
  bench_stream (self, "group norm + SiLU", group_norm_body, 512, 64, 12.0);
  bench_stream (self, "group norm + SiLU", group_norm_body, 128, 64, 12.0);
  bench_stream (self, "upsample 2x", upsample_body, 256, 64, 20.0);
}

/* What only reads and writes, at the sizes of Stable Diffusion 1.5. */
static void
bench_sd15 (Kernels *self)
{
  bench_report_heading ("Stable Diffusion 1.5, what only reads and writes");
  bench_stream (self, "group norm + SiLU", group_norm_body, 64, 320, 12.0);
  bench_stream (self, "group norm + SiLU", group_norm_body, 512, 128, 12.0);
  bench_stream (self, "layer norm", layer_norm_body, 64, 320, 8.0);
  bench_stream (self, "GEGLU", geglu_body, 64, 2560, 6.0);
  bench_stream (self, "SiLU", silu_body, 64, 320, 8.0);
  bench_stream (self, "add", add_body, 64, 320, 12.0);
}

int
main (int argc, char **argv)
{
  Kernels self = { 0 };
  g_autofree char *machine = NULL;
  g_autoptr (GError) error = NULL;

  bench_parse (&self.bench, &argc, &argv, "- measure the kernels", 5, NULL);
  bench_begin (&self.bench);
  machine = bench_describe (&self.bench);
  self.square_rate = bench_sgemm (&self.bench, BENCH_SGEMM_SPLIT, SQUARE, SQUARE, SQUARE, 3);
  g_print ("%s\nsgemm %dx%dx%d: %.1f GFLOP/s\n", machine, SQUARE, SQUARE, SQUARE, self.square_rate);
  bench_report_init (&self.report, machine);
  bench_default_models (&self);
  bench_sd15 (&self);
  if (!bench_report_write (&self.report, self.bench.json, &error))
    bench_die (error);
  bench_report_clear (&self.report);
  bench_end (&self.bench);
  return 0;
}
