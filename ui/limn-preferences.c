/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-preferences.h"

struct _LimnPreferences
{
  AdwPreferencesWindow parent_instance;

  /* Template widgets */
  AdwComboRow *style_row;
  AdwComboRow *surround_row;
  AdwComboRow *mask_row;
  AdwComboRow *memory_row;
  GtkSpinButton *quality_spin;
};

G_DEFINE_FINAL_TYPE (LimnPreferences, limn_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* The rows list the values of the settings' enumerations in their order. */
static gboolean
nick_to_selected (GValue *value, GVariant *variant, gpointer user_data)
{
  const char *const *nicks = user_data;

  for (guint i = 0; nicks[i] != NULL; i++)
    if (g_str_equal (nicks[i], g_variant_get_string (variant, NULL)))
      {
        g_value_set_uint (value, i);
        return TRUE;
      }
  return FALSE;
}

static GVariant *
selected_to_nick (const GValue *value, const GVariantType *type, gpointer user_data)
{
  const char *const *nicks = user_data;
  guint selected = g_value_get_uint (value);

  return selected < g_strv_length ((char **)nicks) ? g_variant_new_string (nicks[selected]) : NULL;
}

static void
bind_row (GSettings *settings, const char *key, AdwComboRow *row, const char *const *nicks)
{
  g_settings_bind_with_mapping (settings, key, row, "selected", G_SETTINGS_BIND_DEFAULT,
                                nick_to_selected, selected_to_nick, (gpointer)nicks, NULL);
}

/* MiB of each row of the list; a limit that is none of them is shown as the next one below. */
static const int memory_limits[]
    = { 0, 1024, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 32768 };

static gboolean
memory_to_selected (GValue *value, GVariant *variant, gpointer user_data)
{
  int limit = g_variant_get_int32 (variant);
  guint selected = limit > 0 ? 1 : 0;

  while (selected + 1 < G_N_ELEMENTS (memory_limits) && memory_limits[selected + 1] <= limit)
    selected++;
  g_value_set_uint (value, selected);
  return TRUE;
}

static GVariant *
selected_to_memory (const GValue *value, const GVariantType *type, gpointer user_data)
{
  guint selected = g_value_get_uint (value);

  return selected < G_N_ELEMENTS (memory_limits) ? g_variant_new_int32 (memory_limits[selected]) : NULL;
}

static void
limn_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LIMN_TYPE_PREFERENCES);
  G_OBJECT_CLASS (limn_preferences_parent_class)->dispose (object);
}

static void
limn_preferences_class_init (LimnPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = limn_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/limn/Limn/limn-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, LimnPreferences, style_row);
  gtk_widget_class_bind_template_child (widget_class, LimnPreferences, surround_row);
  gtk_widget_class_bind_template_child (widget_class, LimnPreferences, mask_row);
  gtk_widget_class_bind_template_child (widget_class, LimnPreferences, memory_row);
  gtk_widget_class_bind_template_child (widget_class, LimnPreferences, quality_spin);
}

static void
limn_preferences_init (LimnPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
limn_preferences_show (GtkWindow *parent, GSettings *settings)
{
  static const char *const styles[] = { "system", "light", "dark", NULL };
  static const char *const surrounds[] = { "automatic", "dark", "middle", "light", NULL };
  static const char *const colours[] = { "automatic", "blue", "red", "green", "yellow", "pink", NULL };
  LimnPreferences *self = g_object_new (LIMN_TYPE_PREFERENCES, "transient-for", parent, NULL);

  bind_row (settings, "style", self->style_row, styles);
  bind_row (settings, "surround", self->surround_row, surrounds);
  bind_row (settings, "mask-colour", self->mask_row, colours);
  g_settings_bind_with_mapping (settings, "memory-limit", self->memory_row, "selected",
                                G_SETTINGS_BIND_DEFAULT, memory_to_selected, selected_to_memory, NULL,
                                NULL);
  g_settings_bind (settings, "jpeg-quality", self->quality_spin, "value", G_SETTINGS_BIND_DEFAULT);
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WIDGET (self);
}
