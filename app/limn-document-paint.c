/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/limn-document-paint.h"
#include "app/limn-document-private.h"
#include "app/limn-paint.h"
#include "app/limn-tiles-private.h"

#define TILE LIMN_TILE_SIZE

/* The layer's tile that nothing is painted in. */
static gboolean
is_unpainted (LimnTiles *paint, int tx, int ty)
{
  return paint == NULL || limn_tiles_read (paint, tx, ty) == _limn_tile_read (NULL);
}

static void
drop_paint (LimnDocumentState *state)
{
  g_clear_pointer (&state->photo, limn_tiles_free);
  g_clear_pointer (&state->paint, limn_tiles_free);
}

/* Tiles of the layer that have no paint left become none: it costs what is painted. Only those that
 * are not as they were in @before (nullable) are looked at. */
static void
tidy (LimnDocumentState *state, LimnTiles *before)
{
  LimnTiles *paint = state->paint;
  gboolean any = FALSE;

  if (paint == NULL)
    return;
  for (int ty = 0; ty < paint->n_rows; ty++)
    for (int tx = 0; tx < paint->n_columns; tx++)
      {
        const guint8 *tile = limn_tiles_read (paint, tx, ty);

        if (tile == _limn_tile_read (NULL))
          continue;
        if ((before == NULL || !limn_tiles_is_shared (paint, before, tx, ty))
            && memcmp (tile, _limn_tile_read (NULL), paint->tile_bytes) == 0)
          {
            g_clear_pointer (&paint->tiles[ty * paint->n_columns + tx], _limn_tile_unref);
            limn_tiles_share (state->image, state->photo, tx, ty);
          }
        else
          any = TRUE;
      }
  if (!any)
    drop_paint (state);
}

/* ---- Strokes --------------------------------------------------------------------------------- */

gboolean
_limn_document_paint_row (LimnDocument *self, int tx, int ty, int x, int y, int n)
{
  const LimnDocumentStroke *stroke = &self->stroke;
  LimnDocumentState *now = &self->now;
  gsize i = (gsize)y * TILE + (gsize)x;
  int channels = limn_tiles_get_channels (now->image);
  const guint8 *before, *coverage;
  guint8 *paint;

  g_assert (LIMN_IS_DOCUMENT (self));

  if (now->paint == NULL || (stroke->erase && is_unpainted (stroke->before.paint, tx, ty)))
    return FALSE;
  before = stroke->before.paint != NULL ? limn_tiles_read (stroke->before.paint, tx, ty)
                                        : _limn_tile_read (NULL);
  coverage = limn_tiles_read (stroke->coverage, tx, ty) + i;
  paint = limn_tiles_write (now->paint, tx, ty) + 4 * i;
  if (stroke->erase)
    limn_paint_uncover (before + 4 * i, coverage, paint, n);
  else
    limn_paint_cover (before + 4 * i, coverage, stroke->colour, paint, n);
  limn_paint_compose (paint, limn_tiles_read (now->photo, tx, ty) + channels * i,
                      limn_tiles_write (now->image, tx, ty) + channels * i, channels, n);
  return TRUE;
}

void
limn_document_begin_paint (LimnDocument *self,
                           const guint8 colour[3],
                           double radius,
                           double hardness)
{
  LimnDocumentState *now;

  g_return_if_fail (LIMN_IS_DOCUMENT (self));
  g_return_if_fail (isfinite (radius) && isfinite (hardness));

  limn_document_end_stroke (self);
  /* Who paints on has accepted what is there; and what is painted on it belongs to it. */
  if (limn_document_get_result_pending (self))
    limn_document_keep_result (self);
  _limn_document_start_stroke (self, colour == NULL, radius, hardness);
  now = &self->now;
  self->stroke.coverage = limn_tiles_new (now->image->width, now->image->height, 1);
  if (colour != NULL)
    memcpy (self->stroke.colour, colour, sizeof self->stroke.colour);
  if (colour != NULL && now->paint == NULL)
    {
      now->paint = limn_tiles_new (now->image->width, now->image->height, 4);
      now->photo = limn_tiles_copy (now->image);
    }
  _limn_document_publish (self);
}

