/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What keys mean where, with a real keyboard: in text fields they edit text, in the history they
 * delete and bring back. Warnings are fatal.
 */
#include "config.h"

#include <adwaita.h>

#include "tests/ui/pointer.h"
#include "tests/ui/window-fixture.h"
#include "ui/limn-generation-view.h"
#include "ui/limn-history-cell.h"
#include "ui/limn-prompt-entry.h"

/* ---- Text fields -------------------------------------------------------------------------------
 */

/* What the keys that edit text do where none is edited. */
static const char *const editing[]
    = { "undo", "redo", "mask-all", "mask-none", "paste", "paint-clear" };

static void
count_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ++*(guint *)user_data;
}

/* Puts an action that counts into @count in the place of one of the window's. */
static void
count_action (LimnWindow *window, const char *name, const char *type, guint *count)
{
  g_autoptr (GSimpleAction) action
      = g_simple_action_new (name, type != NULL ? G_VARIANT_TYPE (type) : NULL);

  g_assert_true (g_action_map_lookup_action (G_ACTION_MAP (window), name) != NULL);
  g_signal_connect (action, "activate", G_CALLBACK (count_cb), count);
  g_action_map_add_action (G_ACTION_MAP (window), G_ACTION (action));
}

/* The document's changes would disable them again. */
static void
enable (LimnWindow *window, const char *name)
{
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), name)), TRUE);
}

static void
press (LimnWindow *window, const char *key)
{
  g_autofree char *words = g_strconcat ("key ", key, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (editing); i++)
    enable (window, editing[i]);
  enable (window, "upscale");
  enable (window, "generate");
  pointer (window, words);
}

/* Every key that edits text, in the field that has the focus, empty and with something in it. */
static void
press_all (LimnWindow *window, GtkWidget *field)
{
  static const char *const keys[] = { "ctrl+z",
                                      "ctrl+shift+z",
                                      "ctrl+y",
                                      "ctrl+a",
                                      "ctrl+shift+a",
                                      "ctrl+v",
                                      "ctrl+u",
                                      "ctrl+shift+u",
                                      "ctrl+shift+BackSpace",
                                      "b",
                                      "m",
                                      "plus",
                                      "1",
                                      "bracketleft",
                                      "ctrl+z",
                                      "ctrl+y",
                                      "ctrl+u",
                                      "Delete" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      press (window, keys[i]);
      /* What Ctrl+Shift+U begins is no key that is tried here. */
      if (g_str_equal (keys[i], "ctrl+shift+u"))
        press (window, "Escape");
      if (gtk_widget_get_focus_child (field) == NULL && !gtk_widget_has_focus (field))
        gtk_widget_grab_focus (field);
    }
}

static void
test_fields (void)
{
  static const char *const fields[]
      = { "search_entry", "seed_entry", "prompt_entry", "negative_entry" };
  LimnWindow *window;
  guint edited = 0, generated = 0;

  if (!pointer_available ())
    return;
  window = window_with_photo (400, 240);
  for (gsize i = 0; i < G_N_ELEMENTS (editing); i++)
    count_action (window, editing[i], NULL, &edited);
  count_action (window, "upscale", "i", &edited);
  count_action (window, "tool", "s", &edited);
  count_action (window, "mask-visible", NULL, &edited);
  count_action (window, "zoom-in", NULL, &edited);
  count_action (window, "zoom-100", NULL, &edited);
  count_action (window, "brush-smaller", NULL, &edited);
  count_action (window, "generate", NULL, &generated);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      GtkWidget *field = find_widget (GTK_WIDGET (window), GTK_TYPE_WIDGET, fields[i]);

      activate (window, "history");
      if (g_str_equal (fields[i], "seed_entry"))
        adw_view_stack_set_visible_child_name (
            ADW_VIEW_STACK (find_widget (GTK_WIDGET (window), ADW_TYPE_VIEW_STACK, NULL)),
            "settings");
      if (g_str_equal (fields[i], "negative_entry"))
        gtk_revealer_set_reveal_child (
            GTK_REVEALER (gtk_widget_get_ancestor (field, GTK_TYPE_REVEALER)), TRUE);
      iterate_for (400);
      g_assert_true (gtk_widget_grab_focus (field));
      press_all (window, field);
      g_assert_cmpuint (edited, ==, 0);
      /* What is no editing goes on to mean the picture. */
      press (window, "ctrl+Return");
      g_assert_cmpuint (generated, ==, i + 1);
    }
  /* The same keys do something where no text is. */
  gtk_widget_grab_focus (GTK_WIDGET (limn_window_get_canvas (window)));
  press (window, "ctrl+u");
  press (window, "ctrl+y");
  press (window, "ctrl+a");
  press (window, "ctrl+shift+BackSpace");
  press (window, "b");
  press (window, "bracketleft");
  g_assert_cmpuint (edited, ==, 6);
  destroy (window);
}

