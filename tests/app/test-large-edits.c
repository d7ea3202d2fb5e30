/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Large brushes and large results: what the main thread must be through with within a frame.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "app/limn-document-private.h"
#include "tests/app/fixtures.h"

static LimnDocument *
new_document (int width, int height, int channels)
{
  return limn_document_new (limn_tiles_new (width, height, channels), NULL, NULL);
}

/* What the edge of a brush is, at @distance from a line of constant radius. */
static double
expected_coverage (double distance, double radius, double hardness)
{
  double outer = radius + 0.5, inner = MIN (radius * hardness, radius - 0.5);
  double t = CLAMP ((outer - distance) / (outer - inner), 0, 1);

  return 255 * t * t * (3 - 2 * t);
}

static double
distance_to_line (double x, double y, double x0, double y0, double x1, double y1)
{
  double dx = x1 - x0, dy = y1 - y0;
  double at = CLAMP (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1);

  return hypot (x - x0 - at * dx, y - y0 - at * dy);
}

/* Brushes of any size and hardness and movements in any direction cover what the formula says,
 * across tiles and over the edge. */
static void
test_stroke_is_its_formula (void)
{
  static const double radii[] = { 5, 30, 63, 64, 65, 150, 300 };
  static const double hardness[] = { 0, 0.4, 0.85, 0.86, 0.97, 1 };
  static const double ends[][2]
      = { { 420, 300 }, { 200, 190 }, { 420, 190 }, { -90, 260 }, { 201, -100 }, { 205, 193 } };

  for (guint r = 0; r < G_N_ELEMENTS (radii); r++)
    for (guint h = 0; h < G_N_ELEMENTS (hardness); h++)
      for (guint e = 0; e < G_N_ELEMENTS (ends); e++)
        {
          g_autoptr (LimnDocument) document = new_document (520, 400, 3);
          g_autoptr (LimnImage) mask = NULL;
          double x1 = ends[e][0] + 0.25, y1 = ends[e][1] + 0.5;

          limn_document_begin_stroke (document, FALSE, radii[r], hardness[h]);
          limn_document_stroke_to (document, 200.25, 190.5, 1);
          limn_document_stroke_to (document, (200.25 + x1) / 2, (190.5 + y1) / 2, 1);
          limn_document_stroke_to (document, x1, y1, 1);
          limn_document_end_stroke (document);
          mask = limn_tiles_to_image (limn_document_get_mask (document), NULL);
          for (int y = 0; y < 400; y += 3)
            for (int x = y % 3; x < 520; x += 2)
              {
                double d = x1 == 200.25 && y1 == 190.5
                               ? hypot (x + 0.5 - x1, y + 0.5 - y1)
                               : distance_to_line (x + 0.5, y + 0.5, 200.25, 190.5, x1, y1);

                g_assert_cmpfloat_with_epsilon (limn_image_row (mask, y)[x],
                                                expected_coverage (d, radii[r], hardness[h]), 1.01);
              }
          /* An eraser of the same kind takes all of it away again. */
          limn_document_begin_stroke (document, TRUE, radii[r] + 1, 1);
          limn_document_stroke_to (document, 200.25, 190.5, 1);
          limn_document_stroke_to (document, x1, y1, 1);
          limn_document_end_stroke (document);
          g_assert_false (limn_document_get_mask_bounds (document, NULL));
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

/* What large brushes cost the main thread on a photo of 24 megapixels, told, not judged: machines
 * differ. */
static void
test_stroke_times (void)
{
  static const double radii[] = { 50, 250, 500, 1000 };
  static const double hardness[] = { 0, 0.8, 1 };

  for (guint r = 0; r < G_N_ELEMENTS (radii); r++)
    for (guint h = 0; h < G_N_ELEMENTS (hardness); h++)
      for (int pen = 0; pen < 2; pen++)
        {
          g_autoptr (LimnDocument) document = new_document (6000, 4000, 3);
          gint64 start, dab, worst = 0, total = 0;

          limn_document_begin_stroke (document, FALSE, radii[r], hardness[h]);
          start = cpu_time ();
          limn_document_stroke_to (document, 2000, 2000, pen ? 0.9 : 1);
          dab = cpu_time () - start;
          for (int i = 1; i <= 20; i++)
            {
              gint64 one;

              start = cpu_time ();
              limn_document_stroke_to (document, 2000 + 31 * i, 2000 + 9 * i,
                                       pen ? 0.9 + 0.002 * i : 1);
              one = cpu_time () - start;
              worst = MAX (worst, one);
              total += one;
            }
          limn_document_end_stroke (document);
          g_test_message ("radius %4.0f, hardness %.1f%s: first dab %.2f ms, a movement %.2f ms, "
                          "at worst %.2f ms",
                          radii[r], hardness[h], pen ? ", pen" : "", dab / 1000.0, total / 20000.0,
                          worst / 1000.0);
        }
}

/* Prepared beforehand or pasted now: the same picture, also where it was changed meanwhile. */
static void
test_prepared_patch (void)
{
  g_autoptr (LimnImage) image = fixture_noise (1100, 700, 3, 1);
  g_autoptr (LimnTiles) start = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) after = limn_tiles_copy (start);
  g_autoptr (LimnTiles) other_size = limn_tiles_new (30, 20, 3);
  g_autoptr (LimnImage) pixels = fixture_noise (700, 500, 3, 2);
  g_autoptr (LimnImage) alpha = fixture_noise (700, 500, 1, 3);
  LimnPatch patch = { { 150, 130, 700, 500 }, pixels, alpha };

  for (int y = 0; y < 500; y++)
    memset (limn_image_row (alpha, y) + 300, 0, 400);
  limn_tiles_paste (after, &patch);
  for (int changed = 0; changed < 2; changed++)
    {
      LimnDocument *documents[3];
      LimnImage *shown[3];

      for (int i = 0; i < 3; i++)
        {
          documents[i] = limn_document_new (limn_tiles_copy (start), NULL, NULL);
          if (changed)
            limn_tiles_write (limn_document_get_image (documents[i]), 1,
                              1)[3 * (40 * LIMN_TILE_SIZE + 7)]
                ^= 0x55;
        }
      limn_document_apply_patch (documents[0], &patch, "Fill", NULL);
      limn_document_apply_prepared_patch (documents[1], &patch, start, after, "Fill", NULL);
      /* Of another size: as good as none. */
      limn_document_apply_prepared_patch (documents[2], &patch, other_size, other_size, "Fill",
                                          NULL);
      for (int i = 0; i < 3; i++)
        {
          shown[i] = limn_tiles_to_image (limn_document_get_image (documents[i]), NULL);
          g_assert_true (fixture_images_equal (shown[0], shown[i]));
          g_assert_true (limn_document_get_result_pending (documents[i]));
          g_assert_true (limn_document_get_can_undo (documents[i]));
        }
      g_assert_false (fixture_images_equal (shown[0], image));
      /* What was not changed meanwhile is the prepared object itself. */
      g_assert_true (limn_tiles_is_shared (limn_document_get_image (documents[1]), after, 0, 0));
      g_assert_cmpint (limn_tiles_is_shared (limn_document_get_image (documents[1]), after, 1, 1),
                       ==, !changed);
      for (int i = 0; i < 3; i++)
        {
          limn_image_unref (shown[i]);
          g_object_unref (documents[i]);
        }
    }
}

/* What a result of 9 megapixels costs the main thread, told, not judged. */
static void
test_patch_times (void)
{
  g_autoptr (LimnImage) image = fixture_noise (6000, 4000, 3, 1);
  g_autoptr (LimnTiles) start = limn_tiles_new_from_image (image);
  g_autoptr (LimnTiles) after = limn_tiles_copy (start);
  g_autoptr (LimnImage) pixels = fixture_noise (3000, 3000, 3, 2);
  g_autoptr (LimnImage) alpha = fixture_noise (3000, 3000, 1, 3);
  LimnPatch patch = { { 1000, 500, 3000, 3000 }, pixels, alpha };

  limn_tiles_paste (after, &patch);
  for (int prepared = 0; prepared < 2; prepared++)
    {
      g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_copy (start), NULL, NULL);
      gint64 begin = cpu_time ();

      limn_document_apply_prepared_patch (document, &patch, prepared ? start : NULL,
                                          prepared ? after : NULL, "Fill", NULL);
      g_test_message ("a result of 9 megapixels%s: %.2f ms", prepared ? ", prepared" : "",
                      (cpu_time () - begin) / 1000.0);
    }
}

