/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/task/patchmatch-private.h"

#include <string.h>

#include "engine/diffusion/noise.h"
#include "engine/task/prefill-private.h"

#define MAX_LEVELS 12
/* The pyramid ends where the hole's shorter side is about this long: what is smaller than a patch
 * needs no guess. */
#define COARSEST_HOLE 12
/* The coarsest level has at least as many patches to copy from. */
#define MIN_SOURCES 32

/* Rounds of search and vote at the finest level, and more of them the coarser it is. */
#define FINEST_ROUNDS 2
#define ROUNDS_PER_LEVEL 3
#define MAX_ROUNDS 16
/* Rounds of the search before each vote. */
#define SEARCHES 2
/* What a vote costs, in searches; for the progress alone. */
#define VOTE_WORK 0.5
/* Levels with more targets than this are only refined: the field of the level below, propagated
 * once. It bounds the time. */
#define MANY_TARGETS 250000

/* The random numbers of the first field, apart from those of the rounds. */
#define FIRST_FIELD G_MAXUINT32

typedef struct
{
  LimnRun *run;
  guint64 seed;
  LimnPatchProgress progress; /* nullable */
  gpointer user_data;
  LimnPatchLevel levels[MAX_LEVELS];
  int n_levels;
  int round, n_rounds;
  double done, work; /* in targets */
} Completion;

/* ---- Building -------------------------------------------------------------------------------- */

static gboolean
allocate (LimnRun *run, LimnPatchLevel *level, int height, int width)
{
  LimnTensor pixels = limn_run_nhwc (run, 1, height, width, 4);
  LimnTensor at = limn_run_nhwc (run, 1, height, width, 1);
  LimnTensor before = limn_run_nhwc (run, 1, height, width, 1);
  LimnTensor distance = limn_run_nhwc (run, 1, height, width, 1);
  /* Two bytes for each pixel. */
  LimnTensor bytes = limn_run_nhwc (run, 1, height, (width + 1) / 2, 1);

  *level = (LimnPatchLevel){ .height = height,
                             .width = width,
                             .pixels = pixels.data,
                             .depth = bytes.data,
                             .at = at.data,
                             .at_before = before.data,
                             .distance = distance.data };
  if (!limn_run_ok (run))
    return FALSE;
  level->role = level->depth + (gsize)height * width;
  memset (level->at, 0, limn_tensor_bytes (&at));
  memset (level->distance, 0, limn_tensor_bytes (&distance));
  return TRUE;
}

gsize
limn_patchmatch_memory (int height, int width)
{
  /* The level's arrays over the pyramid, its result in two forms, and the first fill's pyramid. */
  return (gsize)height * width * (30 * 4 / 3 + 16 + 12 + 24) + (1 << 20);
}

static inline int
least_neighbour (const LimnPatchLevel *level, int x, int y, int direction)
{
  const guint8 *here = level->depth + (gsize)y * level->width + x;
  int least = G_MAXUINT8;

  if (direction < 0 ? x > 0 : x + 1 < level->width)
    least = MIN (least, here[direction]);
  if (direction < 0 ? y > 0 : y + 1 < level->height)
    least = MIN (least, here[direction * level->width]);
  return least;
}

/* level->depth is 0 or not: makes it the city-block distance to the known, by a sweep down and one
 * up. */
static void
measure_depth (LimnPatchLevel *level)
{
  for (int y = 0; y < level->height; y++)
    for (int x = 0; x < level->width; x++)
      {
        guint8 *depth = level->depth + (gsize)y * level->width + x;

        if (*depth > 0)
          *depth = (guint8)MIN (least_neighbour (level, x, y, -1) + 1, G_MAXUINT8);
      }
  for (int y = level->height - 1; y >= 0; y--)
    for (int x = level->width - 1; x >= 0; x--)
      {
        guint8 *depth = level->depth + (gsize)y * level->width + x;

        *depth = (guint8)MIN (*depth, least_neighbour (level, x, y, 1) + 1);
      }
}

/* Which patches touch the hole: the number of its pixels in each column of a patch, and from those
 * in each patch, by running sums. */
