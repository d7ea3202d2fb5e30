/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-history-private.h"

G_BEGIN_DECLS

LimnHistory *fixture_open_history (const char *folder);
/* The property "error" (transfer full). */
char *fixture_history_error (LimnHistory *history);
/* A row with something in every field. */
LimnGeneration *fixture_generation (const char *prompt);
/* Adds such a row: input and mask are always the same, the output is noise of @seed. */
LimnGeneration *fixture_add (LimnHistory *history, const char *prompt, guint32 seed);
guint fixture_n_rows (LimnHistory *history);
/* As if so many microseconds more had gone by since rows were removed; the history of @folder is closed. */
void fixture_age_removed (const char *folder, gint64 microseconds);
/* How many files lie under FOLDER/files. */
guint fixture_count_pictures (const char *folder);

G_END_DECLS
