/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Each tool in the real window, by its key and the pointer. What it does to a mask in detail is
 * test-tool.c's matter; here it counts that key, button, options and pointer reach it. Warnings are
 * fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>

#include "app/limn-document-mask.h"
#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"
#include "ui/limn-options-bar.h"

static LimnWindow *
new_workplace (void)
{
  LimnWindow *window = window_with_photo (400, 240);

  wait_until (is_drawn, limn_window_get_canvas (window));
  gtk_widget_grab_focus (GTK_WIDGET (limn_window_get_canvas (window)));
  iterate_for (200);
  return window;
}

static guint8
mask_at (LimnWindow *window, int x, int y)
{
  guint8 value;

  limn_tiles_read_rect (limn_document_get_mask (limn_window_get_document (window)),
                        &(LimnRect){ x, y, 1, 1 }, &value, 1);
  return value;
}

static gboolean
shows (LimnWindow *window, const char *name)
{
  return gtk_widget_get_visible (find_widget (GTK_WIDGET (window), GTK_TYPE_WIDGET, name));
}

/* The mask's bounds are @x, @y, @width, @height, give or take what a pixel of the screen is. */
static void
assert_bounds (LimnWindow *window, int x, int y, int width, int height)
{
  int slack = 3;
  LimnRect bounds;

  g_assert_true (limn_document_get_mask_bounds (limn_window_get_document (window), &bounds));
  g_assert_cmpint (ABS (bounds.x - x), <=, slack);
  g_assert_cmpint (ABS (bounds.y - y), <=, slack);
  g_assert_cmpint (ABS (bounds.width - width), <=, 2 * slack);
  g_assert_cmpint (ABS (bounds.height - height), <=, 2 * slack);
}

static void
assert_undo_to_nothing (LimnWindow *window)
{
  activate (window, "undo");
  g_assert_true (mask_is_empty (window));
  g_assert_false (enabled (window, "undo"));
}

static gboolean
has_mask (gpointer window)
{
  return !mask_is_empty (window);
}

static void
test_brush (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  g_object_set (limn_window_get_canvas (window), "brush-size", 40.0, "brush-hardness", 1.0, NULL);
  pointer (window, "key r");
  g_assert_false (shows (window, "size_scale"));
  pointer (window, "key b @60,120 mousedown 1 @200,120 @340,120 mouseup 1");
  g_assert_true (shows (window, "size_scale"));
  g_assert_false (shows (window, "mode_box"));
  assert_bounds (window, 40, 100, 320, 40);
  /* Held: the eraser. */
  pointer (window, "keydown x @200,60 mousedown 1 @200,120 @200,200 mouseup 1 keyup x");
  g_assert_cmpint (mask_at (window, 200, 120), ==, 0);
  g_assert_cmpint (mask_at (window, 100, 120), ==, 255);
  pointer (window, "key e @60,120 mousedown 1 @120,120 mouseup 1");
  g_assert_cmpint (mask_at (window, 100, 120), ==, 0);
  activate (window, "undo");
  activate (window, "undo");
  assert_bounds (window, 40, 100, 320, 40);
  assert_undo_to_nothing (window);
  destroy (window);
}

static void
test_rectangle (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key r @100,50 mousedown 1 @200,100 @300,200 mouseup 1");
  g_assert_true (shows (window, "mode_box"));
  assert_bounds (window, 100, 50, 200, 150);
  /* Ctrl takes away; Shift adds while "replace" is set. */
  pointer (window, "keydown ctrl @100,50 mousedown 1 @150,100 @200,210 mouseup 1 keyup ctrl");
  assert_bounds (window, 200, 50, 100, 150);
  activate (window, "undo");
  g_action_group_activate_action (G_ACTION_GROUP (window), "mask-mode",
                                  g_variant_new_string ("replace"));
  pointer (window, "keydown shift @20,50 mousedown 1 @50,60 @60,70 mouseup 1 keyup shift");
  assert_bounds (window, 20, 50, 280, 150);
  pointer (window, "@20,50 mousedown 1 @50,60 @60,70 mouseup 1");
  assert_bounds (window, 20, 50, 40, 20);
  for (int i = 0; i < 2; i++)
    activate (window, "undo");
  assert_undo_to_nothing (window);
  destroy (window);
}

