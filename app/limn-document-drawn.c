/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include "app/limn-document-drawn.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"

static LimnRect
all_of (LimnDocument *self)
{
  return (LimnRect){ 0, 0, limn_document_get_width (self), limn_document_get_height (self) };
}

/* ---- Boxes ----------------------------------------------------------------------------------- */

LimnBoxes *
limn_document_get_boxes (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  return self->now.boxes;
}

/* Whether the latest step of undo is an edit that goes on, of this kind. */
static gboolean
can_go_on (LimnDocument *self, const char *label)
{
  const LimnDocumentStep *last = g_queue_peek_head (&self->undo);

  return self->going_on != NULL && self->going_on == self->now.boxes && last != NULL
         && g_queue_is_empty (&self->redo) && g_strcmp0 (last->label, label) == 0;
}

void
limn_document_set_boxes (LimnDocument *self, LimnBoxes *boxes, const char *label, gboolean goes_on)
{
  LimnDocumentState before;
  LimnRect all;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (limn_boxes_equal (boxes, self->now.boxes))
    return;
  limn_document_end_stroke (self);
  goes_on = goes_on && limn_boxes_get_count (boxes) > 0;
  if (!goes_on || !can_go_on (self, label))
    {
      _limn_document_state_copy (&self->now, &before);
      _limn_document_push_step (self, &before, label);
    }
  g_clear_pointer (&self->now.boxes, limn_boxes_unref);
  if (limn_boxes_get_count (boxes) > 0)
    self->now.boxes = limn_boxes_ref (boxes);
  self->going_on = goes_on ? self->now.boxes : NULL;
  all = all_of (self);
  _limn_document_emit_changed (self, &all, LIMN_LAYER_BOXES);
  _limn_document_publish (self);
}

/* ---- Labels ---------------------------------------------------------------------------------- */

LimnTiles *
limn_document_get_labels (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  return self->now.labels;
}

gboolean
limn_document_has_labels (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  return self->now.labels != NULL && !limn_tiles_is_empty (self->now.labels);
}

static LimnTiles *
copy_or_new (LimnDocument *self)
{
  if (self->now.labels != NULL)
    return limn_tiles_copy (self->now.labels);
  return limn_labels_new (limn_document_get_width (self), limn_document_get_height (self));
}

/* Where picture pixel (@x, @y) is in the map. */
static void
to_map (LimnDocument *self, double x, double y, double *mx, double *my)
{
  int width = limn_document_get_width (self), height = limn_document_get_height (self);
  int map_width, map_height;

  if (self->now.labels != NULL)
    {
      map_width = limn_tiles_get_width (self->now.labels);
      map_height = limn_tiles_get_height (self->now.labels);
    }
  else
    limn_labels_get_size (width, height, &map_width, &map_height);
  *mx = x * map_width / width;
  *my = y * map_height / height;
}

void
limn_document_set_labels (LimnDocument *self, LimnTiles *labels, const char *label)
{
  LimnDocumentState before, shown = { 0 };

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (labels == NULL || limn_tiles_get_channels (labels) == 1);

  limn_document_end_stroke (self);
  _limn_document_state_copy (&self->now, &before);
  _limn_document_state_copy (&self->now, &shown);
  limn_tiles_free (self->now.labels);
  self->now.labels = labels;
  _limn_document_push_step (self, &before, label);
  _limn_document_emit_difference (self, &shown);
  _limn_document_state_clear (&shown);
  _limn_document_publish (self);
}

guint8
limn_document_get_label (LimnDocument *self, double x, double y)
{
  double mx, my;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), 0);

  if (self->now.labels == NULL || !isfinite (x) || !isfinite (y))
    return 0;
  to_map (self, x, y, &mx, &my);
  return limn_labels_get (self->now.labels, (int)floor (CLAMP (mx, -1, LIMN_LABELS_SIDE)),
                          (int)floor (CLAMP (my, -1, LIMN_LABELS_SIDE)));
}

