/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Seconds of each stage of a 512 x 512 inpaint and of an upscaling with the default models, one
 * evaluation of the UNet in GFLOP/s beside the machine's sgemm rate, and peak memory.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cblas.h>

#include "engine/diffusion/noise.h"
#include "engine/task/remove.h"
#include "engine/task/upscale.h"
#include "tests/bench/unet-flops.h"

#define SIDE 512
#define UPSCALE_SIDE 128
#define REMOVE_SIDE 300
#define SGEMM_SIDE 1024
#define N_STAGES (LIMN_STAGE_BLEND + 1)

static int n_rounds = 3;
static int n_threads = 0;
static gboolean cpu_time = FALSE;
static char *models_dir = NULL;

static const GOptionEntry entries[] = {
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Runs of which the median is printed", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Threads, 0 for one per core", "N" },
  { "cpu-time", 0, 0, G_OPTION_ARG_NONE, &cpu_time,
    "Measure the processor's time over the threads, not the clock's: for a busy machine", NULL },
  { "models", 0, 0, G_OPTION_ARG_FILENAME, &models_dir, "Folder with limn-inpaint and limn-upscale",
    "DIR" },
  { NULL },
};

static double
now (void)
{
  struct timespec spent;

  if (!cpu_time)
    return g_get_monotonic_time () / 1e6;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (spent.tv_sec + spent.tv_nsec / 1e9) / n_threads;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double *values, int n)
{
  qsort (values, (gsize)n, sizeof *values, compare);
  return values[n / 2];
}

static void
die (const GError *error)
{
  g_printerr ("%s\n", error->message);
  exit (1);
}

/* When each stage began; the last one is the end. */
typedef struct
{
  double began[N_STAGES + 1];
} Times;

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Times *times = user_data;

  if (times->began[progress->stage] == 0.0)
    times->began[progress->stage] = now ();
}

/* A picture with smooth parts and detail. */
static LimnImage *
make_picture (int side)
{
  LimnImage *image = limn_image_new (side, side, 3, NULL);

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side * 3; x++)
      limn_image_row (image, y)[x]
          = (guint8)(128 + 60 * sin (x * 0.01) + 50 * cos (y * 0.02) + (x * y) % 17);
  return image;
}

static LimnImage *
make_mask (int side)
{
  LimnImage *mask = limn_image_new (side, side, 1, NULL);

  for (int y = side / 3; y < side * 2 / 3; y++)
    memset (limn_image_row (mask, y) + side / 3, 255, (gsize)side / 3);
  return mask;
}

typedef struct
{
  float *a, *b, *c; /* [threads][side][side] */
} Sgemm;

static void
sgemm_tile (void *data, gint64 index, void *scratch)
{
  Sgemm *s = data;
  gsize at = (gsize)index * SGEMM_SIDE * SGEMM_SIDE;

  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, SGEMM_SIDE, SGEMM_SIDE, SGEMM_SIDE, 1.0f,
               s->a + at, SGEMM_SIDE, s->b + at, SGEMM_SIDE, 0.0f, s->c + at, SGEMM_SIDE);
}

/* GFLOP/s of OpenBLAS's sgemm with one matrix of 1024 per thread: what the machine can do. */
static double
sgemm_rate (LimnRun *run)
{
  int threads = limn_pool_get_n_threads (run->pool);
  gsize n = (gsize)threads * SGEMM_SIDE * SGEMM_SIDE;
  Sgemm s = { g_new (float, n), g_new (float, n), g_new (float, n) };
  double best = HUGE_VAL;

  for (gsize i = 0; i < n; i++)
    {
      s.a[i] = (float)(i % 7) - 3.0f;
      s.b[i] = (float)(i % 5) - 2.0f;
    }
  for (int round = 0; round < 5; round++)
    {
      double start = now ();

      limn_run_parallel (run, threads, 0, sgemm_tile, &s);
      best = MIN (best, now () - start);
    }
  g_free (s.a);
  g_free (s.b);
  g_free (s.c);
  return 2.0 * pow (SGEMM_SIDE, 3) * threads / best / 1e9;
}