/* Escape gives up what is being outlined; the rest of that movement does nothing. */
static void
test_escape (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key r @100,50 mousedown 1 @200,100 key Escape @300,200 mouseup 1");
  g_assert_true (mask_is_empty (window));
  pointer (window, "key b @100,50 mousedown 1 @200,100 key Escape @300,200 mouseup 1");
  g_assert_true (mask_is_empty (window));
  g_assert_false (enabled (window, "undo"));
  destroy (window);
}

/* Space in the middle moves the view; the area goes on where the pointer is then. */
static void
test_pan_within (void)
{
  LimnWindow *window;
  LimnCanvas *canvas;
  double before_x, before_y, after_x, after_y;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  canvas = limn_window_get_canvas (window);
  limn_canvas_zoom_to (canvas, 4);
  iterate_for (100);
  pointer (window, "key r @180,110 mousedown 1 @200,120");
  limn_canvas_get_position (canvas, 200, 120, &before_x, &before_y);
  /* The view follows the pointer: where that is, the picture stays the same. */
  pointer (window, "keydown space @190,110 @185,105 keyup space");
  limn_canvas_get_position (canvas, 200, 120, &after_x, &after_y);
  g_assert_cmpfloat (after_x, <, before_x - 30);
  g_assert_cmpfloat (after_y, <, before_y - 30);
  g_assert_true (mask_is_empty (window));
  pointer (window, "@220,140 mouseup 1");
  assert_bounds (window, 180, 110, 40, 30);
  assert_undo_to_nothing (window);
  destroy (window);
}

static void
test_ellipse (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key o @100,50 mousedown 1 @200,100 @300,200 mouseup 1");
  assert_bounds (window, 100, 50, 200, 150);
  g_assert_cmpint (mask_at (window, 105, 55), ==, 0);
  g_assert_cmpint (mask_at (window, 200, 125), ==, 255);
  assert_undo_to_nothing (window);
  destroy (window);
}

static void
test_lasso (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key l @100,50 mousedown 1 @300,50 @300,200 @100,200 mouseup 1");
  assert_bounds (window, 100, 50, 200, 150);
  g_assert_cmpint (mask_at (window, 105, 55), ==, 255);
  assert_undo_to_nothing (window);
  destroy (window);
}

static void
test_polygon (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  /* By a click on the first corner, */
  pointer (window, "key p @100,50 click 1 @300,50 click 1 @300,200 click 1 @100,50 click 1");
  assert_bounds (window, 100, 50, 200, 150);
  g_assert_cmpint (mask_at (window, 110, 190), ==, 0);
  assert_undo_to_nothing (window);
  /* by a double click, */
  pointer (window, "@100,50 click 1 @300,50 click 1 @300,200 click 1 click 1");
  assert_bounds (window, 100, 50, 200, 150);
  assert_undo_to_nothing (window);
  /* by Enter, with a corner taken back. */
  pointer (window, "@100,50 click 1 @300,50 click 1 @390,230 click 1 key BackSpace @300,200 click 1"
                   " key Return");
  assert_bounds (window, 100, 50, 200, 150);
  assert_undo_to_nothing (window);
  /* Escape, and another tool, give it up. */
  pointer (window, "@100,50 click 1 @300,50 click 1 key Escape @300,200 click 1 key r key p");
  pointer (window, "key Return");
  g_assert_true (mask_is_empty (window));
  destroy (window);
}

/* The photo is a sky over a meadow: a click on the one does not take the other. */
static void
test_wand (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  g_object_set (limn_canvas_get_options (limn_window_get_canvas (window)), "tolerance", 0.5, NULL);
  pointer (window, "key w");
  g_assert_true (shows (window, "tolerance_scale"));
  g_assert_true (shows (window, "contiguous_check"));
  pointer (window, "@200,20 click 1");
  wait_until (has_mask, window);
  g_assert_cmpint (mask_at (window, 200, 20), ==, 255);
  g_assert_cmpint (mask_at (window, 200, 235), ==, 0);
  assert_undo_to_nothing (window);
  destroy (window);
}

