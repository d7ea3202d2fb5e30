/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-job"

#include "config.h"

#include "app/limn-job-private.h"

struct _LimnJob
{
  GObject parent_instance;

  LimnJobOrder order;

  /* Main thread */
  LimnJobState state;
  LimnProgress progress;
  double seconds_left;
  double expected;           /* seconds that it will probably take in all; -1 while unknown */
  gint64 begun, reported;    /* monotonic microseconds: where the pace is counted from, and the engine's last report; 0: none */
  double begun_fraction;     /* at the former */
  LimnImage *preview;
  LimnRect preview_rect;
  LimnJobOutcome outcome;

  /* Guarded by mutex: news from the engine thread that the main context has not fetched yet */
  GMutex mutex;
  GMainContext *context;
  GSource *fetch;            /* nullable: will fetch them */
  LimnProgress next_progress;
  gint64 next_begun, next_reported;
  double next_begun_fraction;
  gboolean next_warm;        /* something is done: making ready is over */
  double next_expected;
  LimnImage *next_preview;   /* nullable */
  LimnRect next_preview_rect;
};

G_DEFINE_FINAL_TYPE (LimnJob, limn_job, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STATE,
  PROP_FRACTION,
  PROP_STEP,
  PROP_N_STEPS,
  PROP_STAGE,
  PROP_SECONDS_LEFT,
  PROP_ERROR_MESSAGE,
  N_PROPS
};

enum
{
  PREVIEW,
  FINISHED,
  N_SIGNALS
};

/* The pace of a job is not looked at before this share of it is done, and alone from this one on. */
#define LEAST_GONE 0.05
#define TRUSTED_GONE 0.5
/* A job that goes this many times as fast as was expected is believed at once: what was known was learnt while the computer was
 * busy, or of something else. */
#define MUCH_FASTER 2.0

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

void
_limn_job_outcome_clear (LimnJobOutcome *outcome)
{
  g_clear_pointer (&outcome->patch, limn_patch_free);
  g_clear_pointer (&outcome->patched, limn_tiles_free);
  g_clear_pointer (&outcome->upscaled, limn_tiles_free);
  g_clear_pointer (&outcome->generated, limn_tiles_free);
  g_clear_object (&outcome->generation);
  g_clear_pointer (&outcome->history_error, g_free);
  g_clear_error (&outcome->error);
}

static void
limn_job_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LimnJob *self = LIMN_JOB (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->progress.fraction);
      break;
    case PROP_STEP:
      g_value_set_int (value, self->progress.step);
      break;
    case PROP_N_STEPS:
      g_value_set_int (value, self->progress.n_steps);
      break;
    case PROP_STAGE:
      g_value_set_int (value, self->progress.stage);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_double (value, self->seconds_left);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->outcome.error != NULL ? self->outcome.error->message : NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
limn_job_finalize (GObject *object)
{
  LimnJob *self = LIMN_JOB (object);

  if (self->fetch != NULL)
    g_source_destroy (self->fetch);
  g_clear_pointer (&self->fetch, g_source_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->next_preview, limn_image_unref);
  g_clear_pointer (&self->preview, limn_image_unref);
  _limn_job_outcome_clear (&self->outcome);
  g_clear_object (&self->order.model);
  g_clear_object (&self->order.preview_decoder);
  g_clear_object (&self->order.cancellable);
  g_clear_pointer (&self->order.image, limn_tiles_free);
  g_clear_pointer (&self->order.mask, limn_tiles_free);
  g_free (self->order.inpaint.prompt);
  g_free (self->order.inpaint.negative);
  g_free (self->order.inpaint.sampler);
  g_free (self->order.upscale.prompt);
  g_free (self->order.upscale.negative);
  g_free (self->order.upscale.sampler);
  g_free (self->order.generate.prompt);
  g_free (self->order.generate.negative);
  g_free (self->order.generate.sampler);
  g_clear_pointer (&self->order.generate.boxes, g_array_unref);
  g_clear_pointer (&self->order.generate.labels, limn_image_unref);
  g_free (self->order.source_name);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (limn_job_parent_class)->finalize (object);
}

