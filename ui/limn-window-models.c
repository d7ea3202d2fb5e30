/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/limn-model-file.h"
#include "ui/limn-words.h"

/* So often the bar of a copy moves, milliseconds. */
#define PROGRESS_INTERVAL 100

/* ---- Copying --------------------------------------------------------------------------------- */

typedef struct
{
  /* Owned */
  LimnModelFile *file;
  GCancellable *cancellable;
  GtkWidget *dialog; /* with the bar; NULL for a link, which takes no time */
  GtkProgressBar *bar;

  LimnAddHow how;
  guint timeout;
  gint permille; /* atomic: the worker writes, the main thread reads */
} Adding;

static void
adding_free (gpointer data)
{
  Adding *adding = data;

  g_object_unref (adding->cancellable);
  limn_model_file_free (adding->file);
  g_free (adding);
}

static void
progress_cb (guint64 done, guint64 total, gpointer user_data)
{
  Adding *adding = user_data;

  g_atomic_int_set (&adding->permille, total > 0 ? (gint)(done * 1000.0 / total) : 0);
}

static void
add_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Adding *adding = task_data;
  GError *error = NULL;
  char *path
      = limn_model_file_add (adding->file, adding->how, progress_cb, adding, cancellable, &error);

  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

/* As the library names it (transfer full). */
static char *
id_from_path (const char *path)
{
  char *id = g_path_get_basename (path);
  char *dot = strrchr (id, '.');

  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && dot != NULL && dot != id)
    *dot = '\0';
  return id;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Adding *adding = g_task_get_task_data (G_TASK (result));
  LimnWindow *self = LIMN_WINDOW (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);
  const char *name = limn_model_file_get_name (adding->file);
  g_autofree char *text = NULL;

  g_clear_handle_id (&adding->timeout, g_source_remove);
  /* Here, on the main thread: the rest is freed on whichever is the last to let go. */
  if (adding->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (adding->dialog));
  g_clear_object (&adding->dialog);
  if (_limn_window_get_app (self) == NULL)
    return;
  if (self->adding == adding->cancellable)
    g_clear_object (&self->adding);
  if (path != NULL)
    {
      LimnLibrary *library = limn_application_get_library (_limn_window_get_app (self));

      /* Quick: everything else is known already. */
      limn_library_rescan (library);
      text = g_strdup_printf (_ ("“%s” was added"), name);
      _limn_window_toast_action (self, text, _ ("Use"), "win.use-model",
                                 g_variant_new_take_string (id_from_path (path)));
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      text = g_strdup_printf (_ ("“%s” could not be added."), name);
      _limn_window_toast_error (self, text, error);
    }
}

