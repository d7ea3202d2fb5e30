/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The window on a real display (with-display.sh), worked by its actions. Warnings are fatal.
 */
#include "config.h"

#include <glib/gstdio.h>

#include "tests/ui/window-fixture.h"
#include "ui/limn-preferences.h"

static void
test_empty (void)
{
  LimnWindow *window = new_window ();
  static const char *const off[]
      = { "undo", "redo",    "save",   "save-as", "copy",     "generate",
          "keep", "discard", "cancel", "upscale", "mask-all", "previous-picture" };

  g_assert_cmpstr (limn_window_get_page (window), ==, "empty");
  g_assert_true (limn_window_is_empty (window));
  for (gsize i = 0; i < G_N_ELEMENTS (off); i++)
    g_assert_false (enabled (window, off[i]));
  g_assert_true (enabled (window, "open"));
  destroy (window);
}

static void
test_open (void)
{
  LimnWindow *window = window_with_photo (333, 217);
  LimnDocument *document = limn_window_get_document (window);

  g_assert_cmpstr (limn_window_get_page (window), ==, "editor");
  g_assert_cmpint (limn_document_get_width (document), ==, 333);
  g_assert_nonnull (strstr (gtk_window_get_title (GTK_WINDOW (window)), "photo.png"));
  g_assert_true (enabled (window, "save"));
  g_assert_false (enabled (window, "generate"));
  iterate_for (100);
  destroy (window);
}

static void
test_open_broken (void)
{
  LimnWindow *window = new_window ();
  g_autofree char *path = g_build_filename (folder, "a <b> & c.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  /* A name that would be broken markup, too. */
  g_assert_true (g_file_set_contents (path, "this is no picture", -1, NULL));
  limn_window_open_file (window, file);
  iterate_for (600);
  g_assert_cmpstr (limn_window_get_page (window), ==, "empty");
  g_assert_null (limn_window_get_document (window));
  destroy (window);
}

static void
test_sizes (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 3, 2000 }, { 60000, 10 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      LimnWindow *window = window_with_photo (sizes[i][0], sizes[i][1]);

      activate (window, "mask-all");
      activate (window, "zoom-200");
      iterate_for (100);
      activate (window, "zoom-fit");
      iterate_for (100);
      g_assert_false (mask_is_empty (window));
      destroy (window);
    }
}

static void
test_mask_and_undo (void)
{
  LimnWindow *window = window_with_photo (300, 200);

  paint (window, 50, 50, 120, 60, 12);
  g_assert_false (mask_is_empty (window));
  g_assert_true (enabled (window, "generate"));
  g_assert_true (enabled (window, "undo"));
  activate (window, "undo");
  g_assert_true (mask_is_empty (window));
  g_assert_false (enabled (window, "generate"));
  g_assert_false (enabled (window, "undo"));
  activate (window, "redo");
  g_assert_false (mask_is_empty (window));
  activate (window, "mask-none");
  g_assert_true (mask_is_empty (window));
  activate (window, "mask-invert");
  g_assert_false (mask_is_empty (window));
  iterate_for (400);
  destroy (window);
}

static void
test_tools_and_zoom (void)
{
  LimnWindow *window = window_with_photo (800, 600);
  LimnCanvas *canvas = limn_window_get_canvas (window);
  double before, after;

  g_action_group_activate_action (G_ACTION_GROUP (window), "tool", g_variant_new_string ("eraser"));
  g_assert_cmpstr (limn_canvas_get_tool (canvas), ==, "eraser");
  g_object_get (canvas, "brush-size", &before, NULL);
  activate (window, "brush-larger");
  g_object_get (canvas, "brush-size", &after, NULL);
  g_assert_cmpfloat (after, >, before);
  activate (window, "brush-smaller");
  g_object_get (canvas, "brush-size", &after, NULL);
  g_assert_cmpfloat_with_epsilon (after, before, 2);
  activate (window, "zoom-100");
  g_assert_cmpfloat (limn_canvas_get_zoom (canvas), ==, 1);
  activate (window, "zoom-in");
  g_assert_cmpfloat (limn_canvas_get_zoom (canvas), >, 1);
  activate (window, "zoom-fit");
  g_assert_cmpfloat (limn_canvas_get_zoom (canvas), <=, 1);
  destroy (window);
}

/* Opening another picture keeps what is unsaved. */
static void
test_previous_picture (void)
{
  LimnWindow *window = window_with_photo (64, 48);
  g_autoptr (LimnDocument) first = g_object_ref (limn_window_get_document (window));
  g_autoptr (LimnDocument) second = limn_document_new (limn_tiles_new (10, 10, 3), NULL, NULL);

  limn_document_replace_image (first, limn_tiles_new (128, 96, 3), "Test", NULL);
  limn_document_keep_result (first);
  g_assert_true (limn_document_get_modified (first));
  limn_window_set_document (window, second);
  g_assert_true (limn_window_get_document (window) == second);
  g_assert_true (enabled (window, "previous-picture"));
  activate (window, "previous-picture");
  g_assert_true (limn_window_get_document (window) == first);
  g_assert_false (enabled (window, "previous-picture"));
  destroy (window);
}

