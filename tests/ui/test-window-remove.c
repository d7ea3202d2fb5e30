/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Removing without words, on a real display and with no model installed at all. Warnings are fatal.
 */
#include "config.h"

#include "app/limn-job.h"
#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"

static const char *
verb (LimnWindow *window)
{
  return limn_prompt_bar_get_verb (limn_window_get_prompt_bar (window));
}

static gboolean
can_not_run (gpointer window)
{
  return !enabled (window, "generate");
}

static gboolean
can_run (gpointer window)
{
  return enabled (window, "generate");
}

/* What the button says and whether it can be pressed, from mask and words. */
static void
test_verb (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnPromptBar *bar = limn_window_get_prompt_bar (window);

  g_assert_null (limn_library_find (limn_application_get_library (application), 0));
  g_assert_false (enabled (window, "generate"));
  paint (window, 80, 60, 120, 70, 14);
  g_assert_cmpstr (verb (window), ==, "Remove");
  g_assert_true (enabled (window, "generate"));
  g_assert_true (enabled (window, "remove"));
  g_assert_false (enabled (window, "remove-with-model"));
  /* Words need a model; what is marked can still go. */
  limn_prompt_bar_set_prompts (bar, "a white cloud", NULL);
  g_assert_cmpstr (verb (window), ==, "Fill");
  g_assert_false (enabled (window, "generate"));
  g_assert_true (enabled (window, "remove"));
  limn_prompt_bar_set_prompts (bar, "", NULL);
  g_assert_true (enabled (window, "generate"));
  /* With everything marked nothing is left to copy from, which is known after a while. */
  activate (window, "mask-all");
  wait_until (can_not_run, window);
  g_assert_false (enabled (window, "remove"));
  activate (window, "undo");
  wait_until (can_run, window);
  destroy (window);
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

/* The result is one: pending, undone and redone, in the history, kept and saved. */
static void
test_result (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnHistory *history = limn_application_get_history (application, NULL);
  guint rows = g_list_model_get_n_items (G_LIST_MODEL (history));
  g_autoptr (LimnImage) before = picture (window), after = NULL, undone = NULL, redone = NULL;
  g_autoptr (LimnGeneration) generation = NULL;
  g_autofree char *path = g_build_filename (folder, "removed.png", NULL), *label = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) saved = NULL;
  gint64 start;

  paint (window, 80, 60, 120, 100, 14);
  start = g_get_monotonic_time ();
  activate (window, "generate");
  g_assert_nonnull (limn_window_get_job (window));
  g_assert_cmpint (limn_job_get_kind (limn_window_get_job (window)), ==, LIMN_JOB_REMOVE);
  wait_until (is_idle, window);
  g_test_message ("removed within %.0f ms", (g_get_monotonic_time () - start) / 1000.0);
  g_assert_true (limn_document_get_result_pending (limn_window_get_document (window)));
  after = picture (window);
  g_assert_false (same (before, after));
  g_object_get (limn_window_get_document (window), "undo-label", &label, NULL);
  g_assert_cmpstr (label, ==, "Remove");

  activate (window, "undo");
  undone = picture (window);
  g_assert_true (same (before, undone));
  activate (window, "redo");
  redone = picture (window);
  g_assert_true (same (after, redone));

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, rows + 1);
  generation = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (limn_generation_get_kind (generation), ==, "remove");

  activate (window, "keep");
  g_assert_true (mask_is_empty (window));
  limn_window_save_to (window, file);
  for (int i = 0; i < 1000 && saved == NULL; i++)
    {
      iterate_for (5);
      g_clear_pointer (&meta, limn_image_meta_free);
      saved = limn_image_file_read (file, &meta, NULL, NULL);
    }
  g_assert_nonnull (saved);
  g_assert_true (same (after, saved));
  g_assert_nonnull (meta->text);
  g_assert_null (strstr (g_hash_table_lookup (meta->text, "parameters"), "Steps"));
  destroy (window);
}

static gboolean
is_restored (gpointer window)
{
  return is_on_generation_page (window) == FALSE && !mask_is_empty (window);
}

/* The page of a result tells no steps that there were not, and "Use again" makes the same bits. */
static void
test_history (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  g_autoptr (LimnImage) first = NULL, second = NULL;
  GtkWidget *meta;

  paint (window, 80, 60, 120, 100, 14);
  activate (window, "generate");
  wait_until (is_idle, window);
  first = picture (window);
  activate (window, "keep");
  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
  meta = find_widget (GTK_WIDGET (window), GTK_TYPE_LABEL, "meta_label");
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (meta)), "Seed"));
  g_assert_null (strstr (gtk_label_get_text (GTK_LABEL (meta)), "step"));
  activate (window, "history-use");
  wait_until (is_restored, window);
  g_assert_cmpstr (verb (window), ==, "Remove");
  activate (window, "generate");
  wait_until (is_idle, window);
  second = picture (window);
  g_assert_true (same (first, second));
  destroy (window);
}

