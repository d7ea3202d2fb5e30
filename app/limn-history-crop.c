/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "app/limn-generation-private.h"
#include "app/limn-history-private.h"

/*
 * Crops as they were made, beside the patches that were pasted of them: two pictures of the crop's size, and a few numbers. The mask
 * is the row's.
 */

gboolean
limn_history_store_crop (LimnHistory *self, LimnGeneration *generation, LimnCrop *crop, GError **error)
{
  g_autofree char *raw = NULL;
  g_autofree char *matched = NULL;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), FALSE);
  g_return_val_if_fail (LIMN_IS_GENERATION (generation) && generation->id == 0, FALSE);
  g_return_val_if_fail (crop != NULL, FALSE);

  raw = limn_history_store_image (self, crop->raw, NULL, error);
  matched = raw != NULL ? limn_history_store_image (self, crop->matched, NULL, error) : NULL;
  if (matched == NULL)
    return FALSE;
  g_object_set (generation, "raw-hash", raw, "matched-hash", matched, "raw-x", crop->rect.x, "raw-y", crop->rect.y, "paste-grow",
                (double) crop->grow, "paste-feather", (double) crop->feather, "paste-reach", (double) crop->reach, NULL);
  return TRUE;
}

/* The RGB picture @hash (transfer full). */
static LimnImage *
load_rgb (LimnHistory *self, const char *hash, GError **error)
{
  g_autoptr (LimnImage) image = limn_history_load_image (self, hash, error);

  return image != NULL ? limn_image_convert (image, 3, error) : NULL;
}

LimnCrop *
limn_history_load_crop (LimnHistory *self, LimnGeneration *generation, GError **error)
{
  g_autoptr (LimnImage) raw = NULL;
  g_autoptr (LimnImage) matched = NULL;
  g_autoptr (LimnImage) mask = NULL;
  LimnCropParams params;

  g_return_val_if_fail (LIMN_IS_HISTORY (self), NULL);
  g_return_val_if_fail (LIMN_IS_GENERATION (generation), NULL);

  if (generation->raw_hash == NULL || generation->matched_hash == NULL || !_limn_generation_is_patch (generation))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("Of entry number %" PRId64 " of the history only what was pasted is kept"),
                   generation->id);
      return NULL;
    }
  raw = load_rgb (self, generation->raw_hash, error);
  matched = raw != NULL ? load_rgb (self, generation->matched_hash, error) : NULL;
  mask = matched != NULL ? limn_history_load_mask (self, generation, error) : NULL;
  if (mask == NULL)
    return NULL;
  params = (LimnCropParams) { .x = generation->raw_x,
                              .y = generation->raw_y,
                              .grow = (float) generation->paste_grow,
                              .feather = (float) generation->paste_feather,
                              .reach = (float) generation->paste_reach,
                              .grey = g_strcmp0 (generation->kind, "remove") == 0 ? LIMN_GREY_IS_PASTED : LIMN_GREY_IS_MADE };
  return limn_crop_new (raw, matched, mask, &params, error);
}
