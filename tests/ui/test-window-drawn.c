/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models that are told by drawing, in the real window: boxes with labels and maps of labels, by
 * pointer and keys, up to the picture and back from the history. Screenshots are left in
 * LIMN_ARTEFACTS. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#include "app/limn-document-drawn.h"
#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"
#include "tests/unit/task-testing.h"
#include "ui/limn-drawn-bar.h"
#include "ui/limn-label-picker.h"
#include "ui/limn-new-popover.h"

static const char box_names[] = "person\nbicycle\ncar\nmotorcycle\nairplane\nbus\ntrain\ntruck\n"
                                "boat\nbench\nbird\ncat\ndog\nhorse\nsheep\ncow\ntree\nhouse\n";
static const char label_names[] = "sky\ngrass\ntree\nsea\nsand\nmountain\nroad\nriver\nsnow\n"
                                  "building\ncloud\nrock\n";

/* Models of random numbers, in a folder of their own: what they make is noise. */
static void
make_models (const char *models)
{
  g_autofree char *layout = g_build_filename (models, "layout", NULL);
  g_autofree char *semantic = g_build_filename (models, "semantic", NULL);
  static const char *const files[] = { "model.safetensors", "config.yaml" };
  g_autofree char *names = g_build_filename (layout, "categories.txt", NULL);
  g_autofree char *labels = g_build_filename (semantic, "categories.txt", NULL);
  LimnModel *joined;

  g_mkdir_with_parents (layout, 0700);
  g_mkdir_with_parents (semantic, 0700);
  joined = task_join_models (layout, "K3-layout/model.safetensors", "K2-semantic/model.safetensors",
                             NULL);
  limn_model_unref (joined);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures",
                                                     "K2-semantic", files[i], NULL);
      g_autofree char *to = g_build_filename (semantic, files[i], NULL);
      g_autofree char *content = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (from, &content, &n, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize)n, NULL));
    }
  g_assert_true (g_file_set_contents (names, box_names, -1, NULL));
  g_assert_true (g_file_set_contents (labels, label_names, -1, NULL));
}

static void
choose_model (LimnWindow *window, const char *id)
{
  g_assert_true (limn_settings_panel_select_model (limn_window_get_settings_panel (window), id));
  iterate_for (50);
}

static void
shoot (const char *name)
{
  const char *artefacts = g_getenv ("LIMN_ARTEFACTS");
  g_autofree char *path = NULL, *program = g_find_program_in_path ("import");
  const char *words[] = { "import", "-window", "root", NULL, NULL };

  if (artefacts == NULL || program == NULL)
    return;
  g_mkdir_with_parents (artefacts, 0755);
  path = g_strdup_printf ("%s/%s.png", artefacts, name);
  words[3] = path;
  iterate_for (400);
  g_spawn_sync (NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
}

static void
focus_canvas (LimnWindow *window)
{
  wait_until (is_drawn, limn_window_get_canvas (window));
  gtk_widget_grab_focus (GTK_WIDGET (limn_window_get_canvas (window)));
  iterate_for (200);
}

/* With time for a frame or two of a slow machine. */
static void
act (LimnWindow *window, const char *words)
{
  pointer (window, words);
  iterate_for (300);
}

/* Without a window manager nobody else gives a second window the keys. */
static void
focus_window (LimnWindow *window)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));
  g_autofree char *words = g_strdup_printf ("windowfocus %lu", gdk_x11_surface_get_xid (surface));

  pointer (window, words);
  iterate_for (200);
}

/* By Shift+Ctrl+N and Enter, with the sides that are typed. */
static void
new_picture (LimnWindow *window, const char *side)
{
  GtkWidget *popover = find_widget (GTK_WIDGET (window), LIMN_TYPE_NEW_POPOVER, NULL);
  g_autofree char *words = g_strdup_printf ("key ctrl+a type %s", side);

  focus_window (window);
  act (window, "key ctrl+shift+n");
  shoot ("drawn-new-picture");
  g_assert_true (gtk_widget_get_visible (popover));
  act (window, words);
  act (window, "key Tab");
  act (window, words);
  act (window, "key Return");
  wait_until (has_document, window);
  focus_canvas (window);
}

