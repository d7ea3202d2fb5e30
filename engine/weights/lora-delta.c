/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What one module of a LoRA adds to a weight, row by row:
 *   LoRA  up * down (Hu et al. 2021, equation 3), or up * mid * down for convolutions
 *   LoHa  (w1_a * w1_b) o (w2_a * w2_b), element by element (Hyeon-Woo et al. 2022, "FedPara")
 *   LoKr  w1 (x) w2, Kronecker product (Yeh et al. 2024, "LyCORIS"); each whole or as product
 * all times alpha / rank. Sums run in the order of the rank, so that a row's columns come out the
 * same however they are cut.
 */
#include <math.h>
#include <string.h>

#include "engine/weights/lora-private.h"
#include "engine/weights/weights-private.h"

gboolean
_limn_lora_refuse (const LimnLoraMaker *maker, int code, const char *what)
{
  g_autofree char *shown = _limn_weights_quote (maker->module->name);

  return _limn_weights_fail (limn_lora_get_weights (maker->lora), maker->error, code,
                             "module %s: %s", shown, what);
}

static const LimnTensor *
part (const LimnLoraMaker *maker, LimnLoraRole role)
{
  return &maker->module->parts[role];
}

static gint64
n_columns (const LimnTensor *matrix)
{
  return matrix->extent[0] > 0 ? limn_tensor_count (matrix) / matrix->extent[0] : 0;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* sum += row @row of a [.., rank] times b [rank, columns]. */
static void
add_product (const float *a,
             const float *b,
             gint64 rank,
             gint64 columns,
             gint64 row,
             gint64 first,
             gint64 n,
             float *restrict sum)
{
  for (gint64 r = 0; r < rank; r++)
    {
      const float factor = a[row * rank + r];
      const float *restrict values = b + r * columns + first;

      for (gint64 i = 0; i < n; i++)
        sum[i] += factor * values[i];
    }
}

static void
add_lora (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum)
{
  add_product (self->a, self->b, self->rank, self->n_columns, row, first, n, sum);
}

static void
add_hadamard (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum)
{
  for (gint64 done = 0; done < n; done += LIMN_LORA_STEP)
    {
      float left[LIMN_LORA_STEP] = { 0 }, right[LIMN_LORA_STEP] = { 0 };
      gint64 m = MIN (n - done, LIMN_LORA_STEP);

      add_product (self->a, self->b, self->rank, self->n_columns, row, first + done, m, left);
      add_product (self->a2, self->b2, self->rank2, self->n_columns, row, first + done, m, right);
      for (gint64 i = 0; i < m; i++)
        sum[done + i] += left[i] * right[i];
    }
}

/* Element (row, column) is w1[row / R, column / C] * w2[row % R, column % C], R by C being w2. */
static void
add_kronecker (const LimnLoraDelta *self, gint64 row, gint64 first, gint64 n, float *sum)
{
  const float *w1 = self->a + row / self->w2_rows * self->w1_columns;
  const float *w2 = self->b + row % self->w2_rows * self->w2_columns;

  for (gint64 i = 0; i < n; i++)
    sum[i] += w1[(first + i) / self->w2_columns] * w2[(first + i) % self->w2_columns];
}

/* ---- Factors --------------------------------------------------------------------------------- */

float *
_limn_lora_allocate (const LimnLoraMaker *maker, gint64 count)
{
  gint64 bytes = 0;
  float *values = NULL;

  if (limn_checked_mul (count, sizeof (float), &bytes))
    values = g_try_malloc ((gsize)MAX (bytes, 1));
  if (values == NULL)
    _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_NO_MEMORY, "no memory for its factors");
  return values;
}

float *
_limn_lora_load (const LimnLoraMaker *maker, const LimnTensor *tensor)
{
  gint64 count = limn_tensor_count (tensor);
  float *values = _limn_lora_allocate (maker, count);
  gboolean finite = TRUE;

  if (values == NULL)
    return NULL;
  limn_tensor_read_f32 (tensor, 0, count, values);
  for (gint64 i = 0; i < count; i++)
    finite &= isfinite (values[i]) != 0;
  if (finite)
    return values;
  g_free (values);
  _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_NUMERIC,
                     "it has NaN or infinite values; the file is damaged");
  return NULL;
}

/* a [n, k] times b [k, m] (transfer full), which is no larger than a weight. */
static float *
multiply (const LimnLoraMaker *maker, const LimnTensor *a, const LimnTensor *b)
{
  gint64 n = a->extent[0], k = b->extent[0], m = n_columns (b);
  g_autofree float *left = _limn_lora_load (maker, a);
  g_autofree float *right = left != NULL ? _limn_lora_load (maker, b) : NULL;
  float *product = right != NULL ? _limn_lora_allocate (maker, n * m) : NULL;

  if (product == NULL)
    return NULL;
  memset (product, 0, (gsize)(n * m) * sizeof (float));
  for (gint64 row = 0; row < n; row++)
    add_product (left, right, k, m, row, 0, m, product + row * m);
  return product;
}

