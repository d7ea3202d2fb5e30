/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/guided-private.h"
#include "engine/task/upscale.h"

G_BEGIN_DECLS

/*
 * How one axis of the picture is cut into tiles of equal size that overlap. All in pixels of the
 * picture (before upscaling). Neighbours fade into each other over @ramp pixels around the middle
 * of their overlap; the weights of all tiles add up to 1 everywhere.
 */
typedef struct
{
  int length; /* of the picture */
  int tile;   /* >= length when there is one tile: edge pixels repeat */
  int n;
  int ramp;
  int alignment; /* tiles start at multiples of this */
} LimnTileAxis;

/* @tile: wanted side, a multiple of @unit; @smallest: least side of a tile, a multiple of @unit. */
LimnTileAxis limn_tile_axis (int length, int tile, int smallest, int unit, int alignment);
/* For what depends only on the pixels up to @reach away: tiles fade into each other farther from
 * their edges than that, as far as half of their overlap leaves room. */
void limn_tile_axis_keep_away (LimnTileAxis *axis, int reach);
int limn_tile_axis_start (const LimnTileAxis *axis, int i);
/* Weight of tile @i at position @p, both in pixels enlarged by @factor; 0 .. 1. */
float limn_tile_axis_weight (const LimnTileAxis *axis, int i, gint64 p, int factor);

/*
 * The tiles of one row of tiles, added up by their weights, and turned into rows of the result as
 * soon as no further tile reaches them, so that only one row of tiles is held as floats.
 */
typedef struct
{
  const LimnTileAxis *across, *down;
  int factor;     /* of the tiles, at which the sums are kept */
  int channels;   /* 3 or 4 */
  int shrink;     /* 1, or 2: the result is the mean of 2 x 2 sums */
  int top;        /* of the picture: first row in the sums */
  float *sums;    /* [down->tile * factor][across->length * factor][channels]; owned */
  LimnImage *out; /* borrowed */
} LimnBand;

gboolean limn_band_init (LimnBand *band,
                         const LimnTileAxis *across,
                         const LimnTileAxis *down,
                         int factor,
                         LimnImage *out,
                         GError **error);
void limn_band_clear (LimnBand *band);
gsize
limn_band_bytes (const LimnTileAxis *across, const LimnTileAxis *down, int factor, int channels);
/* Adds tile (@i, @j). @rgb: [1, h, w, 3]; @alpha: [1, h, w, 1] or NULL when there are 3 channels.
 */
void limn_band_add (LimnBand *band, int i, int j, const LimnTensor *rgb, const LimnTensor *alpha);
/* Row @j of tiles is complete: writes what it decided and makes room for the next. */
void limn_band_finish_row (LimnBand *band, int j);

/*
 * Adds to @made what it lacks of the low-resolution picture's low frequencies: the difference
 * between @low and the area mean of @made, blurred over a few pixels of @low and enlarged. So every
 * tile has the brightness of the picture below it, and flat skies show no grid. @made: [1, h f, w
 * f, 3]; @low: [1, h, w, 3].
 */
void limn_upscale_match_low (LimnRun *run, LimnTensor *made, const LimnTensor *low);

/* One upscaling while it runs. */
typedef struct
{
  /* Borrowed */
  LimnModel *model;
  const LimnModelInfo *info;
  LimnRun *run;
  const LimnImage *image;
  const LimnUpscaleParams *params;
  const LimnTaskCallbacks *callbacks; /* nullable */

  LimnTileAxis across, down;
  int factor;     /* of the tiles that are added up: the model's, or the one that is wanted */
  int tile_index; /* how many tiles are done */
  LimnRect tile;  /* the present one in the picture; may hang over */
  LimnGuided guided;

  /* Borrowed */
  LimnSamplerPlan *sampler; /* NULL: one pass */
} LimnUpscale;

/* The tile (@i, @j), enlarged by self->factor: [1, h f, w f, 3] in the arena; empty when the run
 * failed. */
LimnTensor _limn_upscale_tile (LimnUpscale *self, int i, int j);
/* Tells the callbacks that @stage of the present tile begins, or that @step of it is done. */
void _limn_upscale_progress (LimnUpscale *self, LimnStage stage, int step);

G_END_DECLS
