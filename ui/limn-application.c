/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-application"

#include "config.h"

#include "ui/limn-application.h"

#include <glib/gi18n.h>

#include "ui/limn-preferences.h"
#include "ui/limn-settings.h"
#include "ui/limn-window.h"

struct _LimnApplication
{
  AdwApplication parent_instance;

  /* Owned */
  GSettings *settings;
  LimnLibrary *library;
  LimnHistory *history;
  LimnJobQueue *queue;
  char *history_folder;
  char *history_error;

  guint open_sample : 1;
  guint exit_after_startup : 1;
};

G_DEFINE_FINAL_TYPE (LimnApplication, limn_application, ADW_TYPE_APPLICATION)

GSettings *
limn_application_get_settings (LimnApplication *self)
{
  g_return_val_if_fail (LIMN_IS_APPLICATION (self), NULL);

  return self->settings;
}

LimnLibrary *
limn_application_get_library (LimnApplication *self)
{
  g_return_val_if_fail (LIMN_IS_APPLICATION (self), NULL);

  return self->library;
}

LimnJobQueue *
limn_application_get_queue (LimnApplication *self)
{
  g_return_val_if_fail (LIMN_IS_APPLICATION (self), NULL);

  return self->queue;
}

LimnHistory *
limn_application_get_history (LimnApplication *self, const char **error_message)
{
  g_return_val_if_fail (LIMN_IS_APPLICATION (self), NULL);

  if (error_message != NULL)
    *error_message = self->history_error;
  return self->history;
}

static LimnWindow *
new_window (LimnApplication *self)
{
  LimnWindow *window = limn_window_new (self);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* The window in front when it has nothing to lose, else a new one. */
static LimnWindow *
window_for_opening (LimnApplication *self)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (LIMN_IS_WINDOW (active) && limn_window_is_empty (LIMN_WINDOW (active)))
    return LIMN_WINDOW (active);
  return new_window (self);
}

static void
new_window_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  new_window (LIMN_APPLICATION (user_data));
}

static void
sample_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *window = window_for_opening (LIMN_APPLICATION (user_data));

  g_action_group_activate_action (G_ACTION_GROUP (window), "sample", NULL);
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnApplication *self = LIMN_APPLICATION (user_data);

  limn_preferences_show (gtk_application_get_active_window (GTK_APPLICATION (self)),
                         self->settings);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (user_data));
  const char *developers[] = { "The Limn authors", NULL };

  adw_show_about_window (
      parent, "application-name", "Limn", "application-icon", LIMN_APP_ID, "version", LIMN_VERSION,
      "developer-name", _ ("The Limn authors"), "developers", developers, "license-type",
      GTK_LICENSE_GPL_3_0, "copyright", "© 2026 The Limn authors", "comments",
      _ ("Paint over a part of a photo, say what should be there, and get it back repainted."),
      /* Translators: your names, one a line; they are shown among the credits */
      "translator-credits", _ ("translator-credits"), NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  /* Closing the windows one by one asks about unsaved work; the last one ends the program. */
  g_autoptr (GList) windows
      = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (user_data)));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static void
memory_changed_cb (GSettings *settings, const char *key, LimnApplication *self)
{
  g_assert (LIMN_IS_APPLICATION (self));

  limn_job_queue_set_memory_limit (self->queue,
                                   (gsize)g_settings_get_int (settings, "memory-limit") * 1024 * 1024);
}

static void
style_changed_cb (GSettings *settings, const char *key, LimnApplication *self)
{
  static const AdwColorScheme schemes[]
      = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };
  int style = g_settings_get_enum (settings, "style");

  adw_style_manager_set_color_scheme (adw_application_get_style_manager (ADW_APPLICATION (self)),
                                      schemes[CLAMP (style, 0, 2)]);
}

static const GActionEntry actions[] = {
  { "new-window", new_window_action },
  { "sample", sample_action },
  { "preferences", preferences_action },
  { "about", about_action },
  { "quit", quit_action },
};

static void
set_accel (LimnApplication *self, const char *action, const char *accel)
{
  const char *accels[] = { accel, NULL };

  gtk_application_set_accels_for_action (GTK_APPLICATION (self), action, accels);
}

