/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <string.h>

#include "app/image-file-private.h"

/* ISO/IEC 15948: signature (8 bytes), then the IHDR chunk (12 + 13), which iCCP may follow at once. */
#define AFTER_HEADER (8 + 12 + 13)

static void
append_be32 (GByteArray *out, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  g_byte_array_append (out, (guint8 *) &big_endian, 4);
}

/* CRC-32 of ISO 3309, as annex D of the PNG standard has it, without its table: profiles are small. */
static guint32
crc32_of (const guint8 *data, gsize n)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < n; i++)
    {
      crc ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
  return crc ^ 0xffffffff;
}

static GBytes *
compress (GBytes *bytes, GError **error)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (compressor));
  gsize n;
  const void *data = g_bytes_get_data (bytes, &n);

  if (!g_output_stream_write_all (stream, data, n, NULL, NULL, error) || !g_output_stream_close (stream, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

GBytes *
limn_png_add_profile (GBytes *png, GBytes *icc_profile, GError **error)
{
  /* Type, name, its end, and method 0 (zlib). */
  static const guint8 head[] = "iCCPICC profile\0";
  g_autoptr (GBytes) packed = compress (icc_profile, error);
  GByteArray *out;
  gsize n, n_packed;
  const guint8 *data = g_bytes_get_data (png, &n);
  const guint8 *profile;

  g_return_val_if_fail (n > AFTER_HEADER, NULL);

  if (packed == NULL)
    return NULL;
  profile = g_bytes_get_data (packed, &n_packed);
  out = g_byte_array_sized_new (n + n_packed + 12 + sizeof head);
  g_byte_array_append (out, data, AFTER_HEADER);
  append_be32 (out, n_packed + sizeof head - 4);
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, profile, n_packed);
  append_be32 (out, crc32_of (out->data + AFTER_HEADER + 4, n_packed + sizeof head));
  g_byte_array_append (out, data + AFTER_HEADER, n - AFTER_HEADER);
  return g_byte_array_free_to_bytes (out);
}
