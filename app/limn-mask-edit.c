/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"
#include "app/limn-mask-edit.h"
#include "app/limn-mask-filter.h"
#include "app/limn-mask-flood.h"

LimnTiles *
limn_mask_edit_run (const LimnMaskEdit *edit,
                    LimnTiles *mask,
                    LimnTiles *image,
                    GCancellable *cancellable,
                    GError **error)
{
  LimnTiles *edited = NULL;

  g_return_val_if_fail (edit != NULL && mask != NULL, NULL);

  switch (edit->kind)
    {
    case LIMN_MASK_EDIT_GROW:
      edited = limn_mask_grow (mask, edit->radius, cancellable);
      break;
    case LIMN_MASK_EDIT_SHRINK:
      edited = limn_mask_shrink (mask, edit->radius, cancellable);
      break;
    case LIMN_MASK_EDIT_FEATHER:
      edited = limn_mask_feather (mask, edit->radius, cancellable);
      break;
    case LIMN_MASK_EDIT_FILL_HOLES:
      edited = limn_mask_fill_holes (mask, cancellable);
      break;
    case LIMN_MASK_EDIT_WAND:
      edited = limn_mask_wand (mask, image, edit->x, edit->y, edit->tolerance, edit->contiguous,
                               edit->mode, cancellable);
      break;
    case LIMN_MASK_EDIT_POLYGON:
      edited = limn_tiles_copy (mask);
      limn_mask_fill_polygon (edited, edit->points, edit->n_points, edit->mode);
      break;
    case LIMN_MASK_EDIT_INVERT:
      edited = limn_tiles_copy (mask);
      limn_tiles_invert (edited);
      break;
    }
  if (edited == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
  return edited;
}

static const char *
label_of (const LimnMaskEdit *edit)
{
  switch (edit->kind)
    {
    case LIMN_MASK_EDIT_GROW:
      return _ ("Grow Mask");
    case LIMN_MASK_EDIT_SHRINK:
      return _ ("Shrink Mask");
    case LIMN_MASK_EDIT_FEATHER:
      return _ ("Feather Mask");
    case LIMN_MASK_EDIT_FILL_HOLES:
      return _ ("Fill Holes of Mask");
    case LIMN_MASK_EDIT_POLYGON:
      return edit->mode == LIMN_MASK_ADD        ? _ ("Add to Mask")
             : edit->mode == LIMN_MASK_SUBTRACT ? _ ("Take from Mask")
                                                : _ ("New Mask");
    case LIMN_MASK_EDIT_INVERT:
      return _ ("Invert Mask");
    case LIMN_MASK_EDIT_WAND:
    default:
      return _ ("Magic Wand");
    }
}

/* ---- On a document --------------------------------------------------------------------------- */

typedef struct
{
  LimnMaskEdit edit;
  int width, height;         /* of the picture that it was asked for */
  LimnTiles *mask, *image;   /* copies of what is being worked on */
  LimnTiles *edited;         /* what came of it, while it waits for a stroke to end */
  GCancellable *cancellable; /* NULL in the worker's */
} Work;

static Work *
work_new (const LimnMaskEdit *edit)
{
  Work *work = g_new0 (Work, 1);

  work->edit = *edit;
  work->edit.points = g_memdup2 (edit->points, edit->n_points * sizeof *edit->points);
  return work;
}

static void
work_free (Work *work)
{
  g_clear_pointer (&work->mask, limn_tiles_free);
  g_clear_pointer (&work->image, limn_tiles_free);
  g_clear_pointer (&work->edited, limn_tiles_free);
  g_clear_object (&work->cancellable);
  g_free ((gpointer)work->edit.points);
  g_free (work);
}

static void
run_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  const Work *work = task_data;
  GError *error = NULL;
  LimnTiles *edited
      = limn_mask_edit_run (&work->edit, work->mask, work->image, cancellable, &error);

  if (edited != NULL)
    g_task_return_pointer (task, edited, (GDestroyNotify)limn_tiles_free);
  else
    g_task_return_error (task, error);
}

static void start_first (LimnDocument *self);

static gboolean
is_same (LimnTiles *a, LimnTiles *b)
{
  return limn_tiles_get_width (a) == limn_tiles_get_width (b)
         && limn_tiles_get_height (a) == limn_tiles_get_height (b) && !limn_tiles_diff (a, b, NULL);
}

/* Ends the first edit of the queue and begins the next. */
static void
end_first (LimnDocument *self, GError *error)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->mask_edits);

  _limn_document_publish (self);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  start_first (self);
}

/* Whether the edit is about a place in a picture of another size. */
static gboolean
is_misplaced (LimnDocument *self, const Work *work)
{
  return (work->edit.kind == LIMN_MASK_EDIT_POLYGON || work->edit.kind == LIMN_MASK_EDIT_WAND)
         && (work->width != limn_document_get_width (self)
             || work->height != limn_document_get_height (self));
}

