/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/seam-private.h"
#include "tests/unit/task-testing.h"

#define SIDE 96
#define RADIUS 30
#define OFFSET 0.2f
/* Short, so that the middle of the disc is far from the edge. */
#define REACH 0.15f

typedef TaskRun Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  task_run_init (f, 2, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_no_error (f->run.error);
  task_run_clear (f);
}

static double
from_middle (int i)
{
  return hypot (i % SIDE - SIDE / 2, i / SIDE - SIDE / 2);
}

static guint8 *
disc (void)
{
  guint8 *hole = g_malloc0 (SIDE * SIDE);

  for (int i = 0; i < SIDE * SIDE; i++)
    hole[i] = from_middle (i) < RADIUS ? 255 : 0;
  return hole;
}

/* Something with detail. */
static LimnTensor
picture (Fixture *f, float offset)
{
  LimnTensor x = limn_run_nhwc (&f->run, 1, SIDE, SIDE, 3);

  for (int i = 0; i < SIDE * SIDE * 3; i++)
    limn_tensor_f32 (&x)[i]
        = 0.3f * sinf (0.2f * (float)(i / 3 % SIDE)) + 0.1f * (float)(i % 3) + offset;
  return x;
}

/* A constant offset is gone at the edge, falls with the distance from it, and is nearly kept in the
 * middle; nothing changes far outside. */
static void
test_offset (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = disc ();
  LimnTensor kept = picture (f, 0), made = picture (f, OFFSET);
  float *a = limn_tensor_f32 (&made), *b = limn_tensor_f32 (&kept);

  limn_seam_join_in_place (&f->run, &made, &kept, hole, REACH);
  for (int i = 0; i < SIDE * SIDE; i++)
    for (int c = 0; c < 3; c++)
      {
        float left = (a[3 * i + c] - b[3 * i + c]) / OFFSET;

        if (hole[i] && from_middle (i) > RADIUS - 1)
          g_assert_cmpfloat (fabsf (left), <, 0.15f);
        if (from_middle (i) < 2)
          g_assert_cmpfloat (left, >, 0.7f);
        if (!hole[i] && from_middle (i) < RADIUS + 1)
          g_assert_cmpfloat (fabsf (left), <, 1e-3f);
        if (from_middle (i) > RADIUS + 10)
          g_assert_cmpfloat_with_epsilon (left, 1.0f, 1e-5f);
        g_assert_cmpfloat (left, >, -0.01f);
        g_assert_cmpfloat (left, <, 1.01f);
      }
}

/* Without screening the whole hole takes the offset: the membrane of a constant is that. */
static void
test_unscreened (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = disc ();
  LimnTensor kept = picture (f, 0), made = picture (f, OFFSET);

  limn_seam_join_in_place (&f->run, &made, &kept, hole, HUGE_VALF);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    if (hole[i / 3])
      g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&made)[i], limn_tensor_f32 (&kept)[i],
                                      1e-3f);
}

/* The same picture, nothing to make, nothing kept: not a bit changes. */
static void
test_nothing (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 3; i++)
    {
      g_autofree guint8 *hole = disc ();
      LimnTensor kept = picture (f, 0), made = picture (f, i == 0 ? 0 : OFFSET);
      g_autofree void *before = g_memdup2 (made.data, limn_tensor_bytes (&made));

      if (i > 0)
        memset (hole, i == 1 ? 0 : 255, SIDE * SIDE);
      limn_seam_join_in_place (&f->run, &made, &kept, hole, LIMN_SEAM_REACH);
      g_assert_cmpmem (before, limn_tensor_bytes (&made), made.data, limn_tensor_bytes (&made));
    }
}

/* Where an edge of the picture meets the hole and what was made has none, the difference is large
 * and short: it may not draw a streak. The same without robustness would reach half of it. */
static void
test_streak (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = disc ();
  LimnTensor kept = picture (f, 0), made = picture (f, 0);
  float largest = 0;

  for (int i = 0; i < SIDE * SIDE; i++)
    if (i / SIDE < SIDE / 2 && abs (i % SIDE - SIDE / 2) < 2)
      for (int c = 0; c < 3; c++)
        limn_tensor_f32 (&kept)[3 * i + c] += 1.5f;
  limn_seam_join_in_place (&f->run, &made, &kept, hole, LIMN_SEAM_REACH);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    if (hole[i / 3])
      largest = MAX (
          largest, fabsf (limn_tensor_f32 (&made)[i]
                          - (0.3f * sinf (0.2f * (float)(i / 3 % SIDE)) + 0.1f * (float)(i % 3))));
  g_test_message ("%g", largest);
  g_assert_cmpfloat (largest, <, 0.1f);
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = disc ();
  g_autofree void *first = NULL;

  for (int threads = 1; threads <= 4; threads *= 2)
    {
      g_auto (TaskRun) run;
      LimnTensor kept, made;

      task_run_init (&run, threads, NULL);
      kept = picture (&run, 0);
      made = picture (&run, 0);
      for (int i = 0; i < SIDE * SIDE * 3; i++)
        limn_tensor_f32 (&made)[i] += 0.1f * cosf (0.1f * (float)i);
      limn_seam_join_in_place (&run.run, &made, &kept, hole, LIMN_SEAM_REACH);
      if (first == NULL)
        first = g_memdup2 (made.data, limn_tensor_bytes (&made));
      g_assert_cmpmem (first, limn_tensor_bytes (&made), made.data, limn_tensor_bytes (&made));
    }
}

