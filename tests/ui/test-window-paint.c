/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Paint in the real window, by keys and the pointer: from a stroke to a sketch that a model has
 * rendered. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <math.h>

#include "app/limn-document-paint.h"
#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"

#define WIDTH 400
#define HEIGHT 240

static LimnWindow *
new_workplace (void)
{
  LimnWindow *window = window_with_photo (WIDTH, HEIGHT);
  LimnCanvas *canvas = limn_window_get_canvas (window);

  wait_until (is_drawn, canvas);
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  g_object_set (canvas, "brush-size", 40.0, "brush-hardness", 1.0, NULL);
  iterate_for (200);
  return window;
}

static LimnToolOptions *
get_options (LimnWindow *window)
{
  return limn_canvas_get_options (limn_window_get_canvas (window));
}

static guint32
pixel_at (LimnWindow *window, int x, int y)
{
  guint8 p[4];

  limn_tiles_read_rect (limn_document_get_image (limn_window_get_document (window)),
                        &(LimnRect){ x, y, 1, 1 }, p, 4);
  return (guint32)p[0] << 16 | (guint32)p[1] << 8 | p[2];
}

static guint32
colour_of (LimnWindow *window)
{
  const GdkRGBA *colour = &limn_tool_options_get (get_options (window))->colour;

  return (guint32)rint (colour->red * 255) << 16 | (guint32)rint (colour->green * 255) << 8
         | (guint32)rint (colour->blue * 255);
}

/* The colour that is set is that of the pixel, give or take what a pixel of the screen is. */
static void
assert_taken (LimnWindow *window, int x, int y)
{
  guint32 colour = colour_of (window), pixel = pixel_at (window, x, y);

  for (int shift = 0; shift < 24; shift += 8)
    g_assert_cmpint (ABS ((int)(colour >> shift & 255) - (int)(pixel >> shift & 255)), <=, 45);
}

static void
set_colour (LimnWindow *window, const char *text)
{
  GdkRGBA colour;

  g_assert_true (gdk_rgba_parse (&colour, text));
  g_object_set (get_options (window), "colour", &colour, NULL);
}

static LimnImage *
picture (LimnWindow *window)
{
  return limn_tiles_to_image (limn_document_get_image (limn_window_get_document (window)), NULL);
}

static gboolean
same (const LimnImage *a, const LimnImage *b)
{
  g_autofree char *first = limn_image_hash (a), *second = limn_image_hash (b);

  return g_str_equal (first, second);
}

/* Paint, less of it by the key that is held and by the switch; the mask is another matter. */
static void
test_strokes (void)
{
  LimnWindow *window;
  g_autoptr (LimnImage) before = NULL, after = NULL;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  before = picture (window);
  set_colour (window, "#123456");
  g_assert_false (enabled (window, "paint-clear"));
  pointer (window, "key c @60,120 mousedown 1 @200,120 @340,120 mouseup 1");
  g_assert_cmphex (pixel_at (window, 200, 120), ==, 0x123456);
  g_assert_true (mask_is_empty (window));
  g_assert_true (enabled (window, "paint-clear"));
  pointer (window, "keydown x @200,60 mousedown 1 @200,120 @200,200 mouseup 1 keyup x");
  g_assert_cmphex (pixel_at (window, 200, 120), !=, 0x123456);
  g_assert_cmphex (pixel_at (window, 100, 120), ==, 0x123456);
  pointer (window, "key shift+c @100,60 mousedown 1 @100,120 @100,200 mouseup 1");
  g_assert_cmphex (pixel_at (window, 100, 120), !=, 0x123456);
  pointer (window, "key shift+c");
  g_assert_false (limn_tool_options_get (get_options (window))->paint_erase);
  for (int i = 0; i < 3; i++)
    activate (window, "undo");
  after = picture (window);
  g_assert_true (same (before, after));
  g_assert_false (enabled (window, "undo"));
  activate (window, "redo");
  pointer (window, "key ctrl+shift+BackSpace");
  g_clear_pointer (&after, limn_image_unref);
  after = picture (window);
  g_assert_true (same (before, after));
  activate (window, "undo");
  g_assert_cmphex (pixel_at (window, 200, 120), ==, 0x123456);
  destroy (window);
}

/* By its key for one click, or for as long as Ctrl is held. */
static void
test_eyedropper (void)
{
  LimnWindow *window;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  pointer (window, "key i @200,20 click 1");
  g_assert_cmpstr (limn_canvas_get_tool (limn_window_get_canvas (window)), ==, "paint");
  assert_taken (window, 200, 20);
  g_assert_false (enabled (window, "undo"));
  pointer (window, "@60,200 mousedown 1 @100,200 mouseup 1");
  g_assert_cmphex (pixel_at (window, 80, 200), ==, colour_of (window));

  pointer (window, "keydown ctrl @300,220 click 1 keyup ctrl");
  assert_taken (window, 300, 220);
  g_assert_true (enabled (window, "undo"));
  activate (window, "undo");
  g_assert_false (enabled (window, "undo"));
  /* Thought better of. */
  pointer (window, "key i key Escape @200,20 mousedown 1 @200,30 mouseup 1");
  assert_taken (window, 300, 220);
  g_assert_cmphex (pixel_at (window, 200, 22), ==, colour_of (window));
  destroy (window);
}

