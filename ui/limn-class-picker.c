/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-class-picker.h"

#include <glib/gi18n.h>

struct _LimnClassPicker
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkMenuButton *button;
  GtkLabel *label;
  GtkPopover *popover;
  GtkSearchEntry *search;
  GtkListView *list;

  /* Owned */
  LimnModel *model;
  GtkStringList *names;
  GtkStringFilter *filter;

  int category;
};

G_DEFINE_FINAL_TYPE (LimnClassPicker, limn_class_picker, GTK_TYPE_WIDGET)

static guint changed_signal;

/* "281 · tabby, tabby cat", or the number alone (transfer full). The number comes first, so that
 * the line says which class it is. */
static char *
line_text (LimnModel *model, int category)
{
  const char *name = limn_model_get_category_name (model, category);

  return name != NULL ? g_strdup_printf ("%d · %s", category, name)
                      : g_strdup_printf ("%d", category);
}

static void
show_chosen (LimnClassPicker *self)
{
  g_autofree char *text = self->model != NULL && self->category >= 0
                              ? line_text (self->model, self->category)
                              : g_strdup (_ ("Choose a class"));

  gtk_label_set_label (self->label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
limn_class_picker_set_model (LimnClassPicker *self, LimnModel *model)
{
  int n = model != NULL ? limn_model_get_info (model)->n_categories : 0;
  g_autofree char **lines = NULL;

  g_return_if_fail (LIMN_IS_CLASS_PICKER (self));

  if (model == self->model)
    return;
  g_clear_pointer (&self->model, limn_model_unref);
  self->model = model != NULL ? limn_model_ref (model) : NULL;
  lines = g_new0 (char *, n + 1);
  for (int i = 0; i < n; i++)
    lines[i] = line_text (model, i);
  gtk_string_list_splice (self->names, 0, g_list_model_get_n_items (G_LIST_MODEL (self->names)),
                          (const char *const *)lines);
  for (int i = 0; i < n; i++)
    g_free (lines[i]);
  self->category = n > 0 ? CLAMP (self->category, 0, n - 1) : -1;
  show_chosen (self);
}

int
limn_class_picker_get_category (LimnClassPicker *self)
{
  g_return_val_if_fail (LIMN_IS_CLASS_PICKER (self), -1);

  return self->category;
}

void
limn_class_picker_set_category (LimnClassPicker *self, int category)
{
  g_return_if_fail (LIMN_IS_CLASS_PICKER (self));

  if (self->model == NULL || category < 0
      || category >= limn_model_get_info (self->model)->n_categories || category == self->category)
    return;
  self->category = category;
  show_chosen (self);
  g_signal_emit (self, changed_signal, 0);
}

/* ---- The list -------------------------------------------------------------------------------- */

static void
choose_position (LimnClassPicker *self, guint position)
{
  GListModel *shown = G_LIST_MODEL (gtk_list_view_get_model (self->list));
  g_autoptr (GtkStringObject) item = g_list_model_get_item (shown, position);

  if (item == NULL)
    return;
  limn_class_picker_set_category (
      self, (int)g_ascii_strtoll (gtk_string_object_get_string (item), NULL, 10));
  gtk_popover_popdown (self->popover);
}

static void
activate_cb (GtkListView *list, guint position, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  choose_position (self, position);
}

/* Enter takes the first that was found. */
static void
search_activate_cb (GtkSearchEntry *entry, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  /* Whoever types fast is ahead of "search-changed". */
  gtk_string_filter_set_search (self->filter, gtk_editable_get_text (GTK_EDITABLE (entry)));
  choose_position (self, 0);
}

static void
search_changed_cb (GtkSearchEntry *entry, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  gtk_string_filter_set_search (self->filter, gtk_editable_get_text (GTK_EDITABLE (entry)));
}

static void
stop_search_cb (GtkSearchEntry *entry, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  gtk_popover_popdown (self->popover);
}

static void
popover_shown_cb (GtkPopover *popover, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  if (self->category >= 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u",
                                (guint)self->category);
}

static void
setup_row_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
bind_row_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (item));

  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)), text);
  gtk_widget_set_tooltip_text (gtk_list_item_get_child (item), text);
}

/* ---- Object ---------------------------------------------------------------------------------- */

static void
limn_class_picker_dispose (GObject *object)
{
  LimnClassPicker *self = LIMN_CLASS_PICKER (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_CLASS_PICKER);
  g_clear_pointer (&self->model, limn_model_unref);
  g_clear_object (&self->names);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (limn_class_picker_parent_class)->dispose (object);
}

static void
limn_class_picker_class_init (LimnClassPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_class_picker_dispose;
  changed_signal = g_signal_new ("changed", LIMN_TYPE_CLASS_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-class-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, button);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, label);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, popover);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, search);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, list);
}

static void
limn_class_picker_init (LimnClassPicker *self)
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
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, shown);
  g_signal_connect (self->list, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect (self->search, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect (self->search, "activate", G_CALLBACK (search_activate_cb), self);
  g_signal_connect (self->search, "stop-search", G_CALLBACK (stop_search_cb), self);
  g_signal_connect (self->popover, "show", G_CALLBACK (popover_shown_cb), self);
  show_chosen (self);
}