static gboolean
show_progress_cb (gpointer user_data)
{
  Adding *adding = user_data;

  gtk_progress_bar_set_fraction (adding->bar, g_atomic_int_get (&adding->permille) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
stop_copy_cb (AdwMessageDialog *dialog, const char *response, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
show_copy (LimnWindow *self, Adding *adding)
{
  g_autofree char *size = g_format_size (limn_model_file_get_bytes (adding->file));
  GtkWidget *bar = gtk_progress_bar_new ();

  adding->dialog = g_object_ref_sink (adw_message_dialog_new (GTK_WINDOW (self), NULL, size));
  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (adding->dialog), _ ("Copying “%s”"),
                                     limn_model_file_get_name (adding->file));
  gtk_window_set_modal (GTK_WINDOW (adding->dialog), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  adding->bar = GTK_PROGRESS_BAR (bar);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (adding->dialog), bar);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (adding->dialog), "cancel", _ ("_Cancel"));
  g_signal_connect_object (adding->dialog, "response", G_CALLBACK (stop_copy_cb),
                           adding->cancellable, 0);
  gtk_window_present (GTK_WINDOW (adding->dialog));
  adding->timeout = g_timeout_add (PROGRESS_INTERVAL, show_progress_cb, adding);
}

/* Takes over @file. */
static void
add (LimnWindow *self, LimnModelFile *file, LimnAddHow how)
{
  Adding *adding = g_new0 (Adding, 1);
  g_autoptr (GTask) task = NULL;

  /* An earlier copy goes on, with its own dialog; closing the window stops the last one. */
  g_clear_object (&self->adding);
  self->adding = g_cancellable_new ();
  adding->file = file;
  adding->how = how;
  adding->cancellable = g_object_ref (self->adding);
  if (how == LIMN_ADD_COPY)
    show_copy (self, adding);
  task = g_task_new (self, adding->cancellable, added_cb, NULL);
  g_task_set_source_tag (task, add);
  g_task_set_task_data (task, adding, adding_free);
  /* What was copied in time is there, whether somebody cancelled since or not. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, add_worker);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* What the file is, in lines (transfer full). */
static char *
describe (LimnModelFile *file)
{
  const LimnModelInfo *info = limn_model_entry_get_info (limn_model_file_get_entry (file));
  g_autofree char *words = limn_words_model (info);
  g_autofree char *size = g_format_size (limn_model_file_get_bytes (file));
  GString *text = g_string_new (NULL);

  if (info->architecture != NULL)
    g_string_append_printf (text, "%s · ", info->architecture);
  g_string_append_printf (text, "%s\n%s", size, words);
  if (info->missing != NULL)
    g_string_append_printf (text, "\n\n%s", info->missing);
  return g_string_free (text, FALSE);
}

static void
ask_response_cb (AdwMessageDialog *dialog, const char *response, LimnWindow *self)
{
  LimnModelFile *file = g_object_steal_data (G_OBJECT (dialog), "limn-model-file");

  g_assert (LIMN_IS_WINDOW (self));

  if (file == NULL)
    return;
  if (g_str_equal (response, "copy"))
    add (self, file, LIMN_ADD_COPY);
  else if (g_str_equal (response, "link"))
    add (self, file, LIMN_ADD_LINK);
  else
    limn_model_file_free (file);
}

static GtkWidget *
new_dialog (LimnWindow *self, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  g_signal_connect_object (dialog, "response", G_CALLBACK (ask_response_cb), self, 0);
  return dialog;
}

/* Takes over @file, a model. */
static void
ask (LimnWindow *self, LimnModelFile *file)
{
  g_autofree char *body = describe (file);
  g_autofree char *heading = g_strdup_printf (_ ("Add “%s”?"), limn_model_file_get_name (file));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (new_dialog (self, heading, body));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "link", _ ("_Use where it is"),
                                    "copy", _ ("C_opy"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "copy", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "copy");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "limn-model-file", file,
                          (GDestroyNotify)limn_model_file_free);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
tell_lora (LimnWindow *self, LimnModelFile *file)
{
  const char *name = limn_model_file_get_name (file);
  g_autofree char *quoted = g_shell_quote (limn_model_file_get_path (file));
  /* Translators: the first is a number, the second a file's quoted path */
  g_autofree char *body = g_strdup_printf (
      _ ("It is no model of its own, but changes %d parts of one (LoRA). The command line uses it: "
         "limn inpaint --lora %s"),
      limn_model_file_get_n_modules (file), quoted);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (new_dialog (self, name, body));

  adw_message_dialog_add_response (dialog, "close", _ ("C_lose"));
  adw_message_dialog_set_default_response (dialog, "close");
  adw_message_dialog_set_close_response (dialog, "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
examined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModelFile) file = limn_model_file_examine_finish (result, &error);

  if (_limn_window_get_app (self) == NULL)
    return;
  _limn_window_set_status (self, NULL);
  if (file == NULL)
    _limn_window_toast_error (self, _ ("The file could not be used as a model."), error);
  else if (limn_model_file_get_entry (file) == NULL)
    tell_lora (self, file);
  else if (limn_model_file_is_installed (file))
    _limn_window_toast (self, _ ("This model is installed already."));
  else
    ask (self, g_steal_pointer (&file));
}

void
limn_window_add_model (LimnWindow *self, GFile *file)
{
  g_return_if_fail (LIMN_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  _limn_window_set_status (self, _ ("Looking at the model…"));
  limn_model_file_examine_async (file, NULL, examined_cb, g_object_ref (self));
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      if (file != NULL)
        limn_window_add_model (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
add_model_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *const suffixes[] = { "safetensors", "ckpt", "pth", "pt", "bin", "gguf" };
  LimnWindow *self = user_data;
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  g_clear_object (&self->chooser);
  self->chooser
      = gtk_file_chooser_native_new (_ ("Add a model"), GTK_WINDOW (self),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Add"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_filter_set_name (filter, _ ("Models"));
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_signal_connect (self->chooser, "response", G_CALLBACK (chosen_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
use_model_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  if (!limn_settings_panel_select_model (self->settings_panel,
                                         g_variant_get_string (parameter, NULL)))
    _limn_window_toast (
        self, _ ("This model is not one that fills or makes pictures; it is used where it fits."));
}

/* ---- The library ----------------------------------------------------------------------------- */

/* A model came, went or changed: what can be done, and how, may have changed with it. */
static void
library_changed_cb (GListModel *library,
                    guint position,
                    guint removed,
                    guint added,
                    LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_actions_update (self);
  _limn_window_plan_update (self);
  _limn_window_upscale_update (self);
}

void
_limn_window_models_init (LimnWindow *self)
{
  g_signal_connect_object (limn_application_get_library (_limn_window_get_app (self)),
                           "items-changed", G_CALLBACK (library_changed_cb), self, 0);
}

const GActionEntry _limn_window_model_actions[]
    = { { "add-model", add_model_action }, { "use-model", use_model_action, "s" } };
const int _limn_window_n_model_actions = G_N_ELEMENTS (_limn_window_model_actions);
