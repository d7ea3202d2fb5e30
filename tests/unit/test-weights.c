/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/weights-testing.h"

#define CONTAINERS "golden/fixtures/J-containers/"
#define HOSTILE CONTAINERS "hostile/"

static LimnWeights *
open_fixture (const char *name)
{
  g_autofree char *path = test_fixture (name);
  g_autoptr (GError) error = NULL;
  LimnWeights *weights = limn_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

/* Touches every byte that the store promises to be there. */
static void
read_everything (LimnWeights *weights)
{
  const char *const *names = limn_weights_list (weights);
  g_autofree char *hash = limn_weights_hash (weights, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (hash);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnTensor tensor, used;

      g_assert_true (limn_weights_lookup (weights, names[i], &tensor));
      g_assert_nonnull (tensor.data);
      limn_weights_get (weights, names[i], tensor.n_dims, tensor.extent, &used, NULL);
    }
  if (!limn_weights_check_finite (weights, NULL, &error))
    g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static void
test_hostile (void)
{
  g_autofree char *path = test_fixture (HOSTILE "expected.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) members = NULL;
  JsonObject *expected;
  guint n_accepted = 0, n_refused = 0;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  expected = json_node_get_object (json_parser_get_root (parser));
  members = json_object_get_members (expected);
  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *verdict = json_object_get_string_member (expected, l->data);
      g_autofree char *name = g_strconcat (HOSTILE, l->data, NULL);
      g_autofree char *file = test_fixture (name);
      g_autoptr (GError) error = NULL;
      g_autoptr (LimnWeights) weights = limn_weights_open (file, &error);
      /* "refuse" is for the networks: as a container the file is well-formed. */
      gboolean must_open = g_str_has_prefix (verdict, "accept:")
                           || g_str_has_prefix (verdict, "refuse")
                           || g_str_has_prefix (verdict, "parse ok");
      gboolean must_fail
          = g_str_has_prefix (verdict, "reject:") || g_str_has_prefix (verdict, "reject with");

      g_test_message ("%s: %s", (char *)l->data, error != NULL ? error->message : "opened");
      g_assert_true ((weights != NULL) == (error == NULL));
      g_assert_false (must_open && weights == NULL);
      g_assert_false (must_fail && weights != NULL);
      if (weights != NULL)
        read_everything (weights);
      else
        g_assert_nonnull (strstr (error->message, l->data));
      n_accepted += weights != NULL;
      n_refused += weights == NULL;
    }
  g_assert_cmpuint (n_accepted, >=, 10);
  g_assert_cmpuint (n_refused, >=, 30);
  g_assert_false (g_file_test ("/tmp/PWNED_BY_PICKLE", G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test ("/tmp/ZIP_SLIP", G_FILE_TEST_EXISTS));
}

/* What was expected and what was found, with numbers. */
static void
test_hostile_says (void)
{
  const struct
  {
    const char *file;
    const char *words[3];
  } rows[] = {
    { "01-overlapping-offsets.safetensors", { "a.bias", "at byte 80", "expected 96" } },
    { "04-header-length-beyond-file.safetensors", { "322 bytes of 230" } },
    { "05-offset-beyond-file.safetensors", { "b.weight", "112 to 4640 of 544" } },
    { "06-shape-product-overflow.safetensors", { "b.weight", "1048576, 16] of f32", "432 bytes" } },
    { "08-dtype-size-mismatch.safetensors", { "a.weight", "expected 48 for [4, 6]", "found 96" } },
    { "38-short-storage.ckpt", { "a.weight", "44 bytes", "24 elements of f16" } },
    { "42-view-out-of-storage.ckpt", { "a.weight", "4, (8) and (1)", "within 8 elements" } },
    { "44-negative-stride.ckpt", { "a.weight", "7, (8) and (-1)", "within 8 elements" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strconcat (HOSTILE, rows[i].file, NULL);
      g_autofree char *file = test_fixture (name);
      g_autoptr (GError) error = NULL;

      g_assert_null (limn_weights_open (file, &error));
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].words) && rows[i].words[k] != NULL; k++)
        if (strstr (error->message, rows[i].words[k]) == NULL)
          g_error ("“%s” does not say %s", error->message, rows[i].words[k]);
    }
}

static const char *const small_files[] = {
  HOSTILE "00-good.safetensors", HOSTILE "00b-good-zero-size-and-scalar.safetensors",
  HOSTILE "30-good.ckpt",        HOSTILE "31-good-legacy.ckpt",
  HOSTILE "41-deflated.ckpt",
};

static void
test_cut_off (void)
{
  char *folder = test_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (small_files); i++)
    {
      gsize size;
      g_autofree char *contents = test_read_fixture (small_files[i], &size);

      for (gsize length = 0; length < size; length++)
        {
          g_autofree char *path = test_write (folder, "cut", contents, length);
          g_autoptr (GError) error = NULL;
          g_autoptr (LimnWeights) weights = limn_weights_open (path, &error);

          g_assert_null (weights);
          g_assert_nonnull (error);
        }
    }
  test_folder_free (folder);
}

static void
test_flipped (void)
{
  char *folder = test_folder_new ();
  GRand *rand = g_rand_new_with_seed (1234);

  for (gsize i = 0; i < G_N_ELEMENTS (small_files); i++)
    {
      gsize size;
      g_autofree char *contents = test_read_fixture (small_files[i], &size);

      for (int round = 0; round < 1000; round++)
        {
          g_autofree char *mutant = g_memdup2 (contents, size);
          int n_flips = g_rand_int_range (rand, 1, 4);
          g_autofree char *path = NULL;
          g_autoptr (LimnWeights) weights = NULL;

          for (int flip = 0; flip < n_flips; flip++)
            mutant[g_rand_int_range (rand, 0, (gint32)size)]
                = (char)g_rand_int_range (rand, 0, 256);
          path = test_write (folder, "flipped", mutant, size);
          weights = limn_weights_open (path, NULL);
          if (weights != NULL)
            read_everything (weights);
        }
    }
  g_rand_free (rand);
  test_folder_free (folder);
}

static void
test_not_a_file (void)
{
  char *folder = test_folder_new ();
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  const char *paths[] = { folder, pipe, "/dev/zero", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      g_assert_null (limn_weights_open (paths[i], &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_BAD_FILE);
      g_clear_error (&error);
    }
  g_assert_null (limn_weights_open ("/nowhere/at.all", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  test_folder_free (folder);
}

/* ---- The store ------------------------------------------------------------------------------- */

/* An odd-sized tensor first, so that the others are not aligned. */
static LimnWeights *
open_made (const char *folder, float *f32, gsize n)
{
  TestSafetensors file;
  const guint8 bytes[3] = { 1, 2, 3 };
  const guint16 f16[2] = { 0x3c00, 0xc000 }, bf16[2] = { 0x3f80, 0xc000 };
  const double f64[1] = { 0.5 };
  g_autofree char *shape = g_strdup_printf ("%zu, 2, 1, 1", n / 2);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  LimnWeights *weights;

  test_safetensors_init (&file);
  test_safetensors_add (&file, "bytes", "U8", "3", bytes, sizeof bytes);
  test_safetensors_add (&file, "net.f32", "F32", shape, f32, n * sizeof (float));
  test_safetensors_add (&file, "net.f16", "F16", "2", f16, sizeof f16);
  test_safetensors_add (&file, "net.bf16", "BF16", "1, 2", bf16, sizeof bf16);
  test_safetensors_add (&file, "scalar", "F64", "", f64, sizeof f64);
  test_safetensors_add (&file, "none", "F32", "0, 7", f64, 0);
  test_safetensors_add (&file, "deep", "U8", "1, 1, 1, 1, 3", bytes, 3);
  path = test_safetensors_write (&file, folder, "made.safetensors");
  weights = limn_weights_open (path, &error);
  g_assert_no_error (error);
  return weights;
}

static void
test_lookup (void)
{
  char *folder = test_folder_new ();
  float values[4] = { 1, 2, 3, 4 };
  g_autoptr (LimnWeights) weights = open_made (folder, values, 4);
  const char *const sorted[]
      = { "bytes", "net.bf16", "net.f16", "net.f32", "none", "scalar", NULL };
  LimnTensor tensor;
  float read[4];

  g_assert_cmpstrv (limn_weights_list (weights), sorted);
  g_assert_true (limn_weights_has (weights, "bytes"));
  g_assert_false (limn_weights_has (weights, "byte"));
  g_assert_false (limn_weights_has (weights, "deep"));
  g_assert_true (limn_weights_has_prefix (weights, "net."));
  g_assert_true (limn_weights_has_prefix (weights, "b"));
  g_assert_true (limn_weights_has_prefix (weights, "scalar"));
  g_assert_false (limn_weights_has_prefix (weights, "net.f33"));
  g_assert_false (limn_weights_has_prefix (weights, "z"));
  g_assert_false (limn_weights_has_prefix (weights, "a"));

  g_assert_true (limn_weights_lookup (weights, "net.f32", &tensor));
  limn_convert_to_f32 (tensor.dtype, tensor.data, read, 4);
  g_assert_cmpmem (read, sizeof read, values, sizeof values);
  g_assert_true (limn_weights_lookup (weights, "net.f16", &tensor));
  limn_convert_to_f32 (tensor.dtype, tensor.data, read, 2);
  g_assert_cmpfloat (read[0], ==, 1);
  g_assert_cmpfloat (read[1], ==, -2);
  g_assert_true (limn_weights_lookup (weights, "scalar", &tensor));
  g_assert_cmpint (tensor.n_dims, ==, 0);
  g_assert_cmpint (limn_tensor_count (&tensor), ==, 1);
  g_assert_true (limn_weights_lookup (weights, "none", &tensor));
  g_assert_cmpint (limn_tensor_count (&tensor), ==, 0);
  g_assert_false (limn_weights_lookup (weights, "nothing", &tensor));
  g_assert_true (limn_tensor_is_empty (&tensor));
  test_folder_free (folder);
}

static void
assert_get (LimnWeights *weights,
            const char *name,
            int n_dims,
            const gint64 *extent,
            int code,
            const char *words)
{
  g_autoptr (GError) error = NULL;
  LimnTensor tensor;
  gboolean got = limn_weights_get (weights, name, n_dims, extent, &tensor, &error);

  if (code < 0)
    {
      g_assert_no_error (error);
      g_assert_true (got);
      g_assert_cmpint (tensor.n_dims, ==, n_dims);
      return;
    }
  g_assert_false (got);
  g_assert_true (limn_tensor_is_empty (&tensor));
  g_assert_error (error, LIMN_ENGINE_ERROR, code);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, words));
  g_assert_nonnull (strstr (error->message, limn_weights_get_path (weights)));
}

static void
test_get (void)
{
  char *folder = test_folder_new ();
  float values[4] = { 1, 2, 3, 4 };
  g_autoptr (LimnWeights) weights = open_made (folder, values, 4);

  /* A 1x1 convolution may stand for a linear layer, and the other way round. */
  assert_get (weights, "net.f32", 4, (gint64[]){ 2, 2, 1, 1 }, -1, "");
  assert_get (weights, "net.f32", 2, (gint64[]){ 2, 2 }, -1, "");
  assert_get (weights, "net.f32", 2, (gint64[]){ -1, 2 }, -1, "");
  assert_get (weights, "net.f16", 4, (gint64[]){ 2, 1, 1, 1 }, -1, "");
  assert_get (weights, "net.f32", 2, (gint64[]){ 2, 3 }, LIMN_ENGINE_ERROR_SHAPE, "[2, 3]");
  assert_get (weights, "net.f32", 2, (gint64[]){ 2, 3 }, LIMN_ENGINE_ERROR_SHAPE, "[2, 2, 1, 1]");
  assert_get (weights, "net.f32", 1, (gint64[]){ 4 }, LIMN_ENGINE_ERROR_SHAPE, "[4]");
  assert_get (weights, "net.bf16", 1, (gint64[]){ 2 }, LIMN_ENGINE_ERROR_SHAPE, "[1, 2]");
  assert_get (weights, "bytes", 1, (gint64[]){ 3 }, LIMN_ENGINE_ERROR_UNSUPPORTED,
              "floating-point");
  assert_get (weights, "gone", 2, (gint64[]){ 5, -1 }, LIMN_ENGINE_ERROR_MISSING, "[5, any]");
  test_folder_free (folder);
}

static void
test_finite (void)
{
  const float bad[] = { NAN, INFINITY, -INFINITY };
  /* The last element of a tensor of several chunks. */
  const gsize n = 200001 / 2 * 2;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      char *folder = test_folder_new ();
      g_autofree float *values = g_new0 (float, n);
      g_autoptr (LimnWeights) weights = NULL;
      g_autoptr (GError) error = NULL;
      LimnTensor tensor;

      values[0] = G_MAXFLOAT;
      values[n - 1] = bad[i];
      weights = open_made (folder, values, n);
      /* Nobody uses the tensor yet. */
      g_assert_true (limn_weights_check_finite (weights, NULL, &error));
      g_assert_true (limn_weights_get (weights, "net.f32", 2, (gint64[]){ -1, 2 }, &tensor, NULL));
      g_assert_false (limn_weights_check_finite (weights, NULL, &error));
      g_assert_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_NUMERIC);
      g_assert_nonnull (strstr (error->message, "net.f32"));
      test_folder_free (folder);
    }
}

