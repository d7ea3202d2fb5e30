/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-preview.h"
#include "ui/limn-words.h"

/* What the job is doing, in words (transfer full). */
static char *
describe_progress (LimnJob *job)
{
  g_autofree char *left = limn_words_left (limn_job_get_seconds_left (job));
  g_autofree char *what = NULL;
  int stage, step, n_steps;

  g_object_get (job, "stage", &stage, "step", &step, "n-steps", &n_steps, NULL);
  if (limn_job_get_state (job) == LIMN_JOB_WAITING)
    return g_strdup (_ ("Waiting for another job…"));
  if (limn_job_get_kind (job) == LIMN_JOB_UPSCALE)
    what = g_strdup_printf (_ ("Upscaling, %d %%"), (int)(limn_job_get_fraction (job) * 100));
  else if (stage < LIMN_STAGE_SAMPLE)
    what = g_strdup (_ ("Preparing…"));
  else if (stage > LIMN_STAGE_SAMPLE)
    what = g_strdup (_ ("Finishing…"));
  else if (limn_job_get_kind (job) == LIMN_JOB_REMOVE)
    what = g_strdup_printf (limn_job_get_expands (job) ? _ ("Expanding, %d %%") : _ ("Removing, %d %%"),
                            (int)(limn_job_get_fraction (job) * 100));
  else
    what = g_strdup_printf (_ ("Step %d of %d"), MIN (step + 1, n_steps), n_steps);
  return left != NULL ? g_strdup_printf ("%s · %s", what, left) : g_steal_pointer (&what);
}

static void
progress_cb (LimnJob *job, GParamSpec *pspec, LimnWindow *self)
{
  g_autofree char *text = NULL;

  g_assert (LIMN_IS_WINDOW (self));

  if (job != self->job || limn_job_get_state (job) > LIMN_JOB_RUNNING)
    return;
  text = describe_progress (job);
  limn_prompt_bar_set_fraction (self->prompt_bar, limn_job_get_fraction (job));
  _limn_window_set_status (self, text);
  adw_window_title_set_subtitle (self->title_widget, text);
}

static void
preview_cb (LimnJob *job, LimnWindow *self)
{
  LimnRect rect;
  LimnImage *image = limn_job_get_preview (job, &rect);
  g_autoptr (GdkTexture) texture = NULL;

  g_assert (LIMN_IS_WINDOW (self));

  if (job != self->job || image == NULL)
    return;
  if (limn_job_get_kind (job) == LIMN_JOB_GENERATE && self->job_document == NULL)
    {
      texture = limn_texture_from_image (image);
      _limn_window_set_empty_preview (self, texture);
      return;
    }
  if (self->job_document != self->document)
    return;
  texture = self->job_mask != NULL ? limn_preview_compose (image, &rect, self->job_mask)
                                   : limn_texture_from_image (image);
  /* One of all of the picture, which may have another size. */
  if (limn_job_get_kind (job) == LIMN_JOB_GENERATE)
    rect = (LimnRect){ 0, 0, limn_document_get_width (self->document),
                       limn_document_get_height (self->document) };
  if (texture != NULL)
    limn_canvas_set_preview (self->canvas, texture, &rect);
}

/* The result into the picture that it was made for, whether that is shown or not. */
static void
apply_result (LimnWindow *self, LimnJob *job, LimnDocument *document)
{
  LimnGeneration *generation = limn_job_get_generation (job);
  g_autoptr (GHashTable) text = generation != NULL ? limn_generation_to_text (generation) : NULL;
  LimnTiles *upscaled = limn_job_get_upscaled (job);
  const LimnPatch *patch = limn_job_get_patch (job);
  LimnTiles *before, *after = limn_job_get_patched (job, &before);

  if (limn_job_get_generated (job) != NULL)
    limn_document_replace_image (document, limn_tiles_copy (limn_job_get_generated (job)),
                                 _ ("Generate"), text);
  else if (upscaled != NULL)
    limn_document_replace_image (document, limn_tiles_copy (upscaled), _ ("Upscale"), text);
  else if (patch != NULL && self->job_mask != NULL)
    {
      int width, height;

      /* The person may have undone an upscale meanwhile. */
      limn_mips_get_size (self->job_mask, 0, &width, &height);
      if (width == limn_document_get_width (document)
          && height == limn_document_get_height (document))
        {
          limn_document_apply_prepared_patch (document, patch, before, after, self->job_label,
                                              text);
          _limn_window_paste_begin (self, document, patch->crop);
        }
      else
        _limn_window_toast (self,
                            _ ("The picture has another size now; the result is in the history."));
    }
  if (document != self->document)
    _limn_window_toast_action (self, _ ("The previous picture has its result."), _ ("Show"),
                               "win.previous-picture", NULL);
}