static void
set_roles (LimnPatchLevel *level, gint32 *columns)
{
  int width = level->width, height = level->height, side = LIMN_PATCH_SIDE;

  memset (level->role, LIMN_PATCH_OUTSIDE, (gsize)height * width);
  memset (columns, 0, sizeof *columns * width);
  for (int y = 0; y < height; y++)
    {
      int sum = 0;

      for (int x = 0; x < width; x++)
        {
          columns[x] += level->depth[(gsize)y * width + x] > 0;
          if (y >= side)
            columns[x] -= level->depth[(gsize)(y - side) * width + x] > 0;
          sum += columns[x];
          if (x >= side)
            sum -= columns[x - side];
          if (x + 1 < side || y + 1 < side)
            continue;
          level->role[(gsize)(y - LIMN_PATCH_RADIUS) * width + (x - LIMN_PATCH_RADIUS)]
              = sum > 0 ? LIMN_PATCH_TARGET : LIMN_PATCH_SOURCE;
          level->n_targets += sum > 0;
          level->n_sources += sum == 0;
        }
    }
}

static void
finish_level (LimnRun *run, LimnPatchLevel *level)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor columns = limn_run_nhwc (run, 1, 1, level->width, 1);

  if (limn_run_ok (run))
    {
      measure_depth (level);
      set_roles (level, columns.data);
    }
  limn_run_release (run, mark);
}

static void
load (LimnPatchLevel *level, const LimnTensor *image, const guint8 *hole)
{
  const float *from = limn_tensor_f32 (image);

  for (gint64 i = 0; i < (gint64)level->height * level->width; i++)
    {
      level->depth[i] = hole[i] >= 128;
      level->pixels[i] = (LimnPatchPixel){ from[3 * i], from[3 * i + 1], from[3 * i + 2], 0 };
    }
}

/* Half the size: the mean of the known pixels; unknown where one of the four is, so that a known
 * patch here is known below. */
static void
halve (const LimnPatchLevel *fine, LimnPatchLevel *coarse)
{
  for (int y = 0; y < coarse->height; y++)
    for (int x = 0; x < coarse->width; x++)
      {
        LimnPatchPixel sum = { 0 };
        int n = 0, all = 0;

        for (int v = 2 * y; v < MIN (2 * y + 2, fine->height); v++)
          for (int u = 2 * x; u < MIN (2 * x + 2, fine->width); u++, all++)
            if (fine->depth[(gsize)v * fine->width + u] == 0)
              {
                sum += fine->pixels[(gsize)v * fine->width + u];
                n++;
              }
        coarse->depth[(gsize)y * coarse->width + x] = n < all;
        coarse->pixels[(gsize)y * coarse->width + x] = sum / (float)MAX (n, 1);
      }
}

/* Shorter side of the hole's bounding box; 0 without a hole. */
static int
hole_side (const LimnPatchLevel *level)
{
  int left = level->width, right = -1, top = level->height, bottom = -1;

  for (int y = 0; y < level->height; y++)
    for (int x = 0; x < level->width; x++)
      if (level->depth[(gsize)y * level->width + x] > 0)
        {
          left = MIN (left, x);
          right = MAX (right, x);
          top = MIN (top, y);
          bottom = y;
        }
  return right < 0 ? 0 : MIN (right - left, bottom - top) + 1;
}

/* @levels[0] is there; makes coarser ones while that gives sense. How many there are. */
static int
build (LimnRun *run, LimnPatchLevel *levels)
{
  int n = 1, side = hole_side (&levels[0]);

  while (limn_run_ok (run) && n < MAX_LEVELS && side > COARSEST_HOLE)
    {
      const LimnPatchLevel *fine = &levels[n - 1];
      LimnPatchLevel *coarse = &levels[n];
      LimnArenaMark mark = limn_run_mark (run);

      if (!allocate (run, coarse, (fine->height + 1) / 2, (fine->width + 1) / 2))
        break;
      halve (fine, coarse);
      finish_level (run, coarse);
      if (coarse->n_sources < MIN_SOURCES || coarse->n_targets == 0)
        {
          limn_run_release (run, mark);
          break;
        }
      side = (side + 1) / 2;
      n++;
    }
  return n;
}

