/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <lcms2.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include "app/limn-image-file.h"
#include "tests/app/fixtures.h"

/* JPEG at quality 92 of smooth colours is this close. */
#define JPEG_TOLERANCE 12

static char *
picture_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "pictures", name, NULL);
}

static GBytes *
picture_bytes (const char *name)
{
  g_autofree char *path = picture_path (name);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize n;

  g_file_get_contents (path, &data, &n, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, n);
}

static LimnImage *
read_picture (const char *name, LimnImageMeta **meta)
{
  g_autofree char *path = picture_path (name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  LimnImage *image = limn_image_file_read (file, meta, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (image);
  return image;
}

/* ---- Formats ------------------------------------------------------------------------------------------------------- */

static void
test_formats (void)
{
  static const struct
  {
    const char *name;
    int tolerance;
    gboolean grey, alpha, deep;
  } pictures[] = {
    { "rgb.jpg", JPEG_TOLERANCE },
    { "progressive.jpg", JPEG_TOLERANCE },
    { "interlaced.png", 0 },
    { "rgb.tif", 0 },
    { "rgb-16.png", 1, .deep = TRUE },
    { "palette.png", 40 },
    { "palette.gif", 40 },
    { "cmyk.jpg", 40 },
    { "grey.jpg", -1, .grey = TRUE },
    { "grey.png", -1, .grey = TRUE },
    { "grey-16.png", -1, .grey = TRUE, .deep = TRUE },
    { "grey-alpha.png", -1, .grey = TRUE, .alpha = TRUE },
  };
  g_autoptr (LimnImage) expected = fixture_gradient (48, 40, 3);

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autoptr (LimnImageMeta) meta = NULL;
      g_autoptr (LimnImage) image = read_picture (pictures[i].name, &meta);

      g_test_message ("%s", pictures[i].name);
      g_assert_cmpint (image->width, ==, 48);
      g_assert_cmpint (image->height, ==, 40);
      g_assert_cmpint (meta->was_grey, ==, pictures[i].grey);
      g_assert_cmpint (meta->was_16_bit, ==, pictures[i].deep);
      if (pictures[i].alpha)
        g_assert_true (meta->had_alpha);
      if (pictures[i].tolerance >= 0)
        {
          g_autoptr (LimnImage) rgb = limn_image_convert (image, 3, NULL);

          g_assert_cmpint (fixture_image_distance (rgb, expected), <=, pictures[i].tolerance);
        }
      else
        for (int x = 0; x < 48; x++)
          {
            const guint8 *pixel = limn_image_row (image, 20) + x * image->channels;

            g_assert_cmpint (pixel[0], ==, pixel[1]);
            g_assert_cmpint (pixel[1], ==, pixel[2]);
          }
    }
}

/* Writes @image as PNG to memory and reads it back. */
static LimnImage *
round_trip (const LimnImage *image, GHashTable *text, LimnImageMeta **meta)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = limn_image_file_encode_png (image, text, NULL, &error);
  LimnImage *back;

  g_assert_no_error (error);
  back = limn_image_file_read_bytes (png, "memory", meta, NULL, &error);
  g_assert_no_error (error);
  return back;
}

static void
test_sizes (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 2, 3 }, { 7, 1 }, { 1, 15 }, { 17, 33 }, { 60000, 10 }, { 10, 60000 }, { 257, 255 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int channels = 3; channels <= 4; channels++)
      {
        g_autoptr (LimnImage) image = fixture_noise (sizes[i][0], sizes[i][1], channels, i);
        g_autoptr (LimnImage) back = round_trip (image, NULL, NULL);

        g_assert_true (fixture_images_equal (image, back));
      }
}

static void
test_mask_round_trip (void)
{
  g_autoptr (LimnImage) mask = fixture_noise (33, 17, 1, 3);
  g_autoptr (LimnImage) back = round_trip (mask, NULL, NULL);
  g_autoptr (LimnImage) grey = limn_image_convert (back, 1, NULL);

  g_assert_true (fixture_images_equal (mask, grey));
}

