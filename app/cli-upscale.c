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
  LimnCliOptions common;
  char *prompt, *negative, *guidance;
  int factor, noise_level; /* LIMN_CLI_UNSET: the model's */
} Options;

static void
options_clear (Options *options)
{
  limn_cli_options_clear (&options->common);
  g_free (options->prompt);
  g_free (options->negative);
  g_free (options->guidance);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

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

/* ---- The command line ------------------------------------------------------------------------ */

static const char description[] = N_ (
    "Models differ in how they upscale. Some denoise, in steps and from a seed, and some of these\n"
    "take a prompt that says what the photo shows; others, such as ESRGAN, work in one pass. “limn\n"
    "models NAME” says which it is. When another factor is wanted than the model's, its result is\n"
    "resampled.\n"
    "\n"
    "Examples:\n"
    "  limn upscale small.jpg\n"
    "      writes small-limn.png beside the photo, four times as wide and as high\n"
    "  limn upscale small.jpg --factor 2 -o larger.jpg\n"
    "  limn upscale small.jpg --model RealESRGAN_x4plus.pth\n"
    "  limn upscale small.jpg --model x4-upscaler --prompt \"a white cat\" --noise-level 20\n");

static gboolean
parse (Options *options, int *argc, char ***argv, int *exit_code)
{
  const GOptionEntry entries[] = {
    { "factor", 'f', 0, G_OPTION_ARG_INT, &options->factor,
      N_ ("How many times as wide and as high: 2 or 4 (default: the model's, mostly 4)"), "2|4" },
    { "prompt", 'p', 0, G_OPTION_ARG_FILENAME, &options->prompt,
      N_ ("What the photo shows, for models that take a prompt"), "TEXT" },
    { "negative", 'n', 0, G_OPTION_ARG_FILENAME, &options->negative,
      N_ ("What the result should not show"), "TEXT" },
    { "guidance", 0, 0, G_OPTION_ARG_STRING, &options->guidance,
      N_ ("How closely to follow the prompt, 1 to 30 (default: the model's)"), "G" },
    { "noise-level", 0, 0, G_OPTION_ARG_INT, &options->noise_level,
      N_ ("How much of the photo's detail to replace, for models that take a noise level (default: "
          "the model's)"),
      "N" },
    { NULL },
  };
  g_autofree GOptionEntry *all = limn_cli_entries (&options->common, entries);

  return limn_cli_parse ("upscale", "PHOTO", _ ("Enlarges a photo two or four times."),
                         _ (description), all, argc, argv, exit_code);
}

/* Whether the options make sense, before any file is read. */
static int
check_arguments (Options *options)
{
  char **paths = options->common.paths;
  const char *inputs[2];
  int code;

  if (paths == NULL || paths[0] == NULL)
    return limn_cli_usage ("upscale", "%s", _ ("Which photo? Name its file"));
  if (paths[1] != NULL)
    return limn_cli_usage ("upscale", _ ("One photo at a time: “%s” is one too many"), paths[1]);
  if (!limn_cli_make_text (&options->prompt) || !limn_cli_make_text (&options->negative))
    return limn_cli_usage ("upscale", "%s", _ ("The prompt is not text that can be read (UTF-8 is expected)"));
  if (!limn_cli_means_ok (&options->common, "upscale"))
    return LIMN_CLI_USAGE;
  if (options->factor != LIMN_CLI_UNSET && options->factor != 2 && options->factor != 4)
    return limn_cli_usage ("upscale", _ ("--factor must be 2 or 4, not %d"), options->factor);
  code = limn_cli_output_ok (&options->common);
  inputs[0] = paths[0];
  inputs[1] = options->common.model;
  return code == LIMN_CLI_OK ? limn_cli_inputs_stay (&options->common, "upscale", options->common.output, inputs,
                                                     G_N_ELEMENTS (inputs))
                             : code;
}

/* What is given although the model does not take it. */
static gboolean
check_taken (const Options *options, const LimnModelInfo *info)
{
  const LimnCliOptions *common = &options->common;
  const struct
  {
    const char *name;
    gboolean given, taken;
  } all[] = {
    { "--prompt", options->prompt != NULL, info->takes_prompt },
    { "--negative", options->negative != NULL, info->takes_prompt },
    { "--guidance", options->guidance != NULL, info->can_guide },
    { "--noise-level", options->noise_level != LIMN_CLI_UNSET,
      (info->takes & LIMN_TAKES_NOISE_LEVEL) != 0 },
    { "--steps", common->steps != LIMN_CLI_UNSET, !info->one_pass },
    { "--sampler", common->sampler != NULL, !info->one_pass },
    { "--seed", common->seed_text != NULL, !info->one_pass },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].given && !all[i].taken)
      {
        if (info->one_pass)
          limn_cli_usage ("upscale",
                          _ ("%s cannot be used with the model “%s”, which upscales in one pass"),
                          all[i].name, info->id);
        else
          limn_cli_usage ("upscale", _ ("%s cannot be used with the model “%s”, which does not take it"),
                          all[i].name, info->id);
        return FALSE;
      }
  return TRUE;
}

