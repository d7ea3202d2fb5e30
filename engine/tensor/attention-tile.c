/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"

/* The two ways to attend, in blocks of so many keys. */
#define BLOCK_KEYS 256
#define PANEL_KEYS 128

G_STATIC_ASSERT (LIMN_ATTENTION_KEYS % BLOCK_KEYS == 0 && LIMN_ATTENTION_KEYS % PANEL_KEYS == 0);

/* Softmax in powers of 2: this is in the scale of the queries. */
#define LOG2_E 1.44269504088896340736f

/* Where the state of the tile's first query lies. */
static float *
tile_state (const LimnAttentionJob *job, const LimnAttentionTile *tile)
{
  gint64 head = tile->sample * job->n_heads + tile->head;

  return job->state != NULL ? job->state + 2 * (head * job->n_queries + tile->query) : NULL;
}

static gboolean
is_first_step (const LimnAttentionJob *job)
{
  return job->first_key == 0;
}

static gboolean
is_last_step (const LimnAttentionJob *job)
{
  return job->first_key + job->n_step_keys == job->n_keys;
}

/* Keys of the step that the tile sees. */
static gint64
visible_keys (const LimnAttentionJob *job, const LimnAttentionTile *tile)
{
  gint64 n_keys = job->causal ? tile->query + tile->n_queries - job->first_key : job->n_keys;

  return CLAMP (n_keys, 0, job->n_step_keys);
}

/* ---- Scores row by row, multiplied by BLAS ---- */

/* Scratch: scores [queries][BLOCK_KEYS], then maximum and sum of each query. */
gsize
limn_attention_blocks_scratch (const LimnAttentionJob *job, gint64 n_queries)
{
  return (gsize)n_queries * (BLOCK_KEYS + 2) * sizeof (float);
}

/* One block of keys for all queries of the tile; y is what was added up so far, not yet divided.
 * @key: number of its first one in the step. */
static void
attend_to_block (const LimnAttentionJob *job,
                 const LimnAttentionTile *tile,
                 gint64 key,
                 gint64 n_keys,
                 const float *q,
                 float *scores,
                 float *max,
                 float *sum,
                 float *y)
{
  gint64 width = job->n_heads * job->dim;
  gint64 first_key = job->first_key + key;
  gint64 at = tile->sample * job->key_sample + tile->head * job->key_head + key * job->key_stride;

  job->kernels->gemm (TRUE, tile->n_queries, n_keys, job->dim, q, width, job->k + at,
                      job->key_stride, 0.0f, scores, n_keys);
  for (gint64 i = 0; i < tile->n_queries; i++)
    {
      gint64 n_visible = n_keys;
      float correction;

      if (job->causal)
        n_visible = CLAMP (tile->query + i + 1 - first_key, 0, n_keys);
      correction = job->kernels->softmax_row (n_keys, n_visible, job->scale, scores + i * n_keys,
                                              &max[i], &sum[i]);
      if (first_key > 0 && correction != 1.0f)
        job->kernels->scale (job->dim, correction, y + i * width);
    }
  job->kernels->gemm (FALSE, tile->n_queries, job->dim, n_keys, scores, n_keys, job->v + at,
                      job->key_stride, first_key > 0 ? 1.0f : 0.0f, y, width);
}

void
limn_attention_blocks_tile (const LimnAttentionJob *job,
                            const LimnAttentionTile *tile,
                            void *scratch)
{
  gint64 width = job->n_heads * job->dim;
  gint64 at = (tile->sample * job->n_queries + tile->query) * width + tile->head * job->dim;
  gint64 n_keys = visible_keys (job, tile);
  float *scores = scratch;
  float *max = scores + tile->n_queries * BLOCK_KEYS;
  float *sum = max + tile->n_queries;
  float *state = tile_state (job, tile);

  for (gint64 i = 0; i < tile->n_queries; i++)
    {
      max[i] = is_first_step (job) ? -INFINITY : state[2 * i];
      sum[i] = is_first_step (job) ? 0.0f : state[2 * i + 1];
    }
  for (gint64 key = 0; key < n_keys; key += BLOCK_KEYS)
    attend_to_block (job, tile, key, MIN (BLOCK_KEYS, n_keys - key), job->q + at, scores, max, sum,
                     job->y + at);
  for (gint64 i = 0; i < tile->n_queries && !is_last_step (job); i++)
    {
      state[2 * i] = max[i];
      state[2 * i + 1] = sum[i];
    }
  for (gint64 i = 0; i < tile->n_queries && is_last_step (job); i++)
    job->kernels->scale (job->dim, 1.0f / sum[i], job->y + at + i * width);
}

