/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-settings-panel.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "ui/limn-words.h"

struct _LimnSettingsPanel
{
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *scrolled;
  AdwComboRow *model_row;
  GtkWidget *guidance_row;
  GtkWidget *strength_row;
  GtkWidget *two_pass_row;
  GtkSwitch *two_pass_switch;
  GtkLabel *guidance_title;
  GtkScale *steps_scale;
  GtkScale *guidance_scale;
  GtkScale *strength_scale;
  GtkLabel *steps_label;
  GtkLabel *guidance_label;
  GtkLabel *strength_label;
  GtkAdjustment *steps_adjustment;
  GtkAdjustment *guidance_adjustment;
  GtkAdjustment *strength_adjustment;
  GtkEntry *seed_entry;
  GtkButton *dice_button;
  GtkToggleButton *lock_button;
  GtkButton *reset_button;

  /* Owned */
  GSettings *settings;
  LimnLibrary *library;
  char *sampler; /* of a generation that is used again; NULL: the model's */

  double lent_strength; /* shown instead of the person's own; 0: nothing is lent */

  guint updating : 1; /* the program, not the person, moves the sliders */
  guint listing : 1;  /* the list of models changes */
};

G_DEFINE_FINAL_TYPE (LimnSettingsPanel, limn_settings_panel, GTK_TYPE_WIDGET)

static guint changed_signal;

LimnModelEntry *
limn_settings_panel_get_model (LimnSettingsPanel *self)
{
  g_return_val_if_fail (LIMN_IS_SETTINGS_PANEL (self), NULL);

  return adw_combo_row_get_selected_item (self->model_row);
}

guint64
limn_settings_panel_get_seed (LimnSettingsPanel *self)
{
  g_return_val_if_fail (LIMN_IS_SETTINGS_PANEL (self), 0);

  return g_ascii_strtoull (gtk_editable_get_text (GTK_EDITABLE (self->seed_entry)), NULL, 10);
}

double
limn_settings_panel_get_strength (LimnSettingsPanel *self)
{
  g_return_val_if_fail (LIMN_IS_SETTINGS_PANEL (self), 1);

  return gtk_adjustment_get_value (self->strength_adjustment);
}

void
limn_settings_panel_set_strength (LimnSettingsPanel *self, double strength)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));

  gtk_adjustment_set_value (self->strength_adjustment, strength);
}

/* What is lent, else the person's own. */
static void
show_strength (LimnSettingsPanel *self)
{
  gboolean updating = self->updating;

  self->updating = TRUE;
  gtk_adjustment_set_value (self->strength_adjustment,
                            self->lent_strength > 0
                                ? self->lent_strength
                                : g_settings_get_double (self->settings, "strength"));
  self->updating = updating;
}

void
limn_settings_panel_lend_strength (LimnSettingsPanel *self, double strength)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));
  g_return_if_fail (strength > 0 && strength <= 1);

  self->lent_strength = strength;
  show_strength (self);
}

void
limn_settings_panel_return_strength (LimnSettingsPanel *self)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));

  /* Whoever moved the slider meanwhile has made it their own. */
  if (self->lent_strength <= 0)
    return;
  self->lent_strength = 0;
  show_strength (self);
}

static void
set_seed (LimnSettingsPanel *self, guint64 seed)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);

  self->updating = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->seed_entry), text);
  self->updating = FALSE;
  g_settings_set_uint64 (self->settings, "seed", seed);
}

static void
throw_dice (LimnSettingsPanel *self)
{
  /* 32 bits: short enough to be read aloud. */
  set_seed (self, g_random_int ());
}

void
limn_settings_panel_next_seed (LimnSettingsPanel *self)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));

  if (!gtk_toggle_button_get_active (self->lock_button))
    throw_dice (self);
}

void
limn_settings_panel_step_seed (LimnSettingsPanel *self)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));

  set_seed (self, limn_settings_panel_get_seed (self) + 1);
}

void
limn_settings_panel_get_params (LimnSettingsPanel *self,
                                LimnModelEntry *entry,
                                LimnInpaintParams *params)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));
  g_return_if_fail (LIMN_IS_MODEL_ENTRY (entry));

  limn_inpaint_params_init (params, limn_model_entry_get_model (entry));
  params->seed = limn_settings_panel_get_seed (self);
  params->steps = (int)rint (gtk_adjustment_get_value (self->steps_adjustment));
  params->guidance = (float)gtk_adjustment_get_value (self->guidance_adjustment);
  params->strength = (float)gtk_adjustment_get_value (self->strength_adjustment);
  params->two_pass = gtk_switch_get_active (self->two_pass_switch);
  if (self->sampler != NULL)
    params->sampler = self->sampler;
}

