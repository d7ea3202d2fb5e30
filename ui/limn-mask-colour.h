/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gdk/gdk.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* The colours that a mask may have, as the settings name them: from GNOME's palette, shades that are
 * rare in photos. */
#define LIMN_N_MASK_COLOURS 5
void limn_mask_colour_get (int i, GdkRGBA *colour);

/* How well colour @i is seen over @pixel (red, green, blue): their distance, 0 .. about 765. */
double limn_mask_colour_contrast (int i, const guint8 *pixel);

/* The colour that is seen best over the part @visible of @image (1, 3 or 4 channels), also where it is
 * seen worst: by the tenth part of some thousand of its pixels that is nearest to it. @shown: the one
 * that it has now, which it keeps unless another one is much better; -1: none. Takes about a
 * millisecond, for a picture of any size. */
int limn_mask_colour_choose (LimnTiles *image, const LimnRect *visible, int shown);

G_END_DECLS
