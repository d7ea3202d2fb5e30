/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Text in JPEG files. GdkPixbuf writes none, so it is put into the finished file: as the
 * UserComment of an Exif segment, where programs that read the parameters of generated pictures
 * look for it.
 */
#include "config.h"

#include <string.h>

#include "app/image-file-private.h"

/* JPEG: a segment is FF, its marker and a length that counts itself (2 bytes). */
#define MARKER_APP0 0xe0
#define MARKER_APP1 0xe1
#define MAX_SEGMENT 0xffff

/* Exif 2.32: tags and types of TIFF 6.0. */
#define TAG_EXIF_IFD 0x8769
#define TAG_USER_COMMENT 0x9286
#define TYPE_LONG 4
#define TYPE_UNDEFINED 7

/* Offsets from the TIFF header: the first directory (one entry), the Exif directory (one entry),
 * the comment. A directory is its count, its entries of 12 bytes, and the next directory's offset.
 */
#define FIRST_IFD 8
#define IFD_BYTES (2 + 12 + 4)
#define EXIF_IFD (FIRST_IFD + IFD_BYTES)
#define COMMENT (EXIF_IFD + IFD_BYTES)

static void
append_be16 (GByteArray *out, guint16 value)
{
  guint16 big_endian = GUINT16_TO_BE (value);

  g_byte_array_append (out, (const guint8 *)&big_endian, 2);
}

static void
append_be32 (GByteArray *out, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *)&big_endian, 4);
}

static void
append_directory (GByteArray *out, guint16 tag, guint16 type, guint32 count, guint32 value)
{
  append_be16 (out, 1);
  append_be16 (out, tag);
  append_be16 (out, type);
  append_be32 (out, count);
  append_be32 (out, value);
  append_be32 (out, 0);
}

/* The Exif segment; NULL when the text is too long for one. */
static GByteArray *
make_segment (const char *text)
{
  g_autofree gunichar2 *utf16 = NULL;
  GByteArray *out;
  glong n_utf16;
  gsize n_comment, length;

  utf16 = g_utf8_to_utf16 (text, -1, NULL, &n_utf16, NULL);
  if (utf16 == NULL)
    return NULL;
  n_comment = 8 + 2 * (gsize)n_utf16;
  length = 2 + 6 + COMMENT + n_comment;
  if (length > MAX_SEGMENT)
    return NULL;
  out = g_byte_array_new ();
  append_be16 (out, 0xff00 | MARKER_APP1);
  append_be16 (out, (guint16)length);
  g_byte_array_append (out, (const guint8 *)"Exif\0\0MM\0*", 10);
  append_be32 (out, FIRST_IFD);
  append_directory (out, TAG_EXIF_IFD, TYPE_LONG, 1, EXIF_IFD);
  append_directory (out, TAG_USER_COMMENT, TYPE_UNDEFINED, (guint32)n_comment, COMMENT);
  g_byte_array_append (out, (const guint8 *)"UNICODE\0", 8);
  for (glong i = 0; i < n_utf16; i++)
    append_be16 (out, utf16[i]);
  return out;
}

GBytes *
limn_jpeg_add_text (GBytes *jpeg, const char *text)
{
  gsize n, at = 2;
  const guint8 *data = g_bytes_get_data (jpeg, &n);
  g_autoptr (GByteArray) segment = make_segment (text);
  GByteArray *out;

  if (segment == NULL || n < 4 || data[0] != 0xff || data[1] != 0xd8)
    return g_bytes_ref (jpeg);
  /* JFIF's own segment stays the first. */
  if (n >= 6 && data[2] == 0xff && data[3] == MARKER_APP0)
    at = MIN (4 + ((gsize)data[4] << 8 | data[5]), n);
  out = g_byte_array_sized_new ((guint)(n + segment->len));
  g_byte_array_append (out, data, (guint)at);
  g_byte_array_append (out, segment->data, segment->len);
  g_byte_array_append (out, data + at, (guint)(n - at));
  return g_byte_array_free_to_bytes (out);
}
