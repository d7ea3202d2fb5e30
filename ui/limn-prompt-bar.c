/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-prompt-bar.h"

#include <glib/gi18n.h>

#include "ui/limn-class-picker.h"
#include "ui/limn-prompt-entry.h"

struct _LimnPromptBar
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *box;
  GtkProgressBar *progress;
  LimnClassPicker *class_picker;
  GtkWidget *nothing_label;
  GtkWidget *negative_revealer;
  LimnPromptEntry *prompt_entry;
  LimnPromptEntry *negative_entry;
  GtkToggleButton *negative_button;
  GtkStack *verb_stack;
  GtkButton *run_button;
  GtkLabel *run_label;
  GtkButton *cancel_button;

  guint busy_timeout, pulse_timeout; /* until something is shown of being busy, then until the next pulse */
  double fraction;   /* of the job that runs */
  guint takes_class : 1;
  guint running : 1;
  guint busy : 1;
};

G_DEFINE_FINAL_TYPE (LimnPromptBar, limn_prompt_bar, GTK_TYPE_WIDGET)

static guint changed_signal;

/* What takes no longer than this, milliseconds, is not worth a sign. */
#define BUSY_DELAY 300
#define PULSE_PERIOD 100

char *
limn_prompt_bar_get_prompt (LimnPromptBar *self)
{
  g_return_val_if_fail (LIMN_IS_PROMPT_BAR (self), NULL);

  return limn_prompt_entry_get_text (self->prompt_entry);
}

char *
limn_prompt_bar_get_negative (LimnPromptBar *self)
{
  g_return_val_if_fail (LIMN_IS_PROMPT_BAR (self), NULL);

  if (!gtk_toggle_button_get_active (self->negative_button))
    return g_strdup ("");
  return limn_prompt_entry_get_text (self->negative_entry);
}

void
limn_prompt_bar_set_prompts (LimnPromptBar *self, const char *prompt, const char *negative)
{
  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  limn_prompt_entry_set_text (self->prompt_entry, prompt);
  limn_prompt_entry_set_text (self->negative_entry, negative);
  gtk_toggle_button_set_active (self->negative_button, negative != NULL && *negative != '\0');
}

/* Always there, seen only while it means something: nothing moves when a job starts or ends. */
static void
show_progress (LimnPromptBar *self)
{
  gtk_widget_set_opacity (GTK_WIDGET (self->progress),
                          self->running || self->pulse_timeout != 0 ? 1 : 0);
}

static gboolean
pulse_cb (gpointer user_data)
{
  gtk_progress_bar_pulse (LIMN_PROMPT_BAR (user_data)->progress);
  return G_SOURCE_CONTINUE;
}

static gboolean
busy_cb (gpointer user_data)
{
  LimnPromptBar *self = user_data;

  self->busy_timeout = 0;
  self->pulse_timeout = g_timeout_add (PULSE_PERIOD, pulse_cb, self);
  show_progress (self);
  return G_SOURCE_REMOVE;
}

/* A job that does not say yet how far it is moves the bar, too. */
static void
update_progress (LimnPromptBar *self)
{
  gboolean pulses = self->running ? self->fraction <= 0 : self->busy;

  if (!pulses)
    {
      g_clear_handle_id (&self->busy_timeout, g_source_remove);
      g_clear_handle_id (&self->pulse_timeout, g_source_remove);
      gtk_progress_bar_set_fraction (self->progress, self->fraction);
    }
  else if (self->busy_timeout == 0 && self->pulse_timeout == 0)
    self->busy_timeout = g_timeout_add (BUSY_DELAY, busy_cb, self);
  show_progress (self);
}

void
limn_prompt_bar_set_busy (LimnPromptBar *self, gboolean busy)
{
  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  self->busy = busy;
  update_progress (self);
}

void
limn_prompt_bar_set_running (LimnPromptBar *self, gboolean running)
{
  gboolean focused;

  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  focused = gtk_widget_get_focus_child (GTK_WIDGET (self->verb_stack)) != NULL;
  gtk_stack_set_visible_child_name (self->verb_stack, running ? "cancel" : "run");
  self->running = running;
  self->fraction = 0;
  update_progress (self);
  if (focused)
    gtk_widget_grab_focus (GTK_WIDGET (running ? self->cancel_button : self->run_button));
}

void
limn_prompt_bar_set_fraction (LimnPromptBar *self, double fraction)
{
  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  self->fraction = CLAMP (fraction, 0, 1);
  update_progress (self);
}