/* down with the kernel in it, [rank, in, taps]: sum over q of mid[rank, q, taps] * down[q, in]. */
static float *
apply_mid (const LimnLoraMaker *maker, gint64 n_in, gint64 n_taps)
{
  const LimnTensor *mid = part (maker, LIMN_LORA_MID), *down = part (maker, LIMN_LORA_DOWN);
  gint64 rank = mid->extent[0], n_inner = down->extent[0];
  g_autofree float *kernel = _limn_lora_load (maker, mid);
  g_autofree float *matrix = kernel != NULL ? _limn_lora_load (maker, down) : NULL;
  float *result = matrix != NULL ? _limn_lora_allocate (maker, rank * n_in * n_taps) : NULL;

  if (result == NULL)
    return NULL;
  for (gint64 r = 0; r < rank; r++)
    for (gint64 i = 0; i < n_in; i++)
      for (gint64 t = 0; t < n_taps; t++)
        {
          float sum = 0;

          for (gint64 q = 0; q < n_inner; q++)
            sum += kernel[(r * n_inner + q) * n_taps + t] * matrix[q * n_in + i];
          result[(r * n_in + i) * n_taps + t] = sum;
        }
  return result;
}

/* alpha / @rank, alpha being the tensor's or what the metadata say; 1 when there is none. */
static gboolean
read_scale (const LimnLoraMaker *maker, gint64 rank, float *scale)
{
  const LimnTensor *alpha = part (maker, LIMN_LORA_ALPHA);
  float value = 0;
  gint64 integer;

  *scale = 1;
  if (alpha->data == NULL)
    {
      if (isfinite (maker->module->alpha))
        *scale = (float)(maker->module->alpha
                         / (maker->module->root ? sqrt ((double)rank) : (double)rank));
      return TRUE;
    }
  if (limn_tensor_count (alpha) != 1)
    return _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_SHAPE, "its alpha is not one number");
  if (limn_dtype_is_float (alpha->dtype))
    limn_tensor_read_f32 (alpha, 0, 1, &value);
  else if (alpha->dtype == LIMN_DTYPE_I64)
    {
      memcpy (&integer, alpha->data, sizeof integer);
      value = (float)integer;
    }
  else
    return _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_UNSUPPORTED, "its alpha is of an odd type");
  if (!isfinite (value))
    return _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_NUMERIC, "its alpha is not a number");
  *scale = value / (float)rank;
  return TRUE;
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static gboolean
misfit (const LimnLoraMaker *maker,
        const LimnLoraDelta *delta,
        const LimnTensor *a,
        const LimnTensor *b)
{
  g_autofree char *left = limn_tensor_describe (a);
  g_autofree char *right = limn_tensor_describe (b);
  g_autofree char *what
      = g_strdup_printf ("its factors, %s and %s, do not make up a weight of %" G_GINT64_FORMAT
                         " by %" G_GINT64_FORMAT,
                         left, right, delta->n_rows, delta->n_columns);

  return _limn_lora_refuse (maker, LIMN_ENGINE_ERROR_SHAPE, what);
}

/* Whether a [n, r] times b [r, m] is as large as the weight. */
static gboolean
fits (const LimnLoraDelta *delta, const LimnTensor *a, const LimnTensor *b)
{
  return a->n_dims >= 2 && b->n_dims >= 2 && a->extent[0] == delta->n_rows && b->extent[0] > 0
         && n_columns (a) == b->extent[0] && n_columns (b) == delta->n_columns;
}

static gboolean
make_lora (const LimnLoraMaker *maker, LimnLoraDelta *delta)
{
  const LimnTensor *up = part (maker, LIMN_LORA_UP), *down = part (maker, LIMN_LORA_DOWN);
  const LimnTensor *mid = part (maker, LIMN_LORA_MID);
  gint64 n_taps = delta->n_taps, n_in = delta->n_columns / n_taps;

  delta->add = add_lora;
  if (mid->data == NULL)
    {
      if (!fits (delta, up, down))
        return misfit (maker, delta, up, down);
      delta->b = _limn_lora_load (maker, down);
    }
  else
    {
      if (up->n_dims < 2 || up->extent[0] != delta->n_rows || mid->n_dims != 4
          || mid->extent[0] != n_columns (up) || mid->extent[1] != down->extent[0]
          || mid->extent[2] * mid->extent[3] != n_taps || n_columns (down) != n_in
          || down->n_dims < 2 || mid->extent[0] < 1
          || mid->extent[0] > MAX (delta->n_rows, delta->n_columns))
        return misfit (maker, delta, up, mid);
      delta->b = apply_mid (maker, n_in, n_taps);
    }
  delta->rank = n_columns (up);
  delta->a = delta->b != NULL ? _limn_lora_load (maker, up) : NULL;
  return delta->a != NULL && read_scale (maker, down->extent[0], &delta->scale);
}

