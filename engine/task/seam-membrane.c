/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "engine/task/seam-private.h"

#define MAX_LEVELS 31
/* Red-black sweeps at each level; the coarsest level has few pixels and is solved by many. */
#define SWEEPS 16
#define COARSEST_SWEEPS 64
#define COARSEST_SIDE 4
#define ROWS_PER_TILE 16
/* Over-relaxation: what is left to do at a level after the one above is smooth only over a few
 * pixels. */
#define RELAXATION 1.3f

typedef struct
{
  gint64 height, width;
  float *d;     /* [height][width][3] */
  guint8 *kind; /* [height][width], LimnMembraneKind */
  float screening;
} Level;

typedef struct
{
  const Level *level;
  int colour;
} Sweep;

/* One pixel becomes what its neighbours and the screening say: sum (d_n - d) = screening * d. */
static inline void
relax (const Level *level, gint64 y, gint64 x)
{
  gint64 row = 3 * level->width;
  float *d = level->d + y * row + 3 * x;
  const guint8 *kind = level->kind + y * level->width + x;
  int n = 0;
  float sum[3] = { 0 };

  for (int k = 0; k < 4; k++)
    {
      static const int dx[] = { -1, 1, 0, 0 }, dy[] = { 0, 0, -1, 1 };

      if (x + dx[k] < 0 || x + dx[k] >= level->width || y + dy[k] < 0 || y + dy[k] >= level->height)
        continue;
      if (kind[dy[k] * level->width + dx[k]] == LIMN_MEMBRANE_NONE)
        continue;
      for (int c = 0; c < 3; c++)
        sum[c] += d[dy[k] * row + 3 * dx[k] + c];
      n++;
    }
  if (n == 0)
    return;
  for (int c = 0; c < 3; c++)
    d[c] += RELAXATION * (sum[c] / ((float)n + level->screening) - d[c]);
}

static void
sweep_tile (void *data, gint64 index, void *scratch)
{
  const Sweep *sweep = data;
  const Level *level = sweep->level;

  for (gint64 y = index * ROWS_PER_TILE; y < MIN ((index + 1) * ROWS_PER_TILE, level->height); y++)
    for (gint64 x = (y + sweep->colour) % 2; x < level->width; x += 2)
      if (level->kind[y * level->width + x] == LIMN_MEMBRANE_FREE)
        relax (level, y, x);
}

/* Pixels of one colour look only at those of the other, so their order does not matter. */
static void
relax_level (LimnRun *run, const Level *level, int sweeps)
{
  for (int i = 0; i < 2 * sweeps; i++)
    {
      Sweep sweep = { .level = level, .colour = i % 2 };

      limn_run_parallel (run, (level->height + ROWS_PER_TILE - 1) / ROWS_PER_TILE, 0, sweep_tile,
                         &sweep);
    }
}

/* Fixed where any of the four pixels is, at their mean. A pixel is twice as long, so the screening
 * per pixel is four times as strong. */
static void
coarsen (const Level *fine, Level *coarse)
{
  coarse->screening = 4 * fine->screening;
  for (gint64 y = 0; y < coarse->height; y++)
    for (gint64 x = 0; x < coarse->width; x++)
      {
        gint64 i = y * coarse->width + x;
        float sum[3] = { 0 };
        int n = 0;

        coarse->kind[i] = LIMN_MEMBRANE_NONE;
        for (gint64 v = 2 * y; v < MIN (2 * y + 2, fine->height); v++)
          for (gint64 u = 2 * x; u < MIN (2 * x + 2, fine->width); u++)
            {
              gint64 k = v * fine->width + u;

              if (fine->kind[k] == LIMN_MEMBRANE_FREE)
                coarse->kind[i] = LIMN_MEMBRANE_FREE;
              for (int c = 0; fine->kind[k] == LIMN_MEMBRANE_FIXED && c < 3; c++)
                sum[c] += fine->d[3 * k + c];
              n += fine->kind[k] == LIMN_MEMBRANE_FIXED;
            }
        if (n > 0)
          coarse->kind[i] = LIMN_MEMBRANE_FIXED;
        for (int c = 0; c < 3; c++)
          coarse->d[3 * i + c] = n > 0 ? sum[c] / (float)n : 0;
      }
}

/* The free pixels of @fine begin with what @coarse has there, bilinearly between its centres. */
static void
refine (const Level *coarse, const Level *fine)
{
  for (gint64 y = 0; y < fine->height; y++)
    for (gint64 x = 0; x < fine->width; x++)
      {
        gint64 i = y * fine->width + x, y0 = y / 2, x0 = x / 2;
        gint64 y1 = CLAMP (y0 + (y % 2 ? 1 : -1), 0, coarse->height - 1);
        gint64 x1 = CLAMP (x0 + (x % 2 ? 1 : -1), 0, coarse->width - 1);
        const float *a = coarse->d + 3 * (y0 * coarse->width + x0);
        const float *b = coarse->d + 3 * (y0 * coarse->width + x1);
        const float *c = coarse->d + 3 * (y1 * coarse->width + x0);
        const float *d = coarse->d + 3 * (y1 * coarse->width + x1);

        for (int k = 0; fine->kind[i] == LIMN_MEMBRANE_FREE && k < 3; k++)
          fine->d[3 * i + k] = 0.5625f * a[k] + 0.1875f * (b[k] + c[k]) + 0.0625f * d[k];
      }
}

static int
build (LimnRun *run, Level *levels)
{
  int n = 1;

  while (n < MAX_LEVELS && MAX (levels[n - 1].height, levels[n - 1].width) > COARSEST_SIDE)
    {
      const Level *fine = &levels[n - 1];
      Level *coarse = &levels[n];
      LimnTensor d, kinds;

      coarse->height = (fine->height + 1) / 2;
      coarse->width = (fine->width + 1) / 2;
      d = limn_run_nhwc (run, 1, coarse->height, coarse->width, 3);
      kinds = limn_run_nhwc (run, 1, coarse->height, (coarse->width + 3) / 4, 1);
      if (!limn_run_ok (run))
        break;
      coarse->d = limn_tensor_f32 (&d);
      coarse->kind = kinds.data;
      coarsen (fine, coarse);
      n++;
    }
  return n;
}

void
limn_membrane_in_place (LimnRun *run, LimnTensor *d, const guint8 *kind, float screening)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor copy = limn_run_nhwc (run, 1, d->extent[1], (d->extent[2] + 3) / 4, 1);
  Level levels[MAX_LEVELS];
  int n_levels;

  if (limn_run_ok (run))
    {
      memcpy (copy.data, kind, (gsize)(d->extent[1] * d->extent[2]));
      levels[0] = (Level){ .height = d->extent[1],
                           .width = d->extent[2],
                           .d = limn_tensor_f32 (d),
                           .kind = copy.data,
                           .screening = screening };
      n_levels = build (run, levels);
      for (int i = n_levels - 1; i >= 0 && limn_run_ok (run); i--)
        {
          if (i < n_levels - 1)
            refine (&levels[i + 1], &levels[i]);
          relax_level (run, &levels[i], i == n_levels - 1 ? COARSEST_SWEEPS : SWEEPS);
        }
    }
  limn_run_release (run, mark);
}
