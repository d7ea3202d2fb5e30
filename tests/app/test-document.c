/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "app/limn-document-private.h"
#include "tests/app/document-fixtures.h"
#include "tests/app/fixtures.h"

/* ---- Undo ---------------------------------------------------------------------------------------------------------- */

static void
random_edit (LimnDocument *document, GRand *rand)
{
  int width = limn_document_get_width (document), height = limn_document_get_height (document);

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      limn_document_mask_fill (document);
      break;
    case 1:
      limn_document_mask_invert (document);
      break;
    case 2:
      limn_document_mask_clear (document);
      break;
    case 3:
      {
        g_autoptr (LimnImage) mask = fixture_noise (width, height, 1, g_rand_int (rand));

        limn_document_set_mask (document, limn_tiles_new_from_image (mask), "Load");
        break;
      }
    case 4:
      {
        LimnPatch *patch = fixture_patch (g_rand_int_range (rand, 0, width / 2), g_rand_int_range (rand, 0, height / 2),
                                      g_rand_int_range (rand, 1, width / 2 + 1), g_rand_int_range (rand, 1, height / 2 + 1),
                                      g_rand_int (rand));

        limn_document_apply_patch (document, patch, "Generate", NULL);
        limn_patch_free (patch);
        break;
      }
    case 5:
      if (width < 1000)
        {
          g_autoptr (LimnImage) image = fixture_noise (width * 2, height * 2, 3, g_rand_int (rand));

          limn_document_replace_image (document, limn_tiles_new_from_image (image), "Upscale", NULL);
        }
      break;
    default:
      limn_document_begin_stroke (document, g_rand_boolean (rand), g_rand_double_range (rand, 1, 60),
                                  g_rand_double_range (rand, 0, 1));
      for (int i = g_rand_int_range (rand, 1, 6); i > 0; i--)
        limn_document_stroke_to (document, g_rand_double_range (rand, 0, width), g_rand_double_range (rand, 0, height),
                                 g_rand_double_range (rand, 0, 1));
      limn_document_end_stroke (document);
    }
}

/* Undoing everything gives every state back in turn, and so does redoing. */
static void
test_undo_is_identity (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (77);

  for (int round = 0; round < 4; round++)
    {
      g_autoptr (LimnDocument) document = fixture_document (300, 280, 3 + round % 2);
      g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
      int n = 0;

      g_ptr_array_add (states, fixture_hash_document (document));
      for (int i = 0; i < 25; i++)
        {
          random_edit (document, rand);
          /* An edit that changed nothing may be no step. */
          if (g_queue_get_length (&document->undo) > (guint) n)
            {
              n++;
              g_ptr_array_add (states, fixture_hash_document (document));
            }
        }
      for (int i = n; i > 0; i--)
        {
          g_autofree char *state = NULL;

          g_assert_true (limn_document_get_can_undo (document));
          limn_document_undo (document);
          state = fixture_hash_document (document);
          g_assert_cmpstr (state, ==, states->pdata[i - 1]);
        }
      g_assert_false (limn_document_get_can_undo (document));
      g_assert_false (limn_document_get_modified (document));
      for (int i = 1; i <= n; i++)
        {
          g_autofree char *state = NULL;

          limn_document_redo (document);
          state = fixture_hash_document (document);
          g_assert_cmpstr (state, ==, states->pdata[i]);
        }
      g_assert_false (limn_document_get_can_redo (document));
    }
}

/* Many steps cost what changed; with a small budget the oldest are forgotten, and what is left works. */
static void
test_undo_budget (void)
{
  g_autoptr (LimnDocument) document = fixture_document (1024, 1024, 3);
  gsize used;

  for (int i = 0; i < 50; i++)
    {
      limn_document_begin_stroke (document, i % 2 == 1, 4, 1);
      limn_document_stroke_to (document, 100, 100, 1);
      limn_document_end_stroke (document);
    }
  g_assert_cmpuint (g_queue_get_length (&document->undo), ==, 50);
  /* One tile of the mask a step. */
  g_assert_cmpuint (document->undo_bytes, <=, 50 * (65536 + 1000));

  used = document->undo_bytes;
  _limn_document_set_undo_budget (document, used / 5);
  g_assert_cmpuint (g_queue_get_length (&document->undo), <, 20);
  g_assert_cmpuint (g_queue_get_length (&document->undo), >, 5);
  while (limn_document_get_can_undo (document))
    limn_document_undo (document);
  g_assert_cmpuint (document->undo_bytes, ==, 0);
}

static void
count_cb (GObject *object, GParamSpec *pspec, int *count)
{
  (*count)++;
}

