/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "app/limn-document-mask.h"
#include "app/limn-mask-edit.h"
#include "ui/limn-preview.h"
#include "ui/limn-tool.h"

/* To mask is to begin something new: what waits to be kept is kept. */
static void
mask_all_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_keep (user_data);
  limn_document_mask_fill (LIMN_WINDOW (user_data)->document);
}

static void
mask_none_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_keep (user_data);
  limn_document_mask_clear (LIMN_WINDOW (user_data)->document);
}

static void
mask_invert_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_keep (user_data);
  limn_document_mask_invert (LIMN_WINDOW (user_data)->document);
}

static void
mask_again_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_keep (user_data);
  limn_document_recall_mask (LIMN_WINDOW (user_data)->document);
}

/* ---- What a worker does -----------------------------------------------------------------------
 */

static void
edited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  /* It is only ever cancelled, and nobody cancels it. */
  limn_document_edit_mask_finish (LIMN_DOCUMENT (object), result, NULL);
}

void
_limn_window_edit_mask (LimnWindow *self, const LimnMaskEdit *edit)
{
  _limn_window_keep (self);
  limn_document_edit_mask_async (self->document, edit, NULL, edited_cb, NULL);
}

static void
edit_by_radius (LimnWindow *self, LimnMaskEditKind kind)
{
  LimnMaskEdit edit = { .kind = kind };

  edit.radius = g_settings_get_int (self->settings, "mask-radius");
  _limn_window_edit_mask (self, &edit);
}

static void
mask_grow_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  edit_by_radius (user_data, LIMN_MASK_EDIT_GROW);
}

static void
mask_shrink_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  edit_by_radius (user_data, LIMN_MASK_EDIT_SHRINK);
}

static void
mask_feather_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  edit_by_radius (user_data, LIMN_MASK_EDIT_FEATHER);
}

static void
mask_holes_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  edit_by_radius (user_data, LIMN_MASK_EDIT_FILL_HOLES);
}

/* ---- As grey pictures -------------------------------------------------------------------------
 */

/* A document, and what becomes its mask or is made of it, by one of these. */
typedef struct
{
  LimnDocument *document;
  LimnTiles *mask;
  int width, height; /* the document's */
  GFile *file;
  GdkTexture *texture;
} Transfer;

static Transfer *
transfer_new (LimnDocument *document)
{
  Transfer *transfer = g_new0 (Transfer, 1);

  transfer->document = g_object_ref (document);
  transfer->width = limn_document_get_width (document);
  transfer->height = limn_document_get_height (document);
  return transfer;
}

static void
transfer_free (Transfer *transfer)
{
  g_clear_pointer (&transfer->mask, limn_tiles_free);
  g_clear_object (&transfer->file);
  g_clear_object (&transfer->texture);
  g_clear_object (&transfer->document);
  g_free (transfer);
}

/* Takes @transfer over. */
static void
run_transfer (LimnWindow *self,
              Transfer *transfer,
              GTaskThreadFunc worker,
              GAsyncReadyCallback done)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, done, NULL);

  g_task_set_source_tag (task, run_transfer);
  g_task_set_task_data (task, transfer, (GDestroyNotify)transfer_free);
  g_task_run_in_thread (task, worker);
}

/* @image (nullable) as the tiles of a mask of the document's size. */
static void
return_mask (GTask *task, const Transfer *transfer, const LimnImage *image, GError *error)
{
  g_autoptr (LimnTiles) tiles = image != NULL ? limn_tiles_new_from_image (image) : NULL;

  if (tiles != NULL
      && (image->width != transfer->width || image->height != transfer->height))
    {
      LimnTiles *scaled = limn_tiles_scale_mask (tiles, transfer->width, transfer->height);

      limn_tiles_free (tiles);
      tiles = scaled;
    }
  if (tiles != NULL)
    g_task_return_pointer (task, g_steal_pointer (&tiles), (GDestroyNotify)limn_tiles_free);
  else
    _limn_window_return_tiles (task, NULL, error);
}

static void
read_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Transfer *transfer = task_data;
  GError *error = NULL;
  g_autoptr (LimnImage) image = limn_mask_file_read (transfer->file, cancellable, &error);

  return_mask (task, transfer, image, error);
}

