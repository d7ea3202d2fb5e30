/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "ui/limn-canvas.h"
#include "ui/limn-options-bar.h"

G_BEGIN_DECLS

#define LIMN_TYPE_DRAWN_BAR (limn_drawn_bar_get_type ())
/* LimnDrawnBar: what can be set for the tools that draw boxes and labels: which label, how opaque
 * labels are; and what is done to boxes without a pointer. */
G_DECLARE_FINAL_TYPE (LimnDrawnBar, limn_drawn_bar, LIMN, DRAWN_BAR, GtkBox)

LimnDrawnBar *limn_drawn_bar_new (void);
/* To be called once. What is set is remembered in @settings. */
void limn_drawn_bar_setup (LimnDrawnBar *self, LimnCanvas *canvas, GSettings *settings);
void limn_drawn_bar_set_room (LimnDrawnBar *self, LimnRoom room);
/* Whose labels there are (nullable). */
void limn_drawn_bar_set_model (LimnDrawnBar *self, LimnModel *model);

G_END_DECLS
