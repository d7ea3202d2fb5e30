/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-tiles.h"

G_BEGIN_DECLS

/* Tiles are immutable while more than one picture holds them; whoever holds the only reference may
 * write. */
typedef struct
{
  gatomicrefcount ref_count;
  gint16 constant; /* the value of every byte within the picture; -1 when that is not known */
  guint8 *data;
} LimnTile;

struct _LimnTiles
{
  int width, height;
  int channels;
  int n_columns, n_rows;
  gsize tile_bytes;
  LimnTile **tiles;   /* NULL stands for the shared zero tile */
  LimnTile *solid[4]; /* nullable: of 255, by the picture's edges that cut a tile off; copies share them */
};

/* A tile's bytes; those of NULL are zeros, always at the same address. */
const guint8 *_limn_tile_read (const LimnTile *tile);
void _limn_tile_unref (LimnTile *tile);
/* The part of tile (@tx, @ty) that lies within the picture. */
LimnRect _limn_tiles_rect (LimnTiles *self, int tx, int ty);
gboolean _limn_tiles_same_kind (LimnTiles *a, LimnTiles *b);

G_END_DECLS
