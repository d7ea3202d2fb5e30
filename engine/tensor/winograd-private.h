/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/kernels-private.h"

G_BEGIN_DECLS

/*
 * Winograd's minimal filtering (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", arXiv 1509.09308): a 3x3 convolution of stride 1 in tiles of size x size outputs. With
 * d the tile's (size + 2)^2 inputs and g the filter,
 *
 *   y = A^T [ (G g G^T) . (B^T d B) ] A,
 *
 * the product in the middle element by element. Summed over the channels each of the (size + 2)^2
 * points is a matrix product of tiles by filters: 36 multiplications for 16 outputs of size 4, 16
 * for 4 of size 2, where the direct sum has 144 and 36.
 *
 * The rows of B, G and A follow from the points at which polynomials are evaluated (Toom and Cook):
 * 0, 1, -1 and infinity for size 2; 0, +-near, +-far and infinity for size 4. How the rounding
 * errors grow depends on them. Near 5/8 and far 3/2 lose less than half of what 1 and 2 do; see
 * limn_winograd_convolve() for figures.
 */
#define LIMN_WINOGRAD_NEAR 0.625
#define LIMN_WINOGRAD_FAR 1.5
#define LIMN_WINOGRAD_MAX_SIZE 4
#define LIMN_WINOGRAD_MAX_POINTS 36
/* Most input channels of a chunk. */
#define LIMN_WINOGRAD_MAX_DEPTH 128
/* Most tiles of a block: enough that transforming the weights anew for it costs little beside
 * multiplying them (a thirtieth), few enough that its M stays in the second-level cache beside the
 * weights. */
#define LIMN_WINOGRAD_BLOCK_TILES 64

/*
 * How a layer is cut. Tiles of all samples are counted through, row by row, and taken in blocks;
 * input channels are taken in chunks of @depth. Work on a block begins with its transformed input
 * V: [chunk][point][tile][depth]. Then for one unit of output channels (a panel) or a few together
 * after the others the weights of one chunk after the other are transformed, U:
 * [point][unit][depth][column], and multiplied in M: [point][unit][tile][column]; last M becomes
 * the units' outputs. The strides of points are a little longer than what they hold, so that the
 * points of one value do not meet in the same set of the cache.
 */
typedef struct
{
  const LimnConvJob *conv;
  int size;                 /* 2 or 4 */
  int n_points;             /* (size + 2)^2 */
  gint64 n_rows, n_columns; /* tiles of a sample, of the rows that are computed */
  gint64 n_tiles;           /* of all samples */
  gint64 block_tiles, n_blocks;
  gint64 depth, n_chunks;
  gint64 unit, n_units;   /* output channels of a panel, and how many of these go together */
  gint64 range, n_ranges; /* output channels that a task takes */
  gint64 v_point, v_chunk, v_block;
  gint64 u_point, m_point;
} LimnWinograd;

/* Chooses the grid. @conv must outlive it. */
void limn_winograd_init (LimnWinograd *self, const LimnConvJob *conv, gint64 n_samples, int size);
/* V of tiles @first .. @first + @n - 1 of block @block. @scratch: limn_winograd_patch() bytes. */
void limn_winograd_transform_input (const LimnWinograd *self,
                                    gint64 block,
                                    gint64 first,
                                    gint64 n,
                                    float *v,
                                    void *scratch);
gsize limn_winograd_patch (const LimnWinograd *self);
/* Outputs of the block in channels @channel .. @channel + @n_channels - 1. */
void limn_winograd_multiply (const LimnWinograd *self,
                             gint64 block,
                             const float *v,
                             gint64 channel,
                             gint64 n_channels,
                             void *scratch);
gsize limn_winograd_scratch (const LimnWinograd *self);

/* The tile size by which @run convolves the layer: 4, 2, or 0 for the direct way. */
int limn_winograd_choose (LimnRun *run, const LimnConvJob *conv, gint64 n_samples);
gboolean limn_winograd_convolve (LimnRun *run, const LimnConvJob *conv, gint64 n_samples, int size);

G_END_DECLS
