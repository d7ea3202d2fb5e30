/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-document.h"
#include "ui/limn-mips.h"
#include "ui/limn-tool-options.h"

G_BEGIN_DECLS

#define LIMN_TYPE_CANVAS (limn_canvas_get_type ())
/**
 * LimnCanvas: shows a document, zoomed and panned, and hands gestures to the current tool.
 *
 * Properties: "document" LimnDocument or NULL, "tool" string (a LimnTool's name), "brush-size"
 * double (diameter, picture pixels), "brush-hardness" double 0..1, "editable" boolean (FALSE:
 * gestures only pan), "zoom" double (read-only, 1 = 100 %), "mask-visible" boolean, "compare"
 * boolean (shows the picture as it was before the pending result). Signals: "stroke-begin": a tool
 * is about to change something. "mask-painted": it has. "expand" (LimnMargins
 * *margins): the picture's edges were dragged outwards by so much. "frame-moved" (LimnRect
 * *rect): the frame was dragged there. "drawn-selected": another box is selected, or it has changed.
 * "edit-label" (guint i): box i, from 1, is to be given a label. "pick-label" (guint label): that one
 * was taken up, as maps of labels have it. "edit-mask" (const
 * LimnMaskEdit *edit): a tool wants this to be done.
 */
G_DECLARE_FINAL_TYPE (LimnCanvas, limn_canvas, LIMN, CANVAS, GtkWidget)

LimnDocument *limn_canvas_get_document (LimnCanvas *self);
void limn_canvas_set_document (LimnCanvas *self, LimnDocument *document);
void limn_canvas_set_tool (LimnCanvas *self, const char *name);
const char *limn_canvas_get_tool (LimnCanvas *self);
/* What is set for the tools (borrowed); brush-size and brush-hardness are two of them. */
LimnToolOptions *limn_canvas_get_options (LimnCanvas *self);
/* Gives up what a tool has begun: TRUE when there was something. */
gboolean limn_canvas_cancel_gesture (LimnCanvas *self);
void limn_canvas_set_mask_visible (LimnCanvas *self, gboolean visible);
void limn_canvas_set_compare (LimnCanvas *self, gboolean compare);
gboolean limn_canvas_get_compare (LimnCanvas *self);

double limn_canvas_get_zoom (LimnCanvas *self);
/* Zooms about the pointer when it is over the canvas, else about the middle. */
void limn_canvas_zoom_to (LimnCanvas *self, double zoom);
void limn_canvas_zoom_step (LimnCanvas *self, int direction);
void limn_canvas_zoom_fit (LimnCanvas *self);
/* Logical pixels. */
void limn_canvas_pan (LimnCanvas *self, double dx, double dy);

/* NULL @surround: follow light and dark. */
void limn_canvas_set_surround (LimnCanvas *self, const GdkRGBA *surround);
/* @colour: (nullable): NULL: one that is seen over the picture, chosen anew for each mask. */
void limn_canvas_set_mask_colour (LimnCanvas *self, const GdkRGBA *colour);
/* The one that is shown. */
void limn_canvas_get_mask_colour (LimnCanvas *self, GdkRGBA *colour);
/* A thin frame on the picture with a line of text under it; NULL @rect for none. @rect may hang
 * over the picture's edge. */
void limn_canvas_set_frame (LimnCanvas *self, const LimnRect *rect, const char *text);
/* Where that text is, in the widget's coordinates; FALSE when there is none. */
gboolean limn_canvas_get_badge (LimnCanvas *self, graphene_rect_t *bounds);
/* Asked, with each frame, what lies over the canvas, in its coordinates: at its upper end, and at its
 * lower one; empty: nothing. The text gets out of their way. Whoever changes them draws the canvas
 * again. */
typedef void (*LimnCanvasCovers) (LimnCanvas *self,
                                  graphene_rect_t *above,
                                  graphene_rect_t *below,
                                  gpointer user_data);
void limn_canvas_set_covers (LimnCanvas *self, LimnCanvasCovers covers, gpointer user_data);
/* FALSE when there is none. */
gboolean limn_canvas_get_frame (LimnCanvas *self, LimnRect *rect);
/* Whether it can be dragged, by its edges to another place, by its corners to another size. */
void limn_canvas_set_frame_movable (LimnCanvas *self, gboolean movable);
/* What changes around the mask (limn-rim.h), shown over @rect while the mask is; NULL for none. */
void limn_canvas_set_rim (LimnCanvas *self, LimnImage *rim, const LimnRect *rect);
gboolean limn_canvas_has_rim (LimnCanvas *self);
/* Drawn over @rect of the picture; NULL for none. */
void limn_canvas_set_preview (LimnCanvas *self, GdkTexture *preview, const LimnRect *rect);
/* What is drawn to tell @model (nullable) what to make is shown, and can be drawn on. */
void limn_canvas_set_drawn_model (LimnCanvas *self, LimnModel *model);
void limn_canvas_set_drawn_visible (LimnCanvas *self, gboolean visible);
/* 0 .. 1: of the map of labels. */
void limn_canvas_set_label_opacity (LimnCanvas *self, double opacity);
/* What the label brush draws, as maps of labels have it. */
void limn_canvas_set_label (LimnCanvas *self, guint8 label);
guint8 limn_canvas_get_label (LimnCanvas *self);
/* The selected box, from 1; 0: none. */
guint limn_canvas_get_selected_box (LimnCanvas *self);
/* A box in the middle; the selected one goes; box @i has a label, and the next new ones, too. */
void limn_canvas_add_box (LimnCanvas *self);
void limn_canvas_delete_box (LimnCanvas *self);
void limn_canvas_set_box_label (LimnCanvas *self, guint i, const char *label);
/* Where box @i is shown; FALSE when there is none. */
gboolean limn_canvas_get_box_place (LimnCanvas *self, guint i, GdkRectangle *place);
/* Where picture pixel (@x, @y) is shown, in the widget's coordinates. */
void limn_canvas_get_position (LimnCanvas *self, double x, double y, double *wx, double *wy);

G_END_DECLS
