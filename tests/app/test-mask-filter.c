/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Filters and floods of masks, and how a document works through them.
 */
#include <math.h>
#include <time.h>

#include "app/limn-document-mask.h"
#include "app/limn-document-private.h"
#include "app/limn-mask-edit.h"
#include "app/limn-mask-filter.h"
#include "app/limn-mask-flood.h"
#include "tests/app/fixtures.h"

/* Grey blobs, hard and soft, some across tiles and the picture's edge. */
static LimnTiles *
random_mask (guint seed, int width, int height)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (LimnImage) image = limn_image_new (width, height, 1, NULL);

  for (int i = 0; i < 12; i++)
    {
      double cx = g_rand_double_range (rand, 0, width), cy = g_rand_double_range (rand, 0, height);
      double r = g_rand_double_range (rand, 0, width / 6.0);
      int value = g_rand_boolean (rand) ? 255 : g_rand_int_range (rand, 1, 256);

      for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
          if (hypot (x - cx, y - cy) <= r)
            limn_image_row (image, y)[x] = value;
    }
  return limn_tiles_new_from_image (image);
}

static guint8
at (LimnTiles *mask, int x, int y)
{
  guint8 value;

  limn_tiles_read_rect (mask, &(LimnRect){ x, y, 1, 1 }, &value, 1);
  return value;
}

/* Whether no pixel of @a is below that of @b. */
static gboolean
contains (LimnTiles *a, LimnTiles *b)
{
  g_autoptr (LimnImage) s = limn_tiles_to_image (a, NULL);
  g_autoptr (LimnImage) t = limn_tiles_to_image (b, NULL);

  for (int y = 0; y < s->height; y++)
    for (int x = 0; x < s->width; x++)
      if (limn_image_row (s, y)[x] < limn_image_row (t, y)[x])
        return FALSE;
  return TRUE;
}

static gboolean
equal (LimnTiles *a, LimnTiles *b)
{
  return contains (a, b) && contains (b, a);
}

/* Against the definition: the largest value within the radius. */
static void
test_grow (void)
{
  static const double radii[] = { 0, 1, 1.5, 2, 5, 13.7 };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    {
      int width = 300, height = 270, reach = (int)radii[i];
      g_autoptr (LimnTiles) mask = random_mask (i, width, height);
      g_autoptr (LimnTiles) grown = limn_mask_grow (mask, radii[i], NULL);
      g_autoptr (LimnImage) before = limn_tiles_to_image (mask, NULL);

      for (int y = 0; y < height; y += 3)
        for (int x = i % 3; x < width; x += 3)
          {
            int largest = 0;

            for (int dy = -reach; dy <= reach; dy++)
              for (int dx = -reach; dx <= reach; dx++)
                if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height
                    && dx * dx + dy * dy <= radii[i] * radii[i])
                  largest = MAX (largest, limn_image_row (before, y + dy)[x + dx]);
            g_assert_cmpint (at (grown, x, y), ==, largest);
          }
    }
}

/* Growing and shrinking again leaves what was there, and a second time changes nothing; the other
 * way around it leaves less. Larger than a block, so that seams between blocks would show. */
static void
test_grow_and_shrink (void)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (LimnTiles) mask = random_mask (20 + i, 1300, 1100);
      double radius = 3 + 9 * i;
      g_autoptr (LimnTiles) grown = limn_mask_grow (mask, radius, NULL);
      g_autoptr (LimnTiles) closed = limn_mask_shrink (grown, radius, NULL);
      g_autoptr (LimnTiles) again = limn_mask_grow (closed, radius, NULL);
      g_autoptr (LimnTiles) twice = limn_mask_shrink (again, radius, NULL);
      g_autoptr (LimnTiles) shrunk = limn_mask_shrink (mask, radius, NULL);
      g_autoptr (LimnTiles) opened = limn_mask_grow (shrunk, radius, NULL);

      g_assert_true (contains (grown, closed));
      g_assert_true (contains (closed, mask));
      g_assert_true (equal (closed, twice));
      g_assert_true (contains (mask, opened));
      g_assert_false (equal (mask, grown));
    }
}