void
limn_settings_panel_get_generate_params (LimnSettingsPanel *self,
                                         LimnModelEntry *entry,
                                         LimnGenerateParams *params)
{
  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));
  g_return_if_fail (LIMN_IS_MODEL_ENTRY (entry));

  limn_generate_params_init (params, limn_model_entry_get_model (entry));
  params->seed = limn_settings_panel_get_seed (self);
  params->steps = (int)rint (gtk_adjustment_get_value (self->steps_adjustment));
  if (limn_model_entry_get_info (entry)->can_guide)
    params->guidance = (float)gtk_adjustment_get_value (self->guidance_adjustment);
  if (self->sampler != NULL)
    params->sampler = self->sampler;
}

/* The number in the line above a slider, which a screen reader hears from the slider itself. */
static void
show_number (GtkScale *scale, GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
}

static void
show_numbers (LimnSettingsPanel *self)
{
  g_autofree char *steps
      = g_strdup_printf ("%d", (int)rint (gtk_adjustment_get_value (self->steps_adjustment)));
  g_autofree char *guidance
      = g_strdup_printf ("%.1f", gtk_adjustment_get_value (self->guidance_adjustment));
  /* Translators: a number in percent */
  g_autofree char *strength = g_strdup_printf (
      _ ("%d %%"), (int)rint (gtk_adjustment_get_value (self->strength_adjustment) * 100));

  show_number (self->steps_scale, self->steps_label, steps);
  show_number (self->guidance_scale, self->guidance_label, guidance);
  show_number (self->strength_scale, self->strength_label, strength);
}

/* What the model is, or what is wrong with it, under its name. */
static void
show_description (LimnSettingsPanel *self, LimnModelEntry *entry)
{
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  g_autofree char *text = info != NULL ? limn_words_model (info) : NULL;
  const char *shown = text;
  g_autofree char *escaped = NULL;

  if (entry == NULL)
    shown = "";
  else if (limn_model_entry_get_error (entry) != NULL)
    shown = limn_model_entry_get_error (entry);
  else if (info != NULL && info->missing != NULL)
    shown = info->missing;
  escaped = g_markup_escape_text (shown != NULL ? shown : "", -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->model_row), escaped);
  /* What is too long for the row. */
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->model_row), shown != NULL && *shown != '\0'
                                                                 ? shown
                                                                 : _ ("What does the painting"));
}

/* Whether large areas are refined: as was chosen, or as the model recommends. */
static gboolean
get_two_pass (LimnSettingsPanel *self, const LimnModelInfo *info)
{
  g_autofree char *choice = g_settings_get_string (self->settings, "two-pass");

  return g_str_equal (choice, "model") ? info != NULL && info->default_two_pass
                                       : g_str_equal (choice, "yes");
}

/* What is followed: words, or what else the model is told. */
static void
show_guidance_words (LimnSettingsPanel *self, const LimnModelInfo *info)
{
  LimnTakes takes = info != NULL ? info->takes : LIMN_TAKES_PROMPT;
  const char *title = _ ("Follow the prompt");
  const char *tooltip = _ ("How closely the words are followed (guidance scale)");

  if (takes & LIMN_TAKES_CLASS)
    {
      title = _ ("Follow the class");
      tooltip = _ ("How much the picture is one of its class (guidance scale)");
    }
  else if ((takes & LIMN_TAKES_PROMPT) == 0)
    {
      title = _ ("Follow what is asked for");
      tooltip = _ ("How closely what the model is told is followed (guidance scale)");
    }
  gtk_label_set_label (self->guidance_title, title);
  gtk_widget_set_tooltip_text (self->guidance_row, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->guidance_scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tooltip, -1);
}

/* Shows the stored values, or the model's where nothing is stored. */
static void
show_values (LimnSettingsPanel *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  int steps = g_settings_get_int (self->settings, "steps");
  double guidance = g_settings_get_double (self->settings, "guidance");

  self->updating = TRUE;
  if (steps == 0 && info != NULL)
    steps = info->default_steps;
  if (guidance == 0 && info != NULL)
    guidance = info->default_guidance;
  gtk_adjustment_set_value (self->steps_adjustment, steps);
  gtk_adjustment_set_value (self->guidance_adjustment, guidance);
  show_strength (self);
  gtk_switch_set_active (self->two_pass_switch, get_two_pass (self, info));
  gtk_widget_set_visible (self->two_pass_row, info == NULL || limn_words_can_fill (info));
  show_guidance_words (self, info);
  gtk_widget_set_visible (self->guidance_row, info == NULL || info->can_guide);
  /* What is made from nothing has nothing that could be kept. */
  gtk_widget_set_visible (self->strength_row, info == NULL || limn_words_can_fill (info));
  show_description (self, entry);
  self->updating = FALSE;
}

