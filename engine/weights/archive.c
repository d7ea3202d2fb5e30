/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Zip files through libzip. PyTorch stores its members uncompressed, so that a model of gigabytes
 * can be used where it is mapped. libzip does not tell where a member's data lie, but it reads the
 * file through a source of ours, which sees the position of the first read: that is the place.
 */
#include <string.h>

#include <zip.h>

#include "engine/weights/archive.h"

/* Deflate cannot shrink more than this; a member that claims to is an attack. */
#define MAX_DEFLATE_RATIO 1032
/* torch.save deflates nothing. What other programs deflate may unfold to this much in all: weights
 * hardly shrink, and many members may stand for the same deflated bytes. */
#define MAX_INFLATED_PER_FILE_BYTE 16
#define MIN_INFLATED_BYTES (16 * 1024 * 1024)

struct _LimnArchive
{
  /* Borrowed */
  LimnWeights *weights;

  /* Owned */
  GBytes *bytes;
  zip_t *zip;

  guint64 inflate_budget;

  /* The source's state */
  zip_error_t source_error;
  gint64 position;
  gint64 first_read; /* where the first read since it was set to -1 began */
};

static zip_int64_t
source_read (LimnArchive *archive, void *data, zip_uint64_t length)
{
  gsize size;
  const guint8 *file = g_bytes_get_data (archive->bytes, &size);
  guint64 left = size - (guint64)archive->position;
  guint64 n = MIN (length, left);

  if (archive->first_read < 0)
    archive->first_read = archive->position;
  memcpy (data, file + archive->position, n);
  archive->position += (gint64)n;
  return (zip_int64_t)n;
}

static zip_int64_t
source_stat (LimnArchive *archive, void *data)
{
  zip_stat_t *status = data;

  zip_stat_init (status);
  status->valid = ZIP_STAT_SIZE;
  status->size = g_bytes_get_size (archive->bytes);
  return sizeof *status;
}

static zip_int64_t
source_cb (void *user_data, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
  LimnArchive *archive = user_data;
  zip_int64_t position;

  switch (command)
    {
    case ZIP_SOURCE_OPEN:
      archive->position = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return source_read (archive, data, length);
    case ZIP_SOURCE_STAT:
      return source_stat (archive, data);
    case ZIP_SOURCE_SEEK:
      position = zip_source_seek_compute_offset ((zip_uint64_t)archive->position,
                                                 g_bytes_get_size (archive->bytes), data, length,
                                                 &archive->source_error);
      if (position < 0)
        return -1;
      archive->position = position;
      return 0;
    case ZIP_SOURCE_TELL:
      return archive->position;
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data (&archive->source_error, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
      return 0;
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap (
          ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
          ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
      zip_error_set (&archive->source_error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
    }
}

LimnArchive *
_limn_archive_open (LimnWeights *weights, GBytes *bytes, GError **error)
{
  g_autoptr (LimnArchive) archive = g_new0 (LimnArchive, 1);
  zip_source_t *source;
  zip_error_t zip_error;

  archive->weights = weights;
  archive->bytes = g_bytes_ref (bytes);
  archive->inflate_budget
      = MAX ((guint64)g_bytes_get_size (bytes) * MAX_INFLATED_PER_FILE_BYTE, MIN_INFLATED_BYTES);
  zip_error_init (&archive->source_error);
  zip_error_init (&zip_error);
  source = zip_source_function_create (source_cb, archive, &zip_error);
  if (source != NULL)
    archive->zip = zip_open_from_source (source, ZIP_RDONLY, &zip_error);
  if (archive->zip == NULL)
    {
      if (source != NULL)
        zip_source_free (source);
      _limn_weights_fail (weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                          "the zip archive is damaged or cut off: %s",
                          zip_error_strerror (&zip_error));
      zip_error_fini (&zip_error);
      return NULL;
    }
  zip_error_fini (&zip_error);
  return g_steal_pointer (&archive);
}

void
_limn_archive_free (LimnArchive *archive)
{
  if (archive == NULL)
    return;
  if (archive->zip != NULL)
    zip_discard (archive->zip);
  zip_error_fini (&archive->source_error);
  g_clear_pointer (&archive->bytes, g_bytes_unref);
  g_free (archive);
}

char *
_limn_archive_find_root (LimnArchive *archive)
{
  static const char pickle[] = "data.pkl";
  zip_int64_t n_entries = zip_get_num_entries (archive->zip, 0);
  const char *best = NULL;

  for (zip_int64_t i = 0; i < n_entries; i++)
    {
      const char *name = zip_get_name (archive->zip, (zip_uint64_t)i, 0);

      if (name == NULL || !g_str_has_suffix (name, pickle))
        continue;
      if (strlen (name) > strlen (pickle) && name[strlen (name) - strlen (pickle) - 1] != '/')
        continue;
      if (best == NULL || strlen (name) < strlen (best))
        best = name;
    }
  return best != NULL ? g_strndup (best, strlen (best) - strlen (pickle)) : NULL;
}

/* A stored member as a part of the mapped file; NULL when that cannot be. */
static GBytes *
view_stored (LimnArchive *archive, zip_file_t *file, guint64 member_size)
{
  guint8 first;
  gsize size;
  const guint8 *data = g_bytes_get_data (archive->bytes, &size);

  archive->first_read = -1;
  if (zip_fread (file, &first, 1) != 1 || archive->first_read < 0
      || (guint64)archive->first_read > size || member_size > size - (guint64)archive->first_read
      || data[archive->first_read] != first)
    return NULL;
  return g_bytes_new_from_bytes (archive->bytes, (gsize)archive->first_read, member_size);
}

static GBytes *
inflate (LimnArchive *archive, zip_file_t *file, guint64 member_size)
{
  g_autofree guint8 *data = NULL;
  guint64 n = 0;

  if (member_size > archive->inflate_budget)
    return NULL;
  data = g_try_malloc (member_size);
  if (data == NULL)
    return NULL;
  archive->inflate_budget -= member_size;
  while (n < member_size)
    {
      zip_int64_t got = zip_fread (file, data + n, member_size - n);

      if (got <= 0)
        return NULL;
      n += (guint64)got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), member_size);
}

GBytes *
_limn_archive_read (LimnArchive *archive, const char *name, GError **error)
{
  g_autofree char *shown = _limn_weights_quote (name);
  const guint64 needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_INDEX;
  zip_stat_t status;
  zip_file_t *file;
  GBytes *bytes = NULL;

  if (zip_stat (archive->zip, name, 0, &status) < 0 || (status.valid & needed) != needed)
    {
      _limn_weights_fail (archive->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                          "%s is missing from the checkpoint", shown);
      return NULL;
    }
  if (status.size == 0)
    return g_bytes_new (NULL, 0);
  file = zip_fopen_index (archive->zip, status.index, 0);
  if (file != NULL && status.comp_method == ZIP_CM_STORE)
    bytes = view_stored (archive, file, status.size);
  else if (file != NULL && status.size / MAX_DEFLATE_RATIO <= status.comp_size)
    bytes = inflate (archive, file, status.size);
  if (file != NULL)
    zip_fclose (file);
  if (bytes == NULL)
    _limn_weights_fail (archive->weights, error, LIMN_ENGINE_ERROR_BAD_FILE,
                        "%s in the checkpoint is damaged or cut off", shown);
  return bytes;
}
