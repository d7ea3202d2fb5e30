/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "ui/limn-canvas-tile.h"
#include "ui/limn-mips.h"

G_BEGIN_DECLS

/**
 * LimnCanvasCache:
 *
 * What the canvas shows, in device pixels: opaque tiles of 256 x 256, made on the CPU from the
 * picture's pyramid, with the checkerboard under transparency and the mask's tint and outline on
 * top. The grid is anchored at the picture's top left corner, so panning keeps every tile. Only
 * tiles under a change are made again, and of those only the changed part. While the scale changes,
 * tiles are sketched (see limn_scaler_sketch()), and made as they should be once it rests; where
 * there is no time even for a sketch, tiles of the last scale are drawn stretched.
 */
typedef struct _LimnCanvasCache LimnCanvasCache;

LimnCanvasCache *limn_canvas_cache_new (void);
void limn_canvas_cache_free (LimnCanvasCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnCanvasCache, limn_canvas_cache_free)

/* Borrowed until the next call; forgets every tile. NULL for none. */
void limn_canvas_cache_set_image (LimnCanvasCache *cache, LimnMips *image);
/* Borrowed, same size as the image; NULL hides the mask. Existing tiles are made again, and shown
 * until then. */
void limn_canvas_cache_set_mask (LimnCanvasCache *cache, LimnMips *mask);
void limn_canvas_cache_set_mask_colour (LimnCanvasCache *cache, const GdkRGBA *colour);
void limn_canvas_cache_set_scale (LimnCanvasCache *cache, double scale);
/* Whether what is drawn is drawn by GTK's cairo renderer; FALSE at first. Forgets every tile. */
void limn_canvas_cache_set_software (LimnCanvasCache *cache, gboolean software);
/* @rect in picture pixels; NULL for everything. */
void limn_canvas_cache_invalidate (LimnCanvasCache *cache, const LimnRect *rect);
/* Makes what @visible (device pixels of the scaled picture) lacks until g_get_monotonic_time()
 * passes @deadline; at least one tile when its part of the pyramid is there. TRUE when all is made.
 */
gboolean
limn_canvas_cache_prepare (LimnCanvasCache *cache, const LimnRect *visible, gint64 deadline);
/* Draws with the picture's corner at device pixel (@x, @y); @factor: device pixels per logical
 * pixel. */
void limn_canvas_cache_draw (LimnCanvasCache *cache,
                             GtkSnapshot *snapshot,
                             const LimnRect *visible,
                             int x,
                             int y,
                             int factor);
/* For tests: the tile's pixels (see LimnCanvasTile), or NULL; how many tiles were rendered so far,
 * whole or in part. */
const guint8 *limn_canvas_cache_peek (LimnCanvasCache *cache, int column, int row);
guint limn_canvas_cache_get_n_rendered (LimnCanvasCache *cache);

G_END_DECLS
