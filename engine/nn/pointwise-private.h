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
/* The same with a slope per channel, @slopes: [c] as the model file has them. He et al. 2015,
 * "Delving Deep into Rectifiers". */
void limn_prelu_in_place (LimnRun *run, const LimnTensor *x, const LimnTensor *slopes);
/* x * @scale + @shift. */
void limn_scale_in_place (LimnRun *run, const LimnTensor *x, float scale, float shift);
/* a * @scale + b to @place, which may be that of @a or @b; same number of values. Returns a view of
 * @place in b's shape. */
LimnTensor limn_add_scaled (LimnRun *run,
                            const LimnTensor *place,
                            const LimnTensor *a,
                            float scale,
                            const LimnTensor *b);
/* limit * tanh (x / limit), a new map. */
LimnTensor limn_soft_clamp (LimnRun *run, const LimnTensor *x, float limit);

/* Joins @a and leaky_relu (@b) along the channels in @place, which neither of them overlaps and
 * which has room for both. */
LimnTensor limn_append_leaky_relu (LimnRun *run,
                                   const LimnTensor *place,
                                   const LimnTensor *a,
                                   const LimnTensor *b,
                                   float slope);

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
