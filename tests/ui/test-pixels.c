/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The pyramid, the scaler and the display cache, against slow and obvious versions of themselves.
 * No display is needed.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "app/limn-document.h"
#include "app/limn-mask-shape.h"
#include "ui/limn-canvas-cache.h"
#include "ui/limn-preview.h"
#include "ui/limn-scaler.h"

/* A mean of 8-bit means is off by half a step for each level, and the filter's weights are in
 * 256ths. */
#define SCALER_TOLERANCE 3

static LimnTiles *
noise_tiles (int width, int height, int channels, guint32 seed)
{
  g_autoptr (LimnImage) image = limn_image_new (width, height, channels, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width * channels; x++)
      limn_image_row (image, y)[x] = g_rand_int_range (rand, 0, 256);
  return limn_tiles_new_from_image (image);
}

static LimnTiles *
smooth_tiles (int width, int height)
{
  g_autoptr (LimnImage) image = limn_image_new (width, height, 3, NULL);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width * 3; x++)
      limn_image_row (image, y)[x] = (guint8)(x / 3 * 200 / width + y * 50 / height);
  return limn_tiles_new_from_image (image);
}

static guint8
pixel (LimnTiles *tiles, int x, int y, int c)
{
  guint8 value[4];

  limn_tiles_read_rect (tiles, &(LimnRect){ x, y, 1, 1 }, value, 4);
  return value[c];
}

static void
assert_same_levels (LimnMips *a, LimnMips *b)
{
  g_assert_cmpint (limn_mips_get_n_levels (a), ==, limn_mips_get_n_levels (b));
  for (int i = 0; i < limn_mips_get_n_levels (a); i++)
    {
      LimnRect all = { 0 };
      gsize n;
      g_autofree guint8 *p = NULL;
      g_autofree guint8 *q = NULL;

      limn_mips_get_size (a, i, &all.width, &all.height);
      g_assert_true (limn_mips_ensure (a, i, &all, LIMN_NO_DEADLINE));
      g_assert_true (limn_mips_ensure (b, i, &all, LIMN_NO_DEADLINE));
      n = (gsize)all.width * all.height * limn_mips_get_channels (a);
      p = g_malloc (n);
      q = g_malloc (n);
      limn_mips_read (a, i, &all, p, n / all.height);
      limn_mips_read (b, i, &all, q, n / all.height);
      g_assert_cmpmem (p, n, q, n);
    }
}

static void
test_mips_sizes (void)
{
  static const int sizes[][2]
      = { { 1, 1 }, { 2, 1 }, { 3, 7 }, { 255, 256 }, { 257, 513 }, { 60000, 10 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (LimnTiles) tiles = limn_tiles_new (sizes[i][0], sizes[i][1], 3);
      g_autoptr (LimnMips) mips = limn_mips_new (tiles);
      int width, height;

      limn_mips_get_size (mips, limn_mips_get_n_levels (mips) - 1, &width, &height);
      g_assert_cmpint (width, ==, 1);
      g_assert_cmpint (height, ==, 1);
    }
}

static void
test_mips_average (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (515, 259, 3, 1);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  LimnRect all = { 0, 0, 258, 130 };
  g_autofree guint8 *half = g_malloc (258 * 130 * 3);

  limn_mips_ensure (mips, 1, &all, LIMN_NO_DEADLINE);
  limn_mips_read (mips, 1, &all, half, 258 * 3);
  for (int i = 0; i < 500; i++)
    {
      int x = g_test_rand_int_range (0, 258), y = g_test_rand_int_range (0, 130), c = i % 3,
          sum = 2;

      for (int k = 0; k < 4; k++)
        sum += pixel (tiles, MIN (2 * x + (k & 1), 514), MIN (2 * y + (k >> 1), 258), c);
      g_assert_cmpint (half[(y * 258 + x) * 3 + c], ==, sum / 4);
    }
}

/* A pyramid that followed a change is the pyramid of the changed picture. */
static void
test_mips_update (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (LimnTiles) tiles = noise_tiles (700, 530, 1, 7);
      g_autoptr (LimnMips) mips = limn_mips_new (tiles);
      g_autoptr (LimnMips) fresh = NULL;
      g_autoptr (LimnMips) shared = NULL;
      LimnRect everything = { 0, 0, 44, 34 };
      LimnRect rect = { g_test_rand_int_range (0, 690), g_test_rand_int_range (0, 520), 1 + i % 10,
                        1 + i % 7 };
      guint8 white[70];

      memset (white, 255, sizeof white);
      /* Some levels were made before, some were not. */
      if (i % 3 != 0)
        limn_mips_ensure (mips, 4, &everything, LIMN_NO_DEADLINE);
      limn_tiles_write_rect (tiles, &rect, white, 10);
      shared = limn_mips_new_changed (mips, tiles);
      limn_mips_update (mips, tiles, &rect);
      fresh = limn_mips_new (tiles);
      assert_same_levels (mips, fresh);
      assert_same_levels (shared, fresh);
    }
}

