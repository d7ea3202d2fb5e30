/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-label-tool.h"

#include "app/limn-document-drawn.h"

static void
pick (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->pick_label != NULL)
    context->pick_label (limn_document_get_label (context->document, point->x, point->y),
                         context->user_data);
}

static void
begin (LimnToolContext *context, const LimnToolPoint *point, guint8 label)
{
  limn_document_begin_labels (context->document, label, context->radius);
  limn_document_labels_to (context->document, point->x, point->y);
}

void
limn_label_brush_press (LimnToolContext *context, const LimnToolPoint *point)
{
  context->picking = (point->modifiers & LIMN_TOOL_CONTROL) != 0;
  if (context->picking)
    pick (context, point);
  else
    begin (context, point, context->label);
}

void
limn_label_eraser_press (LimnToolContext *context, const LimnToolPoint *point)
{
  context->picking = FALSE;
  begin (context, point, 0);
}

void
limn_label_brush_move (LimnToolContext *context, const LimnToolPoint *point)
{
  if (context->picking)
    pick (context, point);
  else
    limn_document_labels_to (context->document, point->x, point->y);
}

void
limn_label_brush_release (LimnToolContext *context)
{
  limn_document_end_labels (context->document);
}

void
limn_label_brush_cancel (LimnToolContext *context)
{
  limn_document_cancel_labels (context->document);
}

void
limn_label_click_press (LimnToolContext *context, const LimnToolPoint *point)
{
}

void
limn_label_click_move (LimnToolContext *context, const LimnToolPoint *point)
{
}

void
limn_label_click_cancel (LimnToolContext *context)
{
}

void
limn_label_fill_release (LimnToolContext *context)
{
  limn_document_flood_labels (context->document, context->last.x, context->last.y, context->label);
}

void
limn_label_pick_release (LimnToolContext *context)
{
  pick (context, &context->last);
}
