/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/*
 * What Winograd's convolution costs on this processor, for the choice between it and the direct
 * way. The unit is a multiplication with its addition in the direct way's inner loop.
 */

typedef struct
{
  double multiply; /* a multiplication with its addition, of V by U */
  double input;    /* of one channel of a tile, on its way from the map to V */
  double output;   /* of one channel of a tile, on its way from M to the result */
  double weights;  /* of a pair of channels, from their nine taps to U, for each block of tiles */
} LimnTransformCosts;

struct _LimnCosts
{
  LimnTransformCosts of_2, of_4; /* F(2x2, 3x3) and F(4x4, 3x3) */
};

/* Those that hold without measuring: vector operations counted in the source, with what the caches
 * take as it was on a Zen 4. */
const LimnCosts *limn_costs_counted (void);

/**
 * limn_costs_measure:
 * @kernels: the table that will compute
 *
 * Convolves small maps by each way on one thread, a few tenths of a second in all, and fits the
 * costs to that. The thread's own time counts, the best of several runs, and the costs are rounded
 * coarsely, so that they hardly differ from one time to the next. Where a busy machine disturbs
 * even that, so that no costs explain the times, they are the counted ones. FALSE, and the counted
 * ones, when it was cancelled, there was no memory, or the table knows one way only.
 */
gboolean
limn_costs_measure (LimnCosts *self, const LimnKernels *kernels, GCancellable *cancellable);

/**
 * limn_costs_open:
 * @path: (nullable): the file in which they are kept; "limn/convolution.ini" in the person's cache
 * folder
 * @version: of the program
 *
 * Those that were measured for this processor, table and version before, or else measures and keeps
 * them: what a seed makes depends on the choice to the last bits, so it is made once. A damaged
 * file is replaced. Where nothing can be written, which includes the first use being cancelled,
 * they are the counted ones: what could not be kept might be others next time.
 */
void limn_costs_open (LimnCosts *self,
                      const LimnKernels *kernels,
                      const char *path,
                      const char *version,
                      GCancellable *cancellable);

G_END_DECLS