/* A change too large to be made at once, then small ones on top of what was not made yet. */
static void
test_mips_large_update (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (1800, 1500, 1, 21);
  g_autoptr (LimnTiles) other = noise_tiles (1800, 1500, 1, 22);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  LimnRect large = { 300, 0, 1500, 1400 }, small = { 250, 390, 90, 50 };
  g_autofree guint8 *pixels = g_malloc ((gsize)large.width * large.height);

  for (int i = 0; i < limn_mips_get_n_levels (mips); i++)
    limn_mips_ensure (mips, i, &(LimnRect){ 0, 0, 1800, 1500 }, LIMN_NO_DEADLINE);
  limn_tiles_read_rect (other, &large, pixels, large.width);
  limn_tiles_write_rect (tiles, &large, pixels, large.width);
  limn_mips_update (mips, tiles, &large);
  g_assert_false (limn_mips_ensure (mips, 1, &(LimnRect){ 400, 400, 10, 10 }, 0));
  g_assert_true (limn_mips_ensure (mips, 1, &(LimnRect){ 400, 400, 10, 10 }, LIMN_NO_DEADLINE));
  for (int i = 0; i < 4; i++, small.x += 400)
    {
      memset (pixels, 40 * i, (gsize)small.width * small.height);
      limn_tiles_write_rect (tiles, &small, pixels, small.width);
      limn_mips_update (mips, tiles, &small);
    }
  {
    g_autoptr (LimnMips) anew = limn_mips_new (tiles);

    assert_same_levels (mips, anew);
  }
}

static void
test_mips_constant_mask (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (1024, 1024, 1);
  g_autoptr (LimnDocument) document
      = limn_document_new (limn_tiles_new (1024, 1024, 3), NULL, NULL);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnMips) full = NULL;
  LimnRect all = { 0, 0, 256, 256 };
  guint8 value = 1;

  limn_mips_ensure (mips, 2, &all, LIMN_NO_DEADLINE);
  g_assert_true (limn_mips_is_untouched (mips, 2, &all));
  /* A full mask may share one tile many times over, as an empty one does. */
  limn_document_mask_fill (document);
  full = limn_mips_new (limn_document_get_mask (document));
  limn_mips_ensure (full, 2, &all, LIMN_NO_DEADLINE);
  limn_mips_read (full, 2, &(LimnRect){ 100, 100, 1, 1 }, &value, 1);
  g_assert_cmpint (value, ==, 255);
  g_assert_false (limn_mips_is_untouched (full, 2, &all));
}

static void
test_mips_deadline (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (1500, 1500, 3, 3);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  LimnRect all = { 0, 0, 10, 10 };

  g_assert_false (limn_mips_ensure (mips, 5, &all, 0));
  g_assert_true (limn_mips_ensure (mips, 5, &all, LIMN_NO_DEADLINE));
  g_assert_true (limn_mips_ensure (mips, 5, &all, 0));
}

/* The mean of the picture under a device pixel, by the definition. */
static double
true_mean (LimnTiles *tiles, double x0, double y0, double x1, double y1, int c)
{
  double sum = 0, area = 0;
  int width = limn_tiles_get_width (tiles), height = limn_tiles_get_height (tiles);

  for (int y = (int)floor (y0); y < MIN ((int)ceil (y1), height); y++)
    for (int x = (int)floor (x0); x < MIN ((int)ceil (x1), width); x++)
      {
        double w = (MIN (x1, x + 1) - MAX (x0, x)) * (MIN (y1, y + 1) - MAX (y0, y));

        sum += w * pixel (tiles, x, y, c);
        area += w;
      }
  return sum / area;
}