/* Median seconds of one guided evaluation at the native size, and its rate. */
static void
bench_unet (LimnModel *model, LimnRun *run, double sgemm)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  int side = SIDE / info->latent_factor, batch = info->takes_prompt ? 2 : 1;
  int channels = info->capabilities & LIMN_CAN_INPAINT ? 2 * info->latent_channels + 1
                                                       : info->latent_channels + 3;
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_run_nhwc (run, batch, side, side, channels), context = LIMN_TENSOR_EMPTY;
  const float t[] = { 500.0f, 500.0f };
  g_autofree double *seconds = g_new (double, n_rounds);
  double gflop, rate, middle;
  int n_cut;

  if (info->takes_prompt)
    {
      LimnTensor one = limn_model_encode_prompt (model, run, "a calm sea", &n_cut);

      context = limn_run_rows (run, batch, one.extent[1], one.extent[2]);
      for (int i = 0; i < batch && !limn_tensor_is_empty (&context); i++)
        memcpy ((guint8 *)context.data + (gsize)i * limn_tensor_bytes (&one), one.data,
                limn_tensor_bytes (&one));
    }
  limn_noise_normal (1, 0, limn_tensor_f32 (&x), (gsize)limn_tensor_count (&x));
  for (int round = -1; round < n_rounds; round++)
    {
      LimnArenaMark inner = limn_run_mark (run);
      double start = now ();

      limn_model_predict (model, run, &x, t, info->takes_prompt ? &context : NULL);
      if (round >= 0)
        seconds[round] = now () - start;
      limn_run_release (run, inner);
    }
  gflop = batch
          * limn_unet_gflop (limn_model_get_weights (model), side, side,
                             info->takes_prompt ? context.extent[1] : 0);
  middle = median (seconds, n_rounds);
  rate = gflop / middle;
  g_print ("%-28s %8.3f s   %7.1f GFLOP  %7.1f GFLOP/s  %3.0f %% of sgemm\n", "one UNet evaluation",
           middle, gflop, rate, 100.0 * rate / sgemm);
  limn_run_release (run, mark);
}

static void
bench_inpaint (LimnModel *model, LimnRun *run)
{
  static const char *const names[] = { "prepare", "text", "encode", "sample", "decode", "blend" };
  g_autoptr (LimnImage) image = make_picture (SIDE), mask = make_mask (SIDE);
  g_autofree double *seconds = g_new (double, n_rounds *(N_STAGES + 1));
  LimnInpaintParams params;

  limn_inpaint_params_init (&params, model);
  params.prompt = "a calm sea under storm clouds";
  for (int round = -1; round < n_rounds; round++)
    {
      Times times = { { 0 } };
      LimnTaskCallbacks callbacks = { .progress = progress_cb, .user_data = &times };
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch
          = limn_inpaint (model, run, image, mask, &params, &callbacks, &error);

      if (patch == NULL)
        die (error);
      times.began[N_STAGES] = now ();
      for (int i = 0; i < N_STAGES && round >= 0; i++)
        seconds[i * n_rounds + round] = times.began[i + 1] - times.began[i];
      if (round >= 0)
        seconds[N_STAGES * n_rounds + round] = times.began[N_STAGES] - times.began[0];
    }
  g_print ("\nInpaint %d x %d, %d steps, guidance %g, %s\n", SIDE, SIDE, params.steps,
           params.guidance, params.sampler);
  for (int i = 0; i < N_STAGES; i++)
    g_print ("%-28s %8.3f s\n", names[i], median (seconds + i * n_rounds, n_rounds));
  g_print ("%-28s %8.3f s\n", "whole inpaint", median (seconds + N_STAGES * n_rounds, n_rounds));
}

