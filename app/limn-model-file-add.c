/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Adding a model to the person's folder: all of it or nothing.
 */
#define G_LOG_DOMAIN "limn-library"
/* renameat2() */
#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/limn-model-file-private.h"

/* Hidden folders in which models are made; each is locked by who makes it. */
#define PREFIX ".adding-"
/* Copied at a time: between two, cancelling is noticed. */
#define CHUNK (4 * 1024 * 1024)
/* Written to the disk after so many bytes, so that progress is the disk's and cancelling does not wait for it. */
#define SYNC_BYTES (64 * 1024 * 1024)
#define MAX_NAMES 1000

typedef struct
{
  const LimnModelFile *file;
  LimnAddProgress progress;
  gpointer user_data;
  GCancellable *cancellable;
  guint8 *buffer;
  guint64 done;
  guint64 unsynced;
  gboolean room_checked;
} Adding;

/* @name: the file's; @code: of errno. */
static gboolean
fail (GError **error, const char *name, int code)
{
  g_autofree char *shown = g_filename_display_name (name);

  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("There is no room on the disk for “%s”."), shown);
  else
    /* Translators: a file's name, then the system's reason */
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _("“%s” could not be added: %s"), shown,
                 g_strerror (code));
  return FALSE;
}

/* ---- Folders ----------------------------------------------------------------------------------------------------------- */

/* Removes a folder that this program made; links are removed, not followed. */
static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (!g_file_test (child, G_FILE_TEST_IS_SYMLINK) && g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

/* The descriptor of folder @path, locked, or -1 when somebody else has it. The lock goes with the process. */
static int
lock_folder (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

/* What programs left behind that were killed while they added. */
static void
remove_leftovers (const char *own)
{
  g_autoptr (GDir) dir = g_dir_open (own, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (own, name, NULL);
      int fd = g_str_has_prefix (name, PREFIX) ? lock_folder (path) : -1;

      if (fd < 0)
        continue;
      remove_folder (path);
      close (fd);
    }
}

static gboolean
sync_folder (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  /* A file system that cannot do that has nothing to be waited for. */
  gboolean done = fd >= 0 && (fsync (fd) == 0 || errno == EINVAL);
  int code = errno;

  if (fd >= 0)
    close (fd);
  return done || fail (error, path, code);
}

/* ---- Files ------------------------------------------------------------------------------------------------------------- */

/* Whether all that is left to copy has room; a file system that does not say is believed. */
static gboolean
check_room (Adding *adding, const char *folder, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GFileInfo) info
      = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, adding->cancellable, NULL);
  guint64 needed = adding->file->bytes - MIN (adding->done, adding->file->bytes), free;
  g_autofree char *needed_text = NULL;
  g_autofree char *free_text = NULL;

  if (adding->room_checked || info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    return TRUE;
  adding->room_checked = TRUE;
  free = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  if (free >= needed)
    return TRUE;
  needed_text = g_format_size (needed);
  free_text = g_format_size (free);
  /* Translators: a file's name, then two sizes like "4.3 GB" */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _("There is no room on the disk for “%s”: it needs %s, and %s are free."), adding->file->name, needed_text,
               free_text);
  return FALSE;
}

static gboolean
write_all (Adding *adding, int to, const guint8 *data, gsize n, const char *name, GError **error)
{
  while (n > 0)
    {
      gssize written = write (to, data, n);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return fail (error, name, errno);
      data += written;
      n -= (gsize) written;
      adding->done += (guint64) written;
      adding->unsynced += (guint64) written;
    }
  return TRUE;
}

