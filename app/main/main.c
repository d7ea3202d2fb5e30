/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "app/cli.h"
#include "ui/limn-application.h"

/* A mistyped command would otherwise open a window that cannot find the photo "inpant". */
static gboolean
is_photo_or_option (const char *word)
{
  return word[0] == '-' || strchr (word, '/') != NULL || strchr (word, '.') != NULL
         || g_file_test (word, G_FILE_TEST_EXISTS);
}

/* In the C locale GLib prints question marks for everything beyond ASCII, file names included;
 * terminals have understood UTF-8 for long, whatever the locale of a script says. */
static void
set_locale (void)
{
  if (setlocale (LC_ALL, "") == NULL || strcmp (nl_langinfo (CODESET), "ANSI_X3.4-1968") == 0)
    setlocale (LC_CTYPE, "C.UTF-8");
}

/* An option that the window does not know, nor GApplication; NULL: there is none. With a display GApplication says so. */
static const char *
find_unknown (int argc, char **argv)
{
  static const char *const known[] = { "--sample", "--exit-after-startup", "--gapplication-", "--help" };

  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      gboolean is_known = argv[i][0] != '-' || argv[i][1] == '\0' || strcmp (argv[i], "-h") == 0 || strcmp (argv[i], "-?") == 0;

      for (gsize k = 0; k < G_N_ELEMENTS (known) && !is_known; k++)
        is_known = g_str_has_prefix (argv[i], known[k]);
      if (!is_known)
        return argv[i];
    }
  return NULL;
}

static int
open_window (int argc, char **argv)
{
  const char *unknown;

  if (gtk_init_check ())
    return limn_ui_run (argc, argv);
  unknown = find_unknown (argc, argv);
  if (unknown != NULL)
    {
      limn_cli_complain (_("There is no option “%s”."), unknown);
      g_printerr ("%s\n", _("“limn --help” lists the commands."));
      return LIMN_CLI_USAGE;
    }
  limn_cli_complain ("%s",
                     _("there is no display to open a window on. The commands work without one:"));
  g_printerr ("  limn inpaint PHOTO --mask MASK --prompt TEXT\n  limn generate --prompt TEXT\n  "
              "limn upscale PHOTO\n  limn --help\n");
  return LIMN_CLI_FAILURE;
}

int
main (int argc, char **argv)
{
  const char *command, *option;

  set_locale ();
  bindtextdomain (GETTEXT_PACKAGE, LIMN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc >= 2 && limn_cli_is_command (argv[1]))
    return limn_cli_main (argc, argv);
  if (argc >= 2 && !is_photo_or_option (argv[1]))
    return limn_cli_unknown (argv[1]);
  command = limn_cli_meant (argc, argv, &option);
  if (command != NULL)
    return limn_cli_forgotten (command, option);
  return open_window (argc, argv);
}
