/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-canvas-private.h"

/* What one frame may spend, microseconds: on painting what the brush went over, and on that and
 * making tiles of what is seen. GTK draws in what is left of the 8 ms. */
#define STROKE_BUDGET 2500
#define FRAME_BUDGET 4500
/* So much of it is left for tiles whatever painting took: what is painted is to be seen. */
#define TILE_BUDGET 1500

static gboolean
work_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  LimnCanvas *self = LIMN_CANVAS (widget);
  gint64 now = g_get_monotonic_time ();

  self->tick_id = 0;
  self->deadline = now + FRAME_BUDGET;
  if (self->document != NULL && !limn_document_catch_up (self->document, now + STROKE_BUDGET))
    _limn_canvas_work_later (self);
  else if (self->is_painted_due)
    {
      self->is_painted_due = FALSE;
      g_signal_emit_by_name (self, "mask-painted");
    }
  gtk_widget_queue_draw (widget);
  return G_SOURCE_REMOVE;
}

void
_limn_canvas_work_later (LimnCanvas *self)
{
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), work_cb, NULL, NULL);
}

void
_limn_canvas_stroke_moved (LimnCanvas *self)
{
  if (self->document != NULL && limn_document_is_behind (self->document))
    _limn_canvas_work_later (self);
}

void
_limn_canvas_painted (LimnCanvas *self)
{
  if (self->document != NULL && limn_document_is_behind (self->document))
    self->is_painted_due = TRUE;
  else
    g_signal_emit_by_name (self, "mask-painted");
}

gint64
_limn_canvas_take_deadline (LimnCanvas *self)
{
  gint64 now = g_get_monotonic_time (), deadline = self->deadline;

  self->deadline = 0;
  /* A frame that nothing was painted in has all of its time. */
  return deadline > 0 ? MAX (deadline, now + TILE_BUDGET) : now + FRAME_BUDGET;
}
