/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>

#include "engine/tensor/kernels-private.h"

/* Scratch: scores [queries][LIMN_ATTENTION_KEYS], then maximum and sum of each query. */
gsize
limn_attention_blocks_scratch (const LimnAttentionJob *job, gint64 n_queries)
{
  return (gsize) n_queries * (LIMN_ATTENTION_KEYS + 2) * sizeof (float);
}

/* One block of keys for all queries of the tile; y is what was added up so far, not yet divided. */
static void
attend_to_block (const LimnAttentionJob *job, const LimnAttentionTile *tile, gint64 first_key,
                 gint64 n_keys, const float *q, float *scores, float *max, float *sum, float *y)
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
limn_attention_blocks_tile (const LimnAttentionJob *job, const LimnAttentionTile *tile, void *scratch)
{
  gint64 width = job->n_heads * job->dim;
  gint64 at = (tile->sample * job->n_queries + tile->query) * width + tile->head * job->dim;
  gint64 n_keys = job->causal ? tile->query + tile->n_queries : job->n_keys;
  float *scores = scratch;
  float *max = scores + tile->n_queries * LIMN_ATTENTION_KEYS;
  float *sum = max + tile->n_queries;

  for (gint64 i = 0; i < tile->n_queries; i++)
    {
      max[i] = -INFINITY;
      sum[i] = 0.0f;
    }
  for (gint64 key = 0; key < n_keys; key += LIMN_ATTENTION_KEYS)
    attend_to_block (job, tile, key, MIN (LIMN_ATTENTION_KEYS, n_keys - key), job->q + at, scores, max,
                     sum, job->y + at);
  for (gint64 i = 0; i < tile->n_queries; i++)
    job->kernels->scale (job->dim, 1.0f / sum[i], job->y + at + i * width);
}