/* ---- The mask as a whole -----------------------------------------------------------------------
 */

static LimnWindow *waiting_window;
static int waiting_width;

static gboolean
has_width (gpointer data)
{
  LimnRect bounds = { 0 };

  limn_document_get_mask_bounds (limn_window_get_document (waiting_window), &bounds);
  return bounds.width == waiting_width;
}

static void
wait_for_width (LimnWindow *window, int width)
{
  waiting_window = window;
  waiting_width = width;
  wait_until (has_width, NULL);
}

/* Of what begins at (100, 100). */
static gboolean
has_soft_edge (gpointer window)
{
  int outside = mask_at (window, 97, 125), inside = mask_at (window, 102, 125);

  return outside > 20 && outside < inside && inside < 235;
}

static void
test_edges (void)
{
  LimnWindow *window = new_workplace ();
  LimnDocument *document = limn_window_get_document (window);
  GtkWidget *radius = find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, "mask_radius_scale");
  const LimnPoint area[] = { { 100, 100 }, { 200, 100 }, { 200, 150 }, { 100, 150 } };

  g_assert_false (enabled (window, "mask-grow"));
  g_assert_true (enabled (window, "mask-all"));
  limn_document_mask_polygon (document, area, 4, LIMN_MASK_ADD);
  gtk_range_set_value (GTK_RANGE (radius), 10);
  activate (window, "mask-grow");
  wait_for_width (window, 120);
  activate (window, "mask-shrink");
  wait_for_width (window, 100);
  activate (window, "mask-feather");
  wait_until (has_soft_edge, window);
  for (int i = 0; i < 3; i++)
    activate (window, "undo");
  wait_for_width (window, 100);

  activate (window, "mask-none");
  g_assert_true (mask_is_empty (window));
  g_assert_true (enabled (window, "mask-again"));
  activate (window, "mask-again");
  wait_for_width (window, 100);
  g_assert_false (enabled (window, "mask-again"));
  destroy (window);
}

static void
test_keys (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key ctrl+a");
  wait_for_width (window, 400);
  pointer (window, "key ctrl+i");
  wait_for_width (window, 0);
  pointer (window, "key ctrl+z key ctrl+shift+a");
  wait_for_width (window, 0);
  pointer (window, "key ctrl+shift+m");
  wait_for_width (window, 400);
  pointer (window, "key r @100,50 mousedown 1 @150,90 @200,100 mouseup 1");
  pointer (window, "key ctrl+shift+g");
  pointer (window, "key ctrl+shift+a @100,50 mousedown 1 @150,90 @200,100 mouseup 1");
  g_settings_set_int (limn_application_get_settings (application), "mask-radius", 20);
  pointer (window, "key ctrl+g");
  wait_for_width (window, 140);
  /* Hidden, and shown again by the next stroke. */
  pointer (window, "key m");
  {
    gboolean visible;

    g_object_get (limn_window_get_canvas (window), "mask-visible", &visible, NULL);
    g_assert_false (visible);
    pointer (window, "@100,50 mousedown 1 @150,90 @200,100 mouseup 1");
    g_object_get (limn_window_get_canvas (window), "mask-visible", &visible, NULL);
    g_assert_true (visible);
  }
  destroy (window);
}

static gboolean
file_exists (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
has_copied (gpointer window)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (window));

  return gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard),
                                            GDK_TYPE_TEXTURE);
}

static gboolean
says_details (gpointer window)
{
  return find_toast_button (window, "Details") != NULL;
}

/* Saved and loaded, copied and pasted: the same mask; a damaged file is said to be one and changes
 * nothing. */
