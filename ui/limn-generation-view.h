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

/* @document: the picture as it was after the result; NULL empties the view. @crop: (nullable): what the
 * result was cut out of, which then waits in @document to be kept; @model_name: (nullable): as people
 * know the model that made it. */
void limn_generation_view_show (LimnGenerationView *self,
                                LimnGeneration *generation,
                                LimnDocument *document,
                                LimnCrop *crop,
                                const char *model_name);
/* Borrowed; NULL when the view is empty. */
LimnGeneration *limn_generation_view_get_generation (LimnGenerationView *self);
LimnCrop *limn_generation_view_get_crop (LimnGenerationView *self);
LimnCanvas *limn_generation_view_get_canvas (LimnGenerationView *self);

/* Reads the picture as it was after @generation in a worker. */
void limn_generation_load_async (LimnHistory *history,
                                 LimnGeneration *generation,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* (transfer full) Named after the photo, with what it was made with as its metadata. @crop: (out)
 * (nullable) (transfer full): where it is kept, the result waits in the document to be kept, and can
 * be pasted in another way. */
LimnDocument *limn_generation_load_finish (GAsyncResult *result, LimnCrop **crop, GError **error);

G_END_DECLS
