/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-words.h"

static LimnModelEntry *
find_model (LimnWindow *self)
{
  return limn_library_find (limn_application_get_library (_limn_window_get_app (self)),
                            LIMN_CAN_UPSCALE);
}

static void
init_params (LimnUpscaleParams *params, LimnModelEntry *entry, int factor)
{
  limn_upscale_params_init (params, limn_model_entry_get_model (entry));
  params->factor = factor;
}

/* "Twice as large · 800 × 600 · about 20 s"; *@possible: whether that can be made (transfer full).
 */
static char *
describe (LimnWindow *self, LimnModelEntry *entry, int factor, gboolean *possible)
{
  const char *title = factor == 2 ? _ ("_Twice as large") : _ ("_Four times as large");
  int width = limn_document_get_width (self->document);
  int height = limn_document_get_height (self->document);
  /* Of the picture only the size is asked for. */
  LimnImage picture = { .width = width, .height = height, .channels = 3 };
  LimnUpscaleParams params;
  LimnUpscalePlan plan;
  g_autofree char *size = NULL, *about = NULL;

  init_params (&params, entry, factor);
  *possible
      = limn_upscale_plan (limn_model_entry_get_model (entry), &picture, &params, &plan, NULL);
  if (!*possible)
    {
      size = limn_words_size (width * factor, height * factor);
      /* Translators: a menu item that cannot be chosen: what it would do, then the size that is too
       * much */
      return g_strdup_printf (_ ("%s · %s is too large"), title, size);
    }
  size = limn_words_size (plan.width, plan.height);
  about = limn_words_about (limn_job_queue_estimate_upscale (
      limn_application_get_queue (_limn_window_get_app (self)), entry, width, height, &params));
  if (about == NULL)
    return g_strdup_printf ("%s · %s", title, size);
  return g_strdup_printf ("%s · %s · %s", title, size, about);
}

/* @other: the model is not the default one, which has the keys. */
static void
append_item (LimnWindow *self, GMenu *section, LimnModelEntry *entry, int factor, gboolean other)
{
  gboolean possible;
  g_autofree char *label = describe (self, entry, factor, &possible);
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  /* An action that there is not greys the item out. */
  if (!possible)
    g_menu_item_set_action_and_target (item, "win.upscale-impossible", "i", factor);
  else if (other)
    g_menu_item_set_action_and_target (item, "win.upscale-with", "(si)",
                                       limn_model_entry_get_id (entry), factor);
  else
    g_menu_item_set_action_and_target (item, "win.upscale", "i", factor);
  if (!other)
    g_menu_item_set_attribute (item, "accel", "s",
                               factor == 2 ? "<Control>u" : "<Control><Shift>u");
  g_menu_append_item (section, item);
}

static gboolean
can_upscale (LimnModelEntry *entry)
{
  const LimnModelInfo *info = limn_model_entry_get_info (entry);

  return info != NULL && (info->capabilities & LIMN_CAN_UPSCALE) != 0;
}

static void
append_section (LimnWindow *self,
                GMenu *menu,
                LimnModelEntry *entry,
                gboolean other,
                const char *title)
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (int factor = 2; factor <= 4; factor *= 2)
    append_item (self, section, entry, factor, other);
  g_menu_append_section (menu, title, G_MENU_MODEL (section));
}

void
_limn_window_upscale_update (LimnWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GListModel *library;
  LimnModelEntry *first;
  guint n_others = 0;

  if (_limn_window_get_app (self) == NULL)
    return;
  library = G_LIST_MODEL (limn_application_get_library (_limn_window_get_app (self)));
  first = find_model (self);
  if (self->document == NULL || first == NULL || limn_model_entry_get_model (first) == NULL)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (library); i++)
    {
      g_autoptr (LimnModelEntry) entry = g_list_model_get_item (library, i);

      if (entry == first || !can_upscale (entry) || limn_model_entry_get_model (entry) == NULL)
        continue;
      if (n_others++ == 0)
        append_section (self, menu, first, FALSE, limn_model_entry_get_name (first));
      append_section (self, menu, entry, TRUE, limn_model_entry_get_name (entry));
    }
  /* Said once for both: the smaller one is the larger one, reduced. */
  if (n_others == 0)
    append_section (self, menu, first, FALSE,
                    limn_model_entry_get_info (first)->upscale_factor == 4
                        ? _ ("Both take equally long")
                        : NULL);
  gtk_menu_button_set_menu_model (self->upscale_button, G_MENU_MODEL (menu));
}

void
_limn_window_upscale (LimnWindow *self, const char *model, int factor)
{
  LimnLibrary *library = limn_application_get_library (_limn_window_get_app (self));
  LimnModelEntry *entry = model != NULL ? limn_library_lookup (library, model) : find_model (self);
  LimnUpscaleParams params;

  if (self->document == NULL || self->job != NULL)
    return;
  if (entry == NULL || !can_upscale (entry))
    {
      _limn_window_toast (self, _ ("No model that can upscale is installed."));
      return;
    }
  _limn_window_keep (self);
  init_params (&params, entry, factor);
  params.seed = limn_settings_panel_get_seed (self->settings_panel);
  g_clear_pointer (&self->used_mask, limn_tiles_free);
  _limn_window_start_job (self,
                          limn_job_new_upscale (entry, limn_document_get_image (self->document),
                                                &params, limn_document_get_title (self->document)));
}

void
_limn_window_upscale_init (LimnWindow *self)
{
  _limn_window_upscale_update (self);
}
