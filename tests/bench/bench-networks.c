/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/nn/rrdb.h"
#include "engine/nn/srvgg.h"
#include "engine/nn/taesd.h"
#include "tests/bench/bench.h"
#include "tests/bench/report.h"
#include "tests/bench/sd-model.h"
#include "tests/unit/zoo-testing.h"

/*
 * Achieved GFLOP/s of the small upscaling networks and of TAESD at their published sizes, with
 * random weights, beside what plain sgemm reaches in the same run. Counts the convolutions'
 * multiply-adds only, so that everything between them shows as loss. Medians of several runs.
 */

#define SGEMM_SIDE 2048

typedef struct
{
  Bench bench;
  BenchReport report;
  double sgemm;
} Networks;

static void
add_conv (GPtrArray *tensors, const char *path, gint64 n_in, gint64 n_out, gboolean bias)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias_name = g_strconcat (path, ".bias", NULL);

  zoo_add_tensor (tensors, weight, 4, (gint64[]){ n_out, n_in, 3, 3 });
  if (bias)
    zoo_add_tensor (tensors, bias_name, 1, &n_out);
}

/* Writes them, opens the file and removes it: the mapping stays. */
static LimnWeights *
open_weights (GPtrArray *tensors)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = sd_make_folder (&error);
  g_autofree char *path
      = folder != NULL ? sd_write_tensors (tensors, folder, "net.safetensors", SD_WEIGHTS, &error)
                       : NULL;
  LimnWeights *weights = path != NULL ? limn_weights_open (path, &error) : NULL;

  if (folder != NULL)
    sd_remove_folder (folder);
  if (weights == NULL)
    bench_die (error);
  return weights;
}

/* ---- The networks --------------------------------------------------------------------------- */

typedef LimnTensor (*Forward) (void *net, LimnRun *run, const LimnTensor *x);

typedef struct
{
  Forward forward;
  void *net;
  LimnTensor x;
} Network;

static void
forward_body (Bench *bench, void *data)
{
  Network *network = data;

  network->forward (network->net, &bench->run, &network->x);
}

