/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Paint on a document: what holds after any edits is that the picture is the paint over the photo,
 * and that nothing is kept for what is not painted.
 */
#include <math.h>
#include <string.h>

#include "app/limn-document-expand.h"
#include "app/limn-document-paint.h"
#include "app/limn-document-private.h"
#include "app/limn-paint.h"
#include "tests/app/document-fixtures.h"
#include "tests/app/fixtures.h"

static const guint8 red[3] = { 230, 20, 40 };
static const guint8 blue[3] = { 10, 60, 240 };

static void
stroke (LimnDocument *document,
        const guint8 colour[3],
        double radius,
        double hardness,
        double opacity,
        double x0,
        double y0,
        double x1,
        double y1)
{
  limn_document_begin_paint (document, colour, radius, hardness);
  limn_document_stroke_to_full (document, x0, y0, 1, opacity);
  limn_document_stroke_to_full (document, x1, y1, 1, opacity);
  limn_document_end_stroke (document);
}

static void
get_pixel (LimnTiles *tiles, int x, int y, guint8 *pixel)
{
  memset (pixel, 0, 4);
  limn_tiles_read_rect (tiles, &(LimnRect){ x, y, 1, 1 }, pixel, 4);
}

/* The picture is the paint over the photo; a tile without paint costs nothing. */
static void
assert_whole (LimnDocument *document)
{
  const LimnDocumentState *now = &document->now;
  int width = limn_document_get_width (document), height = limn_document_get_height (document);
  int channels = limn_tiles_get_channels (now->image);
  g_autofree guint8 *photo = g_malloc ((gsize)width * 4), *paint = g_malloc ((gsize)width * 4),
                    *image = g_malloc ((gsize)width * 4), *made = g_malloc ((gsize)width * 4);
  g_autoptr (LimnTiles) nothing = NULL;
  gboolean paint_empty, any = FALSE;

  g_object_get (document, "paint-empty", &paint_empty, NULL);
  g_assert_cmpint (paint_empty, ==, now->paint == NULL);
  g_assert_cmpint (now->photo == NULL, ==, now->paint == NULL);
  if (now->paint == NULL)
    return;
  for (int y = 0; y < height; y++)
    {
      LimnRect row = { 0, y, width, 1 };

      limn_tiles_read_rect (now->photo, &row, photo, (gsize)width * channels);
      limn_tiles_read_rect (now->paint, &row, paint, (gsize)width * 4);
      limn_tiles_read_rect (now->image, &row, image, (gsize)width * channels);
      limn_paint_compose (paint, photo, made, channels, width);
      g_assert_cmpmem (image, (gsize)width * channels, made, (gsize)width * channels);
    }
  nothing = limn_tiles_new (width, height, 4);
  for (int ty = 0; ty * LIMN_TILE_SIZE < height; ty++)
    for (int tx = 0; tx * LIMN_TILE_SIZE < width; tx++)
      if (limn_tiles_is_shared (now->paint, nothing, tx, ty))
        g_assert_true (limn_tiles_is_shared (now->image, now->photo, tx, ty));
      else
        any = TRUE;
  g_assert_true (any);
}

/* ---- Pixels ---------------------------------------------------------------------------------- */

/* Against the definition in floating point, for every coverage and many colours. */
static void
test_pixels (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int i = 0; i < 200000; i++)
    {
      guint8 k = (guint8)g_rand_int_range (rand, 0, 256);
      guint8 alpha = (guint8)g_rand_int_range (rand, 0, 256);
      guint8 before[4] = { 0, 0, 0, alpha }, photo[4], paint[4], image[4], colour[3];
      double a;

      for (int c = 0; c < 3; c++)
        {
          before[c] = (guint8)g_rand_int_range (rand, 0, alpha + 1);
          colour[c] = (guint8)g_rand_int_range (rand, 0, 256);
        }
      for (int c = 0; c < 4; c++)
        photo[c] = (guint8)g_rand_int_range (rand, 0, 256);

      limn_paint_cover (before, &k, colour, paint, 1);
      a = (k * 255 + before[3] * (255 - k)) / 255.0;
      g_assert_cmpfloat (fabs (paint[3] - a), <=, 0.5);
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat (fabs (paint[c] - (k * colour[c] + before[c] * (255 - k)) / 255.0), <=,
                           0.5);
      limn_paint_compose (paint, photo, image, 3, 1);
      for (int c = 0; c < 3; c++)
        {
          g_assert_cmpint (paint[c], <=, paint[3]);
          g_assert_cmpfloat (fabs (image[c] - paint[c] - photo[c] * (255 - paint[3]) / 255.0), <=,
                             0.5);
        }
      limn_paint_compose (paint, photo, image, 4, 1);
      a = paint[3] / 255.0 + photo[3] / 255.0 * (1 - paint[3] / 255.0);
      g_assert_cmpfloat (fabs (image[3] - 255 * a), <=, 0.502);
      if (a > 0)
        for (int c = 0; c < 3; c++)
          g_assert_cmpfloat (
              fabs (image[c]
                    - (paint[c] + photo[c] * photo[3] / 255.0 * (1 - paint[3] / 255.0)) / a),
              <=, 0.502);
      limn_paint_uncover (before, &k, paint, 1);
      for (int c = 0; c < 4; c++)
        g_assert_cmpfloat (fabs (paint[c] - before[c] * (255 - k) / 255.0), <=, 0.5);
    }
}

