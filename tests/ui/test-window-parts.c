/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The window's parts on a real display, one by one: clipboard, drop, pen, history, toasts, layout,
 * what the button and the menus say. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>

#include "tests/ui/window-fixture.h"
#include "ui/limn-mask-colour.h"
#include "ui/limn-canvas-cache.h"
#include "ui/limn-canvas-private.h"

/* ---- The session manager ----------------------------------------------------------------------
 * GTK's two calls to it, in their place: what would be asked of it is seen here. */

static guint n_inhibited, last_cookie;
static GtkApplicationInhibitFlags last_flags;

guint
gtk_application_inhibit (GtkApplication *app,
                         GtkWindow *window,
                         GtkApplicationInhibitFlags flags,
                         const char *reason)
{
  g_assert_true (GTK_IS_APPLICATION (app) && GTK_IS_WINDOW (window));
  g_assert_nonnull (reason);
  n_inhibited++;
  last_flags = flags;
  return ++last_cookie;
}

void
gtk_application_uninhibit (GtkApplication *app, guint cookie)
{
  g_assert_cmpuint (cookie, >, 0);
  g_assert_cmpuint (n_inhibited, >, 0);
  n_inhibited--;
}

static void
test_inhibit (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  g_autoptr (LimnPatch) patch = new_patch (10, 10, 20, 20);

  g_assert_cmpuint (n_inhibited, ==, 0);
  limn_document_apply_patch (limn_window_get_document (window), patch, "Fill", NULL);
  g_assert_cmpuint (n_inhibited, ==, 1);
  g_assert_cmpuint (last_flags, ==, GTK_APPLICATION_INHIBIT_LOGOUT);
  if (!model_is_missing ())
    {
      paint (window, 80, 60, 120, 70, 14);
      activate (window, "generate");
      g_assert_cmpuint (n_inhibited, ==, 1);
      g_assert_cmpuint (last_flags, ==,
                        GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND);
      activate (window, "cancel");
      wait_until (is_idle, window);
      g_assert_cmpuint (n_inhibited, ==, 1);
      g_assert_cmpuint (last_flags, ==, GTK_APPLICATION_INHIBIT_LOGOUT);
    }
  while (limn_document_get_can_undo (limn_window_get_document (window)))
    activate (window, "undo");
  g_assert_cmpuint (n_inhibited, ==, 0);
  destroy (window);
}

/* ---- Pictures from elsewhere ------------------------------------------------------------------
 */

static GdkTexture *
new_texture (int width, int height)
{
  g_autoptr (GBytes) bytes
      = g_bytes_new_take (g_malloc0 ((gsize)width * height * 3), (gsize)width * height * 3);

  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, (gsize)width * 3);
}

static void
file_list_free (GdkFileList *list)
{
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdkFileList, file_list_free)

static int expected_width;

static gboolean
has_expected_width (gpointer window)
{
  LimnDocument *document = limn_window_get_document (window);

  return document != NULL && limn_document_get_width (document) == expected_width;
}

static void
wait_for_width (LimnWindow *window, int width)
{
  expected_width = width;
  wait_until (has_expected_width, window);
}

static GdkFileList *
new_file_list (GFile *file)
{
  return gdk_file_list_new_from_array (&file, 1);
}

static void
test_paste (void)
{
  LimnWindow *window = new_window ();
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (window));
  g_autoptr (GdkTexture) texture = new_texture (83, 41);
  g_autoptr (GFile) file = write_photo ("paste me.png", 71, 37);
  g_autoptr (GdkFileList) list = new_file_list (file);

  gdk_clipboard_set_texture (clipboard, texture);
  activate (window, "paste");
  wait_for_width (window, 83);
  g_assert_cmpint (limn_document_get_height (limn_window_get_document (window)), ==, 41);

  gdk_clipboard_set (clipboard, GDK_TYPE_FILE_LIST, list);
  activate (window, "paste");
  wait_for_width (window, 71);
  g_assert_cmpstr (limn_document_get_title (limn_window_get_document (window)), ==, "paste me.png");

  /* Words are no picture: said so, and nothing changes. */
  gdk_clipboard_set_text (clipboard, "words");
  activate (window, "paste");
  iterate_for (200);
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 71);
  destroy (window);
}

static GtkDropTarget *
find_drop_target (LimnWindow *window)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }
  return NULL;
}