static void
test_scaler_is_a_box_filter (void)
{
  /* Between the levels the pixels of a level count as even: exact for smooth pictures only. */
  static const double scales[] = { 1, 0.83, 0.51, 0.5, 0.25, 1.4, 1.99, 0.37, 0.11 };
  g_autoptr (LimnTiles) noise = noise_tiles (257, 130, 3, 11);
  g_autoptr (LimnTiles) smooth = smooth_tiles (257, 130);
  g_autoptr (LimnScaler) scaler = limn_scaler_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      double s = scales[i];
      LimnTiles *tiles = i < 7 ? noise : smooth;
      g_autoptr (LimnMips) mips = limn_mips_new (tiles);
      LimnRect all = { 0 };
      g_autofree guint8 *out = NULL;

      limn_scaler_get_size (mips, s, &all.width, &all.height);
      out = g_malloc ((gsize)all.width * all.height * 3);
      g_assert_true (
          limn_scaler_render (scaler, mips, s, &all, LIMN_NO_DEADLINE, out, (gsize)all.width * 3));
      /* The outermost pixels hang over the picture's edge on coarse levels. */
      for (int k = 0; k < 300; k++)
        {
          int x = g_test_rand_int_range (0, MAX (1, all.width - 1)),
              y = g_test_rand_int_range (0, MAX (1, all.height - 1));
          double mean = true_mean (tiles, x / s, y / s, (x + 1) / s, (y + 1) / s, k % 3);

          g_assert_cmpfloat_with_epsilon (out[((gsize)y * all.width + x) * 3 + k % 3], mean,
                                          SCALER_TOLERANCE);
        }
    }
}

static void
test_scaler_nearest (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (33, 17, 4, 5);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnScaler) scaler = limn_scaler_new ();
  LimnRect all = { 0, 0, 33 * 3, 17 * 3 };
  g_autofree guint8 *out = g_malloc (33 * 3 * 17 * 3 * 4);

  limn_scaler_render (scaler, mips, 3, &all, LIMN_NO_DEADLINE, out, 33 * 3 * 4);
  for (int y = 0; y < 51; y++)
    for (int x = 0; x < 99; x++)
      for (int c = 0; c < 4; c++)
        g_assert_cmpint (out[(y * 99 + x) * 4 + c], ==, pixel (tiles, x / 3, y / 3, c));
}

/* A part rendered on its own is that part of the whole. */
static void
test_scaler_parts (void)
{
  static const double scales[] = { 1, 0.6, 0.2, 1.7, 4.5 };
  g_autoptr (LimnTiles) tiles = noise_tiles (300, 290, 3, 2);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnScaler) scaler = limn_scaler_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      LimnRect all = { 0 }, part;
      g_autofree guint8 *whole = NULL;
      g_autofree guint8 *out = NULL;

      limn_scaler_get_size (mips, scales[i], &all.width, &all.height);
      part = (LimnRect){ all.width / 3, all.height / 4, all.width / 2, all.height / 3 };
      whole = g_malloc ((gsize)all.width * all.height * 3);
      out = g_malloc ((gsize)part.width * part.height * 3);
      limn_scaler_render (scaler, mips, scales[i], &all, LIMN_NO_DEADLINE, whole,
                          (gsize)all.width * 3);
      limn_scaler_render (scaler, mips, scales[i], &part, LIMN_NO_DEADLINE, out,
                          (gsize)part.width * 3);
      for (int y = 0; y < part.height; y++)
        g_assert_cmpmem (out + (gsize)y * part.width * 3, (gsize)part.width * 3,
                         whole + ((gsize)(part.y + y) * all.width + part.x) * 3,
                         (gsize)part.width * 3);
    }
}

static void
download (LimnCanvasCache *cache, int column, int row, guint8 *out)
{
  const guint8 *pixels = limn_canvas_cache_peek (cache, column, row);

  g_assert_nonnull (pixels);
  memcpy (out, pixels, LIMN_DISPLAY_TILE * LIMN_DISPLAY_TILE * 4);
}