/* Ctrl+U and Ctrl+Y in the prompt do what they do in the other fields. */
static void
test_prompt_edits (void)
{
  LimnWindow *window;
  LimnPromptEntry *entry;
  g_autofree char *deleted = NULL, *undone = NULL, *redone = NULL;

  if (!pointer_available ())
    return;
  window = window_with_photo (400, 240);
  activate (window, "focus-prompt");
  entry = LIMN_PROMPT_ENTRY (find_widget (GTK_WIDGET (window), LIMN_TYPE_PROMPT_ENTRY, NULL));
  pointer (window, "type sea");
  pointer (window, "key ctrl+u");
  deleted = limn_prompt_entry_get_text (entry);
  g_assert_cmpstr (deleted, ==, "");
  pointer (window, "key ctrl+z");
  undone = limn_prompt_entry_get_text (entry);
  g_assert_cmpstr (undone, ==, "sea");
  pointer (window, "key ctrl+y");
  redone = limn_prompt_entry_get_text (entry);
  g_assert_cmpstr (redone, ==, "");
  destroy (window);
}

/* ---- Menus -------------------------------------------------------------------------------------
 */

/* A label that can be seen. */
static GtkWidget *
find_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && gtk_widget_get_child_visible (widget)
      && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The row of a menu that has the focus. */
static const char *
focused_text (LimnWindow *window)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  GtkWidget *label = focus != NULL ? find_widget (focus, GTK_TYPE_LABEL, NULL) : NULL;

  return label != NULL ? gtk_label_get_text (GTK_LABEL (label)) : "";
}

static gboolean
is_wide (gpointer window)
{
  return limn_document_get_width (limn_window_get_document (window)) == 427;
}

static gboolean
has_submenu (gpointer button)
{
  return find_label (button, "16:9") != NULL;
}

/* The menu beside the button, with its menu within, by the keyboard alone; also while nothing is marked
 * and all else in it is grey. */
static void
test_verb_menu (void)
{
  static const char *const keys[] = { "Return", "space", "Right" };

  if (!pointer_available ())
    return;
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (keys); i++)
    {
      LimnWindow *window = window_with_photo (400, 240);
      g_autofree char *words = g_strconcat ("key ", keys[i / 2], NULL);
      GtkWidget *button = find_widget (GTK_WIDGET (window), GTK_TYPE_MENU_BUTTON, "run_menu_button");

      if (i % 2 == 1)
        paint (window, 50, 50, 90, 60, 10);
      gtk_widget_child_focus (button, GTK_DIR_TAB_FORWARD);
      pointer (window, "key Return");
      iterate_for (300);
      for (int k = 0; k < 6 && !g_str_equal (focused_text (window), "Enlarge the canvas to"); k++)
        pointer (window, "key Down");
      g_assert_cmpstr (focused_text (window), ==, "Enlarge the canvas to");
      pointer (window, words);
      wait_until (has_submenu, button);
      for (int k = 0; k < 3 && !g_str_equal (focused_text (window), "16:9"); k++)
        pointer (window, "key Down");
      g_assert_cmpstr (focused_text (window), ==, "16:9");
      pointer (window, "key Return");
      wait_until (is_wide, window);
      destroy (window);
    }
}

/* ---- The history -------------------------------------------------------------------------------
 */

static LimnHistory *
get_history (void)
{
  return limn_application_get_history (application, NULL);
}

static gint64
add_row (const char *prompt, const char *kind, int steps)
{
  g_autoptr (LimnGeneration) generation = limn_generation_new (kind);
  g_autoptr (LimnImage) output = limn_image_new (30, 20, 3, NULL);
  g_autoptr (GError) error = NULL;

  memset (output->pixels, 77, output->stride * output->height);
  g_object_set (generation, "prompt", prompt, "seed", (guint64)4711, "steps", steps, NULL);
  g_assert_true (limn_history_add (get_history (), generation, NULL, NULL, output, &error));
  g_assert_no_error (error);
  iterate_for (50);
  return limn_generation_get_id (generation);
}

/* The entry whose row has the keys, 0: none has. */
static gint64
focused_row (LimnWindow *window)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  GtkWidget *cell = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;

  return LIMN_IS_HISTORY_CELL (cell) ? limn_history_cell_get_id (LIMN_HISTORY_CELL (cell)) : 0;
}

static gboolean
has_a_row (gpointer window)
{
  return focused_row (window) != 0;
}

static gint64 wanted_row;

static gboolean
has_wanted_row (gpointer window)
{
  return focused_row (window) == wanted_row;
}

static void
wait_for_row (LimnWindow *window, gint64 id)
{
  wanted_row = id;
  wait_until (has_wanted_row, window);
}

static guint
position_of (gint64 id)
{
  guint position = G_MAXUINT;

  g_assert_true (limn_history_find (get_history (), id, &position));
  return position;
}

