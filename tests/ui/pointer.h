/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * A real pointer and keyboard (xdotool) for tests that look into the window meanwhile.
 */
#pragma once

#include "ui/limn-window.h"

G_BEGIN_DECLS

/* Whether there is one; skips the test otherwise. */
gboolean pointer_available (void);
/* Runs "xdotool WORDS" and iterates until it is done and seen. "@X,Y" among the words becomes a
 * movement to that place of the window's picture. */
void pointer (LimnWindow *window, const char *words);

G_END_DECLS
