/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-image-file.h"
#include "app/limn-model-entry-private.h"
#include "engine/task/upscale.h"

typedef struct
{
  LimnModelEntry *entry;
  LimnModel *model;
  LimnImage *image;
  LimnUpscaleParams params;
} Work;

static gpointer
upscale_worker (LimnRun *run, const LimnTaskCallbacks *callbacks, gpointer data, GError **error)
{
  Work *work = data;

  if (!_limn_model_entry_check (work->entry, run->cancellable, error))
    return NULL;
  return limn_upscale (work->model, run, work->image, &work->params, callbacks, error);
}

static const char description[]
    = N_("Examples:\n"
          "  limn upscale small.jpg\n"
          "      writes small-limn.png beside the photo, four times as wide and as high\n"
          "  limn upscale small.jpg --factor 2 -o larger.jpg\n");

static int
set_params (const LimnCliOptions *options, int factor, LimnModel *model, LimnUpscaleParams *params)
{
  g_autoptr (LimnImage) dot = limn_image_new (1, 1, 3, NULL);
  g_autoptr (GError) error = NULL;
  LimnUpscalePlan plan;

  limn_upscale_params_init (params, model);
  params->factor = factor;
  if (options->steps != LIMN_CLI_UNSET)
    params->steps = options->steps;
  if (options->sampler != NULL)
    params->sampler = options->sampler;
  if (!limn_cli_seed (options->seed_text, &params->seed))
    return limn_cli_usage ("upscale", _("“%s” is no seed: seeds are whole numbers from 0"),
                           options->seed_text);
  /* With the smallest of pictures, only the parameters can be wrong. */
  if (!limn_upscale_plan (model, dot, params, &plan, &error))
    return limn_cli_usage ("upscale", "%s", error->message);
  return LIMN_CLI_OK;
}

static int
finish (const Work *work, const LimnImage *picture, const LimnCliOptions *options, double seconds)
{
  g_autoptr (LimnGeneration) generation = limn_generation_new ("upscale");
  LimnCliResult result = { .picture = picture,
                           .generation = generation,
                           .input = work->image,
                           .stored = picture,
                           .model = work->entry,
                           .seconds = seconds };

  limn_generation_set_upscale_params (generation, &work->params);
  g_object_set (generation, "width", picture->width, "height", picture->height, NULL);
  g_printerr (_("Done in %.1f s: %d × %d pixels.\n"), seconds, picture->width, picture->height);
  return limn_cli_finish (&result, options->paths[0], options->output);
}

static int
run (const LimnCliOptions *options, int factor, LimnModelEntry *entry)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->paths[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = NULL, result = NULL;
  LimnUpscalePlan plan;
  Work work = { .entry = entry, .model = limn_model_entry_get_model (entry) };
  double seconds;
  int code = set_params (options, factor, work.model, &work.params);

  if (code != LIMN_CLI_OK)
    return code;
  image = limn_image_file_read (file, NULL, NULL, &error);
  if (image == NULL)
    return limn_cli_failure (error);
  work.image = image;
  if (!limn_upscale_plan (work.model, image, &work.params, &plan, &error))
    return limn_cli_failure (error);
  result
      = limn_cli_run (_("Upscaling"), options->threads, upscale_worker, &work, &seconds, &error);
  return result != NULL ? finish (&work, result, options, seconds) : limn_cli_failure (error);
}

int
limn_cli_upscale (int argc, char **argv)
{
  g_auto (LimnCliOptions) options = LIMN_CLI_OPTIONS_INIT;
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (LimnModelEntry) model = NULL;
  int factor = 4, code = LIMN_CLI_OK;
  const GOptionEntry entries[] = {
    { "factor", 'f', 0, G_OPTION_ARG_INT, &factor,
      N_("How many times as wide and as high: 2 or 4 (default: 4)"), "2|4" },
    { NULL },
  };
  g_autofree GOptionEntry *all = limn_cli_entries (&options, entries);

  if (!limn_cli_parse ("upscale", "PHOTO", _("Enlarges a photo two or four times."),
                       _(description), all, &argc, &argv, &code))
    return code;
  if (options.paths == NULL || options.paths[0] == NULL)
    return limn_cli_usage ("upscale", "%s", _("Which photo? Name one"));
  if (options.paths[1] != NULL)
    return limn_cli_usage ("upscale", _("One photo at a time: “%s” is too much"),
                           options.paths[1]);
  if (!limn_cli_threads_ok (options.threads))
    return limn_cli_usage ("upscale", _("Threads are 0 to %d"), LIMN_CLI_MAX_THREADS);
  if (factor != 2 && factor != 4)
    return limn_cli_usage ("upscale", _("The factor is 2 or 4, not %d"), factor);
  if (!limn_cli_output_ok (options.output))
    return LIMN_CLI_FAILURE;
  library = limn_library_new ();
  model = limn_cli_open_model (library, options.model, LIMN_CAN_UPSCALE, &code);
  return model != NULL ? run (&options, factor, model) : code;
}
