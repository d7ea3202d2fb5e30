/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include "app/limn-document-private.h"

/*
 * What a large brush goes over may be more than a frame has time for: a movement is noted for each
 * tile that it touches, and a tile gets all of its movements when its turn comes. What a pixel is
 * in the end depends on the movements over it alone, not on when they were painted.
 */

#define TILE LIMN_TILE_SIZE

typedef struct
{
  LimnSweep sweep;
  LimnSweepProfile profile;
  LimnRect bounds;
} Movement;

struct _LimnDocumentBacklog
{
  GArray *movements; /* of Movement */
  guint *first;  /* of each tile, the number of the first movement that it lacks, and 1; 0: none */
  GArray *tiles; /* guint: places in @first of tiles that lack some, in the order of their turns */
  guint n_done;  /* of @tiles */
  int n_columns;
};

static LimnDocumentBacklog *
backlog_new (LimnTiles *tiles)
{
  LimnDocumentBacklog *backlog = g_new0 (LimnDocumentBacklog, 1);
  gsize n_rows = (gsize)(limn_tiles_get_height (tiles) + TILE - 1) / TILE;

  backlog->n_columns = (limn_tiles_get_width (tiles) + TILE - 1) / TILE;
  backlog->movements = g_array_new (FALSE, FALSE, sizeof (Movement));
  backlog->tiles = g_array_new (FALSE, FALSE, sizeof (guint));
  backlog->first = g_new0 (guint, (gsize)backlog->n_columns * n_rows);
  return backlog;
}

void
_limn_document_backlog_free (LimnDocumentBacklog *backlog)
{
  g_array_unref (backlog->movements);
  g_array_unref (backlog->tiles);
  g_free (backlog->first);
  g_free (backlog);
}

void
_limn_document_add_sweep (LimnDocument *self, const LimnSweep *sweep)
{
  const LimnRect all
      = { 0, 0, limn_tiles_get_width (self->now.mask), limn_tiles_get_height (self->now.mask) };
  LimnDocumentBacklog *backlog = self->stroke.backlog;
  Movement *movement;
  LimnRect bounds;

  if (!_limn_sweep_get_bounds (sweep, &all, &bounds))
    return;
  if (backlog == NULL)
    backlog = self->stroke.backlog = backlog_new (self->now.mask);
  g_array_set_size (backlog->movements, backlog->movements->len + 1);
  movement = &g_array_index (backlog->movements, Movement, backlog->movements->len - 1);
  movement->sweep = *sweep;
  movement->bounds = bounds;
  _limn_sweep_profile_init (&movement->profile, sweep);
  for (int ty = bounds.y / TILE; ty <= (bounds.y + bounds.height - 1) / TILE; ty++)
    for (int tx = bounds.x / TILE; tx <= (bounds.x + bounds.width - 1) / TILE; tx++)
      {
        guint place = (guint)(ty * backlog->n_columns + tx);

        if (backlog->first[place] > 0)
          continue;
        backlog->first[place] = backlog->movements->len;
        g_array_append_val (backlog->tiles, place);
      }
}

/* ---- One tile
 * --------------------------------------------------------------------------------------------------------
 */

static gboolean
is_past (gint64 deadline)
{
  return deadline != LIMN_DOCUMENT_ALL && g_get_monotonic_time () >= deadline;
}

/* What has changed of each row of a tile: columns from[y] .. to[y] - 1. */
typedef struct
{
  guint16 from[TILE], to[TILE];
} Pieces;

static void
add_piece (int tx, int ty, int x, int y, int n, gpointer user_data)
{
  Pieces *pieces = user_data;

  pieces->from[y] = MIN (pieces->from[y], x);
  pieces->to[y] = MAX (pieces->to[y], x + n);
}

/* Paints what has changed of the coverage. What a large brush changes lies along its edge: @dirty
 * is around that. */
