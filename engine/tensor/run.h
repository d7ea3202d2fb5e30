/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* ---- Worker pool: one per engine ------------------------------------------------------------ */

typedef struct _LimnPool LimnPool;

/* @n_threads: 0 for one per available core. @low_priority: workers run at lowest niceness. */
LimnPool *limn_pool_new (int n_threads, gboolean low_priority);
void limn_pool_free (LimnPool *pool);
int limn_pool_get_n_threads (LimnPool *pool);
/* The calling thread's priority becomes the lowest, for good: what a person does at the same time
 * comes first. */
void limn_thread_lower_priority (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnPool, limn_pool_free)

/**
 * LimnTask:
 * @data: what was given to limn_run_parallel()
 * @index: number of the tile, 0 .. n_tiles - 1
 * @scratch: @scratch_bytes of memory that is this worker's alone, 64-byte aligned, contents
 * undefined
 *
 * Computes one tile. Tiles run in any order, on any thread, at the same time; what a tile computes
 * may depend on its index only. So the grid of tiles, chosen by the caller without looking at the
 * number of threads, decides the bits of the result.
 */
typedef void (*LimnTask) (void *data, gint64 index, void *scratch);

/* ---- Arena: all activations of a run -------------------------------------------------------- */

typedef struct _LimnArena LimnArena;
typedef gsize LimnArenaMark;

/* @limit: most bytes it may ever hold, 0 for no limit. What it grew to is kept for the next
 * evaluation, so that a sampling loop allocates in its first step only. */
LimnArena *limn_arena_new (gsize limit);
void limn_arena_free (LimnArena *arena);
/* Most bytes that were allocated at a time, those in a file among them. */
gsize limn_arena_get_peak (LimnArena *arena);
/**
 * limn_arena_spill:
 * @in_memory: bytes that stay in memory, rounded down to 8 MiB
 * @window: bytes of the rest that may be in memory while they are used; LIMN_SPILL_WINDOW does well
 * @folder: made when it is not there; on a disk, where /tmp may be memory
 *
 * Called before the arena is first used: what it holds beyond @in_memory lies in a temporary file
 * without a name, of which a window or what a few tiles touch is in memory at a time: operations go
 * through it by bands. Results are the same bits. A file that cannot be made, and a full disk, are errors of the
 * run, LIMN_ENGINE_ERROR_NO_MEMORY.
 */
void limn_arena_spill (LimnArena *arena, gsize in_memory, gsize window, const char *folder);
#define LIMN_SPILL_WINDOW ((gsize)128 * 1024 * 1024)
#define LIMN_MAPS_LIMIT ((gsize)1024 * 1024 * 1024)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnArena, limn_arena_free)

/* ---- Run context ---------------------------------------------------------------------------- */

typedef struct _LimnKernels LimnKernels;
typedef struct _LimnCosts LimnCosts;

/* How convolutions of 3x3 and stride 1 are computed. */
typedef enum
{
  LIMN_CONVOLUTION_AUTOMATIC,  /* by the layer's shape: see limn_conv2d() */
  LIMN_CONVOLUTION_DIRECT,     /* as the sum that it is */
  LIMN_CONVOLUTION_WINOGRAD_2, /* Winograd's F(2x2, 3x3) */
  LIMN_CONVOLUTION_WINOGRAD_4, /* Winograd's F(4x4, 3x3) */
} LimnConvolution;

/**
 * LimnRun:
 *
 * What every forward function is given: where to compute (@pool, @kernels), where to put
 * activations
 * (@arena), whether to go on (@cancellable, @error). One run belongs to one thread; the pool behind
 * it may be shared by runs that follow each other.
 *
 * Errors are sticky: the first failure (cancelled, out of memory, wrong shape) is kept in @error,
 * from then on every kernel returns at once with the empty tensor, and the caller asks
 * limn_run_check() where it matters. So the networks read like the paper's figures.
 */
