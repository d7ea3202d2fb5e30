/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The brush that stops at the edges of what is in the picture, by its properties.
 */
#include <math.h>
#include <string.h>

#include "app/limn-document-private.h"
#include "tests/app/fixtures.h"

#define WIDTH 600
#define HEIGHT 420
#define TOLERANCE 0.12

typedef guint8 (*Painter) (int x, int y);

/* Dark left of x = 300, light right of it. */
static guint8
halves (int x, int y)
{
  return x < 300 ? 60 : 200;
}

/* The same with a wall of another colour, ten wide. */
static guint8
walled (int x, int y)
{
  return x >= 300 && x < 310 ? 200 : 60;
}

static guint8
flat (int x, int y)
{
  return 120;
}

static LimnDocument *
new_document (Painter painter, int channels)
{
  g_autoptr (LimnImage) image = limn_image_new (WIDTH, HEIGHT, channels, NULL);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      memset (limn_image_row (image, y) + channels * x, painter (x, y), (gsize)channels);
  return limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
}

static LimnImage *
get_mask (LimnDocument *document)
{
  return limn_tiles_to_image (limn_document_get_mask (document), NULL);
}

static void
dab (LimnDocument *document,
     gboolean erase,
     double radius,
     double hardness,
     double tolerance,
     double x,
     double y)
{
  limn_document_begin_stroke (document, erase, radius, hardness);
  if (tolerance >= 0)
    limn_document_stop_at_edges (document, tolerance);
  limn_document_stroke_to (document, x, y, 1);
  limn_document_end_stroke (document);
}

/* Where there is no edge it is the brush that it always is. */
static void
test_flat (void)
{
  static const double radii[] = { 0.4, 1, 3, 17, 99.5, 100, 104, 105, 250, 400 };
  static const double places[][2]
      = { { 300.5, 210.5 }, { 255.9, 256.1 }, { 0.1, 0.1 }, { 599.9, 419.9 }, { 3, 200 } };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    for (guint k = 0; k < G_N_ELEMENTS (places); k++)
      for (int channels = 3; channels <= 4; channels++)
        {
          g_autoptr (LimnDocument) plain = new_document (flat, channels);
          g_autoptr (LimnDocument) edged = new_document (flat, channels);
          g_autoptr (LimnImage) a = NULL, b = NULL;

          dab (plain, FALSE, radii[i], 0.5, -1, places[k][0], places[k][1]);
          dab (edged, FALSE, radii[i], 0.5, TOLERANCE, places[k][0], places[k][1]);
          a = get_mask (plain);
          b = get_mask (edged);
          /* Where nothing but rounding differs: the plain one takes a table for large soft brushes.
           */
          g_assert_cmpint (fixture_image_distance (a, b), <=, 1);
        }
}

/* Two pixels from the edge nothing of the other side is masked, and all of this one. */
static void
test_stops (void)
{
  static const double radii[] = { 10, 60, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    for (int side = 0; side < 2; side++)
      {
        g_autoptr (LimnDocument) document = new_document (halves, 3);
        double x = side == 0 ? 300 - radii[i] / 3 : 300 + radii[i] / 3;
        g_autoptr (LimnImage) mask = NULL;

        dab (document, FALSE, radii[i], 1, TOLERANCE, x, 210);
        mask = get_mask (document);
        for (int py = 0; py < HEIGHT; py++)
          for (int px = 0; px < WIDTH; px++)
            {
              double distance = hypot (px + 0.5 - x, py + 0.5 - 210);
              int value = limn_image_row (mask, py)[px];
              int inwards = side == 0 ? 299 - px : px - 300;

              if (inwards < -2)
                g_assert_cmpint (value, ==, 0);
              else if (inwards >= 2 && distance < radii[i] - 1)
                g_assert_cmpint (value, ==, 255);
            }
      }
}

/* A large one, which is looked at in steps, stops within as many pixels. */
static void
test_stops_large (void)
{
  g_autoptr (LimnDocument) document = new_document (halves, 3);
  g_autoptr (LimnImage) mask = NULL;

  dab (document, FALSE, 400, 1, TOLERANCE, 250.5, 210);
  mask = get_mask (document);
  for (int y = 0; y < HEIGHT; y++)
    {
      g_assert_cmpint (limn_image_row (mask, y)[285], ==, 255);
      g_assert_cmpint (limn_image_row (mask, y)[315], ==, 0);
    }
}

/* What is alike but does not hang together with the middle is left; with the tolerance for the wall
 * it is not. */
static void
test_connected (void)
{
  g_autoptr (LimnDocument) document = new_document (walled, 3);
  g_autoptr (LimnImage) mask = NULL, all = NULL;

  dab (document, FALSE, 100, 1, TOLERANCE, 280, 210);
  mask = get_mask (document);
  g_assert_cmpint (limn_image_row (mask, 210)[290], ==, 255);
  g_assert_cmpint (limn_image_row (mask, 210)[340], ==, 0);
  dab (document, FALSE, 100, 1, 0.6, 280, 210);
  all = get_mask (document);
  g_assert_cmpint (limn_image_row (all, 210)[340], ==, 255);
}

/* Grain neither stops it nor leaves holes. */
static void
test_grain (void)
{
  g_autoptr (LimnImage) image = fixture_noise (WIDTH, HEIGHT, 3, 7);
  g_autoptr (LimnDocument) document = NULL;
  g_autoptr (LimnImage) mask = NULL;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        guint8 *pixel = limn_image_row (image, y) + 3 * x;
        gboolean odd = pixel[0] < 13; /* a twentieth of them */

        for (int c = 0; c < 3; c++)
          pixel[c] = (guint8)(odd ? 255 : 110 + pixel[c] / 16);
      }
  document = limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
  dab (document, FALSE, 80, 1, 0.2, 300, 210);
  mask = get_mask (document);
  for (int y = 150; y < 270; y++)
    for (int x = 270; x < 330; x++)
      g_assert_cmpint (limn_image_row (mask, y)[x], >=, 200);
}

