/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "app/limn-tiles.h"
#include "tests/app/fixtures.h"

static void
test_round_trip (void)
{
  static const int channels[] = { 1, 3, 4 };

  for (guint i = 0; i < n_fixture_sides; i++)
    for (guint c = 0; c < G_N_ELEMENTS (channels); c++)
      {
        int width = fixture_sides[i], height = fixture_sides[(i + 3) % n_fixture_sides];
        g_autoptr (LimnImage) image = fixture_noise (width, height, channels[c], i);
        g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
        g_autoptr (LimnImage) back = limn_tiles_to_image (tiles, NULL);

        g_assert_true (fixture_images_equal (image, back));
      }
}

/* Any rectangle, read and written, moves exactly its own bytes. */
static void
test_rectangles (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (LimnImage) image = fixture_noise (600, 517, 3, 1);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);

  for (int i = 0; i < 200; i++)
    {
      LimnRect rect = { g_rand_int_range (rand, 0, 600), g_rand_int_range (rand, 0, 517), 0, 0 };
      g_autoptr (LimnImage) crop = NULL;
      g_autoptr (LimnImage) now = NULL;
      g_autofree guint8 *buffer = NULL;
      gsize stride;

      rect.width = g_rand_int_range (rand, 1, 601 - rect.x);
      rect.height = g_rand_int_range (rand, 1, 518 - rect.y);
      stride = (gsize) rect.width * 3 + 5;
      buffer = g_malloc (stride * rect.height);
      memset (buffer, 0xa5, stride * rect.height);
      limn_tiles_read_rect (tiles, &rect, buffer, stride);
      crop = limn_image_crop (image, &rect, NULL);
      for (int y = 0; y < rect.height; y++)
        {
          g_assert_cmpmem (buffer + y * stride, rect.width * 3, limn_image_row (crop, y), rect.width * 3);
          for (int k = 0; k < 5; k++)
            g_assert_cmpint (buffer[y * stride + rect.width * 3 + k], ==, 0xa5);
        }

      for (gsize k = 0; k < stride * rect.height; k++)
        buffer[k] ^= 0x3c;
      limn_tiles_write_rect (tiles, &rect, buffer, stride);
      for (int y = 0; y < rect.height; y++)
        memcpy (limn_image_row (image, rect.y + y) + rect.x * 3, buffer + y * stride, rect.width * 3);
      now = limn_tiles_to_image (tiles, NULL);
      g_assert_true (fixture_images_equal (now, image));
    }
}

static void
test_copy_on_write (void)
{
  g_autoptr (LimnImage) image = fixture_noise (600, 300, 4, 2);
  g_autoptr (LimnTiles) a = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) b = limn_tiles_copy (a);
  g_autoptr (LimnImage) still = NULL;
  LimnRect diff;

  g_assert_false (limn_tiles_diff (a, b, &diff));
  g_assert_true (limn_tiles_read (a, 1, 1) == limn_tiles_read (b, 1, 1));
  g_assert_cmpuint (limn_tiles_get_unique_bytes (a, b), ==, 0);

  limn_tiles_write (b, 1, 1)[7] ^= 1;
  g_assert_true (limn_tiles_diff (a, b, &diff));
  g_assert_cmpint (diff.x, ==, 256);
  g_assert_cmpint (diff.y, ==, 256);
  g_assert_cmpint (diff.width, ==, 256);
  g_assert_cmpint (diff.height, ==, 44);
  g_assert_true (limn_tiles_read (a, 0, 0) == limn_tiles_read (b, 0, 0));
  g_assert_cmpuint (limn_tiles_get_unique_bytes (a, b), ==, 256 * 256 * 4);
  still = limn_tiles_to_image (a, NULL);
  g_assert_true (fixture_images_equal (still, image));

  /* The only owner writes in place. */
  g_assert_true (limn_tiles_write (b, 1, 1) == limn_tiles_read (b, 1, 1));
}

