/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/cli-private.h"
#include "app/limn-image-file.h"
#include "app/limn-model-entry-private.h"

#define JPEG_QUALITY 95
/* beside-limn-2.png … until somebody should tidy up. */
#define MAX_NUMBERED 9999

void
limn_cli_options_clear (LimnCliOptions *options)
{
  g_free (options->model);
  g_free (options->sampler);
  g_free (options->seed_text);
  g_free (options->output);
  g_free (options->memory);
  g_strfreev (options->paths);
}

GOptionEntry *
limn_cli_entries (LimnCliOptions *options, const GOptionEntry *more)
{
  const GOptionEntry common[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options->seed_text,
      N_ ("The same seed and settings give the same picture (default: random)"), "N" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options->steps,
      N_ ("Denoising steps, 1 to 200: more take longer (default: the model's)"), "N" },
    { "sampler", 0, 0, G_OPTION_ARG_STRING, &options->sampler,
      N_ ("How to denoise: one of those that “limn models NAME” lists (default: the model's)"), "NAME" },
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options->model,
      N_ ("A model that “limn models” lists, or its file or folder"), "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->threads,
      N_ ("Threads to compute with; the result is the same (default: one per core)"), "N" },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &options->memory,
      N_ ("Memory to use at most, such as 1.5G: less is slower, the result is the same (default: "
          "what is free)"),
      "SIZE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
      N_ ("File to write, .png or .jpg; replaced if it is there (default: a new name, beside "
          "the photo or here)"),
      "OUT" },
    { "overwrite", 0, 0, G_OPTION_ARG_NONE, &options->overwrite,
      N_ ("Let OUT be the photo, the mask or another input, which is lost then"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->paths, NULL, NULL },
    { NULL },
  };
  gsize n_more = 0;
  GOptionEntry *entries;

  while (more[n_more].long_name != NULL)
    n_more++;
  entries = g_new0 (GOptionEntry, n_more + G_N_ELEMENTS (common));
  memcpy (entries, more, n_more * sizeof *entries);
  memcpy (entries + n_more, common, sizeof common);
  return entries;
}

/* The last component of a path says little to who typed it: @error names @named as it was given. */
static void
name_in_full (GError *error, const char *named)
{
  g_autofree char *base = g_path_get_basename (named), *shown = g_filename_display_name (base);
  g_autofree char *quoted = g_strdup_printf ("“%s”", shown);
  g_autofree char *whole = g_filename_display_name (named);
  char *message;

  if (!g_str_has_prefix (error->message, quoted))
    return;
  message = g_strdup_printf ("“%s”%s", whole, error->message + strlen (quoted));
  g_free (error->message);
  error->message = message;
}

/* By device and inode, which links share; by name where there is none. */
static gboolean
is_same_file (const char *a, const char *b)
{
  g_autoptr (GFile) first = g_file_new_for_commandline_arg (a), second = g_file_new_for_commandline_arg (b);
  const char *first_path = g_file_peek_path (first), *second_path = g_file_peek_path (second);
  GStatBuf s, t;

  if (first_path == NULL || second_path == NULL)
    return g_file_equal (first, second);
  return g_stat (first_path, &s) == 0 && g_stat (second_path, &t) == 0 && s.st_dev == t.st_dev
         && s.st_ino == t.st_ino;
}

int
limn_cli_inputs_stay (const LimnCliOptions *options,
                      const char *command,
                      const char *named,
                      const char *const *inputs,
                      gsize n)
{
  if (named == NULL || options->overwrite)
    return LIMN_CLI_OK;
  for (gsize i = 0; i < n; i++)
    if (inputs[i] != NULL && is_same_file (named, inputs[i]))
      {
        g_autofree char *output = g_filename_display_name (named), *input = g_filename_display_name (inputs[i]);

        if (strcmp (named, inputs[i]) == 0)
          return limn_cli_usage (command,
                                 _ ("The result would replace “%s”, which it is made from. Name another file with -o, "
                                    "or add --overwrite"),
                                 input);
        return limn_cli_usage (command,
                               _ ("“%s” is the same file as “%s”, which the result is made from and would replace. Name "
                                  "another file with -o, or add --overwrite"),
                               output, input);
      }
  return LIMN_CLI_OK;
}

