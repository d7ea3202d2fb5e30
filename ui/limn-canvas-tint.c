/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The colour in which the mask is shown.
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

#include "ui/limn-mask-colour.h"

static void
show (LimnCanvas *self, const GdkRGBA *colour)
{
  if (gdk_rgba_equal (&self->mask_colour, colour))
    return;
  self->mask_colour = *colour;
  limn_canvas_cache_set_mask_colour (self->cache, colour);
  _limn_canvas_colour_rim (self);
}

/* What of the picture is seen. */
static LimnRect
get_visible (LimnCanvas *self)
{
  double x0, y0, x1, y1;

  limn_view_to_picture (&self->view, 0, 0, &x0, &y0);
  limn_view_to_picture (&self->view, self->view.view_width, self->view.view_height, &x1, &y1);
  x0 = CLAMP (x0, 0, self->view.picture_width);
  y0 = CLAMP (y0, 0, self->view.picture_height);
  x1 = CLAMP (ceil (x1), x0, self->view.picture_width);
  y1 = CLAMP (ceil (y1), y0, self->view.picture_height);
  return (LimnRect){ (int)x0, (int)y0, (int)(x1 - x0), (int)(y1 - y0) };
}

void
_limn_canvas_choose_tint (LimnCanvas *self)
{
  LimnRect visible;
  GdkRGBA colour;

  if (self->tint_fixed || self->document == NULL)
    return;
  visible = get_visible (self);
  self->tint
      = limn_mask_colour_choose (limn_document_peek_image (self->document), &visible, self->tint);
  limn_mask_colour_get (self->tint, &colour);
  show (self, &colour);
}

/* While there is a mask, it keeps its colour: only another one may have another. */
static void
stroke_begin_cb (LimnCanvas *self, gpointer user_data)
{
  gboolean empty = FALSE;

  if (self->document != NULL)
    g_object_get (self->document, "mask-empty", &empty, NULL);
  if (empty)
    _limn_canvas_choose_tint (self);
}

void
_limn_canvas_mask_empty_cb (LimnDocument *document, GParamSpec *pspec, LimnCanvas *self)
{
  gboolean empty = TRUE;

  g_assert (LIMN_IS_CANVAS (self));

  g_object_get (document, "mask-empty", &empty, NULL);
  if (!empty)
    _limn_canvas_choose_tint (self);
}

void
limn_canvas_set_mask_colour (LimnCanvas *self, const GdkRGBA *colour)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  self->tint_fixed = colour != NULL;
  if (colour != NULL)
    show (self, colour);
  else
    _limn_canvas_choose_tint (self);
}

void
limn_canvas_get_mask_colour (LimnCanvas *self, GdkRGBA *colour)
{
  g_return_if_fail (LIMN_IS_CANVAS (self) && colour != NULL);

  *colour = self->mask_colour;
}

void
_limn_canvas_tint_init (LimnCanvas *self)
{
  GdkRGBA colour;

  self->tint = -1;
  limn_mask_colour_get (0, &colour);
  show (self, &colour);
  g_signal_connect (self, "stroke-begin", G_CALLBACK (stroke_begin_cb), NULL);
}
