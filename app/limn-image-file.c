/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#define G_LOG_DOMAIN "limn-image-file"

#include "config.h"

#include <string.h>

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>

#include "app/file-read.h"
#include "app/image-file-private.h"

/* Of a mask at most one of so many pixels is grey: its edges, and what a brush left soft. */
#define MASK_GREY_SHARE 10

/* Bytes given to the decoder at a time: between two of them cancelling is noticed. */
#define READ_BYTES (256 * 1024)
/* A picture of LIMN_IMAGE_MAX_PIXELS, uncompressed in 16 bits, fits; more is no picture. */
#define MAX_FILE_BYTES (2ULL * 1024 * 1024 * 1024)

LimnImageMeta *
limn_image_meta_new (void)
{
  return g_new0 (LimnImageMeta, 1);
}

void
limn_image_meta_free (LimnImageMeta *meta)
{
  if (meta == NULL)
    return;
  g_clear_pointer (&meta->icc_profile, g_bytes_unref);
  g_clear_pointer (&meta->text, g_hash_table_unref);
  g_free (meta);
}

/* One file being read. */
typedef struct
{
  const char *name;          /* borrowed, UTF-8 */
  GInputStream *stream;      /* borrowed */
  GCancellable *cancellable; /* borrowed, nullable */
  GdkPixbufLoader *loader;
  GByteArray *bytes;
  int rows;                  /* rows that the decoder has delivered */
  GError *refused;           /* why decoding was stopped from within */
} Reading;

static void
reading_clear (Reading *r)
{
  /* A loader that goes away open says so on the terminal; closing one that is closed does nothing. */
  if (r->loader != NULL)
    gdk_pixbuf_loader_close (r->loader, NULL);
  g_clear_object (&r->loader);
  g_clear_pointer (&r->bytes, g_byte_array_unref);
  g_clear_error (&r->refused);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static gboolean
fail_reading (const Reading *r, GError **error, const char *reason)
{
  /* Translators: the file's name, then the reason as a part of a sentence. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is not a picture that Limn can read: %s"), r->name, reason);
  return FALSE;
}

/* The size is known before anything is allocated for it: the moment to refuse. */
static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gpointer user_data)
{
  Reading *r = user_data;

  if (width > 0 && height > 0 && width <= LIMN_IMAGE_MAX_SIDE && height <= LIMN_IMAGE_MAX_SIDE &&
      (gint64) width * height <= LIMN_IMAGE_MAX_PIXELS)
    return;

  if (r->refused == NULL)
    g_set_error (&r->refused, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _("“%s” is too large: %d × %d pixels; Limn handles up to %d megapixels and %d pixels a side"), r->name,
                 width, height, (int) (LIMN_IMAGE_MAX_PIXELS / 1000000), LIMN_IMAGE_MAX_SIDE);
  /* An empty size makes the decoders stop before they allocate. */
  gdk_pixbuf_loader_set_size (loader, 0, 0);
}

static void
area_updated_cb (GdkPixbufLoader *loader, int x, int y, int width, int height, gpointer user_data)
{
  Reading *r = user_data;

  r->rows = MAX (r->rows, y + height);
}

static gboolean
decoder_failed (Reading *r, GError *cause, GError **error)
{
  if (r->refused != NULL)
    g_propagate_error (error, g_steal_pointer (&r->refused));
  else if (g_error_matches (cause, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY))
    g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY, _("There is not enough memory to open “%s”"), r->name);
  else
    fail_reading (r, error, cause->message);
  g_error_free (cause);
  return FALSE;
}

/* GdkPixbuf finds formats by the MIME database of the system, which may be missing; these have signatures that cannot be mistaken. */
static GdkPixbufLoader *
new_loader (const guint8 *data, gsize n)
{
  static const struct
  {
    const char *signature;
    gsize length;
    const char *type;
  } formats[] = {
    { "\x89PNG\r\n\x1a\n", 8, "png" },
    { "\xff\xd8\xff", 3, "jpeg" },
    { "GIF8", 4, "gif" },
    { "II*\0", 4, "tiff" },
    { "MM\0*", 4, "tiff" },
  };
  GdkPixbufLoader *loader = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (formats) && loader == NULL; i++)
    if (n >= formats[i].length && memcmp (data, formats[i].signature, formats[i].length) == 0)
      loader = gdk_pixbuf_loader_new_with_type (formats[i].type, NULL);
  return loader != NULL ? loader : gdk_pixbuf_loader_new ();
}

