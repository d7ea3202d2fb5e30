/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include "app/limn-document-private.h"

static LimnTiles *
copy_tiles (LimnTiles *tiles)
{
  return tiles != NULL ? limn_tiles_copy (tiles) : NULL;
}

void
_limn_document_state_copy (const LimnDocumentState *from, LimnDocumentState *to)
{
  to->image = limn_tiles_copy (from->image);
  to->mask = limn_tiles_copy (from->mask);
  to->photo = copy_tiles (from->photo);
  to->paint = copy_tiles (from->paint);
  to->original = copy_tiles (from->original);
  to->original_photo = copy_tiles (from->original_photo);
  to->original_paint = copy_tiles (from->original_paint);
  to->text = from->text != NULL ? g_hash_table_ref (from->text) : NULL;
  to->image_serial = from->image_serial;
  to->original_text = from->original_text != NULL ? g_hash_table_ref (from->original_text) : NULL;
  to->original_serial = from->original_serial;
  to->expanded_from = from->expanded_from;
  to->labels = from->labels != NULL ? limn_tiles_copy (from->labels) : NULL;
  to->boxes = from->boxes != NULL ? limn_boxes_ref (from->boxes) : NULL;
}

void
_limn_document_state_clear (LimnDocumentState *state)
{
  g_clear_pointer (&state->image, limn_tiles_free);
  g_clear_pointer (&state->mask, limn_tiles_free);
  g_clear_pointer (&state->photo, limn_tiles_free);
  g_clear_pointer (&state->paint, limn_tiles_free);
  _limn_document_state_settle (state);
  g_clear_pointer (&state->text, g_hash_table_unref);
  g_clear_pointer (&state->original_text, g_hash_table_unref);
  g_clear_pointer (&state->labels, limn_tiles_free);
  g_clear_pointer (&state->boxes, limn_boxes_unref);
}

void
_limn_document_state_settle (LimnDocumentState *state)
{
  g_clear_pointer (&state->original, limn_tiles_free);
  g_clear_pointer (&state->original_photo, limn_tiles_free);
  g_clear_pointer (&state->original_paint, limn_tiles_free);
}

static void
step_free (LimnDocumentStep *step)
{
  _limn_document_state_clear (&step->state);
  g_free (step->label);
  g_free (step);
}

void
_limn_document_clear_steps (GQueue *steps)
{
  g_queue_clear_full (steps, (GDestroyNotify) step_free);
}

/* What keeping the paint of @state costs. The photo beneath it is shared with what is there without. */
static gsize
count_paint (const LimnDocumentState *state, const LimnDocumentState *next)
{
  gsize bytes = 0;

  if (state->paint != NULL)
    bytes += limn_tiles_get_unique_bytes (state->paint, next->paint);
  if (state->photo != NULL && next->photo != NULL)
    bytes += limn_tiles_get_unique_bytes (state->photo, next->photo);
  return bytes;
}

/* Takes over the content of @state. @bytes: what keeping it costs beside its neighbour in time, @next. */
static LimnDocumentStep *
step_new (LimnDocumentState *state, const LimnDocumentState *next, const char *label)
{
  LimnDocumentStep *step = g_new0 (LimnDocumentStep, 1);

  step->state = *state;
  *state = (LimnDocumentState) { 0 };
  step->label = g_strdup (label);
  step->bytes = sizeof *step + limn_tiles_get_unique_bytes (step->state.image, next->image) +
                limn_tiles_get_unique_bytes (step->state.mask, next->mask) + count_paint (&step->state, next);
  if (step->state.labels != NULL)
    step->bytes += limn_tiles_get_unique_bytes (step->state.labels, next->labels);
  return step;
}

static void
drop_oldest_steps (LimnDocument *self)
{
  while (self->undo_bytes > self->undo_budget && g_queue_get_length (&self->undo) > 1)
    {
      LimnDocumentStep *step = g_queue_pop_tail (&self->undo);

      self->undo_bytes -= step->bytes;
      step_free (step);
    }
}

static void
push_undo (LimnDocument *self, LimnDocumentStep *step)
{
  g_queue_push_head (&self->undo, step);
  self->undo_bytes += step->bytes;
  drop_oldest_steps (self);
}

