/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/model-private.h"
#include "tests/bench/bench.h"
#include "tests/bench/layers.h"
#include "tests/bench/report.h"
#include "tests/bench/sd-model.h"

/*
 * The stages of Stable Diffusion 1.5 inpainting at 512 x 512, and an RRDB tile, at full size with
 * random weights, beside sgemm of 4096^3 in the same run. Each stage has a process of its own, so
 * that its peak of memory (mapped weights included) is its own; sgemm is measured before and after
 * each, so that what else the machine does meets both.
 */

#define SGEMM_SIDE 4096
#define SGEMM_RUNS 3
/* Of the least run of the stages under --tiny. */
#define TINY_SGEMM_SIDE 64

typedef struct
{
  Bench bench;
  const SdStructure *structure;
  SdStructure own; /* a copy that another size is put into */
  int latent;      /* --latent; 0: the structure's */
  gboolean tiny, child, serve, once;
  char *stages; /* nullable: names between commas */
  char *folder; /* nullable: where the models are */

  LimnModel *model;
  LimnTensor x, context;
} Stages;

typedef struct
{
  const char *name, *title;
  BenchNetwork network;
  int batch;
  BenchBody body;
} Stage;

/* ---- What is measured ------------------------------------------------------------------------ */

static void
run_unet (Bench *bench, void *data)
{
  Stages *self = data;
  const float t[] = { 500.0f, 500.0f };

  limn_model_predict (self->model, &bench->run, &self->x, t, &self->context);
}

static void
run_decode (Bench *bench, void *data)
{
  Stages *self = data;

  limn_model_decode (self->model, &bench->run, &self->x);
}

static void
run_encode (Bench *bench, void *data)
{
  Stages *self = data;

  limn_model_encode (self->model, &bench->run, &self->x);
}

static void
run_text (Bench *bench, void *data)
{
  Stages *self = data;
  g_autofree gint32 *ids = g_new (gint32, self->structure->tokens);

  for (int i = 0; i < self->structure->tokens; i++)
    ids[i] = i * 611 % self->structure->vocabulary;
  limn_clip_text_forward (&self->model->text, &bench->run, ids, 1, self->structure->tokens);
}

static void
run_upscaler (Bench *bench, void *data)
{
  Stages *self = data;

  limn_model_upscale (self->model, &bench->run, &self->x);
}

static const Stage all_stages[] = {
  { "unet", "UNet, one evaluation", BENCH_UNET, 1, run_unet },
  { "guided", "UNet, two in one batch", BENCH_UNET, 2, run_unet },
  { "decode", "autoencoder, decode", BENCH_DECODER, 1, run_decode },
  { "encode", "autoencoder, encode", BENCH_ENCODER, 1, run_encode },
  { "text", "text encoder", BENCH_TEXT, 1, run_text },
  { "upscale", "RRDB x4 of a tile", BENCH_UPSCALER, 1, run_upscaler },
};

/* Side of what the stage is given. */
static int
side_of (const Stages *self, const Stage *stage)
{
  if (stage->network == BENCH_ENCODER)
    return 8 * self->structure->latent;
  return stage->network == BENCH_UPSCALER ? self->structure->tile : self->structure->latent;
}

static void
make_inputs (Stages *self, const Stage *stage)
{
  static const int channels[] = { [BENCH_UNET] = 9,
                                  [BENCH_DECODER] = 4,
                                  [BENCH_ENCODER] = 3,
                                  [BENCH_TEXT] = 1,
                                  [BENCH_UPSCALER] = 3 };
  gint64 side = side_of (self, stage);

  self->x = bench_tensor (&self->bench, 4,
                          (gint64[]){ stage->batch, side, side, channels[stage->network] }, 1);
  self->context = bench_tensor (
      &self->bench, 3,
      (gint64[]){ stage->batch, self->structure->tokens, self->structure->text_width }, 2);
}

static LimnModel *
open_model (const Stages *self, const Stage *stage)
{
  g_autofree char *path = g_build_filename (
      self->folder, stage->network == BENCH_UPSCALER ? "upscaler.safetensors" : "model.safetensors",
      NULL);
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  if (model == NULL)
    bench_die (error);
  return model;
}

static void
write_models (Stages *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model = NULL, *upscaler = NULL;

  self->folder = sd_make_folder (&error);
  if (self->folder == NULL)
    bench_die (error);
  model = sd_write_model (self->structure, self->folder, SD_WEIGHTS, &error);
  if (model != NULL)
    upscaler = sd_write_upscaler (self->structure, self->folder, SD_WEIGHTS, &error);
  if (upscaler != NULL)
    return;
  sd_remove_folder (self->folder);
  bench_die (error);
}

/* ---- A stage's own process ------------------------------------------------------------------- */

