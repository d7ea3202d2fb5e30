/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-private.h"

/*
 * A stroke is the area swept by a disc whose centre and radius go linearly from point to point: what dabs would
 * cover at a spacing of nothing. So it does not depend on how many points a movement is reported in, and every pixel is
 * worked out once. Coverage is combined by maximum (erasing: the mask by minimum of what is left), so that a soft brush does not
 * build up where a stroke crosses itself.
 */

/* One movement, x (s) = x0 + ux s, y (s) = y0 + uy s, r (s) = r0 + k s for 0 <= s <= length. */
typedef struct
{
  double x0, y0, r0, r1;
  double ux, uy, length, k;
  double lean;      /* k / sqrt (1 - k^2): where on the line the disc is that reaches a pixel first */
  double hardness;
  gboolean follows; /* what its first disc covers has been painted by the movement before */
} Sweep;

static void
sweep_init (Sweep *s, double x0, double y0, double r0, double x1, double y1, double r1, double hardness)
{
  double dx = x1 - x0, dy = y1 - y0;
  double length = sqrt (dx * dx + dy * dy);

  *s = (Sweep) { .x0 = x0, .y0 = y0, .r0 = r0, .r1 = r1, .hardness = hardness };
  if (length < 1e-6 || fabs (r1 - r0) >= length)
    {
      /* One of the discs covers the other. */
      if (r1 > r0 || length < 1e-6)
        s->x0 = x1, s->y0 = y1, s->r0 = MAX (r0, r1);
      s->r1 = s->r0;
      return;
    }
  s->length = length;
  s->ux = dx / length;
  s->uy = dy / length;
  s->k = (r1 - r0) / length;
  s->lean = s->k / sqrt (1 - s->k * s->k);
}

/* Edge of the brush: 255 up to hardness times the radius, then smoothly down to 0; never steeper than one pixel. */
static inline guint8
coverage (double distance2, double radius, double hardness)
{
  double outer = radius + 0.5;
  double inner = MIN (radius * hardness, radius - 0.5);
  float t;

  if (distance2 >= outer * outer)
    return 0;
  if (inner > 0 && distance2 <= inner * inner)
    return 255;
  /* Single precision is plenty for eight bits, and this is what a large brush spends its time in. */
  t = (float) ((outer - sqrtf ((float) distance2)) / (outer - inner));
  t = CLAMP (t, 0.0f, 1.0f);
  /* A brush smaller than a pixel covers a part of one. */
  return (guint8) (255 * t * t * (3 - 2 * t) * (radius < 0.5 ? (float) (2 * radius) : 1.0f) + 0.5f);
}

static inline guint8
sweep_coverage (const Sweep *s, double x, double y)
{
  double px = x - s->x0, py = y - s->y0;
  double along = px * s->ux + py * s->uy;
  double across = fabs (px * s->uy - py * s->ux);
  double at = along + across * s->lean;
  double dx, dy;

  if (at <= 0 && s->follows)
    return 0;
  at = CLAMP (at, 0.0, s->length);
  dx = px - at * s->ux;
  dy = py - at * s->uy;
  return coverage (dx * dx + dy * dy, s->r0 + s->k * at, s->hardness);
}

/* Pixels of @clip that the sweep may touch. */
static gboolean
sweep_bounds (const Sweep *s, const LimnRect *clip, LimnRect *bounds)
{
  double x1 = s->x0 + s->ux * s->length, y1 = s->y0 + s->uy * s->length;
  /* Far outside of any picture is as good as where the pointer really was, and fits into an int. */
  const double far = 1e6;
  int left = (int) floor (CLAMP (MIN (s->x0 - s->r0, x1 - s->r1) - 1, -far, far));
  int top = (int) floor (CLAMP (MIN (s->y0 - s->r0, y1 - s->r1) - 1, -far, far));
  int right = (int) ceil (CLAMP (MAX (s->x0 + s->r0, x1 + s->r1) + 1, -far, far));
  int bottom = (int) ceil (CLAMP (MAX (s->y0 + s->r0, y1 + s->r1) + 1, -far, far));
  LimnRect all = { left, top, right - left + 1, bottom - top + 1 };

  return limn_rect_intersect (&all, clip, bounds);
}

/* Columns x0 .. x1 - 1 of row @y that the band around a slanting sweep crosses; the bounding box of a long diagonal is mostly empty. */
static void
sweep_row (const Sweep *s, int y, int *x0, int *x1)
{
  double r = MAX (s->r0, s->r1) + 1;
  double left, right, middle;

  if (s->length == 0 || fabs (s->uy) < 0.05)
    return;
  middle = s->x0 + (y + 0.5 - s->y0) * s->ux / s->uy;
  left = middle - r / fabs (s->uy);
  right = middle + r / fabs (s->uy);
  if (left > *x0)
    *x0 = left < *x1 ? (int) left : *x1;
  if (right + 1 < *x1)
    *x1 = right + 1 > *x0 ? (int) (right + 1) : *x0;
}

