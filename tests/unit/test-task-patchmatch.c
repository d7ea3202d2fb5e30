/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/patchmatch-private.h"
#include "engine/task/prefill-private.h"
#include "tests/unit/task-testing.h"

/* What no known pixel has: seen in a result, it was copied from the hole. */
#define POISON 50.0f
/* The completion of a regular pattern, which a search without propagation or without chance does
 * not reach, nor a smooth fill. */
#define MIN_PSNR 36.0
#define MAX_SMOOTH_PSNR 14.0

typedef TaskRun Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  task_run_init (f, 2, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_no_error (f->run.error);
  task_run_clear (f);
}

/* Oblique waves of two lengths, in colours. */
static float
pattern (int x, int y, int c)
{
  return 0.5f * sinf (0.55f * x + 0.2f * y + c) + 0.4f * sinf (0.7f * y - 0.1f * x);
}

/* A picture with the pattern and, in the hole, poison. @hole: a disc of @radius in the middle. */
static LimnTensor
picture (Fixture *f, int h, int w, double radius, guint8 *hole)
{
  LimnTensor x = limn_run_nhwc (&f->run, 1, h, w, 3);

  for (int i = 0; i < h * w; i++)
    {
      hole[i] = hypot (i % w - w / 2, i / w - h / 2) < radius ? 255 : 0;
      for (int c = 0; c < 3; c++)
        limn_tensor_f32 (&x)[3 * i + c] = hole[i] ? POISON : pattern (i % w, i / w, c);
    }
  return x;
}

/* Peak signal-to-noise ratio in the hole against the pattern; the peak is 2. */
static double
psnr (const LimnTensor *x, const guint8 *hole)
{
  int h = (int)x->extent[1], w = (int)x->extent[2], n = 0;
  double sum = 0;

  for (int i = 0; i < h * w; i++)
    for (int c = 0; hole[i] && c < 3; c++, n++)
      sum += pow (limn_tensor_f32 (x)[3 * i + c] - pattern (i % w, i / w, c), 2);
  return 10 * log10 (4 / (sum / n));
}

static void
test_pattern (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = g_malloc (121 * 160);
  LimnTensor x = picture (f, 121, 160, 30, hole);
  LimnTensor y = limn_patchmatch_complete (&f->run, &x, hole, 1, NULL, NULL);

  g_test_message ("%.1f dB", psnr (&y, hole));
  g_assert_cmpfloat (psnr (&y, hole), >, MIN_PSNR);
  limn_prefill_smooth_in_place (&f->run, &x, hole);
  g_assert_cmpfloat (psnr (&x, hole), <, MAX_SMOOTH_PSNR);
}

/* Known pixels farther than a patch from the hole keep their bits; those nearer are of the pattern;
 * the hole's own content is nowhere. */
static void
test_known (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = g_malloc (90 * 90);
  LimnTensor x = picture (f, 90, 90, 20, hole),
             y = limn_patchmatch_complete (&f->run, &x, hole, 7, NULL, NULL);
  const float *a = limn_tensor_f32 (&x), *b = limn_tensor_f32 (&y);

  for (int i = 0; i < 90 * 90; i++)
    {
      if (hypot (i % 90 - 45, i / 90 - 45) > 20 + 1.5 * LIMN_PATCH_SIDE)
        g_assert_cmpmem (&a[3 * i], 12, &b[3 * i], 12);
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat (fabsf (b[3 * i + c]), <=, 1.0f);
    }
}

static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = g_malloc (100 * 130), *first = NULL;

  for (int threads = 1; threads <= 4; threads *= 2)
    {
      g_auto (TaskRun) run;
      LimnTensor x, y;

      task_run_init (&run, threads, NULL);
      x = picture (&run, 100, 130, 33, hole);
      y = limn_patchmatch_complete (&run.run, &x, hole, 3, NULL, NULL);
      if (first == NULL)
        first = g_memdup2 (y.data, limn_tensor_bytes (&y));
      g_assert_cmpmem (first, limn_tensor_bytes (&y), y.data, limn_tensor_bytes (&y));
    }
}

/* The seed is used: another one gives other bits. */
static void
test_seed (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = g_malloc (80 * 80);
  LimnTensor x = picture (f, 80, 80, 20, hole), a, b;

  for (int i = 0; i < 80 * 80 * 3; i++)
    limn_tensor_f32 (&x)[i] = (float)((i * 7919) % 1009) / 1009;
  a = limn_patchmatch_complete (&f->run, &x, hole, 1, NULL, NULL);
  b = limn_patchmatch_complete (&f->run, &x, hole, 2, NULL, NULL);
  g_assert_cmpint (memcmp (a.data, b.data, limn_tensor_bytes (&a)), !=, 0);
}