static void
open_loader (Reading *r, const guint8 *data, gsize n)
{
  r->loader = new_loader (data, n);
  g_signal_connect (r->loader, "size-prepared", G_CALLBACK (size_prepared_cb), r);
  g_signal_connect (r->loader, "area-updated", G_CALLBACK (area_updated_cb), r);
}

static gboolean
feed (Reading *r, const guint8 *data, gsize n, GError **error)
{
  GError *cause = NULL;

  if (r->loader == NULL)
    open_loader (r, data, n);
  if (!gdk_pixbuf_loader_write (r->loader, data, n, &cause))
    return decoder_failed (r, cause, error);
  if (r->refused != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&r->refused));
      return FALSE;
    }
  return TRUE;
}

/* Reads the stream to its end into the decoder. */
static gboolean
read_stream (Reading *r, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  gssize n;

  while ((n = g_input_stream_read (r->stream, buffer, READ_BYTES, r->cancellable, error)) > 0)
    {
      if (r->bytes->len + (guint64) n > MAX_FILE_BYTES)
        return fail_reading (r, error, _("the file is too large"));
      g_byte_array_append (r->bytes, buffer, n);
      if (!feed (r, buffer, n, error))
        return FALSE;
    }
  return n == 0;
}

/* Ends decoding and makes sure that the whole picture came (decoders are content with a part). */
static gboolean
finish_decoding (Reading *r, const LimnImageSniff *sniff, GError **error)
{
  GError *cause = NULL;
  GdkPixbuf *pixbuf;

  if (r->bytes->len == 0)
    return fail_reading (r, error, _("the file is empty"));
  if (!gdk_pixbuf_loader_close (r->loader, &cause))
    {
      if (sniff->known && !sniff->complete)
        {
          g_error_free (cause);
          return fail_reading (r, error, _("the file is cut off"));
        }
      return decoder_failed (r, cause, error);
    }
  if (r->refused != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&r->refused));
      return FALSE;
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (r->loader);
  if (pixbuf == NULL || (sniff->known && !sniff->complete) || r->rows < gdk_pixbuf_get_height (pixbuf))
    return fail_reading (r, error, _("the file is cut off"));
  return TRUE;
}

static LimnImage *
image_from_pixbuf (GdkPixbuf *pixbuf, GError **error)
{
  int channels = gdk_pixbuf_get_n_channels (pixbuf);
  gsize stride = gdk_pixbuf_get_rowstride (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  LimnImage *image = limn_image_new (gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf), channels, error);

  if (image == NULL)
    return NULL;
  for (int y = 0; y < image->height; y++)
    memcpy (limn_image_row (image, y), pixels + y * stride, (gsize) image->width * channels);
  return image;
}

static void
collect_text (GdkPixbuf *pixbuf, LimnImageMeta *meta)
{
  g_autoptr (GHashTable) options = gdk_pixbuf_get_options (pixbuf);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      if (!g_str_has_prefix (key, "tEXt::") || !g_utf8_validate (value, -1, NULL))
        continue;
      if (meta->text == NULL)
        meta->text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (meta->text, g_strdup ((char *) key + strlen ("tEXt::")), g_strdup (value));
    }
}

static LimnImageMeta *
collect_meta (GdkPixbuf *pixbuf, const LimnImageSniff *sniff)
{
  LimnImageMeta *meta = limn_image_meta_new ();
  const char *profile = gdk_pixbuf_get_option (pixbuf, "icc-profile");

  meta->was_16_bit = sniff->is_16_bit;
  meta->was_grey = sniff->is_grey;
  meta->had_alpha = gdk_pixbuf_get_has_alpha (pixbuf);
  if (profile != NULL)
    {
      gsize n;
      guint8 *data = g_base64_decode (profile, &n);

      meta->icc_profile = g_bytes_new_take (data, n);
    }
  collect_text (pixbuf, meta);
  return meta;
}

static LimnImage *
read_picture (Reading *r, LimnImageMeta **meta_out, GError **error)
{
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) image = NULL;
  g_autoptr (GdkPixbuf) upright = NULL;
  LimnImageSniff sniff;

  r->bytes = g_byte_array_new ();
  if (!read_stream (r, error))
    return NULL;
  sniff = limn_image_sniff (r->bytes->data, r->bytes->len);
  if (!finish_decoding (r, &sniff, error))
    return NULL;
  g_clear_pointer (&r->bytes, g_byte_array_unref);

  meta = collect_meta (gdk_pixbuf_loader_get_pixbuf (r->loader), &sniff);
  upright = gdk_pixbuf_apply_embedded_orientation (gdk_pixbuf_loader_get_pixbuf (r->loader));
  g_clear_object (&r->loader);
  if (upright == NULL || g_cancellable_is_cancelled (r->cancellable))
    {
      if (!g_cancellable_set_error_if_cancelled (r->cancellable, error))
        g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NO_MEMORY, _("There is not enough memory to open “%s”"),
                     r->name);
      return NULL;
    }
  image = image_from_pixbuf (upright, error);
  if (image == NULL)
    return NULL;
  if (meta->icc_profile != NULL && !limn_image_colour_to_srgb (image, meta->icc_profile, r->cancellable, error))
    return NULL;
  if (meta_out != NULL)
    *meta_out = g_steal_pointer (&meta);
  return g_steal_pointer (&image);
}