typedef struct
{
  /* Borrowed */
  LimnPool *pool;
  LimnArena *arena;
  GCancellable *cancellable; /* nullable */
  const LimnKernels *kernels;
  LimnConvolution convolution; /* automatic unless it is set after limn_run_init() */
  gsize memory_limit;          /* bytes that a task may take in all; 0: what the system has */
  const LimnCosts *costs;      /* nullable: what the automatic choice goes by; costs.h */
  gsize maps_limit;            /* bytes of an autoencoder's maps that stay in memory, the others
                                * lie in a file; 0: LIMN_MAPS_LIMIT, or half of the memory limit */
  const char *maps_folder;     /* where the file is; NULL: the person's cache */

  /* While an operation goes through its maps by bands: see limn_run_begin_bands() */
  double share;   /* of the maps, which the next tasks go through; 0: all of them */
  double windows; /* of a file's maps that were touched since they were handed back */

  /* Owned */
  GError *error;
  void *scratch; /* what one operation's tasks share, kept for the next one */
  gsize scratch_bytes;
  void *panels; /* the weights of one layer, where layers may keep none */
  gsize panels_bytes;
} LimnRun;

/* Initialises @run on borrowed parts. limn_run_clear() frees what it came to own. */
void limn_run_init (LimnRun *run, LimnPool *pool, LimnArena *arena, GCancellable *cancellable);
void limn_run_clear (LimnRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnRun, limn_run_clear)

/* TRUE while nothing failed. Polls the cancellable; the first call that sees it cancelled sets
 * G_IO_ERROR_CANCELLED. */
gboolean limn_run_ok (LimnRun *run);
/* As limn_run_ok(), and hands a copy of the error to @error when it returns FALSE. */
gboolean limn_run_check (LimnRun *run, GError **error);
/* Records a failure unless one is recorded already. */
void limn_run_fail (LimnRun *run, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* An uninitialised float32 tensor in the arena; the empty tensor (and a sticky error that names the
 * size) when there is no memory. */
LimnTensor limn_run_tensor (LimnRun *run, int n_dims, const gint64 *extent);
LimnTensor limn_run_nhwc (LimnRun *run, gint64 n, gint64 h, gint64 w, gint64 c);
LimnTensor limn_run_rows (LimnRun *run, gint64 n, gint64 tokens, gint64 channels);
/* What is no tensor (partial sums, tables) in the arena, uninitialised: @count elements of @size bytes,
 * the product is checked. NULL and a sticky error when there is no memory. */
void *limn_run_array (LimnRun *run, gint64 count, gsize size);
/* Stack discipline: everything allocated after the mark is gone after the release. */
LimnArenaMark limn_run_mark (LimnRun *run);
void limn_run_release (LimnRun *run, LimnArenaMark mark);

/* Runs @task for all tiles 0 .. @n_tiles - 1 on the pool and waits. Polls the cancellable before
 * each tile: a tile should take less than about 20 ms. FALSE when it was stopped. */
gboolean
limn_run_parallel (LimnRun *run, gint64 n_tiles, gsize scratch_bytes, LimnTask task, void *data);

/* What follows goes through @n of @n_all parts of the maps that what came before would: so that
 * maps in a file are handed back no more often than needed. Returns what limn_run_end_bands() takes. */
double limn_run_begin_bands (LimnRun *run, gint64 n, gint64 n_all);
void limn_run_end_bands (LimnRun *run, double before);

/* LIMN_ENGINE_ERROR: failures that are not of GIO. */
#define LIMN_ENGINE_ERROR (limn_engine_error_quark ())
GQuark limn_engine_error_quark (void);
typedef enum
{
  LIMN_ENGINE_ERROR_SHAPE, /* operands do not fit: a mistake in the program or the model */
  LIMN_ENGINE_ERROR_NO_MEMORY,
  LIMN_ENGINE_ERROR_BAD_FILE,    /* malformed, truncated or hostile file */
  LIMN_ENGINE_ERROR_UNSUPPORTED, /* well-formed, but nothing that this engine runs */
  LIMN_ENGINE_ERROR_MISSING,     /* a tensor, file or setting is not there */
  LIMN_ENGINE_ERROR_NUMERIC,     /* NaN or infinity came out */
  LIMN_ENGINE_ERROR_ARGUMENT,    /* what the person asked for cannot be done */
} LimnEngineError;

G_END_DECLS
