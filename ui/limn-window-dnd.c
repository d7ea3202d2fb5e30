/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is dropped on the window: pictures and models are opened; a picture that can be nothing but a
 * mask of the one that is shown becomes that.
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "app/limn-image-file.h"
#include "app/limn-model-file.h"

/* What was dropped, and the size of the picture that was shown then. */
typedef struct
{
  LimnDocument *document;
  GFile *file;
  int width, height;
} Dropped;

static void
dropped_free (gpointer data)
{
  Dropped *dropped = data;

  g_object_unref (dropped->document);
  g_object_unref (dropped->file);
  g_free (dropped);
}

/* What cannot be read is nothing in particular: whoever opens it says what is wrong. */
static void
look_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Dropped *dropped = task_data;
  g_autoptr (LimnImage) image = limn_image_file_read (dropped->file, NULL, cancellable, NULL);

  g_task_return_boolean (task, image != NULL && image->width == dropped->width
                                   && image->height == dropped->height
                                   && limn_mask_is_likely (image));
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  const Dropped *dropped = g_task_get_task_data (G_TASK (result));
  gboolean is_mask = g_task_propagate_boolean (G_TASK (result), NULL);

  if (_limn_window_get_app (self) == NULL)
    return;
  if (!is_mask || dropped->document != self->document)
    {
      limn_window_open_file (self, dropped->file);
      return;
    }
  limn_window_load_mask (self, dropped->file);
  _limn_window_toast_action (self, _ ("Loaded as the mask"), _ ("Open instead"), "win.open-uri",
                             g_variant_new_take_string (g_file_get_uri (dropped->file)));
}

static void
drop_file (LimnWindow *self, GFile *file)
{
  g_autoptr (GTask) task = NULL;
  Dropped *dropped;

  if (self->document == NULL || limn_model_file_is_likely (file))
    {
      limn_window_open_file (self, file);
      return;
    }
  dropped = g_new (Dropped, 1);
  *dropped = (Dropped){ g_object_ref (self->document), g_object_ref (file),
                        limn_document_get_width (self->document),
                        limn_document_get_height (self->document) };
  task = g_task_new (self, NULL, looked_cb, NULL);
  g_task_set_source_tag (task, drop_file);
  g_task_set_task_data (task, dropped, dropped_free);
  g_task_run_in_thread (task, look_worker);
}

void
limn_window_drop_files (LimnWindow *self, GSList *files)
{
  g_return_if_fail (LIMN_IS_WINDOW (self));

  if (files == NULL)
    return;
  drop_file (self, files->data);
  /* Each other one has a window of its own. */
  for (GSList *l = files->next; l != NULL; l = l->next)
    {
      GFile *file = l->data;

      g_application_open (G_APPLICATION (_limn_window_get_app (self)), &file, 1, "");
    }
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

      limn_window_drop_files (self, files);
      return files != NULL;
    }
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    {
      _limn_window_open_texture (self, g_value_get_object (value));
      return TRUE;
    }
  return FALSE;
}

static void
open_uri_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  limn_window_open_file (user_data, file);
}

void
_limn_window_dnd_init (LimnWindow *self)
{
  static const GActionEntry entries[] = { { "open-uri", open_uri_action, "s" } };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  GType types[] = { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