/* In the dark and in the narrowest window: all of it fits. */
static void
check_narrow (LimnWindow *window, const char *name)
{
  static const int widths[] = { 850, 590, 360 };
  int minimum;

  g_settings_set_string (limn_application_get_settings (application), "style", "dark");
  /* As a hand would drag the edge: each layout lets go of the next. */
  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      gtk_window_set_default_size (GTK_WINDOW (window), widths[i], 640);
      iterate_for (700);
    }
  shoot (name);
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 360);
  g_settings_reset (limn_application_get_settings (application), "style");
  gtk_window_set_default_size (GTK_WINDOW (window), 1180, 800);
  iterate_for (500);
  focus_canvas (window);
}

static LimnBoxes *
boxes_of (LimnWindow *window)
{
  return limn_document_get_boxes (limn_window_get_document (window));
}

static const LimnBox *
box_of (LimnWindow *window, guint i)
{
  g_assert_cmpuint (limn_boxes_get_count (boxes_of (window)), >, i);
  return limn_boxes_get (boxes_of (window), i);
}

static gboolean
is_tool_shown (LimnWindow *window, const char *name)
{
  GtkWidget *rail = find_widget (GTK_WIDGET (window), GTK_TYPE_BOX, "rail");

  for (GtkWidget *child = gtk_widget_get_first_child (rail); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GVariant *target = GTK_IS_ACTIONABLE (child)
                             ? gtk_actionable_get_action_target_value (GTK_ACTIONABLE (child))
                             : NULL;

      if (target != NULL && g_strcmp0 (g_variant_get_string (target, NULL), name) == 0)
        return gtk_widget_get_visible (child);
    }
  g_assert_not_reached ();
}

static const char *
tool_of (LimnWindow *window)
{
  return limn_canvas_get_tool (limn_window_get_canvas (window));
}

/* Tools are there while the model wants them, and their keys mean nothing otherwise; those of the mask are
 * there with any, but not taken with it. */
static void
test_offered (void)
{
  LimnWindow *window = window_with_photo (320, 200);

  focus_canvas (window);
  choose_model (window, "limn-inpaint");
  g_assert_false (is_tool_shown (window, "boxes"));
  g_assert_false (is_tool_shown (window, "labels"));
  g_assert_true (is_tool_shown (window, "lasso"));
  act (window, "key l key d");
  g_assert_cmpstr (tool_of (window), ==, "lasso");
  choose_model (window, "layout");
  g_assert_true (is_tool_shown (window, "boxes"));
  g_assert_false (is_tool_shown (window, "labels"));
  g_assert_true (is_tool_shown (window, "lasso"));
  g_assert_cmpstr (tool_of (window), ==, "boxes");
  choose_model (window, "semantic");
  g_assert_true (is_tool_shown (window, "label-fill"));
  g_assert_cmpstr (tool_of (window), ==, "labels");
  act (window, "key h");
  g_assert_cmpstr (tool_of (window), ==, "pan");
  choose_model (window, "limn-inpaint");
  g_assert_cmpstr (tool_of (window), ==, "pan");
  destroy (window);
}

static gboolean
says_mask (gpointer window)
{
  GtkWidget *label = find_widget (window, GTK_TYPE_LABEL, "status_label");

  return gtk_widget_get_visible (label)
         && strstr (gtk_label_get_text (GTK_LABEL (label)), "the mask") != NULL;
}

static gboolean
has_result (gpointer window)
{
  return limn_window_get_job (window) == NULL
         && limn_document_get_result_pending (limn_window_get_document (window));
}

/* What is marked has no part in what such a model makes, which is said; and it can be removed. */
static void
test_mask (void)
{
  LimnWindow *window = window_with_photo (320, 200);

  focus_canvas (window);
  choose_model (window, "layout");
  g_assert_false (says_mask (window));
  act (window, "key l @100,60 mousedown 1 @140,60 @140,100 @100,100 mouseup 1");
  g_assert_cmpstr (tool_of (window), ==, "lasso");
  g_assert_false (mask_is_empty (window));
  g_assert_true (says_mask (window));
  g_assert_true (enabled (window, "remove"));
  choose_model (window, "limn-inpaint");
  g_assert_false (says_mask (window));
  choose_model (window, "layout");
  g_assert_true (says_mask (window));
  activate (window, "remove");
  wait_until (has_result, window);
  g_assert_false (says_mask (window));
  activate (window, "keep");
  g_assert_true (mask_is_empty (window));
  g_assert_false (says_mask (window));
  destroy (window);
}

