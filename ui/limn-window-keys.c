/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include "ui/limn-tool.h"

/*
 * Keys are bound on the window's class and not as the application's accelerators, so that the
 * widget with the focus sees them first: in the prompt Ctrl+Z undoes typing and "b" is a letter;
 * anywhere else they mean the picture.
 */
static const struct
{
  guint key;
  GdkModifierType modifiers;
  const char *action;
} keys[] = {
  { GDK_KEY_n, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.new-picture" },
  { GDK_KEY_o, GDK_CONTROL_MASK, "win.open" },
  { GDK_KEY_v, GDK_CONTROL_MASK, "win.paste" },
  { GDK_KEY_s, GDK_CONTROL_MASK, "win.save" },
  { GDK_KEY_s, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.save-as" },
  { GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.copy" },
  { GDK_KEY_Left, GDK_ALT_MASK, "win.previous-picture" },
  { GDK_KEY_w, GDK_CONTROL_MASK, "window.close" },
  { GDK_KEY_z, GDK_CONTROL_MASK, "win.undo" },
  { GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.redo" },
  { GDK_KEY_y, GDK_CONTROL_MASK, "win.redo" },
  { GDK_KEY_a, GDK_CONTROL_MASK, "win.mask-all" },
  { GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.mask-none" },
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
  { GDK_KEY_m, 0, "win.mask-visible" },
  { GDK_KEY_a, 0, "win.stop-at-edges" },
  { GDK_KEY_i, 0, "win.paint-pick" },
  { GDK_KEY_c, GDK_SHIFT_MASK, "win.paint-erase" },
  { GDK_KEY_p, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.paint-mask" },
  { GDK_KEY_BackSpace, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.paint-clear" },
  { GDK_KEY_Return, GDK_CONTROL_MASK, "win.generate" },
  { GDK_KEY_KP_Enter, GDK_CONTROL_MASK, "win.generate" },
  { GDK_KEY_Escape, 0, "win.escape" },
  { GDK_KEY_h, GDK_CONTROL_MASK, "win.history" },
  { GDK_KEY_l, GDK_CONTROL_MASK, "win.focus-prompt" },
  { GDK_KEY_F9, 0, "win.panel" },
  { GDK_KEY_F11, 0, "win.fullscreen" },
  { GDK_KEY_plus, 0, "win.zoom-in" },
  { GDK_KEY_equal, 0, "win.zoom-in" },
  { GDK_KEY_KP_Add, 0, "win.zoom-in" },
  { GDK_KEY_minus, 0, "win.zoom-out" },
  { GDK_KEY_KP_Subtract, 0, "win.zoom-out" },
  { GDK_KEY_plus, GDK_CONTROL_MASK, "win.zoom-in" },
  { GDK_KEY_equal, GDK_CONTROL_MASK, "win.zoom-in" },
  { GDK_KEY_minus, GDK_CONTROL_MASK, "win.zoom-out" },
  { GDK_KEY_0, 0, "win.zoom-fit" },
  { GDK_KEY_1, 0, "win.zoom-100" },
  { GDK_KEY_2, 0, "win.zoom-200" },
  { GDK_KEY_bracketleft, 0, "win.brush-smaller" },
  { GDK_KEY_bracketright, 0, "win.brush-larger" },
  { GDK_KEY_braceleft, 0, "win.brush-softer" },
  { GDK_KEY_braceright, 0, "win.brush-harder" },
  { GDK_KEY_bracketleft, GDK_SHIFT_MASK, "win.brush-softer" },
  { GDK_KEY_bracketright, GDK_SHIFT_MASK, "win.brush-harder" },
};

void
_limn_window_class_bind_keys (GtkWidgetClass *widget_class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (widget_class, keys[i].key, keys[i].modifiers,
                                         keys[i].action, NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_u, GDK_CONTROL_MASK, "win.upscale",
                                       "i", 2);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_u, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                       "win.upscale", "i", 4);
  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    if ((tool->flags & LIMN_TOOL_IS_HELPER) == 0)
      gtk_widget_class_add_binding_action (widget_class, gdk_keyval_from_name (tool->key), 0,
                                           "win.tool", "s", tool->name);
}
