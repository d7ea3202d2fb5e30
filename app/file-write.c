/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
/* Files without a name. */
#define _GNU_SOURCE
#define G_LOG_DOMAIN "limn-file"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/file-write.h"

/* What went wrong, as a sentence; @cause is of G_FILE_ERROR or G_IO_ERROR. @target: (nullable) the path that was written to. */
static void
set_write_error (GError **error, const char *name, const char *target, const GError *cause)
{
  g_autofree char *folder = target != NULL ? g_path_get_dirname (target) : NULL;
  const char *reason = cause->message;
  int code = G_IO_ERROR_FAILED;

  if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    {
      reason = _("the disk is full");
      code = G_IO_ERROR_NO_SPACE;
    }
  else if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_ROFS) ||
           g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_READ_ONLY))
    {
      reason = _("the folder can only be read");
      code = G_IO_ERROR_READ_ONLY;
    }
  else if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_ACCES) || g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_PERM) ||
           g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      reason = _("you may not write there");
      code = G_IO_ERROR_PERMISSION_DENIED;
    }
  else if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      /* In /proc, say, no file can be made, and that is told as if the folder were not there. */
      reason = folder != NULL && g_file_test (folder, G_FILE_TEST_IS_DIR) ? _("the folder takes no new files")
                                                                          : _("the folder does not exist");
      code = G_IO_ERROR_NOT_FOUND;
    }
  else if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOTDIR) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY))
    {
      reason = _("what is named as its folder is none");
      code = G_IO_ERROR_NOT_DIRECTORY;
    }
  else if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_ISDIR) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    {
      reason = _("it is a folder");
      code = G_IO_ERROR_IS_DIRECTORY;
    }
  /* Translators: the file's name, then the reason as a part of a sentence. */
  g_set_error (error, G_IO_ERROR, code, _("“%s” could not be written: %s"), name, reason);
}

/* The file that a chain of links ends at, or @path itself (transfer full). */
static char *
resolve_links (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *copy = g_strdup (resolved != NULL ? resolved : path);

  free (resolved);
  return copy;
}

/* The open descriptor that @path is a name of, or -1. By such a name a file would be opened anew, at its beginning, and a socket not
 * at all: the descriptor itself goes on where it is. */
static int
descriptor_of (const char *path)
{
  static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
  guint64 number;

  if (g_str_equal (path, "/dev/stdout"))
    return STDOUT_FILENO;
  if (g_str_equal (path, "/dev/stderr"))
    return STDERR_FILENO;
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (g_str_has_prefix (path, folders[i])
        && g_ascii_string_to_unsigned (path + strlen (folders[i]), 10, 0, G_MAXINT, &number, NULL))
      return (int) number;
  return -1;
}

/* Whether @path leads to what cannot be replaced by a file: a device, a pipe, a socket. */
static gboolean
is_special (const char *path)
{
  GStatBuf st;

  return descriptor_of (path) >= 0 || (g_stat (path, &st) == 0 && !S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode));
}

static void
set_errno_error (GError **error, int code)
{
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (code), g_strerror (code));
}

static gboolean
write_all (int fd, const guint8 *data, gsize n, GError **error)
{
  while (n > 0)
    {
      gssize done = write (fd, data, n);

      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        {
          set_errno_error (error, errno);
          return FALSE;
        }
      data += done;
      n -= (gsize) done;
    }
  return TRUE;
}

/* Writes to what @path leads to, and leaves it what it is. */
static gboolean
write_through (const char *path, const void *data, gsize n, GError **error)
{
  int fd = descriptor_of (path);
  gboolean own = fd < 0, written;

  if (own)
    fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0)
    {
      set_errno_error (error, errno);
      return FALSE;
    }
  written = write_all (fd, data, n, error);
  if (own && close (fd) != 0 && written)
    {
      set_errno_error (error, errno);
      return FALSE;
    }
  return written;
}

gboolean
limn_file_write (const char *path, const void *data, gsize n, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *target = NULL;
  g_autofree char *name = NULL;
  GStatBuf st;
  int mode = 0666; /* less the umask */

  g_return_val_if_fail (path != NULL && n <= G_MAXSSIZE, FALSE);

  if (is_special (path))
    {
      if (write_through (path, data, n, &cause))
        return TRUE;
    }
  else
    {
      target = resolve_links (path);
      if (g_stat (target, &st) == 0)
        mode = st.st_mode & 07777;
      if (g_file_set_contents_full (target, data, (gssize) n,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &cause))
        return TRUE;
    }

  name = g_filename_display_basename (path);
  set_write_error (error, name, target, cause);
  return FALSE;
}

gboolean
limn_gfile_write (GFile *file, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *basename = NULL;
  g_autofree char *name = NULL;
  gsize n;
  const void *data = g_bytes_get_data (bytes, &n);

  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (g_file_peek_path (file) != NULL)
    return limn_file_write (g_file_peek_path (file), data, n, error);

  if (g_file_replace_contents (file, data, n, NULL, FALSE, G_FILE_CREATE_NONE, NULL, cancellable, &cause))
    return TRUE;
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  basename = g_file_get_basename (file);
  name = g_filename_display_name (basename);
  set_write_error (error, name, NULL, cause);
  return FALSE;
}

/* Whether a file can be made in @folder, by doing it: permission bits do not tell of read-only mounts, of /proc, nor of root. The
 * file has no name where the file system knows such files. Returns 0 or an errno. */
static int
try_folder (const char *folder)
{
  g_autofree char *probe = g_build_filename (folder, ".limn-XXXXXX", NULL);
  int fd = g_open (folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0 && errno != EACCES && errno != ENOTDIR)
    {
      fd = g_mkstemp (probe);
      if (fd < 0)
        return errno;
      g_unlink (probe);
    }
  if (fd < 0)
    return errno;
  g_close (fd, NULL);
  return 0;
}

gboolean
limn_gfile_can_write (GFile *file, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *target = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  int code;

  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  if (g_file_peek_path (file) == NULL || is_special (g_file_peek_path (file)))
    return TRUE;
  target = resolve_links (g_file_peek_path (file));
  folder = g_path_get_dirname (target);
  /* The file itself need not be writable: another takes its place. */
  code = g_file_test (target, G_FILE_TEST_IS_DIR) ? EISDIR : try_folder (folder);
  if (code == 0)
    return TRUE;
  cause = g_error_new_literal (G_FILE_ERROR, g_file_error_from_errno (code), g_strerror (code));
  name = g_filename_display_basename (g_file_peek_path (file));
  set_write_error (error, name, target, cause);
  return FALSE;
}
