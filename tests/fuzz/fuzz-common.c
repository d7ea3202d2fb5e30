/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "engine/weights/weights.h"

char *
fuzz_file (const guint8 *data, gsize size, int *fd)
{
  *fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert_cmpint (*fd, >=, 0);
  while (size > 0)
    {
      gssize n = write (*fd, data, size);

      g_assert_cmpint (n, >, 0);
      data += n;
      size -= (gsize)n;
    }
  return g_strdup_printf ("/proc/self/fd/%d", *fd);
}

void
fuzz_weights (const guint8 *data, gsize size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) weights = limn_weights_open (path, &error);

  g_assert_true ((weights == NULL) == (error != NULL));
  if (weights != NULL)
    {
      g_autofree char *hash = limn_weights_hash (weights, NULL, NULL);

      g_assert_nonnull (hash);
    }
  close (fd);
}