static void
limn_job_class_init (LimnJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = limn_job_get_property;
  object_class->finalize = limn_job_finalize;

  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, LIMN_JOB_CANCELLED, LIMN_JOB_WAITING, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_STEP] = g_param_spec_int ("step", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_N_STEPS] = g_param_spec_int ("n-steps", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_STAGE] = g_param_spec_int ("stage", NULL, NULL, 0, LIMN_STAGE_BLEND, 0, flags);
  properties[PROP_SECONDS_LEFT] = g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);
  properties[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[PREVIEW] = g_signal_new ("preview", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
limn_job_init (LimnJob *self)
{
  g_mutex_init (&self->mutex);
  self->order.cancellable = g_cancellable_new ();
  self->seconds_left = -1;
  self->expected = self->next_expected = -1;
}

static LimnJob *
job_new (LimnJobKind kind, LimnModelEntry *model, LimnTiles *image, const char *source_name)
{
  LimnJob *self = g_object_new (LIMN_TYPE_JOB, NULL);

  self->order.kind = kind;
  self->order.model = model != NULL ? g_object_ref (model) : NULL;
  self->order.image = image != NULL ? limn_tiles_copy (image) : NULL;
  self->order.source_name = g_strdup (source_name);
  return self;
}

LimnJob *
limn_job_new_inpaint (LimnModelEntry *model, LimnTiles *image, LimnTiles *mask, const LimnInpaintParams *params,
                      const char *source_name)
{
  LimnJob *self;
  LimnOwnedInpaintParams *own;

  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model), NULL);
  g_return_val_if_fail (image != NULL && mask != NULL && params != NULL, NULL);

  self = job_new (LIMN_JOB_INPAINT, model, image, source_name);
  self->order.mask = limn_tiles_copy (mask);
  own = &self->order.inpaint;
  own->params = *params;
  own->params.prompt = own->prompt = g_strdup (params->prompt);
  own->params.negative = own->negative = g_strdup (params->negative);
  own->params.sampler = own->sampler = g_strdup (params->sampler);
  return self;
}

LimnJob *
limn_job_new_remove (LimnTiles *image, LimnTiles *mask, const LimnRemoveParams *params, const char *source_name)
{
  LimnJob *self;

  g_return_val_if_fail (image != NULL && mask != NULL && params != NULL, NULL);

  self = job_new (LIMN_JOB_REMOVE, NULL, image, source_name);
  self->order.mask = limn_tiles_copy (mask);
  self->order.remove = *params;
  return self;
}

void
limn_job_set_expands (LimnJob *self)
{
  g_return_if_fail (LIMN_IS_JOB (self));
  g_return_if_fail (self->state == LIMN_JOB_WAITING);

  self->order.expands = TRUE;
}

gboolean
limn_job_get_expands (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), FALSE);

  return self->order.expands;
}

LimnJob *
limn_job_new_upscale (LimnModelEntry *model, LimnTiles *image, const LimnUpscaleParams *params, const char *source_name)
{
  LimnJob *self;
  LimnOwnedUpscaleParams *own;

  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model), NULL);
  g_return_val_if_fail (image != NULL && params != NULL, NULL);

  self = job_new (LIMN_JOB_UPSCALE, model, image, source_name);
  own = &self->order.upscale;
  own->params = *params;
  own->params.prompt = own->prompt = g_strdup (params->prompt);
  own->params.negative = own->negative = g_strdup (params->negative);
  own->params.sampler = own->sampler = g_strdup (params->sampler);
  return self;
}

LimnJob *
limn_job_new_generate (LimnModelEntry *model, const LimnGenerateParams *params)
{
  LimnJob *self;
  LimnOwnedGenerateParams *own;

  g_return_val_if_fail (LIMN_IS_MODEL_ENTRY (model), NULL);
  g_return_val_if_fail (params != NULL, NULL);
  g_return_val_if_fail (params->embedding == NULL, NULL);

  self = job_new (LIMN_JOB_GENERATE, model, NULL, NULL);
  own = &self->order.generate;
  own->params = *params;
  own->params.prompt = own->prompt = g_strdup (params->prompt);
  own->params.negative = own->negative = g_strdup (params->negative);
  own->params.sampler = own->sampler = g_strdup (params->sampler);
  if (params->boxes != NULL)
    {
      /* One more than there are: an empty list is a list. */
      own->boxes = g_array_sized_new (FALSE, TRUE, sizeof (LimnLabelledBox), (guint) params->n_boxes + 1);
      g_array_append_vals (own->boxes, params->boxes, (guint) params->n_boxes);
      own->params.boxes = (const LimnLabelledBox *) (gpointer) own->boxes->data;
    }
  if (params->labels != NULL)
    own->params.labels = own->labels = limn_image_ref ((LimnImage *) params->labels);
  return self;
}

