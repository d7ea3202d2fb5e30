/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <gtk/gtk.h>

#include "app/limn-image-file.h"
#include "ui/limn-mips.h"

G_BEGIN_DECLS

/* The pixels of @image, copied, as a texture. */
GdkTexture *limn_texture_from_image (const LimnImage *image);
/* What @texture shows, straight alpha: 3 channels when it is opaque, else 4. */
LimnImage *limn_image_from_texture (GdkTexture *texture, GError **error);

/* Largest side of a preview's texture. */
#define LIMN_PREVIEW_SIDE 384
/**
 * limn_preview_compose:
 * @preview: small picture of what is being made of @rect
 * @rect: in the picture, may hang over its edges
 * @mask: what will change
 *
 * The preview, smoothly enlarged and cut out by the mask, so that what will stay is seen unchanged.
 */
GdkTexture *limn_preview_compose (const LimnImage *preview, const LimnRect *rect, LimnMips *mask);

G_END_DECLS
