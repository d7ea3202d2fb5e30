/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-cli"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/cli-private.h"

typedef struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} Command;

static const Command commands[] = {
  { "inpaint", limn_cli_inpaint, N_("repaint the masked part of a photo") },
  { "generate", limn_cli_generate,
    N_ ("make a picture from words, or from what else a model takes") },
  { "upscale", limn_cli_upscale, N_("enlarge a photo two or four times") },
  { "models", limn_cli_models, N_("list the models, or describe one") },
  { "history", limn_cli_history, N_("find earlier results, and how they were made") },
};

static const Command *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static gboolean
is_help (const char *word)
{
  return strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "-?") == 0
         || strcmp (word, "help") == 0;
}

static void
print_help (void)
{
  g_print ("%s\n\n", _("Limn paints parts of your photos anew: mask what should change, say what "
                        "should be there."));
  g_print ("%s\n  limn [PHOTO]\n  limn COMMAND …\n\n", _("Usage:"));
  g_print ("%s\n", _("Without a command, the window opens. The commands need no display:"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-9s %s\n", commands[i].name, _(commands[i].summary));
  g_print ("\n%s\n", _("Options:"));
  g_print ("  --help     %s\n", _("this text; “limn COMMAND --help” explains a command"));
  g_print ("  --version  %s\n", _("the version of Limn"));
  g_print ("\n%s\n", _("Examples:"));
  g_print ("  limn inpaint beach.jpg --mask mask.png --prompt \"a calm sea\"\n");
  g_print ("      %s\n", _("writes beach-limn.png; white in the mask is what is repainted"));
  g_print ("  limn generate --prompt \"a lighthouse at dusk\" --size 768x512\n");
  g_print ("      %s\n", _("needs a model that can make pictures from nothing; none comes with Limn"));
  g_print ("  limn upscale small.jpg --factor 4 -o large.png\n");
  g_print ("  limn history --search sea\n");
  g_print ("\n%s\n",
           _("Exit codes: 0 done, 1 failed, 2 not understood, 130 cancelled with Ctrl+C."));
}

/* Whose options these are, for people who forget the command. */
static const struct
{
  const char *option, *command;
} meanings[] = {
  { "--mask", "inpaint" },   { "-m", "inpaint" },        { "--strength", "inpaint" },
  { "--prompt", "inpaint" }, { "-p", "inpaint" },        { "--negative", "inpaint" },
  { "--factor", "upscale" }, { "-f", "upscale" },        { "--class", "generate" },
  { "--boxes", "generate" }, { "--labels", "generate" }, { "--embedding", "generate" },
  { "--count", "generate" }, { "--size", "generate" },   { "--search", "history" },
  { "--limit", "history" },
};

const char *
limn_cli_meant (int argc, char **argv, const char **option)
{
  for (gsize k = 0; k < G_N_ELEMENTS (meanings); k++)
    for (int i = 1; i < argc; i++)
      {
        gsize n = strlen (meanings[k].option);

        if (strncmp (argv[i], meanings[k].option, n) == 0
            && (argv[i][n] == '\0' || argv[i][n] == '='))
          {
            *option = meanings[k].option;
            return meanings[k].command;
          }
      }
  return NULL;
}

int
limn_cli_forgotten (const char *command, const char *option)
{
  limn_cli_complain (_("“%s” belongs to a command, which comes first: “limn %s …”."), option,
                     command);
  g_printerr (_("“limn %s --help” explains how it is used.\n"), command);
  return LIMN_CLI_USAGE;
}

gboolean
limn_cli_is_command (const char *word)
{
  return find_command (word) != NULL || is_help (word) || strcmp (word, "--version") == 0;
}

int
limn_cli_main (int argc, char **argv)
{
  const Command *command;

  g_return_val_if_fail (argc >= 2, LIMN_CLI_USAGE);
  command = find_command (argv[1]);
  if (command != NULL)
    return command->run (argc - 1, argv + 1);
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("Limn %s\n", LIMN_VERSION);
      return LIMN_CLI_OK;
    }
  /* "limn help inpaint" is what some people try first. */
  if (argc >= 3 && strcmp (argv[1], "help") == 0 && find_command (argv[2]) != NULL)
    {
      char *help[] = { argv[2], (char *)"--help", NULL };

      return find_command (argv[2])->run (2, help);
    }
  print_help ();
  return LIMN_CLI_OK;
}

int
limn_cli_unknown (const char *word)
{
  g_autofree char *name = g_filename_display_name (word);

  limn_cli_complain (_("There is no command and no file “%s”."), name);
  g_printerr ("%s\n", _("“limn --help” lists the commands."));
  return LIMN_CLI_USAGE;
}

void
limn_cli_complain (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("limn: %s\n", message);
}

int
limn_cli_failure (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      limn_cli_complain ("%s", _("cancelled; nothing was written."));
      return LIMN_CLI_CANCELLED;
    }
  limn_cli_complain ("%s%s", error->message, g_str_has_suffix (error->message, ".") ? "" : ".");
  return LIMN_CLI_FAILURE;
}

int
limn_cli_failure_of (const char *path, const char *message)
{
  gsize n = strlen (path);
  const char *colon = g_str_has_prefix (message, path) ? strstr (message + n, ": ") : NULL;
  const char *stop = g_str_has_suffix (message, ".") ? "" : ".";

  /* It may be a file in that folder. */
  if (colon != NULL && (message[n] == ':' || message[n] == G_DIR_SEPARATOR || path[n - 1] == G_DIR_SEPARATOR))
    limn_cli_complain ("“%.*s”%s%s", (int)(colon - message), message, colon, stop);
  else
    limn_cli_complain ("%s%s", message, stop);
  return LIMN_CLI_FAILURE;
}

int
limn_cli_usage (const char *command, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  limn_cli_complain ("%s%s", message, g_str_has_suffix (message, ".") ? "" : ".");
  g_printerr (_("“limn %s --help” explains how it is used.\n"), command);
  return LIMN_CLI_USAGE;
}

gboolean
limn_cli_parse (const char *command,
                const char *parameters,
                const char *summary,
                const char *description,
                const GOptionEntry *entries,
                int *argc,
                char ***argv,
                int *exit_code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autofree char *program = g_strdup_printf ("limn %s", command);

  /* GOption's help begins with the program's name. */
  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  *exit_code = limn_cli_usage (command, "%s", error->message);
  return FALSE;
}