/* More tolerance never masks less. */
static void
test_tolerance (void)
{
  g_autoptr (LimnImage) image = fixture_gradient (WIDTH, HEIGHT, 3);
  g_autoptr (LimnImage) last = NULL;

  for (int i = 0; i <= 10; i++)
    {
      g_autoptr (LimnDocument) document
          = limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
      LimnImage *mask;

      dab (document, FALSE, 90, 0.7, i / 10.0, 300, 210);
      mask = get_mask (document);
      if (last != NULL)
        for (int y = 0; y < HEIGHT; y++)
          for (int x = 0; x < WIDTH; x++)
            g_assert_cmpint (limn_image_row (mask, y)[x], >=, limn_image_row (last, y)[x]);
      g_clear_pointer (&last, limn_image_unref);
      last = mask;
    }
  /* All of it is within the whole range. */
  g_assert_cmpint (limn_image_row (last, 210)[300 + 50], ==, 255);
}

static void
test_erase (void)
{
  g_autoptr (LimnDocument) document = new_document (halves, 3);
  g_autoptr (LimnImage) mask = NULL;

  limn_document_mask_fill (document);
  dab (document, TRUE, 60, 1, TOLERANCE, 280, 210);
  mask = get_mask (document);
  g_assert_cmpint (limn_image_row (mask, 210)[270], ==, 0);
  g_assert_cmpint (limn_image_row (mask, 210)[310], ==, 255);
  g_assert_cmpint (limn_image_row (mask, 210)[200], ==, 255);
}

/* However many points a line is reported in, and as one step of undo. */
static void
test_line (void)
{
  static const int counts[] = { 2, 7, 101 };
  g_autoptr (LimnImage) reference = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (LimnDocument) document = new_document (halves, 3);
      LimnImage *mask;

      limn_document_begin_stroke (document, FALSE, 40, 0.8);
      limn_document_stop_at_edges (document, TOLERANCE);
      for (int k = 0; k < counts[i]; k++)
        limn_document_stroke_to (document, 60.3 + 180.1 * k / (counts[i] - 1),
                                 80.7 + 250.2 * k / (counts[i] - 1), 1);
      limn_document_end_stroke (document);
      mask = get_mask (document);
      g_assert_cmpint (limn_image_row (mask, 200)[146], ==, 255);
      if (reference == NULL)
        reference = mask;
      else
        {
          g_assert_cmpint (fixture_image_distance (reference, mask), <=, 1);
          limn_image_unref (mask);
        }
      limn_document_undo (document);
      g_assert_false (limn_document_get_mask_bounds (document, NULL));
      g_assert_false (limn_document_get_can_undo (document));
    }
}

/* Beside the picture there is nothing to be like; how far makes no difference. */
static void
test_outside (void)
{
  g_autoptr (LimnDocument) document = new_document (flat, 3);

  limn_document_begin_stroke (document, FALSE, 40, 0.8);
  limn_document_stop_at_edges (document, TOLERANCE);
  limn_document_stroke_to (document, -1, 100, 1);
  limn_document_stroke_to (document, -1e300, -1e9, 1);
  limn_document_stroke_to (document, -5, HEIGHT + 1e7, 0.001);
  limn_document_end_stroke (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_false (limn_document_get_can_undo (document));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edge-brush/flat", test_flat);
  g_test_add_func ("/edge-brush/stops", test_stops);
  g_test_add_func ("/edge-brush/stops-large", test_stops_large);
  g_test_add_func ("/edge-brush/connected", test_connected);
  g_test_add_func ("/edge-brush/grain", test_grain);
  g_test_add_func ("/edge-brush/tolerance", test_tolerance);
  g_test_add_func ("/edge-brush/erase", test_erase);
  g_test_add_func ("/edge-brush/line", test_line);
  g_test_add_func ("/edge-brush/outside", test_outside);
  return g_test_run ();
}
