/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-boxes.h"
#include "app/limn-document.h"
#include "app/limn-edge-brush-private.h"
#include "app/limn-sweep-private.h"
#include "app/limn-mask-edit.h"

G_BEGIN_DECLS

/**
 * LimnDocumentState:
 *
 * Everything that undo brings back. A copy costs one reference per tile, so a step of undo is a whole state and
 * what it costs is the tiles that no other state shares.
 */
typedef struct
{
  LimnTiles *image, *mask;
  /* The image is @paint (4 channels, colours multiplied by alpha) over @photo; where @paint has no tile, the photo's is the image's. Both
   * are NULL when nothing is painted. */
  LimnTiles *photo, *paint;
  LimnTiles *original;     /* the image before the pending result; NULL when nothing is pending */
  LimnTiles *original_photo, *original_paint; /* and what it was made of */
  GHashTable *text;        /* nullable: metadata of the result that the image ends with */
  guint64 image_serial;    /* the same number is the same image */
  GHashTable *original_text;
  guint64 original_serial; /* of the original, while there is one */
  LimnRect expanded_from;  /* what the canvas was enlarged around; empty when it was not */
  LimnTiles *labels;       /* nullable; see limn-document-drawn.h */
  LimnBoxes *boxes;        /* nullable: none */
} LimnDocumentState;

void _limn_document_state_copy (const LimnDocumentState *from, LimnDocumentState *to);
void _limn_document_state_clear (LimnDocumentState *state);
/* Forgets the image before the result. */
void _limn_document_state_settle (LimnDocumentState *state);

typedef struct
{
  LimnDocumentState state;
  char *label;
  gsize bytes;             /* what keeping it costs */
} LimnDocumentStep;

/* See limn-document-backlog.c. */
typedef struct _LimnDocumentBacklog LimnDocumentBacklog;

/* A brush stroke between begin and end. */
typedef struct
{
  gboolean active, erase;
  gboolean has_point, has_changed;
  double radius, hardness;
  double x, y, point_radius, point_opacity; /* where the stroke is, and what it is there */
  LimnDocumentState before;
  /* With paint: how much of it each pixel gets, 1 channel; NULL for a stroke on the mask */
  LimnTiles *coverage;
  guint8 colour[3];
  /* Where the stroke stops at the picture's edges: dabs so far apart; NULL otherwise */
  LimnEdgeBrush *edges;
  double until_dab;        /* from where the stroke is */
  LimnDocumentBacklog *backlog; /* nullable: movements that not all tiles have yet */
  gboolean is_left;        /* it ends when there is no backlog */
} LimnDocumentStroke;

/* A stroke of the label brush between begin and end; map pixels. */
typedef struct
{
  gboolean active, has_point, has_changed;
  guint8 value;
  double radius, x, y;
  LimnDocumentState before;
} LimnDocumentLabelStroke;

/* What the properties said when they were last notified. */
typedef struct
{
  gboolean modified, can_undo, can_redo, mask_empty, mask_busy, paint_empty, pending;
  int width, height;
  char *undo_label, *redo_label;
} LimnDocumentPublished;

struct _LimnDocument
{
  GObject parent_instance;

  /* Owned */
  GFile *file;             /* nullable */
  char *title;
  LimnDocumentState now;
  GQueue undo, redo;       /* of LimnDocumentStep, latest first */
  gsize undo_bytes, undo_budget;
  guint64 last_serial, saved_serial;
  guint64 adjusted_serial; /* of the image that the last adjustment made */
  LimnDocumentStroke stroke;
  LimnDocumentLabelStroke label_stroke;
  const LimnBoxes *going_on; /* the boxes that the last edit that goes on made; to be compared only */
  GQueue mask_edits;       /* of GTask: edits in a worker, the one under way first (limn-mask-edit.c) */
  LimnDocumentPublished published;

  /* The mask's bounding box, worked out when it is asked for */
  LimnRect mask_bounds;
  guint mask_bounds_known : 1;
  guint is_unhurried : 1;  /* strokes wait for limn_document_catch_up() */
  guint is_catching_up : 1;
};

