/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The application's settings (transfer full). Looks among the installed schemas, then in the folder
 * of the uninstalled build; NULL and an error when there are none, instead of GSettings' abort. */
GSettings *limn_settings_new (GError **error);
/* The colours that the settings name. FALSE for "automatic". */
gboolean limn_settings_get_surround (GSettings *settings, GdkRGBA *colour);
gboolean limn_settings_get_mask_colour (GSettings *settings, GdkRGBA *colour);

G_END_DECLS