static void
test_cache_shows_picture (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (600, 300, 3, 4);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 600, 300 };
  g_autofree guint8 *out = g_malloc (256 * 256 * 4);

  limn_canvas_cache_set_image (cache, mips);
  g_assert_true (limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE));
  g_assert_cmpuint (limn_canvas_cache_get_n_rendered (cache), ==, 6);
  download (cache, 1, 1, out);
  for (int y = 0; y < 44; y++)
    for (int x = 0; x < 256; x++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (out[(y * 256 + x) * 4 + 2 - c], ==, pixel (tiles, 256 + x, 256 + y, c));
}

/* Only what lies under a change is made again, and it ends up as if all had been. */
static void
test_cache_is_incremental (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (1024, 1024, 3, 6);
  g_autoptr (LimnTiles) mask_tiles = limn_tiles_new (1024, 1024, 1);
  g_autoptr (LimnMips) image = limn_mips_new (tiles);
  g_autoptr (LimnMips) mask = limn_mips_new (mask_tiles);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  g_autoptr (LimnCanvasCache) fresh = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 1024, 1024 }, rect = { 700, 300, 40, 30 };
  g_autofree guint8 *a = g_malloc (256 * 256 * 4);
  g_autofree guint8 *b = g_malloc (256 * 256 * 4);
  guint8 white[40 * 30];
  guint before;

  memset (white, 255, sizeof white);
  for (double scale = 1; scale > 0.3; scale -= 0.37)
    {
      limn_canvas_cache_set_image (cache, image);
      limn_canvas_cache_set_mask (cache, mask);
      limn_canvas_cache_set_scale (cache, scale);
      limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE);
      before = limn_canvas_cache_get_n_rendered (cache);
      limn_tiles_write_rect (mask_tiles, &rect, white, 40);
      limn_mips_update (mask, mask_tiles, &rect);
      limn_canvas_cache_invalidate (cache, &rect);
      g_assert_true (limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE));
      g_assert_cmpuint (limn_canvas_cache_get_n_rendered (cache) - before, <=, 2);
      g_assert_cmpuint (limn_canvas_cache_get_n_rendered (cache) - before, >=, 1);

      limn_canvas_cache_set_image (fresh, image);
      limn_canvas_cache_set_mask (fresh, mask);
      limn_canvas_cache_set_scale (fresh, scale);
      limn_canvas_cache_prepare (fresh, &visible, LIMN_NO_DEADLINE);
      for (int row = 0; row * 256 < 1024 * scale; row++)
        for (int column = 0; column * 256 < 1024 * scale; column++)
          {
            download (cache, column, row, a);
            download (fresh, column, row, b);
            g_assert_cmpmem (a, 256 * 256 * 4, b, 256 * 256 * 4);
          }
      for (gsize i = 0; i < sizeof white; i++)
        white[i] ^= 0x5a;
    }
}

static void
test_cache_mask_tints (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (64, 64, 3);
  g_autoptr (LimnTiles) mask_tiles = limn_tiles_new (64, 64, 1);
  g_autoptr (LimnMips) image = limn_mips_new (tiles);
  g_autoptr (LimnMips) mask = NULL;
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 64, 64 };
  g_autofree guint8 *out = g_malloc (256 * 256 * 4);
  guint8 white[32 * 32];

  memset (white, 255, sizeof white);
  limn_tiles_write_rect (mask_tiles, &(LimnRect){ 16, 16, 32, 32 }, white, 32);
  mask = limn_mips_new (mask_tiles);
  limn_canvas_cache_set_image (cache, image);
  limn_canvas_cache_set_mask_colour (cache, &(GdkRGBA){ 1, 0, 0, 1 });
  limn_canvas_cache_set_mask (cache, mask);
  limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE);
  download (cache, 0, 0, out);
  /* Black outside, red within, black and white on the outline. */
  g_assert_cmpint (out[(8 * 256 + 8) * 4 + 2], ==, 0);
  g_assert_cmpint (out[(32 * 256 + 32) * 4 + 2], >, 100);
  g_assert_cmpint (out[(32 * 256 + 32) * 4 + 1], ==, 0);
  g_assert_cmpint (out[(16 * 256 + 20) * 4 + 1], ==, out[(16 * 256 + 20) * 4 + 2]);
  limn_canvas_cache_set_mask (cache, NULL);
  limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE);
  download (cache, 0, 0, out);
  g_assert_cmpint (out[(32 * 256 + 32) * 4 + 2], ==, 0);
}

