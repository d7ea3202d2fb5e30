/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-image-file.h"

#define DEFAULT_LIMIT 20
#define PROMPT_WIDTH 60
#define JPEG_QUALITY 95

static const char description[]
    = N_ ("Examples:\n"
          "  limn history\n"
          "      the latest results, newest first: number, date, what was done, seed, prompt\n"
          "  limn history --search \"stormy sea\" --limit 5\n"
          "  limn history show 12\n"
          "      everything about result 12, with the command that makes it again\n"
          "  limn history show 12 -o again.png\n"
          "      writes the picture, too\n");

/* What is shown of a row; owned strings. */
typedef struct
{
  char *kind, *prompt, *negative, *sampler, *model, *source, *version, *loras;
  char *told; /* nullable: where the history keeps the file that the model was told */
  gint64 created;
  guint64 seed;
  int steps, factor, width, height, noise_level, step_cache, two_pass;
  LimnRect crop; /* empty: nobody chose one */
  double guidance, strength, seconds, eta, rescale;
  gboolean has_seed;
} Row;

static void
row_init (Row *row, LimnGeneration *generation)
{
  *row = (Row){ .has_seed = limn_generation_has_seed (generation) };
  g_object_get (generation, "kind", &row->kind, "prompt", &row->prompt, "negative", &row->negative,
                "sampler", &row->sampler, "model", &row->model, "source-name", &row->source,
                "engine-version", &row->version, "created", &row->created, "seed", &row->seed,
                "steps", &row->steps, "factor", &row->factor, "width", &row->width, "height",
                &row->height, "guidance", &row->guidance, "strength", &row->strength, "seconds",
                &row->seconds, "eta", &row->eta, "guidance-rescale", &row->rescale, "loras",
                &row->loras, "noise-level", &row->noise_level, "step-cache", &row->step_cache,
                "two-pass", &row->two_pass, "crop-x", &row->crop.x, "crop-y", &row->crop.y,
                "crop-width", &row->crop.width, "crop-height", &row->crop.height, NULL);
}

static void
row_clear (Row *row)
{
  char *strings[] = { row->kind,   row->prompt,  row->negative, row->sampler, row->model,
                      row->source, row->version, row->loras,    row->told };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, row_clear)

/* The file of the history that holds what the model was told: boxes, an embedding, or the map of
 * labels that is the row's input (transfer full); NULL when there is none, or it is gone. */
static char *
find_told (LimnHistory *history, LimnGeneration *generation)
{
  gboolean labels = g_strcmp0 (limn_generation_get_kind (generation), "generate-labels") == 0;
  g_autofree char *hash = NULL;

  g_object_get (generation, labels ? "input-hash" : "condition-hash", &hash, NULL);
  return hash != NULL ? limn_history_find_file (history, hash) : NULL;
}

/* Local date and time (transfer full). */
static char *
date_text (gint64 created)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (created / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M") : g_strdup ("?");
}

/* The first line of the prompt, cut to @width characters (transfer full). */
static char *
one_line (const char *text, glong width)
{
  g_autofree char *line = g_strdelimit (g_strdup (text != NULL ? text : ""), "\n\r\t", ' ');

  if (g_utf8_strlen (line, -1) <= width)
    return g_steal_pointer (&line);
  g_utf8_offset_to_pointer (line, width - 1)[0] = '\0';
  return g_strconcat (line, "…", NULL);
}

static void
print_row (LimnGeneration *generation)
{
  g_auto (Row) row;
  g_autofree char *date = NULL, *seed = NULL, *text = NULL;

  row_init (&row, generation);
  date = date_text (row.created);
  seed = row.has_seed ? g_strdup_printf ("%" G_GUINT64_FORMAT, row.seed) : g_strdup ("");
  text = one_line (row.prompt != NULL && row.prompt[0] != '\0' ? row.prompt : row.source,
                   PROMPT_WIDTH);
  g_print ("%5" G_GINT64_FORMAT "  %s  %-8s %10s  %s\n", limn_generation_get_id (generation), date,
           row.kind, seed, text);
}