static void
test_everything_and_nothing (void)
{
  g_autoptr (LimnTiles) nothing = limn_tiles_new (700, 600, 1);
  g_autoptr (LimnTiles) everything = limn_tiles_new (700, 600, 1);
  LimnTiles *(*const filters[]) (LimnTiles *, double, GCancellable *)
      = { limn_mask_grow, limn_mask_shrink, limn_mask_feather };

  limn_tiles_fill (everything, 255);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autoptr (LimnTiles) a = filters[i](nothing, 30, NULL);
      g_autoptr (LimnTiles) b = filters[i](everything, 30, NULL);

      g_assert_true (equal (a, nothing));
      g_assert_true (equal (b, everything));
      /* Not by copying. */
      g_assert_cmpuint (limn_tiles_get_unique_bytes (a, nothing), ==, 0);
    }
}

/* A straight edge becomes a ramp as wide as was asked for, with half of it at the edge; the sum
 * stays; nothing to see where blocks meet. */
static void
test_feather (void)
{
  g_autoptr (LimnTiles) mask = limn_tiles_new (1200, 400, 1);
  const LimnPoint half[] = { { 0, 0 }, { 1024, 0 }, { 1024, 400 }, { 0, 400 } };
  g_autoptr (LimnTiles) soft = NULL;
  double sum = 0;

  limn_mask_fill_polygon (mask, half, 4, LIMN_MASK_ADD);
  soft = limn_mask_feather (mask, 40, NULL);
  for (int x = 1; x < 1200; x++)
    g_assert_cmpint (at (soft, x, 200), <=, at (soft, x - 1, 200));
  for (int x = 0; x < 1200; x++)
    {
      g_assert_cmpint (at (soft, x, 0), ==, at (soft, x, 200));
      g_assert_cmpint (at (soft, x, 0), ==, at (soft, x, 399));
      sum += at (soft, x, 7) / 255.0;
    }
  g_assert_cmpfloat (fabs (sum - 1024), <, 1);
  g_assert_cmpint (ABS (at (soft, 1023, 5) + at (soft, 1024, 5) - 255), <=, 2);
  /* One sigma, 20 pixels, on either side. */
  g_assert_cmpint (ABS (at (soft, 1003, 5) - 214), <=, 4);
  g_assert_cmpint (ABS (at (soft, 1044, 5) - 41), <=, 4);
  g_assert_cmpint (at (soft, 960, 5), ==, 255);
  g_assert_cmpint (at (soft, 1090, 5), ==, 0);
}

