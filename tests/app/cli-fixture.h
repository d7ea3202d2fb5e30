/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/task/image.h"

G_BEGIN_DECLS

/* A folder of its own for each test, with a photo and a mask, and the program's data in it. */
typedef struct
{
  char *folder;
  char *photo;  /* photo.png, 200 x 150, RGB */
  char *mask;   /* mask.png, of its size: a white square */
  char *models; /* LIMN_MODELS_DIR of the program; NULL for the built-in ones */

  /* What the last run of the program said. */
  char *out, *err;
  int code; /* exit code; 128 + the signal's number when it was killed */
} CliFixture;

void cli_set_up (CliFixture *f, gconstpointer data);
void cli_tear_down (CliFixture *f, gconstpointer data);

/* Path of @name in the fixture's folder (transfer full). */
char *cli_path (CliFixture *f, const char *name);
void cli_write (CliFixture *f, const char *name, const LimnImage *image);
LimnImage *cli_read (const char *path);
/* Runs "limn" with the arguments up to NULL and waits. */
void cli_run (CliFixture *f, ...) G_GNUC_NULL_TERMINATED;
/* As cli_run(); calls @child_setup in the child. */
void cli_run_with (CliFixture *f, GSpawnChildSetupFunc child_setup, const char *const *arguments);
/* The last run failed with @code, and told each of the words up to NULL on its standard error. */
void cli_assert_fails (CliFixture *f, int code, ...) G_GNUC_NULL_TERMINATED;
/* The last run went well. */
void cli_assert_ok (CliFixture *f);

G_END_DECLS