static void
test_files (void)
{
  LimnWindow *window = new_workplace ();
  LimnDocument *document = limn_window_get_document (window);
  g_autofree char *path = g_build_filename (folder, "a mask.png", NULL);
  g_autofree char *bad_path = g_build_filename (folder, "no mask.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) bad = g_file_new_for_path (bad_path);
  const LimnPoint area[] = { { 100, 100 }, { 200.5, 100 }, { 200.5, 150 }, { 100, 150 } };

  g_assert_true (g_file_set_contents (bad_path, "no picture", -1, NULL));
  limn_window_load_mask (window, bad);
  wait_until (says_details, window);
  g_assert_true (mask_is_empty (window));

  limn_document_mask_polygon (document, area, 4, LIMN_MASK_ADD);
  limn_window_save_mask (window, file);
  wait_until (file_exists, path);
  activate (window, "mask-copy");
  wait_until (has_copied, window);

  activate (window, "mask-none");
  limn_window_load_mask (window, file);
  wait_for_width (window, 101);
  g_assert_cmpint (mask_at (window, 200, 120), ==, 128);
  activate (window, "undo");
  g_assert_true (mask_is_empty (window));
  activate (window, "mask-paste");
  wait_for_width (window, 101);
  g_assert_cmpint (mask_at (window, 200, 120), ==, 128);
  destroy (window);
}

static void
activate_tool (LimnWindow *window, const char *name)
{
  g_action_group_activate_action (G_ACTION_GROUP (window), "tool", g_variant_new_string (name));
}

/* Each button of the rail has a name and says its key. */
static void
test_rail (void)
{
  LimnWindow *window = new_window ();
  GtkWidget *rail = find_widget (GTK_WIDGET (window), GTK_TYPE_BOX, "rail");
  GtkWidget *button = gtk_widget_get_first_child (rail);

  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      g_autofree char *key = g_strdup_printf ("(%c)", g_ascii_toupper (tool->key[0]));

      if (tool->flags & LIMN_TOOL_IS_HELPER)
        continue;
      g_assert_true (GTK_IS_TOGGLE_BUTTON (button));
      g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (button), key));
      g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (button),
                                                       GTK_ACCESSIBLE_PROPERTY_LABEL));
      g_assert_true (
          gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                   gtk_button_get_icon_name (GTK_BUTTON (button))));
      button = gtk_widget_get_next_sibling (button);
    }
  destroy (window);
}

static void
assert_fits (LimnWindow *window, const char *tool, int width)
{
  int minimum;

  activate_tool (window, tool);
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  if (minimum > width)
    g_test_message ("%s needs %d of %d", tool, minimum, width);
  g_assert_cmpint (minimum, <=, width);
}

/* Each slider that is shown says what it is: by a word or a picture beside it, by its name, and by a
 * tooltip that has its value. */
static void
assert_sliders_say (LimnWindow *window)
{
  static const char *const sliders[] = { "size", "hardness", "tolerance" };

  for (gsize i = 0; i < G_N_ELEMENTS (sliders); i++)
    {
      g_autofree char *scale_name = g_strdup_printf ("%s_scale", sliders[i]);
      g_autofree char *label_name = g_strdup_printf ("%s_label", sliders[i]);
      g_autofree char *icon_name = g_strdup_printf ("%s_icon", sliders[i]);
      GtkWidget *bar = find_widget (GTK_WIDGET (window), LIMN_TYPE_OPTIONS_BAR, NULL);
      GtkWidget *scale = find_widget (bar, GTK_TYPE_SCALE, scale_name);
      GtkWidget *label = find_widget (bar, GTK_TYPE_LABEL, label_name);
      GtkWidget *icon = find_widget (bar, GTK_TYPE_IMAGE, icon_name);
      const char *tooltip = gtk_widget_get_tooltip_text (scale);

      g_assert_true (
          gtk_test_accessible_has_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL));
      g_assert_true (strchr (tooltip, '%') != NULL || strstr (tooltip, " px") != NULL);
      g_assert_true (
          gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                   gtk_image_get_icon_name (GTK_IMAGE (icon))));
      /* Where there is no room for a picture, the number says what it is. */
      if (i == 0 && gtk_widget_get_mapped (scale) && gtk_scale_get_draw_value (GTK_SCALE (scale))
          && gtk_widget_get_width (GTK_WIDGET (window)) < 1020)
        g_assert_false (gtk_widget_get_mapped (icon));
      else if (gtk_widget_get_mapped (scale))
        g_assert_true (gtk_widget_get_mapped (label) != gtk_widget_get_mapped (icon));
      else
        g_assert_false (gtk_widget_get_mapped (label) || gtk_widget_get_mapped (icon));
    }
}

