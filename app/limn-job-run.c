/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-job"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "app/limn-boxes.h"
#include "app/limn-job-private.h"
#include "app/limn-model-entry-private.h"

/* A result in tiles; says so when there is no memory for them. */
static LimnTiles *
take_picture (LimnImage *picture, GError **error)
{
  LimnTiles *tiles = picture != NULL ? limn_tiles_new_from_image (picture) : NULL;

  if (picture != NULL && tiles == NULL)
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY,
                 _("There is not enough memory for a picture of %d × %d pixels"), picture->width, picture->height);
  g_clear_pointer (&picture, limn_image_unref);
  return tiles;
}

/* A decoder that is damaged only costs its previews. */
static void
use_preview_decoder (const LimnJobOrder *order)
{
  LimnModelEntry *entry = order->preview_decoder;
  LimnModel *decoder = NULL;

  if (entry != NULL && _limn_model_entry_check (entry, order->cancellable, NULL))
    decoder = limn_model_entry_get_model (entry);
  limn_model_set_preview_decoder (limn_model_entry_get_model (order->model), decoder, NULL);
}

/* Without words what lies around goes on: what patches make of that is there long before the model is done, so it is the first
 * preview. What is wrong with the picture or its mask the inpaint will say. */
static void
show_removal (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
              const LimnTaskCallbacks *callbacks)
{
  const LimnInpaintParams *inpaint = &order->inpaint.params;
  LimnRemoveParams params;
  g_autoptr (LimnPatch) patch = NULL;
  g_autoptr (LimnImage) preview = NULL;

  if (inpaint->strength < 1 || (inpaint->prompt != NULL && inpaint->prompt[0] != '\0') || callbacks->preview == NULL)
    return;
  limn_remove_params_init (&params);
  patch = limn_remove (run, image, mask, &params, NULL, NULL);
  preview = patch != NULL ? limn_patch_to_image (patch, NULL) : NULL;
  if (preview != NULL)
    callbacks->preview (preview, &patch->rect, callbacks->user_data);
}

gboolean
_limn_job_run_engine (const LimnJobOrder *order, LimnRun *run, const LimnImage *image, const LimnImage *mask,
                      const LimnTaskCallbacks *callbacks, LimnJobOutcome *outcome, GError **error)
{
  LimnModel *model;

  if (order->kind == LIMN_JOB_REMOVE)
    {
      outcome->patch = limn_remove (run, image, mask, &order->remove, callbacks, error);
      return outcome->patch != NULL;
    }
  model = limn_model_entry_get_model (order->model);
  if (model == NULL)
    {
      g_set_error_literal (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE, limn_model_entry_get_error (order->model));
      return FALSE;
    }
  if (!_limn_model_entry_check (order->model, order->cancellable, error))
    return FALSE;
  use_preview_decoder (order);
  switch (order->kind)
    {
    case LIMN_JOB_UPSCALE:
      outcome->upscaled
          = take_picture (limn_upscale (model, run, image, &order->upscale.params, callbacks, error), error);
      return outcome->upscaled != NULL;
    case LIMN_JOB_GENERATE:
      outcome->generated = take_picture (limn_generate (model, run, &order->generate.params, callbacks, error), error);
      return outcome->generated != NULL;
    case LIMN_JOB_INPAINT:
    default:
      show_removal (order, run, image, mask, callbacks);
      outcome->patch = limn_inpaint (model, run, image, mask, &order->inpaint.params, callbacks, error);
      return outcome->patch != NULL;
    }
}

/* ---- Storing the inputs, while the engine computes ------------------------------------------------------------------ */

/*
 * Held by the worker and by the thread that stores them: whoever lets go last frees them. So a job that was cancelled leaves
 * nothing in memory once its thread has noticed, and nobody waits for that.
 */
struct _LimnJobInputs
{
  gatomicrefcount ref_count;

