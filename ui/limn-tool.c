/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-tool.h"

#include <glib/gi18n.h>

#include "ui/limn-box-tool.h"
#include "ui/limn-brush-tool.h"
#include "ui/limn-expand-tool.h"
#include "ui/limn-label-tool.h"
#include "ui/limn-paint-tool.h"
#include "ui/limn-shape-tool.h"
#include "ui/limn-wand-tool.h"

static void
pan_press (LimnToolContext *context, const LimnToolPoint *point)
{
}

static void
pan_move (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->pan != NULL)
    context->pan (point->vx - context->last.vx, point->vy - context->last.vy, context->user_data);
}

static void
pan_end (LimnToolContext *context)
{
}

#define BRUSH(press) press, limn_brush_tool_move, limn_brush_tool_release, limn_brush_tool_cancel
#define SHAPE(press, move) press, move, limn_shape_tool_release, limn_shape_tool_cancel
#define LABEL_CLICK(released)                                                                      \
  .press = limn_label_click_press, .move = limn_label_click_move, .release = released,             \
  .cancel = limn_label_click_cancel

static const LimnTool tools[] = {
  { "brush", N_ ("Brush over what should change"), "limn-brush-symbolic", "b", "none",
    LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_EDGES, BRUSH (limn_brush_tool_press), NULL, NULL, NULL,
    "eraser",
    .hint = N_ ("Brush over what should change") },
  { "eraser", N_ ("Erase from the mask"), "limn-eraser-symbolic", "e", "none",
    LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_EDGES, BRUSH (limn_eraser_tool_press), NULL, NULL, NULL, "brush" },
  { "rectangle", N_ ("Mask a rectangle"), "limn-rectangle-symbolic", "r", "crosshair",
    LIMN_TOOL_HAS_MODE, SHAPE (limn_rectangle_tool_press, limn_rectangle_tool_move), NULL, NULL,
    NULL,
    .hint = N_ ("Drag a rectangle over what should change") },
  { "ellipse", N_ ("Mask an ellipse"), "limn-ellipse-symbolic", "o", "crosshair",
    LIMN_TOOL_HAS_MODE, SHAPE (limn_rectangle_tool_press, limn_ellipse_tool_move), NULL, NULL,
    NULL,
    .hint = N_ ("Drag an ellipse over what should change") },
  { "lasso", N_ ("Draw around what should change"), "limn-lasso-symbolic", "l", "crosshair",
    LIMN_TOOL_HAS_MODE, SHAPE (limn_lasso_tool_press, limn_lasso_tool_move), NULL, NULL, NULL,
    .hint = N_ ("Draw around what should change") },
  { "polygon", N_ ("Click around what should change"), "limn-polygon-symbolic", "p", "crosshair",
    LIMN_TOOL_HAS_MODE, limn_polygon_tool_press, limn_polygon_tool_move, limn_polygon_tool_release,
    limn_shape_tool_cancel, limn_polygon_tool_move, limn_polygon_tool_finish,
    limn_polygon_tool_back,
    .hint = N_ ("Click around what should change") },
  { "wand", N_ ("Mask what has one colour"), "limn-wand-symbolic", "w", "crosshair",
    LIMN_TOOL_HAS_MODE | LIMN_TOOL_HAS_TOLERANCE | LIMN_TOOL_HAS_CONTIGUOUS, limn_wand_tool_press,
    limn_wand_tool_move, limn_wand_tool_release, limn_wand_tool_cancel, NULL, NULL, NULL,
    .hint = N_ ("Click on a colour that should change") },
  { "paint", N_ ("Paint on the picture, as a sketch for what should be there"),
    "limn-paint-symbolic", "c", "none", LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_COLOUR,
    BRUSH (limn_paint_tool_press), NULL, NULL, NULL, "paint-eraser",
    .hint = N_ ("Paint on the picture, as a sketch for what should be there") },
  { "paint-eraser", N_ ("Take paint away"), "limn-eraser-symbolic", "<Shift>c", "none",
    LIMN_TOOL_HAS_BRUSH | LIMN_TOOL_HAS_COLOUR | LIMN_TOOL_IS_HELPER,
    BRUSH (limn_paint_eraser_tool_press), NULL, NULL, NULL, "paint" },
  { "eyedropper", N_ ("Take a colour from the picture"), "limn-eyedropper-symbolic", "i",
    "crosshair", LIMN_TOOL_HAS_COLOUR | LIMN_TOOL_LOOKS | LIMN_TOOL_IS_HELPER,
    limn_eyedropper_tool_press, limn_eyedropper_tool_move, limn_eyedropper_tool_release,
    limn_eyedropper_tool_cancel, NULL, NULL, NULL,
    .hint = N_ ("Take a colour from the picture") },
  { .name = "boxes",
    .title = N_ ("Draw boxes that say what should be where"),
    .icon = "limn-boxes-symbolic",
    .key = "d",
    .cursor = "crosshair",
    .flags = LIMN_TOOL_FOR_BOXES,
    .press = limn_box_tool_press,
    .move = limn_box_tool_move,
    .release = limn_box_tool_release,
    .cancel = limn_box_tool_cancel,
    .key_pressed = limn_box_tool_key,
    .swap = "boxes",
    .hint = N_ ("Draw boxes that say what should be where") },
  { .name = "labels",
    .title = N_ ("Draw what each part of the picture should show"),
    .icon = "limn-labels-symbolic",
    .key = "u",
    .cursor = "none",
    .flags = LIMN_TOOL_FOR_LABELS | LIMN_TOOL_HAS_SIZE,
    .press = limn_label_brush_press,
    .move = limn_label_brush_move,
    .release = limn_label_brush_release,
    .cancel = limn_label_brush_cancel,
    .swap = "label-eraser",
    .hint = N_ ("Draw what each part of the picture should show") },
  { .name = "label-eraser",
    .title = N_ ("Take labels away"),
    .icon = "limn-eraser-symbolic",
    .key = "<Shift>u",
    .cursor = "none",
    .flags = LIMN_TOOL_FOR_LABELS | LIMN_TOOL_HAS_SIZE | LIMN_TOOL_IS_HELPER,
    .press = limn_label_eraser_press,
    .move = limn_label_brush_move,
    .release = limn_label_brush_release,
    .cancel = limn_label_brush_cancel,
    .swap = "labels" },
  { .name = "label-fill",
    .title = N_ ("Give a whole part another label"),
    .icon = "limn-label-fill-symbolic",
    .key = "f",
    .cursor = "crosshair",
    .flags = LIMN_TOOL_FOR_LABELS,
    LABEL_CLICK (limn_label_fill_release),
    .swap = "label-fill" },
  { .name = "label-pick",
    .title = N_ ("Take up the label of a part"),
    .icon = "limn-label-pick-symbolic",
    .key = "k",
    .cursor = "crosshair",
    .flags = LIMN_TOOL_FOR_LABELS,
    LABEL_CLICK (limn_label_pick_release),
    .swap = "label-pick" },
  { "expand", N_ ("Drag the edges of the picture to enlarge it"), "limn-expand-symbolic", "n",
    "move", LIMN_TOOL_ALWAYS, limn_expand_tool_press, limn_expand_tool_move, limn_expand_tool_release,
    limn_expand_tool_cancel, NULL, NULL, NULL,
    .hint = N_ ("Drag the edges of the picture to enlarge it") },
  { "pan", N_ ("Move the view"), "limn-hand-symbolic", "h", "grab", LIMN_TOOL_LOOKS | LIMN_TOOL_ALWAYS, pan_press, pan_move, pan_end,
    pan_end, NULL, NULL, NULL },
  { NULL },
};