/* Takes over what the first edit of the queue came to, unless the mask it came of is not there any
 * more. */
static void
take_over (LimnDocument *self)
{
  Work *work = g_task_get_task_data (g_queue_peek_head (&self->mask_edits));

  if (self->stroke.active || self->label_stroke.active)
    return;
  if (g_cancellable_is_cancelled (work->cancellable) || is_misplaced (self, work))
    {
      end_first (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled")));
      return;
    }
  if (!is_same (work->mask, self->now.mask))
    {
      g_clear_pointer (&work->edited, limn_tiles_free);
      start_first (self);
      return;
    }
  if (limn_tiles_diff (work->edited, self->now.mask, NULL))
    limn_document_set_mask (self, g_steal_pointer (&work->edited), label_of (&work->edit));
  end_first (self, NULL);
}

static void
worked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  LimnDocument *self = LIMN_DOCUMENT (object);
  Work *work = g_task_get_task_data (g_queue_peek_head (&self->mask_edits));
  GError *error = NULL;

  work->edited = g_task_propagate_pointer (G_TASK (result), &error);
  if (work->edited == NULL)
    end_first (self, error);
  else
    take_over (self);
}

static void
start_first (LimnDocument *self)
{
  GTask *outer = g_queue_peek_head (&self->mask_edits);
  g_autoptr (GTask) task = NULL;
  Work *work, *copy;

  if (outer == NULL)
    return;
  work = g_task_get_task_data (outer);
  g_clear_pointer (&work->mask, limn_tiles_free);
  _limn_document_settle (self);
  work->mask = limn_tiles_copy (self->now.mask);
  /* The worker has copies of its own. */
  copy = work_new (&work->edit);
  copy->mask = limn_tiles_copy (self->now.mask);
  copy->image = limn_tiles_copy (self->now.image);
  task = g_task_new (self, work->cancellable, worked_cb, NULL);
  g_task_set_source_tag (task, start_first);
  g_task_set_task_data (task, copy, (GDestroyNotify)work_free);
  g_task_run_in_thread (task, run_worker);
}

gboolean
_limn_document_is_mask_busy (LimnDocument *self)
{
  for (GList *l = self->mask_edits.head; l != NULL; l = l->next)
    if (!g_cancellable_is_cancelled (((Work *)g_task_get_task_data (l->data))->cancellable))
      return TRUE;
  return FALSE;
}

gboolean
_limn_document_cancel_last_mask_edit (LimnDocument *self)
{
  for (GList *l = self->mask_edits.tail; l != NULL; l = l->prev)
    {
      Work *work = g_task_get_task_data (l->data);

      if (g_cancellable_is_cancelled (work->cancellable))
        continue;
      g_cancellable_cancel (work->cancellable);
      _limn_document_publish (self);
      return TRUE;
    }
  return FALSE;
}

void
_limn_document_cancel_mask_edits (LimnDocument *self)
{
  while (_limn_document_cancel_last_mask_edit (self))
    ;
}

void
_limn_document_resume_mask_edits (LimnDocument *self)
{
  GTask *first = g_queue_peek_head (&self->mask_edits);

  if (first != NULL && ((Work *)g_task_get_task_data (first))->edited != NULL)
    take_over (self);
}

void
limn_document_edit_mask_async (LimnDocument *self,
                               const LimnMaskEdit *edit,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task;
  Work *work;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (edit != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  work = work_new (edit);
  work->width = limn_document_get_width (self);
  work->height = limn_document_get_height (self);
  work->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_document_edit_mask_async);
  g_task_set_task_data (task, work, (GDestroyNotify)work_free);
  g_queue_push_tail (&self->mask_edits, task);
  if (g_queue_get_length (&self->mask_edits) == 1)
    start_first (self);
  _limn_document_publish (self);
}

void
_limn_document_edit_mask_now (LimnDocument *self, const LimnMaskEdit *edit)
{
  LimnTiles *edited;

  _limn_document_settle (self);
  edited = limn_mask_edit_run (edit, self->now.mask, self->now.image, NULL, NULL);
  if (limn_tiles_diff (edited, self->now.mask, NULL))
    limn_document_set_mask (self, edited, label_of (edit));
  else
    limn_tiles_free (edited);
}

/* Nobody asks what came of it: it is in the document, or it was taken back. */
void
_limn_document_edit_mask_later (LimnDocument *self, const LimnMaskEdit *edit)
{
  limn_document_edit_mask_async (self, edit, NULL, NULL, NULL);
}

gboolean
limn_document_edit_mask_finish (LimnDocument *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
