/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-condition-file.h"
#include "app/limn-image-file.h"
#include "app/limn-model-entry-private.h"
#include "engine/task/generate.h"

#define MAX_COUNT 1000

typedef struct
{
  LimnCliOptions common;
  char *prompt, *negative, *category, *boxes, *labels, *embedding, *size, *guidance, *eta, *rescale;
  char **loras;
  int count, step_cache;
} Options;

static void
options_clear (Options *options)
{
  limn_cli_options_clear (&options->common);
  g_free (options->prompt);
  g_free (options->negative);
  g_free (options->category);
  g_free (options->boxes);
  g_free (options->labels);
  g_free (options->embedding);
  g_free (options->size);
  g_free (options->guidance);
  g_free (options->eta);
  g_free (options->rescale);
  g_strfreev (options->loras);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What the engine's thread works on. */
typedef struct
{
  LimnModelEntry *entry; /* borrowed */
  LimnGenerateParams params;

  /* Owned; the parameters point to them */
  LimnModel *model;
  LimnCliLoras loras;
  GBytes *condition; /* nullable: the file of boxes or of the embedding */
  GArray *boxes;
  LimnImage *labels;
  float *embedding;
} Work;

static void
work_clear (Work *work)
{
  g_clear_pointer (&work->model, limn_model_unref);
  limn_cli_loras_clear (&work->loras);
  g_clear_pointer (&work->condition, g_bytes_unref);
  g_clear_pointer (&work->boxes, g_array_unref);
  g_clear_pointer (&work->labels, limn_image_unref);
  g_clear_pointer (&work->embedding, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gpointer
generate_worker (LimnRun *run, const LimnTaskCallbacks *callbacks, gpointer data, GError **error)
{
  Work *work = data;

  if (!_limn_model_entry_check (work->entry, run->cancellable, error))
    return NULL;
  return limn_generate (work->model, run, &work->params, callbacks, error);
}

/* ---- The command line ------------------------------------------------------------------------ */

static const char description[] = N_(
    "Models differ in what they take: a prompt, a class, boxes with labels, a map of labels, an\n"
    "embedding, or nothing at all. “limn models NAME” says what a model takes, and lists its\n"
    "classes and labels. No model that makes pictures from nothing comes with Limn.\n"
    "\n"
    "Boxes are JSON: [{\"label\": \"Dog\", \"box\": [0.1, 0.4, 0.5, 0.6]}, …] with left, top, "
    "width and\n"
    "height as shares of the picture. A map of labels is a grey picture whose values are the\n"
    "labels' numbers.\n"
    "\n"
    "Examples:\n"
    "  limn generate --prompt \"a lighthouse at dusk\" --size 768x512 -o lighthouse.png\n"
    "  limn generate --prompt \"a lighthouse at dusk\" --count 4 --seed 7\n"
    "      four pictures with the seeds 7 to 10: limn.png, limn-2.png, …\n"
    "  limn generate --model cin256 --class \"golden retriever\" --guidance 3\n"
    "  limn generate --model layout2img --boxes street.json\n"
    "  limn generate --model semantic --labels beach.png\n");

static gboolean
parse (Options *options, int *argc, char ***argv, int *exit_code)
{
  const GOptionEntry entries[] = {
    { "prompt", 'p', 0, G_OPTION_ARG_FILENAME, &options->prompt, N_("What the picture shows"),
      "TEXT" },
    { "negative", 'n', 0, G_OPTION_ARG_FILENAME, &options->negative, N_("What it should not show"),
      "TEXT" },
    { "class", 'c', 0, G_OPTION_ARG_FILENAME, &options->category,
      N_("A class of the model, by name or number"), "CLASS" },
    { "boxes", 0, 0, G_OPTION_ARG_FILENAME, &options->boxes,
      N_("What should be where: boxes with labels"), "FILE.json" },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &options->labels,
      N_("What every pixel shows: a map of labels"), "FILE.png" },
    { "embedding", 0, 0, G_OPTION_ARG_FILENAME, &options->embedding,
      N_("The vectors that another program made of a text or picture"), "FILE.safetensors" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &options->size,
      N_("Width and height in pixels (default: what the model was made for)"), "WxH" },
    { "count", 0, 0, G_OPTION_ARG_INT, &options->count,
      N_("How many pictures; each has a seed that is one larger (default: 1)"), "N" },
    { "lora", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->loras,
      N_ ("A LoRA file that changes the model, and how strongly (default: 1); may be given several "
          "times"),
      "FILE[:WEIGHT]" },
    { "step-cache", 0, 0, G_OPTION_ARG_INT, &options->step_cache,
      N_ ("Run the whole network in one of N steps only, its outer part in the others: faster, and "
          "another picture (default: 1, in every step)"),
      "N" },
    { "guidance", 0, 0, G_OPTION_ARG_STRING, &options->guidance,
      N_ ("How closely to follow what is asked for, 1 to 30 (default: the model's)"), "G" },
    { "guidance-rescale", 0, 0, G_OPTION_ARG_STRING, &options->rescale,
      N_("How far guided colours are brought back to unguided ones, 0 to 1 (default: the model's)"),
      "R" },
    { "eta", 0, 0, G_OPTION_ARG_STRING, &options->eta,
      N_("Share of fresh noise in each step, 0 to 1, of samplers that take it (default: their "
         "own)"),
      "E" },
    { NULL },
  };
  g_autofree GOptionEntry *all = limn_cli_entries (&options->common, entries);

  return limn_cli_parse ("generate", NULL, _ ("Makes pictures from words, or from what else the model takes."),
                         _(description), all, argc, argv, exit_code);
}

/* "768x512" or "768×512". */
static gboolean
parse_size (const char *text, int *width, int *height)
{
  const char *by = strstr (text, "×") != NULL ? "×" : "x";
  g_auto (GStrv) parts = g_strsplit (text, by, 0);
  guint64 w, h;

  if (g_strv_length (parts) != 2
      || !g_ascii_string_to_unsigned (parts[0], 10, 1, LIMN_IMAGE_MAX_SIDE, &w, NULL)
      || !g_ascii_string_to_unsigned (parts[1], 10, 1, LIMN_IMAGE_MAX_SIDE, &h, NULL))
    return FALSE;
  *width = (int)w;
  *height = (int)h;
  return TRUE;
}

/* NAME-2.png for the second of several (transfer full); NULL without a name. */
static char *
numbered (const char *named, int i, int count)
{
  const char *slash, *dot;

  if (named == NULL || count == 1)
    return g_strdup (named);
  slash = strrchr (named, '/');
  dot = strrchr (slash != NULL ? slash : named, '.');
  if (dot == NULL)
    return g_strdup_printf ("%s-%d", named, i + 1);
  return g_strdup_printf ("%.*s-%d%s", (int)(dot - named), named, i + 1, dot);
}

/* Whether OUT can be written, and none of the pictures takes the place of what is read. */
static int
check_output (const Options *options)
{
  const LimnCliOptions *common = &options->common;
  const char *const inputs[] = { options->boxes, options->labels, options->embedding, common->model };
  int code = limn_cli_output_ok (common);

  for (int i = 0; i < options->count && code == LIMN_CLI_OK; i++)
    {
      g_autofree char *output = numbered (common->output, i, options->count);

      code = limn_cli_inputs_stay (common, "generate", output, inputs, G_N_ELEMENTS (inputs));
      if (code == LIMN_CLI_OK)
        code = limn_cli_loras_stay (common, "generate", output, options->loras);
    }
  return code;
}

/* Whether the options make sense, before any file is read. */
static int
check_arguments (Options *options)
{
  char **texts[] = { &options->prompt, &options->negative, &options->category };
  int width, height, code;

  if (options->common.paths != NULL && options->common.paths[0] != NULL)
    return limn_cli_usage ("generate", _ ("“%s” means nothing here: a prompt is given with --prompt"),
                           options->common.paths[0]);
  if (!limn_cli_means_ok (&options->common, "generate"))
    return LIMN_CLI_USAGE;
  if (options->count < 1 || options->count > MAX_COUNT)
    return limn_cli_usage ("generate", _ ("--count must be 1 to %d, not %d"), MAX_COUNT,
                           options->count);
  if (options->size != NULL && !parse_size (options->size, &width, &height))
    return limn_cli_usage ("generate",
                           _ ("“%s” is not a size: sizes are like 512x384, at most %d each way"),
                           options->size, LIMN_IMAGE_MAX_SIDE);
  code = check_output (options);
  if (code != LIMN_CLI_OK)
    return code;
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!limn_cli_make_text (texts[i]))
      return limn_cli_usage ("generate", "%s",
                             _("The prompt is not text that can be read (UTF-8 is expected)"));
  return LIMN_CLI_OK;
}

/* ---- What the model is told ------------------------------------------------------------------ */

/* Keeps the content of the file that is told for the history. */
static gboolean
keep_file (Work *work, GFile *file, GError **error)
{
  g_autoptr (GBytes) content = g_file_load_bytes (file, NULL, NULL, error);

  if (content == NULL)
    return FALSE;
  work->condition = g_steal_pointer (&content);
  return TRUE;
}

/* Reads the files; what the model does not take is left to limn_generate_plan() to refuse, without
 * looking into them. */
static gboolean
read_files (const Options *options, Work *work, GError **error)
{
  const LimnModelInfo *info = limn_model_get_info (work->model);
  LimnGenerateParams *params = &work->params;

  if (options->boxes != NULL && (info->takes & LIMN_TAKES_BOXES) != 0)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->boxes);

      work->boxes = limn_boxes_file_read (file, work->model, error);
      if (work->boxes == NULL || !keep_file (work, file, error))
        return FALSE;
    }
  if (options->labels != NULL && (info->takes & LIMN_TAKES_LABELS) != 0)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->labels);

      work->labels = limn_labels_file_read (file, error);
      if (work->labels == NULL)
        return FALSE;
      params->labels = work->labels;
    }
  if (options->embedding != NULL && (info->takes & LIMN_TAKES_EMBEDDING) != 0)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (options->embedding);

      work->embedding = limn_embedding_file_read (options->embedding, &params->n_vectors,
                                                  &params->embedding_width, error);
      if (work->embedding == NULL || !keep_file (work, file, error))
        return FALSE;
      params->embedding = work->embedding;
    }
  if (work->boxes != NULL)
    {
      /* An empty list is a list. */
      params->n_boxes = (int)work->boxes->len;
      g_array_set_size (work->boxes, work->boxes->len + 1);
      params->boxes = (const LimnLabelledBox *)work->boxes->data;
    }
  return TRUE;
}