static void
test_cache_budget (void)
{
  g_autoptr (LimnTiles) tiles = noise_tiles (2048, 2048, 3, 9);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 2048, 2048 };
  int rounds = 0;

  limn_canvas_cache_set_image (cache, mips);
  /* A deadline that has passed already: one tile a round, and the end is reached. */
  while (!limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time ()))
    g_assert_cmpint (++rounds, <=, 64);
  g_assert_cmpuint (limn_canvas_cache_get_n_rendered (cache), ==, 64);
}

/* A picture with a mask on it, and the pyramids of both. */
typedef struct
{
  LimnTiles *picture, *painted;
  LimnMips *image, *mask;
} Shown;

static void
shown_clear (Shown *shown)
{
  limn_mips_free (shown->image);
  limn_mips_free (shown->mask);
  limn_tiles_free (shown->picture);
  limn_tiles_free (shown->painted);
}

static void
shown_paint (Shown *shown, LimnCanvasCache *cache, const LimnRect *rect, guint8 value)
{
  gsize n = (gsize)rect->width * (gsize)rect->height;
  g_autofree guint8 *pixels = g_malloc (n);

  memset (pixels, value, n);
  limn_tiles_write_rect (shown->painted, rect, pixels, (gsize)rect->width);
  limn_mips_invalidate (shown->mask, rect);
  limn_canvas_cache_invalidate (cache, rect);
}

/* Every tile of @cache is as one that has nothing to hurry would make it. */
static void
assert_as_made_anew (const Shown *shown, LimnCanvasCache *cache, double scale)
{
  g_autoptr (LimnCanvasCache) anew = limn_canvas_cache_new ();
  g_autoptr (LimnMips) image = limn_mips_new (shown->picture);
  g_autoptr (LimnMips) mask = limn_mips_new (shown->painted);
  int width, height;

  limn_scaler_get_size (image, scale, &width, &height);
  limn_canvas_cache_set_image (anew, image);
  limn_canvas_cache_set_mask (anew, mask);
  limn_canvas_cache_set_scale (anew, scale);
  g_assert_true (
      limn_canvas_cache_prepare (anew, &(LimnRect){ 0, 0, width, height }, LIMN_NO_DEADLINE));
  for (int row = 0; row * LIMN_DISPLAY_TILE < height; row++)
    for (int column = 0; column * LIMN_DISPLAY_TILE < width; column++)
      g_assert_cmpmem (limn_canvas_cache_peek (cache, column, row),
                       LIMN_DISPLAY_TILE * LIMN_DISPLAY_TILE * 4,
                       limn_canvas_cache_peek (anew, column, row),
                       LIMN_DISPLAY_TILE * LIMN_DISPLAY_TILE * 4);
}

/* While the scale changes all of the picture is seen, if only roughly; once it rests the pixels are those
 * that would have been made at once, whatever was painted in between. */
static void
test_cache_sketches (void)
{
  static const double scales[] = { 0.117, 0.2, 0.37, 0.9, 1.3, 3.3, 0.5, 0.06 };
  const LimnRect visible = { 0, 0, 8000, 8000 };
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  Shown shown = { noise_tiles (2400, 1500, 3, 31), limn_tiles_new (2400, 1500, 1), NULL, NULL };

  shown.image = limn_mips_new (shown.picture);
  shown.mask = limn_mips_new (shown.painted);
  limn_mips_borrow (shown.mask, shown.painted);
  limn_canvas_cache_set_image (cache, shown.image);
  limn_canvas_cache_set_mask (cache, shown.mask);
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      const gint64 soon = G_USEC_PER_SEC * 1000;
      const guint8 *first;
      gboolean done;
      int frames = 1;

      limn_canvas_cache_set_scale (cache, scales[i]);
      done = limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time () + soon);
      g_assert_cmpint (done, ==, limn_scaler_is_quick (scales[i]));
      first = limn_canvas_cache_peek (cache, 0, 0);
      g_assert_nonnull (first);
      g_assert_cmpint (first[3], ==, 255);
      shown_paint (&shown, cache, &(LimnRect){ 100 + 200 * (int)i, 300, 400, 350 }, 255);
      /* So much time that on any machine something is made of the pyramid. */
      for (; !limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time () + 2000); frames++)
        g_assert_cmpint (frames, <, 1000);
      assert_as_made_anew (&shown, cache, scales[i]);
      shown_paint (&shown, cache, &(LimnRect){ 350, 100, 900, 700 }, (guint8)(30 * i));
    }
  shown_clear (&shown);
}

