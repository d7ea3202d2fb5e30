/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include "app/limn-document.h"

G_BEGIN_DECLS

/* A document of noise, the same for the same size. */
LimnDocument *fixture_document (int width, int height, int channels);
/* A patch of noise with holes in it, every third pixel; limn_patch_free(). */
LimnPatch *fixture_patch (int x, int y, int width, int height, guint32 seed);
/* Of the pixels; "none" for NULL (transfer full). */
char *fixture_hash_tiles (LimnTiles *tiles);
/* Image, mask, photo and paint, as one string (transfer full). */
char *fixture_hash_document (LimnDocument *document);

G_END_DECLS
