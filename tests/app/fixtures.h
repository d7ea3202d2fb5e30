/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/* Sides that do and do not meet tile and block boundaries. */
extern const int fixture_sides[];
extern const guint n_fixture_sides;

/* Noise that is the same for the same @seed. */
LimnImage *fixture_noise (int width, int height, int channels, guint32 seed);
/* Smooth colours, as photos have. */
LimnImage *fixture_gradient (int width, int height, int channels);
gboolean fixture_images_equal (const LimnImage *a, const LimnImage *b);
/* Largest difference of two bytes; G_MAXINT when sizes differ. */
int fixture_image_distance (const LimnImage *a, const LimnImage *b);

/* A new empty folder under the test's temporary folder (transfer full). */
char *fixture_folder (void);
/* Iterates the default main context until *@done; gives up after some minutes. */
void fixture_wait (const gboolean *done);

/* Puts a file system of its own, @size ("64k") large, on @folder, seen by this process only. FALSE where that is not allowed.
 * For child processes: it cannot be undone. */
gboolean fixture_mount_small (const char *folder, const char *size);
/* Whether fixture_mount_small() can work here; tries it in a child. */
gboolean fixture_can_mount (void);

/* The command of this program itself (/proc/self/exe), for tests that need a child process (transfer full). */
char *fixture_program (void);

G_END_DECLS
