/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "app/limn-tiles-verify.h"
#include "ui/limn-words.h"

/* So long after the last change every pixel is looked at, milliseconds. */
#define VERIFY_DELAY 250
/* Of a hash, as people compare it. */
#define HASH_SHOWN 16

struct _LimnWindowPaste
{
  /* Owned */
  LimnCrop *crop;         /* nullable: nothing can be changed */
  LimnDocument *document; /* that it was pasted into */
  GCancellable *pasting;  /* NULL when none is being made */
  GCancellable *verifying;

  guint64 first, last;    /* serials of the image as it was pasted first, and by the sliders */
  LimnPasteParams params; /* of the last */
  guint64 verified;       /* serial of the image that the badge is about; 0: none is shown */
  guint verify_timeout;
  guint again : 1; /* the sliders have moved on since pasting began */
};

/* What a worker needs, and what it makes. */
typedef struct
{
  LimnCrop *crop;
  LimnTiles *before, *after;
  LimnPatch *patch;
  LimnPasteParams params;
  guint64 serial;
  LimnOutside outside;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  limn_crop_unref (work->crop);
  limn_tiles_free (work->before);
  g_clear_pointer (&work->after, limn_tiles_free);
  g_clear_pointer (&work->patch, limn_patch_free);
  limn_outside_clear (&work->outside);
  g_free (work);
}

static LimnPatch *
make_patch (const Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (LimnArena) arena = limn_arena_new (0);
  g_autoptr (LimnPool) pool = limn_pool_new (0, FALSE);
  g_auto (LimnRun) run;
  LimnPatch *patch;

  limn_run_init (&run, pool, arena, cancellable);
  patch = limn_paste (&run, work->crop, &work->params);
  if (!limn_run_check (&run, error))
    g_clear_pointer (&patch, limn_patch_free);
  return patch;
}

/* ---- The badge ------------------------------------------------------------------------------- */

static void
verify_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  g_autoptr (LimnPatch) patch = make_patch (work, cancellable, &error);

  if (patch == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, limn_tiles_verify_outside (work->before, work->after, patch,
                                                            cancellable, &work->outside));
}

static void
show_badge (LimnWindow *self, const LimnOutside *outside)
{
  g_autofree char *all = limn_words_number (outside->n_pixels);
  g_autofree char *changed = limn_words_number (outside->n_changed);
  gboolean same = g_strcmp0 (outside->before, outside->after) == 0;
  g_autofree char *before = g_strndup (outside->before, HASH_SHOWN);
  g_autofree char *after = g_strndup (outside->after, HASH_SHOWN);
  g_autofree char *details = NULL;
  g_autofree char *badge = NULL;

  /* Translators: a sign, then how many of how many pixels around a result are not what they were;
   * the first is always 0 unless something is very wrong. */
  badge = g_strdup_printf (_ ("%s %s of %s pixels outside changed"),
                           same && outside->n_changed == 0 ? "✓" : "⚠", changed, all);
  details
      = same ? g_strdup_printf (_ ("SHA-256 of what lies outside, before and after: %s…"), before)
             : g_strdup_printf (_ ("SHA-256 of what lies outside: %s… before, %s… after"), before,
                                after);
  _limn_window_set_status (self, badge);
  limn_paste_popover_set_note (self->paste_popover,
                               same ? _ ("✓ Nothing outside the result has changed.")
                                    : _ ("⚠ Something outside the result has changed."),
                               details);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  Work *work = g_task_get_task_data (G_TASK (result));

  if (self->paste == NULL || g_task_get_cancellable (G_TASK (result)) != self->paste->verifying)
    return;
  g_clear_object (&self->paste->verifying);
  if (!g_task_propagate_boolean (G_TASK (result), NULL) || self->paste->document != self->document
      || self->job != NULL || limn_document_get_image_serial (self->document) != work->serial)
    return;
  self->paste->verified = work->serial;
  /* Where all of the picture was marked there is nothing outside to tell about. */
  if (work->outside.n_pixels == 0)
    return;
  show_badge (self, &work->outside);
}

static Work *
new_work (LimnWindowPaste *paste, const LimnPasteParams *params)
{
  Work *work = g_new0 (Work, 1);

  work->crop = limn_crop_ref (paste->crop);
  work->params = *params;
  work->before = limn_tiles_copy (limn_document_get_original (paste->document));
  work->serial = limn_document_get_image_serial (paste->document);
  return work;
}

static gboolean
verify_timeout_cb (gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnWindowPaste *paste = self->paste;
  g_autoptr (GTask) task = NULL;
  LimnPasteParams params;
  Work *work;

  paste->verify_timeout = 0;
  limn_paste_popover_get_params (self->paste_popover, &params);
  work = new_work (paste, &params);
  work->after = limn_tiles_copy (limn_document_get_image (paste->document));
  paste->verifying = g_cancellable_new ();
  task = g_task_new (self, paste->verifying, verified_cb, NULL);
  g_task_set_source_tag (task, verify_timeout_cb);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, verify_worker);
  return G_SOURCE_REMOVE;
}

