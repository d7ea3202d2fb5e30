/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-label-picker.h"

#include <glib/gi18n.h>

#include "ui/limn-label-colour.h"

#define SWATCH 16

struct _LimnLabelPicker
{
  GtkPopover parent_instance;

  /* Template widgets */
  GtkSearchEntry *search;
  GtkListView *list;
  GtkWidget *nothing_label;

  /* Owned */
  LimnModel *model;
  GtkStringList *names;
  GtkStringFilter *filter;

  int category;
  gboolean none;
  gboolean classes;
};

G_DEFINE_FINAL_TYPE (LimnLabelPicker, limn_label_picker, GTK_TYPE_POPOVER)

enum
{
  PROP_0,
  PROP_CLASSES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint chosen_signal;

/* ---- Swatches -------------------------------------------------------------------------------- */

static void
draw_swatch_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  int category = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "category")) - 1;
  GdkRGBA colour;

  cairo_arc (cr, width / 2.0, height / 2.0, MIN (width, height) / 2.0 - 1, 0, 2 * G_PI);
  if (category >= 0)
    {
      colour = limn_label_colour (category);
      gdk_cairo_set_source_rgba (cr, &colour);
      cairo_fill_preserve (cr);
    }
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &colour);
  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, 0.5);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

GtkWidget *
limn_swatch_new (void)
{
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), SWATCH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), SWATCH);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_swatch_cb, NULL, NULL);
  return area;
}

void
limn_swatch_set_category (GtkWidget *swatch, int category)
{
  g_return_if_fail (GTK_IS_DRAWING_AREA (swatch));

  g_object_set_data (G_OBJECT (swatch), "category", GINT_TO_POINTER (category + 1));
  gtk_widget_queue_draw (swatch);
}

/* ---- The list -------------------------------------------------------------------------------- */

/* The number comes first, so that the line says which it is. */
char *
limn_label_picker_line (LimnModel *model, int category)
{
  const char *name = limn_model_get_category_name (model, category);

  return name != NULL ? g_strdup_printf ("%d · %s", category, name)
                      : g_strdup_printf ("%d", category);
}

/* What stands before the labels is no number. */
static int
line_category (const char *text)
{
  return g_ascii_isdigit (*text) ? (int)g_ascii_strtoll (text, NULL, 10) : -1;
}

void
limn_label_picker_set_model (LimnLabelPicker *self, LimnModel *model, gboolean none)
{
  int n = model != NULL ? limn_model_get_info (model)->n_categories : 0;
  g_autoptr (GPtrArray) lines = NULL;

  g_return_if_fail (LIMN_IS_LABEL_PICKER (self));

  if (model == self->model && none == self->none)
    return;
  g_clear_pointer (&self->model, limn_model_unref);
  self->model = model != NULL ? limn_model_ref (model) : NULL;
  self->none = none;
  lines = g_ptr_array_new_with_free_func (g_free);
  if (none)
    g_ptr_array_add (lines, g_strdup (_ ("No label")));
  for (int i = 0; i < n; i++)
    g_ptr_array_add (lines, limn_label_picker_line (model, i));
  g_ptr_array_add (lines, NULL);
  gtk_string_list_splice (self->names, 0, g_list_model_get_n_items (G_LIST_MODEL (self->names)),
                          (const char *const *)lines->pdata);
}

void
limn_label_picker_set_category (LimnLabelPicker *self, int category)
{
  g_return_if_fail (LIMN_IS_LABEL_PICKER (self));

  self->category = category;
}

static void
choose_position (LimnLabelPicker *self, guint position)
{
  GListModel *shown = G_LIST_MODEL (gtk_list_view_get_model (self->list));
  g_autoptr (GtkStringObject) item = g_list_model_get_item (shown, position);
  int category;

  if (item == NULL)
    return;
  category = line_category (gtk_string_object_get_string (item));
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, category);
}

static void
activate_cb (GtkListView *list, guint position, LimnLabelPicker *self)
{
  g_assert (LIMN_IS_LABEL_PICKER (self));

  choose_position (self, position);
}

