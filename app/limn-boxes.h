/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"

G_BEGIN_DECLS

/* Something that is to be in a picture, as it is drawn: its label is text, so that it outlives the
 * choice of another model. Coordinates are shares of the picture's width and height, 0 .. 1. */
typedef struct
{
  const char *label; /* a name or number that the model knows; "": none yet */
  double x, y, width, height;
  LimnBoxFlags flags;
} LimnBox;

/**
 * LimnBoxes:
 *
 * A list of boxes that never changes, reference counted: undo keeps old lists, and what edits makes
 * new ones. Those that are made (transfer full) share no memory with what they are made of.
 */
typedef struct _LimnBoxes LimnBoxes;

LimnBoxes *limn_boxes_new (void);
LimnBoxes *limn_boxes_ref (LimnBoxes *boxes);
void limn_boxes_unref (LimnBoxes *boxes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnBoxes, limn_boxes_unref)

/* NULL is taken for an empty list by all of these. */
guint limn_boxes_get_count (LimnBoxes *boxes);
/* Box @i < count, borrowed. */
const LimnBox *limn_boxes_get (LimnBoxes *boxes, guint i);
gboolean limn_boxes_equal (LimnBoxes *a, LimnBoxes *b);
/* @boxes with @box behind the others; with @box for box @i; without box @i. */
LimnBoxes *limn_boxes_append (LimnBoxes *boxes, const LimnBox *box);
LimnBoxes *limn_boxes_replace (LimnBoxes *boxes, guint i, const LimnBox *box);
LimnBoxes *limn_boxes_remove (LimnBoxes *boxes, guint i);
/* The same boxes where the picture has become the part (@x, @y, @width, @height), in old shares, of
 * a larger one: x = -0.5 and width = 2 put as much on either side as it was wide. */
LimnBoxes *limn_boxes_map (LimnBoxes *boxes, double x, double y, double width, double height);

/* JSON as limn_boxes_parse() reads it (transfer full); numbers come back as the same bits. */
char *limn_boxes_to_json (LimnBoxes *boxes);
/* Reads it: see limn_boxes_file_read(). @name: of the file, for messages. Labels may be any text or
 * number. */
LimnBoxes *limn_boxes_parse (const char *name, const char *text, gsize n, GError **error);

/* What @model is told. Says which box has a label that it does not know, or none. */
GArray *limn_boxes_resolve (LimnBoxes *boxes, LimnModel *model, GError **error);
/* The same back: with the model's names, numbers where it has none or several are called the same.
 */
LimnBoxes *limn_boxes_new_labelled (const LimnLabelledBox *boxes, guint n_boxes, LimnModel *model);
/* "Dog, Tree": what the boxes are labelled with, each once, in their order (transfer full). */
char *limn_boxes_describe (LimnBoxes *boxes);

G_END_DECLS