  /* Owned; the thread's until it is joined */
  LimnHistory *history;
  LimnModelEntry *model;
  LimnImage *image, *mask; /* nullable */
  GBytes *boxes;           /* nullable: JSON */
  GCancellable *cancellable;
  char *image_hash, *mask_hash, *boxes_hash, *model_hash;
  GError *error;
};

static void
inputs_unref (LimnJobInputs *inputs)
{
  if (!g_atomic_ref_count_dec (&inputs->ref_count))
    return;
  g_clear_object (&inputs->history);
  g_clear_object (&inputs->model);
  g_clear_object (&inputs->cancellable);
  g_clear_pointer (&inputs->image, limn_image_unref);
  g_clear_pointer (&inputs->mask, limn_image_unref);
  g_clear_pointer (&inputs->boxes, g_bytes_unref);
  g_free (inputs->image_hash);
  g_free (inputs->mask_hash);
  g_free (inputs->boxes_hash);
  g_free (inputs->model_hash);
  g_clear_error (&inputs->error);
  g_free (inputs);
}

static gpointer
store_inputs_worker (gpointer data)
{
  LimnJobInputs *inputs = data;

  if (inputs->image != NULL)
    inputs->image_hash = limn_history_store_image (inputs->history, inputs->image, inputs->cancellable, &inputs->error);
  if (inputs->image_hash != NULL && inputs->mask != NULL)
    inputs->mask_hash = limn_history_store_image (inputs->history, inputs->mask, inputs->cancellable, &inputs->error);
  if (inputs->error == NULL && inputs->boxes != NULL)
    inputs->boxes_hash = limn_history_store_file (inputs->history, inputs->boxes, "json", &inputs->error);
  if (inputs->error == NULL && inputs->model != NULL)
    inputs->model_hash = _limn_model_entry_dup_hash (inputs->model, inputs->cancellable, &inputs->error);
  inputs_unref (inputs);
  return NULL;
}

/* The boxes as text, the model's names in it (transfer full); NULL when there are none. */
static GBytes *
boxes_to_json (const LimnJobOrder *order)
{
  const LimnGenerateParams *params = &order->generate.params;
  LimnModel *model = order->model != NULL ? limn_model_entry_get_model (order->model) : NULL;
  g_autoptr (LimnBoxes) boxes = NULL;
  char *json;

  if (params->boxes == NULL || model == NULL)
    return NULL;
  boxes = limn_boxes_new_labelled (params->boxes, (guint) params->n_boxes, model);
  json = limn_boxes_to_json (boxes);
  return g_bytes_new_take (json, strlen (json));
}

/* Returns at once. The thread that a cancelled job left behind is waited for first: it was cancelled, too, and ends soon. */
static void
begin_storing (LimnJobWorker *worker, const LimnJobOrder *order, LimnImage *image, LimnImage *mask)
{
  LimnJobInputs *inputs;

  g_clear_pointer (&worker->storing, g_thread_join);
  if (worker->history == NULL)
    return;
  inputs = g_new0 (LimnJobInputs, 1);
  g_atomic_ref_count_init (&inputs->ref_count);
  g_atomic_ref_count_inc (&inputs->ref_count);
  inputs->history = g_object_ref (worker->history);
  inputs->model = order->model != NULL ? g_object_ref (order->model) : NULL;
  inputs->image = image != NULL ? limn_image_ref (image) : NULL;
  inputs->boxes = boxes_to_json (order);
  inputs->mask = mask != NULL ? limn_image_ref (mask) : NULL;
  inputs->cancellable = g_object_ref (order->cancellable);
  worker->storing = g_thread_new ("limn-store", store_inputs_worker, inputs);
  worker->inputs = inputs;
}

/* ---- Storing the result ---------------------------------------------------------------------------------------------- */

/* As the history calls it: its kind says what the model was told. */
static const char *
generated_kind (const LimnGenerateParams *params)
{
  if (params->category >= 0)
    return "generate-class";
  if (params->boxes != NULL)
    return "generate-boxes";
  return params->labels != NULL ? "generate-labels" : "generate";
}

