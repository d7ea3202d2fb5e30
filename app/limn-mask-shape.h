/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* A place in the picture: (0, 0) is the corner of its first pixel, (0.5, 0.5) its middle. */
typedef struct
{
  double x, y;
} LimnPoint;

/* What a new area does to a mask. */
typedef enum
{
  LIMN_MASK_ADD,      /* the larger of both */
  LIMN_MASK_SUBTRACT, /* the smaller of the mask and what the area leaves */
  LIMN_MASK_REPLACE,  /* the area alone */
} LimnMaskMode;

/**
 * limn_mask_fill_polygon:
 *
 * Fills a closed polygon, wherever it lies; edges are covered by their share of each pixel. Lines
 * may cross: what is surrounded once or more in the same direction is inside. Fewer than three
 * points are nothing.
 *
 * Tiles within the polygon become one shared tile, so that the cost is that of its outline.
 *
 * Source: signed area coverage, accumulated in cells; J. Levien, "font-rs", 2016, and before it the
 * FreeType rasteriser.
 */
void limn_mask_fill_polygon (LimnTiles *mask,
                             const LimnPoint *points,
                             guint n_points,
                             LimnMaskMode mode);

/* The outline of a rectangle, or of the ellipse within it, as LimnPoints; (x0, y0) and (x1, y1) are
 * opposite corners. */
GArray *limn_shape_rectangle (double x0, double y0, double x1, double y1);
GArray *limn_shape_ellipse (double x0, double y0, double x1, double y1);

G_END_DECLS
