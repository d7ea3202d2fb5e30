/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/limn-document-mask.h"
#include "app/limn-document-private.h"

static const char *
mode_label (LimnMaskMode mode)
{
  switch (mode)
    {
    case LIMN_MASK_ADD:
      return _ ("Add to Mask");
    case LIMN_MASK_SUBTRACT:
      return _ ("Take from Mask");
    case LIMN_MASK_REPLACE:
    default:
      return _ ("New Mask");
    }
}

void
limn_document_mask_polygon (LimnDocument *self,
                            const LimnPoint *points,
                            guint n_points,
                            LimnMaskMode mode)
{
  LimnTiles *mask;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  mask = limn_tiles_copy (self->now.mask);
  limn_mask_fill_polygon (mask, points, n_points, mode);
  if (limn_tiles_diff (mask, self->now.mask, NULL))
    limn_document_set_mask (self, mask, mode_label (mode));
  else
    limn_tiles_free (mask);
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