static gboolean
drop (LimnWindow *window, GType type, gpointer object)
{
  GtkDropTarget *target = find_drop_target (window);
  g_autoptr (GdkContentFormats) formats = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_assert_nonnull (target);
  formats = gdk_content_formats_ref (gtk_drop_target_get_formats (target));
  g_assert_true (gdk_content_formats_contain_gtype (formats, type));
  g_value_init (&value, type);
  if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_BOXED)
    g_value_set_boxed (&value, object);
  else
    g_value_set_object (&value, object);
  g_signal_emit_by_name (target, "drop", &value, 5.0, 5.0, &taken);
  return taken;
}

static void
test_drop (void)
{
  LimnWindow *window = new_window ();
  g_autoptr (GdkTexture) texture = new_texture (53, 31);
  g_autoptr (GFile) file = write_photo ("dropped.png", 47, 37);
  g_autoptr (GdkFileList) list = new_file_list (file);
  g_autoptr (GdkFileList) nothing = gdk_file_list_new_from_array (NULL, 0);

  g_assert_true (drop (window, GDK_TYPE_FILE_LIST, list));
  wait_for_width (window, 47);
  g_assert_cmpstr (limn_document_get_title (limn_window_get_document (window)), ==, "dropped.png");
  g_assert_true (drop (window, GDK_TYPE_TEXTURE, texture));
  wait_for_width (window, 53);
  g_assert_false (drop (window, GDK_TYPE_FILE_LIST, nothing));
  destroy (window);
}

/* ---- Pen --------------------------------------------------------------------------------------
 */

/* How many pixels of the picture's column @x are masked. */
static int
masked_height (LimnDocument *document, int x)
{
  int n = 0;

  for (int y = 0; y < limn_document_get_height (document); y++)
    {
      guint8 value;

      limn_tiles_read_rect (limn_document_get_mask (document), &(LimnRect){ x, y, 1, 1 }, &value,
                            1);
      n += value >= 128;
    }
  return n;
}

static void
pen_line (LimnCanvas *canvas, double from, double to, gboolean eraser)
{
  double x, y;

  limn_canvas_get_position (canvas, 40, 100, &x, &y);
  _limn_canvas_pen_down (canvas, x, y, from, eraser);
  for (int i = 1; i <= 20; i++)
    {
      limn_canvas_get_position (canvas, 40 + 16 * i, 100, &x, &y);
      _limn_canvas_pen_move (canvas, x, y, from + (to - from) * i / 20);
    }
  _limn_canvas_pen_up (canvas);
}

/* The harder the pen is pressed the wider the stroke; its other end erases; one line is one step.
 */
static void
test_pen (void)
{
  LimnWindow *window = window_with_photo (400, 200);
  LimnCanvas *canvas = limn_window_get_canvas (window);
  LimnDocument *document = limn_window_get_document (window);

  wait_until (is_drawn, canvas);
  g_object_set (canvas, "brush-size", 60.0, "brush-hardness", 1.0, NULL);
  pen_line (canvas, 0.2, 1, FALSE);
  g_assert_cmpint (masked_height (document, 45), >=, 10);
  g_assert_cmpint (masked_height (document, 45), <=, 24);
  g_assert_cmpint (masked_height (document, 350), >=, 54);
  g_assert_cmpint (masked_height (document, 350), <=, 62);
  g_assert_cmpint (masked_height (document, 200), >, masked_height (document, 100));

  pen_line (canvas, 0.5, 0.5, TRUE);
  g_assert_cmpint (masked_height (document, 45), ==, 0);
  g_assert_cmpint (masked_height (document, 350), <=, 32);
  activate (window, "undo");
  g_assert_cmpint (masked_height (document, 350), >=, 54);
  activate (window, "undo");
  g_assert_true (mask_is_empty (window));
  g_assert_false (enabled (window, "undo"));
  destroy (window);
}

/* ---- History ----------------------------------------------------------------------------------
 */

static LimnHistory *
get_history (void)
{
  return limn_application_get_history (application, NULL);
}

static guint
n_rows (void)
{
  return g_list_model_get_n_items (G_LIST_MODEL (get_history ()));
}

static gint64
add_row (const char *prompt, int width, int height)
{
  g_autoptr (LimnGeneration) generation = limn_generation_new ("upscale");
  g_autoptr (LimnImage) output = limn_image_new (width, height, 3, NULL);
  g_autoptr (GError) error = NULL;

  memset (output->pixels, 77, output->stride * height);
  g_object_set (generation, "prompt", prompt, "source-name", "holiday.jpg", "seed", (guint64)4711,
                "steps", 9, NULL);
  g_assert_true (limn_history_add (get_history (), generation, NULL, NULL, output, &error));
  g_assert_no_error (error);
  return limn_generation_get_id (generation);
}

