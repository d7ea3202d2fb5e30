/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What an autoencoder loses, added again.
 */
#include <math.h>
#include <string.h>

#include "engine/task/inpaint-private.h"
#include "tests/unit/task-testing.h"

#define INPAINTER "D-unet-crossattn-sd15-inpaint"
#define SIDE 64

typedef struct
{
  TaskRun task;
  LimnModel *model;
  LimnModelInfo info;
  LimnInpaintParams params;
  LimnInpaint self;
  LimnTensor decoded; /* of self.start */
} Fixture;

/* A picture that no tiny autoencoder of random numbers gives back, and the left half of it a hole
 * with a soft rim. */
static void
set_up (Fixture *f, gconstpointer data)
{
  LimnTensor picture, latent;
  float *p;

  task_run_init (&f->task, 2, NULL);
  f->model = task_open_fixture (INPAINTER, NULL);
  f->info = *limn_model_get_info (f->model);
  f->info.keep_detail = TRUE;
  f->info.default_start = f->info.prompt_start = 0.5f;
  limn_inpaint_params_init (&f->params, f->model);
  f->self = (LimnInpaint){
    .model = f->model, .info = &f->info, .run = &f->task.run, .params = &f->params
  };
  f->self.plan = (LimnInpaintPlan){ .width = SIDE, .height = SIDE };
  f->self.hole = g_malloc (SIDE * SIDE);
  picture = limn_run_nhwc (&f->task.run, 1, SIDE, SIDE, 3);
  p = limn_tensor_f32 (&picture);
  for (int i = 0; i < SIDE * SIDE; i++)
    {
      f->self.hole[i] = (guint8)CLAMP (255 - 16 * (i % SIDE - SIDE / 2), 0, 255);
      for (int c = 0; c < 3; c++)
        p[3 * i + c] = (float)sin (0.9 * (i % SIDE) + 0.7 * (i / SIDE) + c);
    }
  latent = limn_model_encode (f->model, &f->task.run, &picture);
  f->self.start = latent;
  f->decoded = limn_model_decode (f->model, &f->task.run, &latent);
  f->self.filled = limn_run_nhwc (&f->task.run, 1, SIDE, SIDE, 3);
  _limn_inpaint_keep_filled (&f->self, &picture);
  g_assert_no_error (f->task.run.error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_no_error (f->task.run.error);
  g_free (f->self.hole);
  limn_model_unref (f->model);
  task_run_clear (&f->task);
}

/* What is decoded from the latent that the fill began as is the fill again: all of it, or, where
 * what a prompt asked for may have taken its place, outside the hole, and by shares in the rim. */
static void
check (Fixture *f, const char *prompt, gboolean first, gboolean inside)
{
  LimnTensor made = limn_run_nhwc (f->self.run, 1, SIDE, SIDE, 3);
  const float *want = limn_tensor_f32 (&f->self.filled), *soft = limn_tensor_f32 (&f->decoded);
  const float *got = limn_tensor_f32 (&made);
  float lost = 0;

  f->params.prompt = prompt;
  f->self.first = first ? (const LimnImage *)f : NULL; /* whether there is one, nothing else */
  memcpy (made.data, f->decoded.data, limn_tensor_bytes (&made));
  _limn_inpaint_add_detail (&f->self, &made);
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    {
      float weight = inside ? 1 : 1 - f->self.hole[i / 3] / 255.0f;

      g_assert_cmpfloat_with_epsilon (got[i], soft[i] + weight * (want[i] - soft[i]), 1e-4f);
      lost = MAX (lost, fabsf (want[i] - soft[i]));
    }
  g_assert_cmpfloat (lost, >, 0.1f);
}

static void
test_without_prompt (Fixture *f, gconstpointer data)
{
  check (f, "", FALSE, TRUE);
  check (f, NULL, FALSE, TRUE);
}

static void
test_prompt (Fixture *f, gconstpointer data)
{
  check (f, "a calm sea", FALSE, FALSE);
}

/* The second pass begins with what the first one made of the prompt. */
static void
test_second_pass (Fixture *f, gconstpointer data)
{
  check (f, "a calm sea", TRUE, TRUE);
}

/* From nothing but noise, nothing of the fill is left. */
static void
test_pure_noise (Fixture *f, gconstpointer data)
{
  f->info.default_start = 1;
  check (f, "", FALSE, FALSE);
}

/* Where the surroundings' start is used and where the prompt's. */
static void
test_start (Fixture *f, gconstpointer data)
{
  f->info.prompt_start = 0.75f;
  f->params.prompt = "";
  g_assert_cmpfloat (_limn_inpaint_start (&f->info, &f->params), ==, 0.5f);
  f->params.prompt = NULL;
  g_assert_cmpfloat (_limn_inpaint_start (&f->info, &f->params), ==, 0.5f);
  f->params.prompt = "sand";
  g_assert_cmpfloat (_limn_inpaint_start (&f->info, &f->params), ==, 0.75f);
  g_assert_true (_limn_inpaint_is_prefilled (&f->info, &f->params));
  f->info.prompt_start = 1;
  g_assert_false (_limn_inpaint_is_prefilled (&f->info, &f->params));
}

/* A model that does not ask for it keeps no picture and gives what it decodes. */
static void
test_not_asked (Fixture *f, gconstpointer data)
{
  LimnTensor made = limn_run_nhwc (f->self.run, 1, SIDE, SIDE, 3);

  f->self.filled = LIMN_TENSOR_EMPTY;
  memcpy (made.data, f->decoded.data, limn_tensor_bytes (&made));
  _limn_inpaint_keep_filled (&f->self, &f->decoded);
  _limn_inpaint_add_detail (&f->self, &made);
  g_assert_cmpmem (made.data, limn_tensor_bytes (&made), f->decoded.data,
                   limn_tensor_bytes (&f->decoded));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/detail/without-prompt", test_without_prompt);
  ADD ("/detail/prompt", test_prompt);
  ADD ("/detail/second-pass", test_second_pass);
  ADD ("/detail/pure-noise", test_pure_noise);
  ADD ("/detail/start", test_start);
  ADD ("/detail/not-asked", test_not_asked);
  return g_test_run ();
}
