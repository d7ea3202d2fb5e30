/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-window"

#include "config.h"

#include "ui/limn-accessible.h"
#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "app/limn-document-drawn.h"
#include "ui/limn-settings.h"
#include "ui/limn-words.h"

G_DEFINE_FINAL_TYPE (LimnWindow, limn_window, ADW_TYPE_APPLICATION_WINDOW)

LimnApplication *
_limn_window_get_app (LimnWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return application != NULL ? LIMN_APPLICATION (application) : NULL;
}

void
_limn_window_update_title (LimnWindow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *size = NULL, *subtitle = NULL;

  if (self->document == NULL)
    {
      adw_window_title_set_title (self->title_widget, "Limn");
      adw_window_title_set_subtitle (self->title_widget, "");
      gtk_window_set_title (GTK_WINDOW (self), "Limn");
      return;
    }
  size = limn_words_size (limn_document_get_width (self->document),
                          limn_document_get_height (self->document));
  /* Translators: a picture's width and height, then that it has unsaved changes */
  subtitle = limn_document_get_modified (self->document) ? g_strdup_printf (_ ("%s · edited"), size)
                                                         : g_strdup (size);
  adw_window_title_set_title (self->title_widget, limn_document_get_title (self->document));
  if (self->job == NULL)
    adw_window_title_set_subtitle (self->title_widget, subtitle);
  /* Translators: the window's title in the task switcher: the picture's name, then the program's */
  title = g_strdup_printf (_ ("%s – Limn"), limn_document_get_title (self->document));
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
document_notify_cb (LimnDocument *document, GParamSpec *pspec, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_update_title (self);
  _limn_window_actions_update (self);
  if (g_str_equal (pspec->name, "mask-busy"))
    _limn_window_mask_busy_update (self);
  if (g_str_equal (pspec->name, "mask-empty") || g_str_equal (pspec->name, "result-pending"))
    _limn_window_plan_update (self);
}

static void
document_changed_cb (LimnDocument *document, const LimnRect *rect, guint layers, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_forget_discarded (self);
  if (layers & (LIMN_LAYER_BOXES | LIMN_LAYER_LABELS))
    _limn_window_drawn_changed (self);
  if (!(layers & LIMN_LAYER_MASK))
    return;
  g_clear_object (&self->restored);
  _limn_window_plan_update (self);
}

static void
document_resized_cb (LimnDocument *document, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_forget_discarded (self);
  _limn_window_update_title (self);
  _limn_window_plan_update (self);
  _limn_window_upscale_update (self);
}

LimnDocument *
limn_window_get_document (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->document;
}

static void
show_document (LimnWindow *self, LimnDocument *document)
{
  g_clear_object (&self->restored);
  _limn_window_forget_discarded (self);
  g_set_object (&self->document, document);
  g_signal_group_set_target (self->document_signals, document);
  limn_canvas_set_document (self->canvas, document);
  limn_generation_view_show (self->generation_view, NULL, NULL, NULL, NULL);
  gtk_stack_set_visible_child_name (self->pages, document != NULL ? "editor" : "empty");
  _limn_window_update_title (self);
  _limn_window_actions_update (self);
  _limn_window_mask_busy_update (self);
  _limn_window_plan_update (self);
  _limn_window_upscale_update (self);
  if (document != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

/* Whether something of the document that is shown would be lost without it: what is unsaved, masked
 * or still being worked on. */
static gboolean
must_keep (LimnWindow *self)
{
  return self->document != NULL
         && (limn_document_get_modified (self->document)
             || limn_document_get_mask_bounds (self->document, NULL)
             || limn_document_get_boxes (self->document) != NULL
             || limn_document_has_labels (self->document)
             || self->job_document == self->document);
}

void
limn_window_set_document (LimnWindow *self, LimnDocument *document)
{
  g_return_if_fail (LIMN_IS_WINDOW (self));
  g_return_if_fail (LIMN_IS_DOCUMENT (document));

  if (document == self->document)
    return;
  /* Opening another picture loses nothing: it can be gone back from. */
  if (must_keep (self))
    g_ptr_array_add (self->previous, g_object_ref (self->document));
  show_document (self, document);
  _limn_window_begin_hints (self);
}

static void
previous_picture_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autoptr (LimnDocument) document = NULL;

  if (self->previous->len == 0)
    return;
  document = g_ptr_array_steal_index (self->previous, self->previous->len - 1);
  /* The one that is shown goes to the far end: the pictures take turns. */
  if (must_keep (self))
    g_ptr_array_insert (self->previous, 0, g_object_ref (self->document));
  show_document (self, document);
}

gboolean
limn_window_is_empty (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), FALSE);

  return self->document == NULL && self->opening == NULL;
}

LimnJob *
limn_window_get_job (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->job;
}

LimnCanvas *
limn_window_get_canvas (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->canvas;
}

LimnPromptBar *
limn_window_get_prompt_bar (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->prompt_bar;
}

LimnSettingsPanel *
limn_window_get_settings_panel (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->settings_panel;
}

LimnHistoryPanel *
limn_window_get_history_panel (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->history_panel;
}

LimnGenerationView *
limn_window_get_generation_view (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return self->generation_view;
}

const char *
limn_window_get_page (LimnWindow *self)
{
  g_return_val_if_fail (LIMN_IS_WINDOW (self), NULL);

  return gtk_stack_get_visible_child_name (self->pages);
}

