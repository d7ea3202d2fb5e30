/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/*
 * A map of labels that is being drawn: tiles of 1 channel in which 0 is "not drawn yet" and v the
 * label v - 1. A map has a size of its own, LIMN_LABELS_SIDE pixels on its longer side, and is
 * stretched over the picture: models make pictures of some hundred pixels, a larger map would only
 * take longer than a frame to fill, and what is drawn stays as sharp as it is when the picture
 * below becomes one of another size.
 */
#define LIMN_LABELS_SIDE 1024
/* Labels that can be drawn: 0 to this. */
#define LIMN_LABELS_MAX 254

/* Sides of a new map over a picture of @width x @height pixels. */
void limn_labels_get_size (int width, int height, int *map_width, int *map_height);
/* An empty map for a picture of this size. */
LimnTiles *limn_labels_new (int width, int height);
/* The map over a picture of @width x @height pixels in which the old one, of @inner's size, lies at
 * @inner: what was added around it is not drawn (transfer full). */
LimnTiles *limn_labels_expand (LimnTiles *labels, const LimnRect *inner, int width, int height);

/* The value at (@x, @y) of the map; 0 outside. */
guint8 limn_labels_get (LimnTiles *labels, int x, int y);
/* Sets all pixels whose centres are within @radius of the line from (@x0, @y0) to (@x1, @y1), at
 * least the one that it ends in, in map pixels. FALSE when nothing changed; @changed: (out): where
 * something may have. */
gboolean limn_labels_sweep (LimnTiles *labels,
                            double x0,
                            double y0,
                            double x1,
                            double y1,
                            double radius,
                            guint8 value,
                            LimnRect *changed);
/* Sets what hangs together, by edges, with (@x, @y) and has its value. FALSE when nothing changed.
 */
gboolean limn_labels_flood (LimnTiles *labels, int x, int y, guint8 value);

/* What is drawn, how many pixels of how many: for telling what is left. */
void limn_labels_count (LimnTiles *labels, guint64 *drawn, guint64 *all);
/**
 * limn_labels_complete:
 *
 * What a model is told: 1 channel of @width x @height, labels' numbers. What is not drawn has the
 * label of the nearest pixel that is (Euclidean distance, of equals the upper left one). NULL and
 * %G_IO_ERROR_INVALID_DATA when nothing is drawn; or no memory.
 */
LimnImage *limn_labels_complete (LimnTiles *labels, int width, int height, GError **error);
/* The map of a picture of @width x @height pixels, drawn as @image says, of 1 channel with labels'
 * numbers. NULL when there is no memory. */
LimnTiles *limn_labels_from_image (const LimnImage *image, int width, int height);

G_END_DECLS
