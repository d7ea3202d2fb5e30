/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-box-tool.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>
#include <math.h>

#include "app/limn-document-drawn.h"

/* Device pixels: so near is on an edge, and a movement up to this is a click. */
#define REACH 9.0
#define CLICK 4.0
/* What an arrow key moves by, device pixels, and what a new box has of the picture. */
#define KEY_STEP 4.0
#define NEW_SHARE 0.3

typedef enum
{
  EDGE_LEFT = 1 << 0,
  EDGE_RIGHT = 1 << 1,
  EDGE_TOP = 1 << 2,
  EDGE_BOTTOM = 1 << 3,
  EDGE_ALL = 15, /* moves */
} Edges;

static double
scale_of (const LimnToolContext *context)
{
  return context->scale > 0 ? context->scale : 1;
}

static double
width_of (const LimnToolContext *context)
{
  return limn_document_get_width (context->document);
}

static double
height_of (const LimnToolContext *context)
{
  return limn_document_get_height (context->document);
}

LimnBoxes *
limn_box_tool_get_boxes (const LimnToolContext *context)
{
  if (context->boxes != NULL)
    return context->boxes;
  return context->document != NULL ? limn_document_get_boxes (context->document) : NULL;
}

guint
limn_box_tool_get_selected (const LimnToolContext *context)
{
  /* Undo may have taken it away. */
  return context->box <= limn_boxes_get_count (limn_box_tool_get_boxes (context)) ? context->box
                                                                                  : 0;
}

static const LimnBox *
get_selected (const LimnToolContext *context)
{
  guint selected = limn_box_tool_get_selected (context);

  return selected > 0 ? limn_boxes_get (limn_box_tool_get_boxes (context), selected - 1) : NULL;
}

/* Which edges of @box are at (@x, @y) of the picture; EDGE_ALL within it; 0 outside. */
static Edges
find_edges (const LimnToolContext *context, const LimnBox *box, double x, double y)
{
  double reach = REACH / scale_of (context);
  double x0 = box->x * width_of (context), x1 = x0 + box->width * width_of (context);
  double y0 = box->y * height_of (context), y1 = y0 + box->height * height_of (context);
  Edges edges = 0;

  if (x < x0 - reach || x > x1 + reach || y < y0 - reach || y > y1 + reach)
    return 0;
  if (fabs (x - x0) <= MIN (reach, (x1 - x0) / 3) || x < x0)
    edges |= EDGE_LEFT;
  else if (fabs (x - x1) <= MIN (reach, (x1 - x0) / 3) || x > x1)
    edges |= EDGE_RIGHT;
  if (fabs (y - y0) <= MIN (reach, (y1 - y0) / 3) || y < y0)
    edges |= EDGE_TOP;
  else if (fabs (y - y1) <= MIN (reach, (y1 - y0) / 3) || y > y1)
    edges |= EDGE_BOTTOM;
  return edges != 0 ? edges : EDGE_ALL;
}

/* The smallest box that has (@x, @y) in it, from 1: one within another can be taken hold of. */
static guint
find_box (const LimnToolContext *context, double x, double y)
{
  LimnBoxes *boxes = limn_box_tool_get_boxes (context);
  double least = HUGE_VAL;
  guint found = 0;

  x /= width_of (context);
  y /= height_of (context);
  for (guint i = 0; i < limn_boxes_get_count (boxes); i++)
    {
      const LimnBox *box = limn_boxes_get (boxes, i);

      if (x < box->x || y < box->y || x > box->x + box->width || y > box->y + box->height
          || box->width * box->height > least)
        continue;
      least = box->width * box->height;
      found = i + 1;
    }
  return found;
}

/* What a press at (@x, @y) would take hold of, and by what; 0 and 0: nothing. */
static guint
find_hold (const LimnToolContext *context, double x, double y, Edges *edges)
{
  const LimnBox *selected = get_selected (context);
  guint found;

  *edges = selected != NULL ? find_edges (context, selected, x, y) : 0;
  if (*edges != 0 && *edges != EDGE_ALL)
    return context->box;
  found = find_box (context, x, y);
  *edges = found != 0 ? EDGE_ALL : 0;
  return found;
}

const char *
limn_box_tool_get_cursor (const LimnToolContext *context, double x, double y)
{
  Edges edges;

  if (context->document == NULL)
    return "crosshair";
  if (context->active)
    edges = (Edges)context->box_edges;
  else
    find_hold (context, x, y, &edges);
  switch ((int)edges)
    {
    case EDGE_ALL:
      return "move";
    case EDGE_LEFT:
    case EDGE_RIGHT:
      return "ew-resize";
    case EDGE_TOP:
    case EDGE_BOTTOM:
      return "ns-resize";
    case EDGE_LEFT | EDGE_TOP:
    case EDGE_RIGHT | EDGE_BOTTOM:
      return "nwse-resize";
    case EDGE_RIGHT | EDGE_TOP:
    case EDGE_LEFT | EDGE_BOTTOM:
      return "nesw-resize";
    default:
      return "crosshair";
    }
}

