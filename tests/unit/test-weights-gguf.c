/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <math.h>
#include <string.h>

#include "tests/unit/weights-testing.h"

#define FIXTURE "golden/fixtures/L1-gguf/"

/* ---- Making files ---------------------------------------------------------------------------- */

static void
put_u32 (GByteArray *file, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (file, (const guint8 *)&value, sizeof value);
}

static void
put_u64 (GByteArray *file, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (file, (const guint8 *)&value, sizeof value);
}

static void
put_string (GByteArray *file, const char *text)
{
  put_u64 (file, strlen (text));
  g_byte_array_append (file, (const guint8 *)text, (guint)strlen (text));
}

static GByteArray *
begin (guint32 version, guint64 n_tensors, guint64 n_facts)
{
  GByteArray *file = g_byte_array_new ();

  g_byte_array_append (file, (const guint8 *)"GGUF", 4);
  put_u32 (file, version);
  put_u64 (file, n_tensors);
  put_u64 (file, n_facts);
  return file;
}

static void
put_tensor (GByteArray *file,
            const char *name,
            guint32 type,
            guint32 n_dims,
            const guint64 *extent,
            guint64 offset)
{
  put_string (file, name);
  put_u32 (file, n_dims);
  for (guint32 i = 0; i < n_dims; i++)
    put_u64 (file, extent[i]);
  put_u32 (file, type);
  put_u64 (file, offset);
}

/* Zeros up to @alignment and @n more. */
static void
put_data (GByteArray *file, guint alignment, guint n)
{
  guint old = file->len;

  g_byte_array_set_size (file, (old + alignment - 1) / alignment * alignment + n);
  memset (file->data + old, 0, file->len - old);
}

/* Takes @file. */
static LimnWeights *
open_made (GByteArray *file, GError **error)
{
  char *folder = test_folder_new ();
  g_autofree char *path = test_write (folder, "made.gguf", file->data, file->len);
  LimnWeights *weights = limn_weights_open (path, error);

  g_byte_array_unref (file);
  test_folder_free (folder);
  return weights;
}

/* Takes @file. */
static void
assert_refused (GByteArray *file, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_made (file, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "made.gguf"));
  g_assert_nonnull (strstr (error->message, words));
}

#define BAD LIMN_ENGINE_ERROR_BAD_FILE
#define UNSUPPORTED LIMN_ENGINE_ERROR_UNSUPPORTED

/* ---- Headers --------------------------------------------------------------------------------- */

