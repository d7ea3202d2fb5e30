/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "tests/ui/window-fixture.h"

#include <adwaita.h>
#include <glib/gstdio.h>

/* Longest wait for anything, seconds: a slow machine under a sanitizer is not a failure. */
#define PATIENCE 150

LimnApplication *application;
char *folder;

void
wait_until (Condition condition, gpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE * G_USEC_PER_SEC;

  while (!condition (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (2000);
    }
}

gboolean
is_drawn (gpointer data)
{
  return gtk_widget_get_width (data) > 0;
}

gboolean
has_document (gpointer data)
{
  return limn_window_get_document (data) != NULL;
}

gboolean
is_idle (gpointer data)
{
  return limn_window_get_job (data) == NULL;
}

gboolean
is_on_generation_page (gpointer data)
{
  return g_str_equal (limn_window_get_page (data), "generation");
}

gboolean
is_zero (gpointer data)
{
  return *(gint *)data == 0;
}

void
iterate_for (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

LimnWindow *
new_window (void)
{
  LimnWindow *window = limn_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  wait_until (is_drawn, window);
  return window;
}

/* Closes without questions, and sees that nothing keeps the window alive. */
void
destroy (LimnWindow *window)
{
  gpointer weak = window;

  g_object_add_weak_pointer (G_OBJECT (window), &weak);
  gtk_window_destroy (GTK_WINDOW (window));
  for (int i = 0; i < 600 && weak != NULL; i++)
    iterate_for (5);
  g_assert_null (weak);
}

void
activate (LimnWindow *window, const char *action)
{
  g_assert_true (g_action_group_has_action (G_ACTION_GROUP (window), action));
  g_action_group_activate_action (G_ACTION_GROUP (window), action, NULL);
}

gboolean
enabled (LimnWindow *window, const char *action)
{
  g_assert_true (g_action_group_has_action (G_ACTION_GROUP (window), action));
  return g_action_group_get_action_enabled (G_ACTION_GROUP (window), action);
}

/* A sky over a meadow, so that the default model has something to do (transfer full). */
GFile *
write_photo (const char *name, int width, int height)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GFile *file = g_file_new_for_path (path);
  g_autoptr (LimnImage) image = limn_image_new (width, height, 3, NULL);
  g_autoptr (GError) error = NULL;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *p = limn_image_row (image, y) + 3 * x;
        gboolean sky = y < height / 2;

        p[0] = sky ? 120 + y * 60 / height : 40 + (x * 7 + y * 3) % 30;
        p[1] = sky ? 170 + y * 40 / height : 120 + (x * 5 + y) % 40;
        p[2] = sky ? 230 : 40;
      }
  limn_image_file_write (image, file, 90, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return file;
}

LimnWindow *
window_with_photo (int width, int height)
{
  LimnWindow *window = new_window ();
  g_autoptr (GFile) file = write_photo ("photo.png", width, height);

  limn_window_open_file (window, file);
  wait_until (has_document, window);
  return window;
}

/* As the brush does it. */
void
paint (LimnWindow *window, double x0, double y0, double x1, double y1, double radius)
{
  LimnCanvas *canvas = limn_window_get_canvas (window);
  LimnToolContext context
      = { .document = limn_window_get_document (window), .radius = radius, .hardness = 1 };
  const LimnTool *tool = limn_tool_lookup ("brush");
  LimnToolPoint a = { .x = x0, .y = y0, .pressure = 1 }, b = { .x = x1, .y = y1, .pressure = 1 };

  g_signal_emit_by_name (canvas, "stroke-begin");
  limn_tool_press (tool, &context, &a);
  limn_tool_move (tool, &context, &b);
  limn_tool_release (tool, &context);
  /* On a slow machine frames would have to do the rest first. */
  limn_document_end_stroke (context.document);
  g_signal_emit_by_name (canvas, "mask-painted");
}

gboolean
mask_is_empty (LimnWindow *window)
{
  return !limn_document_get_mask_bounds (limn_window_get_document (window), NULL);
}

gboolean
model_is_missing (void)
{
  if (limn_library_find (limn_application_get_library (application), LIMN_CAN_INPAINT) != NULL)
    return FALSE;
  g_test_skip ("no model that can fill is installed");
  return TRUE;
}

GtkWidget *
find_widget (GtkWidget *widget, GType type, const char *name)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type)
      && (name == NULL
          || g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)), name) == 0))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
find_dialog (void)
{
  GtkWidget *found = NULL;

  for (GList *l = gtk_window_list_toplevels (); l != NULL; l = g_list_delete_link (l, l))
    if (ADW_IS_MESSAGE_DIALOG (l->data) && gtk_widget_get_visible (l->data))
      found = l->data;
  return found;
}

LimnPatch *
new_patch (int x, int y, int width, int height)
{
  LimnPatch *patch = g_new0 (LimnPatch, 1);

  patch->rect = (LimnRect){ x, y, width, height };
  patch->pixels = limn_image_new (width, height, 3, NULL);
  patch->alpha = limn_image_new (width, height, 1, NULL);
  memset (patch->alpha->pixels, 255, patch->alpha->stride * height);
  return patch;
}

/* The label of the button of the toast that is shown, or NULL. */
GtkWidget *
find_toast_button (LimnWindow *window, const char *label)
{
  GtkWidget *overlay = find_widget (GTK_WIDGET (window), ADW_TYPE_TOAST_OVERLAY, NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (overlay); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *button = g_str_equal (G_OBJECT_TYPE_NAME (child), "AdwToastWidget")
                              ? find_widget (child, GTK_TYPE_BUTTON, NULL)
                              : NULL;

      if (button != NULL && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), label) == 0
          && gtk_widget_get_visible (button))
        return button;
    }
  return NULL;
}

gboolean
has_undo_toast (gpointer window)
{
  return find_toast_button (window, "Undo") != NULL;
}

gboolean
has_no_undo_toast (gpointer window)
{
  return find_toast_button (window, "Undo") == NULL;
}

void
click (GtkWidget *button)
{
  g_assert_true (GTK_IS_BUTTON (button));
  g_signal_emit_by_name (button, "clicked");
}

void
click_toast (GtkWidget *button)
{
  iterate_for (500);
  click (button);
}

void
fixture_init (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  gtk_test_init (argc, argv, NULL);
  folder = g_dir_make_tmp ("limn-ui-XXXXXX", NULL);
  application = limn_application_new (NULL, G_APPLICATION_NON_UNIQUE, &error);
  g_assert_no_error (error);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  /* Windows come and go in the tests, the program stays. */
  g_application_hold (G_APPLICATION (application));
}

int
fixture_run (void)
{
  int status = g_test_run ();

  g_application_release (G_APPLICATION (application));
  g_object_unref (application);
  g_free (folder);
  return status;
}
