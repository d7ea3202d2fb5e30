/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

/* One click of a wheel. */
#define WHEEL_ZOOM 1.25
#define WHEEL_PAN 60.0
/* One pixel of a touchpad. */
#define TOUCHPAD_ZOOM 1.01

static int
factor_of (LimnCanvas *self)
{
  return gtk_widget_get_scale_factor (GTK_WIDGET (self));
}

void
_limn_canvas_update_cursor (LimnCanvas *self)
{
  const LimnTool *tool = _limn_canvas_get_effective_tool (self);
  const char *cursor = tool->cursor;

  if (self->document == NULL)
    cursor = NULL;
  else if (self->context.active && g_str_equal (tool->name, "pan"))
    cursor = "grabbing";
  else if (g_str_equal (tool->name, "boxes"))
    cursor = _limn_canvas_box_cursor (self);
  else if (_limn_canvas_frame_cursor (self) != NULL && limn_tool_edits (tool))
    cursor = _limn_canvas_frame_cursor (self);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), cursor);
}

/* The keys that are held as @controller's event says. */
static void
read_modifiers (LimnCanvas *self, gpointer controller)
{
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  self->modifiers = (state & GDK_SHIFT_MASK ? LIMN_TOOL_SHIFT : 0)
                    | (state & (GDK_CONTROL_MASK | GDK_ALT_MASK) ? LIMN_TOOL_CONTROL : 0);
  if (self->pick_held == ((state & GDK_CONTROL_MASK) != 0))
    return;
  self->pick_held = !self->pick_held;
  _limn_canvas_update_cursor (self);
}

static LimnToolPoint
point_at (LimnCanvas *self, double x, double y, double pressure)
{
  LimnToolPoint point = { .vx = x * factor_of (self),
                          .vy = y * factor_of (self),
                          .pressure = pressure,
                          .modifiers = self->modifiers };

  limn_view_to_picture (&self->view, point.vx, point.vy, &point.x, &point.y);
  return point;
}

static void
read_options (LimnCanvas *self, const LimnTool *tool)
{
  const LimnToolSettings *settings = limn_tool_options_get (self->options);

  self->context.radius = settings->size / 2;
  self->context.hardness = settings->hardness;
  self->context.mode = settings->mode;
  self->context.opacity = tool->flags & LIMN_TOOL_HAS_COLOUR ? settings->paint_opacity
                                                             : settings->opacity;
  self->context.colour[0] = (guint8)rint (CLAMP (settings->colour.red, 0, 1) * 255);
  self->context.colour[1] = (guint8)rint (CLAMP (settings->colour.green, 0, 1) * 255);
  self->context.colour[2] = (guint8)rint (CLAMP (settings->colour.blue, 0, 1) * 255);
  self->context.constant_size = !settings->pressure_size;
  self->context.pressure_opacity = settings->pressure_opacity;
  self->context.tolerance = settings->tolerance;
  self->context.contiguous = settings->contiguous;
  self->context.stop_at_edges = settings->stop_at_edges;
  self->context.scale = self->view.scale;
}

