/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* Sums each channel of @x: [1, h, w, c] over about a Gaussian of @radius * 1.0 pixels deviation:
 * three box means of 2 * @radius + 1 pixels on each axis. Beyond the edges there are zeros: with
 * values times weights in the first channels and the weights in the last one, dividing by those
 * gives the mean of what counts. Linear time for any @radius. Same bits for any number of threads.
 */
void limn_blur_in_place (LimnRun *run, LimnTensor *x, int radius);

G_END_DECLS
