/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/app/document-fixtures.h"

#include "app/limn-document-private.h"
#include "tests/app/fixtures.h"

LimnDocument *
fixture_document (int width, int height, int channels)
{
  g_autoptr (LimnImage) image = fixture_noise (width, height, channels, 11);

  return limn_document_new (limn_tiles_new_from_image (image), NULL, NULL);
}

LimnPatch *
fixture_patch (int x, int y, int width, int height, guint32 seed)
{
  LimnPatch *patch = g_new0 (LimnPatch, 1);

  patch->rect = (LimnRect){ x, y, width, height };
  patch->pixels = fixture_noise (width, height, 3, seed);
  patch->alpha = fixture_noise (width, height, 1, seed + 1);
  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++)
      if ((row + column) % 3 == 0)
        limn_image_row (patch->alpha, row)[column] = 0;
  return patch;
}

char *
fixture_hash_tiles (LimnTiles *tiles)
{
  g_autoptr (LimnImage) image = NULL;

  if (tiles == NULL)
    return g_strdup ("none");
  image = limn_tiles_to_image (tiles, NULL);
  return limn_image_hash (image);
}

char *
fixture_hash_document (LimnDocument *document)
{
  g_autofree char *image = fixture_hash_tiles (document->now.image);
  g_autofree char *mask = fixture_hash_tiles (document->now.mask);
  g_autofree char *photo = fixture_hash_tiles (document->now.photo);
  g_autofree char *paint = fixture_hash_tiles (document->now.paint);

  return g_strconcat (image, mask, photo, paint, NULL);
}
