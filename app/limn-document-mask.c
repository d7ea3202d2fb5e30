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
