/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/bench/operands.h"
#include "tests/bench/report.h"
#include "tests/bench/sd-model.h"

/*
 * Every distinct convolution, matrix and attention of Stable Diffusion 1.5's UNet and decoder, and
 * of an RRDB tile, alone. With --ways, 3x3 convolutions also by each of the ways that there are;
 * they take turns, so that what else the machine does meets all of them. The error is the largest
 * of sampled outputs against the sum in double, of the largest output.
 */

#define SGEMM_SIDE 2048
#define SGEMM_SECONDS 10.0 /* that one measurement of it holds */
#define N_SAMPLES 2000
/* Layers of less than this are left out: nothing is to be learnt from them. */
#define LEAST_GFLOP 0.02
#define LEAST_SECONDS 0.1
#define MAX_RUNS 64

static const struct
{
  const char *name;
  LimnConvolution convolution;
} ways[] = {
  { "", LIMN_CONVOLUTION_AUTOMATIC },
  { ", direct", LIMN_CONVOLUTION_DIRECT },
  { ", F(2x2)", LIMN_CONVOLUTION_WINOGRAD_2 },
  { ", F(4x4)", LIMN_CONVOLUTION_WINOGRAD_4 },
};

typedef struct
{
  Bench bench;
  gboolean tiny, all_ways;
  char *networks; /* nullable: names between commas */
  char *only;     /* nullable: what a layer's name has in it */
  BenchReport report;
  double sgemm, sgemm_measured; /* GFLOP/s, and when */
} Shapes;

/* ---- Errors ---------------------------------------------------------------------------------- */

static double
exact_conv (const LimnConv2d *conv, const LimnTensor *x, gint64 w, gint64 index)
{
  const float *data = limn_tensor_f32 (x);
  const float *weight = limn_tensor_f32 (&conv->weight);
  gint64 in = conv->n_in, kernel = conv->kernel_h;
  gint64 o = index % conv->n_out, column = index / conv->n_out % w, row = index / conv->n_out / w;
  double sum = limn_tensor_f32 (&conv->bias)[o];

  for (gint64 i = 0; i < kernel; i++)
    for (gint64 j = 0; j < kernel; j++)
      {
        gint64 at_row = row * conv->stride + i - conv->pad_top;
        gint64 at_column = column * conv->stride + j - conv->pad_left;

        if (at_row < 0 || at_row >= x->extent[1] || at_column < 0 || at_column >= x->extent[2])
          continue;
        for (gint64 c = 0; c < in; c++)
          sum += (double)data[(at_row * x->extent[2] + at_column) * in + c]
                 * weight[((o * in + c) * kernel + i) * kernel + j];
      }
  return sum;
}

static double
exact_linear (const LimnLinear *linear, const LimnTensor *x, gint64 index)
{
  gint64 o = index % linear->n_out, row = index / linear->n_out;
  double sum = limn_tensor_f32 (&linear->bias)[o];

  for (gint64 c = 0; c < linear->n_in; c++)
    sum += (double)limn_tensor_f32 (x)[row * linear->n_in + c]
           * limn_tensor_f32 (&linear->weight)[o * linear->n_in + c];
  return sum;
}

