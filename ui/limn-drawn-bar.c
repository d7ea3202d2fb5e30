/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-drawn-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/limn-document-drawn.h"
#include "ui/limn-label-picker.h"
#include "ui/limn-tool.h"

struct _LimnDrawnBar
{
  GtkBox parent_instance;

  /* Template widgets */
  GtkMenuButton *label_button;
  GtkBox *label_box;
  GtkLabel *label_name;
  LimnLabelPicker *picker;
  GtkWidget *box_buttons;
  GtkWidget *opacity_box;
  GtkScale *opacity_scale;
  GtkAdjustment *opacity_adjustment;

  GtkWidget *swatch;  /* the template's label_box has it */
  LimnCanvas *canvas; /* borrowed: in the same window */
  LimnModel *model;   /* owned, nullable */
  LimnRoom room;
};

G_DEFINE_FINAL_TYPE (LimnDrawnBar, limn_drawn_bar, GTK_TYPE_BOX)

static char *
format_share (GtkScale *scale, double value, gpointer user_data)
{
  return g_strdup_printf (_ ("%d %%"), (int)rint (value * 100));
}

static LimnToolFlags
get_flags (LimnDrawnBar *self)
{
  return limn_tool_lookup (limn_canvas_get_tool (self->canvas))->flags;
}

/* Of the selected box; NULL when none is. */
static const LimnBox *
get_box (LimnDrawnBar *self)
{
  guint selected = limn_canvas_get_selected_box (self->canvas);
  LimnDocument *document = limn_canvas_get_document (self->canvas);
  LimnBoxes *boxes = document != NULL ? limn_document_get_boxes (document) : NULL;

  return selected > 0 && selected <= limn_boxes_get_count (boxes)
             ? limn_boxes_get (boxes, selected - 1)
             : NULL;
}

/* What stands on the button, and which category that is. */
static int
find_label (LimnDrawnBar *self, char **name)
{
  int category = -1;

  if (get_flags (self) & LIMN_TOOL_FOR_BOXES)
    {
      const LimnBox *box = get_box (self);

      if (box == NULL)
        *name = g_strdup (_ ("No box selected"));
      else if (*box->label == '\0')
        *name = g_strdup (_ ("Choose a label"));
      else
        {
          *name = g_strdup (box->label);
          if (self->model != NULL)
            category = limn_model_find_category (self->model, box->label, NULL);
        }
    }
  else
    {
      const char *known;

      category = (int)limn_canvas_get_label (self->canvas) - 1;
      known = self->model != NULL && category >= 0
                  ? limn_model_get_category_name (self->model, category)
                  : NULL;
      *name = category < 0    ? g_strdup (_ ("No label"))
              : known != NULL ? g_strdup (known)
                              : g_strdup_printf ("%d", category);
    }
  return category;
}

static void
update (LimnDrawnBar *self)
{
  LimnToolFlags flags = get_flags (self);
  gboolean boxes = (flags & LIMN_TOOL_FOR_BOXES) != 0;
  gboolean labels = (flags & LIMN_TOOL_FOR_LABELS) != 0;
  g_autofree char *name = NULL;
  int category;

  gtk_widget_set_visible (GTK_WIDGET (self), boxes || labels);
  if (!boxes && !labels)
    return;
  category = find_label (self, &name);
  gtk_label_set_label (self->label_name, name);
  limn_swatch_set_category (self->swatch, category);
  limn_label_picker_set_model (self->picker, self->model, labels);
  limn_label_picker_set_category (self->picker, category);
  gtk_widget_set_sensitive (GTK_WIDGET (self->label_button), labels || get_box (self) != NULL);
  gtk_widget_set_visible (self->box_buttons, boxes);
  gtk_widget_set_visible (self->opacity_box, labels);
  /* Its tooltip tells what it is: there is the brush's size beside it. */
  gtk_widget_set_size_request (GTK_WIDGET (self->opacity_scale),
                               self->room == LIMN_ROOM_ROOMY ? 80 : 54, -1);
  gtk_label_set_width_chars (self->label_name, self->room == LIMN_ROOM_ROOMY ? 6 : 3);
  gtk_label_set_max_width_chars (self->label_name, self->room == LIMN_ROOM_ROOMY ? 14 : 8);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->label_button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, name, -1);
}

