/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-window-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/limn-document-paint.h"

/* How much of a sketch is changed, where nothing else was set: all of it would be replaced, and
 * not be seen. */
#define SKETCH_STRENGTH 0.7

/* Takes the tool in whose row of options a toggle stands. */
static void
take_paint (LimnWindow *self)
{
  limn_canvas_set_tool (self->canvas, "paint");
}

static void
pick_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  take_paint (self);
  g_object_set (limn_canvas_get_options (self->canvas), "pick", TRUE, NULL);
}

static void
erase_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  LimnToolOptions *options = limn_canvas_get_options (self->canvas);
  gboolean paints = g_str_equal (limn_canvas_get_tool (self->canvas), "paint");

  take_paint (self);
  g_object_set (options, "paint-erase", !paints || !limn_tool_options_get (options)->paint_erase,
                NULL);
}

static void
clear_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  limn_document_clear_paint (LIMN_WINDOW (user_data)->document);
}

static void
strength_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;

  limn_settings_panel_set_strength (self->settings_panel, g_variant_get_double (parameter));
}

/* What is painted is what is to be rendered: some of it has to stay for that. */
static void
mask_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LimnWindow *self = user_data;
  g_autofree char *text = NULL;

  _limn_window_keep (self);
  if (!limn_document_mask_paint (self->document))
    return;
  if (limn_settings_panel_get_strength (self->settings_panel) < 1)
    return;
  limn_settings_panel_lend_strength (self->settings_panel, SKETCH_STRENGTH);
  self->sketched = self->document;
  /* Translators: how much is changed, in percent */
  text = g_strdup_printf (_ ("%d %% is changed, so that the sketch is seen"),
                          (int)rint (100 * SKETCH_STRENGTH));
  _limn_window_toast_action (self, text, _ ("Back to 100 %"), "win.set-strength",
                             g_variant_new_double (1));
}

static const GActionEntry actions[] = {
  { "paint-pick", pick_action },
  { "paint-erase", erase_action },
  { "paint-mask", mask_action },
  { "paint-clear", clear_action },
  { "set-strength", strength_action, "d" },
};

void
_limn_window_sketch_done (LimnWindow *self)
{
  if (self->sketched == NULL)
    return;
  self->sketched = NULL;
  limn_settings_panel_return_strength (self->settings_panel);
}

/* A result that was discarded leaves the sketch as it was: another attempt has to see it, too. It is
 * over when it was kept, taken away or is not marked any more, or another picture is shown. */
static void
update_sketch (LimnWindow *self, gboolean no_paint)
{
  gboolean no_mask;

  if (self->sketched == NULL)
    return;
  if (self->sketched != self->document)
    {
      _limn_window_sketch_done (self);
      return;
    }
  g_object_get (self->document, "mask-empty", &no_mask, NULL);
  /* Under a result that is not decided about there is no paint. */
  if (no_mask || (no_paint && !limn_document_get_result_pending (self->document)))
    _limn_window_sketch_done (self);
}

void
_limn_window_paint_update (LimnWindow *self, gboolean editing)
{
  gboolean empty = TRUE;

  if (self->document != NULL)
    g_object_get (self->document, "paint-empty", &empty, NULL);
  update_sketch (self, empty);
  _limn_window_set_enabled (self, "paint-pick", editing);
  _limn_window_set_enabled (self, "paint-erase", editing);
  _limn_window_set_enabled (self, "paint-mask", editing && !empty);
  _limn_window_set_enabled (self, "paint-clear", editing && !empty);
}

void
_limn_window_paint_init (LimnWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}
