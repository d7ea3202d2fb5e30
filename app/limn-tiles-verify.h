/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* What a patch left alone: the pixels where it is clear, and all around it. */
typedef struct
{
  gint64 n_pixels;
  gint64 n_changed;      /* of them */
  char *before, *after;  /* hex SHA-256 of them, in both pictures */
} LimnOutside;

void limn_outside_clear (LimnOutside *outside);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnOutside, limn_outside_clear)

/* Looks at every one of them in @before and @after (same size and channels, nothing is taken from their being shared): takes seconds
 * for a very large picture, in any thread. FALSE when it was cancelled. */
gboolean limn_tiles_verify_outside (LimnTiles *before, LimnTiles *after, const LimnPatch *patch, GCancellable *cancellable,
                                    LimnOutside *outside);

G_END_DECLS
