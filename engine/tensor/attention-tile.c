/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/tensor/kernels-private.h"

/* The two ways to attend, in steps of so many keys. */
#define BLOCK_KEYS 256
#define PANEL_KEYS 128

/* ---- Scores row by row, multiplied by BLAS ---- */

/* Scratch: scores [queries][BLOCK_KEYS], then maximum and sum of each query. */
gsize
limn_attention_blocks_scratch (const LimnAttentionJob *job, gint64 n_queries)
{
  return (gsize) n_queries * (BLOCK_KEYS + 2) * sizeof (float);
}

/* One block of keys for all queries of the tile; y is what was added up so far, not yet divided. */
static void
attend_to_block (const LimnAttentionJob *job,
                 const LimnAttentionTile *tile,
                 gint64 first_key,
                 gint64 n_keys,
                 const float *q,
                 float *scores,
                 float *max,
                 float *sum,
                 float *y)
{
  gint64 width = job->n_heads * job->dim;
  gint64 at = (tile->sample * job->n_keys + first_key) * width + tile->head * job->dim;

  job->kernels->gemm (TRUE, tile->n_queries, n_keys, job->dim, q, width, job->k + at, width, 0.0f,
                      scores, n_keys);
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
  job->kernels->gemm (FALSE, tile->n_queries, job->dim, n_keys, scores, n_keys, job->v + at, width,
                      first_key > 0 ? 1.0f : 0.0f, y, width);
}

void
limn_attention_blocks_tile (const LimnAttentionJob *job,
                            const LimnAttentionTile *tile,
                            void *scratch)
{
  gint64 width = job->n_heads * job->dim;
  gint64 at = (tile->sample * job->n_queries + tile->query) * width + tile->head * job->dim;
  gint64 n_keys = job->causal ? tile->query + tile->n_queries : job->n_keys;
  float *scores = scratch;
  float *max = scores + tile->n_queries * BLOCK_KEYS;
  float *sum = max + tile->n_queries;

  for (gint64 i = 0; i < tile->n_queries; i++)
    {
      max[i] = -INFINITY;
      sum[i] = 0.0f;
    }
  for (gint64 key = 0; key < n_keys; key += BLOCK_KEYS)
    attend_to_block (job, tile, key, MIN (BLOCK_KEYS, n_keys - key), job->q + at, scores, max, sum,
                     job->y + at);
  for (gint64 i = 0; i < tile->n_queries; i++)
    job->kernels->scale (job->dim, 1.0f / sum[i], job->y + at + i * width);
}

/*
 * ---- Scores on their side: a panel of queries, a key in each row ----
 *
 * K Q^T needs K as it lies and Q in panels, which are made once per tile; the softmax runs down the
 * columns, all queries of a vector at once; V^T P^T takes the columns of V, and P^T is the panel
 * that the softmax left. So neither keys nor values are ever repacked.
 */

/* For each panel of the tile. Scratch: these, then one block of scores [PANEL_KEYS][width]. */
typedef struct
{
  float *q;         /* [dim][width], times the scale; columns beyond the queries are 0 */
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

  return (gsize) (n_panels * query_panel_floats (job) + (PANEL_KEYS + 1) * width) * sizeof (float);
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

static void
start_panel (const LimnAttentionJob *job, QueryPanel panel, const float *q, gint64 n_queries)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;

  memset (panel.q, 0, (gsize) (job->dim * width) * sizeof (float));
  memset (panel.y, 0, (gsize) (job->dim * width) * sizeof (float));
  for (gint64 i = 0; i < n_queries; i++)
    for (gint64 d = 0; d < job->dim; d++)
      panel.q[d * width + i] = q[i * stride + d] * job->scale;
  for (gint64 i = 0; i < width; i++)
    {
      panel.max[i] = -INFINITY;
      panel.sum[i] = 0.0f;
    }
}

static void
finish_panel (const LimnAttentionJob *job, QueryPanel panel, float *y, gint64 n_queries)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;

  for (gint64 i = 0; i < n_queries; i++)
    {
      float inverse = 1.0f / panel.sum[i];

      for (gint64 d = 0; d < job->dim; d++)
        y[i * stride + d] = panel.y[d * width + i] * inverse;
    }
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

/* @k and @v: the rows of the block. */
static void
attend_panel (const LimnAttentionJob *job,
              QueryPanel panel,
              const float *k,
              const float *v,
              gint64 first_key,
              gint64 n_keys,
              gint64 query,
              float *scores)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;
  float *correction = scores + PANEL_KEYS * width;
  LimnPanelProduct product = {
    .n_rows = n_keys,
    .n_columns = width,
    .x = k,
    .x_stride = stride,
    .x_step = 1,
    .n_segments = 1,
    .segment_length = job->dim,
    .panel = panel.q,
    .y = scores,
    .y_stride = width,
  };

  job->kernels->panel_product (&product);
  if (job->causal && first_key + n_keys - 1 > query)
    mask_future (scores, width, first_key, n_keys, query);
  job->kernels->softmax_columns (n_keys, scores, panel.max, panel.sum, correction);
  if (first_key > 0)
    job->kernels->scale_columns (job->dim, correction, panel.y);

  product = (LimnPanelProduct){
    .n_rows = job->dim,
    .n_columns = width,
    .x = v,
    .x_stride = 1,
    .x_step = stride,
    .n_segments = 1,
    .segment_length = n_keys,
    .panel = scores,
    .init = panel.y,
    .init_stride = width,
    .y = panel.y,
    .y_stride = width,
  };
  job->kernels->panel_product (&product);
}

void
limn_attention_panels_tile (const LimnAttentionJob *job,
                            const LimnAttentionTile *tile,
                            void *scratch)
{
  gint64 width = job->kernels->panel_width;
  gint64 stride = job->n_heads * job->dim;
  gint64 n_panels = (tile->n_queries + width - 1) / width;
  gint64 n_keys = job->causal ? tile->query + tile->n_queries : job->n_keys;
  gint64 at = (tile->sample * job->n_queries + tile->query) * stride + tile->head * job->dim;
  float *scores = (float *) scratch + n_panels * query_panel_floats (job);

  for (gint64 p = 0; p < n_panels; p++)
    start_panel (job, query_panel (job, scratch, p), job->q + at + p * width * stride,
                 MIN (width, tile->n_queries - p * width));
  for (gint64 key = 0; key < n_keys; key += PANEL_KEYS)
    {
      gint64 from = (tile->sample * job->n_keys + key) * stride + tile->head * job->dim;

      for (gint64 p = 0; p < n_panels; p++)
        attend_panel (job, query_panel (job, scratch, p), job->k + from, job->v + from, key,
                      MIN (PANEL_KEYS, n_keys - key), tile->query + p * width, scores);
    }
  for (gint64 p = 0; p < n_panels; p++)
    finish_panel (job, query_panel (job, scratch, p), job->y + at + p * width * stride,
                  MIN (width, tile->n_queries - p * width));
}
