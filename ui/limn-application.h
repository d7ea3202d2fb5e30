/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <adwaita.h>

#include "app/limn-job.h"

G_BEGIN_DECLS

#define LIMN_TYPE_APPLICATION (limn_application_get_type ())
/* LimnApplication: one process, any number of windows, which share history, models, settings and
 * the one engine thread. */
G_DECLARE_FINAL_TYPE (LimnApplication, limn_application, LIMN, APPLICATION, AdwApplication)

/* @history_folder: NULL for the person's own; @flags as GApplication's. NULL and an error when the
 * settings schema is missing. */
LimnApplication *
limn_application_new (const char *history_folder, GApplicationFlags flags, GError **error);
GSettings *limn_application_get_settings (LimnApplication *self);
LimnLibrary *limn_application_get_library (LimnApplication *self);
LimnJobQueue *limn_application_get_queue (LimnApplication *self);
/* NULL when the history could not be opened; then @error_message, which stays the application's,
 * says why. */
LimnHistory *limn_application_get_history (LimnApplication *self, const char **error_message);

/* Runs the window program; returns its exit status. Files among the arguments are opened. */
int limn_ui_run (int argc, char **argv);

G_END_DECLS
