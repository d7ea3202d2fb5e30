/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Masks that are grey: partial change.
 */
#include <string.h>

#include "engine/task/inpaint-private.h"
#include "tests/unit/task-scene.h"
#include "tests/unit/task-testing.h"

static const TaskSceneSize scene_size = { 210, 130, 120, 60, 14 };

/* The darker the mask, the longer is what is known put back: a latent with value v is free from the
 * step on at which v / 255 + (step + 1) / n > 1, with each kind of model, and what lies outside of
 * the rim never. The rim itself only ordinary models put back. */
static void
test_grey_steps (TaskScene *f, gconstpointer data)
{
  static const guint8 holes[] = { 255, 255, 255, 255, 100, 0 };
  static const guint8 changes[] = { 255, 200, 100, 1, 100, 0 };
  enum
  {
    N = 10
  };

  for (int i = 0; i < 2; i++)
    {
      LimnInpaintParams params = task_scene_params (f->models[i]);
      guint8 hole[6], change[6];
      LimnInpaint self = { .latent_hole = hole, .latent_change = change };
      int n_put_back[6] = { 0 };
      g_auto (TaskRun) run;
      LimnTensor x;

      task_run_init (&run, 1, NULL);
      memcpy (hole, holes, sizeof hole);
      memcpy (change, changes, sizeof change);
      params.steps = N;
      self.sampler = _limn_inpaint_sampler (f->models[i], &params, NULL);
      g_assert_cmpint (self.sampler->n_steps, ==, N);
      self.known = limn_run_nhwc (&run.run, 1, 2, 3, 1);
      self.noise = limn_run_nhwc (&run.run, 1, 2, 3, 1);
      if (i == 0)
        self.condition = limn_run_nhwc (&run.run, 1, 2, 3, 2);
      x = limn_run_nhwc (&run.run, 1, 2, 3, 1);
      for (int step = 0; step < N; step++)
        {
          for (int k = 0; k < 6; k++)
            {
              limn_tensor_f32 (&self.known)[k] = 1;
              limn_tensor_f32 (&self.noise)[k] = 0;
              limn_tensor_f32 (&x)[k] = -7;
            }
          _limn_inpaint_blend_known (&self, step, N, &x);
          for (int k = 0; k < 6; k++)
            n_put_back[k] += limn_tensor_f32 (&x)[k] != -7;
        }
      for (int k = 0; k < 6; k++)
        {
          int expected = 0;

          for (int step = 0; step < N; step++)
            expected += changes[k] / 255.0 + (step + 1.0) / N <= 1.0 + 1e-6;
          g_assert_cmpint (n_put_back[k], ==, k == 4 && i == 0 ? 0 : expected);
        }
      limn_sampler_plan_free (self.sampler);
    }
}

/* Whether the patch is opaque wherever @mask is above 0. */
static gboolean
is_pasted_whole (const LimnPatch *patch, const LimnImage *mask)
{
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      if (limn_image_row (mask, y)[x] > 0
          && limn_image_row (patch->alpha, y - patch->rect.y)[x - patch->rect.x] != 255)
        return FALSE;
  return TRUE;
}

/* And the task does so: grey is not white, and how dark it is is decided where it is made: pasted
 * is all of it, as otherwise it would count twice. */
static void
test_grey (TaskScene *f, gconstpointer data)
{
  for (int i = 0; i < 2; i++)
    {
      LimnInpaintParams params = task_scene_params (f->models[i]);
      g_autoptr (LimnPatch) white = task_scene_inpaint (f, f->models[i], &params, 2, NULL);
      g_autoptr (LimnPatch) grey = NULL;
      g_autofree char *first = limn_image_hash (white->crop->raw), *second = NULL;

      for (int y = 0; y < 130; y++)
        for (int x = 0; x < 210; x++)
          limn_image_row (f->mask, y)[x] = MIN (limn_image_row (f->mask, y)[x], 128);
      grey = task_scene_inpaint (f, f->models[i], &params, 2, NULL);
      second = limn_image_hash (grey->crop->raw);
      g_assert_cmpstr (first, !=, second);
      g_assert_true (is_pasted_whole (white, f->mask));
      g_assert_true (is_pasted_whole (grey, f->mask));
      for (int y = 0; y < 130; y++)
        for (int x = 0; x < 210; x++)
          limn_image_row (f->mask, y)[x] = MIN (limn_image_row (f->mask, y)[x], 40);
      limn_patch_free (grey);
      grey = task_scene_inpaint (f, f->models[i], &params, 2, NULL);
      g_assert_true (is_pasted_whole (grey, f->mask));
      for (int y = 0; y < 130; y++)
        for (int x = 0; x < 210; x++)
          if (limn_image_row (f->mask, y)[x] > 0)
            limn_image_row (f->mask, y)[x] = 255;
    }
}

#define ADD(path, test)                                                                            \
  g_test_add (path, TaskScene, &scene_size, task_scene_set_up, test, task_scene_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/grey/steps", test_grey_steps);
  ADD ("/grey/task", test_grey);
  return g_test_run ();
}
