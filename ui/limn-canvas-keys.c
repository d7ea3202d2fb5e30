/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

/* Keys that are held, and the tool that they make of the one that was taken. */

const LimnTool *
_limn_canvas_get_effective_tool (LimnCanvas *self)
{
  const LimnTool *tool = self->tool;

  if (self->context.active)
    return self->gesture_tool;
  if (self->space_held || !self->editable)
    return limn_tool_lookup ("pan");
  if ((self->tool->flags & LIMN_TOOL_HAS_COLOUR)
      && (self->pick_held || limn_tool_options_get (self->options)->pick))
    return limn_tool_lookup ("eyedropper");
  if ((self->tool->flags & LIMN_TOOL_HAS_COLOUR)
      && limn_tool_options_get (self->options)->paint_erase)
    tool = limn_tool_get_swapped (tool);
  return self->swap_held ? limn_tool_get_swapped (tool) : tool;
}

static void
hold_pick (LimnCanvas *self, gboolean held)
{
  self->pick_held = held;
  _limn_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint key,
                guint code,
                GdkModifierType state,
                LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  if (key == GDK_KEY_Control_L || key == GDK_KEY_Control_R)
    hold_pick (self, TRUE);
  if (self->document == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)))
    return GDK_EVENT_PROPAGATE;
  if (_limn_canvas_press_tool_key (self, key, state))
    return GDK_EVENT_STOP;
  if (self->context.pending && (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter))
    {
      limn_tool_finish (self->tool, &self->context);
      g_signal_emit_by_name (self, "mask-painted");
    }
  else if (self->context.pending && key == GDK_KEY_BackSpace)
    limn_tool_back (self->tool, &self->context);
  else if (key == GDK_KEY_space)
    self->space_held = TRUE;
  else if (key == GDK_KEY_x || key == GDK_KEY_X)
    self->swap_held = TRUE;
  else if (key == GDK_KEY_Tab && limn_document_get_result_pending (self->document))
    {
      self->tab_held = TRUE;
      limn_canvas_set_compare (self, TRUE);
    }
  else
    return GDK_EVENT_PROPAGATE;
  _limn_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return GDK_EVENT_STOP;
}

void
_limn_canvas_release_keys (LimnCanvas *self)
{
  self->space_held = FALSE;
  self->swap_held = FALSE;
  self->pick_held = FALSE;
  if (self->tab_held)
    limn_canvas_set_compare (self, FALSE);
  self->tab_held = FALSE;
}

static void
key_released_cb (GtkEventControllerKey *controller,
                 guint key,
                 guint code,
                 GdkModifierType state,
                 LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  if (key == GDK_KEY_Control_L || key == GDK_KEY_Control_R)
    hold_pick (self, FALSE);
  if (key == GDK_KEY_space || key == GDK_KEY_x || key == GDK_KEY_X || key == GDK_KEY_Tab)
    {
      _limn_canvas_release_keys (self);
      _limn_canvas_update_cursor (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}

static void
focus_leave_cb (GtkEventControllerFocus *focus, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  _limn_canvas_release_keys (self);
  _limn_canvas_update_cursor (self);
}

void
_limn_canvas_keys_init (LimnCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller;

  controller = gtk_event_controller_key_new ();
  g_signal_connect (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (controller, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (widget, controller);

  controller = gtk_event_controller_focus_new ();
  g_signal_connect (controller, "leave", G_CALLBACK (focus_leave_cb), self);
  gtk_widget_add_controller (widget, controller);
}
