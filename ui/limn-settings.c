/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-settings.h"

#include <glib/gi18n.h>

#include "ui/limn-mask-colour.h"

static const char *const surrounds[] = { NULL, "#303030", "#808080", "#d0d0d0" };

GSettings *
limn_settings_new (GError **error)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) uninstalled = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, LIMN_APP_ID, TRUE);
  if (schema == NULL)
    {
      uninstalled
          = g_settings_schema_source_new_from_directory (LIMN_SCHEMA_BUILD_DIR, source, TRUE, NULL);
      if (uninstalled != NULL)
        schema = g_settings_schema_source_lookup (uninstalled, LIMN_APP_ID, TRUE);
    }
  if (schema == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("The settings schema %s is not installed. Install Limn, or run it from its "
                      "build folder."),
                   LIMN_APP_ID);
      return NULL;
    }
  return g_settings_new_full (schema, NULL, NULL);
}

gboolean
limn_settings_get_surround (GSettings *settings, GdkRGBA *colour)
{
  int i = g_settings_get_enum (settings, "surround");

  if (i <= 0 || i >= (int)G_N_ELEMENTS (surrounds))
    return FALSE;
  return gdk_rgba_parse (colour, surrounds[i]);
}

gboolean
limn_settings_get_mask_colour (GSettings *settings, GdkRGBA *colour)
{
  int i = g_settings_get_enum (settings, "mask-colour");

  if (i < 0 || i >= LIMN_N_MASK_COLOURS)
    return FALSE;
  limn_mask_colour_get (i, colour);
  return TRUE;
}
