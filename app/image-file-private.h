/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-image-file.h"

G_BEGIN_DECLS

/* What the bytes of a PNG or JPEG file say about themselves. */
typedef struct
{
  gboolean known;      /* the file is a PNG or JPEG; else nothing of the following is known */
  gboolean complete;   /* its last chunk or end marker is there */
  gboolean is_16_bit;
  gboolean is_grey;
} LimnImageSniff;

/* Walks through the chunks or markers; never reads beyond @n. */
LimnImageSniff limn_image_sniff (const guint8 *data, gsize n);

/* Converts the RGB of @image (3 or 4 channels, this caller's alone) from @icc_profile to sRGB in place. A profile that cannot be
 * used (damaged, of CMYK ink) leaves the pixels as they are. FALSE only when it was cancelled. */
gboolean limn_image_colour_to_srgb (LimnImage *image, GBytes *icc_profile, GCancellable *cancellable, GError **error);

/* A copy of @png with the profile in an iCCP chunk. GdkPixbuf's own writing of profiles fails: it hands libpng the profile before it has
 * said that the picture has colours. */
GBytes *limn_png_add_profile (GBytes *png, GBytes *icc_profile, GError **error);

/* A copy of @jpeg with @text (UTF-8) as its Exif UserComment; @jpeg itself when the text is too long for that (about 32 000
 * characters). */
GBytes *limn_jpeg_add_text (GBytes *jpeg, const char *text);

G_END_DECLS