/* What is given although the model does not take it; and nothing of another kind. */
static gboolean
check_taken (const Options *options, const LimnModelInfo *info)
{
  const struct
  {
    const char *given, *name;
    LimnTakes flag;
  } all[] = {
    { options->prompt, "--prompt", LIMN_TAKES_PROMPT },
    { options->negative, "--negative", LIMN_TAKES_PROMPT },
    { options->category, "--class", LIMN_TAKES_CLASS },
    { options->boxes, "--boxes", LIMN_TAKES_BOXES },
    { options->labels, "--labels", LIMN_TAKES_LABELS },
    { options->embedding, "--embedding", LIMN_TAKES_EMBEDDING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].given != NULL && (info->takes & all[i].flag) == 0)
      {
        g_autofree char *takes = limn_takes_describe (info->takes);

        if (takes != NULL)
          limn_cli_usage ("generate", _ ("%s cannot be used with the model “%s”, which takes %s"),
                          all[i].name, info->id, takes);
        else
          limn_cli_usage ("generate",
                          _ ("%s cannot be used with the model “%s”, which takes nothing and makes "
                              "pictures of its own"),
                          all[i].name, info->id);
        return FALSE;
      }
  if (info->embeds_guidance && (options->negative != NULL || options->rescale != NULL))
    {
      limn_cli_usage ("generate", _ ("%s cannot be used with the model “%s”, whose network does the guidance"),
                      options->negative != NULL ? "--negative" : "--guidance-rescale", info->id);
      return FALSE;
    }
  if ((options->guidance == NULL && options->rescale == NULL) || info->can_guide)
    return TRUE;
  limn_cli_usage ("generate", _ ("%s cannot be used with the model “%s”, which cannot be guided"),
                  options->guidance != NULL ? "--guidance" : "--guidance-rescale", info->id);
  return FALSE;
}