/* No paint leaves the bytes alone, also those of clear pixels; paint that covers is the colour. */
static void
test_ends (void)
{
  const guint8 nothing[4] = { 0 }, none = 0, all = 255;

  for (int v = 0; v < 256; v++)
    {
      guint8 photo[4] = { (guint8)v, (guint8)(255 - v), 7, (guint8)(v / 2) }, image[4], paint[4];

      for (int channels = 3; channels <= 4; channels++)
        {
          limn_paint_cover (nothing, &none, red, paint, 1);
          limn_paint_compose (paint, photo, image, channels, 1);
          g_assert_cmpmem (image, channels, photo, channels);
          limn_paint_cover (nothing, &all, red, paint, 1);
          limn_paint_compose (paint, photo, image, channels, 1);
          g_assert_cmpmem (image, 3, red, 3);
          g_assert_true (channels == 3 || image[3] == 255);
        }
    }
}

/* ---- Strokes --------------------------------------------------------------------------------- */

/* Whatever is painted and erased: the picture is the paint over the photo after each stroke, undo
 * brings each state back, redo too. */
static void
test_undo (void)
{
  for (int channels = 3; channels <= 4; channels++)
    {
      g_autoptr (LimnDocument) document = fixture_document (600, 420, channels);
      g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GRand) rand = g_rand_new_with_seed (5);

      g_ptr_array_add (states, fixture_hash_document (document));
      for (int i = 0; i < 24; i++)
        {
          const guint8 *colours[3] = { red, blue, NULL };
          gboolean could_undo = limn_document_get_can_undo (document);

          stroke (document, colours[g_rand_int_range (rand, 0, 3)],
                  g_rand_double_range (rand, 1, 90), g_rand_double (rand),
                  g_rand_double_range (rand, 0.1, 1), g_rand_double_range (rand, -50, 650),
                  g_rand_double_range (rand, -50, 470), g_rand_double_range (rand, -50, 650),
                  g_rand_double_range (rand, -50, 470));
          assert_whole (document);
          if (could_undo == limn_document_get_can_undo (document)
              && g_queue_get_length (&document->undo) < states->len)
            continue; /* erased where nothing is */
          g_ptr_array_add (states, fixture_hash_document (document));
        }
      g_assert_cmpuint (states->len, >, 15);
      g_assert_true (limn_document_get_modified (document));
      for (guint i = states->len - 1; i > 0; i--)
        {
          g_autofree char *hash = fixture_hash_document (document);

          g_assert_cmpstr (hash, ==, states->pdata[i]);
          limn_document_undo (document);
          assert_whole (document);
        }
      g_assert_false (limn_document_get_can_undo (document));
      g_assert_false (limn_document_get_modified (document));
      for (guint i = 0; i < states->len; i++)
        {
          g_autofree char *hash = fixture_hash_document (document);

          g_assert_cmpstr (hash, ==, states->pdata[i]);
          limn_document_redo (document);
        }
    }
}