void
limn_drawn_bar_set_room (LimnDrawnBar *self, LimnRoom room)
{
  g_return_if_fail (LIMN_IS_DRAWN_BAR (self));

  self->room = room;
  update (self);
}

void
limn_drawn_bar_set_model (LimnDrawnBar *self, LimnModel *model)
{
  g_return_if_fail (LIMN_IS_DRAWN_BAR (self));

  if (self->model == model)
    return;
  g_clear_pointer (&self->model, limn_model_unref);
  self->model = model != NULL ? limn_model_ref (model) : NULL;
  update (self);
}

static void
chosen_cb (LimnLabelPicker *picker, int category, LimnDrawnBar *self)
{
  const char *name;
  g_autofree char *number = g_strdup_printf ("%d", category);

  g_assert (LIMN_IS_DRAWN_BAR (self));

  if ((get_flags (self) & LIMN_TOOL_FOR_BOXES) == 0)
    limn_canvas_set_label (self->canvas, (guint8)(category + 1));
  else if (self->model != NULL && category >= 0)
    {
      name = limn_model_get_category_name (self->model, category);
      limn_canvas_set_box_label (self->canvas, limn_canvas_get_selected_box (self->canvas),
                                 name != NULL ? name : number);
    }
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
picked_cb (LimnCanvas *canvas, guint label, LimnDrawnBar *self)
{
  g_assert (LIMN_IS_DRAWN_BAR (self));

  limn_canvas_set_label (canvas, (guint8)label);
  update (self);
}

static void
changed_cb (LimnDrawnBar *self)
{
  update (self);
}

static void
opacity_cb (GtkAdjustment *adjustment, LimnDrawnBar *self)
{
  g_autofree char *text = format_share (NULL, gtk_adjustment_get_value (adjustment), NULL);

  g_assert (LIMN_IS_DRAWN_BAR (self));

  limn_canvas_set_label_opacity (self->canvas, gtk_adjustment_get_value (adjustment));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->opacity_scale),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

void
limn_drawn_bar_setup (LimnDrawnBar *self, LimnCanvas *canvas, GSettings *settings)
{
  g_return_if_fail (LIMN_IS_DRAWN_BAR (self));
  g_return_if_fail (LIMN_IS_CANVAS (canvas) && self->canvas == NULL);

  self->canvas = canvas;
  g_signal_connect_object (canvas, "notify::tool", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "notify::document", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "drawn-selected", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "pick-label", G_CALLBACK (picked_cb), self, 0);
  g_signal_connect (self->opacity_adjustment, "value-changed", G_CALLBACK (opacity_cb), self);
  g_settings_bind (settings, "label-opacity", self->opacity_adjustment, "value",
                   G_SETTINGS_BIND_DEFAULT);
  opacity_cb (self->opacity_adjustment, self);
  limn_canvas_set_label (canvas, 1);
  update (self);
}

static void
limn_drawn_bar_dispose (GObject *object)
{
  LimnDrawnBar *self = LIMN_DRAWN_BAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_DRAWN_BAR);
  g_clear_pointer (&self->model, limn_model_unref);
  G_OBJECT_CLASS (limn_drawn_bar_parent_class)->dispose (object);
}

static void
limn_drawn_bar_class_init (LimnDrawnBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_drawn_bar_dispose;
  g_type_ensure (LIMN_TYPE_LABEL_PICKER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-drawn-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, label_button);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, label_box);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, label_name);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, picker);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, box_buttons);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, opacity_box);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, opacity_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnDrawnBar, opacity_adjustment);
}

static void
limn_drawn_bar_init (LimnDrawnBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->swatch = limn_swatch_new ();
  gtk_box_prepend (self->label_box, self->swatch);
  g_signal_connect (self->picker, "chosen", G_CALLBACK (chosen_cb), self);
}

LimnDrawnBar *
limn_drawn_bar_new (void)
{
  return g_object_new (LIMN_TYPE_DRAWN_BAR, NULL);
}
