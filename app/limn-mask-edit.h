/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"
#include "app/limn-mask-shape.h"

G_BEGIN_DECLS

typedef enum
{
  LIMN_MASK_EDIT_GROW,
  LIMN_MASK_EDIT_SHRINK,
  LIMN_MASK_EDIT_FEATHER,
  LIMN_MASK_EDIT_FILL_HOLES,
  LIMN_MASK_EDIT_WAND,
  LIMN_MASK_EDIT_POLYGON,
  LIMN_MASK_EDIT_INVERT,
} LimnMaskEditKind;

/* An edit of the mask that may take longer than a frame. */
typedef struct
{
  LimnMaskEditKind kind;
  double radius; /* grow, shrink, feather: picture pixels */

  /* Wand: see limn_mask_wand() */
  int x, y;
  double tolerance;
  gboolean contiguous;
  LimnMaskMode mode; /* of a polygon, too */

  /* Polygon: see limn_mask_fill_polygon(); copied where the edit is kept */
  const LimnPoint *points;
  guint n_points;
} LimnMaskEdit;

/* What @edit makes of @mask, for any thread; NULL with G_IO_ERROR_CANCELLED when it was cancelled.
 */
LimnTiles *limn_mask_edit_run (const LimnMaskEdit *edit,
                               LimnTiles *mask,
                               LimnTiles *image,
                               GCancellable *cancellable,
                               GError **error);

/* The same in a worker, on a document: one step of undo, none when nothing changes. Edits of one
 * document are done in the order in which they were asked for. What is painted meanwhile counts:
 * the edit is then made anew, of the mask as it is. Meanwhile "mask-busy" is TRUE, and undo takes
 * back the latest edit that is not done yet. FALSE with an error only when it was cancelled, so or
 * by @cancellable, or the picture has become another size than a place was meant for. */
void limn_document_edit_mask_async (LimnDocument *self,
                                    const LimnMaskEdit *edit,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean limn_document_edit_mask_finish (LimnDocument *self, GAsyncResult *result, GError **error);

G_END_DECLS
