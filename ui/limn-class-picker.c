/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-class-picker.h"

#include <glib/gi18n.h>

#include "ui/limn-label-picker.h"

struct _LimnClassPicker
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkMenuButton *button;
  GtkLabel *label;
  LimnLabelPicker *picker;

  /* Owned */
  LimnModel *model;

  int category;
};

G_DEFINE_FINAL_TYPE (LimnClassPicker, limn_class_picker, GTK_TYPE_WIDGET)

static guint changed_signal;

static void
show_chosen (LimnClassPicker *self)
{
  g_autofree char *text = self->model != NULL && self->category >= 0
                              ? limn_label_picker_line (self->model, self->category)
                              : g_strdup (_ ("Choose a class"));

  gtk_label_set_label (self->label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  limn_label_picker_set_category (self->picker, self->category);
}

void
limn_class_picker_set_model (LimnClassPicker *self, LimnModel *model)
{
  int n = model != NULL ? limn_model_get_info (model)->n_categories : 0;

  g_return_if_fail (LIMN_IS_CLASS_PICKER (self));

  if (model == self->model)
    return;
  g_clear_pointer (&self->model, limn_model_unref);
  self->model = model != NULL ? limn_model_ref (model) : NULL;
  limn_label_picker_set_model (self->picker, model, FALSE);
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

static void
chosen_cb (LimnLabelPicker *picker, int category, LimnClassPicker *self)
{
  g_assert (LIMN_IS_CLASS_PICKER (self));

  limn_class_picker_set_category (self, category);
}

/* ---- Object ---------------------------------------------------------------------------------- */

static void
limn_class_picker_dispose (GObject *object)
{
  LimnClassPicker *self = LIMN_CLASS_PICKER (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_CLASS_PICKER);
  g_clear_pointer (&self->model, limn_model_unref);
  G_OBJECT_CLASS (limn_class_picker_parent_class)->dispose (object);
}

static void
limn_class_picker_class_init (LimnClassPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (LIMN_TYPE_LABEL_PICKER);
  G_OBJECT_CLASS (klass)->dispose = limn_class_picker_dispose;
  changed_signal = g_signal_new ("changed", LIMN_TYPE_CLASS_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-class-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, button);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, label);
  gtk_widget_class_bind_template_child (widget_class, LimnClassPicker, picker);
}

static void
limn_class_picker_init (LimnClassPicker *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->category = -1;
  g_signal_connect (self->picker, "chosen", G_CALLBACK (chosen_cb), self);
  show_chosen (self);
}
