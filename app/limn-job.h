/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"
#include "app/limn-history.h"
#include "app/limn-library.h"
#include "engine/task/generate.h"
#include "engine/task/remove.h"
#include "engine/task/upscale.h"

G_BEGIN_DECLS

typedef enum
{
  LIMN_JOB_WAITING,
  LIMN_JOB_RUNNING,
  LIMN_JOB_DONE,
  LIMN_JOB_FAILED,
  LIMN_JOB_CANCELLED,
} LimnJobState;

typedef enum
{
  LIMN_JOB_INPAINT,
  LIMN_JOB_UPSCALE,
  LIMN_JOB_GENERATE, /* a picture from nothing */
  LIMN_JOB_REMOVE,   /* filled from what is around, without a model */
} LimnJobKind;

#define LIMN_TYPE_JOB (limn_job_get_type ())
/**
 * LimnJob: one thing for the engine to do. Created and read on the main thread; properties change, and signals come, in the main context.
 *
 * Properties: "state" (int, LimnJobState), "fraction" double 0..1, "step", "n-steps" int, "stage" int (LimnStage),
 * "seconds-left" double (-1 while unknown), "error-message" string or NULL.
 * Signal "preview": limn_job_get_preview() has a new picture. Signal "finished": state is DONE, FAILED or CANCELLED.
 */
G_DECLARE_FINAL_TYPE (LimnJob, limn_job, LIMN, JOB, GObject)

/* @image and @mask are copied by reference (cheap). @params' strings are copied. */
LimnJob *limn_job_new_inpaint (LimnModelEntry *model, LimnTiles *image, LimnTiles *mask, const LimnInpaintParams *params,
                               const char *source_name);
LimnJob *limn_job_new_upscale (LimnModelEntry *model, LimnTiles *image, const LimnUpscaleParams *params, const char *source_name);
/* Needs no model. */
LimnJob *limn_job_new_remove (LimnTiles *image, LimnTiles *mask, const LimnRemoveParams *params, const char *source_name);
/* Before it is queued: what is filled was added around the picture. Only what is said of the job, also in the history, depends on it. */
void limn_job_set_expands (LimnJob *self);
gboolean limn_job_get_expands (LimnJob *self);
/* From a prompt, a class, boxes, a map of labels or nothing; embeddings are not taken. What @params points to is copied. */
LimnJob *limn_job_new_generate (LimnModelEntry *model, const LimnGenerateParams *params);

/* Before it is queued: previews are decoded by the tiny autoencoder in @library that fits the job's model, if there is one. */
void limn_job_find_preview_decoder (LimnJob *self, LimnLibrary *library);

LimnJobState limn_job_get_state (LimnJob *self);
double limn_job_get_fraction (LimnJob *self);
double limn_job_get_seconds_left (LimnJob *self);
LimnJobKind limn_job_get_kind (LimnJob *self);
const GError *limn_job_get_error (LimnJob *self);
/* Latest preview (borrowed) and where it belongs in the picture; NULL when there is none yet. */
LimnImage *limn_job_get_preview (LimnJob *self, LimnRect *rect);
/* Results, borrowed, when DONE: the patch of an inpaint or a removal, the picture of an upscale, the one that was generated. */
const LimnPatch *limn_job_get_patch (LimnJob *self);
LimnTiles *limn_job_get_upscaled (LimnJob *self);
LimnTiles *limn_job_get_generated (LimnJob *self);
/* The picture that an inpaint was started on with the patch pasted, made in the engine thread, and in @before that picture itself (both
 * borrowed), for limn_document_apply_prepared_patch(). */
LimnTiles *limn_job_get_patched (LimnJob *self, LimnTiles **before);
/* What was done, for metadata and the history: the row that the history got. With an id of 0 when it could not be stored
 * (limn_job_get_history_error() says why) or there is no history; NULL before the job is DONE. */
LimnGeneration *limn_job_get_generation (LimnJob *self);
const char *limn_job_get_history_error (LimnJob *self);
/* Any time, any state. Felt within 100 ms. */
void limn_job_cancel (LimnJob *self);

#define LIMN_TYPE_JOB_QUEUE (limn_job_queue_get_type ())
/* One engine thread that runs jobs in order; a GListModel of the jobs that are waiting or running. Owns the worker pool and arena. Finished
 * jobs are written to the history before "finished" is emitted. Disposing cancels what runs and joins the thread. */
G_DECLARE_FINAL_TYPE (LimnJobQueue, limn_job_queue, LIMN, JOB_QUEUE, GObject)

/* @history nullable; @n_threads 0: one per core. */
LimnJobQueue *limn_job_queue_new (LimnHistory *history, int n_threads);
void limn_job_queue_add (LimnJobQueue *self, LimnJob *job);
/* How many bytes the jobs that are added from now on may take, models included; 0, as at first: what is free. A job that needs more
 * fails and says what would fit. */
void limn_job_queue_set_memory_limit (LimnJobQueue *self, gsize bytes);
void limn_job_queue_cancel_all (LimnJobQueue *self);
/* The running job (borrowed) or NULL. */
LimnJob *limn_job_queue_get_running (LimnJobQueue *self);
/* Expected seconds of an inpaint with this plan, learnt from earlier runs on this computer; -1 when nothing is known. */
double limn_job_queue_estimate (LimnJobQueue *self, LimnModelEntry *model, const LimnInpaintPlan *plan, gboolean guidance);
/* The same for an upscale of a picture of @width x @height pixels. */
double limn_job_queue_estimate_upscale (LimnJobQueue *self, LimnModelEntry *model, int width, int height,
                                        const LimnUpscaleParams *params);
/* The same for a removal, which no model has a part in. */
double limn_job_queue_estimate_remove (LimnJobQueue *self, const LimnInpaintPlan *plan);
/* The same for a picture from nothing. */
double limn_job_queue_estimate_generate (LimnJobQueue *self, LimnModelEntry *model, const LimnGeneratePlan *plan,
                                         gboolean guidance);

G_END_DECLS