/* From nothing to a picture: two boxes, by pointer and by keys. */
static void
test_boxes (void)
{
  LimnWindow *window = new_window ();
  LimnHistory *history = limn_application_get_history (application, NULL);
  g_autoptr (LimnBoxes) drawn = NULL;
  g_autoptr (LimnGeneration) row = NULL;
  g_autofree char *kind = NULL, *prompt = NULL;
  LimnDocument *document;
  double width;

  choose_model (window, "layout");
  g_assert_false (enabled (window, "generate"));
  new_picture (window, "256");
  document = limn_window_get_document (window);
  g_assert_cmpint (limn_document_get_width (document), ==, 256);
  g_assert_false (enabled (window, "generate"));
  g_assert_cmpstr (tool_of (window), ==, "boxes");

  /* Its label is asked for at once. */
  act (window, "@40,60 mousedown 1 @80,120 @140,200 mouseup 1");
  g_assert_cmpuint (limn_boxes_get_count (boxes_of (window)), ==, 1);
  g_assert_cmpstr (box_of (window, 0)->label, ==, "");
  g_assert_false (enabled (window, "generate"));
  act (window, "type DO");
  shoot ("drawn-box-label");
  act (window, "key Return");
  g_assert_cmpstr (box_of (window, 0)->label, ==, "dog");
  g_assert_cmpfloat_with_epsilon (box_of (window, 0)->x * 256, 40, 2);
  g_assert_cmpfloat_with_epsilon (box_of (window, 0)->height * 256, 140, 3);
  g_assert_true (enabled (window, "generate"));

  act (window, "key ctrl+shift+n");
  g_assert_true (
      gtk_widget_get_visible (find_widget (GTK_WIDGET (window), LIMN_TYPE_NEW_POPOVER, NULL)));
  act (window, "key Escape");
  focus_canvas (window);

  /* Another one without the pointer; Escape leaves the label that the last one had. */
  act (window, "key Insert");
  act (window, "key Escape");
  g_assert_cmpuint (limn_boxes_get_count (boxes_of (window)), ==, 2);
  g_assert_cmpstr (box_of (window, 1)->label, ==, "dog");
  width = box_of (window, 1)->width;
  act (window, "key Right key Right key Up key shift+Right");
  g_assert_cmpfloat (box_of (window, 1)->width, >, width);
  act (window, "key Return");
  act (window, "type tree");
  act (window, "key Return");
  g_assert_cmpstr (box_of (window, 1)->label, ==, "tree");
  /* Tab goes through them; a handle resizes. */
  act (window, "key shift+Tab");
  g_assert_cmpuint (limn_canvas_get_selected_box (limn_window_get_canvas (window)), ==, 1);
  act (window, "@120,180 @140,200 mousedown 1 @150,205 @160,210 mouseup 1");
  g_assert_cmpfloat_with_epsilon (box_of (window, 0)->width * 256, 120, 3);
  shoot ("drawn-boxes");
  drawn = limn_boxes_ref (boxes_of (window));
  check_narrow (window, "drawn-boxes-narrow");

  act (window, "key Delete");
  g_assert_cmpuint (limn_boxes_get_count (boxes_of (window)), ==, 1);
  activate (window, "undo");
  g_assert_true (limn_boxes_equal (boxes_of (window), drawn));

  act (window, "key ctrl+Return");
  wait_until (is_idle, window);
  g_assert_true (limn_window_get_document (window) == document);
  g_assert_true (limn_document_get_result_pending (document));
  g_assert_true (limn_boxes_equal (boxes_of (window), drawn));
  shoot ("drawn-boxes-result");
  row = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_object_get (row, "kind", &kind, "prompt", &prompt, NULL);
  g_assert_cmpstr (kind, ==, "generate-boxes");
  g_assert_cmpstr (prompt, ==, "dog, tree");
  activate (window, "discard");
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_true (limn_boxes_equal (boxes_of (window), drawn));

  /* "Use again" on another day. */
  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
  activate (window, "history-use");
  g_assert_true (limn_window_get_document (window) != document);
  g_assert_true (limn_boxes_equal (boxes_of (window), drawn));
  destroy (window);
}

static guint8
label_at (LimnWindow *window, double x, double y)
{
  return limn_document_get_label (limn_window_get_document (window), x, y);
}

