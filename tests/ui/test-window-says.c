/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the window says and where, on a real display: toasts, layouts, the button's word, the rim,
 * the menu. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>

#include "tests/ui/window-fixture.h"

static gboolean
has_details_toast (gpointer window)
{
  return find_toast_button (window, "Details") != NULL;
}

/* ---- Toasts -----------------------------------------------------------------------------------
 */

/* What the toast that is shown says. */
static const char *
toast_text (LimnWindow *window)
{
  GtkWidget *overlay = find_widget (GTK_WIDGET (window), ADW_TYPE_TOAST_OVERLAY, NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (overlay); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (g_str_equal (G_OBJECT_TYPE_NAME (child), "AdwToastWidget"))
      return gtk_label_get_text (GTK_LABEL (find_widget (child, GTK_TYPE_LABEL, NULL)));
  return "";
}

/* Which file could not be saved, and why, is seen without asking. */
static void
test_not_saved (void)
{
  LimnWindow *window = window_with_photo (60, 50);
  g_autoptr (GFile) file = g_file_new_for_path ("/nonexistent/folder/out.png");

  limn_window_save_to (window, file);
  wait_until (has_details_toast, window);
  g_assert_nonnull (strstr (toast_text (window), "“out.png”"));
  g_assert_nonnull (strstr (toast_text (window), ": the folder does not exist"));
  destroy (window);
}

/* A copy of a photo whose folder is gone, or may only be read, is not to be saved there. */
static void
test_save_folder (void)
{
  g_autofree char *gone = g_build_filename (folder, "gone", NULL);
  g_autofree char *path = g_build_filename (gone, "photo.png", NULL);
  g_autoptr (GFile) photo = g_file_new_for_path (path), home = g_file_new_for_path (g_get_home_dir ());
  g_autoptr (GFile) kept = g_file_new_for_path (folder);
  GListModel *windows = gtk_window_get_toplevels ();

  for (int there = 0; there < 2; there++)
    {
      g_autofree char *beside = g_build_filename (folder, "beside.png", NULL);
      g_autoptr (GFile) file = there ? g_file_new_for_path (beside) : g_object_ref (photo);
      g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (60, 50, 3), file, NULL);
      g_autoptr (GFile) chosen = NULL;
      LimnWindow *window = new_window ();

      limn_window_set_document (window, document);
      activate (window, "save-as");
      iterate_for (500);
      for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
        {
          g_autoptr (GObject) top = g_list_model_get_item (windows, i);

          if (GTK_IS_FILE_CHOOSER (top) && gtk_widget_get_mapped (GTK_WIDGET (top)))
            chosen = gtk_file_chooser_get_current_folder (GTK_FILE_CHOOSER (top));
        }
      g_assert_nonnull (chosen);
      g_assert_true (g_file_equal (chosen, there ? kept : home));
      destroy (window);
    }
}

static void
test_details (void)
{
  LimnWindow *window = new_window ();
  g_autofree char *path = g_build_filename (folder, "no picture.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GdkContentProvider *content;
  GtkWidget *dialog;
  g_autofree char *said = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "words", -1, NULL));
  limn_window_open_file (window, file);
  wait_until (has_details_toast, window);
  said = g_strdup (toast_text (window));
  g_assert_nonnull (strstr (said, "“no picture.png” is not a picture"));
  click_toast (find_toast_button (window, "Details"));
  iterate_for (200);
  dialog = find_dialog ();
  g_assert_nonnull (dialog);
  /* Not modal: the window goes on. */
  g_assert_false (gtk_window_get_modal (GTK_WINDOW (dialog)));
  g_assert_nonnull (
      strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "no picture.png"));

  /* Said once. */
  g_assert_cmpstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), ==, said);

  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "copy");
  content = gdk_clipboard_get_content (gtk_widget_get_clipboard (GTK_WIDGET (window)));
  g_assert_nonnull (content);
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (content, &value, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (g_value_get_string (&value), "no picture.png"));
  iterate_for (100);
  destroy (window);
}

static LimnWindow *
window_with_result (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  g_autoptr (LimnPatch) patch = new_patch (40, 40, 60, 50);

  limn_document_apply_patch (limn_window_get_document (window), patch, "Fill", NULL);
  g_assert_true (limn_document_get_result_pending (limn_window_get_document (window)));
  return window;
}

/* Undo in the toast brings the result back; when something else was done since, the toast is gone.
 */
