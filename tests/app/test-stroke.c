/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Strokes on the mask: what they cover, and what they leave alone.
 */
#include <math.h>
#include <string.h>

#include "app/limn-document-private.h"
#include "tests/app/document-fixtures.h"
#include "tests/app/fixtures.h"

static void
stroke_line (LimnDocument *document, gboolean erase, double radius, double hardness, int n_points)
{
  limn_document_begin_stroke (document, erase, radius, hardness);
  for (int i = 0; i < n_points; i++)
    {
      double t = (double) i / (n_points - 1);

      limn_document_stroke_to (document, 40 + 500 * t, 60 + 290 * t, 1);
    }
  limn_document_end_stroke (document);
}

/* How many points a line is reported in does not matter. */
static void
test_stroke_density (void)
{
  static const double hardness[] = { 1, 0.5, 0 };

  for (guint h = 0; h < G_N_ELEMENTS (hardness); h++)
    {
      g_autoptr (LimnImage) reference = NULL;
      static const int counts[] = { 2, 3, 17, 400 };

      for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
        {
          g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
          g_autoptr (LimnImage) mask = NULL;

          stroke_line (document, FALSE, 23.5, hardness[h], counts[i]);
          mask = limn_tiles_to_image (limn_document_get_mask (document), NULL);
          if (reference == NULL)
            reference = g_steal_pointer (&mask);
          else
            g_assert_cmpint (fixture_image_distance (reference, mask), <=, 1);
        }
    }
}

/* With pressure: a movement reported in one piece or in many covers the same, up to the edge's smoothing. */
static void
test_stroke_pressure (void)
{
  LimnImage *masks[2];
  static const int counts[] = { 2, 60 };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);

      limn_document_begin_stroke (document, FALSE, 40, 1);
      for (int k = 0; k < counts[i]; k++)
        {
          double t = (double) k / (counts[i] - 1);

          limn_document_stroke_to (document, 60 + 450 * t, 200, 0.1 + 0.9 * t);
        }
      limn_document_end_stroke (document);
      masks[i] = limn_tiles_to_image (limn_document_get_mask (document), NULL);
    }
  g_assert_cmpint (fixture_image_distance (masks[0], masks[1]), <=, 2);
  /* Thin where it began, thick where it ended. */
  g_assert_cmpint (limn_image_row (masks[0], 200 + 30)[500], ==, 255);
  g_assert_cmpint (limn_image_row (masks[0], 200 + 30)[70], ==, 0);
  g_assert_cmpint (limn_image_row (masks[0], 200)[60], ==, 255);
  limn_image_unref (masks[0]);
  limn_image_unref (masks[1]);
}

/* A dab is a disc: its area is pi r^2, whatever the radius; nothing lies outside. */
static void
test_dab_is_a_disc (void)
{
  static const double radii[] = { 0.3, 0.5, 1, 2.5, 8, 33.3, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    {
      g_autoptr (LimnDocument) document = fixture_document (257, 300, 3);
      g_autoptr (LimnImage) mask = NULL;
      double r = radii[i], sum = 0;
      LimnRect bounds;

      limn_document_begin_stroke (document, FALSE, r, 1);
      limn_document_stroke_to (document, 128, 150, 1);
      limn_document_end_stroke (document);
      mask = limn_tiles_to_image (limn_document_get_mask (document), NULL);
      for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++)
          {
            double d = hypot (x + 0.5 - 128, y + 0.5 - 150);

            sum += limn_image_row (mask, y)[x] / 255.0;
            if (d <= r - 0.5)
              g_assert_cmpint (limn_image_row (mask, y)[x], ==, 255);
            if (d >= r + 0.5)
              g_assert_cmpint (limn_image_row (mask, y)[x], ==, 0);
          }
      if (r >= 2)
        g_assert_cmpfloat_with_epsilon (sum / (G_PI * r * r), 1, 0.03);
      else if (r >= 0.5)
        g_assert_cmpfloat (sum, >, 0);
      if (limn_document_get_mask_bounds (document, &bounds))
        {
          g_assert_cmpint (bounds.width, <=, (int) ceil (2 * r + 1));
          g_assert_cmpint (bounds.height, <=, (int) ceil (2 * r + 1));
        }
    }
}

/* A soft brush going over the same place again does not build up within a stroke. */
static void
test_stroke_does_not_build_up (void)
{
  g_autoptr (LimnDocument) document = fixture_document (300, 300, 3);
  g_autofree char *once = NULL;
  g_autofree char *often = NULL;

  limn_document_begin_stroke (document, FALSE, 30, 0);
  limn_document_stroke_to (document, 100, 150, 1);
  limn_document_stroke_to (document, 200, 150, 1);
  once = fixture_hash_tiles (limn_document_get_mask (document));
  for (int i = 0; i < 10; i++)
    limn_document_stroke_to (document, i % 2 == 0 ? 100 : 200, 150, 1);
  limn_document_end_stroke (document);
  often = fixture_hash_tiles (limn_document_get_mask (document));
  g_assert_cmpstr (once, ==, often);
}

typedef struct
{
  LimnRect rect;
  int n;
  guint layers;
} Changes;

static void
changed_cb (LimnDocument *document, LimnRect *rect, guint layers, Changes *changes)
{
  limn_rect_union (&changes->rect, rect, &changes->rect);
  changes->layers |= layers;
  changes->n++;
}

