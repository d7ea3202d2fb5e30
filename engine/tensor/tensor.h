/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Element types of tensors and of the tensors in model files. The quantised ones (GGUF's) pack 32 or
 * 256 neighbours of a row into one block; weights and embeddings may have them, activations do not. */
typedef enum
{
  LIMN_DTYPE_F32,
  LIMN_DTYPE_F16,
  LIMN_DTYPE_BF16,
  LIMN_DTYPE_F64,
  LIMN_DTYPE_I64,
  LIMN_DTYPE_I32,
  LIMN_DTYPE_I16,
  LIMN_DTYPE_I8,
  LIMN_DTYPE_U8,
  LIMN_DTYPE_BOOL,
  LIMN_DTYPE_Q4_0,
  LIMN_DTYPE_Q4_1,
  LIMN_DTYPE_Q5_0,
  LIMN_DTYPE_Q5_1,
  LIMN_DTYPE_Q8_0,
  LIMN_DTYPE_Q2_K,
  LIMN_DTYPE_Q3_K,
  LIMN_DTYPE_Q4_K,
  LIMN_DTYPE_Q5_K,
  LIMN_DTYPE_Q6_K,
  LIMN_DTYPE_COMPUTED, /* made as float32 when it is read; see LimnTensorSource */
} LimnDType;

#define LIMN_MAX_DIMS 4

typedef struct _LimnTensorSource LimnTensorSource;

/**
 * LimnTensorSource:
 * @read: writes elements @first to @first + @n - 1 to @dst
 *
 * What the data of a LIMN_DTYPE_COMPUTED tensor point to: weights that do not lie in memory but are
 * made where they are packed, such as those that a LoRA changes. The same elements always give the
 * same bits, however they are cut into calls, on any thread.
 */
struct _LimnTensorSource
{
  void (*read) (const LimnTensorSource *self, gint64 first, gint64 n, float *dst);
  void (*release) (const LimnTensorSource *self); /* nullable; see limn_tensor_release_pages() */
};

/**
 * LimnTensor:
 * @dtype: element type
 * @n_dims: number of extents in use, 0 (scalar) to LIMN_MAX_DIMS
 * @extent: extents, outermost first; unused ones are 1
 * @first: number of the first element within a LimnTensorSource; 0 for all other types
 * @data: first element, dense row-major, not owned; NULL in the empty tensor; the LimnTensorSource
 * of a computed tensor
 * @file: (nullable): the mapped file that @data lie in, not owned
 *
 * A view of a dense array, passed by value. Feature maps are [batch][height][width][channels]
 * (NHWC), token sequences [batch][tokens][channels], weights as the model file has them
 * (PyTorch: linear [out][in], convolution [out][in][kh][kw]). Activations are float32 and live in
 * the arena of the LimnRun that made them, until the arena is released to an earlier mark.
 *
 * A kernel that cannot run (cancelled, out of memory, an operand is empty because an earlier
 * kernel could not run) returns the empty tensor; see limn_run_check().
 */
typedef struct
{
  LimnDType dtype;
  int n_dims;
  gint64 extent[LIMN_MAX_DIMS];
  gint64 first;
  void *data;
  GBytes *file;
} LimnTensor;

#define LIMN_TENSOR_EMPTY ((LimnTensor){ .data = NULL })

/* Size in bytes of one element; of one block for quantised types. */
gsize limn_dtype_size (LimnDType dtype);
/* Elements in a block: 1 for all but the quantised types. Rows (innermost extents) of those are
 * whole blocks. */
int limn_dtype_block (LimnDType dtype);
/* Whether it stands for real numbers, so that limn_tensor_read_f32() can read it. */
gboolean limn_dtype_is_float (LimnDType dtype);
/* "f32", "bf16", ...: for messages. */
const char *limn_dtype_name (LimnDType dtype);

/* Wraps @data (not owned) as a tensor. */
LimnTensor limn_tensor_1d (LimnDType dtype, void *data, gint64 n0);
LimnTensor limn_tensor_2d (LimnDType dtype, void *data, gint64 n0, gint64 n1);
LimnTensor limn_tensor_3d (LimnDType dtype, void *data, gint64 n0, gint64 n1, gint64 n2);
LimnTensor limn_tensor_4d (LimnDType dtype, void *data, gint64 n0, gint64 n1, gint64 n2, gint64 n3);

static inline gboolean
limn_tensor_is_empty (const LimnTensor *t)
{
  return t->data == NULL;
}

static inline float *
limn_tensor_f32 (const LimnTensor *t)
{
  g_assert (t->data == NULL || t->dtype == LIMN_DTYPE_F32);
  return (float *) t->data;
}

/* Number of elements; product of the extents. The extents of a tensor are checked when it is made,
 * so that this cannot overflow. */
gint64 limn_tensor_count (const LimnTensor *t);
/* Bytes at data; for a computed tensor those of its elements as float32. */
gsize limn_tensor_bytes (const LimnTensor *t);
gboolean limn_tensor_same_shape (const LimnTensor *a, const LimnTensor *b);
/* "f32 [1, 64, 64, 320]", for messages (transfer full). */
char *limn_tensor_describe (const LimnTensor *t);

/* a * b, or FALSE when a or b is negative or the product is above G_MAXINT64. */
gboolean limn_checked_mul (gint64 a, gint64 b, gint64 *product);

/* Conversions of single values, exact in the direction to f32. */
float limn_f16_to_f32 (guint16 h);
guint16 limn_f32_to_f16 (float f);
float limn_bf16_to_f32 (guint16 b);
/* Converts @n elements of @dtype (floating-point or quantised, then whole blocks) at any alignment
 * to float32. */
void limn_convert_to_f32 (LimnDType dtype, const void *src, float *dst, gsize n);
/* Elements @first to @first + @n - 1 of @t, of any type that is limn_dtype_is_float(), as float32.
 * This is how weights are read: nothing else knows blocks or computed tensors. */
void limn_tensor_read_f32 (const LimnTensor *t, gint64 first, gint64 n, float *dst);
/* What was read of @t's file need not stay in this process's memory; it can be read again all the
 * same. Nothing for tensors that lie in no file. Any thread. */
void limn_tensor_release_pages (const LimnTensor *t);
/* Entries @first to @first + @n - 1 of the outermost extent, as a view. */
LimnTensor limn_tensor_rows (const LimnTensor *t, gint64 first, gint64 n);

G_END_DECLS
