/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <string.h>

#include "app/image-file-private.h"

/* GdkPixbuf's loaders hand out what they have when a file ends early, and do not tell grey from colour or 16 bits from 8. These
 * two formats, which nearly all photos have, are therefore walked through here. PNG: ISO/IEC 15948, 5.3; JPEG: ITU-T T.81, annex B. */

static guint32
be32 (const guint8 *p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

static void
sniff_png (const guint8 *data, gsize n, LimnImageSniff *sniff)
{
  gsize at = 8;

  /* A chunk: length, type, data, checksum. */
  while (n - at >= 12)
    {
      gsize length = be32 (data + at);
      const guint8 *type = data + at + 4;

      if (length > n - at - 12)
        return;
      if (memcmp (type, "IHDR", 4) == 0 && length >= 13)
        {
          sniff->is_16_bit = data[at + 8 + 8] == 16;
          sniff->is_grey = data[at + 8 + 9] == 0 || data[at + 8 + 9] == 4;
        }
      if (memcmp (type, "IEND", 4) == 0)
        {
          sniff->complete = TRUE;
          return;
        }
      at += 12 + length;
    }
}

/* Offset of the next marker in the entropy-coded data from @at on; @n when there is none. */
static gsize
skip_scan (const guint8 *data, gsize n, gsize at)
{
  while (at + 1 < n)
    {
      const guint8 *ff = memchr (data + at, 0xff, n - at - 1);

      if (ff == NULL)
        return n;
      at = ff - data;
      /* Stuffed zeros, restart markers and fill bytes belong to the data. */
      if (data[at + 1] != 0 && data[at + 1] != 0xff && !(data[at + 1] >= 0xd0 && data[at + 1] <= 0xd7))
        return at;
      at += data[at + 1] == 0xff ? 1 : 2;
    }
  return n;
}

static void
sniff_jpeg (const guint8 *data, gsize n, LimnImageSniff *sniff)
{
  gsize at = 2;

  while (at + 1 < n)
    {
      guint8 marker = data[at + 1];
      gsize length;

      if (data[at] != 0xff)
        return;
      if (marker == 0xff)
        {
          at++;
          continue;
        }
      if (marker == 0xd9)
        {
          sniff->complete = TRUE;
          return;
        }
      if (n - at < 4)
        return;
      length = data[at + 2] << 8 | data[at + 3];
      if (length < 2 || length > n - at - 2)
        return;
      /* Start of frame (C4, C8 and CC are something else): its sixth byte counts the components. */
      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc && length >= 8)
        {
          sniff->is_grey = data[at + 9] == 1;
          sniff->is_16_bit = data[at + 4] > 8;
        }
      at += 2 + length;
      if (marker == 0xda)
        at = skip_scan (data, n, at);
    }
}

LimnImageSniff
limn_image_sniff (const guint8 *data, gsize n)
{
  LimnImageSniff sniff = { 0 };

  if (n >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    {
      sniff.known = TRUE;
      sniff_png (data, n, &sniff);
    }
  else if (n >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    {
      sniff.known = TRUE;
      sniff_jpeg (data, n, &sniff);
    }
  return sniff;
}
