/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * The input as a checkpoint from before PyTorch 1.6: whole, or what follows its first three
 * pickles.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Magic number; version of the protocol; facts about the machine. */
static const char start[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                            "\x80\x02M\xe9\x03."
                            "\x80\x02}X\x0d\x00\x00\x00little_endian\x88s.";

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) file = NULL;

  if (size >= 4 && memcmp (data, start, 4) == 0)
    {
      fuzz_weights (data, size);
      return 0;
    }
  file = g_byte_array_new ();
  g_byte_array_append (file, (const guint8 *)start, sizeof start - 1);
  g_byte_array_append (file, data, (guint)size);
  fuzz_weights (file->data, file->len);
  return 0;
}