static void
value_changed_cb (GtkAdjustment *adjustment, LimnSettingsPanel *self)
{
  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  show_numbers (self);
  if (!self->updating)
    {
      if (adjustment == self->steps_adjustment)
        g_settings_set_int (self->settings, "steps",
                            (int)rint (gtk_adjustment_get_value (adjustment)));
      else if (adjustment == self->guidance_adjustment)
        g_settings_set_double (self->settings, "guidance", gtk_adjustment_get_value (adjustment));
      else
        {
          self->lent_strength = 0;
          g_settings_set_double (self->settings, "strength", gtk_adjustment_get_value (adjustment));
        }
    }
  g_signal_emit (self, changed_signal, 0);
}

static void
two_pass_cb (GtkSwitch *button, GParamSpec *pspec, LimnSettingsPanel *self)
{
  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  if (!self->updating)
    g_settings_set_string (self->settings, "two-pass", gtk_switch_get_active (button) ? "yes" : "no");
  g_signal_emit (self, changed_signal, 0);
}

static void
model_selected_cb (AdwComboRow *row, GParamSpec *pspec, LimnSettingsPanel *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self);

  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  if (self->updating)
    return;
  g_clear_pointer (&self->sampler, g_free);
  /* When the chosen one goes, the list takes the next: that is nobody's choice. */
  if (entry != NULL && !self->listing)
    g_settings_set_string (self->settings, "model", limn_model_entry_get_id (entry));
  show_values (self);
  g_signal_emit (self, changed_signal, 0);
}

/* Around each change of the library: before the list does anything about it, and after. */
static void
library_changing_cb (GListModel *library,
                     guint position,
                     guint removed,
                     guint added,
                     LimnSettingsPanel *self)
{
  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  self->listing = TRUE;
}

static void
library_changed_cb (GListModel *library,
                    guint position,
                    guint removed,
                    guint added,
                    LimnSettingsPanel *self)
{
  g_autofree char *id = g_settings_get_string (self->settings, "model");

  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  /* The one that was chosen is back, perhaps as another object. */
  limn_settings_panel_select_model (self, id);
  self->listing = FALSE;
}

static void
seed_changed_cb (GtkEditable *editable, LimnSettingsPanel *self)
{
  const char *text = gtk_editable_get_text (editable);

  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  if (self->updating)
    return;
  if (strspn (text, "0123456789") != strlen (text))
    gtk_widget_add_css_class (GTK_WIDGET (editable), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (editable), "error");
  /* Whoever types a seed means it. */
  gtk_toggle_button_set_active (self->lock_button, TRUE);
  g_settings_set_uint64 (self->settings, "seed", limn_settings_panel_get_seed (self));
}

static void
dice_cb (GtkButton *button, LimnSettingsPanel *self)
{
  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  throw_dice (self);
}

static void
reset_cb (GtkButton *button, LimnSettingsPanel *self)
{
  g_assert (LIMN_IS_SETTINGS_PANEL (self));

  g_settings_reset (self->settings, "steps");
  g_settings_reset (self->settings, "guidance");
  g_settings_reset (self->settings, "strength");
  g_settings_reset (self->settings, "two-pass");
  self->lent_strength = 0;
  g_clear_pointer (&self->sampler, g_free);
  gtk_toggle_button_set_active (self->lock_button, FALSE);
  show_values (self);
  g_signal_emit (self, changed_signal, 0);
}

gboolean
limn_settings_panel_select_model (LimnSettingsPanel *self, const char *id)
{
  GListModel *model;

  g_return_val_if_fail (LIMN_IS_SETTINGS_PANEL (self), FALSE);

  model = adw_combo_row_get_model (self->model_row);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (model, i);

      if (g_strcmp0 (limn_model_entry_get_id (entry), id) == 0)
        {
          adw_combo_row_set_selected (self->model_row, i);
          return TRUE;
        }
    }
  return FALSE;
}

/* Models that can fill or make pictures, and those that could not be read, so that their error is
 * seen. */
static gboolean
can_paint (gpointer item, gpointer user_data)
{
  const LimnModelInfo *info = limn_model_entry_get_info (item);

  return info == NULL || (info->capabilities & (LIMN_CAN_INPAINT | LIMN_CAN_GENERATE)) != 0;
}

