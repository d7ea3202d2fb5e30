/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include "app/limn-document-expand.h"

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"
#include "app/limn-tiles-private.h"

typedef struct
{
  LimnMargins margins;
  LimnTiles *image, *mask;         /* as they were */
  LimnTiles *photo, *paint;        /* nullable: what is painted, and what is beneath it */
  LimnTiles *new_image, *new_mask; /* made by the worker */
  LimnTiles *new_photo, *new_paint;
} Expansion;

static void
expansion_free (gpointer data)
{
  Expansion *expansion = data;

  limn_tiles_free (expansion->image);
  limn_tiles_free (expansion->mask);
  limn_tiles_free (expansion->new_image);
  limn_tiles_free (expansion->new_mask);
  limn_tiles_free (expansion->photo);
  limn_tiles_free (expansion->paint);
  limn_tiles_free (expansion->new_photo);
  limn_tiles_free (expansion->new_paint);
  g_free (expansion);
}

/* Takes over @image (nullable). */
static LimnTiles *
take_tiles (LimnImage *image, GError **error)
{
  LimnTiles *tiles;

  if (image == NULL)
    return NULL;
  tiles = limn_tiles_new_from_image (image);
  if (tiles == NULL)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                 _ ("There is not enough memory for a picture of %d × %d pixels"), image->width,
                 image->height);
  limn_image_unref (image);
  return tiles;
}

/* Paint moves along, and so does what is beneath it; all around is the larger picture's own. */
static void
move_paint (Expansion *expansion)
{
  LimnTiles *paint = expansion->paint, *new_image = expansion->new_image;
  int channels = limn_tiles_get_channels (expansion->photo);
  gsize stride = (gsize)LIMN_TILE_SIZE * MAX (channels, 4);
  g_autofree guint8 *pixels = g_malloc (stride * LIMN_TILE_SIZE);

  expansion->new_photo = limn_tiles_copy (new_image);
  expansion->new_paint = limn_tiles_new (new_image->width, new_image->height, 4);
  for (int ty = 0; ty < paint->n_rows; ty++)
    for (int tx = 0; tx < paint->n_columns; tx++)
      {
        LimnRect from = _limn_tiles_rect (paint, tx, ty), to = from;

        if (limn_tiles_read (paint, tx, ty) == _limn_tile_read (NULL))
          continue;
        to.x += expansion->margins.left;
        to.y += expansion->margins.top;
        limn_tiles_read_rect (expansion->photo, &from, pixels, stride);
        limn_tiles_write_rect (expansion->new_photo, &to, pixels, stride);
        limn_tiles_read_rect (paint, &from, pixels, stride);
        limn_tiles_write_rect (expansion->new_paint, &to, pixels, stride);
      }
}

static void
expand_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Expansion *expansion = task_data;
  GError *error = NULL;
  g_autoptr (LimnImage) image = limn_tiles_to_image (expansion->image, &error);
  g_autoptr (LimnImage) mask = NULL;

  if (image != NULL)
    expansion->new_image
        = take_tiles (limn_expand_image (image, &expansion->margins, &error), &error);
  if (expansion->new_image != NULL)
    mask = limn_tiles_to_image (expansion->mask, &error);
  if (mask != NULL)
    expansion->new_mask = take_tiles (
        limn_expand_mask (mask, mask->width, mask->height, &expansion->margins, &error), &error);
  if (expansion->new_mask != NULL && expansion->paint != NULL)
    move_paint (expansion);
  if (expansion->new_mask != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
limn_document_expand_async (LimnDocument *self,
                            const LimnMargins *margins,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Expansion *expansion;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (margins != NULL);

  limn_document_end_stroke (self);
  expansion = g_new0 (Expansion, 1);
  expansion->margins = *margins;
  expansion->image = limn_tiles_copy (self->now.image);
  expansion->mask = limn_tiles_copy (self->now.mask);
  if (self->now.paint != NULL)
    {
      expansion->photo = limn_tiles_copy (self->now.photo);
      expansion->paint = limn_tiles_copy (self->now.paint);
    }
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_document_expand_async);
  g_task_set_task_data (task, expansion, expansion_free);
  g_task_run_in_thread (task, expand_worker);
}

static gboolean
is_same (LimnTiles *a, LimnTiles *b)
{
  LimnRect rect;

  return limn_tiles_get_width (a) == limn_tiles_get_width (b)
         && limn_tiles_get_height (a) == limn_tiles_get_height (b)
         && limn_tiles_get_channels (a) == limn_tiles_get_channels (b)
         && !limn_tiles_diff (a, b, &rect);
}

gboolean
limn_document_expand_finish (LimnDocument *self, GAsyncResult *result, GError **error)
{
  Expansion *expansion;
  LimnDocumentState before, shown = { 0 };
  LimnRect from;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  expansion = g_task_get_task_data (G_TASK (result));
  if (!is_same (expansion->image, self->now.image) || !is_same (expansion->mask, self->now.mask))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                           _ ("The picture was changed while it was being enlarged"));
      return FALSE;
    }
  if (!limn_document_get_expanded_from (self, &from))
    from = (LimnRect){ 0, 0, limn_document_get_width (self), limn_document_get_height (self) };
  limn_document_end_stroke (self);
  _limn_document_state_copy (&self->now, &before);
  _limn_document_state_copy (&self->now, &shown);
  limn_tiles_free (self->now.image);
  limn_tiles_free (self->now.mask);
  self->now.image = g_steal_pointer (&expansion->new_image);
  self->now.mask = g_steal_pointer (&expansion->new_mask);
  limn_tiles_free (self->now.photo);
  limn_tiles_free (self->now.paint);
  self->now.photo = g_steal_pointer (&expansion->new_photo);
  self->now.paint = g_steal_pointer (&expansion->new_paint);
  _limn_document_state_settle (&self->now);
  _limn_document_drawn_expanded (self, &(LimnRect){ expansion->margins.left, expansion->margins.top,
                                                   limn_tiles_get_width (expansion->image),
                                                   limn_tiles_get_height (expansion->image) });
  self->now.image_serial = ++self->last_serial;
  from.x += expansion->margins.left;
  from.y += expansion->margins.top;
  self->now.expanded_from = from;
  self->mask_bounds_known = FALSE;
  _limn_document_push_step (self, &before, _ ("Enlarge Canvas"));
  _limn_document_emit_difference (self, &shown);
  _limn_document_state_clear (&shown);
  _limn_document_publish (self);
  return TRUE;
}

gboolean
limn_document_get_expanded_from (LimnDocument *self, LimnRect *rect)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  if (rect != NULL)
    *rect = self->now.expanded_from;
  return !limn_rect_is_empty (&self->now.expanded_from);
}
