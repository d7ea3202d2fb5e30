/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-options-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/limn-colour-button.h"
#include "ui/limn-tool.h"

struct _LimnOptionsBar
{
  GtkBox parent_instance;

  /* Template widgets */
  GtkWidget *paint_box;
  LimnColourButton *colour_button;
  GtkWidget *pick_button;
  GtkWidget *erase_button;
  GtkWidget *paint_menu_button;
  GtkWidget *size_label;
  GtkWidget *size_icon;
  GtkScale *size_scale;
  GtkAdjustment *size_adjustment;
  GtkWidget *hardness_box;
  GtkWidget *hardness_label;
  GtkWidget *hardness_icon;
  GtkScale *hardness_scale;
  GtkAdjustment *hardness_adjustment;
  GtkWidget *edges_button;
  GtkWidget *mode_box;
  GtkWidget *tolerance_box;
  GtkWidget *tolerance_label;
  GtkWidget *tolerance_icon;
  GtkScale *tolerance_scale;
  GtkAdjustment *tolerance_adjustment;
  GtkWidget *contiguous_check;
  GtkWidget *pen_button;
  GtkLabel *opacity_label;
  GtkScale *opacity_scale;
  GtkAdjustment *opacity_adjustment;
  GtkScale *paint_opacity_scale;
  GtkAdjustment *paint_opacity_adjustment;
  GtkWidget *pressure_size_check;
  GtkWidget *pressure_opacity_check;

  LimnCanvas *canvas;  /* borrowed: in the same window */
  GSettings *settings; /* owned */
  LimnRoom room;
};

G_DEFINE_FINAL_TYPE (LimnOptionsBar, limn_options_bar, GTK_TYPE_BOX)

/* The size's slider moves in powers of two, so that small brushes are as easy to set as large ones.
 */
static char *
format_size (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%d px"), (int)rint (exp2 (value)));
}

static char *
format_share (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%d %%"), (int)rint (value * 100));
}

/* What a slider is and how it stands, for those who cannot see the number, which is not always beside
 * it. */
static void
describe_scale (GtkScale *scale, const char *what, char *value)
{
  g_autofree char *number = value;
  /* Translators: what a slider sets, then the value that it has */
  g_autofree char *text = g_strdup_printf (_ ("%s: %s"), what, number);

  gtk_widget_set_tooltip_text (GTK_WIDGET (scale), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, number,
                                  -1);
}

static void
describe_scales (LimnOptionsBar *self)
{
  describe_scale (self->size_scale, _ ("Size of the brush ([ and ])"),
                  format_size (NULL, gtk_adjustment_get_value (self->size_adjustment), NULL));
  describe_scale (self->hardness_scale, _ ("Hardness of the brush’s edge (Shift+[ and ])"),
                  format_share (NULL, gtk_adjustment_get_value (self->hardness_adjustment), NULL));
  describe_scale (self->tolerance_scale,
                  _ ("How different a colour may be that is still the same"),
                  format_share (NULL, gtk_adjustment_get_value (self->tolerance_adjustment), NULL));
}

static void
tolerance_changed_cb (GtkAdjustment *adjustment, LimnOptionsBar *self)
{
  g_assert (LIMN_IS_OPTIONS_BAR (self));

  describe_scales (self);
}

static void
brush_changed_cb (GtkAdjustment *adjustment, LimnOptionsBar *self)
{
  double size = exp2 (gtk_adjustment_get_value (self->size_adjustment));

  g_assert (LIMN_IS_OPTIONS_BAR (self));

  g_object_set (self->canvas, "brush-size",
                CLAMP (size, 2 * LIMN_BRUSH_MIN_RADIUS, 2 * LIMN_BRUSH_MAX_RADIUS),
                "brush-hardness", gtk_adjustment_get_value (self->hardness_adjustment), NULL);
  describe_scales (self);
}

void
limn_options_bar_step_size (LimnOptionsBar *self, int direction)
{
  double diameter;

  g_return_if_fail (LIMN_IS_OPTIONS_BAR (self));

  g_object_get (self->canvas, "brush-size", &diameter, NULL);
  gtk_adjustment_set_value (self->size_adjustment,
                            log2 (2 * limn_brush_next_radius (diameter / 2, direction)));
}

void
limn_options_bar_step_hardness (LimnOptionsBar *self, int direction)
{
  g_return_if_fail (LIMN_IS_OPTIONS_BAR (self));

  gtk_adjustment_set_value (self->hardness_adjustment,
                            gtk_adjustment_get_value (self->hardness_adjustment) + direction * 0.1);
}

