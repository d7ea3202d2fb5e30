/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "app/limn-mask-shape.h"
#include "tests/app/fixtures.h"

static guint8
at (LimnTiles *mask, int x, int y)
{
  guint8 value;

  limn_tiles_read_rect (mask, &(LimnRect){ x, y, 1, 1 }, &value, 1);
  return value;
}

static void
fill (LimnTiles *mask, GArray *points, LimnMaskMode mode)
{
  limn_mask_fill_polygon (mask, (const LimnPoint *)(void *)points->data, points->len, mode);
}

static double
sum (LimnTiles *mask)
{
  g_autoptr (LimnImage) image = limn_tiles_to_image (mask, NULL);
  double total = 0;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      total += limn_image_row (image, y)[x];
  return total / 255;
}

static gboolean
equal (LimnTiles *a, LimnTiles *b)
{
  g_autoptr (LimnImage) s = limn_tiles_to_image (a, NULL);
  g_autoptr (LimnImage) t = limn_tiles_to_image (b, NULL);

  return fixture_images_equal (s, t);
}

/* Corners anywhere, within the picture and without: each pixel is covered by its share. */
static void
test_rectangle (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int i = 0; i < 60; i++)
    {
      double x0 = g_rand_double_range (rand, -200, 700), x1 = g_rand_double_range (rand, -200, 700);
      double y0 = g_rand_double_range (rand, -200, 600), y1 = g_rand_double_range (rand, -200, 600);
      double left = CLAMP (MIN (x0, x1), 0, 530), right = CLAMP (MAX (x0, x1), 0, 530);
      double top = CLAMP (MIN (y0, y1), 0, 400), bottom = CLAMP (MAX (y0, y1), 0, 400);
      g_autoptr (GArray) points = limn_shape_rectangle (x0, y0, x1, y1);
      g_autoptr (LimnTiles) mask = limn_tiles_new (530, 400, 1);

      fill (mask, points, LIMN_MASK_ADD);
      for (int k = 0; k < 300; k++)
        {
          int x = g_rand_int_range (rand, 0, 530), y = g_rand_int_range (rand, 0, 400);
          double share = CLAMP (MIN (right, x + 1) - MAX (left, x), 0, 1)
                         * CLAMP (MIN (bottom, y + 1) - MAX (top, y), 0, 1);

          g_assert_cmpfloat (fabs (at (mask, x, y) - 255 * share), <=, 1.01);
        }
    }
}

/* Whole pixels give a mask of nothing between. */
static void
test_whole_pixels (void)
{
  g_autoptr (GArray) points = limn_shape_rectangle (30, 600, 290, 20);
  g_autoptr (LimnTiles) mask = limn_tiles_new (700, 700, 1);
  LimnRect bounds;

  fill (mask, points, LIMN_MASK_ADD);
  g_assert_cmpfloat (sum (mask), ==, 260 * 580);
  g_assert_true (limn_tiles_bounds (mask, &bounds));
  g_assert_cmpint (bounds.x, ==, 30);
  g_assert_cmpint (bounds.y, ==, 20);
  g_assert_cmpint (bounds.width, ==, 260);
  g_assert_cmpint (bounds.height, ==, 580);
}

/* Everything within a pixel of the circle's radius is full, everything beyond it empty, and the
 * area is right. */
static void
test_circle (void)
{
  static const double radii[] = { 0.6, 1, 2.5, 7, 33.3, 120, 290 };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    {
      double r = radii[i], cx = 300.25, cy = 299.5;
      g_autoptr (GArray) points = limn_shape_ellipse (cx - r, cy - r, cx + r, cy + r);
      g_autoptr (LimnTiles) mask = limn_tiles_new (600, 600, 1);

      fill (mask, points, LIMN_MASK_ADD);
      for (int y = 0; y < 600; y++)
        for (int x = 0; x < 600; x++)
          {
            double d = hypot (x + 0.5 - cx, y + 0.5 - cy);

            if (d < r - 0.8)
              g_assert_cmpint (at (mask, x, y), ==, 255);
            else if (d > r + 0.8)
              g_assert_cmpint (at (mask, x, y), ==, 0);
          }
      g_assert_cmpfloat (fabs (sum (mask) - G_PI * r * r), <, 0.05 * r * G_PI * 2 + 0.15);
    }
}

static GArray *
random_polygon (GRand *rand, int n)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (LimnPoint));

  for (int i = 0; i < n; i++)
    {
      LimnPoint p
          = { g_rand_double_range (rand, -100, 800), g_rand_double_range (rand, -100, 600) };

      g_array_append_val (points, p);
    }
  return points;
}

/* What is added can be taken away again; where it starts and in which direction it runs does not
 * matter; adding twice is adding once. */
