/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "engine/model/model.h"

G_BEGIN_DECLS

#define LIMN_TYPE_LABEL_PICKER (limn_label_picker_get_type ())
/* LimnLabelPicker: a popover with what a model can be told to show and a search. Property "classes":
 * whether they are what a whole picture shows, or else labels, each with the colour that it has on the
 * picture. Signal "chosen" (int category): that one; -1: none. */
G_DECLARE_FINAL_TYPE (LimnLabelPicker, limn_label_picker, LIMN, LABEL_PICKER, GtkPopover)

LimnLabelPicker *limn_label_picker_new (void);
/* Lists what @model (nullable: nothing) knows. @none: "No label" stands before it. */
void limn_label_picker_set_model (LimnLabelPicker *self, LimnModel *model, gboolean none);
/* The one that is scrolled to when it opens. */
void limn_label_picker_set_category (LimnLabelPicker *self, int category);

/* "57 · tree", or the number alone (transfer full). */
char *limn_label_picker_line (LimnModel *model, int category);

/* A small patch in the colour of @category; -1: none. */
GtkWidget *limn_swatch_new (void);
void limn_swatch_set_category (GtkWidget *swatch, int category);

G_END_DECLS