/* ---- Filling --------------------------------------------------------------------------------- */

/* The hole of the coarsest level: smooth. */
static void
fill_smoothly (LimnRun *run, LimnPatchLevel *level)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor x = limn_run_nhwc (run, 1, level->height, level->width, 4);
  LimnTensor bytes = limn_run_nhwc (run, 1, level->height, level->width, 1);
  gsize n = (gsize)level->height * level->width;
  guint8 *hole = bytes.data;

  if (limn_run_ok (run))
    {
      memcpy (x.data, level->pixels, limn_tensor_bytes (&x));
      for (gsize i = 0; i < n; i++)
        hole[i] = level->depth[i] > 0 ? 255 : 0;
      limn_prefill_smooth_in_place (run, &x, hole);
    }
  if (limn_run_ok (run))
    memcpy (level->pixels, x.data, limn_tensor_bytes (&x));
  limn_run_release (run, mark);
}

/* Any source for each target. */
static void
begin_field (LimnRun *run, LimnPatchLevel *level, guint64 seed)
{
  LimnArenaMark mark = limn_run_mark (run);
  LimnTensor list = limn_run_nhwc (run, 1, 1, level->n_sources, 1);
  guint32 *sources = list.data, key[2] = { (guint32)seed, (guint32)(seed >> 32) };
  gint64 n = 0;

  for (int y = 0; sources != NULL && y < level->height; y++)
    for (int x = 0; x < level->width; x++)
      if (level->role[(gsize)y * level->width + x] == LIMN_PATCH_SOURCE)
        sources[n++] = (guint32)y << 16 | (guint32)x;
  for (gsize i = 0; limn_run_ok (run) && i < (gsize)level->height * level->width; i++)
    if (level->role[i] == LIMN_PATCH_TARGET)
      {
        guint32 counter[4] = { (guint32)i, FIRST_FIELD, 0, 0 }, block[4];

        limn_philox_4x32 (counter, key, block);
        level->at[i] = sources[(guint64)block[0] * (guint64)n >> 32];
      }
  limn_run_release (run, mark);
}

/* The field of @coarse at twice its size. A source there is one here, see halve(). */
static void
continue_field (const LimnPatchLevel *coarse, LimnPatchLevel *fine)
{
  int r = LIMN_PATCH_RADIUS;

  for (int y = r; y < fine->height - r; y++)
    for (int x = r; x < fine->width - r; x++)
      {
        gsize i = (gsize)y * fine->width + x;
        int u = CLAMP (x / 2, r, coarse->width - 1 - r),
            v = CLAMP (y / 2, r, coarse->height - 1 - r);
        gsize k = (gsize)v * coarse->width + u;

        if (fine->role[i] != LIMN_PATCH_TARGET)
          continue;
        if (coarse->role[k] == LIMN_PATCH_TARGET)
          {
            u = (int)(coarse->at[k] & 0xffff);
            v = (int)(coarse->at[k] >> 16);
            fine->distance[i] = coarse->distance[k];
          }
        /* The odd pixel next to the even one, while its patch stays inside. */
        u = MIN (2 * u + x % 2, fine->width - 1 - r);
        v = MIN (2 * v + y % 2, fine->height - 1 - r);
        fine->at[i] = (guint32)v << 16 | (guint32)u;
      }
}

static int
rounds_of (const LimnPatchLevel *level, int depth)
{
  return level->n_targets > MANY_TARGETS
             ? 1
             : MIN (FINEST_ROUNDS + ROUNDS_PER_LEVEL * depth, MAX_ROUNDS);
}

/* @share of the round of @level is done since the last call. */
static void
report (Completion *self, const LimnPatchLevel *level, double share)
{
  self->done += share * (double)level->n_targets;
  if (self->progress != NULL && limn_run_ok (self->run))
    self->progress (self->round, self->n_rounds, MIN (self->done / self->work, 1),
                    self->user_data);
}

