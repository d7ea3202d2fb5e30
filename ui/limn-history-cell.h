/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-history.h"

G_BEGIN_DECLS

#define LIMN_TYPE_HISTORY_CELL (limn_history_cell_get_type ())
/* LimnHistoryCell: one generation in the list: thumbnail, prompt, date, and the seed
 * where there was one. */
G_DECLARE_FINAL_TYPE (LimnHistoryCell, limn_history_cell, LIMN, HISTORY_CELL, GtkWidget)

GtkWidget *limn_history_cell_new (void);
/* Shows @generation; its thumbnail is read in a worker. NULL cancels that and empties the cell. */
void
limn_history_cell_bind (LimnHistoryCell *self, LimnHistory *history, LimnGeneration *generation);

/* The generation that is shown, 0: none. */
gint64 limn_history_cell_get_id (LimnHistoryCell *self);

/* What a generation is called in one line: its prompt, or what was done (transfer full). */
char *limn_generation_describe (LimnGeneration *generation);

G_END_DECLS
