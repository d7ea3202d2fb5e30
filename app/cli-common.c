/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"
#include "app/limn-image-file.h"

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
  g_strfreev (options->paths);
}

GOptionEntry *
limn_cli_entries (LimnCliOptions *options, const GOptionEntry *more)
{
  const GOptionEntry common[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options->seed_text,
      N_("The same seed and settings give the same picture (default: random)"), "N" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options->steps,
      N_("Denoising steps, 1 to 200: more take longer (default: the model's)"), "N" },
    { "sampler", 0, 0, G_OPTION_ARG_STRING, &options->sampler,
      N_("How to denoise: ddim, dpmpp_2m, dpmpp_2m_karras (default: the model's)"), "NAME" },
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options->model,
      N_("A model that “limn models” lists, or its file or folder"), "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->threads,
      N_("Threads to compute with; the result is the same (default: one per core)"), "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
      N_("File to write, .png or .jpg; replaced if it is there (default: a new name beside the "
          "photo)"),
      "OUT" },
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

static LimnModelEntry *
find_any (LimnLibrary *library, LimnCapabilities capability)
{
  /* A model that was made for it is better than one that can do it, too. */
  LimnModelEntry *entry = limn_library_find (library, capability & ~LIMN_CAN_GENERATE);

  return entry != NULL ? entry : limn_library_find (library, capability & LIMN_CAN_GENERATE);
}

/* The entry's model, or a complaint with the entry's own error. */
static LimnModel *
take_model (LimnModelEntry *entry,
            LimnCapabilities capability,
            LimnLibrary *library,
            int *exit_code)
{
  const LimnModelInfo *info = limn_model_entry_get_info (entry);

  if (info == NULL)
    {
      limn_cli_complain ("%s", limn_model_entry_get_error (entry));
      *exit_code = LIMN_CLI_FAILURE;
      return NULL;
    }
  if ((info->capabilities & capability) == 0)
    {
      g_autofree char *names = list_models (library, capability);

      limn_cli_complain (_("The model “%s” cannot do this. These can: %s."), info->id, names);
      *exit_code = LIMN_CLI_USAGE;
      return NULL;
    }
  return limn_model_ref (limn_model_entry_get_model (entry));
}

LimnModel *
limn_cli_open_model (LimnLibrary *library,
                     const char *name,
                     LimnCapabilities capability,
                     int *exit_code)
{
  LimnModelEntry *entry
      = name != NULL ? limn_library_lookup (library, name) : find_any (library, capability);
  g_autoptr (GError) error = NULL;
  LimnModel *model;

  if (entry != NULL)
    return take_model (entry, capability, library, exit_code);
  if (name != NULL && g_file_test (name, G_FILE_TEST_EXISTS))
    {
      model = limn_model_open (name, NULL, &error);
      if (model == NULL)
        *exit_code = limn_cli_failure (error);
      return model;
    }
  *exit_code = LIMN_CLI_FAILURE;
  if (name == NULL)
    limn_cli_complain (
        _("There is no model installed that can do this. “limn models” lists what is there."));
  else
    {
      g_autofree char *names = list_models (library, capability);
      g_autofree char *shown = g_filename_display_name (name);

      limn_cli_complain (_("There is no model “%s”. These can do it: %s."), shown, names);
      *exit_code = LIMN_CLI_USAGE;
    }
  return NULL;
}

GFile *
limn_cli_output (const char *input, const char *named, GError **error)
{
  g_autofree char *folder = NULL, *base = NULL;
  char *dot;

  if (named != NULL)
    return g_file_new_for_commandline_arg (named);
  folder = g_path_get_dirname (input);
  base = g_path_get_basename (input);
  dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  for (int i = 1; i <= MAX_NUMBERED; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%d", i) : g_strdup ("");
      g_autofree char *name = g_strdup_printf ("%s-limn%s.png", base, number);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        return g_file_new_for_path (path);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _("There are too many results beside “%s”; name one with -o"), input);
  return NULL;
}

/* The row and its files. */
static void
store (LimnGeneration *generation,
       const LimnImage *input,
       const LimnImage *mask,
       const LimnImage *stored)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnHistory) history = limn_history_open (NULL, &error);
  g_autofree char *reason = NULL;

  if (history != NULL && limn_history_add (history, generation, input, mask, stored, &error))
    {
      g_object_get (history, "error", &reason, NULL);
      if (reason != NULL)
        limn_cli_complain ("%s", reason);
      return;
    }
  limn_cli_complain (_("The result was written, but could not be added to the history: %s"),
                     error != NULL ? error->message : _("unknown reason"));
}

int
limn_cli_finish (const LimnImage *result,
                 GFile *output,
                 LimnGeneration *generation,
                 const LimnImage *input,
                 const LimnImage *mask,
                 const LimnImage *stored)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) text = limn_generation_to_text (generation);
  g_autofree char *path = g_file_get_path (output);

  if (!limn_image_file_write (result, output, JPEG_QUALITY, text, NULL, NULL, &error))
    return limn_cli_failure (error);
  store (generation, input, mask, stored);
  if (path == NULL)
    path = g_file_get_uri (output);
  g_print ("%s\n", path);
  return LIMN_CLI_OK;
}
