/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-estimate.h"
#include "app/limn-job.h"
#include "engine/tensor/costs.h"

G_BEGIN_DECLS

/* What a job came to; made in the engine thread. */
typedef struct
{
  LimnPatch *patch;
  LimnTiles *patched;         /* the order's image with the patch pasted */
  LimnTiles *upscaled;
  LimnTiles *generated;
  LimnGeneration *generation; /* NULL when nothing was stored */
  char *history_error;
  GError *error;
} LimnJobOutcome;

void _limn_job_outcome_clear (LimnJobOutcome *outcome);

/* Parameters with strings of their own. */
typedef struct
{
  LimnInpaintParams params;
  char *prompt, *negative, *sampler;
} LimnOwnedInpaintParams;

typedef struct
{
  LimnUpscaleParams params;
  char *prompt, *negative, *sampler;
} LimnOwnedUpscaleParams;

typedef struct
{
  LimnGenerateParams params;
  char *prompt, *negative, *sampler;
  GArray *boxes;     /* nullable: of LimnLabelledBox */
  LimnImage *labels; /* nullable */
} LimnOwnedGenerateParams;

/* What a job is to do: never changes once it is made, so that the engine thread may read it. */
typedef struct
{
  LimnModelEntry *model;           /* NULL for a removal */
  LimnModelEntry *preview_decoder; /* nullable */
  LimnTiles *image, *mask;  /* mask: of an inpaint or a removal; image: NULL for what is made from nothing */
  LimnJobKind kind;
  LimnOwnedInpaintParams inpaint;
  LimnOwnedUpscaleParams upscale;
  LimnOwnedGenerateParams generate;
  LimnRemoveParams remove;
  char *source_name;
  gboolean expands;   /* what is filled was added around the picture */
  gsize memory_limit; /* bytes; 0: what is free. Set when it is queued */
  GCancellable *cancellable;
} LimnJobOrder;

const LimnJobOrder *_limn_job_get_order (LimnJob *self);
/* Before it runs. */
void _limn_job_set_memory_limit (LimnJob *self, gsize bytes);

/* Engine thread: leaves news for the main context, where only the latest arrive. */
void _limn_job_post_progress (LimnJob *self, const LimnProgress *progress);
void _limn_job_post_preview (LimnJob *self, LimnImage *preview, const LimnRect *rect);

/* @seconds that it will probably take in all, -1 when unknown. */
void _limn_job_post_expected (LimnJob *self, double seconds);

/* Main thread. */
void _limn_job_start (LimnJob *self, GMainContext *context);
/* Takes over what is in @outcome and emits "finished". */
void _limn_job_finish (LimnJob *self, LimnJobOutcome *outcome);

/* ---- The work (limn-job-run.c) -------------------------------------------------------------------------------------- */

/* What a job begins with, being stored in a thread of its own (reference counted). */
typedef struct _LimnJobInputs LimnJobInputs;

/* What outlives one job in the engine thread. */
typedef struct
{
  LimnPool *pool;
  LimnCosts *costs;         /* of convolutions here; NULL before the first job */
  LimnModel *last_model;    /* whose packed weights are in memory */
  LimnHistory *history;     /* nullable */
  LimnEstimate *estimate;
  LimnJobInputs *inputs;    /* nullable: of the running job */
  GThread *storing;         /* nullable: stores them, or those of a job that failed; not joined yet */
} LimnJobWorker;

/**
 * LimnJobRun:
 *
 * Computes @order's result into @outcome, patch, upscaled or generated; FALSE and @error when it fails. The queue's own calls the engine; tests put
 * others in its place. Runs in the engine thread.
 */
typedef gboolean (*LimnJobRun) (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
                                const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error);

gboolean _limn_job_run_engine (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
                               const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error);

/* All of a job: reads the tiles, runs, stores. */
void _limn_job_work (LimnJobWorker *worker, LimnJob *job, LimnJobRun run, LimnJobOutcome *outcome);
void _limn_job_worker_clear (LimnJobWorker *worker);

void _limn_job_queue_set_run (LimnJobQueue *self, LimnJobRun run);

G_END_DECLS
