/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"

G_BEGIN_DECLS

/*
 * A brush that stops at the edges of what is in the picture. Of each of its dabs counts what hangs
 * together with the middle and is like it in colour: after a majority of three by three, so that
 * single pixels of noise neither stop nor lead it, and with the edge softened over two pixels.
 *
 * A large dab is looked at in steps of some pixels, so that one takes about a millisecond however
 * large it is.
 */
typedef struct _LimnEdgeBrush LimnEdgeBrush;

/* Larger ones are taken as this, picture pixels. */
#define LIMN_EDGE_BRUSH_MAX_RADIUS (LIMN_EDGES_MAX_SIZE / 2)

/* @tolerance: 0 .. 1, as limn_mask_wand() has it; the colour is the mean around the middle. */
LimnEdgeBrush *_limn_edge_brush_new (double tolerance);
void _limn_edge_brush_free (LimnEdgeBrush *self);
/* Puts a dab on @mask (1 channel), or takes it away, as @image (3 or 4 channels, the same size) is
 * there; nothing where the middle is beside the picture. @level: what is covered whole gets. FALSE
 * when nothing changed, else @dirty is around what did. */
gboolean _limn_edge_brush_dab (LimnEdgeBrush *self,
                               LimnTiles *mask,
                               LimnTiles *image,
                               double x,
                               double y,
                               double radius,
                               double hardness,
                               guint8 level,
                               gboolean erase,
                               LimnRect *dirty);

G_END_DECLS
