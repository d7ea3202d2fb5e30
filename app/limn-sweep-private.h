/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/*
 * A stroke is the area swept by a disc whose centre and radius go linearly from point to point: what dabs would
 * cover at a spacing of nothing. So it does not depend on how many points a movement is reported in, and every pixel is
 * worked out once. Coverage is combined by maximum (erasing: the mask by minimum of what is left), so that a soft brush does not
 * build up where a stroke crosses itself.
 */

/* One movement, x (s) = x0 + ux s, y (s) = y0 + uy s, r (s) = r0 + k s for 0 <= s <= length. */
typedef struct
{
  double x0, y0, r0, r1;
  double ux, uy, length, k;
  double lean;      /* k / sqrt (1 - k^2): where on the line the disc is that reaches a pixel first */
  double hardness;
  guint8 level;     /* what is covered whole gets */
  guint8 level_before; /* and got by the movement that this one follows */
  gboolean follows; /* what its first disc covers has been painted by the movement before */
} LimnSweep;

/* From (@x0, @y0), radius @r0, to (@x1, @y1), radius @r1. The levels are 0 and follows FALSE: they are for the caller to set. */
void _limn_sweep_init (LimnSweep *sweep, double x0, double y0, double r0, double x1, double y1, double r1, double hardness);

/* How much of a pixel a disc covers, 0 .. 255: up to @hardness times the radius all of it, then smoothly less. @distance2: the square of
 * how far the pixel's middle is from the disc's. */
guint8 _limn_sweep_coverage (double distance2, double radius, double hardness);

/* @n pixels of row @y of tile (@tx, @ty), from column @x of the tile on, have changed. */
typedef void (*LimnSweepChanged) (int tx, int ty, int x, int y, int n, gpointer user_data);

/* Coverage by the square of the distance as a share of the outer radius: what a large soft brush would otherwise spend its time in. */
#define LIMN_SWEEP_PROFILE_SIZE 4096

typedef struct
{
  gboolean usable;
  guint8 value[LIMN_SWEEP_PROFILE_SIZE + 2];
} LimnSweepProfile;

void _limn_sweep_profile_init (LimnSweepProfile *profile, const LimnSweep *sweep);

/* Pixels of @clip that the sweep may touch; FALSE when there are none. */
gboolean _limn_sweep_get_bounds (const LimnSweep *sweep, const LimnRect *clip, LimnRect *bounds);

/* Paints on what tile (@tx, @ty) of @mask (1 channel) has of @bounds, or takes away from it. @profile: the sweep's. @changed (nullable) is
 * told of every piece of a row that is not what it was. FALSE when nothing changed, else @dirty is around what did. */
gboolean _limn_sweep_paint_tile (const LimnSweep *sweep, const LimnSweepProfile *profile, const LimnRect *bounds, LimnTiles *mask, int tx,
                                 int ty, gboolean erase, LimnSweepChanged changed, gpointer user_data, LimnRect *dirty);

G_END_DECLS
