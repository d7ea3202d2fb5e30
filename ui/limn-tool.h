/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"

G_BEGIN_DECLS

/* One point of a gesture. */
typedef struct
{
  double x, y;     /* picture pixels */
  double vx, vy;   /* viewport, device pixels */
  double pressure; /* 0 .. 1; 1 for devices that have none */
} LimnToolPoint;

/* What a tool works on. No widgets: tests fill it in themselves. */
typedef struct
{
  LimnDocument *document;                                 /* borrowed */
  double radius;                                          /* picture pixels */
  double hardness;                                        /* 0 .. 1 */
  void (*pan) (double dx, double dy, gpointer user_data); /* device pixels */
  gpointer user_data;

  /* The gesture under way */
  gboolean active;
  LimnToolPoint last;
} LimnToolContext;

/**
 * LimnTool:
 *
 * A tool is a row of a table: how it is shown, and plain functions for a gesture. A new tool is a
 * new row and a file of its functions; the rail, the actions and the keys come from the table.
 */
typedef struct
{
  const char *name;  /* the value of the action win.tool */
  const char *title; /* translatable */
  const char *icon;
  const char *key;    /* as gtk_accelerator_parse() reads it; shown in the tooltip */
  const char *cursor; /* a CSS cursor name */
  gboolean has_brush; /* shows the ring, and the options Size and Hardness */
  void (*press) (LimnToolContext *context, const LimnToolPoint *point);
  void (*move) (LimnToolContext *context, const LimnToolPoint *point);
  void (*release) (LimnToolContext *context);
  void (*cancel) (LimnToolContext *context);
} LimnTool;

/* All tools in the order of the rail, ended by a NULL name. */
const LimnTool *limn_tool_list (void);
/* NULL when there is none of that name. */
const LimnTool *limn_tool_lookup (const char *name);

/* A gesture: exactly one press, any number of moves, one release or cancel. Out of order calls do
 * nothing. */
void limn_tool_press (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point);
void limn_tool_move (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point);
void limn_tool_release (const LimnTool *tool, LimnToolContext *context);
void limn_tool_cancel (const LimnTool *tool, LimnToolContext *context);

/* Brush radii in picture pixels: limits, and the next size up (@direction > 0) or down, about a
 * fifth. */
#define LIMN_BRUSH_MIN_RADIUS 1.0
#define LIMN_BRUSH_MAX_RADIUS 1000.0
double limn_brush_next_radius (double radius, int direction);

G_END_DECLS