/* @tight: there is more in the row than for other tools. */
static void
set_scales (LimnOptionsBar *self, gboolean narrow, gboolean roomy, gboolean tight)
{
  int size = narrow ? (tight ? 38 : 48) : tight ? 48 : 60, hardness = 46;

  gtk_scale_set_draw_value (self->size_scale, !narrow && !tight);
  gtk_widget_set_size_request (GTK_WIDGET (self->size_scale), roomy ? 140 : size, -1);
  gtk_widget_set_size_request (GTK_WIDGET (self->hardness_scale), roomy ? 96 : hardness, -1);
  gtk_widget_set_size_request (GTK_WIDGET (self->tolerance_scale), roomy ? 130 : narrow ? 42 : 48, -1);
}

/* The row keeps its height and its end: only what means something to the tool is in it. */
static void
update (LimnOptionsBar *self)
{
  LimnToolFlags flags = limn_tool_lookup (limn_canvas_get_tool (self->canvas))->flags;
  gboolean has_brush = flags & LIMN_TOOL_HAS_BRUSH, paints = flags & LIMN_TOOL_HAS_COLOUR;
  gboolean has_size = has_brush || (flags & LIMN_TOOL_HAS_SIZE);
  gboolean narrow = self->room == LIMN_ROOM_NARROW;
  gboolean stops = (flags & LIMN_TOOL_HAS_EDGES)
                   && limn_tool_options_get (limn_canvas_get_options (self->canvas))->stop_at_edges;
  /* Then there is more to set. */
  gboolean roomy = self->room == LIMN_ROOM_ROOMY && !paints && !stops;
  gboolean tight = self->room != LIMN_ROOM_ROOMY && (paints || stops);

  gtk_widget_set_visible (self->paint_box, paints);
  gtk_widget_set_visible (self->paint_menu_button, paints);
  /* In the choice of colours, too. */
  gtk_widget_set_visible (self->pick_button, !tight);
  gtk_widget_set_visible (GTK_WIDGET (self->opacity_scale), !paints);
  gtk_widget_set_visible (GTK_WIDGET (self->paint_opacity_scale), paints);
  gtk_label_set_mnemonic_widget (
      self->opacity_label, GTK_WIDGET (paints ? self->paint_opacity_scale : self->opacity_scale));
  gtk_widget_set_visible (GTK_WIDGET (self->size_scale), has_size);
  gtk_widget_set_visible (self->size_label, has_size && roomy);
  /* A picture where there is no room for the word; where there is none for that either, "64 px" says
   * enough. */
  gtk_widget_set_visible (self->size_icon,
                          has_size && !roomy && (self->room != LIMN_ROOM_MIDDLE || tight));
  gtk_widget_set_visible (self->hardness_box, has_brush && !narrow);
  gtk_widget_set_visible (self->hardness_label, roomy);
  gtk_widget_set_visible (self->hardness_icon, !roomy);
  gtk_widget_set_visible (self->pen_button, has_brush);
  gtk_widget_set_visible (self->mode_box, flags & LIMN_TOOL_HAS_MODE);
  gtk_widget_set_visible (self->edges_button, flags & LIMN_TOOL_HAS_EDGES);
  gtk_widget_set_visible (self->tolerance_box, stops || (flags & LIMN_TOOL_HAS_TOLERANCE));
  gtk_widget_set_visible (self->tolerance_label, roomy);
  gtk_widget_set_visible (self->tolerance_icon, !roomy);
  gtk_scale_set_draw_value (self->tolerance_scale, roomy);
  gtk_widget_set_visible (self->contiguous_check, (flags & LIMN_TOOL_HAS_CONTIGUOUS) && !narrow);
  set_scales (self, narrow, roomy, tight || (narrow && (flags & LIMN_TOOL_FOR_LABELS)));
}

void
limn_options_bar_set_room (LimnOptionsBar *self, LimnRoom room)
{
  g_return_if_fail (LIMN_IS_OPTIONS_BAR (self));

  self->room = room;
  update (self);
}

static void
edges_changed_cb (LimnToolOptions *options, GParamSpec *pspec, LimnOptionsBar *self)
{
  g_assert (LIMN_IS_OPTIONS_BAR (self));

  update (self);
}

static void
tool_changed_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnOptionsBar *self)
{
  g_assert (LIMN_IS_OPTIONS_BAR (self));

  update (self);
}

/* What was painted with is found again. */
static void
stroke_begin_cb (LimnCanvas *canvas, LimnOptionsBar *self)
{
  const LimnToolSettings *settings = limn_tool_options_get (limn_canvas_get_options (canvas));

  g_assert (LIMN_IS_OPTIONS_BAR (self));

  if ((limn_tool_lookup (limn_canvas_get_tool (canvas))->flags & LIMN_TOOL_HAS_COLOUR)
      && !settings->paint_erase)
    limn_colour_button_use (self->colour_button);
}