/* A stroke that crosses itself leaves its opacity and no more; a second stroke adds to it. */
static void
test_opacity (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (300, 200, 3), NULL, NULL);
  guint8 pixel[4];

  limn_document_begin_paint (document, red, 20, 1);
  for (int i = 0; i < 6; i++)
    limn_document_stroke_to_full (document, i % 2 ? 250 : 50, 100, 1, 0.5);
  limn_document_end_stroke (document);
  get_pixel (limn_document_get_paint (document), 150, 100, pixel);
  g_assert_cmpint (pixel[3], ==, 128);
  get_pixel (limn_document_get_image (document), 150, 100, pixel);
  g_assert_cmpint (abs (pixel[0] - red[0] / 2), <=, 1);

  stroke (document, red, 20, 1, 0.5, 50, 100, 250, 100);
  get_pixel (limn_document_get_paint (document), 150, 100, pixel);
  g_assert_cmpint (abs (pixel[3] - 192), <=, 1);
  /* Erasing by half twice leaves a quarter. */
  stroke (document, NULL, 30, 1, 0.5, 50, 100, 250, 100);
  stroke (document, NULL, 30, 1, 0.5, 50, 100, 250, 100);
  get_pixel (limn_document_get_paint (document), 150, 100, pixel);
  g_assert_cmpint (abs (pixel[3] - 48), <=, 1);
  assert_whole (document);
}

/* A stroke with paint covers what the same stroke masks, however many points it has. */
static void
test_shape (void)
{
  static const int counts[] = { 2, 5, 60 };

  for (guint n = 0; n < G_N_ELEMENTS (counts); n++)
    for (int hardness = 0; hardness <= 2; hardness++)
      {
        g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
        g_autoptr (LimnImage) mask = NULL, paint = NULL;

        limn_document_begin_paint (document, red, 70, hardness / 2.0);
        for (int i = 0; i < counts[n]; i++)
          limn_document_stroke_to (document, 40 + 500.0 * i / (counts[n] - 1),
                                   60 + 290.0 * i / (counts[n] - 1), 1);
        limn_document_end_stroke (document);
        limn_document_begin_stroke (document, FALSE, 70, hardness / 2.0);
        for (int i = 0; i < counts[n]; i++)
          limn_document_stroke_to (document, 40 + 500.0 * i / (counts[n] - 1),
                                   60 + 290.0 * i / (counts[n] - 1), 1);
        limn_document_end_stroke (document);
        mask = limn_tiles_to_image (limn_document_get_mask (document), NULL);
        paint = limn_tiles_to_image (limn_document_get_paint (document), NULL);
        for (int y = 0; y < 420; y++)
          for (int x = 0; x < 600; x++)
            g_assert_cmpint (limn_image_row (paint, y)[4 * x + 3], ==, limn_image_row (mask, y)[x]);
        assert_whole (document);
      }
}

/* Given up, a stroke was never there; one beside the picture, and erasing nothing, are no steps. */
static void
test_nothing (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autofree char *before = fixture_hash_document (document), *after = NULL;

  limn_document_begin_paint (document, red, 70, 0.5);
  limn_document_stroke_to (document, 100, 100, 1);
  limn_document_stroke_to (document, 400, 300, 1);
  assert_whole (document);
  limn_document_cancel_stroke (document);
  stroke (document, red, 10, 1, 1, -50, -50, -20, 500);
  stroke (document, NULL, 50, 1, 1, 100, 100, 400, 300);
  assert_whole (document);
  after = fixture_hash_document (document);
  g_assert_cmpstr (after, ==, before);
  g_assert_false (limn_document_get_can_undo (document));
  g_assert_false (limn_document_get_modified (document));
  g_assert_false (limn_document_clear_paint (document));
  g_assert_false (limn_document_mask_paint (document));
}

/* The photo that comes back from under the paint has its own bytes. */
static void
test_erase_all (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autofree char *before = fixture_hash_document (document), *after = NULL, *cleared = NULL;

  stroke (document, red, 40, 0.3, 0.8, 100, 100, 400, 300);
  stroke (document, NULL, 400, 1, 1, 100, 100, 400, 300);
  g_assert_null (limn_document_get_paint (document));
  after = fixture_hash_document (document);
  g_assert_cmpstr (after, ==, before);

  limn_document_undo (document);
  assert_whole (document);
  g_assert_true (limn_document_clear_paint (document));
  cleared = fixture_hash_document (document);
  g_assert_cmpstr (cleared, ==, before);
  limn_document_undo (document);
  g_assert_nonnull (limn_document_get_paint (document));
  assert_whole (document);
}