static gboolean
is_set (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static void
append_option (GString *text, const char *option, const char *value)
{
  g_autofree char *quoted = g_shell_quote (value);

  g_string_append_printf (text, " %s %s", option, quoted);
}

static void
append_number (GString *text, const char *option, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, " %s %s", option,
                          g_ascii_formatd (number, sizeof number, "%.7g", value));
}

/* Whether the result was made from nothing, and what the model was told then. */
static gboolean
is_generated (const Row *row)
{
  return row->kind != NULL && g_str_has_prefix (row->kind, "generate");
}

static void
append_told (GString *text, const Row *row)
{
  static const struct
  {
    const char *kind, *option;
  } files[] = { { "generate-boxes", "--boxes" },
                { "generate-labels", "--labels" },
                { "generate-embedding", "--embedding" } };

  if (strcmp (row->kind, "generate-class") == 0)
    append_option (text, "--class", row->prompt != NULL ? row->prompt : "");
  /* Of boxes it is what they are labelled with, which their file says. */
  else if (is_set (row->prompt) && strcmp (row->kind, "generate-boxes") != 0)
    append_option (text, "--prompt", row->prompt);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (strcmp (row->kind, files[i].kind) == 0)
      append_option (text, files[i].option,
                     row->told != NULL      ? row->told
                     : is_set (row->source) ? row->source
                                            : "FILE");
  if (is_set (row->negative))
    append_option (text, "--negative", row->negative);
  if (row->guidance > 1)
    append_number (text, "--guidance", row->guidance);
  g_string_append_printf (text, " --size %dx%d", row->width, row->height);
}

/* The model, and what changed it: a line "FILE:WEIGHT" for each file. */
static void
append_model (GString *text, const Row *row)
{
  g_auto (GStrv) lines = g_strsplit (row->loras != NULL ? row->loras : "", "\n", 0);

  append_option (text, "--model", row->model != NULL ? row->model : "");
  for (guint i = 0; lines[i] != NULL; i++)
    append_option (text, "--lora", lines[i]);
}

/* What only some results were given. */
static void
append_shares (GString *text, const Row *row)
{
  if (row->eta >= 0)
    append_number (text, "--eta", row->eta);
  if (row->rescale >= 0)
    append_number (text, "--guidance-rescale", row->rescale);
  if (row->step_cache > 1)
    g_string_append_printf (text, " --step-cache %d", row->step_cache);
}

static gboolean
is_removal (const Row *row)
{
  return g_strcmp0 (row->kind, "remove") == 0;
}

/* Upscaled in one pass: without steps, and nothing was random. */
static gboolean
is_one_pass (const Row *row)
{
  return g_strcmp0 (row->kind, "upscale") == 0 && row->steps == 0;
}

static void
append_upscale (GString *text, const Row *row)
{
  gboolean guided = is_set (row->prompt) || is_set (row->negative);

  /* Others are the model's own. */
  if (row->factor == 2 || row->factor == 4)
    g_string_append_printf (text, " --factor %d", row->factor);
  if (is_set (row->prompt))
    append_option (text, "--prompt", row->prompt);
  if (is_set (row->negative))
    append_option (text, "--negative", row->negative);
  if (guided)
    append_number (text, "--guidance", row->guidance);
  /* Models that can be guided take a noise level. */
  if (row->guidance > 1 || row->noise_level > 0)
    g_string_append_printf (text, " --noise-level %d", row->noise_level);
}

static void
append_crop (GString *text, const Row *row)
{
  if (!limn_rect_is_empty (&row->crop))
    g_string_append_printf (text, " --crop %d,%d,%d,%d", row->crop.x, row->crop.y, row->crop.width,
                            row->crop.height);
}

