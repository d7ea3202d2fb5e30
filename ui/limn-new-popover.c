/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-new-popover.h"

#include <glib/gi18n.h>

struct _LimnNewPopover
{
  GtkPopover parent_instance;

  /* Template widgets */
  GtkSpinButton *width_spin;
  GtkSpinButton *height_spin;
  GtkWidget *create_button;
};

G_DEFINE_FINAL_TYPE (LimnNewPopover, limn_new_popover, GTK_TYPE_POPOVER)

static guint create_signal;

void
limn_new_popover_set_size (LimnNewPopover *self, int width, int height)
{
  g_return_if_fail (LIMN_IS_NEW_POPOVER (self));

  gtk_spin_button_set_value (self->width_spin, width);
  gtk_spin_button_set_value (self->height_spin, height);
}

static void
create_cb (GtkButton *button, LimnNewPopover *self)
{
  g_assert (LIMN_IS_NEW_POPOVER (self));

  /* What is being typed counts. */
  gtk_spin_button_update (self->width_spin);
  gtk_spin_button_update (self->height_spin);
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, create_signal, 0, gtk_spin_button_get_value_as_int (self->width_spin),
                 gtk_spin_button_get_value_as_int (self->height_spin));
}

static void
limn_new_popover_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LIMN_TYPE_NEW_POPOVER);
  G_OBJECT_CLASS (limn_new_popover_parent_class)->dispose (object);
}

static void
limn_new_popover_class_init (LimnNewPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_new_popover_dispose;
  create_signal = g_signal_new ("create", LIMN_TYPE_NEW_POPOVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-new-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnNewPopover, width_spin);
  gtk_widget_class_bind_template_child (widget_class, LimnNewPopover, height_spin);
  gtk_widget_class_bind_template_child (widget_class, LimnNewPopover, create_button);
}

/* GTK leaves the two buttons of a spin button without names. */
static void
name_buttons (GtkSpinButton *spin)
{
  const char *names[2] = { _ ("Smaller"), _ ("Larger") };
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (spin)); child != NULL && n < 2;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      names[n++], -1);
}

static void
limn_new_popover_init (LimnNewPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_buttons (self->width_spin);
  name_buttons (self->height_spin);
  /* The spin button itself has no such property before GTK 4.14. */
  g_object_set (gtk_editable_get_delegate (GTK_EDITABLE (self->width_spin)), "activates-default",
                TRUE, NULL);
  g_object_set (gtk_editable_get_delegate (GTK_EDITABLE (self->height_spin)), "activates-default",
                TRUE, NULL);
  gtk_popover_set_default_widget (GTK_POPOVER (self), self->create_button);
  g_signal_connect (self->create_button, "clicked", G_CALLBACK (create_cb), self);
}

LimnNewPopover *
limn_new_popover_new (void)
{
  return g_object_new (LIMN_TYPE_NEW_POPOVER, NULL);
}