static void
begin_gesture (LimnCanvas *self, const LimnTool *tool, double x, double y, double pressure)
{
  LimnToolPoint point = point_at (self, x, y, pressure);

  if (self->document == NULL || self->context.active)
    return;
  self->gesture_tool = tool;
  self->context.document = self->document;
  read_options (self, tool);
  self->pan_vx = point.vx;
  self->pan_vy = point.vy;
  if (limn_tool_edits (tool))
    g_signal_emit_by_name (self, "stroke-begin");
  limn_tool_press (tool, &self->context, &point);
  _limn_canvas_stroke_moved (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  _limn_canvas_update_cursor (self);
}

static void
move_gesture (LimnCanvas *self, double x, double y, double pressure)
{
  LimnToolPoint point = point_at (self, x, y, pressure);

  /* Space in the middle of a gesture moves the view under it. */
  if (self->space_held && self->context.active && limn_tool_edits (self->gesture_tool))
    limn_canvas_pan (self, (point.vx - self->pan_vx) / factor_of (self),
                     (point.vy - self->pan_vy) / factor_of (self));
  else
    limn_tool_move (self->gesture_tool, &self->context, &point);
  _limn_canvas_stroke_moved (self);
  self->pan_vx = point.vx;
  self->pan_vy = point.vy;
}

static void
end_gesture (LimnCanvas *self, gboolean cancelled)
{
  if (!self->context.active)
    return;
  if (cancelled)
    limn_tool_cancel (self->gesture_tool, &self->context);
  else
    limn_tool_release (self->gesture_tool, &self->context);
  _limn_canvas_stroke_moved (self);
  _limn_canvas_update_cursor (self);
  if (limn_tool_edits (self->gesture_tool))
    _limn_canvas_painted (self);
  g_signal_emit_by_name (self, "drawn-selected");
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
limn_canvas_cancel_gesture (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  if (!self->context.active && limn_tool_options_get (self->options)->pick)
    {
      g_object_set (self->options, "pick", FALSE, NULL);
      return TRUE;
    }
  if (!self->context.active && !self->context.pending)
    return FALSE;
  if (self->context.active)
    {
      /* Until the button is let go of. */
      self->drag_ignored = TRUE;
      end_gesture (self, TRUE);
    }
  limn_tool_cancel (self->tool, &self->context);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

static void
set_pointer (LimnCanvas *self, gboolean inside, double x, double y)
{
  self->pointer_inside = inside;
  self->pointer_x = x;
  self->pointer_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Of what a brush went through only points that lie so far apart, as a share of its radius, are
 * painted one by one: what is cut off between them cannot be seen, and a large brush keeps up with
 * a quick mouse. */
#define HISTORY_SPACING (1 / 16.0)

static gboolean
is_far_enough (LimnCanvas *self, double x, double y)
{
  LimnToolPoint point = point_at (self, x, y, 1);

  return !(self->gesture_tool->flags & (LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_SIZE))
         || hypot (point.x - self->context.last.x, point.y - self->context.last.y)
                >= self->context.radius * HISTORY_SPACING;
}

/* The points between two frames that were compressed into one event, oldest first. */
static void
move_through_history (LimnCanvas *self, GdkEvent *event)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  g_autofree GdkTimeCoord *history = NULL;
  double offset_x, offset_y;
  guint n = 0;

  if (event == NULL || native == NULL)
    return;
  history = gdk_event_get_history (event, &n);
  gtk_native_get_surface_transform (native, &offset_x, &offset_y);
  for (guint i = 0; i < n; i++)
    {
      double x, y;

      if ((history[i].flags & (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y))
          != (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y))
        continue;
      if (gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self),
                                            history[i].axes[GDK_AXIS_X] - offset_x,
                                            history[i].axes[GDK_AXIS_Y] - offset_y, &x, &y)
          && is_far_enough (self, x, y))
        move_gesture (self, x, y, 1);
    }
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, LimnCanvas *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  const LimnTool *tool;

  g_assert (LIMN_IS_CANVAS (self));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  read_modifiers (self, gesture);
  tool = _limn_canvas_get_effective_tool (self);
  self->drag_ignored = FALSE;
  /* A pen is the stylus gesture's. */
  if (self->document == NULL || (event != NULL && gdk_event_get_device_tool (event) != NULL)
      || (button != GDK_BUTTON_PRIMARY && button != GDK_BUTTON_MIDDLE && button != 0))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  if (button == GDK_BUTTON_MIDDLE)
    tool = limn_tool_lookup ("pan");
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (limn_tool_edits (tool) && _limn_canvas_frame_press (self, x, y))
    return;
  begin_gesture (self, tool, x, y, 1);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, LimnCanvas *self)
{
  double x, y;

  g_assert (LIMN_IS_CANVAS (self));

  if (self->drag_ignored || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  if (self->frame_edges != 0)
    {
      _limn_canvas_frame_drag (self, x + dx, y + dy);
      return;
    }
  read_modifiers (self, gesture);
  move_through_history (self,
                        gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture)));
  move_gesture (self, x + dx, y + dy, 1);
  set_pointer (self, TRUE, x + dx, y + dy);
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, LimnCanvas *self)
{
  gboolean held = self->frame_edges != 0;
  double x, y;

  g_assert (LIMN_IS_CANVAS (self));

  /* A click on the frame that moves nothing is meant for what lies under it. */
  if (held && !_limn_canvas_frame_release (self) && fabs (dx) < 2 && fabs (dy) < 2
      && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    begin_gesture (self, _limn_canvas_get_effective_tool (self), x, y, 1);
  if (!self->drag_ignored)
    end_gesture (self, FALSE);
}

static void
gesture_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  self->frame_edges = 0;
  end_gesture (self, TRUE);
}

