/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a safetensors file, and as the header of one with some data behind it.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define N_DATA 512

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE ((guint64)size);
  const guint8 zeros[N_DATA] = { 0 };

  fuzz_weights (data, size);
  g_byte_array_append (file, (const guint8 *)&length, sizeof length);
  g_byte_array_append (file, data, (guint)size);
  g_byte_array_append (file, zeros, sizeof zeros);
  fuzz_weights (file->data, file->len);
  return 0;
}