static void
run_child (Stages *self, const Stage *stage)
{
  Bench *bench = &self->bench;
  double start, first;

  self->model = open_model (self, stage);
  make_inputs (self, stage);
  start = bench_now (bench);
  stage->body (bench, self);
  bench_check (bench);
  first = bench_now (bench) - start;
  /* What that took from the arena is taken again. */
  limn_run_release (&bench->run, 0);
  make_inputs (self, stage);
  g_print ("%.9f %.9f", first, self->once ? first : bench_measure (bench, stage->body, self, 0.0));
  g_print (" %" G_GSIZE_FORMAT "\n", bench_peak_memory ());
  limn_model_unref (self->model);
}

/* One run for each line that comes in; its seconds go out. The models are made for it alone. */
static void
serve (Stages *self, const Stage *stage)
{
  Bench *bench = &self->bench;
  char line[16];

  write_models (self);
  self->model = open_model (self, stage);
  sd_remove_folder (self->folder);
  make_inputs (self, stage);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      LimnArenaMark mark = limn_run_mark (&bench->run);
      double start = bench_now (bench);

      stage->body (bench, self);
      bench_check (bench);
      g_print ("%.9f\n", bench_now (bench) - start);
      fflush (stdout);
      limn_run_release (&bench->run, mark);
    }
  limn_model_unref (self->model);
}

static void
add_option (GPtrArray *argv, const char *name, const char *value)
{
  if (value != NULL)
    g_ptr_array_add (argv, g_strdup_printf ("--%s=%s", name, value));
}

/* The command line of the process for @stage. */
static GPtrArray *
child_command (const Stages *self, const Stage *stage)
{
  g_autofree char *threads = g_strdup_printf ("%d", self->bench.threads);
  g_autofree char *runs = g_strdup_printf ("%d", self->bench.n_runs);
  g_autofree char *latent = g_strdup_printf ("%d", self->structure->latent);
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup ("/proc/self/exe"));
  g_ptr_array_add (argv, g_strdup ("--child"));
  add_option (argv, "stages", stage->name);
  add_option (argv, "folder", self->folder);
  add_option (argv, "threads", threads);
  add_option (argv, "runs", runs);
  add_option (argv, "latent", latent);
  add_option (argv, "kernels", self->bench.kernels);
  add_option (argv, "convolution", self->bench.convolution);
  if (self->tiny)
    g_ptr_array_add (argv, g_strdup ("--tiny"));
  if (self->once)
    g_ptr_array_add (argv, g_strdup ("--once"));
  if (self->bench.counted)
    g_ptr_array_add (argv, g_strdup ("--counted"));
  if (self->bench.least)
    g_ptr_array_add (argv, g_strdup ("--least"));
  if (self->bench.cpu_time)
    g_ptr_array_add (argv, g_strdup ("--cpu-time"));
  if (self->bench.low_priority)
    g_ptr_array_add (argv, g_strdup ("--low-priority"));
  g_ptr_array_add (argv, NULL);
  return argv;
}