/* The brush that stops at edges: its button shows it, and the next window begins without. */
static void
test_edges_mode (void)
{
  LimnWindow *window = window_with_photo (400, 300), *next;
  GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_TOGGLE_BUTTON, "edges_button");

  activate (window, "stop-at-edges");
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
  g_assert_true (gtk_widget_has_css_class (button, "mode"));
  /* It is the eraser's, too. */
  activate_tool (window, "eraser");
  g_assert_true (gtk_widget_get_visible (button));
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
  next = window_with_photo (400, 300);
  g_assert_false (limn_tool_options_get (limn_canvas_get_options (limn_window_get_canvas (next)))
                      ->stop_at_edges);
  destroy (next);
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
  destroy (window);
}

/* Whatever tool is taken, its options fit into the narrowest window of each layout. */
static void
test_fits (void)
{
  static const int widths[] = { 1030, 1010, 870, 610, 360 };
  /* So that a hand can drag it on into the next layout. */
  static const int least[] = { 1019, 865, 599, 599, 360 };
  LimnWindow *window = window_with_photo (400, 300);
  LimnToolOptions *options = limn_canvas_get_options (limn_window_get_canvas (window));

  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      activate_tool (window, "pan");
      gtk_window_set_default_size (GTK_WINDOW (window), widths[i], 640);
      iterate_for (500);
      for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
        for (int edges = 0; edges < 2; edges++)
          {
            g_object_set (options, "stop-at-edges", edges, "tolerance", 0.1 + 0.01 * (double)i, NULL);
            assert_fits (window, tool->name, least[i]);
            assert_sliders_say (window);
          }
    }
  g_object_set (options, "stop-at-edges", FALSE, NULL);
  destroy (window);
}

static gboolean
has_frame (gpointer window)
{
  return limn_canvas_get_frame (limn_window_get_canvas (window), NULL);
}

/* Corners that lie on the frame of what the model will see are corners all the same. */
static void
test_over_frame (void)
{
  LimnWindow *window;
  LimnRect frame;
  int edge;
  g_autofree char *words = NULL;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key b @60,120 mousedown 1 @80,120 mouseup 1");
  wait_until (has_frame, window);
  iterate_for (300);
  g_assert_true (limn_canvas_get_frame (limn_window_get_canvas (window), &frame));
  edge = frame.x + frame.width - 1;
  words = g_strdup_printf ("key p @%d,60 click 1 @%d,180 click 1 @%d,120 click 1 key Return", edge,
                           edge, edge - 100);
  pointer (window, words);
  iterate_for (300);
  g_assert_cmpint (mask_at (window, edge - 30, 120), ==, 255);
  g_assert_cmpint (mask_at (window, edge - 95, 70), ==, 0);
  destroy (window);
}

/* With the pointer on the middle of what the window shows. */
static void
point_and_click (LimnWindow *window, GtkWidget *widget)
{
  GdkSurface *surface = gtk_native_get_surface (gtk_widget_get_native (widget));
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_rect_t bounds;
  double x, y;
  g_autofree char *words = NULL;

  g_assert_true (gtk_widget_compute_bounds (widget, GTK_WIDGET (native), &bounds));
  gtk_native_get_surface_transform (native, &x, &y);
  words = g_strdup_printf ("mousemove --window %lu %d %d sleep 0.1 click 1",
                           gdk_x11_surface_get_xid (surface),
                           (int)(x + bounds.origin.x + bounds.size.width / 2),
                           (int)(y + bounds.origin.y + bounds.size.height / 2));
  pointer (window, words);
  iterate_for (600);
}

