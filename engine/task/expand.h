/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/* Pixels that a picture grows by on each side, 0 and more. */
typedef struct
{
  int left, top, right, bottom;
} LimnMargins;

static inline gboolean
limn_margins_are_empty (const LimnMargins *m)
{
  return m->left <= 0 && m->top <= 0 && m->right <= 0 && m->bottom <= 0;
}

/* FALSE and LIMN_ENGINE_ERROR_ARGUMENT when a margin is negative, none is positive, or the larger
 * picture would be larger than what Limn handles. */
gboolean limn_margins_check (const LimnMargins *margins, int width, int height, GError **error);

/* The least margins that give @width x @height pixels the proportions @across : @down, the same on
 * both sides. */
void
limn_margins_to_proportions (LimnMargins *margins, int width, int height, int across, int down);

/**
 * limn_expand_image:
 *
 * @image with @margins around it, where its edges go on: every new pixel is the mean of the edge
 * pixels opposite to it, over a stretch of the edge as long as it is far away, so that the
 * continuation gets softer outwards. First to the sides, then up and down, corners included. What
 * was there keeps its bytes. Some 10 ms per million new pixels; any thread. New image; NULL and
 * @error when the margins are wrong or there is no memory.
 */
LimnImage *limn_expand_image (const LimnImage *image, const LimnMargins *margins, GError **error);

/* A mask (nullable: none is painted) of @width x @height pixels moved along, with everything new
 * masked. NULL and @error as above. */
LimnImage *limn_expand_mask (const LimnImage *mask,
                             int width,
                             int height,
                             const LimnMargins *margins,
                             GError **error);

G_END_DECLS
