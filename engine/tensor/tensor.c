/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "engine/tensor/tensor.h"

#include <sys/mman.h>
#include <unistd.h>

/* Bytes and elements of a block; a block of a plain type is one element. */
static const struct
{
  const char *name;
  gsize size;
  int block;
} dtypes[] = {
  [LIMN_DTYPE_F32] = { "f32", 4, 1 },       [LIMN_DTYPE_F16] = { "f16", 2, 1 },
  [LIMN_DTYPE_BF16] = { "bf16", 2, 1 },     [LIMN_DTYPE_F64] = { "f64", 8, 1 },
  [LIMN_DTYPE_I64] = { "i64", 8, 1 },       [LIMN_DTYPE_I32] = { "i32", 4, 1 },
  [LIMN_DTYPE_I16] = { "i16", 2, 1 },       [LIMN_DTYPE_I8] = { "i8", 1, 1 },
  [LIMN_DTYPE_U8] = { "u8", 1, 1 },         [LIMN_DTYPE_BOOL] = { "bool", 1, 1 },
  [LIMN_DTYPE_Q4_0] = { "q4_0", 18, 32 },   [LIMN_DTYPE_Q4_1] = { "q4_1", 20, 32 },
  [LIMN_DTYPE_Q5_0] = { "q5_0", 22, 32 },   [LIMN_DTYPE_Q5_1] = { "q5_1", 24, 32 },
  [LIMN_DTYPE_Q8_0] = { "q8_0", 34, 32 },   [LIMN_DTYPE_Q2_K] = { "q2_K", 84, 256 },
  [LIMN_DTYPE_Q3_K] = { "q3_K", 110, 256 }, [LIMN_DTYPE_Q4_K] = { "q4_K", 144, 256 },
  [LIMN_DTYPE_Q5_K] = { "q5_K", 176, 256 }, [LIMN_DTYPE_Q6_K] = { "q6_K", 210, 256 },
  [LIMN_DTYPE_COMPUTED] = { "f32 (computed)", 4, 1 },
};

gsize
limn_dtype_size (LimnDType dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), 0);
  return dtypes[dtype].size;
}

int
limn_dtype_block (LimnDType dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), 1);
  return dtypes[dtype].block;
}

gboolean
limn_dtype_is_float (LimnDType dtype)
{
  return dtype <= LIMN_DTYPE_F64 || dtype >= LIMN_DTYPE_Q4_0;
}

const char *
limn_dtype_name (LimnDType dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), "invalid");
  return dtypes[dtype].name;
}

LimnTensor
limn_tensor_1d (LimnDType dtype, void *data, gint64 n0)
{
  return (LimnTensor){ .dtype = dtype, .n_dims = 1, .extent = { n0, 1, 1, 1 }, .data = data };
}

LimnTensor
limn_tensor_2d (LimnDType dtype, void *data, gint64 n0, gint64 n1)
{
  return (LimnTensor){ .dtype = dtype, .n_dims = 2, .extent = { n0, n1, 1, 1 }, .data = data };
}

LimnTensor
limn_tensor_3d (LimnDType dtype, void *data, gint64 n0, gint64 n1, gint64 n2)
{
  return (LimnTensor){ .dtype = dtype, .n_dims = 3, .extent = { n0, n1, n2, 1 }, .data = data };
}

LimnTensor
limn_tensor_4d (LimnDType dtype, void *data, gint64 n0, gint64 n1, gint64 n2, gint64 n3)
{
  return (LimnTensor){ .dtype = dtype, .n_dims = 4, .extent = { n0, n1, n2, n3 }, .data = data };
}

gint64
limn_tensor_count (const LimnTensor *t)
{
  gint64 count = 1;

  for (int i = 0; i < t->n_dims; i++)
    count *= t->extent[i];
  return count;
}

gsize
limn_tensor_bytes (const LimnTensor *t)
{
  return (gsize) (limn_tensor_count (t) / limn_dtype_block (t->dtype)) * limn_dtype_size (t->dtype);
}

/* The pages stay in the system's cache while it has room for them. Those that the tensor shares with
 * its neighbours in the file go too, and come back when somebody reads them. */
void
limn_tensor_release_pages (const LimnTensor *t)
{
  gsize size, bytes, page = (gsize) sysconf (_SC_PAGESIZE);
  guintptr start = (guintptr) t->data, begin, end;

  if (t->dtype == LIMN_DTYPE_COMPUTED && t->data != NULL)
    {
      const LimnTensorSource *source = t->data;

      if (source->release != NULL)
        source->release (source);
      return;
    }
  if (t->file == NULL || t->data == NULL)
    return;
  bytes = limn_tensor_bytes (t);
  begin = (guintptr) g_bytes_get_data (t->file, &size);
  /* A copy of the view may have been given other data since: those must stay. */
  if (start < begin || bytes > size || start - begin > size - bytes)
    return;
  end = start + bytes;
  start = start / page * page;
  (void) madvise ((void *) start, end - start, MADV_DONTNEED);
}

gboolean
limn_tensor_same_shape (const LimnTensor *a, const LimnTensor *b)
{
  if (a->n_dims != b->n_dims)
    return FALSE;
  for (int i = 0; i < a->n_dims; i++)
    if (a->extent[i] != b->extent[i])
      return FALSE;
  return TRUE;
}

char *
limn_tensor_describe (const LimnTensor *t)
{
  GString *text = g_string_new (limn_dtype_name (t->dtype));

  g_string_append (text, " [");
  for (int i = 0; i < t->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", t->extent[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

gboolean
limn_checked_mul (gint64 a, gint64 b, gint64 *product)
{
  if (a < 0 || b < 0)
    return FALSE;
  return !__builtin_mul_overflow (a, b, product);
}
