/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-history.h"

G_BEGIN_DECLS

#define LIMN_TYPE_HISTORY_PANEL (limn_history_panel_get_type ())
/* LimnHistoryPanel: the history as a list that can be searched. Signal "activated" (LimnGeneration
 * *): a row was chosen. In the list Delete activates win.history-delete-entry and Ctrl+Z
 * win.history-restore-last. */
G_DECLARE_FINAL_TYPE (LimnHistoryPanel, limn_history_panel, LIMN, HISTORY_PANEL, GtkWidget)

/* Once, before use; @history nullable (it could not be opened). */
void limn_history_panel_setup (LimnHistoryPanel *self, LimnHistory *history);
void limn_history_panel_focus_search (LimnHistoryPanel *self);
/* Gives row @position the keys, or the last one when there are not so many; where there is none, the button
 * that brings back the last, or the search. */
void limn_history_panel_focus_row (LimnHistoryPanel *self, guint position);
/* As a click on row @position does. */
void limn_history_panel_activate (LimnHistoryPanel *self, guint position);

G_END_DECLS
