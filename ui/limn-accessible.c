/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-accessible.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* @label without its mnemonic (transfer full). */
static char *
without_mnemonic (const char *label)
{
  GString *text = g_string_new (NULL);

  for (; *label != '\0'; label++)
    if (*label != '_' || *++label == '_')
      g_string_append_c (text, *label);
    else if (*label != '\0')
      g_string_append_c (text, *label);
    else
      break;
  return g_string_free (text, FALSE);
}

static void
set_name (GtkAccessible *accessible, const char *name)
{
  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  /* Else the label within is read after it: the same once more. */
  gtk_accessible_reset_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* @name: (nullable) what a button is called while it shows a picture. GTK takes a label as it is
 * written, underscore and all. */
static void
name_button (GtkButton *button, const char *name)
{
  /* In the middle of a change from word to picture GTK would take the one for the other. */
  GtkWidget *child = gtk_button_get_child (button);
  const char *label = GTK_IS_LABEL (child) ? gtk_label_get_label (GTK_LABEL (child)) : NULL;
  g_autofree char *plain = NULL;

  if (label != NULL && gtk_button_get_use_underline (button))
    name = plain = without_mnemonic (label);
  if (name != NULL)
    set_name (GTK_ACCESSIBLE (button), name);
}

static void
button_changed_cb (GtkButton *button, GParamSpec *pspec, const char *name)
{
  name_button (button, name);
}

/* @name: see name_button(). */
static void
keep_named (GtkButton *button, const char *name)
{
  const char *const signals[] = { "notify::label", "notify::use-underline", "notify::icon-name" };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_data (button, signals[i], G_CALLBACK (button_changed_cb), g_strdup (name),
                           (GClosureNotify)(GCallback)g_free, 0);
  name_button (button, name);
}

static void
complete_split_button (AdwSplitButton *split)
{
  const char *label = adw_split_button_get_label (split);
  g_autofree char *name = label != NULL ? without_mnemonic (label) : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (split)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      adw_split_button_get_dropdown_tooltip (split), -1);
    else if (GTK_IS_BUTTON (child))
      keep_named (GTK_BUTTON (child), name);
}

void
limn_accessible_complete (GtkWidget *widget)
{
  if (ADW_IS_SPLIT_BUTTON (widget))
    {
      complete_split_button (ADW_SPLIT_BUTTON (widget));
      return;
    }
  if (GTK_IS_BUTTON (widget))
    {
      GtkWidget *parent = gtk_widget_get_ancestor (widget, GTK_TYPE_INFO_BAR);

      if (parent != NULL && gtk_widget_has_css_class (widget, "close"))
        set_name (GTK_ACCESSIBLE (widget), _ ("Close"));
      else if (gtk_button_get_label (GTK_BUTTON (widget)) != NULL)
        keep_named (GTK_BUTTON (widget), NULL);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    limn_accessible_complete (child);
}
