/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as the pickle of a checkpoint, whose storages are all there and all zero.
 */
#include "engine/weights/state-dict.h"
#include "tests/fuzz/fuzz.h"

#define STORAGE_BYTES 4096

static const guint8 zeros[STORAGE_BYTES];

static GBytes *
get_storage (const char *key, gpointer user_data, GError **error)
{
  return g_bytes_new_static (zeros, sizeof zeros);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (LimnWeights) weights = _limn_weights_new ("fuzz", size);
  g_autoptr (GError) error = NULL;
  g_auto (LimnPickle) pickle = { NULL };
  const LimnPickleValue *value;
  gboolean read;

  _limn_pickle_init (&pickle, weights, data, size);
  value = _limn_pickle_load (&pickle, &error);
  fuzz_outcome (value != NULL, error);
  if (value == NULL)
    return 0;
  read = _limn_state_dict_read (weights, value, get_storage, NULL, &error);
  fuzz_outcome (read, error);
  if (read)
    {
      g_autofree char *hash = NULL;

      _limn_weights_seal (weights);
      hash = limn_weights_hash (weights, NULL, NULL);
      g_assert_nonnull (hash);
    }
  return 0;
}