static LimnDocument *document_before;

static gboolean
has_other_document (gpointer window)
{
  return limn_window_get_document (window) != document_before;
}

static gboolean
has_mask (gpointer window)
{
  return !mask_is_empty (window);
}

static guint
count_windows (void)
{
  return g_list_length (gtk_application_get_windows (GTK_APPLICATION (application)));
}

/* A picture that is dropped is opened, a mask of the one that is shown becomes its mask; of several each
 * has a window. */
static void
test_drop (void)
{
  LimnWindow *window = window_with_photo (64, 48);
  g_autoptr (LimnImage) image = limn_image_new (64, 48, 3, NULL);
  g_autofree char *path = g_build_filename (folder, "some-mask.png", NULL);
  g_autoptr (GFile) mask = g_file_new_for_path (path);
  g_autoptr (GFile) photo = write_photo ("dropped.png", 50, 40);
  g_autoptr (GFile) other = write_photo ("other.png", 30, 20);
  GSList first = { mask, NULL }, third = { other, NULL }, second = { photo, &third };
  guint n = count_windows ();
  LimnRect bounds;

  for (int y = 10; y < 20; y++)
    memset (limn_image_row (image, y) + 3 * 5, 255, 3 * 8);
  g_assert_true (limn_image_file_write (image, mask, 90, NULL, NULL, NULL, NULL));
  document_before = limn_window_get_document (window);
  limn_window_drop_files (window, &first);
  wait_until (has_mask, window);
  g_assert_true (limn_window_get_document (window) == document_before);
  g_assert_true (limn_document_get_mask_bounds (document_before, &bounds));
  g_assert_cmpmem (&bounds, sizeof bounds, (&(LimnRect){ 5, 10, 8, 10 }), sizeof bounds);
  /* As a picture after all. */
  click_toast (find_toast_button (window, "Open instead"));
  wait_until (has_other_document, window);
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 64);

  document_before = limn_window_get_document (window);
  limn_window_drop_files (window, &second);
  wait_until (has_other_document, window);
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 50);
  g_assert_cmpuint (count_windows (), ==, n + 1);
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (application)); l != NULL; l = l->next)
    if (l->data != window && LIMN_IS_WINDOW (l->data))
      {
        LimnWindow *another = l->data;

        wait_until (has_document, another);
        g_assert_cmpint (limn_document_get_width (limn_window_get_document (another)), ==, 30);
        destroy (another);
        break;
      }
  destroy (window);
}

static void
test_save (void)
{
  static const char *const names[] = { "out.png", "out.jpg" };
  LimnWindow *window = window_with_photo (70, 50);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (LimnImage) image = NULL;

      limn_window_save_to (window, file);
      for (int k = 0; k < 1000 && !g_file_test (path, G_FILE_TEST_EXISTS); k++)
        iterate_for (5);
      iterate_for (50);
      image = limn_image_file_read (file, NULL, NULL, NULL);
      g_assert_nonnull (image);
      g_assert_cmpint (image->width, ==, 70);
    }
  /* A folder that is not there: told in a toast, nothing lost. */
  {
    g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent/folder/out.png");

    limn_window_save_to (window, nowhere);
    iterate_for (300);
    g_assert_nonnull (limn_window_get_document (window));
  }
  destroy (window);
}

static void
count_cb (gint *count)
{
  (*count)++;
}