static void
paste_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Transfer *transfer = task_data;
  GError *error = NULL;
  g_autoptr (LimnImage) picture = limn_image_from_texture (transfer->texture, &error);
  g_autoptr (LimnImage) grey = NULL;

  if (picture != NULL)
    grey = limn_mask_from_image (picture, &error);
  return_mask (task, transfer, grey, error);
}

static void
take_mask (LimnWindow *self, GAsyncResult *result, const char *label, const char *failure)
{
  const Transfer *transfer = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  LimnTiles *tiles = g_task_propagate_pointer (G_TASK (result), &error);

  if (tiles == NULL)
    _limn_window_toast_error (self, failure, error);
  else
    {
      if (transfer->document == self->document)
        _limn_window_keep (self);
      limn_document_load_mask (transfer->document, tiles, label);
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_mask (LIMN_WINDOW (source), result, _ ("Load Mask"), _ ("The mask could not be loaded."));
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_mask (LIMN_WINDOW (source), result, _ ("Paste Mask"), _ ("The mask could not be pasted."));
}

static void
save_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Transfer *transfer = task_data;
  GError *error = NULL;
  g_autoptr (LimnImage) image = limn_tiles_to_image (transfer->mask, &error);

  if (image != NULL
      && limn_image_file_write (image, transfer->file, 100, NULL, NULL, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    _limn_window_toast (LIMN_WINDOW (source), _ ("Mask saved"));
  else
    _limn_window_toast_error (LIMN_WINDOW (source), _ ("The mask could not be saved."), error);
}

static void
copy_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (LimnImage) image = limn_tiles_to_image (((Transfer *)task_data)->mask, &error);
  GdkTexture *texture = image != NULL ? limn_texture_from_image (image) : NULL;

  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    _limn_window_return_failure (task, error);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), &error);

  if (texture == NULL)
    {
      _limn_window_toast_error (self, _ ("The mask could not be copied."), error);
      return;
    }
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), texture);
  _limn_window_toast (self, _ ("Mask copied"));
}

static void
mask_copy_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  Transfer *transfer = transfer_new (self->document);

  transfer->mask = limn_tiles_copy (limn_document_get_mask (self->document));
  run_transfer (self, transfer, copy_worker, copied_cb);
}

static void
clipboard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture
      = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);
  Transfer *transfer;

  if (texture == NULL)
    _limn_window_toast_error (self, _ ("The clipboard holds no picture."), error);
  else if (self->document != NULL)
    {
      transfer = transfer_new (self->document);
      transfer->texture = g_steal_pointer (&texture);
      run_transfer (self, transfer, paste_worker, pasted_cb);
    }
}

static void
mask_paste_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  gdk_clipboard_read_texture_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL,
                                    clipboard_cb, g_object_ref (self));
}

void
limn_window_load_mask (LimnWindow *self, GFile *file)
{
  Transfer *transfer;

  g_return_if_fail (LIMN_IS_WINDOW (self) && self->document != NULL);

  transfer = transfer_new (self->document);
  transfer->file = g_object_ref (file);
  run_transfer (self, transfer, read_worker, read_cb);
}

void
limn_window_save_mask (LimnWindow *self, GFile *file)
{
  Transfer *transfer;

  g_return_if_fail (LIMN_IS_WINDOW (self) && self->document != NULL);

  transfer = transfer_new (self->document);
  transfer->mask = limn_tiles_copy (limn_document_get_mask (self->document));
  transfer->file = g_object_ref (file);
  run_transfer (self, transfer, save_worker, saved_cb);
}

/* ---- Choosing files ---------------------------------------------------------------------------
 */

