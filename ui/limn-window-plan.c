/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-rim.h"
#include "ui/limn-words.h"

/* So long after the last change the plan is made, milliseconds. */
#define PLAN_DELAY 120

typedef struct
{
  LimnModelEntry *entry; /* NULL for a removal */
  LimnTiles *mask;
  LimnInpaintParams params;
  LimnRemoveParams remove;
} Request;

/* What the worker made of it. */
typedef struct
{
  LimnInpaintPlan plan;
  LimnImage *rim;      /* nullable; of rim_rect */
  LimnRect rim_rect;
  gboolean everything; /* the mask covers all of the picture */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->rim, limn_image_unref);
  g_free (answer);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_object (&request->entry);
  limn_tiles_free (request->mask);
  g_free (request);
}

static gboolean
covers_everything (const LimnImage *mask)
{
  for (int y = 0; y < mask->height; y++)
    for (int x = 0; x < mask->width; x++)
      if (limn_image_row (mask, y)[x] < 128)
        return FALSE;
  return TRUE;
}

/* The same distances as the engine's paste mask has. */
static LimnImage *
new_rim (const LimnInpaintPlan *plan, const LimnImage *mask, LimnRect *rect)
{
  float outer = plan->grow + plan->feather / 2;

  if (!(outer > 0) || limn_rect_is_empty (&plan->mask_bounds))
    return NULL;
  limn_rim_get_rect (&plan->mask_bounds, mask->width, mask->height, rect);
  return limn_rim_new (mask, rect, CLAMP (outer - plan->paste_fade, 0, outer), outer);
}

static gboolean
make_plan (const Request *request,
           const LimnImage *image,
           const LimnImage *mask,
           LimnInpaintPlan *plan,
           GError **error)
{
  if (request->entry == NULL)
    return limn_remove_plan (image, mask, &request->remove, plan, error);
  return limn_inpaint_plan (limn_model_entry_get_model (request->entry), image, mask,
                            &request->params, plan, error);
}

static void
plan_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  g_autoptr (LimnImage) mask = NULL;
  g_autoptr (LimnImage) image = NULL;
  GError *error = NULL;
  Answer *answer;

  if (g_task_return_error_if_cancelled (task))
    return;
  answer = g_new0 (Answer, 1);
  mask = limn_tiles_to_image (request->mask, &error);
  /* Of the picture only the size matters: zero pages that are never touched cost nothing. */
  image = mask != NULL ? limn_image_new (mask->width, mask->height, 3, &error) : NULL;
  if (image != NULL && make_plan (request, image, mask, &answer->plan, &error))
    {
      answer->rim = new_rim (&answer->plan, mask, &answer->rim_rect);
      answer->everything = covers_everything (mask);
      g_task_return_pointer (task, answer, answer_free);
      return;
    }
  answer_free (answer);
  g_task_return_error (task, error);
}

/* What of the picture is worked on: around one that is smaller than the model there is nothing to
 * be framed. */
static LimnRect
get_frame (const Request *request, const LimnInpaintPlan *plan)
{
  LimnRect all
      = { 0, 0, limn_tiles_get_width (request->mask), limn_tiles_get_height (request->mask) };
  LimnRect frame;

  return limn_rect_intersect (&plan->crop, &all, &frame) ? frame : all;
}

/* "768 × 768 · 20 steps · about 9 s" (transfer full). */
static char *
describe_plan (LimnWindow *self,
               const Request *request,
               const LimnInpaintPlan *plan,
               const LimnRect *frame)
{
  LimnJobQueue *queue = limn_application_get_queue (_limn_window_get_app (self));
  g_autofree char *size = limn_words_size (frame->width, frame->height), *about = NULL;
  GString *text = g_string_new (size);

  if (plan->steps > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%d step", "%d steps", plan->steps), plan->steps);
      /* Of the second pass. */
      if (plan->refine_steps > 0)
        g_string_append_printf (text, " + %d", plan->refine_steps);
    }
  about = limn_words_about (
      request->entry == NULL
          ? limn_job_queue_estimate_remove (queue, plan)
          : limn_job_queue_estimate (queue, request->entry, plan, request->params.guidance != 1));
  if (about != NULL)
    g_string_append_printf (text, " · %s", about);
  return g_string_free (text, FALSE);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (Answer) answer = g_task_propagate_pointer (G_TASK (result), &error);
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autofree char *text = NULL;
  const LimnInpaintPlan *plan;
  LimnRect frame;

  /* Another plan is being made, or the window was closed. */
  if (g_task_get_cancellable (G_TASK (result)) != self->planning
      || _limn_window_get_app (self) == NULL)
    return;
  g_clear_object (&self->planning);
  if (answer == NULL)
    {
      limn_canvas_set_frame (self->canvas, NULL, NULL);
      limn_canvas_set_rim (self->canvas, NULL, NULL);
      return;
    }
  plan = &answer->plan;
  frame = get_frame (request, plan);
  text = describe_plan (self, request, plan, &frame);
  limn_canvas_set_frame (self->canvas, &frame, text);
  limn_canvas_set_frame_movable (self->canvas, TRUE);
  limn_canvas_set_rim (self->canvas, answer->rim, &answer->rim_rect);
  self->mask_everything = answer->everything;
  _limn_window_actions_update (self);
}