static double
pen_pressure (GtkGestureStylus *gesture)
{
  double pressure = 1;

  /* Drivers may leave it out. */
  if (!gtk_gesture_stylus_get_axis (gesture, GDK_AXIS_PRESSURE, &pressure))
    return 1;
  return CLAMP (pressure, 0, 1);
}

void
_limn_canvas_pen_down (LimnCanvas *self, double x, double y, double pressure, gboolean eraser)
{
  const LimnTool *tool = _limn_canvas_get_effective_tool (self);

  if (eraser && (tool->flags & (LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_SIZE)))
    tool = limn_tool_lookup (tool->flags & LIMN_TOOL_HAS_COLOUR   ? "paint-eraser"
                             : tool->flags & LIMN_TOOL_FOR_LABELS ? "label-eraser"
                                                                  : "eraser");
  gtk_widget_grab_focus (GTK_WIDGET (self));
  begin_gesture (self, tool, x, y, pressure);
}

void
_limn_canvas_pen_move (LimnCanvas *self, double x, double y, double pressure)
{
  move_gesture (self, x, y, pressure);
  set_pointer (self, TRUE, x, y);
}

void
_limn_canvas_pen_up (LimnCanvas *self)
{
  end_gesture (self, FALSE);
}

static void
stylus_down_cb (GtkGestureStylus *gesture, double x, double y, LimnCanvas *self)
{
  GdkDeviceTool *device_tool = gtk_gesture_stylus_get_device_tool (gesture);

  g_assert (LIMN_IS_CANVAS (self));

  read_modifiers (self, gesture);
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  _limn_canvas_pen_down (self, x, y, pen_pressure (gesture),
                         device_tool != NULL
                             && gdk_device_tool_get_tool_type (device_tool)
                                    == GDK_DEVICE_TOOL_TYPE_ERASER);
}

static void
stylus_motion_cb (GtkGestureStylus *gesture, double x, double y, LimnCanvas *self)
{
  g_autofree GdkTimeCoord *backlog = NULL;
  guint n = 0;

  g_assert (LIMN_IS_CANVAS (self));

  read_modifiers (self, gesture);
  /* Already in the widget's coordinates. */
  if (gtk_gesture_stylus_get_backlog (gesture, &backlog, &n))
    for (guint i = 0; i < n; i++)
      move_gesture (self, backlog[i].axes[GDK_AXIS_X], backlog[i].axes[GDK_AXIS_Y],
                    backlog[i].flags & GDK_AXIS_FLAG_PRESSURE
                        ? CLAMP (backlog[i].axes[GDK_AXIS_PRESSURE], 0, 1)
                        : 1);
  _limn_canvas_pen_move (self, x, y, pen_pressure (gesture));
}

static void
stylus_up_cb (GtkGestureStylus *gesture, double x, double y, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  _limn_canvas_pen_up (self);
}

static void
stylus_proximity_cb (GtkGestureStylus *gesture, double x, double y, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  set_pointer (self, TRUE, x, y);
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  /* The second finger: what the first began was not meant as a stroke. */
  end_gesture (self, TRUE);
  self->drag_ignored = TRUE;
  self->pinch_scale = self->view.scale;
  gtk_gesture_get_bounding_box_center (gesture, &self->pinch_x, &self->pinch_y);
}

