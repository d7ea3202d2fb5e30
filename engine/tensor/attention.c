/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"
#include "engine/tensor/tensor-private.h"

/* Queries of a tile, fewer where there are so many keys that a tile would take long: TILE_WORK
 * multiply-adds are 20 ms on a slow core. */
#define TILE_QUERIES 192
/* Panels of queries that share the keys of a block. */
#define MIN_QUERIES 64
/* For a machine of many cores. */
#define MIN_TILES 64
#define TILE_WORK ((gint64)128 * 1024 * 1024)

/* Floats of keys, and of values, of a step: what all tiles of a step read, and the most that is
 * brought together at a time. */
#define STEP_FLOATS ((gint64)4 * 1024 * 1024)
/* Rows of so many floats, or a multiple, lie where each covers the same few sets of the first-level
 * cache; such rows are brought together with a gap. */
#define BAD_ROW 128
#define GAP 16

/* Rows that one task brings together: 10 to 100 KB. */
#define GATHER_ROWS 64

typedef struct
{
  LimnAttentionJob attention;
  gint64 n_tiles; /* of one head of one sample */
  gint64 tile_queries;
  gint64 n_samples;
  gint64 step_keys;
} AttentionGrid;

static void
attention_tile (void *data, gint64 index, void *scratch)
{
  const AttentionGrid *grid = data;
  const LimnAttentionJob *job = &grid->attention;
  LimnAttentionTile tile;

  tile.query = index % grid->n_tiles * grid->tile_queries;
  index /= grid->n_tiles;
  tile.head = index % job->n_heads;
  tile.sample = index / job->n_heads;
  tile.n_queries = MIN (grid->tile_queries, job->n_queries - tile.query);
  job->kernels->attention_tile (job, &tile, scratch);
}

static gboolean
check_shapes (LimnRun *run,
              const LimnTensor *q,
              const LimnTensor *k,
              const LimnTensor *v,
              int n_heads,
              gboolean causal)
{
  if (q->n_dims != 3 || n_heads < 1 || q->extent[2] % n_heads != 0)
    limn_run_fail_shape (run, "attention: queries", q, NULL);
  else if (k->n_dims != 3 || k->extent[0] != q->extent[0] || k->extent[2] != q->extent[2]
           || (causal && k->extent[1] != q->extent[1]))
    limn_run_fail_shape (run, "attention: keys", k, q);
  else if (!limn_tensor_same_shape (k, v))
    limn_run_fail_shape (run, "attention: values", v, k);
  return limn_run_ok (run);
}

