/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "app/limn-mask-shape.h"

G_BEGIN_DECLS

/*
 * What hangs together. Both make a new mask (owned by the caller) that shares what has not changed
 * with the old one; NULL when @cancellable (nullable) was cancelled. They take a quarter of a byte
 * of memory for each pixel of the picture; for a thread of their own.
 */

/* Masks what is enclosed by the mask: places below 128 from which the picture's edge cannot be
 * reached; and areas that the mask encloses together with that edge, as when somebody draws around
 * what the picture cuts off: those that touch one side only, or two that meet, and are not the largest
 * that touches any. */
LimnTiles *limn_mask_fill_holes (LimnTiles *mask, GCancellable *cancellable);

/**
 * limn_mask_wand:
 * @image: 3 or 4 channels, the mask's size
 * @tolerance: 0 .. 1: how far the colour channel that differs most may be from that of the pixel at
 * (@x, @y)
 * @contiguous: only what hangs together with that pixel, not everything of that colour
 *
 * Where (@x, @y) is outside of the picture nothing is found.
 */
LimnTiles *limn_mask_wand (LimnTiles *mask,
                           LimnTiles *image,
                           int x,
                           int y,
                           double tolerance,
                           gboolean contiguous,
                           LimnMaskMode mode,
                           GCancellable *cancellable);

G_END_DECLS
