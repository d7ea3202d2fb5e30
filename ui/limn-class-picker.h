/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "engine/model/model.h"

G_BEGIN_DECLS

#define LIMN_TYPE_CLASS_PICKER (limn_class_picker_get_type ())
/* LimnClassPicker: a button that shows the chosen class of a model, and a searchable list of all of
 * them behind it. Signal "changed": another one was chosen. */
G_DECLARE_FINAL_TYPE (LimnClassPicker, limn_class_picker, LIMN, CLASS_PICKER, GtkWidget)

/* Lists the classes of @model (nullable: none); the number that was chosen stays where there is one. */
void limn_class_picker_set_model (LimnClassPicker *self, LimnModel *model);
/* Number of the chosen class, -1 where there is none. */
int limn_class_picker_get_category (LimnClassPicker *self);
/* What does not exist is not chosen. */
void limn_class_picker_set_category (LimnClassPicker *self, int category);

G_END_DECLS