static void
test_discard_toast (void)
{
  LimnWindow *window = window_with_result ();
  LimnDocument *document = limn_window_get_document (window);

  activate (window, "discard");
  g_assert_false (limn_document_get_result_pending (document));
  wait_until (has_undo_toast, window);
  click_toast (find_toast_button (window, "Undo"));
  g_assert_true (limn_document_get_result_pending (document));
  wait_until (has_no_undo_toast, window);

  /* Discarded as a step of its own, as the mask was painted on since. */
  limn_document_mask_fill (document);
  g_assert_true (limn_document_get_result_pending (document));
  activate (window, "discard");
  g_assert_false (limn_document_get_result_pending (document));
  wait_until (has_undo_toast, window);
  click_toast (find_toast_button (window, "Undo"));
  g_assert_true (limn_document_get_result_pending (document));
  g_assert_false (mask_is_empty (window));
  wait_until (has_no_undo_toast, window);

  activate (window, "discard");
  wait_until (has_undo_toast, window);
  activate (window, "mask-none");
  wait_until (has_no_undo_toast, window);
  activate (window, "undo-discard");
  g_assert_false (limn_document_get_result_pending (document));
  destroy (window);
}

/* It goes by itself, also when Discard was pressed with the mouse, after which the focus wanders.
 */
static void
test_toast_ends (void)
{
  LimnWindow *window = window_with_result ();
  GtkWidget *discard;

  iterate_for (200);
  discard = find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "discard_button");
  gtk_widget_grab_focus (discard);
  click (discard);
  wait_until (has_undo_toast, window);
  iterate_for (300);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window))
                 == GTK_WIDGET (limn_window_get_canvas (window)));
  wait_until (has_no_undo_toast, window);
  destroy (window);
}

/* ---- Layout -----------------------------------------------------------------------------------
 */

static graphene_rect_t
bounds_of (GtkWidget *widget, LimnWindow *window)
{
  graphene_rect_t bounds;

  g_assert_nonnull (widget);
  g_assert_true (gtk_widget_compute_bounds (widget, GTK_WIDGET (window), &bounds));
  return bounds;
}

static GtkWidget *
find_toast (LimnWindow *window)
{
  GtkWidget *overlay = find_widget (GTK_WIDGET (window), ADW_TYPE_TOAST_OVERLAY, NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (overlay); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (g_str_equal (G_OBJECT_TYPE_NAME (child), "AdwToastWidget"))
      return child;
  return NULL;
}

typedef struct
{
  LimnWindow *window;
  int width, height;
  guint n_asked;
} Resize;

/* Asks again and again, as a hand that drags the edge does: each layout lets go of the next. */
static gboolean
is_narrow_enough (gpointer data)
{
  Resize *resize = data;

  if (gtk_widget_get_width (GTK_WIDGET (resize->window)) <= resize->width)
    return TRUE;
  /* Of the same size twice GTK would take no notice. */
  gtk_window_set_default_size (GTK_WINDOW (resize->window),
                               resize->width - (int)(resize->n_asked++ % 2), resize->height);
  iterate_for (60);
  return FALSE;
}

static void
resize (LimnWindow *window, int width, int height)
{
  static const int steps[] = { 990, 850, 590, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Resize step = { window, MAX (steps[i], width), height, 0 };

      gtk_window_set_default_size (GTK_WINDOW (window), step.width, height);
      iterate_for (200);
      wait_until (is_narrow_enough, &step);
    }
  iterate_for (400);
}

/* A toast lies over neither the result's bar nor what stands under the picture. */
static void
test_toasts_cover_nothing (void)
{
  static const int sizes[][2] = { { 360, 640 }, { 1000, 700 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      LimnWindow *window = window_with_result ();
      graphene_rect_t toast, bars, result;

      resize (window, sizes[i][0], sizes[i][1]);
      activate (window, "copy");
      iterate_for (600);
      toast = bounds_of (find_toast (window), window);
      bars = bounds_of (find_widget (GTK_WIDGET (window), GTK_TYPE_BOX, "editor_bars"), window);
      result = bounds_of (find_widget (GTK_WIDGET (window), GTK_TYPE_BOX, "result_bar"), window);
      g_assert_cmpfloat (toast.origin.y + toast.size.height, <=, bars.origin.y);
      g_assert_cmpfloat (toast.origin.y + toast.size.height, <=, result.origin.y);
      destroy (window);
    }
}

/* At 360 x 640 what one needs is there to be pressed, within the window. */
static void
test_narrow_buttons (void)
{
  static const char *const names[]
      = { "open_button",  "undo_button", "redo_button",    "save_button",
          "panel_button", "menu_button", "upscale_button", "run_button" };
  static const int widths[] = { 360, 1100, 360 };
  LimnWindow *window = window_with_photo (400, 300);

  for (gsize k = 0; k < G_N_ELEMENTS (widths); k++)
    {
      float last = -1;

      resize (window, widths[k], 640);
      for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
        {
          GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_WIDGET, names[i]);
          graphene_rect_t bounds = bounds_of (button, window);

          g_test_message ("%d: %s at %.0f,%.0f, %.0f wide", widths[k], names[i], bounds.origin.x,
                          bounds.origin.y, bounds.size.width);
          g_assert_true (gtk_widget_get_mapped (button));
          g_assert_cmpfloat (bounds.origin.x, >=, 0);
          g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=,
                             gtk_widget_get_width (GTK_WIDGET (window)));
          /* The header in its order, also after it was narrow. */
          if (i < (widths[k] > 600 ? 6 : 3))
            g_assert_cmpfloat (bounds.origin.x, >, last);
          last = bounds.origin.x;
        }
    }
  /* The panel's button works from down there. */
  activate (window, "panel");
  iterate_for (500);
  g_assert_true (
      gtk_widget_get_mapped (find_widget (GTK_WIDGET (window), LIMN_TYPE_SETTINGS_PANEL, NULL)));
  destroy (window);
}