/* Bytes of tiles that undo may hold; the oldest steps go first. */
#define LIMN_DOCUMENT_UNDO_BUDGET (1024 * 1024 * 1024ULL)

/* limn-document.c */
void _limn_document_emit_changed (LimnDocument *self, const LimnRect *rect, LimnLayers layers);
void _limn_document_emit_resized (LimnDocument *self);
void _limn_document_set_file (LimnDocument *self, GFile *file);
/* Notifies every property whose value is not the one published last. */
void _limn_document_publish (LimnDocument *self);
gboolean _limn_document_mask_is_empty (LimnDocument *self);

/* limn-document-undo.c */
/* Makes @before (cleared) a step of undo and forgets what could be redone. */
void _limn_document_push_step (LimnDocument *self, LimnDocumentState *before, const char *label);
void _limn_document_clear_steps (GQueue *steps);
/* Tells the views what differs between @before and now. */
void _limn_document_emit_difference (LimnDocument *self, const LimnDocumentState *before);
/* For tests: steps beyond @bytes are forgotten, oldest first. */
void _limn_document_set_undo_budget (LimnDocument *self, gsize bytes);

/* limn-document-stroke.c */
void _limn_document_start_stroke (LimnDocument *self, gboolean erase, double radius, double hardness);

/* Ends the stroke, all of which is there. */
void _limn_document_finish_stroke (LimnDocument *self);

/* limn-document-backlog.c */
/* The tiles that @sweep goes over are to get it. */
void _limn_document_add_sweep (LimnDocument *self, const LimnSweep *sweep);
void _limn_document_backlog_free (LimnDocumentBacklog *backlog);
/* Does all of the stroke that is not done yet, and ends it if it was left. */
void _limn_document_settle (LimnDocument *self);

/* limn-document-paint.c */
/* Paints columns @x .. @x + @n - 1 of row @y of tile (@tx, @ty) anew, as the stroke covers them now, on what was there before it. FALSE
 * when there is nothing to erase. */
gboolean _limn_document_paint_row (LimnDocument *self, int tx, int ty, int x, int y, int n);
/* Ends a stroke with paint that began at @before; what to call it. */
const char *_limn_document_end_paint (LimnDocument *self, const LimnDocumentState *before);
/* After @patch was pasted into the image: what lies beneath it belongs to the photo now, and no paint is left there. */
void _limn_document_merge_paint (LimnDocumentState *state, const LimnPatch *patch);

/* limn-document-drawn.c */
/* What was drawn on all of the picture is on @inner of it now. */
void _limn_document_drawn_expanded (LimnDocument *self, const LimnRect *inner);

/* limn-mask-edit.c */
/* A stroke has ended: what waited for that is done. */
void _limn_document_resume_mask_edits (LimnDocument *self);
/* Whether there are edits that are neither done nor taken back. */
gboolean _limn_document_is_mask_busy (LimnDocument *self);
/* Takes the latest of those back; FALSE when there is none. */
gboolean _limn_document_cancel_last_mask_edit (LimnDocument *self);
/* Takes all of them back, as the mask will be another one. */
void _limn_document_cancel_mask_edits (LimnDocument *self);
/* An edit that takes less than a frame, when none is under way; no step of undo when nothing changes. */
void _limn_document_edit_mask_now (LimnDocument *self, const LimnMaskEdit *edit);
/* limn_document_edit_mask_async() for edits of which nobody waits for the end. */
void _limn_document_edit_mask_later (LimnDocument *self, const LimnMaskEdit *edit);

/* limn-document-kept.c: a copy of @text (nullable) with what is drawn (both nullable) beside it, for a
 * PNG's metadata; and what is drawn taken out of such a text again, NULL where there is none or it
 * makes no sense. For workers. */
GHashTable *_limn_document_keep_drawn (GHashTable *text, LimnBoxes *boxes, LimnTiles *labels);
void _limn_document_take_drawn (GHashTable *text, LimnBoxes **boxes, LimnTiles **labels);

G_END_DECLS