/* Decimal as g_format_size() writes them, binary with an i. */
gboolean
limn_cli_memory (const char *text, gsize *bytes)
{
  static const char units[] = "kMGT";
  char *end = NULL;
  double amount, factor = 1;
  const char *unit;

  *bytes = 0;
  if (text == NULL)
    return TRUE;
  amount = g_ascii_strtod (text, &end);
  if (end == text || !isfinite (amount))
    return FALSE;
  unit = *end != '\0' ? strchr (units, *end == 'K' ? 'k' : *end) : NULL;
  if (unit != NULL)
    {
      factor = pow (end[1] == 'i' ? 1024 : 1000, (double)(unit - units + 1));
      end += end[1] == 'i' ? 2 : 1;
    }
  if (*end == 'B')
    end++;
  if (*end != '\0' || amount * factor < 1 || amount * factor > (double)(G_MAXSIZE / 2))
    return FALSE;
  *bytes = (gsize)(amount * factor);
  return TRUE;
}

gboolean
limn_cli_means_ok (const LimnCliOptions *options, const char *command)
{
  gsize bytes;

  if (!limn_cli_threads_ok (options->threads))
    limn_cli_usage (command, _ ("--threads must be 0 to %d, not %d"), LIMN_CLI_MAX_THREADS,
                    options->threads);
  else if (!limn_cli_memory (options->memory, &bytes))
    limn_cli_usage (command, _ ("“%s” is not an amount of memory: write it like 1.5G or 800M"),
                    options->memory);
  else
    return TRUE;
  return FALSE;
}

gboolean
limn_cli_seed (const char *text, guint64 *seed)
{
  if (text == NULL)
    {
      *seed = g_random_int ();
      return TRUE;
    }
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, seed, NULL);
}

char *
limn_cli_text (const char *bytes)
{
  /* UTF-8 first, whatever the locale says: a prompt in a script that runs with LANG=C is UTF-8 all
   * the same. */
  if (g_utf8_validate (bytes, -1, NULL))
    return g_strdup (bytes);
  return g_locale_to_utf8 (bytes, -1, NULL, NULL, NULL);
}

gboolean
limn_cli_make_text (char **option)
{
  char *text;

  if (*option == NULL)
    return TRUE;
  text = limn_cli_text (*option);
  if (text == NULL)
    return FALSE;
  g_free (*option);
  *option = text;
  return TRUE;
}

gboolean
limn_cli_number (const char *command, const char *option, const char *text, float *value)
{
  char *end = NULL;
  double number;

  if (text == NULL)
    return TRUE;
  /* With a point, or with the comma of the person's language. */
  number = g_strtod (text, &end);
  if (*text != '\0' && *end == '\0' && isfinite ((float)number))
    {
      *value = (float)number;
      return TRUE;
    }
  limn_cli_usage (command, _ ("%s needs a number, not “%s”"), option, text);
  return FALSE;
}

/* The models that can do it (transfer full); "" when none can. */
static char *
list_models (LimnLibrary *library, LimnCapabilities capability)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (library)); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (G_LIST_MODEL (library), i);
      const LimnModelInfo *info = limn_model_entry_get_info (entry);

      if (info != NULL && (info->capabilities & capability) != 0)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                                limn_model_entry_get_id (entry));
    }
  return g_string_free (names, FALSE);
}

/* A model that was made for it is better than one that can do it, too. */
static LimnModelEntry *
find_any (LimnLibrary *library, LimnCapabilities capability)
{
  LimnCapabilities made_for = capability & ~LIMN_CAN_GENERATE;
  LimnModelEntry *entry = made_for != 0 ? limn_library_find (library, made_for) : NULL;

  if (entry == NULL && (capability & LIMN_CAN_GENERATE) != 0)
    entry = limn_library_find (library, LIMN_CAN_GENERATE);
  return entry;
}