/* All tools are there to be pressed in a low window, too. */
static void
test_low_rail (void)
{
  LimnWindow *window = window_with_photo (400, 300);
  GtkWidget *scroller = find_widget (GTK_WIDGET (window), GTK_TYPE_SCROLLED_WINDOW, "rail_scroller");
  graphene_rect_t shown, last;

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  iterate_for (600);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (window)), <=, 600);
  shown = bounds_of (scroller, window);
  last = bounds_of (find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "upscale_button"), window);
  g_assert_cmpfloat (last.origin.y + last.size.height, <=, shown.origin.y + shown.size.height);
  destroy (window);
}

/* Sliders of one column begin and end together. */
static void
test_settings_align (void)
{
  static const char *const names[] = { "guidance_scale", "strength_scale" };
  LimnWindow *window = window_with_photo (400, 300);
  graphene_rect_t first;

  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 800);
  iterate_for (500);
  first = bounds_of (find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, "steps_scale"), window);
  g_assert_cmpfloat (first.size.width, >, 100);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GtkWidget *scale = find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, names[i]);
      graphene_rect_t bounds = bounds_of (scale, window);
      GdkRectangle range, first_range;

      gtk_range_get_range_rect (GTK_RANGE (scale), &range);
      gtk_range_get_range_rect (
          GTK_RANGE (find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, "steps_scale")),
          &first_range);
      g_assert_cmpfloat (bounds.origin.x, ==, first.origin.x);
      g_assert_cmpfloat (bounds.size.width, ==, first.size.width);
      g_assert_cmpint (range.x, ==, first_range.x);
      g_assert_cmpint (range.width, ==, first_range.width);
    }
  destroy (window);
}

/* ---- What will happen -------------------------------------------------------------------------
 */

static const char *wanted_verb;

static gboolean
has_wanted_verb (gpointer window)
{
  return g_str_equal (limn_prompt_bar_get_verb (limn_window_get_prompt_bar (window)), wanted_verb);
}

static void
test_verb (void)
{
  LimnWindow *window;
  LimnPromptBar *bar;
  GtkWidget *button, *scale;
  int width;

  if (model_is_missing ())
    return;
  window = window_with_photo (300, 200);
  bar = limn_window_get_prompt_bar (window);
  button = find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "run_button");
  scale = find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, "strength_scale");
  paint (window, 50, 50, 120, 60, 12);
  iterate_for (100);
  width = gtk_widget_get_width (button);
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Remove");
  limn_prompt_bar_set_prompts (bar, "a red door", NULL);
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Fill");
  iterate_for (100);
  g_assert_cmpint (gtk_widget_get_width (button), ==, width);
  gtk_range_set_value (GTK_RANGE (scale), 0.5);
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Refine");
  gtk_range_set_value (GTK_RANGE (scale), 1);
  activate (window, "mask-all");
  wanted_verb = "Generate";
  wait_until (has_wanted_verb, window);
  activate (window, "undo");
  wanted_verb = "Fill";
  wait_until (has_wanted_verb, window);
  limn_prompt_bar_set_prompts (bar, "  ", NULL);
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Remove");
  destroy (window);
}

