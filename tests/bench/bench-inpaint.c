/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "engine/task/remove.h"
#include "engine/task/upscale.h"
#include "tests/bench/bench.h"
#include "tests/bench/layers.h"
#include "tests/bench/report.h"
#include "tests/bench/sd-model.h"

/*
 * A 512 x 512 inpaint by the task's own code, split by stage: with the model that comes with Limn,
 * or, with --sd, with one of Stable Diffusion's size with random weights. With Limn's models also
 * an upscaling and a removal. The peak is of the process, mapped weights included.
 */

#define LIMN_SIDE 512
#define UPSCALE_SIDE 128
#define REMOVE_SIDE 300
#define SGEMM_SIDE 2048
#define N_STAGES (LIMN_STAGE_BLEND + 1)

typedef struct
{
  Bench bench;
  BenchReport report;
  gboolean sd, tiny;
  int steps;
  char *models; /* nullable: folder with limn-inpaint and limn-upscale */
  double sgemm;
} Inpaint;

/* When each stage began; the last one is the end. */
typedef struct
{
  const Bench *bench;
  double began[N_STAGES + 1];
} Times;

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  Times *times = user_data;

  if (times->began[progress->stage] == 0.0)
    times->began[progress->stage] = bench_now (times->bench);
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

/* 1e9 operations of the UNet in all steps. */
static double
sample_gflop (LimnModel *model, const LimnInpaintParams *params, const LimnInpaintPlan *plan)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  gint64 tokens = info->takes_prompt ? 77 : 0;
  g_autoptr (GArray) layers = bench_layers (limn_model_get_weights (model), BENCH_UNET,
                                            plan->height / info->latent_factor,
                                            plan->width / info->latent_factor, tokens, 8);
  int batch = info->takes_prompt && params->guidance > 1.0 ? 2 : 1;

  return plan->steps * batch * bench_layers_gflop (layers);
}

static void
report_stages (Inpaint *self, double *seconds, double gflop)
{
  static const char *const names[]
      = { "prepare", "text", "encode", "sample", "decode", "blend", "whole inpaint" };
  int n = self->bench.n_runs;

  for (int i = 0; i <= N_STAGES; i++)
    {
      double median = bench_median (seconds + i * n, n);
      gboolean counted = i == LIMN_STAGE_SAMPLE;

      bench_report_add (
          &self->report,
          &(BenchRow){ .name = (char *)names[i],
                       .gflop = counted ? gflop : 0.0,
                       .seconds = median,
                       .x_sgemm = counted && self->sgemm > 0.0 ? gflop / median / self->sgemm : 0.0,
                       .peak = i == N_STAGES ? (double)bench_peak_memory () : 0.0,
                       .error = -1.0 });
    }
}

/* With Stable Diffusion's size every run counts, the first as well: a person waits for that. */
static void
bench_inpaint (Inpaint *self, LimnModel *model, int side)
{
  g_autoptr (LimnImage) image = make_picture (side), mask = make_mask (side);
  int n = self->bench.n_runs;
  g_autofree double *seconds = g_new (double, n *(N_STAGES + 1));
  g_autofree char *title = NULL;
  LimnInpaintParams params;
  LimnInpaintPlan plan;
  g_autoptr (GError) plan_error = NULL;

  limn_inpaint_params_init (&params, model);
  params.prompt = "a calm sea under storm clouds";
  params.two_pass = FALSE; /* one pass of one size is what is timed */
  if (self->steps > 0)
    params.steps = self->steps;
  if (!limn_inpaint_plan (model, image, mask, &params, &plan, &plan_error))
    bench_die (plan_error);
  title = g_strdup_printf ("Inpaint %dx%d, guidance %g, %d steps of %s", plan.width, plan.height,
                           params.guidance, plan.steps, params.sampler);
  bench_report_heading (title);
  for (int round = self->sd ? 0 : -1; round < n; round++)
    {
      Times times = { .bench = &self->bench };
      LimnTaskCallbacks callbacks = { .progress = progress_cb, .user_data = &times };
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnPatch) patch
          = limn_inpaint (model, &self->bench.run, image, mask, &params, &callbacks, &error);

      if (patch == NULL)
        bench_die (error);
      times.began[N_STAGES] = bench_now (&self->bench);
      for (int i = 0; i < N_STAGES && round >= 0; i++)
        seconds[i * n + round] = times.began[i + 1] - times.began[i];
      if (round >= 0)
        seconds[N_STAGES * n + round] = times.began[N_STAGES] - times.began[0];
    }
  report_stages (self, seconds, sample_gflop (model, &params, &plan));
}

/* ---- What else a person asks for ------------------------------------------------------------- */

typedef struct
{
  LimnModel *model; /* none to remove */
  LimnImage *image, *mask;
} Request;

static void
upscale_body (Bench *bench, void *data)
{
  const Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) result = NULL;
  LimnUpscaleParams params;

  limn_upscale_params_init (&params, request->model);
  result = limn_upscale (request->model, &bench->run, request->image, &params, NULL, &error);
  if (result == NULL)
    bench_die (error);
}

static void
remove_body (Bench *bench, void *data)
{
  const Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnPatch) patch = NULL;
  LimnRemoveParams params;

  limn_remove_params_init (&params);
  patch = limn_remove (&bench->run, request->image, request->mask, &params, NULL, &error);
  if (patch == NULL)
    bench_die (error);
}