static void
stop_verifying (LimnWindowPaste *paste)
{
  g_clear_handle_id (&paste->verify_timeout, g_source_remove);
  g_cancellable_cancel (paste->verifying);
  g_clear_object (&paste->verifying);
}

/* ---- Pasting --------------------------------------------------------------------------------- */

static void
paste_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;

  work->patch = make_patch (work, cancellable, &error);
  if (work->patch == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  work->after = limn_tiles_copy (work->before);
  limn_tiles_paste (work->after, work->patch);
  g_task_return_boolean (task, TRUE);
}

static void paste (LimnWindow *self);

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LimnWindow *self = LIMN_WINDOW (source);
  Work *work = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  LimnWindowPaste *state = self->paste;
  gboolean pasted = g_task_propagate_boolean (G_TASK (result), &error);

  if (state == NULL || g_task_get_cancellable (G_TASK (result)) != state->pasting)
    return;
  g_clear_object (&state->pasting);
  if (!pasted)
    _limn_window_toast_error (self, _ ("The result could not be pasted again."), error);
  else
    {
      /* Known before the document tells that it has changed. */
      state->params = work->params;
      state->last = G_MAXUINT64;
      limn_document_adjust_result (state->document, work->patch, work->before, work->after,
                                   _ ("Adjust Result"));
      state->last = limn_document_get_image_serial (state->document);
      _limn_window_paste_update (self);
    }
  if (state->again)
    paste (self);
}

/* With what the sliders say now; one at a time, and the latest wins. */
static void
paste (LimnWindow *self)
{
  LimnWindowPaste *state = self->paste;
  g_autoptr (GTask) task = NULL;
  LimnPasteParams params;

  state->again = state->pasting != NULL;
  if (state->again || state->crop == NULL || !limn_document_get_result_pending (state->document))
    return;
  limn_paste_popover_get_params (self->paste_popover, &params);
  state->pasting = g_cancellable_new ();
  task = g_task_new (self, state->pasting, pasted_cb, NULL);
  g_task_set_source_tag (task, paste);
  g_task_set_task_data (task, new_work (state, &params), work_free);
  g_task_run_in_thread (task, paste_worker);
}

static void
popover_changed_cb (LimnPastePopover *popover, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  paste (self);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void
clear (LimnWindowPaste *state)
{
  stop_verifying (state);
  g_cancellable_cancel (state->pasting);
  g_clear_object (&state->pasting);
  g_clear_pointer (&state->crop, limn_crop_unref);
  g_clear_object (&state->document);
}

void
_limn_window_paste_begin (LimnWindow *self, LimnDocument *document, LimnCrop *crop)
{
  LimnWindowPaste *state = self->paste;

  clear (state);
  if (crop == NULL)
    return;
  state->crop = limn_crop_ref (crop);
  state->document = g_object_ref (document);
  state->first = state->last = limn_document_get_image_serial (document);
  limn_paste_params_init (&state->params, crop);
  limn_paste_popover_set (self->paste_popover, crop, &state->params);
}

void
_limn_window_paste_update (LimnWindow *self)
{
  LimnWindowPaste *state = self->paste;
  gboolean ours;
  guint64 serial;

  if (state == NULL)
    return;
  /* A picture that is not shown any more is not kept for this. */
  if (state->document != self->document)
    clear (state);
  serial = self->document != NULL ? limn_document_get_image_serial (self->document) : 0;
  ours = state->crop != NULL && state->document == self->document && self->job == NULL
         && limn_document_get_result_pending (self->document)
         && (serial == state->first || serial == state->last || state->last == G_MAXUINT64);
  gtk_widget_set_sensitive (GTK_WIDGET (self->adjust_button), ours);
  if (state->verified != 0 && (!ours || serial != state->verified))
    {
      state->verified = 0;
      limn_paste_popover_set_note (self->paste_popover, NULL, NULL);
      if (self->job == NULL)
        _limn_window_set_status (self, NULL);
    }
  if (!ours)
    {
      stop_verifying (state);
      gtk_menu_button_popdown (self->adjust_button);
      return;
    }
  if (state->last == G_MAXUINT64 || state->pasting != NULL)
    return;
  /* Undo and redo take the sliders along. */
  if (serial != state->verified)
    {
      LimnPasteParams params = state->params;

      if (serial != state->last)
        limn_paste_params_init (&params, state->crop);
      if (!state->again)
        limn_paste_popover_set (self->paste_popover, state->crop, &params);
      stop_verifying (state);
      state->verify_timeout = g_timeout_add (VERIFY_DELAY, verify_timeout_cb, self);
    }
}

void
_limn_window_paste_init (LimnWindow *self)
{
  self->paste = g_new0 (LimnWindowPaste, 1);
  g_signal_connect (self->paste_popover, "changed", G_CALLBACK (popover_changed_cb), self);
}

void
_limn_window_paste_dispose (LimnWindow *self)
{
  if (self->paste == NULL)
    return;
  clear (self->paste);
  g_clear_pointer (&self->paste, g_free);
}