/* Every pixel that changes lies in a rectangle that was reported, and small movements report small rectangles. */
static void
test_changed_covers (void)
{
  g_autoptr (LimnDocument) document = fixture_document (900, 700, 3);
  g_autoptr (LimnImage) before = limn_tiles_to_image (limn_document_get_mask (document), NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  limn_document_begin_stroke (document, FALSE, 12, 0.7);
  for (int i = 0; i < 40; i++)
    {
      Changes changes = { 0 };
      gulong handler = g_signal_connect (document, "changed", G_CALLBACK (changed_cb), &changes);
      g_autoptr (LimnImage) after = NULL;

      limn_document_stroke_to (document, g_rand_double_range (rand, -50, 950), g_rand_double_range (rand, -50, 750), 1);
      g_signal_handler_disconnect (document, handler);
      after = limn_tiles_to_image (limn_document_get_mask (document), NULL);
      for (int y = 0; y < after->height; y++)
        for (int x = 0; x < after->width; x++)
          if (limn_image_row (after, y)[x] != limn_image_row (before, y)[x])
            g_assert_true (x >= changes.rect.x && x < changes.rect.x + changes.rect.width && y >= changes.rect.y &&
                           y < changes.rect.y + changes.rect.height);
      limn_image_unref (g_steal_pointer (&before));
      before = g_steal_pointer (&after);
    }
  limn_document_end_stroke (document);

  {
    Changes changes = { 0 };

    g_signal_connect (document, "changed", G_CALLBACK (changed_cb), &changes);
    limn_document_mask_clear (document);
    changes = (Changes) { 0 };
    limn_document_begin_stroke (document, FALSE, 5, 1);
    limn_document_stroke_to (document, 300, 300, 1);
    g_assert_cmpint (changes.n, >=, 1);
    g_assert_cmpint (changes.rect.width, <=, 16);
    g_assert_cmpuint (changes.layers, ==, LIMN_LAYER_MASK);
    limn_document_cancel_stroke (document);
    g_signal_handlers_disconnect_by_data (document, &changes);
  }
}

static void
test_stroke_touches_few_tiles (void)
{
  g_autoptr (LimnDocument) document = fixture_document (2000, 2000, 3);
  g_autoptr (LimnTiles) before = limn_tiles_copy (limn_document_get_mask (document));

  limn_document_begin_stroke (document, FALSE, 3, 1);
  limn_document_stroke_to (document, 10, 10, 1);
  limn_document_stroke_to (document, 1990, 1990, 1);
  limn_document_end_stroke (document);
  /* The diagonal meets eight tiles, and corners of neighbours; not the sixty-four of its box. */
  g_assert_cmpuint (limn_tiles_get_unique_bytes (limn_document_get_mask (document), before), <=, 24 * 65536);
}

static void
test_cancel_stroke (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  stroke_line (document, FALSE, 10, 0.5, 5);
  before = fixture_hash_document (document);
  limn_document_begin_stroke (document, FALSE, 50, 1);
  limn_document_stroke_to (document, 300, 100, 1);
  limn_document_stroke_to (document, 500, 400, 1);
  g_assert_false (limn_document_get_can_undo (document));
  limn_document_cancel_stroke (document);
  after = fixture_hash_document (document);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (limn_document_get_can_undo (document));
  limn_document_undo (document);
  g_assert_false (limn_document_get_can_undo (document));
}

static void
test_erase_all (void)
{
  g_autoptr (LimnDocument) document = fixture_document (600, 420, 3);
  gboolean empty;

  stroke_line (document, FALSE, 20, 0.5, 5);
  g_object_get (document, "mask-empty", &empty, NULL);
  g_assert_false (empty);
  stroke_line (document, TRUE, 60, 1, 5);
  g_object_get (document, "mask-empty", &empty, NULL);
  g_assert_true (empty);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
}

/* Points that no pointer should report. */
static void
test_stroke_bad_points (void)
{
  g_autoptr (LimnDocument) document = fixture_document (100, 100, 3);

  limn_document_stroke_to (document, 5, 5, 1);
  limn_document_end_stroke (document);
  g_assert_false (limn_document_get_can_undo (document));

  limn_document_begin_stroke (document, FALSE, 10, 1);
  limn_document_stroke_to (document, NAN, 5, 1);
  limn_document_stroke_to (document, INFINITY, -INFINITY, 1);
  limn_document_stroke_to (document, 1e300, -1e300, 1);
  limn_document_stroke_to (document, -1e9, 50, NAN);
  limn_document_stroke_to (document, 50, 50, -3);
  limn_document_stroke_to (document, 50, 50, 1e9);
  limn_document_end_stroke (document);

  limn_document_begin_stroke (document, FALSE, 0, 1);
  limn_document_stroke_to (document, 5, 5, 0);
  limn_document_end_stroke (document);
  limn_document_begin_stroke (document, FALSE, 1e12, 7);
  limn_document_stroke_to (document, 5, 5, 1);
  limn_document_end_stroke (document);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/stroke/density", test_stroke_density);
  g_test_add_func ("/document/stroke/pressure", test_stroke_pressure);
  g_test_add_func ("/document/stroke/disc", test_dab_is_a_disc);
  g_test_add_func ("/document/stroke/no-build-up", test_stroke_does_not_build_up);
  g_test_add_func ("/document/stroke/changed-covers", test_changed_covers);
  g_test_add_func ("/document/stroke/few-tiles", test_stroke_touches_few_tiles);
  g_test_add_func ("/document/stroke/cancel", test_cancel_stroke);
  g_test_add_func ("/document/stroke/erase-all", test_erase_all);
  g_test_add_func ("/document/stroke/bad-points", test_stroke_bad_points);
  return g_test_run ();
}
