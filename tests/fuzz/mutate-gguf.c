/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * libFuzzer's changes to what follows magic and version of a GGUF file.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define START 8

gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max_size, unsigned int seed)
{
  if (size < START || seed % 16 == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  return START + LLVMFuzzerMutate (data + START, size - START, max_size - START);
}
