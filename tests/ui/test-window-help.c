/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * F1: the help viewer is asked for pages that are there, and where none is installed the window
 * says so. Viewers of the system are kept out. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>

#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"

#define SCHEMES "x-scheme-handler/help", "x-scheme-handler/ghelp"

static void
write_file (const char *path, const char *content)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, &error));
  g_assert_no_error (error);
}

/* Takes every viewer that the system has away from the two kinds of addresses. */
static void
remove_viewers (void)
{
  static const char *const schemes[] = { SCHEMES };
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "mimeapps.list", NULL);
  g_autoptr (GString) text = g_string_new ("[Removed Associations]\n");

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      GList *all = g_app_info_get_all_for_type (schemes[i]);

      g_string_append_printf (text, "%s=", schemes[i]);
      for (GList *l = all; l != NULL; l = l->next)
        g_string_append_printf (text, "%s;", g_app_info_get_id (l->data));
      g_string_append_c (text, '\n');
      g_list_free_full (all, g_object_unref);
    }
  write_file (path, text->str);
}

static gboolean
viewer_is (gboolean wanted)
{
  g_autoptr (GAppInfo) viewer = g_app_info_get_default_for_uri_scheme ("ghelp");

  return (viewer != NULL) == wanted;
}

static gboolean
is_there (gpointer unused)
{
  return viewer_is (TRUE);
}

static gboolean
is_gone (gpointer unused)
{
  return viewer_is (FALSE);
}

static gboolean
has_details (gpointer window)
{
  return find_toast_button (window, "Details") != NULL;
}

static gboolean
has_dialog (gpointer unused)
{
  return find_dialog () != NULL;
}

/* Nothing is silent: the toast says what is missing, its details what to do. */
static void
test_no_viewer (void)
{
  LimnWindow *window;
  GtkWidget *dialog;

  if (!pointer_available ())
    return;
  remove_viewers ();
  wait_until (is_gone, NULL);
  window = window_with_photo (120, 90);
  pointer (window, "key F1");
  wait_until (has_details, window);
  click_toast (find_toast_button (window, "Details"));
  wait_until (has_dialog, NULL);
  dialog = find_dialog ();
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "yelp"));
  g_assert_nonnull (
      strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "index.page"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  destroy (window);
}

static char *asked; /* the file in which the viewer leaves what it was asked for */

static gboolean
was_asked (gpointer unused)
{
  return g_file_test (asked, G_FILE_TEST_EXISTS);
}

/* A viewer that only notes its argument. */
static void
add_viewer (void)
{
  g_autofree char *script = g_build_filename (folder, "viewer.sh", NULL);
  g_autofree char *desktop
      = g_build_filename (g_get_user_data_dir (), "applications", "limn-test-viewer.desktop", NULL);
  g_autofree char *list = g_build_filename (g_get_user_config_dir (), "mimeapps.list", NULL);
  g_autofree char *code = g_strdup_printf (
      "#!/bin/sh\nprintf %%s \"$1\" >'%s.new' && mv '%s.new' '%s'\n", asked, asked, asked);
  g_autofree char *entry
      = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=Viewer\nExec=/bin/sh %s %%u\n"
                         "MimeType=x-scheme-handler/help;x-scheme-handler/ghelp;\n",
                         script);

  write_file (script, code);
  write_file (desktop, entry);
  write_file (list, "[Default Applications]\nx-scheme-handler/help=limn-test-viewer.desktop;\n"
                    "x-scheme-handler/ghelp=limn-test-viewer.desktop;\n");
}

static void
assert_asked_for_page (void)
{
  g_autofree char *address = NULL;

  wait_until (was_asked, NULL);
  g_assert_true (g_file_get_contents (asked, &address, NULL, NULL));
  g_assert_true (g_str_has_prefix (address, "ghelp:/"));
  g_assert_true (g_str_has_suffix (address, "/C/index.page"));
  g_assert_true (g_file_test (address + strlen ("ghelp:"), G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (g_unlink (asked), ==, 0);
}

/* From the picture, from a field, and from the menu's action. */
static void
test_viewer (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  asked = g_build_filename (folder, "asked", NULL);
  add_viewer ();
  wait_until (is_there, NULL);
  window = window_with_photo (120, 90);
  gtk_widget_grab_focus (GTK_WIDGET (limn_window_get_canvas (window)));
  pointer (window, "key F1");
  assert_asked_for_page ();
  activate (window, "focus-prompt");
  pointer (window, "key F1");
  assert_asked_for_page ();
  activate (window, "help");
  assert_asked_for_page ();
  g_assert_null (find_toast_button (window, "Details"));
  destroy (window);
  g_free (asked);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/help/no-viewer", test_no_viewer);
  g_test_add_func ("/ui/help/viewer", test_viewer);
  return fixture_run ();
}