void
_limn_document_push_step (LimnDocument *self, LimnDocumentState *before, const char *label)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  _limn_document_clear_steps (&self->redo);
  push_undo (self, step_new (before, &self->now, label));
}

void
_limn_document_set_undo_budget (LimnDocument *self, gsize bytes)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  self->undo_budget = bytes;
  drop_oldest_steps (self);
}

static gboolean
same_size (LimnTiles *a, LimnTiles *b)
{
  return limn_tiles_get_width (a) == limn_tiles_get_width (b) && limn_tiles_get_height (a) == limn_tiles_get_height (b);
}

static gboolean
labels_differ (LimnTiles *a, LimnTiles *b)
{
  if (a == NULL || b == NULL)
    return a != b;
  return !same_size (a, b) || limn_tiles_diff (a, b, NULL);
}

/* Up to so many tiles are told of one by one, and only of what is another in them: each is some 20 microseconds' work, and the view
 * has less to show anew. */
#define MAX_TOLD 48

static void
tell_difference (LimnDocument *self, LimnTiles *before, LimnTiles *now, LimnLayers layer)
{
  int n = 0, tx0, ty0, tx1, ty1;
  LimnRect all, part;

  if (!limn_tiles_diff (before, now, &all))
    return;
  tx0 = all.x / LIMN_TILE_SIZE;
  ty0 = all.y / LIMN_TILE_SIZE;
  tx1 = (all.x + all.width - 1) / LIMN_TILE_SIZE;
  ty1 = (all.y + all.height - 1) / LIMN_TILE_SIZE;
  for (int ty = ty0; ty <= ty1; ty++)
    for (int tx = tx0; tx <= tx1; tx++)
      n += !limn_tiles_is_shared (before, now, tx, ty);
  if (n > MAX_TOLD)
    _limn_document_emit_changed (self, &all, layer);
  else
    for (int ty = ty0; ty <= ty1; ty++)
      for (int tx = tx0; tx <= tx1; tx++)
        if (limn_tiles_diff_tile (before, now, tx, ty, &part))
          _limn_document_emit_changed (self, &part, layer);
}

void
_limn_document_emit_difference (LimnDocument *self, const LimnDocumentState *before)
{
  LimnRect rect;

  g_assert (LIMN_IS_DOCUMENT (self));

  if (!same_size (before->image, self->now.image)
      || limn_tiles_get_channels (before->image) != limn_tiles_get_channels (self->now.image))
    {
      _limn_document_emit_resized (self);
      return;
    }
  tell_difference (self, before->image, self->now.image, LIMN_LAYER_IMAGE);
  tell_difference (self, before->mask, self->now.mask, LIMN_LAYER_MASK);
  rect = (LimnRect) { 0, 0, limn_document_get_width (self), limn_document_get_height (self) };
  if (labels_differ (before->labels, self->now.labels))
    _limn_document_emit_changed (self, &rect, LIMN_LAYER_LABELS);
  if (!limn_boxes_equal (before->boxes, self->now.boxes))
    _limn_document_emit_changed (self, &rect, LIMN_LAYER_BOXES);
}

/* Goes to the state of the latest step of @from and leaves the present one in @to. */
static void
travel (LimnDocument *self, GQueue *from, GQueue *to)
{
  LimnDocumentStep *step = g_queue_pop_head (from);
  LimnDocumentState before = self->now;
  LimnDocumentState kept = { 0 };

  if (from == &self->undo)
    self->undo_bytes -= step->bytes;
  self->now = step->state;
  step->state = (LimnDocumentState) { 0 };
  self->mask_bounds_known = FALSE;
  self->going_on = NULL;

  _limn_document_state_copy (&before, &kept);
  if (to == &self->undo)
    push_undo (self, step_new (&kept, &self->now, step->label));
  else
    g_queue_push_head (to, step_new (&kept, &self->now, step->label));

  _limn_document_emit_difference (self, &before);
  _limn_document_state_clear (&before);
  step_free (step);
  _limn_document_publish (self);
}

void
limn_document_undo (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  _limn_document_settle (self);
  if (limn_document_get_can_undo (self) && !_limn_document_cancel_last_mask_edit (self))
    travel (self, &self->undo, &self->redo);
}

void
limn_document_redo (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (limn_document_get_can_redo (self))
    travel (self, &self->redo, &self->undo);
}