static void
measure_child (const Stages *self, const Stage *stage, BenchRow *row)
{
  g_autoptr (GPtrArray) argv = child_command (self, stage);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                     &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    {
      sd_remove_folder (self->folder);
      bench_die (error);
    }
  words = g_strsplit (g_strstrip (output), " ", -1);
  if (g_strv_length (words) != 3)
    g_error ("The stage %s said: %s", stage->name, output);
  row->first = g_ascii_strtod (words[0], NULL);
  row->seconds = g_ascii_strtod (words[1], NULL);
  row->peak = g_ascii_strtod (words[2], NULL);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static double
stage_gflop (const Stages *self, const Stage *stage)
{
  g_autoptr (LimnModel) model = open_model (self, stage);
  int heads = stage->network == BENCH_UNET ? 8 : MAX (self->structure->text_width / 64, 1);
  int side = side_of (self, stage);
  g_autoptr (GArray) layers = bench_layers (limn_model_get_weights (model), stage->network, side,
                                            side, self->structure->tokens, heads);

  return stage->batch * bench_layers_gflop (layers);
}

static double
sgemm (Stages *self, BenchSgemm how, int n_runs)
{
  int side = self->tiny ? TINY_SGEMM_SIDE : SGEMM_SIDE;

  return bench_sgemm (&self->bench, how, side, side, side, n_runs);
}

static void
add_sgemm (BenchReport *report, const char *name, gint64 m, gint64 n, gint64 k, double rate)
{
  g_autofree char *title = g_strdup_printf ("sgemm %dx%dx%d%s", (int)m, (int)n, (int)k, name);
  double gflop = 2e-9 * (double)m * (double)n * (double)k;

  bench_report_add (
      report, &(BenchRow){ .name = title, .gflop = gflop, .seconds = gflop / rate, .error = -1.0 });
}

/* sgemm on shapes that occur, as the engine calls it. */
static void
measure_shapes (Stages *self, BenchReport *report)
{
  static const gint64 shapes[][3] = {
    { 320, 4096, 2880 }, { 640, 1024, 5760 }, { 1280, 256, 11520 },
    { 1280, 64, 11520 }, { 4096, 2560, 320 }, { 128, 262144, 1152 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes) && !self->tiny; i++)
    {
      gint64 m = shapes[i][0], n = shapes[i][1], k = shapes[i][2];

      add_sgemm (report, "", m, n, k, bench_sgemm (&self->bench, BENCH_SGEMM_OWN, m, n, k, 3));
    }
}

/* The better of the two ways to use all threads, and its rate. */
static BenchSgemm
measure_sgemm (Stages *self, BenchReport *report, double *rate)
{
  int side = self->tiny ? TINY_SGEMM_SIDE : SGEMM_SIDE;
  double own = sgemm (self, BENCH_SGEMM_OWN, SGEMM_RUNS);
  double split = sgemm (self, BENCH_SGEMM_SPLIT, SGEMM_RUNS);

  add_sgemm (report, ", OpenBLAS's threads", side, side, side, own);
  add_sgemm (report, ", rows on each thread", side, side, side, split);
  *rate = MAX (own, split);
  return own > split ? BENCH_SGEMM_OWN : BENCH_SGEMM_SPLIT;
}

static gboolean
is_wanted (const Stages *self, const Stage *stage)
{
  g_auto (GStrv) names = self->stages != NULL ? g_strsplit (self->stages, ",", -1) : NULL;

  return names == NULL || g_strv_contains ((const char *const *)names, stage->name);
}

static void
run_all (Stages *self, BenchReport *report)
{
  g_autofree char *size = NULL;
  double before;
  BenchSgemm how;

  bench_report_heading ("The machine");
  how = measure_sgemm (self, report, &before);
  if (self->stages == NULL)
    measure_shapes (self, report);
  size = g_strdup_printf ("Stable Diffusion 1.5 inpainting, %dx%d", 8 * self->structure->latent,
                          8 * self->structure->latent);
  bench_report_heading (self->tiny ? "Tiny structure" : size);
  for (gsize i = 0; i < G_N_ELEMENTS (all_stages); i++)
    {
      const Stage *stage = &all_stages[i];
      BenchRow row = { .name = (char *)stage->title, .error = -1.0 };
      double after;

      if (!is_wanted (self, stage))
        continue;
      row.gflop = stage_gflop (self, stage);
      measure_child (self, stage, &row);
      after = sgemm (self, how, 1);
      row.x_sgemm = row.gflop / row.seconds / ((before + after) / 2.0);
      bench_report_add (report, &row);
      before = after;
    }
}

int
main (int argc, char **argv)
{
  Stages self = { .structure = &sd_structure_full };
  const GOptionEntry entries[] = {
    { "stages", 's', 0, G_OPTION_ARG_STRING, &self.stages,
      "unet, guided, decode, encode, text, upscale, with commas (default: all)", "NAMES" },
    { "tiny", 0, 0, G_OPTION_ARG_NONE, &self.tiny, "A tiny structure: to see that it works", NULL },
    { "latent", 0, 0, G_OPTION_ARG_INT, &self.latent,
      "Side of the latent, an eighth of the picture's (default: 64)", "SIDE" },
    { "once", 0, 0, G_OPTION_ARG_NONE, &self.once,
      "One run of each stage, with the packing of the weights: for large pictures", NULL },
    { "serve", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &self.serve, NULL, NULL },
    { "child", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &self.child, NULL, NULL },
    { "folder", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &self.folder, NULL, NULL },
    { NULL },
  };
  g_autofree char *machine = NULL;
  g_autoptr (GError) error = NULL;
  BenchReport report;

  bench_parse (&self.bench, &argc, &argv, "- measure the stages of Stable Diffusion", 3, entries);
  if (self.tiny)
    self.structure = &sd_structure_tiny;
  if (self.latent > 0)
    {
      self.own = *self.structure;
      self.own.latent = self.latent;
      self.structure = &self.own;
    }
  bench_begin (&self.bench);
  if (self.child || self.serve)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (all_stages); i++)
        if (is_wanted (&self, &all_stages[i]))
          (self.child ? run_child : serve) (&self, &all_stages[i]);
    }
  else
    {
      machine = bench_describe (&self.bench);
      g_print ("%s\n", machine);
      bench_report_init (&report, machine);
      write_models (&self);
      run_all (&self, &report);
      sd_remove_folder (self.folder);
      if (!bench_report_write (&report, self.bench.json, &error))
        bench_die (error);
      bench_report_clear (&report);
    }
  bench_end (&self.bench);
  g_free (self.stages);
  g_free (self.folder);
  return 0;
}