/* Search and vote, in turns. The finest level's rounds are most of the work: each search is told
 * of. */
static void
refine (Completion *self, int depth)
{
  LimnPatchLevel *level = &self->levels[depth];
  gboolean many = level->n_targets > MANY_TARGETS;
  guint32 count = (guint32)depth << 8;
  int searches = many ? 1 : SEARCHES;
  double share = 1.0 / (searches + VOTE_WORK);

  for (int i = 0; i < rounds_of (level, depth) && limn_run_ok (self->run); i++)
    {
      for (int k = 0; k < searches; k++)
        {
          _limn_patch_search (self->run, level, self->seed, count++, !many, k == 0);
          report (self, level, share);
        }
      _limn_patch_vote (self->run, level, FALSE, NULL);
      self->round++;
      report (self, level, share * VOTE_WORK);
    }
}

static void
complete (Completion *self)
{
  LimnPatchLevel *levels = self->levels;

  for (int i = 0; i < self->n_levels; i++)
    {
      self->n_rounds += rounds_of (&levels[i], i);
      self->work += (double)levels[i].n_targets * rounds_of (&levels[i], i);
    }
  for (int i = self->n_levels - 1; i >= 0 && limn_run_ok (self->run); i--)
    {
      if (i == self->n_levels - 1)
        {
          fill_smoothly (self->run, &levels[i]);
          begin_field (self->run, &levels[i], self->seed);
        }
      else
        {
          continue_field (&levels[i + 1], &levels[i]);
          _limn_patch_vote (self->run, &levels[i], FALSE, NULL);
        }
      refine (self, i);
    }
}

/* Only where there is nothing to copy. */
static void
complete_smoothly (LimnRun *run, LimnTensor *result, const guint8 *hole)
{
  gsize n = (gsize)(result->extent[1] * result->extent[2]);
  g_autofree guint8 *sharp = g_try_malloc (n);

  if (sharp == NULL)
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY, "There is not enough memory for the mask");
      return;
    }
  for (gsize i = 0; i < n; i++)
    sharp[i] = hole[i] >= 128 ? 255 : 0;
  limn_prefill_smooth_in_place (run, result, sharp);
}

static void
finish (LimnRun *run, LimnPatchLevel *level, LimnTensor *result)
{
  gsize n = (gsize)level->height * level->width;
  LimnTensor out = limn_run_nhwc (run, 1, level->height, level->width, 4);
  float *to = limn_tensor_f32 (result);
  const float *from = limn_tensor_f32 (&out);

  if (!limn_run_ok (run))
    return;
  memcpy (out.data, level->pixels, limn_tensor_bytes (&out));
  _limn_patch_vote (run, level, FALSE, out.data);
  for (gsize i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      to[3 * i + c] = from[4 * i + c];
}

LimnTensor
limn_patchmatch_complete (LimnRun *run,
                          const LimnTensor *image,
                          const guint8 *hole,
                          guint64 seed,
                          LimnPatchProgress progress,
                          gpointer user_data)
{
  int height = (int)image->extent[1], width = (int)image->extent[2];
  LimnTensor result = limn_run_nhwc (run, 1, height, width, 3);
  LimnArenaMark mark = limn_run_mark (run);
  Completion self = { .run = run, .seed = seed, .progress = progress, .user_data = user_data };

  if (!limn_run_ok (run) || !allocate (run, &self.levels[0], height, width))
    return LIMN_TENSOR_EMPTY;
  load (&self.levels[0], image, hole);
  memcpy (result.data, image->data, limn_tensor_bytes (&result));
  finish_level (run, &self.levels[0]);
  if (!limn_run_ok (run) || self.levels[0].n_targets == 0 || self.levels[0].n_sources == 0)
    complete_smoothly (run, &result, hole);
  else
    {
      self.n_levels = build (run, self.levels);
      complete (&self);
      if (limn_run_ok (run))
        finish (run, &self.levels[0], &result);
    }
  limn_run_release (run, mark);
  return limn_run_ok (run) ? result : LIMN_TENSOR_EMPTY;
}
