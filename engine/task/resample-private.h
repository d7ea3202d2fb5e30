/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/*
 * Between the picture's bytes and the model's floats without a float copy of the crop, which may be
 * as large as the picture.
 */

/* RGB of @rect of @image, alpha over white, as [1, height, width, 3] in [-1, 1]. @rect may hang
 * over: edge pixels repeat. Each result pixel is the mean of the area that it covers; height <=
 * rect->height, width <= rect->width. */
LimnTensor limn_resample_crop (LimnRun *run,
                               const LimnImage *image,
                               const LimnRect *rect,
                               int height,
                               int width);

/* The part @part of the picture from @x: [1, h, w, 3], which covers @crop of the picture; @part is
 * within @crop and crop is at least as large as x. Lanczos 3; the identity where the sizes are
 * equal. New 3-channel image; NULL when the run failed. */
LimnImage *
limn_resample_part (LimnRun *run, const LimnTensor *x, const LimnRect *crop, const LimnRect *part);

G_END_DECLS
