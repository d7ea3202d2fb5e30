/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include "ui/limn-tool.h"

/*
 * Keys are bound on the window's class and not as the application's accelerators, so that the
 * widget with the focus sees them first: in the prompt Ctrl+Z undoes typing and "b" is a letter;
 * anywhere else they mean the picture. A text field lets some of the keys pass that edit text, as
 * it knows no Ctrl+U, or has nothing to undo: whoever types means the text all the same, and the
 * picture is left alone.
 */
typedef struct
{
  guint key;
  GdkModifierType modifiers;
  const char *action;  /* with what it is told, if anything */
  gboolean edits_text; /* no key of the window's where text is typed */
} Key;

static const Key keys[] = {
  { GDK_KEY_n, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.new-picture" },
  { GDK_KEY_o, GDK_CONTROL_MASK, "win.open" },
  { GDK_KEY_v, GDK_CONTROL_MASK, "win.paste", TRUE },
  { GDK_KEY_s, GDK_CONTROL_MASK, "win.save" },
  { GDK_KEY_s, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.save-as" },
  { GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.copy" },
  { GDK_KEY_Left, GDK_ALT_MASK, "win.previous-picture" },
  { GDK_KEY_w, GDK_CONTROL_MASK, "window.close" },
  { GDK_KEY_z, GDK_CONTROL_MASK, "win.undo", TRUE },
  { GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.redo", TRUE },
  { GDK_KEY_y, GDK_CONTROL_MASK, "win.redo", TRUE },
  { GDK_KEY_a, GDK_CONTROL_MASK, "win.mask-all", TRUE },
  { GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-none", TRUE },
  { GDK_KEY_i, GDK_CONTROL_MASK, "win.mask-invert" },
  { GDK_KEY_m, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-again" },
  { GDK_KEY_g, GDK_CONTROL_MASK, "win.mask-grow" },
  { GDK_KEY_g, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-shrink" },
  { GDK_KEY_f, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-feather" },
  { GDK_KEY_h, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-holes" },
  { GDK_KEY_o, GDK_CONTROL_MASK | GDK_ALT_MASK, "win.mask-load" },
  { GDK_KEY_s, GDK_CONTROL_MASK | GDK_ALT_MASK, "win.mask-save" },
  { GDK_KEY_c, GDK_CONTROL_MASK | GDK_ALT_MASK, "win.mask-copy" },
  { GDK_KEY_v, GDK_CONTROL_MASK | GDK_ALT_MASK, "win.mask-paste" },
  { GDK_KEY_m, 0, "win.mask-visible", TRUE },
  { GDK_KEY_a, 0, "win.stop-at-edges", TRUE },
  { GDK_KEY_i, 0, "win.paint-pick", TRUE },
  { GDK_KEY_c, GDK_SHIFT_MASK, "win.paint-erase", TRUE },
  { GDK_KEY_p, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.paint-mask" },
  { GDK_KEY_BackSpace, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.paint-clear", TRUE },
  { GDK_KEY_Return, GDK_CONTROL_MASK, "win.generate" },
  { GDK_KEY_KP_Enter, GDK_CONTROL_MASK, "win.generate" },
  { GDK_KEY_Escape, 0, "win.escape" },
  { GDK_KEY_u, GDK_CONTROL_MASK, "win.upscale(2)", TRUE },
  { GDK_KEY_u, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.upscale(4)", TRUE },
  { GDK_KEY_h, GDK_CONTROL_MASK, "win.history" },
  { GDK_KEY_l, GDK_CONTROL_MASK, "win.focus-prompt" },
  { GDK_KEY_F9, 0, "win.panel" },
  { GDK_KEY_F11, 0, "win.fullscreen" },
  { GDK_KEY_plus, 0, "win.zoom-in", TRUE },
  { GDK_KEY_equal, 0, "win.zoom-in", TRUE },
  { GDK_KEY_KP_Add, 0, "win.zoom-in", TRUE },
  { GDK_KEY_minus, 0, "win.zoom-out", TRUE },
  { GDK_KEY_KP_Subtract, 0, "win.zoom-out", TRUE },
  { GDK_KEY_plus, GDK_CONTROL_MASK, "win.zoom-in" },
  { GDK_KEY_equal, GDK_CONTROL_MASK, "win.zoom-in" },
  { GDK_KEY_minus, GDK_CONTROL_MASK, "win.zoom-out" },
  { GDK_KEY_0, 0, "win.zoom-fit", TRUE },
  { GDK_KEY_1, 0, "win.zoom-100", TRUE },
  { GDK_KEY_2, 0, "win.zoom-200", TRUE },
  { GDK_KEY_bracketleft, 0, "win.brush-smaller", TRUE },
  { GDK_KEY_bracketright, 0, "win.brush-larger", TRUE },
  { GDK_KEY_braceleft, 0, "win.brush-softer", TRUE },
  { GDK_KEY_braceright, 0, "win.brush-harder", TRUE },
  { GDK_KEY_bracketleft, GDK_SHIFT_MASK, "win.brush-softer", TRUE },
  { GDK_KEY_bracketright, GDK_SHIFT_MASK, "win.brush-harder", TRUE },
};

/* Whether what has the focus is for typing. */
static gboolean
is_typing (GtkWidget *window)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));

  if (GTK_IS_TEXT (focus))
    return gtk_editable_get_editable (GTK_EDITABLE (focus));
  return GTK_IS_TEXT_VIEW (focus) && gtk_text_view_get_editable (GTK_TEXT_VIEW (focus));
}

/* @args: an action and what it is told, as "win.upscale(2)". */
static gboolean
unless_typing_cb (GtkWidget *window, GVariant *args, gpointer user_data)
{
  g_autoptr (GVariant) target = NULL;
  g_autofree char *action = NULL;
  const char *detailed;

  if (is_typing (window))
    return GDK_EVENT_PROPAGATE;
  g_variant_get (args, "(&s)", &detailed);
  return g_action_parse_detailed_name (detailed, &action, &target, NULL)
         && gtk_widget_activate_action_variant (window, action, target);
}

static void
bind_unless_typing (GtkWidgetClass *widget_class,
                    guint key,
                    GdkModifierType modifiers,
                    const char *detailed)
{
  gtk_widget_class_add_binding (widget_class, key, modifiers, unless_typing_cb, "(s)", detailed);
}

void
_limn_window_class_bind_keys (GtkWidgetClass *widget_class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const Key *k = &keys[i];

      if (k->edits_text)
        bind_unless_typing (widget_class, k->key, k->modifiers, k->action);
      else
        gtk_widget_class_add_binding_action (widget_class, k->key, k->modifiers, k->action, NULL);
    }
  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      g_autofree char *detailed = g_strconcat ("win.tool::", tool->name, NULL);

      if ((tool->flags & LIMN_TOOL_IS_HELPER) == 0)
        bind_unless_typing (widget_class, gdk_keyval_from_name (tool->key), 0, detailed);
    }
}