/* A rough look at a smooth picture is a good one, of whichever level it comes. */
static void
test_scaler_sketch (void)
{
  static const double scales[] = { 0.06, 0.117, 0.3, 0.7, 1.4, 5 };
  g_autoptr (LimnTiles) tiles = smooth_tiles (1500, 900);
  g_autoptr (LimnScaler) scaler = limn_scaler_new ();

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (scales); i++)
    {
      g_autoptr (LimnMips) mips = limn_mips_new (tiles);
      double scale = scales[i / 2];
      const LimnRect rect = { 10, 5, 70, 40 };
      LimnRect source;
      guint8 sketch[70 * 40 * 3], exact[70 * 40 * 3];
      int level;

      /* Before any level was made, and after. */
      level = limn_scaler_get_sketch_source (mips, scale, &rect, &source);
      if (i % 2 == 0)
        g_assert_cmpint (level, ==, 0);
      g_assert_true (
          limn_scaler_render (scaler, mips, scale, &rect, LIMN_NO_DEADLINE, exact, 70 * 3));
      if (i % 2 == 0)
        {
          g_autoptr (LimnMips) bare = limn_mips_new (tiles);

          limn_scaler_sketch (scaler, bare, scale, &rect, sketch, 70 * 3);
        }
      else
        limn_scaler_sketch (scaler, mips, scale, &rect, sketch, 70 * 3);
      for (gsize k = 0; k < sizeof exact; k++)
        g_assert_cmpint (ABS (sketch[k] - exact[k]), <=, 4);
    }
}

/* Microseconds of processor time of this thread: other programs do not count. */
static gint64
cpu_time (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

/* What a dab of the brush costs the main thread on a photo of 24 megapixels, told, not judged:
 * machines differ. */
static void
test_cache_frame_times (void)
{
  static const double scales[] = { 0.15, 0.33, 1, 3 };
  g_autoptr (LimnTiles) tiles = noise_tiles (6000, 4000, 3, 8);
  g_autoptr (LimnDocument) document = limn_document_new (g_steal_pointer (&tiles), NULL, NULL);
  g_autoptr (LimnMips) image = limn_mips_new (limn_document_get_image (document));
  g_autoptr (LimnMips) mask = limn_mips_new (limn_document_get_mask (document));
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();

  limn_canvas_cache_set_image (cache, image);
  limn_canvas_cache_set_mask (cache, mask);
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      LimnRect visible = { 0, 0, 1600, 1000 };
      gint64 start, worst = 0, total = 0, longest = 0;
      int frames = 0;

      limn_canvas_cache_set_scale (cache, scales[i]);
      do
        {
          start = cpu_time ();
          frames++;
          if (limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time () + 5000))
            visible.width = 0;
          longest = MAX (longest, cpu_time () - start);
        }
      while (visible.width > 0);
      visible.width = 1600;
      for (int k = 0; k < 50; k++)
        {
          double radius = 40 / scales[i], x = (100 + k * 8) / scales[i], y = 300 / scales[i];
          LimnRect rect
              = { (int)(x - radius), (int)(y - radius), (int)(2 * radius), (int)(2 * radius) };

          limn_document_begin_stroke (document, FALSE, MIN (radius, 200), 0.5);
          limn_document_stroke_to (document, x, y, 1);
          limn_document_end_stroke (document);
          start = cpu_time ();
          limn_mips_update (mask, limn_document_get_mask (document), &rect);
          limn_canvas_cache_invalidate (cache, &rect);
          limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time () + 5000);
          worst = MAX (worst, cpu_time () - start);
          total += cpu_time () - start;
        }
      g_test_message (
          "scale %.2f: whole view in %d frames, longest %.1f ms; a dab %.2f ms, at worst %.2f ms",
          scales[i], frames, longest / 1000.0, total / 50000.0, worst / 1000.0);
    }
}

