/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * A photo with a round hole, and tiny models that fill it.
 */
#pragma once

#include "engine/task/inpaint.h"

G_BEGIN_DECLS

typedef struct
{
  int width, height; /* of the photo */
  int x, y, radius;  /* of the hole */
} TaskSceneSize;

typedef struct
{
  LimnModel *models[2]; /* an inpainting one and an ordinary one, both for 64 pixels */
  LimnImage *photo, *mask;
} TaskScene;

/* For g_test_add(). @size: a TaskSceneSize. */
void task_scene_set_up (TaskScene *self, gconstpointer size);
void task_scene_tear_down (TaskScene *self, gconstpointer size);
/* A few steps in one pass. */
LimnInpaintParams task_scene_params (LimnModel *model);
/* @callbacks: (nullable). An error fails the test. */
LimnPatch *task_scene_inpaint (TaskScene *self,
                               LimnModel *model,
                               const LimnInpaintParams *params,
                               int n_threads,
                               const LimnTaskCallbacks *callbacks);

G_END_DECLS