static void
bench_request (Inpaint *self, const char *name, BenchBody body, Request *request)
{
  double seconds = bench_measure (&self->bench, body, request, 0.0);

  bench_report_add (&self->report,
                    &(BenchRow){ .name = (char *)name, .seconds = seconds, .error = -1.0 });
}

/* A square of REMOVE_SIDE pixels, with half as many around it on each side: no model. */
static void
bench_remove (Inpaint *self)
{
  const int side = 2 * REMOVE_SIDE;
  g_autoptr (LimnImage) image = limn_image_new (side, side, 3, NULL);
  g_autoptr (LimnImage) mask = limn_image_new (side, side, 1, NULL);

  for (int y = 0; y < side; y++)
    for (int x = 0; x < 3 * side; x++)
      limn_image_row (image, y)[x] = (guint8)(128 + 60 * sin (0.3 * x / 3 + 0.1 * y) + x * y % 37);
  for (int y = REMOVE_SIDE / 2; y < side - REMOVE_SIDE / 2; y++)
    memset (limn_image_row (mask, y) + REMOVE_SIDE / 2, 255, REMOVE_SIDE);
  bench_request (self, "remove 300x300 of 600x600", remove_body, &(Request){ NULL, image, mask });
}

/* ---- Models ---------------------------------------------------------------------------------- */

static LimnModel *
open_path (const char *path)
{
  g_autoptr (GError) error = NULL;
  LimnModel *model = limn_model_open (path, NULL, &error);

  if (model == NULL)
    bench_die (error);
  return model;
}

static char *
model_path (const Inpaint *self, const char *name)
{
  return g_build_filename (self->models != NULL ? self->models : LIMN_MODELS_SOURCE_DIR, name,
                           NULL);
}

/* The file is removed at once: the mapping stays. */
static LimnModel *
make_sd (const Inpaint *self, const SdStructure *structure)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = sd_make_folder (&error);
  g_autofree char *path
      = folder != NULL ? sd_write_model (structure, folder, SD_WEIGHTS, &error) : NULL;
  g_autofree char *tokenizer = model_path (self, "limn-inpaint/tokenizer");
  g_autofree char *link = folder != NULL ? g_build_filename (folder, "tokenizer", NULL) : NULL;
  LimnModel *model = NULL;

  if (path != NULL && symlink (tokenizer, link) != 0)
    g_set_error (&error, G_FILE_ERROR, (int)g_file_error_from_errno (errno), "%s: %s", link,
                 g_strerror (errno));
  else if (path != NULL)
    model = limn_model_open (path, NULL, &error);
  if (folder != NULL)
    sd_remove_folder (folder);
  if (model == NULL)
    bench_die (error);
  return model;
}

static void
bench_limn (Inpaint *self)
{
  g_autofree char *inpaint_path = model_path (self, "limn-inpaint");
  g_autofree char *upscale_path = model_path (self, "limn-upscale");
  g_autoptr (LimnModel) inpaint = open_path (inpaint_path);
  g_autoptr (LimnModel) upscale = open_path (upscale_path);
  g_autoptr (LimnImage) image = make_picture (UPSCALE_SIDE);

  bench_inpaint (self, inpaint, LIMN_SIDE);
  bench_request (self, "upscale 128x128 to 512x512", upscale_body,
                 &(Request){ upscale, image, NULL });
  bench_remove (self);
}

static void
bench_sd (Inpaint *self)
{
  const SdStructure *structure = self->tiny ? &sd_structure_tiny : &sd_structure_full;
  g_autoptr (LimnModel) model = make_sd (self, structure);

  bench_inpaint (self, model, 8 * structure->latent);
}

int
main (int argc, char **argv)
{
  Inpaint self = { 0 };
  const GOptionEntry entries[] = {
    { "sd", 0, 0, G_OPTION_ARG_NONE, &self.sd,
      "With a model of Stable Diffusion's size and random weights", NULL },
    { "tiny", 0, 0, G_OPTION_ARG_NONE, &self.tiny, "With --sd: a tiny one, to see that it works",
      NULL },
    { "steps", 0, 0, G_OPTION_ARG_INT, &self.steps, "Steps (default: the model's)", "N" },
    { "models", 0, 0, G_OPTION_ARG_FILENAME, &self.models,
      "Folder with limn-inpaint and limn-upscale", "DIR" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *machine = NULL;

  bench_parse (&self.bench, &argc, &argv, "- measure whole tasks", 1, entries);
  bench_begin (&self.bench);
  machine = bench_describe (&self.bench);
  self.sgemm = self.tiny ? 0.0
                         : bench_sgemm (&self.bench, BENCH_SGEMM_OWN, SGEMM_SIDE, SGEMM_SIDE,
                                        SGEMM_SIDE, 5);
  g_print ("%s\nsgemm %dx%dx%d: %.1f GFLOP/s\n", machine, SGEMM_SIDE, SGEMM_SIDE, SGEMM_SIDE,
           self.sgemm);
  bench_report_init (&self.report, machine);
  if (self.sd)
    bench_sd (&self);
  else
    bench_limn (&self);
  if (!bench_report_write (&self.report, self.bench.json, &error))
    bench_die (error);
  bench_report_clear (&self.report);
  bench_end (&self.bench);
  g_free (self.models);
  return 0;
}