static void
pinch_changed_cb (GtkGestureZoom *gesture, double delta, LimnCanvas *self)
{
  double x, y;
  int factor = factor_of (self);

  g_assert (LIMN_IS_CANVAS (self));

  if (self->document == NULL
      || !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  limn_view_pan (&self->view, (x - self->pinch_x) * factor, (y - self->pinch_y) * factor);
  limn_view_zoom_at (&self->view, self->pinch_scale * delta, x * factor, y * factor);
  self->pinch_x = x;
  self->pinch_y = y;
  _limn_canvas_view_changed (self);
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, LimnCanvas *self)
{
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  gboolean wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  int factor = factor_of (self);

  g_assert (LIMN_IS_CANVAS (self));

  if (self->document == NULL)
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_CONTROL_MASK)
    {
      double by = pow (wheel ? WHEEL_ZOOM : TOUCHPAD_ZOOM, -dy);

      limn_view_zoom_at (&self->view, self->view.scale * by, self->pointer_x * factor,
                         self->pointer_y * factor);
    }
  else
    {
      double length = (wheel ? WHEEL_PAN : 1) * factor;

      if ((state & GDK_SHIFT_MASK) && dx == 0)
        {
          dx = dy;
          dy = 0;
        }
      limn_view_pan (&self->view, -dx * length, -dy * length);
    }
  _limn_canvas_view_changed (self);
  return GDK_EVENT_STOP;
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, LimnCanvas *self)
{
  LimnToolPoint point;

  g_assert (LIMN_IS_CANVAS (self));

  read_modifiers (self, motion);
  point = point_at (self, x, y, 1);
  self->context.scale = self->view.scale;
  limn_tool_hover (self->tool, &self->context, &point);
  set_pointer (self, TRUE, x, y);
  if (g_str_equal (self->tool->name, "boxes"))
    _limn_canvas_update_cursor (self);
}

static void
leave_cb (GtkEventControllerMotion *motion, LimnCanvas *self)
{
  g_assert (LIMN_IS_CANVAS (self));

  set_pointer (self, FALSE, self->pointer_x, self->pointer_y);
}

static void
pan_cb (double dx, double dy, gpointer user_data)
{
  LimnCanvas *self = user_data;

  limn_view_pan (&self->view, dx, dy);
  _limn_canvas_view_changed (self);
}

static void
expand_cb (const LimnMargins *margins, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "expand", margins);
}

static void
edit_cb (const LimnMaskEdit *edit, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "edit-mask", edit);
}

static void
pick_cb (const guint8 colour[3], gboolean done, gpointer user_data)
{
  LimnCanvas *self = user_data;

  if (colour != NULL)
    {
      GdkRGBA rgba = { colour[0] / 255.0f, colour[1] / 255.0f, colour[2] / 255.0f, 1 };

      g_object_set (self->options, "colour", &rgba, NULL);
    }
  /* It is back to painting then. */
  if (done)
    g_object_set (self->options, "pick", FALSE, NULL);
}

void
_limn_canvas_input_reset (LimnCanvas *self)
{
  limn_canvas_cancel_gesture (self);
  _limn_canvas_release_keys (self);
}

void
_limn_canvas_input_init (LimnCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *controller;

  self->context.pan = pan_cb;
  self->context.expand = expand_cb;
  self->context.edit = edit_cb;
  self->context.pick = pick_cb;
  self->context.user_data = self;

  self->drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (self->drag), 0);
  g_signal_connect (self->drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (self->drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (self->drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (self->drag, "cancel", G_CALLBACK (gesture_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (self->drag));

  self->zoom_gesture = gtk_gesture_zoom_new ();
  g_signal_connect (self->zoom_gesture, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (self->zoom_gesture, "scale-changed", G_CALLBACK (pinch_changed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (self->zoom_gesture));
  /* In one group, so that the stroke's claim does not deny the pinch its first finger. */
  gtk_gesture_group (self->zoom_gesture, self->drag);

  self->stylus = gtk_gesture_stylus_new ();
  g_signal_connect (self->stylus, "down", G_CALLBACK (stylus_down_cb), self);
  g_signal_connect (self->stylus, "motion", G_CALLBACK (stylus_motion_cb), self);
  g_signal_connect (self->stylus, "up", G_CALLBACK (stylus_up_cb), self);
  g_signal_connect (self->stylus, "proximity", G_CALLBACK (stylus_proximity_cb), self);
  g_signal_connect (self->stylus, "cancel", G_CALLBACK (gesture_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (self->stylus));

  controller = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (controller, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, controller);

  self->motion = gtk_event_controller_motion_new ();
  g_signal_connect (self->motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (self->motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (self->motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, self->motion);
  _limn_canvas_keys_init (self);
}
