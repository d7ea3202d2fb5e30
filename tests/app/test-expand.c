/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "app/limn-document-expand.h"
#include "tests/app/fixtures.h"

static char *
hash_tiles (LimnTiles *tiles)
{
  g_autoptr (LimnImage) image = limn_tiles_to_image (tiles, NULL);

  return limn_image_hash (image);
}

typedef struct
{
  gboolean done, expanded;
  GError *error;
} Wait;

static void
expanded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->expanded = limn_document_expand_finish (LIMN_DOCUMENT (source), result, &wait->error);
  wait->done = TRUE;
}

static LimnDocument *
new_document (int width, int height)
{
  g_autoptr (LimnImage) image = fixture_noise (width, height, 3, 1);

  return limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
}

/* Larger, masked where it is new, one step of undo; and once more around what it was at first. */
static void
test_undo (void)
{
  g_autoptr (LimnDocument) document = new_document (300, 200);
  g_autofree char *before = hash_tiles (limn_document_get_image (document)), *after = NULL;
  const LimnMargins margins = { 10, 0, 40, 7 };
  LimnRect from, bounds;
  Wait wait = { 0 };

  g_assert_false (limn_document_get_expanded_from (document, NULL));
  limn_document_expand_async (document, &margins, NULL, expanded_cb, &wait);
  fixture_wait (&wait.done);
  g_assert_no_error (wait.error);
  g_assert_true (wait.expanded);
  g_assert_cmpint (limn_document_get_width (document), ==, 350);
  g_assert_cmpint (limn_document_get_height (document), ==, 207);
  g_assert_true (limn_document_get_expanded_from (document, &from));
  g_assert_cmpint (from.x, ==, 10);
  g_assert_cmpint (from.y, ==, 0);
  g_assert_cmpint (from.width, ==, 300);
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (bounds.width, ==, 350);
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_true (limn_document_get_modified (document));

  wait = (Wait){ 0 };
  limn_document_expand_async (document, &margins, NULL, expanded_cb, &wait);
  fixture_wait (&wait.done);
  g_assert_true (limn_document_get_expanded_from (document, &from));
  g_assert_cmpint (from.x, ==, 20);
  g_assert_cmpint (from.width, ==, 300);

  limn_document_undo (document);
  limn_document_undo (document);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_false (limn_document_get_expanded_from (document, NULL));
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_false (limn_document_get_modified (document));
  after = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (before, ==, after);
  limn_document_redo (document);
  g_assert_cmpint (limn_document_get_width (document), ==, 350);
  g_assert_true (limn_document_get_expanded_from (document, NULL));
}

/* What was done meanwhile is not lost: the larger picture is. */
static void
test_changed_meanwhile (void)
{
  g_autoptr (LimnDocument) document = new_document (300, 200);
  const LimnMargins margins = { 10, 0, 40, 7 }, wrong = { 0, 0, 0, 0 };
  Wait wait = { 0 };

  limn_document_expand_async (document, &margins, NULL, expanded_cb, &wait);
  limn_document_mask_fill (document);
  fixture_wait (&wait.done);
  g_assert_false (wait.expanded);
  g_assert_error (wait.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&wait.error);
  g_assert_cmpint (limn_document_get_width (document), ==, 300);
  g_assert_true (limn_document_get_mask_bounds (document, NULL));

  wait.done = FALSE;
  limn_document_expand_async (document, &wrong, NULL, expanded_cb, &wait);
  fixture_wait (&wait.done);
  g_assert_error (wait.error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
  g_clear_error (&wait.error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/expand-document/undo", test_undo);
  g_test_add_func ("/expand-document/changed-meanwhile", test_changed_meanwhile);
  return g_test_run ();
}