/* All sizes, with holes in the middle, over an edge, over all: what comes is within the range of
 * what is known, and 0 where nothing is. */
static void
test_degenerate (Fixture *f, gconstpointer data)
{
  static const int sizes[] = { 1, 2, 7, 8, 9, 17, 33 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes) * G_N_ELEMENTS (sizes) * 4; i++)
    {
      int h = sizes[i % 7], w = sizes[i / 7 % 7], kind = (int)i / 49, n_known = 0;
      g_autofree guint8 *hole = g_malloc0 ((gsize)h * w);
      LimnArenaMark mark = limn_run_mark (&f->run);
      LimnTensor x = limn_run_nhwc (&f->run, 1, h, w, 3), y;

      for (int k = 0; k < h * w; k++)
        {
          int u = k % w, v = k / w;

          hole[k] = kind == 0   ? 255
                    : kind == 1 ? (u >= w / 3 && u < w - w / 3 && v >= h / 3 && v < h - h / 3) * 255
                    : kind == 2 ? (u < w / 2) * 255
                                : (u > 0 || v > 0) * 128;
          n_known += hole[k] < 128;
          for (int c = 0; c < 3; c++)
            limn_tensor_f32 (&x)[3 * k + c] = hole[k] >= 128 ? POISON : 0.25f + 0.1f * c;
        }
      y = limn_patchmatch_complete (&f->run, &x, hole, 5, NULL, NULL);
      g_assert_no_error (f->run.error);
      for (int k = 0; k < 3 * h * w; k++)
        g_assert_cmpfloat_with_epsilon (limn_tensor_f32 (&y)[k],
                                        n_known > 0 ? 0.25f + 0.1f * (k % 3) : 0.0f, 1e-4f);
      limn_run_release (&f->run, mark);
    }
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree guint8 *hole = g_malloc (64 * 64);
  g_autoptr (GError) error = NULL;
  g_auto (TaskRun) run;
  LimnTensor x, y;

  task_run_init (&run, 1, cancellable);
  x = picture (&run, 64, 64, 20, hole);
  g_cancellable_cancel (cancellable);
  y = limn_patchmatch_complete (&run.run, &x, hole, 1, NULL, NULL);
  g_assert_true (limn_tensor_is_empty (&y));
  g_assert_false (limn_run_check (&run.run, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_memory (void)
{
  g_autofree guint8 *hole = g_malloc (200 * 300);
  g_auto (TaskRun) run;
  gsize before;
  LimnTensor x;

  task_run_init (&run, 1, NULL);
  x = picture (&run, 200, 300, 70, hole);
  before = limn_arena_get_peak (run.arena);
  limn_patchmatch_complete (&run.run, &x, hole, 1, NULL, NULL);
  g_assert_cmpuint (limn_arena_get_peak (run.arena) - before, <=,
                    limn_patchmatch_memory (200, 300));
}

/* The fill that a model starts from: the smooth one, more and more of the texture, the completion.
 */
static void
test_prefill (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *hole = g_malloc (121 * 160);
  double last = 0;

  for (int i = 0; i < 4; i++)
    {
      LimnTensor x = picture (f, 121, 160, 30, hole);
      LimnPrefill kind = i == 3 ? LIMN_PREFILL_PATCHMATCH : LIMN_PREFILL_SMOOTH;
      double quality;

      limn_prefill_in_place (&f->run, &x, hole, kind, MIN (i, 2) * 0.5f, 1);
      quality = psnr (&x, hole);
      g_test_message ("%d: %.1f dB", i, quality);
      g_assert_cmpfloat (quality, >, last);
      for (int k = 0; k < 121 * 160 * 3; k++)
        if (hole[k / 3] == 0)
          g_assert_true (limn_tensor_f32 (&x)[k] == pattern (k / 3 % 160, k / 3 / 160, k % 3));
      last = quality;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/patchmatch/pattern", Fixture, NULL, set_up, test_pattern, tear_down);
  g_test_add ("/patchmatch/known", Fixture, NULL, set_up, test_known, tear_down);
  g_test_add ("/patchmatch/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/patchmatch/seed", Fixture, NULL, set_up, test_seed, tear_down);
  g_test_add ("/patchmatch/degenerate", Fixture, NULL, set_up, test_degenerate, tear_down);
  g_test_add_func ("/patchmatch/cancel", test_cancel);
  g_test_add_func ("/patchmatch/memory", test_memory);
  g_test_add ("/patchmatch/prefill", Fixture, NULL, set_up, test_prefill, tear_down);
  return g_test_run ();
}
