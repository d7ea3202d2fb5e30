/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-history-cell.h"
#include "ui/limn-words.h"

/* What the window can tell a model. */
#define TOLD (LIMN_TAKES_PROMPT | LIMN_TAKES_CLASS)

static gboolean
is_maker (const LimnModelInfo *info)
{
  return info != NULL && (info->capabilities & LIMN_CAN_GENERATE) != 0;
}

static gboolean
is_mask_empty (LimnWindow *self)
{
  gboolean empty = TRUE;

  if (self->document != NULL)
    g_object_get (self->document, "mask-empty", &empty, NULL);
  return empty;
}

gboolean
_limn_window_makes_new (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);

  if (entry == NULL || !is_maker (limn_model_entry_get_info (entry)))
    return FALSE;
  if (_limn_window_draws (self))
    return TRUE;
  return is_mask_empty (self)
         && (self->document == NULL || !limn_document_get_result_pending (self->document));
}

/* Of a model that makes pictures. */
static const char *
get_make_obstacle (LimnWindow *self, const LimnModelInfo *info)
{
  if (self->job != NULL)
    return _ ("A picture is being made");
  if (info->missing != NULL)
    return info->missing;
  if (_limn_window_draws (self))
    return _limn_window_get_drawn_obstacle (self);
  if (info->takes & LIMN_TAKES_EMBEDDING && (info->takes & TOLD) == 0)
    return _ ("This model is told by an embedding, which only “limn generate --embedding” takes");
  return NULL;
}

const char *
_limn_window_get_run_obstacle (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);

  if (_limn_window_makes_new (self))
    return get_make_obstacle (self, limn_model_entry_get_info (entry));
  if (_limn_window_removes_by_patches (self))
    return _limn_window_get_remove_obstacle (self);
  return _limn_window_get_fill_obstacle (self);
}

void
_limn_window_generate (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  g_autofree char *prompt = limn_prompt_bar_get_prompt (self->prompt_bar);
  g_autofree char *negative = limn_prompt_bar_get_negative (self->prompt_bar);
  const LimnModelInfo *info = limn_model_entry_get_info (entry);
  LimnGenerateParams params;

  if (_limn_window_get_run_obstacle (self) != NULL)
    return;
  if (_limn_window_draws (self))
    {
      /* "Again": what was not kept makes room. */
      if (limn_document_get_result_pending (self->document))
        limn_document_discard_result (self->document);
      _limn_window_generate_drawn (self);
      return;
    }
  limn_settings_panel_next_seed (self->settings_panel);
  limn_settings_panel_get_generate_params (self->settings_panel, entry, &params);
  if (info->takes_prompt)
    {
      params.prompt = prompt;
      params.negative = negative;
    }
  params.width = self->new_width;
  params.height = self->new_height;
  params.category = limn_prompt_bar_get_category (self->prompt_bar);
  _limn_window_start_job (self, limn_job_new_generate (entry, &params));
}

void
_limn_window_show_generated (LimnWindow *self, LimnJob *job)
{
  LimnGeneration *generation = limn_job_get_generation (job);
  LimnImageMeta *meta = limn_image_meta_new ();
  g_autoptr (LimnDocument) document = NULL;
  gboolean had_picture = self->document != NULL;

  if (generation != NULL)
    {
      g_clear_pointer (&meta->text, g_hash_table_unref);
      meta->text = limn_generation_to_text (generation);
    }
  document = limn_document_new (limn_tiles_copy (limn_job_get_generated (job)), NULL, meta);
  if (generation != NULL)
    {
      g_autofree char *title = limn_generation_describe (generation);

      limn_document_set_title (document, title);
    }
  limn_document_set_unsaved (document);
  limn_window_set_document (self, document);
  if (had_picture && self->previous->len > 0)
    _limn_window_toast_action (self, _ ("A new picture was made"), _ ("Go back"),
                               "win.previous-picture", NULL);
}

/* What there is to do before there is a picture, with a model that makes new ones alone; NULL with
 * those that can fill. */
static const char *
get_make_hint (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;

  if (!is_maker (info) || limn_words_can_fill (info) || get_make_obstacle (self, info) != NULL)
    return NULL;
  if (info->takes & LIMN_TAKES_CLASS)
    return _ ("Choose below what it is to show. This model makes new pictures; for changing a photo "
              "choose another one.");
  return _ ("This model makes new pictures; for changing a photo choose another one.");
}

static void
show_empty_words (LimnWindow *self, gboolean making)
{
  const char *hint = get_make_hint (self);
  const char *title = hint != NULL ? _ ("Make a picture") : _ ("Open a photo");

  if (hint == NULL)
    hint = _ ("Then brush over what should change, and say what should be there.");
  adw_status_page_set_title (self->empty_page, making ? _ ("A picture is being made") : title);
  adw_status_page_set_description (self->empty_page, making ? NULL : hint);
}

void
_limn_window_set_empty_preview (LimnWindow *self, GdkTexture *texture)
{
  gboolean making = texture != NULL;

  adw_status_page_set_paintable (self->empty_page, GDK_PAINTABLE (texture));
  if (!making)
    adw_status_page_set_icon_name (self->empty_page, "limn-photo-symbolic");
  show_empty_words (self, making);
}

void
_limn_window_bars_update (LimnWindow *self)
{
  const char *page = gtk_stack_get_visible_child_name (self->pages);
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  gboolean editing = g_strcmp0 (page, "editor") == 0;
  gboolean making = g_strcmp0 (page, "empty") == 0 && entry != NULL
                    && is_maker (limn_model_entry_get_info (entry));

  show_empty_words (self, adw_status_page_get_paintable (self->empty_page) != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->options), editing);
  gtk_widget_set_visible (GTK_WIDGET (self->editor_bars), editing || making);
}

gboolean
_limn_window_use_generated (LimnWindow *self, LimnGeneration *generation)
{
  const char *kind = limn_generation_get_kind (generation);
  gboolean is_class = g_strcmp0 (kind, "generate-class") == 0;
  g_autofree char *told = NULL, *negative = NULL;
  LimnModelEntry *entry;
  int width, height;

  if (_limn_window_use_drawn (self, generation))
    return TRUE;
  if (!is_class && g_strcmp0 (kind, "generate") != 0)
    return FALSE;
  g_object_get (generation, "prompt", &told, "negative", &negative, "width", &width, "height",
                &height, NULL);
  if (!limn_settings_panel_load (self->settings_panel, generation))
    _limn_window_toast (self,
                        _ ("The model of this result is not installed; another one is chosen."));
  self->new_width = width;
  self->new_height = height;
  _limn_window_verb_update (self);
  entry = limn_settings_panel_get_model (self->settings_panel);
  if (is_class && entry != NULL && limn_model_entry_get_model (entry) != NULL)
    {
      int category = limn_model_find_category (limn_model_entry_get_model (entry), told, NULL);

      if (category >= 0)
        limn_prompt_bar_set_category (self->prompt_bar, category);
      else
        _limn_window_toast (self, _ ("The model does not know the class of this result."));
    }
  else if (!is_class)
    limn_prompt_bar_set_prompts (self->prompt_bar, told, negative);
  /* What is marked would be filled instead. */
  if (!is_mask_empty (self))
    _limn_window_toast (self, _ ("Clear the mask to make a new picture like this one."));
  _limn_window_actions_update (self);
  return TRUE;
}
