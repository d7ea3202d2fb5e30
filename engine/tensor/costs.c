/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/costs.h"

#include <math.h>
#include <time.h>

#include "engine/tensor/costs-private.h"
#include "engine/tensor/tensor-private.h"

/*
 * The costs are the solution of a small least-squares problem: the seconds of some convolutions,
 * each of which is a sum of the costs times how often the layer has them, in units of what the
 * direct way's multiplications take. The counted costs take part as measurements of little weight,
 * so that what these layers do not tell apart stays near them.
 */

static const LimnCosts counted = {
  .of_2 = { 1.0, 80.0, 110.0, 50.0 },
  .of_4 = { 1.0, 250.0, 350.0, 110.0 },
};

/* Layers that weigh the costs differently. Sides are multiples of 4, so that no tile hangs over. */
static const LimnCostLayer layers[] = {
  { 32, 128, 128 }, { 32, 16, 128 }, { 32, 128, 32 },
  { 16, 128, 128 }, { 8, 256, 256 }, { 64, 32, 32 },
};
#define N_LAYERS ((int)G_N_ELEMENTS (layers))
/* The first does not count; after the second the time counts too. */
#define N_ROUNDS 6
#define MAX_MICROSECONDS (G_USEC_PER_SEC / 2)
/* What the costs may say wrongly of a layer, before they are not believed. */
#define MOST_OFF 0.35
/* How far off a count may be, where 1 is a layer's time being off by all of it. */
#define COUNTED_WEIGHT 0.1
/* Costs are whole powers of this. */
#define STEP 1.189207115 /* 2^(1/4) */

const LimnCosts *
limn_costs_counted (void)
{
  return &counted;
}

/* ---- Fitting --------------------------------------------------------------------------------- */

#define N_COSTS LIMN_N_TRANSFORM_COSTS

/* Solves a x = b, a being symmetric and positive definite, by Gauss's elimination. */
static void
solve (double a[N_COSTS][N_COSTS], double b[N_COSTS], double x[N_COSTS])
{
  for (int i = 0; i < N_COSTS; i++)
    for (int row = i + 1; row < N_COSTS; row++)
      {
        double factor = a[row][i] / a[i][i];

        for (int k = i; k < N_COSTS; k++)
          a[row][k] -= factor * a[i][k];
        b[row] -= factor * b[i];
      }
  for (int i = N_COSTS - 1; i >= 0; i--)
    {
      x[i] = b[i];
      for (int k = i + 1; k < N_COSTS; k++)
        x[i] -= a[i][k] * x[k];
      x[i] /= a[i][i];
    }
}

static void
add_equation (double a[N_COSTS][N_COSTS],
              double b[N_COSTS],
              const double terms[N_COSTS],
              double value,
              double weight)
{
  for (int i = 0; i < N_COSTS; i++)
    {
      for (int k = 0; k < N_COSTS; k++)
        a[i][k] += weight * weight * terms[i] * terms[k];
      b[i] += weight * weight * terms[i] * value;
    }
}

static double
round_cost (double cost, double expected)
{
  double least = expected / 8.0, most = expected * 8.0;

  cost = isfinite (cost) ? CLAMP (cost, least, most) : expected;
  return pow (STEP, round (log (cost) / log (STEP)));
}

