/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"

G_DEFINE_FINAL_TYPE (LimnDocument, limn_document, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_FILE,
  PROP_TITLE,
  PROP_WIDTH,
  PROP_HEIGHT,
  PROP_MODIFIED,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_UNDO_LABEL,
  PROP_REDO_LABEL,
  PROP_MASK_EMPTY,
  PROP_PAINT_EMPTY,
  PROP_MASK_BUSY,
  PROP_RESULT_PENDING,
  N_PROPS
};

enum
{
  CHANGED,
  RESIZED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

void
_limn_document_emit_changed (LimnDocument *self, const LimnRect *rect, LimnLayers layers)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  if (!limn_rect_is_empty (rect))
    g_signal_emit (self, signals[CHANGED], 0, rect, (guint) layers);
}

static const char *
top_label (GQueue *steps)
{
  const LimnDocumentStep *step = g_queue_peek_head (steps);

  return step != NULL ? step->label : NULL;
}

static void
publish_boolean (LimnDocument *self, gboolean *published, gboolean value, guint prop)
{
  if (*published == value)
    return;
  *published = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
publish_int (LimnDocument *self, int *published, int value, guint prop)
{
  if (*published == value)
    return;
  *published = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
publish_string (LimnDocument *self, char **published, const char *value, guint prop)
{
  if (g_strcmp0 (*published, value) == 0)
    return;
  g_free (*published);
  *published = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

void
_limn_document_publish (LimnDocument *self)
{
  LimnDocumentPublished *p = &self->published;

  g_assert (LIMN_IS_DOCUMENT (self));

  g_object_freeze_notify (G_OBJECT (self));
  publish_int (self, &p->width, limn_document_get_width (self), PROP_WIDTH);
  publish_int (self, &p->height, limn_document_get_height (self), PROP_HEIGHT);
  publish_boolean (self, &p->modified, limn_document_get_modified (self), PROP_MODIFIED);
  publish_boolean (self, &p->can_undo, limn_document_get_can_undo (self), PROP_CAN_UNDO);
  publish_boolean (self, &p->can_redo, limn_document_get_can_redo (self), PROP_CAN_REDO);
  publish_string (self, &p->undo_label, top_label (&self->undo), PROP_UNDO_LABEL);
  publish_string (self, &p->redo_label, top_label (&self->redo), PROP_REDO_LABEL);
  publish_boolean (self, &p->mask_empty, _limn_document_mask_is_empty (self), PROP_MASK_EMPTY);
  publish_boolean (self, &p->paint_empty, self->now.paint == NULL, PROP_PAINT_EMPTY);
  publish_boolean (self, &p->mask_busy, _limn_document_is_mask_busy (self), PROP_MASK_BUSY);
  publish_boolean (self, &p->pending, limn_document_get_result_pending (self), PROP_RESULT_PENDING);
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
_limn_document_mask_is_empty (LimnDocument *self)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  if (self->mask_bounds_known)
    return limn_rect_is_empty (&self->mask_bounds);
  return limn_tiles_is_empty (self->now.mask);
}

static void
limn_document_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LimnDocument *self = LIMN_DOCUMENT (object);

  switch (prop_id)
    {
    case PROP_FILE:
      g_value_set_object (value, self->file);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_WIDTH:
      g_value_set_int (value, limn_document_get_width (self));
      break;
    case PROP_HEIGHT:
      g_value_set_int (value, limn_document_get_height (self));
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, limn_document_get_modified (self));
      break;
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, limn_document_get_can_undo (self));
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, limn_document_get_can_redo (self));
      break;
    case PROP_UNDO_LABEL:
      g_value_set_string (value, top_label (&self->undo));
      break;
    case PROP_REDO_LABEL:
      g_value_set_string (value, top_label (&self->redo));
      break;
    case PROP_MASK_EMPTY:
      g_value_set_boolean (value, _limn_document_mask_is_empty (self));
      break;
    case PROP_PAINT_EMPTY:
      g_value_set_boolean (value, self->now.paint == NULL);
      break;
    case PROP_MASK_BUSY:
      g_value_set_boolean (value, _limn_document_is_mask_busy (self));
      break;
    case PROP_RESULT_PENDING:
      g_value_set_boolean (value, limn_document_get_result_pending (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
limn_document_finalize (GObject *object)
{
  LimnDocument *self = LIMN_DOCUMENT (object);

  _limn_document_clear_steps (&self->undo);
  _limn_document_clear_steps (&self->redo);
  _limn_document_state_clear (&self->now);
  _limn_document_state_clear (&self->stroke.before);
  g_clear_pointer (&self->stroke.backlog, _limn_document_backlog_free);
  g_clear_pointer (&self->stroke.coverage, limn_tiles_free);
  g_clear_pointer (&self->stroke.edges, _limn_edge_brush_free);
  _limn_document_state_clear (&self->label_stroke.before);
  g_clear_object (&self->file);
  g_free (self->title);
  g_free (self->published.undo_label);
  g_free (self->published.redo_label);

  G_OBJECT_CLASS (limn_document_parent_class)->finalize (object);
}

static void
limn_document_class_init (LimnDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_document_get_property;
  object_class->finalize = limn_document_finalize;

  properties[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 1, G_MAXINT, 1, flags);
  properties[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, 1, G_MAXINT, 1, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_UNDO_LABEL] = g_param_spec_string ("undo-label", NULL, NULL, NULL, flags);
  properties[PROP_REDO_LABEL] = g_param_spec_string ("redo-label", NULL, NULL, NULL, flags);
  properties[PROP_MASK_EMPTY] = g_param_spec_boolean ("mask-empty", NULL, NULL, TRUE, flags);
  properties[PROP_PAINT_EMPTY] = g_param_spec_boolean ("paint-empty", NULL, NULL, TRUE, flags);
  properties[PROP_MASK_BUSY] = g_param_spec_boolean ("mask-busy", NULL, NULL, FALSE, flags);
  properties[PROP_RESULT_PENDING] = g_param_spec_boolean ("result-pending", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT);
  signals[RESIZED] = g_signal_new ("resized", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
limn_document_init (LimnDocument *self)
{
  g_queue_init (&self->undo);
  g_queue_init (&self->redo);
  g_queue_init (&self->mask_edits);
  self->undo_budget = LIMN_DOCUMENT_UNDO_BUDGET;
}

LimnDocument *
limn_document_new (LimnTiles *tiles, GFile *file, LimnImageMeta *meta)
{
  LimnDocument *self;

  g_return_val_if_fail (tiles != NULL && limn_tiles_get_channels (tiles) >= 3, NULL);
  g_return_val_if_fail (file == NULL || G_IS_FILE (file), NULL);

  self = g_object_new (LIMN_TYPE_DOCUMENT, NULL);
  self->now.image = tiles;
  self->now.mask = limn_tiles_new (limn_tiles_get_width (tiles), limn_tiles_get_height (tiles), 1);
  self->mask_bounds_known = TRUE;
  self->published.width = limn_tiles_get_width (tiles);
  self->published.height = limn_tiles_get_height (tiles);
  self->published.mask_empty = TRUE;
  self->published.paint_empty = TRUE;
  _limn_document_set_file (self, file);
  if (meta != NULL)
    {
      self->now.text = g_steal_pointer (&meta->text);
      limn_image_meta_free (meta);
    }
  return self;
}

void
_limn_document_set_file (LimnDocument *self, GFile *file)
{
  g_autofree char *basename = NULL;

  g_assert (LIMN_IS_DOCUMENT (self));

  g_clear_pointer (&self->title, g_free);
  basename = file != NULL ? g_file_get_basename (file) : NULL;
  self->title = basename != NULL ? g_filename_display_name (basename) : g_strdup (_("Untitled"));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  if (g_set_object (&self->file, file))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILE]);
}

void
_limn_document_emit_resized (LimnDocument *self)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  g_signal_emit (self, signals[RESIZED], 0);
}

GFile *
limn_document_get_file (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);
  return self->file;
}

const char *
limn_document_get_title (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);
  return self->title;
}