/*
 * ---- Scores on their side: a panel of queries, a key in each row ----
 *
 * K Q^T needs K as it lies and Q in panels, which are made once per tile; the softmax runs down the
 * columns, all queries of a vector at once; V^T P^T takes the columns of V, and P^T is the panel
 * that the softmax left. So neither keys nor values need another order; limn_attention() brings
 * those of a head together.
 */

/* For each panel of the tile. Scratch: these, then one block of scores [PANEL_KEYS][width], the
 * correction [width]. */
typedef struct
{
  float *q;         /* [dim][width], times the scale and LOG2_E; columns beyond the queries are 0 */
  float *y;         /* [dim][width], what was added up so far, not yet divided */
  float *max, *sum; /* [width] */
} QueryPanel;

static gint64
query_panel_floats (const LimnAttentionJob *job)
{
  return (2 * job->dim + 2) * job->kernels->panel_width;
}

gsize
limn_attention_panels_scratch (const LimnAttentionJob *job, gint64 n_queries)
{
  gint64 width = job->kernels->panel_width;
  gint64 n_panels = (n_queries + width - 1) / width;

  return (gsize)(n_panels * query_panel_floats (job) + (PANEL_KEYS + 1) * width) * sizeof (float);
}

static QueryPanel
query_panel (const LimnAttentionJob *job, float *scratch, gint64 number)
{
  gint64 width = job->kernels->panel_width;
  float *q = scratch + number * query_panel_floats (job);
  float *y = q + job->dim * width;

  return (
      QueryPanel){ .q = q, .y = y, .max = y + job->dim * width, .sum = y + (job->dim + 1) * width };
}

/* @y and @state: of the panel's first query. */
static void
start_panel (const LimnAttentionJob *job,
             QueryPanel panel,
             const float *q,
             const float *y,
             const float *state,
             gint64 n_queries)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;
  gboolean first = is_first_step (job);

  job->kernels->rows_to_panel (n_queries, job->dim, job->scale * LOG2_E, q, stride, panel.q);
  if (first)
    memset (panel.y, 0, (gsize)(job->dim * width) * sizeof (float));
  else
    job->kernels->rows_to_panel (n_queries, job->dim, 1.0f, y, stride, panel.y);
  for (gint64 i = 0; i < width; i++)
    {
      panel.max[i] = first || i >= n_queries ? -INFINITY : state[2 * i];
      panel.sum[i] = first || i >= n_queries ? 0.0f : state[2 * i + 1];
    }
}

/* What was added up goes to y as it is, or after the last step divided by the sum. */
static void
finish_panel (const LimnAttentionJob *job,
              QueryPanel panel,
              float *y,
              float *state,
              gint64 n_queries)
{
  for (gint64 i = 0; i < n_queries; i++)
    if (is_last_step (job))
      panel.sum[i] = 1.0f / panel.sum[i];
    else
      {
        state[2 * i] = panel.max[i];
        state[2 * i + 1] = panel.sum[i];
        panel.sum[i] = 1.0f;
      }
  job->kernels->panel_to_rows (n_queries, job->dim, panel.sum, panel.y, y, job->n_heads * job->dim);
}

/* Keys after a query count nothing. @query: that of column 0, at least one key of it is seen in the
 * first block. */
static void
mask_future (float *scores, gint64 width, gint64 first_key, gint64 n_keys, gint64 query)
{
  for (gint64 j = 0; j < n_keys; j++)
    for (gint64 i = 0; i < MIN (first_key + j - query, width); i++)
      scores[j * width + i] = -INFINITY;
}

