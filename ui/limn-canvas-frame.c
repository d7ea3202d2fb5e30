/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

/* So near, in logical pixels, is on the line. */
#define REACH 5.0
/* Least side of a frame, picture pixels. */
#define LEAST 32

typedef enum
{
  LIMN_FRAME_LEFT = 1 << 0,
  LIMN_FRAME_RIGHT = 1 << 1,
  LIMN_FRAME_TOP = 1 << 2,
  LIMN_FRAME_BOTTOM = 1 << 3,
} LimnFrameEdges;

static void
to_picture (LimnCanvas *self, double x, double y, double *px, double *py)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  limn_view_to_picture (&self->view, x * factor, y * factor, px, py);
}

/* Which edges of the frame are at (@x, @y). */
static int
find_edges (LimnCanvas *self, double x, double y)
{
  const LimnRect *f = &self->frame;
  double x0, y0, x1, y1;
  int edges = 0;

  /* Nor while an outline is being drawn, whose next point may lie on it. */
  if (!self->has_frame || !self->frame_movable || !self->editable || self->compare
      || self->context.pending)
    return 0;
  limn_canvas_get_position (self, f->x, f->y, &x0, &y0);
  limn_canvas_get_position (self, f->x + f->width, f->y + f->height, &x1, &y1);
  if (x < x0 - REACH || x > x1 + REACH || y < y0 - REACH || y > y1 + REACH)
    return 0;
  if (fabs (x - x0) <= REACH)
    edges |= LIMN_FRAME_LEFT;
  else if (fabs (x - x1) <= REACH)
    edges |= LIMN_FRAME_RIGHT;
  if (fabs (y - y0) <= REACH)
    edges |= LIMN_FRAME_TOP;
  else if (fabs (y - y1) <= REACH)
    edges |= LIMN_FRAME_BOTTOM;
  return edges;
}

static gboolean
is_corner (int edges)
{
  return (edges & (LIMN_FRAME_LEFT | LIMN_FRAME_RIGHT))
         && (edges & (LIMN_FRAME_TOP | LIMN_FRAME_BOTTOM));
}

gboolean
_limn_canvas_frame_press (LimnCanvas *self, double x, double y)
{
  int edges = find_edges (self, x, y);

  if (edges == 0)
    return FALSE;
  self->frame_edges = edges;
  self->frame_held = self->frame;
  to_picture (self, x, y, &self->frame_x, &self->frame_y);
  _limn_canvas_update_cursor (self);
  return TRUE;
}

/* Where @length pixels from @start on lie within 0 .. @limit - 1; the whole of it when there are
 * more. */
static void
keep_within (int *start, int *length, int limit)
{
  *length = MIN (*length, limit);
  *start = CLAMP (*start, 0, limit - *length);
}

/* One end of the frame is dragged to where it may be. */
static void
drag_end (int *start, int *length, int delta, gboolean first, int limit)
{
  int end = *start + *length;

  if (first)
    {
      *start = CLAMP (*start + delta, 0, MAX (end - LEAST, 0));
      *length = end - *start;
    }
  else
    *length = CLAMP (*length + delta, MIN (LEAST, limit - *start), limit - *start);
}

void
_limn_canvas_frame_drag (LimnCanvas *self, double x, double y)
{
  LimnRect f = self->frame_held;
  double px, py;
  int dx, dy, width, height;

  if (self->frame_edges == 0 || self->document == NULL)
    return;
  width = limn_document_get_width (self->document);
  height = limn_document_get_height (self->document);
  to_picture (self, x, y, &px, &py);
  dx = (int)CLAMP (rint (px - self->frame_x), -LIMN_IMAGE_MAX_SIDE, LIMN_IMAGE_MAX_SIDE);
  dy = (int)CLAMP (rint (py - self->frame_y), -LIMN_IMAGE_MAX_SIDE, LIMN_IMAGE_MAX_SIDE);
  if (!is_corner (self->frame_edges))
    {
      f.x += dx;
      f.y += dy;
      keep_within (&f.x, &f.width, width);
      keep_within (&f.y, &f.height, height);
    }
  else
    {
      drag_end (&f.x, &f.width, dx, self->frame_edges & LIMN_FRAME_LEFT, width);
      drag_end (&f.y, &f.height, dy, self->frame_edges & LIMN_FRAME_TOP, height);
    }
  self->frame = f;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
_limn_canvas_frame_release (LimnCanvas *self)
{
  LimnRect before = self->frame_held, now = self->frame;

  if (self->frame_edges == 0)
    return FALSE;
  self->frame_edges = 0;
  _limn_canvas_update_cursor (self);
  if (before.x == now.x && before.y == now.y && before.width == now.width
      && before.height == now.height)
    return FALSE;
  g_signal_emit_by_name (self, "frame-moved", &now);
  return TRUE;
}

void
_limn_canvas_frame_hover (LimnCanvas *self, double x, double y)
{
  int edges = find_edges (self, x, y);

  if (edges == self->frame_hover)
    return;
  self->frame_hover = edges;
  _limn_canvas_update_cursor (self);
}

const char *
_limn_canvas_frame_cursor (LimnCanvas *self)
{
  int edges = self->frame_edges != 0 ? self->frame_edges : self->frame_hover;

  if (edges == 0 || self->context.active || !self->has_frame || !self->frame_movable)
    return NULL;
  if (!is_corner (edges))
    return "move";
  return !(edges & LIMN_FRAME_LEFT) == !(edges & LIMN_FRAME_TOP) ? "nwse-resize" : "nesw-resize";
}

void
limn_canvas_set_frame_movable (LimnCanvas *self, gboolean movable)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  if (!movable)
    self->frame_edges = self->frame_hover = 0;
  self->frame_movable = movable;
}

gboolean
limn_canvas_get_frame (LimnCanvas *self, LimnRect *rect)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  if (rect != NULL && self->has_frame)
    *rect = self->frame;
  return self->has_frame;
}
