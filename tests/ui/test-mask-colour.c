/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The colour of the mask, chosen from the picture.
 */
#include "config.h"

#include "ui/limn-mask-colour.h"

/* Blue, red, green, yellow, pink. */
enum
{
  BLUE,
  RED,
  GREEN,
  YELLOW,
  PINK
};

static LimnTiles *
new_picture (int width, int height, int channels, const guint8 *above, const guint8 *below)
{
  g_autoptr (LimnImage) image = limn_image_new (width, height, channels, NULL);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        limn_image_row (image, y)[channels * x + c] = (y < height / 2 ? above : below)[c];
  return limn_tiles_new_from_image (image);
}

static int
choose (int width, int height, const guint8 *above, const guint8 *below, int shown)
{
  g_autoptr (LimnTiles) tiles = new_picture (width, height, 3, above, below);

  return limn_mask_colour_choose (tiles, &(LimnRect){ 0, 0, width, height }, shown);
}

/* Not the picture's own colour, nor that of a part of it. */
static void
test_own (void)
{
  static const guint8 palette[LIMN_N_MASK_COLOURS][3] = {
    { 60, 130, 220 }, { 230, 60, 60 }, { 60, 200, 120 }, { 240, 210, 60 }, { 225, 80, 175 },
  };

  for (int a = 0; a < LIMN_N_MASK_COLOURS; a++)
    for (int b = 0; b < LIMN_N_MASK_COLOURS; b++)
      {
        int chosen = choose (300, 200, palette[a], palette[b], -1);

        g_assert_cmpint (chosen, !=, a);
        g_assert_cmpint (chosen, !=, b);
        /* Also when that is what is shown. */
        g_assert_cmpint (choose (300, 200, palette[a], palette[b], a), !=, a);
      }
}

/* What is chosen is seen over every pixel about as well as any other colour would be over its
 * worst. */
static void
test_best (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (int round = 0; round < 300; round++)
    {
      guint8 colours[2][3];
      double worst[LIMN_N_MASK_COLOURS], most = 0;
      int shown = g_rand_int_range (random, -1, LIMN_N_MASK_COLOURS), chosen;

      for (int i = 0; i < 6; i++)
        colours[i / 3][i % 3] = (guint8)g_rand_int_range (random, 0, 256);
      chosen = choose (g_rand_int_range (random, 1, 400), 2 * g_rand_int_range (random, 1, 200),
                       colours[0], colours[1], shown);
      for (int i = 0; i < LIMN_N_MASK_COLOURS; i++)
        {
          worst[i] = MIN (limn_mask_colour_contrast (i, colours[0]),
                          limn_mask_colour_contrast (i, colours[1]));
          most = MAX (most, worst[i]);
        }
      g_assert_cmpfloat (worst[chosen] * 1.26, >=, most);
      if (shown >= 0 && worst[shown] * 1.24 > most)
        g_assert_cmpint (chosen, ==, shown);
    }
}

/* What is not seen has no part in it. */
static void
test_visible (void)
{
  static const guint8 blue[3] = { 53, 132, 228 }, red[3] = { 237, 51, 59 };
  g_autoptr (LimnTiles) tiles = new_picture (400, 400, 3, blue, red);

  g_assert_cmpint (limn_mask_colour_choose (tiles, &(LimnRect){ 0, 0, 400, 150 }, -1), !=, BLUE);
  g_assert_cmpint (limn_mask_colour_choose (tiles, &(LimnRect){ 0, 220, 400, 100 }, BLUE), ==,
                   BLUE);
  g_assert_cmpint (limn_mask_colour_choose (tiles, &(LimnRect){ 0, 220, 400, 100 }, RED), !=, RED);
}

/* Grey and transparent pictures, and one pixel, and a view of nothing. */
static void
test_any (void)
{
  static const guint8 pixel[4] = { 80, 80, 80, 0 };

  static const int channels[] = { 1, 3, 4 };

  for (gsize i = 0; i < G_N_ELEMENTS (channels); i++)
    for (int side = 1; side < 600; side += 299)
      {
        g_autoptr (LimnTiles) tiles = new_picture (side, side, channels[i], pixel, pixel);
        int chosen = limn_mask_colour_choose (tiles, &(LimnRect){ 0, 0, 0, 0 }, -1);

        g_assert_cmpint (chosen, >=, 0);
        g_assert_cmpint (chosen, <, LIMN_N_MASK_COLOURS);
      }
}

/* In front of the main thread's eyes: what it costs is told, and does not grow with the picture. */
static void
test_time (void)
{
  LimnTiles *tiles = limn_tiles_new (8000, 6000, 3);
  gint64 start = g_get_monotonic_time ();

  for (int i = 0; i < 20; i++)
    limn_mask_colour_choose (tiles, &(LimnRect){ 0, 0, 8000, 6000 }, -1);
  g_test_message ("48 megapixels: %.2f ms", (double)(g_get_monotonic_time () - start) / 20e3);
  limn_tiles_free (tiles);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-colour/own", test_own);
  g_test_add_func ("/mask-colour/best", test_best);
  g_test_add_func ("/mask-colour/visible", test_visible);
  g_test_add_func ("/mask-colour/any", test_any);
  g_test_add_func ("/mask-colour/time", test_time);
  return g_test_run ();
}
