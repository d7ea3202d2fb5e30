/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-tool.h"

/* One toggle button per row of the table of tools, before what else stands in the rail. */
static void
fill_rail (LimnWindow *self)
{
  GtkWidget *last = NULL;

  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      g_autofree char *key = g_ascii_strup (tool->key, -1);
      /* Translators: what a tool does, then its key */
      g_autofree char *tooltip = g_strdup_printf (_ ("%s (%s)"), _ (tool->title), key);
      GtkWidget *button;

      if (tool->flags & LIMN_TOOL_IS_HELPER)
        continue;
      button = gtk_toggle_button_new ();
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

static void
zoom_changed_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnWindow *self)
{
  double percent = limn_canvas_get_zoom (canvas) * 100;
  g_autofree char *text = g_strdup_printf (percent < 10 ? _ ("%.1f %%") : _ ("%.0f %%"), percent);

  g_assert (LIMN_IS_WINDOW (self));

  gtk_label_set_label (self->zoom_label, text);
}

void
_limn_window_tools_init (LimnWindow *self)
{
  fill_rail (self);
  limn_options_bar_setup (self->options_bar, self->canvas, self->settings);
  g_signal_connect (self->canvas, "notify::zoom", G_CALLBACK (zoom_changed_cb), self);
  zoom_changed_cb (self->canvas, NULL, self);
}
