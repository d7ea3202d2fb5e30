/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-colour-button.h"

#include <glib/gi18n.h>
#include <math.h>

/* Swatches in a row, and of colours that were used at most. */
#define COLUMNS 8
#define MAX_RECENT 8

struct _LimnColourButton
{
  AdwBin parent_instance;

  /* Template widgets */
  GtkMenuButton *colour_menu;
  GtkDrawingArea *colour_area;
  GtkPopover *colour_popover;
  GtkGrid *palette;
  GtkGrid *recent_grid;
  GtkWidget *recent_label;

  GtkWidget *dialog; /* nullable: the colour chooser, while it is open */
  GdkRGBA colour;
  char **recent; /* owned */
};

G_DEFINE_FINAL_TYPE (LimnColourButton, limn_colour_button, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_COLOUR,
  PROP_RECENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const struct
{
  const char *colour;
  const char *name;
} palette[] = {
  { "#000000", N_ ("Black") },      { "#4d4d4d", N_ ("Dark grey") }, { "#999999", N_ ("Grey") },
  { "#ffffff", N_ ("White") },      { "#5e3a1f", N_ ("Brown") },     { "#a3703f", N_ ("Earth") },
  { "#e0b088", N_ ("Skin") },       { "#f4e0b8", N_ ("Sand") },      { "#bf1c29", N_ ("Red") },
  { "#ef7d1a", N_ ("Orange") },     { "#f5d327", N_ ("Yellow") },    { "#7cb342", N_ ("Grass") },
  { "#2e6b34", N_ ("Dark green") }, { "#7fb8e6", N_ ("Sky blue") },  { "#1f4e9e", N_ ("Blue") },
  { "#6d3b8f", N_ ("Violet") },
};

static char *
to_text (const GdkRGBA *colour)
{
  return g_strdup_printf ("#%02x%02x%02x", (guint)rint (colour->red * 255),
                          (guint)rint (colour->green * 255), (guint)rint (colour->blue * 255));
}

/* A colour and the thin line around it that tells it from its background, whichever that is. */
static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  const GdkRGBA *colour = user_data;
  double radius = 4;

  cairo_new_sub_path (cr);
  cairo_arc (cr, width - radius - 0.5, radius + 0.5, radius, -G_PI / 2, 0);
  cairo_arc (cr, width - radius - 0.5, height - radius - 0.5, radius, 0, G_PI / 2);
  cairo_arc (cr, radius + 0.5, height - radius - 0.5, radius, G_PI / 2, G_PI);
  cairo_arc (cr, radius + 0.5, radius + 0.5, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
set_colour (LimnColourButton *self, const GdkRGBA *colour)
{
  g_autofree char *text = NULL;

  if (gdk_rgba_equal (&self->colour, colour))
    return;
  self->colour = *colour;
  self->colour.alpha = 1;
  text = to_text (&self->colour);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->colour_menu),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self->colour_area));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOUR]);
}

static void
swatch_cb (GtkButton *button, LimnColourButton *self)
{
  g_assert (LIMN_IS_COLOUR_BUTTON (self));

  gtk_popover_popdown (self->colour_popover);
  set_colour (self, g_object_get_data (G_OBJECT (button), "colour"));
}

static GtkWidget *
new_swatch (LimnColourButton *self, const char *text, const char *name)
{
  GtkWidget *button = gtk_button_new (), *area = gtk_drawing_area_new ();
  GdkRGBA *colour = g_new0 (GdkRGBA, 1);

  gdk_rgba_parse (colour, text);
  g_object_set_data_full (G_OBJECT (button), "colour", colour, g_free);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), 24);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), 24);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, colour, NULL);
  gtk_button_set_child (GTK_BUTTON (button), area);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "swatch");
  g_signal_connect (button, "clicked", G_CALLBACK (swatch_cb), self);
  return button;
}

static void
fill_recent (LimnColourButton *self)
{
  GtkWidget *child;
  int n = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recent_grid))) != NULL)
    gtk_grid_remove (self->recent_grid, child);
  for (; self->recent != NULL && self->recent[n] != NULL; n++)
    gtk_grid_attach (self->recent_grid, new_swatch (self, self->recent[n], self->recent[n]),
                     n % COLUMNS, n / COLUMNS, 1, 1);
  gtk_widget_set_visible (self->recent_label, n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->recent_grid), n > 0);
}