static gboolean
is_adjusted (gpointer window)
{
  g_autofree char *label = NULL;

  g_object_get (limn_window_get_document (window), "undo-label", &label, NULL);
  return g_strcmp0 (label, "Adjust Result") == 0;
}

static gboolean
has_badge (gpointer window)
{
  GtkWidget *label = find_widget (window, GTK_TYPE_LABEL, "status_label");

  return gtk_widget_get_visible (label)
         && strstr (gtk_label_get_text (GTK_LABEL (label)), "✓ 0 of ") != NULL;
}

static gboolean
has_no_badge (gpointer window)
{
  return !has_badge (window);
}

static GtkRange *
slider (LimnWindow *window, const char *name)
{
  return GTK_RANGE (find_widget (GTK_WIDGET (window), GTK_TYPE_SCALE, name));
}

static int
changed_pixels (const LimnImage *a, const LimnImage *b)
{
  int n = 0;

  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width; x++)
      n += memcmp (limn_image_row (a, y) + 3 * x, limn_image_row (b, y) + 3 * x, 3) != 0;
  return n;
}

/* What the sliders do is seen at once, is one step of undo however often they move, and takes the
 * sliders along. */
static void
test_adjust (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnDocument *document = limn_window_get_document (window);
  GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "adjust_button");
  g_autoptr (LimnImage) before = picture (window), first = NULL, larger = NULL, now = NULL;
  double grow;

  g_assert_false (gtk_widget_get_sensitive (button));
  paint (window, 80, 60, 120, 100, 14);
  activate (window, "generate");
  wait_until (is_idle, window);
  g_assert_true (gtk_widget_get_sensitive (button));
  first = picture (window);
  wait_until (has_badge, window);

  grow = gtk_range_get_value (slider (window, "grow_scale"));
  gtk_range_set_value (slider (window, "grow_scale"), grow + 10);
  wait_until (is_adjusted, window);
  larger = picture (window);
  g_assert_cmpint (changed_pixels (before, larger), >, changed_pixels (before, first));
  g_assert_true (limn_document_get_result_pending (document));
  wait_until (has_badge, window);
  /* Nothing of the result shows. */
  gtk_range_set_value (slider (window, "opacity_scale"), 0.5);
  gtk_range_set_value (slider (window, "opacity_scale"), 0);
  for (int i = 0; i < 1000 && (now == NULL || !same (before, now)); i++)
    {
      iterate_for (5);
      g_clear_pointer (&now, limn_image_unref);
      now = picture (window);
    }
  g_assert_true (same (before, now));

  activate (window, "undo");
  g_clear_pointer (&now, limn_image_unref);
  now = picture (window);
  g_assert_true (same (first, now));
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (slider (window, "grow_scale")), grow, 1e-6);
  g_assert_cmpfloat (gtk_range_get_value (slider (window, "opacity_scale")), ==, 1);
  activate (window, "redo");
  g_assert_cmpfloat (gtk_range_get_value (slider (window, "opacity_scale")), ==, 0);
  activate (window, "undo");
  activate (window, "undo");
  g_clear_pointer (&now, limn_image_unref);
  now = picture (window);
  g_assert_true (same (before, now));
  g_assert_false (gtk_widget_get_sensitive (button));
  wait_until (has_no_badge, window);
  destroy (window);
}

/* Where nothing lies outside of the result nothing is told about that. */
static void
test_nothing_outside (void)
{
  LimnWindow *window = window_with_photo (60, 48);

  paint (window, 20, 20, 40, 30, 8);
  activate (window, "generate");
  wait_until (is_idle, window);
  wait_until (has_badge, window);
  gtk_range_set_value (slider (window, "grow_scale"), 1000);
  wait_until (is_adjusted, window);
  wait_until (has_no_badge, window);
  iterate_for (1500);
  g_assert_true (has_no_badge (window));
  destroy (window);
}

/* A result of the history is opened with what it was cut out of: it waits to be kept, and the
 * sliders work on it. Nothing is lost when it is closed. */
