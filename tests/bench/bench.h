/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/costs.h"
#include "engine/tensor/kernels.h"

G_BEGIN_DECLS

/*
 * What the benchmarks share: options, the clock, medians, and the machine's own rate, which is what
 * all figures are held against.
 */

typedef struct
{
  LimnRun run; /* after bench_begin() */
  LimnArena *arena;
  LimnPool *pool;
  LimnCosts costs; /* by which convolutions are chosen: measured, unless --counted */

  /* Options */
  int threads;       /* what there are, after bench_begin() */
  int n_runs;        /* of which the median counts */
  gboolean least;    /* the shortest counts instead */
  gboolean cpu_time; /* measure the processor's time, not the clock's */
  gboolean low_priority;
  gboolean counted;  /* choose convolutions by the counted costs */
  char *kernels;     /* nullable */
  char *convolution; /* nullable */
  char *json;        /* nullable: the file for the figures */
} Bench;

/* Reads the options that all have, and @entries (nullable) of one's own; ends the program when they
 * are wrong. @n_runs: unless the person says otherwise. */
void bench_parse (Bench *self,
                  int *argc,
                  char ***argv,
                  const char *what,
                  int n_runs,
                  const GOptionEntry *entries);
/* Makes pool, arena and run by the options. */
void bench_begin (Bench *self);
void bench_end (Bench *self);
/* Says what was wrong and ends the program. */
void bench_die (const GError *error) G_GNUC_NORETURN;
/* Ends the program when the run has failed. */
void bench_check (Bench *self);

/* Seconds: of the clock, or of the processor over the number of threads. */
double bench_now (const Bench *self);
/* Sorts @values. */
double bench_median (double *values, int n);
/* The median, or the least where the person asked for that. Sorts @values. */
double bench_typical (const Bench *self, double *values, int n);

typedef void (*BenchBody) (Bench *bench, void *data);
/* Median seconds of @body, after one call that does not count, n_runs times and at least for
 * @seconds. What @body takes from the arena is given back. */
double bench_measure (Bench *self, BenchBody body, void *data, double seconds);

/* Values in -1 .. 1, always the same ones. */
void bench_fill (LimnTensor *t, guint32 seed);
LimnTensor bench_tensor (Bench *self, int n_dims, const gint64 *extent, guint32 seed);

/* GFLOP/s of OpenBLAS's sgemm, m x n x k, on all threads: as the engine uses it, a product of m /
 * threads rows on each thread, and with OpenBLAS's own threads. */
typedef enum
{
  BENCH_SGEMM_SPLIT,
  BENCH_SGEMM_OWN,
} BenchSgemm;
double bench_sgemm (Bench *self, BenchSgemm how, gint64 m, gint64 n, gint64 k, int n_runs);
/* "avx512 kernels, OpenBLAS core Zen, AMD EPYC ..., 2 threads" (transfer full). */
char *bench_describe (Bench *self);
/* The processor's name (transfer full). */
char *bench_processor (void);
/* VmHWM: the most that the process ever had in memory, mapped files included; bytes. */
gsize bench_peak_memory (void);

G_END_DECLS
