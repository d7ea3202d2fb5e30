/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/info.h"
#include "engine/tensor/run.h"

G_BEGIN_DECLS

/**
 * limn_prefill_smooth_in_place:
 * @image: [1, h, w, c]
 * @hole: [h][w]: 255 = unknown, 0 = known, between: known by that much
 *
 * Continues the known surroundings smoothly into the hole: push-pull over a pyramid (Gortler et al.
 * 1996, "The Lumigraph", section 3.4.1). Where nothing at all is known the result is 0. Known
 * pixels keep their bits. Memory: the pyramid, 4/3 of an image with one more channel, given back.
 */
void limn_prefill_smooth_in_place (LimnRun *run, LimnTensor *image, const guint8 *hole);

/**
 * limn_prefill_in_place:
 * @image: [1, h, w, 3], about [-1, 1]
 * @hole: as above
 * @kind: smooth as above, or the completion of limn_patchmatch_complete()
 * @texture: 0 .. 1: how much of the completion's fine detail is added to the smooth fill; nothing
 * is to be added to a completion
 * @seed: of the completion
 *
 * The hole as a model is given it to start from.
 */
void limn_prefill_in_place (LimnRun *run,
                            LimnTensor *image,
                            const guint8 *hole,
                            LimnPrefill kind,
                            float texture,
                            guint64 seed);

G_END_DECLS
