/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-history"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/file-write.h"
#include "app/limn-history-private.h"

#define HASH_LENGTH 64

static gboolean
is_hash (const char *hash)
{
  return strlen (hash) == HASH_LENGTH && strspn (hash, "0123456789abcdef") == HASH_LENGTH;
}

/* What the history keeps: pictures, boxes, embeddings. */
static const char *const extensions[] = { "png", "json", "safetensors", NULL };

/* FOLDER/files/ab/cdef....png for abcdef... (transfer full) */
static char *
file_path (const char *folder, const char *hash, const char *extension)
{
  char start[3] = { hash[0], hash[1], '\0' };
  g_autofree char *name = g_strconcat (hash + 2, ".", extension, NULL);

  return g_build_filename (folder, "files", start, name, NULL);
}

char *
_limn_history_files_find (const char *folder, const char *hash)
{
  for (gsize i = 0; is_hash (hash) && extensions[i] != NULL; i++)
    {
      g_autofree char *path = file_path (folder, hash, extensions[i]);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
content_is (const char *path, const char *hash)
{
  g_autofree char *data = NULL;
  g_autofree char *actual = NULL;
  gsize n;

  if (!g_file_get_contents (path, &data, &n, NULL))
    return FALSE;
  actual = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) data, n);
  return strcmp (actual, hash) == 0;
}

static void
sync_folder (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* Makes the folder for @path so that it is still there after the power failed. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *parent = g_path_get_dirname (folder);
  int code;

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      code = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _("The folder “%s” could not be made: %s"), folder,
                   g_strerror (code));
      return FALSE;
    }
  sync_folder (parent);
  return TRUE;
}

char *
_limn_history_files_put (const char *folder, GBytes *content, const char *extension, GError **error)
{
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *path = file_path (folder, hash, extension);
  gsize n;
  const void *data = g_bytes_get_data (content, &n);

  if (g_file_test (path, G_FILE_TEST_EXISTS) && content_is (path, hash))
    return g_steal_pointer (&hash);
  if (!make_folder (path, error) || !limn_file_write (path, data, n, error))
    return NULL;
  return g_steal_pointer (&hash);
}

GBytes *
_limn_history_files_get (const char *folder, const char *hash, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *actual = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) cause = NULL;
  char *data;
  gsize n;

  if (!is_hash (hash))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("“%s” is not a file of the history"), hash);
      return NULL;
    }
  path = _limn_history_files_find (folder, hash);
  if (path == NULL)
    path = file_path (folder, hash, extensions[0]);
  if (!g_file_get_contents (path, &data, &n, &cause))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("A picture of the history is missing: %s"), cause->message);
      return NULL;
    }
  bytes = g_bytes_new_take (data, n);
  actual = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  if (strcmp (actual, hash) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("A picture of the history is damaged: “%s”"), path);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

gboolean
_limn_history_files_has (const char *folder, const char *hash)
{
  g_autofree char *path = _limn_history_files_find (folder, hash);

  return path != NULL;
}

/* The hash that file @name in the folder @start stands for, "" when it is none (transfer full). */
static char *
hash_of_file (const char *start, const char *name)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || !g_strv_contains (extensions, dot + 1))
    return g_strdup ("");
  return g_strdup_printf ("%s%.*s", start, (int) (dot - name), name);
}

static void
collect_folder (const char *path, const char *start, GHashTable *needed)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *hash = hash_of_file (start, name);

      if (!g_hash_table_contains (needed, hash))
        g_unlink (file);
    }
}

void
_limn_history_files_collect (const char *folder, GHashTable *needed)
{
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autoptr (GDir) dir = g_dir_open (files, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (files, name, NULL);

      /* Only what this program made is touched. */
      if (strlen (name) == 2 && strspn (name, "0123456789abcdef") == 2)
        collect_folder (path, name, needed);
    }
}
