/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

/* From this width on the panel stands beside the picture; below, it lies over it. */
#define WIDE 880
/* From this width on the sliders under the picture may be longer. Each layout must fit in its
 * narrowest window. */
#define ROOMY 1020
/* Below this width the tools stand in a row of their own under the picture. */
#define NARROW 600

static void
move_child (GtkWidget *child, GtkBox *to)
{
  g_object_ref (child);
  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (child)), child);
  gtk_box_prepend (to, child);
  g_object_unref (child);
}

/* A picture instead of a word where there is no room for one. */
static void
set_button (AdwSplitButton *button, const char *icon, const char *label)
{
  if (icon != NULL)
    adw_split_button_set_icon_name (button, icon);
  else
    {
      adw_split_button_set_label (button, label);
      adw_split_button_set_use_underline (button, TRUE);
    }
}

/* Save and the panel's button, between the header and the end of the row of tools. */
static void
move_end_buttons (LimnWindow *self, gboolean narrow)
{
  GtkWidget *buttons[] = { self->panel_button, GTK_WIDGET (self->save_button) };

  for (gsize i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      g_object_ref (buttons[i]);
      if (narrow)
        {
          adw_header_bar_remove (self->header, buttons[i]);
          gtk_box_insert_child_after (self->options, buttons[i], self->zoom_box);
        }
      else
        {
          gtk_box_remove (self->options, buttons[i]);
          /* The header fills up from its end: first the panel's, then Save. */
          adw_header_bar_pack_end (self->header, buttons[i]);
        }
      g_object_unref (buttons[i]);
    }
}

/* The mask's edges: beside the tool's options, or, where these fill the row, in the header. */
static void
move_mask_button (LimnWindow *self, gboolean narrow)
{
  GtkWidget *button = GTK_WIDGET (self->mask_button);

  g_object_ref (button);
  if (narrow)
    {
      gtk_box_remove (self->options, button);
      adw_header_bar_pack_start (self->header, button);
    }
  else
    {
      adw_header_bar_remove (self->header, button);
      gtk_box_insert_child_after (self->options, button, GTK_WIDGET (self->options_bar));
    }
  g_object_unref (button);
}

static void
set_narrow (LimnWindow *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  move_child (GTK_WIDGET (self->rail_scroller), narrow ? self->editor_bars : self->canvas_row);
  gtk_scrolled_window_set_policy (self->rail_scroller,
                                  narrow ? GTK_POLICY_AUTOMATIC : GTK_POLICY_NEVER,
                                  narrow ? GTK_POLICY_NEVER : GTK_POLICY_AUTOMATIC);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->rail),
                                  narrow ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  /* As many tools as there are next to each other in the narrowest window. */
  if (narrow)
    gtk_widget_add_css_class (GTK_WIDGET (self->rail), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->rail), "narrow");
  set_button (self->open_button, narrow ? "document-open-symbolic" : NULL, _ ("_Open"));
  set_button (self->save_button, narrow ? "document-save-symbolic" : NULL, _ ("_Save"));
  move_end_buttons (self, narrow);
  adw_header_bar_set_centering_policy (self->header, narrow ? ADW_CENTERING_POLICY_LOOSE
                                                            : ADW_CENTERING_POLICY_STRICT);
  move_mask_button (self, narrow);
  /* In the menu, too. */
  gtk_widget_set_visible (self->zoom_box, !narrow);
}

static void
set_folded (LimnWindow *self, gboolean folded)
{
  if (self->folded == folded)
    return;
  if (folded)
    self->panel_wanted = adw_flap_get_reveal_flap (self->flap);
  self->folded = folded;
  adw_flap_set_fold_policy (self->flap,
                            folded ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
  /* A panel that lies over the picture opens only when it is asked for. */
  adw_flap_set_reveal_flap (self->flap, folded ? FALSE : self->panel_wanted);
}

static void
apply_width (LimnWindow *self, int width)
{
  LimnRoom room;

  if (width <= 0)
    return;
  set_folded (self, width < WIDE);
  set_narrow (self, width < NARROW);
  room = width >= ROOMY ? LIMN_ROOM_ROOMY : width >= NARROW ? LIMN_ROOM_MIDDLE : LIMN_ROOM_NARROW;
  limn_options_bar_set_room (self->options_bar, room);
  _limn_window_drawn_set_room (self, room);
}

/* Comes with each new size, after its allocation: what changes now shows in the next frame. */
static void
layout_cb (GdkSurface *surface, int width, int height, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  apply_width (self, width);
}

static void
realize_cb (GtkWidget *widget, LimnWindow *self)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (widget));

  g_assert (LIMN_IS_WINDOW (self));

  g_signal_connect_object (surface, "layout", G_CALLBACK (layout_cb), self, 0);
}

/* Brush, prompt and verb are the picture's that is worked on. */
static void
page_cb (GtkStack *pages, GParamSpec *pspec, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_bars_update (self);
}

void
_limn_window_layout_init (LimnWindow *self)
{
  int width, height;

  g_signal_connect (self->pages, "notify::visible-child-name", G_CALLBACK (page_cb), self);
  page_cb (self->pages, NULL, self);

  self->panel_wanted = g_settings_get_boolean (self->settings, "panel-visible");
  adw_flap_set_reveal_flap (self->flap, self->panel_wanted);
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  apply_width (self, width);
  g_signal_connect (self, "realize", G_CALLBACK (realize_cb), self);
}