/* Negative where it is not looked at. */
static double
error_of (const BenchOperands *layer, const LimnTensor *y)
{
  gint64 count = limn_tensor_count (y);
  double worst = 0.0, largest = 0.0;

  if (layer->shape->kind == BENCH_ATTENTION)
    return -1.0;
  for (gint64 i = 0; i < N_SAMPLES; i++)
    {
      gint64 index = (gint64)((double)i / N_SAMPLES * (double)count);
      double want = layer->shape->kind == BENCH_CONV
                        ? exact_conv (&layer->conv, &layer->x, layer->shape->w, index)
                        : exact_linear (&layer->linear, &layer->x, index);

      largest = MAX (largest, fabs (want));
      worst = MAX (worst, fabs (limn_tensor_f32 (y)[index] - want));
    }
  return largest > 0.0 ? worst / largest : worst;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

typedef struct
{
  double times[MAX_RUNS];
  int n;
  double error;
} Way;

/* One run; the first, in which the weights are packed, does not count. */
static double
run_once (Shapes *self, BenchOperands *layer, Way *way, LimnConvolution convolution, gboolean first)
{
  LimnRun *run = &self->bench.run;
  LimnArenaMark mark = limn_run_mark (run);
  LimnConvolution kept = run->convolution;
  double start = bench_now (&self->bench), took;
  LimnTensor y;

  if (convolution != LIMN_CONVOLUTION_AUTOMATIC)
    run->convolution = convolution;
  y = bench_operands_run (layer, run);
  took = bench_now (&self->bench) - start;
  run->convolution = kept;
  bench_check (&self->bench);
  if (first)
    way->error = error_of (layer, &y);
  else
    way->times[way->n++] = took;
  limn_run_release (run, mark);
  return took;
}

static void
measure (Shapes *self, BenchOperands *layer, Way *all, gsize n_ways)
{
  double total = 0.0;

  for (int i = -1; i < MAX_RUNS && (i < self->bench.n_runs || total < LEAST_SECONDS); i++)
    for (gsize way = 0; way < n_ways; way++)
      {
        double took = run_once (self, layer, &all[way], ways[way].convolution, i < 0);

        total += i >= 0 ? took / (double)n_ways : 0.0;
      }
}

static void
refresh_sgemm (Shapes *self)
{
  double now = g_get_monotonic_time () / 1e6;
  int side = self->tiny ? 64 : SGEMM_SIDE;

  if (self->sgemm > 0.0 && now < self->sgemm_measured + SGEMM_SECONDS)
    return;
  self->sgemm = MAX (bench_sgemm (&self->bench, BENCH_SGEMM_OWN, side, side, side, 3),
                     bench_sgemm (&self->bench, BENCH_SGEMM_SPLIT, side, side, side, 3));
  self->sgemm_measured = g_get_monotonic_time () / 1e6;
}

/* Returns the median seconds of all layers of this shape together. */
static double
measure_layer (Shapes *self, const char *network, const BenchLayer *shape)
{
  LimnArenaMark mark = limn_run_mark (&self->bench.run);
  gboolean choice = shape->kind == BENCH_CONV && shape->kernel == 3 && shape->stride == 1;
  gsize n_ways = choice && self->all_ways ? G_N_ELEMENTS (ways) : 1;
  Way all[G_N_ELEMENTS (ways)] = { 0 };
  g_autofree char *name = bench_layer_name (shape);
  double seconds = 0.0, gflop = bench_layer_gflop (shape);
  BenchOperands layer;

  refresh_sgemm (self);
  bench_operands_init (&layer, &self->bench, shape);
  measure (self, &layer, all, n_ways);
  for (gsize way = 0; way < n_ways; way++)
    {
      g_autofree char *title = g_strdup_printf ("%s %s%s", network, name, ways[way].name);
      double median = bench_typical (&self->bench, all[way].times, all[way].n);

      bench_report_add (&self->report, &(BenchRow){ .name = title,
                                                    .count = shape->count,
                                                    .gflop = gflop,
                                                    .seconds = median,
                                                    .x_sgemm = gflop / median / self->sgemm,
                                                    .error = all[way].error });
      if (way == 0)
        seconds = median * shape->count;
    }
  bench_operands_clear (&layer);
  limn_run_release (&self->bench.run, mark);
  return seconds;
}

static gboolean
is_wanted (const Shapes *self, const char *network)
{
  g_auto (GStrv) names = self->networks != NULL ? g_strsplit (self->networks, ",", -1) : NULL;

  return names == NULL || g_strv_contains ((const char *const *)names, network);
}

static gboolean
is_asked_for (const Shapes *self, const BenchLayer *layer)
{
  g_autofree char *name = bench_layer_name (layer);

  return self->only == NULL || strstr (name, self->only) != NULL;
}

static void
measure_network (Shapes *self,
                 LimnWeights *weights,
                 const char *name,
                 BenchNetwork network,
                 int side,
                 int tokens)
{
  g_autoptr (GArray) layers = bench_layers (weights, network, side, side, tokens, 8);
  g_autofree char *title = g_strdup_printf ("%s, all of these layers", name);
  BenchRow sum = { .name = title, .error = -1.0 };

  if (!is_wanted (self, name))
    return;
  bench_report_heading (name);
  for (guint i = 0; i < layers->len; i++)
    {
      const BenchLayer *layer = &g_array_index (layers, BenchLayer, i);
      double gflop = bench_layer_gflop (layer);

      if (gflop < LEAST_GFLOP && !self->tiny)
        continue;
      if (!is_asked_for (self, layer))
        continue;
      sum.seconds += measure_layer (self, name, layer);
      sum.gflop += gflop * layer->count;
    }
  sum.x_sgemm = sum.gflop / sum.seconds / self->sgemm;
  bench_report_add (&self->report, &sum);
}

static void
measure_all (Shapes *self, const SdStructure *structure, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sd = sd_write_model (structure, folder, SD_SHAPES, &error);
  g_autofree char *rrdb
      = sd != NULL ? sd_write_upscaler (structure, folder, SD_SHAPES, &error) : NULL;
  g_autoptr (LimnWeights) model = rrdb != NULL ? limn_weights_open (sd, &error) : NULL;
  g_autoptr (LimnWeights) upscaler = model != NULL ? limn_weights_open (rrdb, &error) : NULL;

  sd_remove_folder (folder);
  if (upscaler == NULL)
    bench_die (error);
  measure_network (self, model, "unet", BENCH_UNET, structure->latent, structure->tokens);
  measure_network (self, model, "decoder", BENCH_DECODER, structure->latent, structure->tokens);
  measure_network (self, upscaler, "rrdb", BENCH_UPSCALER, structure->tile, structure->tokens);
}

int
main (int argc, char **argv)
{
  Shapes self = { 0 };
  const GOptionEntry entries[] = {
    { "networks", 'n', 0, G_OPTION_ARG_STRING, &self.networks,
      "unet, decoder, rrdb, with commas (default: all)", "NAMES" },
    { "only", 'o', 0, G_OPTION_ARG_STRING, &self.only,
      "Only layers with this in their name, as in \"linear 4096\"", "TEXT" },
    { "ways", 'w', 0, G_OPTION_ARG_NONE, &self.all_ways,
      "3x3 convolutions by every way, beside the one that is chosen", NULL },
    { "tiny", 0, 0, G_OPTION_ARG_NONE, &self.tiny, "A tiny structure: to see that it works", NULL },
    { NULL },
  };
  g_autofree char *machine = NULL, *folder = NULL;
  g_autoptr (GError) error = NULL;

  bench_parse (&self.bench, &argc, &argv, "- measure the layers of Stable Diffusion", 3, entries);
  self.bench.n_runs = MIN (self.bench.n_runs, MAX_RUNS);
  bench_begin (&self.bench);
  machine = bench_describe (&self.bench);
  g_print ("%s\n", machine);
  bench_report_init (&self.report, machine);
  folder = sd_make_folder (&error);
  if (folder == NULL)
    bench_die (error);
  measure_all (&self, self.tiny ? &sd_structure_tiny : &sd_structure_full, folder);
  if (!bench_report_write (&self.report, self.bench.json, &error))
    bench_die (error);
  bench_report_clear (&self.report);
  bench_end (&self.bench);
  g_free (self.networks);
  g_free (self.only);
  return 0;
}