/* A mask is known by being black and white: photos, also grey ones, are none. */
static void
test_mask_likely (void)
{
  g_autoptr (LimnImage) mask = limn_image_new (40, 30, 3, NULL);
  g_autoptr (LimnImage) photo = fixture_gradient (40, 30, 3);
  g_autoptr (LimnImage) grey = limn_image_new (40, 30, 4, NULL);

  for (int y = 0; y < 30; y++)
    for (int x = 0; x < 40; x++)
      memset (limn_image_row (grey, y) + 4 * x, x * 6, 4);
  g_assert_false (limn_mask_is_likely (photo));
  g_assert_false (limn_mask_is_likely (grey));
  /* All of one value says nothing. */
  g_assert_false (limn_mask_is_likely (mask));
  for (int y = 10; y < 20; y++)
    memset (limn_image_row (mask, y) + 3 * 10, 255, 3 * 12);
  g_assert_true (limn_mask_is_likely (mask));
  /* Soft edges are, a coloured pixel is not. */
  memset (limn_image_row (mask, 9) + 3 * 10, 90, 3 * 12);
  g_assert_true (limn_mask_is_likely (mask));
  limn_image_row (mask, 29)[0] = 1;
  g_assert_false (limn_mask_is_likely (mask));
}

/* ---- Orientation ---------------------------------------------------------------------------------------------------- */

/* @jpeg with an EXIF segment that says @orientation. */
static GBytes *
with_orientation (GBytes *jpeg, int orientation)
{
  static const guint8 head[] = { 0xff, 0xe1, 0, 34,  'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                                 0,    1,    1, 0x12, 0,   3,   0,   0,   0, 1 };
  GByteArray *out = g_byte_array_new ();
  const guint8 value[] = { 0, orientation, 0, 0, 0, 0, 0, 0 };
  gsize n;
  const guint8 *data = g_bytes_get_data (jpeg, &n);

  g_byte_array_append (out, data, 2);
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, value, sizeof value);
  g_byte_array_append (out, data + 2, n - 2);
  return g_byte_array_free_to_bytes (out);
}

/* Where the pixel at (x, y) of the upright picture of w x h comes from in the file, for each EXIF orientation. */
static void
stored_position (int orientation, int w, int h, int x, int y, int *sx, int *sy)
{
  const int map[9][2] = { { 0, 0 },         { x, y }, { w - 1 - x, y }, { w - 1 - x, h - 1 - y }, { x, h - 1 - y },
                          { y, x },         { y, w - 1 - x }, { h - 1 - y, w - 1 - x }, { h - 1 - y, x } };

  *sx = map[orientation][0];
  *sy = map[orientation][1];
}

static void
test_orientation (void)
{
  g_autoptr (GBytes) jpeg = picture_bytes ("rgb.jpg");
  g_autoptr (LimnImage) stored = limn_image_file_read_bytes (jpeg, "rgb.jpg", NULL, NULL, NULL);

  for (int orientation = 1; orientation <= 8; orientation++)
    {
      g_autoptr (GBytes) turned = with_orientation (jpeg, orientation);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnImage) image = limn_image_file_read_bytes (turned, "turned.jpg", NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (image->width, ==, orientation <= 4 ? 48 : 40);
      for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
          {
            int sx, sy;

            stored_position (orientation, image->width, image->height, x, y, &sx, &sy);
            g_assert_cmpmem (limn_image_row (image, y) + 3 * x, 3, limn_image_row (stored, sy) + 3 * sx, 3);
          }
    }
}

/* ---- Bad files ------------------------------------------------------------------------------------------------------ */

static void
assert_refused (GBytes *bytes, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = limn_image_file_read_bytes (bytes, "bad.pic", NULL, NULL, &error);

  if (image != NULL)
    g_error ("%s was read", what);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "bad.pic"));
}

/* Cut off anywhere, a PNG or JPEG is an error, never a part of a picture. */
static void
test_truncated (void)
{
  static const char *const names[] = { "rgb.jpg",     "progressive.jpg", "cmyk.jpg",       "grey.jpg",   "interlaced.png",
                                       "rgb-16.png", "grey.png",        "grey-alpha.png", "palette.png" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = picture_bytes (names[i]);
      gsize n = g_bytes_get_size (whole);

      for (gsize cut = 0; cut < n; cut += cut + 40 < n ? 13 : 1)
        {
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, cut);
          g_autofree char *what = g_strdup_printf ("%s cut to %" G_GSIZE_FORMAT " bytes", names[i], cut);

          assert_refused (part, what);
        }
    }
}

