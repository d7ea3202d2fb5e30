/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/task-scene.h"

#include <math.h>

#include "tests/unit/task-testing.h"

void
task_scene_set_up (TaskScene *self, gconstpointer data)
{
  const TaskSceneSize *size = data;

  self->models[0] = task_open_fixture ("D-unet-crossattn-sd15-inpaint", NULL);
  self->models[1] = task_open_fixture ("J-containers/sd1-tiny.safetensors", "config.yaml");
  self->photo = limn_image_new (size->width, size->height, 3, NULL);
  self->mask = limn_image_new (size->width, size->height, 1, NULL);
  for (int y = 0; y < size->height; y++)
    for (int x = 0; x < size->width; x++)
      {
        guint8 *pixel = limn_image_row (self->photo, y) + 3 * x;

        pixel[0] = (guint8)(x / 2 + y / 2);
        pixel[1] = (guint8)(120 + 40 * sin (x * 0.1));
        pixel[2] = (guint8)(250 - y);
        limn_image_row (self->mask, y)[x]
            = hypot (x - size->x, y - size->y) < size->radius ? 255 : 0;
      }
}

void
task_scene_tear_down (TaskScene *self, gconstpointer data)
{
  limn_model_unref (self->models[0]);
  limn_model_unref (self->models[1]);
  limn_image_unref (self->photo);
  limn_image_unref (self->mask);
}

LimnInpaintParams
task_scene_params (LimnModel *model)
{
  LimnInpaintParams params;

  limn_inpaint_params_init (&params, model);
  params.prompt = "a calm sea";
  params.seed = 3;
  params.steps = 4;
  params.guidance = 2.0f;
  params.two_pass = FALSE;
  return params;
}

LimnPatch *
task_scene_inpaint (TaskScene *self,
                    LimnModel *model,
                    const LimnInpaintParams *params,
                    int n_threads,
                    const LimnTaskCallbacks *callbacks)
{
  g_auto (TaskRun) run;
  g_autoptr (GError) error = NULL;
  LimnPatch *patch;

  task_run_init (&run, n_threads, NULL);
  patch = limn_inpaint (model, &run.run, self->photo, self->mask, params, callbacks, &error);
  g_assert_no_error (error);
  return patch;
}
