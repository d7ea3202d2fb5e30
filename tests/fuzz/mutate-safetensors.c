/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * libFuzzer's changes to the header or to the data of a safetensors file, with a length before it
 * that fits again.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define PREFIX 8

gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max_size, unsigned int seed)
{
  guint64 header;
  gsize rest;
  g_autofree guint8 *behind = NULL;

  if (size < PREFIX || seed % 16 == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  memcpy (&header, data, PREFIX);
  header = MIN (GUINT64_FROM_LE (header), size - PREFIX);
  rest = size - PREFIX - header;
  if (seed % 8 == 1)
    return PREFIX + header
           + LLVMFuzzerMutate (data + PREFIX + header, rest, max_size - PREFIX - header);
  behind = g_memdup2 (data + PREFIX + header, rest);
  header = LLVMFuzzerMutate (data + PREFIX, header, max_size - PREFIX - rest);
  if (rest > 0)
    memcpy (data + PREFIX + header, behind, rest);
  size = PREFIX + header + rest;
  header = GUINT64_TO_LE (header);
  memcpy (data, &header, PREFIX);
  return size;
}
