/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include "ui/limn-sample.h"

/* From Debian's package mate-backgrounds, in the order of preference. */
static const char *const photos[] = {
  "/usr/share/backgrounds/mate/nature/Storm.jpg",
  "/usr/share/backgrounds/mate/nature/GreenMeadow.jpg",
  "/usr/share/backgrounds/mate/nature/Dune.jpg",
  "/usr/share/backgrounds/mate/nature/Garden.jpg",
};

GFile *
limn_sample_find (void)
{
  const char *const *folders = g_get_system_data_dirs ();

  for (gsize i = 0; i < G_N_ELEMENTS (photos); i++)
    if (g_file_test (photos[i], G_FILE_TEST_IS_REGULAR))
      return g_file_new_for_path (photos[i]);
  for (gsize i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], "limn", "sample", "sample.png", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_file_new_for_path (path);
    }
  return NULL;
}
