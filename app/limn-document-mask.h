/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"
#include "app/limn-mask-shape.h"

G_BEGIN_DECLS

/* Fills a polygon of the mask (limn_mask_fill_polygon()). One step of undo; none when nothing
 * changes. */
void limn_document_mask_polygon (LimnDocument *self,
                                 const LimnPoint *points,
                                 guint n_points,
                                 LimnMaskMode mode);

G_END_DECLS
