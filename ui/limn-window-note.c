/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is said over the picture of its own accord: why what is marked cannot be worked on, and,
 * until the first stroke, what there is to do with the tool.
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "ui/limn-tool.h"
#include "ui/limn-words.h"

static void
say (LimnWindow *self, const char *text)
{
  gtk_label_set_label (self->status_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->status_label), text != NULL);
  /* What is written at the frame may have been in its way. */
  gtk_widget_queue_draw (GTK_WIDGET (self->canvas));
}

void
_limn_window_set_status (LimnWindow *self, const char *text)
{
  self->note = NULL;
  self->hinting = FALSE;
  say (self, text);
}

/* What is marked, but not as it would have to be; NULL: nothing is wrong with it. */
static const char *
get_mask_note (LimnWindow *self)
{
  if (self->job != NULL || self->document == NULL
      || !limn_document_get_mask_bounds (self->document, NULL)
      || limn_document_get_result_pending (self->document))
    return NULL;
  /* A mask has a use only for models that fill, and for a removal. */
  if (_limn_window_draws (self))
    return _ ("This model makes a whole picture and leaves the mask alone. What is marked can be "
              "removed.");
  /* The button is grey, and says the same to who asks it. */
  if (self->mask_everything && _limn_window_removes_by_patches (self))
    return _limn_window_get_remove_obstacle (self);
  return NULL;
}

/* What to do with the tool, as the model that is chosen allows it; NULL: nothing. */
static const char *
get_hint (LimnWindow *self)
{
  LimnModelEntry *entry = limn_settings_panel_get_model (self->settings_panel);
  const LimnModelInfo *info = entry != NULL ? limn_model_entry_get_info (entry) : NULL;
  const LimnTool *tool = limn_tool_lookup (limn_canvas_get_tool (self->canvas));
  const LimnToolFlags own = LIMN_TOOL_FOR_BOXES | LIMN_TOOL_FOR_LABELS | LIMN_TOOL_ALWAYS;

  if (self->document == NULL || limn_document_get_mask_bounds (self->document, NULL))
    return NULL;
  /* Without a model things are removed. */
  if ((tool->flags & own) == 0 && info != NULL && !limn_words_can_fill (info))
    return NULL;
  return tool->hint != NULL ? _ (tool->hint) : NULL;
}

void
_limn_window_note_update (LimnWindow *self)
{
  const char *note = get_mask_note (self);

  if (note == NULL && self->hinting)
    note = get_hint (self);
  if (g_strcmp0 (note, self->note) == 0)
    return;
  self->note = note;
  say (self, note);
}

void
_limn_window_begin_hints (LimnWindow *self)
{
  /* Not over what a running job says. */
  if (self->job != NULL || g_settings_get_boolean (self->settings, "hint-seen"))
    return;
  _limn_window_set_status (self, NULL);
  self->hinting = TRUE;
  _limn_window_note_update (self);
}

static void
tool_cb (LimnCanvas *canvas, GParamSpec *pspec, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  _limn_window_note_update (self);
}

void
_limn_window_note_init (LimnWindow *self)
{
  g_signal_connect (self->canvas, "notify::tool", G_CALLBACK (tool_cb), self);
}
