/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <stdarg.h>

#include "engine/tensor/kernels.h"
#include "engine/tensor/tensor-private.h"

G_DEFINE_QUARK (limn - engine - error - quark, limn_engine_error)

void
limn_run_init (LimnRun *run, LimnPool *pool, LimnArena *arena, GCancellable *cancellable)
{
  *run = (LimnRun){
    .pool = pool,
    .arena = arena,
    .cancellable = cancellable,
    .kernels = limn_kernels_best (),
  };
}

void
limn_run_clear (LimnRun *run)
{
  g_clear_error (&run->error);
  g_clear_pointer (&run->scratch, limn_aligned_free);
  run->scratch_bytes = 0;
  g_clear_pointer (&run->panels, limn_aligned_free);
  run->panels_bytes = 0;
}

static void
fail_cancelled (LimnRun *run)
{
  if (run->error == NULL)
    run->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
}

gboolean
limn_run_ok (LimnRun *run)
{
  if (run->error != NULL)
    return FALSE;
  if (run->cancellable != NULL && g_cancellable_is_cancelled (run->cancellable))
    {
      fail_cancelled (run);
      return FALSE;
    }
  return TRUE;
}

gboolean
limn_run_check (LimnRun *run, GError **error)
{
  if (limn_run_ok (run))
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (run->error);
  return FALSE;
}

void
limn_run_fail (LimnRun *run, int code, const char *format, ...)
{
  va_list arguments;

  if (run->error != NULL)
    return;
  va_start (arguments, format);
  run->error = g_error_new_valist (LIMN_ENGINE_ERROR, code, format, arguments);
  va_end (arguments);
}

void
limn_run_fail_shape (LimnRun *run, const char *what, const LimnTensor *a, const LimnTensor *b)
{
  g_autofree char *a_text = limn_tensor_describe (a);
  g_autofree char *b_text = b != NULL ? limn_tensor_describe (b) : NULL;

  if (b_text != NULL)
    limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "%s: %s does not fit %s", what, a_text, b_text);
  else
    limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "%s: cannot take %s", what, a_text);
}

