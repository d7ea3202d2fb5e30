/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* How far into the hole the seam's difference reaches, by default: it falls to 1 / e within this
 * share of the side of a square as large as the hole. Less leaves an edge in skies; more washes the
 * made colours out by those around. */
#define LIMN_SEAM_REACH 0.35f

/**
 * limn_seam_join_in_place:
 * @made: [1, h, w, 3]: a picture made for the hole that also says what it would have around it
 * @kept: [1, h, w, 3]: the picture with what is really around
 * @hole: [h][w]: 128 and more = made, less = kept
 * @reach: share of the hole's size, see LIMN_SEAM_REACH; infinite: the membrane is not screened
 *
 * Makes the colours of @made meet those of @kept at the hole's edge. The difference @kept - @made
 * next to the hole, smoothed along it and with little say where it is large (there the pictures
 * show other things, and an edge would be drawn into the hole as a streak), is spread inwards as a
 * membrane d that is drawn back to 0: (laplacian - 1 / length^2) d = 0 (Perez, Gangnet and Blake
 * 2003, "Poisson image editing", equation 9, with the screening term of Bhat et al. 2008, "Fourier
 * analysis of the 2D screened Poisson equation"), and added. Solved from coarse to fine in linear
 * time. Within the ring next to the hole the smoothed difference itself is added, so a soft rim
 * sees no step; all other pixels keep their bits, and all do where the difference is 0 or nothing
 * is kept.
 */
void limn_seam_join_in_place (LimnRun *run,
                              LimnTensor *made,
                              const LimnTensor *kept,
                              const guint8 *hole,
                              float reach);

/**
 * limn_seam_level_in_place:
 * @made, @kept, @hole, @reach: as above; @kept in the hole is not looked at
 * @gap: pixels on each side of the edge over which a jump may be smeared
 *
 * For a maker that was shown the surroundings: it repeats those, so that there is no difference
 * around the hole, and the seam is a jump within @made at the hole's edge. What is spread inwards
 * is the mean of @kept just outside less that of @made just inside, along the edge; again with
 * little say where it is large, as there something else was wanted. Across the gap it fades in.
 */
void limn_seam_level_in_place (LimnRun *run,
                               LimnTensor *made,
                               const LimnTensor *kept,
                               const guint8 *hole,
                               int gap,
                               float reach);

/* ---- The parts ------------------------------------------------------------------------------- */

/* What a pixel is to the membrane. */
typedef enum
{
  LIMN_MEMBRANE_FREE,
  LIMN_MEMBRANE_FIXED, /* the boundary */
  LIMN_MEMBRANE_NONE,  /* not there: nothing flows to it, as over the edges */
} LimnMembraneKind;

/* Solves (laplacian - screening) d = 0 in place for each of the 3 channels of @d: [1, h, w, 3],
 * where @kind: [h][w] is free. @screening: per pixel^2, >= 0. */
void limn_membrane_in_place (LimnRun *run, LimnTensor *d, const guint8 *kind, float screening);

G_END_DECLS