/* The longest of the turns that a mask over 100 megapixels takes, zoomed to the whole of it: told, not judged. */
static void
test_cache_large_mask_times (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (12000, 8400, 3);
  g_autoptr (LimnTiles) mask = limn_tiles_new (12000, 8400, 1);
  g_autoptr (GArray) ellipse = limn_shape_ellipse (100, 100, 11900, 8300);
  g_autoptr (LimnMips) image = limn_mips_new (tiles);
  g_autoptr (LimnMips) mips = limn_mips_new (mask);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  const LimnRect visible = { 0, 0, 1200, 840 }, all = { 0, 0, 12000, 8400 };

  limn_canvas_cache_set_image (cache, image);
  limn_canvas_cache_set_mask (cache, mips);
  limn_canvas_cache_set_scale (cache, 0.1);
  limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE);
  for (int i = 0; i < 3; i++)
    {
      gint64 start, first, worst = 0;
      int turns = 0;
      gboolean done;

      if (i == 0)
        limn_mask_fill_polygon (mask, (const LimnPoint *)(void *)ellipse->data, ellipse->len,
                                LIMN_MASK_ADD);
      else if (i == 1)
        limn_tiles_invert (mask);
      else
        limn_tiles_fill (mask, 255);
      start = cpu_time ();
      limn_mips_update (mips, mask, &all);
      limn_canvas_cache_invalidate (cache, &all);
      first = cpu_time () - start;
      do
        {
          start = cpu_time ();
          done = limn_canvas_cache_prepare (cache, &visible, g_get_monotonic_time () + 5000);
          worst = MAX (worst, cpu_time () - start);
          turns++;
        }
      while (!done && turns < 10000);
      g_assert_true (done);
      g_test_message ("%s: %.2f ms when it comes, %.2f ms in the longest of %d frames",
                      i == 0   ? "ellipse"
                      : i == 1 ? "inverted"
                               : "everything",
                      first / 1000.0, worst / 1000.0, turns);
    }
}

static void
test_cache_alpha (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (40, 40, 4);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  LimnRect visible = { 0, 0, 40, 40 };
  g_autofree guint8 *out = g_malloc (256 * 256 * 4);

  limn_canvas_cache_set_image (cache, mips);
  limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE);
  download (cache, 0, 0, out);
  /* Fully transparent: the checkerboard in two greys. */
  g_assert_cmpint (out[3], ==, 255);
  g_assert_cmpint (out[0], !=, out[16 * 4]);
  g_assert_cmpint (out[0], ==, out[32 * 4]);
}

/* Tiles are whole squares, the picture is not: nothing is drawn beside it. */
static void
test_cache_edges (void)
{
  g_autoptr (LimnTiles) tiles = limn_tiles_new (300, 40, 3);
  g_autoptr (LimnMips) mips = limn_mips_new (tiles);
  g_autoptr (LimnCanvasCache) cache = limn_canvas_cache_new ();
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  LimnRect visible = { 0, 0, 300, 40 };
  graphene_rect_t bounds;

  /* Render nodes need GTK's types, not a display. */
  gtk_init_check ();
  limn_canvas_cache_set_image (cache, mips);
  g_assert_true (limn_canvas_cache_prepare (cache, &visible, LIMN_NO_DEADLINE));
  limn_canvas_cache_draw (cache, snapshot, &visible, 10, 20, 2);
  node = gtk_snapshot_to_node (snapshot);
  g_assert_nonnull (node);
  gsk_render_node_get_bounds (node, &bounds);
  g_assert_true (graphene_rect_equal (&bounds, &GRAPHENE_RECT_INIT (5, 10, 150, 20)));
}