/* What every pixel of a photo's picture is to show. */
static void
test_labels (void)
{
  LimnWindow *window = window_with_photo (1200, 800);
  LimnHistory *history = limn_application_get_history (application, NULL);
  LimnDocument *document = limn_window_get_document (window);
  g_autoptr (LimnGeneration) row = NULL;
  g_autofree char *kind = NULL;
  GtkWidget *button;

  focus_canvas (window);
  choose_model (window, "semantic");
  g_assert_false (enabled (window, "generate"));
  g_assert_cmpstr (tool_of (window), ==, "labels");
  g_object_set (limn_window_get_canvas (window), "brush-size", 160.0, NULL);
  /* The whole sky, then the meadow with another label. */
  act (window, "key f");
  act (window, "@600,100 click 1");
  g_assert_cmpint (label_at (window, 5, 5), ==, 1);
  act (window, "key u");
  button = find_widget (find_widget (GTK_WIDGET (window), LIMN_TYPE_DRAWN_BAR, NULL),
                        GTK_TYPE_MENU_BUTTON, "label_button");
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  act (window, "type GRA");
  shoot ("drawn-label-palette");
  act (window, "key Return");
  g_assert_cmpint (limn_canvas_get_label (limn_window_get_canvas (window)), ==, 2);
  act (window, "@0,600 mousedown 1 @300,620 @600,600 @900,620 @1199,600 mouseup 1");
  g_assert_cmpint (label_at (window, 600, 600), ==, 2);
  g_assert_cmpint (label_at (window, 600, 400), ==, 1);
  act (window, "key f");
  act (window, "@600,750 click 1");
  g_assert_cmpint (label_at (window, 1190, 790), ==, 2);
  g_assert_cmpint (label_at (window, 1190, 10), ==, 1);
  /* The eyedropper, then another stroke with what it took up. */
  act (window, "key k");
  act (window, "@600,100 click 1");
  g_assert_cmpint (limn_canvas_get_label (limn_window_get_canvas (window)), ==, 1);
  act (window, "key u");
  act (window, "@200,720 mousedown 1 @210,720 mouseup 1");
  g_assert_cmpint (label_at (window, 200, 720), ==, 1);
  /* With Ctrl the brush is one, too. */
  act (window, "@600,640 keydown ctrl click 1 keyup ctrl");
  g_assert_cmpint (limn_canvas_get_label (limn_window_get_canvas (window)), ==, 2);
  activate (window, "undo");
  g_assert_cmpint (label_at (window, 200, 720), ==, 2);
  activate (window, "redo");
  shoot ("drawn-labels");
  check_narrow (window, "drawn-labels-narrow");

  act (window, "key ctrl+Return");
  wait_until (is_idle, window);
  g_assert_true (limn_document_get_result_pending (document));
  /* At the model's size and in the photo's shape. */
  g_assert_cmpint (limn_document_get_width (document), <, 300);
  g_assert_cmpfloat_with_epsilon (
      (double)limn_document_get_width (document) / limn_document_get_height (document), 1.5, 0.1);
  shoot ("drawn-labels-result");
  row = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_object_get (row, "kind", &kind, NULL);
  g_assert_cmpstr (kind, ==, "generate-labels");
  /* Again: the first one makes room, and the map is what it was. */
  activate (window, "generate");
  wait_until (is_idle, window);
  activate (window, "discard");
  g_assert_cmpint (limn_document_get_width (document), ==, 1200);
  g_assert_cmpint (label_at (window, 200, 720), ==, 1);
  g_assert_cmpint (label_at (window, 1190, 790), ==, 2);

  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
  activate (window, "history-use");
  document = limn_window_get_document (window);
  g_assert_cmpint (limn_document_get_width (document), <, 300);
  g_assert_cmpint (label_at (window, limn_document_get_width (document) / 6.0,
                             limn_document_get_height (document) * 0.9),
                   ==, 1);
  g_assert_cmpint (label_at (window, limn_document_get_width (document) / 2.0,
                             limn_document_get_height (document) * 0.9),
                   ==, 2);
  destroy (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *models = g_dir_make_tmp ("limn-models-XXXXXX", NULL);
  g_autofree char *builtin = NULL, *link = g_build_filename (models, "limn-inpaint", NULL);

  g_setenv ("LIMN_MODELS_DIR", models, TRUE);
  fixture_init (&argc, &argv);
  if (!pointer_available ())
    return 77;
  make_models (models);
  builtin = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "models", "limn-inpaint", NULL);
  g_assert_cmpint (symlink (builtin, link), ==, 0);
  limn_library_scan (limn_application_get_library (application));
  g_test_add_func ("/ui/drawn/offered", test_offered);
  g_test_add_func ("/ui/drawn/mask", test_mask);
  g_test_add_func ("/ui/drawn/boxes", test_boxes);
  g_test_add_func ("/ui/drawn/labels", test_labels);
  return fixture_run ();
}
