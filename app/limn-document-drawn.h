/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-boxes.h"
#include "app/limn-document.h"
#include "app/limn-labels.h"

G_BEGIN_DECLS

/* What is drawn on a document to tell a model what to make: boxes with labels, a map of labels.
 * Layers like the mask: with undo, and kept when the picture below becomes another one, also of
 * another size. */

/* Borrowed; NULL when there are none. */
LimnBoxes *limn_document_get_boxes (LimnDocument *self);
/* Undoable; nothing when they are the same. @boxes: (nullable): borrowed. @label: for undo.
 * @goes_on: one step of undo together with the edit before, when that had the same label, went on
 * too, and nothing has happened since. */
void
limn_document_set_boxes (LimnDocument *self, LimnBoxes *boxes, const char *label, gboolean goes_on);

/* Borrowed; NULL when nothing was drawn yet. See limn-labels.h. */
LimnTiles *limn_document_get_labels (LimnDocument *self);
/* Whether something is drawn on it. */
gboolean limn_document_has_labels (LimnDocument *self);
/* Undoable. Takes over @labels (nullable), of any size. */
void limn_document_set_labels (LimnDocument *self, LimnTiles *labels, const char *label);
/* The map's value at picture pixel (@x, @y). */
guint8 limn_document_get_label (LimnDocument *self, double x, double y);
/* A stroke, one step of undo; @value as in the map: 0 takes labels away. Picture pixels. */
void limn_document_begin_labels (LimnDocument *self, guint8 value, double radius);
void limn_document_labels_to (LimnDocument *self, double x, double y);
void limn_document_end_labels (LimnDocument *self);
void limn_document_cancel_labels (LimnDocument *self);
/* Gives what hangs together with (@x, @y), picture pixels, and has one label another. */
void limn_document_flood_labels (LimnDocument *self, double x, double y, guint8 value);

G_END_DECLS