/* Each swatch has a name; what was painted with is found again, here and in the settings. */
static void
test_colours (void)
{
  LimnWindow *window;
  GtkWidget *palette, *recent, *swatch;
  g_auto (GStrv) used = NULL;
  g_autofree char *kept = NULL;
  int n = 0;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  palette = find_widget (GTK_WIDGET (window), GTK_TYPE_GRID, "palette");
  recent = find_widget (GTK_WIDGET (window), GTK_TYPE_GRID, "recent_grid");
  for (swatch = gtk_widget_get_first_child (palette); swatch != NULL;
       swatch = gtk_widget_get_next_sibling (swatch), n++)
    g_assert_true (
        gtk_test_accessible_has_property (GTK_ACCESSIBLE (swatch), GTK_ACCESSIBLE_PROPERTY_LABEL));
  g_assert_cmpint (n, >=, 12);
  swatch = gtk_grid_get_child_at (GTK_GRID (palette), 3, 0);
  g_signal_emit_by_name (swatch, "clicked");
  g_assert_cmphex (colour_of (window), ==, 0xffffff);
  for (int i = 0; i < 2; i++)
    {
      set_colour (window, i == 0 ? "#101112" : "#202122");
      pointer (window, "key c @200,60 mousedown 1 @220,60 mouseup 1");
    }
  used = g_settings_get_strv (limn_application_get_settings (application), "paint-recent");
  g_assert_cmpstr (used[0], ==, "#202122");
  g_assert_cmpstr (used[1], ==, "#101112");
  swatch = gtk_grid_get_child_at (GTK_GRID (recent), 1, 0);
  g_signal_emit_by_name (swatch, "clicked");
  g_assert_cmphex (colour_of (window), ==, 0x101112);
  kept = g_settings_get_string (limn_application_get_settings (application), "paint-colour");
  g_assert_cmpstr (kept, ==, "rgb(16,17,18)");
  destroy (window);
}

/* Any other colour, by the chooser, which does not stand in the way of the window. */
static void
test_other (void)
{
  LimnWindow *window = window_with_photo (WIDTH, HEIGHT);
  GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "other_button");
  const GdkRGBA other = { 17 / 255.0f, 34 / 255.0f, 51 / 255.0f, 1 };
  GtkWindow *dialog = NULL;

  for (int times = 0; times < 2; times++)
    {
      g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());

      click (button);
      iterate_for (100);
      for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
        {
          g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);

          if (GTK_IS_COLOR_CHOOSER (toplevel))
            dialog = toplevel;
        }
      g_assert_nonnull (dialog);
      g_assert_false (gtk_window_get_modal (dialog));
      gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (dialog), &other);
      gtk_dialog_response (GTK_DIALOG (dialog), times == 0 ? GTK_RESPONSE_CANCEL : GTK_RESPONSE_OK);
      if (times == 0)
        g_assert_cmphex (colour_of (window), !=, 0x112233);
      else
        g_assert_cmphex (colour_of (window), ==, 0x112233);
    }
  /* A window takes an open one with it. */
  click (button);
  iterate_for (100);
  destroy (window);
}

/* Paint on a result that nobody has decided about keeps it, as masking does. */
static void
test_keeps (void)
{
  LimnWindow *window;
  LimnDocument *document;
  LimnPatch *patch;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  document = limn_window_get_document (window);
  patch = new_patch (100, 100, 60, 60);
  limn_document_apply_patch (document, patch, "Fill", NULL);
  limn_patch_free (patch);
  g_assert_true (limn_document_get_result_pending (document));
  pointer (window, "key c @60,120 mousedown 1 @200,120 @340,120 mouseup 1");
  g_assert_false (limn_document_get_result_pending (document));
  destroy (window);
}

static GtkAdjustment *
get_strength (LimnWindow *window)
{
  return gtk_range_get_adjustment (
      GTK_RANGE (find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, "strength_scale")));
}

static double
stored_strength (void)
{
  return g_settings_get_double (limn_application_get_settings (application), "strength");
}

/* A result over the sketch that nobody has decided about. */
static void
render (LimnWindow *window)
{
  LimnPatch *patch = new_patch (0, 0, WIDTH, HEIGHT);

  limn_document_apply_patch (limn_window_get_document (window), patch, "Refine", NULL);
  limn_patch_free (patch);
  g_assert_true (limn_document_get_result_pending (limn_window_get_document (window)));
}