static void
limn_application_startup (GApplication *application)
{
  LimnApplication *self = LIMN_APPLICATION (application);
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (limn_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (LIMN_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  /* What never means something else to a text field; all other keys belong to the window, see
   * limn-window-keys.c. */
  set_accel (self, "app.new-window", "<Control>n");
  set_accel (self, "app.preferences", "<Control>comma");
  set_accel (self, "app.quit", "<Control>q");
  set_accel (self, "win.show-help-overlay", "<Control>question");
  set_accel (self, "win.help", "F1");

  self->library = limn_library_new ();
  limn_library_watch (self->library);
  self->history = limn_history_open (self->history_folder, &error);
  if (self->history == NULL)
    self->history_error = g_strdup (error->message);
  self->queue = limn_job_queue_new (self->history, 0);
  g_signal_connect_object (self->settings, "changed::style", G_CALLBACK (style_changed_cb), self,
                           0);
  style_changed_cb (self->settings, "style", self);
  g_signal_connect_object (self->settings, "changed::memory-limit", G_CALLBACK (memory_changed_cb), self,
                           0);
  memory_changed_cb (self->settings, "memory-limit", self);
}

static gboolean
exit_cb (gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
  return G_SOURCE_REMOVE;
}

static void
limn_application_activate (GApplication *application)
{
  LimnApplication *self = LIMN_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (new_window (self));
  gtk_window_present (window);
  if (self->open_sample)
    g_action_group_activate_action (G_ACTION_GROUP (self), "sample", NULL);
  self->open_sample = FALSE;
  if (self->exit_after_startup)
    g_idle_add_full (G_PRIORITY_LOW, exit_cb, g_object_ref (self), g_object_unref);
}

static void
limn_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  LimnApplication *self = LIMN_APPLICATION (application);

  for (int i = 0; i < n_files; i++)
    limn_window_open_file (window_for_opening (self), files[i]);
  if (self->exit_after_startup)
    limn_application_activate (application);
}

static int
limn_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  LimnApplication *self = LIMN_APPLICATION (application);
  gboolean sample = FALSE, leave = FALSE;

  g_variant_dict_lookup (options, "sample", "b", &sample);
  g_variant_dict_lookup (options, "exit-after-startup", "b", &leave);
  self->open_sample = sample;
  self->exit_after_startup = leave;
  /* Another process has the windows: it is asked by name. */
  if (sample && g_application_register (application, NULL, NULL)
      && g_application_get_is_remote (application))
    {
      g_action_group_activate_action (G_ACTION_GROUP (application), "sample", NULL);
      return 0;
    }
  return -1;
}

static void
limn_application_shutdown (GApplication *application)
{
  LimnApplication *self = LIMN_APPLICATION (application);

  /* Joins the engine thread before what it writes to goes away. */
  g_clear_object (&self->queue);
  g_clear_object (&self->history);
  g_clear_object (&self->library);
  G_APPLICATION_CLASS (limn_application_parent_class)->shutdown (application);
}

static void
limn_application_finalize (GObject *object)
{
  LimnApplication *self = LIMN_APPLICATION (object);

  g_clear_object (&self->queue);
  g_clear_object (&self->history);
  g_clear_object (&self->library);
  g_clear_object (&self->settings);
  g_free (self->history_folder);
  g_free (self->history_error);
  G_OBJECT_CLASS (limn_application_parent_class)->finalize (object);
}

static void
limn_application_class_init (LimnApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = limn_application_finalize;
  application_class->startup = limn_application_startup;
  application_class->activate = limn_application_activate;
  application_class->open = limn_application_open;
  application_class->handle_local_options = limn_application_handle_local_options;
  application_class->shutdown = limn_application_shutdown;
}

static void
limn_application_init (LimnApplication *self)
{
  static const GOptionEntry options[] = {
    { "sample", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Open a sample photo"), NULL },
    { "exit-after-startup", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

LimnApplication *
limn_application_new (const char *history_folder, GApplicationFlags flags, GError **error)
{
  g_autoptr (GSettings) settings = limn_settings_new (error);
  LimnApplication *self;

  if (settings == NULL)
    return NULL;
  self = g_object_new (LIMN_TYPE_APPLICATION, "application-id", LIMN_APP_ID, "flags",
                       flags | G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/limn/Limn", NULL);
  self->settings = g_steal_pointer (&settings);
  self->history_folder = g_strdup (history_folder);
  return self;
}

int
limn_ui_run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnApplication) application
      = limn_application_new (NULL, G_APPLICATION_DEFAULT_FLAGS, &error);

  if (application == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return g_application_run (G_APPLICATION (application), argc, argv);
}