static gboolean
has_rim (gpointer window)
{
  return limn_canvas_has_rim (limn_window_get_canvas (window));
}

static gboolean
has_no_rim (gpointer window)
{
  return !has_rim (window);
}

static void
test_rim (void)
{
  LimnWindow *window;

  if (model_is_missing ())
    return;
  window = window_with_photo (600, 400);
  g_assert_false (has_rim (window));
  paint (window, 250, 200, 350, 200, 30);
  wait_until (has_rim, window);
  iterate_for (200);
  activate (window, "undo");
  wait_until (has_no_rim, window);
  destroy (window);
}

static GMenuModel *
upscale_menu (LimnWindow *window)
{
  GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "upscale_button");

  return gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (button));
}

/* The text of item @i of the menu's first section (transfer full). */
static char *
menu_text (LimnWindow *window, int i)
{
  g_autoptr (GMenuModel) section
      = g_menu_model_get_item_link (upscale_menu (window), 0, G_MENU_LINK_SECTION);
  char *text = NULL;

  g_assert_true (g_menu_model_get_item_attribute (section, i, "label", "s", &text));
  return text;
}

/* How large the picture will be, and how long that takes once it is known, before it is asked for.
 */
static void
test_upscale_menu (void)
{
  LimnWindow *window;
  g_autofree char *before = NULL;
  g_autofree char *twice = NULL;
  g_autofree char *four = NULL;
  g_autofree char *huge = NULL;

  if (limn_library_find (limn_application_get_library (application), LIMN_CAN_UPSCALE) == NULL)
    {
      g_test_skip ("no model that can upscale is installed");
      return;
    }
  window = window_with_photo (40, 32);
  before = menu_text (window, 1);
  g_assert_nonnull (strstr (before, "160 × 128"));
  g_action_group_activate_action (G_ACTION_GROUP (window), "upscale", g_variant_new_int32 (2));
  wait_until (is_idle, window);
  activate (window, "undo");
  twice = menu_text (window, 0);
  four = menu_text (window, 1);
  g_assert_nonnull (strstr (twice, "80 × 64"));
  g_assert_nonnull (strstr (twice, "about"));
  g_assert_nonnull (strstr (four, "about"));

  {
    g_autoptr (LimnDocument) large
        = limn_document_new (limn_tiles_new (30000, 4000, 3), NULL, NULL);

    limn_window_set_document (window, large);
    huge = menu_text (window, 1);
    g_assert_nonnull (strstr (huge, "too large"));
  }
  destroy (window);
}

/* Every model that can upscale is to be chosen, by its name; each makes what it says. */
static void
test_upscale_models (void)
{
  GListModel *library = G_LIST_MODEL (limn_application_get_library (application));
  LimnWindow *window = window_with_photo (40, 32);
  LimnDocument *document = limn_window_get_document (window);
  int n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (library); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (library, i);
      g_autofree char *name = NULL;
      const LimnModelInfo *info = limn_model_entry_get_info (entry);

      if (info == NULL || (info->capabilities & LIMN_CAN_UPSCALE) == 0)
        continue;
      g_assert_true (
          g_menu_model_get_item_attribute (upscale_menu (window), n++, "label", "s", &name));
      g_assert_cmpstr (name, ==, info->name);
      g_action_group_activate_action (G_ACTION_GROUP (window), "upscale-with",
                                      g_variant_new ("(si)", limn_model_entry_get_id (entry), 2));
      g_assert_nonnull (limn_window_get_job (window));
      wait_until (is_idle, window);
      g_assert_cmpint (limn_document_get_width (document), ==, 80);
      activate (window, "undo");
    }
  g_assert_cmpint (n, ==, g_menu_model_get_n_items (upscale_menu (window)));
  g_action_group_activate_action (G_ACTION_GROUP (window), "upscale-with",
                                  g_variant_new ("(si)", "no-such-model", 2));
  g_assert_null (limn_window_get_job (window));
  destroy (window);
}

