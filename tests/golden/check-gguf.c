/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include <string.h>

#include "tests/golden/golden.h"

/* GGUF files: every tensor "FILE:NAME" of the golden file as that file has it, to the bit, and the
 * facts that "metadata" lists. */

static double
integer_at (const LimnTensor *tensor, gint64 i)
{
  gsize size = limn_dtype_size (tensor->dtype);
  guint64 bits = 0;
  int unused = 64 - 8 * (int)size;

  for (gsize byte = 0; byte < size; byte++)
    bits |= (guint64)((const guint8 *)tensor->data)[(gsize)i * size + byte] << (8 * byte);
  return (double)((gint64)(bits << unused) >> unused);
}

/* Elements of any type as doubles (transfer full). */
static double *
load_numbers (LimnWeights *weights, const char *name, gint64 *n)
{
  g_autofree float *values = NULL;
  LimnTensor tensor;
  double *numbers;

  if (!limn_weights_lookup (weights, name, &tensor))
    return NULL;
  *n = limn_tensor_count (&tensor);
  numbers = g_new (double, *n + 1);
  values = g_new (float, *n + 1);
  if (limn_dtype_is_float (tensor.dtype))
    limn_tensor_read_f32 (&tensor, 0, *n, values);
  for (gint64 i = 0; i < *n; i++)
    numbers[i] = limn_dtype_is_float (tensor.dtype) ? (double)values[i] : integer_at (&tensor, i);
  return numbers;
}

static void
check_tensor (Golden *golden, LimnWeights *weights, LimnWeights *store, const char *line)
{
  const char *name = strchr (line, ':') + 1;
  gint64 n_got = 0, n_want = 0;
  g_autofree double *want = golden_numbers (store, line, &n_want);
  g_autofree double *got = NULL;
  LimnTensor found, wanted;

  limn_weights_lookup (store, line, &wanted);
  if (!limn_weights_lookup (weights, name, &found) || !limn_tensor_same_shape (&found, &wanted))
    {
      golden_verdict (golden, line, FALSE, "missing, or of another shape");
      return;
    }
  got = load_numbers (weights, name, &n_got);
  golden_compare_numbers (golden, line, got, n_got, want, n_want, 0.0);
}

static void
check_metadata (Golden *golden, LimnWeights *weights, const char *file, JsonObject *expected)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init (&iter, expected);
  while (json_object_iter_next (&iter, &key, &node))
    {
      g_autofree char *line = g_strdup_printf ("%s:%s", file, key);
      const char *got = limn_weights_get_metadata (weights, key);

      golden_verdict (golden, line, g_strcmp0 (got, json_node_get_string (node)) == 0,
                      got != NULL ? got : "missing");
    }
}

static gboolean
check_file (Golden *golden, LimnWeights *store, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (golden->dir, file, NULL);
  g_autofree char *prefix = g_strconcat (file, ":", NULL);
  g_autoptr (LimnWeights) weights = limn_weights_open (path, error);
  JsonNode *all = json_object_get_member (golden->fixture, "metadata");

  if (weights == NULL)
    return FALSE;
  for (const char *const *name = limn_weights_list (store); *name != NULL; name++)
    if (g_str_has_prefix (*name, prefix))
      check_tensor (golden, weights, store, *name);
  if (all != NULL && json_object_has_member (json_node_get_object (all), file))
    check_metadata (golden, weights, file,
                    json_object_get_object_member (json_node_get_object (all), file));
  return TRUE;
}

gboolean
golden_check_gguf (Golden *golden, GError **error)
{
  g_autoptr (LimnWeights) store = golden_open (golden, "golden", error);
  JsonArray *files;

  if (store == NULL)
    return FALSE;
  if (!json_object_has_member (golden->fixture, "files"))
    {
      g_set_error (error, LIMN_ENGINE_ERROR, LIMN_ENGINE_ERROR_MISSING,
                   "%s/fixture.json has no “files”", golden->dir);
      return FALSE;
    }
  files = json_object_get_array_member (golden->fixture, "files");
  for (guint i = 0; i < json_array_get_length (files); i++)
    if (!check_file (golden, store, json_array_get_string_element (files, i), error))
      return FALSE;
  return TRUE;
}