/* Large masks cost their edges: tiles that did not change are the same tiles. */
static void
test_sparse (void)
{
  g_autoptr (LimnTiles) mask = limn_tiles_new (12000, 8000, 1);
  const LimnPoint area[] = { { 3000, 3000 }, { 9000, 3000 }, { 9000, 6000 }, { 3000, 6000 } };
  g_autoptr (LimnTiles) grown = NULL;

  limn_mask_fill_polygon (mask, area, 4, LIMN_MASK_ADD);
  grown = limn_mask_grow (mask, 20, NULL);
  g_assert_cmpint (at (grown, 2985, 4000), ==, 255);
  g_assert_true (limn_tiles_is_shared (mask, grown, 20, 20));
  g_assert_cmpuint (limn_tiles_get_unique_bytes (grown, mask), <,
                    200 * LIMN_TILE_SIZE * LIMN_TILE_SIZE);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LimnTiles) mask = random_mask (1, 300, 300);
  g_autoptr (LimnTiles) image = limn_tiles_new (300, 300, 3);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  for (int kind = LIMN_MASK_EDIT_GROW; kind <= LIMN_MASK_EDIT_WAND; kind++)
    {
      LimnMaskEdit edit = { .kind = kind, .radius = 5 };

      /* A flood that is over at once is over. */
      if (kind == LIMN_MASK_EDIT_FILL_HOLES)
        continue;
      g_assert_null (limn_mask_edit_run (&edit, mask, image, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
    }
}

/* ---- Floods ---------------------------------------------------------------------------------- */

static void
fill_ellipse (LimnTiles *mask, double x, double y, double r, LimnMaskMode mode)
{
  g_autoptr (GArray) points = limn_shape_ellipse (x - r, y - r, x + r, y + r);

  limn_mask_fill_polygon (mask, (const LimnPoint *)(void *)points->data, points->len, mode);
}

/* A ring becomes the disc; one that is open at the picture's edge, or cut through, does not. */
static void
test_holes (void)
{
  g_autoptr (LimnTiles) mask = limn_tiles_new (700, 600, 1);
  g_autoptr (LimnTiles) disc = limn_tiles_new (700, 600, 1);
  g_autoptr (LimnTiles) filled = NULL;
  g_autoptr (LimnTiles) again = NULL;
  const LimnPoint cut[] = { { 299, 0 }, { 300, 0 }, { 300, 200 }, { 299, 200 } };
  g_autoptr (LimnTiles) open = NULL;

  fill_ellipse (mask, 300, 280, 200, LIMN_MASK_ADD);
  fill_ellipse (mask, 300, 280, 150, LIMN_MASK_SUBTRACT);
  fill_ellipse (mask, 300, 280, 50, LIMN_MASK_ADD);
  fill_ellipse (disc, 300, 280, 200, LIMN_MASK_ADD);
  filled = limn_mask_fill_holes (mask, NULL);
  g_assert_true (equal (filled, disc));
  again = limn_mask_fill_holes (filled, NULL);
  g_assert_true (equal (filled, again));

  limn_mask_fill_polygon (mask, cut, 4, LIMN_MASK_SUBTRACT);
  open = limn_mask_fill_holes (mask, NULL);
  g_assert_true (equal (open, mask));
}

/* Two discs of one colour on another: one is found, or both, or all around them. */
static void
test_wand (void)
{
  g_autoptr (LimnImage) picture = limn_image_new (700, 500, 3, NULL);
  g_autoptr (LimnTiles) image = NULL;
  g_autoptr (LimnTiles) empty = limn_tiles_new (700, 500, 1);
  g_autoptr (LimnTiles) one = NULL;
  g_autoptr (LimnTiles) both = NULL;
  g_autoptr (LimnTiles) around = NULL;
  g_autoptr (LimnTiles) rest = NULL;
  g_autoptr (LimnTiles) outside = NULL;
  g_autoptr (LimnTiles) wide = NULL;
  g_autoptr (LimnTiles) replaced = NULL;

  for (int y = 0; y < 500; y++)
    for (int x = 0; x < 700; x++)
      {
        gboolean inside = hypot (x - 200, y - 250) <= 120 || hypot (x - 520, y - 250) <= 90;
        guint8 *pixel = limn_image_row (picture, y) + 3 * x;

        pixel[0] = inside ? 200 + (x + y) % 5 : 90;
        pixel[1] = 60 + x % 7;
        pixel[2] = 100;
      }
  image = limn_tiles_new_from_image (picture);
  one = limn_mask_wand (empty, image, 200, 250, 0.06, TRUE, LIMN_MASK_ADD, NULL);
  both = limn_mask_wand (empty, image, 200, 250, 0.06, FALSE, LIMN_MASK_ADD, NULL);
  around = limn_mask_wand (empty, image, 3, 3, 0.06, TRUE, LIMN_MASK_ADD, NULL);
  for (int y = 0; y < 500; y++)
    for (int x = 0; x < 700; x++)
      {
        gboolean first = hypot (x - 200, y - 250) <= 120, second = hypot (x - 520, y - 250) <= 90;

        g_assert_cmpint (at (one, x, y), ==, first ? 255 : 0);
        g_assert_cmpint (at (both, x, y), ==, first || second ? 255 : 0);
        g_assert_cmpint (at (around, x, y), ==, first || second ? 0 : 255);
      }
  rest = limn_mask_wand (both, image, 520, 250, 0.06, TRUE, LIMN_MASK_SUBTRACT, NULL);
  g_assert_true (equal (rest, one));
  replaced = limn_mask_wand (around, image, 200, 250, 0.06, TRUE, LIMN_MASK_REPLACE, NULL);
  g_assert_true (equal (replaced, one));
  outside = limn_mask_wand (both, image, -1, 250, 0.06, TRUE, LIMN_MASK_ADD, NULL);
  g_assert_true (equal (outside, both));
  /* Tolerant of everything. */
  wide = limn_mask_wand (empty, image, 0, 0, 1, TRUE, LIMN_MASK_ADD, NULL);
  limn_tiles_invert (wide);
  g_assert_true (limn_tiles_is_empty (wide));
}

/* ---- On a document --------------------------------------------------------------------------- */

static void
count_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (limn_document_edit_mask_finish (LIMN_DOCUMENT (object), result, NULL));
  ++*(int *)user_data;
}

static void
wait_for (int *n, int wanted)
{
  while (*n < wanted)
    g_main_context_iteration (NULL, TRUE);
}

static void
stroke (LimnDocument *document, double x, double y)
{
  limn_document_begin_stroke (document, FALSE, 20, 1);
  limn_document_stroke_to (document, x, y, 1);
  limn_document_end_stroke (document);
}

static gboolean
is_busy (LimnDocument *document)
{
  gboolean busy;

  g_object_get (document, "mask-busy", &busy, NULL);
  return busy;
}

