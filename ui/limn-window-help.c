/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

/*
 * The help is Mallard pages, which the desktop's help viewer shows. Those that are installed where
 * viewers look are named as "help:limn/PAGE", and the viewer chooses the language; those of a build
 * that was not installed, or went to a place of its own, by their path.
 */

/* The share folder beside the installed program, as "/usr/share" beside "/usr/bin/limn" (transfer
 * full). */
static char *
share_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = g_path_get_dirname (program != NULL ? program : "");
  g_autofree char *prefix = g_path_get_dirname (bin);

  return g_build_filename (prefix, "share", NULL);
}

/* FOLDER/LANGUAGE/BELOW/PAGE.page in the first of the person's languages that has it (transfer
 * full); NULL: none has. */
static char *
find_page (const char *folder, const char *below, const char *page)
{
  const char *const *languages = g_get_language_names ();
  g_autofree char *name = g_strconcat (page, ".page", NULL);

  for (gsize i = 0; languages[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, languages[i], below, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
viewers_look_in (const char *folder)
{
  return g_strcmp0 (folder, g_get_user_data_dir ()) == 0
         || g_strv_contains (g_get_system_data_dirs (), folder);
}

/* What a viewer is asked for (transfer full); NULL: the pages are not there. @path: (out) (transfer
 * full): where they are. */
static char *
find_address (const char *page, char **path)
{
  g_autofree char *share = share_folder ();
  g_autofree char *folder = g_build_filename (share, "help", NULL);

  *path = find_page (folder, "limn", page);
  if (*path != NULL && viewers_look_in (share))
    return g_strconcat ("help:limn/", page, NULL);
  if (*path == NULL && LIMN_HELP_SOURCE_DIR[0] != '\0')
    *path = find_page (LIMN_HELP_SOURCE_DIR, "", page);
  return *path != NULL ? g_strconcat ("ghelp:", *path, NULL) : NULL;
}

static gboolean
has_viewer (const char *address)
{
  g_autofree char *scheme = g_uri_parse_scheme (address);
  g_autoptr (GAppInfo) viewer = g_app_info_get_default_for_uri_scheme (scheme);

  return viewer != NULL;
}

typedef struct
{
  char *address, *path;
} Wanted;

static void
wanted_free (Wanted *wanted)
{
  g_free (wanted->address);
  g_free (wanted->path);
  g_free (wanted);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wanted, wanted_free)

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  g_autoptr (Wanted) wanted = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) advice = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (self), result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || _limn_window_get_app (self) == NULL)
    return;
  if (has_viewer (wanted->address))
    {
      _limn_window_toast_error (self, _ ("The help could not be opened."), error);
      return;
    }
  g_set_error (&advice, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("Limn’s help is shown by GNOME’s help viewer. Install the package “yelp”, then "
                  "press F1 again.\n\n"
                  "The pages are in “%s”. Ctrl+? lists the keyboard shortcuts."),
               wanted->path);
  _limn_window_toast_error (self, _ ("No help viewer is installed."), advice);
}

static void
help_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->address = find_address ("index", &wanted->path);
  if (wanted->address == NULL)
    {
      _limn_window_toast (self, _ ("The pages of the help are not installed."));
      wanted_free (wanted);
      return;
    }
  gtk_show_uri_full (GTK_WINDOW (self), wanted->address, GDK_CURRENT_TIME, NULL, shown_cb, wanted);
}

void
_limn_window_help_init (LimnWindow *self)
{
  static const GActionEntry entries[] = { { "help", help_action } };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
