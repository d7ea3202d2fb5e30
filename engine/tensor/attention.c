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
#define MIN_QUERIES 16
/* For a machine of many cores. */
#define MIN_TILES 64
#define TILE_WORK ((gint64)128 * 1024 * 1024)

/* Rows that one task brings together: 10 to 100 KB. */
#define GATHER_ROWS 64

typedef struct
{
  LimnAttentionJob attention;
  gint64 n_tiles; /* of one head of one sample */
  gint64 tile_queries;
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

static void
choose_grid (AttentionGrid *grid, gint64 n_samples)
{
  const LimnAttentionJob *job = &grid->attention;
  gint64 work_of_query = MAX (2 * job->n_keys * job->dim, 1);
  gint64 n_heads = n_samples * job->n_heads;

  grid->tile_queries = CLAMP (TILE_WORK / work_of_query, MIN_QUERIES, TILE_QUERIES);
  while (grid->tile_queries > LIMN_CHANNEL_STEP
         && (job->n_queries + grid->tile_queries - 1) / grid->tile_queries * n_heads < MIN_TILES)
    grid->tile_queries -= LIMN_CHANNEL_STEP;
  grid->n_tiles = (job->n_queries + grid->tile_queries - 1) / grid->tile_queries;
  grid->tile_queries = (job->n_queries + grid->n_tiles - 1) / grid->n_tiles;
  /* Whole panels, whatever their width. */
  if (grid->tile_queries > LIMN_CHANNEL_STEP)
    grid->tile_queries
        = (grid->tile_queries + LIMN_CHANNEL_STEP - 1) / LIMN_CHANNEL_STEP * LIMN_CHANNEL_STEP;
  grid->n_tiles = (job->n_queries + grid->tile_queries - 1) / grid->tile_queries;
}

/* ---- Keys and values, head by head ---- */

typedef struct
{
  const float *from[2]; /* [n][keys][heads][dim] */
  float *to[2];         /* [n][heads][keys][dim] */
  gint64 n_keys, n_heads, dim;
  gint64 n_tiles; /* of one sample */
} GatherJob;

static void
gather_tile (void *data, gint64 index, void *scratch)
{
  const GatherJob *job = data;
  gint64 sample = index / job->n_tiles;
  gint64 first = index % job->n_tiles * GATHER_ROWS, last = MIN (first + GATHER_ROWS, job->n_keys);

  for (int which = 0; which < 2; which++)
    for (gint64 key = first; key < last; key++)
      {
        const float *from
            = job->from[which] + (sample * job->n_keys + key) * job->n_heads * job->dim;
        float *to = job->to[which] + (sample * job->n_heads * job->n_keys + key) * job->dim;

        for (gint64 head = 0; head < job->n_heads; head++)
          memcpy (to + head * job->n_keys * job->dim, from + head * job->dim,
                  (gsize)job->dim * sizeof (float));
      }
}

/* In the tensor a head's part of a row is a few lines of the cache, and the next row's is too far
 * away to be fetched ahead by the processor; every tile would wait for them anew. Copying costs a
 * hundredth of what it saves where there are many queries. */
static gboolean
gather_keys (LimnRun *run, LimnAttentionJob *job, gint64 n_samples)
{
  gint64 count = n_samples * job->n_heads * job->n_keys * job->dim;
  GatherJob gather = { .from = { job->k, job->v },
                       .n_keys = job->n_keys,
                       .n_heads = job->n_heads,
                       .dim = job->dim,
                       .n_tiles = (job->n_keys + GATHER_ROWS - 1) / GATHER_ROWS };

  for (int which = 0; which < 2; which++)
    gather.to[which] = limn_run_array (run, count, sizeof (float));
  if (!limn_run_ok (run)
      || !limn_run_parallel (run, n_samples * gather.n_tiles, 0, gather_tile, &gather))
    return FALSE;
  job->k = gather.to[0];
  job->v = gather.to[1];
  job->key_stride = job->dim;
  job->key_head = job->n_keys * job->dim;
  return TRUE;
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
 * tile by keys of a block. Error: a few 2^-24 of the largest |v|, times that of the dot products in
 * the exponent.
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
  choose_grid (&grid, q->extent[0]);
  mark = limn_run_mark (run);
  if (n_heads == 1 || grid.n_tiles == 1 || gather_keys (run, job, q->extent[0]))
    limn_run_parallel (run, q->extent[0] * n_heads * grid.n_tiles,
                       run->kernels->attention_scratch (job, grid.tile_queries), attention_tile,
                       &grid);
  limn_run_release (run, mark);
  return run->error == NULL ? y : LIMN_TENSOR_EMPTY;
}
