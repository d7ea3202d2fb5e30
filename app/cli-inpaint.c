/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-image-file.h"
#include "app/limn-model-entry-private.h"
#include "engine/task/expand.h"
#include "engine/task/remove.h"

typedef struct
{
  LimnCliOptions common;
  char *mask, *prompt, *negative;
  char *guidance, *strength, *eta, *rescale;
  char **loras;
  char *expand;
  LimnMargins margins; /* that it says */
  gboolean remove, two_pass, no_two_pass;
  char *crop_text;
  LimnRect crop; /* that it says */
  int step_cache;
} Options;

static void
options_clear (Options *options)
{
  limn_cli_options_clear (&options->common);
  g_free (options->mask);
  g_free (options->expand);
  g_free (options->crop_text);
  g_free (options->prompt);
  g_free (options->negative);
  g_free (options->guidance);
  g_free (options->eta);
  g_free (options->rescale);
  g_free (options->strength);
  g_strfreev (options->loras);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What the engine's thread works on. */
typedef struct
{
  LimnModelEntry *entry;
  LimnModel *model;
  const LimnCliLoras *loras;
  LimnImage *image, *mask;
  LimnInpaintParams params;
} Work;

static gpointer
inpaint_worker (LimnRun *run, const LimnTaskCallbacks *callbacks, gpointer data, GError **error)
{
  Work *work = data;

  if (!_limn_model_entry_check (work->entry, run->cancellable, error))
    return NULL;
  return limn_inpaint (work->model, run, work->image, work->mask, &work->params, callbacks, error);
}

/* The same without a model. */
typedef struct
{
  LimnImage *image, *mask;
  LimnRemoveParams params;
} Removal;

static gpointer
remove_worker (LimnRun *run, const LimnTaskCallbacks *callbacks, gpointer data, GError **error)
{
  Removal *work = data;

  return limn_remove (run, work->image, work->mask, &work->params, callbacks, error);
}

static const char description[] = N_ (
    "The mask is a picture of the photo's size: white is repainted. A soft rim around the white\n"
    "joins old and new; what is farther away stays as it was, to the bit.\n"
    "Of a mask that has transparency and nothing else, what is opaque is repainted.\n"
    "\n"
    "Examples:\n"
    "  limn inpaint beach.jpg --mask mask.png --prompt \"a calm sea under storm clouds\"\n"
    "      writes beach-limn.png beside the photo, with its parameters in the file\n"
    "  limn inpaint beach.jpg --mask mask.png\n"
    "      without a prompt the model fills in what fits\n"
    "  limn inpaint beach.jpg --mask mask.png --prompt \"sand\" --seed 7 -o sand.png\n"
    "      the same seed gives the same picture again\n"
    "  limn inpaint beach.jpg --mask mask.png --prompt \"sand\" --strength 0.5\n"
    "      stays close to what is there; 1 (the default) keeps nothing of it\n"
    "  limn inpaint beach.jpg --mask mask.png --prompt \"sea\" --negative \"boats\" --guidance 5\n"
    "      a higher guidance follows the prompt more closely\n"
    "  limn inpaint beach.jpg --mask mask.png --remove\n"
    "      takes away what is masked: filled with what is around it, without any model\n"
    "  limn inpaint beach.jpg --expand 0,0,400,0 --prompt \"a calm sea\"\n"
    "      adds 400 pixels on the right; with --remove instead of a prompt without any model\n");

/* Reads the command line. FALSE and @exit_code when the program ends here. */
static gboolean
parse (Options *options, int *argc, char ***argv, int *exit_code)
{
  const GOptionEntry entries[] = {
    { "mask", 'm', 0, G_OPTION_ARG_FILENAME, &options->mask,
      N_ ("What to repaint: white in a picture of the photo's size"), "MASK" },
    { "prompt", 'p', 0, G_OPTION_ARG_FILENAME, &options->prompt, N_ ("What should be there; without a prompt the model fills in what fits"), "TEXT" },
    { "negative", 'n', 0, G_OPTION_ARG_FILENAME, &options->negative,
      N_ ("What should not be there"), "TEXT" },
    { "guidance", 0, 0, G_OPTION_ARG_STRING, &options->guidance,
      N_ ("How closely to follow the prompt, 1 to 30 (default: the model's)"), "G" },
    { "guidance-rescale", 0, 0, G_OPTION_ARG_STRING, &options->rescale,
      N_ ("How far guided colours are brought back to unguided ones, 0 to 1 (default: the "
          "model's)"),
      "R" },
    { "eta", 0, 0, G_OPTION_ARG_STRING, &options->eta,
      N_ ("Share of fresh noise in each step, 0 to 1, of samplers that take it (default: their "
          "own)"),
      "E" },
    { "step-cache", 0, 0, G_OPTION_ARG_INT, &options->step_cache,
      N_ ("Run the whole network in one of N steps only, its outer part in the others: faster, and "
          "another picture (default: 1, in every step)"),
      "N" },
    { "lora", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->loras,
      N_ ("A LoRA file that changes the model, and how strongly (default: 1); may be given several "
          "times"),
      "FILE[:WEIGHT]" },
    { "expand", 0, 0, G_OPTION_ARG_STRING, &options->expand,
      N_ ("Instead of a mask: add so many pixels on the left, above, on the right and below, and "
          "fill them"),
      "L,T,R,B" },
    { "remove", 0, 0, G_OPTION_ARG_NONE, &options->remove,
      N_ ("Fill what the mask marks from what is around it, without a model or prompt"), NULL },
    { "two-pass", 0, 0, G_OPTION_ARG_NONE, &options->two_pass,
      N_ ("Make an area that is larger than the model’s pictures twice: at their size first, then "
          "refined at its own (default: where the model is good at that)"),
      NULL },
    { "no-two-pass", 0, 0, G_OPTION_ARG_NONE, &options->no_two_pass,
      N_ ("Make such an area once, at the size of the model’s pictures"), NULL },
    { "crop", 0, 0, G_OPTION_ARG_STRING, &options->crop_text,
      N_ ("The part of the photo that the model sees, in pixels (default: the mask and some room "
          "around it)"),
      "X,Y,WIDTH,HEIGHT" },
    { "strength", 0, 0, G_OPTION_ARG_STRING, &options->strength,
      N_ ("How much may change, above 0 to 1 (default: 1)"), "S" },
    { NULL },
  };
  g_autofree GOptionEntry *all = limn_cli_entries (&options->common, entries);

  return limn_cli_parse ("inpaint", "PHOTO (--mask MASK | --expand L,T,R,B) [--prompt TEXT | --remove]",
                         _ ("Repaints the masked part of a photo."), _ (description), all, argc,
                         argv, exit_code);
}

/* Parameters from the options, over the model's defaults. */
static int
set_params (const Options *options, LimnModel *model, LimnInpaintParams *params)
{
  const LimnModelInfo *info = limn_model_get_info (model);

  if (!info->takes_prompt && (options->prompt != NULL || options->negative != NULL))
    return limn_cli_usage ("inpaint",
                           _ ("%s cannot be used with the model “%s”, which fills from what is "
                              "around, without words"),
                           options->prompt != NULL ? "--prompt" : "--negative", info->id);
  limn_inpaint_params_init (params, model);
  params->prompt = options->prompt != NULL ? options->prompt : "";
  params->negative = options->negative != NULL ? options->negative : "";
  if (options->common.steps != LIMN_CLI_UNSET)
    params->steps = options->common.steps;
  if (options->common.sampler != NULL)
    params->sampler = options->common.sampler;
  if (!limn_cli_step_cache ("inpaint", options->step_cache, &params->step_cache))
    return LIMN_CLI_USAGE;
  if (options->two_pass || options->no_two_pass)
    params->two_pass = options->two_pass;
  params->crop = options->crop;
  if (!limn_cli_number ("inpaint", "--guidance", options->guidance, &params->guidance)
      || !limn_cli_number ("inpaint", "--strength", options->strength, &params->strength)
      || !limn_cli_shares ("inpaint", options->eta, options->rescale, &params->eta,
                           &params->rescale))
    return LIMN_CLI_USAGE;
  if (!limn_cli_seed (options->common.seed_text, &params->seed))
    return limn_cli_usage ("inpaint", _ ("“%s” is not a seed: seeds are whole numbers from 0 up"),
                           options->common.seed_text);
  return LIMN_CLI_OK;
}

/* Pastes, writes and records the result. */
static int
finish (const Work *work, const LimnPatch *patch, const Options *options, double seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) generation = limn_generation_new ("inpaint");
  g_autoptr (LimnImage) picture = limn_image_copy (work->image, &error), stored = NULL;
  LimnCliResult result = { .generation = generation,
                           .input = work->image,
                           .mask = work->mask,
                           .model = work->entry,
                           .loras = work->loras,
                           .crop = patch->crop,
                           .seconds = seconds };

  if (picture != NULL)
    stored = limn_patch_to_image (patch, &error);
  if (stored == NULL)
    return limn_cli_failure (error);
  limn_patch_apply (patch, picture);
  limn_generation_set_inpaint_params (generation, &work->params);
  g_object_set (generation, "width", picture->width, "height", picture->height, "result-x",
                patch->rect.x, "result-y", patch->rect.y, NULL);
  g_printerr (_ ("Done in %.1f s with seed %" PRIu64 ".\n"), seconds, work->params.seed);
  result.picture = picture;
  result.stored = stored;
  return limn_cli_finish (&result, options->common.paths[0], options->common.output);
}

