/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-canvas-cache.h"
#include "ui/limn-canvas.h"
#include "ui/limn-tool-options.h"
#include "ui/limn-tool.h"
#include "ui/limn-view.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* See limn-canvas-drawn.c. */
typedef struct _LimnCanvasDrawn LimnCanvasDrawn;

struct _LimnCanvas
{
  GtkWidget parent_instance;

  /* Owned */
  LimnDocument *document;
  LimnMips *image;
  LimnMips *mask;
  LimnMips *original; /* while comparing */
  LimnCanvasCache *cache;
  LimnCanvasCache *original_cache;
  LimnToolOptions *options;
  AdwAnimation *wipe;
  GdkTexture *preview;
  LimnImage *rim;        /* see limn-rim.h; NULL for none */
  GdkTexture *rim_shown; /* it in the mask's colour */
  PangoLayout *frame_layout;
  LimnCanvasDrawn *drawn;
  LimnModel *drawn_model; /* nullable: what is drawn is for it */
  GdkRGBA *surround; /* NULL: follow light and dark */

  /* Borrowed: the event controllers belong to the widget */
  GtkGesture *drag;
  GtkGesture *stylus;
  GtkGesture *zoom_gesture;
  GtkEventController *motion;

  LimnView view;
  const LimnTool *tool;
  const LimnTool *gesture_tool; /* of the gesture under way */
  LimnToolContext context;
  LimnToolModifiers modifiers; /* keys held */
  LimnRect preview_rect;
  LimnRect rim_rect;
  GdkRGBA mask_colour;
  int tint; /* of the colours there are, the one that was chosen last; -1: none */
  LimnRect frame;
  LimnCanvasCovers covers; /* nullable */
  gpointer covers_data;
  LimnRect frame_held;       /* as it was when it was taken hold of */
  int frame_edges;           /* LimnFrameEdges that are held; 0: none */
  int frame_hover;           /* and those that the pointer is over */
  double frame_x, frame_y;   /* where it was taken hold of, picture pixels */
  double wipe_amount;          /* 0: the picture, 1: the original */
  double pointer_x, pointer_y; /* logical; where the ring is */
  double pinch_scale;          /* view scale when the pinch began */
  double pinch_x, pinch_y;     /* its last centre */
  double pan_vx, pan_vy;       /* viewport; where a gesture that pauses for panning is */
  guint tick_id;    /* of the next frame's work; 0: there is none */
  gint64 deadline;  /* of the frame under way; 0: see _limn_canvas_take_deadline() */
  LimnTakes drawn_takes;
  double label_opacity;
  int old_width, old_height; /* the document's size before it was resized */

  guint editable : 1;
  guint mask_visible : 1;
  guint tint_fixed : 1; /* the colour was set, not chosen */
  guint compare : 1;
  guint drawn_visible : 1;
  guint has_frame : 1;
  guint frame_movable : 1;
  guint pointer_inside : 1;
  guint space_held : 1;
  guint swap_held : 1;
  guint pick_held : 1;
  guint tab_held : 1;
  guint drag_ignored : 1;
  guint is_painted_due : 1; /* what was painted is to be told when all of it is there */
};

/* Installs gestures and controllers. */
void _limn_canvas_input_init (LimnCanvas *self);
/* A pen, in the widget's coordinates: what the stylus gesture reports, without its events, which
 * only a device can make. */
void _limn_canvas_pen_down (LimnCanvas *self, double x, double y, double pressure, gboolean eraser);
void _limn_canvas_pen_move (LimnCanvas *self, double x, double y, double pressure);
void _limn_canvas_pen_up (LimnCanvas *self);
/* Ends held keys and the gesture under way. */
void _limn_canvas_input_reset (LimnCanvas *self);
/* The cursor that belongs to tool and state. */
void _limn_canvas_update_cursor (LimnCanvas *self);
/* The whole widget: surround, picture, original while comparing, overlay. */
void _limn_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
/* Rim, preview, frame, outline, ring. */
void _limn_canvas_snapshot_overlay (LimnCanvas *self, GtkSnapshot *snapshot);
/* The rim, in the mask's colour as it is now. */
void _limn_canvas_colour_rim (LimnCanvas *self);
/* The mask's colour: chosen where none is set, when there is another picture or the first of a mask. */
void _limn_canvas_tint_init (LimnCanvas *self);
void _limn_canvas_choose_tint (LimnCanvas *self);
void _limn_canvas_mask_empty_cb (LimnDocument *document, GParamSpec *pspec, LimnCanvas *self);
/* What is drawn for models. */
void _limn_canvas_drawn_free (LimnCanvasDrawn *drawn);
void _limn_canvas_snapshot_drawn (LimnCanvas *self, GtkSnapshot *snapshot);
void _limn_canvas_drawn_init (LimnCanvas *self);
/* A key that the tool has a use for. */
gboolean _limn_canvas_press_tool_key (LimnCanvas *self, guint key, GdkModifierType state);
/* What a press where the pointer is would do to a box. */
const char *_limn_canvas_box_cursor (LimnCanvas *self);
/* The model's number for @label, or -1; and its name for a number (transfer full). */
int _limn_canvas_find_label (LimnCanvas *self, const char *label);
char *_limn_canvas_name_label (LimnCanvas *self, int category);
/* @rect of the picture in logical pixels of the widget. */
graphene_rect_t _limn_canvas_rect_to_widget (LimnCanvas *self, const LimnRect *rect);
/* What is written at the frame, which is at @frame of the widget. */
void _limn_canvas_place_badge (LimnCanvas *self, const graphene_rect_t *frame, graphene_rect_t *pill);
void _limn_canvas_snapshot_badge (LimnCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *frame);
/* The frame: an edge that is dragged moves it, a corner makes it larger or smaller. Widget
 * coordinates. TRUE when the press took hold of it; then the others are about it. */
gboolean _limn_canvas_frame_press (LimnCanvas *self, double x, double y);
void _limn_canvas_frame_drag (LimnCanvas *self, double x, double y);
/* TRUE when it has been moved. */
gboolean _limn_canvas_frame_release (LimnCanvas *self);
void _limn_canvas_frame_hover (LimnCanvas *self, double x, double y);
/* The cursor over what is held or would be; NULL: none of the frame's. */
const char *_limn_canvas_frame_cursor (LimnCanvas *self);
/* The expand tool's handles, and the size that the picture will have. */
void _limn_canvas_snapshot_expand (LimnCanvas *self, GtkSnapshot *snapshot);
void _limn_canvas_view_changed (LimnCanvas *self);
/* Before the pyramids are asked for anything: their first levels are the document's tiles as they
 * are now. */
void _limn_canvas_follow_document (LimnCanvas *self);
/* limn-canvas-work.c: what is done before a frame is drawn, and how long that may take. */
void _limn_canvas_work_later (LimnCanvas *self);
/* The gesture has gone on: what of it the document has only noted is painted in the next frames. */
void _limn_canvas_stroke_moved (LimnCanvas *self);
/* A gesture that paints has ended: "mask-painted" when all of it is there. */
void _limn_canvas_painted (LimnCanvas *self);
/* Until when, by g_get_monotonic_time(), the frame that is drawn now may make tiles. */
gint64 _limn_canvas_take_deadline (LimnCanvas *self);
/* limn-canvas-keys.c */
void _limn_canvas_keys_init (LimnCanvas *self);
void _limn_canvas_release_keys (LimnCanvas *self);
/* The tool that a press would use now. */
const LimnTool *_limn_canvas_get_effective_tool (LimnCanvas *self);

G_END_DECLS
