/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/limn-document-drawn.h"
#include "app/limn-document-private.h"

/* What the worker makes of a file: a document is made of it in the caller's thread. */
typedef struct
{
  LimnTiles *tiles;
  LimnImageMeta *meta;
  LimnBoxes *boxes;  /* nullable: drawn on it when it was saved */
  LimnTiles *labels; /* nullable */
} Opened;

static void
opened_free (Opened *opened)
{
  limn_tiles_free (opened->tiles);
  limn_image_meta_free (opened->meta);
  g_clear_pointer (&opened->boxes, limn_boxes_unref);
  g_clear_pointer (&opened->labels, limn_tiles_free);
  g_free (opened);
}

static void
open_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (LimnImage) image = NULL;
  GError *error = NULL;
  Opened *opened = g_new0 (Opened, 1);

  image = limn_image_file_read (task_data, &opened->meta, cancellable, &error);
  if (image != NULL)
    {
      opened->tiles = limn_tiles_new_from_image (image);
      if (opened->tiles == NULL)
        {
          g_autofree char *base = g_file_get_basename (task_data);
          g_autofree char *name = g_filename_display_name (base != NULL ? base : "?");

          g_set_error (&error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY, _("There is not enough memory to open “%s”"), name);
        }
    }
  if (error == NULL)
    {
      if (opened->meta != NULL)
        _limn_document_take_drawn (opened->meta->text, &opened->boxes, &opened->labels);
      g_task_return_pointer (task, opened, (GDestroyNotify) opened_free);
      return;
    }
  opened_free (opened);
  g_task_return_error (task, error);
}

void
limn_document_open_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_document_open_async);
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, open_worker);
}

LimnDocument *
limn_document_open_finish (GAsyncResult *result, GError **error)
{
  Opened *opened;
  LimnDocument *document;

  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  opened = g_task_propagate_pointer (G_TASK (result), error);
  if (opened == NULL)
    return NULL;
  document = limn_document_new (g_steal_pointer (&opened->tiles), g_task_get_task_data (G_TASK (result)),
                                g_steal_pointer (&opened->meta));
  document->now.boxes = g_steal_pointer (&opened->boxes);
  document->now.labels = g_steal_pointer (&opened->labels);
  opened_free (opened);
  return document;
}

/* What is saved is the picture as it was when saving began; painting goes on. */
typedef struct
{
  LimnTiles *tiles;
  GFile *file;
  GHashTable *text;
  LimnBoxes *boxes;  /* nullable */
  LimnTiles *labels; /* nullable */
  guint64 serial;
  int quality;
} Saving;

static void
saving_free (Saving *saving)
{
  limn_tiles_free (saving->tiles);
  g_clear_pointer (&saving->text, g_hash_table_unref);
  g_clear_pointer (&saving->boxes, limn_boxes_unref);
  g_clear_pointer (&saving->labels, limn_tiles_free);
  g_object_unref (saving->file);
  g_free (saving);
}

static void
save_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Saving *saving = task_data;
  g_autoptr (LimnImage) image = NULL;
  g_autoptr (GHashTable) text = NULL;
  GError *error = NULL;

  image = limn_tiles_to_image (saving->tiles, &error);
  text = _limn_document_keep_drawn (saving->text, saving->boxes, saving->labels);
  if (image != NULL && limn_image_file_write (image, saving->file, saving->quality, text, NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
limn_document_save_async (LimnDocument *self, GFile *file, int jpeg_quality, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Saving *saving;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _limn_document_settle (self);
  saving = g_new0 (Saving, 1);
  saving->tiles = limn_tiles_copy (self->now.image);
  saving->file = g_object_ref (file);
  saving->text = self->now.text != NULL ? g_hash_table_ref (self->now.text) : NULL;
  saving->boxes = self->now.boxes != NULL ? limn_boxes_ref (self->now.boxes) : NULL;
  saving->labels = limn_document_has_labels (self) ? limn_tiles_copy (self->now.labels) : NULL;
  saving->serial = self->now.image_serial;
  saving->quality = jpeg_quality;

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, limn_document_save_async);
  g_task_set_task_data (task, saving, (GDestroyNotify) saving_free);
  /* Once the file is there it is saved, even if somebody cancelled a moment later. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, save_worker);
}

gboolean
limn_document_save_finish (LimnDocument *self, GAsyncResult *result, GError **error)
{
  const Saving *saving;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  saving = g_task_get_task_data (G_TASK (result));
  self->saved_serial = saving->serial;
  _limn_document_set_file (self, saving->file);
  _limn_document_publish (self);
  return TRUE;
}
