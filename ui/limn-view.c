/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-view.h"

#include <math.h>

/* Space left around a fitted picture, device pixels. */
#define FIT_MARGIN 24.0
/* Fitted pictures whose longer side is less than this are enlarged to it, by a whole number, so
 * that their pixels are squares of one size. */
#define FIT_LEAST 256.0
/* So much of the picture can not be panned out of sight, device pixels. */
#define KEEP_VISIBLE 48.0

static const double zoom_steps[] = { 1.0 / 64,
                                     1.0 / 48,
                                     1.0 / 32,
                                     1.0 / 24,
                                     1.0 / 16,
                                     1.0 / 12,
                                     1.0 / 8,
                                     1.0 / 6,
                                     0.25,
                                     1.0 / 3,
                                     0.5,
                                     2.0 / 3,
                                     1,
                                     1.5,
                                     2,
                                     3,
                                     4,
                                     6,
                                     8,
                                     12,
                                     16,
                                     24,
                                     LIMN_VIEW_MAX_SCALE };

static double
keep_one_axis (double centre, double picture, double viewport, double scale)
{
  double keep = MIN (KEEP_VISIBLE, picture * scale);
  double reach = (viewport / 2 - keep) / scale;

  /* A viewport smaller than twice the margin still keeps its centre within the picture. */
  return CLAMP (centre, MIN (-reach, picture / 2), MAX (picture + reach, picture / 2));
}

static void
keep_in_sight (LimnView *view)
{
  view->x = keep_one_axis (view->x, view->picture_width, view->view_width, view->scale);
  view->y = keep_one_axis (view->y, view->picture_height, view->view_height, view->scale);
}

void
limn_view_init (LimnView *view)
{
  *view = (LimnView){ .picture_width = 1,
                      .picture_height = 1,
                      .view_width = 1,
                      .view_height = 1,
                      .scale = 1,
                      .fit = TRUE };
}

/* What a small picture is enlarged by. */
static double
get_least_scale (const LimnView *view)
{
  return CLAMP (floor (FIT_LEAST / MAX (view->picture_width, view->picture_height)), 1,
                LIMN_VIEW_MAX_SCALE);
}

double
limn_view_get_fit_scale (const LimnView *view)
{
  double margin_x = MIN (FIT_MARGIN, view->view_width / 8);
  double margin_y = MIN (FIT_MARGIN, view->view_height / 8);
  double sx = (view->view_width - 2 * margin_x) / view->picture_width;
  double sy = (view->view_height - 2 * margin_y) / view->picture_height;

  double most = MIN (sx, sy);

  /* Where there is less room a whole number still. */
  return CLAMP (most < 1 ? most : floor (most), 1e-4, get_least_scale (view));
}

double
limn_view_get_min_scale (const LimnView *view)
{
  return MIN (limn_view_get_fit_scale (view), 1.0 / 16);
}

void
limn_view_zoom_to_fit (LimnView *view)
{
  view->fit = TRUE;
  view->scale = limn_view_get_fit_scale (view);
  view->x = view->picture_width / 2.0;
  view->y = view->picture_height / 2.0;
}

void
limn_view_set_picture (LimnView *view, int width, int height)
{
  g_return_if_fail (width > 0 && height > 0);

  view->picture_width = width;
  view->picture_height = height;
  if (view->fit)
    limn_view_zoom_to_fit (view);
  else
    keep_in_sight (view);
}

void
limn_view_set_viewport (LimnView *view, double width, double height)
{
  view->view_width = MAX (width, 1);
  view->view_height = MAX (height, 1);
  if (view->fit)
    limn_view_zoom_to_fit (view);
  else
    keep_in_sight (view);
}

void
limn_view_zoom_at (LimnView *view, double scale, double px, double py)
{
  double x, y;

  limn_view_to_picture (view, px, py, &x, &y);
  view->fit = FALSE;
  view->scale = CLAMP (scale, limn_view_get_min_scale (view), LIMN_VIEW_MAX_SCALE);
  view->x = x - (px - view->view_width / 2) / view->scale;
  view->y = y - (py - view->view_height / 2) / view->scale;
  keep_in_sight (view);
}

double
limn_view_next_step (const LimnView *view, int direction)
{
  /* A step that would hardly be seen is skipped. */
  if (direction > 0)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (zoom_steps); i++)
        if (zoom_steps[i] > view->scale * 1.01)
          return zoom_steps[i];
      return LIMN_VIEW_MAX_SCALE;
    }
  for (gsize i = G_N_ELEMENTS (zoom_steps); i > 0; i--)
    if (zoom_steps[i - 1] < view->scale * 0.99)
      return MAX (zoom_steps[i - 1], limn_view_get_min_scale (view));
  return limn_view_get_min_scale (view);
}

void
limn_view_pan (LimnView *view, double dx, double dy)
{
  view->fit = FALSE;
  view->x -= dx / view->scale;
  view->y -= dy / view->scale;
  keep_in_sight (view);
}

void
limn_view_get_origin (const LimnView *view, int *x, int *y)
{
  *x = (int)rint (view->view_width / 2 - view->x * view->scale);
  *y = (int)rint (view->view_height / 2 - view->y * view->scale);
}

void
limn_view_to_picture (const LimnView *view, double vx, double vy, double *x, double *y)
{
  int ox, oy;

  limn_view_get_origin (view, &ox, &oy);
  *x = (vx - ox) / view->scale;
  *y = (vy - oy) / view->scale;
}

void
limn_view_to_viewport (const LimnView *view, double x, double y, double *vx, double *vy)
{
  int ox, oy;

  limn_view_get_origin (view, &ox, &oy);
  *vx = ox + x * view->scale;
  *vy = oy + y * view->scale;
}

void
limn_view_rect_to_viewport (const LimnView *view, const LimnRect *rect, LimnRect *out)
{
  double x0, y0, x1, y1;

  limn_view_to_viewport (view, rect->x, rect->y, &x0, &y0);
  limn_view_to_viewport (view, (double)rect->x + rect->width, (double)rect->y + rect->height, &x1,
                         &y1);
  out->x = (int)floor (x0);
  out->y = (int)floor (y0);
  out->width = (int)ceil (x1) - out->x;
  out->height = (int)ceil (y1) - out->y;
}
