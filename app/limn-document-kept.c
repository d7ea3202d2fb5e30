/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What is drawn for models, beside the pixels of a saved PNG: boxes as the JSON that the history
 * has, and the map of labels as its size and its bytes, deflated, in base64. Files are hostile:
 * what makes no sense is left out, and the picture opens without it.
 */
#define G_LOG_DOMAIN "limn-document"

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "app/limn-document-private.h"
#include "app/limn-labels.h"

#define BOXES_KEY "limn-boxes"
#define LABELS_KEY "limn-labels"

/* All of @n bytes through @converter into at most @most (transfer full); NULL when they are no such
 * stream or come to more. */
static GByteArray *
convert (GConverter *converter, const guint8 *data, gsize n, gsize most)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;

  while (result != G_CONVERTER_FINISHED)
    {
      guint8 buffer[16384];
      gsize n_read = 0, n_written = 0;

      result = g_converter_convert (converter, data, n, buffer, sizeof buffer,
                                    G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
      if (result == G_CONVERTER_ERROR || n_written > most - out->len
          || (n_read == 0 && n_written == 0 && result != G_CONVERTER_FINISHED))
        return NULL;
      g_byte_array_append (out, buffer, (guint)n_written);
      data += n_read;
      n -= n_read;
    }
  return g_steal_pointer (&out);
}

/* "1024x768 eJzt..." (transfer full); NULL when there is no memory. */
static char *
labels_to_text (LimnTiles *labels)
{
  g_autoptr (LimnImage) image = limn_tiles_to_image (labels, NULL);
  g_autoptr (GConverter) deflate
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1));
  g_autoptr (GByteArray) bytes = g_byte_array_new (), packed = NULL;
  g_autofree char *base64 = NULL;

  if (image == NULL)
    return NULL;
  for (int y = 0; y < image->height; y++)
    g_byte_array_append (bytes, limn_image_row (image, y), (guint)image->width);
  packed = convert (deflate, bytes->data, bytes->len, G_MAXINT);
  if (packed == NULL)
    return NULL;
  base64 = g_base64_encode (packed->data, packed->len);
  return g_strdup_printf ("%dx%d %s", image->width, image->height, base64);
}

static gboolean
read_side (const char **text, char end, int *side)
{
  guint64 value;
  char *after;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  value = g_ascii_strtoull (*text, &after, 10);
  if (*after != end || value < 1 || value > LIMN_LABELS_SIDE)
    return FALSE;
  *text = after + 1;
  *side = (int)value;
  return TRUE;
}

static LimnTiles *
labels_from_text (const char *text)
{
  g_autoptr (GConverter) inflate
      = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (LimnImage) image = NULL;
  g_autofree guint8 *packed = NULL;
  int width, height;
  gsize n;

  if (!read_side (&text, 'x', &width) || !read_side (&text, ' ', &height) || *text == '\0')
    return NULL;
  packed = g_base64_decode (text, &n);
  bytes = convert (inflate, packed, n, (gsize)width * height);
  image = bytes != NULL && bytes->len == (guint)(width * height)
              ? limn_image_new (width, height, 1, NULL)
              : NULL;
  if (image == NULL)
    return NULL;
  for (int y = 0; y < height; y++)
    memcpy (limn_image_row (image, y), bytes->data + (gsize)y * width, (gsize)width);
  return limn_tiles_new_from_image (image);
}

GHashTable *
_limn_document_keep_drawn (GHashTable *text, LimnBoxes *boxes, LimnTiles *labels)
{
  GHashTable *kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *map = labels != NULL ? labels_to_text (labels) : NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (text != NULL)
    {
      g_hash_table_iter_init (&iter, text);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (kept, g_strdup (key), g_strdup (value));
    }
  if (limn_boxes_get_count (boxes) > 0)
    g_hash_table_insert (kept, g_strdup (BOXES_KEY), limn_boxes_to_json (boxes));
  if (map != NULL)
    g_hash_table_insert (kept, g_strdup (LABELS_KEY), g_steal_pointer (&map));
  return kept;
}

void
_limn_document_take_drawn (GHashTable *text, LimnBoxes **boxes, LimnTiles **labels)
{
  const char *json = text != NULL ? g_hash_table_lookup (text, BOXES_KEY) : NULL;
  const char *map = text != NULL ? g_hash_table_lookup (text, LABELS_KEY) : NULL;

  *boxes = json != NULL ? limn_boxes_parse (BOXES_KEY, json, strlen (json), NULL) : NULL;
  if (limn_boxes_get_count (*boxes) == 0)
    g_clear_pointer (boxes, limn_boxes_unref);
  *labels = map != NULL ? labels_from_text (map) : NULL;
  /* They are layers from now on, and written anew from those. */
  if (text != NULL)
    {
      g_hash_table_remove (text, BOXES_KEY);
      g_hash_table_remove (text, LABELS_KEY);
    }
}