const LimnTool *
limn_tool_list (void)
{
  return tools;
}

const LimnTool *
limn_tool_lookup (const char *name)
{
  for (const LimnTool *tool = tools; tool->name != NULL; tool++)
    if (g_strcmp0 (tool->name, name) == 0)
      return tool;
  return NULL;
}

gboolean
limn_tool_is_offered (const LimnTool *tool, LimnTakes takes)
{
  LimnToolFlags wanted = (takes & LIMN_TAKES_BOXES ? LIMN_TOOL_FOR_BOXES : 0)
                         | (takes & LIMN_TAKES_LABELS ? LIMN_TOOL_FOR_LABELS : 0);

  /* What is marked can be removed whatever model is chosen. */
  if (tool->flags & (LIMN_TOOL_FOR_BOXES | LIMN_TOOL_FOR_LABELS))
    return (tool->flags & wanted) != 0;
  return TRUE;
}

gboolean
limn_tool_edits (const LimnTool *tool)
{
  return (tool->flags & LIMN_TOOL_LOOKS) == 0;
}

const LimnTool *
limn_tool_get_swapped (const LimnTool *tool)
{
  return limn_tool_lookup (tool->swap != NULL ? tool->swap : "eraser");
}

void
limn_tool_press (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->active || context->document == NULL)
    return;
  context->active = TRUE;
  context->first = *point;
  context->last = *point;
  tool->press (context, point);
}

void
limn_tool_move (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point)
{
  if (!context->active)
    return;
  tool->move (context, point);
  context->last = *point;
}

void
limn_tool_release (const LimnTool *tool, LimnToolContext *context)
{
  if (!context->active)
    return;
  context->active = FALSE;
  tool->release (context);
}

void
limn_tool_cancel (const LimnTool *tool, LimnToolContext *context)
{
  /* Moving the view leaves alone what is being outlined. */
  if (!context->active && !(context->pending && limn_tool_edits (tool)))
    return;
  context->active = FALSE;
  if (limn_tool_edits (tool))
    context->pending = FALSE;
  tool->cancel (context);
}

void
limn_tool_hover (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point)
{
  if (!context->active && context->pending && tool->hover != NULL)
    tool->hover (context, point);
}

void
limn_tool_finish (const LimnTool *tool, LimnToolContext *context)
{
  if (!context->active && context->pending && tool->finish != NULL)
    tool->finish (context);
}

void
limn_tool_back (const LimnTool *tool, LimnToolContext *context)
{
  if (!context->active && context->pending && tool->back != NULL)
    tool->back (context);
}

LimnMaskMode
limn_tool_mode (const LimnToolContext *context, const LimnToolPoint *point)
{
  if (point->modifiers & LIMN_TOOL_CONTROL)
    return LIMN_MASK_SUBTRACT;
  return point->modifiers & LIMN_TOOL_SHIFT ? LIMN_MASK_ADD : context->mode;
}

void
limn_tool_context_clear (LimnToolContext *context)
{
  g_clear_pointer (&context->outline, g_array_unref);
  g_clear_pointer (&context->boxes, limn_boxes_unref);
  g_clear_pointer (&context->box_label, g_free);
}
