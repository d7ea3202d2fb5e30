/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-paste-popover.h"

#include <glib/gi18n.h>

struct _LimnPastePopover
{
  GtkPopover parent_instance;

  /* Template widgets */
  GtkAdjustment *grow_adjustment;
  GtkAdjustment *feather_adjustment;
  GtkAdjustment *opacity_adjustment;
  GtkAdjustment *colour_adjustment;
  GtkScale *grow_scale;
  GtkScale *feather_scale;
  GtkScale *opacity_scale;
  GtkScale *colour_scale;
  GtkLabel *note_label;

  LimnPasteParams first; /* as it was pasted first */
  guint quiet : 1;       /* somebody else moves the sliders */
};

G_DEFINE_FINAL_TYPE (LimnPastePopover, limn_paste_popover, GTK_TYPE_POPOVER)

static guint changed_signal;

static void
set_sliders (LimnPastePopover *self, const LimnPasteParams *params)
{
  gtk_adjustment_set_value (self->grow_adjustment, params->grow);
  gtk_adjustment_set_value (self->feather_adjustment, params->feather);
  gtk_adjustment_set_value (self->opacity_adjustment, params->opacity);
  gtk_adjustment_set_value (self->colour_adjustment, params->colour_match);
}

void
limn_paste_popover_set (LimnPastePopover *self, const LimnCrop *crop, const LimnPasteParams *params)
{
  g_return_if_fail (LIMN_IS_PASTE_POPOVER (self));
  g_return_if_fail (crop != NULL && params != NULL);

  self->quiet = TRUE;
  limn_paste_params_init (&self->first, crop);
  gtk_adjustment_set_upper (self->grow_adjustment, crop->reach);
  gtk_adjustment_set_upper (self->feather_adjustment, crop->reach);
  set_sliders (self, params);
  self->quiet = FALSE;
}

void
limn_paste_popover_get_params (LimnPastePopover *self, LimnPasteParams *params)
{
  g_return_if_fail (LIMN_IS_PASTE_POPOVER (self));
  g_return_if_fail (params != NULL);

  *params = (LimnPasteParams){
    .grow = (float)gtk_adjustment_get_value (self->grow_adjustment),
    .feather = (float)gtk_adjustment_get_value (self->feather_adjustment),
    .opacity = (float)gtk_adjustment_get_value (self->opacity_adjustment),
    .colour_match = (float)gtk_adjustment_get_value (self->colour_adjustment),
  };
}

void
limn_paste_popover_set_note (LimnPastePopover *self, const char *text, const char *details)
{
  g_return_if_fail (LIMN_IS_PASTE_POPOVER (self));

  gtk_label_set_label (self->note_label, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->note_label), details);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), text != NULL);
}

static void
value_changed_cb (GtkAdjustment *adjustment, LimnPastePopover *self)
{
  g_assert (LIMN_IS_PASTE_POPOVER (self));

  if (!self->quiet)
    g_signal_emit (self, changed_signal, 0);
}

static void
reset_cb (GtkButton *button, LimnPastePopover *self)
{
  g_assert (LIMN_IS_PASTE_POPOVER (self));

  self->quiet = TRUE;
  set_sliders (self, &self->first);
  self->quiet = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

static char *
format_pixels_cb (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%.0f px"), value);
}

static char *
format_percent_cb (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%.0f %%"), value * 100);
}

static void
limn_paste_popover_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LIMN_TYPE_PASTE_POPOVER);
  G_OBJECT_CLASS (limn_paste_popover_parent_class)->dispose (object);
}

static void
limn_paste_popover_class_init (LimnPastePopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_paste_popover_dispose;
  changed_signal = g_signal_new ("changed", LIMN_TYPE_PASTE_POPOVER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-paste-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, grow_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, feather_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, opacity_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, colour_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, grow_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, feather_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, opacity_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, colour_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnPastePopover, note_label);
  gtk_widget_class_bind_template_callback (widget_class, value_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_cb);
}

static void
limn_paste_popover_init (LimnPastePopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_scale_set_format_value_func (self->grow_scale, format_pixels_cb, NULL, NULL);
  gtk_scale_set_format_value_func (self->feather_scale, format_pixels_cb, NULL, NULL);
  gtk_scale_set_format_value_func (self->opacity_scale, format_percent_cb, NULL, NULL);
  gtk_scale_set_format_value_func (self->colour_scale, format_percent_cb, NULL, NULL);
}