static gint64
ceil_div (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

/* How many keys a step takes, so that a tile of MIN_QUERIES takes no longer than it may and the
 * keys of all heads fit. */
static gint64
choose_step (const AttentionGrid *grid)
{
  const LimnAttentionJob *job = &grid->attention;
  gint64 unit = job->kernels->attention_keys, most;

  if (unit == 0)
    return job->n_keys;
  most = MIN (TILE_WORK / (2 * job->dim * MIN_QUERIES),
              STEP_FLOATS / (grid->n_samples * job->n_heads * job->dim));
  most = MAX (most / unit, 1) * unit;
  return MIN (ceil_div (ceil_div (job->n_keys, ceil_div (job->n_keys, most)), unit) * unit,
              job->n_keys);
}

static void
choose_grid (AttentionGrid *grid)
{
  const LimnAttentionJob *job = &grid->attention;
  gint64 n_heads = grid->n_samples * job->n_heads;

  grid->step_keys = choose_step (grid);
  grid->tile_queries
      = CLAMP (TILE_WORK / (2 * grid->step_keys * job->dim), MIN_QUERIES, TILE_QUERIES);
  while (grid->tile_queries > LIMN_CHANNEL_STEP
         && ceil_div (job->n_queries, grid->tile_queries) * n_heads < MIN_TILES)
    grid->tile_queries -= LIMN_CHANNEL_STEP;
  grid->n_tiles = ceil_div (job->n_queries, grid->tile_queries);
  grid->tile_queries = ceil_div (job->n_queries, grid->n_tiles);
  /* Whole panels, whatever their width. */
  if (grid->tile_queries > LIMN_CHANNEL_STEP)
    grid->tile_queries = ceil_div (grid->tile_queries, LIMN_CHANNEL_STEP) * LIMN_CHANNEL_STEP;
  grid->n_tiles = ceil_div (job->n_queries, grid->tile_queries);
}

/* ---- Keys and values, head by head ---- */

typedef struct
{
  const float *from[2]; /* [n][keys][heads][dim], from the step's first key on */
  float *to[2];         /* [n][heads][step's keys][row] */
  gint64 n_keys, n_step_keys, n_heads, dim;
  gint64 row;
  gint64 n_tiles; /* of one sample */
} GatherJob;

static void
gather_tile (void *data, gint64 index, void *scratch)
{
  const GatherJob *job = data;
  gint64 sample = index / job->n_tiles;
  gint64 first = index % job->n_tiles * GATHER_ROWS;
  gint64 last = MIN (first + GATHER_ROWS, job->n_step_keys);

  for (int which = 0; which < 2; which++)
    for (gint64 key = first; key < last; key++)
      {
        const float *from
            = job->from[which] + (sample * job->n_keys + key) * job->n_heads * job->dim;
        float *to = job->to[which] + (sample * job->n_heads * job->n_step_keys + key) * job->row;

        for (gint64 head = 0; head < job->n_heads; head++)
          memcpy (to + head * job->n_step_keys * job->row, from + head * job->dim,
                  (gsize)job->dim * sizeof (float));
      }
}

static gint64
gathered_row (const LimnAttentionJob *job)
{
  return job->dim % BAD_ROW == 0 ? job->dim + GAP : job->dim;
}

/* In the tensor a head's part of a row is a few lines of the cache, and the next row's is too far
 * away to be fetched ahead by the processor, or in the same sets as all others; every tile would
 * wait for them anew. Copying costs a hundredth of what it saves where there are many queries.
 * @to: of a step's keys and values. */
static gboolean
gather_keys (LimnRun *run, const AttentionGrid *grid, LimnAttentionJob *job, float *to)
{
  gint64 row = gathered_row (job);
  gint64 count = grid->n_samples * job->n_heads * job->n_step_keys * row;
  GatherJob gather = { .from = { job->k, job->v },
                       .to = { to, to + count },
                       .n_keys = job->n_keys,
                       .n_step_keys = job->n_step_keys,
                       .n_heads = job->n_heads,
                       .dim = job->dim,
                       .row = row,
                       .n_tiles = ceil_div (job->n_step_keys, GATHER_ROWS) };

  if (!limn_run_parallel (run, grid->n_samples * gather.n_tiles, 0, gather_tile, &gather))
    return FALSE;
  job->k = gather.to[0];
  job->v = gather.to[1];
  job->key_sample = job->n_heads * job->n_step_keys * row;
  job->key_head = job->n_step_keys * row;
  job->key_stride = row;
  return TRUE;
}

/* Keys @first .. of a step, by all queries. @gathered: (nullable): where its keys are brought
 * together. */
static gboolean
run_step (LimnRun *run, const AttentionGrid *grid, gint64 first, float *gathered)
{
  AttentionGrid step = *grid;
  LimnAttentionJob *job = &step.attention;

  job->first_key = first;
  job->n_step_keys = MIN (grid->step_keys, job->n_keys - first);
  job->k += first * job->key_stride;
  job->v += first * job->key_stride;
  if (gathered != NULL && !gather_keys (run, grid, job, gathered))
    return FALSE;
  return limn_run_parallel (run, grid->n_samples * job->n_heads * grid->n_tiles,
                            job->kernels->attention_scratch (job, grid->tile_queries),
                            attention_tile, &step);
}

static void
run_steps (LimnRun *run, AttentionGrid *grid)
{
  LimnAttentionJob *job = &grid->attention;
  gboolean several = grid->step_keys < job->n_keys;
  gint64 count = 2 * grid->n_samples * job->n_heads * grid->step_keys * gathered_row (job);
  float *gathered = NULL;

  if (several)
    {
      job->state = limn_run_array (run, grid->n_samples * job->n_heads * job->n_queries,
                                   2 * sizeof (float));
      /* In memory, also where maps lie in a file: every tile of a step reads all of it. */
      gathered = limn_run_scratch (run, (gsize)count * sizeof (float));
    }
  else if (job->kernels->attention_keys > 0 && grid->n_tiles > 1
           && (job->n_heads > 1 || gathered_row (job) > job->dim))
    gathered = limn_run_array (run, count, sizeof (float));
  if (!limn_run_ok (run))
    return;
  for (gint64 key = 0; key < job->n_keys; key += grid->step_keys)
    if (!run_step (run, grid, key, gathered))
      return;
}

/**
 * limn_attention:
 * @q: [n, tq, heads * dim]
 * @k, @v: [n, tk, heads * dim]
 * @scale: usually dim^-0.5
 * @causal: query i sees keys 0 .. i only
 *
 * y[i] = sum_j softmax_j (scale * q[i] . k[j]) v[j] for each head. Keys are taken in blocks; the
 * maximum and the sum of the softmax are carried along and what was added up so far is rescaled
 * when the maximum grows (Milakov and Gimelshein 2018; Dao et al. 2022), so memory is queries of a
 * tile by keys of a block. Where there are many keys all queries go through some thousands of them
 * before the next: those are read from the last-level cache, however large the map is. Error: a few
 * 2^-24 of the largest |v|, times that of the dot products in the exponent.
 */
LimnTensor
limn_attention (LimnRun *run,
                const LimnTensor *q,
                const LimnTensor *k,
                const LimnTensor *v,
                int n_heads,
                float scale,
                gboolean causal)
{
  AttentionGrid grid = { 0 };
  LimnAttentionJob *job = &grid.attention;
  LimnArenaMark mark;
  LimnTensor y;

  if (!limn_run_operands (run, "attention", q, k) || !limn_run_operands (run, "attention", v, NULL)
      || !check_shapes (run, q, k, v, n_heads, causal))
    return LIMN_TENSOR_EMPTY;
  y = limn_run_tensor (run, 3, q->extent);
  if (limn_tensor_is_empty (&y))
    return LIMN_TENSOR_EMPTY;

  *job = (LimnAttentionJob){
    .kernels = run->kernels,
    .q = limn_tensor_f32 (q),
    .k = limn_tensor_f32 (k),
    .v = limn_tensor_f32 (v),
    .y = limn_tensor_f32 (&y),
    .n_queries = q->extent[1],
    .n_keys = k->extent[1],
    .n_heads = n_heads,
    .dim = q->extent[2] / n_heads,
    .scale = scale,
    .causal = causal,
    .key_sample = k->extent[1] * k->extent[2],
    .key_head = k->extent[2] / n_heads,
    .key_stride = k->extent[2],
  };
  grid.n_samples = q->extent[0];
  choose_grid (&grid);
  mark = limn_run_mark (run);
  run_steps (run, &grid);
  limn_run_release (run, mark);
  return run->error == NULL ? y : LIMN_TENSOR_EMPTY;
}