static int
check_texts (Options *options)
{
  char **texts[] = { &options->prompt, &options->negative };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!limn_cli_make_text (texts[i]))
      return limn_cli_usage ("inpaint", "%s",
                             _ ("The prompt is not text that can be read (UTF-8 is expected)"));
  return LIMN_CLI_OK;
}

/* Four numbers; what they come to is the engine's to judge. */
static gboolean
parse_margins (const char *text, LimnMargins *margins)
{
  g_auto (GStrv) numbers = g_strsplit (text, ",", -1);
  int *sides[] = { &margins->left, &margins->top, &margins->right, &margins->bottom };

  if (g_strv_length (numbers) != G_N_ELEMENTS (sides))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (numbers[i], 10, 0, LIMN_IMAGE_MAX_SIDE, &number, NULL))
        return FALSE;
      *sides[i] = (int)number;
    }
  return TRUE;
}

/* Four numbers again, of which the first two may be negative; whether that is a part of the picture the engine says. */
static gboolean
parse_crop (const char *text, LimnRect *crop)
{
  g_auto (GStrv) numbers = g_strsplit (text, ",", -1);
  int *values[] = { &crop->x, &crop->y, &crop->width, &crop->height };

  if (g_strv_length (numbers) != G_N_ELEMENTS (values))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      gint64 number;

      if (!g_ascii_string_to_signed (numbers[i], 10, i < 2 ? -LIMN_IMAGE_MAX_SIDE : 1,
                                     LIMN_IMAGE_MAX_SIDE, &number, NULL))
        return FALSE;
      *values[i] = (int)number;
    }
  return TRUE;
}

