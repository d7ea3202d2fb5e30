/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Strokes that are painted bit by bit: what holds is that the document becomes what it would have
 * been at once, and that nobody who asks sees less.
 */
#include <math.h>

#include "app/limn-document-paint.h"
#include "app/limn-document-private.h"
#include "tests/app/document-fixtures.h"

#define WIDTH 1500
#define HEIGHT 1100

static const guint8 green[3] = { 30, 200, 90 };

typedef enum
{
  MASK,
  ERASE_MASK,
  PAINT,
  ERASE_PAINT,
  N_KINDS
} Kind;

static void
begin (LimnDocument *document, Kind kind, double radius, double hardness)
{
  if (kind == PAINT || kind == ERASE_PAINT)
    limn_document_begin_paint (document, kind == PAINT ? green : NULL, radius, hardness);
  else
    limn_document_begin_stroke (document, kind == ERASE_MASK, radius, hardness);
}

/* The @i-th point of a stroke that goes to and fro, its pressure and opacity changing. */
static void
go_on (LimnDocument *document, int i, gboolean opaque)
{
  limn_document_stroke_to_full (document, WIDTH * (0.5 + 0.45 * sin (i * 0.7)),
                                HEIGHT * (0.5 + 0.5 * cos (i * 0.41)), 0.6 + 0.4 * cos (i * 0.3),
                                opaque ? 1 : 0.7 + 0.3 * sin (i));
}

/* Any kind of stroke with any brush; now and then the one that is not in a hurry paints a little.
 */
static void
test_same_pixels (void)
{
  static const double radii[] = { 3, 90, 400, 1000 }, hardness[] = { 1, 0.7, 0 };
  g_autoptr (LimnDocument) at_once = fixture_document (WIDTH, HEIGHT, 3);
  g_autoptr (LimnDocument) later = fixture_document (WIDTH, HEIGHT, 3);

  limn_document_set_unhurried (later, TRUE);
  for (int i = 0; i < 12; i++)
    {
      Kind kind = (Kind)(i % N_KINDS);
      double radius = radii[g_test_rand_int_range (0, 4)], soft = hardness[i % 3];
      gboolean opaque = g_test_rand_bit ();
      g_autofree char *a = NULL;
      g_autofree char *b = NULL;

      begin (at_once, kind, radius, soft);
      begin (later, kind, radius, soft);
      for (int k = 0; k < 7; k++)
        {
          go_on (at_once, 3 * i + k, opaque);
          go_on (later, 3 * i + k, opaque);
          if (g_test_rand_bit ())
            limn_document_catch_up (later, 0);
        }
      limn_document_leave_stroke (at_once);
      limn_document_leave_stroke (later);
      g_assert_false (limn_document_is_behind (at_once));
      /* The next one begins with a part of this one still to be done, or none. */
      if (i % 2 == 0)
        while (!limn_document_catch_up (later, 0))
          ;
      else
        limn_document_end_stroke (later);
      g_assert_false (limn_document_is_behind (later));
      a = fixture_hash_document (at_once);
      b = fixture_hash_document (later);
      g_assert_cmpstr (a, ==, b);
    }
  while (limn_document_get_can_undo (at_once))
    {
      g_autofree char *a = NULL;
      g_autofree char *b = NULL;

      limn_document_undo (at_once);
      g_assert_true (limn_document_get_can_undo (later));
      limn_document_undo (later);
      a = fixture_hash_document (at_once);
      b = fixture_hash_document (later);
      g_assert_cmpstr (a, ==, b);
    }
  g_assert_false (limn_document_get_can_undo (later));
}

/* A little at a time is done, and what is asked for is there whole. */
static void
test_whole_when_asked_for (void)
{
  g_autoptr (LimnDocument) document = fixture_document (WIDTH, HEIGHT, 3);
  g_autofree char *before = NULL;
  g_autofree char *peeked = NULL;
  g_autofree char *asked = NULL;
  LimnRect bounds;

  limn_document_set_unhurried (document, TRUE);
  begin (document, MASK, 500, 0.5);
  limn_document_stroke_to (document, WIDTH / 2, HEIGHT / 2, 1);
  before = fixture_hash_tiles (limn_document_peek_mask (document));
  g_assert_true (limn_tiles_is_empty (limn_document_peek_mask (document)));
  g_assert_true (limn_document_is_behind (document));
  /* Some tiles in the corners are not reached. */
  for (int i = 0; i < 8; i++)
    g_assert_false (limn_document_catch_up (document, 0));
  peeked = fixture_hash_tiles (limn_document_peek_mask (document));
  asked = fixture_hash_tiles (limn_document_get_mask (document));
  g_assert_cmpstr (peeked, !=, before);
  g_assert_cmpstr (asked, !=, peeked);
  g_assert_false (limn_document_is_behind (document));
  g_assert_true (limn_document_get_mask_bounds (document, &bounds));
  g_assert_cmpint (bounds.width, >, 980);
  /* A stroke that was left and then taken back leaves nothing. */
  limn_document_stroke_to (document, 10, 10, 1);
  limn_document_leave_stroke (document);
  g_assert_true (limn_document_get_can_undo (document));
  limn_document_undo (document);
  g_assert_false (limn_document_get_mask_bounds (document, NULL));
  g_assert_true (limn_document_get_can_redo (document));
  /* Nor does one that is cancelled in the middle. */
  begin (document, MASK, 500, 0.5);
  limn_document_stroke_to (document, WIDTH / 2, HEIGHT / 2, 1);
  limn_document_catch_up (document, 0);
  limn_document_cancel_stroke (document);
  g_assert_true (limn_tiles_is_empty (limn_document_get_mask (document)));
  g_assert_false (limn_document_is_behind (document));
}

/* The middle of a large brush is filled tile by tile: all of it is as the brush's edge says. */
static void
test_disc (void)
{
  static const double hardness[] = { 1, 0.8, 0.3 };

  for (guint h = 0; h < G_N_ELEMENTS (hardness); h++)
    for (int erase = 0; erase < 2; erase++)
      {
        g_autoptr (LimnDocument) document = fixture_document (WIDTH, HEIGHT, 3);
        const double radius = 540.3, x0 = 760.2, y0 = 530.9;
        LimnTiles *mask;

        if (erase)
          limn_document_mask_fill (document);
        begin (document, erase ? ERASE_MASK : MASK, radius, hardness[h]);
        limn_document_stroke_to (document, x0, y0, 1);
        limn_document_end_stroke (document);
        mask = limn_document_get_mask (document);
        for (int y = 0; y < HEIGHT; y++)
          {
            guint8 row[WIDTH];

            limn_tiles_read_rect (mask, &(LimnRect){ 0, y, WIDTH, 1 }, row, WIDTH);
            for (int x = 0; x < WIDTH; x++)
              {
                double dx = x + 0.5 - x0, dy = y + 0.5 - y0;
                int covered = _limn_sweep_coverage (dx * dx + dy * dy, radius, hardness[h]);

                g_assert_cmpint (ABS (row[x] - (erase ? 255 - covered : covered)), <=, 1);
              }
          }
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/backlog/same-pixels", test_same_pixels);
  g_test_add_func ("/document/backlog/whole-when-asked-for", test_whole_when_asked_for);
  g_test_add_func ("/document/backlog/disc", test_disc);
  return g_test_run ();
}
