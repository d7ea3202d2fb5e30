/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the window says over the picture of its own accord, and what shows what a run would work on.
 */
#include "tests/ui/window-fixture.h"

#include "ui/limn-paste-popover.h"
#include "ui/limn-settings.h"

static const char *
status_of (LimnWindow *window)
{
  GtkWidget *label = find_widget (GTK_WIDGET (window), GTK_TYPE_LABEL, "status_label");

  return gtk_widget_get_visible (label) ? gtk_label_get_label (GTK_LABEL (label)) : NULL;
}

/* Until the first stroke each tool says what to do with it, or nothing; never what another one
 * does. */
static void
test_hints (void)
{
  GSettings *settings = limn_application_get_settings (application);
  LimnWindow *window;
  LimnCanvas *canvas;

  g_settings_set_boolean (settings, "hint-seen", FALSE);
  window = window_with_photo (300, 200);
  canvas = limn_window_get_canvas (window);
  g_assert_cmpstr (status_of (window), ==, "Brush over what should change");
  for (const LimnTool *tool = limn_tool_list (); tool->name != NULL; tool++)
    {
      if (!limn_tool_is_offered (tool, LIMN_TAKES_PROMPT))
        continue;
      limn_canvas_set_tool (canvas, tool->name);
      g_assert_cmpstr (status_of (window), ==, tool->hint);
    }
  limn_canvas_set_tool (canvas, "expand");
  g_assert_nonnull (strstr (status_of (window), "edges"));
  limn_canvas_set_tool (canvas, "pan");
  g_assert_null (status_of (window));
  limn_canvas_set_tool (canvas, "brush");
  g_assert_nonnull (status_of (window));
  paint (window, 50, 50, 120, 60, 12);
  g_assert_null (status_of (window));
  activate (window, "undo");
  limn_canvas_set_tool (canvas, "expand");
  g_assert_null (status_of (window));
  destroy (window);
}

static gboolean
says_everything (gpointer window)
{
  const char *status = status_of (window);

  return status != NULL && strstr (status, "All of the picture is marked") != NULL;
}

static gboolean
says_nothing (gpointer window)
{
  return status_of (window) == NULL;
}

/* All is marked, and nothing said: why the button is grey stands over the picture, and in its
 * tooltip. */
static void
test_everything_marked (void)
{
  LimnWindow *window;
  GtkWidget *button;

  if (model_is_missing ())
    return;
  window = window_with_photo (300, 200);
  button = find_widget (GTK_WIDGET (window), GTK_TYPE_BUTTON, "run_button");
  activate (window, "mask-all");
  wait_until (says_everything, window);
  g_assert_false (gtk_widget_get_sensitive (button));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (button), ==, status_of (window));
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "a red door", NULL);
  wait_until (says_nothing, window);
  g_assert_true (gtk_widget_get_sensitive (button));
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), "", NULL);
  wait_until (says_everything, window);
  activate (window, "mask-none");
  wait_until (says_nothing, window);
  destroy (window);
}

static LimnRect frame_before;

static gboolean
has_frame (gpointer window)
{
  return limn_canvas_get_frame (limn_window_get_canvas (window), NULL);
}

static gboolean
has_other_frame (gpointer window)
{
  LimnRect frame;

  return limn_canvas_get_frame (limn_window_get_canvas (window), &frame)
         && memcmp (&frame, &frame_before, sizeof frame) != 0;
}

/* What a worker does to the mask, as the wand does, leaves frame and rim where there is work: also
 * where a model would do it, which waits for the worker. */
static void
test_frame_after_worker (gconstpointer prompt)
{
  const LimnMaskEdit click = { .kind = LIMN_MASK_EDIT_WAND,
                               .x = 20,
                               .y = 500,
                               .tolerance = 30,
                               .contiguous = TRUE,
                               .mode = LIMN_MASK_ADD };
  LimnWindow *window;
  LimnCanvas *canvas;

  if (model_is_missing ())
    return;
  window = window_with_photo (900, 600);
  canvas = limn_window_get_canvas (window);
  limn_prompt_bar_set_prompts (limn_window_get_prompt_bar (window), prompt, NULL);
  paint (window, 300, 100, 400, 100, 30);
  wait_until (has_frame, window);
  g_assert_true (limn_canvas_has_rim (canvas));
  g_assert_true (limn_canvas_get_frame (canvas, &frame_before));
  g_signal_emit_by_name (canvas, "edit-mask", &click);
  wait_until (has_other_frame, window);
  g_assert_true (limn_canvas_has_rim (canvas));
  iterate_for (400);
  g_assert_true (has_frame (window));
  activate (window, "undo");
  iterate_for (400);
  g_assert_true (has_frame (window));
  g_assert_true (limn_canvas_has_rim (canvas));
  destroy (window);
}

static gboolean
has_note (gpointer window)
{
  GtkWidget *popover = find_widget (GTK_WIDGET (window), LIMN_TYPE_PASTE_POPOVER, NULL);

  return gtk_widget_get_visible (find_widget (popover, GTK_TYPE_LABEL, "note_label"));
}

/* What a result left alone is said in plain words; the hash is there for who asks. */
static void
test_paste_note (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  GtkLabel *note;

  paint (window, 90, 80, 110, 80, 8);
  activate (window, "remove");
  g_assert_nonnull (limn_window_get_job (window));
  wait_until (is_idle, window);
  wait_until (has_note, window);
  note = GTK_LABEL (find_widget (find_widget (GTK_WIDGET (window), LIMN_TYPE_PASTE_POPOVER, NULL),
                                 GTK_TYPE_LABEL, "note_label"));
  g_assert_cmpstr (gtk_label_get_label (note), ==, "✓ Nothing outside the result has changed.");
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (GTK_WIDGET (note)), "SHA-256"));
  destroy (window);
}

int
main (int argc, char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/hints/tools", test_hints);
  g_test_add_func ("/ui/hints/everything-marked", test_everything_marked);
  g_test_add_data_func ("/ui/hints/frame/remove", "", test_frame_after_worker);
  g_test_add_data_func ("/ui/hints/frame/fill", "a red door", test_frame_after_worker);
  g_test_add_func ("/ui/hints/paste-note", test_paste_note);
  return fixture_run ();
}