static int
check_expand (Options *options)
{
  if (options->mask != NULL)
    return limn_cli_usage ("inpaint", "%s",
                           _ ("--mask and --expand cannot be used together: with --expand, what is "
                              "added is the mask"));
  if (!parse_margins (options->expand, &options->margins))
    return limn_cli_usage (
        "inpaint",
        _ ("“%s” does not say how much to add. Four numbers are needed: pixels on the left, above, "
           "on the right and below, such as 0,0,400,0"),
        options->expand);
  return check_texts (options);
}

/* Whether OUT can be written, and is none of what is read. */
static int
check_output (const Options *options)
{
  const LimnCliOptions *common = &options->common;
  const char *const inputs[] = { common->paths[0], options->mask, common->model };
  int code = limn_cli_output_ok (common);

  if (code == LIMN_CLI_OK)
    code = limn_cli_inputs_stay (common, "inpaint", common->output, inputs, G_N_ELEMENTS (inputs));
  return code == LIMN_CLI_OK ? limn_cli_loras_stay (common, "inpaint", common->output, options->loras) : code;
}

/* Whether the parameters make sense, before the pictures are read. */
static int
check_arguments (Options *options)
{
  int code;

  if (options->common.paths == NULL || options->common.paths[0] == NULL)
    return limn_cli_usage ("inpaint", "%s", _ ("Which photo? Name its file"));
  if (options->common.paths[1] != NULL)
    return limn_cli_usage ("inpaint", _ ("One photo at a time: “%s” is one too many"),
                           options->common.paths[1]);
  if (!limn_cli_means_ok (&options->common, "inpaint"))
    return LIMN_CLI_USAGE;
  if (options->mask == NULL && options->expand == NULL)
    return limn_cli_usage (
        "inpaint", "%s",
        options->remove
            ? _ ("What should be removed? Name a mask with --mask: white in it is what goes. Or add "
                 "room around the photo with --expand, which --remove fills")
            : _ ("What should be repainted? Name a mask with --mask: white in it is repainted. Or add "
                 "room around the photo with --expand"));
  if (options->two_pass && options->no_two_pass)
    return limn_cli_usage ("inpaint", "%s", _ ("--two-pass and --no-two-pass contradict each other"));
  if (options->crop_text != NULL && !parse_crop (options->crop_text, &options->crop))
    return limn_cli_usage ("inpaint",
                           _ ("“%s” is not a part of a photo. Four numbers are needed: left, top, "
                              "width and height, such as 100,50,512,512"),
                           options->crop_text);
  code = check_output (options);
  if (code != LIMN_CLI_OK)
    return code;
  return options->expand != NULL ? check_expand (options) : check_texts (options);
}