static void
apply_search (LimnLabelPicker *self)
{
  GListModel *shown = G_LIST_MODEL (gtk_list_view_get_model (self->list));

  gtk_string_filter_set_search (self->filter, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  gtk_widget_set_visible (self->nothing_label, g_list_model_get_n_items (shown) == 0);
}

/* Enter takes the first that was found: whoever types fast is ahead of "search-changed". */
static void
search_activate_cb (GtkSearchEntry *entry, LimnLabelPicker *self)
{
  g_assert (LIMN_IS_LABEL_PICKER (self));

  apply_search (self);
  choose_position (self, 0);
}

static void
search_changed_cb (GtkSearchEntry *entry, LimnLabelPicker *self)
{
  g_assert (LIMN_IS_LABEL_PICKER (self));

  apply_search (self);
}

static void
stop_search_cb (GtkSearchEntry *entry, LimnLabelPicker *self)
{
  g_assert (LIMN_IS_LABEL_PICKER (self));

  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
shown_cb (GtkPopover *popover, LimnLabelPicker *self)
{
  g_assert (LIMN_IS_LABEL_PICKER (self));

  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  apply_search (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  if (self->category >= 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u",
                                (guint)(self->category + (self->none ? 1 : 0)));
}

static void
setup_row_cb (GtkListItemFactory *factory, GtkListItem *item, LimnLabelPicker *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (!self->classes)
    gtk_box_append (GTK_BOX (box), limn_swatch_new ());
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

static void
bind_row_cb (GtkListItemFactory *factory, GtkListItem *item, LimnLabelPicker *self)
{
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkWidget *box = gtk_list_item_get_child (item);

  if (!self->classes)
    limn_swatch_set_category (gtk_widget_get_first_child (box), line_category (text));
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (box)), text);
  gtk_widget_set_tooltip_text (box, text);
}

/* ---- Object ---------------------------------------------------------------------------------- */

static void
set_accessible_label (gpointer widget, const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
limn_label_picker_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LimnLabelPicker *self = LIMN_LABEL_PICKER (object);

  switch (id)
    {
    case PROP_CLASSES:
      self->classes = g_value_get_boolean (value);
      set_accessible_label (self, self->classes ? _ ("Class") : _ ("Label"));
      set_accessible_label (self->list, self->classes ? _ ("Classes") : _ ("Labels"));
      set_accessible_label (self->search,
                            self->classes ? _ ("Search the classes") : _ ("Search the labels"));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_label_picker_dispose (GObject *object)
{
  LimnLabelPicker *self = LIMN_LABEL_PICKER (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_LABEL_PICKER);
  g_clear_pointer (&self->model, limn_model_unref);
  g_clear_object (&self->names);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (limn_label_picker_parent_class)->dispose (object);
}

static void
limn_label_picker_class_init (LimnLabelPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_label_picker_dispose;
  G_OBJECT_CLASS (klass)->set_property = limn_label_picker_set_property;
  properties[PROP_CLASSES]
      = g_param_spec_boolean ("classes", NULL, NULL, FALSE,
                              G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
  chosen_signal = g_signal_new ("chosen", LIMN_TYPE_LABEL_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-label-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnLabelPicker, search);
  gtk_widget_class_bind_template_child (widget_class, LimnLabelPicker, list);
  gtk_widget_class_bind_template_child (widget_class, LimnLabelPicker, nothing_label);
}

static void
limn_label_picker_init (LimnLabelPicker *self)
{
  GtkExpression *expression = gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string");
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) shown = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->category = -1;
  self->names = gtk_string_list_new (NULL);
  self->filter = gtk_string_filter_new (expression);
  shown = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (gtk_filter_list_model_new (
      g_object_ref (G_LIST_MODEL (self->names)), g_object_ref (GTK_FILTER (self->filter))))));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), self);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, shown);
  g_signal_connect (self->list, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect (self->search, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect (self->search, "activate", G_CALLBACK (search_activate_cb), self);
  g_signal_connect (self->search, "stop-search", G_CALLBACK (stop_search_cb), self);
  g_signal_connect (self, "show", G_CALLBACK (shown_cb), self);
}

LimnLabelPicker *
limn_label_picker_new (void)
{
  return g_object_new (LIMN_TYPE_LABEL_PICKER, NULL);
}