/* What the model that is chosen would do. */
static void
request_model (LimnWindow *self, Request *request)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);

  request->entry = g_object_ref (entry);
  limn_settings_panel_get_params (self->settings_panel, entry, &request->params);
  _limn_window_apply_restored (self, &request->params);
  if (_limn_window_is_expanded (self))
    request->params.strength = 1;
  _limn_window_apply_crop (self, &request->params.crop);
  /* Strings have no part in it, and would have to be kept for the worker. */
  request->params.prompt = "";
  request->params.negative = "";
  request->params.sampler = limn_model_entry_get_info (entry)->default_sampler;
}

/* Whether what is marked will be worked on. A mask that leaves nothing is planned, too: so it is
 * known; and one that is still being made, as it is now: nothing comes after the last change. */
static gboolean
has_work (LimnWindow *self)
{
  if (self->document == NULL || limn_document_get_result_pending (self->document))
    return FALSE;
  return (self->planned_removal || _limn_window_has_filler (self))
         && limn_document_get_mask_bounds (self->document, NULL);
}

static gboolean
make_plan_cb (gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autoptr (GTask) task = NULL;
  Request *request = g_new0 (Request, 1);

  self->plan_timeout = 0;
  request->mask = limn_tiles_copy (limn_document_get_mask (self->document));
  if (self->planned_removal)
    _limn_window_get_remove_params (self, &request->remove);
  else
    request_model (self, request);

  self->planning = g_cancellable_new ();
  task = g_task_new (self, self->planning, planned_cb, NULL);
  g_task_set_source_tag (task, make_plan_cb);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, plan_worker);
  return G_SOURCE_REMOVE;
}

void
_limn_window_apply_crop (LimnWindow *self, LimnRect *crop)
{
  if (!limn_rect_is_empty (&self->asked_crop))
    *crop = self->asked_crop;
}

void
_limn_window_plan_update (LimnWindow *self)
{
  /* While a job runs the frame is the job's. */
  if (self->job != NULL || _limn_window_get_app (self) == NULL)
    return;
  g_cancellable_cancel (self->planning);
  g_clear_object (&self->planning);
  g_clear_handle_id (&self->plan_timeout, g_source_remove);
  self->planned_removal = _limn_window_removes_by_patches (self);
  /* For another mask the frame has its own place again. */
  if (self->document == NULL || !limn_document_get_mask_bounds (self->document, NULL))
    self->asked_crop = (LimnRect){ 0 };
  if (_limn_window_plan_drawn (self))
    self->mask_everything = FALSE;
  else if (!has_work (self))
    {
      limn_canvas_set_frame (self->canvas, NULL, NULL);
      limn_canvas_set_rim (self->canvas, NULL, NULL);
      self->mask_everything = FALSE;
      _limn_window_actions_update (self);
    }
  else
    self->plan_timeout = g_timeout_add (PLAN_DELAY, make_plan_cb, self);
}

static void
mask_painted_cb (LimnCanvas *canvas, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_plan_update (self);
}

static void
frame_moved_cb (LimnCanvas *canvas, const LimnRect *rect, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  self->asked_crop = *rect;
  _limn_window_plan_update (self);
}

void
_limn_window_plan_init (LimnWindow *self)
{
  g_signal_connect (self->canvas, "frame-moved", G_CALLBACK (frame_moved_cb), self);
  g_signal_connect (self->canvas, "mask-painted", G_CALLBACK (mask_painted_cb), self);
}