/* A mask of another size is told with both names; everything else is the engine's to judge. */
static gboolean
check_mask (const LimnImage *image, const LimnImage *mask, const Options *options)
{
  LimnRect bounds;

  if (mask->width != image->width || mask->height != image->height)
    {
      limn_cli_complain (_ ("The mask “%s” is %d × %d pixels, but the photo “%s” is %d × %d. They "
                            "must have the same size."),
                         options->mask, mask->width, mask->height, options->common.paths[0],
                         image->width, image->height);
      return FALSE;
    }
  if (limn_mask_bounds (mask, &bounds))
    return TRUE;
  limn_cli_complain (_ ("The mask “%s” is empty: it is black everywhere. Paint white what "
                        "should be replaced."),
                     options->mask);
  return FALSE;
}

static int
check_plan (const Work *work, const Options *options)
{
  g_autoptr (GError) error = NULL;
  LimnInpaintPlan plan;

  if (!check_mask (work->image, work->mask, options))
    return LIMN_CLI_FAILURE;
  if (limn_inpaint_plan (work->model, work->image, work->mask, &work->params, &plan, &error))
    return LIMN_CLI_OK;
  return g_error_matches (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT)
             ? limn_cli_usage ("inpaint", "%s", error->message)
             : limn_cli_failure (error);
}

/* The photo and its mask (transfer full). FALSE: complained. */
static gboolean
read_pictures (const Options *options, LimnImage **image, LimnImage **mask)
{
  g_autoptr (GFile) photo_file = g_file_new_for_commandline_arg (options->common.paths[0]);
  g_autoptr (GFile) mask_file = NULL;
  g_autoptr (GError) error = NULL;

  *image = limn_image_file_read (photo_file, NULL, NULL, &error);
  if (*image != NULL && options->expand != NULL)
    {
      g_autoptr (LimnImage) photo = g_steal_pointer (image);

      *image = limn_expand_image (photo, &options->margins, &error);
      if (*image != NULL)
        *mask = limn_expand_mask (NULL, photo->width, photo->height, &options->margins, &error);
      if (*mask == NULL)
        limn_cli_complain ("“%s”: %s", options->common.paths[0], error->message);
      return *mask != NULL;
    }
  if (*image != NULL)
    mask_file = g_file_new_for_commandline_arg (options->mask);
  if (*image != NULL)
    *mask = limn_mask_file_read (mask_file, NULL, &error);
  if (*mask == NULL)
    limn_cli_failure (error);
  return *mask != NULL;
}

static int
run (Options *options, LimnModelEntry *entry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = NULL, mask = NULL;
  g_autoptr (LimnPatch) patch = NULL;
  g_autoptr (LimnModel) model = NULL;
  g_auto (LimnCliLoras) loras = { NULL };
  Work work = { .entry = entry };
  double seconds;
  int code = LIMN_CLI_OK;

  model = limn_cli_model_with_loras ("inpaint", entry, options->loras, &loras, &code);
  if (model == NULL)
    return code;
  work.model = model;
  work.loras = &loras;
  code = set_params (options, model, &work.params);
  if (code != LIMN_CLI_OK)
    return code;
  if (!read_pictures (options, &image, &mask))
    return LIMN_CLI_FAILURE;
  work.image = image;
  work.mask = mask;
  code = check_plan (&work, options);
  if (code != LIMN_CLI_OK)
    return code;
  patch
      = limn_cli_run (_ ("Repainting"), &options->common, inpaint_worker, &work, &seconds, &error);
  return patch != NULL ? finish (&work, patch, options, seconds) : limn_cli_failure (error);
}