static void
test_random_polygons (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int i = 0; i < 40; i++)
    {
      g_autoptr (GArray) points = random_polygon (rand, 3);
      g_autoptr (GArray) reversed = g_array_new (FALSE, FALSE, sizeof (LimnPoint));
      g_autoptr (LimnTiles) mask = limn_tiles_new (700, 500, 1);
      g_autoptr (LimnTiles) other = limn_tiles_new (700, 500, 1);
      g_autoptr (LimnTiles) full = limn_tiles_new (700, 500, 1);

      for (int k = 4; k > 1; k--)
        g_array_append_val (reversed, g_array_index (points, LimnPoint, k % 3));
      fill (mask, points, LIMN_MASK_ADD);
      fill (mask, points, LIMN_MASK_ADD);
      limn_tiles_fill (other, 255);
      fill (other, reversed, LIMN_MASK_REPLACE);
      {
        g_autoptr (LimnImage) a = limn_tiles_to_image (mask, NULL);
        g_autoptr (LimnImage) b = limn_tiles_to_image (other, NULL);

        for (int y = 0; y < 500; y++)
          for (int x = 0; x < 700; x++)
            g_assert_cmpint (ABS (limn_image_row (a, y)[x] - limn_image_row (b, y)[x]), <=, 1);
      }
      /* All but the polygon is the polygon's inverse. */
      limn_tiles_fill (full, 255);
      fill (full, points, LIMN_MASK_SUBTRACT);
      limn_tiles_invert (full);
      g_assert_true (equal (full, mask));
      fill (mask, points, LIMN_MASK_SUBTRACT);
      g_assert_cmpfloat (sum (mask), <, 1 + 4 * 900 / 2.0);
    }
}

/* A point is inside when the outline goes around it: a five-pointed star drawn in one line has no
 * hole. */
static void
test_star (void)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (LimnPoint));
  g_autoptr (LimnTiles) mask = limn_tiles_new (400, 400, 1);

  for (int i = 0; i < 5; i++)
    {
      LimnPoint p = { 200 + 180 * sin (i * 4 * G_PI / 5), 200 - 180 * cos (i * 4 * G_PI / 5) };

      g_array_append_val (points, p);
    }
  fill (mask, points, LIMN_MASK_ADD);
  g_assert_cmpint (at (mask, 200, 200), ==, 255);
  g_assert_cmpint (at (mask, 200, 60), ==, 255);
  g_assert_cmpint (at (mask, 200, 340), ==, 0);
  g_assert_cmpint (at (mask, 20, 20), ==, 0);
}

/* Whole tiles inside are one tile: what a picture of 100 megapixels costs is the outline. */
static void
test_sparse (void)
{
  g_autoptr (GArray) points = limn_shape_rectangle (10, 10, 11990, 7990);
  g_autoptr (LimnTiles) mask = limn_tiles_new (12000, 8000, 1);

  fill (mask, points, LIMN_MASK_ADD);
  g_assert_cmpint (at (mask, 6000, 4000), ==, 255);
  g_assert_true (limn_tiles_read (mask, 10, 10) == limn_tiles_read (mask, 20, 15));
  /* 47 x 32 tiles, of which 154 are on the edge. */
  g_assert_cmpuint (limn_tiles_get_unique_bytes (mask, NULL), <=,
                    160 * LIMN_TILE_SIZE * LIMN_TILE_SIZE);
  fill (mask, points, LIMN_MASK_SUBTRACT);
  g_assert_true (limn_tiles_is_empty (mask));
}

static void
test_nothing (void)
{
  const LimnPoint bad[] = { { 1, 1 }, { NAN, 5 }, { 5, 5 } }, line[] = { { 1, 1 }, { 9, 9 } },
                  flat[] = { { 1, 1 }, { 9, 9 }, { 5, 5 } };
  g_autoptr (LimnTiles) mask = limn_tiles_new (20, 20, 1);

  limn_mask_fill_polygon (mask, NULL, 0, LIMN_MASK_ADD);
  limn_mask_fill_polygon (mask, bad, 3, LIMN_MASK_ADD);
  limn_mask_fill_polygon (mask, line, 2, LIMN_MASK_ADD);
  limn_mask_fill_polygon (mask, flat, 3, LIMN_MASK_ADD);
  g_assert_true (limn_tiles_is_empty (mask));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-shape/rectangle", test_rectangle);
  g_test_add_func ("/mask-shape/whole-pixels", test_whole_pixels);
  g_test_add_func ("/mask-shape/circle", test_circle);
  g_test_add_func ("/mask-shape/random-polygons", test_random_polygons);
  g_test_add_func ("/mask-shape/star", test_star);
  g_test_add_func ("/mask-shape/sparse", test_sparse);
  g_test_add_func ("/mask-shape/nothing", test_nothing);
  return g_test_run ();
}