/* A class is told by its name, or by its number where that is not known; boxes by their labels, so that they can be searched for. */
static LimnGeneration *
describe_generated (const LimnJobOrder *order)
{
  const LimnGenerateParams *params = &order->generate.params;
  LimnGeneration *generation = limn_generation_new (generated_kind (params));
  const char *told = params->prompt;
  g_autoptr (LimnBoxes) boxes = NULL;
  g_autofree char *labels = NULL;
  g_autofree char *number = g_strdup_printf ("%d", params->category);

  if (params->category >= 0)
    {
      told = limn_model_get_category_name (limn_model_entry_get_model (order->model), params->category);
      told = told != NULL ? told : number;
    }
  if (params->boxes != NULL)
    {
      boxes = limn_boxes_new_labelled (params->boxes, (guint) params->n_boxes, limn_model_entry_get_model (order->model));
      told = labels = limn_boxes_describe (boxes);
    }
  g_object_set (generation, "prompt", told != NULL ? told : "", "negative",
                params->negative != NULL ? params->negative : "", "seed", params->seed, "steps", params->steps, "guidance",
                (double) params->guidance, "sampler", params->sampler, NULL);
  return generation;
}

static LimnGeneration *
describe (const LimnJobOrder *order, const LimnJobOutcome *outcome, double seconds)
{
  LimnTiles *whole = order->image;
  LimnGeneration *generation;

  if (order->kind == LIMN_JOB_GENERATE)
    {
      generation = describe_generated (order);
      whole = outcome->generated;
    }
  else if (order->kind == LIMN_JOB_UPSCALE)
    {
      generation = limn_generation_new ("upscale");
      limn_generation_set_upscale_params (generation, &order->upscale.params);
      whole = outcome->upscaled;
    }
  else if (order->kind == LIMN_JOB_REMOVE)
    {
      generation = limn_generation_new ("remove");
      limn_generation_set_remove_params (generation, &order->remove);
    }
  else
    {
      generation = limn_generation_new ("inpaint");
      limn_generation_set_inpaint_params (generation, &order->inpaint.params);
    }
  if (order->model != NULL)
    g_object_set (generation, "model", limn_model_entry_get_id (order->model), NULL);
  g_object_set (generation, "source-name", order->source_name, "seconds",
                seconds, "width", limn_tiles_get_width (whole), "height", limn_tiles_get_height (whole), "expanded",
                order->expands, NULL);
  if (outcome->patch != NULL)
    g_object_set (generation, "result-x", outcome->patch->rect.x, "result-y", outcome->patch->rect.y, NULL);
  return generation;
}

/* What the history stores of the result: of an inpaint its patch alone. */
static LimnImage *
result_image (const LimnJobOutcome *outcome, GError **error)
{
  if (outcome->patch != NULL)
    return limn_patch_to_image (outcome->patch, error);
  return limn_tiles_to_image (outcome->upscaled != NULL ? outcome->upscaled : outcome->generated, error);
}

static gboolean
add_to_history (LimnJobWorker *worker, const LimnJobOutcome *outcome, LimnGeneration *generation, GError **error)
{
  LimnJobInputs *inputs = worker->inputs;
  g_autoptr (LimnImage) output = NULL;

  g_clear_pointer (&worker->storing, g_thread_join);
  if (inputs->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inputs->error));
      return FALSE;
    }
  g_object_set (generation, "model-hash", inputs->model_hash, "input-hash", inputs->image_hash, "mask-hash",
                inputs->mask_hash, "condition-hash", inputs->boxes_hash, NULL);
  if (outcome->patch != NULL && outcome->patch->crop != NULL
      && !limn_history_store_crop (worker->history, generation, outcome->patch->crop, error))
    return FALSE;
  output = result_image (outcome, error);
  return output != NULL && limn_history_add (worker->history, generation, inputs->image, inputs->mask, output, error);
}