static void
test_adjust_reopened (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "adjust_button");
  g_autoptr (LimnImage) before = picture (window), made = NULL, opened = NULL, larger = NULL;
  LimnDocument *first = limn_window_get_document (window);

  paint (window, 80, 60, 120, 100, 14);
  activate (window, "generate");
  wait_until (is_idle, window);
  made = picture (window);
  activate (window, "keep");
  g_assert_false (gtk_widget_get_sensitive (button));

  limn_history_panel_activate (limn_window_get_history_panel (window), 0);
  wait_until (is_on_generation_page, window);
  activate (window, "history-open");
  g_assert_true (limn_window_get_document (window) != first);
  opened = picture (window);
  g_assert_true (same (made, opened));
  g_assert_true (limn_document_get_result_pending (limn_window_get_document (window)));
  g_assert_false (limn_document_get_modified (limn_window_get_document (window)));
  g_assert_true (gtk_widget_get_sensitive (button));
  wait_until (has_badge, window);

  gtk_range_set_value (slider (window, "grow_scale"),
                       gtk_range_get_value (slider (window, "grow_scale")) + 10);
  wait_until (is_adjusted, window);
  larger = picture (window);
  g_assert_cmpint (changed_pixels (before, larger), >, changed_pixels (before, made));
  g_assert_true (limn_document_get_modified (limn_window_get_document (window)));
  destroy (window);
}

/* With the pointer, from a place of the picture by so many of its pixels. */
static void
drag (LimnWindow *window, int x, int y, int dx, int dy)
{
  g_autofree char *words = g_strdup_printf ("@%d,%d mousedown 1 @%d,%d @%d,%d mouseup 1", x, y,
                                            x + dx / 2, y + dy / 2, x + dx, y + dy);

  pointer (window, words);
}

static gboolean
has_frame (gpointer window)
{
  return limn_canvas_get_frame (limn_window_get_canvas (window), NULL);
}

/* By hand: the edge in the middle of a side moves the frame, a corner makes it larger; what is run
 * then is what the frame shows, and another mask has its own. */
static void
test_frame (void)
{
  LimnWindow *window;
  LimnCanvas *canvas;
  LimnHistory *history = limn_application_get_history (application, NULL);
  g_autoptr (LimnGeneration) generation = NULL;
  LimnRect first, moved, larger, again;
  int crop_width;

  if (!pointer_available ())
    return;
  window = window_with_photo (900, 700);
  canvas = limn_window_get_canvas (window);
  paint (window, 300, 300, 340, 310, 14);
  wait_until (has_frame, window);
  limn_canvas_get_frame (canvas, &first);
  drag (window, first.x + first.width / 2, first.y, 60, 20);
  iterate_for (400);
  g_assert_true (limn_canvas_get_frame (canvas, &moved));
  g_assert_cmpint (ABS (moved.x - first.x - 60), <=, 2);
  g_assert_cmpint (ABS (moved.y - first.y - 20), <=, 2);
  g_assert_cmpint (moved.width, ==, first.width);

  drag (window, moved.x + moved.width, moved.y + moved.height, 100, 100);
  iterate_for (400);
  g_assert_true (limn_canvas_get_frame (canvas, &larger));
  g_assert_cmpint (larger.width, >=, moved.width + 90);
  g_assert_cmpint (ABS (larger.x - moved.x), <=, 60);

  activate (window, "generate");
  wait_until (is_idle, window);
  generation = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_object_get (generation, "crop-width", &crop_width, NULL);
  g_assert_cmpint (ABS (crop_width - moved.width - 100), <=, 4);
  activate (window, "keep");
  paint (window, 300, 300, 340, 310, 14);
  iterate_for (400);
  g_assert_true (limn_canvas_get_frame (canvas, &again));
  g_assert_cmpint (again.width, ==, first.width);
  g_assert_cmpint (again.x, ==, first.x);
  destroy (window);
}

static void
assert_within (LimnWindow *window)
{
  LimnRect frame;
  LimnDocument *document = limn_window_get_document (window);

  g_assert_true (limn_canvas_get_frame (limn_window_get_canvas (window), &frame));
  g_assert_cmpint (frame.x, >=, 0);
  g_assert_cmpint (frame.y, >=, 0);
  g_assert_cmpint (frame.x + frame.width, <=, limn_document_get_width (document));
  g_assert_cmpint (frame.y + frame.height, <=, limn_document_get_height (document));
}

/* The frame stays in the picture: by itself, while it is dragged, and once it is let go. */
static void
test_frame_within (void)
{
  LimnWindow *window;
  LimnRect frame;

  if (!pointer_available ())
    return;
  window = window_with_photo (600, 400);
  paint (window, 250, 170, 300, 190, 50);
  wait_until (has_frame, window);
  assert_within (window);
  limn_canvas_get_frame (limn_window_get_canvas (window), &frame);
  g_assert_cmpint (frame.height, ==, 400);
  g_assert_cmpint (frame.width, <, 600);
  for (int i = 0; i < 4; i++)
    {
      g_autofree char *out = NULL;

      limn_canvas_get_frame (limn_window_get_canvas (window), &frame);
      out = g_strdup_printf ("@%d,%d mousedown 1 @%d,%d @%d,%d",
                             frame.x + (i < 2 ? 0 : frame.width), frame.y + frame.height / 3,
                             frame.x, frame.y + 200, i % 2 == 0 ? -150 : 700,
                             i % 2 == 0 ? -100 : 480);
      pointer (window, out);
      assert_within (window);
      pointer (window, "mouseup 1");
      assert_within (window);
      iterate_for (400);
      assert_within (window);
    }
  limn_canvas_get_frame (limn_window_get_canvas (window), &frame);
  drag (window, frame.x + frame.width, frame.y + frame.height, 300, 300);
  assert_within (window);
  iterate_for (400);
  assert_within (window);
  destroy (window);
}

