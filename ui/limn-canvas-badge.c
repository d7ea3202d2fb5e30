/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is written at the frame: how large it is, how many steps, how long it takes.
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

#include <math.h>

/* From the text to the pill's ends, and from the pill to the frame; logical pixels. */
#define ROOM_X 10
#define ROOM_Y 3
#define GAP 7
/* To the widget's edges. */
#define LEAST_X 2
#define LEAST_Y 5

typedef struct
{
  graphene_rect_t above, below; /* empty: nothing */
} Covers;

static void
get_covers (LimnCanvas *self, Covers *covers)
{
  *covers = (Covers){ 0 };
  if (self->covers != NULL)
    self->covers (self, &covers->above, &covers->below, self->covers_data);
}

static gboolean
is_free (const graphene_rect_t *cover, const graphene_rect_t *pill)
{
  return cover->size.width <= 0 || !graphene_rect_intersection (cover, pill, NULL);
}

/* Below the frame, or within it where there is no room; above what lies over that; else at the
 * frame's upper edge, in the same way. Never out of sight. */
void
_limn_canvas_place_badge (LimnCanvas *self, const graphene_rect_t *frame, graphene_rect_t *pill)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)),
      height = gtk_widget_get_height (GTK_WIDGET (self));
  float top = frame->origin.y, bottom = top + frame->size.height, lowest;
  int text_width, text_height;
  Covers covers;

  get_covers (self, &covers);
  pango_layout_get_pixel_size (self->frame_layout, &text_width, &text_height);
  pill->size.width = text_width + 2 * ROOM_X;
  pill->size.height = text_height + 2 * ROOM_Y;
  pill->origin.x = frame->origin.x + (frame->size.width - pill->size.width) / 2;
  pill->origin.x
      = floorf (CLAMP (pill->origin.x, LEAST_X, MAX (LEAST_X, width - pill->size.width - LEAST_X)));
  lowest = height - pill->size.height - LEAST_Y;
  {
    float over = covers.below.origin.y - pill->size.height - GAP;
    float under = covers.above.origin.y + covers.above.size.height + GAP;
    /* The last two are for frames that are covered, or elsewhere. */
    const float places[] = { bottom + GAP,
                             MIN (bottom, height) - pill->size.height - GAP,
                             MAX (over, top + GAP),
                             MAX (top, 0) + GAP,
                             top - pill->size.height - GAP,
                             MIN (bottom, lowest),
                             over,
                             under };

    for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
      {
        pill->origin.y = floorf (places[i]);
        if (places[i] >= LEAST_Y && places[i] <= lowest && is_free (&covers.above, pill)
            && is_free (&covers.below, pill))
          return;
      }
    pill->origin.y = floorf (MAX (MIN (places[1], lowest), LEAST_Y));
  }
}

void
_limn_canvas_snapshot_badge (LimnCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *frame)
{
  graphene_rect_t pill;
  GskRoundedRect outline;

  if (self->frame_layout == NULL)
    return;
  _limn_canvas_place_badge (self, frame, &pill);
  gsk_rounded_rect_init_from_rect (&outline, &pill, pill.size.height / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.72 }, &pill);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (pill.origin.x + ROOM_X, pill.origin.y + ROOM_Y));
  gtk_snapshot_append_layout (snapshot, self->frame_layout, &(GdkRGBA){ 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

gboolean
limn_canvas_get_badge (LimnCanvas *self, graphene_rect_t *bounds)
{
  graphene_rect_t frame;

  g_return_val_if_fail (LIMN_IS_CANVAS (self), FALSE);

  if (!self->has_frame || self->frame_layout == NULL)
    return FALSE;
  frame = _limn_canvas_rect_to_widget (self, &self->frame);
  _limn_canvas_place_badge (self, &frame, bounds);
  return TRUE;
}

void
limn_canvas_set_covers (LimnCanvas *self, LimnCanvasCovers covers, gpointer user_data)
{
  g_return_if_fail (LIMN_IS_CANVAS (self));

  self->covers = covers;
  self->covers_data = user_data;
}
