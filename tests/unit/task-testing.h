/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/model/model.h"
#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* A run with a pool and an arena of its own. */
typedef struct
{
  LimnPool *pool;
  LimnArena *arena;
  LimnRun run;
} TaskRun;

void task_run_init (TaskRun *self, int n_threads, GCancellable *cancellable);
void task_run_clear (TaskRun *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TaskRun, task_run_clear)

/* Path of @name below tests/golden/fixtures (transfer full). */
char *task_fixture (const char *name);
/* The model of a fixture; fails the test when it cannot be opened. @name: "D-unet…", or a file with
 * the @config beside it (nullable). */
LimnModel *task_open_fixture (const char *name, const char *config);

/* Fixtures often lack the autoencoder: the model of @unet (a file, with config.yaml beside it) with
 * the first stage of @first_stage (likewise), written to @folder. @replace: (nullable): a part of
 * the config's text, and what stands there instead. */
LimnModel *task_join_models (const char *folder,
                             const char *unet,
                             const char *first_stage,
                             const char *const replace[2]);

G_END_DECLS