double
_limn_costs_fit (LimnTransformCosts *fitted,
                 const LimnTransformCosts *expected,
                 int size,
                 const LimnCostLayer *fit_layers,
                 const double *values,
                 int n_layers)
{
  double expectations[N_COSTS]
      = { expected->multiply, expected->input, expected->output, expected->weights };
  double a[N_COSTS][N_COSTS] = { { 0 } }, b[N_COSTS] = { 0 }, x[N_COSTS], off = 0.0;

  for (int i = 0; i < n_layers; i++)
    {
      double terms[N_COSTS];

      _limn_costs_terms (&fit_layers[i], size, terms);
      add_equation (a, b, terms, values[i], 1.0 / values[i]);
    }
  for (int i = 0; i < N_COSTS; i++)
    {
      double terms[N_COSTS] = { 0 };

      terms[i] = 1.0;
      add_equation (a, b, terms, expectations[i], COUNTED_WEIGHT / expectations[i]);
    }
  solve (a, b, x);
  *fitted = (LimnTransformCosts){
    .multiply = round_cost (x[0], expectations[0]),
    .input = round_cost (x[1], expectations[1]),
    .output = round_cost (x[2], expectations[2]),
    .weights = round_cost (x[3], expectations[3]),
  };
  for (int i = 0; i < n_layers; i++)
    off = MAX (off, fabs (_limn_costs_total (fitted, &fit_layers[i], size) / values[i] - 1.0));
  return off;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

typedef enum
{
  DIRECT,
  OF_2,
  OF_4,
  N_WAYS
} Way;

typedef struct
{
  LimnRun run;
  LimnTensor x[N_LAYERS];
  LimnConv2d conv[N_LAYERS];
  double seconds[N_WAYS][N_LAYERS]; /* the best of all rounds */
} Measurement;

/* Of this thread, which is the only one that computes: what else the machine does is not counted.
 */
static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fill (LimnTensor *t)
{
  float *x = limn_tensor_f32 (t);

  for (gint64 i = 0; i < limn_tensor_count (t); i++)
    x[i] = (float)(i * 37 % 101 - 50) / 50.0f;
}

static void
make_layers (Measurement *self)
{
  LimnRun *run = &self->run;

  for (int i = 0; i < N_LAYERS; i++)
    {
      const LimnCostLayer *layer = &layers[i];

      self->x[i] = limn_run_nhwc (run, 1, layer->side, layer->side, layer->in);
      self->conv[i] = (LimnConv2d){
        .weight = limn_run_nhwc (run, layer->out, layer->in, 3, 3),
        .n_in = layer->in,
        .n_out = layer->out,
        .kernel_h = 3,
        .kernel_w = 3,
        .stride = 1,
        .pad_top = 1,
        .pad_left = 1,
        .pad_bottom = 1,
        .pad_right = 1,
      };
      if (!limn_run_ok (run))
        return;
      fill (&self->x[i]);
      fill (&self->conv[i].weight);
    }
}

/* Of each layer by each way. */
static void
run_round (Measurement *self, gboolean counts)
{
  static const LimnConvolution ways[] = {
    [DIRECT] = LIMN_CONVOLUTION_DIRECT,
    [OF_2] = LIMN_CONVOLUTION_WINOGRAD_2,
    [OF_4] = LIMN_CONVOLUTION_WINOGRAD_4,
  };
  LimnRun *run = &self->run;

  for (int i = 0; i < N_LAYERS; i++)
    for (int way = 0; way < N_WAYS && limn_run_ok (run); way++)
      {
        LimnArenaMark mark = limn_run_mark (run);
        double start = now (), took;

        run->convolution = ways[way];
        limn_conv2d (run, &self->conv[i], &self->x[i], NULL);
        took = now () - start;
        if (counts && took > 0.0)
          self->seconds[way][i] = MIN (self->seconds[way][i], took);
        limn_run_release (run, mark);
      }
}

/* Seconds in units of what a multiplication of the direct way takes, whatever the layer. The
 * counted costs when none explain what was measured. */
static void
fit (Measurement *self, LimnCosts *costs)
{
  double unit = 0.0, values[N_LAYERS], off = 0.0;

  for (int i = 0; i < N_LAYERS; i++)
    unit += self->seconds[DIRECT][i] / _limn_costs_direct (&layers[i]) / N_LAYERS;
  for (int way = OF_2; way <= OF_4; way++)
    {
      gboolean two = way == OF_2;
      double way_off;

      for (int i = 0; i < N_LAYERS; i++)
        values[i] = self->seconds[way][i] / unit;
      way_off
          = _limn_costs_fit (two ? &costs->of_2 : &costs->of_4, two ? &counted.of_2 : &counted.of_4,
                             two ? 2 : 4, layers, values, N_LAYERS);
      off = MAX (off, way_off);
    }
  if (off > MOST_OFF)
    *costs = counted;
}

gboolean
limn_costs_measure (LimnCosts *self, const LimnKernels *kernels, GCancellable *cancellable)
{
  gint64 deadline = g_get_monotonic_time () + MAX_MICROSECONDS;
  g_autoptr (LimnPool) pool = NULL;
  g_autoptr (LimnArena) arena = NULL;
  Measurement measurement = { 0 };
  gboolean ok;

  *self = counted;
  if (kernels->winograd_input == NULL)
    return FALSE;
  pool = limn_pool_new (1, FALSE);
  arena = limn_arena_new (0);
  limn_run_init (&measurement.run, pool, arena, cancellable);
  measurement.run.kernels = kernels;
  for (int way = 0; way < N_WAYS; way++)
    for (int i = 0; i < N_LAYERS; i++)
      measurement.seconds[way][i] = HUGE_VAL;
  make_layers (&measurement);
  for (int round = 0; round <= N_ROUNDS; round++)
    if (round < 2 || g_get_monotonic_time () < deadline)
      run_round (&measurement, round > 0);
  ok = limn_run_ok (&measurement.run);
  if (ok)
    fit (&measurement, self);
  for (int i = 0; i < N_LAYERS; i++)
    limn_conv2d_clear (&measurement.conv[i]);
  limn_run_clear (&measurement.run);
  return ok;
}