/* A stroke on 24 million pixels costs the tiles that it touches. */
static void
test_sparse (void)
{
  g_autoptr (LimnDocument) document
      = limn_document_new (limn_tiles_new (6000, 4000, 3), NULL, NULL);
  const gsize tile = LIMN_TILE_SIZE * LIMN_TILE_SIZE;
  LimnDocumentState *now = &document->now;

  stroke (document, red, 20, 0.5, 1, 1100, 1100, 1200, 1200);
  /* Columns and rows 4 alone. */
  g_assert_cmpuint (limn_tiles_get_unique_bytes (now->paint, NULL), ==, 4 * tile);
  g_assert_cmpuint (limn_tiles_get_unique_bytes (now->image, now->photo), ==, 3 * tile);
  g_assert_cmpuint (limn_tiles_get_unique_bytes (now->photo, now->image), ==, 0);
  g_assert_cmpuint (document->undo_bytes, <, 8 * tile);
  stroke (document, blue, 20, 0.5, 1, 1120, 1120, 1180, 1180);
  g_assert_cmpuint (limn_tiles_get_unique_bytes (now->paint, NULL), ==, 4 * tile);
  g_assert_cmpuint (document->undo_bytes, <, 16 * tile);
  stroke (document, NULL, 300, 1, 1, 1100, 1100, 1200, 1200);
  g_assert_null (now->paint);
}

/* ---- The mask -------------------------------------------------------------------------------- */

static void
test_mask (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  guint8 mask[4], paint[4];

  stroke (document, red, 40, 0, 0.9, 100, 100, 400, 300);
  g_assert_true (limn_document_mask_paint (document));
  for (int y = 0; y < 420; y += 3)
    for (int x = 0; x < 600; x += 3)
      {
        get_pixel (limn_document_get_paint (document), x, y, paint);
        get_pixel (limn_document_get_mask (document), x, y, mask);
        g_assert_cmpint (mask[0], ==, MIN (255, 4 * paint[3]));
      }
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  assert_whole (document);
}

/* ---- Results --------------------------------------------------------------------------------- */

/* What a result covers belongs to the photo; around it the paint stays and can be taken away. */
static void
test_result (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autoptr (LimnPatch) patch = fixture_patch (200, 150, 150, 120, 21);
  g_autoptr (LimnImage) photo = limn_tiles_to_image (limn_document_get_image (document), NULL);
  g_autoptr (LimnImage) result = NULL, cleared = NULL;
  g_autofree char *painted = NULL, *back = NULL;
  guint8 pixel[4];

  stroke (document, red, 60, 0.5, 1, 100, 200, 500, 200);
  painted = fixture_hash_document (document);
  limn_document_apply_patch (document, patch, "Fill", NULL);
  assert_whole (document);
  limn_document_discard_result (document);
  back = fixture_hash_document (document);
  g_assert_cmpstr (back, ==, painted);

  limn_document_redo (document);
  assert_whole (document);
  limn_document_keep_result (document);
  result = limn_tiles_to_image (limn_document_get_image (document), NULL);
  for (int y = 0; y < patch->rect.height; y++)
    for (int x = 0; x < patch->rect.width; x++)
      {
        get_pixel (limn_document_get_paint (document), 200 + x, 150 + y, pixel);
        if (limn_image_row (patch->alpha, y)[x] > 0)
          g_assert_cmpint (pixel[3], ==, 0);
      }
  g_assert_true (limn_document_clear_paint (document));
  cleared = limn_tiles_to_image (limn_document_get_image (document), NULL);
  for (int y = 0; y < 420; y++)
    for (int x = 0; x < 600; x++)
      {
        gboolean inside = x >= 200 && x < 350 && y >= 150 && y < 270
                          && limn_image_row (patch->alpha, y - 150)[x - 200] > 0;

        g_assert_cmpmem (limn_image_row (cleared, y) + 3 * x, 3,
                         limn_image_row (inside ? result : photo, y) + 3 * x, 3);
      }
}

/* The mask was changed since: the paint comes back all the same. */
static void
test_discard_later (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autoptr (LimnPatch) patch = fixture_patch (200, 150, 150, 120, 21);
  g_autofree char *image = NULL, *back = NULL, *paint = NULL, *paint_back = NULL;

  stroke (document, red, 60, 0.5, 1, 100, 200, 500, 200);
  image = fixture_hash_tiles (document->now.image);
  paint = fixture_hash_tiles (document->now.paint);
  limn_document_apply_patch (document, patch, "Fill", NULL);
  limn_document_mask_fill (document);
  limn_document_discard_result (document);
  assert_whole (document);
  back = fixture_hash_tiles (document->now.image);
  paint_back = fixture_hash_tiles (document->now.paint);
  g_assert_cmpstr (back, ==, image);
  g_assert_cmpstr (paint_back, ==, paint);
  g_assert_false (limn_document_get_result_pending (document));
}

