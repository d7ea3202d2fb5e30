/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

/* Side of a document tile in pixels. */
#define LIMN_TILE_SIZE 256

/**
 * LimnTiles:
 *
 * A picture cut into reference-counted tiles, copied on write: limn_tiles_copy() costs one reference per tile,
 * whatever the picture's size, and two copies share every tile that neither has changed since. Undo keeps old copies; a job
 * is given one; painting goes on. A copy may be read in any thread while other copies are written.
 */
typedef struct _LimnTiles LimnTiles;

/* @channels: 1 (mask), 3 or 4. All pixels 0; tiles that were never written share one zero tile. */
LimnTiles *limn_tiles_new (int width, int height, int channels);
/* Cuts @image up: run it off the main thread for large pictures. NULL when there is no memory. */
LimnTiles *limn_tiles_new_from_image (const LimnImage *image);
LimnTiles *limn_tiles_copy (LimnTiles *tiles);
void limn_tiles_free (LimnTiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnTiles, limn_tiles_free)

int limn_tiles_get_width (LimnTiles *tiles);
int limn_tiles_get_height (LimnTiles *tiles);
int limn_tiles_get_channels (LimnTiles *tiles);
/* The tile at column @tx, row @ty: LIMN_TILE_SIZE rows of LIMN_TILE_SIZE * channels bytes, the part beyond the
 * picture's edge is 0. Valid until the tile is written or @tiles freed. */
const guint8 *limn_tiles_read (LimnTiles *tiles, int tx, int ty);
/* The same for writing; makes the tile this picture's own first. */
guint8 *limn_tiles_write (LimnTiles *tiles, int tx, int ty);
/* Makes @tiles' tile the same object as that of @from (same size and channels): costs a reference. */
void limn_tiles_share (LimnTiles *tiles, LimnTiles *from, int tx, int ty);
/* Whether both (same size and channels) have the same object there; what does not share may be equal all the same. */
gboolean limn_tiles_is_shared (LimnTiles *a, LimnTiles *b, int tx, int ty);
/* Copies @rect (within the picture) to or from a dense buffer. */
void limn_tiles_read_rect (LimnTiles *tiles, const LimnRect *rect, guint8 *dst, gsize stride);
void limn_tiles_write_rect (LimnTiles *tiles, const LimnRect *rect, const guint8 *src, gsize stride);
/* The whole picture as one image; NULL when there is no memory. */
LimnImage *limn_tiles_to_image (LimnTiles *tiles, GError **error);
/* The one value that all bytes of a tile have; -1 when there are several, or when that was never found out: tiles that were filled
 * know, tiles that were written do not. */
int limn_tiles_get_constant (LimnTiles *tiles, int tx, int ty);
/* Sets all bytes of a tile; those of 0, and those of 255, are shared. */
void limn_tiles_fill_tile (LimnTiles *tiles, int tx, int ty, guint8 value);
/* How many tiles are not known to be of one value: what working on @tiles takes. */
gsize limn_tiles_count_drawn (LimnTiles *tiles);
/* All pixels, or all bytes, in a time that does not depend on the picture's size where tiles are shared: equal tiles stay one. */
void limn_tiles_fill (LimnTiles *tiles, guint8 value);
void limn_tiles_invert (LimnTiles *tiles);
/* Masks of one size: 0 where @other is above 0; FALSE when that changes nothing. Costs what both have, not the size. */
gboolean limn_tiles_subtract (LimnTiles *tiles, LimnTiles *other);
/* Nearest neighbour at pixel centres, 1 channel (masks). Costs what is not empty, not the size. */
LimnTiles *limn_tiles_scale_mask (LimnTiles *tiles, int width, int height);
/* Bounding box, in pixels, of the bytes above 0 of 1-channel tiles; FALSE when there are none. */
gboolean limn_tiles_bounds (LimnTiles *tiles, LimnRect *bounds);
gboolean limn_tiles_is_empty (LimnTiles *tiles);
/* Bytes of the tiles that @tiles has and @other (nullable) does not share: what keeping @tiles beside it costs. */
gsize limn_tiles_get_unique_bytes (LimnTiles *tiles, LimnTiles *other);
/* Bounding box, in whole tiles clipped to the picture, of the tiles that are neither shared by @a and @b (same size) nor known to be of
 * the same value; FALSE when there are none. */
gboolean limn_tiles_diff (LimnTiles *a, LimnTiles *b, LimnRect *out);

/* The same of one tile, and closer: around the pixels that differ. FALSE when none does. */
gboolean limn_tiles_diff_tile (LimnTiles *a, LimnTiles *b, int tx, int ty, LimnRect *out);

/* Pastes @patch, which lies within the picture (3 or 4 channels), by the engine's own rule. Tiles where its alpha is 0 everywhere stay
 * shared. (limn-tiles-paste.c) */
void limn_tiles_paste (LimnTiles *tiles, const LimnPatch *patch);
/* Pastes into one tile only. */
void limn_tiles_paste_tile (LimnTiles *tiles, const LimnPatch *patch, int tx, int ty);

G_END_DECLS
