/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as the names, types and shapes of a model's tensors, one a line: "NAME F16 320 4 3 3".
 * They become a safetensors file whose data are a hole that takes no memory, which is then opened
 * as a model: names translated, kind told, every network bound.
 */
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define MAX_EXTENT 65536
#define MAX_DIMS 5
#define MAX_BYTES (G_GUINT64_CONSTANT (1) << 32)

static const struct
{
  const char *name;
  guint64 bytes;
} types[] = {
  { "F16", 2 }, { "F32", 4 }, { "BF16", 2 }, { "F64", 8 }, { "I64", 8 }, { "U8", 1 },
};

typedef struct
{
  GString *header;
  GHashTable *names; /* those that are there */
  guint64 end;       /* of the data so far */
} File;

/* Number of bytes of an element, 0 for no type. */
static guint64
type_bytes (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, name) == 0)
      return types[i].bytes;
  return 0;
}

/* A name that stands for itself in JSON, and once. */
static gboolean
take_name (File *file, const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || *p == '"' || *p == '\\')
      return FALSE;
  return name[0] != '\0' && g_hash_table_add (file->names, g_strdup (name));
}

/* Passes over lines that are no tensors. */
static void
add_line (File *file, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", MAX_DIMS + 3);
  guint n = g_strv_length (words);
  guint64 bytes = n >= 2 ? type_bytes (words[1]) : 0;
  g_autoptr (GString) shape = g_string_new (NULL);

  if (bytes == 0 || n > MAX_DIMS + 2)
    return;
  for (guint i = 2; i < n; i++)
    {
      guint64 extent = MIN (g_ascii_strtoull (words[i], NULL, 10), MAX_EXTENT);

      if (extent > 0 && bytes > MAX_BYTES / extent)
        return;
      bytes *= extent;
      g_string_append_printf (shape, "%s%" G_GUINT64_FORMAT, i > 2 ? "," : "", extent);
    }
  if (bytes > MAX_BYTES - file->end || !take_name (file, words[0]))
    return;
  g_string_append_printf (
      file->header,
      "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%" G_GUINT64_FORMAT
      ",%" G_GUINT64_FORMAT "]}",
      file->end > 0 || g_hash_table_size (file->names) > 1 ? "," : "", words[0], words[1],
      shape->str, file->end, file->end + bytes);
  file->end += bytes;
}

static void
open_file (const File *file)
{
  guint64 length = GUINT64_TO_LE ((guint64)file->header->len);
  g_autofree char *path = NULL;
  int fd;

  path = fuzz_file ((const guint8 *)&length, sizeof length, &fd);
  g_assert_cmpint (write (fd, file->header->str, file->header->len), ==, (gssize)file->header->len);
  g_assert_cmpint (ftruncate (fd, (off_t)(sizeof length + file->header->len + file->end)), ==, 0);
  fuzz_model (path);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) header = g_string_new ("{");
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  File file = { .header = header, .names = names };

  for (char **line = lines; *line != NULL; line++)
    add_line (&file, *line);
  g_string_append_c (header, '}');
  open_file (&file);
  return 0;
}
