/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "app/limn-document.h"
#include "app/limn-tiles-verify.h"
#include "tests/app/fixtures.h"

#define WIDTH 300
#define HEIGHT 270

static char *
hash_tiles (LimnTiles *tiles)
{
  g_autoptr (LimnImage) image = limn_tiles_to_image (tiles, NULL);

  return limn_image_hash (image);
}

static LimnPatch *
new_patch (guint32 seed)
{
  LimnPatch *patch = g_new0 (LimnPatch, 1);

  patch->rect = (LimnRect){ 240, 100, 40, 30 };
  patch->pixels = fixture_noise (40, 30, 3, seed);
  patch->alpha = fixture_noise (40, 30, 1, seed + 1);
  for (int y = 0; y < 30; y++)
    limn_image_row (patch->alpha, y)[y] = 0;
  return patch;
}

static LimnTiles *
pasted (LimnTiles *before, guint32 seed)
{
  g_autoptr (LimnPatch) patch = new_patch (seed);
  LimnTiles *after = limn_tiles_copy (before);

  limn_tiles_paste (after, patch);
  return after;
}

/* All that is tried is one step; undo goes back to the result as it was made, and redo to the last
 * that was tried. */
static void
test_one_step (void)
{
  g_autoptr (LimnImage) image = fixture_noise (WIDTH, HEIGHT, 3, 1);
  g_autoptr (LimnTiles) before = limn_tiles_new_from_image (image);
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_copy (before), NULL, NULL);
  g_autoptr (LimnPatch) patch = new_patch (5);
  g_autoptr (LimnTiles) second = pasted (before, 7), third = pasted (before, 9);
  g_autofree char *original = hash_tiles (before), *first = NULL, *last = hash_tiles (third);
  g_autofree char *now = NULL, *label = NULL;

  /* Nothing to adjust. */
  g_assert_false (limn_document_adjust_result (document, patch, before, second, "Adjust"));
  limn_document_apply_patch (document, patch, "Remove", NULL);
  first = hash_tiles (limn_document_get_image (document));
  g_assert_true (limn_document_adjust_result (document, patch, before, second, "Adjust"));
  g_assert_true (limn_document_adjust_result (document, patch, before, third, "Adjust"));
  now = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (now, ==, last);
  g_assert_true (limn_document_get_result_pending (document));
  g_object_get (document, "undo-label", &label, NULL);
  g_assert_cmpstr (label, ==, "Adjust");

  limn_document_undo (document);
  g_free (now);
  now = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (now, ==, first);
  limn_document_redo (document);
  g_free (now);
  now = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (now, ==, last);

  /* What was tried before undo and what is tried after it are two. */
  limn_document_undo (document);
  g_assert_true (limn_document_adjust_result (document, patch, before, second, "Adjust"));
  limn_document_undo (document);
  g_free (now);
  now = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (now, ==, first);
  limn_document_undo (document);
  g_free (now);
  now = hash_tiles (limn_document_get_image (document));
  g_assert_cmpstr (now, ==, original);
}

/* A picture that is not the one the result was made on is refused. */
static void
test_other_picture (void)
{
  g_autoptr (LimnImage) image = fixture_noise (WIDTH, HEIGHT, 3, 1);
  g_autoptr (LimnImage) changed = fixture_noise (WIDTH, HEIGHT, 3, 2);
  g_autoptr (LimnImage) larger = fixture_noise (WIDTH + 1, HEIGHT, 3, 2);
  g_autoptr (LimnTiles) before = limn_tiles_new_from_image (image);
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_copy (before), NULL, NULL);
  g_autoptr (LimnPatch) patch = new_patch (5);
  LimnImage *others[] = { changed, larger };
  guint64 serial;

  limn_document_apply_patch (document, patch, "Remove", NULL);
  serial = limn_document_get_image_serial (document);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnTiles) other = limn_tiles_new_from_image (others[i]);

      g_assert_false (limn_document_adjust_result (document, patch, other, other, "Adjust"));
    }
  g_assert_cmpuint (limn_document_get_image_serial (document), ==, serial);
}

/* Every pixel outside is counted and hashed; one that differs by one bit is found, one under the
 * patch does not count. */
static void
test_verify (void)
{
  g_autoptr (LimnImage) image = fixture_noise (WIDTH, HEIGHT, 3, 1);
  g_autoptr (LimnTiles) before = limn_tiles_new_from_image (image);
  g_autoptr (LimnPatch) patch = new_patch (5);
  g_autoptr (LimnTiles) after = pasted (before, 5);
  static const struct
  {
    int x, y, n;
  } rows[] = {
    { 0, 0, 1 }, { WIDTH - 1, HEIGHT - 1, 1 }, { 239, 100, 1 }, { 245, 105, 1 }, { 250, 103, 0 }
  };
  gint64 inside = 0;

  for (int y = 0; y < 30; y++)
    for (int x = 0; x < 40; x++)
      inside += limn_image_row (patch->alpha, y)[x] > 0;
  {
    g_auto (LimnOutside) outside = { 0 };

    g_assert_true (limn_tiles_verify_outside (before, after, patch, NULL, &outside));
    g_assert_cmpint (outside.n_pixels, ==, WIDTH * HEIGHT - inside);
    g_assert_cmpint (outside.n_changed, ==, 0);
    g_assert_cmpstr (outside.before, ==, outside.after);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LimnTiles) wrong = limn_tiles_copy (after);
      g_auto (LimnOutside) outside = { 0 };
      LimnRect pixel = { rows[i].x, rows[i].y, 1, 1 };
      guint8 rgb[3];

      /* 245, 105 lies on the diagonal where the alpha is 0; 250, 103 does not. */
      limn_tiles_read_rect (wrong, &pixel, rgb, 3);
      rgb[1] ^= 1;
      limn_tiles_write_rect (wrong, &pixel, rgb, 3);
      g_assert_true (limn_tiles_verify_outside (before, wrong, patch, NULL, &outside));
      g_assert_cmpint (outside.n_changed, ==, rows[i].n);
      g_assert_cmpint (g_strcmp0 (outside.before, outside.after) != 0, ==, rows[i].n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/adjust/one-step", test_one_step);
  g_test_add_func ("/adjust/other-picture", test_other_picture);
  g_test_add_func ("/adjust/verify", test_verify);
  return g_test_run ();
}
