/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"
#include "engine/task/expand.h"

G_BEGIN_DECLS

/* Enlarges the canvas by @margins, in a worker: its edges go on there, and all that is new is masked. One step of undo. */
void limn_document_expand_async (LimnDocument *self, const LimnMargins *margins, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* FALSE and @error when the margins are wrong, there is no memory, or the document was changed meanwhile. */
gboolean limn_document_expand_finish (LimnDocument *self, GAsyncResult *result, GError **error);

/* Where the picture lies that the canvas was enlarged around, until a result is kept; FALSE when it was not. */
gboolean limn_document_get_expanded_from (LimnDocument *self, LimnRect *rect);

G_END_DECLS