/* FALSE and a complaint when the model is damaged or cannot do what is asked. */
static gboolean
check_model (LimnModelEntry *entry,
             LimnCapabilities capability,
             LimnLibrary *library,
             int *exit_code)
{
  const LimnModelInfo *info = limn_model_entry_get_info (entry);
  g_autofree char *names = NULL;

  if (info == NULL)
    {
      *exit_code = limn_cli_failure_of (_limn_model_entry_get_path (entry), limn_model_entry_get_error (entry));
      return FALSE;
    }
  if (info->capabilities & capability)
    return TRUE;
  names = list_models (library, capability);
  if (names[0] != '\0')
    limn_cli_complain (_ ("The model “%s” cannot do this. These can: %s."), info->id, names);
  else
    limn_cli_complain (_ ("The model “%s” cannot do this, and no other that is installed can."),
                       info->id);
  *exit_code = LIMN_CLI_USAGE;
  return FALSE;
}

/* The entry that @name means, without looking into it; NULL when there is none. */
static LimnModelEntry *
find_model (LimnLibrary *library, const char *name, LimnCapabilities capability)
{
  LimnModelEntry *entry
      = name != NULL ? limn_library_lookup (library, name) : find_any (library, capability);

  if (entry != NULL)
    return g_object_ref (entry);
  if (name != NULL && g_file_test (name, G_FILE_TEST_EXISTS))
    return _limn_model_entry_new (name, FALSE);
  return NULL;
}

LimnModelEntry *
limn_cli_open_model (LimnLibrary *library,
                     const char *name,
                     LimnCapabilities capability,
                     int *exit_code)
{
  g_autoptr (LimnModelEntry) entry = find_model (library, name, capability);

  if (entry != NULL)
    return check_model (entry, capability, library, exit_code) ? g_steal_pointer (&entry) : NULL;
  *exit_code = LIMN_CLI_FAILURE;
  if (name == NULL && capability == LIMN_CAN_GENERATE)
    limn_cli_complain (_ ("No model that is installed can make pictures from nothing. Get one: “limn models --help” says "
                          "where to put it, and --model takes a file, too."));
  else if (name == NULL)
    limn_cli_complain (
        _ ("No model that is installed can do this. “limn models” lists what is there, and “limn "
           "models --help” says where to put another; --model takes a file, too."));
  else
    {
      g_autofree char *names = list_models (library, capability);
      g_autofree char *shown = g_filename_display_name (name);

      if (names[0] != '\0')
        limn_cli_complain (_ ("There is no model “%s”. These can do it: %s."), shown, names);
      else
        limn_cli_complain (_ ("There is no model “%s”, and none that is installed can do this. “limn "
                              "models --help” says where to put one."),
                           shown);
      *exit_code = LIMN_CLI_USAGE;
    }
  return NULL;
}

/* Where the result goes: @named, or a new name beside @input (nullable: in the present folder) that
 * no file has. */