static gboolean
paint_pieces (LimnDocument *self, const Pieces *pieces, int tx, int ty, LimnRect *dirty)
{
  int x0 = TILE, y0 = TILE, x1 = 0, y1 = 0;

  for (int y = 0; y < TILE; y++)
    {
      int from = pieces->from[y], to = pieces->to[y];

      if (from >= to || !_limn_document_paint_row (self, tx, ty, from, y, to - from))
        continue;
      x0 = MIN (x0, from);
      x1 = MAX (x1, to);
      y0 = MIN (y0, y);
      y1 = y + 1;
    }
  *dirty = (LimnRect){ tx * TILE + x0, ty * TILE + y0, x1 - x0, y1 - y0 };
  return x1 > x0;
}

/* The movements that a tile lacks, or some of them. FALSE when @deadline came in between. */
static gboolean
do_tile (LimnDocument *self, guint place, gint64 deadline)
{
  LimnDocumentStroke *stroke = &self->stroke;
  LimnDocumentBacklog *backlog = stroke->backlog;
  int tx = (int)place % backlog->n_columns, ty = (int)place / backlog->n_columns;
  gboolean is_paint = stroke->coverage != NULL, changed = FALSE;
  guint i = backlog->first[place] - 1;
  LimnRect dirty = { 0 };
  Pieces pieces;

  for (int y = 0; y < TILE; y++)
    {
      pieces.from[y] = TILE;
      pieces.to[y] = 0;
    }
  do
    {
      const Movement *m = &g_array_index (backlog->movements, Movement, i++);
      LimnTiles *mask = is_paint ? stroke->coverage : self->now.mask;
      LimnRect part;

      if (!_limn_sweep_paint_tile (&m->sweep, &m->profile, &m->bounds, mask, tx, ty,
                                   stroke->erase && !is_paint, is_paint ? add_piece : NULL, &pieces,
                                   &part))
        continue;
      limn_rect_union (&dirty, &part, &dirty);
      changed = TRUE;
    }
  while (i < backlog->movements->len && !is_past (deadline));
  backlog->first[place] = i < backlog->movements->len ? i + 1 : 0;
  if (is_paint)
    changed = changed && paint_pieces (self, &pieces, tx, ty, &dirty);
  if (changed)
    {
      if (is_paint && !stroke->has_changed)
        self->now.image_serial = ++self->last_serial;
      if (!is_paint)
        self->mask_bounds_known = FALSE;
      stroke->has_changed = TRUE;
      _limn_document_emit_changed (self, &dirty, is_paint ? LIMN_LAYER_IMAGE : LIMN_LAYER_MASK);
    }
  return backlog->first[place] == 0;
}

/* ---- All of them
 * -----------------------------------------------------------------------------------------------------
 */

gboolean
limn_document_catch_up (LimnDocument *self, gint64 deadline)
{
  LimnDocumentBacklog *backlog;

  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), TRUE);

  backlog = self->stroke.backlog;
  if (backlog == NULL || self->is_catching_up)
    return TRUE;
  self->is_catching_up = TRUE;
  while (backlog->n_done < backlog->tiles->len)
    {
      if (do_tile (self, g_array_index (backlog->tiles, guint, backlog->n_done), deadline))
        backlog->n_done++;
      if (is_past (deadline))
        break;
    }
  self->is_catching_up = FALSE;
  if (backlog->n_done < backlog->tiles->len)
    {
      _limn_document_publish (self);
      return FALSE;
    }
  backlog->n_done = 0;
  g_array_set_size (backlog->tiles, 0);
  g_array_set_size (backlog->movements, 0);
  if (self->stroke.is_left)
    _limn_document_finish_stroke (self);
  else
    _limn_document_publish (self);
  return TRUE;
}

gboolean
limn_document_is_behind (LimnDocument *self)
{
  g_return_val_if_fail (LIMN_IS_DOCUMENT (self), FALSE);

  return self->stroke.active
         && (self->stroke.is_left
             || (self->stroke.backlog != NULL && self->stroke.backlog->tiles->len > 0));
}

void
_limn_document_settle (LimnDocument *self)
{
  g_assert (LIMN_IS_DOCUMENT (self));

  limn_document_catch_up (self, LIMN_DOCUMENT_ALL);
}

void
limn_document_set_unhurried (LimnDocument *self, gboolean unhurried)
{
  g_return_if_fail (LIMN_IS_DOCUMENT (self));

  self->is_unhurried = !!unhurried;
  if (!unhurried)
    _limn_document_settle (self);
}