/* The whole way: paint, say, fill, compare, keep, save, find again, use again. */
static void
test_fill (void)
{
  LimnWindow *window;
  LimnDocument *document;
  LimnHistory *history = limn_application_get_history (application, NULL);
  g_autoptr (LimnGeneration) generation = NULL;
  g_autofree char *prompt = NULL;
  gint previews = 0;
  guint rows;
  guint64 seed;

  if (model_is_missing ())
    return;
  window = window_with_photo (200, 160);
  document = limn_window_get_document (window);
  rows = g_list_model_get_n_items (G_LIST_MODEL (history));
  paint (window, 80, 60, 120, 70, 14);
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "a white cloud", NULL);
  activate (window, "generate");
  g_assert_nonnull (limn_window_get_job (window));
  g_assert_false (enabled (window, "generate"));
  g_assert_true (enabled (window, "cancel"));
  g_signal_connect_swapped (limn_window_get_job (window), "preview", G_CALLBACK (count_cb),
                            &previews);
  seed = limn_settings_panel_get_seed (limn_window_get_settings_panel (window));
  /* The person goes on painting meanwhile. */
  iterate_for (50);
  paint (window, 20, 140, 40, 140, 6);
  wait_until (is_idle, window);

  g_assert_true (limn_document_get_result_pending (document));
  g_assert_cmpint (previews, >, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, rows + 1);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "compare",
                                      g_variant_new_boolean (TRUE));
  g_assert_true (limn_canvas_get_compare (limn_window_get_canvas (window)));
  iterate_for (400);
  activate (window, "discard");
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_false (limn_canvas_get_compare (limn_window_get_canvas (window)));

  generation = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_object_get (generation, "prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "a white cloud");
  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
  iterate_for (200);
  activate (window, "history-use");
  while (limn_window_get_document (window) == document)
    iterate_for (10);
  g_assert_cmpstr (limn_window_get_page (window), ==, "editor");
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 200);
  g_assert_false (mask_is_empty (window));
  g_assert_cmpuint (limn_settings_panel_get_seed (limn_window_get_settings_panel (window)), ==,
                    seed);
  destroy (window);
}

static void
test_keep_takes_the_mask (void)
{
  LimnWindow *window;
  LimnDocument *document;

  if (model_is_missing ())
    return;
  window = window_with_photo (200, 160);
  document = limn_window_get_document (window);
  paint (window, 80, 60, 120, 70, 14);
  activate (window, "generate");
  wait_until (is_idle, window);
  g_assert_true (limn_document_get_result_pending (document));
  activate (window, "keep");
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_true (mask_is_empty (window));
  g_assert_true (limn_document_get_modified (document));
  destroy (window);
}

static void
test_cancel (void)
{
  LimnWindow *window;
  gint64 start;

  if (model_is_missing ())
    return;
  window = window_with_photo (400, 300);
  paint (window, 150, 100, 250, 200, 30);
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "a white cloud", NULL);
  activate (window, "generate");
  iterate_for (150);
  start = g_get_monotonic_time ();
  activate (window, "cancel");
  wait_until (is_idle, window);
  g_test_message ("cancelled within %.0f ms", (g_get_monotonic_time () - start) / 1000.0);
  g_assert_false (limn_document_get_result_pending (limn_window_get_document (window)));
  g_assert_false (limn_document_get_modified (limn_window_get_document (window)));
  g_assert_true (enabled (window, "generate"));
  destroy (window);
}

static void
test_upscale (void)
{
  LimnWindow *window;
  LimnDocument *document;

  if (limn_library_find (limn_application_get_library (application), LIMN_CAN_UPSCALE) == NULL)
    {
      g_test_skip ("no model that can upscale is installed");
      return;
    }
  window = window_with_photo (40, 32);
  document = limn_window_get_document (window);
  g_action_group_activate_action (G_ACTION_GROUP (window), "upscale", g_variant_new_int32 (2));
  g_assert_nonnull (limn_window_get_job (window));
  wait_until (is_idle, window);
  g_assert_cmpint (limn_document_get_width (document), ==, 80);
  g_assert_cmpint (limn_document_get_height (document), ==, 64);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "compare",
                                      g_variant_new_boolean (TRUE));
  iterate_for (300);
  activate (window, "undo");
  g_assert_cmpint (limn_document_get_width (document), ==, 40);
  destroy (window);
}

/* A window that is closed while its job runs goes away, and the program with it. */
static void
test_close_while_running (void)
{
  LimnWindow *window;

  if (model_is_missing ())
    return;
  window = window_with_photo (400, 300);
  paint (window, 150, 100, 250, 200, 30);
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "a white cloud", NULL);
  activate (window, "generate");
  iterate_for (100);
  destroy (window);
}

static void
assert_named (GtkWidget *widget, guint *n_checked)
{
  gboolean is_button = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget);

  if (is_button && gtk_widget_get_visible (widget))
    {
      const char *tooltip = gtk_widget_get_tooltip_text (widget);
      const char *label
          = GTK_IS_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget)) : NULL;
      GtkWidget *child = GTK_IS_BUTTON (widget) ? gtk_button_get_child (GTK_BUTTON (widget)) : NULL;
      /* The inner button of a menu button or of the window's own controls is named by its owner. */
      GtkWidget *parent = gtk_widget_get_parent (widget);
      gboolean inner = GTK_IS_MENU_BUTTON (parent) || GTK_IS_WINDOW_CONTROLS (parent)
                       || ADW_IS_SPLIT_BUTTON (parent)
                       || g_str_has_prefix (G_OBJECT_TYPE_NAME (widget), "Adw");

      if (!inner && label == NULL && tooltip == NULL && !GTK_IS_LABEL (child)
          && !gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget),
                                                GTK_ACCESSIBLE_PROPERTY_LABEL))
        g_error ("a %s in a %s has no name", G_OBJECT_TYPE_NAME (widget),
                 G_OBJECT_TYPE_NAME (parent));
      (*n_checked)++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (!GTK_IS_INFO_BAR (widget))
      assert_named (child, n_checked);
}