/* ---- Without a model ------------------------------------------------------------------------- */

/* What means nothing beside --remove; NULL: none of it was given. */
static const char *
not_for_removal (const Options *options)
{
  const struct
  {
    const char *name;
    gboolean given;
  } rows[] = {
    { "--prompt", options->prompt != NULL },
    { "--negative", options->negative != NULL },
    { "--model", options->common.model != NULL },
    { "--lora", options->loras != NULL },
    { "--guidance", options->guidance != NULL },
    { "--guidance-rescale", options->rescale != NULL },
    { "--eta", options->eta != NULL },
    { "--strength", options->strength != NULL },
    { "--step-cache", options->step_cache != 1 },
    { "--two-pass", options->two_pass },
    { "--no-two-pass", options->no_two_pass },
    { "--steps", options->common.steps != LIMN_CLI_UNSET },
    { "--sampler", options->common.sampler != NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].given)
      return rows[i].name;
  return NULL;
}

static int
finish_removal (const Removal *work, const LimnPatch *patch, const Options *options, double seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) generation = limn_generation_new ("remove");
  g_autoptr (LimnImage) picture = limn_image_copy (work->image, &error), stored = NULL;
  LimnCliResult result
      = { .generation = generation, .input = work->image, .mask = work->mask, .crop = patch->crop,
                           .seconds = seconds };

  if (picture != NULL)
    stored = limn_patch_to_image (patch, &error);
  if (stored == NULL)
    return limn_cli_failure (error);
  limn_patch_apply (patch, picture);
  limn_generation_set_remove_params (generation, &work->params);
  g_object_set (generation, "width", picture->width, "height", picture->height, "result-x",
                patch->rect.x, "result-y", patch->rect.y, NULL);
  if (limn_generation_has_seed (generation))
    g_printerr (_ ("Done in %.1f s with seed %" PRIu64 ".\n"), seconds, work->params.seed);
  else
    g_printerr (_ ("Done in %.1f s.\n"), seconds);
  result.picture = picture;
  result.stored = stored;
  return limn_cli_finish (&result, options->common.paths[0], options->common.output);
}

static int
run_removal (Options *options)
{
  const char *odd = not_for_removal (options);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = NULL, mask = NULL;
  g_autoptr (LimnPatch) patch = NULL;
  Removal work;
  double seconds;

  if (odd != NULL)
    return limn_cli_usage ("inpaint", _ ("%s cannot be used with --remove, which uses no model"), odd);
  limn_remove_params_init (&work.params);
  work.params.crop = options->crop;
  /* Nothing is drawn by chance unless it is asked for: the same photo gives the same result. */
  if (options->common.seed_text != NULL
      && !limn_cli_seed (options->common.seed_text, &work.params.seed))
    return limn_cli_usage ("inpaint", _ ("“%s” is not a seed: seeds are whole numbers from 0 up"),
                           options->common.seed_text);
  if (!read_pictures (options, &image, &mask) || !check_mask (image, mask, options))
    return LIMN_CLI_FAILURE;
  work.image = image;
  work.mask = mask;
  patch = limn_cli_run (_ ("Removing"), &options->common, remove_worker, &work, &seconds, &error);
  return patch != NULL ? finish_removal (&work, patch, options, seconds) : limn_cli_failure (error);
}

int
limn_cli_inpaint (int argc, char **argv)
{
  g_auto (Options) options = { .common = LIMN_CLI_OPTIONS_INIT, .step_cache = 1 };
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (LimnModelEntry) model = NULL;
  int code = LIMN_CLI_OK;

  if (!parse (&options, &argc, &argv, &code))
    return code;
  code = check_arguments (&options);
  if (code != LIMN_CLI_OK)
    return code;
  if (options.remove)
    return run_removal (&options);
  library = limn_library_new ();
  model = limn_cli_open_model (library, options.common.model, LIMN_CAN_INPAINT | LIMN_CAN_GENERATE,
                               &code);
  return model != NULL ? run (&options, model) : code;
}
