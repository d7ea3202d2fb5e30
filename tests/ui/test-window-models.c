/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Models in the window, on a real display: dropped, described, added; what they take, and pictures
 * from nothing. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>

#include "tests/ui/window-fixture.h"

/* Of random numbers: what they make is noise, but made in the way of the real ones. */
#define TINY "J-containers/sd1-tiny.safetensors"
#define CLASSES "E1-unet-classcond"

static GFile *
fixture (const char *name)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "golden", "fixtures", name, NULL);

  return g_file_new_for_path (path);
}

static gboolean
has_dialog (gpointer data)
{
  return find_dialog () != NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  return find_dialog () == NULL;
}

static gboolean
is_listed (gpointer id)
{
  return limn_library_lookup (limn_application_get_library (application), id) != NULL;
}

static gboolean
has_details_toast (gpointer window)
{
  return find_toast_button (window, "Details") != NULL;
}

static void
respond (const char *response)
{
  wait_until (has_dialog, NULL);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_dialog ()), response);
  gtk_window_destroy (GTK_WINDOW (find_dialog ()));
}

/* Adds a model to the person's folder as a drop does, and chooses it. */
static void
add (LimnWindow *window, const char *name, const char *id, const char *response)
{
  g_autoptr (GFile) file = fixture (name);

  limn_window_add_model (window, file);
  respond (response);
  wait_until (is_listed, (gpointer)(guintptr)id);
  g_assert_true (limn_settings_panel_select_model (limn_window_get_settings_panel (window), id));
}

/* The dialog says what the file is; Cancel leaves nothing behind. */
static void
test_cancel (void)
{
  LimnWindow *window = new_window ();
  g_autoptr (GFile) file = fixture (TINY);
  const char *body;

  limn_window_add_model (window, file);
  wait_until (has_dialog, NULL);
  g_assert_nonnull (
      strstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (find_dialog ())), "sd1-tiny"));
  body = adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (find_dialog ()));
  g_test_message ("%s", body);
  g_assert_nonnull (strstr (body, "Makes new pictures"));
  g_assert_nonnull (strstr (body, "from a prompt"));
  respond ("cancel");
  iterate_for (200);
  g_assert_false (is_listed ((gpointer)(guintptr)"sd1-tiny"));
  destroy (window);
}

/* What is no model says so, and why. */
static void
test_no_model (void)
{
  LimnWindow *window = new_window ();
  g_autofree char *path = g_build_filename (folder, "nonsense.safetensors", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, "no model", -1, NULL));
  limn_window_add_model (window, file);
  wait_until (has_details_toast, window);
  g_assert_true (limn_window_is_empty (window));
  destroy (window);
}

static void
test_lora (void)
{
  LimnWindow *window = new_window ();
  g_autoptr (GFile) file = fixture ("K6-lora/lora_kohya.safetensors");

  limn_window_add_model (window, file);
  wait_until (has_dialog, NULL);
  g_assert_nonnull (
      strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (find_dialog ())), "--lora"));
  respond ("close");
  destroy (window);
}

static gboolean
is_wide_64 (gpointer window)
{
  LimnDocument *document = limn_window_get_document (window);

  return document != NULL && limn_window_get_job (window) == NULL
         && limn_document_get_modified (document)
         && g_strcmp0 (limn_document_get_title (document), "a calm sea") == 0;
}

static guint64
last_seed (void)
{
  LimnHistory *history = limn_application_get_history (application, NULL);
  g_autoptr (LimnGeneration) generation = g_list_model_get_item (G_LIST_MODEL (history), 0);
  guint64 seed;

  g_object_get (generation, "seed", &seed, NULL);
  return seed;
}

/* From the empty page to a picture that is in the history, can be made again, and is not lost when
 * another one is made. */
