/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "engine/tensor/run.h"

G_BEGIN_DECLS

/* Half-open rectangle in pixels: x .. x + width - 1. */
typedef struct
{
  int x, y, width, height;
} LimnRect;

gboolean limn_rect_intersect (const LimnRect *a, const LimnRect *b, LimnRect *out);
void limn_rect_union (const LimnRect *a, const LimnRect *b, LimnRect *out);
static inline gboolean
limn_rect_is_empty (const LimnRect *r)
{
  return r->width <= 0 || r->height <= 0;
}

/**
 * LimnImage:
 *
 * 8-bit pixels, row-major, sRGB, straight alpha: 1 channel (grey or mask, 255 = repaint), 3 (RGB)
 * or 4 (RGBA). Reference counted. Who holds the only reference may write; everybody else treats it
 * as immutable, so that a job can read an image while the person goes on painting on a copy.
 */
typedef struct
{
  int width, height;
  int channels; /* 1, 3 or 4 */
  gsize stride; /* bytes from row to row, >= width * channels */
  guint8 *pixels;

  /*< private >*/
  gatomicrefcount ref_count;
} LimnImage;

/* Largest side and largest number of pixels that Limn handles. */
#define LIMN_IMAGE_MAX_SIDE 65535
#define LIMN_IMAGE_MAX_PIXELS (256 * 1024 * 1024LL)

/* Zero-filled; NULL and an error when the size is out of range or there is no memory. */
LimnImage *limn_image_new (int width, int height, int channels, GError **error);
LimnImage *limn_image_ref (LimnImage *image);
void limn_image_unref (LimnImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LimnImage, limn_image_unref)

/* Deep copies; NULL and an error when there is no memory. */
LimnImage *limn_image_copy (const LimnImage *image, GError **error);
LimnImage *limn_image_crop (const LimnImage *image, const LimnRect *rect, GError **error);
/* 1, 3 or 4 channels; grey from RGB by Rec. 709 luma, alpha dropped over white or set to 255. */
LimnImage *limn_image_convert (const LimnImage *image, int channels, GError **error);
static inline guint8 *
limn_image_row (const LimnImage *image, int y)
{
  return image->pixels + (gsize)y * image->stride;
}
/* Hex SHA-256 over size, channels and pixels (transfer full). */
char *limn_image_hash (const LimnImage *image);
/* Bounding box of the pixels above 0 of a 1-channel image; FALSE when there are none. */
gboolean limn_mask_bounds (const LimnImage *mask, LimnRect *bounds);
/* About how wide strokes of a 1-channel image are: twice the area of the pixels above 0 within
 * @bounds by the length of its edges. Half the side of a square, as wide as a long line. @bounds:
 * of limn_mask_bounds(). */
float limn_mask_thickness (const LimnImage *mask, const LimnRect *bounds);

/* RGB of @rect (may hang over the edge: edge pixels repeat) -> [1, h, w, 3] float32 in [-1, 1]. */
LimnTensor limn_image_to_tensor (LimnRun *run, const LimnImage *image, const LimnRect *rect);
/* [1, h, w, 3] in [-1, 1] -> new 3-channel image, rounded to nearest. */
LimnImage *limn_image_from_tensor (const LimnTensor *x, GError **error);

G_END_DECLS
