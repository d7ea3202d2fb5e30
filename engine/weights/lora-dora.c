/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * DoRA (Liu et al. 2024, equation 5): the changed weight is brought to a learnt magnitude,
 *   W' = m * (W + change) / |W + change|,
 * with norms over all of a row (peft, LyCORIS by default) or over all that belongs to an input
 * channel (as in the paper). As a change it is W' - W.
 */
#include <math.h>

#include "engine/weights/lora-private.h"

/* Columns @first to @first + @n - 1 of row @row of W + change; @n is at most LIMN_LORA_STEP. */
static void
read_changed (const LimnLoraDelta *self,
              gint64 row,
              gint64 first,
              gint64 n,
              float *weight,
              float *changed)
{
  const LimnLoraDelta *inner = self->inner;
  float sum[LIMN_LORA_STEP] = { 0 };

  limn_tensor_read_f32 (&self->base, row * self->n_columns + first, n, weight);
  inner->add (inner, row, first, n, sum);
  for (gint64 i = 0; i < n; i++)
    changed[i] = weight[i] + inner->scale * sum[i];
}

static void
add_dora (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum)
{
  for (gint64 done = 0; done < n; done += LIMN_LORA_STEP)
    {
      float weight[LIMN_LORA_STEP], changed[LIMN_LORA_STEP];
      gint64 m = MIN (n - done, LIMN_LORA_STEP);

      read_changed (self, row, first + done, m, weight, changed);
      for (gint64 i = 0; i < m; i++)
        {
          float factor = self->row_factors != NULL
                             ? self->row_factors[row]
                             : self->input_factors[(first + done + i) / self->n_taps];

          sum[done + i] += changed[i] * factor - weight[i];
        }
    }
}

/* Sums of squares of W + change: of each row into @rows, or of each input channel into @inputs. */
static void
sum_squares (const LimnLoraDelta *self, double *rows, double *inputs)
{
  float weight[LIMN_LORA_STEP], changed[LIMN_LORA_STEP];

  for (gint64 row = 0; row < self->n_rows; row++)
    for (gint64 first = 0; first < self->n_columns; first += LIMN_LORA_STEP)
      {
        gint64 n = MIN (self->n_columns - first, LIMN_LORA_STEP);

        read_changed (self, row, first, n, weight, changed);
        for (gint64 i = 0; i < n; i++)
          *(rows != NULL ? &rows[row] : &inputs[(first + i) / self->n_taps])
              += (double)changed[i] * (double)changed[i];
      }
}

/* Turns magnitudes into factors. A norm of 0 can only be of a weight of 0, which stays so. */
static void
divide_by_norms (const LimnLoraDelta *self, float *magnitudes, gint64 n, gboolean of_rows)
{
  g_autofree double *squares = g_new0 (double, n);

  sum_squares (self, of_rows ? squares : NULL, of_rows ? NULL : squares);
  for (gint64 i = 0; i < n; i++)
    magnitudes[i] = squares[i] > 0 ? (float)((double)magnitudes[i] / sqrt (squares[i])) : 0.0f;
}

LimnLoraDelta *
_limn_lora_dora_new (const LimnLoraMaker *maker, LimnLoraDelta *inner, const LimnTensor *rows)
{
  gboolean peft = _limn_lora_has (maker->module, LIMN_LORA_MAGNITUDE_PEFT);
  const LimnTensor *magnitude
      = &maker->module->parts[peft ? LIMN_LORA_MAGNITUDE_PEFT : LIMN_LORA_MAGNITUDE];
  LimnLoraDelta *delta = g_new0 (LimnLoraDelta, 1);
  gint64 count = limn_tensor_count (magnitude), n_inputs = inner->n_columns / inner->n_taps;
  gboolean of_rows = count == inner->n_rows && (peft || magnitude->extent[0] == count);
  float *factors;

  delta->add = add_dora;
  delta->n_rows = inner->n_rows;
  delta->n_columns = inner->n_columns;
  delta->n_taps = inner->n_taps;
  delta->scale = 1;
  delta->inner = inner;
  delta->base = *rows;
  if (!of_rows
      && (peft || magnitude->n_dims < 2 || magnitude->extent[1] != count || count != n_inputs))
    {
      _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_SHAPE,
                         "its magnitudes are as many as neither inputs nor outputs");
      _limn_lora_delta_free (delta);
      return NULL;
    }
  factors = _limn_lora_load (maker, magnitude);
  if (factors == NULL)
    {
      _limn_lora_delta_free (delta);
      return NULL;
    }
  if (of_rows)
    delta->row_factors = factors;
  else
    delta->input_factors = factors;
  divide_by_norms (delta, factors, count, of_rows);
  return delta;
}
