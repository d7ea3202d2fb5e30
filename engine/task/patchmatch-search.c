/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/diffusion/noise.h"
#include "engine/task/patchmatch-private.h"

/* Random candidates per block of random numbers: 16 bits for each coordinate. */
#define PER_BLOCK 4

typedef struct
{
  LimnPatchLevel *level;
  guint32 key[2];
  guint32 round;
  gboolean search, again;
} Search;

/* The best source so far for one target. */
typedef struct
{
  const LimnPatchLevel *level;
  const LimnPatchPixel *target; /* top left of the target's patch */
  int x, y;
  float distance;
} Best;

static inline const LimnPatchPixel *
corner (const LimnPatchLevel *level, int x, int y)
{
  return level->pixels + (gsize)(y - LIMN_PATCH_RADIUS) * level->width + (x - LIMN_PATCH_RADIUS);
}

static inline float
lanes (LimnPatchPixel sum)
{
  return sum[0] + sum[1] + sum[2];
}

/* Sum of squared differences of two patches; some number of at least @limit when it is not less. */
static inline float
difference (const LimnPatchPixel *a, const LimnPatchPixel *b, gsize stride, float limit)
{
  LimnPatchPixel sum = { 0 };

  for (int v = 0; v < LIMN_PATCH_SIDE; v++, a += stride, b += stride)
    {
      for (int u = 0; u < LIMN_PATCH_SIDE; u++)
        {
          LimnPatchPixel d = a[u] - b[u];

          sum += d * d;
        }
      if (v % 2 == 1 && lanes (sum) >= limit)
        return limit;
    }
  return lanes (sum);
}

/* Takes the source at (@x, @y) when it is one and better. */
static inline void
try (Best *best, int x, int y)
{
  const LimnPatchLevel *level = best->level;
  float distance;

  if (x < 0 || y < 0 || x >= level->width || y >= level->height
      || level->role[(gsize)y * level->width + x] != LIMN_PATCH_SOURCE
      || (x == best->x && y == best->y))
    return;
  distance = difference (best->target, corner (level, x, y), level->width, best->distance);
  if (distance < best->distance)
    {
      best->distance = distance;
      best->x = x;
      best->y = y;
    }
}

/* What the neighbour at (@x + @dx, @y + @dy) found, shifted back: from the field as it is within
 * the tile, as it was before the round elsewhere. */
static inline void
propagate (const LimnPatchLevel *level, Best *best, int x, int y, int dx, int dy, gboolean in_tile)
{
  gsize i = (gsize)(y + dy) * level->width + (x + dx);
  guint32 at;

  if (level->role[i] != LIMN_PATCH_TARGET)
    return;
  at = in_tile ? level->at[i] : level->at_before[i];
  try (best, (int)(at & 0xffff) - dx, (int)(at >> 16) - dy);
}

/* Candidates at random in squares around the best, each half as large as the one before. */
static void
search_randomly (const Search *s, Best *best, gsize pixel)
{
  const LimnPatchLevel *level = s->level;
  guint32 block[4], counter[4] = { (guint32)pixel, s->round, 0, (guint32)level->width };
  int n = 0;

  for (int reach = MAX (level->width, level->height); reach >= 1; reach /= 2, n++)
    {
      int x0 = MAX (best->x - reach, 0), x1 = MIN (best->x + reach, level->width - 1);
      int y0 = MAX (best->y - reach, 0), y1 = MIN (best->y + reach, level->height - 1);
      guint32 r;

      if (n % PER_BLOCK == 0)
        {
          counter[2] = n;
          limn_philox_4x32 (counter, s->key, block);
        }
      r = block[n % PER_BLOCK];
      try (best, x0 + (int)(((r & 0xffff) * (guint32)(x1 - x0 + 1)) >> 16),
           y0 + (int)(((r >> 16) * (guint32)(y1 - y0 + 1)) >> 16));
    }
}

static void
search_tile (void *data, gint64 index, void *scratch)
{
  const Search *s = data;
  LimnPatchLevel *level = s->level;
  int x0, x1, y0, y1, step = s->round % 2 == 0 ? 1 : -1;

  _limn_patch_tile (level, index, &x0, &x1, &y0, &y1);
  for (int j = 0; j < y1 - y0; j++)
    for (int i = 0; i < x1 - x0; i++)
      {
        int x = step > 0 ? x0 + i : x1 - 1 - i, y = step > 0 ? y0 + j : y1 - 1 - j;
        gsize pixel = (gsize)y * level->width + x;
        Best best = { .level = level };

        if (level->role[pixel] != LIMN_PATCH_TARGET)
          continue;
        best.x = (int)(level->at_before[pixel] & 0xffff);
        best.y = (int)(level->at_before[pixel] >> 16);
        best.target = corner (level, x, y);
        best.distance = s->again ? difference (best.target, corner (level, best.x, best.y),
                                               level->width, G_MAXFLOAT)
                                 : level->distance[pixel];
        /* A target's patch lies within the picture, so its neighbours do. */
        propagate (level, &best, x, y, -step, 0, i > 0);
        propagate (level, &best, x, y, 0, -step, j > 0);
        if (s->search)
          search_randomly (s, &best, pixel);
        level->at[pixel] = (guint32)best.y << 16 | (guint32)best.x;
        level->distance[pixel] = best.distance;
      }
}

void
_limn_patch_search (LimnRun *run,
                    LimnPatchLevel *level,
                    guint64 seed,
                    guint32 round,
                    gboolean search,
                    gboolean again)
{
  Search s = { .level = level,
               .key = { (guint32)seed, (guint32)(seed >> 32) },
               .round = round,
               .search = search,
               .again = again };

  memcpy (level->at_before, level->at, (gsize)level->height * level->width * sizeof *level->at);
  limn_run_parallel (run, _limn_patch_tiles (level), 0, search_tile, &s);
}
