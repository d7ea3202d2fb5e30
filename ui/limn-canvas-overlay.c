/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

#include "ui/limn-paint-tool.h"
#include "ui/limn-rim.h"

static const GdkRGBA white = { 1, 1, 1, 0.95 };
static const GdkRGBA black = { 0, 0, 0, 0.6 };

graphene_rect_t
_limn_canvas_rect_to_widget (LimnCanvas *self, const LimnRect *rect)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  LimnRect device;

  limn_view_rect_to_viewport (&self->view, rect, &device);
  return GRAPHENE_RECT_INIT ((float)device.x / factor, (float)device.y / factor,
                             (float)device.width / factor, (float)device.height / factor);
}

static void
append_outline (GtkSnapshot *snapshot,
                const GskRoundedRect *outline,
                float width,
                const GdkRGBA *colour)
{
  const float widths[4] = { width, width, width, width };
  const GdkRGBA colours[4] = { *colour, *colour, *colour, *colour };

  gtk_snapshot_append_border (snapshot, outline, widths, colours);
}

/* A light line with a dark one around it is seen on any picture. */
static void
append_two_tone (GtkSnapshot *snapshot, const graphene_rect_t *bounds, float radius)
{
  GskRoundedRect inner, outer;

  gsk_rounded_rect_init_from_rect (&inner, bounds, radius);
  outer = inner;
  gsk_rounded_rect_shrink (&outer, -1, -1, -1, -1);
  append_outline (snapshot, &outer, 1, &black);
  append_outline (snapshot, &inner, 1, &white);
}

static void
snapshot_ring (LimnCanvas *self, GtkSnapshot *snapshot)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  const LimnToolSettings *settings = limn_tool_options_get (self->options);
  gboolean stops = settings->stop_at_edges
                   && (_limn_canvas_get_effective_tool (self)->flags & LIMN_TOOL_HAS_EDGES);
  double size = stops ? MIN (settings->size, LIMN_EDGES_MAX_SIZE) : settings->size;
  float radius = size / 2 * self->view.scale / factor;
  graphene_rect_t bounds;

  /* A ring too small to see becomes a small cross-hair sized one. */
  radius = MAX (radius, 2);
  bounds = GRAPHENE_RECT_INIT (self->pointer_x - radius, self->pointer_y - radius, 2 * radius,
                               2 * radius);
  append_two_tone (snapshot, &bounds, radius);
  /* What is like what is in the middle is taken, and no more: that is marked. */
  if (stops && radius > 8)
    {
      graphene_rect_inset (&bounds, radius - 2, radius - 2);
      append_two_tone (snapshot, &bounds, 2);
    }
}

/* What the eyedropper would take, above what there is, around the pointer. */
static void
snapshot_sample (LimnCanvas *self, GtkSnapshot *snapshot)
{
  const double radius = 22, width = 10;
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  const GdkRGBA *old = &limn_tool_options_get (self->options)->colour;
  guint8 colour[3];
  double x, y;
  cairo_t *cr;

  limn_view_to_picture (&self->view, self->pointer_x * factor, self->pointer_y * factor, &x, &y);
  if (!limn_eyedropper_get_colour (limn_document_get_image (self->document), x, y,
                                   self->view.scale, colour))
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (self->pointer_x - 32, self->pointer_y - 32, 64, 64));
  cairo_arc (cr, self->pointer_x, self->pointer_y, radius, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, &black);
  cairo_set_line_width (cr, width + 4);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &white);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke (cr);
  cairo_set_line_width (cr, width);
  cairo_arc (cr, self->pointer_x, self->pointer_y, radius, G_PI, 2 * G_PI);
  cairo_set_source_rgb (cr, colour[0] / 255.0, colour[1] / 255.0, colour[2] / 255.0);
  cairo_stroke (cr);
  cairo_arc (cr, self->pointer_x, self->pointer_y, radius, 0, G_PI);
  cairo_set_source_rgb (cr, old->red, old->green, old->blue);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
trace_outline (LimnCanvas *self, cairo_t *cr)
{
  const GArray *outline = self->context.outline;
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  for (guint i = 0; i < outline->len + (self->context.pending ? 1 : 0); i++)
    {
      const LimnPoint *point
          = i < outline->len ? &g_array_index (outline, LimnPoint, i) : &self->context.hover;
      double x, y;

      limn_view_to_viewport (&self->view, point->x, point->y, &x, &y);
      cairo_line_to (cr, x / factor, y / factor);
    }
  cairo_close_path (cr);
}

