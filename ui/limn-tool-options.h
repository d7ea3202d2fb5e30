/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gdk/gdk.h>

#include "app/limn-mask-shape.h"

G_BEGIN_DECLS

/* What is set for the tools, all of them together: a brush's size stays when the eraser is taken.
 */
typedef struct
{
  double size;       /* diameter, picture pixels */
  double hardness;   /* 0 .. 1 */
  double opacity;    /* 0 .. 1, of what a brush leaves */
  double tolerance;  /* 0 .. 1: how different a colour may be that is still the same */
  LimnMaskMode mode; /* what an area does to the mask */
  GdkRGBA colour;    /* of the paint */
  double paint_opacity; /* 0 .. 1 */
  gboolean pressure_size, pressure_opacity; /* what a pen's pressure changes */
  gboolean contiguous;                      /* the wand takes only what hangs together */
  gboolean stop_at_edges;                   /* brushes of the mask do */
  gboolean paint_erase;                     /* paint is taken away */
  gboolean pick;                            /* the next click takes a colour from the picture */
} LimnToolSettings;

#define LIMN_TYPE_TOOL_OPTIONS (limn_tool_options_get_type ())
/**
 * LimnToolOptions: LimnToolSettings as properties, for widgets and settings to be bound to.
 *
 * Properties: "size", "hardness", "opacity", "tolerance" double; "mode" string ("add", "subtract",
 * "replace"); "colour" GdkRGBA; "paint-opacity" double; "pressure-size", "pressure-opacity",
 * "contiguous", "stop-at-edges", "paint-erase", "pick" boolean.
 */
G_DECLARE_FINAL_TYPE (LimnToolOptions, limn_tool_options, LIMN, TOOL_OPTIONS, GObject)

LimnToolOptions *limn_tool_options_new (void);
/* As they are now (borrowed). */
const LimnToolSettings *limn_tool_options_get (LimnToolOptions *self);

G_END_DECLS
