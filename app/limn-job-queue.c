/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-job"

#include "config.h"

#include "app/limn-job-private.h"

/*
 * The main thread owns the order of jobs and all their states; the engine thread gets one job at a time and gives back what
 * it came to. So nothing of a job is written by two threads but its mailbox.
 */
struct _LimnJobQueue
{
  GObject parent_instance;

  /* Owned, main thread */
  GMainContext *context;
  GPtrArray *jobs;         /* of LimnJob: first the running one, if there is one, then those that wait */
  LimnJob *running;        /* nullable */
  LimnHistory *history;    /* nullable */
  LimnEstimate *estimate;
  GThread *thread;         /* nullable: started with the first job */
  int n_threads;
  LimnJobRun run;

  /* Guarded by mutex: between the two threads */
  GMutex mutex;
  GCond cond;
  LimnJob *handed;         /* nullable: for the engine thread to take */
  gboolean quit;
  gboolean has_outcome;
  LimnJobOutcome outcome;
  GSource *deliver;        /* nullable */
  gsize memory_limit; /* of jobs that are added */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LimnJobQueue, limn_job_queue, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
limn_job_queue_get_item_type (GListModel *model)
{
  return LIMN_TYPE_JOB;
}

static guint
limn_job_queue_get_n_items (GListModel *model)
{
  return LIMN_JOB_QUEUE (model)->jobs->len;
}

static gpointer
limn_job_queue_get_item (GListModel *model, guint position)
{
  LimnJobQueue *self = LIMN_JOB_QUEUE (model);

  return position < self->jobs->len ? g_object_ref (self->jobs->pdata[position]) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = limn_job_queue_get_item_type;
  iface->get_n_items = limn_job_queue_get_n_items;
  iface->get_item = limn_job_queue_get_item;
}

/* ---- Engine thread ------------------------------------------------------------------------------------------------- */

/* Waits for a job; NULL when it is time to go. */
static LimnJob *
take_job (LimnJobQueue *self)
{
  LimnJob *job;

  g_mutex_lock (&self->mutex);
  while (self->handed == NULL && !self->quit)
    g_cond_wait (&self->cond, &self->mutex);
  job = self->quit ? NULL : g_steal_pointer (&self->handed);
  g_mutex_unlock (&self->mutex);
  return job;
}

/* The queue outlives this thread: disposing joins it. The job is held by the queue until its outcome is delivered. */
static gpointer
engine_thread (gpointer data)
{
  LimnJobQueue *self = data;
  LimnJobWorker worker = { .history = self->history, .estimate = self->estimate };
  LimnJob *job;

  /* It computes as much as the pool's own threads, which are as polite. */
  limn_thread_lower_priority ();
  while ((job = take_job (self)) != NULL)
    {
      LimnJobOutcome outcome = { 0 };

      if (worker.pool == NULL)
        worker.pool = limn_pool_new (self->n_threads, TRUE);
      _limn_job_work (&worker, job, self->run, &outcome);

      g_mutex_lock (&self->mutex);
      self->outcome = outcome;
      self->has_outcome = TRUE;
      g_source_attach (self->deliver, self->context);
      g_mutex_unlock (&self->mutex);
    }
  _limn_job_worker_clear (&worker);
  return NULL;
}

/* ---- Main thread --------------------------------------------------------------------------------------------------- */

static void
remove_job (LimnJobQueue *self, LimnJob *job)
{
  guint position;

  if (!g_ptr_array_find (self->jobs, job, &position))
    return;
  g_ptr_array_remove_index (self->jobs, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static void start_next (LimnJobQueue *self);

/* Gives the running job what it came to, and starts the next one. */
static void
deliver (LimnJobQueue *self)
{
  g_autoptr (LimnJob) job = NULL;
  LimnJobOutcome outcome;

  g_mutex_lock (&self->mutex);
  outcome = self->outcome;
  self->outcome = (LimnJobOutcome) { 0 };
  self->has_outcome = FALSE;
  g_clear_pointer (&self->deliver, g_source_unref);
  g_mutex_unlock (&self->mutex);

  job = g_steal_pointer (&self->running);
  _limn_job_finish (job, &outcome);
  _limn_job_outcome_clear (&outcome);
  start_next (self);
}

static gboolean
deliver_cb (gpointer user_data)
{
  g_autoptr (LimnJobQueue) self = g_weak_ref_get (user_data);

  if (self != NULL && self->running != NULL)
    deliver (self);
  return G_SOURCE_REMOVE;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Made here and attached by the engine thread, which must not touch the queue's references. */
static GSource *
new_deliver_source (LimnJobQueue *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);
  GSource *source = g_idle_source_new ();

  g_weak_ref_init (weak, self);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, weak, weak_ref_free);
  return source;
}

static void
start_next (LimnJobQueue *self)
{
  LimnJob *job;

  if (self->running != NULL || self->jobs->len == 0 || self->quit)
    return;
  job = self->jobs->pdata[0];
  self->running = g_object_ref (job);
  _limn_job_start (job, self->context);
  if (self->thread == NULL)
    self->thread = g_thread_new ("limn-engine", engine_thread, self);

  g_mutex_lock (&self->mutex);
  self->deliver = new_deliver_source (self);
  self->handed = job;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

static void
job_finished_cb (LimnJob *job, LimnJobQueue *self)
{
  g_assert (LIMN_IS_JOB (job));
  g_assert (LIMN_IS_JOB_QUEUE (self));

  remove_job (self, job);
}

static void
limn_job_queue_dispose (GObject *object)
{
  LimnJobQueue *self = LIMN_JOB_QUEUE (object);

  limn_job_queue_cancel_all (self);
  if (self->thread != NULL)
    {
      g_mutex_lock (&self->mutex);
      self->quit = TRUE;
      g_cond_signal (&self->cond);
      g_mutex_unlock (&self->mutex);
      g_clear_pointer (&self->thread, g_thread_join);
    }
  if (self->deliver != NULL)
    g_source_destroy (self->deliver);
  if (self->running != NULL)
    {
      /* A job that was handed over and not taken any more has no outcome: it was cancelled. */
      if (!self->has_outcome)
        g_set_error (&self->outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
      deliver (self);
    }
  G_OBJECT_CLASS (limn_job_queue_parent_class)->dispose (object);
}

static void
limn_job_queue_finalize (GObject *object)
{
  LimnJobQueue *self = LIMN_JOB_QUEUE (object);

  g_ptr_array_unref (self->jobs);
  g_clear_object (&self->history);
  g_clear_pointer (&self->estimate, limn_estimate_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (limn_job_queue_parent_class)->finalize (object);
}

static void
limn_job_queue_class_init (LimnJobQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = limn_job_queue_dispose;
  object_class->finalize = limn_job_queue_finalize;
}

static void
limn_job_queue_init (LimnJobQueue *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->run = _limn_job_run_engine;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
}

LimnJobQueue *
limn_job_queue_new (LimnHistory *history, int n_threads)
{
  LimnJobQueue *self;

  g_return_val_if_fail (history == NULL || LIMN_IS_HISTORY (history), NULL);

  self = g_object_new (LIMN_TYPE_JOB_QUEUE, NULL);
  self->history = history != NULL ? g_object_ref (history) : NULL;
  self->n_threads = MAX (n_threads, 0);
  self->estimate = limn_estimate_new (NULL);
  return self;
}

void
_limn_job_queue_set_run (LimnJobQueue *self, LimnJobRun run)
{
  g_assert (LIMN_IS_JOB_QUEUE (self));
  g_assert (self->thread == NULL);

  self->run = run;
}

void
limn_job_queue_add (LimnJobQueue *self, LimnJob *job)
{
  g_return_if_fail (LIMN_IS_JOB_QUEUE (self));
  g_return_if_fail (LIMN_IS_JOB (job));

  /* A job that was cancelled before is over. */
  if (limn_job_get_state (job) != LIMN_JOB_WAITING || g_ptr_array_find (self->jobs, job, NULL))
    return;
  _limn_job_set_memory_limit (job, self->memory_limit);
  g_signal_connect_object (job, "finished", G_CALLBACK (job_finished_cb), self, 0);
  g_ptr_array_add (self->jobs, g_object_ref (job));
  g_list_model_items_changed (G_LIST_MODEL (self), self->jobs->len - 1, 0, 1);
  start_next (self);
}

void
limn_job_queue_set_memory_limit (LimnJobQueue *self, gsize bytes)
{
  g_return_if_fail (LIMN_IS_JOB_QUEUE (self));

  self->memory_limit = bytes;
}

void
limn_job_queue_cancel_all (LimnJobQueue *self)
{
  g_autoptr (GPtrArray) jobs = NULL;

  g_return_if_fail (LIMN_IS_JOB_QUEUE (self));

  /* From the end, so that no job starts because the one before it was cancelled. */
  jobs = g_ptr_array_copy (self->jobs, (GCopyFunc) g_object_ref, NULL);
  g_ptr_array_set_free_func (jobs, g_object_unref);
  for (guint i = jobs->len; i > 0; i--)
    limn_job_cancel (jobs->pdata[i - 1]);
}

LimnJob *
limn_job_queue_get_running (LimnJobQueue *self)
{
  g_return_val_if_fail (LIMN_IS_JOB_QUEUE (self), NULL);
  return self->running;
}

double
limn_job_queue_estimate (LimnJobQueue *self, LimnModelEntry *model, const LimnInpaintPlan *plan, gboolean guidance)
{
  g_return_val_if_fail (LIMN_IS_JOB_QUEUE (self), -1);
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model) && plan != NULL, -1);

  return limn_estimate_inpaint (self->estimate, limn_model_entry_get_id (model), plan, guidance);
}

double
limn_job_queue_estimate_upscale (LimnJobQueue *self, LimnModelEntry *model, int width, int height,
                                 const LimnUpscaleParams *params)
{
  LimnUpscaleWork work;

  g_return_val_if_fail (LIMN_IS_JOB_QUEUE (self), -1);
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model) && params != NULL, -1);

  if (limn_model_entry_get_model (model) == NULL
      || !limn_upscale_work_init (&work, limn_model_entry_get_model (model), width, height, params))
    return -1;
  return limn_estimate_upscale (self->estimate, limn_model_entry_get_id (model), &work);
}

double
limn_job_queue_estimate_remove (LimnJobQueue *self, const LimnInpaintPlan *plan)
{
  g_return_val_if_fail (LIMN_IS_JOB_QUEUE (self), -1);
  g_return_val_if_fail (plan != NULL, -1);

  return limn_estimate_remove (self->estimate, plan);
}

double
limn_job_queue_estimate_generate (LimnJobQueue *self, LimnModelEntry *model, const LimnGeneratePlan *plan, gboolean guidance)
{
  g_return_val_if_fail (LIMN_IS_JOB_QUEUE (self), -1);
  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model) && plan != NULL, -1);

  return limn_estimate_generate (self->estimate, limn_model_entry_get_id (model), plan, guidance);
}