void
limn_job_find_preview_decoder (LimnJob *self, LimnLibrary *library)
{
  LimnModelEntry *decoder;

  g_return_if_fail (LIMN_IS_JOB (self));
  g_return_if_fail (self->state == LIMN_JOB_WAITING);

  if (self->order.model == NULL)
    return;
  decoder = limn_library_find_preview_decoder (library, self->order.model);
  g_set_object (&self->order.preview_decoder, decoder);
}

const LimnJobOrder *
_limn_job_get_order (LimnJob *self)
{
  g_assert (LIMN_IS_JOB (self));
  return &self->order;
}

void
_limn_job_set_memory_limit (LimnJob *self, gsize bytes)
{
  g_assert (LIMN_IS_JOB (self) && self->state == LIMN_JOB_WAITING);

  self->order.memory_limit = bytes;
}

/* ---- News ---------------------------------------------------------------------------------------------------------- */

/* Seconds left by what is known: at first from earlier runs, then more and more from how fast this one goes. What came before
 * the engine began (a picture to be fetched, another job's files to be written) is no part of that, nor is its first step, in
 * which it makes the weights ready. */
static double
guess_seconds_left (LimnJob *self)
{
  double fraction = CLAMP (self->progress.fraction, 0, 1), gone = fraction - self->begun_fraction;
  double elapsed = (self->reported - self->begun) / 1e6;
  double share = CLAMP ((gone - LEAST_GONE) / (TRUSTED_GONE - LEAST_GONE), 0, 1);
  double paced = gone >= LEAST_GONE ? elapsed * (1 - fraction) / gone : -1;

  if (!(self->expected > 0) || (paced >= 0 && self->expected * gone > MUCH_FASTER * elapsed))
    return paced;
  return self->expected * (1 - fraction) * (1 - share) + MAX (paced, 0) * share;
}

static void
set_progress (LimnJob *self, const LimnProgress *progress)
{
  static const guint props[] = { PROP_FRACTION, PROP_STEP, PROP_N_STEPS, PROP_STAGE };
  gboolean differs[] = { self->progress.fraction != progress->fraction, self->progress.step != progress->step,
                         self->progress.n_steps != progress->n_steps, self->progress.stage != progress->stage };
  double left;

  self->progress = *progress;
  self->progress.fraction = CLAMP (progress->fraction, 0, 1);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < G_N_ELEMENTS (props); i++)
    if (differs[i])
      g_object_notify_by_pspec (G_OBJECT (self), properties[props[i]]);
  left = guess_seconds_left (self);
  if (left != self->seconds_left)
    {
      self->seconds_left = left;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SECONDS_LEFT]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
fetch_news_cb (gpointer user_data)
{
  g_autoptr (LimnJob) self = g_object_ref (user_data);
  g_autoptr (LimnImage) preview = NULL;
  LimnProgress progress;
  LimnRect rect;

  g_mutex_lock (&self->mutex);
  progress = self->next_progress;
  self->reported = self->next_reported;
  self->begun = self->next_begun;
  self->begun_fraction = self->next_begun_fraction;
  self->expected = self->next_expected;
  preview = g_steal_pointer (&self->next_preview);
  rect = self->next_preview_rect;
  g_clear_pointer (&self->fetch, g_source_unref);
  g_mutex_unlock (&self->mutex);

  if (self->state != LIMN_JOB_RUNNING)
    return G_SOURCE_REMOVE;
  set_progress (self, &progress);
  if (preview != NULL)
    {
      g_clear_pointer (&self->preview, limn_image_unref);
      self->preview = g_steal_pointer (&preview);
      self->preview_rect = rect;
      g_signal_emit (self, signals[PREVIEW], 0);
    }
  return G_SOURCE_REMOVE;
}

/* One source at a time: a main loop that is busy finds the latest news only. The caller holds the mutex. */
static void
schedule_fetch (LimnJob *self)
{
  if (self->fetch != NULL || self->context == NULL)
    return;
  self->fetch = g_idle_source_new ();
  g_source_set_callback (self->fetch, fetch_news_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->fetch, self->context);
}

void
_limn_job_post_progress (LimnJob *self, const LimnProgress *progress)
{
  g_assert (LIMN_IS_JOB (self));

  g_mutex_lock (&self->mutex);
  self->next_progress = *progress;
  self->next_reported = g_get_monotonic_time ();
  if (self->next_begun == 0 || (!self->next_warm && progress->fraction > self->next_begun_fraction))
    {
      self->next_warm = self->next_begun != 0;
      self->next_begun = self->next_reported;
      self->next_begun_fraction = CLAMP (progress->fraction, 0, 1);
    }
  schedule_fetch (self);
  g_mutex_unlock (&self->mutex);
}

