/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/image.h"

static const int odd_sizes[] = { 1, 2, 3, 7, 8, 15, 17, 33 };

/* Different bytes everywhere, also between channels. */
static LimnImage *
pattern (int width, int height, int channels)
{
  LimnImage *image = limn_image_new (width, height, channels, NULL);

  for (int y = 0; y < height; y++)
    for (int i = 0; i < width * channels; i++)
      limn_image_row (image, y)[i] = (guint8)(y * 37 + i * 11 + (i * y) % 5);
  return image;
}

static void
test_rects (void)
{
  const LimnRect a = { 2, 3, 10, 5 }, b = { 8, -4, 20, 9 }, far = { G_MAXINT - 4, 0, 100, 100 },
                 none = { 5, 5, 0, 7 };
  LimnRect out;

  g_assert_true (limn_rect_intersect (&a, &b, &out));
  g_assert_cmpint (out.x, ==, 8);
  g_assert_cmpint (out.y, ==, 3);
  g_assert_cmpint (out.width, ==, 4);
  g_assert_cmpint (out.height, ==, 2);
  g_assert_false (limn_rect_intersect (&a, &far, &out));
  g_assert_true (limn_rect_is_empty (&out));
  g_assert_false (limn_rect_intersect (&a, &none, &out));

  limn_rect_union (&a, &b, &out);
  g_assert_cmpint (out.x, ==, 2);
  g_assert_cmpint (out.y, ==, -4);
  g_assert_cmpint (out.width, ==, 26);
  g_assert_cmpint (out.height, ==, 12);
  limn_rect_union (&none, &a, &out);
  g_assert_cmpmem (&out, sizeof out, &a, sizeof a);
}

static void
test_hostile_sizes (void)
{
  const struct
  {
    int width, height, channels;
    int code;
  } cases[] = {
    { 0, 1, 3, LIMN_ENGINE_ERROR_ARGUMENT },
    { 1, 0, 3, LIMN_ENGINE_ERROR_ARGUMENT },
    { -1, 5, 3, LIMN_ENGINE_ERROR_ARGUMENT },
    { G_MININT, G_MININT, 4, LIMN_ENGINE_ERROR_ARGUMENT },
    { G_MAXINT, G_MAXINT, 4, LIMN_ENGINE_ERROR_ARGUMENT },
    { LIMN_IMAGE_MAX_SIDE + 1, 1, 3, LIMN_ENGINE_ERROR_ARGUMENT },
    { LIMN_IMAGE_MAX_SIDE, LIMN_IMAGE_MAX_SIDE, 3, LIMN_ENGINE_ERROR_ARGUMENT },
    { 8, 8, 0, LIMN_ENGINE_ERROR_ARGUMENT },
    { 8, 8, 2, LIMN_ENGINE_ERROR_ARGUMENT },
    { 8, 8, 5, LIMN_ENGINE_ERROR_ARGUMENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_image_new (cases[i].width, cases[i].height, cases[i].channels, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, cases[i].code);
    }
}

static void
test_copy_crop_hash (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (odd_sizes); i++)
    {
      int w = odd_sizes[i], h = odd_sizes[G_N_ELEMENTS (odd_sizes) - 1 - i];
      g_autoptr (LimnImage) image = pattern (w, h, 4), copy = limn_image_copy (image, NULL);
      g_autofree char *before = limn_image_hash (image), *same = limn_image_hash (copy),
                      *other = NULL;
      LimnRect one = { w - 1, h - 1, 1, 1 };
      g_autoptr (LimnImage) corner = limn_image_crop (image, &one, NULL);

      g_assert_cmpstr (before, ==, same);
      g_assert_cmpuint (strlen (before), ==, 64);
      g_assert_cmpmem (corner->pixels, 4, limn_image_row (image, h - 1) + 4 * (w - 1), 4);
      limn_image_row (copy, h - 1)[4 * w - 1] ^= 1;
      other = limn_image_hash (copy);
      g_assert_cmpstr (before, !=, other);
    }
}

