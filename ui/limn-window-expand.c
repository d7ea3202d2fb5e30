/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>

#include "app/limn-document-expand.h"

static void
expanded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LimnWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean expanded = limn_document_expand_finish (LIMN_DOCUMENT (source), result, &error);

  if (_limn_window_get_app (self) == NULL)
    return;
  if (!expanded)
    _limn_window_toast_error (self, _ ("The picture could not be enlarged."), error);
  else if (LIMN_DOCUMENT (source) == self->document)
    {
      limn_canvas_zoom_fit (self->canvas);
      _limn_window_actions_update (self);
      _limn_window_plan_update (self);
    }
}

static void
expand (LimnWindow *self, const LimnMargins *margins)
{
  /* What it is being made for would have another size. */
  if (self->job != NULL)
    {
      _limn_window_toast (self, _ ("The picture can be enlarged when the one being made is done."));
      return;
    }
  _limn_window_keep (self);
  limn_document_expand_async (self->document, margins, NULL, expanded_cb, g_object_ref (self));
}

static void
expand_cb (LimnCanvas *canvas, LimnMargins *margins, LimnWindow *self)
{
  g_assert (LIMN_IS_WINDOW (self));

  expand (self, margins);
}

/* @parameter: two numbers, "16:9". */
static void
expand_to_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_auto (GStrv) numbers = g_strsplit (g_variant_get_string (parameter, NULL), ":", 2);
  guint64 across, down;
  LimnMargins margins;

  if (g_strv_length (numbers) != 2
      || !g_ascii_string_to_unsigned (numbers[0], 10, 1, 1000, &across, NULL)
      || !g_ascii_string_to_unsigned (numbers[1], 10, 1, 1000, &down, NULL))
    return;
  limn_margins_to_proportions (&margins, limn_document_get_width (self->document),
                               limn_document_get_height (self->document), (int)across, (int)down);
  if (limn_margins_are_empty (&margins))
    _limn_window_toast (self, _ ("The picture has these proportions already."));
  else
    expand (self, &margins);
}

gboolean
_limn_window_is_expanded (LimnWindow *self)
{
  LimnRect from, mask, common;

  if (self->document == NULL || !limn_document_get_expanded_from (self->document, &from)
      || !limn_document_get_mask_bounds (self->document, &mask))
    return FALSE;
  limn_rect_union (&from, &mask, &common);
  return common.width > from.width || common.height > from.height;
}

void
_limn_window_expand_init (LimnWindow *self)
{
  g_signal_connect (self->canvas, "expand", G_CALLBACK (expand_cb), self);
}

const GActionEntry _limn_window_expand_actions[] = { { "expand-to", expand_to_action, "s" } };
const int _limn_window_n_expand_actions = G_N_ELEMENTS (_limn_window_expand_actions);