static gboolean
make_hadamard (const LimnLoraMaker *maker, LimnLoraDelta *delta)
{
  const LimnTensor *w1_a = part (maker, LIMN_LORA_HADA_W1_A);
  const LimnTensor *w1_b = part (maker, LIMN_LORA_HADA_W1_B);
  const LimnTensor *w2_a = part (maker, LIMN_LORA_HADA_W2_A);
  const LimnTensor *w2_b = part (maker, LIMN_LORA_HADA_W2_B);

  delta->add = add_hadamard;
  if (!fits (delta, w1_a, w1_b))
    return misfit (maker, delta, w1_a, w1_b);
  if (!fits (delta, w2_a, w2_b))
    return misfit (maker, delta, w2_a, w2_b);
  delta->rank = w1_b->extent[0];
  delta->rank2 = w2_b->extent[0];
  return (delta->a = _limn_lora_load (maker, w1_a)) != NULL
         && (delta->b = _limn_lora_load (maker, w1_b)) != NULL
         && (delta->a2 = _limn_lora_load (maker, w2_a)) != NULL
         && (delta->b2 = _limn_lora_load (maker, w2_b)) != NULL
         && read_scale (maker, delta->rank, &delta->scale);
}

/* One factor of a Kronecker product: whole, or as a product of two. */
static gboolean
load_factor (const LimnLoraMaker *maker,
             const LimnLoraDelta *delta,
             const LimnTensor *whole,
             const LimnTensor *a,
             const LimnTensor *b,
             float **values,
             gint64 *rows,
             gint64 *columns)
{
  const LimnTensor *left = whole->data != NULL ? whole : a;
  const LimnTensor *right = whole->data != NULL ? whole : b;

  *rows = left->extent[0];
  *columns = n_columns (right);
  if (left->n_dims < 2 || right->n_dims < 2 || *rows < 1 || *columns < 1
      || delta->n_rows % *rows != 0 || delta->n_columns % *columns != 0
      || (left != right && n_columns (left) != right->extent[0]))
    return misfit (maker, delta, left, right);
  *values = left == right ? _limn_lora_load (maker, whole) : multiply (maker, a, b);
  return *values != NULL;
}

/* The rank is that of a factor that is itself a product; without one there is nothing to scale. */
static gboolean
make_kronecker (const LimnLoraMaker *maker, LimnLoraDelta *delta)
{
  const LimnTensor *w1_b = part (maker, LIMN_LORA_KRON_W1_B);
  const LimnTensor *w2_b = part (maker, LIMN_LORA_KRON_W2_B);
  gint64 w1_rows, rows, columns;

  delta->add = add_kronecker;
  delta->scale = 1;
  if (!load_factor (maker, delta, part (maker, LIMN_LORA_KRON_W1),
                    part (maker, LIMN_LORA_KRON_W1_A), w1_b, &delta->a, &w1_rows,
                    &delta->w1_columns)
      || !load_factor (maker, delta, part (maker, LIMN_LORA_KRON_W2),
                       part (maker, LIMN_LORA_KRON_W2_A), w2_b, &delta->b, &delta->w2_rows,
                       &delta->w2_columns))
    return FALSE;
  if (!limn_checked_mul (w1_rows, delta->w2_rows, &rows)
      || !limn_checked_mul (delta->w1_columns, delta->w2_columns, &columns) || rows != delta->n_rows
      || columns != delta->n_columns)
    return misfit (maker, delta, part (maker, LIMN_LORA_KRON_W1), part (maker, LIMN_LORA_KRON_W2));
  if (w2_b->data != NULL)
    return read_scale (maker, w2_b->extent[0], &delta->scale);
  return w1_b->data == NULL || read_scale (maker, w1_b->extent[0], &delta->scale);
}

static gboolean
make_any (const LimnLoraMaker *maker, LimnLoraDelta *delta)
{
  if (_limn_lora_has (maker->module, LIMN_LORA_UP))
    return make_lora (maker, delta);
  if (_limn_lora_has (maker->module, LIMN_LORA_HADA_W1_A))
    return make_hadamard (maker, delta);
  return make_kronecker (maker, delta);
}

LimnLoraDelta *
_limn_lora_delta_new (LimnLora *lora,
                      const LimnLoraModule *module,
                      const LimnTensor *rows,
                      double weight,
                      GError **error)
{
  const LimnLoraMaker maker = { lora, module, error };
  LimnLoraDelta *delta = g_new0 (LimnLoraDelta, 1);

  delta->n_rows = rows->extent[0];
  delta->n_columns = limn_tensor_count (rows) / rows->extent[0];
  delta->n_taps = rows->n_dims == 4 ? rows->extent[2] * rows->extent[3] : 1;
  if (!make_any (&maker, delta))
    {
      _limn_lora_delta_free (delta);
      return NULL;
    }
  if (_limn_lora_has (module, LIMN_LORA_MAGNITUDE)
      || _limn_lora_has (module, LIMN_LORA_MAGNITUDE_PEFT))
    delta = _limn_lora_dora_new (&maker, delta, rows);
  if (delta != NULL)
    delta->scale *= (float)weight;
  return delta;
}

void
_limn_lora_delta_free (LimnLoraDelta *delta)
{
  if (delta == NULL)
    return;
  _limn_lora_delta_free (delta->inner);
  g_free (delta->row_factors);
  g_free (delta->input_factors);
  g_free (delta->a);
  g_free (delta->b);
  g_free (delta->a2);
  g_free (delta->b2);
  g_free (delta);
}