/* A mask without what another covers, tile by tile and where whole tiles are shared. */
static void
test_subtract (void)
{
  g_autoptr (LimnImage) a = fixture_noise (700, 300, 1, 1);
  g_autoptr (LimnImage) b = fixture_noise (700, 300, 1, 2);
  g_autoptr (LimnTiles) mask = NULL;
  g_autoptr (LimnTiles) used = NULL;
  g_autoptr (LimnTiles) all = NULL;
  g_autoptr (LimnImage) left = NULL;

  for (int y = 0; y < 300; y++)
    for (int x = 0; x < 700; x++)
      if (limn_image_row (b, y)[x] < 128)
        limn_image_row (b, y)[x] = 0;
  mask = limn_tiles_new_from_image (a);
  used = limn_tiles_new_from_image (b);
  all = limn_tiles_copy (mask);
  g_assert_true (limn_tiles_subtract (mask, used));
  left = limn_tiles_to_image (mask, NULL);
  for (int y = 0; y < 300; y++)
    for (int x = 0; x < 700; x++)
      g_assert_cmpint (limn_image_row (left, y)[x], ==,
                       limn_image_row (b, y)[x] != 0 ? 0 : limn_image_row (a, y)[x]);
  g_assert_false (limn_tiles_subtract (mask, used));

  limn_tiles_free (g_steal_pointer (&used));
  used = limn_tiles_copy (all);
  g_assert_true (limn_tiles_subtract (all, used));
  g_assert_true (limn_tiles_is_empty (all));
  g_assert_false (limn_tiles_is_empty (used));
  g_assert_false (limn_tiles_subtract (all, used));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/large-edits/stroke/is-its-formula", test_stroke_is_its_formula);
  g_test_add_func ("/large-edits/stroke/times", test_stroke_times);
  g_test_add_func ("/large-edits/patch/prepared", test_prepared_patch);
  g_test_add_func ("/large-edits/patch/times", test_patch_times);
  g_test_add_func ("/large-edits/subtract", test_subtract);
  return g_test_run ();
}
