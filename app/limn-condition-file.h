/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/model/model.h"
#include "engine/task/image.h"

G_BEGIN_DECLS

/* What models are told, from files. Blocking. Errors name the file and the reason in a sentence. */

/**
 * limn_boxes_file_read:
 * @model: knows the names of its kinds of objects
 *
 * JSON: a list of boxes, or an object whose member "boxes" is one. A box is an object with "label"
 * (or "class"), a name or number, and "box" (or "bbox"), [left, top, width, height] in shares of
 * the picture's width and height; and, all of them false when not said, "group" (several of the
 * kind), "occluded", "depiction" (a drawing or statue) and "inside".
 *
 * Returns: (transfer full) (element-type LimnLabelledBox)
 */
GArray *limn_boxes_file_read (GFile *file, LimnModel *model, GError **error);

/* A grey picture whose values are the labels' numbers: 1 channel. A coloured one is an error. */
LimnImage *limn_labels_file_read (GFile *file, GError **error);

/* Vectors from a tensor of floating-point numbers, [n, width] or [width] (extents of 1 before them
 * do not count): the only one of the file, or the one named "embedding". Returns [n][width],
 * transfer full. */
float *limn_embedding_file_read (const char *path, int *n, int *width, GError **error);

G_END_DECLS