/* ---- The whole of it ------------------------------------------------------------------------------------------------ */

static void
progress_cb (const LimnProgress *progress, gpointer user_data)
{
  _limn_job_post_progress (user_data, progress);
}

static void
preview_cb (LimnImage *preview, const LimnRect *rect, gpointer user_data)
{
  _limn_job_post_preview (user_data, preview, rect);
}

/* Only one model's packed weights are kept in memory. */
static void
use_model (LimnJobWorker *worker, LimnModel *model)
{
  if (worker->last_model == model)
    return;
  if (worker->last_model != NULL)
    limn_model_unload (worker->last_model);
  g_clear_pointer (&worker->last_model, limn_model_unref);
  worker->last_model = model != NULL ? limn_model_ref (model) : NULL;
}

/* Of convolutions, which only models have. The first time on this computer it takes a while. */
static void
open_costs (LimnJobWorker *worker, const LimnJobOrder *order, LimnRun *run)
{
  if (worker->costs == NULL && order->model != NULL)
    {
      worker->costs = g_new (LimnCosts, 1);
      limn_costs_open (worker->costs, run->kernels, NULL, LIMN_VERSION, NULL);
    }
  run->costs = worker->costs;
}

/* Runs within a context of its own: the memory of a job is given back with it. @seconds: what every run of its kind takes. */
static gboolean
compute (LimnJobWorker *worker, LimnJob *job, LimnJobRun func, const LimnImage *image, const LimnImage *mask,
         LimnJobOutcome *outcome, double *seconds, GError **error)
{
  const LimnJobOrder *order = _limn_job_get_order (job);
  LimnTaskCallbacks callbacks = { progress_cb, preview_cb, job };
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_auto (LimnRun) run;
  gint64 start;
  gboolean done;

  limn_run_init (&run, worker->pool, arena, order->cancellable);
  open_costs (worker, order, &run);
  run.memory_limit = order->memory_limit;
  start = g_get_monotonic_time ();
  done = func (order, &run, image, mask, &callbacks, outcome, error);
  *seconds = (g_get_monotonic_time () - start) / 1e6;
  return done;
}

/* How much there is to do, when that can be told. */
typedef struct
{
  gboolean known, guidance;
  LimnInpaintPlan inpaint;
  LimnUpscaleWork upscale;
  LimnGeneratePlan generate;
} Work;

static void
work_init (Work *work, const LimnJobOrder *order, const LimnImage *image, const LimnImage *mask)
{
  LimnModel *model = order->model != NULL ? limn_model_entry_get_model (order->model) : NULL;

  work->guidance = order->inpaint.params.guidance != 1;
  if (order->kind == LIMN_JOB_REMOVE)
    work->known = limn_remove_plan (image, mask, &order->remove, &work->inpaint, NULL);
  else if (model == NULL)
    work->known = FALSE;
  else if (order->kind == LIMN_JOB_UPSCALE)
    work->known
        = limn_upscale_work_init (&work->upscale, model, image->width, image->height, &order->upscale.params);
  else if (order->kind == LIMN_JOB_GENERATE)
    {
      work->guidance = limn_model_get_info (model)->can_guide && order->generate.params.guidance != 1;
      work->known = limn_generate_plan (model, &order->generate.params, &work->generate, NULL);
    }
  else
    work->known = limn_inpaint_plan (model, image, mask, &order->inpaint.params, &work->inpaint, NULL);
}

static void
expect (LimnJobWorker *worker, LimnJob *job, const Work *work)
{
  const LimnJobOrder *order = _limn_job_get_order (job);
  const char *model = order->model != NULL ? limn_model_entry_get_id (order->model) : NULL;
  double seconds;

  if (!work->known)
    return;
  if (order->kind == LIMN_JOB_UPSCALE)
    seconds = limn_estimate_upscale (worker->estimate, model, &work->upscale);
  else if (order->kind == LIMN_JOB_GENERATE)
    seconds = limn_estimate_generate (worker->estimate, model, &work->generate, work->guidance);
  else if (order->kind == LIMN_JOB_REMOVE)
    seconds = limn_estimate_remove (worker->estimate, &work->inpaint);
  else
    seconds = limn_estimate_inpaint (worker->estimate, model, &work->inpaint, work->guidance);
  _limn_job_post_expected (job, seconds);
}

