/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

#include "ui/limn-expand-tool.h"
#include "ui/limn-words.h"

/* Half the side of a handle, logical pixels. */
#define HANDLE 4.0

/* The canvas as it would be, picture pixels. */
static LimnRect
future_canvas (LimnCanvas *self, LimnMargins *margins)
{
  LimnRect rect = { 0, 0, limn_document_get_width (self->document),
                    limn_document_get_height (self->document) };

  *margins = (LimnMargins){ 0 };
  self->context.document = self->document;
  if (limn_expand_tool_get_margins (&self->context, margins))
    rect = (LimnRect){ -margins->left, -margins->top, rect.width + margins->left + margins->right,
                       rect.height + margins->top + margins->bottom };
  return rect;
}

static void
draw_handles (cairo_t *cr, double x, double y, double width, double height)
{
  for (int i = 0; i < 9; i++)
    {
      double cx = x + width * (i % 3) / 2, cy = y + height * (i / 3) / 2;

      if (i == 4)
        continue;
      cairo_rectangle (cr, rint (cx) - HANDLE, rint (cy) - HANDLE, 2 * HANDLE, 2 * HANDLE);
    }
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* How large it will be, in its middle. */
static void
draw_size (LimnCanvas *self, cairo_t *cr, const LimnRect *rect, double x, double y)
{
  g_autofree char *text = limn_words_size (rect->width, rect->height);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  x = CLAMP (x - width / 2.0, 12, MAX (12, gtk_widget_get_width (GTK_WIDGET (self)) - width - 12));
  y = CLAMP (y - height / 2.0, 8, MAX (8, gtk_widget_get_height (GTK_WIDGET (self)) - height - 8));
  cairo_rectangle (cr, floor (x) - 8, floor (y) - 3, width + 16, height + 6);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.72);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_move_to (cr, floor (x), floor (y));
  pango_cairo_show_layout (cr, layout);
}

void
_limn_canvas_snapshot_expand (LimnCanvas *self, GtkSnapshot *snapshot)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                            gtk_widget_get_height (GTK_WIDGET (self)));
  double x0, y0, x1, y1;
  LimnMargins margins;
  LimnRect rect;
  cairo_t *cr;

  if (self->document == NULL)
    return;
  rect = future_canvas (self, &margins);
  limn_view_to_viewport (&self->view, rect.x, rect.y, &x0, &y0);
  limn_view_to_viewport (&self->view, rect.x + rect.width, rect.y + rect.height, &x1, &y1);
  cr = gtk_snapshot_append_cairo (snapshot, &all);
  draw_handles (cr, x0 / factor, y0 / factor, (x1 - x0) / factor, (y1 - y0) / factor);
  if (!limn_margins_are_empty (&margins))
    draw_size (self, cr, &rect, (x0 + x1) / 2 / factor, (y0 + y1) / 2 / factor);
  cairo_destroy (cr);
}
