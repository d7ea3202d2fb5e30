/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/patchmatch-private.h"

/* A patch's weight falls by this for each pixel that its middle is farther from the known. */
#define DEPTH_FALLOFF (1 / 1.3f)
/* A patch whose distance is this many times the mean of those over the same pixel has no say. */
#define WORST_OF_MEAN 3.0f
/* Below this, distances are rounding: all of them match. */
#define EXACT 1e-9f

typedef struct
{
  const LimnPatchLevel *level;
  gboolean sharp;
  LimnPatchPixel *out; /* of the level, or not */
  gboolean known;      /* also known pixels */
  float depth_weight[G_MAXUINT8 + 1];
} Vote;

/* The patches that lie over one pixel. */
typedef struct
{
  const LimnPatchPixel *says[LIMN_PATCH_AREA];
  float distance[LIMN_PATCH_AREA], weight[LIMN_PATCH_AREA];
  int n;
} Patches;

static void
collect (const Vote *vote, int x, int y, Patches *patches)
{
  const LimnPatchLevel *level = vote->level;

  patches->n = 0;
  for (int v = MAX (y - LIMN_PATCH_RADIUS, 0); v <= MIN (y + LIMN_PATCH_RADIUS, level->height - 1);
       v++)
    for (int u = MAX (x - LIMN_PATCH_RADIUS, 0); u <= MIN (x + LIMN_PATCH_RADIUS, level->width - 1);
         u++)
      {
        gsize i = (gsize)v * level->width + u;
        int n = patches->n;
        guint32 at;

        if (level->role[i] != LIMN_PATCH_TARGET)
          continue;
        at = level->at[i];
        patches->says[n] = level->pixels + (gsize)((int)(at >> 16) + y - v) * level->width
                           + ((int)(at & 0xffff) + x - u);
        patches->distance[n] = level->distance[i];
        patches->weight[n] = vote->depth_weight[level->depth[i]];
        patches->n++;
      }
}

static LimnPatchPixel
mean_word (const Patches *patches)
{
  LimnPatchPixel sum = { 0 };
  float mean = 0, total = 0;

  for (int k = 0; k < patches->n; k++)
    mean += patches->distance[k];
  mean = mean / (float)patches->n;
  for (int k = 0; k < patches->n; k++)
    {
      float match = mean > EXACT ? 1 - patches->distance[k] / (WORST_OF_MEAN * mean) : 1;
      float weight = match > 0 ? patches->weight[k] * match * match : 0;

      sum += *patches->says[k] * weight;
      total += weight;
    }
  return sum / total;
}

/* That of the patch with the least distance, measured near to the known first. */
static LimnPatchPixel
best_word (const Patches *patches)
{
  int best = 0;

  for (int k = 1; k < patches->n; k++)
    if (patches->distance[k] * patches->weight[best] < patches->distance[best] * patches->weight[k])
      best = k;
  return *patches->says[best];
}

static void
vote_tile (void *data, gint64 index, void *scratch)
{
  const Vote *vote = data;
  const LimnPatchLevel *level = vote->level;
  int x0, x1, y0, y1;
  Patches patches;

  _limn_patch_tile (level, index, &x0, &x1, &y0, &y1);
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      {
        gsize i = (gsize)y * level->width + x;

        if (level->depth[i] == 0 && !vote->known)
          continue;
        collect (vote, x, y, &patches);
        if (patches.n > 0)
          vote->out[i] = vote->sharp ? best_word (&patches) : mean_word (&patches);
      }
}

void
_limn_patch_vote (LimnRun *run, LimnPatchLevel *level, gboolean sharp, LimnPatchPixel *out)
{
  Vote vote = {
    .level = level, .sharp = sharp, .out = out != NULL ? out : level->pixels, .known = out != NULL
  };
  float weight = 1;

  /* The tail is that of 64 pixels, so that no weight becomes 0. */
  for (int i = 0; i <= G_MAXUINT8; i++, weight *= i < 64 ? DEPTH_FALLOFF : 1)
    vote.depth_weight[i] = weight;
  limn_run_parallel (run, _limn_patch_tiles (level), 0, vote_tile, &vote);
}
