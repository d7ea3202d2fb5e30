/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-document.h"
#include "app/limn-history.h"
#include "ui/limn-canvas.h"

G_BEGIN_DECLS

#define LIMN_TYPE_GENERATION_VIEW (limn_generation_view_get_type ())
/* LimnGenerationView: one result of the history, large, with what it was made with. Activates
 * win.history-use, -open, -save-as, -delete, -close. */
G_DECLARE_FINAL_TYPE (LimnGenerationView, limn_generation_view, LIMN, GENERATION_VIEW, GtkWidget)

/* @document: the picture as it was after the result; NULL empties the view. */
void limn_generation_view_show (LimnGenerationView *self,
                                LimnGeneration *generation,
                                LimnDocument *document);
/* Borrowed; NULL when the view is empty. */
LimnGeneration *limn_generation_view_get_generation (LimnGenerationView *self);
LimnCanvas *limn_generation_view_get_canvas (LimnGenerationView *self);

/* Reads the picture as it was after @generation in a worker. */
void limn_generation_load_async (LimnHistory *history,
                                 LimnGeneration *generation,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* (transfer full) Named after the photo, with what it was made with as its metadata. */
LimnDocument *limn_generation_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