gboolean
limn_run_operands (LimnRun *run, const char *what, const LimnTensor *a, const LimnTensor *b)
{
  if (!limn_run_ok (run))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      const LimnTensor *t = i == 0 ? a : b;

      if (t == NULL)
        continue;
      if (limn_tensor_is_empty (t))
        {
          limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "%s: an operand is empty", what);
          return FALSE;
        }
      if (t->dtype != LIMN_DTYPE_F32)
        {
          limn_run_fail_shape (run, what, t, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

static void
fail_no_memory (LimnRun *run, guint64 bytes)
{
  g_autofree char *size = limn_size_text (bytes);

  limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY,
                 "Not enough memory: %s (%" G_GUINT64_FORMAT " bytes) more were needed", size,
                 bytes);
}

/* @memory of @size bytes, made anew where it is less than @bytes. */
static void *
reserve (LimnRun *run, void **memory, gsize *size, gsize bytes)
{
  if (!limn_run_ok (run))
    return NULL;
  if (*size >= bytes)
    return *memory;
  g_clear_pointer (memory, limn_aligned_free);
  *size = 0;
  *memory = limn_aligned_alloc (bytes);
  if (*memory == NULL)
    fail_no_memory (run, bytes);
  else
    *size = bytes;
  return *memory;
}

void *
limn_run_scratch (LimnRun *run, gsize bytes)
{
  return reserve (run, &run->scratch, &run->scratch_bytes, bytes);
}

void *
limn_run_panels (LimnRun *run, gsize bytes)
{
  return reserve (run, &run->panels, &run->panels_bytes, bytes);
}

void *
limn_run_array (LimnRun *run, gint64 count, gsize size)
{
  gint64 bytes;
  void *memory;

  if (!limn_run_ok (run))
    return NULL;
  if (!limn_checked_mul (count, (gint64) size, &bytes))
    {
      limn_run_fail (run, LIMN_ENGINE_ERROR_SHAPE, "%" G_GINT64_FORMAT " elements are not a size",
                     count);
      return NULL;
    }
  memory = limn_arena_alloc (run->arena, (gsize) bytes);
  if (memory == NULL && limn_arena_get_failure (run->arena) != NULL)
    limn_run_fail (run, LIMN_ENGINE_ERROR_NO_MEMORY,
                   "%s (%" G_GINT64_FORMAT " bytes more were needed)",
                   limn_arena_get_failure (run->arena), bytes);
  else if (memory == NULL)
    fail_no_memory (run, (guint64) bytes);
  return memory;
}

LimnTensor
limn_run_tensor (LimnRun *run, int n_dims, const gint64 *extent)
{
  LimnTensor t = { .dtype = LIMN_DTYPE_F32, .n_dims = n_dims, .extent = { 1, 1, 1, 1 } };
  gint64 count = 1;

  if (!limn_run_ok (run))
    return LIMN_TENSOR_EMPTY;
  g_return_val_if_fail (n_dims >= 0 && n_dims <= LIMN_MAX_DIMS, LIMN_TENSOR_EMPTY);
  for (int i = 0; i < n_dims; i++)
    {
      t.extent[i] = extent[i];
      if (extent[i] <= 0 || !limn_checked_mul (count, extent[i], &count))
        {
          limn_run_fail_shape (run, "tensor", &t, NULL);
          return LIMN_TENSOR_EMPTY;
        }
    }
  t.data = limn_run_array (run, count, sizeof (float));
  return t.data != NULL ? t : LIMN_TENSOR_EMPTY;
}

LimnTensor
limn_run_nhwc (LimnRun *run, gint64 n, gint64 h, gint64 w, gint64 c)
{
  return limn_run_tensor (run, 4, (gint64[]){ n, h, w, c });
}

LimnTensor
limn_run_rows (LimnRun *run, gint64 n, gint64 tokens, gint64 channels)
{
  return limn_run_tensor (run, 3, (gint64[]){ n, tokens, channels });
}

LimnArenaMark
limn_run_mark (LimnRun *run)
{
  return limn_arena_get_position (run->arena);
}

void
limn_run_release (LimnRun *run, LimnArenaMark mark)
{
  limn_arena_set_position (run->arena, mark);
}

/* A task over maps that lie in a file. */
typedef struct
{
  LimnTask task;
  void *data;
  LimnArena *arena;
  gint64 every; /* tiles after which the window is full */
} SpilledTask;

static void
spilled_tile (void *data, gint64 index, void *scratch)
{
  const SpilledTask *spilled = data;

  spilled->task (spilled->data, index, scratch);
  if ((index + 1) % spilled->every == 0)
    limn_arena_drop (spilled->arena);
}

double
limn_run_begin_bands (LimnRun *run, gint64 n, gint64 n_all)
{
  double before = run->share;

  run->share = (before > 0.0 ? before : 1.0) * (double)n / (double)MAX (n_all, 1);
  return before;
}

void
limn_run_end_bands (LimnRun *run, double before)
{
  run->share = before;
}

/* Tiles walk through the maps from their beginning to their end: of what there is each touches its
 * share. What fills no window is handed back when several such tasks did. */
static gboolean
drops_in_between (LimnRun *run, gint64 n_tiles, SpilledTask *spilled)
{
  double n_windows = limn_arena_get_windows (run->arena) * (run->share > 0.0 ? run->share : 1.0);

  if (n_windows >= 1.0)
    {
      spilled->every = MAX ((gint64)((double)n_tiles / n_windows), 1);
      return TRUE;
    }
  run->windows += n_windows;
  if (run->windows >= 1.0)
    {
      limn_arena_drop (run->arena);
      run->windows = 0.0;
    }
  return FALSE;
}

gboolean
limn_run_parallel (LimnRun *run, gint64 n_tiles, gsize scratch_bytes, LimnTask task, void *data)
{
  SpilledTask spilled = { task, data, run->arena, 1 };

  if (!limn_run_ok (run))
    return FALSE;
  if (drops_in_between (run, n_tiles, &spilled))
    {
      task = spilled_tile;
      data = &spilled;
    }
  switch (limn_pool_run (run->pool, run->cancellable, n_tiles, scratch_bytes, task, data))
    {
    case LIMN_POOL_DONE:
      return TRUE;
    case LIMN_POOL_CANCELLED:
      fail_cancelled (run);
      return FALSE;
    case LIMN_POOL_NO_SCRATCH:
    default:
      fail_no_memory (run, scratch_bytes);
      return FALSE;
    }
}