/* ---- Gestures -------------------------------------------------------------------------------- */

void
limn_box_tool_press (LimnToolContext *context, const LimnToolPoint *point)
{
  Edges edges;
  guint held = find_hold (context, point->x, point->y, &edges);
  LimnBoxes *boxes = limn_document_get_boxes (context->document);

  context->box_was_selected = held != 0 && held == limn_box_tool_get_selected (context);
  context->box = held;
  context->box_edges = (int)edges;
  context->box_moved = FALSE;
  g_clear_pointer (&context->boxes, limn_boxes_unref);
  context->boxes = boxes != NULL ? limn_boxes_ref (boxes) : limn_boxes_new ();
  context->box_held = (LimnBox){ 0 };
  if (held != 0)
    context->box_held = *limn_boxes_get (context->boxes, held - 1);
}

/* The ends of one axis, moved by @by where they are held, within 0 .. 1 and the right way round. */
static void
drag_axis (double *start, double *length, gboolean low, gboolean high, double by)
{
  double a = *start, b = *start + *length;

  if (low && high)
    by = CLAMP (by, MIN (-a, 0), MAX (1 - b, 0));
  if (low)
    a = CLAMP (a + by, 0, 1);
  if (high)
    b = CLAMP (b + by, 0, 1);
  *start = MIN (a, b);
  *length = fabs (b - a);
}

static LimnBox
dragged (const LimnBox *box, Edges edges, double dx, double dy)
{
  LimnBox moved = *box;

  drag_axis (&moved.x, &moved.width, edges & EDGE_LEFT, edges & EDGE_RIGHT, dx);
  drag_axis (&moved.y, &moved.height, edges & EDGE_TOP, edges & EDGE_BOTTOM, dy);
  /* What is moved keeps its size to the last bit. */
  if (edges == EDGE_ALL)
    {
      moved.width = box->width;
      moved.height = box->height;
    }
  return moved;
}

/* Nothing smaller than a pixel. */
static void
make_visible (const LimnToolContext *context, LimnBox *box)
{
  box->width = MAX (box->width, 1 / width_of (context));
  box->height = MAX (box->height, 1 / height_of (context));
  box->x = CLAMP (box->x, 0, MAX (0, 1 - box->width));
  box->y = CLAMP (box->y, 0, MAX (0, 1 - box->height));
}

static LimnBox
drawn (const LimnToolContext *context, const LimnToolPoint *from, const LimnToolPoint *to)
{
  double x0 = CLAMP (from->x / width_of (context), 0, 1);
  double y0 = CLAMP (from->y / height_of (context), 0, 1);
  double x1 = CLAMP (to->x / width_of (context), 0, 1);
  double y1 = CLAMP (to->y / height_of (context), 0, 1);

  return (LimnBox){ .label = context->box_label != NULL ? context->box_label : "",
                    .x = MIN (x0, x1),
                    .y = MIN (y0, y1),
                    .width = fabs (x1 - x0),
                    .height = fabs (y1 - y0) };
}

void
limn_box_tool_move (LimnToolContext *context, const LimnToolPoint *point)
{
  LimnBoxes *old = limn_document_get_boxes (context->document), *made;
  double dx = point->x - context->first.x, dy = point->y - context->first.y;
  LimnBox box;

  if (!isfinite (dx) || !isfinite (dy))
    return;
  if (hypot (dx, dy) * scale_of (context) > CLICK)
    context->box_moved = TRUE;
  if (!context->box_moved)
    return;
  if (context->box_edges != 0)
    {
      box = dragged (&context->box_held, (Edges)context->box_edges, dx / width_of (context),
                     dy / height_of (context));
      make_visible (context, &box);
      made = limn_boxes_replace (old, context->box - 1, &box);
    }
  else
    {
      box = drawn (context, &context->first, point);
      make_visible (context, &box);
      made = limn_boxes_append (old, &box);
      context->box = limn_boxes_get_count (made);
    }
  limn_boxes_unref (context->boxes);
  context->boxes = made;
}

static const char *
describe (Edges edges)
{
  if (edges == 0)
    return _ ("Draw Box");
  return edges == EDGE_ALL ? _ ("Move Box") : _ ("Resize Box");
}

static void
ask_label (LimnToolContext *context)
{
  if (context->edit_label != NULL && limn_box_tool_get_selected (context) != 0)
    context->edit_label (context->box, context->user_data);
}

void
limn_box_tool_release (LimnToolContext *context)
{
  Edges edges = (Edges)context->box_edges;
  g_autoptr (LimnBoxes) made = g_steal_pointer (&context->boxes);

  if (context->box_moved)
    limn_document_set_boxes (context->document, made, describe (edges), FALSE);
  if (context->box_moved ? edges == 0 : context->box_was_selected)
    ask_label (context);
}