/* Pasted another way, the same paint is beneath it as if it had been pasted so at first. */
static void
test_adjust (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autoptr (LimnPatch) first = fixture_patch (200, 150, 150, 120, 21);
  g_autoptr (LimnPatch) second = fixture_patch (220, 160, 50, 90, 31);
  g_autoptr (LimnTiles) before = NULL, after = NULL;
  g_autofree char *adjusted = NULL, *direct = NULL;

  stroke (document, red, 60, 0.5, 1, 100, 200, 500, 200);
  before = limn_tiles_copy (limn_document_get_image (document));
  after = limn_tiles_copy (before);
  limn_tiles_paste (after, second);
  limn_document_apply_patch (document, first, "Fill", NULL);
  g_assert_true (limn_document_adjust_result (document, second, before, after, "Adjust"));
  assert_whole (document);
  adjusted = fixture_hash_document (document);
  for (int i = 0; i < 2; i++)
    limn_document_undo (document);
  limn_document_apply_patch (document, second, "Fill", NULL);
  direct = fixture_hash_document (document);
  g_assert_cmpstr (adjusted, ==, direct);
}

/* Paint on a result that nobody has decided about keeps it: discarding cannot take both away. */
static void
test_paint_keeps (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autoptr (LimnPatch) patch = fixture_patch (200, 150, 150, 120, 21);

  limn_document_apply_patch (document, patch, "Fill", NULL);
  stroke (document, red, 60, 0.5, 1, 100, 200, 500, 200);
  g_assert_false (limn_document_get_result_pending (document));
  assert_whole (document);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

static void
test_upscale (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 200, 3);
  g_autoptr (LimnImage) larger = fixture_noise (600, 400, 3, 5);
  g_autofree char *before = NULL, *back = NULL;

  stroke (document, red, 20, 0.5, 1, 100, 100, 200, 100);
  before = fixture_hash_document (document);
  limn_document_replace_image (document, limn_tiles_new_from_image (larger), "Upscale", NULL);
  g_assert_null (limn_document_get_paint (document));
  assert_whole (document);
  limn_document_discard_result (document);
  back = fixture_hash_document (document);
  g_assert_cmpstr (back, ==, before);
}

static void
expanded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (limn_document_expand_finish (LIMN_DOCUMENT (object), result, NULL));
  *(gboolean *)user_data = TRUE;
}

static void
test_expand (void)
{
  const LimnMargins margins = { 37, 300, 5, 11 };
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autofree char *before = NULL, *back = NULL;
  g_autoptr (LimnImage) photo = limn_tiles_to_image (limn_document_get_image (document), NULL);
  g_autoptr (LimnImage) paint = NULL;
  gboolean done = FALSE;
  guint8 pixel[4];

  stroke (document, red, 60, 0.5, 0.7, -20, 200, 500, 200);
  before = fixture_hash_document (document);
  paint = limn_tiles_to_image (limn_document_get_paint (document), NULL);
  limn_document_expand_async (document, &margins, NULL, expanded_cb, &done);
  fixture_wait (&done);
  g_assert_cmpint (limn_document_get_width (document), ==, 642);
  assert_whole (document);
  for (int y = 0; y < 420; y++)
    for (int x = 0; x < 600; x++)
      {
        get_pixel (document->now.paint, x + 37, y + 300, pixel);
        g_assert_cmpmem (pixel, 4, limn_image_row (paint, y) + 4 * x, 4);
        get_pixel (document->now.photo, x + 37, y + 300, pixel);
        g_assert_cmpmem (pixel, 3, limn_image_row (photo, y) + 3 * x, 3);
      }
  limn_document_undo (document);
  back = fixture_hash_document (document);
  g_assert_cmpstr (back, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paint/pixels", test_pixels);
  g_test_add_func ("/paint/ends", test_ends);
  g_test_add_func ("/paint/undo", test_undo);
  g_test_add_func ("/paint/opacity", test_opacity);
  g_test_add_func ("/paint/shape", test_shape);
  g_test_add_func ("/paint/nothing", test_nothing);
  g_test_add_func ("/paint/erase-all", test_erase_all);
  g_test_add_func ("/paint/sparse", test_sparse);
  g_test_add_func ("/paint/mask", test_mask);
  g_test_add_func ("/paint/result", test_result);
  g_test_add_func ("/paint/discard-later", test_discard_later);
  g_test_add_func ("/paint/adjust", test_adjust);
  g_test_add_func ("/paint/keeps", test_paint_keeps);
  g_test_add_func ("/paint/upscale", test_upscale);
  g_test_add_func ("/paint/expand", test_expand);
  return g_test_run ();
}
