/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/info.h"

G_BEGIN_DECLS

/* Times as people say them: "about 20 s", "about 3 min"; NULL when @seconds is negative (unknown).
 */
char *limn_words_about (double seconds);
/* "6 s left", "2 min left"; NULL when unknown. */
char *limn_words_left (double seconds);
/* With its thousands apart, as the language has it, from five digits on. */
char *limn_words_number (gint64 number);
/* A width and a height in pixels: "12 000 × 8000". */
char *limn_words_size (int width, int height);
/* What a model is for, is told, and makes: "Fills · from a prompt · 512 × 512". */
char *limn_words_model (const LimnModelInfo *info);
/* Whether it can work on what is marked in a picture. */
gboolean limn_words_can_fill (const LimnModelInfo *info);
/* A date in few words: the time today, else day and month, with the year when it is another one.
 * @microseconds: Unix, UTC. */
char *limn_words_date (gint64 microseconds, GDateTime *now);

G_END_DECLS