static void
bench_net (Networks *self,
           const char *name,
           Forward forward,
           void *net,
           int height,
           int width,
           int channels,
           double flops)
{
  LimnArenaMark mark = limn_run_mark (&self->bench.run);
  Network network = { forward, net, LIMN_TENSOR_EMPTY };
  double seconds, gflop;

  network.x = bench_tensor (&self->bench, 4, (gint64[]){ 1, height, width, channels }, 7);
  seconds = bench_measure (&self->bench, forward_body, &network, 0.0);
  gflop = flops / 1e9;
  bench_report_add (&self->report, &(BenchRow){ .name = (char *)name,
                                                .gflop = gflop,
                                                .seconds = seconds,
                                                .x_sgemm = gflop / seconds / self->sgemm,
                                                .error = -1.0 });
  limn_run_release (&self->bench.run, mark);
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
bench_rrdb (Networks *self, const char *name, int num_block, int unshuffle, int side)
{
  const int width = 64, grow = 32;
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0, positions = (double)(side / unshuffle) * (side / unshuffle);
  LimnRrdb net;

  add_conv (tensors, "conv_first", 3 * unshuffle * unshuffle, width, TRUE);
  for (int i = 0; i < num_block * 15; i++)
    {
      g_autofree char *path
          = g_strdup_printf ("body.%d.rdb%d.conv%d", i / 15, i / 5 % 3 + 1, i % 5 + 1);

      add_conv (tensors, path, width + i % 5 * grow, i % 5 == 4 ? width : grow, TRUE);
    }
  add_conv (tensors, "conv_body", width, width, TRUE);
  add_conv (tensors, "conv_up1", width, width, TRUE);
  add_conv (tensors, "conv_up2", width, width, TRUE);
  add_conv (tensors, "conv_hr", width, width, TRUE);
  add_conv (tensors, "conv_last", width, 3, TRUE);
  weights = open_weights (tensors);
  if (!limn_rrdb_init (&net, weights, "", &error))
    bench_die (error);
  /* The last four work on the doubled map and on the one doubled twice. */
  for (guint i = 0; i < net.layers.convs->len; i++)
    {
      guint from_end = net.layers.convs->len - i;
      double area = from_end > 4 ? 1.0 : from_end == 4 ? 4.0 : 16.0;

      flops += conv_flops (g_ptr_array_index (net.layers.convs, i)) * area * positions;
    }
  bench_net (self, name, rrdb_forward, &net, side, side, 3, flops);
  limn_rrdb_clear (&net);
}

static LimnTensor
srvgg_forward (void *net, LimnRun *run, const LimnTensor *x)
{
  return limn_srvgg_forward (net, run, x);
}

static void
bench_srvgg (Networks *self, const char *name, int num_conv, int upscale, int side)
{
  const int width = 64;
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0;
  LimnSrvgg net;

  for (int i = 0; i < num_conv + 2; i++)
    {
      g_autofree char *path = g_strdup_printf ("body.%d", 2 * i);
      g_autofree char *slopes = g_strdup_printf ("body.%d.weight", 2 * i + 1);

      add_conv (tensors, path, i == 0 ? 3 : width, i > num_conv ? 3 * upscale * upscale : width,
                TRUE);
      if (i <= num_conv)
        zoo_add_tensor (tensors, slopes, 1, (gint64[]){ width });
    }
  weights = open_weights (tensors);
  if (!limn_srvgg_init (&net, weights, "", &error))
    bench_die (error);
  for (guint i = 0; i < net.layers.convs->len; i++)
    flops += conv_flops (g_ptr_array_index (net.layers.convs, i)) * side * side;
  bench_net (self, name, srvgg_forward, &net, side, side, 3, flops);
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
bench_taesd (Networks *self, const char *name, LimnTaesdPart part, int side)
{
  const int width = 64, latent = 4;
  gboolean encoder = part == LIMN_TAESD_ENCODER;
  const char *layers = taesd_layers[part];
  int n_layers = (int)strlen (layers);
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  g_autoptr (LimnWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  double flops = 0.0, positions = encoder ? (double)side * side : (double)side * side / 64.0;
  LimnTaesd net;

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

          add_conv (tensors, path, n_in, n_out, layers[i] != 'p');
        }
    }
  weights = open_weights (tensors);
  if (!limn_taesd_init (&net, weights, part, &error))
    bench_die (error);
  bench_net (self, name, taesd_forward, &net, encoder ? side : side / 8, encoder ? side : side / 8,
             encoder ? 3 : latent, flops);
  limn_taesd_clear (&net);
}

int
main (int argc, char **argv)
{
  Networks self = { 0 };
  g_autofree char *machine = NULL;
  g_autoptr (GError) error = NULL;

  bench_parse (&self.bench, &argc, &argv, "- measure the small networks", 3, NULL);
  bench_begin (&self.bench);
  machine = bench_describe (&self.bench);
  self.sgemm = bench_sgemm (&self.bench, BENCH_SGEMM_SPLIT, SGEMM_SIDE, SGEMM_SIDE, SGEMM_SIDE, 3);
  g_print ("%s\nsgemm %dx%dx%d: %.1f GFLOP/s\n", machine, SGEMM_SIDE, SGEMM_SIDE, SGEMM_SIDE,
           self.sgemm);
  bench_report_init (&self.report, machine);
  bench_report_heading ("Upscaling networks and TAESD");
  bench_srvgg (&self, "SRVGGNetCompact 32 x 64, x4  128x128", 32, 4, 128);
  bench_srvgg (&self, "SRVGGNetCompact 16 x 64, x4  128x128", 16, 4, 128);
  bench_rrdb (&self, "RRDBNet 6 blocks, x4  64x64", 6, 1, 64);
  bench_rrdb (&self, "RRDBNet 23 blocks, x4  64x64", 23, 1, 64);
  bench_rrdb (&self, "RRDBNet 23 blocks, x2  128x128", 23, 2, 128);
  bench_taesd (&self, "TAESD encoder  256x256", LIMN_TAESD_ENCODER, 256);
  bench_taesd (&self, "TAESD decoder  256x256", LIMN_TAESD_DECODER, 256);

  if (!bench_report_write (&self.report, self.bench.json, &error))
    bench_die (error);
  bench_report_clear (&self.report);
  bench_end (&self.bench);
  return 0;
}