/* A large mask costs nothing until it is written. */
static void
test_shared_constants (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (20000, 10000, 1);
  g_autoptr (LimnTiles) copy = NULL;
  LimnRect bounds;

  g_assert_true (limn_tiles_is_empty (tiles));
  g_assert_cmpuint (limn_tiles_get_unique_bytes (tiles, NULL), ==, 0);
  g_assert_true (limn_tiles_read (tiles, 0, 0) == limn_tiles_read (tiles, 30, 30));

  limn_tiles_fill (tiles, 255);
  g_assert_cmpuint (limn_tiles_get_unique_bytes (tiles, NULL), ==, 4 * 65536);
  g_assert_true (limn_tiles_bounds (tiles, &bounds));
  g_assert_cmpint (bounds.width, ==, 20000);
  g_assert_cmpint (bounds.height, ==, 10000);

  limn_tiles_invert (tiles);
  g_assert_cmpuint (limn_tiles_get_unique_bytes (tiles, NULL), <=, 4 * 65536);
  g_assert_true (limn_tiles_is_empty (tiles));
  g_assert_false (limn_tiles_bounds (tiles, &bounds));

  limn_tiles_invert (tiles);
  copy = limn_tiles_copy (tiles);
  limn_tiles_write (tiles, 3, 4)[0] = 1;
  g_assert_cmpuint (limn_tiles_get_unique_bytes (tiles, copy), ==, 65536);
}

static void
test_invert_twice (void)
{
  for (guint i = 0; i < n_fixture_sides; i++)
    {
      g_autoptr (LimnImage) image = fixture_noise (fixture_sides[i], 300, 1, i);
      g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
      g_autoptr (LimnImage) once = NULL;
      g_autoptr (LimnImage) twice = NULL;

      limn_tiles_invert (tiles);
      once = limn_tiles_to_image (tiles, NULL);
      for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
          g_assert_cmpint (limn_image_row (once, y)[x], ==, 255 - limn_image_row (image, y)[x]);
      /* Beyond the edge there is nothing, whatever is done. */
      if (image->width % 256 != 0)
        g_assert_cmpint (limn_tiles_read (tiles, image->width / 256, 0)[255], ==, 0);
      limn_tiles_invert (tiles);
      twice = limn_tiles_to_image (tiles, NULL);
      g_assert_true (fixture_images_equal (image, twice));
    }
}

static void
test_bounds (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);

  for (int i = 0; i < 50; i++)
    {
      g_autoptr (LimnImage) image = limn_image_new (700, 530, 1, NULL);
      g_autoptr (LimnTiles) tiles = NULL;
      LimnRect expected, bounds;

      for (int n = g_rand_int_range (rand, 1, 4); n > 0; n--)
        limn_image_row (image, g_rand_int_range (rand, 0, 530))[g_rand_int_range (rand, 0, 700)] = 1;
      tiles = limn_tiles_new_from_image (image);
      g_assert_true (limn_mask_bounds (image, &expected));
      g_assert_true (limn_tiles_bounds (tiles, &bounds));
      g_assert_cmpmem (&expected, sizeof expected, &bounds, sizeof bounds);
    }
}

/* By a whole factor every pixel becomes a block; and back again is the identity. */
static void
test_scale_mask (void)
{
  g_autoptr (LimnImage) image = fixture_noise (301, 270, 1, 3);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) large = limn_tiles_scale_mask (tiles, 301 * 4, 270 * 4);
  g_autoptr (LimnTiles) small = limn_tiles_scale_mask (large, 301, 270);
  g_autoptr (LimnImage) shown = limn_tiles_to_image (large, NULL);
  g_autoptr (LimnImage) back = limn_tiles_to_image (small, NULL);
  g_autoptr (LimnTiles) empty = limn_tiles_new (301, 270, 1);
  g_autoptr (LimnTiles) large_empty = limn_tiles_scale_mask (empty, 30000, 27000);

  for (int y = 0; y < shown->height; y++)
    for (int x = 0; x < shown->width; x++)
      g_assert_cmpint (limn_image_row (shown, y)[x], ==, limn_image_row (image, y / 4)[x / 4]);
  g_assert_true (fixture_images_equal (back, image));
  g_assert_cmpuint (limn_tiles_get_unique_bytes (large_empty, NULL), ==, 0);
}

/* ---- Threads ------------------------------------------------------------------------------------------------------- */

typedef struct
{
  LimnTiles *tiles;
  guint8 mark;
} Painter;