static void
chosen_cb (GtkNativeDialog *dialog, int response, LimnWindow *self)
{
  GtkFileChooser *chooser = GTK_FILE_CHOOSER (dialog);

  g_assert (LIMN_IS_WINDOW (self));

  if (response == GTK_RESPONSE_ACCEPT && self->document != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (chooser);

      if (gtk_file_chooser_get_action (chooser) == GTK_FILE_CHOOSER_ACTION_SAVE)
        limn_window_save_mask (self, file);
      else
        limn_window_load_mask (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
choose (LimnWindow *self, GtkFileChooserAction action, const char *title, const char *accept)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (action == GTK_FILE_CHOOSER_ACTION_SAVE)
    {
      /* Translators: the name that is suggested for a file */
      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), _ ("mask.png"));
      gtk_file_filter_set_name (filter, _ ("PNG, without loss"));
      gtk_file_filter_add_pattern (filter, "*.png");
    }
  else
    {
      gtk_file_filter_set_name (filter, _ ("Pictures"));
      gtk_file_filter_add_pixbuf_formats (filter);
    }
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect (self->chooser, "response", G_CALLBACK (chosen_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
mask_load_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  choose (user_data, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Load a mask"), _ ("_Load"));
}

static void
mask_save_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  choose (user_data, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save the mask"), _ ("_Save"));
}

/* ---- Being seen --------------------------------------------------------------------------------
 */

static void
show_mask (LimnWindow *self, gboolean shown)
{
  g_autoptr (GVariant) state = g_variant_ref_sink (g_variant_new_boolean (shown));

  g_action_group_change_action_state (G_ACTION_GROUP (self), "mask-visible", state);
}

static void
mask_visible_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LimnWindow *self = user_data;

  g_simple_action_set_state (action, state);
  self->mask_hidden = !g_variant_get_boolean (state);
  _limn_window_actions_update (self);
}

/* Nobody paints blindly. */
static void
stroke_begin_cb (LimnCanvas *canvas, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if ((limn_tool_lookup (limn_canvas_get_tool (canvas))->flags & LIMN_TOOL_HAS_COLOUR) == 0)
    show_mask (self, TRUE);
}

static void
edit_mask_cb (LimnCanvas *canvas, const LimnMaskEdit *edit, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_edit_mask (self, edit);
}

/* The brush, or the eraser, with that option; once more without it. */
static void
edges_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnToolOptions *options = limn_canvas_get_options (self->canvas);
  const LimnTool *tool = limn_tool_lookup (limn_canvas_get_tool (self->canvas));
  gboolean has_edges = tool->flags & LIMN_TOOL_HAS_EDGES;

  if (!has_edges)
    limn_canvas_set_tool (self->canvas, "brush");
  g_object_set (options, "stop-at-edges",
                !has_edges || !limn_tool_options_get (options)->stop_at_edges, NULL);
}

static const GActionEntry actions[] = {
  { "stop-at-edges", edges_action },
  { "mask-all", mask_all_action },
  { "mask-none", mask_none_action },
  { "mask-invert", mask_invert_action },
  { "mask-again", mask_again_action },
  { "mask-grow", mask_grow_action },
  { "mask-shrink", mask_shrink_action },
  { "mask-feather", mask_feather_action },
  { "mask-holes", mask_holes_action },
  { "mask-load", mask_load_action },
  { "mask-save", mask_save_action },
  { "mask-copy", mask_copy_action },
  { "mask-paste", mask_paste_action },
  { "mask-visible", NULL, NULL, "true", mask_visible_changed },
};

void
_limn_window_mask_busy_update (LimnWindow *self)
{
  gboolean busy = FALSE;

  if (self->document != NULL)
    g_object_get (self->document, "mask-busy", &busy, NULL);
  limn_prompt_bar_set_busy (self->prompt_bar, busy);
}

void
_limn_window_mask_update (LimnWindow *self, gboolean editing)
{
  static const char *const need_document[]
      = { "mask-all", "mask-none", "mask-invert", "mask-load", "mask-paste", "mask-visible",
          "stop-at-edges" };
  static const char *const need_mask[]
      = { "mask-grow", "mask-shrink", "mask-feather", "mask-holes", "mask-save", "mask-copy" };
  gboolean empty = TRUE;

  if (self->document != NULL)
    g_object_get (self->document, "mask-empty", &empty, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (need_document); i++)
    _limn_window_set_enabled (self, need_document[i], editing);
  for (gsize i = 0; i < G_N_ELEMENTS (need_mask); i++)
    _limn_window_set_enabled (self, need_mask[i], editing && !empty);
  _limn_window_set_enabled (self, "mask-again",
                            editing && limn_document_can_recall_mask (self->document));
  gtk_widget_set_sensitive (GTK_WIDGET (self->mask_button), editing && !empty);
}

void
_limn_window_mask_init (LimnWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  g_settings_bind (self->settings, "mask-radius", self->mask_radius, "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect (self->canvas, "stroke-begin", G_CALLBACK (stroke_begin_cb), self);
  g_signal_connect (self->canvas, "edit-mask", G_CALLBACK (edit_mask_cb), self);
}