static void
test_accessible (void)
{
  LimnWindow *window = window_with_photo (240, 180);
  LimnCanvas *canvas = limn_window_get_canvas (window);
  g_autofree char *wrong = NULL;
  guint n_checked = 0;

  wait_until (is_drawn, canvas);
  iterate_for (50);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_ROLE_IMG);
  g_assert_true (
      gtk_test_accessible_has_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_LABEL));
  wrong = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "240 by 180 pixels, zoom 100 %");
  g_assert_cmpstr (wrong, ==, NULL);
  assert_named (GTK_WIDGET (window), &n_checked);
  g_assert_cmpuint (n_checked, >, 15);
  destroy (window);
}

static void
test_narrow (void)
{
  static const int widths[] = { 1100, 990, 850, 590, 360 };
  LimnWindow *window = window_with_photo (400, 300);
  int minimum;

  /* As a hand would drag the edge: each layout lets go of the next. */
  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      gtk_window_set_default_size (GTK_WINDOW (window), widths[i], 640);
      iterate_for (700);
      /* Without a window manager a border of some pixels is part of the window. */
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), <=, widths[i]);
    }
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 360);
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_VERTICAL, 360, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 640);
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 800);
  iterate_for (400);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window)), >, 1100);
  destroy (window);
}

/* Other windows of the program come up without a warning, light and dark. */
static void
test_other_windows (void)
{
  LimnWindow *window = new_window ();
  GtkWidget *preferences
      = limn_preferences_show (GTK_WINDOW (window), limn_application_get_settings (application));
  static const char *const styles[] = { "dark", "light", "system" };

  for (gsize i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      g_settings_set_string (limn_application_get_settings (application), "style", styles[i]);
      iterate_for (60);
    }
  gtk_window_destroy (GTK_WINDOW (preferences));
  g_action_group_activate_action (G_ACTION_GROUP (window), "show-help-overlay", NULL);
  g_action_group_activate_action (G_ACTION_GROUP (application), "about", NULL);
  iterate_for (300);
  for (GList *l = gtk_window_list_toplevels (), *next; l != NULL; l = next)
    {
      next = l->next;
      if (l->data != window)
        gtk_window_destroy (l->data);
      l = g_list_delete_link (l, l);
    }
  iterate_for (100);
  destroy (window);
}

/* Unsaved work: a question, and with Cancel the window stays. */
static void
test_asks_before_closing (void)
{
  LimnWindow *window = window_with_photo (64, 48);
  gint open = 1;

  limn_document_replace_image (limn_window_get_document (window), limn_tiles_new (32, 24, 3),
                               "Test", NULL);
  gtk_window_close (GTK_WINDOW (window));
  iterate_for (200);
  for (GList *l = gtk_window_list_toplevels (); l != NULL; l = g_list_delete_link (l, l))
    if (ADW_IS_MESSAGE_DIALOG (l->data))
      {
        adw_message_dialog_response (l->data, "cancel");
        open = 0;
      }
  wait_until (is_zero, &open);
  iterate_for (100);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/window/empty", test_empty);
  g_test_add_func ("/ui/window/open", test_open);
  g_test_add_func ("/ui/window/open-broken", test_open_broken);
  g_test_add_func ("/ui/window/sizes", test_sizes);
  g_test_add_func ("/ui/window/mask-and-undo", test_mask_and_undo);
  g_test_add_func ("/ui/window/tools-and-zoom", test_tools_and_zoom);
  g_test_add_func ("/ui/window/previous-picture", test_previous_picture);
  g_test_add_func ("/ui/window/drop", test_drop);
  g_test_add_func ("/ui/window/save", test_save);
  g_test_add_func ("/ui/window/accessible", test_accessible);
  g_test_add_func ("/ui/window/narrow", test_narrow);
  g_test_add_func ("/ui/window/other-windows", test_other_windows);
  g_test_add_func ("/ui/window/asks-before-closing", test_asks_before_closing);
  g_test_add_func ("/ui/window/fill", test_fill);
  g_test_add_func ("/ui/window/keep-takes-the-mask", test_keep_takes_the_mask);
  g_test_add_func ("/ui/window/cancel", test_cancel);
  g_test_add_func ("/ui/window/upscale", test_upscale);
  g_test_add_func ("/ui/window/close-while-running", test_close_while_running);
  return fixture_run ();
}
