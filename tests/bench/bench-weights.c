/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/kernels.h"
#include "tests/bench/bench.h"

/*
 * What weights cost in each type, at the shapes of Stable Diffusion 1.5's UNet: a layer's time with
 * float32 panels, with panels of the type that are made float32 as they are multiplied, and with
 * panels that are made anew for each use. Medians; the ways take turns, so that what else the
 * machine does meets all of them.
 */

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
  double plain = 1;
  LimnConv2d conv[G_N_ELEMENTS (ways)] = { 0 };
  LimnWeightBudget budget[G_N_ELEMENTS (ways)] = { 0 };
  g_autofree double *times = g_new0 (double, G_N_ELEMENTS (ways) * (gsize)bench->n_runs);
  gint64 extent[] = { shape->out, shape->in, shape->kernel, shape->kernel };
  gint64 count = shape->out * shape->in * shape->kernel * shape->kernel;
  g_autofree void *data = random_bytes ((gsize)count * sizeof (float));
  LimnArenaMark mark = limn_run_mark (&bench->run);
  LimnTensor x
      = bench_tensor (bench, 4, (gint64[]){ shape->n, shape->side, shape->side, shape->in }, 1);

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
  for (int i = -1; i < bench->n_runs; i++)
    for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        LimnArenaMark inner = limn_run_mark (&bench->run);
        double start;

        if (shape->kernel > 1 && limn_dtype_block (ways[way].dtype) > 1)
          continue;
        start = bench_now (bench);
        (void)limn_conv2d (&bench->run, &conv[way], &x, NULL);
        if (i >= 0)
          times[way * (gsize)bench->n_runs + (gsize)i] = bench_now (bench) - start;
        limn_run_release (&bench->run, inner);
      }
  g_print ("%dx%d %5d -> %5d on %d x %2dx%2d", shape->kernel, shape->kernel, (int)shape->in,
           (int)shape->out, (int)shape->n, (int)shape->side, (int)shape->side);
  bench_check (bench);
  for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      double seconds;

      limn_conv2d_clear (&conv[way]);
      if (shape->kernel > 1 && limn_dtype_block (ways[way].dtype) > 1)
        {
          g_print ("%10s", "");
          continue;
        }
      seconds = bench_median (times + way * (gsize)bench->n_runs, bench->n_runs);
      if (way == 0)
        g_print ("%7.2f ms", (plain = seconds) * 1e3);
      else
        g_print ("%9.3fx", seconds / plain);
    }
  g_print ("\n");
  limn_run_release (&bench->run, mark);
}

int
main (int argc, char *argv[])
{
  Bench bench = { 0 };
  g_autofree char *machine = NULL;

  bench_parse (&bench, &argc, &argv, "- what weights of each type cost", 9, NULL);
  bench_begin (&bench);
  machine = bench_describe (&bench);
  g_print ("%s\nMultiples of the time with float32 panels\n%-36s%10s", machine, "", "f32");
  for (gsize way = 1; way < G_N_ELEMENTS (ways); way++)
    g_print ("%10s", ways[way].name);
  g_print ("\n");
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    measure (&bench, &shapes[i]);
  bench_end (&bench);
  return 0;
}