void
_limn_job_post_expected (LimnJob *self, double seconds)
{
  g_assert (LIMN_IS_JOB (self));

  g_mutex_lock (&self->mutex);
  self->next_expected = seconds;
  schedule_fetch (self);
  g_mutex_unlock (&self->mutex);
}

void
_limn_job_post_preview (LimnJob *self, LimnImage *preview, const LimnRect *rect)
{
  g_assert (LIMN_IS_JOB (self));

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->next_preview, limn_image_unref);
  self->next_preview = limn_image_ref (preview);
  self->next_preview_rect = *rect;
  schedule_fetch (self);
  g_mutex_unlock (&self->mutex);
}

/* ---- Life ---------------------------------------------------------------------------------------------------------- */

static void
set_state (LimnJob *self, LimnJobState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
_limn_job_start (LimnJob *self, GMainContext *context)
{
  g_assert (LIMN_IS_JOB (self));
  g_assert (self->state == LIMN_JOB_WAITING);

  g_mutex_lock (&self->mutex);
  self->context = g_main_context_ref (context);
  g_mutex_unlock (&self->mutex);
  set_state (self, LIMN_JOB_RUNNING);
}

void
_limn_job_finish (LimnJob *self, LimnJobOutcome *outcome)
{
  LimnProgress complete = self->progress;

  g_assert (LIMN_IS_JOB (self));
  g_assert (self->state == LIMN_JOB_WAITING || self->state == LIMN_JOB_RUNNING);

  g_object_ref (self);
  self->outcome = *outcome;
  *outcome = (LimnJobOutcome) { 0 };

  /* What is still on its way is old news. */
  g_mutex_lock (&self->mutex);
  if (self->fetch != NULL)
    g_source_destroy (self->fetch);
  g_clear_pointer (&self->fetch, g_source_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->next_preview, limn_image_unref);
  g_mutex_unlock (&self->mutex);

  if (self->outcome.error == NULL)
    {
      complete.fraction = 1;
      set_progress (self, &complete);
      set_state (self, LIMN_JOB_DONE);
    }
  else if (g_error_matches (self->outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&self->outcome.error);
      set_state (self, LIMN_JOB_CANCELLED);
    }
  else
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
      set_state (self, LIMN_JOB_FAILED);
    }
  g_signal_emit (self, signals[FINISHED], 0);
  g_object_unref (self);
}

void
limn_job_cancel (LimnJob *self)
{
  LimnJobOutcome outcome = { 0 };

  g_return_if_fail (LIMN_IS_JOB (self));

  g_cancellable_cancel (self->order.cancellable);
  /* What waits is over at once; what runs is over when the engine thread has noticed. */
  if (self->state == LIMN_JOB_WAITING)
    {
      g_cancellable_set_error_if_cancelled (self->order.cancellable, &outcome.error);
      _limn_job_finish (self, &outcome);
    }
}

/* ---- Looking ------------------------------------------------------------------------------------------------------- */

LimnJobState
limn_job_get_state (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), LIMN_JOB_FAILED);
  return self->state;
}

double
limn_job_get_fraction (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), 0);
  return self->progress.fraction;
}

double
limn_job_get_seconds_left (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), -1);
  return self->seconds_left;
}

LimnJobKind
limn_job_get_kind (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), LIMN_JOB_INPAINT);
  return self->order.kind;
}

const GError *
limn_job_get_error (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.error;
}

LimnImage *
limn_job_get_preview (LimnJob *self, LimnRect *rect)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);

  if (rect != NULL && self->preview != NULL)
    *rect = self->preview_rect;
  return self->preview;
}

const LimnPatch *
limn_job_get_patch (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.patch;
}

LimnTiles *
limn_job_get_patched (LimnJob *self, LimnTiles **before)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);

  if (before != NULL)
    *before = self->outcome.patched != NULL ? self->order.image : NULL;
  return self->outcome.patched;
}

LimnTiles *
limn_job_get_upscaled (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.upscaled;
}

LimnTiles *
limn_job_get_generated (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.generated;
}

LimnGeneration *
limn_job_get_generation (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.generation;
}

const char *
limn_job_get_history_error (LimnJob *self)
{
  g_return_val_if_fail (LIMN_IS_JOB (self), NULL);
  return self->outcome.history_error;
}
