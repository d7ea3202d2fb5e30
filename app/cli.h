/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the program ends with. */
enum
{
  LIMN_CLI_OK = 0,
  LIMN_CLI_FAILURE = 1,     /* what was asked could not be done */
  LIMN_CLI_USAGE = 2,       /* it was not understood */
  LIMN_CLI_CANCELLED = 130, /* by SIGINT, as shells expect it */
};

/* TRUE when @word, the first argument, is for the command line and not a photo or an option of the
 * window. */
gboolean limn_cli_is_command (const char *word);

/* Runs the command in @argv[1] and returns the exit code. Needs no display. */
int limn_cli_main (int argc, char **argv);

/* Tells on the standard error what @word, neither a command nor a file, could have meant. */
int limn_cli_unknown (const char *word);

/* The command that has an option of @argv, a command line without a command, and which @option that
 * is; NULL when none has. */
const char *limn_cli_meant (int argc, char **argv, const char **option);
/* Tells that @command is missing before its @option. */
int limn_cli_forgotten (const char *command, const char *option);

/* Prints "limn: message" on the standard error. */
void limn_cli_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
