/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-mask.h"
#include "app/limn-document-private.h"

/* Outlines up to this length, in picture pixels, are filled at once: a pixel of it takes some tenth of a microsecond, and a tile that
 * it crosses some 30. Longer ones go to a worker. */
#define MAX_OUTLINE 8192.0

static gboolean
is_quick (LimnDocument *self, const LimnPoint *points, guint n_points)
{
  double length = 0;

  if (_limn_document_is_mask_busy (self))
    return FALSE;
  for (guint i = 0; i < n_points && length <= MAX_OUTLINE; i++)
    length += hypot (points[(i + 1) % n_points].x - points[i].x, points[(i + 1) % n_points].y - points[i].y);
  return length <= MAX_OUTLINE;
}

void
limn_document_mask_polygon (LimnDocument *self,
                            const LimnPoint *points,
                            guint n_points,
                            LimnMaskMode mode)
{
  LimnMaskEdit edit = { .kind = LIMN_MASK_EDIT_POLYGON, .mode = mode, .points = points, .n_points = n_points };

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  if (is_quick (self, points, n_points))
    _limn_document_edit_mask_now (self, &edit);
  else
    _limn_document_edit_mask_later (self, &edit);
}

/* Borrowed; NULL when there is none. */
static LimnTiles *
find_last_mask (LimnDocument *self)
{
  if (!_limn_document_mask_is_empty (self))
    return NULL;
  for (GList *l = self->undo.head; l != NULL; l = l->next)
    {
      LimnTiles *mask = ((const LimnDocumentStep *)l->data)->state.mask;

      if (limn_tiles_get_width (mask) == limn_document_get_width (self)
          && limn_tiles_get_height (mask) == limn_document_get_height (self)
          && !limn_tiles_is_empty (mask))
        return mask;
    }
  return NULL;
}

gboolean
limn_document_can_recall_mask (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  return find_last_mask (self) != NULL;
}

gboolean
limn_document_recall_mask (LimnDocument *self)
{
  LimnTiles *mask;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  mask = find_last_mask (self);
  if (mask != NULL)
    limn_document_set_mask (self, limn_tiles_copy (mask), _ ("Last Mask Again"));
  return mask != NULL;
}

void
limn_document_load_mask (LimnDocument *self, LimnTiles *tiles, const char *label)
{
  int width, height;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (tiles != NULL && limn_tiles_get_channels (tiles) == 1);

  _limn_document_cancel_mask_edits (self);
  width = limn_document_get_width (self);
  height = limn_document_get_height (self);
  if (limn_tiles_get_width (tiles) != width || limn_tiles_get_height (tiles) != height)
    {
      LimnTiles *scaled = limn_tiles_scale_mask (tiles, width, height);

      limn_tiles_free (tiles);
      tiles = scaled;
    }
  limn_document_set_mask (self, tiles, label);
}
