/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

void
_limn_window_set_enabled (LimnWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_return_if_fail (G_IS_SIMPLE_ACTION (action));

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
undo_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_document_undo (LIMN_WINDOW (user_data)->document);
}

static void
redo_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_document_redo (LIMN_WINDOW (user_data)->document);
}

/* The picture that the keys mean: the history's while one is shown. */
static LimnCanvas *
visible_canvas (LimnWindow *self)
{
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "generation") == 0)
    return limn_generation_view_get_canvas (self->generation_view);
  return self->canvas;
}

static void
zoom_in_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_zoom_step (visible_canvas (user_data), 1);
}

static void
zoom_out_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_zoom_step (visible_canvas (user_data), -1);
}

static void
zoom_fit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_zoom_fit (visible_canvas (user_data));
}

static void
zoom_100_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_zoom_to (visible_canvas (user_data), 1);
}

static void
zoom_200_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_canvas_zoom_to (visible_canvas (user_data), 2);
}

static void
brush_smaller_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_options_bar_step_size (LIMN_WINDOW (user_data)->options_bar, -1);
}

static void
brush_larger_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_options_bar_step_size (LIMN_WINDOW (user_data)->options_bar, 1);
}

static void
brush_softer_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_options_bar_step_hardness (LIMN_WINDOW (user_data)->options_bar, -1);
}

static void
brush_harder_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_options_bar_step_hardness (LIMN_WINDOW (user_data)->options_bar, 1);
}

static void
history_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  adw_flap_set_reveal_flap (self->flap, TRUE);
  adw_view_stack_set_visible_child_name (self->panel_stack, "history");
  limn_history_panel_focus_search (self->history_panel);
}

/* Not a property action: that would keep the window alive. */
static void
fullscreen_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_object_set (user_data, "fullscreened", !gtk_window_is_fullscreen (GTK_WINDOW (user_data)),
                NULL);
}

static void
focus_prompt_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_prompt_bar_focus_prompt (LIMN_WINDOW (user_data)->prompt_bar);
}

/* One step back out of whatever is going on. */
static void
escape_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  if (limn_canvas_cancel_gesture (self->canvas))
    return;
  if (self->job != NULL)
    limn_job_cancel (self->job);
  else if (g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "generation") == 0)
    g_action_group_activate_action (G_ACTION_GROUP (self), "history-close", NULL);
  else if (self->folded && adw_flap_get_reveal_flap (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
  else if (gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else if (self->document != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static const GActionEntry actions[] = {
  { "undo", undo_action },
  { "redo", redo_action },
  { "zoom-in", zoom_in_action },
  { "zoom-out", zoom_out_action },
  { "zoom-fit", zoom_fit_action },
  { "zoom-100", zoom_100_action },
  { "zoom-200", zoom_200_action },
  { "brush-smaller", brush_smaller_action },
  { "brush-larger", brush_larger_action },
  { "brush-softer", brush_softer_action },
  { "brush-harder", brush_harder_action },
  { "history", history_action },
  { "fullscreen", fullscreen_action },
  { "focus-prompt", focus_prompt_action },
  { "escape", escape_action },
};

static void
show_result_bar (LimnWindow *self, gboolean shown)
{
  gtk_widget_set_visible (self->result_bar, shown);
  /* Toasts come up above it. */
  if (shown)
    gtk_widget_add_css_class (GTK_WIDGET (self->toasts), "above-result");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->toasts), "above-result");
}

void
_limn_window_actions_update (LimnWindow *self)
{
  static const char *const need_document[] = { "save", "save-as", "copy" };
  LimnDocument *document = self->document;
  gboolean pending = document != NULL && limn_document_get_result_pending (document);
  gboolean viewing = g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "generation") == 0;
  const char *obstacle = _limn_window_get_run_obstacle (self);

  /* Before its buttons are disabled: GTK would look for another place for the focus then, and find
   * a toast, which would stay for as long as it has it. */
  if (!pending && gtk_widget_get_focus_child (self->result_bar) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  for (gsize i = 0; i < G_N_ELEMENTS (need_document); i++)
    _limn_window_set_enabled (self, need_document[i], document != NULL && !viewing);
  _limn_window_set_enabled (self, "undo",
                            document != NULL && !viewing && limn_document_get_can_undo (document));
  _limn_window_set_enabled (self, "redo",
                            document != NULL && !viewing && limn_document_get_can_redo (document));
  _limn_window_set_enabled (self, "keep", pending && !viewing);
  _limn_window_set_enabled (self, "discard", pending && !viewing);
  _limn_window_set_enabled (self, "generate", obstacle == NULL && !viewing);
  _limn_window_set_enabled (self, "variations",
                            obstacle == NULL && !viewing && !_limn_window_makes_new (self));
  _limn_window_set_enabled (self, "remove",
                            _limn_window_get_remove_obstacle (self) == NULL && !viewing);
  _limn_window_set_enabled (self, "remove-with-model",
                            _limn_window_get_fill_obstacle (self) == NULL && !viewing);
  _limn_window_set_enabled (self, "expand-to", document != NULL && self->job == NULL && !viewing);
  _limn_window_set_enabled (self, "upscale-with", document != NULL && self->job == NULL && !viewing);
  _limn_window_set_enabled (self, "upscale", document != NULL && self->job == NULL && !viewing);
  _limn_window_set_enabled (self, "cancel", self->job != NULL);
  _limn_window_set_enabled (self, "previous-picture", self->previous->len > 0);
  _limn_window_drawn_update (self);
  _limn_window_verb_update (self);
  show_result_bar (self, pending);
  _limn_window_paste_update (self);
  _limn_window_note_update (self);
  _limn_window_mask_update (self, document != NULL && !viewing);
  _limn_window_paint_update (self, document != NULL && !viewing);
  limn_canvas_set_mask_visible (self->canvas, !pending && !self->mask_hidden);
  if (!pending)
    limn_canvas_set_compare (self->canvas, FALSE);
  _limn_window_update_inhibit (self);
}

static void
add_property_action (LimnWindow *self, const char *name, gpointer object, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

void
_limn_window_actions_init (LimnWindow *self)
{
  GActionMap *map = G_ACTION_MAP (self);

  g_action_map_add_action_entries (map, actions, G_N_ELEMENTS (actions), self);
  g_action_map_add_action_entries (map, _limn_window_file_actions, _limn_window_n_file_actions,
                                   self);
  g_action_map_add_action_entries (map, _limn_window_job_actions, _limn_window_n_job_actions, self);
  g_action_map_add_action_entries (map, _limn_window_expand_actions, _limn_window_n_expand_actions,
                                   self);
  g_action_map_add_action_entries (map, _limn_window_verb_actions, _limn_window_n_verb_actions,
                                   self);
  g_action_map_add_action_entries (map, _limn_window_model_actions, _limn_window_n_model_actions,
                                   self);
  g_action_map_add_action_entries (map, _limn_window_history_actions,
                                   _limn_window_n_history_actions, self);
  add_property_action (self, "tool", self->canvas, "tool");
  add_property_action (self, "mask-mode", limn_canvas_get_options (self->canvas), "mode");
  add_property_action (self, "compare", self->canvas, "compare");
  add_property_action (self, "panel", self->flap, "reveal-flap");
}