const char *
_limn_document_end_paint (LimnDocument *self, const LimnDocumentState *before)
{
  g_clear_pointer (&self->stroke.coverage, limn_tiles_free);
  tidy (&self->now, before->paint);
  return self->stroke.erase ? _ ("Erase Paint") : _ ("Paint");
}

/* ---- As a whole ------------------------------------------------------------------------------ */

gboolean
limn_document_clear_paint (LimnDocument *self)
{
  LimnDocumentState before, shown;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  limn_document_end_stroke (self);
  if (self->now.paint == NULL)
    return FALSE;
  if (limn_document_get_result_pending (self))
    limn_document_keep_result (self);
  _limn_document_state_copy (&self->now, &before);
  _limn_document_state_copy (&self->now, &shown);
  limn_tiles_free (self->now.image);
  self->now.image = limn_tiles_copy (self->now.photo);
  drop_paint (&self->now);
  self->now.image_serial = ++self->last_serial;
  _limn_document_push_step (self, &before, _ ("Clear Paint"));
  _limn_document_emit_difference (self, &shown);
  _limn_document_state_clear (&shown);
  _limn_document_publish (self);
  return TRUE;
}

gboolean
limn_document_mask_paint (LimnDocument *self)
{
  LimnTiles *paint, *mask;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  limn_document_end_stroke (self);
  paint = self->now.paint;
  if (paint == NULL)
    return FALSE;
  mask = limn_tiles_new (paint->width, paint->height, 1);
  for (int ty = 0; ty < paint->n_rows; ty++)
    for (int tx = 0; tx < paint->n_columns; tx++)
      {
        const guint8 *tile = limn_tiles_read (paint, tx, ty);
        guint8 *out;

        if (is_unpainted (paint, tx, ty))
          continue;
        out = limn_tiles_write (mask, tx, ty);
        for (int i = 0; i < TILE * TILE; i++)
          out[i] = MIN (4 * tile[4 * i + 3], 255);
      }
  limn_document_set_mask (self, mask, _ ("Mask from Paint"));
  return TRUE;
}

LimnTiles *
limn_document_get_paint (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), NULL);

  _limn_document_settle (self);
  return self->now.paint;
}

/* ---- Results --------------------------------------------------------------------------------- */

/* Of one tile that has paint. */
static void
merge_tile (LimnDocumentState *state, const LimnPatch *patch, int tx, int ty)
{
  LimnRect tile = { tx * TILE, ty * TILE, TILE, TILE }, part;
  gsize channels = (gsize)limn_tiles_get_channels (state->image);
  const guint8 *image = limn_tiles_read (state->image, tx, ty);
  guint8 *photo = limn_tiles_write (state->photo, tx, ty),
         *paint = limn_tiles_write (state->paint, tx, ty);

  if (!limn_rect_intersect (&tile, &patch->rect, &part))
    return;
  for (int y = part.y; y < part.y + part.height; y++)
    {
      const guint8 *alpha = limn_image_row (patch->alpha, y - patch->rect.y);
      gsize row = (gsize)(y - tile.y) * TILE;

      for (int x = part.x; x < part.x + part.width; x++)
        if (alpha[x - patch->rect.x] > 0)
          {
            gsize i = row + (gsize)(x - tile.x);

            memcpy (photo + channels * i, image + channels * i, channels);
            memset (paint + 4 * i, 0, 4);
          }
    }
}

void
_limn_document_merge_paint (LimnDocumentState *state, const LimnPatch *patch)
{
  const LimnRect *r = &patch->rect;
  g_autoptr (LimnTiles) before = NULL;

  if (state->paint == NULL)
    return;
  before = limn_tiles_copy (state->paint);
  for (int ty = r->y / TILE; ty <= (r->y + r->height - 1) / TILE; ty++)
    for (int tx = r->x / TILE; tx <= (r->x + r->width - 1) / TILE; tx++)
      if (is_unpainted (state->paint, tx, ty))
        limn_tiles_share (state->photo, state->image, tx, ty);
      else
        merge_tile (state, patch, tx, ty);
  tidy (state, before);
}