static void
test_truncated_others (void)
{
  static const char *const names[] = { "palette.gif", "rgb.tif" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = picture_bytes (names[i]);
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) / 2);

      assert_refused (part, names[i]);
    }
}

static void
test_not_a_picture (void)
{
  static const char *const texts[] = { "", "x", "hello, world", "<html></html>", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff",
                                       "\xff\xd8\xff\xff\xff\xff\xff\xff", "GIF89a", "BM", "II*" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i], strlen (texts[i]));

      assert_refused (bytes, texts[i]);
    }
}

static void
test_no_file (void)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "nothing here.png", NULL);
  g_autoptr (GFile) missing = g_file_new_for_path (path);
  g_autoptr (GFile) dir = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;

  g_assert_null (limn_image_file_read (missing, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "nothing here.png"));
  g_clear_error (&error);
  g_assert_null (limn_image_file_read (dir, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

/* Damage of any kind gives a picture or an error. */
static void
test_damaged (void)
{
  static const char *const names[] = { "rgb.jpg", "interlaced.png", "palette.gif", "rgb.tif", "cmyk.jpg" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);

  for (int i = 0; i < 400; i++)
    {
      g_autoptr (GBytes) whole = picture_bytes (names[i % G_N_ELEMENTS (names)]);
      gsize n = g_bytes_get_size (whole);
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (whole, NULL), n);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnImage) image = NULL;

      for (int k = g_rand_int_range (rand, 1, 12); k > 0; k--)
        data[g_rand_int_range (rand, 0, n)] = g_rand_int (rand);
      damaged = g_bytes_new (data, n);
      image = limn_image_file_read_bytes (damaged, "damaged", NULL, NULL, &error);
      g_assert_true ((image == NULL) == (error != NULL));
    }
}

static void
append_chunk (GByteArray *png, const char *type, const guint8 *data, guint32 n)
{
  guint32 length = GUINT32_TO_BE (n), crc = 0xffffffff, big_endian;
  gsize start;

  g_byte_array_append (png, (guint8 *) &length, 4);
  start = png->len;
  g_byte_array_append (png, (guint8 *) type, 4);
  g_byte_array_append (png, data, n);
  for (gsize i = start; i < png->len; i++)
    {
      crc ^= png->data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
  big_endian = GUINT32_TO_BE (crc ^ 0xffffffff);
  g_byte_array_append (png, (guint8 *) &big_endian, 4);
}

/* Small files that say they are huge are refused by their size, before memory is taken for them. */
static void
test_bombs (void)
{
  static const guint32 sizes[][2] = { { 60000, 60000 }, { 65536, 1 }, { 1, 65536 }, { 0x7fffffff, 0x7fffffff }, { 30000, 9000 } };
  g_autoptr (GBytes) whole = picture_bytes ("rgb.jpg");
  gsize n;
  const guint8 *jpeg = g_bytes_get_data (whole, &n);
  struct rusage before, after;

  getrusage (RUSAGE_SELF, &before);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GByteArray *png = g_byte_array_new ();
      guint8 header[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0 };
      const guint8 idat[] = { 0x78, 0x9c, 0x63, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01 };
      guint32 width = GUINT32_TO_BE (sizes[i][0]), height = GUINT32_TO_BE (sizes[i][1]);
      g_autoptr (GBytes) bytes = NULL;

      memcpy (header, &width, 4);
      memcpy (header + 4, &height, 4);
      g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
      append_chunk (png, "IHDR", header, 13);
      append_chunk (png, "IDAT", idat, sizeof idat);
      append_chunk (png, "IEND", NULL, 0);
      bytes = g_byte_array_free_to_bytes (png);
      assert_refused (bytes, "a huge PNG");
    }

  for (gsize i = 2; i + 9 < n; i++)
    if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0)
      {
        g_autofree guint8 *huge = g_memdup2 (jpeg, n);
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GError) error = NULL;

        memset (huge + i + 5, 0xff, 4);
        huge[i + 6] = huge[i + 8] = 0xdc;
        bytes = g_bytes_new (huge, n);
        g_assert_null (limn_image_file_read_bytes (bytes, "huge.jpg", NULL, NULL, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
        g_assert_nonnull (strstr (error->message, "huge.jpg"));
        g_assert_nonnull (strstr (error->message, "65500"));
        break;
      }
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 300 * 1024);
}