/* After the button of the view, and after the key in the list, the keys are at the next entry; what
 * was deleted comes back to its place by its toast or Ctrl+Z, and has the keys. */
static void
test_delete (void)
{
  LimnWindow *window;
  gint64 ids[4];
  guint position;

  if (!pointer_available ())
    return;
  window = window_with_photo (120, 90);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = add_row ("a row", "inpaint", 9);
  activate (window, "history");
  iterate_for (300);

  position = position_of (ids[2]);
  limn_history_panel_activate (limn_window_get_history_panel (window), position);
  wait_until (is_on_generation_page, window);
  gtk_widget_grab_focus (find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "delete_button"));
  pointer (window, "key space");
  wait_for_row (window, ids[1]);
  wait_until (has_undo_toast, window);
  click_toast (find_toast_button (window, "Undo"));
  wait_for_row (window, ids[2]);
  g_assert_cmpuint (position_of (ids[2]), ==, position);

  pointer (window, "key Delete");
  wait_for_row (window, ids[1]);
  pointer (window, "key Delete");
  wait_for_row (window, ids[0]);
  g_assert_false (limn_history_find (get_history (), ids[1], &position));
  pointer (window, "key ctrl+z");
  wait_for_row (window, ids[1]);
  pointer (window, "key ctrl+z");
  wait_for_row (window, ids[2]);
  g_assert_cmpuint (position_of (ids[2]), ==, 1);
  g_assert_cmpuint (position_of (ids[1]), ==, 2);

  /* The last one of all: there is none after it. */
  while (g_list_model_get_n_items (G_LIST_MODEL (get_history ())) > 1)
    {
      g_autoptr (LimnGeneration) first = g_list_model_get_item (G_LIST_MODEL (get_history ()), 0);

      g_assert_true (limn_history_remove (get_history (), limn_generation_get_id (first), NULL));
    }
  limn_history_panel_focus_row (limn_window_get_history_panel (window), 99);
  iterate_for (100);
  g_assert_cmpint (focused_row (window), !=, 0);
  pointer (window, "key Delete");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (get_history ())), ==, 0);
  /* There is no list any more, but a button that has the keys. */
  pointer (window, "key space");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (get_history ())), ==, 1);
  wait_until (has_a_row, window);
  destroy (window);
}

/* The key works in the view, too; where the list is not seen, the picture has the keys then. */
static void
test_delete_in_view (void)
{
  LimnWindow *window;
  gint64 id;
  guint position;

  if (!pointer_available ())
    return;
  window = window_with_photo (120, 90);
  id = add_row ("a row", "inpaint", 9);
  limn_history_panel_activate (limn_window_get_history_panel (window), position_of (id));
  wait_until (is_on_generation_page, window);
  gtk_widget_grab_focus (find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "back_button"));
  pointer (window, "key Delete");
  g_assert_false (limn_history_find (get_history (), id, &position));
  g_assert_false (is_on_generation_page (window));
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (limn_window_get_canvas (window))));
  destroy (window);
}

/* A seed is named where there was one. */
static void
test_seeds (void)
{
  static const struct
  {
    const char *kind;
    int steps;
    gboolean has;
  } rows[] = { { "inpaint", 9, TRUE }, { "upscale", 9, TRUE }, { "upscale", 0, FALSE } };
  LimnWindow *window = window_with_photo (120, 90);

  activate (window, "history");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LimnHistoryPanel *panel = limn_window_get_history_panel (window);
      GtkWidget *cell, *label;

      add_row ("a row", rows[i].kind, rows[i].steps);
      iterate_for (200);
      limn_history_panel_focus_row (panel, 0);
      cell = gtk_widget_get_first_child (gtk_window_get_focus (GTK_WINDOW (window)));
      label = find_widget (cell, GTK_TYPE_LABEL, "meta_label");
      g_assert_cmpint (strstr (gtk_label_get_text (GTK_LABEL (label)), "4711") != NULL, ==,
                       rows[i].has);
      limn_history_panel_activate (panel, 0);
      wait_until (is_on_generation_page, window);
      label = find_widget (find_widget (GTK_WIDGET (window), LIMN_TYPE_GENERATION_VIEW, NULL),
                           GTK_TYPE_LABEL, "meta_label");
      g_assert_cmpint (strstr (gtk_label_get_text (GTK_LABEL (label)), "4711") != NULL, ==,
                       rows[i].has);
      activate (window, "history-close");
    }
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/keys/verb-menu", test_verb_menu);
  g_test_add_func ("/ui/keys/fields", test_fields);
  g_test_add_func ("/ui/keys/prompt-edits", test_prompt_edits);
  g_test_add_func ("/ui/keys/delete", test_delete);
  g_test_add_func ("/ui/keys/delete-in-view", test_delete_in_view);
  g_test_add_func ("/ui/keys/seeds", test_seeds);
  return fixture_run ();
}
