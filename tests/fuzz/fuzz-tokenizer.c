/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a vocabulary and a text. Its first byte says which:
 *   j  vocab.json, merges.txt, the text
 *   g  bpe_simple_vocab_16e6.txt before it is packed, the text
 *   z  the same file as it is
 *   b  BERT's vocab.txt, the text
 */
#include <gio/gio.h>

#include "engine/text/tokenizer.h"
#include "engine/text/wordpiece.h"
#include "tests/fuzz/fuzz.h"

#define LENGTH 16
#define SINGLE_FILE "bpe_simple_vocab_16e6.txt.gz"

/* A part as a text. */
static char *
take_text (const guint8 **data, gsize *size)
{
  const guint8 *part;
  gsize part_size;

  return fuzz_next_part (data, size, &part, &part_size)
             ? g_strndup ((const char *)part, part_size)
             : g_strdup ("a photo of (a cat), \u00e9\u4e2d 12 <|endoftext|>");
}

static void
check_ids (const gint32 *ids, int size)
{
  for (int i = 0; i < LENGTH; i++)
    g_assert_true (ids[i] >= 0 && ids[i] < size);
}

static void
try_clip (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnTokenizer) tokenizer = limn_tokenizer_open (path, &error);
  gint32 ids[LENGTH];
  int n_cut;

  fuzz_outcome (tokenizer != NULL, error);
  if (tokenizer == NULL)
    return;
  limn_tokenizer_encode_padded (tokenizer, text, LENGTH,
                                (guint32)limn_tokenizer_get_end (tokenizer), ids, &n_cut);
  check_ids (ids, limn_tokenizer_get_size (tokenizer));
}

static void
try_bert (const guint8 *vocabulary, gsize size, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWordpiece) pieces
      = limn_wordpiece_parse ("fuzz", (const char *)vocabulary, size, &error);
  gint32 ids[LENGTH];
  int n_cut;

  fuzz_outcome (pieces != NULL, error);
  if (pieces == NULL)
    return;
  limn_wordpiece_encode_padded (pieces, text, LENGTH, ids, &n_cut);
  check_ids (ids, limn_wordpiece_get_size (pieces));
}

static GBytes *
pack (const guint8 *data, gsize size)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) converter
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0));
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, converter);

  g_assert_true (g_output_stream_write_all (stream, data, size, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

/* The files in their folder, then the folder. */
static void
try_json (const guint8 *data, gsize size)
{
  static const char *const folders[] = { "json", "single", NULL };
  static const char *const names[] = { "json/vocab.json", "json/merges.txt" };
  g_autofree char *path = g_build_filename (fuzz_folder (folders), "json", NULL);
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const guint8 *part;
      gsize part_size;

      if (fuzz_next_part (&data, &size, &part, &part_size))
        fuzz_put (names[i], part, part_size);
      else
        fuzz_put (names[i], NULL, 0);
    }
  text = take_text (&data, &size);
  try_clip (path, text);
}

static void
try_single (const guint8 *data, gsize size, const char *text)
{
  static const char *const folders[] = { "json", "single", NULL };
  g_autofree char *path = g_build_filename (fuzz_folder (folders), "single", NULL);

  fuzz_put ("single/" SINGLE_FILE, data, size);
  try_clip (path, text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  guint8 kind = size > 0 ? data[0] : 0;
  const guint8 *part;
  gsize part_size;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) packed = NULL;

  if (size == 0)
    return 0;
  data++;
  size--;
  if (kind == 'j')
    try_json (data, size);
  else if (kind == 'z')
    try_single (data, size, "a cat");
  else if ((kind == 'g' || kind == 'b') && fuzz_next_part (&data, &size, &part, &part_size))
    {
      text = take_text (&data, &size);
      if (kind == 'b')
        try_bert (part, part_size, text);
      else
        {
          packed = pack (part, part_size);
          try_single (g_bytes_get_data (packed, NULL), g_bytes_get_size (packed), text);
        }
    }
  return 0;
}