void
limn_box_tool_cancel (LimnToolContext *context)
{
  g_clear_pointer (&context->boxes, limn_boxes_unref);
  if (context->box_edges == 0)
    context->box = 0;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void
append (LimnToolContext *context, const LimnBox *box)
{
  g_autoptr (LimnBoxes) made = limn_boxes_append (limn_document_get_boxes (context->document), box);

  limn_document_set_boxes (context->document, made, _ ("Draw Box"), FALSE);
  context->box = limn_boxes_get_count (made);
}

void
limn_box_tool_add (LimnToolContext *context)
{
  LimnBoxes *boxes = limn_document_get_boxes (context->document);
  /* Each a little beside the last one, so that it is seen. */
  double shift = (limn_boxes_get_count (boxes) % 8) * 0.03;
  LimnBox box = { .label = context->box_label != NULL ? context->box_label : "",
                  .x = (1 - NEW_SHARE) / 2 + shift,
                  .y = (1 - NEW_SHARE) / 2 + shift,
                  .width = NEW_SHARE,
                  .height = NEW_SHARE };

  append (context, &box);
  ask_label (context);
}

void
limn_box_tool_delete (LimnToolContext *context)
{
  guint selected = limn_box_tool_get_selected (context);
  g_autoptr (LimnBoxes) made = NULL;

  if (selected == 0)
    return;
  made = limn_boxes_remove (limn_document_get_boxes (context->document), selected - 1);
  limn_document_set_boxes (context->document, made, _ ("Delete Box"), FALSE);
  /* The one that has its place, or the last, so that several can be deleted one after the other. */
  context->box = MIN (selected, limn_boxes_get_count (made));
}

void
limn_box_tool_set_label (LimnToolContext *context, guint i, const char *label)
{
  LimnBoxes *boxes = limn_document_get_boxes (context->document);
  g_autoptr (LimnBoxes) made = NULL;
  LimnBox box;

  g_free (context->box_label);
  context->box_label = g_strdup (label);
  if (i == 0 || i > limn_boxes_get_count (boxes))
    return;
  box = *limn_boxes_get (boxes, i - 1);
  box.label = label;
  made = limn_boxes_replace (boxes, i - 1, &box);
  limn_document_set_boxes (context->document, made, _ ("Label Box"), FALSE);
}

/* With Shift the right and lower edges move, else all of the box. */
static void
nudge (LimnToolContext *context, int dx, int dy, gboolean resize)
{
  double step = MAX (1, rint (KEY_STEP / scale_of (context)));
  LimnBoxes *boxes = limn_document_get_boxes (context->document);
  Edges edges = resize ? (dx != 0 ? EDGE_RIGHT : EDGE_BOTTOM) : EDGE_ALL;
  const LimnBox *old = limn_boxes_get (boxes, context->box - 1);
  LimnBox box
      = dragged (old, edges, dx * step / width_of (context), dy * step / height_of (context));
  g_autoptr (LimnBoxes) made = NULL;

  /* It does not turn over. */
  if (resize && (box.x != old->x || box.y != old->y))
    return;
  make_visible (context, &box);
  made = limn_boxes_replace (boxes, context->box - 1, &box);
  limn_document_set_boxes (context->document, made, describe (edges), TRUE);
}

static gboolean
select_next (LimnToolContext *context, gboolean back)
{
  guint n = limn_boxes_get_count (limn_document_get_boxes (context->document));
  guint selected = limn_box_tool_get_selected (context);

  if (back)
    context->box = selected == 0 ? n : selected - 1;
  else
    context->box = selected == n ? 0 : selected + 1;
  return context->box != 0;
}

gboolean
limn_box_tool_key (LimnToolContext *context, guint key, LimnToolModifiers modifiers)
{
  gboolean shift = (modifiers & LIMN_TOOL_SHIFT) != 0;
  gboolean selected;

  if (context->document == NULL || context->active)
    return FALSE;
  selected = limn_box_tool_get_selected (context) != 0;
  if (!selected && key != GDK_KEY_Tab && key != GDK_KEY_ISO_Left_Tab && key != GDK_KEY_Insert)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Tab:
    case GDK_KEY_ISO_Left_Tab:
      return select_next (context, shift || key == GDK_KEY_ISO_Left_Tab);
    case GDK_KEY_Insert:
      limn_box_tool_add (context);
      return TRUE;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      nudge (context, -1, 0, shift);
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      nudge (context, 1, 0, shift);
      return TRUE;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      nudge (context, 0, -1, shift);
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      nudge (context, 0, 1, shift);
      return TRUE;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
    case GDK_KEY_BackSpace:
      limn_box_tool_delete (context);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      ask_label (context);
      return TRUE;
    case GDK_KEY_Escape:
      context->box = 0;
      return TRUE;
    default:
      return FALSE;
    }
}
