/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/* y = gain x + offset per channel, in the units of the tensors. */
typedef struct
{
  float gain[3];
  float offset[3];
} LimnColourMatch;

/*
 * Reinhard et al. 2001, "Color transfer between images", per channel on the pixels that both
 * pictures have in common: the transform that gives @made the mean and standard deviation of
 * @original over the pixels where @mask is 0.
 * @made, @original: [1, h, w, 3]; @mask: [h][w], 255 = made by the model alone. Means divide by the
 * number of unmasked pixels, not by all of them. The gain is kept within 0.8 .. 1.25, and is 1
 * where a channel is flat; with fewer than 64 unmasked pixels nothing is matched (gain 1, offset
 * 0). Sums in double.
 */
LimnColourMatch
limn_colour_match (const LimnTensor *made, const LimnTensor *original, const guint8 *mask);

/* Applies it in place to [1, h, w, 3]. */
void limn_colour_match_apply_in_place (const LimnColourMatch *match, LimnTensor *x);

G_END_DECLS