static void
test_finite_types (void)
{
  const struct
  {
    const char *dtype;
    guint64 largest, infinite, nan;
    gsize size;
  } types[] = {
    { "F16", 0x7bff, 0xfc00, 0x7e01, 2 },
    { "BF16", 0x7f7f, 0xff80, 0x7fc1, 2 },
    { "F32", 0x7f7fffff, 0xff800000, 0x7fc00001, 4 },
    { "F64", 0x7fefffffffffffff, 0xfff0000000000000, 0x7ff8000000000001, 8 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (int which = 0; which < 3; which++)
      {
        char *folder = test_folder_new ();
        guint64 bits = which == 0   ? types[i].largest
                       : which == 1 ? types[i].infinite
                                    : types[i].nan;
        g_autofree char *path = NULL;
        g_autoptr (LimnWeights) weights = NULL;
        TestSafetensors file;
        LimnTensor tensor;

        bits = GUINT64_TO_LE (bits);
        test_safetensors_init (&file);
        test_safetensors_add (&file, "x", types[i].dtype, "1", &bits, types[i].size);
        path = test_safetensors_write (&file, folder, "type.safetensors");
        weights = limn_weights_open (path, NULL);
        g_assert_true (limn_weights_get (weights, "x", 1, (gint64[]){ 1 }, &tensor, NULL));
        g_assert_cmpint (limn_weights_check_finite (weights, NULL, NULL), ==, which == 0);
        test_folder_free (folder);
      }
}

static void
test_cancelled (void)
{
  g_autoptr (LimnWeights) weights = open_fixture (HOSTILE "20-nan-and-inf-weights.safetensors");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  read_everything (weights);
  g_cancellable_cancel (cancellable);
  g_assert_null (limn_weights_hash (weights, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (limn_weights_check_finite (weights, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- Containers ------------------------------------------------------------------------------ */

static char *
hash_of (const char *name)
{
  g_autoptr (LimnWeights) weights = open_fixture (name);

  return limn_weights_hash (weights, NULL, NULL);
}

/* The hash is of the tensors, not of the file that they came in. */
static void
test_hash (void)
{
  g_autofree char *stored = hash_of (HOSTILE "30-good.ckpt");
  g_autofree char *legacy = hash_of (HOSTILE "31-good-legacy.ckpt");
  g_autofree char *deflated = hash_of (HOSTILE "41-deflated.ckpt");
  g_autofree char *plain = hash_of (HOSTILE "00-good.safetensors");
  g_autofree char *padded = hash_of (HOSTILE "00c-good-header-padding.safetensors");
  g_autofree char *good = hash_of (HOSTILE "19b-good-text-model.safetensors");
  g_autofree char *damaged = hash_of (HOSTILE "20-nan-and-inf-weights.safetensors");

  g_assert_cmpuint (strlen (stored), ==, 64);
  g_assert_cmpstr (stored, ==, legacy);
  g_assert_cmpstr (stored, ==, deflated);
  g_assert_cmpstr (plain, ==, padded);
  g_assert_cmpstr (good, !=, damaged);
}

/* Views with offsets and a transposed one against the same numbers stored plainly. */
static void
test_views (void)
{
  g_autoptr (LimnWeights) legacy = open_fixture (CONTAINERS "sd1-tiny-text-legacy.ckpt");
  g_autoptr (LimnWeights) plain = open_fixture (CONTAINERS "sd1-tiny.safetensors");
  const char *const *names = limn_weights_list (legacy);
  guint n_compared = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LimnTensor a, b;

      g_assert_true (limn_weights_lookup (legacy, names[i], &a));
      if (!limn_weights_lookup (plain, names[i], &b))
        continue;
      g_assert_cmpint (a.dtype, ==, b.dtype);
      g_assert_true (limn_tensor_same_shape (&a, &b));
      g_assert_cmpmem (a.data, limn_tensor_bytes (&a), b.data, limn_tensor_bytes (&b));
      n_compared++;
    }
  g_assert_cmpuint (n_compared, >=, 36);
}

static void
test_ema (void)
{
  g_autoptr (LimnWeights) with = open_fixture ("golden/fixtures/C-unet-concat/model.ckpt");
  g_autoptr (LimnWeights) without = open_fixture (CONTAINERS "sd1-tiny.safetensors");

  g_assert_true (limn_weights_has_ema (with));
  g_assert_false (limn_weights_has_ema (without));
}

/* Upscalers come as {"params_ema": ..., "params": ...}, as {"params": ...}, or bare. */
static void
test_root (void)
{
  static const struct
  {
    const char *file, *root;
  } files[] = {
    { "x4_new.pth", "params_ema" },
    { "srvgg_x4.pth", "params" },
    { "x4_old_names.pth", NULL },
    { "x2_new.safetensors", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat ("golden/fixtures/K7-esrgan/", files[i].file, NULL);
      g_autoptr (LimnWeights) weights = open_fixture (name);

      g_assert_cmpstr (limn_weights_get_root (weights), ==, files[i].root);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/hostile", test_hostile);
  g_test_add_func ("/weights/hostile-says", test_hostile_says);
  g_test_add_func ("/weights/cut-off", test_cut_off);
  g_test_add_func ("/weights/flipped", test_flipped);
  g_test_add_func ("/weights/not-a-file", test_not_a_file);
  g_test_add_func ("/weights/lookup", test_lookup);
  g_test_add_func ("/weights/get", test_get);
  g_test_add_func ("/weights/finite", test_finite);
  g_test_add_func ("/weights/finite-types", test_finite_types);
  g_test_add_func ("/weights/cancelled", test_cancelled);
  g_test_add_func ("/weights/hash", test_hash);
  g_test_add_func ("/weights/views", test_views);
  g_test_add_func ("/weights/ema", test_ema);
  g_test_add_func ("/weights/root", test_root);
  return g_test_run ();
}
