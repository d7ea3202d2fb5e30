/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"
#include "app/limn-mask-shape.h"

G_BEGIN_DECLS

/* Fills a polygon of the mask (limn_mask_fill_polygon()): at once, or in a worker when that could take
 * longer than a frame (limn-mask-edit.h). One step of undo; none when nothing changes. */
void limn_document_mask_polygon (LimnDocument *self,
                                 const LimnPoint *points,
                                 guint n_points,
                                 LimnMaskMode mode);

/* The last mask there was, found among the steps of undo: after a result was kept, or the mask was
 * cleared. FALSE, and nothing is done, when something is masked now or there is none of the
 * picture's size. One step of undo. */
gboolean limn_document_can_recall_mask (LimnDocument *self);
gboolean limn_document_recall_mask (LimnDocument *self);
/* A grey picture becomes the mask, stretched to the picture's size where it has another. One step
 * of undo. Takes over @tiles: 1 channel. */
void limn_document_load_mask (LimnDocument *self, LimnTiles *tiles, const char *label);

G_END_DECLS