static gboolean
copy_bytes (Adding *adding, int from, int to, const char *name, GError **error)
{
  gssize n;

  while ((n = read (from, adding->buffer, CHUNK)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (error, name, errno);
      if (g_cancellable_set_error_if_cancelled (adding->cancellable, error)
          || !write_all (adding, to, adding->buffer, (gsize) n, name, error))
        return FALSE;
      if (adding->unsynced >= SYNC_BYTES)
        {
          adding->unsynced = 0;
          if (fdatasync (to) != 0)
            return fail (error, name, errno);
        }
      if (adding->progress != NULL)
        adding->progress (MIN (adding->done, adding->file->bytes), adding->file->bytes, adding->user_data);
    }
  return TRUE;
}

/* Where the file system can share the bytes of two files, a copy takes neither time nor room. */
static gboolean
copy_open_file (Adding *adding, int from, int to, const LimnModelPart *part, const char *folder, GError **error)
{
  if (ioctl (to, FICLONE, from) == 0)
    adding->done += part->bytes;
  else if (!check_room (adding, folder, error) || !copy_bytes (adding, from, to, part->from, error))
    return FALSE;
  return fsync (to) == 0 || fail (error, part->from, errno);
}

static gboolean
copy_part (Adding *adding, const LimnModelPart *part, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int from = g_open (part->from, O_RDONLY | O_CLOEXEC, 0), to;
  gboolean done;

  if (from < 0)
    return fail (error, part->from, errno);
  to = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (to < 0)
    {
      fail (error, part->from, errno);
      close (from);
      return FALSE;
    }
  done = copy_open_file (adding, from, to, part, folder, error);
  close (from);
  if (close (to) != 0 && done)
    return fail (error, part->from, errno);
  return done;
}

static gboolean
add_part (Adding *adding, const LimnModelPart *part, LimnAddHow how, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, part->to, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_cancellable_set_error_if_cancelled (adding->cancellable, error))
    return FALSE;
  if (g_mkdir_with_parents (parent, 0755) != 0)
    return fail (error, part->from, errno);
  if (how == LIMN_ADD_COPY)
    return copy_part (adding, part, path, error) && sync_folder (parent, error);
  return symlink (part->from, path) == 0 || fail (error, part->from, errno);
}

/* ---- All of it --------------------------------------------------------------------------------------------------------- */

/* Moves @made to NAME in @own, or to a name with a number (transfer full). Nothing that is there is replaced. */
static char *
give_name (const LimnModelFile *file, const char *made, const char *own, gboolean is_folder, GError **error)
{
  g_autofree char *suffix = g_strdup (is_folder ? "" : file->name + strlen (file->id));

  for (int i = 1; i <= MAX_NAMES; i++)
    {
      g_autofree char *name
          = i == 1 ? g_strconcat (file->id, suffix, NULL) : g_strdup_printf ("%s-%d%s", file->id, i, suffix);
      g_autofree char *path = g_build_filename (own, name, NULL);

      if (renameat2 (AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return g_steal_pointer (&path);
      if (errno == EINVAL || errno == ENOSYS)
        {
          /* A file system that cannot do it in one go. */
          if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)
              && g_rename (made, path) == 0)
            return g_steal_pointer (&path);
        }
      else if (errno != EEXIST)
        break;
    }
  fail (error, file->name, errno);
  return NULL;
}

/* Makes the model in @folder and gives it its name (transfer full). */
static char *
make (Adding *adding, LimnAddHow how, const char *folder, const char *own, GError **error)
{
  const LimnModelFile *file = adding->file;
  g_autofree char *inner = g_build_filename (folder, file->name, NULL);
  /* A folder that is linked is linked as one. */
  gboolean whole = how == LIMN_ADD_LINK && g_file_test (file->path, G_FILE_TEST_IS_DIR);
  gboolean is_folder = file->is_folder && !whole;

  if (whole && symlink (file->path, inner) != 0)
    {
      fail (error, file->name, errno);
      return NULL;
    }
  if (is_folder && g_mkdir (inner, 0755) != 0)
    {
      fail (error, file->name, errno);
      return NULL;
    }
  for (guint i = 0; i < file->parts->len && !whole; i++)
    if (!add_part (adding, &g_array_index (file->parts, LimnModelPart, i), how, is_folder ? inner : folder, error))
      return NULL;
  if (!sync_folder (is_folder ? inner : folder, error))
    return NULL;
  return give_name (file, inner, own, file->is_folder, error);
}

char *
limn_model_file_add (const LimnModelFile *self, LimnAddHow how, LimnAddProgress progress, gpointer user_data,
                     GCancellable *cancellable, GError **error)
{
  Adding adding = { .file = self, .progress = progress, .user_data = user_data, .cancellable = cancellable };
  g_autofree char *own = limn_library_dup_folder ();
  g_autofree char *folder = g_build_filename (own, PREFIX "XXXXXX", NULL);
  char *added;
  int lock;

  g_return_val_if_fail (self != NULL && self->entry != NULL, NULL);

  if (g_mkdir_with_parents (own, 0700) != 0)
    {
      fail (error, self->name, errno);
      return NULL;
    }
  remove_leftovers (own);
  if (g_mkdtemp (folder) == NULL)
    {
      fail (error, self->name, errno);
      return NULL;
    }
  lock = lock_folder (folder);
  adding.buffer = g_malloc (CHUNK);
  added = make (&adding, how, folder, own, error);
  g_free (adding.buffer);
  remove_folder (folder);
  if (lock >= 0)
    close (lock);
  if (added != NULL)
    sync_folder (own, NULL);
  return added;
}
