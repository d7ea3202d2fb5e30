/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

static guint
count_unsaved (LimnWindow *self)
{
  guint n = self->document != NULL && limn_document_get_modified (self->document);

  for (guint i = 0; i < self->previous->len; i++)
    n += limn_document_get_modified (g_ptr_array_index (self->previous, i));
  return n;
}

void
_limn_window_update_inhibit (LimnWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  const char *reason
      = self->job != NULL ? _ ("A picture is being made") : _ ("There are unsaved changes");
  GtkApplicationInhibitFlags wanted = 0;

  /* A computer that falls asleep over a job would not be what the person left it for. */
  if (application != NULL && self->job != NULL)
    wanted = GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND;
  else if (application != NULL && count_unsaved (self) > 0)
    wanted = GTK_APPLICATION_INHIBIT_LOGOUT;
  if (wanted == self->inhibited)
    return;
  if (self->inhibit_cookie != 0 && application != NULL)
    gtk_application_uninhibit (application, self->inhibit_cookie);
  self->inhibited = wanted;
  /* 0 where there is no session manager to tell. */
  self->inhibit_cookie
      = wanted != 0 ? gtk_application_inhibit (application, GTK_WINDOW (self), wanted, reason) : 0;
}

static void
store_state (LimnWindow *self)
{
  int width, height;
  double size, hardness;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (self->settings, "window-width", CLAMP (width, 360, 8000));
  g_settings_set_int (self->settings, "window-height", CLAMP (height, 360, 8000));
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_boolean (self->settings, "panel-visible",
                          self->folded ? self->panel_wanted
                                       : adw_flap_get_reveal_flap (self->flap));
  g_object_get (self->canvas, "brush-size", &size, "brush-hardness", &hardness, NULL);
  g_settings_set_double (self->settings, "brush-size", size);
  g_settings_set_double (self->settings, "brush-hardness", hardness);
}

static void
close_now (LimnWindow *self)
{
  self->close_confirmed = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static void
saved_cb (LimnWindow *self, gboolean saved)
{
  /* What could not be saved keeps the window open; the toast says why. Pictures shown before are
   * asked about next. */
  if (!saved)
    return;
  if (self->previous->len > 0)
    g_action_group_activate_action (G_ACTION_GROUP (self), "previous-picture", NULL);
  gtk_window_close (GTK_WINDOW (self));
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (g_str_equal (response, "discard"))
    close_now (self);
  else if (g_str_equal (response, "save"))
    {
      if (self->job != NULL)
        limn_job_cancel (self->job);
      _limn_window_save (self, saved_cb);
    }
}

static void
ask (LimnWindow *self, guint unsaved)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), NULL, NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  if (unsaved > 0)
    {
      adw_message_dialog_set_heading (message, _ ("Save changes?"));
      if (self->job != NULL)
        adw_message_dialog_set_body (
            message, _ ("The picture has changes that are not saved, and a job is still running."));
      else if (unsaved > 1)
        adw_message_dialog_set_body (
            message, _ ("Several pictures of this window have changes that are not saved."));
      else
        adw_message_dialog_set_body (message, _ ("Changes that are not saved will be lost."));
      adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "discard", _ ("_Discard"),
                                        "save", _ ("_Save"), NULL);
      adw_message_dialog_set_response_appearance (message, "save", ADW_RESPONSE_SUGGESTED);
      adw_message_dialog_set_default_response (message, "save");
    }
  else
    {
      adw_message_dialog_set_heading (message, _ ("Stop what is running?"));
      adw_message_dialog_set_body (message,
                                   _ ("A picture is being made. Closing the window stops it."));
      adw_message_dialog_add_responses (message, "cancel", _ ("_Keep running"), "discard",
                                        _ ("_Stop and close"), NULL);
      adw_message_dialog_set_default_response (message, "cancel");
    }
  adw_message_dialog_set_response_appearance (message, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (message, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
close_request_cb (GtkWindow *window, LimnWindow *self)
{
  guint unsaved = count_unsaved (self);

  g_assert (LIMN_IS_WINDOW (self));

  if (!self->close_confirmed && (unsaved > 0 || self->job != NULL))
    {
      /* The dialog is about a picture: bring one that is unsaved to the front. */
      while (unsaved > 0 && self->previous->len > 0 && !limn_document_get_modified (self->document))
        g_action_group_activate_action (G_ACTION_GROUP (self), "previous-picture", NULL);
      ask (self, unsaved);
      return GDK_EVENT_STOP;
    }
  store_state (self);
  if (self->job != NULL)
    limn_job_cancel (self->job);
  return GDK_EVENT_PROPAGATE;
}

void
_limn_window_close_init (LimnWindow *self)
{
  g_signal_connect (self, "close-request", G_CALLBACK (close_request_cb), self);
}