static void
test_versions (void)
{
  for (guint32 version = 2; version <= 3; version++)
    {
      g_autoptr (GError) error = NULL;
      GByteArray *file = begin (version, 1, 0);
      g_autoptr (LimnWeights) weights = NULL;
      LimnTensor tensor;

      put_tensor (file, "x", 0, 2, (guint64[]){ 3, 2 }, 0);
      put_data (file, 32, 24);
      weights = open_made (file, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (limn_weights_get_container (weights), ==, "GGUF");
      g_assert_true (limn_weights_lookup (weights, "x", &tensor));
      g_assert_cmpint (tensor.extent[0], ==, 2);
      g_assert_cmpint (tensor.extent[1], ==, 3);
    }
  assert_refused (begin (1, 0, 0), UNSUPPORTED, "version 1");
  assert_refused (begin (4, 0, 0), UNSUPPORTED, "version 4");
  assert_refused (begin (GUINT32_SWAP_LE_BE_CONSTANT (3u), 0, 0), UNSUPPORTED, "big-endian");
}

static void
test_hostile_counts (void)
{
  GByteArray *file;

  assert_refused (begin (3, G_MAXUINT64, 0), BAD, "more tensors");
  assert_refused (begin (3, 0, G_MAXUINT64), BAD, "more tensors");
  assert_refused (begin (3, 1000000, 0), BAD, "beyond the file");
  assert_refused (begin (3, 0, 1000000), BAD, "beyond the file");
  file = begin (3, 0, 1); /* a key longer than the file */
  put_u64 (file, G_MAXUINT64 - 3);
  assert_refused (file, BAD, "beyond the file");
  file = begin (3, 0, 1); /* a text */
  put_string (file, "k");
  put_u32 (file, 8);
  put_u64 (file, G_GUINT64_CONSTANT (1) << 40);
  assert_refused (file, BAD, "beyond the file");
  file = begin (3, 0, 1); /* an array whose bytes overflow */
  put_string (file, "k");
  put_u32 (file, 9);
  put_u32 (file, 12);
  put_u64 (file, G_GUINT64_CONSTANT (1) << 61);
  assert_refused (file, BAD, "beyond the file");
  file = begin (3, 0, 1); /* arrays of arrays of arrays ... */
  put_string (file, "k");
  put_u32 (file, 9);
  for (int i = 0; i < 10000; i++)
    {
      put_u32 (file, 9);
      put_u64 (file, 1);
    }
  assert_refused (file, BAD, "nested");
}

static void
test_hostile_facts (void)
{
  GByteArray *file = begin (3, 0, 1);

  put_string (file, "k");
  put_u32 (file, 13);
  assert_refused (file, BAD, "unknown type");
  file = begin (3, 0, 2);
  for (int i = 0; i < 2; i++)
    {
      put_string (file, "k");
      put_u32 (file, 4);
      put_u32 (file, 7);
    }
  assert_refused (file, BAD, "twice");
  for (guint32 alignment = 0; alignment < 100; alignment += 33)
    {
      file = begin (3, 0, 1);
      put_string (file, "general.alignment");
      put_u32 (file, 4);
      put_u32 (file, alignment);
      assert_refused (file, BAD, "alignment");
    }
  file = begin (3, 1, 0);
  put_u64 (file, 3);
  g_byte_array_append (file, (const guint8 *)"a\0b", 3);
  assert_refused (file, BAD, "name");
}

static void
test_hostile_tensors (void)
{
  const guint64 big = G_GUINT64_CONSTANT (1) << 32;
  const struct
  {
    const char *words;
    int code;
    guint32 type, n_dims;
    guint64 extent[5], offset;
  } tensors[] = {
    { "outside the file", BAD, 0, 1, { 1000 }, 0 },
    { "outside the file", BAD, 0, 1, { 4 }, G_MAXUINT64 - 31 },
    { "not aligned", BAD, 0, 1, { 4 }, 8 },
    { "be counted", BAD, 0, 4, { big, big, big, big }, 0 },
    { "be counted", BAD, 0, 2, { big, big / 4 }, 0 },
    { "absurd", BAD, 0, 1, { G_MAXUINT64 }, 0 },
    { "four extents", BAD, 0, 5, { 1, 1, 1, 1, 1 }, 0 },
    { "whole blocks", BAD, 2, 1, { 33 }, 0 },
    { "whole blocks", BAD, 12, 2, { 32, 8 }, 0 },
    { "unknown type 4", BAD, 4, 1, { 32 }, 0 },
    { "unknown type 77", BAD, 77, 1, { 32 }, 0 },
    { "iq4_nl", UNSUPPORTED, 20, 1, { 32 }, 0 },
  };
  GByteArray *file;

  for (gsize i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      file = begin (3, 1, 0);
      put_tensor (file, "x.weight", tensors[i].type, tensors[i].n_dims, tensors[i].extent,
                  tensors[i].offset);
      put_data (file, 32, 64);
      assert_refused (file, tensors[i].code, tensors[i].words);
    }
  file = begin (3, 2, 0);
  put_tensor (file, "x", 0, 1, (guint64[]){ 9 }, 0);
  put_tensor (file, "y", 0, 1, (guint64[]){ 4 }, 32);
  put_data (file, 32, 64);
  assert_refused (file, BAD, "overlap");
  file = begin (3, 2, 0);
  put_tensor (file, "x", 0, 1, (guint64[]){ 4 }, 0);
  put_tensor (file, "x", 0, 1, (guint64[]){ 4 }, 32);
  put_data (file, 32, 64);
  assert_refused (file, BAD, "twice");
}

static void
test_cut_off (void)
{
  gsize size;
  g_autofree char *contents = test_read_fixture (FIXTURE "names.gguf", &size);

  /* Within the header. */
  for (gsize length = 1; length < 512; length += 7)
    {
      g_autoptr (GError) error = NULL;
      GByteArray *file = g_byte_array_new ();

      g_byte_array_append (file, (const guint8 *)contents, (guint)length);
      g_assert_null (open_made (file, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, BAD);
    }
}

/* ---- Values ---------------------------------------------------------------------------------- */

static LimnWeights *
open_fixture (const char *name)
{
  g_autofree char *path = test_fixture (name);
  g_autoptr (GError) error = NULL;
  LimnWeights *weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

/* Any run of elements of any type is the same as within the whole. */
static void
test_parts (void)
{
  g_autoptr (LimnWeights) weights = open_fixture (FIXTURE "types.gguf");
  const char *const *names = limn_weights_list (weights);
  GRand *rand = g_rand_new_with_seed (5);
  guint n_quantised = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnTensor tensor;
      gint64 count;
      g_autofree float *whole = NULL;
      g_autofree float *part = NULL;

      limn_weights_lookup (weights, names[i], &tensor);
      if (!limn_dtype_is_float (tensor.dtype))
        continue;
      n_quantised += limn_dtype_block (tensor.dtype) > 1;
      count = limn_tensor_count (&tensor);
      whole = g_new (float, count);
      part = g_new (float, count);
      limn_tensor_read_f32 (&tensor, 0, count, whole);
      for (int round = 0; round < 50; round++)
        {
          gint64 first = g_rand_int_range (rand, 0, (gint32)count);
          gint64 n = g_rand_int_range (rand, 0, (gint32)(count - first) + 1);

          limn_tensor_read_f32 (&tensor, first, n, part);
          g_assert_cmpmem (part, (gsize)n * sizeof (float), whole + first,
                           (gsize)n * sizeof (float));
        }
      if (tensor.n_dims == 2)
        {
          LimnTensor rows = limn_tensor_rows (&tensor, 1, 2);
          gsize bytes = 2 * (gsize)tensor.extent[1] * sizeof (float);

          limn_tensor_read_f32 (&rows, 0, 2 * tensor.extent[1], part);
          g_assert_cmpmem (part, bytes, whole + tensor.extent[1], bytes);
        }
    }
  g_assert_cmpuint (n_quantised, ==, 10);
  g_rand_free (rand);
}

static void
test_hash_and_finite (void)
{
  g_autoptr (LimnWeights) two = open_fixture (FIXTURE "names-v2.gguf");
  g_autoptr (LimnWeights) three = open_fixture (FIXTURE "names.gguf");
  g_autofree char *a = limn_weights_hash (two, NULL, NULL);
  g_autofree char *b = limn_weights_hash (three, NULL, NULL);
  g_autoptr (GError) error = NULL;
  GByteArray *file = begin (3, 1, 0);
  g_autoptr (LimnWeights) damaged = NULL;
  LimnTensor tensor;

  g_assert_cmpstr (a, ==, b);
  /* An infinite scale is in no plain number of the block. */
  put_tensor (file, "x.weight", 8, 2, (guint64[]){ 32, 2 }, 0);
  put_data (file, 32, 68);
  memset (file->data + file->len - 34, 1, 34);
  file->data[file->len - 34] = 0x00;
  file->data[file->len - 33] = 0x7c;
  damaged = open_made (file, &error);
  g_assert_no_error (error);
  g_assert_true (limn_weights_get (damaged, "x.weight", 2, (gint64[]){ 2, 32 }, &tensor, NULL));
  g_assert_false (limn_weights_check_finite (damaged, NULL, &error));
  g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
}

static void
test_metadata (void)
{
  g_autoptr (LimnWeights) weights = open_fixture (FIXTURE "types.gguf");
  const char *const *keys = limn_weights_list_metadata (weights);
  double number;

  g_assert_cmpstr (limn_weights_get_metadata (weights, "t.text"), ==, "größer");
  g_assert_null (limn_weights_get_metadata (weights, "t.numbers"));
  g_assert_null (limn_weights_get_metadata (weights, "nothing"));
  g_assert_true (limn_weights_get_metadata_number (weights, "t.i16", &number));
  g_assert_cmpfloat (number, ==, -30000);
  g_assert_true (limn_weights_get_metadata_number (weights, "t.f32", &number));
  g_assert_cmpfloat (number, ==, (double)0.18215f);
  g_assert_false (limn_weights_get_metadata_number (weights, "t.text", &number));
  g_assert_false (limn_weights_get_metadata_number (weights, "nothing", &number));
  for (gsize i = 1; keys[i] != NULL; i++)
    g_assert_cmpstr (keys[i - 1], <, keys[i]);
}

/* What converters leave of SD 2's text encoder becomes q, k and v. */
static void
test_fused (void)
{
  const char *const parts[] = { "q_proj", "k_proj", "v_proj" };
  const char *stem = "cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.";
  g_autoptr (LimnWeights) weights = open_fixture (FIXTURE "names.gguf");
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) ldm = limn_weights_to_ldm (weights, &error);
  g_autofree char *fused_name = g_strconcat (stem, "in_proj.weight", NULL);
  LimnTensor fused;

  g_assert_no_error (error);
  g_assert_true (limn_weights_lookup (weights, fused_name, &fused));
  g_assert_false (limn_weights_has (ldm, fused_name));
  g_assert_true (limn_weights_has (ldm, "model.diffusion_model.input_blocks.0.0.weight"));
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strconcat (stem, parts[i], ".weight", NULL);
      g_autofree char *bias = g_strconcat (stem, parts[i], ".bias", NULL);
      float want[32 * 32], got[32 * 32];
      LimnTensor third;

      g_assert_true (limn_weights_get (ldm, name, 2, (gint64[]){ 32, 32 }, &third, &error));
      limn_tensor_read_f32 (&fused, i * 32 * 32, 32 * 32, want);
      limn_tensor_read_f32 (&third, 0, 32 * 32, got);
      g_assert_cmpmem (got, sizeof got, want, sizeof want);
      g_assert_true (limn_weights_get (ldm, bias, 1, (gint64[]){ 32 }, &third, &error));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/gguf/versions", test_versions);
  g_test_add_func ("/weights/gguf/hostile-counts", test_hostile_counts);
  g_test_add_func ("/weights/gguf/hostile-facts", test_hostile_facts);
  g_test_add_func ("/weights/gguf/hostile-tensors", test_hostile_tensors);
  g_test_add_func ("/weights/gguf/cut-off", test_cut_off);
  g_test_add_func ("/weights/gguf/parts", test_parts);
  g_test_add_func ("/weights/gguf/hash-and-finite", test_hash_and_finite);
  g_test_add_func ("/weights/gguf/metadata", test_metadata);
  g_test_add_func ("/weights/gguf/fused", test_fused);
  return g_test_run ();
}
