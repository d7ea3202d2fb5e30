/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gdk/gdk.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* The colour that label @category has on the picture and in lists: the same everywhere and always,
 * and well apart from its neighbours'. */
GdkRGBA limn_label_colour (int category);
/* The colour of a box with this label: that of @category, or, where it is -1, one of its text's. */
GdkRGBA limn_box_colour (int category, const char *label);
/* Dark or light, whichever is read on @colour. */
GdkRGBA limn_label_text_colour (const GdkRGBA *colour);

/* Tile (@tx, @ty) of a map of labels as it is laid over the picture: the labels' colours, as opaque
 * as @opacity says, and their borders in full, so that they are seen on any picture. NULL when
 * nothing is drawn there. */
GdkTexture *limn_labels_to_texture (LimnTiles *labels, int tx, int ty, double opacity);

/* Where a label's name can stand. */
typedef struct
{
  int category;
  double x, y;  /* the middle of the place, map pixels */
  double width; /* and its side: it is a square */
} LimnLabelSpot;

/* For each label that is drawn the largest square in it (transfer full) (element-type
 * LimnLabelSpot). */
GArray *limn_labels_find_spots (LimnTiles *labels);

G_END_DECLS