static guint rows_wanted;

static gboolean
has_rows (gpointer window)
{
  LimnHistory *history = limn_application_get_history (application, NULL);

  return is_idle (window) && g_list_model_get_n_items (G_LIST_MODEL (history)) >= rows_wanted;
}

/* Each with the seed after the last one, whether it is locked or not. */
static void
test_variations (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnHistory *history = limn_application_get_history (application, NULL);
  guint rows = g_list_model_get_n_items (G_LIST_MODEL (history));
  guint64 first, seed;

  g_assert_false (enabled (window, "variations"));
  paint (window, 80, 60, 120, 100, 14);
  activate (window, "generate");
  wait_until (is_idle, window);
  first = limn_settings_panel_get_seed (limn_window_get_settings_panel (window));
  g_action_group_activate_action (G_ACTION_GROUP (window), "variations", g_variant_new_int32 (3));
  rows_wanted = rows + 4;
  wait_until (has_rows, window);
  iterate_for (200);
  g_assert_null (limn_window_get_job (window));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, rows + 4);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (LimnGeneration) generation = g_list_model_get_item (G_LIST_MODEL (history), i);

      g_object_get (generation, "seed", &seed, NULL);
      g_assert_cmpuint (seed, ==, first + 3 - i);
    }
  /* Undo goes back to the photo, not through all of them. */
  activate (window, "discard");
  g_assert_false (limn_document_get_modified (limn_window_get_document (window)));
  destroy (window);
}

/* What is said while a removal goes on. */
typedef struct
{
  GString *all;
  int removing;
} Said;

static void
said_cb (GtkLabel *label, GParamSpec *pspec, Said *said)
{
  const char *text = gtk_label_get_label (label);

  g_string_append_printf (said->all, "%s\n", text);
  said->removing += g_str_has_prefix (text, "Removing, ");
}

/* Nothing stands at 0 %: what comes before is called by its name, and then the number moves. The
 * time that it takes is no model's. */
static void
test_progress (void)
{
  LimnWindow *window = window_with_photo (900, 700);
  GtkWidget *label = find_widget (GTK_WIDGET (window), GTK_TYPE_LABEL, "status_label");
  g_autoptr (GString) all = g_string_new (NULL);
  Said said = { .all = all };

  paint (window, 300, 300, 420, 330, 60);
  g_signal_connect (label, "notify::label", G_CALLBACK (said_cb), &said);
  activate (window, "generate");
  wait_until (is_idle, window);
  g_signal_handlers_disconnect_by_data (label, &said);
  g_test_message ("%s", all->str);
  g_assert_null (strstr (all->str, " 0 %"));
  g_assert_true (g_str_has_prefix (all->str, "Preparing…"));
  g_assert_cmpint (said.removing, >=, 1);
  destroy (window);
}

/* Words that are written do not keep what is marked from being removed. */
static void
test_remove_instead (void)
{
  LimnWindow *window = window_with_photo (200, 160);

  paint (window, 80, 60, 120, 100, 14);
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "a white cloud", NULL);
  activate (window, "remove");
  g_assert_cmpint (limn_job_get_kind (limn_window_get_job (window)), ==, LIMN_JOB_REMOVE);
  wait_until (is_idle, window);
  g_assert_true (limn_document_get_result_pending (limn_window_get_document (window)));
  destroy (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *empty = g_dir_make_tmp ("limn-no-models-XXXXXX", NULL);

  g_setenv ("LIMN_MODELS_DIR", empty, TRUE);
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/remove/verb", test_verb);
  g_test_add_func ("/ui/remove/result", test_result);
  g_test_add_func ("/ui/remove/history", test_history);
  g_test_add_func ("/ui/remove/nothing-outside", test_nothing_outside);
  g_test_add_func ("/ui/remove/adjust", test_adjust);
  g_test_add_func ("/ui/remove/adjust-reopened", test_adjust_reopened);
  g_test_add_func ("/ui/remove/frame", test_frame);
  g_test_add_func ("/ui/remove/frame-within", test_frame_within);
  g_test_add_func ("/ui/remove/variations", test_variations);
  g_test_add_func ("/ui/remove/progress", test_progress);
  g_test_add_func ("/ui/remove/instead", test_remove_instead);
  return fixture_run ();
}
