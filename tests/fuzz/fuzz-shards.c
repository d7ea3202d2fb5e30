/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as the index of the files that a folder's weights are cut into.
 */
#include "engine/weights/weights.h"
#include "tests/fuzz/fuzz.h"

static const char shard_a[] = "\x3c\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_"
                              "offsets\":[0,4]}      }abcd";
static const char shard_b[] = "\x3c\0\0\0\0\0\0\0{\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_"
                              "offsets\":[0,4]}      }efgh";

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gboolean ready;
  const char *folder = fuzz_folder (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LimnWeights) weights = NULL;

  if (!ready)
    {
      fuzz_put ("a.safetensors", (const guint8 *)shard_a, sizeof shard_a - 1);
      fuzz_put ("b.safetensors", (const guint8 *)shard_b, sizeof shard_b - 1);
      ready = TRUE;
    }
  fuzz_put ("model.safetensors.index.json", data, size);
  weights = limn_weights_open_folder (folder, &error);
  fuzz_outcome (weights != NULL, error);
  if (weights != NULL)
    {
      g_autofree char *hash = limn_weights_hash (weights, NULL, NULL);

      g_assert_nonnull (hash);
    }
  return 0;
}