static void
test_cancel (void)
{
  g_autoptr (GBytes) bytes = picture_bytes ("rgb.jpg");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnImage) image = fixture_gradient (10, 10, 3);

  g_cancellable_cancel (cancellable);
  g_assert_null (limn_image_file_read_bytes (bytes, "rgb.jpg", NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (limn_image_file_encode_png (image, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- Colour --------------------------------------------------------------------------------------------------------- */

static GBytes *
profile_bytes (cmsHPROFILE profile)
{
  cmsUInt32Number n = 0;
  guint8 *data;

  g_assert_true (cmsSaveProfileToMem (profile, NULL, &n));
  data = g_malloc (n);
  g_assert_true (cmsSaveProfileToMem (profile, data, &n));
  cmsCloseProfile (profile);
  return g_bytes_new_take (data, n);
}

/* The primaries and white of sRGB, with linear values. */
static GBytes *
linear_profile (void)
{
  cmsCIExyY white;
  cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 }, { 0.15, 0.06, 1 } };
  cmsToneCurve *linear = cmsBuildGamma (NULL, 1.0);
  cmsToneCurve *curves[3] = { linear, linear, linear };
  cmsHPROFILE profile;

  cmsWhitePointFromTemp (&white, 6504);
  profile = cmsCreateRGBProfile (&white, &primaries, curves);
  cmsFreeToneCurve (linear);
  return profile_bytes (profile);
}

static LimnImage *
through_profile (const LimnImage *image, GBytes *profile, LimnImageMeta **meta)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "profile.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  LimnImage *back;

  limn_image_file_write (image, file, 90, NULL, profile, NULL, &error);
  g_assert_no_error (error);
  back = limn_image_file_read (file, meta, NULL, &error);
  g_assert_no_error (error);
  return back;
}

static void
test_profile (void)
{
  for (int channels = 3; channels <= 4; channels++)
    {
      g_autoptr (LimnImage) image = fixture_gradient (64, 64, channels);
      g_autoptr (GBytes) profile = linear_profile ();
      g_autoptr (LimnImageMeta) meta = NULL;
      g_autoptr (LimnImage) shown = through_profile (image, profile, &meta);

      g_assert_nonnull (meta->icc_profile);
      g_assert_true (g_bytes_equal (meta->icc_profile, profile));
      for (int x = 0; x < 64; x++)
        {
          /* IEC 61966-2-1: what a linear value is in sRGB. */
          double linear = limn_image_row (image, 0)[x * channels] / 255.0;
          double srgb = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow (linear, 1 / 2.4) - 0.055;
          const guint8 *pixel = limn_image_row (shown, 0) + x * channels;

          g_assert_cmpint (ABS (pixel[0] - (int) lrint (srgb * 255)), <=, 3);
          if (channels == 4)
            g_assert_cmpint (pixel[3], ==, 255);
        }
    }
}

/* An sRGB profile, or one that makes no sense, leaves every bit as it is. */
static void
test_profile_identity (void)
{
  g_autoptr (LimnImage) image = fixture_noise (100, 100, 3, 6);
  g_autoptr (GBytes) srgb = profile_bytes (cmsCreate_sRGBProfile ());
  g_autoptr (GBytes) garbage = g_bytes_new_static ("this is no profile", 18);
  g_autoptr (GBytes) lab = profile_bytes (cmsCreateLab4Profile (NULL));
  GBytes *profiles[] = { srgb, lab };
  g_autoptr (LimnImage) kept = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (LimnImage) back = through_profile (image, profiles[i], NULL);

      g_assert_true (fixture_images_equal (image, back));
    }
  kept = through_profile (image, garbage, NULL);
  g_assert_true (fixture_images_equal (image, kept));
}

/* ---- Text ----------------------------------------------------------------------------------------------------------- */

