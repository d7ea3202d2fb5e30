/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"

/* So many tiles of a mask are turned around on the main thread: each takes some 30 microseconds. */
#define MAX_INVERTED 64

/* Every edit begins and ends with these two; in between it changes self->now. */
static void
begin_edit (LimnDocument *self, LimnDocumentState *before)
{
  limn_document_end_stroke (self);
  _limn_document_state_copy (&self->now, before);
}

static void
end_edit (LimnDocument *self, LimnDocumentState *before, const char *label)
{
  LimnDocumentState shown = { 0 };

  _limn_document_state_copy (before, &shown);
  self->mask_bounds_known = FALSE;
  _limn_document_push_step (self, before, label);
  _limn_document_emit_difference (self, &shown);
  _limn_document_state_clear (&shown);
  _limn_document_publish (self);
}

void
limn_document_mask_clear (LimnDocument *self)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  _limn_document_cancel_mask_edits (self);
  _limn_document_settle (self);
  if (_limn_document_mask_is_empty (self))
    return;
  begin_edit (self, &before);
  limn_tiles_fill (self->now.mask, 0);
  end_edit (self, &before, _("Clear Mask"));
}

void
limn_document_mask_fill (LimnDocument *self)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  _limn_document_cancel_mask_edits (self);
  begin_edit (self, &before);
  limn_tiles_fill (self->now.mask, 255);
  end_edit (self, &before, _("Mask Everything"));
}

void
limn_document_mask_invert (LimnDocument *self)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  _limn_document_settle (self);
  if (_limn_document_is_mask_busy (self) || limn_tiles_count_drawn (self->now.mask) > MAX_INVERTED)
    {
      _limn_document_edit_mask_later (self, &(LimnMaskEdit) { .kind = LIMN_MASK_EDIT_INVERT });
      return;
    }
  begin_edit (self, &before);
  limn_tiles_invert (self->now.mask);
  end_edit (self, &before, _("Invert Mask"));
}

void
limn_document_set_mask (LimnDocument *self, LimnTiles *mask, const char *label)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (mask != NULL && limn_tiles_get_channels (mask) == 1);
  g_return_if_fail (limn_tiles_get_width (mask) == limn_document_get_width (self));
  g_return_if_fail (limn_tiles_get_height (mask) == limn_document_get_height (self));

  begin_edit (self, &before);
  limn_tiles_free (self->now.mask);
  self->now.mask = mask;
  end_edit (self, &before, label);
}

/* The image is a new one from here on: pending until somebody decides. */
static void
become_pending (LimnDocument *self, const LimnDocumentState *before, GHashTable *text)
{
  LimnDocumentState *now = &self->now;

  _limn_document_state_settle (now);
  g_clear_pointer (&now->original_text, g_hash_table_unref);
  now->original = limn_tiles_copy (before->image);
  now->original_photo = before->photo != NULL ? limn_tiles_copy (before->photo) : NULL;
  now->original_paint = before->paint != NULL ? limn_tiles_copy (before->paint) : NULL;
  now->original_text = before->text != NULL ? g_hash_table_ref (before->text) : NULL;
  now->original_serial = before->image_serial;
  g_clear_pointer (&now->text, g_hash_table_unref);
  now->text = text != NULL ? g_hash_table_ref (text) : NULL;
  now->image_serial = ++self->last_serial;
}

static gboolean
patch_fits (LimnDocument *self, const LimnPatch *patch)
{
  const LimnRect *r = &patch->rect;

  return r->x >= 0 && r->y >= 0 && r->width > 0 && r->height > 0 && r->x <= limn_document_get_width (self) - r->width &&
         r->y <= limn_document_get_height (self) - r->height && patch->pixels->channels == 3 && patch->alpha->channels == 1 &&
         patch->pixels->width == r->width && patch->pixels->height == r->height && patch->alpha->width == r->width &&
         patch->alpha->height == r->height;
}

/* The tile as it is with @patch: what was made of the same tile in advance, or by pasting now. */
static void
apply_tile (LimnDocument *self, const LimnPatch *patch, LimnTiles *before, LimnTiles *after, int tx, int ty)
{
  if (before != NULL && limn_tiles_is_shared (self->now.image, before, tx, ty))
    limn_tiles_share (self->now.image, after, tx, ty);
  else
    limn_tiles_paste_tile (self->now.image, patch, tx, ty);
}

static gboolean
is_like_image_of (LimnTiles *image, LimnTiles *tiles)
{
  return limn_tiles_get_width (tiles) == limn_tiles_get_width (image) &&
         limn_tiles_get_height (tiles) == limn_tiles_get_height (image) &&
         limn_tiles_get_channels (tiles) == limn_tiles_get_channels (image);
}

static gboolean
is_like_image (LimnDocument *self, LimnTiles *tiles)
{
  return is_like_image_of (self->now.image, tiles);
}