/* Microseconds of this thread's time in the longest turn of the main loop. */
static gint64 worst_turn;

static gint64
cpu_time (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static void
wait_while_busy (LimnDocument *document)
{
  while (is_busy (document))
    {
      gint64 start = cpu_time ();

      g_main_context_iteration (NULL, TRUE);
      worst_turn = MAX (worst_turn, cpu_time () - start);
    }
}

/* Until what was taken back has ended, too: workers hold a reference. */
static void
wait_for_workers (LimnDocument *document)
{
  while (!g_queue_is_empty (&document->mask_edits))
    g_main_context_iteration (NULL, TRUE);
}

static gint64 turn_start;

static void
tell_turn (const char *what)
{
  gint64 since = cpu_time () - turn_start;

  g_test_message ("%s: %.2f ms of the main thread, %.2f ms in one turn of its loop", what, since / 1000.0,
                  worst_turn / 1000.0);
  worst_turn = 0;
  turn_start = cpu_time ();
}

/* What is drawn around something that the picture cuts off is closed by the picture's edge; what goes
 * across the picture closes nothing. */
static void
test_holes_at_border (void)
{
  static const struct
  {
    double x, y;
  } rings[] = { { 0, 300 }, { 700, 300 }, { 350, 0 }, { 350, 600 }, { 10, 5 }, { 690, 590 } };
  const LimnPoint bars[2][4] = { { { 300, -5 }, { 330, -5 }, { 330, 700 }, { 300, 700 } },
                                 { { 500, -5 }, { 520, -5 }, { 520, 700 }, { 500, 700 } } };
  g_autoptr (LimnTiles) across = limn_tiles_new (700, 600, 1);
  g_autoptr (LimnTiles) same = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rings); i++)
    {
      g_autoptr (LimnTiles) ring = limn_tiles_new (700, 600, 1);
      g_autoptr (LimnTiles) disc = limn_tiles_new (700, 600, 1);
      g_autoptr (LimnTiles) filled = NULL;

      fill_ellipse (ring, rings[i].x, rings[i].y, 120, LIMN_MASK_ADD);
      fill_ellipse (ring, rings[i].x, rings[i].y, 90, LIMN_MASK_SUBTRACT);
      fill_ellipse (disc, rings[i].x, rings[i].y, 120, LIMN_MASK_ADD);
      filled = limn_mask_fill_holes (ring, NULL);
      g_assert_true (equal (filled, disc));
    }
  /* Between two bars lies an area that touches two sides, opposite ones. */
  limn_mask_fill_polygon (across, bars[0], 4, LIMN_MASK_ADD);
  limn_mask_fill_polygon (across, bars[1], 4, LIMN_MASK_ADD);
  same = limn_mask_fill_holes (across, NULL);
  g_assert_true (equal (same, across));
}

/* In order, each one step, undone one by one to what was there before. */
static void
test_document (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (900, 700, 3), NULL, NULL);
  const LimnMaskEdit grow = { .kind = LIMN_MASK_EDIT_GROW, .radius = 10 };
  const LimnMaskEdit shrink = { .kind = LIMN_MASK_EDIT_SHRINK, .radius = 4 };
  const LimnMaskEdit holes = { .kind = LIMN_MASK_EDIT_FILL_HOLES };
  g_autoptr (LimnTiles) before = NULL;
  g_autoptr (LimnTiles) grown = NULL;
  g_autoptr (LimnTiles) both = NULL;
  int n = 0;

  stroke (document, 300, 300);
  before = limn_tiles_copy (limn_document_get_mask (document));
  grown = limn_mask_grow (before, 10, NULL);
  both = limn_mask_shrink (grown, 4, NULL);
  limn_document_edit_mask_async (document, &grow, NULL, count_cb, &n);
  limn_document_edit_mask_async (document, &shrink, NULL, count_cb, &n);
  /* Changes nothing: no step. */
  limn_document_edit_mask_async (document, &holes, NULL, count_cb, &n);
  wait_for (&n, 3);
  g_assert_true (equal (limn_document_get_mask (document), both));
  limn_document_undo (document);
  g_assert_true (equal (limn_document_get_mask (document), grown));
  limn_document_undo (document);
  g_assert_true (equal (limn_document_get_mask (document), before));
  limn_document_redo (document);
  limn_document_redo (document);
  g_assert_true (equal (limn_document_get_mask (document), both));
  g_assert_false (limn_document_get_can_redo (document));
}

