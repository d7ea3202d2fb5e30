/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "tests/unit/random-weights.h"

#include <string.h>

void
test_weights_begin (TestWeights *self)
{
  *self = (TestWeights){ .folder = test_folder_new (), .seed = 1 };
  test_safetensors_init (&self->file);
}

void
test_weights_clear (TestWeights *self)
{
  g_clear_pointer (&self->weights, limn_weights_unref);
  g_clear_pointer (&self->folder, test_folder_free);
}

void
test_weights_add (TestWeights *self,
                  const char *name,
                  gint64 n0,
                  gint64 n1,
                  float scale,
                  float middle)
{
  g_auto (LimnTensor) t = TEST_RANDOM (self->seed++, n0, MAX (n1, 1));
  g_autofree char *shape
      = n1 > 0 ? g_strdup_printf ("%d, %d", (int)n0, (int)n1) : g_strdup_printf ("%d", (int)n0);

  for (gint64 i = 0; i < limn_tensor_count (&t); i++)
    limn_tensor_f32 (&t)[i] = middle + scale * limn_tensor_f32 (&t)[i];
  test_safetensors_add (&self->file, name, "F32", shape, t.data, limn_tensor_bytes (&t));
}

void
test_weights_open (TestWeights *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = test_safetensors_write (&self->file, self->folder, "net.safetensors");

  self->weights = limn_weights_open (path, &error);
  g_assert_no_error (error);
}

double
test_weights_at (TestWeights *self, const char *prefix, const char *name, gint64 row, gint64 column)
{
  g_autofree char *full = g_strconcat (prefix, name, NULL);
  LimnTensor t;
  float value;

  g_assert_true (limn_weights_lookup (self->weights, full, &t));
  limn_tensor_read_f32 (&t, row * (t.n_dims > 1 ? t.extent[1] : 1) + column, 1, &value);
  return value;
}

void
test_assert_names (const GError *error, const char *named)
{
  g_assert_nonnull (error);
  if (strstr (error->message, named) == NULL)
    g_error ("“%s” does not name %s", error->message, named);
}
