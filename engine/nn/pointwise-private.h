/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/*
 * What the small convolutional networks (RRDBNet, SRVGGNetCompact, TAESD) do between their
 * convolutions. Maps are [n, h, w, c]; like the kernels these give the same bits for any number of
 * threads, poll the cancellable, and do nothing once the run has failed or an operand is empty.
 */

/* FALSE, with LIMN_ENGINE_ERROR_SHAPE when it is for that, unless @x is a map of @channels. */
gboolean limn_check_map (LimnRun *run, const char *what, const LimnTensor *x, int channels);

/* x > 0 ? x : x * @slope; a slope of 0 is ReLU. */
void limn_leaky_relu_in_place (LimnRun *run, const LimnTensor *x, float slope);
/* x * @scale + @shift. */
void limn_scale_in_place (LimnRun *run, const LimnTensor *x, float scale, float shift);
/* limit * tanh (x / limit), a new map. */
LimnTensor limn_soft_clamp (LimnRun *run, const LimnTensor *x, float limit);

/* y * @y_factor + x * @x_factor to y, in the first @n_channels of each pixel; what was in y does not
 * matter where @y_factor is 0. */
void limn_mix_channels (LimnRun *run,
                        const LimnTensor *y,
                        float y_factor,
                        const LimnTensor *x,
                        float x_factor,
                        gint64 n_channels);

/* x * @scale + @shift with each square of @factor pixels as one: [n, h, w, c] -> [n, ceil (h /
 * factor), ceil (w / factor), c * factor^2], channel c * factor^2 + dy * factor + dx (PyTorch's
 * pixel_unshuffle). Sides that are no multiples are continued by reflection, without repeating the
 * edge; by the edge where they are too short for that. */
LimnTensor
limn_pixel_unshuffle (LimnRun *run, const LimnTensor *x, int factor, float scale, float shift);
/* [n, h, w, c * factor^2] -> [n, h * factor, w * factor, c], the inverse order; plus the pixel of
 * @base [n, h, w, c] that it lies in; then * @scale + @shift. Shi et al. 2016, "Real-Time Single
 * Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network". */
LimnTensor limn_pixel_shuffle_add (LimnRun *run,
                                   const LimnTensor *x,
                                   int factor,
                                   const LimnTensor *base,
                                   float scale,
                                   float shift);
/* The upper left part of @x in the shape of @out, times @scale plus @shift, written to @out. */
void
limn_crop_to (LimnRun *run, const LimnTensor *out, const LimnTensor *x, float scale, float shift);

G_END_DECLS