void
limn_document_set_title (LimnDocument *self, const char *title)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (title != NULL);

  if (g_strcmp0 (self->title, title) == 0)
    return;
  g_free (self->title);
  self->title = g_strdup (title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

int
limn_document_get_width (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), 0);
  return limn_tiles_get_width (self->now.image);
}

int
limn_document_get_height (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), 0);
  return limn_tiles_get_height (self->now.image);
}

LimnTiles *
limn_document_get_image (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  _limn_document_settle (self);
  return self->now.image;
}

LimnTiles *
limn_document_peek_image (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);
  return self->now.image;
}

LimnTiles *
limn_document_get_mask (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  _limn_document_settle (self);
  return self->now.mask;
}

LimnTiles *
limn_document_peek_mask (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);
  return self->now.mask;
}

LimnTiles *
limn_document_get_original (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  _limn_document_settle (self);
  return self->now.original != NULL ? self->now.original : self->now.image;
}

gboolean
limn_document_get_mask_bounds (LimnDocument *self, LimnRect *bounds)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  /* Whether there will be a mask is told by the first of its tiles. */
  if (bounds == NULL && self->stroke.active && !self->stroke.erase && !_limn_document_mask_is_empty (self))
    return TRUE;
  _limn_document_settle (self);
  if (!self->mask_bounds_known)
    {
      if (!limn_tiles_bounds (self->now.mask, &self->mask_bounds))
        self->mask_bounds = (LimnRect) { 0 };
      self->mask_bounds_known = TRUE;
    }
  if (bounds != NULL)
    *bounds = self->mask_bounds;
  return !limn_rect_is_empty (&self->mask_bounds);
}

gboolean
limn_document_get_modified (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  return self->now.image_serial != self->saved_serial;
}

void
limn_document_set_unsaved (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  /* A serial that no state of the document has. */
  self->saved_serial = G_MAXUINT64;
  _limn_document_publish (self);
}

void
limn_document_set_saved (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  self->saved_serial = self->now.image_serial;
  _limn_document_publish (self);
}

gboolean
limn_document_get_can_undo (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  if (self->stroke.active || self->label_stroke.active)
    return self->stroke.active && self->stroke.is_left;
  return _limn_document_is_mask_busy (self) || !g_queue_is_empty (&self->undo);
}

gboolean
limn_document_get_can_redo (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  return !self->stroke.active && !self->label_stroke.active && !_limn_document_is_mask_busy (self) && !g_queue_is_empty (&self->redo);
}

gboolean
limn_document_get_result_pending (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  return self->now.original != NULL;
}

guint64
limn_document_get_image_serial (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), 0);
  return self->now.image_serial;
}
