/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* Elements of the largest block of a quantised type. */
#define LIMN_MAX_BLOCK 256

/* limn_convert_to_f32() for the quantised types; whole blocks. */
void limn_dequantise (LimnDType dtype, const void *src, float *dst, gsize n);

/* How quantised types are written as numbers: each @group of elements shares a scale, and an offset
 * where @has_offset: x = scale * q + offset. */
void limn_quantised_layout (LimnDType dtype, int *group, gboolean *has_offset);
/* Those of @n elements, whole blocks: q: [n], scale and offset: [n / group]; @offset stays as it is
 * where the type has none. */
void limn_quantised_parts (
    LimnDType dtype, const void *src, gsize n, gint8 *q, float *scale, float *offset);

/* Memory at a multiple of 64, on huge pages where it is large; NULL when there is none. */
void *limn_aligned_alloc (gsize bytes);
void limn_aligned_free (void *memory);

void *limn_arena_alloc (LimnArena *arena, gsize bytes);
gsize limn_arena_get_position (LimnArena *arena);
void limn_arena_set_position (LimnArena *arena, gsize position);
/* How many windows what is allocated now fills in the file; 0: nothing lies there. */
double limn_arena_get_windows (LimnArena *arena);
/* Why the file could not grow, or NULL. */
const char *limn_arena_get_failure (LimnArena *arena);
/* Hands what lies in the file back to the system's cache; contents stay, and whoever uses them
 * meanwhile merely waits for them. From any thread. */
void limn_arena_drop (LimnArena *arena);

typedef enum
{
  LIMN_POOL_DONE,
  LIMN_POOL_CANCELLED,
  LIMN_POOL_NO_SCRATCH,
} LimnPoolResult;

/* Runs all tiles on the workers and the calling thread, and returns when none is running any more.
 */
LimnPoolResult limn_pool_run (LimnPool *pool,
                              GCancellable *cancellable,
                              gint64 n_tiles,
                              gsize scratch_bytes,
                              LimnTask task,
                              void *data);

/* "2.5 MiB", for messages. */
#define limn_size_text(bytes) g_format_size_full ((bytes), G_FORMAT_SIZE_IEC_UNITS)

/* Memory at a multiple of 64 that the tasks of one operation share, until the next one asks; the run
 * keeps it. NULL and a sticky error when there is none. */
void *limn_run_scratch (LimnRun *run, gsize bytes);

/* The same for the panels of a layer that keeps none, until the next such layer asks. */
void *limn_run_panels (LimnRun *run, gsize bytes);

/* FALSE, with the first one's sticky error standing, when an operand is empty; FALSE with an error
 * of its own when one is not f32. @what names the operation. */
gboolean
limn_run_operands (LimnRun *run, const char *what, const LimnTensor *a, const LimnTensor *b);
/* Records that @a and @b (nullable) do not fit together in @what, with both shapes. */
void limn_run_fail_shape (LimnRun *run, const char *what, const LimnTensor *a, const LimnTensor *b);

G_END_DECLS