void
limn_document_apply_prepared_patch (LimnDocument *self, const LimnPatch *patch, LimnTiles *before, LimnTiles *after,
                                    const char *label, GHashTable *text)
{
  LimnDocumentState state;
  const LimnRect *r;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (patch != NULL && patch_fits (self, patch));
  g_return_if_fail ((before != NULL) == (after != NULL));

  r = &patch->rect;
  if (before != NULL && (!is_like_image (self, before) || !is_like_image (self, after)))
    before = after = NULL;
  begin_edit (self, &state);
  for (int ty = r->y / LIMN_TILE_SIZE; ty <= (r->y + r->height - 1) / LIMN_TILE_SIZE; ty++)
    for (int tx = r->x / LIMN_TILE_SIZE; tx <= (r->x + r->width - 1) / LIMN_TILE_SIZE; tx++)
      apply_tile (self, patch, before, after, tx, ty);
  _limn_document_merge_paint (&self->now, patch);
  become_pending (self, &state, text);
  end_edit (self, &state, label);
}

void
limn_document_apply_patch (LimnDocument *self, const LimnPatch *patch, const char *label, GHashTable *text)
{
  limn_document_apply_prepared_patch (self, patch, NULL, NULL, label, text);
}

/* Makes @photo and @paint (both nullable) what the picture is made of. Takes over. */
static void
set_paint (LimnDocument *self, LimnTiles *photo, LimnTiles *paint)
{
  limn_tiles_free (self->now.photo);
  limn_tiles_free (self->now.paint);
  self->now.photo = photo;
  self->now.paint = paint;
}

/* What the picture was made of before the result. */
static void
restore_paint (LimnDocument *self)
{
  const LimnDocumentState *now = &self->now;

  set_paint (self, now->original_photo != NULL ? limn_tiles_copy (now->original_photo) : NULL,
             now->original_paint != NULL ? limn_tiles_copy (now->original_paint) : NULL);
}

/* Makes @tiles the picture (takes over) and scales the mask along. What was painted is in it. */
static void
set_image (LimnDocument *self, LimnTiles *tiles)
{
  int width = limn_tiles_get_width (tiles), height = limn_tiles_get_height (tiles);

  if (width != limn_tiles_get_width (self->now.mask) || height != limn_tiles_get_height (self->now.mask))
    {
      LimnTiles *mask = limn_tiles_scale_mask (self->now.mask, width, height);

      limn_tiles_free (self->now.mask);
      self->now.mask = mask;
    }
  limn_tiles_free (self->now.image);
  self->now.image = tiles;
  set_paint (self, NULL, NULL);
}

void
limn_document_replace_image (LimnDocument *self, LimnTiles *tiles, const char *label, GHashTable *text)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (tiles != NULL && limn_tiles_get_channels (tiles) >= 3);

  begin_edit (self, &before);
  set_image (self, tiles);
  become_pending (self, &before, text);
  end_edit (self, &before, label);
}

/* In every state of @steps that shows the present image it is no longer pending: undoing a stroke does not ask again. */
static void
settle (GQueue *steps, guint64 image_serial)
{
  for (GList *l = steps->head; l != NULL; l = l->next)
    {
      LimnDocumentStep *step = l->data;

      if (step->state.image_serial == image_serial)
        _limn_document_state_settle (&step->state);
    }
}

void
limn_document_keep_result (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  _limn_document_state_settle (&self->now);
  self->now.expanded_from = (LimnRect) { 0 };
  settle (&self->undo, self->now.image_serial);
  settle (&self->redo, self->now.image_serial);
  _limn_document_publish (self);
}

void
limn_document_discard_result (LimnDocument *self)
{
  LimnDocumentStep *last;
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (self->now.original == NULL)
    return;
  limn_document_end_stroke (self);

  /* Nothing came after it: that is undo, and redo brings the result back. */
  last = g_queue_peek_head (&self->undo);
  if (last != NULL && last->state.image_serial == self->now.original_serial)
    {
      limn_document_undo (self);
      return;
    }

  /* The mask was painted on since: keep that, as a step of its own. */
  begin_edit (self, &before);
  set_image (self, limn_tiles_copy (self->now.original));
  restore_paint (self);
  _limn_document_state_settle (&self->now);
  g_clear_pointer (&self->now.text, g_hash_table_unref);
  self->now.text = before.original_text != NULL ? g_hash_table_ref (before.original_text) : NULL;
  self->now.image_serial = before.original_serial;
  end_edit (self, &before, _("Discard Result"));
}

gboolean
limn_document_adjust_result (LimnDocument *self, const LimnPatch *patch, LimnTiles *before, LimnTiles *after,
                             const char *label)
{
  LimnDocumentState shown;
  gboolean goes_on;
  LimnRect rect;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (patch != NULL && before != NULL && after != NULL, FALSE);

  if (self->now.original == NULL || !is_like_image (self, before) || !is_like_image (self, after)
      || !is_like_image_of (self->now.original, before) || limn_tiles_diff (self->now.original, before, &rect))
    return FALSE;
  goes_on = self->adjusted_serial == self->now.image_serial && g_queue_is_empty (&self->redo);
  begin_edit (self, &shown);
  limn_tiles_free (self->now.image);
  self->now.image = limn_tiles_copy (after);
  restore_paint (self);
  _limn_document_merge_paint (&self->now, patch);
  self->now.image_serial = self->adjusted_serial = ++self->last_serial;
  if (!goes_on)
    {
      end_edit (self, &shown, label);
      return TRUE;
    }
  _limn_document_emit_difference (self, &shown);
  _limn_document_state_clear (&shown);
  _limn_document_publish (self);
  return TRUE;
}
