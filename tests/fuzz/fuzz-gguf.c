/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a GGUF file, and as what follows magic and version in one, with some data behind it.
 */
#include <string.h>

#include "engine/weights/weights.h"
#include "tests/fuzz/fuzz.h"

#define N_DATA 512

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  const guint8 start[] = { 'G', 'G', 'U', 'F', 3, 0, 0, 0 };
  const guint8 zeros[N_DATA] = { 0 };

  fuzz_weights (data, size);
  g_byte_array_append (file, start, sizeof start);
  g_byte_array_append (file, data, (guint)size);
  g_byte_array_append (file, zeros, sizeof zeros);
  fuzz_weights (file->data, file->len);
  return 0;
}
