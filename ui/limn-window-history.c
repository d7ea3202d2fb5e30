/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

static LimnHistory *
get_history (LimnWindow *self)
{
  return limn_application_get_history (_limn_window_get_app (self), NULL);
}

static void
close_view (LimnWindow *self)
{
  g_cancellable_cancel (self->viewing);
  g_clear_object (&self->viewing);
  gtk_stack_set_visible_child_name (self->pages, self->document != NULL ? "editor" : "empty");
  limn_generation_view_show (self->generation_view, NULL, NULL, NULL, NULL);
  _limn_window_actions_update (self);
}

/* As the settings call the model; one that is not installed any more by its id (transfer full). */
static char *
dup_model_name (LimnWindow *self, LimnGeneration *generation)
{
  LimnLibrary *library = limn_application_get_library (_limn_window_get_app (self));
  g_autofree char *id = NULL;
  LimnModelEntry *entry;

  g_object_get (generation, "model", &id, NULL);
  entry = id != NULL ? limn_library_lookup (library, id) : NULL;
  return entry != NULL ? g_strdup (limn_model_entry_get_name (entry)) : g_steal_pointer (&id);
}

static void
viewed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  LimnGeneration *generation = g_task_get_task_data (G_TASK (result));
  g_autoptr (LimnCrop) crop = NULL;
  g_autoptr (LimnDocument) document = limn_generation_load_finish (result, &crop, &error);
  g_autofree char *model = NULL;

  if (g_task_get_cancellable (G_TASK (result)) != self->viewing
      || _limn_window_get_app (self) == NULL)
    return;
  g_clear_object (&self->viewing);
  if (document == NULL)
    {
      _limn_window_toast_error (self, _ ("The result could not be read."), error);
      return;
    }
  model = dup_model_name (self, generation);
  limn_generation_view_show (self->generation_view, generation, document, crop, model);
  gtk_stack_set_visible_child_name (self->pages, "generation");
  if (self->folded)
    adw_flap_set_reveal_flap (self->flap, FALSE);
  _limn_window_actions_update (self);
}

static void
activated_cb (LimnHistoryPanel *panel, LimnGeneration *generation, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  g_cancellable_cancel (self->viewing);
  g_clear_object (&self->viewing);
  self->viewing = g_cancellable_new ();
  limn_generation_load_async (get_history (self), generation, self->viewing, viewed_cb,
                              g_object_ref (self));
}

typedef struct
{
  LimnHistory *history;
  LimnGeneration *generation;
  LimnTiles *image;
  LimnTiles *mask; /* NULL for an upscale */
} Restored;

static void
restored_free (gpointer data)
{
  Restored *restored = data;

  g_object_unref (restored->history);
  g_object_unref (restored->generation);
  limn_tiles_free (restored->image);
  limn_tiles_free (restored->mask);
  g_free (restored);
}

static LimnTiles *
take_tiles (LimnImage *image)
{
  LimnTiles *tiles = image != NULL ? limn_tiles_new_from_image (image) : NULL;

  g_clear_pointer (&image, limn_image_unref);
  return tiles;
}