void
limn_prompt_bar_set_verb (LimnPromptBar *self,
                          const char *label,
                          const char *tooltip,
                          const char *reason)
{
  const char *text = reason != NULL ? reason : tooltip;

  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));
  g_return_if_fail (label != NULL && tooltip != NULL);

  if (g_strcmp0 (gtk_label_get_label (self->run_label), label) != 0)
    gtk_label_set_label (self->run_label, label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->run_button), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->run_button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

const char *
limn_prompt_bar_get_verb (LimnPromptBar *self)
{
  g_return_val_if_fail (LIMN_IS_PROMPT_BAR (self), NULL);

  return gtk_label_get_text (self->run_label);
}

void
limn_prompt_bar_set_model (LimnPromptBar *self, LimnModelEntry *entry)
{
  LimnModel *model = entry != NULL ? limn_model_entry_get_model (entry) : NULL;
  LimnTakes takes = model != NULL ? limn_model_get_info (model)->takes : LIMN_TAKES_PROMPT;
  gboolean words = (takes & LIMN_TAKES_PROMPT) != 0;

  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  self->takes_class = (takes & LIMN_TAKES_CLASS) != 0;
  limn_class_picker_set_model (self->class_picker, self->takes_class ? model : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->class_picker), self->takes_class);
  gtk_widget_set_visible (GTK_WIDGET (self->prompt_entry), words);
  gtk_widget_set_visible (GTK_WIDGET (self->negative_revealer), words);
  gtk_widget_set_visible (GTK_WIDGET (self->negative_button), words);
  gtk_label_set_label (GTK_LABEL (self->nothing_label),
                       takes & LIMN_TAKES_BOXES    ? _ ("Told by the boxes that you draw")
                       : takes & LIMN_TAKES_LABELS ? _ ("Told by the labels that you draw")
                                                   : _ ("This model works without words"));
  gtk_widget_set_visible (self->nothing_label, !words && !self->takes_class);
}

int
limn_prompt_bar_get_category (LimnPromptBar *self)
{
  g_return_val_if_fail (LIMN_IS_PROMPT_BAR (self), -1);

  return self->takes_class ? limn_class_picker_get_category (self->class_picker) : -1;
}

void
limn_prompt_bar_set_category (LimnPromptBar *self, int category)
{
  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  limn_class_picker_set_category (self->class_picker, category);
}

static void
class_changed_cb (LimnClassPicker *picker, LimnPromptBar *self)
{
  g_assert (LIMN_IS_PROMPT_BAR (self));

  g_signal_emit (self, changed_signal, 0);
}

static void
text_changed_cb (LimnPromptEntry *entry, GParamSpec *pspec, LimnPromptBar *self)
{
  g_assert (LIMN_IS_PROMPT_BAR (self));

  g_signal_emit (self, changed_signal, 0);
}

void
limn_prompt_bar_focus_prompt (LimnPromptBar *self)
{
  g_return_if_fail (LIMN_IS_PROMPT_BAR (self));

  if (self->takes_class)
    gtk_widget_child_focus (GTK_WIDGET (self->class_picker), GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->prompt_entry));
}

static void
activate_cb (LimnPromptEntry *entry, LimnPromptBar *self)
{
  g_assert (LIMN_IS_PROMPT_BAR (self));

  gtk_widget_activate_action (GTK_WIDGET (self), "win.generate", NULL);
}

static void
limn_prompt_bar_dispose (GObject *object)
{
  LimnPromptBar *self = LIMN_PROMPT_BAR (object);

  g_clear_handle_id (&self->busy_timeout, g_source_remove);
  g_clear_handle_id (&self->pulse_timeout, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), LIMN_TYPE_PROMPT_BAR);
  G_OBJECT_CLASS (limn_prompt_bar_parent_class)->dispose (object);
}

static void
limn_prompt_bar_class_init (LimnPromptBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_prompt_bar_dispose;
  changed_signal = g_signal_new ("changed", LIMN_TYPE_PROMPT_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  g_type_ensure (LIMN_TYPE_CLASS_PICKER);
  g_type_ensure (LIMN_TYPE_PROMPT_ENTRY);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-prompt-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, box);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, progress);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, prompt_entry);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, class_picker);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, nothing_label);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, negative_revealer);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, negative_entry);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, negative_button);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, verb_stack);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, run_button);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, run_label);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptBar, cancel_button);
}

static void
limn_prompt_bar_init (LimnPromptBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->class_picker, "changed", G_CALLBACK (class_changed_cb), self);
  g_signal_connect (self->prompt_entry, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect (self->negative_entry, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect (self->prompt_entry, "notify::text", G_CALLBACK (text_changed_cb), self);
}
