/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/weights-testing.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

char *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("limn-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
test_folder_free (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

char *
test_write (const char *folder, const char *name, const void *data, gsize size)
{
  char *path = g_build_filename (folder, name, NULL);
  FILE *file;

  /* Thousands of files are written here. g_file_set_contents() would wait for the disk, and so
   * would some file systems when a file is cut to nothing and written anew. */
  g_remove (path);
  file = fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

char *
test_fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, name, NULL);
}

char *
test_read_fixture (const char *name, gsize *size)
{
  g_autofree char *path = test_fixture (name);
  g_autoptr (GError) error = NULL;
  char *contents;

  g_file_get_contents (path, &contents, size, &error);
  g_assert_no_error (error);
  return contents;
}

void
test_safetensors_init (TestSafetensors *self)
{
  self->header = g_string_new ("{");
  self->data = g_byte_array_new ();
}

void
test_safetensors_add (TestSafetensors *self,
                      const char *name,
                      const char *dtype,
                      const char *shape,
                      const void *data,
                      gsize size)
{
  if (self->header->len > 1)
    g_string_append (self->header, ", ");
  g_string_append_printf (
      self->header, "\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%u, %u]}",
      name, dtype, shape, self->data->len, self->data->len + (guint)size);
  g_byte_array_append (self->data, data, (guint)size);
}

char *
test_safetensors_write (TestSafetensors *self, const char *folder, const char *name)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint64 length;

  g_string_append_c (self->header, '}');
  length = GUINT64_TO_LE ((guint64)self->header->len);
  g_byte_array_append (file, (const guint8 *)&length, sizeof length);
  g_byte_array_append (file, (const guint8 *)self->header->str, (guint)self->header->len);
  g_byte_array_append (file, self->data->data, self->data->len);
  g_string_free (self->header, TRUE);
  g_byte_array_unref (self->data);
  return test_write (folder, name, file->data, file->len);
}