/* What is painted while the worker works is in the result; a stroke under way is not broken off. */
static void
test_document_painted_meanwhile (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (900, 700, 3), NULL, NULL);
  const LimnMaskEdit grow = { .kind = LIMN_MASK_EDIT_GROW, .radius = 10 };
  int n = 0;

  stroke (document, 300, 300);
  limn_document_edit_mask_async (document, &grow, NULL, count_cb, &n);
  limn_document_begin_stroke (document, FALSE, 20, 1);
  limn_document_stroke_to (document, 600, 300, 1);
  for (int i = 0; i < 60; i++)
    {
      g_usleep (5000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpint (n, ==, 0);
  limn_document_stroke_to (document, 600, 400, 1);
  limn_document_end_stroke (document);
  wait_for (&n, 1);
  g_assert_cmpint (at (limn_document_get_mask (document), 327, 300), ==, 255);
  g_assert_cmpint (at (limn_document_get_mask (document), 627, 300), ==, 255);
  g_assert_cmpint (at (limn_document_get_mask (document), 600, 427), ==, 255);
  limn_document_undo (document);
  g_assert_cmpint (at (limn_document_get_mask (document), 327, 300), ==, 0);
  g_assert_cmpint (at (limn_document_get_mask (document), 600, 415), ==, 255);
}

/* More than a frame's work: a worker does it, in its order, and undo takes it back at any time. */
static void
test_document_huge (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (6000, 5000, 3), NULL, NULL);
  g_autoptr (GArray) ellipse = limn_shape_ellipse (100, 100, 5900, 4900);
  const LimnPoint *points = (const LimnPoint *)(void *)ellipse->data;
  g_autoptr (LimnTiles) drawn = limn_tiles_new (6000, 5000, 1);
  g_autoptr (LimnTiles) inverted = NULL;

  limn_mask_fill_polygon (drawn, points, ellipse->len, LIMN_MASK_ADD);
  inverted = limn_tiles_copy (drawn);
  limn_tiles_invert (inverted);

  limn_document_mask_polygon (document, points, ellipse->len, LIMN_MASK_ADD);
  g_assert_true (is_busy (document));
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  /* Asked for later, done later, although it alone would be quick. */
  limn_document_mask_invert (document);
  wait_while_busy (document);
  g_assert_true (equal (limn_document_get_mask (document), inverted));
  limn_document_undo (document);
  g_assert_true (equal (limn_document_get_mask (document), drawn));
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_false (limn_document_get_can_undo (document));

  /* Undo before it is done. */
  stroke (document, 300, 300);
  limn_document_mask_polygon (document, points, ellipse->len, LIMN_MASK_ADD);
  g_assert_true (limn_document_get_can_undo (document));
  limn_document_undo (document);
  g_assert_false (is_busy (document));
  wait_for_workers (document);
  g_assert_cmpint (at (limn_document_get_mask (document), 3000, 2500), ==, 0);
  g_assert_cmpint (at (limn_document_get_mask (document), 300, 300), ==, 255);

  /* What comes instead of all of the mask comes instead of what was under way, too. */
  limn_document_mask_polygon (document, points, ellipse->len, LIMN_MASK_ADD);
  limn_document_mask_clear (document);
  wait_for_workers (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));

  /* A place in a picture of another size is none. */
  limn_document_mask_polygon (document, points, ellipse->len, LIMN_MASK_ADD);
  limn_document_replace_image (document, limn_tiles_new (300, 200, 3), "Smaller", NULL);
  wait_while_busy (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
}