/* The command that makes the result again; files are named for the person to fill in. */
static char *
command_text (const Row *row)
{
  GString *text = g_string_new ("limn ");
  gboolean inpaint = g_strcmp0 (row->kind, "inpaint") == 0;
  g_autofree char *photo = g_shell_quote (is_set (row->source) ? row->source : "PHOTO");

  if (is_generated (row))
    {
      g_string_append (text, "generate");
      append_told (text, row);
    }
  else if (is_removal (row))
    {
      g_string_append_printf (text, "inpaint %s --mask MASK --remove", photo);
      if (row->has_seed)
        g_string_append_printf (text, " --seed %" G_GUINT64_FORMAT, row->seed);
      append_crop (text, row);
      return g_string_free (text, FALSE);
    }
  else
    g_string_append_printf (text, "%s %s", row->kind, photo);
  if (inpaint)
    {
      g_string_append (text, " --mask MASK");
      append_option (text, "--prompt", row->prompt != NULL ? row->prompt : "");
      if (is_set (row->negative))
        append_option (text, "--negative", row->negative);
      append_number (text, "--guidance", row->guidance);
      append_number (text, "--strength", row->strength);
      g_string_append (text, row->two_pass ? " --two-pass" : " --no-two-pass");
      append_crop (text, row);
    }
  else if (!is_generated (row))
    append_upscale (text, row);
  if (!is_one_pass (row))
    g_string_append_printf (text, " --seed %" G_GUINT64_FORMAT " --steps %d --sampler %s",
                            row->seed, row->steps, row->sampler);
  append_shares (text, row);
  append_model (text, row);
  return g_string_free (text, FALSE);
}

static void
print_line (const char *label, const char *value)
{
  if (value != NULL && value[0] != '\0')
    g_print ("%-10s %s\n", label, value);
}

/* One of those that only some results were given: -1 is none. */
static void
print_number (const char *label, double value)
{
  if (value >= 0)
    g_print ("%-10s %g\n", label, value);
}

static void
print_lines (const char *label, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", 0);

  for (guint i = 0; lines[i] != NULL; i++)
    print_line (label, lines[i]);
}

static void
print_details (LimnHistory *history, LimnGeneration *generation)
{
  g_auto (Row) row;
  g_autofree char *date = NULL, *command = NULL;
  gboolean inpaint;

  row_init (&row, generation);
  row.told = find_told (history, generation);
  inpaint = g_strcmp0 (row.kind, "inpaint") == 0;
  date = date_text (row.created);
  command = command_text (&row);
  g_print ("%-10s %" G_GINT64_FORMAT "\n", _ ("Result"), limn_generation_get_id (generation));
  print_line (_ ("Date"), date);
  print_line (_ ("Kind"), row.kind);
  print_line (is_generated (&row) ? _ ("File") : _ ("Photo"), row.source);
  print_line (_ ("Kept as"), row.told);
  print_line (_ ("Prompt"), row.prompt);
  print_line (_ ("Negative"), row.negative);
  if (row.has_seed)
    g_print ("%-10s %" G_GUINT64_FORMAT "\n", _ ("Seed"), row.seed);
  if (!is_one_pass (&row) && !is_removal (&row))
    g_print ("%-10s %d\n", _ ("Steps"), row.steps);
  print_line (_ ("Sampler"), row.sampler);
  if (inpaint)
    g_print ("%-10s %g\n%-10s %g\n", _ ("Guidance"), row.guidance, _ ("Strength"), row.strength);
  else if (is_generated (&row))
    g_print ("%-10s %g\n", _ ("Guidance"), row.guidance);
  else if (!is_removal (&row))
    {
      if (is_set (row.prompt) || is_set (row.negative))
        g_print ("%-10s %g\n", _ ("Guidance"), row.guidance);
      g_print ("%-10s %d\n", _ ("Factor"), row.factor);
    }
  if (inpaint && row.two_pass)
    print_line (_ ("Passes"), _ ("two, where the area is larger than the model"));
  if (!limn_rect_is_empty (&row.crop))
    g_print (_ ("%-10s %d × %d pixels at %d, %d\n"), _ ("Crop"), row.crop.width, row.crop.height,
             row.crop.x, row.crop.y);
  print_number (_ ("Rescale"), row.rescale);
  print_number (_ ("Eta"), row.eta);
  print_line (_ ("Model"), row.model);
  print_lines (_ ("LoRA"), row.loras);
  g_print (_ ("%-10s %d × %d pixels, in %.1f s, by Limn %s\n"), _ ("Size"), row.width, row.height,
           row.seconds, row.version);
  g_print ("\n%s\n  %s\n", _ ("Again:"), command);
}