/* A sketch is changed in part; what comes after it is changed as much as the person had set. */
static void
test_strength (void)
{
  static const char *const ends[] = { "keep", "mask-none", "paint-clear", "undo" };
  LimnWindow *window;
  GtkAdjustment *strength;
  double before;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  strength = get_strength (window);
  before = gtk_adjustment_get_value (strength);
  gtk_adjustment_set_value (strength, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      activate (window, "mask-none");
      pointer (window, "key c @160,120 mousedown 1 @200,110 @240,120 mouseup 1");
      activate (window, "paint-mask");
      g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 0.7);
      g_assert_cmpfloat (stored_strength (), ==, 1);
      /* Another attempt sees the sketch, too. */
      render (window);
      g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 0.7);
      activate (window, "discard");
      g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 0.7);
      if (g_str_equal (ends[i], "keep"))
        render (window);
      if (g_str_equal (ends[i], "undo"))
        activate (window, "undo-discard");
      activate (window, ends[i]);
      if (g_str_equal (ends[i], "undo"))
        activate (window, "undo");
      g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 1);
      g_assert_cmpfloat (stored_strength (), ==, 1);
    }

  /* What the person sets meanwhile is theirs. */
  activate (window, "paint-mask");
  g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 0.7);
  gtk_adjustment_set_value (strength, 0.5);
  activate (window, "mask-none");
  g_assert_cmpfloat (gtk_adjustment_get_value (strength), ==, 0.5);
  g_assert_cmpfloat (stored_strength (), ==, 0.5);
  gtk_adjustment_set_value (strength, before);
  destroy (window);
}

/* What a model makes of a sketch: it sees the paint, its result lies where the paint was, and all
 * around nothing has changed. */
static void
test_rendered (void)
{
  LimnWindow *window;
  LimnDocument *document;
  LimnHistory *history = limn_application_get_history (application, NULL);
  g_autoptr (LimnImage) photo = NULL, sketch = NULL, result = NULL, input = NULL;
  g_autoptr (LimnGeneration) generation = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL, *label = NULL;
  double strength;

  if (!pointer_available () || model_is_missing ())
    return;
  window = new_workplace ();
  document = limn_window_get_document (window);
  photo = picture (window);
  strength = gtk_adjustment_get_value (get_strength (window));
  gtk_adjustment_set_value (get_strength (window), 1);
  set_colour (window, "#d02020");
  pointer (window, "key c @160,120 mousedown 1 @200,110 @240,120 mouseup 1");
  sketch = picture (window);
  pointer (window, "key ctrl+shift+p");
  g_assert_false (mask_is_empty (window));
  g_assert_cmpfloat (gtk_adjustment_get_value (get_strength (window)), ==, 0.7);

  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "red flowers", "");
  activate (window, "generate");
  wait_until (is_idle, window);
  g_assert_true (limn_document_get_result_pending (document));
  g_object_get (document, "undo-label", &label, NULL);
  g_assert_cmpstr (label, ==, "Refine");
  result = picture (window);
  g_assert_false (same (result, sketch));

  /* The model was shown the picture with the paint. */
  generation = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_object_get (generation, "input-hash", &hash, NULL);
  input = limn_history_load_image (history, hash, &error);
  g_assert_no_error (error);
  g_assert_true (same (input, sketch));

  activate (window, "keep");
  g_assert_null (limn_document_get_paint (document));
  g_assert_false (enabled (window, "paint-clear"));
  g_assert_cmpfloat (gtk_adjustment_get_value (get_strength (window)), ==, 1);
  g_assert_cmpmem (limn_image_row (result, 10), 3 * WIDTH, limn_image_row (photo, 10), 3 * WIDTH);
  gtk_adjustment_set_value (get_strength (window), strength);
  destroy (window);
}

/* The photo is a sky over a meadow: the brush that stops at edges stays in the sky. */
static void
test_edges (void)
{
  LimnWindow *window;
  LimnRect bounds;

  if (!pointer_available ())
    return;
  window = new_workplace ();
  g_object_set (limn_window_get_canvas (window), "brush-size", 80.0, NULL);
  pointer (window, "key l key a");
  g_assert_cmpstr (limn_canvas_get_tool (limn_window_get_canvas (window)), ==, "brush");
  g_assert_true (limn_tool_options_get (get_options (window))->stop_at_edges);
  pointer (window, "@100,95 mousedown 1 @200,95 @300,95 mouseup 1");
  g_assert_true (limn_document_get_mask_bounds (limn_window_get_document (window), &bounds));
  g_assert_cmpint (bounds.y + bounds.height, >=, 120);
  g_assert_cmpint (bounds.y + bounds.height, <=, 122);
  g_assert_cmpint (bounds.y, <, 60);
  activate (window, "undo");
  pointer (window, "key a @100,95 mousedown 1 @200,95 @300,95 mouseup 1");
  g_assert_true (limn_document_get_mask_bounds (limn_window_get_document (window), &bounds));
  g_assert_cmpint (bounds.y + bounds.height, >, 130);
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/paint/strokes", test_strokes);
  g_test_add_func ("/ui/paint/eyedropper", test_eyedropper);
  g_test_add_func ("/ui/paint/colours", test_colours);
  g_test_add_func ("/ui/paint/other", test_other);
  g_test_add_func ("/ui/paint/keeps", test_keeps);
  g_test_add_func ("/ui/paint/strength", test_strength);
  g_test_add_func ("/ui/paint/rendered", test_rendered);
  g_test_add_func ("/ui/paint/edges", test_edges);
  return fixture_run ();
}
