/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* Round @round of @n_rounds is done, and @fraction (0 .. 1) of the work. */
typedef void (*LimnPatchProgress) (int round, int n_rounds, double fraction, gpointer user_data);

/**
 * limn_patchmatch_complete:
 * @image: [1, h, w, 3], about [-1, 1]
 * @hole: [h][w]: 128 and more = unknown, less = known
 * @seed: of the random search; another seed is another way to fill
 * @progress: (nullable): told on the thread that calls
 *
 * Completes the picture from patches of its known part: expectation-maximisation over a pyramid
 * (Wexler, Shechtman and Irani 2007, "Space-time completion of video", section 3), whose nearest
 * neighbours are found by propagation and random search (Barnes et al. 2009, "PatchMatch", section
 * 3). No patch that the hole touches is ever copied from.
 *
 * Returns what the patches say, [1, h, w, 3]: in the hole, and also for the known pixels within one
 * patch of it, so that the difference between those and the picture is that at the seam
 * (limn_seam_join_in_place()); all other pixels are those of @image. Where the known part has no
 * whole patch of 7x7, the hole is filled smoothly instead (0 where nothing is known). The time
 * grows with the hole's area, the memory (about 64 bytes per pixel of the picture, given back but
 * for the result) with the picture's. Same bits for any number of threads.
 */
LimnTensor limn_patchmatch_complete (LimnRun *run,
                                     const LimnTensor *image,
                                     const guint8 *hole,
                                     guint64 seed,
                                     LimnPatchProgress progress,
                                     gpointer user_data);

/* Bytes of the arena that the completion of @height x @width pixels needs at most. */
gsize limn_patchmatch_memory (int height, int width);

/* ---- The parts ------------------------------------------------------------------------------- */

/* Patches are squares of 2 * LIMN_PATCH_RADIUS + 1 pixels. */
#define LIMN_PATCH_RADIUS 3
#define LIMN_PATCH_SIDE (2 * LIMN_PATCH_RADIUS + 1)
#define LIMN_PATCH_AREA (LIMN_PATCH_SIDE * LIMN_PATCH_SIDE)
/* Tiles of the field and of the vote are squares: decided by the picture alone. */
#define LIMN_PATCH_TILE 32

/* RGB and a lane that is 0. */
typedef float LimnPatchPixel __attribute__ ((vector_size (16), may_alias));

/* What the patch around a pixel is. */
typedef enum
{
  LIMN_PATCH_OUTSIDE, /* hangs over the edge: never looked at */
  LIMN_PATCH_SOURCE,  /* known as a whole: may be copied from */
  LIMN_PATCH_TARGET,  /* touches the hole: has a nearest neighbour */
} LimnPatchRole;

/* One level of the pyramid with its nearest-neighbour field. All arrays are [height][width]. */
typedef struct
{
  int height, width;
  LimnPatchPixel *pixels;
  guint8 *depth; /* 0 = known, else steps from the nearest known pixel, up to 255 */
  guint8 *role;  /* LimnPatchRole */
  /* Of targets: where the most similar source is (y << 16 | x), and the sum of squared differences.
   * The search reads neighbours in other tiles from the fields before it. */
  guint32 *at, *at_before;
  float *distance;
  gint64 n_targets, n_sources;
} LimnPatchLevel;

/* One round of propagation and random search over the field. @round: counts the rounds of the whole
 * completion; decides the direction and the random numbers. @search: also random. @again: the
 * pixels of the hole have changed since the distances were measured. */
void _limn_patch_search (LimnRun *run,
                         LimnPatchLevel *level,
                         guint64 seed,
                         guint32 round,
                         gboolean search,
                         gboolean again);

/* Every pixel of the hole becomes the weighted mean of what the patches over it say: by how well
 * they match, and how near to the known they lie (Wexler et al., section 3.2). @sharp: the word of
 * the best patch alone. @out: (nullable): [height][width], takes the known pixels that patches lie
 * over, too; then the level's own pixels stay. */
void _limn_patch_vote (LimnRun *run, LimnPatchLevel *level, gboolean sharp, LimnPatchPixel *out);

static inline int
_limn_patch_tiles (const LimnPatchLevel *level)
{
  return ((level->height + LIMN_PATCH_TILE - 1) / LIMN_PATCH_TILE)
         * ((level->width + LIMN_PATCH_TILE - 1) / LIMN_PATCH_TILE);
}

/* The part of the level that tile @index covers: @x0 .. @x1 - 1, @y0 .. @y1 - 1. */
static inline void
_limn_patch_tile (const LimnPatchLevel *level, gint64 index, int *x0, int *x1, int *y0, int *y1)
{
  int columns = (level->width + LIMN_PATCH_TILE - 1) / LIMN_PATCH_TILE;

  *x0 = (int)(index % columns) * LIMN_PATCH_TILE;
  *y0 = (int)(index / columns) * LIMN_PATCH_TILE;
  *x1 = MIN (*x0 + LIMN_PATCH_TILE, level->width);
  *y1 = MIN (*y0 + LIMN_PATCH_TILE, level->height);
}

G_END_DECLS
