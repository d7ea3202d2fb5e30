/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/autoencoder-private.h"

#include <string.h>

#define POSITIONS_PER_TILE 16

typedef struct
{
  const float *latent;
  const float *codebook;
  float *out;
  gint64 n_positions, n_embed, dim;
} Quantise;

static gint64
nearest (const Quantise *q, const float *z)
{
  double least = G_MAXDOUBLE;
  gint64 found = 0;

  for (gint64 entry = 0; entry < q->n_embed; entry++)
    {
      const float *e = q->codebook + entry * q->dim;
      double distance = 0;

      for (gint64 i = 0; i < q->dim; i++)
        distance += ((double) z[i] - e[i]) * ((double) z[i] - e[i]);
      if (distance < least)
        {
          least = distance;
          found = entry;
        }
    }
  return found;
}

static void
quantise_tile (void *data, gint64 index, void *scratch)
{
  const Quantise *q = data;
  gint64 end = MIN ((index + 1) * POSITIONS_PER_TILE, q->n_positions);

  for (gint64 i = index * POSITIONS_PER_TILE; i < end; i++)
    memcpy (q->out + i * q->dim, q->codebook + nearest (q, q->latent + i * q->dim) * q->dim,
            (gsize) q->dim * sizeof (float));
}

/* van den Oord et al. 2017, "Neural Discrete Representation Learning", equation 1; the first of
 * equally near entries. */
LimnTensor
limn_quantise (LimnRun *run, const LimnTensor *latent, const LimnTensor *codebook)
{
  LimnTensor out, entries;
  Quantise q;

  if (limn_tensor_is_empty (latent))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_tensor (run, latent->n_dims, latent->extent);
  entries = limn_run_tensor (run, codebook->n_dims, codebook->extent);
  if (limn_tensor_is_empty (&out) || limn_tensor_is_empty (&entries))
    return LIMN_TENSOR_EMPTY;
  limn_tensor_read_f32 (codebook, 0, limn_tensor_count (codebook), entries.data);
  q = (Quantise) {
    .latent = limn_tensor_f32 (latent),
    .codebook = limn_tensor_f32 (&entries),
    .out = limn_tensor_f32 (&out),
    .n_embed = codebook->extent[0],
    .dim = codebook->extent[1],
  };
  q.n_positions = limn_tensor_count (latent) / q.dim;
  if (!limn_run_parallel (run, (q.n_positions + POSITIONS_PER_TILE - 1) / POSITIONS_PER_TILE, 0,
                          quantise_tile, &q))
    return LIMN_TENSOR_EMPTY;
  return out;
}
