/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gio/gio.h>

#include "engine/task/image.h"

G_BEGIN_DECLS

/* What came with a picture besides its pixels. */
typedef struct
{
  GBytes *icc_profile;        /* nullable: the embedded colour profile; the pixels have been converted from it to sRGB */
  GHashTable *text;           /* (nullable) (element-type utf8 utf8): PNG tEXt/iTXt, "parameters" and the like */
  guint was_16_bit : 1;
  guint was_grey : 1;
  guint had_alpha : 1;
} LimnImageMeta;

LimnImageMeta *limn_image_meta_new (void);
void limn_image_meta_free (LimnImageMeta *meta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnImageMeta, limn_image_meta_free)

/* Reads any format that GdkPixbuf's loaders know: upright (EXIF orientation applied), sRGB, 3 or 4 channels. Greyscale, CMYK
 * and 16-bit files are converted. Blocking; call it in a worker. Errors name the file and the reason in a sentence. */
LimnImage *limn_image_file_read (GFile *file, LimnImageMeta **meta, GCancellable *cancellable, GError **error);
LimnImage *limn_image_file_read_bytes (GBytes *bytes, const char *name, LimnImageMeta **meta, GCancellable *cancellable,
                                       GError **error);
/* Reads a mask: grey value, or alpha if the file has nothing but alpha; 1 channel, 255 = repaint. */
LimnImage *limn_mask_file_read (GFile *file, GCancellable *cancellable, GError **error);
/* The same of a picture that is there: 3 or 4 channels. */
LimnImage *limn_mask_from_image (LimnImage *image, GError **error);
/* Whether @image (3 or 4 channels) looks like a mask and not like a photo: grey, and nearly all of it black or white, some of
 * each. */
gboolean limn_mask_is_likely (const LimnImage *image);

/* Writes PNG (lossless, @text as tEXt/iTXt), JPEG (@quality 1-100; of @text the value of "parameters", as Exif UserComment,
 * unless it is too long for that), by the file's suffix; atomically: temporary file beside
 * it, fsync, rename. A full disk or read-only folder leaves what was there before. @text: (nullable) keys and values. */
gboolean limn_image_file_write (const LimnImage *image, GFile *file, int quality, GHashTable *text, GBytes *icc_profile,
                                GCancellable *cancellable, GError **error);
/* Whether limn_image_file_write() may work, as far as the name and the folder tell: for asking before long work. */
gboolean limn_image_file_can_write (GFile *file, GError **error);
/* Masks (1 channel) are written as grey RGB. @text: keys of 1-79 ASCII characters, others are left out. */
GBytes *limn_image_file_encode_png (const LimnImage *image, GHashTable *text, GCancellable *cancellable, GError **error);

G_END_DECLS
