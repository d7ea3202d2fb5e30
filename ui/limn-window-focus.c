/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

/*
 * Where the keys go when a menu or a popover closes. GTK gives the focus back to the button that
 * opened it: there Enter opens it again, where under a result it means "Keep", and a letter is no
 * tool. After a row of a menu within a menu it even stays with the row, which is gone, and no key
 * means anything. So a menu that was opened with the pointer leaves the focus to the picture; one
 * that was reached with Tab leaves it to its button.
 */

#define BY_POINTER "limn-opened-by-pointer"

static gboolean
is_picture_shown (LimnWindow *self)
{
  return self->document != NULL
         && g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "editor") == 0;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtkWidget *button)
{
  g_object_set_data (G_OBJECT (button), BY_POINTER, GINT_TO_POINTER (TRUE));
}

static void
closed_cb (GtkPopover *popover, LimnWindow *self)
{
  GtkWidget *button = gtk_widget_get_parent (GTK_WIDGET (popover));
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean by_pointer = g_object_get_data (G_OBJECT (button), BY_POINTER) != NULL;

  g_assert (LIMN_IS_WINDOW (self));

  g_object_set_data (G_OBJECT (button), BY_POINTER, NULL);
  /* A row may have put the focus somewhere of its own. */
  if (focus != NULL && focus != button && !gtk_widget_is_ancestor (focus, button))
    return;
  if (by_pointer && is_picture_shown (self))
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  else if (focus == NULL || focus == GTK_WIDGET (popover)
           || gtk_widget_is_ancestor (focus, GTK_WIDGET (popover)))
    gtk_widget_grab_focus (button);
}

/* A button gets another popover with every other menu. */
static void
popover_cb (GtkMenuButton *button, GParamSpec *pspec, LimnWindow *self)
{
  GtkPopover *popover = gtk_menu_button_get_popover (button);

  g_assert (LIMN_IS_WINDOW (self));

  if (popover == NULL)
    return;
  g_signal_connect_object (popover, "closed", G_CALLBACK (closed_cb), self, 0);
}

static void
watch (LimnWindow *self, GtkWidget *widget)
{
  if (GTK_IS_MENU_BUTTON (widget))
    {
      GtkGesture *gesture = gtk_gesture_click_new ();

      gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (gesture),
                                                  GTK_PHASE_CAPTURE);
      g_signal_connect (gesture, "pressed", G_CALLBACK (pressed_cb), widget);
      gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (gesture));
      g_signal_connect_object (widget, "notify::popover", G_CALLBACK (popover_cb), self, 0);
      popover_cb (GTK_MENU_BUTTON (widget), NULL, self);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    watch (self, child);
}

void
_limn_window_focus_init (LimnWindow *self)
{
  watch (self, GTK_WIDGET (self));
}