static guint wanted_rows;

static gboolean
has_wanted_rows (gpointer data)
{
  return n_rows () == wanted_rows;
}

static void
wait_for_rows (guint n)
{
  wanted_rows = n;
  wait_until (has_wanted_rows, NULL);
}

static void
test_history_search (void)
{
  LimnWindow *window = new_window ();
  GtkWidget *entry;
  guint before = n_rows ();

  add_row ("an old lighthouse", 30, 20);
  add_row ("a lighthouse at night", 30, 20);
  add_row ("a bowl of cherries", 30, 20);
  wait_for_rows (before + 3);
  activate (window, "history");
  entry = find_widget (GTK_WIDGET (limn_window_get_history_panel (window)), GTK_TYPE_SEARCH_ENTRY,
                       NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "lightho");
  wait_for_rows (2);
  gtk_editable_set_text (GTK_EDITABLE (entry), "lighthouse night");
  wait_for_rows (1);
  gtk_editable_set_text (GTK_EDITABLE (entry), "no such \" thing'; --");
  wait_for_rows (0);
  iterate_for (100);
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  wait_for_rows (before + 3);
  destroy (window);
}

static void
view_first_row (LimnWindow *window)
{
  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
}

/* Two results are deleted; each toast's Undo brings back its own. */
static void
test_history_delete (void)
{
  LimnWindow *window = new_window ();
  gint64 first = add_row ("to be deleted", 30, 20), second;
  guint n = n_rows ();

  view_first_row (window);
  activate (window, "history-delete");
  g_assert_cmpuint (n_rows (), ==, n - 1);
  wait_until (has_undo_toast, window);
  click_toast (find_toast_button (window, "Undo"));
  wait_for_rows (n);
  wait_until (has_no_undo_toast, window);

  second = add_row ("to be deleted, too", 30, 20);
  view_first_row (window);
  activate (window, "history-delete");
  view_first_row (window);
  activate (window, "history-delete");
  g_assert_cmpuint (n_rows (), ==, n - 1);
  /* The older toast is shown first. */
  wait_until (has_undo_toast, window);
  click_toast (find_toast_button (window, "Undo"));
  wait_for_rows (n);
  {
    g_autoptr (LimnGeneration) back = g_list_model_get_item (G_LIST_MODEL (get_history ()), 0);

    g_assert_cmpint (limn_generation_get_id (back), ==, second);
    g_assert_cmpint (limn_generation_get_id (back), !=, first);
  }
  destroy (window);
}

static void
test_history_open (void)
{
  LimnWindow *window = window_with_photo (120, 80);
  g_autoptr (LimnDocument) first = g_object_ref (limn_window_get_document (window));
  LimnDocument *opened;

  add_row ("opened again", 64, 36);
  view_first_row (window);
  activate (window, "history-open");
  opened = limn_window_get_document (window);
  g_assert_true (opened != first);
  g_assert_cmpstr (limn_window_get_page (window), ==, "editor");
  g_assert_cmpint (limn_document_get_width (opened), ==, 64);
  g_assert_cmpstr (limn_document_get_title (opened), ==, "holiday.jpg");
  paint (window, 10, 10, 30, 20, 5);
  g_assert_false (mask_is_empty (window));
  iterate_for (200);
  destroy (window);
}

static GtkWidget *
find_chooser (void)
{
  GtkWidget *found = NULL;

  for (GList *l = gtk_window_list_toplevels (); l != NULL; l = g_list_delete_link (l, l))
    if (GTK_IS_FILE_CHOOSER (l->data) && gtk_widget_get_visible (l->data))
      found = l->data;
  return found;
}

static gboolean
has_chooser (gpointer data)
{
  return find_chooser () != NULL;
}

static gboolean
file_exists (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The result, not the picture being worked on, with what it was made with. */
static void
test_history_save (void)
{
  LimnWindow *window = window_with_photo (120, 80);
  g_autofree char *path = g_build_filename (folder, "from history.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *cwd = g_get_current_dir ();
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) image = NULL;
  GtkWidget *chooser;

  /* Where the dialog begins, as the picture comes from no folder. */
  g_assert_cmpint (g_chdir (folder), ==, 0);
  add_row ("saved again", 64, 36);
  view_first_row (window);
  activate (window, "history-save-as");
  wait_until (has_chooser, NULL);
  chooser = find_chooser ();
  iterate_for (300);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), "from history");
  gtk_dialog_response (GTK_DIALOG (chooser), GTK_RESPONSE_ACCEPT);
  wait_until (file_exists, path);
  iterate_for (50);
  image = limn_image_file_read (file, &meta, NULL, NULL);
  g_assert_nonnull (image);
  g_assert_cmpint (image->width, ==, 64);
  g_assert_cmpint (limn_image_row (image, 5)[5], ==, 77);
  g_assert_nonnull (meta->text);
  g_assert_cmpuint (g_hash_table_size (meta->text), >, 0);
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 120);
  g_assert_cmpint (g_chdir (cwd), ==, 0);
  destroy (window);
}