static gboolean
colour_from_setting (GValue *value, GVariant *variant, gpointer user_data)
{
  GdkRGBA colour;

  if (!gdk_rgba_parse (&colour, g_variant_get_string (variant, NULL)))
    return FALSE;
  g_value_set_boxed (value, &colour);
  return TRUE;
}

static GVariant *
colour_to_setting (const GValue *value, const GVariantType *type, gpointer user_data)
{
  g_autofree char *text = gdk_rgba_to_string (g_value_get_boxed (value));

  return g_variant_new_string (text);
}

/* Widget, option and setting are one. */
static void
bind_option (LimnOptionsBar *self,
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
limn_options_bar_setup (LimnOptionsBar *self, LimnCanvas *canvas, GSettings *settings)
{
  g_return_if_fail (LIMN_IS_OPTIONS_BAR (self));
  g_return_if_fail (LIMN_IS_CANVAS (canvas) && G_IS_SETTINGS (settings));
  g_return_if_fail (self->canvas == NULL);

  self->canvas = canvas;
  self->settings = g_object_ref (settings);
  gtk_adjustment_set_value (self->size_adjustment,
                            log2 (g_settings_get_double (settings, "brush-size")));
  gtk_adjustment_set_value (self->hardness_adjustment,
                            g_settings_get_double (settings, "brush-hardness"));
  bind_option (self, self->opacity_adjustment, "value", "opacity", NULL);
  bind_option (self, self->tolerance_adjustment, "value", "tolerance", "tolerance");
  /* Not kept for the next window: a brush that leaves places out would be a riddle then. */
  bind_option (self, self->edges_button, "active", "stop-at-edges", NULL);
  bind_option (self, self->contiguous_check, "active", "contiguous", "contiguous");
  bind_option (self, self->pressure_size_check, "active", "pressure-size", "pressure-size");
  bind_option (self, self->pressure_opacity_check, "active", "pressure-opacity",
               "pressure-opacity");
  bind_option (self, self->colour_button, "colour", "colour", NULL);
  bind_option (self, self->pick_button, "active", "pick", NULL);
  bind_option (self, self->erase_button, "active", "paint-erase", NULL);
  bind_option (self, self->paint_opacity_adjustment, "value", "paint-opacity", "paint-opacity");
  g_settings_bind_with_mapping (settings, "paint-colour", limn_canvas_get_options (canvas),
                                "colour", G_SETTINGS_BIND_DEFAULT, colour_from_setting,
                                colour_to_setting, NULL, NULL);
  g_settings_bind (settings, "paint-recent", self->colour_button, "recent",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (limn_canvas_get_options (canvas), "notify::stop-at-edges",
                           G_CALLBACK (edges_changed_cb), self, 0);
  g_signal_connect_object (canvas, "stroke-begin", G_CALLBACK (stroke_begin_cb), self, 0);
  g_signal_connect (self->size_adjustment, "value-changed", G_CALLBACK (brush_changed_cb), self);
  g_signal_connect (self->hardness_adjustment, "value-changed", G_CALLBACK (brush_changed_cb),
                    self);
  g_signal_connect_object (canvas, "notify::tool", G_CALLBACK (tool_changed_cb), self, 0);
  g_signal_connect (self->tolerance_adjustment, "value-changed", G_CALLBACK (tolerance_changed_cb),
                    self);
  brush_changed_cb (NULL, self);
  update (self);
}

static void
limn_options_bar_dispose (GObject *object)
{
  LimnOptionsBar *self = LIMN_OPTIONS_BAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_OPTIONS_BAR);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (limn_options_bar_parent_class)->dispose (object);
}

static void
limn_options_bar_class_init (LimnOptionsBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_options_bar_dispose;
  g_type_ensure (LIMN_TYPE_COLOUR_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-options-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, paint_box);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, colour_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, pick_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, erase_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, paint_menu_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, opacity_label);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, paint_opacity_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, paint_opacity_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, size_label);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, size_icon);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, size_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, size_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, hardness_box);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, hardness_label);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, hardness_icon);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, hardness_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, hardness_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, edges_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, mode_box);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, tolerance_box);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, tolerance_label);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, tolerance_icon);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, tolerance_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, tolerance_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, contiguous_check);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, pen_button);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, opacity_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, opacity_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, pressure_size_check);
  gtk_widget_class_bind_template_child (widget_class, LimnOptionsBar, pressure_opacity_check);
}

static void
limn_options_bar_init (LimnOptionsBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_scale_set_format_value_func (self->size_scale, format_size, NULL, NULL);
  gtk_scale_set_format_value_func (self->hardness_scale, format_share, NULL, NULL);
  gtk_scale_set_format_value_func (self->tolerance_scale, format_share, NULL, NULL);
  gtk_scale_set_format_value_func (self->opacity_scale, format_share, NULL, NULL);
  gtk_scale_set_format_value_func (self->paint_opacity_scale, format_share, NULL, NULL);
}