static void
test_generate (void)
{
  LimnWindow *window = new_window ();
  LimnPromptBar *bar = limn_window_get_prompt_bar (window);
  LimnHistory *history = limn_application_get_history (application, NULL);
  guint before = g_list_model_get_n_items (G_LIST_MODEL (history));
  g_autoptr (LimnDocument) first = NULL;
  g_autofree char *prompt = NULL;
  guint64 seed;

  g_assert_false (gtk_widget_get_mapped (GTK_WIDGET (bar)));
  add (window, TINY, "sd1-tiny", "copy");
  wait_until (has_no_dialog, NULL);
  iterate_for (50);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (bar)));
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Generate");
  limn_prompt_bar_set_prompts (bar, "a calm sea", "boats");
  g_assert_true (enabled (window, "generate"));
  activate (window, "generate");
  g_assert_nonnull (limn_window_get_job (window));
  wait_until (is_wide_64, window);
  first = g_object_ref (limn_window_get_document (window));
  g_assert_cmpstr (limn_window_get_page (window), ==, "editor");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, before + 1);
  seed = last_seed ();

  /* Another one: the first is only a step away. */
  limn_prompt_bar_set_prompts (bar, "a calm sea", "");
  activate (window, "generate");
  wait_until (is_idle, window);
  g_assert_true (limn_window_get_document (window) != first);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, before + 2);
  activate (window, "previous-picture");
  g_assert_true (limn_window_get_document (window) == first);

  /* "Use again" of the first: words and seed come back. */
  limn_prompt_bar_set_prompts (bar, "something else", "");
  limn_history_panel_activate (limn_window_get_history_panel (window), 1);
  wait_until (is_on_generation_page, window);
  activate (window, "history-use");
  prompt = limn_prompt_bar_get_prompt (bar);
  g_assert_cmpstr (prompt, ==, "a calm sea");
  g_assert_cmpuint (limn_settings_panel_get_seed (limn_window_get_settings_panel (window)), ==,
                    seed);
  g_assert_cmpstr (limn_window_get_page (window), ==, "editor");

  /* With a mask the same model fills it. */
  paint (window, 20, 20, 40, 40, 10);
  wait_until (is_idle, window);
  g_assert_cmpstr (limn_prompt_bar_get_verb (bar), ==, "Fill");
  destroy (window);
}

static GtkWidget *
find_in_bar (LimnWindow *window, const char *name)
{
  return find_widget (GTK_WIDGET (limn_window_get_prompt_bar (window)), GTK_TYPE_WIDGET, name);
}

/* A model of classes shows its list instead of words; one without its autoencoder says so. */
static void
test_classes (void)
{
  LimnWindow *window = new_window ();
  LimnPromptBar *bar = limn_window_get_prompt_bar (window);
  GtkWidget *popover, *search, *list;

  add (window, CLASSES, "E1-unet-classcond", "link");
  iterate_for (50);
  g_assert_true (gtk_widget_get_visible (find_in_bar (window, "class_picker")));
  g_assert_false (gtk_widget_get_visible (find_in_bar (window, "prompt_entry")));
  g_assert_false (gtk_widget_get_visible (find_in_bar (window, "negative_button")));
  g_assert_cmpint (limn_prompt_bar_get_category (bar), ==, 0);
  popover = find_widget (GTK_WIDGET (bar), GTK_TYPE_POPOVER, "picker");
  gtk_popover_popup (GTK_POPOVER (popover));
  iterate_for (100);
  search = find_widget (popover, GTK_TYPE_SEARCH_ENTRY, "search");
  list = find_widget (popover, GTK_TYPE_LIST_VIEW, "list");
  gtk_editable_set_text (GTK_EDITABLE (search), "15");
  iterate_for (200);
  g_assert_cmpuint (
      g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (list)))), ==,
      1);
  g_signal_emit_by_name (search, "activate");
  g_assert_cmpint (limn_prompt_bar_get_category (bar), ==, 15);
  g_assert_false (enabled (window, "generate"));
  iterate_for (300);
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/models/cancel", test_cancel);
  g_test_add_func ("/ui/models/no-model", test_no_model);
  g_test_add_func ("/ui/models/lora", test_lora);
  g_test_add_func ("/ui/models/generate", test_generate);
  g_test_add_func ("/ui/models/classes", test_classes);
  return fixture_run ();
}