static int
set_params (const Options *options, LimnModel *model, LimnUpscaleParams *params)
{
  const LimnModelInfo *info = limn_model_get_info (model);
  g_autoptr (LimnImage) dot = limn_image_new (1, 1, 3, NULL);
  g_autoptr (GError) error = NULL;
  LimnUpscalePlan plan;

  limn_upscale_params_init (params, model);
  if (!check_taken (options, info))
    return LIMN_CLI_USAGE;
  params->prompt = options->prompt;
  params->negative = options->negative;
  if (options->factor != LIMN_CLI_UNSET)
    params->factor = options->factor;
  if (options->noise_level != LIMN_CLI_UNSET)
    params->noise_level = options->noise_level;
  if (options->common.steps != LIMN_CLI_UNSET)
    params->steps = options->common.steps;
  if (options->common.sampler != NULL)
    params->sampler = options->common.sampler;
  if (!limn_cli_number ("upscale", "--guidance", options->guidance, &params->guidance))
    return LIMN_CLI_USAGE;
  /* Nothing is random in one pass. */
  if (!info->one_pass && !limn_cli_seed (options->common.seed_text, &params->seed))
    return limn_cli_usage ("upscale", _ ("“%s” is not a seed: seeds are whole numbers from 0 up"),
                           options->common.seed_text);
  /* With the smallest of pictures, only the parameters can be wrong. */
  if (!limn_upscale_plan (model, dot, params, &plan, &error))
    return g_error_matches (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING)
               ? limn_cli_failure (error)
               : limn_cli_usage ("upscale", "%s", error->message);
  return LIMN_CLI_OK;
}

/* ---- The picture ----------------------------------------------------------------------------- */

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
  g_printerr (_ ("Done in %.1f s: %d × %d pixels.\n"), seconds, picture->width, picture->height);
  return limn_cli_finish (&result, options->paths[0], options->output);
}

static int
run (const Options *options, LimnModelEntry *entry)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->common.paths[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = NULL, result = NULL;
  LimnUpscalePlan plan;
  Work work = { .entry = entry, .model = limn_model_entry_get_model (entry) };
  double seconds;
  int code = set_params (options, work.model, &work.params);

  if (code != LIMN_CLI_OK)
    return code;
  image = limn_image_file_read (file, NULL, NULL, &error);
  if (image == NULL)
    return limn_cli_failure (error);
  work.image = image;
  if (!limn_upscale_plan (work.model, image, &work.params, &plan, &error))
    return limn_cli_failure (error);
  result
      = limn_cli_run (_ ("Upscaling"), &options->common, upscale_worker, &work, &seconds, &error);
  return result != NULL ? finish (&work, result, &options->common, seconds)
                        : limn_cli_failure (error);
}

int
limn_cli_upscale (int argc, char **argv)
{
  g_auto (Options) options = { .common = LIMN_CLI_OPTIONS_INIT,
                               .factor = LIMN_CLI_UNSET,
                               .noise_level = LIMN_CLI_UNSET };
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (LimnModelEntry) model = NULL;
  int code = LIMN_CLI_OK;

  if (!parse (&options, &argc, &argv, &code))
    return code;
  code = check_arguments (&options);
  if (code != LIMN_CLI_OK)
    return code;
  library = limn_library_new ();
  model = limn_cli_open_model (library, options.common.model, LIMN_CAN_UPSCALE, &code);
  return model != NULL ? run (&options, model) : code;
}
