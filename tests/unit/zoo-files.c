/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * Files of made-up models, in the containers in which real ones are published.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include <glib/gstdio.h>

#include "engine/tensor/tensor.h"
#include "tests/unit/zoo-testing.h"

static gint64
count (const ZooTensor *tensor)
{
  gint64 elements = 1;

  for (int i = 0; i < tensor->n_dims; i++)
    elements *= tensor->extent[i];
  return elements;
}

/* ---- safetensors ----------------------------------------------------------------------------- */

static gboolean
is_betas (const ZooTensor *tensor)
{
  return g_str_equal (tensor->name, "betas");
}

static GString *
make_header (GPtrArray *tensors)
{
  GString *header = g_string_new ("{");
  gint64 offset = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      gint64 bytes = count (tensor) * (is_betas (tensor) ? 4 : 2);

      g_string_append_printf (header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", i > 0 ? "," : "",
                              tensor->name, is_betas (tensor) ? "F32" : "F16");
      for (int k = 0; k < tensor->n_dims; k++)
        g_string_append_printf (header, "%s%" G_GINT64_FORMAT, k > 0 ? "," : "", tensor->extent[k]);
      g_string_append_printf (header,
                              "],\"data_offsets\":[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]}",
                              offset, offset + bytes);
      offset += bytes;
    }
  g_string_append_c (header, '}');
  return header;
}

static void
write_all (FILE *file, const void *data, gsize size)
{
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
}

static FILE *
begin_safetensors (GPtrArray *tensors, const char *path, gsize *size)
{
  g_autoptr (GString) header = make_header (tensors);
  guint64 length = GUINT64_TO_LE ((guint64)header->len);
  FILE *file = g_fopen (path, "wb");

  g_assert_nonnull (file);
  write_all (file, &length, sizeof length);
  write_all (file, header->str, header->len);
  *size = sizeof length + header->len;
  return file;
}

