/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What reads every byte of a store: its hash, and the look for NaN and infinity.
 */
#include <string.h>

#include "engine/weights/weights-entry.h"

/* Between two looks at the cancellable: about a millisecond of work. */
#define CHUNK_BYTES (256 * 1024)
/* The same for values that are expanded or computed first. */
#define CHUNK_VALUES 4096

static gboolean
hash_bytes (GChecksum *checksum,
            const guint8 *data,
            gsize left,
            GCancellable *cancellable,
            GError **error)
{
  while (left > 0)
    {
      gsize n = MIN (left, CHUNK_BYTES);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_checksum_update (checksum, data, (gssize)n);
      data += n;
      left -= n;
    }
  return TRUE;
}

static gboolean
hash_computed (GChecksum *checksum,
               const LimnTensor *tensor,
               GCancellable *cancellable,
               GError **error)
{
  float values[CHUNK_VALUES];
  gint64 count = limn_tensor_count (tensor);

  for (gint64 first = 0; first < count; first += CHUNK_VALUES)
    {
      gint64 n = MIN (count - first, CHUNK_VALUES);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      limn_tensor_read_f32 (tensor, first, n, values);
      g_checksum_update (checksum, (const guchar *)values, (gssize)((gsize)n * sizeof (float)));
    }
  return TRUE;
}

/* A type tag, the extents as little-endian 64-bit, then the data: the same for the same tensor
 * whatever file it came from. */
static gboolean
hash_tensor (GChecksum *checksum,
             const char *name,
             const LimnTensor *tensor,
             GCancellable *cancellable,
             GError **error)
{
  const char *type = limn_dtype_name (tensor->dtype);

  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
  g_checksum_update (checksum, (const guchar *)type, (gssize)strlen (type) + 1);
  for (int i = 0; i < tensor->n_dims; i++)
    {
      gint64 extent = GINT64_TO_LE (tensor->extent[i]);

      g_checksum_update (checksum, (const guchar *)&extent, sizeof extent);
    }
  if (tensor->dtype == LIMN_DTYPE_COMPUTED)
    return hash_computed (checksum, tensor, cancellable, error);
  return hash_bytes (checksum, tensor->data, limn_tensor_bytes (tensor), cancellable, error);
}

char *
limn_weights_hash (LimnWeights *weights, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = NULL;
  const char *const *names;

  g_return_val_if_fail (weights != NULL, NULL);

  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  names = limn_weights_list (weights);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnWeightsEntry *entry = _limn_weights_find (weights, names[i]);

      if (!hash_tensor (checksum, names[i], &entry->tensor, cancellable, error))
        return NULL;
      limn_tensor_release_pages (&entry->tensor);
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

/* A floating-point number is NaN or infinite when all bits of its exponent are set. Data may be
 * unaligned. */
#define DEFINE_ALL_FINITE(name, type, exponent)                                                    \
  static gboolean name (const guint8 *data, gsize n)                                               \
  {                                                                                                \
    guint bad = 0;                                                                                 \
                                                                                                   \
    for (gsize i = 0; i < n; i++)                                                                  \
      {                                                                                            \
        type bits;                                                                                 \
                                                                                                   \
        memcpy (&bits, data + i * sizeof bits, sizeof bits);                                       \
        bad |= (bits & (exponent)) == (exponent);                                                  \
      }                                                                                            \
    return bad == 0;                                                                               \
  }

DEFINE_ALL_FINITE (all_finite_f16, guint16, 0x7c00)
DEFINE_ALL_FINITE (all_finite_bf16, guint16, 0x7f80)
DEFINE_ALL_FINITE (all_finite_f32, guint32, 0x7f800000u)
DEFINE_ALL_FINITE (all_finite_f64, guint64, G_GUINT64_CONSTANT (0x7ff0000000000000))

/* Elements @first to @first + @n - 1. Types of more than numbers of their own are expanded. */
static gboolean
all_finite (const LimnTensor *tensor, gsize first, gsize n)
{
  const guint8 *data = (const guint8 *)tensor->data + first * limn_dtype_size (tensor->dtype);
  float values[CHUNK_VALUES];

  switch (tensor->dtype)
    {
    case LIMN_DTYPE_F16:
      return all_finite_f16 (data, n);
    case LIMN_DTYPE_BF16:
      return all_finite_bf16 (data, n);
    case LIMN_DTYPE_F32:
      return all_finite_f32 (data, n);
    case LIMN_DTYPE_F64:
      return all_finite_f64 (data, n);
    default:
      limn_tensor_read_f32 (tensor, (gint64)first, (gint64)n, values);
      return all_finite_f32 ((const guint8 *)values, n);
    }
}

static gboolean
check_tensor (LimnWeights *weights,
              const char *name,
              const LimnTensor *tensor,
              GCancellable *cancellable,
              GError **error)
{
  gsize step = tensor->dtype <= LIMN_DTYPE_F64 ? CHUNK_BYTES / limn_dtype_size (tensor->dtype)
                                               : CHUNK_VALUES;
  gsize count = (gsize)limn_tensor_count (tensor);

  if (!limn_dtype_is_float (tensor->dtype))
    return TRUE;
  for (gsize first = 0; first < count; first += step)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!all_finite (tensor, first, MIN (count - first, step)))
        {
          g_autofree char *shown = _limn_weights_quote (name);

          return _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_NUMERIC,
                                     "tensor %s has NaN or infinite values; the file is damaged",
                                     shown);
        }
    }
  return TRUE;
}

gboolean
limn_weights_check_finite (LimnWeights *weights, GCancellable *cancellable, GError **error)
{
  const char *const *names;

  g_return_val_if_fail (weights != NULL, FALSE);

  names = limn_weights_list (weights);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnWeightsEntry *entry = _limn_weights_find (weights, names[i]);

      if (!g_atomic_int_get (&entry->used))
        continue;
      if (!check_tensor (weights, names[i], &entry->tensor, cancellable, error))
        return FALSE;
      limn_tensor_release_pages (&entry->tensor);
    }
  return TRUE;
}
