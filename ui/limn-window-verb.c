/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-verb.h"
#include "ui/limn-words.h"

/* Of everything that is done with what is marked. */
static const char *
get_mask_obstacle (LimnWindow *self)
{
  gboolean empty = TRUE, busy = FALSE;

  if (self->document == NULL)
    return _ ("Open a photo first");
  if (self->job != NULL)
    return _ ("A picture is being made");
  g_object_get (self->document, "mask-empty", &empty, "mask-busy", &busy, NULL);
  if (busy)
    return _ ("The mask is still being made");
  return empty ? _ ("Brush over what should change first") : NULL;
}

/* Of the chosen model. */
static const char *
get_model_obstacle (LimnModelEntry *entry)
{
  if (entry == NULL)
    return _ ("No model that can fill is installed");
  if (limn_model_entry_get_model (entry) == NULL)
    return limn_model_entry_get_error (entry);
  if (limn_model_entry_get_info (entry)->missing != NULL)
    return limn_model_entry_get_info (entry)->missing;
  if (!limn_words_can_fill (limn_model_entry_get_info (entry)))
    return _ ("This model cannot fill what is marked");
  return NULL;
}

gboolean
_limn_window_has_filler (LimnWindow *self)
{
  return get_model_obstacle (limn_settings_panel_get_model (self->settings_panel)) == NULL;
}

const char *
_limn_window_get_fill_obstacle (LimnWindow *self)
{
  const char *model = get_model_obstacle (limn_settings_panel_get_model (self->settings_panel));

  /* What can be mended at once is said first, but what will not work even then before that. */
  if (self->document == NULL || self->job != NULL || model == NULL)
    return get_mask_obstacle (self);
  return model;
}

const char *
_limn_window_get_remove_obstacle (LimnWindow *self)
{
  const char *obstacle = get_mask_obstacle (self);

  if (obstacle == NULL && self->mask_everything)
    return _ ("All of the picture is marked: say what should be there");
  return obstacle;
}

static LimnVerb
choose_verb (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  g_autofree char *prompt = limn_prompt_bar_get_prompt (self->prompt_bar);

  if (_limn_window_makes_new (self))
    return LIMN_VERB_NEW;
  if (_limn_window_is_expanded (self))
    return LIMN_VERB_EXPAND;
  return limn_verb_choose (info == NULL || info->takes_prompt, prompt,
                           limn_settings_panel_get_strength (self->settings_panel),
                           self->mask_everything);
}

/* A model that reads no words was made for continuing what lies around, and somebody chose it. */
static gboolean
is_remover (LimnModelEntry *entry)
{
  return get_model_obstacle (entry) == NULL && !limn_model_entry_get_info (entry)->takes_prompt;
}

gboolean
_limn_window_removes_by_patches (LimnWindow *self)
{
  g_autofree char *prompt = NULL;

  if (is_remover (limn_settings_panel_get_model (self->settings_panel)))
    return FALSE;
  prompt = limn_prompt_bar_get_prompt (self->prompt_bar);
  switch (choose_verb (self))
    {
    case LIMN_VERB_REMOVE:
      return TRUE;
    case LIMN_VERB_EXPAND:
      return *prompt == '\0';
    default:
      return FALSE;
    }
}

void
_limn_window_get_remove_params (LimnWindow *self, LimnRemoveParams *params)
{
  limn_remove_params_init (params);
  if (self->restored != NULL && g_str_equal (limn_generation_get_kind (self->restored), "remove"))
    limn_generation_get_remove_params (self->restored, params);
  params->seed = limn_settings_panel_get_seed (self->settings_panel);
  _limn_window_apply_crop (self, &params->crop);
}

void
_limn_window_verb_update (LimnWindow *self)
{
  LimnVerb verb;

  limn_prompt_bar_set_model (self->prompt_bar,
                             limn_settings_panel_get_model (self->settings_panel));
  verb = choose_verb (self);
  limn_prompt_bar_set_verb (self->prompt_bar, limn_verb_get_label (verb),
                            limn_verb_get_tooltip (verb), _limn_window_get_run_obstacle (self));
  _limn_window_bars_update (self);
}

/* ---- Running --------------------------------------------------------------------------------- */

/* The dice, or the seed after the last one, so that a row of variations can be made again. */
static void
choose_seed (LimnWindow *self, gboolean variation)
{
  if (variation)
    limn_settings_panel_step_seed (self->settings_panel);
  else
    limn_settings_panel_next_seed (self->settings_panel);
}

/* "Again": what was not kept makes room. */
static void
make_room (LimnWindow *self)
{
  if (self->document != NULL && limn_document_get_result_pending (self->document))
    limn_document_discard_result (self->document);
}