static int
show (LimnHistory *history, const char *number, const char *output)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnGeneration) generation = NULL;
  g_autoptr (LimnImage) picture = NULL;
  g_autoptr (GHashTable) text = NULL;
  g_autoptr (GFile) file = NULL;
  guint64 id;

  if (!g_ascii_string_to_unsigned (number, 10, 1, G_MAXINT64, &id, NULL))
    return limn_cli_usage (
        "history", _ ("“%s” is not the number of a result: “limn history” lists the numbers"),
        number);
  generation = limn_history_lookup (history, (gint64)id, &error);
  if (generation == NULL)
    return limn_cli_failure (error);
  print_details (history, generation);
  if (output == NULL)
    return LIMN_CLI_OK;
  picture = limn_history_load_result (history, generation, &error);
  if (picture == NULL)
    return limn_cli_failure (error);
  text = limn_generation_to_text (generation);
  file = g_file_new_for_commandline_arg (output);
  return limn_image_file_write (picture, file, JPEG_QUALITY, text, NULL, NULL, &error)
             ? LIMN_CLI_OK
             : limn_cli_failure (error);
}

static int
list (LimnHistory *history, const char *search, int limit)
{
  g_autofree char *reason = NULL;
  gboolean can_store;
  guint n;

  limn_history_search (history, search);
  n = g_list_model_get_n_items (G_LIST_MODEL (history));
  g_object_get (history, "can-store", &can_store, "error", &reason, NULL);
  /* One that cannot be read is not empty; why was said when it was opened. */
  if (n == 0 && search == NULL && !can_store && reason != NULL)
    return LIMN_CLI_FAILURE;
  for (guint i = 0; i < n && (limit == 0 || i < (guint)limit); i++)
    {
      g_autoptr (LimnGeneration) generation = g_list_model_get_item (G_LIST_MODEL (history), i);

      print_row (generation);
    }
  if (n == 0)
    g_print ("%s\n", search != NULL ? _ ("Nothing was found.") : _ ("The history is empty."));
  else if (limit != 0 && n > (guint)limit)
    g_print (_ ("%u more; --limit 0 shows all.\n"), n - (guint)limit);
  return LIMN_CLI_OK;
}

/* What the history has to say about itself goes to the standard error; what could be read is shown
 * all the same. */
static LimnHistory *
open_history (int *exit_code)
{
  g_autoptr (GError) error = NULL;
  LimnHistory *history = limn_history_open (NULL, &error);
  g_autofree char *reason = NULL;

  if (history == NULL)
    {
      *exit_code = limn_cli_failure (error);
      return NULL;
    }
  g_object_get (history, "error", &reason, NULL);
  if (reason != NULL)
    limn_cli_complain ("%s", reason);
  return history;
}

int
limn_cli_history (int argc, char **argv)
{
  g_autofree char *search_bytes = NULL, *search = NULL, *output = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (LimnHistory) history = NULL;
  int limit = DEFAULT_LIMIT, code = LIMN_CLI_OK;
  const GOptionEntry entries[] = {
    { "limit", 'l', 0, G_OPTION_ARG_INT, &limit, N_ ("How many to list, 0 for all (default: 20)"),
      "N" },
    { "search", 's', 0, G_OPTION_ARG_FILENAME, &search_bytes,
      N_ ("Only those whose prompt, model or photo has these words"), "TEXT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("With “show”: also write the picture"),
      "OUT" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL },
    { NULL },
  };

  if (!limn_cli_parse ("history", "[show ID]", _ ("Lists earlier results, or shows one."),
                       _ (description), entries, &argc, &argv, &code))
    return code;
  if (limit < 0)
    return limn_cli_usage ("history", "%s", _ ("--limit must be 0 or more"));
  if (words != NULL && (g_strv_length (words) != 2 || strcmp (words[0], "show") != 0))
    return limn_cli_usage ("history", "%s", _ ("“limn history” takes nothing but “show” and the number of a result"));
  if (search_bytes != NULL)
    search = limn_cli_text (search_bytes);
  history = open_history (&code);
  if (history == NULL)
    return code;
  return words != NULL ? show (history, words[1], output) : list (history, search, limit);
}
