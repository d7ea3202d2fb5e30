/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

static AdwToast *
new_toast (const char *text)
{
  /* A toast's title is markup. */
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  return adw_toast_new (escaped);
}

/* libadwaita 1.2 frees a toast that goes away while it is still coming, and then goes on moving it.
 * So nothing takes a toast away before it has come, in milliseconds: */
#define TIME_TO_COME 400

static gboolean
has_come_cb (gpointer toast)
{
  gtk_widget_set_can_target (toast, TRUE);
  gtk_widget_set_can_focus (toast, TRUE);
  return G_SOURCE_REMOVE;
}

/* Toasts come up over the lower end of the picture. Where the one that is there will lie once it has
 * come, in the canvas' coordinates; empty when there is none. */
static void
get_toast (LimnWindow *self, graphene_rect_t *bounds)
{
  GtkWidget *overlay = GTK_WIDGET (self->toasts), *toast = gtk_widget_get_last_child (overlay);
  GtkRequisition size;
  double x, y;

  *bounds = *graphene_rect_zero ();
  if (toast == NULL || toast == adw_toast_overlay_get_child (self->toasts))
    return;
  gtk_widget_get_preferred_size (toast, NULL, &size);
  x = (gtk_widget_get_width (overlay) - size.width) / 2.0;
  y = gtk_widget_get_height (overlay) - size.height;
  gtk_widget_translate_coordinates (overlay, GTK_WIDGET (self->canvas), x, y, &x, &y);
  graphene_rect_init (bounds, (float)x, (float)y, size.width, size.height);
}

/* What is written at the frame moves out of the way of these. */
static void
get_covers (LimnCanvas *canvas, graphene_rect_t *above, graphene_rect_t *below, gpointer user_data)
{
  LimnWindow *self = user_data;
  GtkWidget *status = GTK_WIDGET (self->status_label);

  get_toast (self, below);
  if (!gtk_widget_get_visible (status)
      || !gtk_widget_compute_bounds (status, GTK_WIDGET (canvas), above))
    *above = *graphene_rect_zero ();
}

/* The overlay's children are the window's contents and the toast that is shown, also one that had
 * to wait for another. */
static void
toasts_changed_cb (GListModel *children,
                   guint position,
                   guint n_removed,
                   guint n_added,
                   LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  for (guint i = position; i < position + n_added; i++)
    {
      GtkWidget *toast = g_list_model_get_item (children, i);

      gtk_widget_set_can_target (toast, FALSE);
      gtk_widget_set_can_focus (toast, FALSE);
      g_timeout_add_full (G_PRIORITY_DEFAULT, TIME_TO_COME, has_come_cb, toast, g_object_unref);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self->canvas));
}

static gboolean
dismiss_cb (gpointer toast)
{
  adw_toast_dismiss (toast);
  return G_SOURCE_REMOVE;
}

void
_limn_window_dismiss_toast (AdwToast *toast)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, TIME_TO_COME, dismiss_cb, g_object_ref (toast),
                      g_object_unref);
}

void
_limn_window_toast (LimnWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (self->toasts, new_toast (text));
}

AdwToast *
_limn_window_toast_action (LimnWindow *self,
                           const char *text,
                           const char *button,
                           const char *action,
                           GVariant *target)
{
  AdwToast *toast = new_toast (text);

  adw_toast_set_button_label (toast, button);
  adw_toast_set_action_name (toast, action);
  adw_toast_set_action_target_value (toast, target);
  adw_toast_set_timeout (toast, 8);
  adw_toast_overlay_add_toast (self->toasts, toast);
  return toast;
}

void
_limn_window_toast_error (LimnWindow *self, const char *text, const GError *error)
{
  gboolean same = error == NULL || g_str_equal (text, error->message);
  g_autofree char *details
      = same ? g_strdup (text) : g_strdup_printf ("%s\n\n%s", text, error->message);

  _limn_window_toast_action (self, text, _ ("Details"), "win.error-details",
                             g_variant_new_string (details));
}

static void
details_response_cb (AdwMessageDialog *dialog, const char *response, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (g_str_equal (response, "copy"))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                            adw_message_dialog_get_body (dialog));
}

static void
details_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Details"),
                                              g_variant_get_string (parameter, NULL));

  gtk_window_set_modal (GTK_WINDOW (dialog), FALSE);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "copy", _ ("_Copy"), "close",
                                    _ ("C_lose"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_signal_connect_object (dialog, "response", G_CALLBACK (details_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
_limn_window_set_problem (LimnWindow *self, const char *text)
{
  if (text != NULL)
    gtk_label_set_label (self->problem_label, text);
  gtk_info_bar_set_revealed (self->problem_bar, text != NULL);
}

static void
problem_response_cb (GtkInfoBar *bar, int response, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  gtk_info_bar_set_revealed (bar, FALSE);
}

void
_limn_window_notice_init (LimnWindow *self)
{
  static const GActionEntry entries[] = { { "error-details", details_action, "s" } };

  limn_canvas_set_covers (self->canvas, get_covers, self);
  self->toast_widgets = gtk_widget_observe_children (GTK_WIDGET (self->toasts));
  g_signal_connect_object (self->toast_widgets, "items-changed", G_CALLBACK (toasts_changed_cb), self,
                           0);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (self->problem_bar, "response", G_CALLBACK (problem_response_cb), self);
}
