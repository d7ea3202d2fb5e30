/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-drawn.h"
#include "app/limn-document-private.h"
#include "app/limn-sweep-private.h"

void
_limn_document_start_stroke (LimnDocument *self, gboolean erase, double radius, double hardness)
{
  limn_document_end_stroke (self);
  self->stroke = (LimnDocumentStroke) {
    .active = TRUE,
    .erase = erase,
    .radius = CLAMP (radius, 0.1, LIMN_IMAGE_MAX_SIDE),
    .hardness = CLAMP (hardness, 0, 1),
  };
  _limn_document_state_copy (&self->now, &self->stroke.before);
}

void
limn_document_begin_stroke (LimnDocument *self, gboolean erase, double radius, double hardness)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (isfinite (radius) && isfinite (hardness));

  _limn_document_start_stroke (self, erase, radius, hardness);
  _limn_document_publish (self);
}

void
limn_document_stop_at_edges (LimnDocument *self, double tolerance)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (isfinite (tolerance));

  if (!self->stroke.active || self->stroke.coverage != NULL || self->stroke.edges != NULL)
    return;
  self->stroke.edges = _limn_edge_brush_new (tolerance);
}

/* So far apart are the dabs of a brush that stops at edges, as a share of its radius: the line has no scallops that are seen. */
#define DAB_SPACING 0.4

static void
put_dab (LimnDocument *self, double x, double y, double radius, double opacity)
{
  LimnDocumentStroke *stroke = &self->stroke;
  LimnRect dirty;

  stroke->until_dab = MAX (1, MIN (radius, LIMN_EDGE_BRUSH_MAX_RADIUS) * DAB_SPACING);
  if (!_limn_edge_brush_dab (stroke->edges, self->now.mask, self->now.image, x, y, radius, stroke->hardness,
                             (guint8) (255 * opacity + 0.5), stroke->erase, &dirty))
    return;
  self->mask_bounds_known = FALSE;
  stroke->has_changed = TRUE;
  _limn_document_emit_changed (self, &dirty, LIMN_LAYER_MASK);
}

/* The dabs on the way to (@x, @y), which are where they are however many points it is reported in. */
static void
dab_to (LimnDocument *self, double x, double y, double radius, double opacity)
{
  LimnDocumentStroke *stroke = &self->stroke;
  double from_x = stroke->x, from_y = stroke->y, from_radius = stroke->point_radius;
  double length = hypot (x - from_x, y - from_y), at = stroke->until_dab;

  if (!stroke->has_point)
    put_dab (self, x, y, radius, opacity);
  else
    {
      for (; at <= length; at += stroke->until_dab)
        put_dab (self, from_x + (x - from_x) * at / length, from_y + (y - from_y) * at / length,
                 from_radius + (radius - from_radius) * at / length, opacity);
      stroke->until_dab = at - length;
    }
}

/* The area that the disc sweeps on the way there. */
static void
sweep_to (LimnDocument *self, double x, double y, double radius, double opacity)
{
  const LimnDocumentStroke *stroke = &self->stroke;
  LimnSweep sweep;

  if (stroke->has_point)
    _limn_sweep_init (&sweep, stroke->x, stroke->y, stroke->point_radius, x, y, radius, stroke->hardness);
  else
    _limn_sweep_init (&sweep, x, y, radius, x, y, radius, stroke->hardness);
  sweep.follows = stroke->has_point && sweep.length > 0;
  sweep.level = (guint8) (255 * opacity + 0.5);
  sweep.level_before = (guint8) (255 * stroke->point_opacity + 0.5);
  _limn_document_add_sweep (self, &sweep);
}

/* A movement to (@x, @y), all of it with one opacity. */
static void
move_to (LimnDocument *self, double x, double y, double radius, double opacity)
{
  LimnDocumentStroke *stroke = &self->stroke;

  if (stroke->edges != NULL)
    dab_to (self, x, y, radius, opacity);
  else
    sweep_to (self, x, y, radius, opacity);
  stroke->has_point = TRUE;
  stroke->x = x;
  stroke->y = y;
  stroke->point_radius = radius;
  stroke->point_opacity = opacity;
}