static void
learn (LimnJobWorker *worker, const LimnJobOrder *order, const Work *work, double seconds)
{
  const char *model = order->model != NULL ? limn_model_entry_get_id (order->model) : NULL;

  if (!work->known)
    return;
  if (order->kind == LIMN_JOB_UPSCALE)
    limn_estimate_learn_upscale (worker->estimate, model, &work->upscale, seconds);
  else if (order->kind == LIMN_JOB_GENERATE)
    limn_estimate_learn_generate (worker->estimate, model, &work->generate, work->guidance, seconds);
  else if (order->kind == LIMN_JOB_REMOVE)
    limn_estimate_learn_remove (worker->estimate, &work->inpaint, seconds);
  else
    limn_estimate_learn_inpaint (worker->estimate, model, &work->inpaint, work->guidance, seconds);
}

/* What the main thread would be busy with otherwise. */
static void
prepare (const LimnJobOrder *order, LimnJobOutcome *outcome)
{
  if (outcome->patch == NULL)
    return;
  outcome->patched = limn_tiles_copy (order->image);
  limn_tiles_paste (outcome->patched, outcome->patch);
}

static gboolean
run_order (LimnJobWorker *worker, LimnJob *job, LimnJobRun func, LimnJobOutcome *outcome, GError **error)
{
  const LimnJobOrder *order = _limn_job_get_order (job);
  g_autoptr (LimnImage) image = NULL;
  g_autoptr (LimnImage) mask = NULL;
  Work work;
  double seconds;

  image = order->image != NULL ? limn_tiles_to_image (order->image, error) : NULL;
  if (order->image != NULL && image == NULL)
    return FALSE;
  mask = order->mask != NULL ? limn_tiles_to_image (order->mask, error) : NULL;
  if (order->mask != NULL && mask == NULL)
    return FALSE;

  if (order->model != NULL)
    use_model (worker, limn_model_entry_get_model (order->model));
  work_init (&work, order, image, mask);
  expect (worker, job, &work);
  if (order->generate.labels != NULL)
    image = limn_image_ref (order->generate.labels);
  begin_storing (worker, order, image, mask);

  if (!compute (worker, job, func, image, mask, outcome, &seconds, error) ||
      g_cancellable_set_error_if_cancelled (order->cancellable, error))
    return FALSE;
  learn (worker, order, &work, seconds);
  prepare (order, outcome);

  outcome->generation = describe (order, outcome, seconds);
  if (worker->inputs != NULL)
    {
      g_autoptr (GError) cause = NULL;

      if (!add_to_history (worker, outcome, outcome->generation, &cause))
        outcome->history_error = g_strdup (cause->message);
      g_clear_pointer (&worker->inputs, inputs_unref);
    }
  return TRUE;
}

void
_limn_job_work (LimnJobWorker *worker, LimnJob *job, LimnJobRun run, LimnJobOutcome *outcome)
{
  GError *error = NULL;

  if (run_order (worker, job, run, outcome, &error))
    return;
  /* Nothing of a job that failed needs to be stored. */
  g_cancellable_cancel (_limn_job_get_order (job)->cancellable);
  g_clear_pointer (&worker->inputs, inputs_unref);
  _limn_job_outcome_clear (outcome);
  outcome->error = error != NULL ? error : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, _("It failed without a reason"));
}

void
_limn_job_worker_clear (LimnJobWorker *worker)
{
  use_model (worker, NULL);
  g_clear_pointer (&worker->storing, g_thread_join);
  g_clear_pointer (&worker->pool, limn_pool_free);
  g_clear_pointer (&worker->costs, g_free);
}
