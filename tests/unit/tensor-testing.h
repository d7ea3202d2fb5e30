/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/kernels.h"

G_BEGIN_DECLS

/* A run on parts of its own. */
typedef struct
{
  LimnRun run;
  LimnPool *pool;
  LimnArena *arena;
} TestRun;

/* @kernels: NULL for the best ones. */
void
test_run_init (TestRun *test, int n_threads, const LimnKernels *kernels, GCancellable *cancellable);
void test_run_clear (TestRun *test);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestRun, test_run_clear)

/* Uniform in -1 .. 1, the same for the same seed. Owned by the caller: g_free (t.data). */
LimnTensor test_random (guint32 seed, int n_dims, const gint64 *extent);
#define TEST_RANDOM(seed, ...)                                                                     \
  test_random (seed, (int) (sizeof ((gint64[]){ __VA_ARGS__ }) / sizeof (gint64)),                 \
               (gint64[]){ __VA_ARGS__ })
void test_tensor_clear (LimnTensor *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimnTensor, test_tensor_clear)

/* Fails the test unless the run is in order and |got - want| <= bound * (scale of want) everywhere,
 * the scale being the largest magnitude in @want. */
void test_assert_close (LimnRun *run,
                        const char *what,
                        const LimnTensor *got,
                        const LimnTensor *want,
                        double bound);
void test_assert_same_bits (const char *what, const LimnTensor *got, const LimnTensor *want);

/* Every operation at one set of sizes. */
typedef struct
{
  gint64 n, h, w; /* map */
  gint64 in, out; /* channels; both multiples of `groups` */
  int groups;
  gint64 keys; /* of cross attention */
  int heads;   /* `in` is a multiple */
} TestSizes;

typedef LimnTensor (*TestOperation) (LimnRun *run, const TestSizes *sizes, guint32 seed);

typedef struct
{
  const char *name;
  TestOperation compute;
  double bound; /* fast against reference, of the largest magnitude */
} TestCase;

extern const TestCase test_cases[];
extern const guint test_n_cases;

/* Sizes that are odd, that fill vectors and tiles exactly, and that exceed them by one. */
extern const TestSizes test_sizes[];
extern const guint test_n_sizes;

G_END_DECLS