static void
test_properties (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 200, 3);
  g_autofree char *label = NULL;
  int undo = 0, empty = 0;

  g_signal_connect (document, "notify::can-undo", G_CALLBACK (count_cb), &undo);
  g_signal_connect (document, "notify::mask-empty", G_CALLBACK (count_cb), &empty);
  limn_document_mask_fill (document);
  limn_document_mask_invert (document);
  limn_document_mask_invert (document);
  g_assert_cmpint (undo, ==, 1);
  g_assert_cmpint (empty, ==, 3);
  limn_document_undo (document);
  g_object_get (document, "redo-label", &label, NULL);
  g_assert_nonnull (label);
  limn_document_undo (document);
  limn_document_undo (document);
  g_assert_cmpint (undo, ==, 2);
}

/* ---- Results ------------------------------------------------------------------------------------------------------- */

/* Where alpha is 0 no byte changes, in the picture, with or without alpha. */
static void
test_patch_keeps_the_rest (void)
{
  for (int channels = 3; channels <= 4; channels++)
    {
      g_autoptr (LimnDocument) document = fixture_document (700, 600, channels);
      g_autoptr (LimnImage) before = limn_tiles_to_image (limn_document_get_image (document), NULL);
      g_autoptr (LimnImage) expected = limn_image_copy (before, NULL);
      g_autoptr (LimnImage) after = NULL;
      g_autoptr (LimnPatch) patch = fixture_patch (200, 130, 301, 257, 8);

      limn_patch_apply (patch, expected);
      limn_document_apply_patch (document, patch, "Generate", NULL);
      after = limn_tiles_to_image (limn_document_get_image (document), NULL);
      g_assert_true (fixture_images_equal (after, expected));
      g_assert_false (fixture_images_equal (after, before));
      for (int y = 0; y < after->height; y++)
        for (int x = 0; x < after->width; x++)
          {
            gboolean inside = x >= 200 && x < 501 && y >= 130 && y < 387;

            if (!inside || limn_image_row (patch->alpha, y - 130)[x - 200] == 0)
              g_assert_cmpmem (limn_image_row (after, y) + x * channels, channels, limn_image_row (before, y) + x * channels,
                               channels);
          }
    }
}

static void
test_pending (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 300, 3);
  g_autofree char *first = fixture_hash_tiles (limn_document_get_image (document));
  g_autofree char *original = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autoptr (LimnPatch) patch = fixture_patch (10, 10, 200, 200, 1);

  limn_document_apply_patch (document, patch, "Generate", NULL);
  g_assert_true (limn_document_get_result_pending (document));
  g_assert_true (limn_document_get_modified (document));
  original = fixture_hash_tiles (limn_document_get_original (document));
  g_assert_cmpstr (original, ==, first);

  /* Discarded at once: it is undo, and can be redone. */
  limn_document_discard_result (document);
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_false (limn_document_get_modified (document));
  g_assert_true (limn_document_get_can_redo (document));
  limn_document_redo (document);
  g_assert_true (limn_document_get_result_pending (document));

  /* Discarded after a stroke: the stroke stays. */
  limn_document_begin_stroke (document, FALSE, 20, 1);
  limn_document_stroke_to (document, 50, 50, 1);
  limn_document_end_stroke (document);
  limn_document_discard_result (document);
  second = fixture_hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (second, ==, first);
  g_assert_false (limn_document_get_modified (document));
  g_assert_true (limn_document_get_mask_bounds (document, NULL));
  limn_document_undo (document);
  g_assert_true (limn_document_get_result_pending (document));

  /* Kept: undoing the stroke does not ask again. */
  limn_document_keep_result (document);
  g_assert_false (limn_document_get_result_pending (document));
  limn_document_undo (document);
  g_assert_false (limn_document_get_result_pending (document));
  g_assert_true (limn_document_get_modified (document));
  limn_document_undo (document);
  third = fixture_hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (third, ==, first);
  g_assert_false (limn_document_get_modified (document));
}

/* A result on a result: discarding the second leaves the first. */
static void
test_pending_twice (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 300, 3);
  g_autoptr (LimnPatch) patch = fixture_patch (10, 10, 200, 200, 1);
  g_autoptr (LimnPatch) other = fixture_patch (50, 50, 200, 200, 5);
  g_autofree char *first = NULL;
  g_autofree char *after = NULL;

  limn_document_apply_patch (document, patch, "Generate", NULL);
  first = fixture_hash_tiles (limn_document_get_image (document));
  limn_document_apply_patch (document, other, "Generate", NULL);
  limn_document_discard_result (document);
  after = fixture_hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (after, ==, first);
  g_assert_true (limn_document_get_result_pending (document));
}

static void
resized_cb (LimnDocument *document, int *count)
{
  (*count)++;
}