static void
bench_upscale (LimnModel *model, LimnRun *run)
{
  g_autoptr (LimnImage) image = make_picture (UPSCALE_SIDE);
  g_autofree double *seconds = g_new (double, n_rounds);
  LimnUpscaleParams params;

  limn_upscale_params_init (&params, model);
  for (int round = 0; round < n_rounds; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnImage) result = NULL;
      double start = now ();

      result = limn_upscale (model, run, image, &params, NULL, &error);
      if (result == NULL)
        die (error);
      seconds[round] = now () - start;
    }
  g_print ("\nUpscale %d x %d to %d x %d, %d steps\n", UPSCALE_SIDE, UPSCALE_SIDE, 4 * UPSCALE_SIDE,
           4 * UPSCALE_SIDE, params.steps);
  g_print ("%-28s %8.3f s\n", "whole upscaling", median (seconds, n_rounds));
}

static LimnModel *
open_model (const char *name)
{
  g_autofree char *path
      = g_build_filename (models_dir != NULL ? models_dir : LIMN_MODELS_SOURCE_DIR, name, NULL);
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  if (model == NULL)
    die (error);
  return model;
}

/* A square of REMOVE_SIDE pixels, with the same around it on each side: no model. */
static void
bench_remove (LimnRun *run)
{
  const int side = 2 * REMOVE_SIDE;
  g_autoptr (LimnImage) image = limn_image_new (side, side, 3, NULL);
  g_autoptr (LimnImage) mask = limn_image_new (side, side, 1, NULL);
  g_autofree double *seconds = g_new (double, n_rounds);
  g_autoptr (GError) error = NULL;
  LimnRemoveParams params;

  for (int y = 0; y < side; y++)
    for (int x = 0; x < 3 * side; x++)
      limn_image_row (image, y)[x] = (guint8)(128 + 60 * sin (0.3 * x / 3 + 0.1 * y) + x * y % 37);
  for (int y = REMOVE_SIDE / 2; y < side - REMOVE_SIDE / 2; y++)
    memset (limn_image_row (mask, y) + REMOVE_SIDE / 2, 255, REMOVE_SIDE);
  limn_remove_params_init (&params);
  for (int i = 0; i < n_rounds; i++)
    {
      double start = now ();
      g_autoptr (LimnPatch) patch = limn_remove (run, image, mask, &params, NULL, &error);

      if (patch == NULL)
        die (error);
      seconds[i] = now () - start;
    }
  g_print ("\nRemove %d x %d of %d x %d\n", REMOVE_SIDE, REMOVE_SIDE, side, side);
  g_print ("%-28s %8.3f s\n", "whole removal", median (seconds, n_rounds));
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) inpaint = NULL, upscale = NULL;
  g_autoptr (LimnPool) pool = NULL;
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  struct rusage usage;
  double sgemm;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || n_rounds < 1)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--rounds is at least 1");
      return 2;
    }
  inpaint = open_model ("limn-inpaint");
  upscale = open_model ("limn-upscale");
  pool = limn_pool_new (n_threads, FALSE);
  n_threads = limn_pool_get_n_threads (pool);
  limn_run_init (&run, pool, arena, NULL);
  sgemm = sgemm_rate (&run);
  g_print ("%d threads, sgemm %.1f GFLOP/s\n", n_threads, sgemm);
  bench_unet (inpaint, &run, sgemm);
  bench_inpaint (inpaint, &run);
  bench_upscale (upscale, &run);
  bench_remove (&run);
  if (!limn_run_check (&run, &error))
    die (error);

  getrusage (RUSAGE_SELF, &usage);
  g_print ("\n%-28s %8.1f MB\n%-28s %8.1f MB\n", "peak of the arena",
           limn_arena_get_peak (arena) / 1e6, "peak of the process", usage.ru_maxrss * 1024 / 1e6);
  return 0;
}
