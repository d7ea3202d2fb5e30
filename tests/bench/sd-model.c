/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/bench/sd-model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "engine/tensor/tensor.h"
#include "tests/unit/zoo-testing.h"

const SdStructure sd_structure_full = { 320, 128, 49408, 768, 12, 23, 64, 77, 128 };
const SdStructure sd_structure_tiny = { 32, 32, 2000, 64, 2, 1, 8, 77, 8 };

char *
sd_make_folder (GError **error)
{
  return g_dir_make_tmp ("limn-bench-XXXXXX", error);
}

void
sd_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        sd_remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static gsize
count (const ZooTensor *tensor)
{
  gsize n = 1;

  for (int i = 0; i < tensor->n_dims; i++)
    n *= (gsize)tensor->extent[i];
  return n;
}

static GString *
make_header (GPtrArray *tensors)
{
  GString *header = g_string_new ("{");
  gsize offset = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const ZooTensor *tensor = tensors->pdata[i];
      gsize end = offset + 2 * count (tensor);

      g_string_append_printf (header, "%s\"%s\":{\"dtype\":\"F16\",\"shape\":[", i > 0 ? "," : "",
                              tensor->name);
      for (int k = 0; k < tensor->n_dims; k++)
        g_string_append_printf (header, "%s%" G_GINT64_FORMAT, k > 0 ? "," : "", tensor->extent[k]);
      g_string_append_printf (
          header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", offset, end);
      offset = end;
    }
  g_string_append_c (header, '}');
  /* So that the data lie at multiples of 8, as those of published files do. */
  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');
  return header;
}

#define N_VALUES 4096

/* Weights of a variance of 1 / inputs, scales about 1, small biases: what comes out stays about as
 * large as what goes in. */
static void
make_values (const ZooTensor *tensor, guint16 *values)
{
  gsize inputs = count (tensor) / (gsize)tensor->extent[0];
  gboolean scale = tensor->n_dims == 1 && g_str_has_suffix (tensor->name, "weight");
  double reach = tensor->n_dims == 1 ? 0.1 : 1.7 / sqrt ((double)inputs);

  for (int i = 0; i < N_VALUES; i++)
    values[i] = GUINT16_TO_LE (limn_f32_to_f16 (
        (float)((scale ? 1.0 : 0.0) + reach * (2.0 * (i + 0.5) / N_VALUES - 1.0))));
}

static gboolean
write_tensor (FILE *file, const ZooTensor *tensor, guint64 *random)
{
  guint16 values[N_VALUES], block[8192];
  gsize left = count (tensor);

  make_values (tensor, values);
  while (left > 0)
    {
      gsize n = MIN (left, G_N_ELEMENTS (block));

      for (gsize i = 0; i < n; i++)
        {
          *random = *random * 6364136223846793005u + 1442695040888963407u;
          block[i] = values[*random >> 52];
        }
      if (fwrite (block, sizeof block[0], n, file) != n)
        return FALSE;
      left -= n;
    }
  return TRUE;
}

/* A hole as long as the data. */
static gboolean
leave_hole (FILE *file, GPtrArray *tensors)
{
  gsize bytes = 0;

  for (guint i = 0; i < tensors->len; i++)
    bytes += 2 * count (tensors->pdata[i]);
  return fflush (file) == 0 && ftruncate (fileno (file), ftell (file) + (off_t)bytes) == 0;
}

static gboolean
write_file (FILE *file, GPtrArray *tensors, SdContents contents)
{
  g_autoptr (GString) header = make_header (tensors);
  guint64 length = GUINT64_TO_LE ((guint64)header->len), random = 1;

  if (fwrite (&length, 1, sizeof length, file) != sizeof length
      || fwrite (header->str, 1, header->len, file) != header->len)
    return FALSE;
  if (contents == SD_SHAPES)
    return leave_hole (file, tensors);
  for (guint i = 0; i < tensors->len; i++)
    if (!write_tensor (file, tensors->pdata[i], &random))
      return FALSE;
  return TRUE;
}

char *
sd_write_tensors (GPtrArray *tensors,
                  const char *folder,
                  const char *name,
                  SdContents contents,
                  GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE *file = g_fopen (path, "wb");
  gboolean ok = file != NULL && write_file (file, tensors, contents);
  int saved;

  if (file != NULL && fclose (file) != 0)
    ok = FALSE;
  saved = errno;
  if (ok)
    return g_steal_pointer (&path);
  g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (saved), "%s: %s", path,
               g_strerror (saved));
  g_unlink (path);
  return NULL;
}

char *
sd_write_model (const SdStructure *structure,
                const char *folder,
                SdContents contents,
                GError **error)
{
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  const ZooUnet unet = {
    .in = 9,
    .out = 4,
    .channels = structure->unet_channels,
    .res_blocks = 2,
    .mult = "1244",
    .attention = "1110",
    .depth = 1,
    .context = structure->text_width,
  };
  const ZooAutoencoder autoencoder = {
    .z = 4,
    .embed = 4,
    .channels = structure->autoencoder_channels,
    .mult = "1244",
    .mid_attention = TRUE,
  };

  zoo_add_unet (tensors, &unet);
  zoo_add_autoencoder (tensors, "first_stage_model.", &autoencoder);
  zoo_add_clip (tensors, structure->vocabulary, structure->text_width, structure->text_layers);
  return sd_write_tensors (tensors, folder, "model.safetensors", contents, error);
}

static void
add_conv (GPtrArray *tensors, const char *path, gint64 n_in, gint64 n_out)
{
  g_autofree char *weight = g_strconcat (path, ".weight", NULL);
  g_autofree char *bias = g_strconcat (path, ".bias", NULL);

  zoo_add_tensor (tensors, weight, 4, (gint64[]){ n_out, n_in, 3, 3 });
  zoo_add_tensor (tensors, bias, 1, &n_out);
}

char *
sd_write_upscaler (const SdStructure *structure,
                   const char *folder,
                   SdContents contents,
                   GError **error)
{
  static const char *const last[] = { "conv_body", "conv_up1", "conv_up2", "conv_hr" };
  g_autoptr (GPtrArray) tensors = zoo_tensors_new ();
  const gint64 width = 64, grow = 32;

  add_conv (tensors, "conv_first", 3, width);
  for (int i = 0; i < structure->rrdb_blocks * 15; i++)
    {
      g_autofree char *path
          = g_strdup_printf ("body.%d.rdb%d.conv%d", i / 15, i / 5 % 3 + 1, i % 5 + 1);

      add_conv (tensors, path, width + i % 5 * grow, i % 5 == 4 ? width : grow);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (last); i++)
    add_conv (tensors, last[i], width, width);
  add_conv (tensors, "conv_last", width, 3);
  return sd_write_tensors (tensors, folder, "upscaler.safetensors", contents, error);
}