/* Parameters from the options, over the model's defaults. */
static int
set_params (const Options *options, Work *work)
{
  LimnGenerateParams *params = &work->params;
  const LimnModelInfo *info = limn_model_get_info (work->model);
  g_autoptr (GError) error = NULL;

  limn_generate_params_init (params, work->model);
  if (!check_taken (options, info))
    return LIMN_CLI_USAGE;
  params->prompt = options->prompt;
  params->negative = options->negative;
  if (options->common.steps != LIMN_CLI_UNSET)
    params->steps = options->common.steps;
  if (options->common.sampler != NULL)
    params->sampler = options->common.sampler;
  if (!limn_cli_step_cache ("generate", options->step_cache, &params->step_cache))
    return LIMN_CLI_USAGE;
  if (!limn_cli_number ("generate", "--guidance", options->guidance, &params->guidance)
      || !limn_cli_shares ("generate", options->eta, options->rescale, &params->eta,
                           &params->rescale))
    return LIMN_CLI_USAGE;
  if (options->size != NULL)
    parse_size (options->size, &params->width, &params->height);
  if (!limn_cli_seed (options->common.seed_text, &params->seed))
    return limn_cli_usage ("generate", _("“%s” is not a seed: seeds are whole numbers from 0 up"),
                           options->common.seed_text);
  if (options->category != NULL)
    {
      params->category = limn_model_find_category (work->model, options->category, &error);
      if (params->category < 0)
        return limn_cli_usage ("generate", _ ("%s. “limn models %s” lists them"), error->message,
                               options->common.model != NULL ? options->common.model : info->id);
    }
  if (read_files (options, work, &error))
    return LIMN_CLI_OK;
  return options->embedding != NULL ? limn_cli_failure_of (options->embedding, error->message) : limn_cli_failure (error);
}