static void
test_crop_outside (void)
{
  g_autoptr (LimnImage) image = pattern (7, 5, 3);
  const LimnRect bad[] = {
    { -1, 0, 3, 3 }, { 5, 0, 3, 3 }, { 0, 0, 8, 5 }, { 2, 2, 0, 1 }, { G_MAXINT, 0, G_MAXINT, 1 }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_image_crop (image, &bad[i], &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

/* The size is part of the hash: the same bytes in another shape are another image. */
static void
test_hash_shape (void)
{
  g_autoptr (LimnImage) wide = limn_image_new (6, 2, 3, NULL),
                        tall = limn_image_new (2, 6, 3, NULL);
  g_autoptr (LimnImage) grey = limn_image_new (6, 6, 1, NULL);
  g_autofree char *a = limn_image_hash (wide), *b = limn_image_hash (tall),
                  *c = limn_image_hash (grey);

  g_assert_cmpstr (a, !=, b);
  g_assert_cmpstr (a, !=, c);
}

static void
test_refcount (void)
{
  LimnImage *image = limn_image_new (3, 3, 3, NULL);

  g_assert_true (limn_image_ref (image) == image);
  limn_image_unref (image);
  image->pixels[26] = 9;
  limn_image_unref (image);
  limn_image_unref (NULL);
}

static void
test_convert (void)
{
  g_autoptr (LimnImage) grey = pattern (17, 3, 1), rgb = limn_image_convert (grey, 3, NULL);
  g_autoptr (LimnImage) back = limn_image_convert (rgb, 1, NULL),
                        rgba = limn_image_convert (rgb, 4, NULL);
  g_autoptr (LimnImage) flat = NULL;

  g_assert_cmpmem (grey->pixels, 17 * 3, back->pixels, 17 * 3);
  for (int i = 0; i < 17 * 3; i++)
    {
      g_assert_cmpmem (&rgba->pixels[4 * i], 3, &rgb->pixels[3 * i], 3);
      g_assert_cmpint (rgba->pixels[4 * i + 3], ==, 255);
      rgba->pixels[4 * i + 3] = i == 0 ? 0 : 255;
    }
  flat = limn_image_convert (rgba, 3, NULL);
  g_assert_cmpint (flat->pixels[0], ==, 255);
  g_assert_cmpmem (flat->pixels + 3, 17 * 9 - 3, rgb->pixels + 3, 17 * 9 - 3);
}

static void
test_bounds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (odd_sizes); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (odd_sizes); k++)
      {
        int w = odd_sizes[i], h = odd_sizes[k];
        g_autoptr (LimnImage) mask = limn_image_new (w, h, 1, NULL);
        LimnRect bounds;

        g_assert_false (limn_mask_bounds (mask, &bounds));
        limn_image_row (mask, h - 1)[w - 1] = 1;
        g_assert_true (limn_mask_bounds (mask, &bounds));
        g_assert_cmpint (bounds.x, ==, w - 1);
        g_assert_cmpint (bounds.y, ==, h - 1);
        g_assert_cmpint (bounds.width * bounds.height, ==, 1);
        limn_image_row (mask, 0)[w / 2] = 255;
        g_assert_true (limn_mask_bounds (mask, &bounds));
        g_assert_cmpint (bounds.x, ==, w / 2);
        g_assert_cmpint (bounds.y, ==, 0);
        g_assert_cmpint (bounds.width, ==, w - w / 2);
        g_assert_cmpint (bounds.height, ==, h);
      }
}

/* Half the side of a square, wherever it is; the width of a long line, and of many. */
static void
test_thickness (void)
{
  g_autoptr (LimnImage) mask = limn_image_new (200, 100, 1, NULL);
  LimnRect bounds;

  for (int y = 20; y < 60; y++)
    memset (limn_image_row (mask, y) + 160, 1, 40);
  g_assert_true (limn_mask_bounds (mask, &bounds));
  g_assert_cmpfloat_with_epsilon (limn_mask_thickness (mask, &bounds), 20, 1e-4f);
  for (int y = 20; y < 60; y++)
    memset (limn_image_row (mask, y), y % 20 < 4 ? 255 : 0, 200);
  g_assert_true (limn_mask_bounds (mask, &bounds));
  g_assert_cmpfloat_with_epsilon (limn_mask_thickness (mask, &bounds), 2 * 800 / 408.0f, 1e-4f);
}

static void
test_tensor_round_trip (void)
{
  g_autoptr (LimnPool) pool = limn_pool_new (2, FALSE);
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run = { 0 };
  g_autoptr (LimnImage) image = pattern (33, 15, 3), back = NULL;
  LimnRect all = { 0, 0, 33, 15 }, over = { -2, -3, 38, 21 };
  LimnTensor x;
  const float *data;

  limn_run_init (&run, pool, arena, NULL);
  x = limn_image_to_tensor (&run, image, &all);
  back = limn_image_from_tensor (&x, NULL);
  g_assert_cmpmem (image->pixels, 33 * 15 * 3, back->pixels, 33 * 15 * 3);

  /* Hanging over, the edge pixels repeat. */
  x = limn_image_to_tensor (&run, image, &over);
  data = limn_tensor_f32 (&x);
  g_assert_cmpint (lrintf ((data[0] + 1.0f) * 127.5f), ==, image->pixels[0]);
  g_assert_cmpint (lrintf ((data[38 * 21 * 3 - 1] + 1.0f) * 127.5f), ==,
                   image->pixels[33 * 15 * 3 - 1]);
  g_assert_true (limn_run_ok (&run));
}

static void
test_from_tensor_hostile (void)
{
  float values[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0.0f };
  LimnTensor x = limn_tensor_4d (LIMN_DTYPE_F32, values, 1, 1, 2, 3),
             wrong = limn_tensor_3d (LIMN_DTYPE_F32, values, 1, 2, 3);
  g_autoptr (LimnImage) image = limn_image_from_tensor (&x, NULL);
  g_autoptr (GError) error = NULL;
  const guint8 expected[] = { 0, 255, 0, 255, 0, 128 };

  g_assert_cmpmem (image->pixels, 6, expected, 6);
  g_assert_null (limn_image_from_tensor (&wrong, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/image/rects", test_rects);
  g_test_add_func ("/task/image/hostile-sizes", test_hostile_sizes);
  g_test_add_func ("/task/image/copy-crop-hash", test_copy_crop_hash);
  g_test_add_func ("/task/image/crop-outside", test_crop_outside);
  g_test_add_func ("/task/image/hash-shape", test_hash_shape);
  g_test_add_func ("/task/image/refcount", test_refcount);
  g_test_add_func ("/task/image/convert", test_convert);
  g_test_add_func ("/task/image/bounds", test_bounds);
  g_test_add_func ("/task/image/thickness", test_thickness);
  g_test_add_func ("/task/image/tensor-round-trip", test_tensor_round_trip);
  g_test_add_func ("/task/image/from-tensor-hostile", test_from_tensor_hostile);
  return g_test_run ();
}