static void
restore_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Restored *restored = task_data;
  g_autofree char *input = NULL;
  g_autofree char *mask = NULL;
  GError *error = NULL;

  g_object_get (restored->generation, "input-hash", &input, "mask-hash", &mask, NULL);
  restored->image = take_tiles (
      limn_history_load_image (restored->history, input != NULL ? input : "", &error));
  if (restored->image != NULL && mask != NULL && *mask != '\0')
    restored->mask
        = take_tiles (limn_history_load_mask (restored->history, restored->generation, &error));
  if (error != NULL)
    g_task_return_error (task, error);
  else if (restored->image == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             _ ("There is not enough memory for the picture."));
  else
    g_task_return_boolean (task, TRUE);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  Restored *restored = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnDocument) document = NULL;
  g_autofree char *prompt = NULL;
  g_autofree char *negative = NULL;
  g_autofree char *name = NULL;
  gboolean had_picture = self->document != NULL;

  /* The window was closed meanwhile. */
  if (_limn_window_get_app (self) == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      _limn_window_toast_error (self, _ ("The photo of this result could not be read."), error);
      return;
    }
  document = limn_document_new (g_steal_pointer (&restored->image), NULL, NULL);
  if (restored->mask != NULL)
    limn_document_set_mask (document, g_steal_pointer (&restored->mask), _ ("Use again"));
  g_object_get (restored->generation, "prompt", &prompt, "negative", &negative, "source-name",
                &name, NULL);
  /* What is made of it now is found by the photo's name, too. */
  if (name != NULL && *name != '\0')
    limn_document_set_title (document, name);
  limn_window_set_document (self, document);
  if (limn_document_get_mask_bounds (document, NULL))
    {
      limn_prompt_bar_set_prompts (self->prompt_bar, prompt, negative);
      if (!limn_settings_panel_load (self->settings_panel, restored->generation))
        _limn_window_toast (
            self, _ ("The model of this result is not installed; another one is chosen."));
    }
  g_set_object (&self->restored, restored->generation);
  if (had_picture && self->previous->len > 0)
    _limn_window_toast_action (self, _ ("Restored from the history"), _ ("Go back"),
                               "win.previous-picture", NULL);
  _limn_window_plan_update (self);
}

static void
use_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnGeneration *generation = limn_generation_view_get_generation (self->generation_view);
  g_autoptr (GTask) task = NULL;
  Restored *restored;

  if (generation == NULL)
    return;
  if (g_str_has_prefix (limn_generation_get_kind (generation), "generate"))
    {
      if (_limn_window_use_generated (self, generation))
        close_view (self);
      else
        _limn_window_toast (self, _ ("This result was told by a file; “limn history show” says how "
                                     "to make it again."));
      return;
    }
  restored = g_new0 (Restored, 1);
  restored->history = g_object_ref (get_history (self));
  restored->generation = g_object_ref (generation);
  task = g_task_new (self, NULL, restored_cb, NULL);
  g_task_set_source_tag (task, use_action);
  g_task_set_task_data (task, restored, restored_free);
  g_task_run_in_thread (task, restore_worker);
}

static gboolean
is_list_shown (LimnWindow *self)
{
  return adw_flap_get_reveal_flap (self->flap)
         && g_strcmp0 (adw_view_stack_get_visible_child_name (self->panel_stack), "history") == 0;
}

/* The keys go on in the list, at @position or the last row, where it is seen; else to the picture. */
static void
focus_row (LimnWindow *self, guint position)
{
  if (is_list_shown (self))
    limn_history_panel_focus_row (self->history_panel, position);
  else if (self->document != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
delete_entry (LimnWindow *self, gint64 id)
{
  LimnGeneration *viewed = limn_generation_view_get_generation (self->generation_view);
  g_autoptr (GError) error = NULL;
  guint position = 0;

  limn_history_find (get_history (self), id, &position);
  if (!limn_history_remove (get_history (self), id, &error))
    {
      _limn_window_toast_error (self, _ ("The result could not be deleted."), error);
      return;
    }
  if (viewed != NULL && limn_generation_get_id (viewed) == id)
    close_view (self);
  /* The row after it is in its place now. */
  focus_row (self, position);
  _limn_window_toast_action (self, _ ("Deleted from the history"), _ ("Undo"),
                             "win.history-restore", g_variant_new_int64 (id));
}

static void
delete_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnGeneration *viewed = limn_generation_view_get_generation (self->generation_view);

  if (viewed != NULL)
    delete_entry (self, limn_generation_get_id (viewed));
}

static void
delete_entry_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  delete_entry (user_data, g_variant_get_int64 (parameter));
}

static void
show_restored (LimnWindow *self, gint64 id)
{
  guint position;

  if (limn_history_find (get_history (self), id, &position) && is_list_shown (self))
    limn_history_panel_focus_row (self->history_panel, position);
}