/* The same two tones as everywhere, dashed: what is being outlined is not there yet. */
static void
snapshot_outline (LimnCanvas *self, GtkSnapshot *snapshot)
{
  const double dashes[2] = { 5, 4 };
  int width = gtk_widget_get_width (GTK_WIDGET (self)),
      height = gtk_widget_get_height (GTK_WIDGET (self));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  trace_outline (self, cr);
  gdk_cairo_set_source_rgba (cr, &black);
  cairo_set_line_width (cr, 2.5);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &white);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
  if (self->context.pending)
    {
      const LimnPoint *first = &g_array_index (self->context.outline, LimnPoint, 0);
      LimnRect corner = { (int)floor (first->x), (int)floor (first->y), 1, 1 };
      graphene_rect_t bounds = _limn_canvas_rect_to_widget (self, &corner);

      graphene_rect_inset (&bounds, bounds.size.width / 2 - 4, bounds.size.height / 2 - 4);
      append_two_tone (snapshot, &bounds, 4);
    }
  cairo_destroy (cr);
}

void
_limn_canvas_snapshot_overlay (LimnCanvas *self, GtkSnapshot *snapshot)
{
  if (self->preview == NULL)
    _limn_canvas_snapshot_drawn (self, snapshot);
  if (self->rim_shown != NULL && self->mask_visible && !self->compare)
    {
      graphene_rect_t bounds = _limn_canvas_rect_to_widget (self, &self->rim_rect);

      gtk_snapshot_append_texture (snapshot, self->rim_shown, &bounds);
    }
  if (self->preview != NULL && !self->compare)
    {
      graphene_rect_t bounds = _limn_canvas_rect_to_widget (self, &self->preview_rect);

      gtk_snapshot_append_texture (snapshot, self->preview, &bounds);
    }
  if (self->has_frame && !self->compare)
    {
      graphene_rect_t bounds = _limn_canvas_rect_to_widget (self, &self->frame);

      append_two_tone (snapshot, &bounds, 2);
      _limn_canvas_snapshot_badge (self, snapshot, &bounds);
    }
  if (self->editable && g_str_equal (_limn_canvas_get_effective_tool (self)->name, "expand"))
    _limn_canvas_snapshot_expand (self, snapshot);
  if (self->context.outline != NULL && self->context.outline->len > 0)
    snapshot_outline (self, snapshot);
  if (self->pointer_inside && self->editable && _limn_canvas_frame_cursor (self) == NULL
      && (_limn_canvas_get_effective_tool (self)->flags & (LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_SIZE)))
    snapshot_ring (self, snapshot);
  if (self->pointer_inside && self->editable
      && g_str_equal (_limn_canvas_get_effective_tool (self)->name, "eyedropper"))
    snapshot_sample (self, snapshot);
}

void
limn_canvas_set_frame (LimnCanvas *self, const LimnRect *rect, const char *text)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  /* One that is being dragged stays in the hand. */
  if (self->frame_edges != 0 && rect != NULL)
    return;
  self->has_frame = rect != NULL;
  if (rect != NULL)
    self->frame = *rect;
  else
    self->frame_edges = self->frame_hover = 0;
  g_clear_object (&self->frame_layout);
  if (rect != NULL && text != NULL && *text != '\0')
    self->frame_layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_limn_canvas_colour_rim (LimnCanvas *self)
{
  g_clear_object (&self->rim_shown);
  if (self->rim != NULL)
    self->rim_shown = limn_rim_to_texture (self->rim, &self->mask_colour);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
limn_canvas_set_rim (LimnCanvas *self, LimnImage *rim, const LimnRect *rect)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));
  g_return_if_fail (rim == NULL || rect != NULL);

  if (rim == NULL && self->rim == NULL)
    return;
  g_clear_pointer (&self->rim, limn_image_unref);
  if (rim != NULL)
    {
      self->rim = limn_image_ref (rim);
      self->rim_rect = *rect;
    }
  _limn_canvas_colour_rim (self);
}

gboolean
limn_canvas_has_rim (LimnCanvas *self)
{
  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  return self->rim != NULL;
}

void
limn_canvas_set_preview (LimnCanvas *self, GdkTexture *preview, const LimnRect *rect)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));
  g_return_if_fail (preview == NULL || rect != NULL);

  g_set_object (&self->preview, preview);
  if (rect != NULL)
    self->preview_rect = *rect;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