/* Paints @part, which lies within one tile. The tile is made the mask's own when its first byte changes. */
static gboolean
sweep_tile (LimnTiles *mask, const Sweep *s, const LimnRect *part, gboolean erase)
{
  int tx = part->x / LIMN_TILE_SIZE, ty = part->y / LIMN_TILE_SIZE;
  const guint8 *tile = limn_tiles_read (mask, tx, ty);
  guint8 *own = NULL;

  for (int y = part->y; y < part->y + part->height; y++)
    {
      gsize row = (gsize) (y - ty * LIMN_TILE_SIZE) * LIMN_TILE_SIZE;
      int x0 = part->x, x1 = part->x + part->width;

      sweep_row (s, y, &x0, &x1);
      for (int x = x0; x < x1; x++)
        {
          gsize i = row + (x - tx * LIMN_TILE_SIZE);
          guint8 c = tile[i] == (erase ? 0 : 255) ? 0 : sweep_coverage (s, x + 0.5, y + 0.5);
          guint8 value = erase ? MIN (tile[i], 255 - c) : MAX (tile[i], c);

          if (value == tile[i])
            continue;
          if (own == NULL)
            tile = own = limn_tiles_write (mask, tx, ty);
          own[i] = value;
        }
    }
  return own != NULL;
}

/* Paints a movement and says where something changed. */
static void
paint_sweep (LimnDocument *self, const Sweep *s)
{
  LimnRect all = { 0, 0, limn_document_get_width (self), limn_document_get_height (self) };
  LimnRect bounds, dirty = { 0 };

  if (!sweep_bounds (s, &all, &bounds))
    return;
  for (int ty = bounds.y / LIMN_TILE_SIZE; ty <= (bounds.y + bounds.height - 1) / LIMN_TILE_SIZE; ty++)
    for (int tx = bounds.x / LIMN_TILE_SIZE; tx <= (bounds.x + bounds.width - 1) / LIMN_TILE_SIZE; tx++)
      {
        LimnRect tile = { tx * LIMN_TILE_SIZE, ty * LIMN_TILE_SIZE, LIMN_TILE_SIZE, LIMN_TILE_SIZE }, part;

        if (limn_rect_intersect (&tile, &bounds, &part) && sweep_tile (self->now.mask, s, &part, self->stroke.erase))
          limn_rect_union (&dirty, &part, &dirty);
      }
  if (limn_rect_is_empty (&dirty))
    return;

  self->mask_bounds_known = FALSE;
  self->stroke.has_changed = TRUE;
  _limn_document_emit_changed (self, &dirty, LIMN_LAYER_MASK);
}

void
limn_document_begin_stroke (LimnDocument *self, gboolean erase, double radius, double hardness)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (isfinite (radius) && isfinite (hardness));

  limn_document_end_stroke (self);
  self->stroke = (LimnDocumentStroke) {
    .active = TRUE,
    .erase = erase,
    .radius = CLAMP (radius, 0.1, LIMN_IMAGE_MAX_SIDE),
    .hardness = CLAMP (hardness, 0, 1),
  };
  _limn_document_state_copy (&self->now, &self->stroke.before);
  _limn_document_publish (self);
}

void
limn_document_stroke_to (LimnDocument *self, double x, double y, double pressure)
{
  LimnDocumentStroke *stroke;
  Sweep sweep;
  double radius;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  stroke = &self->stroke;
  if (!stroke->active || !isfinite (x) || !isfinite (y))
    return;
  radius = stroke->radius * (isfinite (pressure) ? CLAMP (pressure, 0, 1) : 1);
  if (stroke->has_point)
    sweep_init (&sweep, stroke->x, stroke->y, stroke->point_radius, x, y, radius, stroke->hardness);
  else
    sweep_init (&sweep, x, y, radius, x, y, radius, stroke->hardness);
  sweep.follows = stroke->has_point && sweep.length > 0;
  stroke->has_point = TRUE;
  stroke->x = x;
  stroke->y = y;
  stroke->point_radius = radius;
  paint_sweep (self, &sweep);
  _limn_document_publish (self);
}

void
limn_document_end_stroke (LimnDocument *self)
{
  LimnDocumentState before;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (!self->stroke.active)
    return;
  self->stroke.active = FALSE;
  before = self->stroke.before;
  self->stroke.before = (LimnDocumentState) { 0 };
  if (self->stroke.has_changed)
    _limn_document_push_step (self, &before, self->stroke.erase ? _("Erase Mask") : _("Paint Mask"));
  else
    _limn_document_state_clear (&before);
  _limn_document_publish (self);
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
  self->mask_bounds_known = FALSE;
  _limn_document_emit_difference (self, &painted);
  _limn_document_state_clear (&painted);
  _limn_document_publish (self);
}
