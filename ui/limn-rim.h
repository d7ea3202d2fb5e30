/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* Largest side of a rim's picture. */
#define LIMN_RIM_SIDE 320

/* What of a picture of this size to make a rim of, when the pixels that change are within @bounds:
 * with room for a border that is seen, however small its picture is. */
void limn_rim_get_rect (const LimnRect *bounds, int width, int height, LimnRect *rect);

/**
 * limn_rim_new:
 * @mask: 1 channel
 * @rect: within the mask
 * @inner, @outer: distances in pixels, 0 <= inner <= outer; @outer is taken as large as it has to be
 * to be seen
 *
 * How much of the picture changes around what is masked, for @rect, small: 255 up to @inner pixels
 * from the mask, falling to 0 at @outer, beside which it is below 128, and 0 where the mask itself is shown. 1 channel; NULL when
 * there is no memory. Any thread.
 */
LimnImage *limn_rim_new (const LimnImage *mask, const LimnRect *rect, float inner, float outer);

/* @rim in @colour, strongest at its outer border, as a texture to lie over the picture. */
GdkTexture *limn_rim_to_texture (const LimnImage *rim, const GdkRGBA *colour);

G_END_DECLS