/* ---- The pictures ---------------------------------------------------------------------------- */

/* The row of the history: its kind says what the model was told. */
static LimnGeneration *
describe (const Options *options, const Work *work, const LimnImage *picture)
{
  const LimnGenerateParams *params = &work->params;
  const char *kind = "generate", *told = params->prompt, *file = NULL;
  LimnGeneration *generation;

  if (params->category >= 0)
    {
      kind = "generate-class";
      told = limn_model_get_category_name (work->model, params->category);
      if (told == NULL)
        told = options->category;
    }
  else if (params->boxes != NULL)
    {
      kind = "generate-boxes";
      file = options->boxes;
    }
  else if (params->labels != NULL)
    {
      kind = "generate-labels";
      file = options->labels;
    }
  else if (params->embedding != NULL)
    {
      kind = "generate-embedding";
      file = options->embedding;
    }
  generation = limn_generation_new (kind);
  g_object_set (generation, "prompt", told != NULL ? told : "", "negative",
                params->negative != NULL ? params->negative : "", "seed", params->seed, "steps",
                params->steps, "sampler", params->sampler, "guidance", (double)params->guidance,
                "eta", (double)params->eta, "guidance-rescale", (double)params->rescale, "step-cache",
                params->step_cache, "width",
                picture->width, "height", picture->height, NULL);
  if (file != NULL)
    {
      g_autofree char *name = g_filename_display_basename (file);

      g_object_set (generation, "source-name", name, NULL);
    }
  return generation;
}