/* Paints all over its own copy, and finds in it what it painted and nothing else. */
static gpointer
paint_worker (gpointer data)
{
  Painter *painter = data;

  for (int round = 0; round < 40; round++)
    {
      g_autoptr (LimnTiles) own = limn_tiles_copy (painter->tiles);
      g_autoptr (LimnTiles) kept = NULL;

      for (int i = 0; i < 6; i++)
        {
          guint8 *tile = limn_tiles_write (own, i % 3, i / 3);

          memset (tile, painter->mark, 1000);
          if (i == 2)
            kept = limn_tiles_copy (own);
        }
      for (int i = 0; i < 6; i++)
        {
          const guint8 *tile = limn_tiles_read (own, i % 3, i / 3);
          const guint8 *before = limn_tiles_read (kept, i % 3, i / 3);

          if (tile[0] != painter->mark || tile[999] != painter->mark || tile[1000] != 7)
            return GINT_TO_POINTER (1);
          if (before[0] != (i <= 2 ? painter->mark : 7))
            return GINT_TO_POINTER (2);
        }
    }
  return NULL;
}

/* Copies of one picture are written in many threads while the first is written in this one. */
static void
test_threads (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (700, 500, 1);
  Painter painters[6];
  GThread *threads[6];

  for (int i = 0; i < 6; i++)
    memset (limn_tiles_write (tiles, i % 3, i / 3), 7, 65536);
  for (int i = 0; i < 6; i++)
    {
      painters[i] = (Painter) { limn_tiles_copy (tiles), 100 + i };
      threads[i] = g_thread_new ("painter", paint_worker, &painters[i]);
    }
  for (int round = 0; round < 200; round++)
    {
      g_autoptr (LimnTiles) copy = limn_tiles_copy (tiles);

      limn_tiles_write (tiles, round % 3, round % 2)[5000] = round;
      g_assert_cmpint (limn_tiles_read (copy, 0, 0)[0], ==, 7);
    }
  for (int i = 0; i < 6; i++)
    {
      g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (threads[i])), ==, 0);
      limn_tiles_free (painters[i].tiles);
    }
}

/* The box around what differs in a tile is no larger than that. */
static void
test_diff_tile (void)
{
  g_autoptr (LimnImage) image = fixture_noise (300, 290, 3, 4);
  g_autoptr (LimnTiles) tiles = limn_tiles_new_from_image (image);
  LimnRect diff;

  for (int i = 0; i < 200; i++)
    {
      g_autoptr (LimnTiles) other = limn_tiles_copy (tiles);
      int tx = i & 1, ty = i >> 1 & 1, width = tx ? 44 : 256, height = ty ? 34 : 256;
      int x0 = g_test_rand_int_range (0, width), x1 = g_test_rand_int_range (x0, width);
      int y0 = g_test_rand_int_range (0, height), y1 = g_test_rand_int_range (y0, height);
      guint8 *bytes = limn_tiles_write (other, tx, ty);

      g_assert_false (limn_tiles_diff_tile (tiles, other, tx, ty, &diff));
      bytes[(y0 * LIMN_TILE_SIZE + x1) * 3 + i % 3] ^= 1;
      bytes[(y1 * LIMN_TILE_SIZE + x0) * 3 + i / 3 % 3] ^= 2;
      g_assert_true (limn_tiles_diff_tile (tiles, other, tx, ty, &diff));
      g_assert_cmpint (diff.x, ==, tx * LIMN_TILE_SIZE + x0);
      g_assert_cmpint (diff.y, ==, ty * LIMN_TILE_SIZE + y0);
      g_assert_cmpint (diff.width, ==, x1 - x0 + 1);
      g_assert_cmpint (diff.height, ==, y1 - y0 + 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/tiles/round-trip", test_round_trip);
  g_test_add_func ("/tiles/rectangles", test_rectangles);
  g_test_add_func ("/tiles/copy-on-write", test_copy_on_write);
  g_test_add_func ("/tiles/shared-constants", test_shared_constants);
  g_test_add_func ("/tiles/invert-twice", test_invert_twice);
  g_test_add_func ("/tiles/bounds", test_bounds);
  g_test_add_func ("/tiles/scale-mask", test_scale_mask);
  g_test_add_func ("/tiles/diff-tile", test_diff_tile);
  g_test_add_func ("/tiles/threads", test_threads);
  return g_test_run ();
}