/* What was made knows its surroundings, but jumps at the edge: the same colours follow on each side
 * after it, within what a gap of the edge's softness leaves. */
static void
test_jump (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = disc ();
  LimnTensor kept = picture (f, 0), made = picture (f, 0);
  float *a = limn_tensor_f32 (&made), *b = limn_tensor_f32 (&kept);
  double before = 0, after = 0;

  for (int i = 0; i < SIDE * SIDE * 3; i++)
    b[i] = a[i] = 0.3f + 0.002f * (float)(i / 3 % SIDE) + (hole[i / 3] ? OFFSET : 0);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    b[i] -= hole[i / 3] ? 9 : 0; /* never looked at */
  limn_seam_level_in_place (&f->run, &made, &kept, hole, 2, LIMN_SEAM_REACH);
  for (int i = 0; i < SIDE * SIDE; i++)
    {
      float should = 0.3f + 0.002f * (float)(i % SIDE);

      if (!hole[i])
        g_assert_cmpmem (&a[3 * i], 12, &b[3 * i], 12);
      else if (from_middle (i) > RADIUS - 6 && from_middle (i) < RADIUS - 3)
        {
          before = MAX (before, OFFSET);
          after = MAX (after, fabsf (a[3 * i] - should));
        }
      if (from_middle (i) < 2)
        g_assert_cmpfloat (a[3 * i] - should, >, 0.3f * OFFSET);
    }
  g_test_message ("%g of %g", after, before);
  g_assert_cmpfloat (after, <, 0.35 * before);
}

/* ---- The membrane alone ---------------------------------------------------------------------- */

/* A strip between two ends at 1: the hyperbolic cosine. */
static void
test_strip (Fixture *f, gconstpointer data)
{
  static const float screenings[] = { 0, 0.0005f, 0.01f, 0.2f };

  for (guint k = 0; k < G_N_ELEMENTS (screenings); k++)
    {
      enum
      {
        LENGTH = 81
      };
      LimnTensor d = limn_run_nhwc (&f->run, 1, 1, LENGTH, 3);
      guint8 kind[LENGTH] = { 0 };
      double rate = acosh (1 + screenings[k] / 2);

      kind[0] = kind[LENGTH - 1] = LIMN_MEMBRANE_FIXED;
      for (int i = 0; i < 3 * LENGTH; i++)
        limn_tensor_f32 (&d)[i] = kind[i / 3] ? 1 : -77;
      limn_membrane_in_place (&f->run, &d, kind, screenings[k]);
      for (int i = 0; i < 3 * LENGTH; i++)
        {
          double x = i / 3 - LENGTH / 2;

          g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&d)[i],
                                          cosh (rate * x) / cosh (rate * (LENGTH / 2)), 0.03);
        }
    }
}

/* How exactly the boundary's place is known to the coarser levels, in pixels, whose slope is what
 * is left over; and what is left over besides. */
#define PLACE 2.0
#define TOLERANCE 0.005

/* A harmonic boundary gives the harmonic function, whatever the size. */
static void
test_harmonic (Fixture *f, gconstpointer data)
{
  static const int sizes[] = { 3, 7, 8, 15, 33, 100 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes) * G_N_ELEMENTS (sizes); k++)
    {
      int h = sizes[k / 6], w = sizes[k % 6];
      LimnTensor d = limn_run_nhwc (&f->run, 1, h, w, 3);
      g_autofree guint8 *kind = g_malloc0 ((gsize)h * w);

      for (int i = 0; i < h * w; i++)
        {
          int x = i % w, y = i / w;

          kind[i] = x == 0 || y == 0 || x == w - 1 || y == h - 1 ? LIMN_MEMBRANE_FIXED
                                                                 : LIMN_MEMBRANE_FREE;
          for (int c = 0; c < 3; c++)
            limn_tensor_f32 (&d)[3 * i + c]
                = kind[i] ? (float)x / (float)w - (float)(c * y) / (float)h : 99;
        }
      limn_membrane_in_place (&f->run, &d, kind, 0);
      for (int i = 0; i < h * w * 3; i++)
        g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&d)[i],
                                        (float)(i / 3 % w) / (float)w
                                            - (float)(i % 3 * (i / 3 / w)) / (float)h,
                                        TOLERANCE + PLACE * (1.0 / w + i % 3 / (double)h));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/seam/offset", Fixture, NULL, set_up, test_offset, tear_down);
  g_test_add ("/seam/unscreened", Fixture, NULL, set_up, test_unscreened, tear_down);
  g_test_add ("/seam/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/seam/streak", Fixture, NULL, set_up, test_streak, tear_down);
  g_test_add ("/seam/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/seam/jump", Fixture, NULL, set_up, test_jump, tear_down);
  g_test_add ("/seam/strip", Fixture, NULL, set_up, test_strip, tear_down);
  g_test_add ("/seam/harmonic", Fixture, NULL, set_up, test_harmonic, tear_down);
  return g_test_run ();
}
