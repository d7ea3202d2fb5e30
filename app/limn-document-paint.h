/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"

G_BEGIN_DECLS

/*
 * What is painted lies on a layer of its own above the photo; limn_document_get_image() is both
 * together, so that all who read the picture see the paint. A result that is pasted becomes part of
 * the photo, with the paint beneath it; so does all paint when the picture gets another size.
 */

/* A stroke with paint instead of the mask: limn_document_stroke_to_full() and the others go on with
 * it. @colour: red, green and blue; NULL takes paint away. However often a stroke crosses itself,
 * it leaves no more than its opacity. A pending result is kept. */
void limn_document_begin_paint (LimnDocument *self,
                                const guint8 colour[3],
                                double radius,
                                double hardness);
/* Takes all paint away. One step of undo; FALSE, and nothing is done, when there is none. */
gboolean limn_document_clear_paint (LimnDocument *self);
/* Masks what is painted, and nothing else: full where the paint covers a quarter or more. One step
 * of undo; FALSE, and nothing is done, when nothing is painted. */
gboolean limn_document_mask_paint (LimnDocument *self);
/* The paint alone, 4 channels, colours multiplied by alpha; borrowed, NULL when there is none. */
LimnTiles *limn_document_get_paint (LimnDocument *self);

G_END_DECLS
