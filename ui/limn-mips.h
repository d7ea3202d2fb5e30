/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/**
 * LimnMips:
 *
 * A picture at 1, 1/2, 1/4, ... of its size, each level the 2x2 box average of the one before
 * (sides rounded up). What of a level has changed or was never made is made when it is needed, and
 * no more than that: a change costs nothing until it is looked at, and then only at the level that
 * is. Tiles that are known to be of one value cost nothing at any level. Level 0 is the picture
 * itself. Not thread-safe: one owner, the main thread.
 */
typedef struct _LimnMips LimnMips;

/* No deadline: see limn_mips_ensure(). */
#define LIMN_NO_DEADLINE G_MAXINT64

/* Keeps a copy-on-write copy of @tiles. */
LimnMips *limn_mips_new (LimnTiles *tiles);
/* The same picture changed here and there: the levels of @mips are shared, the difference is
 * re-made. Both of one size. */
LimnMips *limn_mips_new_changed (LimnMips *mips, LimnTiles *tiles);
LimnMips *limn_mips_copy (LimnMips *mips);
void limn_mips_free (LimnMips *mips);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnMips, limn_mips_free)

/* What @rect of the picture is has changed. */
void limn_mips_invalidate (LimnMips *mips, const LimnRect *rect);
/* Level 0 is @tiles itself from now on (same size and channels), not a copy: who paints in it need
 * not leave each tile as it was for the copy's sake. @tiles must live until the next call of this,
 * or until nothing is asked of @mips any more. */
void limn_mips_borrow (LimnMips *mips, LimnTiles *tiles);
/* @tiles (same size and channels), of which a copy is kept, differs from what it was in @rect. */
void limn_mips_update (LimnMips *mips, LimnTiles *tiles, const LimnRect *rect);
int limn_mips_get_n_levels (LimnMips *mips);
int limn_mips_get_channels (LimnMips *mips);
/* Size of @level in its own pixels. */
void limn_mips_get_size (LimnMips *mips, int level, int *width, int *height);
/* Makes what @rect (level's pixels, may hang over) needs. FALSE when g_get_monotonic_time() passed
 * @deadline before all was done; what was made is kept, ask again. */
gboolean limn_mips_ensure (LimnMips *mips, int level, const LimnRect *rect, gint64 deadline);
/* Whether limn_mips_ensure() has nothing to do. */
gboolean limn_mips_is_made (LimnMips *mips, int level, const LimnRect *rect);
/* Pixels of @rect, which must be within the level and ensured. */
void limn_mips_read (LimnMips *mips, int level, const LimnRect *rect, guint8 *dst, gsize stride);
/* TRUE when no pixel of @rect (level's pixels) was ever written: all zero. May say FALSE of zero
 * pixels. */
gboolean limn_mips_is_untouched (LimnMips *mips, int level, const LimnRect *rect);

G_END_DECLS