void
limn_settings_panel_setup (LimnSettingsPanel *self, GSettings *settings, LimnLibrary *library)
{
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (can_paint, NULL, NULL));
  g_autoptr (GListModel) models = NULL;
  g_autofree char *id = g_settings_get_string (settings, "model");
  LimnModelEntry *first;

  g_return_if_fail (LIMN_IS_SETTINGS_PANEL (self));
  g_return_if_fail (self->settings == NULL);

  self->settings = g_object_ref (settings);
  self->library = g_object_ref (library);
  /* Handlers are called in the order in which they were connected: this, the list's own, the other.
   */
  g_signal_connect_object (library, "items-changed", G_CALLBACK (library_changing_cb), self, 0);
  models = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (library)), filter));
  g_signal_connect_object (library, "items-changed", G_CALLBACK (library_changed_cb), self, 0);
  self->updating = TRUE;
  adw_combo_row_set_model (self->model_row, models);
  first = limn_library_find (library, LIMN_CAN_INPAINT);
  if (!limn_settings_panel_select_model (self, id) && first != NULL)
    limn_settings_panel_select_model (self, limn_model_entry_get_id (first));
  self->updating = FALSE;
  g_settings_bind (settings, "seed-locked", self->lock_button, "active", G_SETTINGS_BIND_DEFAULT);
  if (g_settings_get_uint64 (settings, "seed") == 0)
    throw_dice (self);
  else
    set_seed (self, g_settings_get_uint64 (settings, "seed"));
  show_values (self);
}

gboolean
limn_settings_panel_load (LimnSettingsPanel *self, LimnGeneration *generation)
{
  g_autofree char *model = NULL;
  g_autofree char *sampler = NULL;
  guint64 seed;
  int steps, two_pass;
  double guidance, strength;
  gboolean found;

  g_return_val_if_fail (LIMN_IS_SETTINGS_PANEL (self), FALSE);

  g_object_get (generation, "model", &model, "sampler", &sampler, "seed", &seed, "steps", &steps,
                "guidance", &guidance, "strength", &strength, "two-pass", &two_pass, NULL);
  set_seed (self, seed);
  gtk_toggle_button_set_active (self->lock_button, TRUE);
  /* No model had a part in it. */
  if (g_str_equal (limn_generation_get_kind (generation), "remove"))
    return TRUE;
  found = limn_settings_panel_select_model (self, model);
  gtk_adjustment_set_value (self->steps_adjustment, steps);
  /* What was made from nothing has no strength, and what cannot be guided no guidance. */
  if (guidance > 0)
    gtk_adjustment_set_value (self->guidance_adjustment, guidance);
  if (strength > 0)
    gtk_adjustment_set_value (self->strength_adjustment, strength);
  if (g_str_equal (limn_generation_get_kind (generation), "inpaint"))
    gtk_switch_set_active (self->two_pass_switch, two_pass != 0);
  g_free (self->sampler);
  self->sampler = sampler != NULL && *sampler != '\0' ? g_steal_pointer (&sampler) : NULL;
  return found;
}

static void
limn_settings_panel_dispose (GObject *object)
{
  LimnSettingsPanel *self = LIMN_SETTINGS_PANEL (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), LIMN_TYPE_SETTINGS_PANEL);
  g_clear_object (&self->settings);
  g_clear_object (&self->library);
  g_clear_pointer (&self->sampler, g_free);
  G_OBJECT_CLASS (limn_settings_panel_parent_class)->dispose (object);
}

static void
limn_settings_panel_class_init (LimnSettingsPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_settings_panel_dispose;
  changed_signal = g_signal_new ("changed", LIMN_TYPE_SETTINGS_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-settings-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, scrolled);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, model_row);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, guidance_row);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, strength_row);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, two_pass_row);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, two_pass_switch);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, guidance_title);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, steps_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, guidance_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, strength_scale);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, steps_label);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, guidance_label);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, strength_label);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, steps_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, guidance_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, strength_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, seed_entry);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, dice_button);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, lock_button);
  gtk_widget_class_bind_template_child (widget_class, LimnSettingsPanel, reset_button);
}

static void
limn_settings_panel_init (LimnSettingsPanel *self)
{
  g_autoptr (GtkExpression) name = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  name = gtk_property_expression_new (LIMN_TYPE_MODEL_ENTRY, NULL, "name");
  adw_combo_row_set_expression (self->model_row, name);
  show_numbers (self);
  g_signal_connect (self->model_row, "notify::selected-item", G_CALLBACK (model_selected_cb), self);
  g_signal_connect (self->steps_adjustment, "value-changed", G_CALLBACK (value_changed_cb), self);
  g_signal_connect (self->guidance_adjustment, "value-changed", G_CALLBACK (value_changed_cb),
                    self);
  g_signal_connect (self->strength_adjustment, "value-changed", G_CALLBACK (value_changed_cb),
                    self);
  g_signal_connect (self->two_pass_switch, "notify::active", G_CALLBACK (two_pass_cb), self);
  g_signal_connect (self->seed_entry, "changed", G_CALLBACK (seed_changed_cb), self);
  g_signal_connect (self->dice_button, "clicked", G_CALLBACK (dice_cb), self);
  g_signal_connect (self->reset_button, "clicked", G_CALLBACK (reset_cb), self);
}
