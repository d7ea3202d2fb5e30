/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-image-file"

#include "config.h"

#include <string.h>

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>

#include "app/file-write.h"
#include "app/image-file-private.h"

/* zlib level: above it PNGs of photos get 1 % smaller and take twice as long. */
#define PNG_COMPRESSION "4"

/* Names and values for gdk_pixbuf_save_to_bufferv(). */
typedef struct
{
  GPtrArray *keys, *values;
} Options;

static void
options_init (Options *o)
{
  o->keys = g_ptr_array_new_with_free_func (g_free);
  o->values = g_ptr_array_new_with_free_func (g_free);
}

static void
options_clear (Options *o)
{
  g_ptr_array_unref (o->keys);
  g_ptr_array_unref (o->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
options_add (Options *o, char *key, char *value)
{
  g_ptr_array_add (o->keys, key);
  g_ptr_array_add (o->values, value);
}

/* PNG keywords have 1 to 79 characters; GdkPixbuf takes ASCII. */
static gboolean
is_png_keyword (const char *key)
{
  gsize n = strlen (key);

  return n >= 1 && n <= 79 && g_str_is_ascii (key);
}

static void
options_add_text (Options *o, GHashTable *text)
{
  GHashTableIter iter;
  gpointer key, value;

  if (text == NULL)
    return;
  g_hash_table_iter_init (&iter, text);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (is_png_keyword (key) && g_utf8_validate (value, -1, NULL))
      options_add (o, g_strconcat ("tEXt::", key, NULL), g_strdup (value));
}

static void
options_add_profile (Options *o, GBytes *icc_profile)
{
  gsize n;
  const guint8 *data;

  if (icc_profile == NULL)
    return;
  data = g_bytes_get_data (icc_profile, &n);
  options_add (o, g_strdup ("icc-profile"), g_base64_encode (data, n));
}

/* GdkPixbuf knows 3 and 4 channels; JPEG has no alpha, which is laid on white. */
static GdkPixbuf *
pixbuf_from_image (const LimnImage *image, gboolean drop_alpha, GError **error)
{
  g_autoptr (LimnImage) shown = NULL;
  GdkPixbuf *pixbuf;

  if (image->channels == 1 || (drop_alpha && image->channels == 4))
    shown = limn_image_convert (image, 3, error);
  else
    shown = limn_image_ref ((LimnImage *) image);
  if (shown == NULL)
    return NULL;
  if (shown->stride > G_MAXINT)
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_ARGUMENT, _("The picture is too wide"));
      return NULL;
    }
  pixbuf = gdk_pixbuf_new_from_data (shown->pixels, GDK_COLORSPACE_RGB, shown->channels == 4, 8, shown->width, shown->height,
                                     (int) shown->stride, NULL, NULL);
  /* The pixels live as long as the pixbuf does. */
  g_object_set_data_full (G_OBJECT (pixbuf), "limn-image", g_steal_pointer (&shown), (GDestroyNotify) limn_image_unref);
  return pixbuf;
}

/* Where the encoder's output goes. */
typedef struct
{
  GByteArray *bytes;
  GCancellable *cancellable; /* nullable */
} Output;

static gboolean
append_output_cb (const char *buffer, gsize n, GError **error, gpointer user_data)
{
  Output *output = user_data;

  if (g_cancellable_set_error_if_cancelled (output->cancellable, error))
    return FALSE;
  if (n > G_MAXUINT - output->bytes->len)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("The picture is too large for a file of this format"));
      return FALSE;
    }
  g_byte_array_append (output->bytes, (const guint8 *) buffer, n);
  return TRUE;
}

static GBytes *
encode (const LimnImage *image, const char *type, Options *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = pixbuf_from_image (image, strcmp (type, "jpeg") == 0, error);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Output output = { bytes, cancellable };

  if (pixbuf == NULL)
    return NULL;
  g_ptr_array_add (options->keys, NULL);
  g_ptr_array_add (options->values, NULL);
  if (!gdk_pixbuf_save_to_callbackv (pixbuf, append_output_cb, &output, type, (char **) options->keys->pdata,
                                     (char **) options->values->pdata, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static GBytes *
encode_png (const LimnImage *image, GHashTable *text, GBytes *icc_profile, GCancellable *cancellable, GError **error)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GBytes) png = NULL;

  options_init (&options);
  options_add (&options, g_strdup ("compression"), g_strdup (PNG_COMPRESSION));
  options_add_text (&options, text);
  png = encode (image, "png", &options, cancellable, error);
  return png != NULL && icc_profile != NULL ? limn_png_add_profile (png, icc_profile, error) : g_steal_pointer (&png);
}

static GBytes *
encode_jpeg (const LimnImage *image, int quality, GHashTable *text, GBytes *icc_profile, GCancellable *cancellable,
             GError **error)
{
  const char *parameters = text != NULL ? g_hash_table_lookup (text, "parameters") : NULL;
  g_auto (Options) options = { 0 };
  g_autoptr (GBytes) jpeg = NULL;

  options_init (&options);
  options_add (&options, g_strdup ("quality"), g_strdup_printf ("%d", CLAMP (quality, 1, 100)));
  options_add_profile (&options, icc_profile);
  jpeg = encode (image, "jpeg", &options, cancellable, error);
  return jpeg != NULL && parameters != NULL ? limn_jpeg_add_text (jpeg, parameters) : g_steal_pointer (&jpeg);
}

GBytes *
limn_image_file_encode_png (const LimnImage *image, GHashTable *text, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (image != NULL, NULL);

  return encode_png (image, text, NULL, cancellable, error);
}

typedef enum
{
  FORMAT_NONE,
  FORMAT_PNG,
  FORMAT_JPEG,
} Format;

/* The format by the file's suffix; FORMAT_NONE and @error when it has none of those that are written. */
static Format
format_of (GFile *file, GError **error)
{
  g_autofree char *basename = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (basename != NULL ? basename : "");
  const char *suffix = strrchr (name, '.') != NULL ? strrchr (name, '.') : "";

  if (g_ascii_strcasecmp (suffix, ".png") == 0)
    return FORMAT_PNG;
  if (g_ascii_strcasecmp (suffix, ".jpg") == 0 || g_ascii_strcasecmp (suffix, ".jpeg") == 0)
    return FORMAT_JPEG;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _("“%s” could not be written: its name must end in .png, .jpg or .jpeg"), name);
  return FORMAT_NONE;
}

gboolean
limn_image_file_can_write (GFile *file, GError **error)
{
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  return format_of (file, error) != FORMAT_NONE && limn_gfile_can_write (file, error);
}

gboolean
limn_image_file_write (const LimnImage *image, GFile *file, int quality, GHashTable *text, GBytes *icc_profile,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (image != NULL && G_IS_FILE (file), FALSE);

  switch (format_of (file, error))
    {
    case FORMAT_PNG:
      bytes = encode_png (image, text, icc_profile, cancellable, error);
      break;
    case FORMAT_JPEG:
      bytes = encode_jpeg (image, quality, text, icc_profile, cancellable, error);
      break;
    case FORMAT_NONE:
      break;
    }
  if (bytes == NULL)
    return FALSE;
  return limn_gfile_write (file, bytes, cancellable, error);
}
