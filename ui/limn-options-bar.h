/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-canvas.h"

G_BEGIN_DECLS

/* How much room the window has for sliders, labels and numbers. */
typedef enum
{
  LIMN_ROOM_NARROW,
  LIMN_ROOM_MIDDLE,
  LIMN_ROOM_ROOMY,
} LimnRoom;

#define LIMN_TYPE_OPTIONS_BAR (limn_options_bar_get_type ())
/* LimnOptionsBar: what can be set for the tool that a canvas has; only what means something to it
 * is shown. */
G_DECLARE_FINAL_TYPE (LimnOptionsBar, limn_options_bar, LIMN, OPTIONS_BAR, GtkBox)

/* To be called once, before it is shown. What is set is remembered in @settings. */
void limn_options_bar_setup (LimnOptionsBar *self, LimnCanvas *canvas, GSettings *settings);
void limn_options_bar_set_room (LimnOptionsBar *self, LimnRoom room);
/* The next size or hardness up (@direction > 0) or down. */
void limn_options_bar_step_size (LimnOptionsBar *self, int direction);
void limn_options_bar_step_hardness (LimnOptionsBar *self, int direction);

G_END_DECLS