/* The row of a menu that says @text. */
static GtkWidget *
find_row (GtkWidget *widget, const char *text)
{
  char *label = NULL;

  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkModelButton") && gtk_widget_get_mapped (widget))
    {
      gboolean found;

      g_object_get (widget, "text", &label, NULL);
      found = g_strcmp0 (label, text) == 0;
      g_free (label);
      if (found)
        return widget;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* After a menu that was opened with the pointer the keys mean the picture again: Enter does not
 * open it once more. */
static void
test_after_menu (void)
{
  static const char *const names[] = { "mask_button", "run_menu_button", "menu_button" };
  LimnWindow *window;
  GtkMenuButton *button;
  GtkWidget *popover, *focus;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      button = GTK_MENU_BUTTON (find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, names[i]));
      popover = GTK_WIDGET (gtk_menu_button_get_popover (button));
      pointer (window, "key b @60,120 mousedown 1 @200,120 mouseup 1");
      /* Keys before do not count. */
      pointer (window, "key ctrl+l");
      point_and_click (window, GTK_WIDGET (button));
      g_assert_true (gtk_widget_get_mapped (popover));
      pointer (window, "key Escape");
      iterate_for (400);
      pointer (window, "key Return");
      iterate_for (400);
      g_assert_false (gtk_widget_get_mapped (popover));
      pointer (window, "key r");
      g_assert_cmpstr (limn_canvas_get_tool (limn_window_get_canvas (window)), ==, "rectangle");
    }
  /* A row of a menu within a menu. */
  button = GTK_MENU_BUTTON (
      find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "run_menu_button"));
  popover = GTK_WIDGET (gtk_menu_button_get_popover (button));
  pointer (window, "key ctrl+shift+a key ctrl+l");
  point_and_click (window, GTK_WIDGET (button));
  point_and_click (window, find_row (popover, "Enlarge the canvas to"));
  point_and_click (window, find_row (popover, "16:9"));
  wait_until (has_mask, window);
  g_assert_false (gtk_widget_get_mapped (popover));
  pointer (window, "key e");
  g_assert_cmpstr (limn_canvas_get_tool (limn_window_get_canvas (window)), ==, "eraser");
  /* Reached with Tab it keeps the focus, so that Tab goes on from there. */
  gtk_widget_grab_focus (GTK_WIDGET (button));
  pointer (window, "key space");
  iterate_for (600);
  g_assert_true (gtk_widget_get_mapped (popover));
  pointer (window, "key Escape");
  iterate_for (400);
  focus = gtk_window_get_focus (GTK_WINDOW (window));
  g_assert_true (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (button)));
  g_assert_false (gtk_widget_is_ancestor (focus, popover));
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/tools/rail", test_rail);
  g_test_add_func ("/ui/tools/fits", test_fits);
  g_test_add_func ("/ui/tools/edges-mode", test_edges_mode);
  g_test_add_func ("/ui/tools/brush", test_brush);
  g_test_add_func ("/ui/tools/rectangle", test_rectangle);
  g_test_add_func ("/ui/tools/escape", test_escape);
  g_test_add_func ("/ui/tools/pan-within", test_pan_within);
  g_test_add_func ("/ui/tools/ellipse", test_ellipse);
  g_test_add_func ("/ui/tools/lasso", test_lasso);
  g_test_add_func ("/ui/tools/polygon", test_polygon);
  g_test_add_func ("/ui/tools/wand", test_wand);
  g_test_add_func ("/ui/tools/edges", test_edges);
  g_test_add_func ("/ui/tools/keys", test_keys);
  g_test_add_func ("/ui/tools/files", test_files);
  g_test_add_func ("/ui/tools/over-frame", test_over_frame);
  g_test_add_func ("/ui/tools/after-menu", test_after_menu);
  return fixture_run ();
}
