/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "config.h"

#include <lcms2.h>

#include "app/image-file-private.h"

/* Everything of lcms hangs off a context of its own: no global error handler. */
typedef struct
{
  cmsContext context;
  cmsHPROFILE source, srgb;
  cmsHTRANSFORM transform;
  gboolean from_grey; /* the profile is of one channel; the pixels have three equal ones */
} Conversion;

static void
conversion_clear (Conversion *c)
{
  if (c->transform != NULL)
    cmsDeleteTransform (c->transform);
  if (c->source != NULL)
    cmsCloseProfile (c->source);
  if (c->srgb != NULL)
    cmsCloseProfile (c->srgb);
  if (c->context != NULL)
    cmsDeleteContext (c->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Conversion, conversion_clear)

static void
ignore_error (cmsContext context, cmsUInt32Number code, const char *text)
{
}

/* FALSE when the profile cannot be used for RGB pixels. */
static gboolean
conversion_init (Conversion *c, GBytes *icc_profile)
{
  gsize n;
  const void *data = g_bytes_get_data (icc_profile, &n);
  cmsColorSpaceSignature space;

  if (n == 0 || n > G_MAXUINT32)
    return FALSE;
  c->context = cmsCreateContext (NULL, NULL);
  if (c->context == NULL)
    return FALSE;
  cmsSetLogErrorHandlerTHR (c->context, ignore_error);
  c->source = cmsOpenProfileFromMemTHR (c->context, data, (cmsUInt32Number) n);
  c->srgb = cmsCreate_sRGBProfileTHR (c->context);
  if (c->source == NULL || c->srgb == NULL)
    return FALSE;

  space = cmsGetColorSpace (c->source);
  if (space != cmsSigRgbData && space != cmsSigGrayData)
    return FALSE;
  c->from_grey = space == cmsSigGrayData;
  c->transform = cmsCreateTransformTHR (c->context, c->source, c->from_grey ? TYPE_GRAY_8 : TYPE_RGB_8, c->srgb, TYPE_RGB_8,
                                        INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_BLACKPOINTCOMPENSATION);
  return c->transform != NULL;
}

/* Whether the profile is sRGB under one of its many names: then the pixels must stay as they are to the bit, and converting would
 * move some by one. */
static gboolean
conversion_is_identity (const Conversion *c)
{
  enum { STEPS = 9 };

  if (c->from_grey)
    return FALSE;
  for (int i = 0; i < STEPS * STEPS * STEPS; i++)
    {
      guint8 in[3] = { i % STEPS * 255 / (STEPS - 1), i / STEPS % STEPS * 255 / (STEPS - 1),
                       i / (STEPS * STEPS) * 255 / (STEPS - 1) };
      guint8 out[3];

      cmsDoTransform (c->transform, in, out, 1);
      for (int k = 0; k < 3; k++)
        if (ABS (in[k] - out[k]) > 2)
          return FALSE;
    }
  return TRUE;
}

static void
convert_row (const Conversion *c, guint8 *row, int width, int channels, guint8 *packed)
{
  int in_channels = c->from_grey ? 1 : 3;

  for (int x = 0; x < width; x++)
    for (int k = 0; k < in_channels; k++)
      packed[x * in_channels + k] = row[x * channels + k];
  cmsDoTransform (c->transform, packed, packed + (gsize) width * 3, width);
  for (int x = 0; x < width; x++)
    for (int k = 0; k < 3; k++)
      row[x * channels + k] = packed[(gsize) width * 3 + x * 3 + k];
}

gboolean
limn_image_colour_to_srgb (LimnImage *image, GBytes *icc_profile, GCancellable *cancellable, GError **error)
{
  g_auto (Conversion) conversion = { 0 };
  g_autofree guint8 *packed = NULL;

  g_return_val_if_fail (image != NULL && image->channels >= 3, FALSE);

  if (!conversion_init (&conversion, icc_profile) || conversion_is_identity (&conversion))
    return TRUE;

  packed = g_malloc ((gsize) image->width * 6);
  for (int y = 0; y < image->height; y++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      convert_row (&conversion, limn_image_row (image, y), image->width, image->channels, packed);
    }
  return TRUE;
}
