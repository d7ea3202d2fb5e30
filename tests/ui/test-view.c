/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "ui/limn-view.h"

static LimnView
new_view (int picture_width, int picture_height, double width, double height)
{
  LimnView view;

  limn_view_init (&view);
  limn_view_set_picture (&view, picture_width, picture_height);
  limn_view_set_viewport (&view, width, height);
  return view;
}

static void
test_fit (void)
{
  static const int sizes[] = { 1, 2, 3, 7, 8, 15, 17, 33, 640, 6000, 60000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (sizes); j++)
      {
        LimnView view = new_view (sizes[i], sizes[j], 900, 700);
        LimnRect all = { 0, 0, sizes[i], sizes[j] }, shown;

        limn_view_rect_to_viewport (&view, &all, &shown);
        if (MAX (sizes[i], sizes[j]) > 128)
          g_assert_cmpfloat (view.scale, <=, 1);
        g_assert_cmpint (shown.x, >=, 0);
        g_assert_cmpint (shown.y, >=, 0);
        g_assert_cmpint (shown.x + shown.width, <=, 900);
        g_assert_cmpint (shown.y + shown.height, <=, 700);
      }
}

/* One that would hardly be seen is enlarged, by a whole number, so far as there is room. */
static void
test_fit_small (void)
{
  static const struct
  {
    int width, height;
    double scale;
  } rows[] = { { 1, 1, 32 },   { 8, 4, 32 },    { 4, 9, 28 },   { 16, 16, 16 },
               { 100, 60, 2 }, { 128, 128, 2 }, { 129, 20, 1 }, { 300, 200, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LimnView view = new_view (rows[i].width, rows[i].height, 900, 700);

      g_assert_cmpfloat (view.scale, ==, rows[i].scale);
    }
  {
    LimnView view = new_view (16, 16, 120, 100);

    g_assert_cmpfloat (view.scale, ==, 4);
  }
}

static void
test_follows_viewport_until_zoomed (void)
{
  LimnView view = new_view (2000, 1000, 800, 600);
  double fitted = view.scale;

  limn_view_set_viewport (&view, 400, 300);
  g_assert_cmpfloat (view.scale, <, fitted);
  limn_view_zoom_at (&view, 1, 200, 150);
  limn_view_set_viewport (&view, 800, 600);
  g_assert_cmpfloat (view.scale, ==, 1);
  limn_view_zoom_to_fit (&view);
  g_assert_cmpfloat (view.scale, ==, fitted);
}

/* What is under the pointer stays there, to the pixel that the origin is rounded to. */
static void
test_zoom_keeps_point (void)
{
  LimnView view = new_view (4000, 3000, 900, 700);

  limn_view_zoom_at (&view, 0.5, 450, 350);
  for (double scale = 0.4; scale < 30; scale *= 1.37)
    {
      double x, y, vx, vy;

      limn_view_to_picture (&view, 300, 411, &x, &y);
      limn_view_zoom_at (&view, scale, 300, 411);
      limn_view_to_viewport (&view, x, y, &vx, &vy);
      g_assert_cmpfloat_with_epsilon (vx, 300, 1 + scale);
      g_assert_cmpfloat_with_epsilon (vy, 411, 1 + scale);
    }
}

static void
test_round_trip (void)
{
  LimnView view = new_view (333, 77, 511, 203);

  for (int i = 0; i < 40; i++)
    {
      double x, y, vx, vy;

      limn_view_zoom_at (&view, 0.1 + i * 0.37, 100 + i, 100);
      limn_view_pan (&view, 13, -7);
      limn_view_to_picture (&view, 12.5, 99.25, &x, &y);
      limn_view_to_viewport (&view, x, y, &vx, &vy);
      g_assert_cmpfloat_with_epsilon (vx, 12.5, 1e-6);
      g_assert_cmpfloat_with_epsilon (vy, 99.25, 1e-6);
    }
}

static void
test_pan_keeps_picture_in_sight (void)
{
  LimnView view = new_view (500, 400, 900, 700);
  LimnRect all = { 0, 0, 500, 400 }, shown, viewport = { 0, 0, 900, 700 }, common;

  for (int i = 0; i < 4; i++)
    {
      static const double dx[] = { 1e6, -1e6, 0, 0 }, dy[] = { 0, 0, 1e6, -1e6 };

      limn_view_pan (&view, dx[i], dy[i]);
      limn_view_rect_to_viewport (&view, &all, &shown);
      g_assert_true (limn_rect_intersect (&shown, &viewport, &common));
      g_assert_cmpint (common.width, >=, 40);
      g_assert_cmpint (common.height, >=, 40);
    }
}

static void
test_limits_and_steps (void)
{
  LimnView view = new_view (1000, 1000, 500, 500);
  double last;

  limn_view_zoom_at (&view, 1e9, 0, 0);
  g_assert_cmpfloat (view.scale, ==, LIMN_VIEW_MAX_SCALE);
  limn_view_zoom_at (&view, 1e-9, 0, 0);
  g_assert_cmpfloat (view.scale, ==, limn_view_get_min_scale (&view));
  do
    {
      last = view.scale;
      limn_view_zoom_at (&view, limn_view_next_step (&view, 1), 250, 250);
      g_assert_true (view.scale > last || last == LIMN_VIEW_MAX_SCALE);
    }
  while (view.scale > last);
  limn_view_zoom_at (&view, 1.5, 250, 250);
  g_assert_cmpfloat (limn_view_next_step (&view, -1), ==, 1);
  g_assert_cmpfloat (limn_view_next_step (&view, 1), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/view/fit", test_fit);
  g_test_add_func ("/ui/view/fit-small", test_fit_small);
  g_test_add_func ("/ui/view/follows-viewport-until-zoomed", test_follows_viewport_until_zoomed);
  g_test_add_func ("/ui/view/zoom-keeps-point", test_zoom_keeps_point);
  g_test_add_func ("/ui/view/round-trip", test_round_trip);
  g_test_add_func ("/ui/view/pan-keeps-picture-in-sight", test_pan_keeps_picture_in_sight);
  g_test_add_func ("/ui/view/limits-and-steps", test_limits_and_steps);
  return g_test_run ();
}