static void
test_texture_round_trip (void)
{
  static const int channels[] = { 3, 4 };

  for (gsize i = 0; i < G_N_ELEMENTS (channels); i++)
    {
      g_autoptr (LimnImage) image = limn_image_new (17, 9, channels[i], NULL);
      g_autoptr (GdkTexture) texture = NULL;
      g_autoptr (LimnImage) back = NULL;

      for (int y = 0; y < 9; y++)
        for (int x = 0; x < 17 * channels[i]; x++)
          limn_image_row (image, y)[x]
              = (channels[i] == 4 && x % 4 == 3) ? 255 * (x % 8 == 3) : x * 5 + y;
      texture = limn_texture_from_image (image);
      back = limn_image_from_texture (texture, NULL);
      g_assert_cmpint (back->channels, ==, channels[i]);
      for (int y = 0; y < 9; y++)
        for (int x = 0; x < 17; x++)
          if (channels[i] == 3 || limn_image_row (image, y)[x * 4 + 3] == 255)
            g_assert_cmpmem (limn_image_row (back, y) + x * channels[i], 3,
                             limn_image_row (image, y) + x * channels[i], 3);
    }
}

/* The preview shows only within the mask, wherever its rectangle hangs over the picture. */
static void
test_preview (void)
{
  g_autoptr (LimnTiles) mask_tiles = limn_tiles_new (100, 80, 1);
  g_autoptr (LimnMips) mask = NULL;
  g_autoptr (LimnImage) preview = limn_image_new (8, 8, 3, NULL);
  g_autoptr (GdkTexture) texture = NULL;
  LimnRect rect = { -20, -20, 128, 128 };
  g_autofree guint8 *out = g_malloc (128 * 128 * 4);
  guint8 white[10 * 10];

  memset (white, 255, sizeof white);
  memset (preview->pixels, 200, preview->stride * 8);
  limn_tiles_write_rect (mask_tiles, &(LimnRect){ 30, 40, 10, 10 }, white, 10);
  mask = limn_mips_new (mask_tiles);
  texture = limn_preview_compose (preview, &rect, mask);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 128);
  gdk_texture_download (texture, out, 128 * 4);
  for (int y = 0; y < 128; y++)
    for (int x = 0; x < 128; x++)
      {
        gboolean inside = x >= 50 && x < 60 && y >= 60 && y < 70;

        g_assert_cmpint (out[(y * 128 + x) * 4 + 3], ==, inside ? 255 : 0);
        g_assert_cmpint (out[(y * 128 + x) * 4], ==, inside ? 200 : 0);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/mips/sizes", test_mips_sizes);
  g_test_add_func ("/ui/mips/average", test_mips_average);
  g_test_add_func ("/ui/mips/update", test_mips_update);
  g_test_add_func ("/ui/mips/large-update", test_mips_large_update);
  g_test_add_func ("/ui/mips/constant-mask", test_mips_constant_mask);
  g_test_add_func ("/ui/mips/deadline", test_mips_deadline);
  g_test_add_func ("/ui/scaler/is-a-box-filter", test_scaler_is_a_box_filter);
  g_test_add_func ("/ui/scaler/nearest", test_scaler_nearest);
  g_test_add_func ("/ui/scaler/parts", test_scaler_parts);
  g_test_add_func ("/ui/cache/shows-picture", test_cache_shows_picture);
  g_test_add_func ("/ui/cache/is-incremental", test_cache_is_incremental);
  g_test_add_func ("/ui/cache/mask-tints", test_cache_mask_tints);
  g_test_add_func ("/ui/cache/budget", test_cache_budget);
  g_test_add_func ("/ui/cache/frame-times", test_cache_frame_times);
  g_test_add_func ("/ui/cache/large-mask-times", test_cache_large_mask_times);
  g_test_add_func ("/ui/scaler/sketch", test_scaler_sketch);
  g_test_add_func ("/ui/cache/sketches", test_cache_sketches);
  g_test_add_func ("/ui/cache/alpha", test_cache_alpha);
  g_test_add_func ("/ui/cache/edges", test_cache_edges);
  g_test_add_func ("/ui/preview/texture-round-trip", test_texture_round_trip);
  g_test_add_func ("/ui/preview/within-mask", test_preview);
  return g_test_run ();
}