static GFile *
choose_output (const char *input, const char *named, GError **error)
{
  g_autofree char *folder = NULL, *base = NULL, *stem = NULL;
  char *dot;

  if (named != NULL)
    return g_file_new_for_commandline_arg (named);
  folder = input != NULL ? g_path_get_dirname (input) : g_get_current_dir ();
  base = input != NULL ? g_path_get_basename (input) : g_strdup ("");
  dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  stem = input != NULL ? g_strconcat (base, "-limn", NULL) : g_strdup ("limn");
  for (int i = 1; i <= MAX_NUMBERED; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%d", i) : g_strdup ("");
      g_autofree char *name = g_strconcat (stem, number, ".png", NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        return g_file_new_for_path (path);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _("There are too many results in “%s”; name one with -o"), folder);
  return NULL;
}

/* Of a result without a name, whether it can be written beside the photo; that there is no such folder is told when the
 * photo is read. */
static gboolean
can_write_unnamed (const char *photo, GError **error)
{
  g_autofree char *folder = photo != NULL ? g_path_get_dirname (photo) : g_get_current_dir ();
  g_autoptr (GFile) file = NULL;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  file = choose_output (photo, NULL, error);
  return file != NULL && limn_image_file_can_write (file, error);
}

int
limn_cli_output_ok (const LimnCliOptions *options)
{
  const char *named = options->output;
  g_autoptr (GFile) file = named != NULL ? g_file_new_for_commandline_arg (named) : NULL;
  g_autoptr (GError) error = NULL;

  if (file == NULL ? can_write_unnamed (options->paths != NULL ? options->paths[0] : NULL, &error)
                   : limn_image_file_can_write (file, &error))
    return LIMN_CLI_OK;
  if (named != NULL)
    name_in_full (error, named);
  return limn_cli_failure (error);
}

/* Adds the row and its files; what stands in the way is told. FALSE when it was not added. */
static gboolean
store (LimnGeneration *generation,
       const LimnImage *input,
       const LimnImage *mask,
       const LimnImage *stored,
       LimnCrop *crop,
       GBytes *condition,
       const char *condition_type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnHistory) history = limn_history_open (NULL, &error);
  g_autofree char *reason = NULL, *hash = NULL;

  if (history != NULL && condition != NULL)
    hash = limn_history_store_file (history, condition, condition_type, &error);
  if (history != NULL && error == NULL && crop != NULL)
    limn_history_store_crop (history, generation, crop, &error);
  if (history != NULL && error == NULL
      && limn_history_add (history, generation, input, mask, stored, &error))
    {
      g_object_get (history, "error", &reason, NULL);
      if (reason != NULL)
        limn_cli_complain ("%s", reason);
      return TRUE;
    }
  limn_cli_complain (_("The result could not be added to the history: %s"),
                     error != NULL ? error->message : _("unknown reason"));
  return FALSE;
}

static void
describe (const LimnCliResult *result, const char *photo)
{
  g_autofree char *name = photo != NULL ? g_filename_display_basename (photo) : NULL;

  g_object_set (result->generation, "seconds", result->seconds, NULL);
  if (result->model != NULL)
    {
      g_autofree char *hash = _limn_model_entry_dup_hash (result->model, NULL, NULL);

      g_object_set (result->generation, "model", limn_model_entry_get_id (result->model),
                    "model-hash", hash, NULL);
    }
  if (result->loras != NULL)
    g_object_set (result->generation, "loras", result->loras->files, "lora-hashes",
                  result->loras->hashes, NULL);
  if (result->condition != NULL)
    {
      g_autofree char *told = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, result->condition);

      g_object_set (result->generation, "condition-hash", told, NULL);
    }
  if (name != NULL)
    g_object_set (result->generation, "source-name", name, NULL);
}

int
limn_cli_finish (const LimnCliResult *result, const char *photo, const char *named)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) output = choose_output (photo, named, &error);
  g_autoptr (GHashTable) text = NULL;
  g_autofree char *path = output != NULL ? g_file_get_path (output) : NULL;
  gboolean written, stored;
  int code;

  describe (result, photo);
  text = limn_generation_to_text (result->generation);
  written
      = output != NULL
        && limn_image_file_write (result->picture, output, JPEG_QUALITY, text, NULL, NULL, &error);
  stored = store (result->generation, result->input, result->mask, result->stored, result->crop,
                  result->condition, result->condition_type);
  if (!written)
    {
      if (named != NULL)
        name_in_full (error, named);
      code = limn_cli_failure (error);
      if (stored)
        g_printerr (_("The result is not lost: “limn history show %" PRId64
                       " -o OUT” writes it.\n"),
                    limn_generation_get_id (result->generation));
      return code;
    }
  if (path == NULL)
    path = g_file_get_uri (output);
  g_print ("%s\n", path);
  return LIMN_CLI_OK;
}
