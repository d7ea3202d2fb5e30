/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* Side of a display tile in device pixels. */
#define LIMN_DISPLAY_TILE 256

/**
 * LimnCanvasTile:
 *
 * A square of what the canvas shows, and the render node that draws it: opaque pixels of four bytes
 * in cairo's order, which neither cairo nor OpenGL need to convert. Pixels that a node was made
 * of are never written again.
 */
typedef struct
{
  int column, row;
  GBytes *pixels;      /* LIMN_DISPLAY_TILE rows of as many guint32; NULL: nothing to be seen yet */
  GskRenderNode *node; /* of the pixels, from (0, 0), one unit a pixel; made when it is drawn */
  LimnRect stale;      /* within the tile; empty when up to date */
} LimnCanvasTile;

/**
 * LimnTilePool:
 *
 * Memory for tiles that is used again: the system clears what it gives, which takes longer than to
 * sketch a tile in it. Tiles may outlive it. Not thread-safe.
 */
typedef struct _LimnTilePool LimnTilePool;

LimnTilePool *limn_tile_pool_new (void);
void limn_tile_pool_unref (LimnTilePool *pool);

/* Of nothing but stale pixels. */
LimnCanvasTile *limn_canvas_tile_new (int column, int row);
void limn_canvas_tile_free (LimnCanvasTile *tile);
/* A table of tiles by where they are; it owns them. */
GHashTable *limn_canvas_tile_table_new (void);
/* Adds @rect, of which the part within the tile is meant. */
void limn_canvas_tile_add_stale (LimnCanvasTile *tile, const LimnRect *rect);
/* A copy of the pixels, to be changed and given to limn_canvas_tile_take_pixels(). All of @except
 * will be written: when that is the whole tile, nothing needs to be copied. */
guint32 *limn_canvas_tile_copy_pixels (const LimnCanvasTile *tile,
                                       LimnTilePool *pool,
                                       const LimnRect *except);
/* Takes over @pixels. */
void limn_canvas_tile_take_pixels (LimnCanvasTile *tile, LimnTilePool *pool, guint32 *pixels);
/* The square in pixels of the scaled picture. */
LimnRect limn_canvas_tile_get_rect (const LimnCanvasTile *tile);
/* Draws it to columns @x0 .. @x1 - 1 and rows @y0 .. @y1 - 1, device pixels of which @factor are a
 * logical one. @software: for GTK's cairo renderer, which would convert a texture in every frame
 * that shows it. */
void limn_canvas_tile_draw (LimnCanvasTile *tile,
                            GtkSnapshot *snapshot,
                            gboolean software,
                            double x0,
                            double y0,
                            double x1,
                            double y1,
                            int factor);

/* What a tile is made of; @out begins at the tile's pixel for @area's corner, @area is in pixels of
 * the scaled picture. */
/* The picture, @channels bytes a pixel, without gaps between rows, over the checkerboard. */
void limn_canvas_tile_put_picture (const guint8 *picture,
                                   int channels,
                                   const LimnRect *area,
                                   guint32 *out);
/* Tints what the mask covers and draws its outline in black and white dashes, which stand out on
 * any picture. @mask has a margin of one pixel around @area. */
void limn_canvas_tile_put_mask (const guint8 *mask,
                                const guint8 tint[3],
                                const LimnRect *area,
                                guint32 *out);

G_END_DECLS