static void
test_text (void)
{
  static const char *const texts[][2] = {
    { "parameters", "a red barn 🏚️ am Fluß, 日本語\nNegative prompt: blur\nSteps: 20" },
    { "Software", "Limn" },
    { "latin", "Größe" },
    { "limn", "{\"seed\":\"18446744073709551615\"}" },
    { "empty", "" },
  };
  g_autoptr (GHashTable) text = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (LimnImage) image = fixture_gradient (5, 5, 3);
  g_autoptr (LimnImageMeta) meta = NULL;
  g_autoptr (LimnImage) back = NULL;
  g_autofree char *prompt = g_strnfill (10000, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_hash_table_insert (text, (gpointer) texts[i][0], g_strdup (texts[i][1]));
  g_hash_table_insert (text, (gpointer) "long", g_steal_pointer (&prompt));
  /* What PNG cannot name is left out, and does no harm. */
  g_hash_table_insert (text, (gpointer) "", g_strdup ("no name"));
  g_hash_table_insert (text, (gpointer) "schlüssel", g_strdup ("not ASCII"));
  g_hash_table_insert (text, (gpointer) "invalid", g_strdup ("\xff\xfe"));

  back = round_trip (image, text, &meta);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i][1][0] != '\0')
      g_assert_cmpstr (g_hash_table_lookup (meta->text, texts[i][0]), ==, texts[i][1]);
  g_assert_cmpuint (strlen (g_hash_table_lookup (meta->text, "long")), ==, 10000);
  g_assert_null (g_hash_table_lookup (meta->text, "invalid"));
}

/* ---- Masks ---------------------------------------------------------------------------------------------------------- */

static LimnImage *
mask_from (const LimnImage *image)
{
  g_autofree char *folder = fixture_folder ();
  g_autofree char *path = g_build_filename (folder, "mask.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  LimnImage *mask;

  limn_image_file_write (image, file, 90, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  mask = limn_mask_file_read (file, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mask->channels, ==, 1);
  return mask;
}

static void
test_mask_kinds (void)
{
  g_autoptr (LimnImage) values = fixture_noise (33, 17, 1, 4);
  g_autoptr (LimnImage) grey = mask_from (values);
  g_autoptr (LimnImage) alpha = limn_image_new (33, 17, 4, NULL);
  g_autoptr (LimnImage) white = limn_image_new (33, 17, 4, NULL);
  g_autoptr (LimnImage) opaque = limn_image_convert (values, 4, NULL);
  g_autoptr (LimnImage) from_alpha = NULL;
  g_autoptr (LimnImage) from_white = NULL;
  g_autoptr (LimnImage) from_opaque = NULL;

  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 33; x++)
      {
        guint8 value = limn_image_row (values, y)[x];

        limn_image_row (alpha, y)[4 * x + 3] = value;
        /* White strokes on nothing, as layers of painting programs are. */
        memset (limn_image_row (white, y) + 4 * x, value > 128 ? 255 : 0, 4);
      }
  from_alpha = mask_from (alpha);
  from_white = mask_from (white);
  from_opaque = mask_from (opaque);
  g_assert_true (fixture_images_equal (grey, values));
  g_assert_true (fixture_images_equal (from_alpha, values));
  g_assert_true (fixture_images_equal (from_opaque, values));
  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 33; x++)
      g_assert_cmpint (limn_image_row (from_white, y)[x], ==, limn_image_row (values, y)[x] > 128 ? 255 : 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/image-file/formats", test_formats);
  g_test_add_func ("/image-file/sizes", test_sizes);
  g_test_add_func ("/image-file/mask-round-trip", test_mask_round_trip);
  g_test_add_func ("/image-file/orientation", test_orientation);
  g_test_add_func ("/image-file/bad/truncated", test_truncated);
  g_test_add_func ("/image-file/bad/truncated-others", test_truncated_others);
  g_test_add_func ("/image-file/bad/no-picture", test_not_a_picture);
  g_test_add_func ("/image-file/bad/no-file", test_no_file);
  g_test_add_func ("/image-file/bad/damaged", test_damaged);
  g_test_add_func ("/image-file/bad/bombs", test_bombs);
  g_test_add_func ("/image-file/cancel", test_cancel);
  g_test_add_func ("/image-file/profile/linear", test_profile);
  g_test_add_func ("/image-file/profile/identity", test_profile_identity);
  g_test_add_func ("/image-file/text", test_text);
  g_test_add_func ("/image-file/mask/likely", test_mask_likely);
  g_test_add_func ("/image-file/mask/kinds", test_mask_kinds);
  return g_test_run ();
}
