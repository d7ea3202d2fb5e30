/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/nn/layers-private.h"

void
limn_embedding_row (const LimnTensor *table, gint64 index, float *out)
{
  limn_tensor_read_f32 (table, index * table->extent[1], table->extent[1], out);
}

gboolean
limn_check_tokens (LimnRun *run,
                   const LimnTensor *table,
                   const LimnTensor *positions,
                   const gint32 *ids,
                   gint64 n,
                   gint64 tokens)
{
  if (n < 1 || tokens < 1 || tokens > positions->extent[0])
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                     "The text encoder takes 1 to %" G_GINT64_FORMAT
                     " tokens, not %" G_GINT64_FORMAT,
                     positions->extent[0], tokens);
      return FALSE;
    }
  for (gint64 i = 0; i < n * tokens; i++)
    if (ids[i] < 0 || ids[i] >= table->extent[0])
      {
        limn_run_fail (run, LIMN_ENGINE_ERROR_ARGUMENT,
                       "Token %d is outside of the text encoder's vocabulary of %" G_GINT64_FORMAT,
                       ids[i], table->extent[0]);
        return FALSE;
      }
  return limn_run_ok (run);
}

LimnTensor
limn_embed_tokens (LimnRun *run,
                   const LimnTensor *table,
                   const LimnTensor *positions,
                   const gint32 *ids,
                   gint64 n,
                   gint64 tokens)
{
  gint64 width = table->extent[1];
  LimnTensor out, places;
  LimnArenaMark mark;
  float *row, *place;

  if (!limn_check_tokens (run, table, positions, ids, n, tokens))
    return LIMN_TENSOR_EMPTY;
  out = limn_run_rows (run, n, tokens, width);
  mark = limn_run_mark (run);
  places = limn_run_rows (run, 1, tokens, width);
  row = limn_tensor_f32 (&out);
  place = limn_tensor_f32 (&places);
  if (row == NULL || place == NULL)
    return LIMN_TENSOR_EMPTY;
  for (gint64 t = 0; t < tokens; t++)
    limn_embedding_row (positions, t, place + t * width);
  for (gint64 i = 0; i < n * tokens; i++, row += width)
    {
      limn_embedding_row (table, ids[i], row);
      for (gint64 c = 0; c < width; c++)
        row[c] += place[i % tokens * width + c];
    }
  limn_run_release (run, mark);
  return out;
}
