/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/*
 * Filters of masks that see a neighbourhood. Each makes a new mask (owned by the caller), of which
 * the tiles that come out as they were are shared with the old one; NULL when @cancellable
 * (nullable) was cancelled. Where mask or nothing is all there is for the radius around, nothing is
 * computed, so the cost is that of the mask's edges. For a thread of its own.
 */

/* Beyond this, picture pixels, a radius is taken for this. */
#define LIMN_MASK_MAX_RADIUS 200.0

/* The largest value within @radius (a disc, so corners become round). Grey stays grey. */
LimnTiles *limn_mask_grow (LimnTiles *mask, double radius, GCancellable *cancellable);
/* The smallest value within @radius; what lies outside of the picture counts as masked, so that a
 * mask of everything stays one. */
LimnTiles *limn_mask_shrink (LimnTiles *mask, double radius, GCancellable *cancellable);
/* A Gaussian of half of @radius, as three boxes; the picture's edge pixels go on beyond it. Source:
 * W. M. Wells, "Efficient synthesis of Gaussian filters by cascaded uniform filters", PAMI 8(2),
 * 1986. */
LimnTiles *limn_mask_feather (LimnTiles *mask, double radius, GCancellable *cancellable);

G_END_DECLS
