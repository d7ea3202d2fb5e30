/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"

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
  LimnTiles *original;     /* the image before the pending result; NULL when nothing is pending */
  GHashTable *text;        /* nullable: metadata of the result that the image ends with */
  guint64 image_serial;    /* the same number is the same image */
  GHashTable *original_text;
  guint64 original_serial; /* of the original, while there is one */
  LimnRect expanded_from;  /* what the canvas was enlarged around; empty when it was not */
} LimnDocumentState;

void _limn_document_state_copy (const LimnDocumentState *from, LimnDocumentState *to);
void _limn_document_state_clear (LimnDocumentState *state);

typedef struct
{
  LimnDocumentState state;
  char *label;
  gsize bytes;             /* what keeping it costs */
} LimnDocumentStep;

/* A brush stroke between begin and end. */
typedef struct
{
  gboolean active, erase;
  gboolean has_point, has_changed;
  double radius, hardness;
  double x, y, point_radius, point_opacity; /* where the stroke is, and what it is there */
  LimnDocumentState before;
} LimnDocumentStroke;

/* What the properties said when they were last notified. */
typedef struct
{
  gboolean modified, can_undo, can_redo, mask_empty, pending;
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
  GQueue mask_edits;       /* of GTask: edits in a worker, the one under way first (limn-mask-edit.c) */
  LimnDocumentPublished published;

  /* The mask's bounding box, worked out when it is asked for */
  LimnRect mask_bounds;
  guint mask_bounds_known : 1;
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

/* limn-mask-edit.c */
/* A stroke has ended: what waited for that is done. */
void _limn_document_resume_mask_edits (LimnDocument *self);

G_END_DECLS
