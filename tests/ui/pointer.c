/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/ui/pointer.h"

#include <gdk/x11/gdkx.h>

#include "tests/ui/window-fixture.h"

gboolean
pointer_available (void)
{
  g_autofree char *path = g_find_program_in_path ("xdotool");

  if (path == NULL)
    g_test_skip ("xdotool is not installed");
  return path != NULL;
}

static void
done_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *)user_data = TRUE;
}

static gboolean
is_true (gpointer flag)
{
  return *(gboolean *)flag;
}

/* Where a place of the picture is in the X window. */
static void
append_place (GPtrArray *words, LimnWindow *window, const char *place)
{
  GtkNative *native = GTK_NATIVE (window);
  GdkSurface *surface = gtk_native_get_surface (native);
  LimnCanvas *canvas = limn_window_get_canvas (window);
  char *end;
  double x = g_ascii_strtod (place, &end), y = g_ascii_strtod (end + 1, NULL);
  double offset_x, offset_y, wx, wy;

  limn_canvas_get_position (canvas, x, y, &wx, &wy);
  gtk_widget_translate_coordinates (GTK_WIDGET (canvas), GTK_WIDGET (window), wx, wy, &wx, &wy);
  gtk_native_get_surface_transform (native, &offset_x, &offset_y);
  g_ptr_array_add (words, g_strdup ("mousemove"));
  g_ptr_array_add (words, g_strdup ("--window"));
  g_ptr_array_add (words, g_strdup_printf ("%lu", gdk_x11_surface_get_xid (surface)));
  g_ptr_array_add (words, g_strdup_printf ("%d", (int)(wx + offset_x + 0.5)));
  g_ptr_array_add (words, g_strdup_printf ("%d", (int)(wy + offset_y + 0.5)));
  /* A frame, so that it is a movement of its own. */
  g_ptr_array_add (words, g_strdup ("sleep"));
  g_ptr_array_add (words, g_strdup ("0.03"));
}

void
pointer (LimnWindow *window, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  g_ptr_array_add (words, g_strdup ("xdotool"));
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '@')
      append_place (words, window, parts[i] + 1);
    else
      g_ptr_array_add (words, g_strdup (parts[i]));
  g_ptr_array_add (words, NULL);
  process = g_subprocess_newv ((const char *const *)words->pdata, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, done_cb, &done);
  wait_until (is_true, &done);
  iterate_for (80);
}
