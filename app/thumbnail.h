/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

#define LIMN_THUMBNAIL_SIZE 256

/* @image shrunk by area so that its longer side is at most @size; a copy when it is that small. Any channels (transfer full). */
LimnImage *limn_image_thumbnail (const LimnImage *image, int size, GError **error);

G_END_DECLS
