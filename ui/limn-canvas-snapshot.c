/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

static const GdkRGBA surround_light = { 0.502f, 0.502f, 0.502f, 1 };
static const GdkRGBA surround_dark = { 0.188f, 0.188f, 0.188f, 1 };

/* Draws one layer of tiles; asks for another frame when some are still to be made. */
static void
snapshot_tiles (LimnCanvas *self, GtkSnapshot *snapshot, LimnCanvasCache *cache, gint64 deadline)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  LimnRect visible;
  int x, y;

  limn_canvas_cache_set_software (
      cache,
      GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (self)))));
  limn_view_get_origin (&self->view, &x, &y);
  visible
      = (LimnRect){ -x, -y, (int)ceil (self->view.view_width), (int)ceil (self->view.view_height) };
  if (!limn_canvas_cache_prepare (cache, &visible, deadline))
    _limn_canvas_work_later (self);
  limn_canvas_cache_draw (cache, snapshot, &visible, x, y, factor);
}

static void
snapshot_original (LimnCanvas *self, GtkSnapshot *snapshot, gint64 deadline)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)),
      height = gtk_widget_get_height (GTK_WIDGET (self));
  LimnTiles *tiles = limn_document_get_original (self->document);
  double edge = width * self->wipe_amount;

  /* Before an upscale the picture was smaller: show it as large as it is now. */
  limn_canvas_cache_set_scale (self->original_cache, self->view.scale * self->view.picture_width
                                                         / limn_tiles_get_width (tiles));
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)edge, height));
  snapshot_tiles (self, snapshot, self->original_cache, deadline);
  gtk_snapshot_pop (snapshot);
  if (self->wipe_amount < 1)
    gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 0.9f },
                               &GRAPHENE_RECT_INIT ((float)edge - 1, 0, 2, height));
}

void
_limn_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LimnCanvas *self = LIMN_CANVAS (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  gint64 deadline = _limn_canvas_take_deadline (self);
  const GdkRGBA *surround = self->surround;

  if (surround == NULL)
    surround = adw_style_manager_get_dark (adw_style_manager_get_default ()) ? &surround_dark
                                                                             : &surround_light;
  gtk_snapshot_push_clip (snapshot, &bounds);
  gtk_snapshot_append_color (snapshot, surround, &bounds);
  if (self->document != NULL)
    {
      _limn_canvas_follow_document (self);
      snapshot_tiles (self, snapshot, self->cache, deadline);
      if (self->wipe_amount > 0 && self->original != NULL)
        snapshot_original (self, snapshot, deadline);
      _limn_canvas_snapshot_overlay (self, snapshot);
    }
  gtk_snapshot_pop (snapshot);
}
