/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Paint on a picture: pixels of four bytes, colours multiplied by alpha (T. Porter, T. Duff,
 * "Compositing digital images", SIGGRAPH 1984). All values are rounded to the nearest, no paint
 * leaves a picture's bytes alone, and paint that covers is seen as it is.
 */

/* @n pixels of paint @before a stroke, and what they are with it: @colour covers @coverage of each.
 * @paint may be @before. */
void limn_paint_cover (const guint8 *before,
                       const guint8 *coverage,
                       const guint8 colour[3],
                       guint8 *paint,
                       int n);
/* The same, where the stroke takes @coverage of the paint away. */
void limn_paint_uncover (const guint8 *before, const guint8 *coverage, guint8 *paint, int n);
/* @paint over @n pixels of @photo of 3 channels, or 4 with straight alpha. @image may be @photo. */
void
limn_paint_compose (const guint8 *paint, const guint8 *photo, guint8 *image, int channels, int n);

G_END_DECLS
