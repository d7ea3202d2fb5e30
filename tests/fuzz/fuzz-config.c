/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a model's config.yaml and as a text encoder's config.json.
 */
#include <unistd.h>

#include "engine/model/description.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_auto (LimnDescription) description = { 0 };
  LimnClipTextConfig text = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean read;

  read = limn_description_read (&description, path, NULL, &error);
  fuzz_outcome (read, error);
  limn_clip_config_read (&text, path, NULL);
  close (fd);
  return 0;
}