void
limn_document_begin_labels (LimnDocument *self, guint8 value, double radius)
{
  double map_radius, unused;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (isfinite (radius));

  limn_document_end_stroke (self);
  to_map (self, radius, 0, &map_radius, &unused);
  self->label_stroke
      = (LimnDocumentLabelStroke){ .active = TRUE, .value = value, .radius = map_radius };
  _limn_document_state_copy (&self->now, &self->label_stroke.before);
  if (self->now.labels == NULL)
    self->now.labels = copy_or_new (self);
  _limn_document_publish (self);
}

void
limn_document_labels_to (LimnDocument *self, double x, double y)
{
  LimnDocumentLabelStroke *stroke;
  LimnRect all;
  double mx, my;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  stroke = &self->label_stroke;
  if (!stroke->active || !isfinite (x) || !isfinite (y))
    return;
  to_map (self, x, y, &mx, &my);
  if (!stroke->has_point)
    {
      stroke->x = mx;
      stroke->y = my;
      stroke->has_point = TRUE;
    }
  if (limn_labels_sweep (self->now.labels, stroke->x, stroke->y, mx, my, stroke->radius,
                         stroke->value, NULL))
    {
      stroke->has_changed = TRUE;
      all = all_of (self);
      _limn_document_emit_changed (self, &all, LIMN_LAYER_LABELS);
    }
  stroke->x = mx;
  stroke->y = my;
}

static const char *
stroke_label (guint8 value)
{
  return value == 0 ? _ ("Erase Labels") : _ ("Draw Label");
}

void
limn_document_end_labels (LimnDocument *self)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!self->label_stroke.active)
    return;
  if (!self->label_stroke.has_changed)
    {
      limn_document_cancel_labels (self);
      return;
    }
  self->label_stroke.active = FALSE;
  before = self->label_stroke.before;
  self->label_stroke.before = (LimnDocumentState){ 0 };
  _limn_document_push_step (self, &before, stroke_label (self->label_stroke.value));
  _limn_document_publish (self);
  _limn_document_resume_mask_edits (self);
}

void
limn_document_cancel_labels (LimnDocument *self)
{
  LimnDocumentState drawn;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!self->label_stroke.active)
    return;
  self->label_stroke.active = FALSE;
  drawn = self->now;
  self->now = self->label_stroke.before;
  self->label_stroke.before = (LimnDocumentState){ 0 };
  _limn_document_emit_difference (self, &drawn);
  _limn_document_state_clear (&drawn);
  _limn_document_publish (self);
  _limn_document_resume_mask_edits (self);
}

void
limn_document_flood_labels (LimnDocument *self, double x, double y, guint8 value)
{
  g_autoptr (LimnTiles) labels = NULL;
  double mx, my;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!isfinite (x) || !isfinite (y))
    return;
  limn_document_end_stroke (self);
  to_map (self, x, y, &mx, &my);
  labels = copy_or_new (self);
  if (limn_labels_flood (labels, (int)floor (CLAMP (mx, -1, LIMN_LABELS_SIDE)),
                         (int)floor (CLAMP (my, -1, LIMN_LABELS_SIDE)), value))
    limn_document_set_labels (self, g_steal_pointer (&labels), _ ("Fill with Label"));
}

/* ---- A larger canvas ------------------------------------------------------------------------- */

void
_limn_document_drawn_expanded (LimnDocument *self, const LimnRect *inner)
{
  int width = limn_document_get_width (self), height = limn_document_get_height (self);

  if (self->now.labels != NULL)
    {
      LimnTiles *labels = limn_labels_expand (self->now.labels, inner, width, height);

      limn_tiles_free (self->now.labels);
      self->now.labels = labels;
    }
  if (self->now.boxes != NULL)
    {
      LimnBoxes *boxes = limn_boxes_map (
          self->now.boxes, -(double)inner->x / inner->width, -(double)inner->y / inner->height,
          (double)width / inner->width, (double)height / inner->height);

      limn_boxes_unref (self->now.boxes);
      self->now.boxes = boxes;
    }
}