/* Where the toast that is shown will lie, in the canvas' coordinates. */
static gboolean
get_toast (LimnWindow *window, graphene_rect_t *bounds)
{
  GtkWidget *overlay = find_widget (GTK_WIDGET (window), ADW_TYPE_TOAST_OVERLAY, NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (overlay); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (g_str_equal (G_OBJECT_TYPE_NAME (child), "AdwToastWidget"))
      return gtk_widget_compute_bounds (child, GTK_WIDGET (limn_window_get_canvas (window)), bounds);
  return FALSE;
}

static gboolean
has_badge (gpointer window)
{
  graphene_rect_t badge;

  return limn_canvas_get_badge (limn_window_get_canvas (window), &badge);
}

static gboolean
has_toast (gpointer window)
{
  graphene_rect_t toast;

  return get_toast (window, &toast);
}

static gboolean
has_no_toast (gpointer window)
{
  graphene_rect_t toast;

  return !get_toast (window, &toast);
}

/* What the frame says is not under a toast, wherever the frame ends; and goes back when it is gone. */
static void
test_badge_and_toast (void)
{
  static const int heights[] = { 400, 900, 1500 };

  for (gsize i = 0; i < G_N_ELEMENTS (heights); i++)
    {
      LimnWindow *window = window_with_photo (900, heights[i]);
      LimnCanvas *canvas = limn_window_get_canvas (window);
      graphene_rect_t before, badge, toast, after;

      wait_until (is_drawn, canvas);
      paint (window, 300, heights[i] / 2, 700, heights[i] / 2, heights[i] / 3);
      wait_until (has_badge, window);
      iterate_for (300);
      g_assert_true (limn_canvas_get_badge (canvas, &before));
      g_assert_cmpfloat (before.origin.y + before.size.height, <=,
                         gtk_widget_get_height (GTK_WIDGET (canvas)));
      activate (window, "copy");
      wait_until (has_toast, window);
      iterate_for (700);
      g_assert_true (get_toast (window, &toast));
      g_assert_true (limn_canvas_get_badge (canvas, &badge));
      g_assert_false (graphene_rect_intersection (&badge, &toast, NULL));
      g_assert_cmpfloat (badge.origin.y, >=, 0);
      if (i == 0)
        {
          wait_until (has_no_toast, window);
          g_assert_true (limn_canvas_get_badge (canvas, &after));
          g_assert_true (graphene_rect_equal (&before, &after));
        }
      destroy (window);
    }
}

/* Nor when the toast moves down while it is there, as it does when the bar of a result goes. */
static void
test_badge_and_moved_toast (void)
{
  LimnWindow *window = window_with_photo (900, 900);
  LimnCanvas *canvas = limn_window_get_canvas (window);
  g_autoptr (LimnPatch) patch = new_patch (40, 40, 60, 50);
  graphene_rect_t badge, toast;

  wait_until (is_drawn, canvas);
  limn_document_apply_patch (limn_window_get_document (window), patch, "Fill", NULL);
  activate (window, "copy");
  wait_until (has_toast, window);
  iterate_for (500);
  activate (window, "keep");
  paint (window, 400, 720, 500, 720, 40);
  wait_until (has_badge, window);
  for (int height = 800; height >= 500; height -= 25)
    {
      gtk_window_set_default_size (GTK_WINDOW (window), 1000, height);
      iterate_for (100);
      if (!get_toast (window, &toast))
        {
          activate (window, "copy");
          wait_until (has_toast, window);
          iterate_for (500);
          g_assert_true (get_toast (window, &toast));
        }
      g_assert_true (limn_canvas_get_badge (canvas, &badge));
      g_assert_false (graphene_rect_intersection (&badge, &toast, NULL));
      g_assert_cmpfloat (badge.origin.y, >=, 0);
    }
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/says/toast/details", test_details);
  g_test_add_func ("/ui/says/toast/not-saved", test_not_saved);
  g_test_add_func ("/ui/says/save-folder", test_save_folder);
  g_test_add_func ("/ui/says/toast/discard", test_discard_toast);
  g_test_add_func ("/ui/says/toast/ends", test_toast_ends);
  g_test_add_func ("/ui/says/toast/covers-nothing", test_toasts_cover_nothing);
  g_test_add_func ("/ui/says/toast/badge", test_badge_and_toast);
  g_test_add_func ("/ui/says/toast/badge-and-moved", test_badge_and_moved_toast);
  g_test_add_func ("/ui/says/layout/narrow", test_narrow_buttons);
  g_test_add_func ("/ui/says/layout/low-rail", test_low_rail);
  g_test_add_func ("/ui/says/layout/sliders", test_settings_align);
  g_test_add_func ("/ui/says/verb", test_verb);
  g_test_add_func ("/ui/says/rim", test_rim);
  g_test_add_func ("/ui/says/upscale-menu", test_upscale_menu);
  g_test_add_func ("/ui/says/upscale-models", test_upscale_models);
  return fixture_run ();
}