/* Takes over @recent (nullable); what is no colour is left out. */
static void
set_recent (LimnColourButton *self, char **recent)
{
  g_autoptr (GPtrArray) valid = g_ptr_array_new ();

  for (int i = 0; recent != NULL && recent[i] != NULL; i++)
    {
      GdkRGBA colour;

      if (valid->len < MAX_RECENT && gdk_rgba_parse (&colour, recent[i]))
        g_ptr_array_add (valid, to_text (&colour));
    }
  g_ptr_array_add (valid, NULL);
  g_strfreev (recent);
  if (self->recent != NULL
      && g_strv_equal ((const char *const *)self->recent, (const char *const *)valid->pdata))
    {
      g_strfreev ((char **)g_ptr_array_steal (valid, NULL));
      return;
    }
  g_strfreev (self->recent);
  self->recent = (char **)g_ptr_array_steal (valid, NULL);
  fill_recent (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECENT]);
}

void
limn_colour_button_use (LimnColourButton *self)
{
  g_autofree char *text = NULL;
  GPtrArray *recent;

  g_return_if_fail (LIMN_IS_COLOUR_BUTTON (self));

  text = to_text (&self->colour);
  recent = g_ptr_array_new ();
  g_ptr_array_add (recent, g_strdup (text));
  for (int i = 0; self->recent != NULL && self->recent[i] != NULL; i++)
    if (!g_str_equal (self->recent[i], text))
      g_ptr_array_add (recent, g_strdup (self->recent[i]));
  g_ptr_array_add (recent, NULL);
  set_recent (self, (char **)g_ptr_array_free (recent, FALSE));
}

/* ---- Any other colour -------------------------------------------------------------------------
 */

static void
response_cb (GtkDialog *dialog, int response, LimnColourButton *self)
{
  g_assert (LIMN_IS_COLOUR_BUTTON (self));

  if (response == GTK_RESPONSE_OK)
    {
      GdkRGBA colour;

      gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (dialog), &colour);
      set_colour (self, &colour);
    }
  self->dialog = NULL;
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
other_cb (GtkButton *button, LimnColourButton *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_assert (LIMN_IS_COLOUR_BUTTON (self));

  gtk_popover_popdown (self->colour_popover);
  if (self->dialog == NULL)
    {
      self->dialog = gtk_color_chooser_dialog_new (_ ("Colour of the paint"), GTK_WINDOW (root));
      gtk_color_chooser_set_use_alpha (GTK_COLOR_CHOOSER (self->dialog), FALSE);
      g_object_set (self->dialog, "show-editor", TRUE, NULL);
      g_signal_connect_object (self->dialog, "response", G_CALLBACK (response_cb), self, 0);
    }
  gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (self->dialog), &self->colour);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
pick_cb (GtkButton *button, LimnColourButton *self)
{
  g_assert (LIMN_IS_COLOUR_BUTTON (self));

  gtk_popover_popdown (self->colour_popover);
}

/* ---- GObject ----------------------------------------------------------------------------------
 */

static void
limn_colour_button_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LimnColourButton *self = LIMN_COLOUR_BUTTON (object);

  switch (id)
    {
    case PROP_COLOUR:
      g_value_set_boxed (value, &self->colour);
      break;
    case PROP_RECENT:
      g_value_set_boxed (value, self->recent);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_colour_button_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LimnColourButton *self = LIMN_COLOUR_BUTTON (object);

  switch (id)
    {
    case PROP_COLOUR:
      if (g_value_get_boxed (value) != NULL)
        set_colour (self, g_value_get_boxed (value));
      break;
    case PROP_RECENT:
      set_recent (self, g_value_dup_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_colour_button_dispose (GObject *object)
{
  LimnColourButton *self = LIMN_COLOUR_BUTTON (object);

  if (self->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->dialog)));
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (limn_colour_button_parent_class)->dispose (object);
}

static void
limn_colour_button_finalize (GObject *object)
{
  g_strfreev (LIMN_COLOUR_BUTTON (object)->recent);
  G_OBJECT_CLASS (limn_colour_button_parent_class)->finalize (object);
}

static void
limn_colour_button_class_init (LimnColourButtonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_colour_button_get_property;
  object_class->set_property = limn_colour_button_set_property;
  object_class->dispose = limn_colour_button_dispose;
  object_class->finalize = limn_colour_button_finalize;
  properties[PROP_COLOUR] = g_param_spec_boxed ("colour", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_RECENT] = g_param_spec_boxed ("recent", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-colour-button.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, colour_menu);
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, colour_area);
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, colour_popover);
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, palette);
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, recent_grid);
  gtk_widget_class_bind_template_child (widget_class, LimnColourButton, recent_label);
  gtk_widget_class_bind_template_callback (widget_class, other_cb);
  gtk_widget_class_bind_template_callback (widget_class, pick_cb);
}

static void
limn_colour_button_init (LimnColourButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drawing_area_set_draw_func (self->colour_area, draw_cb, &self->colour, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (palette); i++)
    gtk_grid_attach (self->palette, new_swatch (self, palette[i].colour, _ (palette[i].name)),
                     (int)i % COLUMNS, (int)i / COLUMNS, 1, 1);
  fill_recent (self);
}