static void
clear_job (LimnWindow *self)
{
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  g_clear_object (&self->job_document);
  g_clear_pointer (&self->job_mask, limn_mips_free);
  limn_canvas_set_preview (self->canvas, NULL, NULL);
  _limn_window_set_empty_preview (self, NULL);
  limn_prompt_bar_set_running (self->prompt_bar, FALSE);
  _limn_window_set_status (self, NULL);
}

/* Enter, Delete and Tab are about the result now, unless the person is writing the next prompt
 * already. */
static void
focus_result (LimnWindow *self)
{
  g_autofree char *prompt = limn_prompt_bar_get_prompt (self->prompt_bar);

  if (g_strcmp0 (prompt, self->job_prompt) == 0)
    gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static const char *
describe_failure (LimnJob *job)
{
  switch (limn_job_get_kind (job))
    {
    case LIMN_JOB_UPSCALE:
      return _ ("The picture could not be upscaled.");
    case LIMN_JOB_GENERATE:
      return _ ("The picture could not be made.");
    case LIMN_JOB_REMOVE:
      return limn_job_get_expands (job) ? _ ("What was added could not be filled.") : _ ("What is marked could not be removed.");
    case LIMN_JOB_INPAINT:
    default:
      return _ ("The area could not be filled.");
    }
}

static void
finished_cb (LimnJob *job, LimnWindow *self)
{
  g_autoptr (LimnJob) kept = g_object_ref (job);
  g_autoptr (LimnDocument) document
      = self->job_document != NULL ? g_object_ref (self->job_document) : NULL;
  LimnJobState state = limn_job_get_state (job);

  g_assert (LIMN_IS_WINDOW (self));

  if (state == LIMN_JOB_DONE && document != NULL)
    apply_result (self, job, document);
  clear_job (self);
  if (state == LIMN_JOB_DONE && document == NULL)
    _limn_window_show_generated (self, job);
  if (state == LIMN_JOB_FAILED)
    _limn_window_toast_error (self, describe_failure (job), limn_job_get_error (job));
  if (state == LIMN_JOB_DONE && document != NULL && document == self->document)
    focus_result (self);
  if (limn_job_get_history_error (job) != NULL)
    _limn_window_set_problem (self, limn_job_get_history_error (job));
  _limn_window_update_title (self);
  _limn_window_actions_update (self);
  _limn_window_plan_update (self);
  /* How long it took was learnt. */
  _limn_window_upscale_update (self);
  _limn_window_next_variation (self, state == LIMN_JOB_DONE && document == self->document);
}

void
_limn_window_start_job (LimnWindow *self, LimnJob *job)
{
  self->job = job;
  limn_canvas_set_frame_movable (self->canvas, FALSE);
  /* One from nothing becomes a document of its own. */
  if (limn_job_get_kind (job) != LIMN_JOB_GENERATE)
    self->job_document = g_object_ref (self->document);
  g_free (self->job_prompt);
  self->job_prompt = limn_prompt_bar_get_prompt (self->prompt_bar);
  g_signal_connect (job, "notify", G_CALLBACK (progress_cb), self);
  g_signal_connect (job, "preview", G_CALLBACK (preview_cb), self);
  g_signal_connect (job, "finished", G_CALLBACK (finished_cb), self);
  limn_prompt_bar_set_running (self->prompt_bar, TRUE);
  limn_job_find_preview_decoder (job, limn_application_get_library (_limn_window_get_app (self)));
  limn_job_queue_add (limn_application_get_queue (_limn_window_get_app (self)), job);
  progress_cb (job, NULL, self);
  _limn_window_actions_update (self);
}

void
_limn_window_start_masked_job (LimnWindow *self, LimnJob *job, const char *label)
{
  LimnTiles *mask = limn_document_get_mask (self->document);

  self->job_mask = limn_mips_new (mask);
  g_clear_pointer (&self->used_mask, limn_tiles_free);
  self->used_mask = limn_tiles_copy (mask);
  self->job_label = label;
  _limn_window_start_job (self, job);
}

static void
upscale_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_upscale (user_data, NULL, g_variant_get_int32 (parameter));
}

