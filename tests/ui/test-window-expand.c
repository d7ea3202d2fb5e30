/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The canvas made larger by its edges, on a real display and with no model installed. Warnings are
 * fatal.
 */
#include "config.h"

#include "tests/ui/window-fixture.h"
#include "ui/limn-history-cell.h"

static const char *
verb (LimnWindow *window)
{
  return limn_prompt_bar_get_verb (limn_window_get_prompt_bar (window));
}

static LimnImage *
picture (LimnWindow *window)
{
  return limn_tiles_to_image (limn_document_get_image (limn_window_get_document (window)), NULL);
}

static gboolean
is_larger (gpointer window)
{
  LimnDocument *document = limn_window_get_document (window);

  return limn_document_get_width (document) > 200 || limn_document_get_height (document) > 160;
}

static void
record_cb (const LimnMargins *margins, gpointer user_data)
{
  *(LimnMargins *)user_data = *margins;
}

/* What a drag from one place to another adds, without a window. */
static void
test_drag (void)
{
  LimnMargins got = { 0 };
  const LimnTool *tool = limn_tool_lookup ("expand");
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (200, 100, 3), NULL, NULL);
  LimnToolContext context
      = { .document = document, .scale = 1, .expand = record_cb, .user_data = &got };
  static const struct
  {
    double from[2], to[2];
    LimnToolModifiers keys;
    LimnMargins expected;
  } rows[] = {
    { { 2, 50 }, { -38, 70 }, 0, { 40, 0, 0, 0 } },
    { { 198, 98 }, { 248, 123 }, 0, { 0, 0, 50, 25 } },
    { { 198, 50 }, { 228, 50 }, LIMN_TOOL_SHIFT, { 30, 0, 30, 0 } },
    { { 100, -5 }, { 100, -35 }, 0, { 0, 30, 0, 0 } },
    /* Inwards, and from the middle: nothing. */
    { { 2, 50 }, { 60, 50 }, 0, { 0, 0, 0, 0 } },
    { { 100, 50 }, { 300, 300 }, 0, { 0, 0, 0, 0 } },
    /* More than there can be: what was possible before. */
    { { 198, 50 }, { 1e7, 50 }, 0, { 0, 0, 0, 0 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LimnToolPoint a = { .x = rows[i].from[0], .y = rows[i].from[1] };
      LimnToolPoint b = { .x = rows[i].to[0], .y = rows[i].to[1], .modifiers = rows[i].keys };

      got = (LimnMargins){ 0 };
      limn_tool_press (tool, &context, &a);
      limn_tool_move (tool, &context, &b);
      limn_tool_release (tool, &context);
      g_assert_cmpmem (&got, sizeof got, &rows[i].expected, sizeof got);
      g_assert_cmpuint (context.outline->len, ==, 0);
    }
  limn_tool_context_clear (&context);
}

/* Keeps in @said whether the window ever told of a removal (2) or of an expansion (1); so quick a job may say neither. */
static void
subtitle_cb (AdwWindowTitle *title, GParamSpec *pspec, int *said)
{
  if (strstr (adw_window_title_get_subtitle (title), "Removing") != NULL)
    *said |= 2;
  if (strstr (adw_window_title_get_subtitle (title), "Expanding") != NULL)
    *said |= 1;
}

/* Enlarged, filled by the picture's own patches, undone. */
static void
test_fill (void)
{
  LimnWindow *window = window_with_photo (200, 160);
  LimnDocument *document = limn_window_get_document (window);
  g_autoptr (LimnImage) before = picture (window), larger = NULL, after = NULL, undone = NULL;
  LimnMargins margins = { 0, 0, 60, 0 };
  g_autofree char *label = NULL, *first = NULL, *last = NULL, *row = NULL;
  g_autoptr (LimnJob) job = NULL;
  GtkWidget *title = find_widget (GTK_WIDGET (window), ADW_TYPE_WINDOW_TITLE, NULL);
  int changed = 0, said = 0;

  g_signal_emit_by_name (limn_window_get_canvas (window), "expand", &margins);
  wait_until (is_larger, window);
  iterate_for (50);
  g_assert_cmpint (limn_document_get_width (document), ==, 260);
  g_assert_cmpstr (verb (window), ==, "Expand");
  g_assert_true (enabled (window, "generate"));
  larger = picture (window);
  activate (window, "generate");
  job = g_object_ref (limn_window_get_job (window));
  g_assert_cmpint (limn_job_get_kind (job), ==, LIMN_JOB_REMOVE);
  g_signal_connect (title, "notify::subtitle", G_CALLBACK (subtitle_cb), &said);
  wait_until (is_idle, window);
  g_signal_handlers_disconnect_by_data (title, &said);
  g_assert_cmpint (said & 2, ==, 0);
  g_object_get (document, "undo-label", &label, NULL);
  g_assert_cmpstr (label, ==, "Expand");
  after = picture (window);
  for (int y = 0; y < 160; y++)
    {
      changed += memcmp (limn_image_row (larger, y) + 3 * 200, limn_image_row (after, y) + 3 * 200,
                         3 * 60)
                 != 0;
      g_assert_cmpmem (limn_image_row (after, y), 3 * 150, limn_image_row (before, y), 3 * 150);
    }
  g_assert_cmpint (changed, >, 80);
  row = limn_generation_describe (limn_job_get_generation (job));
  g_assert_cmpstr (row, ==, "Expanded");
  activate (window, "keep");
  g_assert_true (mask_is_empty (window));
  /* What is painted at the edge from now on is nothing that was added. */
  paint (window, 240, 60, 250, 70, 8);
  g_assert_cmpstr (verb (window), ==, "Remove");
  while (enabled (window, "undo"))
    activate (window, "undo");
  undone = picture (window);
  first = limn_image_hash (before);
  last = limn_image_hash (undone);
  g_assert_cmpstr (first, ==, last);
  destroy (window);
}

/* As the button's menu has it done. */
static void
test_proportions (void)
{
  LimnWindow *window = window_with_photo (200, 160);

  g_action_group_activate_action (G_ACTION_GROUP (window), "expand-to",
                                  g_variant_new_string ("16:9"));
  wait_until (is_larger, window);
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 285);
  g_assert_cmpint (limn_document_get_height (limn_window_get_document (window)), ==, 160);
  activate (window, "undo");
  g_assert_cmpint (limn_document_get_width (limn_window_get_document (window)), ==, 200);
  destroy (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *empty = g_dir_make_tmp ("limn-no-models-XXXXXX", NULL);

  g_setenv ("LIMN_MODELS_DIR", empty, TRUE);
  fixture_init (&argc, &argv);
  g_test_add_func ("/ui/expand/drag", test_drag);
  g_test_add_func ("/ui/expand/fill", test_fill);
  g_test_add_func ("/ui/expand/proportions", test_proportions);
  return fixture_run ();
}
