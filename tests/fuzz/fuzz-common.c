/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/model/model.h"

/* Names that are looked at of a model's classes. */
#define MAX_CATEGORIES 100

/* ---- What comes of it ------------------------------------------------------------------------ */

void
fuzz_outcome (gboolean success, const GError *error)
{
  g_assert_true (success == (error == NULL));
  if (error != NULL)
    g_assert_true (error->message[0] != '\0' && g_utf8_validate (error->message, -1, NULL));
}

/* ---- Files without a name -------------------------------------------------------------------- */

static void
write_all (int fd, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      gssize n = write (fd, data, size);

      g_assert_cmpint (n, >, 0);
      data += n;
      size -= (gsize)n;
    }
}

char *
fuzz_file (const guint8 *data, gsize size, int *fd)
{
  *fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_assert_cmpint (*fd, >=, 0);
  write_all (*fd, data, size);
  return g_strdup_printf ("/proc/self/fd/%d", *fd);
}

/* ---- Models ---------------------------------------------------------------------------------- */

void
fuzz_model (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnModel) model = limn_model_open (path, NULL, &error);
  const LimnModelInfo *info;
  int n_timesteps = -1;

  fuzz_outcome (model != NULL, error);
  if (model == NULL)
    return;
  info = limn_model_get_info (model);
  g_assert_true (info->name != NULL && info->container != NULL && info->architecture != NULL);
  g_assert_true (info->weight_type != NULL && info->dialect != NULL && info->notes != NULL);
  for (const char *const *note = info->notes; *note != NULL; note++)
    g_assert_true (g_utf8_validate (*note, -1, NULL));
  g_assert_cmpint (info->n_parameters, >=, 0);
  limn_model_get_alphas_cumprod (model, &n_timesteps);
  g_assert_cmpint (n_timesteps, >=, 0);
  for (int i = 0; i < MIN (info->n_categories, MAX_CATEGORIES); i++)
    limn_model_get_category_name (model, i);
  if (info->capabilities != 0)
    limn_model_estimate_memory (model, 512, 512, TRUE);
}

void
fuzz_weights (const guint8 *data, gsize size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) weights = limn_weights_open (path, &error);

  fuzz_outcome (weights != NULL, error);
  if (weights != NULL)
    {
      g_autofree char *hash = limn_weights_hash (weights, NULL, NULL);

      g_assert_nonnull (hash);
      fuzz_model (path);
    }
  close (fd);
}

/* ---- Several files --------------------------------------------------------------------------- */

gboolean
fuzz_next_part (const guint8 **data, gsize *size, const guint8 **part, gsize *part_size)
{
  const guint8 *end;

  if (*data == NULL)
    return FALSE;
  end = *size > 0 ? memchr (*data, FUZZ_SEPARATOR, *size) : NULL;
  *part = *data;
  *part_size = end != NULL ? (gsize)(end - *data) : *size;
  *size = end != NULL ? *size - *part_size - 1 : 0;
  *data = end != NULL ? end + 1 : NULL;
  return TRUE;
}

/* libFuzzer has no place to keep this in. */
static char *shared_folder;
static GPtrArray *shared_paths;

static void
remove_folder (void)
{
  for (guint i = shared_paths->len; i > 0; i--)
    g_remove (shared_paths->pdata[i - 1]);
  g_ptr_array_unref (shared_paths);
  g_free (shared_folder);
}

const char *
fuzz_folder (const char *const *folders)
{
  const char *parent = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

  if (shared_folder != NULL)
    return shared_folder;
  shared_folder = g_build_filename (parent, "limn-fuzz-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (shared_folder));
  shared_paths = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (shared_paths, g_strdup (shared_folder));
  for (gsize i = 0; folders != NULL && folders[i] != NULL; i++)
    {
      char *path = g_build_filename (shared_folder, folders[i], NULL);

      g_ptr_array_add (shared_paths, path);
      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
    }
  atexit (remove_folder);
  return shared_folder;
}

void
fuzz_put (const char *name, const guint8 *data, gsize size)
{
  g_autofree char *path = g_build_filename (shared_folder, name, NULL);
  int fd;

  if (data == NULL)
    {
      g_remove (path);
      return;
    }
  if (!g_ptr_array_find_with_equal_func (shared_paths, path, g_str_equal, NULL))
    g_ptr_array_add (shared_paths, g_strdup (path));
  fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  write_all (fd, data, size);
  close (fd);
}

char *
fuzz_fixture (const char *name)
{
  return g_build_filename (FUZZ_FIXTURES, name, NULL);
}
