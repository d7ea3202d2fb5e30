/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "engine/task/prefill-private.h"
#include "tests/unit/task-testing.h"

static const int odd_sizes[] = { 1, 2, 3, 7, 8, 15, 17, 33 };

typedef TaskRun Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  task_run_init (f, 1, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_no_error (f->run.error);
  task_run_clear (f);
}

/* A hole in the middle third of both sides. */
static guint8 *
middle_hole (int h, int w)
{
  guint8 *hole = g_malloc0 ((gsize)h * w);

  for (int y = h / 3; y < h - h / 3; y++)
    for (int x = w / 3; x < w - w / 3; x++)
      hole[y * w + x] = 255;
  return hole;
}

static void
test_constant (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (odd_sizes); j++)
      {
        int h = odd_sizes[i], w = odd_sizes[j];
        LimnTensor image = limn_run_nhwc (&f->run, 1, h, w, 3);
        g_autofree guint8 *hole = middle_hole (h, w);
        gboolean known = memchr (hole, 0, (gsize)h * w) != NULL;
        float *p = limn_tensor_f32 (&image);

        for (int k = 0; k < h * w * 3; k++)
          p[k] = hole[k / 3] > 0 ? 99.0f : 0.25f * (k % 3) - 0.3f;
        limn_prefill_smooth_in_place (&f->run, &image, hole);
        for (int k = 0; k < h * w * 3; k++)
          g_assert_cmpfloat_with_epsilon (p[k], known ? 0.25f * (k % 3) - 0.3f : 0.0f, 1e-5f);
      }
}

/* What is known keeps its bits, what is made lies between the darkest and the brightest known pixel
 * and follows the slope. */
static void
test_gradient (Fixture *f, gconstpointer data)
{
  enum
  {
    SIDE = 63
  };
  LimnTensor image = limn_run_nhwc (&f->run, 1, SIDE, SIDE, 1);
  g_autofree guint8 *hole = middle_hole (SIDE, SIDE);
  g_autofree float *before = g_malloc (sizeof (float) * SIDE * SIDE);
  float *p = limn_tensor_f32 (&image);

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      p[y * SIDE + x] = (float)x / SIDE;
  memcpy (before, p, sizeof (float) * SIDE * SIDE);
  limn_prefill_smooth_in_place (&f->run, &image, hole);
  for (int i = 0; i < SIDE * SIDE; i++)
    if (hole[i] == 0)
      g_assert_cmpmem (&p[i], sizeof (float), &before[i], sizeof (float));
    else
      g_assert_cmpfloat_with_epsilon (p[i], before[i], 0.12);
  /* Left of the middle darker than right of it. */
  g_assert_cmpfloat (p[31 * SIDE + 24] + 0.1f, <, p[31 * SIDE + 38]);
}

/* Half known is half kept: no step where the feathered rim begins. */
static void
test_rim (Fixture *f, gconstpointer data)
{
  LimnTensor image = limn_run_nhwc (&f->run, 1, 1, 3, 1);
  guint8 hole[3] = { 0, 51, 0 };
  float *p = limn_tensor_f32 (&image);

  p[0] = p[2] = 1.0f;
  p[1] = 0.0f;
  limn_prefill_smooth_in_place (&f->run, &image, hole);
  g_assert_cmpfloat (p[1], >, 0.0f);
  g_assert_cmpfloat (p[1], <, 0.25f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/prefill/constant", Fixture, NULL, set_up, test_constant, tear_down);
  g_test_add ("/prefill/gradient", Fixture, NULL, set_up, test_gradient, tear_down);
  g_test_add ("/prefill/rim", Fixture, NULL, set_up, test_rim, tear_down);
  return g_test_run ();
}
