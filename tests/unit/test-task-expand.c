/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/task/expand.h"

static LimnImage *
noise (int width, int height, int channels)
{
  LimnImage *image = limn_image_new (width, height, channels, NULL);
  GRand *rand = g_rand_new_with_seed (7);

  for (gsize i = 0; i < image->stride * (gsize)height; i++)
    image->pixels[i] = (guint8)g_rand_int_range (rand, 0, 256);
  g_rand_free (rand);
  return image;
}

/* What was there keeps its bytes, whatever it grows by, and all that is new is masked, nothing
 * else but what was. */
static void
test_keeps (void)
{
  static const LimnMargins rows[]
      = { { 5, 0, 0, 0 }, { 0, 7, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 40 }, { 30, 2, 9, 17 } };

  for (int channels = 3; channels <= 4; channels++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        const LimnMargins *m = &rows[i];
        g_autoptr (LimnImage) image = noise (23, 17, channels), painted = noise (23, 17, 1);
        g_autoptr (GError) error = NULL;
        g_autoptr (LimnImage) out = limn_expand_image (image, m, &error);
        g_autoptr (LimnImage) mask = limn_expand_mask (painted, 23, 17, m, &error);
        g_autoptr (LimnImage) plain = limn_expand_mask (NULL, 23, 17, m, &error);

        g_assert_no_error (error);
        g_assert_cmpint (out->width, ==, 23 + m->left + m->right);
        g_assert_cmpint (out->height, ==, 17 + m->top + m->bottom);
        for (int y = 0; y < out->height; y++)
          for (int x = 0; x < out->width; x++)
            {
              int u = x - m->left, v = y - m->top;
              gboolean old = u >= 0 && v >= 0 && u < 23 && v < 17;

              if (old)
                g_assert_cmpmem (limn_image_row (out, y) + channels * x, channels,
                                 limn_image_row (image, v) + channels * u, channels);
              g_assert_cmpint (limn_image_row (mask, y)[x], ==,
                               old ? limn_image_row (painted, v)[u] : 255);
              g_assert_cmpint (limn_image_row (plain, y)[x], ==, old ? 0 : 255);
            }
      }
}

/* Next to an edge it goes on as it is; far out it is the edge's mean; and a picture of one colour
 * stays of one, corners included. */
static void
test_continues (void)
{
  const LimnMargins margins = { 200, 200, 200, 200 };
  g_autoptr (LimnImage) image = noise (40, 30, 3), flat = limn_image_new (40, 30, 3, NULL);
  g_autoptr (LimnImage) out = NULL, plain = NULL;
  double mean = 0;

  memset (flat->pixels, 77, flat->stride * 30);
  plain = limn_expand_image (flat, &margins, NULL);
  for (gsize i = 0; i < plain->stride * (gsize)plain->height; i++)
    g_assert_cmpint (plain->pixels[i], ==, 77);

  out = limn_expand_image (image, &margins, NULL);
  for (int y = 0; y < 30; y++)
    {
      g_assert_cmpmem (limn_image_row (out, 200 + y) + 3 * 199, 3, limn_image_row (image, y), 3);
      g_assert_cmpmem (limn_image_row (out, 200 + y) + 3 * 240, 3,
                       limn_image_row (image, y) + 3 * 39, 3);
      mean += limn_image_row (image, y)[0] / 30.0;
    }
  g_assert_cmpmem (limn_image_row (out, 199) + 3 * 200, 120, limn_image_row (image, 0), 120);
  g_assert_cmpmem (limn_image_row (out, 230) + 3 * 200, 120, limn_image_row (image, 29), 120);
  g_assert_cmpfloat_with_epsilon (limn_image_row (out, 215)[0], mean, 1);
}

static void
test_proportions (void)
{
  static const int rows[][6] = { { 400, 300, 16, 9, 534, 300 },
                                 { 300, 400, 16, 9, 712, 400 },
                                 { 1600, 900, 16, 9, 1600, 900 },
                                 { 1000, 100, 1, 1, 1000, 1000 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LimnMargins m;

      limn_margins_to_proportions (&m, rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
      g_assert_cmpint (rows[i][0] + m.left + m.right, ==, rows[i][4]);
      g_assert_cmpint (rows[i][1] + m.top + m.bottom, ==, rows[i][5]);
      g_assert_cmpint (ABS (m.left - m.right), <=, 1);
      g_assert_cmpint (ABS (m.top - m.bottom), <=, 1);
    }
}

static void
test_errors (void)
{
  static const LimnMargins rows[]
      = { { 0, 0, 0, 0 }, { -1, 5, 0, 0 }, { 65535, 0, 0, 0 }, { 40000, 40000, 0, 0 } };
  g_autoptr (LimnImage) image = noise (4, 4, 3);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL, second = NULL;

      g_assert_null (limn_expand_image (image, &rows[i], &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
      g_assert_null (limn_expand_mask (NULL, 4, 4, &rows[i], &second));
      g_assert_error (second, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/expand/keeps", test_keeps);
  g_test_add_func ("/expand/continues", test_continues);
  g_test_add_func ("/expand/proportions", test_proportions);
  g_test_add_func ("/expand/errors", test_errors);
  return g_test_run ();
}