static void
look_changed_cb (GSettings *settings, const char *key, LimnWindow *self)
{
  LimnCanvas *canvases[2]
      = { self->canvas, limn_generation_view_get_canvas (self->generation_view) };
  GdkRGBA surround, mask;
  gboolean fixed = limn_settings_get_surround (settings, &surround);
  gboolean tinted = limn_settings_get_mask_colour (settings, &mask);

  g_assert (LIMN_IS_WINDOW (self));

  for (gsize i = 0; i < G_N_ELEMENTS (canvases); i++)
    {
      limn_canvas_set_surround (canvases[i], fixed ? &surround : NULL);
      limn_canvas_set_mask_colour (canvases[i], tinted ? &mask : NULL);
    }
}

static void
dark_changed_cb (AdwStyleManager *manager, GParamSpec *pspec, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  look_changed_cb (self->settings, NULL, self);
}

/* Ends all that goes on in the background. */
static void
stop (LimnWindow *self)
{
  g_cancellable_cancel (self->opening);
  g_cancellable_cancel (self->planning);
  g_cancellable_cancel (self->viewing);
  g_cancellable_cancel (self->adding);
  g_clear_object (&self->adding);
  g_clear_object (&self->opening);
  g_clear_object (&self->planning);
  g_clear_object (&self->viewing);
  g_clear_handle_id (&self->plan_timeout, g_source_remove);
  _limn_window_job_dispose (self);
  _limn_window_paste_dispose (self);
}

/* A closed window loses its application at once, but lives on while a worker holds on to it. */
static void
application_cb (GtkWindow *window, GParamSpec *pspec, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  if (gtk_window_get_application (window) == NULL)
    stop (self);
}

static void
limn_window_dispose (GObject *object)
{
  LimnWindow *self = LIMN_WINDOW (object);

  stop (self);
  _limn_window_forget_discarded (self);
  if (self->document_signals != NULL)
    g_signal_group_set_target (self->document_signals, NULL);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->toast_widgets);
  _limn_window_drawn_dispose (self);
  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_WINDOW);
  g_clear_object (&self->chooser);
  g_clear_object (&self->document);
  g_clear_object (&self->restored);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->previous, g_ptr_array_unref);
  G_OBJECT_CLASS (limn_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, header);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, redo_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, panel_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, save_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, title_widget);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, problem_label);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, canvas_row);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, rail_scroller);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, rail);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, upscale_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, canvas);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, status_label);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, result_bar);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, adjust_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, paste_popover);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, editor_bars);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, options);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, options_bar);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, mask_button);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, mask_radius);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, zoom_box);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, zoom_label);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, loading_spinner);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, prompt_bar);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, panel_stack);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, settings_panel);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, history_panel);
  gtk_widget_class_bind_template_child (widget_class, LimnWindow, generation_view);
}

static void
limn_window_class_init (LimnWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_window_dispose;
  g_type_ensure (LIMN_TYPE_CANVAS);
  g_type_ensure (LIMN_TYPE_OPTIONS_BAR);
  g_type_ensure (LIMN_TYPE_PASTE_POPOVER);
  g_type_ensure (LIMN_TYPE_PROMPT_BAR);
  g_type_ensure (LIMN_TYPE_SETTINGS_PANEL);
  g_type_ensure (LIMN_TYPE_HISTORY_PANEL);
  g_type_ensure (LIMN_TYPE_GENERATION_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/limn/Limn/limn-window.ui");
  bind_children (widget_class);
  _limn_window_class_bind_keys (widget_class);
}

static void
limn_window_init (LimnWindow *self)
{
  self->previous = g_ptr_array_new_with_free_func (g_object_unref);
  self->document_signals = g_signal_group_new (LIMN_TYPE_DOCUMENT);
  g_signal_group_connect (self->document_signals, "notify", G_CALLBACK (document_notify_cb), self);
  g_signal_group_connect (self->document_signals, "changed", G_CALLBACK (document_changed_cb),
                          self);
  g_signal_group_connect (self->document_signals, "resized", G_CALLBACK (document_resized_cb),
                          self);
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Parts that need the application, which is set once the window is built. */
static void
set_up (LimnWindow *self, LimnApplication *application)
{
  static const GActionEntry entries[] = { { "previous-picture", previous_picture_action } };

  self->settings = g_object_ref (limn_application_get_settings (application));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  limn_settings_panel_setup (self->settings_panel, self->settings,
                             limn_application_get_library (application));
  _limn_window_notice_init (self);
  _limn_window_note_init (self);
  _limn_window_actions_init (self);
  _limn_window_mask_init (self);
  _limn_window_paint_init (self);
  _limn_window_tools_init (self);
  _limn_window_drawn_init (self);
  _limn_window_job_init (self);
  _limn_window_verb_init (self);
  _limn_window_paste_init (self);
  _limn_window_help_init (self);
  _limn_window_focus_init (self);
  _limn_window_expand_init (self);
  _limn_window_upscale_init (self);
  _limn_window_plan_init (self);
  _limn_window_history_init (self);
  _limn_window_layout_init (self);
  _limn_window_close_init (self);
  _limn_window_dnd_init (self);
  _limn_window_models_init (self);
  limn_accessible_complete (GTK_WIDGET (self));
  g_signal_connect (self, "notify::application", G_CALLBACK (application_cb), self);
  g_signal_connect_object (self->settings, "changed::surround", G_CALLBACK (look_changed_cb), self,
                           0);
  g_signal_connect_object (self->settings, "changed::mask-colour", G_CALLBACK (look_changed_cb),
                           self, 0);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (dark_changed_cb), self, 0);
  look_changed_cb (self->settings, NULL, self);
  _limn_window_update_title (self);
  _limn_window_actions_update (self);
}

LimnWindow *
limn_window_new (LimnApplication *application)
{
  LimnWindow *self;

  g_return_val_if_fail (LIMN_IS_APPLICATION (application), NULL);

  self = g_object_new (LIMN_TYPE_WINDOW, "application", application, NULL);
  set_up (self, application);
  return self;
}
