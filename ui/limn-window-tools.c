/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/limn-tool.h"

/* One toggle button per row of the table of tools, before what else stands in the rail. */
static void
fill_rail (LimnWindow *self)
{
  GtkWidget *last = NULL;

  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      GtkWidget *button = gtk_toggle_button_new ();
      g_autofree char *key = g_ascii_strup (tool->key, -1);
      /* Translators: what a tool does, then its key */
      g_autofree char *tooltip = g_strdup_printf (_ ("%s (%s)"), _ (tool->title), key);

      gtk_button_set_icon_name (GTK_BUTTON (button), tool->icon);
      gtk_widget_set_tooltip_text (button, tooltip);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.tool");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", tool->name);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (tool->title), -1);
      gtk_box_insert_child_after (self->rail, button, last);
      last = button;
    }
}

/* The size's slider moves in powers of two, so that small brushes are as easy to set as large ones.
 */
static char *
format_size (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%d px"), (int)rint (exp2 (value)));
}

static char *
format_hardness (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%d %%"), (int)rint (value * 100));
}

static void
describe_scales (LimnWindow *self)
{
  g_autofree char *size
      = format_size (NULL, gtk_adjustment_get_value (self->size_adjustment), NULL);
  g_autofree char *hardness
      = format_hardness (NULL, gtk_adjustment_get_value (self->hardness_adjustment), NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->size_scale),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, size, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->hardness_scale),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, hardness, -1);
}

static void
brush_changed_cb (GtkAdjustment *adjustment, LimnWindow *self)
{
  double size = exp2 (gtk_adjustment_get_value (self->size_adjustment));

  g_assert (LIMN_IS_WINDOW (self));

  g_object_set (self->canvas, "brush-size",
                CLAMP (size, 2 * LIMN_BRUSH_MIN_RADIUS, 2 * LIMN_BRUSH_MAX_RADIUS),
                "brush-hardness", gtk_adjustment_get_value (self->hardness_adjustment), NULL);
  describe_scales (self);
}

void
_limn_window_step_size (LimnWindow *self, int direction)
{
  double diameter;

  g_object_get (self->canvas, "brush-size", &diameter, NULL);
  gtk_adjustment_set_value (self->size_adjustment,
                            log2 (2 * limn_brush_next_radius (diameter / 2, direction)));
}

void
_limn_window_step_hardness (LimnWindow *self, int direction)
{
  gtk_adjustment_set_value (self->hardness_adjustment,
                            gtk_adjustment_get_value (self->hardness_adjustment) + direction * 0.1);
}

static void
zoom_changed_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnWindow *self)
{
  double percent = limn_canvas_get_zoom (canvas) * 100;
  g_autofree char *text = g_strdup_printf (percent < 10 ? _ ("%.1f %%") : _ ("%.0f %%"), percent);

  g_assert (LIMN_IS_WINDOW (self));

  gtk_label_set_label (self->zoom_label, text);
}

/* The row keeps its height and its end: only what means something to the tool is in it. */
static void
tool_changed_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnWindow *self)
{
  LimnToolFlags flags = limn_tool_lookup (limn_canvas_get_tool (self->canvas))->flags;
  gboolean has_brush = flags & LIMN_TOOL_HAS_BRUSH;

  g_assert (LIMN_IS_WINDOW (self));

  gtk_widget_set_visible (GTK_WIDGET (self->size_scale), has_brush);
  gtk_widget_set_visible (self->size_label, has_brush && self->roomy);
  gtk_widget_set_visible (self->hardness_box, has_brush && !self->narrow);
  /* Tooltips tell what the sliders are, too. */
  gtk_widget_set_visible (self->hardness_label, self->roomy);
  gtk_widget_set_visible (self->pen_button, has_brush);
  /* In the menu, too. */
  gtk_widget_set_visible (GTK_WIDGET (self->mask_button), !self->narrow);
  gtk_widget_set_visible (self->mode_box, flags & LIMN_TOOL_HAS_MODE);
  gtk_widget_set_visible (self->tolerance_box, flags & LIMN_TOOL_HAS_TOLERANCE);
  gtk_widget_set_visible (self->tolerance_label, self->roomy);
  gtk_scale_set_draw_value (self->tolerance_scale, self->roomy);
  gtk_widget_set_visible (self->contiguous_check,
                          (flags & LIMN_TOOL_HAS_CONTIGUOUS) && !self->narrow);
}

void
_limn_window_options_update (LimnWindow *self)
{
  tool_changed_cb (self->canvas, NULL, self);
}

/* Widget, option and setting are one. */
static void
bind_option (LimnWindow *self,
             gpointer widget,
             const char *property,
             const char *option,
             const char *key)
{
  LimnToolOptions *options = limn_canvas_get_options (self->canvas);

  g_object_bind_property (options, option, widget, property,
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  if (key != NULL)
    g_settings_bind (self->settings, key, options, option, G_SETTINGS_BIND_DEFAULT);
}

void
_limn_window_tools_init (LimnWindow *self)
{
  fill_rail (self);
  gtk_scale_set_format_value_func (self->size_scale, format_size, NULL, NULL);
  gtk_scale_set_format_value_func (self->hardness_scale, format_hardness, NULL, NULL);
  gtk_adjustment_set_value (self->size_adjustment,
                            log2 (g_settings_get_double (self->settings, "brush-size")));
  gtk_adjustment_set_value (self->hardness_adjustment,
                            g_settings_get_double (self->settings, "brush-hardness"));
  gtk_scale_set_format_value_func (self->tolerance_scale, format_hardness, NULL, NULL);
  gtk_scale_set_format_value_func (self->opacity_scale, format_hardness, NULL, NULL);
  bind_option (self, self->opacity_adjustment, "value", "opacity", NULL);
  bind_option (self, self->tolerance_adjustment, "value", "tolerance", "tolerance");
  bind_option (self, self->contiguous_check, "active", "contiguous", "contiguous");
  bind_option (self, self->pressure_size_check, "active", "pressure-size", "pressure-size");
  bind_option (self, self->pressure_opacity_check, "active", "pressure-opacity",
               "pressure-opacity");
  g_signal_connect (self->size_adjustment, "value-changed", G_CALLBACK (brush_changed_cb), self);
  g_signal_connect (self->hardness_adjustment, "value-changed", G_CALLBACK (brush_changed_cb),
                    self);
  g_signal_connect (self->canvas, "notify::zoom", G_CALLBACK (zoom_changed_cb), self);
  g_signal_connect (self->canvas, "notify::tool", G_CALLBACK (tool_changed_cb), self);
  brush_changed_cb (NULL, self);
  tool_changed_cb (self->canvas, NULL, self);
  zoom_changed_cb (self->canvas, NULL, self);
}