/* What the main thread spends on a picture of 100 megapixels, told, not judged. */
static void
test_document_times (void)
{
  g_autoptr (LimnDocument) document
      = limn_document_new (limn_tiles_new (12000, 8400, 3), NULL, NULL);
  g_autoptr (GArray) ellipse = limn_shape_ellipse (100, 100, 11900, 8300);
  g_autoptr (LimnTiles) noise = limn_tiles_new (12000, 8400, 1);
  const LimnMaskEdit edits[] = { { .kind = LIMN_MASK_EDIT_GROW, .radius = 32 },
                                 { .kind = LIMN_MASK_EDIT_SHRINK, .radius = 32 },
                                 { .kind = LIMN_MASK_EDIT_FEATHER, .radius = 32 },
                                 { .kind = LIMN_MASK_EDIT_FILL_HOLES },
                                 { .kind = LIMN_MASK_EDIT_INVERT } };
  static const char *const names[] = { "grow", "shrink", "feather", "fill holes", "invert" };

  worst_turn = 0;
  turn_start = cpu_time ();
  limn_document_mask_polygon (document, (const LimnPoint *)(void *)ellipse->data, ellipse->len,
                              LIMN_MASK_ADD);
  wait_while_busy (document);
  tell_turn ("ellipse");
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      limn_document_edit_mask_async (document, &edits[i], NULL, NULL, NULL);
      wait_while_busy (document);
      tell_turn (names[i]);
    }
  for (int ty = 0; ty < 33; ty++)
    for (int tx = 0; tx < 47; tx++)
      limn_tiles_write (noise, tx, ty)[5] = 99;
  turn_start = cpu_time ();
  limn_document_load_mask (document, g_steal_pointer (&noise), "Noise");
  limn_document_get_mask_bounds (document, NULL);
  tell_turn ("another mask, drawn in every tile");
  limn_document_mask_invert (document);
  wait_while_busy (document);
  tell_turn ("inverting that");
  limn_document_mask_fill (document);
  limn_document_mask_invert (document);
  limn_document_get_mask_bounds (document, NULL);
  tell_turn ("filling and inverting");
  g_assert_cmpuint (limn_tiles_count_drawn (limn_document_get_mask (document)), ==, 0);
}

static void
test_document_goes_away (void)
{
  LimnDocument *document = limn_document_new (limn_tiles_new (900, 700, 3), NULL, NULL);
  const LimnMaskEdit grow = { .kind = LIMN_MASK_EDIT_GROW, .radius = 10 };
  int n = 0;

  stroke (document, 300, 300);
  limn_document_edit_mask_async (document, &grow, NULL, count_cb, &n);
  limn_document_edit_mask_async (document, &grow, NULL, count_cb, &n);
  g_object_add_weak_pointer (G_OBJECT (document), (gpointer *)&document);
  g_object_unref (document);
  wait_for (&n, 2);
  /* The worker's thread lets go of it a moment later. */
  for (int i = 0; i < 1000 && document != NULL; i++)
    {
      g_usleep (2000);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_null (document);
}

static void
test_recall (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (300, 200, 3), NULL, NULL);
  g_autoptr (LimnTiles) before = NULL;

  g_assert_false (limn_document_can_recall_mask (document));
  g_assert_false (limn_document_recall_mask (document));
  stroke (document, 100, 100);
  stroke (document, 150, 100);
  g_assert_false (limn_document_can_recall_mask (document));
  before = limn_tiles_copy (limn_document_get_mask (document));
  limn_document_mask_clear (document);
  g_assert_true (limn_document_recall_mask (document));
  g_assert_true (equal (before, limn_document_get_mask (document)));
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
}

static void
test_load (void)
{
  g_autoptr (LimnDocument) document = limn_document_new (limn_tiles_new (300, 200, 3), NULL, NULL);
  LimnTiles *small = limn_tiles_new (30, 20, 1);
  LimnRect bounds;

  limn_tiles_write_rect (small, &(LimnRect){ 10, 5, 1, 1 }, (const guint8[]){ 200 }, 1);
  limn_document_load_mask (document, small, "Load");
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (bounds.x, ==, 100);
  g_assert_cmpint (bounds.y, ==, 50);
  g_assert_cmpint (bounds.width, ==, 10);
  g_assert_cmpint (at (limn_document_get_mask (document), 105, 55), ==, 200);
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-filter/grow", test_grow);
  g_test_add_func ("/mask-filter/grow-and-shrink", test_grow_and_shrink);
  g_test_add_func ("/mask-filter/everything-and-nothing", test_everything_and_nothing);
  g_test_add_func ("/mask-filter/feather", test_feather);
  g_test_add_func ("/mask-filter/sparse", test_sparse);
  g_test_add_func ("/mask-filter/cancelled", test_cancelled);
  g_test_add_func ("/mask-flood/holes", test_holes);
  g_test_add_func ("/mask-flood/holes-at-border", test_holes_at_border);
  g_test_add_func ("/mask-flood/wand", test_wand);
  g_test_add_func ("/mask-edit/document", test_document);
  g_test_add_func ("/mask-edit/painted-meanwhile", test_document_painted_meanwhile);
  g_test_add_func ("/mask-edit/huge", test_document_huge);
  g_test_add_func ("/mask-edit/times", test_document_times);
  g_test_add_func ("/mask-edit/goes-away", test_document_goes_away);
  g_test_add_func ("/mask-edit/recall", test_recall);
  g_test_add_func ("/mask-edit/load", test_load);
  return g_test_run ();
}
