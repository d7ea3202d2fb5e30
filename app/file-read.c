/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-file"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/file-read.h"

void
limn_set_read_error (GError **error, GFile *file, const GError *cause)
{
  g_autofree char *path = g_file_get_parse_name (file);
  g_autofree char *basename = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (basename != NULL ? basename : "");
  const char *reason = cause->message;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_set_error (error, cause->domain, cause->code, _ ("There is no file “%s”"), path);
      return;
    }
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    reason = _ ("you may not read it");
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    reason = _ ("it is a folder");
  g_set_error (error, cause->domain, cause->code, _ ("“%s” could not be read: %s"), name, reason);
}