static void
upscale_with_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *model;
  int factor;

  g_variant_get (parameter, "(&si)", &model, &factor);
  _limn_window_upscale (user_data, model, factor);
}

void
_limn_window_keep (LimnWindow *self)
{
  g_autoptr (LimnTiles) left = NULL;
  LimnTiles *used = self->used_mask;

  if (self->document == NULL || !limn_document_get_result_pending (self->document))
    return;
  limn_document_keep_result (self->document);
  _limn_window_sketch_done (self);
  if (used == NULL)
    return;
  /* What was asked for is done. What was painted meanwhile stays. */
  left = limn_tiles_copy (limn_document_get_mask (self->document));
  if (limn_tiles_get_width (left) == limn_tiles_get_width (used)
      && limn_tiles_get_height (left) == limn_tiles_get_height (used)
      && limn_tiles_subtract (left, used))
    limn_document_set_mask (self->document, g_steal_pointer (&left), _ ("Keep"));
  g_clear_pointer (&self->used_mask, limn_tiles_free);
}

static void
keep_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  _limn_window_keep (user_data);
}

void
_limn_window_forget_discarded (LimnWindow *self)
{
  AdwToast *toast = g_steal_pointer (&self->discard_toast);

  if (toast == NULL)
    return;
  g_signal_handlers_disconnect_by_data (toast, self);
  _limn_window_dismiss_toast (toast);
  g_object_unref (toast);
}

static void
discard_dismissed_cb (AdwToast *toast, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  g_clear_object (&self->discard_toast);
}

static void
discard_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  limn_document_discard_result (self->document);
  /* Where nothing came after the result this was undo, else a step of its own. */
  self->discard_was_undo = limn_document_get_can_redo (self->document);
  self->discard_toast = g_object_ref (_limn_window_toast_action (
      self, _ ("Result discarded"), _ ("Undo"), "win.undo-discard", NULL));
  g_signal_connect (self->discard_toast, "dismissed", G_CALLBACK (discard_dismissed_cb), self);
}

/* Any change since has taken the toast away: redo or undo bring back just that result. */
static void
undo_discard_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  if (self->discard_toast == NULL)
    return;
  _limn_window_forget_discarded (self);
  if (self->discard_was_undo)
    limn_document_redo (self->document);
  else
    limn_document_undo (self->document);
}

static void
cancel_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  if (self->job != NULL)
    limn_job_cancel (self->job);
}

static void
stroke_begin_cb (LimnCanvas *canvas, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  /* Who paints on has accepted what is there. */
  _limn_window_keep (self);
  if (!g_settings_get_boolean (self->settings, "hint-seen"))
    {
      g_settings_set_boolean (self->settings, "hint-seen", TRUE);
      _limn_window_set_status (self, NULL);
    }
}

static void
settings_changed_cb (LimnSettingsPanel *panel, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  /* A size that was restored is that model's, with those settings. */
  self->new_width = self->new_height = 0;
  _limn_window_actions_update (self);
  _limn_window_plan_update (self);
}

void
_limn_window_job_init (LimnWindow *self)
{
  g_signal_connect (self->canvas, "stroke-begin", G_CALLBACK (stroke_begin_cb), self);
  g_signal_connect (self->settings_panel, "changed", G_CALLBACK (settings_changed_cb), self);
}

void
_limn_window_job_dispose (LimnWindow *self)
{
  if (self->job != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->job, self);
      limn_job_cancel (self->job);
    }
  g_clear_object (&self->job);
  g_clear_object (&self->job_document);
  g_clear_pointer (&self->job_mask, limn_mips_free);
  g_clear_pointer (&self->used_mask, limn_tiles_free);
  g_clear_pointer (&self->job_prompt, g_free);
}

const GActionEntry _limn_window_job_actions[] = {
  { "upscale", upscale_action, "i" },
  { "upscale-with", upscale_with_action, "(si)" },
  { "cancel", cancel_action },
  { "keep", keep_action },
  { "discard", discard_action },
  { "undo-discard", undo_discard_action },
};
const int _limn_window_n_job_actions = G_N_ELEMENTS (_limn_window_job_actions);
