/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-prompt-entry.h"

struct _LimnPromptEntry
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *overlay;
  GtkTextView *view;
  GtkLabel *placeholder;
};

G_DEFINE_FINAL_TYPE (LimnPromptEntry, limn_prompt_entry, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_PLACEHOLDER,
  PROP_LABEL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint activate_signal;

char *
limn_prompt_entry_get_text (LimnPromptEntry *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (LIMN_IS_PROMPT_ENTRY (self), NULL);

  g_object_get (gtk_text_view_get_buffer (self->view), "text", &text, NULL);
  return g_strdup (g_strstrip (text));
}

void
limn_prompt_entry_set_text (LimnPromptEntry *self, const char *text)
{
  g_return_if_fail (LIMN_IS_PROMPT_ENTRY (self));

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text != NULL ? text : "", -1);
}

GtkTextView *
limn_prompt_entry_get_view (LimnPromptEntry *self)
{
  g_return_val_if_fail (LIMN_IS_PROMPT_ENTRY (self), NULL);

  return self->view;
}

static void
buffer_changed_cb (GtkTextBuffer *buffer, LimnPromptEntry *self)
{
  g_assert (LIMN_IS_PROMPT_ENTRY (self));

  gtk_widget_set_visible (GTK_WIDGET (self->placeholder),
                          gtk_text_buffer_get_char_count (buffer) == 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

/* GtkTextView 4.8 scrolls to the cursor before the field has grown, and forgets to scroll back when
 * it has: the adjustment says 0, the text is drawn a line too high. Telling it its own value again
 * puts that right. */
static void
grown_cb (GtkAdjustment *adjustment, GParamSpec *pspec, LimnPromptEntry *self)
{
  g_assert (LIMN_IS_PROMPT_ENTRY (self));

  g_signal_emit_by_name (adjustment, "value-changed");
}

/* What GTK's fields of one line do at these keys, and its text view does not. */
static gboolean
edit (LimnPromptEntry *self, guint key)
{
  if (key == GDK_KEY_u)
    g_signal_emit_by_name (self->view, "delete-from-cursor", GTK_DELETE_PARAGRAPH_ENDS, -1);
  else if (key == GDK_KEY_y)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "text.redo", NULL);
  else
    return FALSE;
  return TRUE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint key,
                guint code,
                GdkModifierType state,
                LimnPromptEntry *self)
{
  g_assert (LIMN_IS_PROMPT_ENTRY (self));

  if ((state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_ALT_MASK)) == GDK_CONTROL_MASK
      && edit (self, gdk_keyval_to_lower (key)))
    return GDK_EVENT_STOP;
  /* With Ctrl, too: the text view would begin a new line before the window sees the key. */
  if ((key != GDK_KEY_Return && key != GDK_KEY_KP_Enter)
      || (state & (GDK_SHIFT_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;
  g_signal_emit (self, activate_signal, 0);
  return GDK_EVENT_STOP;
}

static gboolean
limn_prompt_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (LIMN_PROMPT_ENTRY (widget)->view));
}

static void
limn_prompt_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LimnPromptEntry *self = LIMN_PROMPT_ENTRY (object);

  switch (id)
    {
    case PROP_TEXT:
      g_value_take_string (value, limn_prompt_entry_get_text (self));
      break;
    case PROP_PLACEHOLDER:
      g_value_set_string (value, gtk_label_get_label (self->placeholder));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_prompt_entry_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LimnPromptEntry *self = LIMN_PROMPT_ENTRY (object);

  switch (id)
    {
    case PROP_TEXT:
      limn_prompt_entry_set_text (self, g_value_get_string (value));
      break;
    case PROP_PLACEHOLDER:
      gtk_label_set_label (self->placeholder, g_value_get_string (value));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                      GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER,
                                      g_value_get_string (value), -1);
      break;
    case PROP_LABEL:
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      g_value_get_string (value), -1);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
limn_prompt_entry_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LIMN_TYPE_PROMPT_ENTRY);
  G_OBJECT_CLASS (limn_prompt_entry_parent_class)->dispose (object);
}

static void
limn_prompt_entry_class_init (LimnPromptEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = limn_prompt_entry_get_property;
  object_class->set_property = limn_prompt_entry_set_property;
  object_class->dispose = limn_prompt_entry_dispose;
  widget_class->grab_focus = limn_prompt_entry_grab_focus;

  properties[PROP_TEXT] = g_param_spec_string (
      "text", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, "",
                                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LABEL]
      = g_param_spec_string ("label", NULL, NULL, "", G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  activate_signal = g_signal_new ("activate", LIMN_TYPE_PROMPT_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-prompt-entry.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnPromptEntry, overlay);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptEntry, view);
  gtk_widget_class_bind_template_child (widget_class, LimnPromptEntry, placeholder);
}

static void
limn_prompt_entry_init (LimnPromptEntry *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (gtk_text_view_get_buffer (self->view), "changed",
                    G_CALLBACK (buffer_changed_cb), self);
  g_signal_connect_object (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view)),
                           "notify::page-size", G_CALLBACK (grown_cb), self, 0);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}
