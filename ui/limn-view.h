/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/task/image.h"

G_BEGIN_DECLS

/* Most magnified: one picture pixel is this many device pixels. */
#define LIMN_VIEW_MAX_SCALE 32.0

/**
 * LimnView:
 *
 * Where a picture lies in a viewport: plain numbers, no widgets. All lengths of the viewport are
 * device pixels, so that 100 % means one picture pixel per screen pixel. The picture's top left
 * corner always lies on a whole device pixel (origin_x, origin_y), which keeps tiles of the display
 * cache where they are while panning and free of seams.
 */
typedef struct
{
  int picture_width, picture_height;
  double view_width, view_height;
  double scale; /* device pixels per picture pixel */
  double x, y;  /* picture position at the viewport's centre */
  gboolean fit; /* follow the viewport's size: the whole picture, above 100 % only when it is small */
} LimnView;

void limn_view_init (LimnView *view);
void limn_view_set_picture (LimnView *view, int width, int height);
void limn_view_set_viewport (LimnView *view, double width, double height);
/* Scale at which the whole picture is visible with a small margin; above 1 only for a picture that is
 * hardly seen at 1, and then a whole number. */
double limn_view_get_fit_scale (const LimnView *view);
double limn_view_get_min_scale (const LimnView *view);
void limn_view_zoom_to_fit (LimnView *view);
/* The picture's point under (@px, @py) stays there. */
void limn_view_zoom_at (LimnView *view, double scale, double px, double py);
/* The next round number up (@direction > 0) or down from the present scale. */
double limn_view_next_step (const LimnView *view, int direction);
/* Moves the picture by (@dx, @dy) device pixels; a part of it always stays in the viewport. */
void limn_view_pan (LimnView *view, double dx, double dy);
/* The device pixel of the viewport on which the picture's top left corner lies. */
void limn_view_get_origin (const LimnView *view, int *x, int *y);
void limn_view_to_picture (const LimnView *view, double vx, double vy, double *x, double *y);
void limn_view_to_viewport (const LimnView *view, double x, double y, double *vx, double *vy);
/* @rect of the picture -> device pixels of the viewport, rounded outwards. */
void limn_view_rect_to_viewport (const LimnView *view, const LimnRect *rect, LimnRect *out);

G_END_DECLS
