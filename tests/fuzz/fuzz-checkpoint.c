/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a checkpoint, and as the pickle within one.
 */
#include "engine/weights/unpickle.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (LimnWeights) weights = _limn_weights_new ("fuzz", size);
  g_autoptr (GError) error = NULL;
  LimnPickle pickle;
  gboolean read;

  fuzz_weights (data, size);
  _limn_pickle_init (&pickle, weights, data, size);
  read = _limn_pickle_load (&pickle, &error) != NULL;
  fuzz_outcome (read, error);
  _limn_pickle_clear (&pickle);
  return 0;
}