/* Display tiles reach out of the picture's right and lower edges; nothing of that shows. */
static void
test_canvas_stays_within (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (300, 200, 3);
  g_autoptr (LimnMips) mips = NULL;
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 300, 200 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 340, 240);
  cairo_t *cr = cairo_create (surface);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  const guint8 *pixels;
  int stride;

  limn_tiles_fill (tiles, 200);
  mips = limn_mips_new (tiles);
  limn_canvas_cache_set_image (cache, mips);
  g_assert_true (limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE));
  limn_canvas_cache_draw (cache, snapshot, &visible, 10, 20, 1);
  node = gtk_snapshot_free_to_node (snapshot);
  gsk_render_node_draw (node, cr);
  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < 240; y++)
    for (int x = 0; x < 340; x++)
      {
        gboolean within = x >= 10 && x < 310 && y >= 20 && y < 220;

        g_assert_cmpint (pixels[y * stride + x * 4 + 3], ==, within ? 255 : 0);
        g_assert_cmpint (pixels[y * stride + x * 4], ==, within ? 200 : 0);
      }
  gsk_render_node_unref (node);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static gboolean
mask_is (LimnWindow *window, int i)
{
  GdkRGBA colour, own;

  limn_canvas_get_mask_colour (limn_window_get_canvas (window), &colour);
  limn_mask_colour_get (i, &own);
  return gdk_rgba_equal (&colour, &own);
}

/* One that is seen over the sky and the meadow, for as long as there is a mask; what the person chose is
 * taken as it is. */
static void
test_mask_colour (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnDocument *document = limn_window_get_document (window);
  GSettings *settings = limn_application_get_settings (application);
  g_autoptr (LimnImage) flat = limn_image_new (200, 160, 3, NULL);
  GdkRGBA first, now;

  paint (window, 60, 40, 120, 50, 14);
  limn_canvas_get_mask_colour (limn_window_get_canvas (window), &first);
  g_assert_false (mask_is (window, 0));
  g_assert_false (mask_is (window, 2));
  g_settings_set_string (settings, "mask-colour", "blue");
  g_assert_true (mask_is (window, 0));
  paint (window, 60, 60, 120, 70, 14);
  activate (window, "mask-none");
  paint (window, 60, 60, 120, 70, 14);
  g_assert_true (mask_is (window, 0));
  g_settings_reset (settings, "mask-colour");
  g_assert_false (mask_is (window, 0));

  /* A picture in that very colour gets another, but not under the mask that there is. */
  for (int i = 0; i < 200 * 160; i++)
    for (int c = 0; c < 3; c++)
      limn_image_row (flat, i / 200)[3 * (i % 200) + c]
          = (guint8)rintf (255 * (c == 0 ? first.red : c == 1 ? first.green : first.blue));
  limn_document_replace_image (document, limn_tiles_new_from_image (flat), "Fill", NULL);
  limn_document_keep_result (document);
  g_assert_false (mask_is_empty (window));
  paint (window, 60, 90, 120, 90, 14);
  limn_canvas_get_mask_colour (limn_window_get_canvas (window), &now);
  g_assert_true (gdk_rgba_equal (&first, &now));
  activate (window, "mask-none");
  paint (window, 60, 90, 120, 90, 14);
  limn_canvas_get_mask_colour (limn_window_get_canvas (window), &now);
  g_assert_false (gdk_rgba_equal (&first, &now));
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/parts/inhibit", test_inhibit);
  g_test_add_func ("/ui/parts/paste", test_paste);
  g_test_add_func ("/ui/parts/canvas-stays-within", test_canvas_stays_within);
  g_test_add_func ("/ui/parts/drop", test_drop);
  g_test_add_func ("/ui/parts/pen", test_pen);
  g_test_add_func ("/ui/parts/history/search", test_history_search);
  g_test_add_func ("/ui/parts/history/delete", test_history_delete);
  g_test_add_func ("/ui/parts/history/open", test_history_open);
  g_test_add_func ("/ui/parts/history/save", test_history_save);
  g_test_add_func ("/ui/parts/mask-colour", test_mask_colour);
  return fixture_run ();
}
