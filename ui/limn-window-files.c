/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/limn-image-file.h"
#include "app/limn-model-file.h"
#include "ui/limn-preview.h"
#include "ui/limn-sample.h"

/* Where a picture was saved to, kept on the document: the file that it was opened from is never
 * written over unasked. */
#define SAVE_FILE "limn-save-file"

static void
show_opening (LimnWindow *self, gboolean opening)
{
  gtk_spinner_set_spinning (self->loading_spinner, opening && self->document == NULL);
  if (self->document == NULL)
    gtk_stack_set_visible_child_name (self->pages, opening ? "loading" : "empty");
  else
    _limn_window_set_status (self, opening ? _ ("Opening…") : NULL);
}

/* The name that a file has for people (transfer full). */
static char *
display_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);

  return base != NULL ? g_filename_display_name (base) : g_strdup ("?");
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnDocument) document = limn_document_open_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->opening);
  show_opening (self, FALSE);
  if (document != NULL)
    limn_window_set_document (self, document);
  else
    /* It names the file and the reason. */
    _limn_window_toast_error (self, error->message, error);
}

/* A later opening replaces an earlier one that is not done. */
static GCancellable *
begin_opening (LimnWindow *self)
{
  g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  self->opening = g_cancellable_new ();
  show_opening (self, TRUE);
  return self->opening;
}

void
limn_window_open_file (LimnWindow *self, GFile *file)
{
  g_return_if_fail (LIMN_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  if (limn_model_file_is_likely (file))
    {
      limn_window_add_model (self, file);
      return;
    }
  limn_document_open_async (file, begin_opening (self), opened_cb, g_object_ref (self));
}

void
_limn_window_return_failure (GTask *task, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             _ ("There is not enough memory for the picture."));
}

void
_limn_window_return_tiles (GTask *task, const LimnImage *image, GError *error)
{
  LimnTiles *tiles = image != NULL ? limn_tiles_new_from_image (image) : NULL;

  if (tiles != NULL)
    g_task_return_pointer (task, tiles, (GDestroyNotify)limn_tiles_free);
  else
    _limn_window_return_failure (task, error);
}

static void
texture_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (LimnImage) image = limn_image_from_texture (task_data, &error);

  _limn_window_return_tiles (task, image, error);
}

static void
texture_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  g_autoptr (GError) error = NULL;
  LimnTiles *tiles = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->opening);
  show_opening (self, FALSE);
  if (tiles != NULL)
    {
      g_autoptr (LimnDocument) document = limn_document_new (tiles, NULL, NULL);

      limn_window_set_document (self, document);
    }
  else
    _limn_window_toast_error (self, _ ("The picture could not be taken over."), error);
}

void
_limn_window_open_texture (LimnWindow *self, GdkTexture *texture)
{
  g_autoptr (GTask) task = g_task_new (self, begin_opening (self), texture_read_cb, NULL);

  g_task_set_source_tag (task, _limn_window_open_texture);
  g_task_set_task_data (task, g_object_ref (texture), g_object_unref);
  g_task_run_in_thread (task, texture_worker);
}

static void
clipboard_texture_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture
      = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);

  if (texture != NULL)
    _limn_window_open_texture (self, texture);
  else
    _limn_window_toast_error (self, _ ("The clipboard holds no picture."), error);
}

static void
clipboard_files_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);
  g_autoptr (GSList) files
      = value != NULL ? gdk_file_list_get_files (g_value_get_boxed (value)) : NULL;

  if (files != NULL)
    limn_window_open_file (self, files->data);
  else
    _limn_window_toast_error (self, _ ("The clipboard holds no picture."), error);
}

static void
paste_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  g_autoptr (GdkContentFormats) formats = gdk_content_formats_union_deserialize_gtypes (
      gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard)));

  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                    clipboard_files_cb, g_object_ref (self));
  else if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    gdk_clipboard_read_texture_async (clipboard, NULL, clipboard_texture_cb, g_object_ref (self));
  else
    _limn_window_toast (self, _ ("The clipboard holds no picture."));
}