static int
make_one (const Options *options, Work *work, int i)
{
  g_autofree char *verb = options->count > 1
                              ? g_strdup_printf (_("Picture %d of %d"), i + 1, options->count)
                              : g_strdup (_("Generating"));
  g_autofree char *output = numbered (options->common.output, i, options->count);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) generation = NULL;
  g_autoptr (LimnImage) picture = NULL;
  LimnCliResult result = { .input = work->labels,
                           .model = work->entry,
                           .loras = &work->loras,
                           .condition = work->condition,
                           .condition_type = options->boxes != NULL ? "json" : "safetensors" };

  picture = limn_cli_run (verb, &options->common, generate_worker, work, &result.seconds, &error);
  if (picture == NULL)
    return limn_cli_failure (error);
  generation = describe (options, work, picture);
  result.generation = generation;
  result.picture = result.stored = picture;
  g_printerr (_("Done in %.1f s with seed %" PRIu64 ".\n"), result.seconds,
              work->params.seed);
  return limn_cli_finish (&result, NULL, output);
}

static int
run (const Options *options, LimnModelEntry *entry)
{
  g_auto (Work) work = { .entry = entry };
  g_autoptr (GError) error = NULL;
  LimnGeneratePlan plan;
  int code = LIMN_CLI_OK;

  work.model = limn_cli_model_with_loras ("generate", entry, options->loras, &work.loras, &code);
  if (work.model == NULL)
    return code;
  code = set_params (options, &work);
  if (code != LIMN_CLI_OK)
    return code;
  if (!limn_generate_plan (work.model, &work.params, &plan, &error))
    return g_error_matches (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT)
               ? limn_cli_usage ("generate", "%s", error->message)
               : limn_cli_failure (error);
  for (int i = 0; i < options->count && code == LIMN_CLI_OK; i++)
    {
      code = make_one (options, &work, i);
      work.params.seed++;
    }
  return code;
}

/* What the model has to be able to be told, by the options. */
static LimnTakes
wanted (const Options *options)
{
  return (options->prompt != NULL || options->negative != NULL ? LIMN_TAKES_PROMPT : 0)
         | (options->category != NULL ? LIMN_TAKES_CLASS : 0)
         | (options->boxes != NULL ? LIMN_TAKES_BOXES : 0)
         | (options->labels != NULL ? LIMN_TAKES_LABELS : 0)
         | (options->embedding != NULL ? LIMN_TAKES_EMBEDDING : 0);
}

/* Without --model: the first one that takes what is given (transfer full); NULL when none does. */
static LimnModelEntry *
find_taking (LimnLibrary *library, LimnTakes takes)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (library)); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);
      const LimnModelInfo *info = limn_model_entry_get_info (entry);

      if (info != NULL && (info->capabilities & LIMN_CAN_GENERATE) != 0 && info->missing == NULL
          && (info->takes & takes) == takes)
        return g_steal_pointer (&entry);
    }
  return NULL;
}

int
limn_cli_generate (int argc, char **argv)
{
  g_auto (Options) options = { .common = LIMN_CLI_OPTIONS_INIT, .count = 1, .step_cache = 1 };
  g_autoptr (LimnLibrary) library = NULL;
  g_autoptr (LimnModelEntry) model = NULL;
  int code = LIMN_CLI_OK;

  if (!parse (&options, &argc, &argv, &code))
    return code;
  code = check_arguments (&options);
  if (code != LIMN_CLI_OK)
    return code;
  library = limn_library_new ();
  if (options.common.model == NULL)
    model = find_taking (library, wanted (&options));
  if (model == NULL)
    model = limn_cli_open_model (library, options.common.model, LIMN_CAN_GENERATE, &code);
  return model != NULL ? run (&options, model) : code;
}