static void
restore_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  gint64 id = g_variant_get_int64 (parameter);
  g_autoptr (GError) error = NULL;

  if (limn_history_restore (get_history (self), id, &error))
    show_restored (self, id);
  else
    _limn_window_toast_error (self, _ ("The result could not be brought back."), error);
}

/* What was deleted last, also when its toast is gone. */
static void
restore_last_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autoptr (GError) error = NULL;
  LimnHistory *history = get_history (self);
  gint64 id = history != NULL ? limn_history_restore_last (history, &error) : 0;

  if (history == NULL)
    return;
  if (id != 0)
    show_restored (self, id);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    _limn_window_toast (self, error->message);
  else
    _limn_window_toast_error (self, _ ("The result could not be brought back."), error);
}

/* The result as a picture to work on. What was made of it belongs to it: it is saved along. */
static void
open_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnCanvas *canvas = limn_generation_view_get_canvas (self->generation_view);
  LimnDocument *result = limn_canvas_get_document (canvas);
  g_autoptr (LimnDocument) kept = result != NULL ? g_object_ref (result) : NULL;
  LimnCrop *shown = limn_generation_view_get_crop (self->generation_view);
  g_autoptr (LimnCrop) crop = shown != NULL ? limn_crop_ref (shown) : NULL;
  gboolean had_picture = self->document != NULL;

  if (kept == NULL)
    return;
  close_view (self);
  limn_window_set_document (self, kept);
  /* It waits to be kept, as when it was made, and can be pasted in another way. */
  if (crop != NULL)
    {
      _limn_window_paste_begin (self, kept, crop);
      _limn_window_actions_update (self);
    }
  if (had_picture && self->previous->len > 0)
    _limn_window_toast_action (self, _ ("Opened from the history"), _ ("Go back"),
                               "win.previous-picture", NULL);
}

static void
save_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnCanvas *canvas = limn_generation_view_get_canvas (self->generation_view);

  if (limn_canvas_get_document (canvas) != NULL)
    _limn_window_save_document_as (self, limn_canvas_get_document (canvas));
}

static void
close_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  close_view (user_data);
}

void
_limn_window_apply_restored (LimnWindow *self, LimnInpaintParams *params)
{
  LimnInpaintParams used;

  if (self->restored == NULL || g_str_equal (limn_generation_get_kind (self->restored), "remove"))
    return;
  limn_generation_get_inpaint_params (self->restored, &used);
  params->grow = used.grow;
  params->feather = used.feather;
  params->paste_fade = used.paste_fade;
  params->context = used.context;
  params->crop = used.crop;
}

static void
history_error_cb (LimnHistory *history, GParamSpec *pspec, LimnWindow *self)
{
  g_autofree char *text = NULL;

  g_assert (LIMN_IS_WINDOW (self));

  g_object_get (history, "error", &text, NULL);
  _limn_window_set_problem (self, text);
}

void
_limn_window_history_init (LimnWindow *self)
{
  const char *message = NULL;
  LimnHistory *history = limn_application_get_history (_limn_window_get_app (self), &message);

  limn_history_panel_setup (self->history_panel, history);
  g_signal_connect (self->history_panel, "activated", G_CALLBACK (activated_cb), self);
  if (history != NULL)
    {
      g_signal_connect_object (history, "notify::error", G_CALLBACK (history_error_cb), self, 0);
      history_error_cb (history, NULL, self);
    }
  else
    _limn_window_set_problem (self, message);
}

const GActionEntry _limn_window_history_actions[] = {
  { "history-use", use_action },
  { "history-delete", delete_action },
  { "history-delete-entry", delete_entry_action, "x" },
  { "history-restore", restore_action, "x" },
  { "history-restore-last", restore_last_action },
  { "history-open", open_action },
  { "history-save-as", save_action },
  { "history-close", close_action },
};
const int _limn_window_n_history_actions = G_N_ELEMENTS (_limn_window_history_actions);