/* What the history calls it depends on the verb. */
static void
start (LimnWindow *self, LimnJob *job, LimnVerb verb)
{
  if (verb == LIMN_VERB_EXPAND)
    limn_job_set_expands (job);
  _limn_window_start_masked_job (self, job, limn_verb_get_name (verb));
}

static void
remove_by_patches (LimnWindow *self, LimnVerb verb, gboolean variation)
{
  LimnRemoveParams params;

  make_room (self);
  if (_limn_window_get_remove_obstacle (self) != NULL)
    return;
  choose_seed (self, variation);
  _limn_window_get_remove_params (self, &params);
  start (self,
         limn_job_new_remove (limn_document_get_image (self->document),
                              limn_document_get_mask (self->document), &params,
                              limn_document_get_title (self->document)),
         verb);
}

/* @words: whether those that are written are used; @variation: of the last one. */
static void
fill (LimnWindow *self, gboolean words, LimnVerb verb, gboolean variation)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  g_autofree char *prompt = limn_prompt_bar_get_prompt (self->prompt_bar);
  g_autofree char *negative = limn_prompt_bar_get_negative (self->prompt_bar);
  LimnInpaintParams params;

  make_room (self);
  if (_limn_window_get_fill_obstacle (self) != NULL)
    return;
  choose_seed (self, variation);
  limn_settings_panel_get_params (self->settings_panel, entry, &params);
  _limn_window_apply_restored (self, &params);
  _limn_window_apply_crop (self, &params.crop);
  params.prompt = words ? prompt : "";
  params.negative = negative;
  /* Of what was only continued from the edges nothing is worth keeping. */
  if (verb == LIMN_VERB_EXPAND)
    params.strength = 1;
  start (self,
         limn_job_new_inpaint (entry, limn_document_get_image (self->document),
                               limn_document_get_mask (self->document), &params,
                               limn_document_get_title (self->document)),
         verb);
}

/* What the button says. */
static void
run (LimnWindow *self, gboolean variation)
{
  if (_limn_window_makes_new (self))
    _limn_window_generate (self);
  else if (_limn_window_removes_by_patches (self))
    remove_by_patches (self, choose_verb (self), variation);
  else
    fill (self, TRUE, choose_verb (self), variation);
}

static void
generate_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  self->variations_left = 0;
  run (self, FALSE);
}

/* So many more with the same mask and words, each with the next seed. */
static void
variations_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  if (_limn_window_get_run_obstacle (self) != NULL || _limn_window_makes_new (self))
    return;
  self->variations_left = CLAMP (g_variant_get_int32 (parameter), 1, 100) - 1;
  run (self, TRUE);
}

static gboolean
next_variation_cb (gpointer user_data)
{
  LimnWindow *self = user_data;

  /* Something else may have been begun, or the window closed. */
  if (_limn_window_get_app (self) != NULL && self->job == NULL && self->variations_left > 0)
    {
      self->variations_left--;
      run (self, TRUE);
    }
  return G_SOURCE_REMOVE;
}

void
_limn_window_next_variation (LimnWindow *self, gboolean done)
{
  if (!done)
    self->variations_left = 0;
  /* The queue has to have done with the last job before the next one comes. */
  if (self->variations_left > 0)
    g_idle_add_full (G_PRIORITY_DEFAULT, next_variation_cb, g_object_ref (self), g_object_unref);
}

static void
remove_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  remove_by_patches (self, _limn_window_is_expanded (self) ? LIMN_VERB_EXPAND : LIMN_VERB_REMOVE,
                     FALSE);
}

static void
remove_with_model_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  fill (self, FALSE, _limn_window_is_expanded (self) ? LIMN_VERB_EXPAND : LIMN_VERB_REMOVE, FALSE);
}

static void
words_changed_cb (LimnPromptBar *bar, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_verb_update (self);
  _limn_window_actions_update (self);
  /* A model and a removal see different parts of the picture. */
  if (_limn_window_removes_by_patches (self) != self->planned_removal)
    _limn_window_plan_update (self);
}

void
_limn_window_verb_init (LimnWindow *self)
{
  g_signal_connect (self->prompt_bar, "changed", G_CALLBACK (words_changed_cb), self);
}

const GActionEntry _limn_window_verb_actions[] = {
  { "generate", generate_action },
  { "variations", variations_action, "i" },
  { "remove", remove_action },
  { "remove-with-model", remove_with_model_action },
};
const int _limn_window_n_verb_actions = G_N_ELEMENTS (_limn_window_verb_actions);