char *
zoo_write_sparse (GPtrArray *tensors, const char *folder, gsize *header)
{
  char *path = g_build_filename (folder, "model.safetensors", NULL);
  FILE *file = begin_safetensors (tensors, path, header);
  gint64 bytes = (gint64)*header;

  for (guint i = 0; i < tensors->len; i++)
    bytes += count (tensors->pdata[i]) * (is_betas (tensors->pdata[i]) ? 4 : 2);
  g_assert_cmpint (fflush (file), ==, 0);
  g_assert_cmpint (ftruncate (fileno (file), bytes), ==, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* Uniform in -1 .. 1. */
static float
draw (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (float)(*state >> 8) / (float)(1 << 23) - 1.0f;
}

/* Weights with a variance of 1 / inputs, norms about 1, small biases. */
static gpointer
make_halves (const ZooTensor *tensor, guint32 *state)
{
  gint64 n = count (tensor), inputs = MAX (n / tensor->extent[0], 1);
  gboolean scale = tensor->n_dims == 1 && g_str_has_suffix (tensor->name, "weight");
  float reach = tensor->n_dims == 1 ? 0.1f : 1.7f / sqrtf ((float)inputs);
  guint16 *data = g_new (guint16, MAX (n, 1));

  for (gint64 i = 0; i < n; i++)
    data[i] = GUINT16_TO_LE (limn_f32_to_f16 ((scale ? 1.0f : 0.0f) + reach * draw (state)));
  return data;
}

/* LDM's "linear": linear in the square root. */
static gpointer
make_betas (const ZooTensor *tensor, const ZooSchedule *schedule)
{
  gint64 n = count (tensor);
  float *data = g_new (float, n);
  double first = sqrt (schedule->beta_start), last = sqrt (schedule->beta_end);

  for (gint64 i = 0; i < n; i++)
    {
      double root = first + (last - first) * (double)i / (double)(n - 1);

      data[i] = (float)(root * root);
    }
  return data;
}

static gpointer
make_data (const ZooTensor *tensor, const ZooSchedule *schedule, guint32 *state, gsize *size)
{
  *size = (gsize)count (tensor) * (is_betas (tensor) ? sizeof (float) : sizeof (guint16));
  return is_betas (tensor) ? make_betas (tensor, schedule) : make_halves (tensor, state);
}

char *
zoo_write_safetensors (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder)
{
  char *path = g_build_filename (folder, "model.safetensors", NULL);
  gsize header, size;
  FILE *file = begin_safetensors (tensors, path, &header);
  guint32 state = 1;

  for (guint i = 0; i < tensors->len; i++)
    {
      g_autofree void *data = make_data (tensors->pdata[i], schedule, &state, &size);

      write_all (file, data, size);
    }
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

/* ---- PyTorch --------------------------------------------------------------------------------- */

static void
put (GByteArray *pickle, const char *opcodes)
{
  g_byte_array_append (pickle, (const guint8 *)opcodes, (guint)strlen (opcodes));
}

static void
put_text (GByteArray *pickle, const char *text)
{
  guint32 length = GUINT32_TO_LE ((guint32)strlen (text));

  put (pickle, "X");
  g_byte_array_append (pickle, (const guint8 *)&length, sizeof length);
  put (pickle, text);
}

static void
put_int (GByteArray *pickle, gint64 value)
{
  gint32 narrow = GINT32_TO_LE ((gint32)value);

  put (pickle, "J");
  g_byte_array_append (pickle, (const guint8 *)&narrow, sizeof narrow);
}

/* torch._utils._rebuild_tensor_v2 (storage, 0, size, stride, False, OrderedDict ()), as torch.save
 * has it. */
static void
put_tensor (GByteArray *pickle, const ZooTensor *tensor, guint index)
{
  g_autofree char *key = g_strdup_printf ("%u", index);
  gint64 stride = count (tensor);

  put (pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
  put_text (pickle, "storage");
  put (pickle, is_betas (tensor) ? "ctorch\nFloatStorage\n" : "ctorch\nHalfStorage\n");
  put_text (pickle, key);
  put_text (pickle, "cpu");
  put_int (pickle, count (tensor));
  put (pickle, "tQ");
  put_int (pickle, 0);
  put (pickle, "(");
  for (int i = 0; i < tensor->n_dims; i++)
    put_int (pickle, tensor->extent[i]);
  put (pickle, "t(");
  for (int i = 0; i < tensor->n_dims; i++)
    {
      stride /= tensor->extent[i];
      put_int (pickle, stride);
    }
  put (pickle, "t\x89"
               "ccollections\nOrderedDict\n)RtR");
}

static GByteArray *
make_pickle (GPtrArray *tensors)
{
  GByteArray *pickle = g_byte_array_new ();

  put (pickle, "\x80\x02}");
  put_text (pickle, "global_step");
  put_int (pickle, 1000);
  put (pickle, "s");
  put_text (pickle, "state_dict");
  put (pickle, "}");
  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];

      put_text (pickle, tensor->name);
      put_tensor (pickle, tensor, i);
      put (pickle, "s");
    }
  put (pickle, "s.");
  return pickle;
}

/* Hands @data to the archive. */
static void
add_member (zip_t *zip, const char *name, gpointer data, gsize size)
{
  zip_source_t *source = zip_source_buffer (zip, data, size, 1);
  zip_int64_t index = zip_file_add (zip, name, source, ZIP_FL_ENC_UTF_8);

  g_assert_cmpint (index, >=, 0);
  g_assert_cmpint (zip_set_file_compression (zip, (zip_uint64_t)index, ZIP_CM_STORE, 0), ==, 0);
}

char *
zoo_write_checkpoint (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder)
{
  char *path = g_build_filename (folder, "model.ckpt", NULL);
  zip_t *zip = zip_open (path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
  GByteArray *pickle = make_pickle (tensors);
  guint32 state = 1;
  gsize size;

  g_assert_nonnull (zip);
  size = pickle->len;
  add_member (zip, "archive/data.pkl", g_byte_array_free (pickle, FALSE), size);
  for (guint i = 0; i < tensors->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("archive/data/%u", i);
      gpointer data = make_data (tensors->pdata[i], schedule, &state, &size);

      add_member (zip, name, data, size);
    }
  g_assert_cmpint (zip_close (zip), ==, 0);
  return path;
}

/* ---- GGUF ------------------------------------------------------------------------------------ */

#define GGUF_ALIGNMENT 32

static void
put_u32 (FILE *file, guint32 value)
{
  value = GUINT32_TO_LE (value);
  write_all (file, &value, sizeof value);
}

static void
put_u64 (FILE *file, guint64 value)
{
  value = GUINT64_TO_LE (value);
  write_all (file, &value, sizeof value);
}

static void
pad (FILE *file)
{
  static const char zeros[GGUF_ALIGNMENT];
  long at = ftell (file);

  g_assert_cmpint (at, >=, 0);
  write_all (file, zeros, (gsize)(-at) % GGUF_ALIGNMENT);
}

/* Version 3 without key-values; extents innermost first; type 0 is float32, 1 float16. */
char *
zoo_write_gguf (GPtrArray *tensors, const ZooSchedule *schedule, const char *folder)
{
  char *path = g_build_filename (folder, "model.gguf", NULL);
  FILE *file = g_fopen (path, "wb");
  guint32 state = 1;
  guint64 offset = 0;
  gsize size;

  g_assert_nonnull (file);
  write_all (file, "GGUF", 4);
  put_u32 (file, 3);
  put_u64 (file, tensors->len);
  put_u64 (file, 0);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      guint64 bytes = (guint64)count (tensor) * (is_betas (tensor) ? 4 : 2);

      put_u64 (file, strlen (tensor->name));
      write_all (file, tensor->name, strlen (tensor->name));
      put_u32 (file, (guint32)tensor->n_dims);
      for (int k = tensor->n_dims - 1; k >= 0; k--)
        put_u64 (file, (guint64)tensor->extent[k]);
      put_u32 (file, is_betas (tensor) ? 0 : 1);
      put_u64 (file, offset);
      offset += (bytes + GGUF_ALIGNMENT - 1) / GGUF_ALIGNMENT * GGUF_ALIGNMENT;
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      g_autofree void *data = make_data (tensors->pdata[i], schedule, &state, &size);

      pad (file);
      write_all (file, data, size);
    }
  pad (file);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}