static void
test_replace_image (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 200, 3);
  g_autoptr (LimnImage) large = fixture_noise (1200, 800, 3, 9);
  LimnRect bounds;
  int resized = 0;

  g_signal_connect (document, "resized", G_CALLBACK (resized_cb), &resized);
  limn_document_begin_stroke (document, FALSE, 10, 1);
  limn_document_stroke_to (document, 100, 50, 1);
  limn_document_end_stroke (document);
  limn_document_replace_image (document, limn_tiles_new_from_image (large), "Upscale", NULL);
  g_assert_cmpint (resized, ==, 1);
  g_assert_cmpint (limn_document_get_width (document), ==, 1200);
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (ABS (bounds.x - 360), <=, 4);
  g_assert_cmpint (ABS (bounds.width - 80), <=, 8);

  limn_document_discard_result (document);
  g_assert_cmpint (resized, ==, 2);
  g_assert_cmpint (limn_document_get_height (document), ==, 200);
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (bounds.x, ==, 90);
}

/* ---- Files --------------------------------------------------------------------------------------------------------- */

typedef struct
{
  LimnDocument *document;
  GError *error;
  gboolean done, saved;
} Wait;

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->document = limn_document_open_finish (result, &wait->error);
  wait->done = TRUE;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->saved = limn_document_save_finish (LIMN_DOCUMENT (source), result, &wait->error);
  wait->done = TRUE;
}

static void
save (LimnDocument *document, GFile *file, Wait *wait)
{
  *wait = (Wait) { 0 };
  limn_document_save_async (document, file, 90, NULL, saved_cb, wait);
}

/* "modified" follows the state that is in the file through undo and redo. */
static void
test_save (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "Bild ü.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (LimnDocument) document = fixture_document (300, 200, 3);
  g_autoptr (LimnDocument) opened = NULL;
  g_autoptr (LimnPatch) patch = fixture_patch (10, 10, 200, 100, 1);
  g_autoptr (GHashTable) text = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) image = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  Wait wait;

  g_hash_table_insert (text, (gpointer) "parameters", (gpointer) "a red barn");
  limn_document_apply_patch (document, patch, "Generate", text);
  limn_document_keep_result (document);
  save (document, file, &wait);
  /* Painting goes on while it is written. */
  limn_document_apply_patch (document, patch, "Generate", NULL);
  fixture_wait (&wait.done);
  g_assert_no_error (wait.error);
  g_assert_true (wait.saved);
  g_assert_true (limn_document_get_modified (document));
  limn_document_undo (document);
  g_assert_false (limn_document_get_modified (document));
  limn_document_undo (document);
  g_assert_true (limn_document_get_modified (document));
  limn_document_redo (document);
  g_assert_false (limn_document_get_modified (document));
  g_assert_cmpstr (limn_document_get_title (document), ==, "Bild ü.png");
  limn_document_set_title (document, "another");
  g_assert_cmpstr (limn_document_get_title (document), ==, "another");

  image = limn_image_file_read (file, &meta, NULL, &wait.error);
  g_assert_no_error (wait.error);
  g_assert_nonnull (meta->text);
  g_assert_cmpstr (g_hash_table_lookup (meta->text, "parameters"), ==, "a red barn");

  wait = (Wait) { 0 };
  limn_document_open_async (file, NULL, opened_cb, &wait);
  fixture_wait (&wait.done);
  g_assert_no_error (wait.error);
  opened = wait.document;
  before = fixture_hash_document (document);
  after = fixture_hash_document (opened);
  g_assert_cmpstr (before, ==, after);
}

static void
test_open_and_save_fail (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "no-picture.png", NULL);
  g_autofree char *beyond = g_build_filename (folder, "nowhere", "out.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) nowhere = g_file_new_for_path (beyond);
  g_autoptr (LimnDocument) document = fixture_document (30, 20, 3);
  g_autoptr (LimnPatch) patch = fixture_patch (1, 1, 10, 10, 1);
  Wait wait = { 0 };

  g_file_set_contents (path, "hello", -1, NULL);
  limn_document_open_async (file, NULL, opened_cb, &wait);
  fixture_wait (&wait.done);
  g_assert_null (wait.document);
  g_assert_error (wait.error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (wait.error->message, "no-picture.png"));
  g_clear_error (&wait.error);

  limn_document_apply_patch (document, patch, "Generate", NULL);
  save (document, nowhere, &wait);
  fixture_wait (&wait.done);
  g_assert_error (wait.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&wait.error);
  g_assert_true (limn_document_get_modified (document));
  g_assert_null (limn_document_get_file (document));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/document/undo/identity", test_undo_is_identity);
  g_test_add_func ("/document/undo/budget", test_undo_budget);
  g_test_add_func ("/document/properties", test_properties);
  g_test_add_func ("/document/result/keeps-the-rest", test_patch_keeps_the_rest);
  g_test_add_func ("/document/result/pending", test_pending);
  g_test_add_func ("/document/result/pending-twice", test_pending_twice);
  g_test_add_func ("/document/result/replace", test_replace_image);
  g_test_add_func ("/document/file/save", test_save);
  g_test_add_func ("/document/file/fail", test_open_and_save_fail);
  return g_test_run ();
}