static void
copy_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image
      = limn_tiles_to_image (limn_document_get_image (self->document), &error);
  g_autoptr (GdkTexture) texture = NULL;

  if (image == NULL)
    {
      _limn_window_toast_error (self, _ ("The picture could not be copied."), error);
      return;
    }
  texture = limn_texture_from_image (image);
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), texture);
  _limn_window_toast (self, _ ("Picture copied"));
}

static void
sample_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GFile) file = limn_sample_find ();

  if (file != NULL)
    limn_window_open_file (user_data, file);
  else
    _limn_window_toast (user_data, _ ("No sample photo is installed."));
}

static void
open_response_cb (GtkNativeDialog *dialog, int response, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      if (file != NULL)
        limn_window_open_file (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
open_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  /* GTK does not keep a native dialog alive: the window does. */
  g_clear_object (&self->chooser);
  self->chooser
      = gtk_file_chooser_native_new (_ ("Open a photo"), GTK_WINDOW (self),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect (self->chooser, "response", G_CALLBACK (open_response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

typedef struct
{
  LimnWindow *window;
  GApplication *application; /* held until the file is written */
  GFile *file;
  LimnSavedFunc done;
} Saving;

static void
saving_free (Saving *saving)
{
  g_application_release (saving->application);
  g_object_unref (saving->application);
  g_object_unref (saving->window);
  g_object_unref (saving->file);
  g_free (saving);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saving, saving_free)

/* Most errors name the file themselves (transfer full). */
static char *
describe_failure (const char *name, const GError *error)
{
  if (strstr (error->message, name) != NULL)
    return g_strdup (error->message);
  /* Translators: a file's name, then the reason */
  return g_strdup_printf (_ ("“%s” could not be saved: %s"), name, error->message);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnDocument *document = LIMN_DOCUMENT (source);
  g_autoptr (Saving) saving = user_data;
  g_autoptr (GError) error = NULL;
  gboolean saved = limn_document_save_finish (document, result, &error);
  g_autofree char *name = display_name (saving->file);
  g_autofree char *text = NULL;

  if (saved)
    {
      g_object_set_data_full (G_OBJECT (document), SAVE_FILE, g_object_ref (saving->file),
                              g_object_unref);
      /* Translators: a file's name */
      text = g_strdup_printf (_ ("Saved as “%s”"), name);
      _limn_window_toast (saving->window, text);
    }
  else
    {
      text = describe_failure (name, error);
      _limn_window_toast_action (saving->window, text, _ ("Details"), "win.error-details",
                                 g_variant_new_string (text));
    }
  if (saving->done != NULL)
    saving->done (saving->window, saved);
}

static void
save_to (LimnWindow *self, LimnDocument *document, GFile *file, LimnSavedFunc done)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->window = g_object_ref (self);
  saving->application = g_object_ref (G_APPLICATION (_limn_window_get_app (self)));
  saving->file = g_object_ref (file);
  saving->done = done;
  g_application_hold (saving->application);
  limn_document_save_async (document, file, g_settings_get_int (self->settings, "jpeg-quality"),
                            NULL, saved_cb, saving);
}

void
limn_window_save_to (LimnWindow *self, GFile *file)
{
  g_return_if_fail (LIMN_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (self->document != NULL);

  save_to (self, self->document, file, NULL);
}

static gboolean
has_known_suffix (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL
         && (g_ascii_strcasecmp (dot, ".png") == 0 || g_ascii_strcasecmp (dot, ".jpg") == 0
             || g_ascii_strcasecmp (dot, ".jpeg") == 0);
}

/* A name without a suffix means PNG: nothing is lost (transfer full). */
static GFile *
with_suffix (GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *full = NULL;

  if (name == NULL || folder == NULL || has_known_suffix (name))
    return g_object_ref (file);
  full = g_strconcat (name, ".png", NULL);
  return g_file_get_child (folder, full);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, LimnWindow *self)
{
  LimnSavedFunc done = (LimnSavedFunc)g_object_get_data (G_OBJECT (dialog), "limn-done");
  LimnDocument *document = g_object_get_data (G_OBJECT (dialog), "limn-document");

  g_assert (LIMN_IS_WINDOW (self));

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) chosen = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (GFile) file = with_suffix (chosen);

      save_to (self, document, file, done);
    }
  else if (done != NULL)
    done (self, FALSE);
  g_clear_object (&self->chooser);
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *pattern, const char *second)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  if (second != NULL)
    gtk_file_filter_add_pattern (filter, second);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* Beside the photo; where that may not be written in, as with the sample, where pictures lie (transfer full). */
static GFile *
folder_for_copy (GFile *file, const char *name)
{
  g_autoptr (GFile) folder = file != NULL ? g_file_get_parent (file) : NULL;
  g_autoptr (GFile) copy = folder != NULL ? g_file_get_child (folder, name) : NULL;
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);

  if (file == NULL)
    return NULL;
  if (copy != NULL && limn_image_file_can_write (copy, NULL))
    return g_steal_pointer (&folder);
  return g_file_new_for_path (pictures != NULL && g_file_test (pictures, G_FILE_TEST_IS_DIR)
                                  ? pictures
                                  : g_get_home_dir ());
}

static void
save_as (LimnWindow *self, LimnDocument *document, LimnSavedFunc done)
{
  g_autoptr (GFile) folder = NULL;
  g_autofree char *stem = g_strdup (limn_document_get_title (document));
  g_autofree char *name = NULL;
  GtkFileChooser *chooser;

  if (has_known_suffix (stem))
    *strrchr (stem, '.') = '\0';
  /* Translators: the suggested name of a repainted copy of a photo; %s is its name without suffix
   */
  name = g_strdup_printf (_ ("%s repainted.png"), stem);
  g_clear_object (&self->chooser);
  self->chooser
      = gtk_file_chooser_native_new (_ ("Save the picture"), GTK_WINDOW (self),
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  chooser = GTK_FILE_CHOOSER (self->chooser);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (chooser, name);
  folder = folder_for_copy (limn_document_get_file (document), name);
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (chooser, folder, NULL);
  add_filter (chooser, _ ("PNG, without loss"), "*.png", NULL);
  add_filter (chooser, _ ("JPEG, smaller"), "*.jpg", "*.jpeg");
  g_object_set_data (G_OBJECT (self->chooser), "limn-done", (gpointer)done);
  g_object_set_data_full (G_OBJECT (self->chooser), "limn-document", g_object_ref (document),
                          g_object_unref);
  g_signal_connect (self->chooser, "response", G_CALLBACK (save_response_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

void
_limn_window_save_document_as (LimnWindow *self, LimnDocument *document)
{
  save_as (self, document, NULL);
}

void
_limn_window_save (LimnWindow *self, LimnSavedFunc done)
{
  GFile *file
      = self->document != NULL ? g_object_get_data (G_OBJECT (self->document), SAVE_FILE) : NULL;

  if (self->document == NULL)
    return;
  if (file != NULL)
    save_to (self, self->document, file, done);
  else
    save_as (self, self->document, done);
}

static void
save_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_save (user_data, NULL);
}

static void
save_as_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  save_as (user_data, LIMN_WINDOW (user_data)->document, NULL);
}

const GActionEntry _limn_window_file_actions[] = {
  { "open", open_action },     { "paste", paste_action }, { "copy", copy_action },
  { "sample", sample_action }, { "save", save_action },   { "save-as", save_as_action },
};
const int _limn_window_n_file_actions = G_N_ELEMENTS (_limn_window_file_actions);