static LimnImage *
read_stream_as_picture (GInputStream *stream, const char *name, LimnImageMeta **meta, GCancellable *cancellable,
                        GError **error)
{
  g_auto (Reading) reading = { .name = name, .stream = stream, .cancellable = cancellable };

  return read_picture (&reading, meta, error);
}

/* The name that people know a file by (transfer full). */
static char *
display_name (GFile *file)
{
  g_autofree char *basename = g_file_get_basename (file);

  return g_filename_display_name (basename != NULL ? basename : "");
}

LimnImage *
limn_image_file_read (GFile *file, LimnImageMeta **meta, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (LimnImage) image = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  name = display_name (file);
  stream = g_file_read (file, cancellable, &cause);
  if (stream != NULL)
    image = read_stream_as_picture (G_INPUT_STREAM (stream), name, meta, cancellable, &cause);
  if (image != NULL)
    return g_steal_pointer (&image);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_DATA) ||
      cause->domain == LIMN_ENGINE_ERROR)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    limn_set_read_error (error, file, cause);
  return NULL;
}

LimnImage *
limn_image_file_read_bytes (GBytes *bytes, const char *name, LimnImageMeta **meta, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;

  g_return_val_if_fail (bytes != NULL && name != NULL, NULL);

  stream = g_memory_input_stream_new_from_bytes (bytes);
  return read_stream_as_picture (stream, name, meta, cancellable, error);
}

/* Whether a picture with alpha has the same colour everywhere and says something by its alpha alone. */
static gboolean
is_nothing_but_alpha (const LimnImage *image)
{
  const guint8 *first = image->pixels;
  gboolean alpha_varies = FALSE;

  if (image->channels != 4)
    return FALSE;
  for (int y = 0; y < image->height; y++)
    {
      const guint8 *row = limn_image_row (image, y);

      for (int x = 0; x < image->width; x++)
        {
          if (memcmp (row + 4 * x, first, 3) != 0)
            return FALSE;
          alpha_varies = alpha_varies || row[4 * x + 3] != first[3];
        }
    }
  return alpha_varies;
}

LimnImage *
limn_mask_file_read (GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (LimnImage) image = limn_image_file_read (file, NULL, cancellable, error);

  return image != NULL ? limn_mask_from_image (image, error) : NULL;
}

LimnImage *
limn_mask_from_image (LimnImage *image, GError **error)
{
  g_autoptr (LimnImage) mask = NULL;
  gboolean alpha_only;

  g_return_val_if_fail (image != NULL, NULL);

  if (image->channels == 3)
    return limn_image_convert (image, 1, error);

  alpha_only = is_nothing_but_alpha (image);
  mask = limn_image_new (image->width, image->height, 1, error);
  if (mask == NULL)
    return NULL;
  for (int y = 0; y < image->height; y++)
    {
      const guint8 *src = limn_image_row (image, y);
      guint8 *dst = limn_image_row (mask, y);

      for (int x = 0; x < image->width; x++, src += 4)
        {
          /* Rec. 709 luma; see-through counts as black. */
          int grey = (src[0] * 2126 + src[1] * 7152 + src[2] * 722 + 5000) / 10000;

          dst[x] = alpha_only ? src[3] : (grey * src[3] + 127) / 255;
        }
    }
  return g_steal_pointer (&mask);
}

gboolean
limn_mask_is_likely (const LimnImage *image)
{
  gint64 black = 0, white = 0, all;

  g_return_val_if_fail (image != NULL && image->channels >= 3, FALSE);

  for (int y = 0; y < image->height; y++)
    {
      const guint8 *p = limn_image_row (image, y);

      for (int x = 0; x < image->width; x++, p += image->channels)
        {
          if (p[0] != p[1] || p[1] != p[2])
            return FALSE;
          black += p[0] == 0;
          white += p[0] == 255;
        }
    }
  all = (gint64) image->width * image->height;
  return black > 0 && white > 0 && black + white >= all - all / MASK_GREY_SHARE;
}
