/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-boxes.h"
#include "app/limn-document.h"
#include "app/limn-mask-edit.h"
#include "app/limn-mask-shape.h"
#include "engine/task/expand.h"

G_BEGIN_DECLS

/* Keys that are held while a point is made. */
typedef enum
{
  LIMN_TOOL_SHIFT = 1 << 0,   /* Shift: when it is pressed first, what follows is added */
  LIMN_TOOL_CONTROL = 1 << 1, /* Ctrl or Alt: what follows is taken away */
} LimnToolModifiers;

/* One point of a gesture. */
typedef struct
{
  double x, y;     /* picture pixels */
  double vx, vy;   /* viewport, device pixels */
  double pressure; /* 0 .. 1; 1 for devices that have none */
  LimnToolModifiers modifiers;
} LimnToolPoint;

/* What a tool works on. No widgets: tests fill it in themselves. */
typedef struct
{
  LimnDocument *document; /* borrowed */
  double radius;          /* picture pixels */
  double hardness;        /* 0 .. 1 */
  double scale;           /* device pixels per picture pixel; 0 is taken for 1 */
  LimnMaskMode mode;      /* of areas, when no key is held */
  void (*pan) (double dx, double dy, gpointer user_data); /* device pixels */
  /* Nullable: the canvas is to be enlarged. */
  void (*expand) (const LimnMargins *margins, gpointer user_data);
  gpointer user_data;
  double opacity;                           /* 0 .. 1, of what a brush leaves; 0 is taken for 1 */
  gboolean constant_size, pressure_opacity; /* what pressure changes; by itself, the size */
  double tolerance;                         /* 0 .. 1 */
  guint8 colour[3];                         /* of the paint */
  gboolean contiguous;
  gboolean stop_at_edges;                   /* brushes of the mask do; see tolerance */
  /* Nullable: a colour was taken from the picture, @done when that was the last; NULL: from none. */
  void (*pick) (const guint8 colour[3], gboolean done, gpointer user_data);
  /* Has an edit of the mask made by somebody who can wait for it. */
  void (*edit) (const LimnMaskEdit *edit, gpointer user_data);

  /* The gesture under way */
  gboolean active;
  LimnToolPoint first, last;

  /* A brush's line: it is drawn up to the middle between the last two points, in curves. */
  LimnPoint drawn;
  double drawn_pressure;

  /* An area that is being outlined, picture pixels; it may live on from gesture to gesture. */
  GArray *outline; /* owned, of LimnPoint; NULL before the first */
  gboolean pending;
  LimnPoint hover;           /* where the outline would go on, while it is pending */
  LimnMaskMode outline_mode; /* what it will do */

  /* What is drawn for models: see limn-box-tool.h and limn-label-tool.h. */
  guint8 label; /* what the brush draws, as maps of labels have it; 0: takes labels away */
  gboolean picking;
  guint box;         /* that is selected, from 1; 0: none */
  char *box_label;   /* owned: of the next new box; NULL: none */
  LimnBoxes *boxes;  /* owned: as the gesture under way would leave them */
  LimnBox box_held;  /* as it was when it was taken hold of; its label is the document's */
  int box_edges;
  gboolean box_moved, box_was_selected;
  /* Nullable: box @i, from 1, is to be given a label; the label @label was taken up. */
  void (*edit_label) (guint i, gpointer user_data);
  void (*pick_label) (guint8 label, gpointer user_data);
} LimnToolContext;

/* What the row of options shows for a tool. */
typedef enum
{
  LIMN_TOOL_HAS_BRUSH = 1 << 0, /* size and hardness, and the ring */
  LIMN_TOOL_HAS_MODE = 1 << 1,  /* add, take away, replace */
  LIMN_TOOL_HAS_TOLERANCE = 1 << 2,
  LIMN_TOOL_HAS_CONTIGUOUS = 1 << 3,
  LIMN_TOOL_HAS_COLOUR = 1 << 4,  /* paint, which may be taken away, or its colour from the picture */
  LIMN_TOOL_LOOKS = 1 << 5,       /* it changes nothing */
  LIMN_TOOL_HAS_EDGES = 1 << 6,   /* it can stop at the edges of what is in the picture */
  LIMN_TOOL_IS_HELPER = 1 << 7,   /* not in the rail: an option or a held key of another tool */
  LIMN_TOOL_HAS_SIZE = 1 << 8,   /* a brush's size and the ring, without the rest */
  LIMN_TOOL_FOR_BOXES = 1 << 9,  /* offered while a model wants boxes */
  LIMN_TOOL_FOR_LABELS = 1 << 10, /* while it wants a map of labels */
  LIMN_TOOL_ALWAYS = 1 << 11,    /* as good for a model that is told by drawing: it is kept then */
} LimnToolFlags;

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
  LimnToolFlags flags;
  void (*press) (LimnToolContext *context, const LimnToolPoint *point);
  void (*move) (LimnToolContext *context, const LimnToolPoint *point);
  void (*release) (LimnToolContext *context);
  void (*cancel) (LimnToolContext *context);
  /* Nullable, for what goes on between gestures: the pointer moves; Enter; Backspace. */
  void (*hover) (LimnToolContext *context, const LimnToolPoint *point);
  void (*finish) (LimnToolContext *context);
  void (*back) (LimnToolContext *context);
  const char *swap; /* the tool while the key for that is held, and of a pen's other end; nullable */
  /* Nullable: a key with the focus on the picture, between gestures; FALSE: it is somebody else's. */
  gboolean (*key_pressed) (LimnToolContext *context, guint keyval, LimnToolModifiers modifiers);
  const char *hint; /* nullable, translatable: what to do with it, for who has not done it yet */
} LimnTool;

/* All tools in the order of the rail, ended by a NULL name. */
const LimnTool *limn_tool_list (void);
/* NULL when there is none of that name. */
const LimnTool *limn_tool_lookup (const char *name);
/* Whether it is offered for a model that is told this. */
gboolean limn_tool_is_offered (const LimnTool *tool, LimnTakes takes);
/* Whether it changes the document: not when it moves the view, or looks. */
gboolean limn_tool_edits (const LimnTool *tool);
/* What @tool becomes while the key for that is held: its eraser, or what the eraser is of. */
const LimnTool *limn_tool_get_swapped (const LimnTool *tool);

/* A gesture: exactly one press, any number of moves, one release or cancel. Out of order calls do
 * nothing. An outline may go on after the release: then it is pending, hover, finish and back are
 * about it, and cancel gives it up. */
void limn_tool_press (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point);
void limn_tool_move (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point);
void limn_tool_release (const LimnTool *tool, LimnToolContext *context);
void limn_tool_cancel (const LimnTool *tool, LimnToolContext *context);
void limn_tool_hover (const LimnTool *tool, LimnToolContext *context, const LimnToolPoint *point);
void limn_tool_finish (const LimnTool *tool, LimnToolContext *context);
void limn_tool_back (const LimnTool *tool, LimnToolContext *context);
/* What an area that begins at @point does: by the keys that are held, else as is set. */
LimnMaskMode limn_tool_mode (const LimnToolContext *context, const LimnToolPoint *point);
/* Frees what the context owns. */
void limn_tool_context_clear (LimnToolContext *context);

/* Brush radii in picture pixels: limits, and the next size up (@direction > 0) or down, about a
 * fifth. */
#define LIMN_BRUSH_MIN_RADIUS 1.0
#define LIMN_BRUSH_MAX_RADIUS 1000.0
double limn_brush_next_radius (double radius, int direction);

G_END_DECLS