/* A block of keys, as all panels of a tile go through it. */
typedef struct
{
  gint64 first, n; /* of all keys */
  const float *k, *v;
} KeyBlock;

/* scores = k q, in passes whose part of the query panel stays in the first-level cache. */
static void
score_keys (const LimnAttentionJob *job, QueryPanel panel, const KeyBlock *block, float *scores)
{
  gint64 width = job->kernels->panel_width;
  gint64 n_passes = (job->dim + job->kernels->panel_depth - 1) / job->kernels->panel_depth;

  for (gint64 pass = 0; pass < n_passes; pass++)
    {
      gint64 first = pass * job->dim / n_passes;
      LimnPanelProduct product = {
        .n_rows = block->n,
        .n_columns = width,
        .x = block->k + first,
        .x_stride = job->key_stride,
        .x_step = 1,
        .n_segments = 1,
        .segment_length = (pass + 1) * job->dim / n_passes - first,
        .panel = panel.q + first * width,
        .init = pass > 0 ? scores : NULL,
        .init_stride = width,
        .y = scores,
        .y_stride = width,
      };

      job->kernels->panel_product (&product);
    }
}

static void
attend_panel (const LimnAttentionJob *job,
              QueryPanel panel,
              const KeyBlock *block,
              gint64 query,
              float *scores)
{
  gint64 width = job->kernels->panel_width;
  float *correction = scores + PANEL_KEYS * width;
  LimnPanelProduct product = {
    .n_rows = job->dim,
    .n_columns = width,
    .x = block->v,
    .x_stride = 1,
    .x_step = job->key_stride,
    .n_segments = 1,
    .segment_length = block->n,
    .panel = scores,
    .init = panel.y,
    .init_stride = width,
    .y = panel.y,
    .y_stride = width,
  };

  score_keys (job, panel, block, scores);
  if (job->causal && block->first + block->n - 1 > query)
    mask_future (scores, width, block->first, block->n, query);
  job->kernels->softmax_columns (block->n, scores, panel.max, panel.sum, correction);
  if (block->first > 0)
    job->kernels->scale_columns (job->dim, correction, panel.y);
  job->kernels->panel_product (&product);
}

static KeyBlock
key_block (const LimnAttentionJob *job, const LimnAttentionTile *tile, gint64 key, gint64 n_keys)
{
  gint64 from = tile->sample * job->key_sample + tile->head * job->key_head + key * job->key_stride;

  return (KeyBlock){ .first = job->first_key + key,
                     .n = MIN (PANEL_KEYS, n_keys - key),
                     .k = job->k + from,
                     .v = job->v + from };
}

void
limn_attention_panels_tile (const LimnAttentionJob *job,
                            const LimnAttentionTile *tile,
                            void *scratch)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;
  gint64 n_panels = (tile->n_queries + width - 1) / width;
  gint64 n_keys = visible_keys (job, tile);
  gint64 at = (tile->sample * job->n_queries + tile->query) * stride + tile->head * job->dim;
  float *scores = (float *)scratch + n_panels * query_panel_floats (job);
  float *state = tile_state (job, tile);

  for (gint64 p = 0; p < n_panels; p++)
    start_panel (job, query_panel (job, scratch, p), job->q + at + p * width * stride,
                 job->y + at + p * width * stride, state != NULL ? state + 2 * p * width : NULL,
                 MIN (width, tile->n_queries - p * width));
  for (gint64 key = 0; key < n_keys; key += PANEL_KEYS)
    {
      KeyBlock block = key_block (job, tile, key, n_keys);

      for (gint64 p = 0; p < n_panels; p++)
        attend_panel (job, query_panel (job, scratch, p), &block, tile->query + p * width, scores);
    }
  for (gint64 p = 0; p < n_panels; p++)
    finish_panel (job, query_panel (job, scratch, p), job->y + at + p * width * stride,
                  state != NULL ? state + 2 * p * width : NULL,
                  MIN (width, tile->n_queries - p * width));
}