/* In how many steps the opacity goes from @from to @to over @length pixels: too small to be seen, and not more than there are pixels. */
static int
count_steps (double from, double to, double length)
{
  return (int) CLAMP (fabs (to - from) * 128, 1, MAX (1, MIN (length, 64)));
}

void
limn_document_stroke_to_full (LimnDocument *self, double x, double y, double size, double opacity)
{
  LimnDocumentStroke from;
  double radius;
  int n;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  from = self->stroke;
  if (!from.active || !isfinite (x) || !isfinite (y))
    return;
  /* Far outside is as good as where it really was. */
  x = CLAMP (x, -LIMN_IMAGE_MAX_SIDE, 2 * LIMN_IMAGE_MAX_SIDE);
  y = CLAMP (y, -LIMN_IMAGE_MAX_SIDE, 2 * LIMN_IMAGE_MAX_SIDE);
  radius = from.radius * (isfinite (size) ? CLAMP (size, 0, 1) : 1);
  opacity = isfinite (opacity) ? CLAMP (opacity, 0, 1) : 1;
  n = from.has_point ? count_steps (from.point_opacity, opacity, hypot (x - from.x, y - from.y)) : 1;
  for (int i = 1; i < n; i++)
    {
      double t = (double) i / n;

      move_to (self, from.x + (x - from.x) * t, from.y + (y - from.y) * t, from.point_radius + (radius - from.point_radius) * t,
               from.point_opacity + (opacity - from.point_opacity) * t);
    }
  move_to (self, x, y, radius, opacity);
  if (self->is_unhurried && self->stroke.edges == NULL)
    return;
  _limn_document_settle (self);
  _limn_document_publish (self);
}

void
limn_document_stroke_to (LimnDocument *self, double x, double y, double pressure)
{
  limn_document_stroke_to_full (self, x, y, pressure, 1);
}

void
_limn_document_finish_stroke (LimnDocument *self)
{
  LimnDocumentState before;
  const char *label;

  g_assert (LIMN_IS_DOCUMENT (self));

  label = self->stroke.erase ? _("Erase Mask") : _("Paint Mask");
  self->stroke.active = FALSE;
  before = self->stroke.before;
  self->stroke.before = (LimnDocumentState) { 0 };
  g_clear_pointer (&self->stroke.edges, _limn_edge_brush_free);
  g_clear_pointer (&self->stroke.backlog, _limn_document_backlog_free);
  if (self->stroke.coverage != NULL)
    label = _limn_document_end_paint (self, &before);
  if (self->stroke.has_changed)
    _limn_document_push_step (self, &before, label);
  else
    _limn_document_state_clear (&before);
  _limn_document_publish (self);
  _limn_document_resume_mask_edits (self);
}

void
limn_document_end_stroke (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  limn_document_end_labels (self);
  _limn_document_settle (self);
  if (self->stroke.active)
    _limn_document_finish_stroke (self);
}

/* A stroke of which less than this is to be done, in microseconds, ends at once. */
#define LEAVE_BUDGET 2000

void
limn_document_leave_stroke (LimnDocument *self)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!limn_document_is_behind (self))
    {
      limn_document_end_stroke (self);
      return;
    }
  self->stroke.is_left = TRUE;
  _limn_document_publish (self);
  limn_document_catch_up (self, g_get_monotonic_time () + LEAVE_BUDGET);
}

void
limn_document_cancel_stroke (LimnDocument *self)
{
  LimnDocumentState painted;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!self->stroke.active)
    return;
  self->stroke.active = FALSE;
  painted = self->now;
  self->now = self->stroke.before;
  self->stroke.before = (LimnDocumentState) { 0 };
  g_clear_pointer (&self->stroke.coverage, limn_tiles_free);
  g_clear_pointer (&self->stroke.edges, _limn_edge_brush_free);
  g_clear_pointer (&self->stroke.backlog, _limn_document_backlog_free);
  self->mask_bounds_known = FALSE;
  _limn_document_emit_difference (self, &painted);
  _limn_document_state_clear (&painted);
  _limn_document_publish (self);
  _limn_document_resume_mask_edits (self);
}
