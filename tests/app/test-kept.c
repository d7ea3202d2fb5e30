/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is drawn for models is in a saved PNG, and there again when that is opened.
 */
#include <string.h>

#include "app/limn-document-drawn.h"
#include "app/limn-document-private.h"
#include "app/limn-image-file.h"
#include "tests/app/fixtures.h"

#define WIDTH 300
#define HEIGHT 200

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;

  limn_document_save_finish (LIMN_DOCUMENT (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *)done = TRUE;
}

static LimnDocument *opened;

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;

  opened = limn_document_open_finish (result, &error);
  g_assert_no_error (error);
  *(gboolean *)done = TRUE;
}

static LimnDocument *
open_file (GFile *file)
{
  gboolean done = FALSE;

  limn_document_open_async (file, NULL, opened_cb, &done);
  fixture_wait (&done);
  return g_steal_pointer (&opened);
}

static LimnDocument *
save_and_open (LimnDocument *document, const char *name)
{
  g_autofree char *folder = fixture_folder (), *path = g_build_filename (folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gboolean done = FALSE;

  limn_document_save_async (document, file, 90, NULL, saved_cb, &done);
  fixture_wait (&done);
  return open_file (file);
}

static LimnDocument *
new_document (void)
{
  g_autoptr (LimnImage) image = fixture_gradient (WIDTH, HEIGHT, 3);

  return limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
}

static void
draw_boxes (LimnDocument *document)
{
  static const LimnBox list[] = { { "dog", 0.1, 0.2, 0.3, 1.0 / 3, 0 },
                                  { "Bäume “x”\n", 0.5, 0.25, 0.5, 0.75, 0 },
                                  { "", 0, 0, 1, 1, 0 } };
  g_autoptr (LimnBoxes) boxes = limn_boxes_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (list); i++)
    {
      LimnBoxes *more = limn_boxes_append (boxes, &list[i]);

      limn_boxes_unref (boxes);
      boxes = more;
    }
  limn_document_set_boxes (document, boxes, "Boxes", FALSE);
}

static void
draw_labels (LimnDocument *document)
{
  limn_document_begin_labels (document, 7, 20);
  limn_document_labels_to (document, 40, 50);
  limn_document_labels_to (document, 250, 120);
  limn_document_end_labels (document);
  limn_document_flood_labels (document, 5, 190, 255);
}

static void
assert_same_labels (LimnDocument *a, LimnDocument *b)
{
  for (int y = 0; y < HEIGHT; y += 3)
    for (int x = 0; x < WIDTH; x += 3)
      g_assert_cmpint (limn_document_get_label (a, x, y), ==, limn_document_get_label (b, x, y));
}

/* All of it is back, as if it had just been opened so: nothing to undo, nothing to save. */
static void
test_png (void)
{
  g_autoptr (LimnDocument) document = new_document (), back = NULL, again = NULL;

  draw_boxes (document);
  draw_labels (document);
  back = save_and_open (document, "drawn.png");
  g_assert_cmpuint (limn_boxes_get_count (limn_document_get_boxes (back)), ==, 3);
  g_assert_true (
      limn_boxes_equal (limn_document_get_boxes (document), limn_document_get_boxes (back)));
  g_assert_true (limn_document_has_labels (back));
  assert_same_labels (document, back);
  g_assert_false (limn_document_get_modified (back));
  g_assert_false (limn_document_get_can_undo (back));
  g_assert_null (back->now.text != NULL ? g_hash_table_lookup (back->now.text, "limn-boxes")
                                        : NULL);
  /* What was taken away meanwhile stays away. */
  limn_document_set_boxes (back, NULL, "Clear", FALSE);
  limn_document_set_labels (back, NULL, "Clear");
  again = save_and_open (back, "again.png");
  g_assert_null (limn_document_get_boxes (again));
  g_assert_false (limn_document_has_labels (again));
}

/* JPEG has no place for it; a picture without any has nothing of it. */
static void
test_none (void)
{
  g_autoptr (LimnDocument) document = new_document (),
                           plain = save_and_open (document, "plain.png");
  g_autoptr (LimnDocument) jpeg = NULL;

  g_assert_null (limn_document_get_boxes (plain));
  g_assert_null (limn_document_get_labels (plain));
  draw_boxes (document);
  draw_labels (document);
  jpeg = save_and_open (document, "drawn.jpg");
  g_assert_null (limn_document_get_boxes (jpeg));
  g_assert_false (limn_document_has_labels (jpeg));
}

/* The metadata of a parameter come along. */
static void
test_beside (void)
{
  g_autoptr (GHashTable) text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) kept = NULL;
  g_autoptr (LimnDocument) document = new_document ();

  g_hash_table_insert (text, g_strdup ("parameters"), g_strdup ("a barn"));
  draw_boxes (document);
  kept = _limn_document_keep_drawn (text, limn_document_get_boxes (document), NULL);
  g_assert_cmpstr (g_hash_table_lookup (kept, "parameters"), ==, "a barn");
  g_assert_cmpuint (g_hash_table_size (kept), ==, 2);
  g_assert_cmpuint (g_hash_table_size (text), ==, 1);
}

static void
check_hostile (const char *key, const char *value)
{
  g_autoptr (GHashTable) text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (LimnBoxes) boxes = NULL;
  g_autoptr (LimnTiles) labels = NULL;

  g_hash_table_insert (text, g_strdup (key), g_strdup (value));
  _limn_document_take_drawn (text, &boxes, &labels);
  g_assert_null (boxes);
  g_assert_null (labels);
  g_assert_cmpuint (g_hash_table_size (text), ==, 0);
}

/* What makes no sense is left out, also what would be larger than it says or than a map is. */
static void
test_hostile (void)
{
  g_autoptr (LimnDocument) document = new_document ();
  g_autoptr (GHashTable) kept = NULL;
  const char *map, *data;

  draw_labels (document);
  kept = _limn_document_keep_drawn (NULL, NULL, limn_document_get_labels (document));
  map = g_hash_table_lookup (kept, "limn-labels");
  data = strchr (map, ' ') + 1;
  for (gsize i = 0; i < 5; i++)
    {
      static const char *const sizes[]
          = { "1x1 ", "1023x682 ", "1024x1024 ", "99999999999999999999x1 ", "-1x-1 " };
      g_autofree char *wrong = g_strconcat (sizes[i], data, NULL);

      check_hostile ("limn-labels", wrong);
    }
  for (gsize n = 0; n < strlen (map); n += MAX (1, strlen (map) / 40))
    {
      g_autofree char *cut = g_strndup (map, n);

      check_hostile ("limn-labels", cut);
    }
  check_hostile ("limn-labels", "4x4 !!!!");
  check_hostile ("limn-boxes", "");
  check_hostile ("limn-boxes", "[]");
  check_hostile ("limn-boxes", "[{\"label\": \"dog\", \"x\": 1e999}]");
  check_hostile ("limn-boxes", "{{{{");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/kept/png", test_png);
  g_test_add_func ("/kept/none", test_none);
  g_test_add_func ("/kept/beside", test_beside);
  g_test_add_func ("/kept/hostile", test_hostile);
  return g_test_run ();
}
